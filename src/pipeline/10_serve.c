/* 10_serve: fits on everything and publishes the bundle that the server maps. */
#include "data/store.h"
#include "pipeline/bundle.h"
#include "pipeline/family.h"
#include "pipeline/gate.h"
#include "pipeline/pairs.h"
#include "pipeline/recommend_data.h"
#include "pipeline/search.h"
#include "pipeline/stage.h"

static family_hook *pick(const family *one) { return one->publish; }

static bool put_column(store_writer *w, const columns *c, const char *from, const char *to,
                       err *e) {
    return store_put_texts(w, to, columns_text(c, from), c->rows, e);
}

/* Prices are list prices, else the last one paid; stock is that of the last count. */
static const char attributes[] =
    "SELECT a.article_id, coalesce(a.name, a.article_id) AS name, a.category, "
    "coalesce(a.type, '') AS type, coalesce(a.colour, '') AS colour, "
    "coalesce(a.product_code, '') AS product_code, "
    "coalesce(nullif(CAST(a.price AS DOUBLE), 0), f.price_now, 0) AS price, "
    "coalesce(a.launch_date, b.first_day) AS first_day, "
    "CAST(CASE WHEN s.on_hand IS NULL THEN 2 WHEN s.on_hand > 0 THEN 1 ELSE 0 END AS INTEGER) "
    "AS stock, p.product "
    "FROM articles a JOIN (SELECT article, CAST(dense_rank() OVER (ORDER BY "
    RECOMMEND_PRODUCT_SQL ") - 1 AS INTEGER) AS product FROM b_articles) p "
    "ON p.article = a.article  LEFT JOIN b_articles b ON b.article = a.article "
    "LEFT JOIN (SELECT article, price_now FROM article_features WHERE as_of = "
    "(SELECT max(as_of) FROM article_features)) f ON f.article = a.article "
    "LEFT JOIN (SELECT article, max_by(on_hand, day) AS on_hand FROM stock GROUP BY article) s "
    "ON s.article = a.article ORDER BY a.article";

/* Names and attributes of customers and articles by their dense numbers. */
static bool write_ids(work *w, folder *f, scope *s, err *e) {
    columns customers, articles;
    if (!db_query(w->d, &s->keep, &customers, e,
                  "SELECT customer_id FROM customers ORDER BY customer") ||
        !db_query(w->d, &s->keep, &articles, e, "%s", attributes))
        return false;
    uint8_t *in_stock = take(&s->keep, uint8_t, articles.rows);
    for (int64_t a = 0; a < articles.rows; a++)
        in_stock[a] = (uint8_t)columns_i32(&articles, "stock")[a];
    int32_t *first = take_copy(&s->keep, int32_t, columns_find(&articles, "first_day")->i32,
                               articles.rows);
    for (int64_t a = 0; a < articles.rows; a++)
        if (!column_has(columns_find(&articles, "first_day"), a)) first[a] = BUNDLE_NO_DAY;
    store_writer *ids = store_create(s, folder_path(f, "ids.atm"), "ids", e);
    return ids && put_column(ids, &customers, "customer_id", "customer_id", e) &&
           put_column(ids, &articles, "article_id", "article_id", e) &&
           put_column(ids, &articles, "name", "article_name", e) &&
           put_column(ids, &articles, "category", "article_category", e) &&
           put_column(ids, &articles, "type", "article_type", e) &&
           put_column(ids, &articles, "colour", "article_colour", e) &&
           put_column(ids, &articles, "product_code", "article_product", e) &&
           store_put(ids, "article_group", STORE_I32, articles.rows, 1,
                     columns_i32(&articles, "product"), e) &&
           store_put(ids, "article_first_day", STORE_I32, articles.rows, 1, first, e) &&
           store_put(ids, "article_stock", STORE_U8, articles.rows, 1, in_stock, e) &&
           store_put(ids, "end", STORE_I32, 1, 1, &w->days.end, e) &&
           store_put(ids, "article_price", STORE_F64, articles.rows, 1,
                     columns_real(&articles, "price"), e) &&
           store_close(ids, e);
}

/* Copies a file of an earlier step when that step wrote it. */
static bool copy_file(work *w, folder *f, const char *step, const char *file, err *e) {
    scope s;
    slice bytes;
    if (!scope_open(&s, (size_t)512 << 20, 0, e)) return false;
    const char *path = work_path(w, &s.keep, step, file);
    bool done = !file_exists(path) || (file_read(path, &s, (size_t)256 << 20, &bytes, e) &&
                                       folder_write(f, file, bytes, e));
    scope_close(&s);
    return done;
}

/* What the gate holds the next run to. */
static bool copy_pairs(work *w, folder *f, err *e) {
    scope s;
    if (!scope_open(&s, 1 << 16, 0, e)) return false;
    bool done = true;
    for (int i = 0; i < FAMILIES && done; i++)
        done = copy_file(w, f, "08_evaluate", pairs_file(families[i]->name, &s.keep), e);
    scope_close(&s);
    return done;
}

static bool copy_tiles(work *w, folder *f, err *e) {
    static const char *const tiles[] = {"funnel.json",   "trends.json",   "elasticity.json",
                                        "language.json", "segments.json", "forecasts.json",
                                        "topics.json",   "aspects.json",  "toxicity.json",
                                        "reviews.json",  "alerts.json",
                                        "prices.json",   "baskets.json",  "beside.json",
                                        "products.json",
                                        "insights.json", "weekly.html",   "kpis.json"};
    bool done = copy_file(w, f, "08_evaluate", "evaluation.json", e) &&
                copy_file(w, f, "05_eda", "data.json", e);
    for (size_t i = 0; i < sizeof tiles / sizeof tiles[0] && done; i++)
        done = copy_file(w, f, "09_insight", tiles[i], e);
    return done && copy_pairs(w, f, e);
}

static bool put_shop(work *w, scope *s, js *home, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT (SELECT count(*) FROM customers) AS customers, "
                  "(SELECT count(*) FROM articles) AS articles, "
                  "(SELECT count(*) FROM transactions) AS transactions, "
                  "(SELECT count(*) FROM e_reviews) AS reviews, "
                  "(SELECT count(*) FROM f_events) AS events"))
        return false;
    js_object(home, "shop");
    for (int i = 0; i < c.n; i++) js_put_int(home, c.at[i].name, c.at[i].i64[0]);
    js_put_word(home, "from", day_text(&s->keep, w->days.first));
    js_put_word(home, "to", day_text(&s->keep, w->days.end - 1));
    js_end(home);
    return true;
}

/* What each number of the home page is, by fact and by family: {key: sentence}. */
static const char *const definitions[][2] = {
    {"customers", "Customers of the customers file and those whom sales or linked events name; "
                  "without a file, the latter alone."},
    {"articles", "Articles of the articles file and those that were sold."},
    {"transactions", "Accepted lines of sales that name a customer; identical lines are units "
                     "and count each."},
    {"reviews", "Reviews that have a text."},
    {"events", "Accepted events of the log, sessions numbered over it."},
    {"recommend", "Mean average precision of the first 12: of the articles a customer buys in the "
                  "test weeks, how many stand in the 12 shown and how near the top, averaged over "
                  "the customers who buy; 1 is perfect."},
    {"language", "Reviews read right: the share of labelled test reviews whose opinion the served "
                 "head reads as the label says. Without labels: the share read as positive."},
    {"forecast", "Expected units of the whole shop in the four weeks after the last known day; the "
                 "intervals hold 80 %."},
    {"segment", "Revenue of the customers whom RFM scores call champions over that of all "
                "customers."},
    {"behaviour", "Visitors who go from the first step of the funnel to the last within its "
                  "window, over those with the first; the interval is Wilson's."},
    {"insight", "Articles whose shrunk growth is at least 1.25 and whose direction is wrong with a "
                "chance under 5 %."},
};

static void put_definitions(js *home) {
    js_object(home, "definitions");
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++)
        js_put_word(home, definitions[i][0], definitions[i][1]);
    js_end(home);
}

static bool publish_one(work *w, folder *f, const family *one, js *home, err *e) {
    work_tick(w, one->title, 0, 0);
    js_object(home, NULL);
    js_put_word(home, "name", one->name);
    js_put_word(home, "title", one->title);
    family_hook *hook = pick(one);
    bool done = !hook || family_part(w, f, one->name, hook, NULL, home, e);
    if (done) js_end(home);
    return done;
}

static bool run(work *w, folder *f, scope *s, err *e) {
    js *home = take(&s->keep, js, 1); /* as long as s, which frees its text */
    if (!work_windows(w, e) || !gate_open(w, e) || !write_ids(w, f, s, e) ||
        !copy_tiles(w, f, e))
        return false;
    js_open(home, s);
    js_object(home, NULL);
    js_put_word(home, "schema", "atelier.home/1");
    if (!put_shop(w, s, home, e)) return false;
    put_definitions(home);
    if (!family_part(w, f, "search", search_publish, NULL, home, e)) return false;
    js_array(home, "families");
    for (int i = 0; i < FAMILIES; i++)
        if (!publish_one(w, f, families[i], home, e)) return false;
    js_end(home);
    js_end(home);
    return folder_write(f, "home.json", text_slice(&home->out), e);
}

const stage stage_serve = {
    .number = "10",
    .word = "serve",
    .title = "Fits on everything and publishes the bundle that the server maps.",
    .reads = FAMILY_READS " tune.json evaluation.json insight.json data.json",
    .writes = "ids.atm home.json",
    .run = run,
    .learns = true,
};
