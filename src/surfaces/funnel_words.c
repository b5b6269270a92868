/* funnel_words: a funnel's spec out of words, those of a command line or of a request. */
#include "surfaces/funnel_words.h"

#include <string.h>

/* Splits words at commas into keep; refuses empty ones and more than there is room for. */
static bool split_words(const char *list, funnel_list *to, arena *keep, const char *option_name,
                        err *e) {
    *to = (funnel_list){0};
    for (const char *at = list; list; at++) {
        size_t length = strcspn(at, ",");
        slice word = slice_trim((slice){at, length});
        if (word.n == 0)
            return refuse(e, "--%s wants words with commas between them, got '%s'", option_name,
                          list);
        if (to->n == FUNNEL_STEPS)
            return refuse(e, "--%s takes at most %d words, got '%s'", option_name, FUNNEL_STEPS,
                          list);
        to->word[to->n++] = slice_copy(keep, word);
        at += length;
        if (!*at) return true;
    }
    return true;
}

/* Words stand in the canonical text as they are. */
static bool check_list(const funnel_words *w, const funnel_list *list, const char *name, err *e) {
    for (int i = 0; i < list->n; i++) {
        slice word = slice_of(list->word[i]);
        if (word.n == 0 || word.n > 60 || memchr(word.p, '"', word.n) ||
            memchr(word.p, '\\', word.n))
            return refuse(e, "%s%s wants words of 1 to 60 bytes without quotes, got '%s'", w->mark,
                          name, list->word[i]);
    }
    return true;
}

/* Which step a word is; refuses one that is none. */
static bool find_step(const funnel_words *w, const funnel_spec *spec, const char *word,
                      const char *name, int *at, err *e) {
    for (*at = 0; *at < spec->p.steps; ++*at)
        if (strcmp(spec->step[*at], word) == 0) return true;
    return refuse(e, "%s%s names '%s', which is none of %ssteps", w->mark, name, word, w->mark);
}

static bool read_optional(const funnel_words *w, funnel_spec *spec, err *e) {
    int at;
    for (int i = 0; i < w->optional.n; i++) {
        if (!find_step(w, spec, w->optional.word[i], "optional", &at, e)) return false;
        spec->p.optional |= 1u << at;
    }
    for (int i = 0; i < spec->p.steps && w->optional.n; i++)
        if (find_step(w, spec, spec->step[i], "steps", &at, e) && at != i)
            return refuse(e, "with %soptional each step has a name of its own; '%s' stands twice",
                          w->mark, spec->step[i]);
    return true;
}

/* "cart_remove" or "cart_remove:2-3". */
static bool read_exclude(const funnel_words *w, funnel_spec *spec, scope *s, err *e) {
    spec->p.excludes = w->exclude.n;
    if (w->exclude.n > FUNNEL_EXCLUDES)
        return refuse(e, "%sexclude takes at most %d events", w->mark, FUNNEL_EXCLUDES);
    for (int x = 0; x < w->exclude.n; x++) {
        const char *word = w->exclude.word[x];
        const char *colon = strrchr(word, ':'), *dash = colon ? strchr(colon, '-') : NULL;
        int64_t from = 1, to = spec->p.steps;
        spec->exclude[x] = word;
        if (colon) {
            spec->exclude[x] = slice_copy(&s->keep, (slice){word, (size_t)(colon - word)});
            if (!dash || !slice_int((slice){colon + 1, (size_t)(dash - colon - 1)}, &from) ||
                !slice_int(slice_of(dash + 1), &to) || from < 1 || to > spec->p.steps)
                return refuse(e, "%sexclude is written like cart_remove or cart_remove:2-3 with "
                              "steps 1 to %d, got '%s'", w->mark, spec->p.steps, word);
        }
        spec->p.exclude[x].from = (int)from, spec->p.exclude[x].to = (int)to;
        int at;
        err none = {0};
        if (find_step(w, spec, spec->exclude[x], "exclude", &at, &none))
            return refuse(e, "'%s' is a step; it cannot be excluded too", spec->exclude[x]);
    }
    return true;
}

static bool read_gaps(const funnel_words *w, funnel_spec *spec, err *e) {
    if (w->gaps.n == 0) return true;
    if (w->gaps.n != spec->p.steps - 1)
        return refuse(e, "%sgaps wants %d words for %d steps, got %d", w->mark, spec->p.steps - 1,
                      spec->p.steps, w->gaps.n);
    for (int i = 0; i < w->gaps.n; i++)
        if (!funnel_spec_window(w->gaps.word[i], &spec->p.gap[i + 1], e)) return false;
    return true;
}

static int order_of(const char *word) {
    int at = 0;
    while (strcmp(funnel_order_words[at], word) != 0) at++;
    return at;
}

bool funnel_words_spec(const funnel_words *w, funnel_spec *spec, scope *s, err *e) {
    *spec = (funnel_spec){.unit = w->unit};
    spec->p.order = (funnel_order)order_of(w->order);
    spec->p.strictly_after = strcmp(w->ties, "strictly_after") == 0;
    spec->attempts = strcmp(w->count, "attempts") == 0;
    spec->p.steps = w->steps.n;
    memcpy(spec->step, w->steps.word, sizeof spec->step);
    if (!check_list(w, &w->steps, "steps", e) || !check_list(w, &w->exclude, "exclude", e) ||
        !funnel_spec_window(w->window, &spec->p.window, e) || !read_gaps(w, spec, e) ||
        !read_optional(w, spec, e) || !read_exclude(w, spec, s, e))
        return false;
    const char *wrong = funnel_check(&spec->p);
    if (wrong) return refuse(e, "%s", wrong);
    if (spec->attempts && (spec->p.order != FUNNEL_LOOSE || spec->p.optional))
        return refuse(e, "%scount attempts goes with loose order and without %soptional", w->mark,
                      w->mark);
    return true;
}

bool funnel_words_read(const args *a, funnel_spec *spec, scope *s, err *e) {
    funnel_words w = {.mark = "--", .window = args_text(a, "window"), .unit = args_text(a, "unit"),
                      .order = args_text(a, "order"), .ties = args_text(a, "ties"),
                      .count = args_text(a, "count")};
    const struct {
        const char *option;
        funnel_list *list;
    } lists[] = {{"steps", &w.steps}, {"gaps", &w.gaps}, {"optional", &w.optional},
                 {"exclude", &w.exclude}};
    for (int i = 0; i < 4; i++)
        if (!split_words(args_text(a, lists[i].option), lists[i].list, &s->keep, lists[i].option,
                         e))
            return false;
    return funnel_words_spec(&w, spec, s, e);
}
