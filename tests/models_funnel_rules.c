/* funnel rules: strict, any order, strictly after, optional steps and exclusions, by hand and
 * against an exhaustive search that is the definition, word for word. */
#include "lab.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "models/behaviour/funnel.h"

/* ---- by hand ---- */

/* One letter an event and step; '!' is exclusion 1, '.' serves nothing; times in microseconds. */
typedef struct hand {
    const char *steps, *events;
    int64_t time[12];
    int level;
    funnel_params p;
} hand;

#define STRICT {.order = FUNNEL_STRICT}
#define ANY    {.order = FUNNEL_ANY}
#define AFTER  {.strictly_after = true}
#define OUT12  {.excludes = 1, .exclude = {{1, 2}}}
#define OUT23  {.excludes = 1, .exclude = {{2, 3}}}

static const hand hands[] = {
    /* strict: nothing between */
    {"vca", "vca", {1, 2, 3}, 3, STRICT},
    {"vca", "v.ca", {1, 2, 3, 4}, 1, STRICT},
    {"vca", "vvca", {1, 2, 3, 4}, 3, STRICT}, /* the second view begins the chain */
    {"vca", "vcca", {1, 2, 3, 4}, 2, STRICT}, /* a repeat is an event between */
    {"vca", "vc.vca", {1, 2, 3, 4, 5, 6}, 3, STRICT},
    {"vca", "cav", {1, 1, 1}, 3, STRICT}, /* equal times have no order */
    {"vca", "v.ca", {1, 2, 2, 3}, 2, STRICT}, /* an instant passed through must be used up */
    {"vca", ".vca.", {1, 1, 2, 3, 3}, 3, STRICT}, /* before the first and after the last: free */
    {"vca", "vca", {1, 2, 9}, 2, {.order = FUNNEL_STRICT, .window = 5}},
    {"vca", "vca", {1, 4, 9}, 2, {.order = FUNNEL_STRICT, .gap = {0, 0, 4}}},
    {"ab", "aab", {1, 2, 3}, 2, STRICT},
    {"aba", "abaa", {1, 2, 3, 4}, 3, STRICT},
    /* a column of conditions met once each: a later first step starts anew, no level is kept */
    {"abcd", "abac", {1, 2, 3, 4}, 2, STRICT},
    {"abc", "abb", {1, 2, 3}, 2, STRICT},
    /* any order */
    {"vca", "acv", {1, 2, 3}, 3, ANY},
    {"vca", "aav", {1, 2, 3}, 2, ANY},
    {"vca", "a", {1}, 1, ANY},
    {"vca", "..", {1, 2}, 0, ANY},
    {"vca", "acv", {1, 5, 12}, 2, {.order = FUNNEL_ANY, .window = 10}},
    {"vca", "acva", {1, 5, 12, 14}, 3, {.order = FUNNEL_ANY, .window = 10}},
    {"vv", "v", {1}, 1, ANY}, /* one event, one step */
    {"vv", "vv", {1, 1}, 2, ANY},
    {"vva", "avv", {1, 2, 3}, 3, ANY},
    /* strictly after */
    {"vca", "vca", {1, 1, 1}, 1, AFTER},
    {"vca", "vca", {1, 2, 2}, 2, AFTER},
    {"vca", "vcca", {1, 1, 2, 3}, 3, AFTER},
    {"ab", "ab", {5, 5}, 1, AFTER},
    {"ab", "abb", {5, 5, 6}, 2, AFTER}, /* the later one counts, the tied one harms nothing */
    /* optional: the middle step may be left out */
    {"vca", "va", {1, 2}, 3, {.optional = 2}},
    {"vca", "vca", {1, 2, 3}, 3, {.optional = 2}},
    {"vca", "vc", {1, 2}, 2, {.optional = 2}},
    {"vca", "ca", {1, 2}, 0, {.optional = 2}},
    {"vcpa", "va", {1, 2}, 4, {.optional = 6}},
    {"vcpa", "vca", {1, 2, 9}, 4, {.optional = 6, .gap = {0, 0, 0, 7}}},
    {"vcpa", "vca", {1, 2, 9}, 2, {.optional = 6, .gap = {0, 0, 0, 6}}},
    {"vca", "vac", {1, 2, 3}, 3, {.optional = 2}},
    /* exclusions */
    {"vca", "v!ca", {1, 2, 3, 4}, 1, OUT12},
    {"vca", "v!vca", {1, 2, 3, 4, 5}, 3, OUT12}, /* a clean attempt after it */
    {"vca", "vc!a", {1, 2, 3, 4}, 3, OUT12},    /* not between these steps */
    {"vca", "vc!a", {1, 2, 3, 4}, 2, OUT23},
    {"vca", "v!c", {1, 1, 2}, 2, OUT12}, /* at the instant of a step: not between */
    {"vca", "v!ca", {1, 2, 2, 3}, 3, OUT12},
    {"vca", "!vca", {1, 2, 3, 4}, 3, OUT12},
    {"vca", "vc!ca", {1, 2, 3, 4, 5}, 3, OUT23}, /* by the second click, after the exclusion */
};

static uint32_t serves_of(char letter, const char *steps) {
    uint32_t bits = letter == '!' ? 1u << FUNNEL_STEPS : 0;
    for (int k = 0; steps[k]; k++) bits |= (uint32_t)(steps[k] == letter) << k;
    return bits;
}

CHECK(funnel_rules_by_hand) {
    lab l;
    lab_open(&l, 1);
    for (size_t h = 0; h < sizeof hands / sizeof *hands; h++) {
        const hand *one = &hands[h];
        int n = (int)strlen(one->events);
        int64_t first[2] = {0, n};
        uint32_t serves[12];
        for (int i = 0; i < n; i++) serves[i] = serves_of(one->events[i], one->steps);
        funnel_events v = {1, n, first, one->time, serves};
        funnel_params p = one->p;
        funnel_outcome o;
        p.steps = (int)strlen(one->steps);
        check(funnel_check(&p) == NULL);
        funnel_run(&o, &v, &p, l.threads, &l.s.keep);
        if (o.level[0] != one->level)
            print_error("row %d: %s over %s: level %d, wanted %d\n", (int)h, one->steps,
                        one->events, o.level[0], one->level);
        check(o.level[0] == one->level);
    }
    lab_close(&l);
}

CHECK(funnel_refuses_rules_that_do_not_go_together) {
    check(funnel_check(&(funnel_params){.steps = 2, .order = FUNNEL_ANY, .gap = {0, 5}}) != NULL);
    check(funnel_check(&(funnel_params){.steps = 2, .optional = 1}) != NULL);
    check(funnel_check(&(funnel_params){.steps = 3, .order = FUNNEL_STRICT, .optional = 2}) !=
          NULL);
    check(funnel_check(&(funnel_params){.steps = 2, .excludes = 1, .exclude = {{2, 2}}}) != NULL);
    check(funnel_check(&(funnel_params){.steps = 2, .excludes = 1, .exclude = {{1, 3}}}) != NULL);
    check(funnel_check(&(funnel_params){.steps = 2, .order = FUNNEL_ANY, .strictly_after = true}) !=
          NULL);
}

/* ---- exhaustive search ---- */

typedef struct brute {
    int n;
    const int64_t *time;
    const uint32_t *serves;
    const funnel_params *p;
    int at[FUNNEL_STEPS]; /* event of each step, -1 */
    bool used[16];
    int best;
} brute;

static bool clean(const brute *b, int level) {
    for (int x = 0; x < b->p->excludes; x++) {
        int from = b->p->exclude[x].from - 1, to = b->p->exclude[x].to - 1;
        if (level - 1 < from) continue;
        if (to > level - 1) to = level - 1;
        for (int i = 0; i < b->n; i++)
            if ((b->serves[i] >> (FUNNEL_STEPS + x) & 1) && b->time[i] > b->time[b->at[from]] &&
                b->time[i] < b->time[b->at[to]])
                return false;
    }
    return true;
}

static bool consecutive(const brute *b, int level) {
    for (int i = 0; i < b->n; i++)
        if (!b->used[i] && b->time[i] > b->time[b->at[0]] && b->time[i] < b->time[b->at[level - 1]])
            return false;
    return true;
}

static void search(brute *b, int step, int before) {
    if (step > 0 && b->at[step - 1] >= 0 && step > b->best && clean(b, step) &&
        (b->p->order != FUNNEL_STRICT || consecutive(b, step)))
        b->best = step;
    if (step == b->p->steps) return;
    if (b->p->optional >> step & 1) {
        b->at[step] = -1;
        search(b, step + 1, before);
    }
    for (int i = 0; i < b->n; i++) {
        int64_t t = b->time[i];
        if (b->used[i] || !(b->serves[i] >> step & 1)) continue;
        if (step && (t < b->time[b->at[before]] ||
                     (b->p->strictly_after && t == b->time[b->at[before]]) ||
                     (b->p->window && t - b->time[b->at[0]] > b->p->window) ||
                     (b->p->gap[step] && t - b->time[b->at[before]] > b->p->gap[step])))
            continue;
        b->used[i] = true, b->at[step] = i;
        search(b, step + 1, step);
        b->used[i] = false, b->at[step] = -1;
    }
}

/* Most steps that different events within one window serve. */
static void search_any(brute *b, int step, int done, int64_t low, int64_t high) {
    if (b->p->window && done && high - low > b->p->window) return;
    if (done > b->best) b->best = done;
    if (step == b->p->steps) return;
    search_any(b, step + 1, done, low, high);
    for (int i = 0; i < b->n; i++) {
        int64_t t = b->time[i];
        if (b->used[i] || !(b->serves[i] >> step & 1)) continue;
        b->used[i] = true;
        search_any(b, step + 1, done + 1, !done || t < low ? t : low, !done || t > high ? t : high);
        b->used[i] = false;
    }
}

enum { MODE_STRICT, MODE_ANY, MODE_AFTER, MODE_OPTIONAL, MODE_EXCLUDE, MODE_BOTH, MODES };

static funnel_params random_params(rng *r, int mode) {
    funnel_params p = {.steps = 1 + (int)rng_below(r, 4), .window = rng_below(r, 9)};
    if (mode == MODE_STRICT) p.order = FUNNEL_STRICT;
    if (mode == MODE_ANY) p.order = FUNNEL_ANY;
    if (mode == MODE_AFTER) p.strictly_after = true;
    if (mode == MODE_OPTIONAL || mode == MODE_BOTH)
        p.optional = (uint32_t)rng_below(r, 1 << p.steps) & ~1u, p.strictly_after = rng_below(r, 2);
    for (int k = 1; k < p.steps && mode != MODE_ANY; k++)
        p.gap[k] = rng_below(r, 3) ? 0 : rng_below(r, 5);
    if (mode == MODE_BOTH) p.optional &= 2u, p.steps = p.steps < 3 ? 3 : p.steps;
    if (mode == MODE_BOTH && p.steps > 1) {
        p.excludes = 1;
        p.exclude[0].from = 1 + 2 * (int)rng_below(r, 2) * (p.steps > 3), p.exclude[0].to = 3;
        if (p.exclude[0].from == 3) p.exclude[0].to = 4;
    }
    if (mode == MODE_EXCLUDE && p.steps > 1) {
        p.excludes = 1 + (int)rng_below(r, 2);
        for (int x = 0; x < p.excludes; x++) {
            p.exclude[x].from = 1 + (int)rng_below(r, p.steps - 1);
            p.exclude[x].to = p.exclude[x].from + 1 +
                              (int)rng_below(r, p.steps - p.exclude[x].from);
        }
    }
    return p;
}

/* Up to 8 events on few instants; those of optional steps serve one step each. */
static int random_events(rng *r, const funnel_params *p, int64_t *time, uint32_t *serves) {
    int n = (int)rng_below(r, 9), instants = 1 + (int)rng_below(r, 12);
    bool several = !p->optional && rng_below(r, 2);
    for (int i = 0; i < n; i++) {
        time[i] = rng_below(r, instants);
        serves[i] = 1u << rng_below(r, p->steps + 1) & ((1u << p->steps) - 1);
        if (several) serves[i] |= (uint32_t)rng_below(r, 1 << p->steps);
        if (p->excludes && rng_below(r, 3) == 0)
            serves[i] = 1u << (FUNNEL_STEPS + (int)rng_below(r, p->excludes));
        for (int j = i; j > 0 && time[j - 1] > time[j]; j--) {
            int64_t swap = time[j];
            time[j] = time[j - 1], time[j - 1] = swap;
        }
    }
    return n;
}

/* Each step of the chain has an event of its own that serves it, none falls back in time; what is
 * left out is optional. In any order the chain's events stand by time. */
static bool chain_holds(const funnel_outcome *o, const funnel_events *v, const funnel_params *p) {
    int64_t last = -1;
    uint32_t steps = 0;
    for (int k = 0; k < o->level[0]; k++) {
        int64_t at = o->chain[k];
        bool left_out = at == -1 && (p->optional >> k & 1) && k + 1 < o->level[0];
        if (left_out) continue;
        if (at < 0 || at >= v->n || (last >= 0 && v->time[at] < v->time[last])) return false;
        if (at == last || (p->order != FUNNEL_ANY && !(v->serves[at] >> k & 1))) return false;
        steps |= v->serves[at];
        last = at;
    }
    for (int k = o->level[0]; k < p->steps; k++)
        if (o->chain[k] != -1) return false;
    return o->level[0] == 0 || steps != 0;
}

/* 10,000 small cases a rule (FUNNEL_CASES says how many). */
CHECK(funnel_rules_equal_exhaustive_search) {
    static const char *const names[MODES] = {"strict", "any", "strictly after", "optional",
                                             "exclusions", "optional and exclusions"};
    lab l;
    lab_open(&l, 1);
    int cases = getenv("FUNNEL_CASES") ? atoi(getenv("FUNNEL_CASES")) : 10000;
    for (int mode = 0; mode < MODES; mode++) {
        rng r = rng_open(21, (uint64_t)mode);
        int wrong = 0, deep = 0;
        for (int round = 0; round < cases; round++) {
            int64_t time[16];
            uint32_t serves[16];
            funnel_params p = random_params(&r, mode);
            int n = random_events(&r, &p, time, serves);
            int64_t first[2] = {0, n};
            funnel_events v = {1, n, first, time, serves};
            funnel_outcome o;
            brute b = {.n = n, .time = time, .serves = serves, .p = &p};
            arena keep = l.s.keep;
            check(funnel_check(&p) == NULL);
            funnel_run(&o, &v, &p, l.threads, &keep);
            if (mode == MODE_ANY) search_any(&b, 0, 0, 0, 0);
            else search(&b, 0, 0);
            wrong += o.level[0] != b.best || !chain_holds(&o, &v, &p);
            deep += b.best > 2;
        }
        if (wrong) print_error("%s: %d of %d cases differ\n", names[mode], wrong, cases);
        check(wrong == 0);
        check(deep > cases / 20); /* the cases are not all shallow */
    }
    lab_close(&l);
}
