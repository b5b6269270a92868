/* price_checks: the same elasticity by other ways; what next week's price explains of this week. */
#include "pipeline/price_checks.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/insight/double_ml.h"

#define LEAST_CROSS 100 /* rows of a category with others in the nest */

const char *const price_way_names[PRICE_WAYS] = {
    "naive", "poisson_without_age", "poisson", "log_log", "double_ml", "next_week",
};

/* Columns beside the price; NAN in one of them leaves the row out. */
enum { MOST_EXTRA = 10 };
typedef struct extra {
    int n;
    const double *at[MOST_EXTRA]; /* [rows] */
} extra;

/* Rows of a category (-1: all) that have every column, and units where logs are wanted. */
static elasticity_data rows_of(const columns *c, int32_t category, const extra *x, bool logs,
                               bool effects, scope *s) {
    const int32_t *code = columns_i32(c, "code"), *place = columns_i32(c, "place"),
                  *cell = columns_i32(c, "cell");
    const double *units = columns_real(c, "units"), *price = columns_real(c, "x");
    int64_t *row = take(&s->keep, int64_t, c->rows), n = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        bool fits = (category < 0 || code[i] == category) && (!logs || units[i] > 0);
        for (int k = 0; k < x->n; k++) fits = fits && !isnan(x->at[k][i]);
        if (fits) row[n++] = i;
    }
    double *y = take(&s->keep, double, n), *to = take(&s->keep, double, n * (x->n + 1));
    int32_t *article = take(&s->keep, int32_t, n), *week = take(&s->keep, int32_t, n);
    for (int64_t r = 0; r < n; r++) {
        int64_t i = row[r];
        y[r] = logs ? log(units[i]) : units[i];
        to[r] = price[i], article[r] = place[i], week[r] = cell[i];
        for (int k = 0; k < x->n; k++) to[(k + 1) * n + r] = x->at[k][i];
    }
    int32_t articles = price_panel_levels(place, c->rows);
    return (elasticity_data){.n = n, .k = 1 + x->n, .y = y, .x = to, .effects = effects ? 2 : 0,
                             .effect = {article, week},
                             .levels = {articles, price_panel_levels(cell, c->rows)},
                             .cluster = article, .clusters = articles};
}

/* Coefficient `k` of a fit. */
static price_check fit(const elasticity_data *d, bool poisson, int k, work *w, scope *s) {
    elasticity_fit f;
    err e = {0};
    elasticity_params p = ELASTICITY_DEFAULTS;
    p.poisson = poisson, p.tolerance = 1e-8;
    price_check out = {NAN, NAN, d->n, NULL};
    if (!elasticity_run(&f, d, p, w->threads, &s->keep, s->scratch, &e))
        out.refused = arena_text(&s->keep, "%s", e.text);
    else if (!(f.se_cluster[k] > 0) || !isfinite(f.se_cluster[k]))
        out.refused = "too few articles for an interval";
    else out.value = f.beta[k], out.se = f.se_cluster[k], out.n = f.n;
    return out;
}

/* Price of the same article a week later; NAN in its last week. */
static double *next_prices(const columns *c, arena *keep) {
    double *next = take(keep, double, c->rows);
    const int32_t *place = columns_i32(c, "place"), *week = columns_i32(c, "week");
    for (int64_t i = 0; i < c->rows; i++) {
        bool has = i + 1 < c->rows && place[i + 1] == place[i] && week[i + 1] == week[i] + 7;
        next[i] = has ? columns_real(c, "x")[i + 1] : NAN;
    }
    return next;
}

/* Mean ln price of the other articles of the nest in the week; NAN where there is none. */
static double *others_prices(const columns *c, arena *keep, arena scratch) {
    const int32_t *nest = columns_i32(c, "nest"),
                  *week = columns_i32(c, "week");
    const double *x = columns_real(c, "x");
    int32_t nests = price_panel_levels(nest, c->rows), first = INT32_MAX, last = INT32_MIN;
    for (int64_t i = 0; i < c->rows; i++) {
        if (week[i] < first) first = week[i];
        if (week[i] > last) last = week[i];
    }
    int64_t weeks = c->rows ? (last - first) / 7 + 1 : 0;
    double *sum = take(&scratch, double, nests * weeks), *n = take(&scratch, double, nests * weeks);
    double *out = take(keep, double, c->rows);
    for (int64_t i = 0; i < c->rows; i++) {
        int64_t at = nest[i] * weeks + (week[i] - first) / 7;
        sum[at] += x[i], n[at] += 1.0;
    }
    for (int64_t i = 0; i < c->rows; i++) {
        int64_t at = nest[i] * weeks + (week[i] - first) / 7;
        out[i] = n[at] > 1 ? (sum[at] - x[i]) / (n[at] - 1.0) : NAN;
    }
    return out;
}

/* ln age and its bends after 3, 8 and 20 weeks; bends[3][rows]. */
static void add_age(extra *x, const columns *c, bool bends, arena *keep) {
    static const double after[] = {3, 8, 20};
    const double *age = columns_real(c, "age");
    x->at[x->n++] = age;
    for (size_t b = 0; bends && b < sizeof after / sizeof after[0]; b++) {
        double *beyond = take(keep, double, c->rows);
        for (int64_t i = 0; i < c->rows; i++) beyond[i] = fmax(0.0, age[i] - log(after[b]));
        x->at[x->n++] = beyond;
    }
}

/* Stock where it was counted in at least half of the weeks; else those without would be lost. */
static void add_stock(extra *x, const columns *c) {
    int64_t counted = 0;
    for (int64_t i = 0; i < c->rows; i++) counted += !isnan(columns_real(c, "stock")[i]);
    if (counted > 0 && counted >= c->rows / 2) x->at[x->n++] = columns_real(c, "stock");
}

static price_check fit_double(const columns *c, const extra *x, work *w, scope *s) {
    double_ml m;
    err e = {0};
    price_check out = {NAN, NAN, 0, NULL};
    elasticity_data d = rows_of(c, -1, x, true, true, s);
    out.n = d.n;
    if (!double_ml_run(&m, &d, seed_for(w->seed, "price folds"), w->threads, s->scratch, &e))
        out.refused = arena_text(&s->keep, "%s", e.text);
    else out.value = m.value, out.se = m.se;
    return out;
}

/* Age where it tells: among articles of one age the week says it all. */
static price_check fit_poisson(const columns *c, work *w, scope *s) {
    elasticity_data d = price_panel_data(c, -1, true, s);
    return fit(&d, true, 0, w, s);
}

price_checks price_checks_run(const columns *c, work *w, scope *s) {
    price_checks out = {0};
    extra none = {0}, plain = {0}, bent = {0}, lead = {0};
    bool ages = price_panel_data(c, -1, false, s).k > 0;
    if (ages) add_age(&plain, c, false, &s->keep), add_age(&bent, c, true, &s->keep);
    if (ages) add_age(&lead, c, false, &s->keep);
    add_stock(&plain, c), add_stock(&bent, c);
    bent.at[bent.n++] = others_prices(c, &s->keep, s->scratch);
    lead.at[lead.n++] = next_prices(c, &s->keep);
    elasticity_data naive = rows_of(c, -1, &none, true, false, s),
                    no_age = rows_of(c, -1, &none, false, true, s),
                    next = rows_of(c, -1, &lead, false, true, s);
    out.way[PRICE_NAIVE] = fit(&naive, false, 0, w, s);
    out.way[PRICE_NO_AGE] = fit(&no_age, true, 0, w, s);
    out.way[PRICE_POISSON] = fit_poisson(c, w, s);
    out.way[PRICE_LEAD] = fit(&next, true, lead.n, w, s);
    out.way[PRICE_DOUBLE] = fit_double(c, &bent, w, s);
    plain.at[plain.n++] = bent.at[bent.n - 1]; /* the same rows */
    elasticity_data logs = rows_of(c, -1, &plain, true, true, s);
    out.way[PRICE_LOGS] = fit(&logs, false, 0, w, s);
    const price_check *a = &out.way[PRICE_LOGS], *b = &out.way[PRICE_DOUBLE],
                      *next_week = &out.way[PRICE_LEAD];
    out.leads = fabs(next_week->value) > 1.96 * next_week->se;
    out.disagrees = fabs(a->value - b->value) > 2.0 * hypot(a->se, b->se);
    return out;
}

void price_cross_run(price_cross *cross, int categories, const columns *c, work *w, scope *s) {
    extra x = {0};
    if (price_panel_data(c, -1, false, s).k > 0) add_age(&x, c, false, &s->keep);
    x.at[x.n++] = others_prices(c, &s->keep, s->scratch);
    double prior = 1.0 / (CROSS_SPREAD * CROSS_SPREAD);
    for (int k = 0; k < categories; k++) {
        elasticity_data d = rows_of(c, k, &x, false, true, s);
        price_check own = {NAN, NAN, d.n, NULL};
        if (d.n >= LEAST_CROSS) own = fit(&d, true, x.n, w, s);
        double data = own.se > 0 ? 1.0 / (own.se * own.se) : 0.0;
        cross[k] = (price_cross){
            .own = own.value, .own_se = own.se, .n = d.n, .se = sqrt(1.0 / (prior + data)),
            .value = (prior * CROSS_USUAL + (data > 0 ? data * own.value : 0.0)) / (prior + data)};
    }
}
