/* funnel_words: a funnel's spec out of the words of a command line. */
#include "surfaces/funnel_words.h"

#include <string.h>

/* Splits words at commas into keep; refuses empty ones and more than `most`. */
static bool split_words(const char *list, const char **words, int most, int *n, arena *keep,
                        const char *option_name, err *e) {
    *n = 0;
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        slice word = slice_trim((slice){at, length});
        if (word.n == 0 || word.n > 60 || memchr(word.p, '"', word.n) ||
            memchr(word.p, '\\', word.n))
            return refuse(e, "--%s wants words with commas between them, got '%s'", option_name,
                          list);
        if (*n == most)
            return refuse(e, "--%s takes at most %d words, got '%s'", option_name, most, list);
        words[(*n)++] = slice_copy(keep, word);
        at += length;
        if (!*at) return true;
    }
}

/* Which step a word is; refuses one that is none. */
static bool find_step(const funnel_spec *spec, const char *word, const char *option_name, int *at,
                      err *e) {
    for (*at = 0; *at < spec->p.steps; ++*at)
        if (strcmp(spec->step[*at], word) == 0) return true;
    return refuse(e, "--%s names '%s', which is none of --steps", option_name, word);
}

static bool read_optional(const args *a, funnel_spec *spec, scope *s, err *e) {
    const char *words[FUNNEL_STEPS];
    int n = 0, at;
    if (!args_text(a, "optional")) return true;
    if (!split_words(args_text(a, "optional"), words, FUNNEL_STEPS, &n, &s->keep, "optional", e))
        return false;
    for (int i = 0; i < n; i++) {
        if (!find_step(spec, words[i], "optional", &at, e)) return false;
        spec->p.optional |= 1u << at;
    }
    for (int i = 0; i < spec->p.steps; i++)
        if (find_step(spec, spec->step[i], "steps", &at, e) && at != i)
            return refuse(e, "with --optional each step has a name of its own; '%s' stands twice",
                          spec->step[i]);
    return true;
}

/* "cart_remove" or "cart_remove:2-3". */
static bool read_exclude(const args *a, funnel_spec *spec, scope *s, err *e) {
    const char *words[FUNNEL_EXCLUDES];
    if (!args_text(a, "exclude")) return true;
    if (!split_words(args_text(a, "exclude"), words, FUNNEL_EXCLUDES, &spec->p.excludes, &s->keep,
                     "exclude", e))
        return false;
    for (int x = 0; x < spec->p.excludes; x++) {
        const char *colon = strrchr(words[x], ':'), *dash = colon ? strchr(colon, '-') : NULL;
        int64_t from = 1, to = spec->p.steps;
        spec->exclude[x] = words[x];
        if (colon) {
            spec->exclude[x] = slice_copy(&s->keep, (slice){words[x], (size_t)(colon - words[x])});
            if (!dash || !slice_int((slice){colon + 1, (size_t)(dash - colon - 1)}, &from) ||
                !slice_int(slice_of(dash + 1), &to) || from < 1 || to > spec->p.steps)
                return refuse(e, "--exclude is written like cart_remove or cart_remove:2-3 with "
                              "steps 1 to %d, got '%s'", spec->p.steps, words[x]);
        }
        spec->p.exclude[x].from = (int)from, spec->p.exclude[x].to = (int)to;
        int at;
        err none = {0};
        if (find_step(spec, spec->exclude[x], "exclude", &at, &none))
            return refuse(e, "'%s' is a step; it cannot be excluded too", spec->exclude[x]);
    }
    return true;
}

static bool read_gaps(const args *a, funnel_spec *spec, scope *s, err *e) {
    const char *gaps[FUNNEL_STEPS];
    int n_gaps = 0;
    if (!args_text(a, "gaps")) return true;
    if (!split_words(args_text(a, "gaps"), gaps, FUNNEL_STEPS, &n_gaps, &s->keep, "gaps", e))
        return false;
    if (n_gaps != spec->p.steps - 1)
        return refuse(e, "--gaps wants %d words for %d steps, got %d", spec->p.steps - 1,
                      spec->p.steps, n_gaps);
    for (int i = 0; i < n_gaps; i++)
        if (!funnel_spec_window(gaps[i], &spec->p.gap[i + 1], e)) return false;
    return true;
}

static int order_of(const char *word) {
    int at = 0;
    while (strcmp(funnel_order_words[at], word) != 0) at++;
    return at;
}

bool funnel_words_read(const args *a, funnel_spec *spec, scope *s, err *e) {
    *spec = (funnel_spec){.unit = args_text(a, "unit")};
    spec->p.order = (funnel_order)order_of(args_text(a, "order"));
    spec->p.strictly_after = strcmp(args_text(a, "ties"), "strictly_after") == 0;
    spec->attempts = strcmp(args_text(a, "count"), "attempts") == 0;
    if (!split_words(args_text(a, "steps"), spec->step, FUNNEL_STEPS, &spec->p.steps, &s->keep,
                     "steps", e) ||
        !funnel_spec_window(args_text(a, "window"), &spec->p.window, e) ||
        !read_gaps(a, spec, s, e) || !read_optional(a, spec, s, e) || !read_exclude(a, spec, s, e))
        return false;
    const char *wrong = funnel_check(&spec->p);
    if (wrong) return refuse(e, "%s", wrong);
    if (spec->attempts && (spec->p.order != FUNNEL_LOOSE || spec->p.optional))
        return refuse(e, "--count attempts goes with loose order and without --optional");
    return true;
}
