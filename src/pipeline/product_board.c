/* product_board: each article's revenue class, steadiness, place beside its category's launches. */
#include "pipeline/product_board.h"

#include <math.h>

#define LAUNCH_UNSEEN 28 /* days at the beginning of the source in which nothing is new */
#define SILENT        28 /* days after which a last sale was the last */

/* ---- reading ---- */

static bool make_tables(db *d, const char *source, int32_t end, arena *keep, err *e) {
    return db_runf(d, e,
                   "CREATE OR REPLACE TEMP TABLE product_sales AS SELECT item, category, "
                   "CAST(day AS DATE) AS day, CAST(units AS DECIMAL(18,3)) AS units, "
                   "CAST(coalesce(revenue, 0) AS DECIMAL(28,6)) AS revenue FROM (%s) "
                   "WHERE day < DATE '%s';"
                   "CREATE OR REPLACE TEMP TABLE product_items AS SELECT *, "
                   "CAST(row_number() OVER (ORDER BY item) - 1 AS INTEGER) AS place, "
                   "CAST(dense_rank() OVER (ORDER BY category) - 1 AS INTEGER) AS code FROM ("
                   "SELECT item, min(category) AS category, "
                   "coalesce(min(day) FILTER (WHERE units > 0), min(day)) AS born, "
                   "coalesce(max(day) FILTER (WHERE units > 0), max(day)) AS last "
                   "FROM product_sales GROUP BY item)",
                   source, day_text(keep, end));
}

static bool read_names(product_board *b, db *d, arena *keep, err *e) {
    columns categories;
    if (!db_query(d, keep, &b->names, e,
                  "SELECT item, category, code, born, last FROM product_items ORDER BY place") ||
        !db_query(d, keep, &categories, e,
                  "SELECT DISTINCT category FROM product_items ORDER BY category"))
        return false;
    b->n = b->names.rows;
    b->categories = (int)categories.rows;
    b->category = columns_text(&categories, "category");
    return true;
}

static bool read_year(product_board *b, db *d, int32_t end, arena *keep, err *e) {
    columns money, weeks;
    const char *day = day_text(keep, end), *from = day_text(keep, end - 7 * PRODUCT_YEAR);
    if (!db_query(d, keep, &money, e,
                  "SELECT i.place, "
                  "CAST(coalesce(sum(s.units) FILTER (WHERE s.day >= DATE '%s'), 0) AS DOUBLE) AS "
                  "units, CAST(coalesce(sum(s.revenue) FILTER (WHERE s.day >= DATE '%s'), 0) AS "
                  "DOUBLE) AS revenue, CAST(coalesce(sum(s.revenue) FILTER (WHERE s.day < DATE "
                  "'%s' AND s.day >= DATE '%s'), 0) AS DOUBLE) AS before FROM product_sales s "
                  "JOIN product_items i ON i.item = s.item GROUP BY i.place ORDER BY i.place",
                  from, from, from, day_text(keep, end - 14 * PRODUCT_YEAR)) ||
        !db_query(d, keep, &weeks, e,
                  "SELECT i.place, CAST((DATE '%s' - 1 - s.day) // 7 AS INTEGER) AS back, "
                  "CAST(sum(s.units) AS DOUBLE) AS units, "
                  "coalesce(CAST(sum(s.revenue) FILTER (WHERE s.units > 0) AS DOUBLE) / "
                  "CAST(sum(s.units) FILTER (WHERE s.units > 0) AS DOUBLE), -1) AS price "
                  "FROM product_sales s JOIN product_items i ON i.item = s.item "
                  "WHERE s.day >= DATE '%s' GROUP BY i.place, back "
                  "ORDER BY i.place, back", day, from))
        return false;
    b->units = columns_real(&money, "units");
    b->revenue = columns_real(&money, "revenue");
    b->before = columns_real(&money, "before");
    b->weekly = take(keep, double, b->n * PRODUCT_YEAR);
    b->price = take(keep, double, b->n * PRODUCT_YEAR);
    for (int64_t at = 0; at < b->n * PRODUCT_YEAR; at++) b->price[at] = NAN;
    for (int64_t r = 0; r < weeks.rows; r++) {
        int64_t at = (int64_t)columns_i32(&weeks, "place")[r] * PRODUCT_YEAR + PRODUCT_YEAR - 1 -
                     columns_i32(&weeks, "back")[r];
        b->weekly[at] = columns_real(&weeks, "units")[r];
        if (columns_real(&weeks, "price")[r] >= 0) b->price[at] = columns_real(&weeks, "price")[r];
    }
    return true;
}

static void fill_list_prices(product_board *b, arena *keep) {
    enum { BLOCK = 4 };
    b->list = take(keep, double, b->n);
    for (int64_t i = 0; i < b->n; i++) {
        b->list[i] = NAN;
        for (int w = 0; w < PRODUCT_YEAR; w += BLOCK) {
            double units = 0.0, money = 0.0;
            for (int64_t at = i * PRODUCT_YEAR + w; at < i * PRODUCT_YEAR + w + BLOCK; at++) {
                if (isnan(b->price[at]) || !(b->weekly[at] > 0)) continue;
                units += b->weekly[at], money += b->weekly[at] * b->price[at];
            }
            if (units >= PRODUCT_PRICED && !(money / units <= b->list[i]))
                b->list[i] = money / units;
        }
    }
}

/* ages[n, PRODUCT_AGES]: units by week since launch; NAN where the week is not over or the launch
 * is unknown. */
static bool read_ages(const product_board *b, db *d, int32_t end, double *ages, int32_t *first,
                      arena *keep, err *e) {
    columns c, start;
    if (!db_query(d, keep, &start, e,
                  "SELECT coalesce(min(born), DATE '1970-01-01') AS day FROM product_items") ||
        !db_query(d, keep, &c, e,
                  "SELECT i.place, CAST((s.day - i.born) // 7 AS INTEGER) AS age, "
                  "CAST(sum(s.units) AS DOUBLE) AS units FROM product_sales s JOIN product_items i "
                  "ON i.item = s.item WHERE s.day >= i.born AND s.day < i.born + %d "
                  "GROUP BY i.place, age ORDER BY i.place, age", 7 * PRODUCT_AGES))
        return false;
    const int32_t *born = columns_i32(&b->names, "born");
    *first = columns_i32(&start, "day")[0] + LAUNCH_UNSEEN;
    for (int64_t i = 0; i < b->n; i++)
        for (int w = 0; w < PRODUCT_AGES; w++)
            if (born[i] < *first || born[i] + 7 * (w + 1) > end) ages[i * PRODUCT_AGES + w] = NAN;
    for (int64_t r = 0; r < c.rows; r++) {
        double *to = &ages[(int64_t)columns_i32(&c, "place")[r] * PRODUCT_AGES +
                           columns_i32(&c, "age")[r]];
        if (!isnan(*to)) *to = columns_real(&c, "units")[r];
    }
    return true;
}

/* ---- classes ---- */

static void fill_steadiness(product_board *b, int32_t end, assortment_cuts cuts, arena *keep,
                            arena scratch) {
    const int32_t *born = columns_i32(&b->names, "born"), *last = columns_i32(&b->names, "last"),
                  *code = columns_i32(&b->names, "code");
    double *total = take(&scratch, double, (int64_t)b->categories * PRODUCT_YEAR);
    b->cv = take(keep, double, b->n);
    b->xyz = take(keep, uint8_t, b->n);
    for (int64_t i = 0; i < b->n; i++)
        for (int w = 0; w < PRODUCT_YEAR; w++)
            total[(int64_t)code[i] * PRODUCT_YEAR + w] += b->weekly[i * PRODUCT_YEAR + w];
    for (int64_t i = 0; i < b->n; i++) {
        int from = 0, to = PRODUCT_YEAR;
        int32_t start = end - 7 * PRODUCT_YEAR;
        while (from < to && start + 7 * from <= born[i]) from++;
        if (last[i] < start) from = to;
        else if (last[i] < end - SILENT) to = (last[i] - start) / 7 + 1;
        b->cv[i] = assortment_cv(b->weekly + i * PRODUCT_YEAR + from,
                                 total + (int64_t)code[i] * PRODUCT_YEAR + from, to - from,
                                 scratch);
        b->xyz[i] = (uint8_t)assortment_steadiness(b->cv[i], cuts);
    }
}

static void fill_classes(product_board *b, assortment_cuts cuts, arena *keep, arena scratch) {
    int32_t *order = take(keep, int32_t, b->n);
    b->order = take(keep, int32_t, b->n);
    b->abc = take(keep, uint8_t, b->n);
    b->abc_before = take(keep, uint8_t, b->n);
    assortment_classify(b->abc_before, order, b->before, b->n, cuts, scratch);
    assortment_classify(b->abc, b->order, b->revenue, b->n, cuts, scratch);
    for (int64_t i = 0; i < b->n; i++)
        if (!(b->before[i] > 0)) b->abc_before[i] = ASSORTMENT_ABC;
}

/* Of what sold in the year; articles of other years have their class, but no share in anything. */
static void fill_concentration(product_board *b, arena scratch) {
    double *sold = take(&scratch, double, b->n);
    int64_t m = 0;
    for (int64_t i = 0; i < b->n; i++) {
        if (b->units[i] > 0) sold[m++] = b->revenue[i];
        product_cell *cell = &b->matrix[b->abc[i]][b->xyz[i]];
        cell->articles += b->units[i] > 0;
        cell->revenue += b->units[i] > 0 ? b->revenue[i] : 0.0;
        cell->units += b->units[i] > 0 ? b->units[i] : 0.0;
    }
    b->gini = assortment_gini(sold, m, scratch);
    assortment_lorenz(b->lorenz, PRODUCT_LORENZ, sold, m, scratch);
}

static bool fill_launches(product_board *b, db *d, int32_t end, scope *s, err *e) {
    arena *keep = &s->keep;
    int32_t first;
    const int32_t *born = columns_i32(&b->names, "born"), *code = columns_i32(&b->names, "code");
    double *ages = take(keep, double, b->n * PRODUCT_AGES);
    b->sums = take(keep, double, b->n * PRODUCT_AGES);
    b->place = take(keep, launch_place, b->n);
    if (!read_ages(b, d, end, ages, &first, keep, e)) return false;
    for (int64_t i = 0; i < b->n; i++)
        for (int w = 0; w < PRODUCT_AGES; w++)
            b->sums[i * PRODUCT_AGES + w] =
                ages[i * PRODUCT_AGES + w] + (w ? b->sums[i * PRODUCT_AGES + w - 1] : 0.0);
    launch_data of = {b->n, PRODUCT_AGES, ages, code, b->categories};
    launch_fit(&b->by_week, &of, keep, s->scratch);
    of.value = b->sums;
    launch_fit(&b->by_sum, &of, keep, s->scratch);
    b->phi = launch_spread(ages, b->n, PRODUCT_AGES);
    for (int64_t i = 0; i < b->n; i++)
        b->place[i] = launch_stand(&b->by_sum, code[i], b->sums + i * PRODUCT_AGES,
                                   born[i] >= first, b->phi);
    return true;
}

bool product_board_make(product_board *out, db *d, const char *source, int32_t end,
                        assortment_cuts cuts, scope *s, err *e) {
    *out = (product_board){0};
    if (!make_tables(d, source, end, &s->keep, e) || !read_names(out, d, &s->keep, e) ||
        !read_year(out, d, end, &s->keep, e) || !fill_launches(out, d, end, s, e))
        return false;
    fill_list_prices(out, &s->keep);
    fill_steadiness(out, end, cuts, &s->keep, s->scratch);
    fill_classes(out, cuts, &s->keep, s->scratch);
    fill_concentration(out, s->scratch);
    return db_runf(d, e, "DROP TABLE product_sales; DROP TABLE product_items");
}

/* ---- words ---- */

static void put_concentration(js *j, const product_board *b) {
    static const int tops[] = {1, 5, 10, 20, 50}; /* per cent of the articles */
    int64_t sold = 0;
    for (int64_t i = 0; i < b->n; i++) sold += b->units[i] > 0;
    js_object(j, "concentration");
    js_put_int(j, "articles", sold);
    js_put_real(j, "gini", b->gini);
    js_array(j, "top");
    for (size_t k = 0; k < sizeof tops / sizeof tops[0]; k++) {
        js_object(j, NULL);
        js_put_real(j, "articles", tops[k] / 100.0);
        js_put_real(j, "revenue", b->lorenz[tops[k]]);
        js_end(j);
    }
    js_end(j);
    js_array(j, "lorenz");
    for (int k = 0; k < PRODUCT_LORENZ; k++) js_put_real(j, NULL, b->lorenz[k]);
    js_end(j);
    js_end(j);
}

static void put_matrix(js *j, const product_board *b) {
    js_array(j, "matrix");
    for (int a = 0; a < ASSORTMENT_ABC; a++)
        for (int x = 0; x < ASSORTMENT_XYZ; x++) {
            const product_cell *cell = &b->matrix[a][x];
            js_object(j, NULL);
            js_put_word(j, "abc", assortment_abc_words[a]);
            js_put_word(j, "xyz", assortment_xyz_words[x]);
            js_put_int(j, "articles", cell->articles);
            js_put_real(j, "revenue", cell->revenue);
            js_put_real(j, "units", cell->units);
            js_end(j);
        }
    js_end(j);
}

/* Articles by class of the year before and of this year; null: not sold then. */
static void put_moves(js *j, const product_board *b) {
    int64_t count[ASSORTMENT_ABC + 1][ASSORTMENT_ABC + 1] = {{0}};
    for (int64_t i = 0; i < b->n; i++)
        count[b->abc_before[i]][b->units[i] > 0 ? b->abc[i] : ASSORTMENT_ABC]++;
    js_array(j, "moves");
    for (int from = 0; from <= ASSORTMENT_ABC; from++)
        for (int to = 0; to <= ASSORTMENT_ABC; to++) {
            if (from == ASSORTMENT_ABC && to == ASSORTMENT_ABC) continue;
            js_object(j, NULL);
            js_put_word(j, "from", from < ASSORTMENT_ABC ? assortment_abc_words[from] : NULL);
            js_put_word(j, "to", to < ASSORTMENT_ABC ? assortment_abc_words[to] : NULL);
            js_put_int(j, "articles", count[from][to]);
            js_end(j);
        }
    js_end(j);
}

static void put_reals(js *j, const char *key, const double *x, int n) {
    js_array(j, key);
    for (int i = 0; i < n; i++) js_put_real(j, NULL, x[i]);
    js_end(j);
}

static void put_curve(js *j, const char *key, const launch_curves *c, int row) {
    int64_t at = (int64_t)row * c->weeks;
    js_object(j, key);
    put_reals(j, "low", c->low + at, c->weeks);
    put_reals(j, "mid", c->mid + at, c->weeks);
    put_reals(j, "high", c->high + at, c->weeks);
    put_reals(j, "weight", c->weight + at, c->weeks);
    js_end(j);
}

void product_board_put(js *j, const product_board *b, assortment_cuts cuts) {
    js_object(j, "cuts");
    js_put_real(j, "a", cuts.a);
    js_put_real(j, "b", cuts.b);
    js_put_real(j, "x", cuts.x);
    js_put_real(j, "y", cuts.y);
    js_end(j);
    put_concentration(j, b);
    put_matrix(j, b);
    put_moves(j, b);
    js_put_real(j, "spread", b->phi);
    js_array(j, "curves"); /* the last is that of all */
    for (int c = 0; c <= b->categories; c++) {
        int64_t at = (int64_t)c * PRODUCT_AGES;
        js_object(j, NULL);
        if (c < b->categories) js_put_text(j, "category", b->category[c]);
        else js_put_null(j, "category");
        js_array(j, "launches");
        for (int w = 0; w < PRODUCT_AGES; w++) js_put_int(j, NULL, b->by_week.n[at + w]);
        js_end(j);
        put_curve(j, "by_week", &b->by_week, c);
        put_curve(j, "by_sum", &b->by_sum, c);
        js_end(j);
    }
    js_end(j);
}
