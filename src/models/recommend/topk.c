/* topk: exact top-k of factor products without scoring most items. */
#include "models/recommend/topk.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/recommend/topk_simd.h"

enum { LANES = 16, QUERIES = 64, TILE = 4, FEW = 128 };

/* The float sum of n products errs by at most (n / 16 + 6) 2^-24 |q| |y|, and by less than 2^-148
 * for each product that falls under the range. */
static const double underflow = 0x1p-148;
static double rounding(int ld) { return (ld / LANES + 6) * 0x1p-24; }

/* Doubles that stand for sums of ld products, and all that follows from them, err by less. */
static const double up = 1 + 1e-10;

static const topk_kernel *kernel_of(const topk_index *x) { return &topk_kernels[x->kernel]; }

/* ---- the score ---- */

typedef float lanes __attribute__((vector_size(4 * LANES)));

static float dot(const float *q, const float *y, int n) {
    lanes sum = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes a, b;
        memcpy(&a, q + i, sizeof a);
        memcpy(&b, y + i, sizeof b);
        sum += a * b;
    }
    for (int l = 0; i + l < n; l++) sum[l] += q[i + l] * y[i + l];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) sum[l] += sum[l + half];
    return sum[0];
}

static double norm(const float *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)x[i] * x[i];
    return sqrt(sum) * up;
}

/* ---- the index ---- */

static double largest(const float *x, int n) {
    double most = 0;
    for (int i = 0; i < n; i++)
        if (fabsf(x[i]) > most) most = fabsf(x[i]);
    return most;
}

/* Whole numbers of a row; returns |x - step c| and |step c|. */
static void round_row(const float *x, int n, double step, int most, int8_t *number,
                      double *error, double *whole) {
    double wrong = 0, square = 0, per = step > 0 ? 1 / step : 0;
    for (int i = 0; i < n; i++) {
        double c = nearbyint(x[i] * per);
        c = c > most ? most : c < -most ? -most : c;
        number[i] = (int8_t)c;
        wrong += (x[i] - step * c) * (x[i] - step * c);
        square += step * c * step * c;
    }
    *error = sqrt(wrong) * up;
    *whole = sqrt(square) * up;
}

static void fill_panel(const topk_index *x, int64_t p, int8_t *number) {
    int most = kernel_of(x)->most, ld = x->ld;
    int64_t first = p * TOPK_PANEL;
    int n = (int)(x->n - first < TOPK_PANEL ? x->n - first : TOPK_PANEL);
    topk_panel panel = {0};
    uint8_t *code = x->code + p * x->groups * 4 * TOPK_PANEL;
    memset(code, most + 1, (size_t)x->groups * 4 * TOPK_PANEL);
    for (int i = 0; i < n; i++) {
        double top = largest(x->row + (first + i) * ld, ld) / most;
        if (top > panel.step) panel.step = top;
    }
    for (int i = 0; i < n; i++) {
        const float *row = x->row + (first + i) * ld;
        double error, whole, length = norm(row, ld);
        round_row(row, ld, panel.step, most, number, &error, &whole);
        error += rounding(ld) * length;
        if (error > panel.error) panel.error = error;
        if (whole > panel.whole) panel.whole = whole;
        if (length > panel.norm) panel.norm = length;
        for (int j = 0; j < ld; j++)
            code[(j / 4 * TOPK_PANEL + i) * 4 + j % 4] = (uint8_t)(number[j] + most + 1);
    }
    x->panel[p] = panel;
}

topk_index topk_open(const float *item, int64_t items, int ld, const bitmap *only, arena *keep,
                     arena scratch) {
    return topk_open_for(topk_kernel_here(), item, items, ld, only, keep, scratch);
}

topk_index topk_open_for(int kernel, const float *item, int64_t items, int ld, const bitmap *only,
                         arena *keep, arena scratch) {
    assert(items <= INT32_MAX && ld >= 1 && ld <= 65536 && (!only || only->n == items));
    topk_index x = {.items = items, .n = only ? bitmap_count(only) : items, .ld = ld,
                    .groups = (ld + 7) / 8 * 2, .kernel = kernel};
    int64_t panels = (x.n + TOPK_PANEL - 1) / TOPK_PANEL;
    x.name = take(keep, int32_t, x.n);
    x.place = take(keep, int32_t, items);
    x.row = take(keep, float, x.n * ld);
    x.panel = take(keep, topk_panel, panels);
    x.code = take(keep, uint8_t, panels * x.groups * 4 * TOPK_PANEL);
    double *length = take(&scratch, double, items);
    int64_t to = 0;
    for (int64_t i = 0; i < items; i++) {
        x.place[i] = -1;
        if (only && !bitmap_has(only, i)) continue;
        length[i] = norm(item + i * ld, ld);
        assert(isfinite(length[i]) && "factors must be finite");
        x.name[to++] = (int32_t)i;
    }
    order_down(x.name, x.n, length, scratch);
    for (int64_t at = 0; at < x.n; at++) {
        x.place[x.name[at]] = (int32_t)at;
        memcpy(x.row + at * ld, item + (int64_t)x.name[at] * ld, sizeof *item * (size_t)ld);
    }
    int8_t *number = take(&scratch, int8_t, ld);
    for (int64_t p = 0; p < panels; p++) fill_panel(&x, p, number);
    return x;
}

/* ---- one query's state while panels pass ---- */

typedef struct seeker {
    const float *q;
    int8_t *number; /* [groups, 4] */
    int64_t query;  /* its number, for the rule */
    double norm, step, error;
    int32_t shift; /* what the positive codes add to every sum */
    bool wild;     /* products may leave the float range: no bound holds */
    neighbours_list list;
} seeker;

typedef struct search {
    const topk_index *x;
    neighbours_rule rule;
    const float *query;
    int64_t queries;
    int32_t *ids;
    float *scores;
} search;

static seeker seek(const search *s, int64_t query, arena *a) {
    const topk_index *x = s->x;
    int k = s->rule.k, most = kernel_of(x)->most;
    seeker w = {.q = s->query + query * x->ld, .number = take(a, int8_t, x->groups * 4),
                .query = query,
                .list = {.k = k, .ids = s->ids + query * k, .scores = s->scores + query * k}};
    double whole;
    w.norm = norm(w.q, x->ld);
    assert(isfinite(w.norm) && "factors must be finite");
    w.step = largest(w.q, x->ld) / most;
    round_row(w.q, x->ld, w.step, most, w.number, &w.error, &whole);
    for (int i = 0; i < x->ld; i++) w.shift += w.number[i] * (most + 1);
    w.wild = !(w.norm * (x->n > 0 ? x->panel[0].norm : 0) < FLT_MAX / 2);
    return w;
}

static bool allowed(const search *s, int64_t query, int32_t item) {
    return !(s->rule.skip_self && item == query) &&
           !(s->rule.skip && sparse_has(s->rule.skip, query, item));
}

static void offer(const search *s, seeker *w, int64_t place) {
    int32_t item = s->x->name[place];
    neighbours_list *l = &w->list;
    if (s->rule.allowed && !bitmap_has(s->rule.allowed, item)) return;
    float score = dot(w->q, s->x->row + place * s->x->ld, s->x->ld);
    if (score != score) return;
    if (l->n == l->k && !neighbours_before(score, item, l->scores[0], l->ids[0])) return;
    if (allowed(s, w->query, item)) neighbours_offer(l, item, score);
}

/* The smallest whole-number sum in a panel whose score could still enter; INT32_MAX when no later
 * item can enter either. */
static int32_t least_sum(const search *s, const seeker *w, const topk_panel *p) {
    if (w->wild || w->list.n < w->list.k) return INT32_MIN;
    double worst = w->list.scores[0], dust = s->x->ld * underflow;
    if (w->norm * p->norm * (1 + rounding(s->x->ld)) * up + dust < worst) return INT32_MAX;
    double unit = w->step * p->step;
    double slack = (w->norm * p->error + w->error * p->whole) * up + dust;
    double least = (worst - slack) / unit + w->shift;
    /* 0.001: far above what rounding does to a quotient that any sum can reach */
    least = ceil(least - 0.001);
    if (least >= INT32_MAX) return INT32_MAX - 1;
    return least > INT32_MIN ? (int32_t)least : INT32_MIN; /* also where it is not a number */
}

/* All products with a query of zeros are 0: the list is the first items that the rule allows. */
static void first_items(const search *s, seeker *w) {
    for (int64_t i = 0; i < s->x->items && w->list.n < w->list.k; i++)
        if (s->x->place[i] >= 0 && (!s->rule.allowed || bitmap_has(s->rule.allowed, i)) &&
            allowed(s, w->query, (int32_t)i))
            neighbours_offer(&w->list, (int32_t)i, 0);
}

static void take_hits(const search *s, seeker *w, int64_t panel, uint64_t hits) {
    int64_t first = panel * TOPK_PANEL;
    if (s->x->n - first < TOPK_PANEL) hits &= ((uint64_t)1 << (s->x->n - first)) - 1;
    for (; hits; hits &= hits - 1) offer(s, w, first + __builtin_ctzll(hits));
}

/* Passes one panel to the seekers; those that are done leave. Returns how many are left. */
static int pass(const search *s, seeker **going, int n, int64_t p) {
    const topk_kernel *kernel = kernel_of(s->x);
    int left = 0, in_scan = 0;
    seeker *of[TILE];
    topk_scan scan = {.groups = s->x->groups,
                      .code = s->x->code + p * s->x->groups * 4 * TOPK_PANEL};
    for (int i = 0; i < n; i++) {
        int32_t least = least_sum(s, going[i], &s->x->panel[p]);
        if (least < INT32_MAX) {
            scan.query[in_scan] = going[i]->number;
            scan.least[in_scan] = least;
            of[in_scan++] = going[left++] = going[i];
        }
        if (in_scan == 0 || (in_scan < TILE && i < n - 1)) continue;
        for (int j = in_scan; j < TILE; j++) scan.query[j] = scan.query[0];
        (in_scan == 1 ? kernel->one : kernel->four)(&scan);
        for (int j = 0; j < in_scan; j++) take_hits(s, of[j], p, scan.hits[j]);
        in_scan = 0;
    }
    return left;
}

static void run(const search *s, int64_t from, int64_t to, arena scratch) {
    seeker all[QUERIES], *going[QUERIES];
    int n = 0, m = (int)(to - from);
    int64_t panels = (s->x->n + TOPK_PANEL - 1) / TOPK_PANEL;
    for (int i = 0; i < m; i++) {
        all[i] = seek(s, from + i, &scratch);
        if (all[i].norm == 0) first_items(s, &all[i]);
        else going[n++] = &all[i];
    }
    for (int64_t p = 0; p < panels && n > 0; p++) n = pass(s, going, n, p);
    for (int i = 0; i < m; i++) neighbours_sort(&all[i].list);
}

static void chunk(void *what, int64_t number, arena scratch) {
    const search *s = what;
    int64_t from = number * QUERIES;
    run(s, from, from + QUERIES < s->queries ? from + QUERIES : s->queries, scratch);
}

void topk_lists(const topk_index *x, const float *query, int64_t queries, neighbours_rule rule,
                int32_t *ids, float *scores, pool *threads) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST);
    search s = {x, rule, query, queries, ids, scores};
    pool_for(threads, (queries + QUERIES - 1) / QUERIES, chunk, &s);
}

void topk_one(const topk_index *x, const float *query, neighbours_rule rule, int32_t *ids,
              float *scores, arena scratch) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST);
    search s = {x, rule, query, 1, ids, scores};
    /* few allowed items: their products cost less than the panels */
    if (!rule.allowed || bitmap_count(rule.allowed) > x->n / FEW) {
        run(&s, 0, 1, scratch);
        return;
    }
    seeker w = seek(&s, 0, &scratch);
    const bitmap *only = rule.allowed;
    for (int64_t i = bitmap_next(only, 0); i < only->n; i = bitmap_next(only, i + 1))
        if (x->place[i] >= 0) offer(&s, &w, x->place[i]);
    neighbours_sort(&w.list);
}
