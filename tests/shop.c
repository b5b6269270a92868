/* shop: raw tables made by a test instead of read from files; steps run one at a time on them. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shop.h"

static const char raw_tables[] =
    "CREATE TABLE raw_articles (article_id VARCHAR, product_code VARCHAR, name VARCHAR, "
    "category VARCHAR, type VARCHAR, department VARCHAR, section VARCHAR, garment_group VARCHAR, "
    "index_group VARCHAR, colour VARCHAR, pattern VARCHAR, material VARCHAR, description VARCHAR, "
    "price DOUBLE, launch_date DATE, src_file INTEGER, src_line BIGINT);\n"
    "CREATE TABLE raw_customers (customer_id VARCHAR, age BIGINT, club_status VARCHAR, "
    "news_frequency VARCHAR, active BIGINT, fn BIGINT, postal_code VARCHAR, signup_date DATE, "
    "channel VARCHAR, src_file INTEGER, src_line BIGINT);\n"
    "CREATE TABLE raw_transactions (time TIMESTAMP, customer_id VARCHAR, article_id VARCHAR, "
    "price DOUBLE, quantity BIGINT, channel VARCHAR, order_id VARCHAR, src_file INTEGER, "
    "src_line BIGINT);\n"
    "CREATE TABLE raw_reviews (review_id VARCHAR, article_id VARCHAR, customer_id VARCHAR, "
    "time TIMESTAMP, age BIGINT, title VARCHAR, text VARCHAR, rating BIGINT, recommended BIGINT, "
    "votes BIGINT, division VARCHAR, department VARCHAR, category VARCHAR, src_file INTEGER, "
    "src_line BIGINT);\n"
    "CREATE TABLE raw_events (time TIMESTAMP, user_id VARCHAR, session_id VARCHAR, event VARCHAR, "
    "article_id VARCHAR, price DOUBLE, quantity BIGINT, order_id VARCHAR, channel VARCHAR, "
    "platform VARCHAR, category VARCHAR, src_file INTEGER, src_line BIGINT);\n"
    "CREATE TABLE raw_stock (time TIMESTAMP, article_id VARCHAR, on_hand BIGINT, on_order BIGINT, "
    "lead_time_days BIGINT, receipt_date DATE, src_file INTEGER, src_line BIGINT);\n"
    "CREATE TABLE mapping (src_file INTEGER, position INTEGER, header VARCHAR, "
    "column_name VARCHAR, how VARCHAR);\n"
    "CREATE TABLE quarantine_raw (src_file INTEGER, src_line BIGINT, rule VARCHAR, "
    "column_name VARCHAR, observed VARCHAR, expected VARCHAR, raw VARCHAR)";

work shop_open(scope *s, const char *name, int threads) {
    err e = {0};
    work w = {.shop = "tests", .out = check_folder(name), .n_threads = threads, .seed = 1};
    const char *spill = arena_text(&s->keep, "%s/spill", w.out);
    check_ok(db_open(&w.d, (db_params){threads, 2048, spill}, &e), &e);
    scope_defer(s, db_close, w.d);
    shop_sql(&w, "%s", raw_tables);
    return w;
}

void shop_sql(work *w, const char *format, ...) {
    err e = {0};
    text sql = {0};
    va_list args;
    va_start(args, format);
    text_addv(&sql, format, args);
    va_end(args);
    bool done = db_run(w->d, text_slice(&sql), &e);
    text_free(&sql);
    check_ok(done, &e);
}

void shop_files(work *w) {
    static const char *const sources[] = {"articles", "customers", "transactions",
                                          "reviews",  "events",    "stock"};
    shop_sql(w, "CREATE OR REPLACE TABLE files (src_file INTEGER, source VARCHAR, path VARCHAR, "
                "bytes BIGINT, sha256 VARCHAR, seen BIGINT, accepted BIGINT, quarantined BIGINT, "
                "merged BIGINT, blank BIGINT)");
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        shop_sql(w,
                 "INSERT INTO files SELECT src_file, '%s', '%s' || src_file || '.csv', 0, '', "
                 "count(*), count(*), 0, 0, 0 FROM raw_%s GROUP BY src_file ORDER BY src_file",
                 sources[i], sources[i], sources[i]);
}

bool shop_step(work *w, const stage *step, err *e) {
    scope s;
    char name[80];
    snprintf(name, sizeof name, "%s_%s", step->number, step->word);
    if (!scope_open(&s, (size_t)256 << 20, (size_t)64 << 20, e)) return false;
    folder *f = folder_begin(&s, w->out, name, e);
    folder_key key = {.seed = 1};
    bool done = f && step->run(w, f, &s, e) && folder_commit(f, &key, e) && work_views(w, name, e);
    scope_close(&s);
    return done;
}

int64_t shop_count(work *w, const char *sql) {
    err e = {0};
    int64_t n = 0;
    check_ok(db_count(w->d, &n, &e, "%s", sql), &e);
    return n;
}

/* Reads a CSV with the engine's own reader, every column as text, into table `name`. */
static void read_text(work *w, const char *name, const char *path) {
    shop_sql(w,
             "CREATE OR REPLACE TABLE %s AS SELECT *, CAST(row_number() OVER () + 1 AS BIGINT) AS "
             "src_line FROM read_csv('%s', header = true, all_varchar = true, quote = '\"', "
             "escape = '\"', max_line_size = 10000000)",
             name, path);
}

static void real_catalogue(work *w, const char *articles, const char *described) {
    static const char insert[] =
        "INSERT INTO raw_articles SELECT article_id, %s, prod_name, product_group_name, "
        "product_type_name, department_name, section_name, garment_group_name, index_group_name, "
        "colour_group_name, graphical_appearance_name, NULL, %s, NULL, NULL, %d, src_line "
        "FROM file_a ORDER BY src_line";
    read_text(w, "file_a", articles);
    shop_sql(w, insert, "NULL", "NULL", 1);
    read_text(w, "file_a", described);
    shop_sql(w, insert, "product_code", "detail_desc", 2);
}

bool shop_real(work *w, bool reviews_and_events) {
    const char *articles = check_data("hm/articles_full.csv"),
               *described = check_data("hm/articles_sample_with_desc.csv"),
               *customers = check_data("hm/customers_sample.csv"),
               *sales = check_data("hm/transactions_sample.csv"),
               *reviews = check_data("reviews/Womens Clothing E-Commerce Reviews.csv"),
               *events = check_data("events/ecom.csv.gz");
    if (!articles || !described || !customers || !sales || !reviews || !events) return false;
    real_catalogue(w, articles, described);
    read_text(w, "file_c", customers);
    shop_sql(w, "INSERT INTO raw_customers SELECT customer_id, CAST(age AS DOUBLE), "
                "club_member_status, fashion_news_frequency, CAST(\"Active\" AS DOUBLE), "
                "CAST(\"FN\" AS DOUBLE), postal_code, NULL, NULL, 3, src_line FROM file_c "
                "ORDER BY src_line");
    read_text(w, "file_t", sales);
    shop_sql(w, "INSERT INTO raw_transactions SELECT CAST(t_dat AS TIMESTAMP), customer_id, "
                "article_id, CAST(price AS DOUBLE), NULL, sales_channel_id, NULL, 4, src_line "
                "FROM file_t ORDER BY src_line");
    if (reviews_and_events) {
        read_text(w, "file_r", reviews);
        shop_sql(w, "INSERT INTO raw_reviews SELECT NULL, \"Clothing ID\", NULL, NULL, "
                    "CAST(\"Age\" AS BIGINT), \"Title\", \"Review Text\", CAST(\"Rating\" AS "
                    "BIGINT), CAST(\"Recommended IND\" AS BIGINT), CAST(\"Positive Feedback "
                    "Count\" AS BIGINT), \"Division Name\", \"Department Name\", \"Class Name\", "
                    "5, "
                    "src_line FROM file_r ORDER BY src_line");
        read_text(w, "file_e", events);
        shop_sql(w, "INSERT INTO raw_events SELECT CAST(timestamp AS TIMESTAMP), user_id, "
                    "session_id, event, NULL, NULL, NULL, NULL, acquisition_channel, platform, "
                    "NULL, 6, src_line FROM file_e ORDER BY src_line");
    }
    shop_files(w);
    return true;
}
