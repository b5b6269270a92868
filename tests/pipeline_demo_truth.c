/* demo truths: what truth.json says is found again in the raw files of the demo shop. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "data/db.h"
#include "data/folder.h"
#include "data/gz.h"
#include "models/insight/elasticity.h"
#include "pipeline/demo.h"

/* ---- the shop as a stranger reads it: lines, then only the rows that hold together ---- */

enum { ARTICLES, CUSTOMERS, TRANSACTIONS, REVIEWS, EVENTS, STOCK };
static const char *const files[6] = {"articles.csv", "customers.csv", "transactions_train.csv",
                                     "reviews.csv",  "events.csv.gz", "stock.csv"};
static const int fields_of[6] = {28, 7, 5, 10, 9, 5};

typedef struct seen_shop {
    scope s;
    char dir[600];
    slice bytes[6];
    db *d;
    const js_node *truth;
} seen_shop;

static slice inflate(scope *s, slice packed) {
    err e = {0};
    text *out = take(&s->keep, text, 1);
    char *room = take(&s->keep, char, 1 << 16);
    gz_reader *g = gz_open(s, &e);
    check(g != NULL);
    text_open(out, s);
    for (size_t n = 1; packed.n > 0 || n > 0;) {
        check_ok(gz_read(g, &packed, room, 1 << 16, &n, &e), &e);
        text_add(out, (slice){room, n});
        if (packed.n == 0 && n == 0) break;
    }
    return text_slice(out);
}

static bool next_line(slice *rest, slice *line) {
    if (rest->n == 0) return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = (slice){rest->p, n};
    rest->p += end ? n + 1 : n;
    rest->n -= end ? n + 1 : n;
    return true;
}

/* Fields of one line; -1 when its quotes do not hold together. */
static int count_fields(slice line) {
    int n = 1;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == ',') n++;
        if (line.p[i] != '"') continue;
        if (i > 0 && line.p[i - 1] != ',') return -1;
        for (i++; i < line.n; i++) {
            if (line.p[i] != '"') continue;
            if (i + 1 < line.n && line.p[i + 1] == '"') i++;
            else break;
        }
        if (i >= line.n || (i + 1 < line.n && line.p[i + 1] != ',')) return -1;
    }
    return n;
}

/* Writes the rows that hold together to build/, and reads them as text into a table. */
static void load(seen_shop *shop, int file, const char *table) {
    err e = {0};
    text kept = {0};
    char path[700];
    slice rest = shop->bytes[file], line;
    while (next_line(&rest, &line)) {
        if (line.n == 0 || count_fields(line) != fields_of[file]) continue;
        if (slice_utf8_prefix(line) != line.n) continue;
        text_add(&kept, line);
        text_add_char(&kept, '\n');
    }
    snprintf(path, sizeof path, "build/tests-tmp/demo-truth/%s.csv", table);
    check_ok(file_replace(path, text_slice(&kept), &e), &e);
    text_free(&kept);
    check_ok(db_runf(shop->d, &e,
                     "CREATE TABLE %s AS SELECT * FROM read_csv('%s', header = true, "
                     "all_varchar = true, delim = ',', quote = '\"', escape = '\"')",
                     table, path),
             &e);
}

static const char clean_sql[] =
    "CREATE TABLE articles AS SELECT DISTINCT article_id, product_group_name AS category, "
    "  index_group_name AS grp, price::DOUBLE AS list, launch_date::DATE AS launch "
    "  FROM a WHERE article_id <> '' AND TRY_CAST(price AS DOUBLE) > 0 "
    "  AND TRY_CAST(launch_date AS DATE) IS NOT NULL;"
    "CREATE TABLE customers AS SELECT DISTINCT * FROM c WHERE customer_id <> '' "
    "  AND (age IS NULL OR TRY_CAST(age AS INTEGER) BETWEEN 10 AND 100);"
    "CREATE TABLE sales AS SELECT t_dat::DATE AS day, customer_id, article_id, "
    "  price::DOUBLE AS price, sales_channel_id AS channel, "
    "  date_diff('day', DATE '2023-10-02', t_dat::DATE) // 7 AS week FROM t "
    "  WHERE TRY_CAST(t_dat AS DATE) <= DATE '2025-09-28' AND length(customer_id) = 64 "
    "  AND article_id <> '0999999999' AND TRY_CAST(price AS DOUBLE) BETWEEN 0 AND 1e6;"
    "CREATE TABLE reviews AS SELECT *, rating::INTEGER AS stars FROM r WHERE "
    "  TRY_CAST(rating AS INTEGER) BETWEEN 1 AND 5 AND TRY_CAST(date AS DATE) IS NOT NULL "
    "  AND article_id <> '0999999999';"
    "CREATE TABLE events AS SELECT *, time::TIMESTAMP AS at FROM v WHERE user_id <> '' "
    "  AND TRY_CAST(time AS TIMESTAMP) IS NOT NULL AND event NOT IN ('', 'hologram_wave') "
    "  AND coalesce(article_id, '') <> '0999999999' "
    "  AND (price IS NULL OR TRY_CAST(price AS DOUBLE) IS NOT NULL);"
    "CREATE TABLE stock AS SELECT time::DATE AS day, article_id, on_hand::INTEGER AS on_hand, "
    "  on_order::INTEGER AS on_order FROM s WHERE TRY_CAST(on_hand AS INTEGER) IS NOT NULL "
    "  AND TRY_CAST(time AS DATE) IS NOT NULL AND article_id <> '0999999999';"
    "CREATE TABLE sold AS SELECT s.*, a.category, a.list, a.grp FROM sales s "
    "  JOIN articles a USING (article_id);";

/* The small shop of seed 1, made and read once; it lives until the tests end. */
static seen_shop *see(void) {
    static seen_shop shop;
    static bool done;
    err e = {0};
    if (done) return &shop;
    demo_made made;
    slice bytes;
    char path[700];
    snprintf(shop.dir, sizeof shop.dir, "%s/shop", check_folder("demo-truth"));
    demo_params p = {demo_size_find("small"), 1, false};
    check_ok(demo_make(shop.dir, p, NULL, &made, &e), &e);
    check_ok(scope_open(&shop.s, 256 << 20, 64 << 20, &e), &e);
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s", shop.dir, files[i]);
        check_ok(file_read(path, &shop.s, 64 << 20, &shop.bytes[i], &e), &e);
    }
    shop.bytes[EVENTS] = inflate(&shop.s, shop.bytes[EVENTS]);
    snprintf(path, sizeof path, "%s/truth.json", shop.dir);
    check_ok(file_read(path, &shop.s, 8 << 20, &bytes, &e), &e);
    check((shop.truth = js_parse(&shop.s, bytes, &e)) != NULL);
    check_ok(db_open(&shop.d, (db_params){2, 1024, "build/tests-tmp/demo-spill"}, &e), &e);
    scope_defer(&shop.s, db_close, shop.d);
    static const char *const tables[6] = {"a", "c", "t", "r", "v", "s"};
    for (int i = 0; i < 6; i++) load(&shop, i, tables[i]);
    check_ok(db_run(shop.d, slice_of(clean_sql), &e), &e);
    done = true;
    return &shop;
}

static int64_t count(seen_shop *shop, const char *sql) {
    int64_t n;
    err e = {0};
    check_ok(db_count(shop->d, &n, &e, "%s", sql), &e);
    return n;
}

__attribute__((unused)) static double real(seen_shop *shop, const char *sql) {
    columns c;
    err e = {0};
    check_ok(db_query(shop->d, &shop->s.keep, &c, &e, "SELECT (%s)::DOUBLE AS x", sql), &e);
    return columns_real(&c, "x")[0];
}

static double truth_real(const js_node *n, const char *key) {
    double x = NAN;
    check(js_real(js_get(n, key), &x));
    return x;
}

static int64_t truth_int(const js_node *n, const char *key) {
    int64_t x = -1;
    check(js_int(js_get(n, key), &x));
    return x;
}

/* ---- rows that are wrong on purpose ---- */

CHECK(demo_counts_its_clean_rows_to_the_row) {
    static const char *const tables[6] = {"articles", "customers", "sales",
                                          "reviews",  "events",    "stock"};
    seen_shop *shop = see();
    for (int i = 0; i < 6; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        const js_node *f = js_get(js_get(shop->truth, "files"), files[i]);
        check(count(shop, sql) == truth_int(f, "clean"));
        check(truth_int(f, "rows") == truth_int(f, "clean") + truth_int(f, "dirty"));
    }
}

/* How a kind shows in a raw line; 0 fields = any number. */
static const struct {
    int file;
    const char *kind, *has;
    int fields;
} marks[] = {
    {TRANSACTIONS, "impossible date", "2024-02-30,", 0},
    {TRANSACTIONS, "future date", "2099-12-31,", 0},
    {TRANSACTIONS, "unknown article", ",0999999999,", 0},
    {TRANSACTIONS, "negative price", ",-19.99,", 0},
    {TRANSACTIONS, "price overflows", ",1e999,", 0},
    {TRANSACTIONS, "decimal comma", "\"19,99\"", 0},
    {TRANSACTIONS, "short row", "", 3},
    {TRANSACTIONS, "long row", ",extra", 6},
    {TRANSACTIONS, "text after a closing quote", "\"word\"after", -1},
    {TRANSACTIONS, "invalid UTF-8", "\xFF\xFE", 0},
    {EVENTS, "unknown event", ",hologram_wave,", 0},
    {EVENTS, "impossible time", " 25:61:00,", 0},
    {EVENTS, "short row", "", 4},
    {EVENTS, "long row", ",extra", 10},
    {REVIEWS, "rating is a word", ",great,", 10},
    {CUSTOMERS, "age is a word", ",forty,", 0},
    {STOCK, "on hand is a word", ",many,", 0},
};

static int64_t marked(seen_shop *shop, int i) {
    int64_t n = 0;
    slice rest = shop->bytes[marks[i].file], line;
    while (next_line(&rest, &line)) {
        bool has = memmem(line.p, line.n, marks[i].has, strlen(marks[i].has)) != NULL;
        n += line.n > 0 && has && (marks[i].fields == 0 || count_fields(line) == marks[i].fields);
    }
    return n;
}

static int64_t kind_rows(const js_node *kinds, const char *kind) {
    for (int64_t i = 0; i < js_count(kinds); i++) {
        slice name;
        check(js_text(js_get(js_at(kinds, i), "kind"), &name));
        if (slice_is(name, kind)) return truth_int(js_at(kinds, i), "rows");
    }
    return -1;
}

CHECK(demo_counts_its_wrong_rows_by_kind) {
    seen_shop *shop = see();
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const js_node *f = js_get(js_get(shop->truth, "files"), files[marks[i].file]);
        check(marked(shop, (int)i) == kind_rows(js_get(f, "kinds"), marks[i].kind));
    }
    for (int i = 0; i < 6; i++) {
        int64_t blank = 0, dirty = 0;
        slice rest = shop->bytes[i], line;
        const js_node *f = js_get(js_get(shop->truth, "files"), files[i]);
        const js_node *kinds = js_get(f, "kinds");
        while (next_line(&rest, &line)) blank += line.n == 0;
        check(blank == kind_rows(kinds, "blank line"));
        for (int64_t k = 0; k < js_count(kinds); k++) dirty += truth_int(js_at(kinds, k), "rows");
        check(dirty == truth_int(f, "dirty"));
    }
    const js_node *sales = js_get(js_get(shop->truth, "files"), files[TRANSACTIONS]);
    double share = (double)truth_int(sales, "dirty") / (double)truth_int(sales, "rows");
    check_near(share, 0.005, 0.0008); /* three standard errors of 84,000 draws at 0.5 % */
}

/* ---- demand ---- */

/* Poisson regression with article and week effects of units on log price, zeros kept: unlike log
 * units it needs no sale in every week. One category at a time. */
typedef struct panel {
    int64_t n;
    const int32_t *article, *week;
    const double *units, *log_price;
    int32_t articles;
} panel;

static double fit_poisson(const panel *p, arena scratch, double *se) {
    double *a = take(&scratch, double, p->articles), *w = take(&scratch, double, 104);
    double *ya = take(&scratch, double, p->articles), *yw = take(&scratch, double, 104);
    double *mu = take(&scratch, double, p->n), beta = 0;
    for (int64_t i = 0; i < p->n; i++) ya[p->article[i]] += p->units[i], yw[p->week[i]] += p->units[i];
    for (int32_t i = 0; i < p->articles; i++) a[i] = 1;
    for (int i = 0; i < 104; i++) w[i] = 1;
    for (int round = 0; round < 400; round++) {
        double sum[104] = {0}, step = 0, curve = 0;
        double *of = take(&scratch, double, p->articles);
        for (int64_t i = 0; i < p->n; i++) {
            mu[i] = exp(beta * p->log_price[i]);
            of[p->article[i]] += mu[i] * w[p->week[i]];
        }
        for (int32_t i = 0; i < p->articles; i++) a[i] = of[i] > 0 ? ya[i] / of[i] : 0;
        for (int64_t i = 0; i < p->n; i++) sum[p->week[i]] += mu[i] * a[p->article[i]];
        for (int i = 0; i < 104; i++) w[i] = sum[i] > 0 ? yw[i] / sum[i] : 0;
        /* Newton step with log prices centred within articles, an upper bound of the curvature */
        double *m = of, *x = take(&scratch, double, p->articles);
        memset(m, 0, sizeof *m * (size_t)p->articles);
        for (int64_t i = 0; i < p->n; i++) {
            mu[i] *= a[p->article[i]] * w[p->week[i]];
            m[p->article[i]] += mu[i];
            x[p->article[i]] += mu[i] * p->log_price[i];
        }
        for (int64_t i = 0; i < p->n; i++) {
            double c = p->log_price[i] - (m[p->article[i]] > 0 ? x[p->article[i]] / m[p->article[i]] : 0);
            step += (p->units[i] - mu[i]) * c;
            curve += mu[i] * c * c;
        }
        beta += step / curve;
        *se = 1 / sqrt(curve);
        if (fabs(step / curve) < 1e-7) break;
    }
    return beta;
}

CHECK(demo_elasticities_come_back) {
    seen_shop *shop = see();
    err e = {0};
    const js_node *cats = js_get(shop->truth, "categories");
    double tot[4] = {0}, prec[4] = {0}, tot2[4] = {0}, prec2[4] = {0};
    pool *pl = pool_open(1, 64 << 20, &e);
    check_ok(db_runf(shop->d, &e,
       "CREATE TABLE u AS WITH span AS (SELECT article_id, category, min(week) AS f, max(week) AS l, any_value(list) list FROM sold GROUP BY ALL), "
       "weeks AS (SELECT s.*, w.w AS week FROM span s, range(104) w(w) WHERE w.w >= s.f AND w.w <= s.l), "
       "price AS (SELECT article_id, week, avg(price) p, count(*) u FROM sold GROUP BY ALL) "
       "SELECT w.category, w.article_id, w.week, coalesce(p.u, 0) u, p.p / w.list r, w.week - w.f AS age, w.l - w.week AS left_ FROM weeks w LEFT JOIN price p USING (article_id, week)"), &e);
    for (int64_t i = 0; i < js_count(cats); i++) {
        slice name;
        js_text(js_get(js_at(cats, i), "name"), &name);
        double el = truth_real(js_at(cats, i), "elasticity");
        fprintf(stderr, "%-20.*s planted %.2f ", (int)name.n, name.p, el);
        for (int v = 0; v < 4; v++) {
            columns c;
            static const double least[] = {0, 3, 6, 10};
            check_ok(db_query(shop->d, &shop->s.keep, &c, &e,
                 "SELECT (dense_rank() OVER (ORDER BY article_id) - 1)::INTEGER AS article, week::INTEGER AS week, u::DOUBLE AS units, ln(r) AS x, ln(u) as y "
                 "FROM (SELECT *, avg(u) OVER (PARTITION BY article_id) AS m FROM u) WHERE category = '%.*s' AND r IS NOT NULL AND m >= %g ORDER BY article_id, week", (int)name.n, name.p, least[v]), &e);
            panel p = {c.rows, columns_i32(&c, "article"), columns_i32(&c, "week"), columns_real(&c, "units"), columns_real(&c, "x"), 0};
            p.articles = c.rows ? p.article[c.rows - 1] + 1 : 0;
            double se, b = fit_poisson(&p, shop->s.scratch, &se);
            elasticity_data d = {.n = c.rows, .k = 1, .y = columns_real(&c, "y"), .x = columns_real(&c, "x"), .effects = 2, .effect = {p.article, p.week}, .levels = {p.articles, 104}};
            elasticity_fit f; err e2 = {0};
            if (!elasticity_run(&f, &d, ELASTICITY_DEFAULTS, pl, &shop->s.keep, shop->s.scratch, &e2)) { f.beta[0] = NAN; f.se[0] = NAN; }
            fprintf(stderr, "| %4ld %.2f (%.2f) ols %.2f (%.2f) ", (long)c.rows, b, se, f.beta[0], f.se[0]);
            tot[v] += (b - el) / se / se; prec[v] += 1 / se / se;
            tot2[v] += (f.beta[0] - el) / f.se[0] / f.se[0]; prec2[v] += 1 / f.se[0] / f.se[0];
        }
        fprintf(stderr, "\n");
    }
    for (int v = 0; v < 4; v++) fprintf(stderr, "bias ppml %.3f ols %.3f\n", tot[v] / prec[v], tot2[v] / prec2[v]);
    check(0);
}
