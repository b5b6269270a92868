/* recommend_plant: a shop of three tastes in tables of the engine, for tests of recommendations. */
#include "recommend_plant.h"

#include "pipeline/prelude.h"

static void close_pool(void *what) { pool_close(what); }

void plant_open(work *w, scope *s, int threads, const char *out) {
    err e = {0};
    check_ok(scope_open(s, (size_t)4 << 30, (size_t)4 << 30, &e), &e);
    *w = (work){.out = out, .n_threads = threads, .memory_mb = 1024, .seed = 7};
    const char *temp = arena_text(&s->keep, "%s/spill", out);
    check_ok(db_open(&w->d, (db_params){threads, 1024, temp}, &e), &e);
    scope_defer(s, db_close, w->d);
    w->threads = pool_open(threads, (size_t)256 << 20, &e);
    check(w->threads != NULL);
    scope_defer(s, close_pool, w->threads);
}

void plant_run(work *w, const char *sql) {
    err e = {0};
    check_ok(db_run(w->d, slice_of(sql), &e), &e);
}

/* The tables of step 04 that the ranker reads. */
void plant_features(work *w) {
    static const char *const names[] = {"feature_days", "article_weeks", "customer_weeks", NULL};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    folder *f = folder_begin(&s, w->out, "04_features", &e);
    check(f != NULL);
    check_ok(prelude_run(w->d, &e) && prelude_tables(w, f, "04_features", names, &e) &&
             folder_commit(f, &(folder_key){0}, &e) && work_views(w, "04_features", &e), &e);
    scope_close(&s);
}

/* 300 customers, each of three tastes (20 of 60 articles), buy on 12 days; 299 in the test only. */
void plant_shop(work *w) {
    plant_run(w, "CREATE TABLE customers AS SELECT CAST(i AS INTEGER) AS customer, "
           "'c' || i AS customer_id, "
           "CAST(CASE WHEN i % 10 = 0 THEN NULL ELSE 18 + i % 50 END AS INTEGER) AS age "
           "FROM range(300) t(i);"
           "CREATE TABLE b_articles AS SELECT CAST(i AS INTEGER) AS article, "
           "'taste' || (i % 6) || ' word' || (i % 7) AS text, CAST(NULL AS VARCHAR) AS "
           "product_code, 'type' || (i % 6) AS type, NULL::VARCHAR AS garment_group, "
           "NULL::VARCHAR AS department, NULL::VARCHAR AS section, NULL::VARCHAR AS index_group, "
           "'c' || (i % 5) AS colour, NULL::VARCHAR AS pattern, NULL::VARCHAR AS material, "
           "NULL::VARCHAR AS name, 'cat' AS category FROM range(60) t(i);"
           "CREATE TABLE f_events (customer INTEGER, article INTEGER, time TIMESTAMP, "
           "event VARCHAR, session BIGINT, seq INTEGER);"
           "CREATE TABLE articles AS SELECT article, category FROM b_articles;"
           "ALTER TABLE customers ADD COLUMN club_status VARCHAR;"
           "CREATE TABLE stock (day DATE, article INTEGER, on_hand INTEGER);"
           "CREATE TABLE transactions AS SELECT *, "
           "CAST(5 + article % 7 AS DECIMAL(18,6)) AS price, "
           "CAST(quantity * (5 + article % 7) AS DECIMAL(18,6)) AS revenue, 'online' AS channel "
           "FROM (SELECT CAST(c AS INTEGER) AS customer, "
           "CAST((c % 3) + 3 * ((c * 7 + k * k * 5 + k * c) % 20) AS INTEGER) AS article, "
           "DATE '2020-01-01' + CAST((k * 20 + c * 3 % 20) AS INTEGER) AS day, "
           "1 AS quantity FROM range(299) t(c), range(12) u(k) "
           "UNION ALL SELECT 299, 5, DATE '2020-08-20', 1 "
           "UNION ALL SELECT 3, 1, DATE '2020-03-01', -1) AS lines;");
    w->days = (windows){day_of(2020, 1, 1), day_of(2020, 7, 1), day_of(2020, 8, 1),
                        day_of(2020, 8, 29)};
    plant_features(w);
}

/* What a tuning chose: no number is the default. */
void plant_choose(scope *s, const char *out, bool ranker) {
    err e = {0};
    const char *tuned = arena_text(&s->keep, "%s/07_tune/tune.json", out);
    const char *best = arena_text(&s->keep,
                                  "{\"recommend\":{\"best\":{\"ranker\":%s,\"trend\":0.8,"
                                  "\"liking\":0.7,\"als_half_life\":90,\"own_half_life\":20,"
                                  "\"profile_half_life\":40,\"looks_half_life\":5,"
                                  "\"weights\":{\"als\":1.5,\"next\":0.75}}}}",
                                  ranker ? "true" : "false");
    check_ok(file_make_folders(arena_text(&s->keep, "%s/07_tune", out), &e), &e);
    check_ok(file_replace(tuned, slice_of(best), &e), &e);
}
