/* arima_search: differences by tests, then orders stepwise by AICc (Hyndman and Khandakar). */
#include <math.h>
#include <string.h>

#include "models/forecast/arima_core.h"
#include "models/forecast/unit_root.h"

enum { MOST_MODELS = 1000, CONDITIONAL_N = 150, CONDITIONAL_M = 12 };
#define STRONG 0.64 /* a season above it is differenced */

typedef struct scored {
    arima_found found;
    double ic;
} scored;

typedef struct search {
    const double *y;
    int n;
    const arima_params *p;
    bool conditional, free_constant; /* may there be a constant */
    int most_p, most_q, most_sp, most_sq, d, sd;
    arima_data data[2];              /* without and with a constant */
    arima_starts starts;
    scored *at;                      /* [models] in the order they were tried */
    int tried, best;
} search;

static double penalty(int k, int n) {
    return n - k - 1 > 0 ? 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1) : INFINITY;
}

/* AICc up to a constant of the series; infinity for what is not a candidate. */
static double judge(search *s, arima_found *f, arena scratch) {
    const arima_order *o = &f->order;
    const arima_data *d = &s->data[o->constant];
    double beta[ARIMA_MOST_REGRESSORS + 1] = {0}, price;
    arima_css css;
    int k = o->p + o->q + o->sp + o->sq + d->k + 1;
    price = penalty(k, d->n);
    if (!isfinite(price)) return INFINITY;
    arima_start(&s->starts, o, &f->at, scratch);
    if (d->k) { /* regression on what is differenced: a start for the coefficients */
        arima_coefficients none = {0};
        arima_order flat = {.m = 1};
        arima_exact_run(d, &flat, &none, beta, NULL, scratch);
    }
    arima_css_fit(d, o, &f->at, beta, &css, scratch);
    arima_exact e = s->conditional ? arima_exact_run(d, o, &f->at, beta, NULL, scratch)
                                   : arima_exact_fit(d, o, &f->at, beta, scratch);
    double ic = price - 2 * e.loglik;
    if (!arima_all_stable(o, &f->at, s->p->root, s->p->root)) return INFINITY;
    return isnan(ic) ? INFINITY : ic;
}

static bool same(const arima_order *a, const arima_order *b) {
    return a->p == b->p && a->q == b->q && a->sp == b->sp && a->sq == b->sq &&
           a->constant == b->constant;
}

/* Tries one order; true when it is the best so far. */
static bool try_order(search *s, arima_order o, arena scratch) {
    if (o.p < 0 || o.q < 0 || o.sp < 0 || o.sq < 0) return false;
    if (o.p > s->most_p || o.q > s->most_q || o.sp > s->most_sp || o.sq > s->most_sq) return false;
    if (s->tried == s->p->models) return false;
    for (int i = 0; i < s->tried; i++)
        if (same(&s->at[i].found.order, &o)) return false;
    scored *to = &s->at[s->tried];
    to->found.order = o;
    to->ic = judge(s, &to->found, scratch);
    bool better = to->ic < s->at[s->best].ic || s->tried == 0;
    if (better) s->best = s->tried;
    s->tried++;
    return better;
}

static void try_starts(search *s, arima_order o, arena scratch) {
    static const int starts[][4] = {{2, 2, 1, 1}, {0, 0, 0, 0}, {1, 0, 1, 0}, {0, 1, 0, 1}};
    for (int i = 0; i < 4; i++) {
        const int *at = starts[i];
        int by = s->n < 10 && i == 0; /* (1, 1)(0, 0) for a short series */
        arima_order to = o;
        to.p = at[0] - by < s->most_p ? at[0] - by : s->most_p;
        to.q = at[1] - by < s->most_q ? at[1] - by : s->most_q;
        to.sp = at[2] - by < s->most_sp ? at[2] - by : s->most_sp;
        to.sq = at[3] - by < s->most_sq ? at[3] - by : s->most_sq;
        try_order(s, to, scratch);
    }
    if (!o.constant) return;
    o.constant = false;
    try_order(s, o, scratch);
}

/* Steps of P, Q, p, q from the best model, in this order; the first that helps starts over. */
static bool try_steps(search *s, arena scratch) {
    static const int steps[][4] = {
        {0, 0, -1, 0}, {0, 0, 0, -1}, {0, 0, 1, 0},  {0, 0, 0, 1},  {0, 0, -1, -1}, {0, 0, -1, 1},
        {0, 0, 1, -1}, {0, 0, 1, 1},  {-1, 0, 0, 0}, {0, -1, 0, 0}, {1, 0, 0, 0},   {0, 1, 0, 0},
        {-1, -1, 0, 0}, {-1, 1, 0, 0}, {1, -1, 0, 0}, {1, 1, 0, 0}};
    arima_order from = s->at[s->best].found.order;
    for (int i = 0; i < 16; i++) {
        arima_order to = from;
        to.p += steps[i][0], to.q += steps[i][1]; /* break: the steps hold both signs of each */
        to.sp += steps[i][2], to.sq += steps[i][3]; /* break: the same */
        if (try_order(s, to, scratch)) return true;
    }
    if (!s->free_constant) return false;
    from.constant = !from.constant;
    return try_order(s, from, scratch);
}

/* The series about its regression on x: what the tests of differences look at. */
static const double *without_regressors(const search *s, arena *keep, arena scratch) {
    int n_x = s->p->n_x;
    if (n_x == 0) return s->y;
    arima_order flat = {.m = 1, .constant = true};
    arima_coefficients none = {0};
    double beta[ARIMA_MOST_REGRESSORS + 1] = {0}, *to = take_copy(keep, double, s->y, s->n);
    arima_data d = arima_difference(s->y, s->n, s->p->x, n_x, &flat, &scratch);
    arima_exact_run(&d, &flat, &none, beta, NULL, scratch);
    for (int j = 0; j < d.k; j++)
        for (int t = 0; t < s->n; t++) to[t] -= beta[j] * d.x[(int64_t)j * d.n + t];
    return to;
}

static void choose_differences(search *s, int m, arena scratch) {
    const double *y = without_regressors(s, &scratch, scratch);
    int n = s->n;
    s->sd = m > 1 && n > 2 * m && unit_root_strength(y, n, m, scratch) > STRONG;
    double *x = take_copy(&scratch, double, y, n);
    if (s->sd) {
        for (int t = m; t < n; t++) x[t - m] = x[t] - x[t - m];
        n -= m;
    }
    s->d = unit_root_differences(x, n, 2, scratch);
    if (n - s->d < 3) s->d = 0;
}

static int least(int a, int b) { return a < b ? a : b; }

bool arima_search(const double *y, int n, const arima_params *p, arima_found *best, int *tried,
                  arena scratch) {
    int m = p->season, short_p = m > 1 ? least(n / 3, m - 1) : n / 3;
    search s = {.y = y, .n = n, .p = p};
    s.most_p = least(p->most_p, short_p), s.most_q = least(p->most_q, short_p);
    s.most_sp = s.most_sq = m > 1 ? least(2, n / 3 / m) : 0;
    choose_differences(&s, m, scratch);
    s.free_constant = s.d + s.sd <= 1;
    s.conditional = p->way == ARIMA_CONDITIONAL ||
                    (p->way == ARIMA_BY_SIZE && (n > CONDITIONAL_N || m > CONDITIONAL_M));
    arima_order o = {.d = s.d, .sd = s.sd, .m = m, .constant = s.free_constant};
    for (int c = 0; c < 2; c++) {
        arima_order with = o;
        with.constant = c;
        s.data[c] = arima_difference(y, n, p->x, p->n_x, &with, &scratch);
    }
    s.at = take(&scratch, scored, p->models);
    arena keep = arena_split(&scratch, 16384);
    const arima_data *d = &s.data[0];
    bool constant = true;
    for (int t = 1; t < d->n; t++) constant &= d->z[t] == d->z[0];
    if (constant && p->n_x == 0) {
        o.constant = s.free_constant && d->z[0] != 0;
        *best = (arima_found){.order = o};
        *tried = 1;
        return true;
    }
    s.starts = arima_starts_new(d, m, least(5, s.most_p > s.most_q ? s.most_p : s.most_q),
                                s.most_sp, &keep, scratch);
    try_starts(&s, o, scratch);
    while (try_steps(&s, scratch)) continue;
    *tried = s.tried;
    *best = s.at[s.best].found;
    return isfinite(s.at[s.best].ic);
}
