/* demo_shop: the small demo shop of seed 1 as a stranger reads it. */
#include "demo_shop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "data/folder.h"
#include "data/gz.h"
#include "pipeline/demo.h"

const char *const demo_shop_files[6] = {"articles.csv", "customers.csv", "transactions_train.csv",
                                     "reviews.csv",  "events.csv.gz", "stock.csv"};
static const int fields_of[6] = {28, 7, 5, 10, 9, 6};

/* The reader goes at once: s may live as long as the process. */
static slice inflate(scope *s, slice packed) {
    err e = {0};
    scope inner;
    check_ok(scope_open(&inner, 1 << 20, 0, &e), &e);
    text *out = take(&s->keep, text, 1);
    char *room = take(&inner.keep, char, 1 << 16);
    gz_reader *g = gz_open(&inner, &e);
    check(g != NULL);
    text_open(out, s);
    for (size_t n = 1; packed.n > 0 || n > 0;) {
        check_ok(gz_read(g, &packed, room, 1 << 16, &n, &e), &e);
        text_add(out, (slice){room, n});
        if (packed.n == 0 && n == 0) break;
    }
    scope_close(&inner);
    return text_slice(out);
}

bool demo_shop_line(slice *rest, slice *line) {
    if (rest->n == 0) return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = (slice){rest->p, n};
    rest->p += end ? n + 1 : n;
    rest->n -= end ? n + 1 : n;
    return true;
}

/* Fields of one line; -1 when its quotes do not hold together. */
int demo_shop_fields(slice line) {
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

static const char *const tables[6] = {"a", "c", "t", "r", "v", "s"};

static void read_bytes(scope *s, const char *dir, slice *bytes) {
    err e = {0};
    char path[700];
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, demo_shop_files[i]);
        check_ok(file_read(path, s, 64 << 20, &bytes[i], &e), &e);
    }
    bytes[EVENTS] = inflate(s, bytes[EVENTS]);
}

/* Writes the rows of a file that hold together. */
static void sift(slice rest, int file, const char *path) {
    err e = {0};
    text kept = {0};
    slice line;
    while (demo_shop_line(&rest, &line)) {
        if (line.n == 0 || demo_shop_fields(line) != fields_of[file]) continue;
        if (slice_utf8_prefix(line) != line.n) continue;
        text_add(&kept, line);
        text_add_char(&kept, '\n');
    }
    check_ok(file_replace(path, text_slice(&kept), &e), &e);
    text_free(&kept);
}

/* where/shop, and where/TABLE.csv of each file. */
static void make(const char *where) {
    scope s;
    err e = {0};
    demo_made made;
    slice bytes[6];
    demo_params p = {demo_size_find("small"), 1, false};
    check_ok(scope_open(&s, 256 << 20, 0, &e), &e);
    const char *dir = arena_text(&s.keep, "%s/shop", where);
    check_ok(demo_make(dir, p, NULL, &made, &e), &e);
    read_bytes(&s, dir, bytes);
    for (int i = 0; i < 6; i++)
        sift(bytes[i], i, arena_text(&s.keep, "%s/%s.csv", where, tables[i]));
    scope_close(&s);
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
    "CREATE TABLE events AS SELECT *, time::TIMESTAMP AS moment FROM v WHERE user_id <> '' "
    "  AND TRY_CAST(time AS TIMESTAMP) IS NOT NULL AND event NOT IN ('', 'hologram_wave') "
    "  AND coalesce(article_id, '') <> '0999999999' "
    "  AND (price IS NULL OR TRY_CAST(price AS DOUBLE) IS NOT NULL);"
    "CREATE TABLE stock AS SELECT time::DATE AS day, article_id, on_hand::INTEGER AS on_hand, "
    "  on_order::INTEGER AS on_order FROM s WHERE TRY_CAST(on_hand AS INTEGER) IS NOT NULL "
    "  AND TRY_CAST(time AS DATE) IS NOT NULL AND article_id <> '0999999999' "
    "  AND (receipt_date IS NULL OR TRY_CAST(receipt_date AS DATE) IS NOT NULL);"
    "CREATE TABLE sold AS SELECT s.*, a.category, a.list, a.grp FROM sales s "
    "  JOIN articles a USING (article_id);";

void demo_shop_tables(db *d) {
    err e = {0};
    const char *where = check_once("demo-truth", make);
    for (int i = 0; i < 6; i++)
        check_ok(db_runf(d, &e,
                         "CREATE TABLE %s AS SELECT * FROM read_csv('%s/%s.csv', header = true, "
                         "all_varchar = true, delim = ',', quote = '\"', escape = '\"')",
                         tables[i], where, tables[i]),
                 &e);
    check_ok(db_run(d, slice_of(clean_sql), &e), &e);
}

/* The small shop of seed 1, made and read once; it lives until the tests end. */
demo_shop *demo_shop_see(void) {
    static demo_shop shop;
    static bool done;
    err e = {0};
    if (done) return &shop;
    slice bytes;
    char path[700];
    snprintf(shop.dir, sizeof shop.dir, "%s/shop", check_once("demo-truth", make));
    check_ok(scope_open(&shop.s, 256 << 20, 64 << 20, &e), &e);
    read_bytes(&shop.s, shop.dir, shop.bytes);
    snprintf(path, sizeof path, "%s/truth.json", shop.dir);
    check_ok(file_read(path, &shop.s, 8 << 20, &bytes, &e), &e);
    check((shop.truth = js_parse(&shop.s, bytes, &e)) != NULL);
    check_ok(db_open(&shop.d, (db_params){2, 1024, check_spill()}, &e), &e);
    scope_defer(&shop.s, db_close, shop.d);
    demo_shop_tables(shop.d);
    done = true;
    return &shop;
}

int64_t demo_shop_count(demo_shop *shop, const char *sql) {
    int64_t n;
    err e = {0};
    check_ok(db_count(shop->d, &n, &e, "%s", sql), &e);
    return n;
}

double demo_shop_real(demo_shop *shop, const char *sql) {
    columns c;
    err e = {0};
    check_ok(db_query(shop->d, &shop->s.keep, &c, &e, "SELECT (%s)::DOUBLE AS x", sql), &e);
    return columns_real(&c, "x")[0];
}

double truth_real(const js_node *n, const char *key) {
    double x = NAN;
    check(js_real(js_get(n, key), &x));
    return x;
}

int64_t truth_int(const js_node *n, const char *key) {
    int64_t x = -1;
    check(js_int(js_get(n, key), &x));
    return x;
}

slice truth_text(const js_node *n, const char *key) {
    slice s = {0};
    check(js_text(js_get(n, key), &s));
    return s;
}

columns demo_shop_query(demo_shop *shop, const char *sql) {
    columns c;
    err e = {0};
    check_ok(db_query(shop->d, &shop->s.keep, &c, &e, "%s", sql), &e);
    return c;
}
