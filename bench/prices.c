/* prices: whether the intervals of categories hold the planted elasticities of demo shops.
 *
 * Usage: prices SHOP...: for each shop that atelier demo wrote, the panel of weeks and the fit of
 * step 09 on its sales as they are (not cleaned), then how many of the categories' 95 % intervals
 * hold what truth.json says, before and after they are drawn together. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/folder.h"
#include "models/interval.h"
#include "pipeline/insight.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "prices: %s\n", what);
    exit(1);
}

typedef struct tally {
    int64_t n, own, drawn;
    double error; /* sum of squares, drawn together */
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

static bool holds(double value, double se, double truth) {
    return fabs(value - truth) <= INTERVAL_Z95 * se;
}

static void judge(tally *t, const insight_prices *p, const js_node *truth) {
    const js_node *list = js_get(truth, "categories");
    for (int k = 0; k < p->n; k++)
        for (int64_t i = 0; i < js_count(list) && !p->category[k].refused; i++) {
            slice name;
            double planted;
            const insight_price *one = &p->category[k];
            if (!js_text(js_get(js_at(list, i), "name"), &name) ||
                slice_compare(name, one->category) != 0 ||
                !js_real(js_get(js_at(list, i), "elasticity"), &planted))
                continue;
            t->n++;
            t->own += holds(one->own, one->own_se, planted);
            t->drawn += holds(one->elasticity, one->se, planted);
            t->error += (one->elasticity - planted) * (one->elasticity - planted);
        }
}

int main(int argc, char **argv) {
    tally t = {0};
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
        judge(&t, &prices, truth);
        db_close(w.d);
        pool_close(w.threads);
        scope_close(&s);
    }
    must(t.n > 0, "no category with an interval");
    printf("{\"shops\": %d, \"categories\": %lld, \"own_held\": %.4f, \"drawn_held\": %.4f, "
           "\"rms_error\": %.4f}\n", argc - 1, (long long)t.n, (double)t.own / (double)t.n,
           (double)t.drawn / (double)t.n, sqrt(t.error / (double)t.n));
    return 0;
}
