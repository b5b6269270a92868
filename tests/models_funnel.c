/* funnel: hand-written sessions, exhaustive search on random cases, exact sums, threads. */
#include "lab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "models/behaviour/funnel.h"

#define S 1000000ll /* microseconds in a second */

typedef struct session {
    const char *events; /* one letter an event: v c a p serve steps 1 to 4, x none */
    int64_t seconds[12];
    int level;
} session;

static uint32_t serves_of(char letter, const char *steps) {
    uint32_t bits = 0;
    for (int k = 0; steps[k]; k++) bits |= (uint32_t)(steps[k] == letter) << k;
    return bits;
}

/* Runs one unit; times in seconds. Returns the level; chain gets event indexes. */
static int run_one(scope *s, pool *threads, const char *steps, const char *events,
                   const int64_t *seconds, funnel_params p, int64_t *chain) {
    int n = (int)strlen(events);
    int64_t first[2] = {0, n}, time[32];
    uint32_t serves[32];
    for (int i = 0; i < n; i++) time[i] = seconds[i] * S, serves[i] = serves_of(events[i], steps);
    funnel_events v = {1, n, first, time, serves};
    funnel_outcome o;
    p.steps = (int)strlen(steps);
    funnel_run(&o, &v, &p, threads, &s->keep);
    if (chain) memcpy(chain, o.chain, (size_t)p.steps * sizeof *chain);
    return o.level[0];
}

CHECK(funnel_of_hand_written_sessions) {
    static const session sessions[] = {
        {"vcap", {0, 10, 20, 30}, 4},          /* straight through */
        {"vxcxaxp", {0, 1, 2, 3, 4, 5, 6}, 4},  /* foreign events in between */
        {"cap", {0, 1, 2}, 0},                  /* never a first step */
        {"vacp", {0, 1, 2, 3}, 2},              /* out of order: cart before click */
        {"vca", {0, 50, 101}, 2},               /* the cart is one second past the window */
        {"vca", {0, 50, 100}, 3},               /* exactly the window */
        {"vcvap", {0, 40, 90, 95, 101}, 3},     /* the second view has no click of its own */
        {"vvcap", {0, 60, 80, 90, 150}, 4},     /* a later view opens the chain that converts */
        {"pacv", {5, 5, 5, 5}, 4},              /* equal times climb as a group */
        {"vv", {0, 1}, 1},                      /* repeats do not climb */
        {"", {0}, 0},                           /* no events */
        {"vcvcap", {0, 10, 200, 210, 220, 230}, 4}, /* the first attempt expires */
    };
    lab t;
    lab_open(&t, 1);
    funnel_params p = {.window = 100 * S};
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
        const session *one = &sessions[i];
        int level = run_one(&t.s, t.threads, "vcap", one->events, one->seconds, p, NULL);
        if (level != one->level) check_text(slice_of(one->events), "wrong level");
    }
    lab_close(&t);
}

CHECK(funnel_times_come_from_the_latest_start) {
    lab t;
    lab_open(&t, 1);
    int64_t chain[4], seconds[] = {0, 60, 80, 90, 99, 150};
    check(run_one(&t.s, t.threads, "vca", "vvccaa", seconds, (funnel_params){.window = 100 * S},
                  chain) == 3);
    /* the second view (60 s), the newest click (90 s), the first cart at the top (99 s) */
    check(chain[0] == 1 && chain[1] == 3 && chain[2] == 4);
    lab_close(&t);
}

CHECK(funnel_gap_limits_one_step) {
    lab t;
    lab_open(&t, 1);
    funnel_params p = {.window = 0, .gap = {0, 0, 10 * S}};
    int64_t near[] = {0, 500, 510}, far[] = {0, 500, 511}, again[] = {0, 500, 511, 515};
    check(run_one(&t.s, t.threads, "vca", "vca", near, p, NULL) == 3);
    check(run_one(&t.s, t.threads, "vca", "vca", far, p, NULL) == 2);
    check(run_one(&t.s, t.threads, "vca", "vcca", again, p, NULL) == 3);
    lab_close(&t);
}

CHECK(funnel_event_serves_one_step) {
    lab t;
    lab_open(&t, 1);
    int64_t one[] = {0}, tie[] = {0, 0}, more[] = {0, 0, 0};
    funnel_params p = {.window = 0};
    check(run_one(&t.s, t.threads, "vv", "v", one, p, NULL) == 1);
    check(run_one(&t.s, t.threads, "vv", "vv", tie, p, NULL) == 2);
    check(run_one(&t.s, t.threads, "vcv", "vvc", more, p, NULL) == 3);
    check(run_one(&t.s, t.threads, "vcvv", "vvc", more, p, NULL) == 3);
    lab_close(&t);
}

CHECK(funnel_keeps_only_what_a_crowded_instant_needs) {
    enum { CROWD = 5000 };
    lab t;
    lab_open(&t, 1);
    int64_t first[] = {0, CROWD}, *time = take(&t.s.keep, int64_t, CROWD);
    uint32_t *serves = take(&t.s.keep, uint32_t, CROWD);
    for (int i = 0; i < CROWD; i++) serves[i] = serves_of(i == CROWD - 2 ? 'c' : 'v', "vcv");
    funnel_events v = {1, CROWD, first, time, serves};
    funnel_outcome o;
    funnel_run(&o, &v, &(funnel_params){.steps = 3}, t.threads, &t.s.keep);
    check(o.level[0] == 3 && o.chain[1] == CROWD - 2);
    lab_close(&t);
}

/* ---- exhaustive search: the definition, word for word ---- */

typedef struct brute {
    int n, steps;
    const int64_t *time;
    const uint32_t *serves;
    const funnel_params *p;
    bool used[16];
} brute;

static int search(brute *b, int step, int64_t start, int64_t last) {
    int best = step;
    for (int i = 0; i < b->n && step < b->steps; i++) {
        int64_t t = b->time[i];
        if (b->used[i] || !(b->serves[i] >> step & 1) || t < last) continue;
        if (step && b->p->window && t - start > b->p->window) continue;
        if (step && b->p->gap[step] && t - last > b->p->gap[step]) continue;
        b->used[i] = true;
        int got = search(b, step + 1, step ? start : t, t);
        b->used[i] = false;
        if (got > best) best = got;
    }
    return best;
}

static bool chain_is_valid(const brute *b, const int64_t *chain, int level) {
    for (int k = 0; k < level; k++) {
        if (chain[k] < 0 || chain[k] >= b->n || !(b->serves[chain[k]] >> k & 1)) return false;
        for (int i = 0; i < k; i++)
            if (chain[i] == chain[k]) return false;
        if (k == 0) continue;
        int64_t gone = b->time[chain[k]] - b->time[chain[0]],
                step = b->time[chain[k]] - b->time[chain[k - 1]];
        if (step < 0 || (b->p->window && gone > b->p->window) ||
            (b->p->gap[k] && step > b->p->gap[k]))
            return false;
    }
    return level == b->steps || chain[level] == -1;
}

/* 30,000 small cases (FUNNEL_CASES says how many): up to 9 events on few instants (many ties), up
 * to 5 steps, events that serve several steps, windows and gaps: level equal to the exhaustive
 * search, chain valid. */
CHECK(funnel_equals_exhaustive_search) {
    lab t;
    lab_open(&t, 1);
    rng r = rng_open(20, 3);
    int cases = getenv("FUNNEL_CASES") ? atoi(getenv("FUNNEL_CASES")) : 30000;
    int wrong = 0, deep = 0;
    for (int round = 0; round < cases; round++) {
        int n = (int)rng_below(&r, 10), instants = 1 + (int)rng_below(&r, 12);
        int64_t time[16], first[2] = {0, n};
        uint32_t serves[16];
        funnel_params p = {.steps = 1 + (int)rng_below(&r, 5), .window = rng_below(&r, 9)};
        for (int k = 1; k < p.steps; k++) p.gap[k] = rng_below(&r, 3) ? 0 : rng_below(&r, 5);
        bool several = rng_below(&r, 2);
        for (int i = 0; i < n; i++) {
            time[i] = rng_below(&r, instants);
            serves[i] = 1u << rng_below(&r, p.steps + 1) & ((1u << p.steps) - 1);
            if (several) serves[i] |= (uint32_t)rng_below(&r, 1 << p.steps);
            for (int j = i; j > 0 && time[j - 1] > time[j]; j--) {
                int64_t swap = time[j];
                time[j] = time[j - 1], time[j - 1] = swap;
            }
        }
        funnel_events v = {1, n, first, time, serves};
        funnel_outcome o;
        brute b = {n, p.steps, time, serves, &p, {false}};
        arena keep = t.s.keep;
        funnel_run(&o, &v, &p, t.threads, &keep);
        int wanted = search(&b, 0, 0, INT64_MIN);
        wrong += o.level[0] != wanted || !chain_is_valid(&b, o.chain, o.level[0]);
        deep += wanted > 2;
    }
    check(wrong == 0);
    check(deep > cases / 10); /* the cases are not all shallow */
    lab_close(&t);
}

/* ---- many units ---- */

static void make_log(scope *s, funnel_events *v, int32_t **group, int64_t units, int groups) {
    int64_t *first = take(&s->keep, int64_t, units + 1), n = 0;
    int64_t *time = take(&s->keep, int64_t, units * 12);
    uint32_t *serves = take(&s->keep, uint32_t, units * 12);
    *group = take(&s->keep, int32_t, units * 12);
    for (int64_t u = 0; u < units; u++) {
        rng r = rng_open(5, (uint64_t)u);
        int64_t t = rng_below(&r, 1000) * S;
        for (int64_t i = rng_below(&r, 12); i >= 0; i--, n++) {
            time[n] = t += rng_below(&r, 3) * rng_below(&r, 90000) * S;
            serves[n] = 1u << rng_below(&r, 5) & 15;
            (*group)[n] = (int32_t)rng_below(&r, groups);
        }
        first[u + 1] = n;
    }
    *v = (funnel_events){units, n, first, time, serves};
}

CHECK(funnel_groups_add_up_and_threads_agree) {
    lab t, t8;
    lab_open(&t, 1);
    lab_open(&t8, 8);
    funnel_events v;
    int32_t *group;
    make_log(&t.s, &v, &group, 20000, 7);
    funnel_params p = FUNNEL_DEFAULTS;
    funnel_outcome a, b;
    funnel_table all, by;
    funnel_run(&a, &v, &p, t.threads, &t.s.keep);
    funnel_run(&b, &v, &p, t8.threads, &t8.s.keep);
    check(memcmp(a.level, b.level, 20000) == 0);
    check(memcmp(a.chain, b.chain, 20000 * 4 * sizeof *a.chain) == 0);
    funnel_count(&all, &a, &v, NULL, 1, t.threads, &t.s.keep, t.s.scratch);
    funnel_count(&by, &a, &v, funnel_group(&a, group, &t.s.keep), 7, t8.threads, &t.s.keep,
                 t.s.scratch);
    check(all.counts[0] > 10000 && all.counts[3] > 300 && all.counts[0] > all.counts[1]);
    for (int k = 0; k < 4; k++) {
        int64_t sum = 0;
        for (int g = 0; g < 7; g++) sum += by.counts[g * 4 + k];
        check(sum == all.counts[k]);
    }
    for (int i = 0; i < 4 * FUNNEL_BUCKETS; i++) {
        int64_t sum = 0;
        for (int g = 0; g < 7; g++) sum += by.times[g * 4 * FUNNEL_BUCKETS + i];
        check(sum == all.times[i]);
    }
    lab_close(&t);
    lab_close(&t8);
}

CHECK(funnel_rates_and_times) {
    lab t;
    lab_open(&t, 1);
    /* four visitors: 10 s, 20 s and 40 s from view to purchase, one never buys */
    int64_t first[] = {0, 2, 4, 6, 7};
    int64_t time[] = {0, 10 * S, 0, 20 * S, 0, 40 * S, 0};
    uint32_t serves[] = {1, 2, 1, 2, 1, 2, 1};
    funnel_events v = {4, 7, first, time, serves};
    funnel_params p = {.steps = 2, .window = 60 * S};
    funnel_outcome o;
    funnel_table c;
    funnel_run(&o, &v, &p, t.threads, &t.s.keep);
    funnel_count(&c, &o, &v, NULL, 1, t.threads, &t.s.keep, t.s.scratch);
    interval rate = funnel_overall_rate(&c, 0), wanted = interval_wilson(3, 4);
    check(c.counts[0] == 4 && c.counts[1] == 3);
    check(rate.value == 0.75 && rate.low == wanted.low && rate.high == wanted.high);
    check_near(funnel_time_quantile(&c, 0, 0, 0.5), 20, 20 * 0.19); /* one bucket is 2^(1/4) */
    check_near(funnel_time_quantile(&c, 0, 1, 0.5), 20, 20 * 0.19);
    check(funnel_bucket(0) == 0 && funnel_bucket(999999) == 0 && funnel_bucket(S) == 1);
    check(funnel_bucket(2 * S) == 5 && funnel_bucket(4 * S - 1) == 8);
    check(funnel_bucket_seconds(5) == 2.0 && funnel_bucket(INT64_MAX) == FUNNEL_BUCKETS - 1);
    check(funnel_check(&p) == NULL && funnel_check(&(funnel_params){.steps = 17}) != NULL);
    check(funnel_check(&(funnel_params){.steps = 2, .window = -1}) != NULL);
    lab_close(&t);
}

/* view, wish, cart, buy, where wish may be left out; then wish and cart. */
CHECK(funnel_step_rates_pass_over_optional_steps) {
    int64_t counts[] = {16, 5, 12, 3};
    funnel_table c = {.steps = 4, .groups = 1, .optional = 2, .counts = counts};
    check(funnel_step_rate(&c, 0, 0).value == 1);
    check(funnel_step_rate(&c, 0, 1).value == 5.0 / 16);
    check(funnel_step_rate(&c, 0, 2).value == 12.0 / 16);
    check(funnel_step_rate(&c, 0, 3).value == 3.0 / 12);
    check(funnel_before(6, 3) == 0 && funnel_before(6, 2) == 0 && funnel_before(0, 3) == 2);
}

/* The bucket by bits is that by the logarithm, also at both sides of every boundary. */
CHECK(funnel_buckets_are_quarter_octaves) {
    rng r = rng_open(3, 1);
    for (int b = 1; b < FUNNEL_BUCKETS; b++) {
        int64_t at = (int64_t)ceil(1e6 * exp2((b - 1) / 4.0));
        check(funnel_bucket(at) == b && funnel_bucket(at - 1) == b - 1);
    }
    for (int i = 0; i < 100000; i++) {
        int64_t t = 1000000 + (int64_t)(rng_u64(&r) >> (23 + rng_below(&r, 20)));
        int b = 1 + (int)floor(4.0 * log2((double)t / 1e6));
        check(funnel_bucket(t) == (b < FUNNEL_BUCKETS ? b : FUNNEL_BUCKETS - 1));
    }
    check(funnel_bucket(0) == 0 && funnel_bucket(INT64_MAX) == FUNNEL_BUCKETS - 1);
}
