/* insight_prices: price elasticities of all articles and by category, and whether they predict. */
#include <math.h>
#include <string.h>

#include "models/insight/elasticity.h"
#include "models/interval.h"
#include "pipeline/insight.h"
#include "pipeline/price_articles.h"

#define LEAST_ROWS     100 /* rows of a category with an estimate of its own */
#define LEAST_ARTICLES 5
#define FEW_ARTICLES   200 /* up to here sums by cluster are too small: one after the other out */

const char *const insight_price_names[PRICE_MODELS] = {
    "effects without price", "one elasticity", "elasticity by category"};

static int64_t count_articles(const elasticity_data *d, arena scratch) {
    uint8_t *seen = take(&scratch, uint8_t, d->clusters);
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        n += !seen[d->cluster[i]];
        seen[d->cluster[i]] = 1;
    }
    return n;
}

/* NULL, or why there is no fit: the sentence of the refusal lives in keep. */
static const char *try_fit(elasticity_fit *f, const elasticity_data *d, work *w, scope *s) {
    err e = {0};
    elasticity_params p = ELASTICITY_DEFAULTS;
    p.poisson = true, p.tolerance = 1e-8; /* four digits below the standard errors of a shop */
    p.jackknife = FEW_ARTICLES;
    int64_t articles = count_articles(d, s->scratch);
    if (d->n < LEAST_ROWS || articles < LEAST_ARTICLES)
        return arena_text(&s->keep, "only %lld weeks of %lld articles sold at three prices or more",
                          (long long)d->n, (long long)articles);
    if (elasticity_run(f, d, p, w->threads, &s->keep, s->scratch, &e)) {
        if (f->clusters <= FEW_ARTICLES) f->se_cluster[0] = f->se_jackknife[0];
        if (f->se_cluster[0] > 0 && isfinite(f->se_cluster[0])) return NULL;
        return "too few articles for an interval";
    }
    return arena_text(&s->keep, "%s", e.text);
}

static bool fit_rows(insight_prices *out, const columns *c, work *w, scope *s) {
    elasticity_fit f;
    elasticity_data all = price_panel_data(c, -1, true, s);
    *out = (insight_prices){.rows = all.n, .articles = count_articles(&all, s->scratch)};
    out->refused = try_fit(&f, &all, w, s);
    out->n = price_panel_levels(columns_i32(c, "code"), c->rows);
    out->category = take(&s->keep, insight_price, out->n);
    if (!out->refused) out->elasticity = f.beta[0], out->se = f.se_cluster[0];
    double *own = take(&s->keep, double, out->n), *se = take(&s->keep, double, out->n);
    for (int k = 0; k < out->n; k++) {
        insight_price *one = &out->category[k];
        elasticity_data d = price_panel_data(c, k, true, s);
        for (int64_t i = 0; i < c->rows && !one->category.p; i++)
            if (columns_i32(c, "code")[i] == k) one->category = columns_text(c, "category")[i];
        one->rows = d.n, one->articles = count_articles(&d, s->scratch);
        one->refused = out->refused ? out->refused : try_fit(&f, &d, w, s);
        own[k] = one->own = one->refused ? NAN : f.beta[0];
        se[k] = one->own_se = one->refused ? NAN : f.se_cluster[0];
    }
    if (elasticity_shrink(out->n, own, se, own, se).used == 0) return true;
    for (int k = 0; k < out->n; k++)
        out->category[k].elasticity = own[k], out->category[k].se = se[k];
    return true;
}

bool insight_prices_fit(insight_prices *out, work *w, int32_t until, scope *s, err *e) {
    columns c;
    return price_panel_read(&c, w, until, w->days.first - 7, until, &s->keep, e) &&
           fit_rows(out, &c, w, s);
}

/* ---- does it predict? ---- */

/* Rows of the past of the same articles, and of the time after it. */
typedef struct split {
    columns past, next;
} split;

/* Expected units of one model: exp(beta x + gamma age + article effect), times one factor a cell
 * (category and week) that makes its sum right: the level of the week is not what is tested. */
static void expect(double *mu, const columns *c, const double *beta_of, double age,
                   const double *effect, arena scratch) {
    const int32_t *cell = columns_i32(c, "cell"), *place = columns_i32(c, "place"),
                  *code = columns_i32(c, "code");
    int32_t cells = price_panel_levels(cell, c->rows);
    double *sold = take(&scratch, double, cells), *total = take(&scratch, double, cells);
    for (int64_t i = 0; i < c->rows; i++) {
        mu[i] = exp(beta_of[code[i]] * columns_real(c, "x")[i] +
                    age * columns_real(c, "age")[i] + effect[place[i]]);
        sold[cell[i]] += columns_real(c, "units")[i];
        total[cell[i]] += mu[i];
    }
    for (int64_t i = 0; i < c->rows; i++)
        mu[i] = total[cell[i]] > 0 ? mu[i] * sold[cell[i]] / total[cell[i]] : 0.0;
}

/* Article effects given beta: what makes expected units of the past right, weeks included. */
static bool effects_given(double **effect, double *age, const columns *past, const double *beta_of,
                          work *w, scope *s) {
    elasticity_fit f;
    err ignored = {0};
    elasticity_params p = ELASTICITY_DEFAULTS;
    elasticity_data d = price_panel_data(past, -1, false, s);
    p.poisson = true, p.tolerance = 1e-8;
    double *offset = take(&s->keep, double, d.n);
    d.offset = offset;
    for (int64_t i = 0; i < d.n; i++)
        offset[i] = beta_of[columns_i32(past, "code")[i]] * columns_real(past, "x")[i];
    if (!elasticity_run(&f, &d, p, w->threads, &s->keep, s->scratch, &ignored)) return false;
    *effect = f.value[0];
    *age = d.k ? f.beta[0] : 0.0;
    return true;
}

static void add_errors(insight_price_score *out, const split *t, const double *const *mu) {
    const int32_t *place = columns_i32(&t->next, "place");
    for (int64_t i = 0; i < t->next.rows; i++) {
        double y = columns_real(&t->next, "units")[i];
        bool fits = true; /* articles that never sold in the past have no effect: left out */
        for (int m = 0; m < PRICE_MODELS; m++) fits &= mu[m][i] > 0;
        if (!fits) continue;
        out->rows[place[i]] += 1.0;
        for (int m = 0; m < PRICE_MODELS; m++)
            out->error[m][place[i]] +=
                2.0 * ((y > 0 ? y * log(y / mu[m][i]) : 0.0) - (y - mu[m][i]));
    }
}

static bool read_split(split *t, work *w, int32_t from, int32_t to, scope *s, err *e) {
    return price_panel_read(&t->next, w, from, from, to, &s->keep, e) &&
           price_panel_read(&t->past, w, from, w->days.first - 7, to, &s->keep, e);
}

/* Keeps the rows of weeks that end by `until`; the query is in order of article, not of time. */
static columns weeks_until(const columns *c, int32_t until, arena *keep) {
    columns r = *c;
    int64_t n = 0;
    const int32_t *week = columns_i32(c, "week");
    r.at = take_copy(keep, column, c->at, c->n);
    for (int k = 0; k < c->n; k++)
        r.at[k].data = arena_copy(keep, c->at[k].data, column_width(c->at[k].type),
                                  (size_t)c->rows);
    for (int64_t i = 0; i < c->rows; i++) {
        if (week[i] + 7 > until) continue;
        for (int k = 0; k < c->n; k++) {
            size_t width = column_width(c->at[k].type);
            memcpy((char *)r.at[k].data + (size_t)n * width,
                   (char *)c->at[k].data + (size_t)i * width, width);
        }
        n++;
    }
    r.rows = n;
    return r;
}

bool insight_prices_score(insight_price_score *out, work *w, int32_t from, int32_t to, scope *s,
                          err *e) {
    split t;
    insight_prices fit;
    *out = (insight_price_score){0};
    if (!read_split(&t, w, from, to, s, e)) return false;
    t.past = weeks_until(&t.past, from, &s->keep);
    fit_rows(&fit, &t.past, w, s);
    out->refused = fit.refused ? fit.refused : t.next.rows == 0 ? "no whole week to test on" : NULL;
    if (out->refused) return true;
    /* numbers of articles, categories and cells are those of the whole time in both queries */
    int n = price_panel_levels(columns_i32(&t.next, "code"), t.next.rows);
    if (n < fit.n) n = fit.n;
    double *beta[PRICE_MODELS], *mu[PRICE_MODELS];
    for (int m = 0; m < PRICE_MODELS; m++) {
        double *effect, age;
        beta[m] = take(&s->keep, double, n);
        mu[m] = take(&s->keep, double, t.next.rows);
        for (int k = 0; k < n; k++)
            beta[m][k] = m == PRICE_NONE                       ? 0.0
                         : m == PRICE_CATEGORY && k < fit.n ? fit.category[k].elasticity
                                                            : fit.elasticity;
        if (!effects_given(&effect, &age, &t.past, beta[m], w, s)) {
            out->refused = "the effects of the articles did not settle";
            return true;
        }
        expect(mu[m], &t.next, beta[m], age, effect, s->scratch);
    }
    out->n = price_panel_levels(columns_i32(&t.past, "place"), t.past.rows);
    int32_t others = price_panel_levels(columns_i32(&t.next, "place"), t.next.rows);
    if (others > out->n) out->n = others;
    out->rows = take(&s->keep, double, out->n);
    for (int m = 0; m < PRICE_MODELS; m++) out->error[m] = take(&s->keep, double, out->n);
    add_errors(out, &t, (const double *const *)mu);
    return true;
}

/* ---- elasticity.json ---- */

static void put_interval(js *j, double value, double se) {
    js_put_real(j, "elasticity", value);
    js_put_real(j, "low", value - INTERVAL_Z95 * se);
    js_put_real(j, "high", value + INTERVAL_Z95 * se);
}

bool insight_prices_write(work *w, folder *f, insight_prices *out, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    columns c;
    if (!price_panel_read(&c, w, w->days.end, w->days.first - 7, w->days.end, &s->keep, e) ||
        !fit_rows(out, &c, w, s) || !price_articles_write(w, f, out, &c, s, e))
        return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.elasticity/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_word(j, "definition",
                "Change in weekly units for one per cent of price, from articles sold at three "
                "prices or more in eight weeks or more (at most 4,000 articles): Poisson "
                "regression with effects of article and of category and week, and the age of "
                "the article; categories are shrunk toward their common mean; 95 % intervals by "
                "article clusters, of up to 200 articles by leaving out one after the other.");
    js_object(j, "all");
    put_interval(j, out->refused ? NAN : out->elasticity, out->se);
    js_put_int(j, "n", out->rows);
    js_put_int(j, "articles", out->articles);
    js_put_word(j, "refused", out->refused);
    js_end(j);
    js_array(j, "categories");
    for (int k = 0; k < out->n; k++) {
        const insight_price *one = &out->category[k];
        js_object(j, NULL);
        js_put_text(j, "category", one->category);
        put_interval(j, one->refused ? NAN : one->elasticity, one->se);
        js_put_real(j, "own", one->own);
        js_put_int(j, "n", one->rows);
        js_put_int(j, "articles", one->articles);
        js_put_word(j, "refused", one->refused);
        js_end(j);
    }
    js_end(j);
    js_end(j);
    return folder_write(f, "elasticity.json", text_slice(&j->out), e);
}
