/* funnel_count: how many units reached each step, and after how long. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/behaviour/funnel.h"

int funnel_bucket(int64_t microseconds) {
    if (microseconds < 1000000) return 0;
    /* quarter octaves of seconds, from the exponent and the fraction of the double; a boundary that
     * is not a power of two is irrational, so rounding moves no whole microsecond across it */
    double seconds = (double)microseconds / 1e6, part;
    uint64_t bits;
    memcpy(&bits, &seconds, sizeof bits);
    int octave = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffff) | UINT64_C(1023) << 52;
    memcpy(&part, &bits, sizeof part);
    int b = 1 + 4 * octave + (part >= 0x1.306fe0a31b715p+0) + (part >= 0x1.6a09e667f3bcdp+0) +
            (part >= 0x1.ae89f995ad3adp+0);
    return b < FUNNEL_BUCKETS ? b : FUNNEL_BUCKETS - 1;
}

double funnel_bucket_seconds(int b) { return b == 0 ? 0.0 : exp2((b - 1) / 4.0); }

/* ---- units by level and time ---- */

enum { PIECES = 16, MOST_COUNTS = 1 << 20 };

typedef struct counting {
    const funnel_outcome *o;
    const funnel_events *v;
    const int32_t *group;
    int pieces;
    funnel_table *piece; /* [pieces] */
} counting;

static void open_table(funnel_table *t, const funnel_outcome *o, int groups, arena *keep) {
    int64_t cells = (int64_t)groups * o->steps;
    *t = (funnel_table){.steps = o->steps, .groups = groups, .optional = o->optional};
    t->counts = take(keep, int64_t, cells);
    t->times = take(keep, int64_t, cells * FUNNEL_BUCKETS);
}

static void count_unit(funnel_table *t, const int64_t *time, int level, const int64_t *chain,
                       int64_t g) {
    int64_t *counts = t->counts + g * t->steps, *times = t->times + g * t->steps * FUNNEL_BUCKETS;
    int64_t began = 0, last = 0;
    for (int k = 0; k < level; k++) {
        if (chain[k] < 0) continue; /* an optional step that was not taken */
        int64_t now = time[chain[k]];
        counts[k]++;
        if (k == 0) began = now;
        else times[k * FUNNEL_BUCKETS + funnel_bucket(now - last)]++;
        last = now;
    }
    if (level == t->steps && level > 1) times[funnel_bucket(last - began)]++;
}

static void count_piece(void *what, int64_t piece, arena scratch) {
    (void)scratch;
    const counting *c = what;
    const funnel_outcome *o = c->o;
    funnel_table *t = &c->piece[piece];
    int64_t end = (piece + 1) * o->units / c->pieces;
    for (int64_t u = piece * o->units / c->pieces; u < end; u++) {
        int64_t g = o->level[u] && c->group ? c->group[u] : 0;
        if (o->level[u] == 0 || g < 0) continue;
        assert(g < t->groups);
        count_unit(t, c->v->time, o->level[u], o->chain + u * o->steps, g);
    }
}

static void add(int64_t *to, const int64_t *from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

/* Whole numbers, so whoever counts which part gives the same sums. */
void funnel_count(funnel_table *out, const funnel_outcome *o, const funnel_events *v,
                  const int32_t *group, int groups, pool *threads, arena *keep, arena scratch) {
    assert(groups >= 1);
    int64_t cells = (int64_t)groups * o->steps, fit = MOST_COUNTS / (cells * FUNNEL_BUCKETS);
    counting c = {.o = o, .v = v, .group = group};
    c.pieces = fit < 1 || o->units < PIECES * 64 ? 1 : fit < PIECES ? (int)fit : PIECES;
    c.piece = take(&scratch, funnel_table, c.pieces);
    open_table(out, o, groups, keep);
    c.piece[0] = *out;
    for (int i = 1; i < c.pieces; i++) open_table(&c.piece[i], o, groups, &scratch);
    pool_for(threads, c.pieces, count_piece, &c);
    for (int i = 1; i < c.pieces; i++) {
        add(out->counts, c.piece[i].counts, cells);
        add(out->times, c.piece[i].times, cells * FUNNEL_BUCKETS);
    }
}

int32_t *funnel_group(const funnel_outcome *o, const int32_t *of, arena *keep) {
    int32_t *group = take_raw(keep, int32_t, o->units);
    for (int64_t u = 0; u < o->units; u++)
        group[u] = o->level[u] ? of[o->chain[u * o->steps]] : -1;
    return group;
}

/* ---- rates and times ---- */

int funnel_before(uint32_t optional, int step) {
    do step -= step > 0;
    while (step > 0 && optional >> step & 1);
    return step;
}

interval funnel_step_rate(const funnel_table *t, int group, int step) {
    const int64_t *counts = t->counts + (int64_t)group * t->steps;
    return interval_wilson(counts[step], counts[funnel_before(t->optional, step)]);
}

interval funnel_overall_rate(const funnel_table *t, int group) {
    const int64_t *counts = t->counts + (int64_t)group * t->steps;
    return interval_wilson(counts[t->steps - 1], counts[0]);
}

double funnel_time_quantile(const funnel_table *t, int group, int step, double q) {
    const int64_t *in = t->times + ((int64_t)group * t->steps + step) * FUNNEL_BUCKETS;
    int64_t n = 0, below = 0;
    for (int b = 0; b < FUNNEL_BUCKETS; b++) n += in[b];
    if (n == 0) return NAN;
    double wanted = q * (double)n;
    int b = 0;
    while (b < FUNNEL_BUCKETS - 1 && (double)(below + in[b]) < wanted) below += in[b++];
    double share = in[b] ? (wanted - (double)below) / (double)in[b] : 0.0;
    if (b == 0) return 0.0; /* under a second */
    return exp2((b - 1 + share) / 4.0);
}
