/* prices: whether the intervals of categories hold the elasticities of demo shops.
 *
 * Usage: prices SHOP...: for each shop that atelier demo wrote, the panel of weeks and the fit of
 * step 09 on its sales as they are (not cleaned), then how many of the categories' 95 % intervals
 * hold what truth.json says: the elasticity in effect, and that of the tables alone. Beside the two
 * answers of step 09 (own, and drawn together) the same panel by sums of scores instead of leaving
 * out, by logarithms and by double ML. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/folder.h"
#include "models/insight/double_ml.h"
#include "models/interval.h"
#include "pipeline/insight.h"
#include "pipeline/price_panel.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "prices: %s\n", what);
    exit(1);
}

enum { OWN, DRAWN, SUMS, LOGS, DOUBLE_ML, WAYS };
static const char *const ways[WAYS] = {"own", "drawn", "sums_of_scores", "logarithms",
                                       "double_ml"};
enum { IN_EFFECT, PLANTED, TRUTHS };
static const char *const truths[TRUTHS] = {"elasticity_in_effect", "elasticity"};

typedef struct answer {
    double value, se; /* NAN, NAN where there is none */
} answer;

typedef struct tally {
    int64_t n, held;
    double off, square, scaled; /* sums of the error, its square, its square over se² */
} tally;

static void read_sales(db *d, const char *shop, err *e) {
    must(db_runf(d, e,
                 "CREATE OR REPLACE MACRO rows_of(file) AS TABLE SELECT * FROM read_csv(file, "
                 "all_varchar = true, header = true, delim = ',', ignore_errors = true);"
                 "CREATE OR REPLACE TABLE b_articles AS SELECT CAST(row_number() OVER (ORDER BY "
                 "article_id) - 1 AS INTEGER) AS article, article_id, max(product_group_name) AS "
                 "category, max(product_type_name) AS type FROM rows_of('%s/articles.csv') "
                 "GROUP BY article_id;"
                 "CREATE OR REPLACE TABLE sold AS SELECT article_id AS series, CAST(date_trunc("
                 "'week', TRY_CAST(t_dat AS DATE)) AS DATE) AS week, count(*) AS units, "
                 "avg(TRY_CAST(price AS DOUBLE)) AS avg_price FROM "
                 "rows_of('%s/transactions_train.csv') WHERE "
                 "TRY_CAST(price AS DOUBLE) BETWEEN 0.01 AND 1e6 AND "
                 "TRY_CAST(t_dat AS DATE) BETWEEN DATE '2023-10-02' AND DATE '2025-09-28' "
                 "GROUP BY ALL;"
                 "CREATE OR REPLACE TABLE weekly_sales AS SELECT 'article' AS level, l.series, "
                 "CAST(l.week AS DATE) AS week, coalesce(s.units, 0) AS units, s.avg_price FROM "
                 "(SELECT series, unnest(generate_series(min(week), max(week), INTERVAL 7 DAY)) "
                 "AS week FROM sold GROUP BY series) l LEFT JOIN sold s ON s.series = l.series "
                 "AND s.week = CAST(l.week AS DATE);"
                 "CREATE OR REPLACE TABLE stock(day DATE, article INTEGER, on_hand INTEGER)",
                 shop, shop), e->text);
}

/* Rows with units, as logarithms. */
static elasticity_data logs_of(const elasticity_data *d, arena *keep) {
    elasticity_data r = *d;
    double *y = take(keep, double, d->n), *x = take(keep, double, d->n * d->k);
    int32_t *article = take(keep, int32_t, d->n), *cell = take(keep, int32_t, d->n);
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++) n += d->y[i] > 0;
    r.n = n, n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (!(d->y[i] > 0)) continue;
        for (int c = 0; c < d->k; c++) x[c * r.n + n] = d->x[c * d->n + i];
        y[n] = log(d->y[i]), article[n] = d->effect[0][i], cell[n++] = d->effect[1][i];
    }
    r.y = y, r.x = x, r.effect[0] = article, r.effect[1] = cell, r.cluster = article;
    return r;
}

static void other_ways(answer *a, const columns *c, int32_t category, work *w, scope *s) {
    err e = {0};
    elasticity_fit f;
    double_ml m;
    elasticity_params p = ELASTICITY_DEFAULTS;
    elasticity_data d = price_panel_data(c, category, true, s), logs = logs_of(&d, &s->keep);
    p.poisson = true, p.tolerance = 1e-8;
    for (int way = SUMS; way < WAYS; way++) a[way] = (answer){NAN, NAN};
    if (elasticity_run(&f, &d, p, w->threads, &s->keep, s->scratch, &e))
        a[SUMS] = (answer){f.beta[0], f.se_cluster[0]};
    p.poisson = false, p.jackknife = 200;
    if (elasticity_run(&f, &logs, p, w->threads, &s->keep, s->scratch, &e))
        a[LOGS] = (answer){f.beta[0], f.se_jackknife[0]};
    if (double_ml_run(&m, &logs, 1, w->threads, s->scratch, &e))
        a[DOUBLE_ML] = (answer){m.value, m.se};
}

static void judge(tally (*t)[WAYS], const insight_prices *p, const columns *c, work *w,
                  const js_node *truth, scope *s) {
    const js_node *list = js_get(truth, "categories");
    for (int k = 0; k < p->n; k++) {
        const insight_price *one = &p->category[k];
        answer a[WAYS] = {{one->own, one->own_se}, {one->elasticity, one->se}};
        if (one->refused) continue;
        other_ways(a, c, k, w, s);
        for (int64_t i = 0; i < js_count(list); i++) {
            slice name;
            double planted;
            if (!js_text(js_get(js_at(list, i), "name"), &name) ||
                slice_compare(name, one->category) != 0)
                continue;
            for (int u = 0; u < TRUTHS; u++)
                for (int way = 0; way < WAYS; way++) {
                    must(js_real(js_get(js_at(list, i), truths[u]), &planted), truths[u]);
                    double off = a[way].value - planted, se = a[way].se;
                    if (!isfinite(off) || !(se > 0)) continue;
                    tally *to = &t[u][way];
                    to->n++, to->held += fabs(off) <= INTERVAL_Z95 * se;
                    to->off += off, to->square += off * off, to->scaled += off * off / (se * se);
                }
        }
    }
}

static void say(const tally (*t)[WAYS]) {
    for (int u = 0; u < TRUTHS; u++)
        for (int way = 0; way < WAYS; way++) {
            const tally *of = &t[u][way];
            double n = (double)of->n, mean = of->off / n;
            printf("{\"against\": \"%s\", \"way\": \"%s\", \"categories\": %lld, "
                   "\"held\": %.4f, \"mean_error\": %.4f, \"rms_error\": %.4f, "
                   "\"rms_over_se\": %.3f}\n", truths[u], ways[way], (long long)of->n,
                   (double)of->held / n, mean, sqrt(of->square / n), sqrt(of->scaled / n));
        }
}

int main(int argc, char **argv) {
    tally t[TRUTHS][WAYS] = {{{0}}};
    for (int i = 1; i < argc; i++) {
        scope s;
        err e = {0};
        slice bytes;
        insight_prices prices;
        work w = {.seed = 1, .n_threads = 2};
        must(scope_open(&s, (size_t)2 << 30, (size_t)1 << 30, &e), e.text);
        must(db_open(&w.d, (db_params){2, 2048, "build/bench/spill"}, &e), e.text);
        must((w.threads = pool_open(2, 64 << 20, &e)) != NULL, e.text);
        const char *file = arena_text(&s.keep, "%s/truth.json", argv[i]);
        must(file_read(file, &s, (size_t)64 << 20, &bytes, &e), e.text);
        const js_node *truth = js_parse(&s, bytes, &e);
        must(truth != NULL, e.text);
        read_sales(w.d, argv[i], &e);
        w.days = (windows){.first = day_of(2023, 10, 2), .end = day_of(2025, 9, 29)};
        must(insight_prices_fit(&prices, &w, w.days.end, &s, &e), e.text);
        columns panel;
        must(price_panel_read(&panel, &w, w.days.end, w.days.first - 7, w.days.end, &s.keep, &e),
             e.text);
        judge(t, &prices, &panel, &w, truth, &s);
        db_close(w.d);
        pool_close(w.threads);
        scope_close(&s);
    }
    must(t[0][OWN].n > 0, "no category with an interval");
    say(t);
    return 0;
}
