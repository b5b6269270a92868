/* funnel_spec: what a funnel means, in words and as a key. */
#include "pipeline/funnel_spec.h"

#include <string.h>

#define SECOND INT64_C(1000000)

const char *const funnel_order_words[3] = {"loose", "strict", "any"};

static const struct unit_of_time {
    char letter;
    const char *name;
    int64_t seconds;
} units_of_time[] = {{'d', "day", 86400}, {'h', "hour", 3600}, {'m', "minute", 60},
                     {'s', "second", 1}};
enum { n_units_of_time = sizeof units_of_time / sizeof units_of_time[0] };

bool funnel_spec_window(const char *said, int64_t *microseconds, err *e) {
    slice s = slice_of(said);
    int64_t number;
    *microseconds = 0;
    if (slice_is(s, "none")) return true;
    for (int i = 0; i < n_units_of_time && s.n > 1; i++) {
        if (s.p[s.n - 1] != units_of_time[i].letter) continue;
        if (!slice_int((slice){s.p, s.n - 1}, &number) || number < 1 || number > 1000000) break;
        *microseconds = number * units_of_time[i].seconds * SECOND;
        return true;
    }
    return refuse(e, "a window is written like 7d, 36h, 30m or 90s (or none), got '%s'", said);
}

/* "7 days": the largest unit that divides it. */
static char *duration(int64_t microseconds, arena *keep) {
    int i = 0;
    while (i + 1 < n_units_of_time && microseconds % (units_of_time[i].seconds * SECOND)) i++;
    int64_t n = microseconds / (units_of_time[i].seconds * SECOND);
    return arena_text(keep, "%lld %s%s", (long long)n, units_of_time[i].name, n == 1 ? "" : "s");
}

/* "visitor with an article" for user_article. */
static const char *unit_words(const funnel_spec *s, bool many) {
    if (strcmp(s->unit, "user_article") == 0)
        return many ? "pairs of a user and an article" : "pair";
    return s->unit;
}

/* "a view, then a click (optional) within 2 hours, then a purchase"; in any order: "a view, a click
 * and a purchase". */
static char *step_words(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "a %s", s->step[0]);
    bool any = s->p.order == FUNNEL_ANY;
    for (int i = 1; i < s->p.steps; i++) {
        const char *gap = s->p.gap[i] ? duration(s->p.gap[i], keep) : NULL;
        const char *joint = !any ? ", then" : i + 1 < s->p.steps ? "," : " and";
        words = arena_text(keep, "%s%s a %s%s%s%s", words, joint, s->step[i],
                           s->p.optional >> i & 1 ? " (optional)" : "", gap ? " within " : "",
                           gap ? gap : "");
    }
    return words;
}

/* What may lie between, and what equal times mean. */
static char *rule_words(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "other events may lie between");
    if (s->p.order == FUNNEL_STRICT)
        words = arena_text(keep, "no other event lies between (events of the same instant in "
                           "whatever order fits)");
    for (int x = 0; x < s->p.excludes; x++)
        words = arena_text(keep, "%s, but no %s between %s and %s", words, s->exclude[x],
                           s->step[s->p.exclude[x].from - 1], s->step[s->p.exclude[x].to - 1]);
    if (s->p.order == FUNNEL_LOOSE)
        words = arena_text(keep, "%s, %s", words,
                           s->p.strictly_after ? "each step is later than the one before"
                                               : "events of the same instant count in step order");
    return words;
}

char *funnel_spec_sentence(const funnel_spec *s, arena *keep) {
    bool any = s->p.order == FUNNEL_ANY, pairs = strcmp(s->unit, "user_article") == 0;
    char *words = arena_text(keep, "Share of %s%s with %s%s", unit_words(s, true), pairs ? "" : "s",
                             step_words(s, keep), any ? " in any order" : "");
    if (s->attempts)
        words = arena_text(keep, "Share of attempts of a %s, each opened by a %s, that go on to "
                           "have %s", unit_words(s, false), s->step[0], step_words(s, keep));
    if (s->p.window)
        words = arena_text(keep, "%s, all within %s of %s", words, duration(s->p.window, keep),
                           any ? "one another" : "the first step");
    words = arena_text(keep, "%s; %s, one event serves one step", words, rule_words(s, keep));
    if (s->attempts)
        return arena_text(keep, "%s, and the next attempt begins when one is done, too late or "
                          "excluded.", words);
    return arena_text(keep, "%s, and a %s counts once, in the group of its first %s.", words,
                      unit_words(s, false), any ? "event" : "step");
}

char *funnel_spec_canonical(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "{\"unit\":\"%s\",\"steps\":[", s->unit);
    for (int i = 0; i < s->p.steps; i++)
        words = arena_text(keep, "%s%s\"%s\"", words, i ? "," : "", s->step[i]);
    words = arena_text(keep, "%s],\"order\":\"%s\",\"ties\":\"%s\",\"entry\":\"any\","
                      "\"window_s\":%lld,\"gap_s\":[",
                      words, funnel_order_words[s->p.order],
                      s->p.strictly_after ? "strictly_after" : "climb",
                      (long long)(s->p.window / SECOND));
    for (int i = 0; i < s->p.steps; i++)
        words = arena_text(keep, "%s%s%lld", words, i ? "," : "",
                           (long long)(s->p.gap[i] / SECOND));
    words = arena_text(keep, "%s]", words);
    if (s->p.optional)
        words = arena_text(keep, "%s,\"optional\":%u", words, (unsigned)s->p.optional);
    for (int x = 0; x < s->p.excludes; x++)
        words = arena_text(keep, "%s%s{\"event\":\"%s\",\"from\":%d,\"to\":%d}%s", words,
                           x ? "," : ",\"exclude\":[", s->exclude[x], s->p.exclude[x].from,
                           s->p.exclude[x].to, x + 1 == s->p.excludes ? "]" : "");
    if (s->attempts) words = arena_text(keep, "%s,\"count\":\"attempts\"", words);
    return arena_text(keep, "%s}", words);
}

hash_text funnel_spec_hash(const funnel_spec *s, arena scratch) {
    return hash_of(slice_of(funnel_spec_canonical(s, &scratch)));
}
