/* trees_simd: the inner loops of trees, one copy for each instruction set. */
#include <string.h>

#include "models/trees_quick.h"

/* ---- scores of a block of rows ---- */

typedef float floats __attribute__((vector_size(4 * SIMD_WIDTH)));
typedef int32_t ints __attribute__((vector_size(4 * SIMD_WIDTH)));

/* Takes the tests of one list on `vectors` vectors of rows; x [used][TREES_BLOCK], bits of leaves
 * [TREES_BLOCK]. vectors is a constant where this is called, so that bits stay in registers. */
static inline __attribute__((always_inline)) void take_list(const trees *m, const int64_t *at,
                                                            const float *x, const int vectors,
                                                            int32_t *bits) {
    const trees_test *test = m->quick->tests.test;
    ints b[4];
    for (int v = 0; v < vectors; v++) b[v] = (ints){0} - 1;
    for (int64_t i = at[TREES_MISSING_RIGHT_TESTS]; i < at[TREES_MISSING_RIGHT_TESTS + 1]; i++) {
        const float *from = x + (int64_t)test[i].feature * TREES_BLOCK;
        const floats threshold = (floats){0} + test[i].threshold;
        const ints left_over = (ints){0} + (int32_t)test[i].left_over;
        for (int v = 0; v < vectors; v++) {
            floats value;
            memcpy(&value, from + v * SIMD_WIDTH, sizeof value);
            b[v] &= (value <= threshold) | left_over;
        }
    }
    for (int64_t i = at[TREES_MISSING_LEFT_TESTS]; i < at[TREES_MISSING_LEFT_TESTS + 1]; i++) {
        const float *from = x + (int64_t)test[i].feature * TREES_BLOCK;
        const floats threshold = (floats){0} + test[i].threshold;
        const ints left_over = (ints){0} + (int32_t)test[i].left_over;
        for (int v = 0; v < vectors; v++) {
            floats value;
            memcpy(&value, from + v * SIMD_WIDTH, sizeof value);
            b[v] &= ~(value > threshold) | left_over;
        }
    }
    for (int v = 0; v < vectors; v++) memcpy(bits + v * SIMD_WIDTH, &b[v], sizeof b[v]);
    for (int64_t i = at[TREES_SET_TESTS]; i < at[TREES_SET_TESTS + 1]; i++) {
        const float *from = x + (int64_t)test[i].feature * TREES_BLOCK;
        for (int r = 0; r < vectors * SIMD_WIDTH; r++)
            if (!trees_in_set(m, test[i].set, from[r])) bits[r] &= (int32_t)test[i].left_over;
    }
}

/* A list for n rows: four, two or one vector at a time. */
static void take_rows(const trees *m, const int64_t *at, const float *x, int n, int32_t *bits) {
    int from = 0;
    for (; from + 3 * SIMD_WIDTH < n; from += 4 * SIMD_WIDTH)
        take_list(m, at, x + from, 4, bits + from);
    for (; from + SIMD_WIDTH < n; from += 2 * SIMD_WIDTH)
        take_list(m, at, x + from, 2, bits + from);
    for (; from < n; from += SIMD_WIDTH) take_list(m, at, x + from, 1, bits + from);
}

void SIMD(trees_block)(const trees *m, const float *x, int n, double *score) {
    const trees_tests *q = &m->quick->tests;
    float columns[TREES_USED * TREES_BLOCK] __attribute__((aligned(64)));
    int32_t bits[TREES_WORDS][TREES_BLOCK] __attribute__((aligned(64)));
    for (int u = 0; u < q->n_used && q->first[m->n] > 0; u++) {
        float *to = columns + u * TREES_BLOCK;
        for (int r = 0; r < n; r++) to[r] = x[(int64_t)r * m->cols + q->used[u]];
        for (int r = n; r < TREES_BLOCK; r++) to[r] = 0;
    }
    for (int r = 0; r < n; r++) score[r] = 0;
    for (int32_t t = 0; t < m->n; t++) {
        const int words = (int)(q->first[t + 1] - q->first[t]);
        const double *value = m->value + m->at[t] + t;
        for (int w = 0; w < words; w++)
            take_rows(m, q->at + (q->first[t] + w) * TREES_TEST_KINDS, columns, n, bits[w]);
        if (words == 1)
            for (int r = 0; r < n; r++) score[r] += value[__builtin_ctz((unsigned)bits[0][r])];
        for (int r = 0; r < n && words > 1; r++) {
            int w = 0;
            while (bits[w][r] == 0) w++;
            score[r] += value[32 * w + __builtin_ctz((unsigned)bits[w][r])];
        }
        for (int r = 0; r < n && words == 0; r++)
            score[r] += trees_walk(m, t, x + (int64_t)r * m->cols);
    }
}

/* ---- the parts of a score ---- */

enum { LANES = SIMD_WIDTH / 2 }; /* doubles; divides TREES_POINTS */
typedef double points __attribute__((vector_size(8 * LANES)));

static inline points get(const double *p) {
    points v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void put(double *p, points v) { memcpy(p, &v, sizeof v); }

static inline void add(double *p, points v) { put(p, get(p) + v); }

/* From the root down, at every spot: through = the product of the factors o t + z (1 - t) of the
 * features above, inverse = one over the factor of its own feature, pull = (o - z) inverse. An edge
 * on a feature that was split above replaces that edge's factor. Where there is none, `before` is
 * one spot past the last: factor 1, pull 0.
 * From the leaves up: below = the sum of value * weight * through over the leaves under a spot;
 * times pull it is the edge's part, from which the part of the edge it replaces is taken back. No
 * branch depends on the row: half of them would be guessed wrong. */
void SIMD(trees_parts)(const trees_tree *t, const trees_spots *all, const trees_work *w) {
    const int q = all->points, spots = 2 * t->nodes + 1;
    w->open[0] = w->open[spots] = 1;
    for (int k = 0; k < q; k++) {
        w->through[k] = w->inverse[(int64_t)spots * q + k] = 1;
        w->pull[(int64_t)spots * q + k] = 0;
    }
    for (int s = 1; s < spots; s++) {
        const int64_t own = (int64_t)s * q, up = (int64_t)t->parent[s] * q;
        const int64_t before = (int64_t)t->before[s] * q;
        const double z = t->share[s];
        w->open[s] = (t->is_left[s] == w->goes_left[t->parent[s]]) & w->open[t->before[s]];
        for (int k = 0; k < q; k += LANES) {
            const points x = get(all->t + k);
            const points factor = x * (double)w->open[s] + (1 - x) * z, inverse = 1 / factor;
            put(w->through + own + k,
                get(w->through + up + k) * (get(w->inverse + before + k) * factor));
            put(w->inverse + own + k, inverse);
            put(w->pull + own + k, inverse * (w->open[s] - z));
        }
    }
    memset(w->below, 0, (size_t)t->nodes * (size_t)q * sizeof *w->below);
    for (int s = spots - 1; s > 0; s--) {
        const int64_t own = (int64_t)s * q, up = (int64_t)t->parent[s] * q;
        const int64_t before = (int64_t)t->before[s] * q;
        double *part = w->parts + (int64_t)t->feature[t->parent[s]] * q;
        for (int k = 0; k < q; k += LANES) {
            const points below = s < t->nodes ? get(w->below + own + k)
                                              : get(w->through + own + k) *
                                                    (get(all->weight + k) * t->value[s - t->nodes]);
            add(w->below + up + k, below);
            add(part + k, below * (get(w->pull + own + k) - get(w->pull + before + k)));
        }
    }
}
