/* mst_plain: the spanning tree by Prim's algorithm over all pairs, and what both trees begin and
 * end with. */
#include "models/segment/mst_parts.h"

#include <assert.h>
#include <math.h>

const char *mst_check(mst_params p) {
    bool fits = p.neighbours >= 0 && p.neighbours <= MST_NEIGHBOURS;
    return fits ? NULL : "neighbours must be 0 to 4096";
}

bool mst_begin(mst_model *m, const float *x, int64_t n, int d, mst_params p, arena *keep, err *e) {
    const char *why = mst_check(p);
    if (why) return refuse(e, "%s, got %d", why, p.neighbours);
    if (n < 0 || n >= INT32_MAX || d < 1)
        return refuse(e, "a spanning tree takes up to %d rows of 1 column or more, got %lld of %d",
                      INT32_MAX - 1, (long long)n, d);
    for (int64_t i = 0; i < n * d; i++)
        if (!isfinite(x[i]))
            return refuse(e, "row %lld, column %lld: %f is not a finite number; leave the row out",
                          (long long)(i / d), (long long)(i % d), (double)x[i]);
    *m = (mst_model){.n = n, .d = d, .neighbours = p.neighbours};
    if (p.neighbours >= n) m->neighbours = n > 0 ? (int)n - 1 : 0;
    m->edge = take_raw(keep, mst_edge, n > 1 ? n - 1 : 0);
    m->core = take(keep, double, n);
    return true;
}

/* ---- the end ---- */

static bool goes_before(const mst_edge *x, const mst_edge *y) {
    return x->weight < y->weight || (x->weight == y->weight && mst_ahead(x->a, x->b, y->a, y->b));
}

/* Bottom-up merge sort; runs begin at 1. */
static void sort(mst_edge *edge, int64_t n, arena scratch) {
    mst_edge *from = edge, *to = take_raw(&scratch, mst_edge, n);
    for (int64_t run = 1; run < n; run *= 2) {
        for (int64_t left = 0; left < n; left += 2 * run) {
            int64_t mid = left + run < n ? left + run : n;
            int64_t end = left + 2 * run < n ? left + 2 * run : n;
            for (int64_t i = left, j = mid, at = left; at < end; at++) {
                bool second = i == mid || (j < end && goes_before(from + j, from + i));
                to[at] = second ? from[j++] : from[i++];
            }
        }
        mst_edge *was = from;
        from = to;
        to = was;
    }
    if (from != edge)
        for (int64_t i = 0; i < n; i++) edge[i] = from[i];
}

void mst_end(mst_model *m, arena scratch) {
    for (int64_t i = 0; i < m->n; i++) m->core[i] = sqrt(m->core[i]);
    for (int64_t i = 0; i + 1 < m->n; i++) {
        mst_edge *edge = m->edge + i;
        *edge = (mst_edge){mst_least(edge->a, edge->b), mst_most(edge->a, edge->b),
                           sqrt(edge->weight)};
    }
    if (m->n > 2) sort(m->edge, m->n - 1, scratch);
}

/* ---- the twin ---- */

static double square_of(const float *x, const float *y, int d) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
        double gap = (double)x[c] - (double)y[c];
        sum += gap * gap;
    }
    return sum;
}

/* Squared distance from row i to its k-th other row. */
static double core_of(const float *x, int64_t n, int d, int64_t i, int k, double *nearest) {
    int found = 0;
    if (k == 0) return 0;
    for (int64_t j = 0; j < n; j++) {
        if (j == i) continue;
        double square = square_of(x + i * d, x + j * d, d);
        if (found == k && square >= nearest[k - 1]) continue;
        int at = found < k ? found++ : k - 1;
        for (; at > 0 && nearest[at - 1] > square; at--) nearest[at] = nearest[at - 1];
        nearest[at] = square;
    }
    return nearest[k - 1];
}

bool mst_plain_fit(mst_model *m, const float *x, int64_t n, int d, mst_params p, arena *keep,
                   arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    if (!mst_begin(m, x, n, d, p, keep, e)) return false;
    double *nearest = take(&scratch, double, m->neighbours), *best = take(&scratch, double, n);
    int32_t *from = take(&scratch, int32_t, n);
    bool *in = take(&scratch, bool, n);
    for (int64_t i = 0; i < n; i++) {
        m->core[i] = core_of(x, n, d, i, m->neighbours, nearest);
        best[i] = INFINITY;
    }
    int32_t at = 0;
    for (int64_t k = 0; k + 1 < n; k++) { /* row `at` joins the tree */
        int32_t next = -1;
        in[at] = true;
        for (int32_t j = 0; j < n; j++) {
            if (in[j]) continue;
            double w = fmax(square_of(x + (int64_t)at * d, x + (int64_t)j * d, d),
                            fmax(m->core[at], m->core[j]));
            if (w < best[j] || (w == best[j] && mst_ahead(at, j, from[j], j))) {
                best[j] = w;
                from[j] = at;
            }
            if (next < 0 || best[j] < best[next] ||
                (best[j] == best[next] && mst_ahead(from[j], j, from[next], next)))
                next = j;
        }
        m->edge[k] = (mst_edge){from[next], next, best[next]};
        at = next;
    }
    mst_end(m, scratch);
    return true;
}
