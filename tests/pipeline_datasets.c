/* 02_clean to 04_features on real files and on planted ones. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "data/npy.h"
#include "shop.h"

/* 400 days from 2019-01-01, 60 customers, 40 articles, 4,000 lines, 3,000 events, 500 reviews; the
 * numbers follow each other by multiplication, so every run plants the same shop. */
static void plant(work *w) {
    shop_sql(w, "INSERT INTO raw_articles SELECT 'a' || i, NULL, 'Thing ' || i, "
                "'Category ' || (i %% 7), 'Type ' || (i %% 3), NULL, NULL, NULL, NULL, 'red', "
                "NULL, NULL, 'Soft and warm', NULL, NULL, 1, i + 2 FROM range(40) r(i)");
    shop_sql(w, "INSERT INTO raw_customers SELECT 'c' || i, 20 + i %% 50, NULL, NULL, NULL, NULL, "
                "NULL, NULL, NULL, 2, i + 2 FROM range(60) r(i)");
    shop_sql(w, "INSERT INTO raw_transactions SELECT TIMESTAMP '2019-01-01' + "
                "to_days(((i * 7919) %% 400)::INTEGER), 'c' || ((i * 31 + i // 60) %% 60), "
                "'a' || ((i * 7 + i // 40) %% 40), 5 + ((i * 13) %% 11) * 0.7, "
                "CASE WHEN i %% 50 = 0 THEN -1 ELSE 1 + i %% 3 END, "
                "(1 + i %% 2)::VARCHAR, NULL, 3, i + 2 FROM range(4000) r(i)");
    shop_sql(w, "INSERT INTO raw_events SELECT TIMESTAMP '2019-01-01' + "
                "to_minutes(((i * 7919) %% 576000)::INTEGER), 'c' || ((i * 17) %% 60), NULL, "
                "(['view', 'view', 'click', 'add_to_cart', 'purchase'])[1 + i %% 5], "
                "'a' || ((i * 3) %% 40), NULL, NULL, NULL, 'web', 'app', NULL, 4, i + 2 "
                "FROM range(3000) r(i)");
    shop_sql(w, "INSERT INTO raw_reviews SELECT NULL, 'a' || (i %% 40), 'c' || (i %% 60), "
                "TIMESTAMP '2019-02-01' + to_days((i %% 300)::INTEGER), NULL, NULL, 'Text ' || i, "
                "1 + i %% 5, NULL, NULL, NULL, NULL, NULL, 5, i + 2 FROM range(500) r(i)");
}

static const stage *const steps[] = {&stage_clean, &stage_datasets, &stage_features, &stage_eda};

static void run_steps(work *w, int n) {
    err e = {0};
    for (int i = 0; i < n; i++)
        check_ok(shop_step(w, steps[i], &e), &e);
}

static hash_text hash_at(const char *out, const char *file) {
    char path[700];
    hash_text h = {0};
    err e = {0};
    snprintf(path, sizeof path, "%s/%s", out, file);
    check_ok(hash_file(path, &h, NULL, &e), &e);
    return h;
}

CHECK(datasets_do_not_depend_on_threads) {
    once_is_enough();
    static const char *const folders[] = {"02_clean", "03_datasets", "04_features", "05_eda"};
    hash_text first[4];
    for (int threads = 1; threads <= 8; threads = threads == 1 ? 2 : threads * 4) {
        scope s;
        err e = {0};
        char name[40], file[80];
        check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
        snprintf(name, sizeof name, "threads-%d", threads);
        work w = shop_open(&s, name, threads);
        plant(&w);
        shop_files(&w);
        run_steps(&w, 4);
        for (int i = 0; i < 4; i++) { /* a manifest holds the SHA-256 of every file */
            snprintf(file, sizeof file, "%s/manifest.json", folders[i]);
            hash_text h = hash_at(w.out, file);
            if (threads == 1) first[i] = h;
            check_text(slice_of(h.hex), first[i].hex);
        }
        scope_close(&s);
    }
}

/* The shop with as_of, plus rows that `more` (SQL) adds before the steps run. */
static work known_on(scope *s, const char *name, const char *more) {
    work w = shop_open(s, name, 2);
    check(day_parse(SLICE("2019-12-31"), &w.as_of));
    plant(&w);
    if (more) shop_sql(&w, "%s", more);
    shop_files(&w);
    run_steps(&w, 3);
    return w;
}

CHECK(rows_from_the_as_of_day_on_change_no_byte_of_what_is_learned) {
    static const char *const files[] = {
        "03_datasets/windows.parquet",     "03_datasets/a_interactions.parquet",
        "03_datasets/a_interactions.npz",  "03_datasets/b_articles.parquet",
        "03_datasets/c_customers.parquet", "03_datasets/d_sales.parquet",
        "03_datasets/e_reviews.parquet",   "03_datasets/f_events.parquet",
        "03_datasets/f_sessions.parquet",  "04_features/customer_features.parquet",
        "04_features/customer_bases.parquet", "04_features/customer_features.npy",
        "04_features/article_features.parquet",
        "04_features/weekly_sales.parquet"};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    work before = known_on(&s, "leak-before", NULL);
    work after = known_on(
        &s, "leak-after",
        "INSERT INTO raw_transactions SELECT TIMESTAMP '2019-12-31' + to_days((i % 90)::INTEGER), "
        "'c' || (i % 60), 'a' || (i % 40), 99, 9, '1', NULL, 3, 5000 + i FROM range(900) r(i); "
        "INSERT INTO raw_events SELECT TIMESTAMP '2019-12-31 00:00:00' + to_hours(i::INTEGER), "
        "'c' || (i % 60), NULL, 'add_to_cart', 'a1', NULL, NULL, NULL, NULL, NULL, NULL, 4, "
        "5000 + i FROM range(900) r(i); "
        "INSERT INTO raw_reviews SELECT NULL, 'a1', 'c1', TIMESTAMP '2020-01-05', NULL, NULL, "
        "'Future', 1, NULL, NULL, NULL, NULL, NULL, 5, 5000 + i FROM range(9) r(i)");
    check(shop_count(&after, "SELECT count(*) FROM transactions") ==
          shop_count(&before, "SELECT count(*) FROM transactions") + 900);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        hash_text a = hash_at(before.out, files[i]), b = hash_at(after.out, files[i]);
        if (strcmp(a.hex, b.hex) != 0) print_error("%s differs\n", files[i]);
        check_text(slice_of(a.hex), b.hex);
    }
    scope_close(&s);
}

/* What the block of one as_of holds, as one number: the sum of the rows' hashes. */
static const char block_of[] =
    "SELECT (sum(hash(t)) %% 1000000007)::BIGINT FROM (SELECT * FROM %s WHERE as_of = "
    "(SELECT min(as_of) FROM %s)) AS t";

CHECK(the_valid_block_does_not_see_the_days_it_is_validated_on) {
    static const char *const tables[] = {"c_customers", "customer_features", "article_features",
                                         "customer_bases"};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    work before = known_on(&s, "block-before", NULL);
    /* Days of the validation and test windows, 2019-11-05 to 2019-12-30, told differently. */
    work after = known_on(&s, "block-after",
                          "UPDATE raw_transactions SET price = price * 2, quantity = 7 "
                          "WHERE time >= TIMESTAMP '2019-11-05'; "
                          "UPDATE raw_events SET event = 'view' WHERE time >= TIMESTAMP "
                          "'2019-11-05'");
    for (int i = 0; i < 4; i++) {
        const char *sql = arena_text(&s.keep, block_of, tables[i], tables[i]);
        check(shop_count(&before, sql) == shop_count(&after, sql));
    }
    check(shop_count(&before, "SELECT sum(units_28)::BIGINT FROM article_features "
                              "WHERE as_of = DATE '2019-12-31'") !=
          shop_count(&after, "SELECT sum(units_28)::BIGINT FROM article_features "
                             "WHERE as_of = DATE '2019-12-31'"));
    scope_close(&s);
}

CHECK(books_that_do_not_add_up_stop_the_step) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    work w = shop_open(&s, "books", 2);
    plant(&w);
    shop_files(&w);
    shop_sql(&w, "UPDATE files SET seen = seen + 1, accepted = accepted + 1 WHERE src_file = 3");
    check(!shop_step(&w, &stage_clean, &e) && e.kind == ERR_WENT_WRONG);
    check_has(slice_of(e.text), "transactions3.csv: the rows do not add up");
    check_has(slice_of(e.text), "4001 wanted, 4000 found");
    check(!file_exists(arena_text(&s.keep, "%s/02_clean", w.out)));
    scope_close(&s);
}

CHECK(feature_matrix_is_the_last_block_row_by_row) {
    scope s;
    err e = {0};
    npy_array m;
    columns c;
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    work w = known_on(&s, "matrix", NULL);
    check_ok(npy_open(&s, arena_text(&s.keep, "%s/04_features/customer_features.npy", w.out), &m,
                      &e), &e);
    check_ok(db_query(w.d, &s.keep, &c, &e, "SELECT * FROM customer_features WHERE as_of = DATE "
                                            "'2019-12-31' ORDER BY customer"), &e);
    check(m.rows == c.rows && m.cols == c.n - 2 && c.rows == 60);
    for (int64_t r = 0; r < m.rows; r++)
        for (int64_t k = 0; k < m.cols; k++) /* float32 of a double: one part in 2^24 */
            check_near(npy_at(&m, r, k), c.at[k + 2].real[r], 1e-6);
    scope_close(&s);
}

CHECK(shops_with_one_source_go_through_all_steps) {
    static const char *const sources[] = {"transactions", "events"};
    static const char *const all[] = {"articles", "customers", "transactions", "events", "reviews"};
    for (int i = 0; i < 2; i++) {
        scope s;
        err e = {0};
        check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
        work w = shop_open(&s, arena_text(&s.keep, "only-%s", sources[i]), 2);
        plant(&w);
        for (int k = 0; k < 5; k++)
            if (strcmp(all[k], sources[i]) != 0) shop_sql(&w, "DELETE FROM raw_%s", all[k]);
        shop_files(&w);
        run_steps(&w, 4);
        check(shop_count(&w, "SELECT count(*) FROM customers") == 60);
        check(shop_count(&w, "SELECT count(*) FROM articles") == 40);
        check(shop_count(&w, "SELECT sum(units)::BIGINT FROM weekly_sales "
                             "WHERE level = 'total'") > 0);
        scope_close(&s);
    }
}

CHECK(the_real_shop_becomes_datasets_and_nothing_is_lost) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    work w = shop_open(&s, "real", 2);
    if (!shop_real(&w, true)) {
        scope_close(&s);
        skip("the real data is not here");
    }
    check_ok(shop_step(&w, &stage_clean, &e), &e);
    /* Known by counting lines of the files themselves. */
    check(shop_count(&w, "SELECT count(*) FROM articles") == 105542);
    check(shop_count(&w, "SELECT count(description) FROM articles") > 11000);
    check(shop_count(&w, "SELECT count(*) FROM transactions") == 31662);
    check(shop_count(&w, "SELECT count(*) FROM articles WHERE length(article_id) <> 10 AND article "
                         "IN (SELECT article FROM transactions)") == 0);
    check(shop_count(&w, "SELECT count(*) FROM reviews") == 23486);
    check(shop_count(&w, "SELECT count(article) FROM reviews") == 0);
    check_ok(shop_step(&w, &stage_datasets, &e), &e);
    check(shop_count(&w, "SELECT count(*) FROM e_reviews") == 22641);
    check(shop_count(&w, "SELECT count(*) FROM windows WHERE name = 'test' AND "
                         "to_day = DATE '2020-09-23' AND from_day = DATE '2020-08-26'") == 1);
    check_ok(shop_step(&w, &stage_features, &e), &e);
    check(shop_count(&w, "SELECT CAST(sum(units) AS BIGINT) FROM weekly_sales "
                         "WHERE level = 'total'") ==
          31662);
    check_ok(shop_step(&w, &stage_eda, &e), &e);
    scope_close(&s);
}
