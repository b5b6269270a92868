/* pipeline_recommend: the family's hooks on a planted shop and on real purchases. */
#include "recommend_plant.h"

#include <math.h>
#include <string.h>

#include "data/store.h"
#include "pipeline/family.h"
#include "pipeline/live.h"
#include "pipeline/recommend_file.h"
#include "pipeline/recommend_rank.h"
#include "pipeline/recommend_ranker.h"

static slice hook_report(work *w, folder *f, scope *s, family_hook *hook) {
    err e = {0};
    scope own;
    js *j = take(&s->keep, js, 1);
    check_ok(scope_open(&own, (size_t)2 << 30, (size_t)2 << 30, &e), &e);
    if (!f) check_ok((f = folder_begin(&own, w->out, "hook", &e)) != NULL, &e); /* not kept */
    js_open(j, s);
    js_object(j, NULL);
    check_ok(hook(w, f, &own, j, &e), &e);
    js_end(j);
    scope_close(&own);
    return text_slice(&j->out);
}

static double number(const js_node *n, const char *key) {
    double value = -1;
    check(js_real(js_get(n, key), &value));
    return value;
}

static const js_node *map_of(const js_node *report, const char *model) {
    const js_node *models = js_get(report, "models");
    for (int64_t i = 0; i < js_count(models); i++) {
        slice name;
        check(js_text(js_get(js_at(models, i), "name"), &name));
        if (slice_is(name, model)) return js_get(js_get(js_at(models, i), "metrics"), "map_at_12");
    }
    check_failed(__FILE__, __LINE__, "the report has the model");
    return NULL;
}

CHECK(recommend_family_finds_planted_tastes) {
    work w;
    scope s;
    err e = {0};
    plant_open(&w, &s, 2, check_folder("recommend_tastes"));
    plant_shop(&w);
    slice said = hook_report(&w, NULL, &s, family_recommend.evaluate);
    const js_node *report = js_parse(&s, said, &e);
    check(report != NULL);
    double popular = number(map_of(report, "popularity"), "value");
    double als = number(map_of(report, "als"), "value");
    check(als > 1.5 * popular);
    check(number(map_of(report, "hybrid"), "value") > 1.5 * popular);
    check(number(map_of(report, "content"), "value") > popular);
    check(number(js_get(report, "data"), "customers_without_history") == 1);
    slice verdict;
    check(js_text(js_get(report, "verdict"), &verdict));
    check_has(verdict, "The hybrid is better than popularity");
    scope_close(&s);
}

CHECK(recommend_family_is_the_same_bytes_for_any_threads) {
    once_is_enough();
    slice first[3] = {{0}};
    scope all[3];
    for (int run_no = 0; run_no < 3; run_no++) {
        work w;
        plant_open(&w, &all[run_no], 1 << run_no, check_folder("recommend_threads"));
        plant_shop(&w);
        first[run_no] = hook_report(&w, NULL, &all[run_no], family_recommend.tune);
        check(slice_compare(first[run_no], first[0]) == 0);
    }
    check_has(first[0], "{\"model\":\"als\",\"parameters\":{\"alpha0\":");
    for (int i = 0; i < 3; i++) scope_close(&all[i]);
}

CHECK(recommend_family_does_not_see_the_future) {
    work w;
    scope s;
    plant_open(&w, &s, 2, check_folder("recommend_leak"));
    plant_shop(&w);
    slice before[2], after[2];
    family_hook *hooks[] = {family_recommend.train, family_recommend.tune};
    for (int i = 0; i < 2; i++) before[i] = hook_report(&w, NULL, &s, hooks[i]);
    plant_run(&w, "INSERT INTO transactions SELECT CAST(i % 300 AS INTEGER), "
                  "CAST(i % 60 AS INTEGER), "
                  "DATE '2020-08-01' + CAST(i % 20 AS INTEGER), 3, 9, 27, 'store' "
                  "FROM range(5000) t(i)");
    plant_features(&w);
    for (int i = 0; i < 2; i++) {
        after[i] = hook_report(&w, NULL, &s, hooks[i]);
        check(before[i].n == after[i].n && memcmp(before[i].p, after[i].p, after[i].n) == 0);
    }
    scope_close(&s);
}

CHECK(recommend_family_skips_a_shop_without_purchases) {
    work w;
    scope s;
    plant_open(&w, &s, 1, check_folder("recommend_empty"));
    plant_shop(&w);
    plant_run(&w, "DELETE FROM transactions");
    check_has(hook_report(&w, NULL, &s, family_recommend.train),
              "\"skipped\":\"no customer buys in the weeks judged on\"");
    check_has(hook_report(&w, NULL, &s, family_recommend.tune), "\"skipped\"");
    check_has(hook_report(&w, NULL, &s, family_recommend.evaluate), "\"skipped\"");
    scope_close(&s);
}

CHECK(recommend_rank_parts_add_up_to_the_score) {
    work w;
    scope s;
    err e = {0};
    recommend_data d;
    recommend_fit m;
    recommend_ranked r;
    plant_open(&w, &s, 2, check_folder("recommend_parts"));
    plant_shop(&w);
    check_ok(recommend_load(&d, &w, w.days.end, &s.keep, s.scratch, &e), &e);
    check_ok(recommend_fit_all(&m, &d, recommend_defaults(1), w.days.end, w.threads, &s.keep,
                               s.scratch, &e), &e);
    const int32_t customers[] = {299, 4, 0};
    recommend_ask ask = {customers, 3, 12, true, NULL};
    check_ok(recommend_rank(&m, ask, &r, w.threads, &s.keep, s.scratch, &e), &e);
    for (int64_t i = 0; i < 3 * 12; i++) {
        double sum = 0;
        check(r.ids[i] >= 0);
        for (int p = 0; p < RECOMMEND_PARTS; p++) sum += r.parts[i * RECOMMEND_PARTS + p];
        check_near(r.scores[i], sum, 1e-5); /* 16 floats of size 1 added in another order */
    }
    check(r.parts[12 * RECOMMEND_PARTS + RECOMMEND_ALS] > 0);
    scope_close(&s);
}

/* What lists need beside themselves does not grow with the number of customers, and where a block
 * of them ends changes nothing: 9000 at once would need 158 MB of rows (60 candidates of
 * FRAME_COLUMNS floats), for which a quarter of the scratch is there. */
static void rank_many(const recommend_fit *m, const recommend_ranked *few, work *w, scope *s) {
    enum { MANY = 9000, K = 12 };
    err e = {0};
    recommend_ranked r;
    int32_t *customers = take(&s->keep, int32_t, MANY);
    for (int64_t i = 0; i < MANY; i++) customers[i] = (int32_t)(i * 7 % 300);
    hybrid_problem p = recommend_candidates(m, customers, MANY, w->threads, &s->keep, s->scratch);
    for (int lists = 0; lists < 2; lists++) { /* candidates fetched there, or brought along */
        arena rest = s->scratch, small = arena_split(&rest, (size_t)384 << 20);
        recommend_ask ask = {customers, MANY, K, false, lists ? &p : NULL};
        check_ok(recommend_rank(m, ask, &r, w->threads, &s->keep, small, &e), &e);
        for (int64_t i = 0; i < MANY; i++) {
            check(memcmp(r.ids + i * K, few->ids + customers[i] * K, sizeof *r.ids * K) == 0);
            check(memcmp(r.scores + i * K, few->scores + customers[i] * K,
                         sizeof *r.scores * K) == 0);
        }
    }
}

/* The same with a ranker that a tuning chose; it knows the tastes. */
CHECK(recommend_rank_by_a_ranker_adds_up_and_knows_tastes) {
    work w;
    scope s;
    err e = {0};
    recommend_data d;
    recommend_fit m;
    recommend_ranked r;
    const char *out = check_folder("recommend_ranker");
    plant_open(&w, &s, 2, out);
    plant_shop(&w);
    plant_choose(&s, out, true);
    check_ok(recommend_fit_served(&m, &d, &w, &s, &e), &e);
    check(m.ranker != NULL && m.ranker->n > 0);
    int32_t customers[300];
    int right = 0;
    for (int c = 0; c < 300; c++) customers[c] = c;
    recommend_ask ask = {customers, 300, 12, true, NULL};
    check_ok(recommend_rank(&m, ask, &r, w.threads, &s.keep, s.scratch, &e), &e);
    for (int64_t i = 0; i < 300 * 12; i++) {
        double sum = 0;
        for (int p = 0; p < RECOMMEND_PARTS; p++) sum += r.parts[i * RECOMMEND_PARTS + p];
        check_near(r.scores[i], sum, 1e-4); /* floats of size 10, each rounded once */
        check(i % 12 == 0 || r.scores[i] <= r.scores[i - 1]);
        right += i % 12 < 2 && r.ids[i] % 3 == i / 12 % 3;
    }
    /* what is planted has one next article: the trees find it and tell the others hardly apart */
    check(right > 300 * 2 * 8 / 10); /* a third by chance */
    rank_many(&m, &r, &w, &s);
    ask.k = RECOMMEND_UNION + 1;
    check(!recommend_rank(&m, ask, &r, w.threads, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "a list has at most 100 articles");
    scope_close(&s);
}

CHECK(recommend_bundle_holds_lists_for_everybody) {
    work w;
    scope s;
    err e = {0};
    const char *out = check_folder("recommend_bundle");
    plant_open(&w, &s, 2, out);
    plant_shop(&w);
    folder *f = folder_begin(&s, out, "10_serve", &e);
    check(f != NULL);
    slice tile = hook_report(&w, f, &s, family_recommend.publish);
    check_has(tile, "\"skipped\":\"there is no evaluation of recommendations\"");
    const store *m = store_open(&s, folder_path(f, "recommend.atm"), "recommend", &e);
    check(m != NULL);
    int64_t rows, cols;
    const int32_t *items = store_get(m, "user_items", STORE_I32, &rows, &cols);
    check(items && rows == 300 && cols == 50);
    const float *scores = store_get(m, "user_scores", STORE_F32, NULL, NULL);
    const uint8_t *cold = store_get(m, "user_cold", STORE_U8, NULL, NULL);
    int right = 0;
    for (int c = 0; c < 300; c++) check(cold[c] == 0);
    for (int c = 0; c < 300; c++)
        for (int k = 0; k < 12; k++) {
            check(items[c * 50 + k] >= 0 && items[c * 50 + k] < 60);
            check(k == 0 || scores[c * 50 + k] <= scores[c * 50 + k - 1]);
            right += items[c * 50 + k] % 3 == c % 3;
        }
    check(right > 300 * 12 * 8 / 10); /* a third by chance */
    const int32_t *similar = store_get(m, "similar_items", STORE_I32, &rows, &cols);
    check(similar && rows == 60 && cols == 24);
    for (int a = 0; a < 60; a++) check(similar[a * 24] % 3 == a % 3 && similar[a * 24] != a);
    check(store_get(m, "popular_items", STORE_I32, &rows, &cols) && rows == 1 && cols == 60);
    scope_close(&s);
}

/* Units that differ, products of two articles; looks of the last days, of every third customer,
 * each in one visit;
 * visits of strangers, of the same three articles each. */
static void plant_looks(work *w) {
    plant_run(w, "UPDATE transactions SET quantity = 1 + article % 4;"
           "UPDATE b_articles SET product_code = 'p' || (article // 2);"
           "INSERT INTO f_events SELECT c, CAST((c * 5 + k) % 60 AS INTEGER), "
           "TIMESTAMP '2020-08-20 10:00:00' + INTERVAL (c % 9) DAY, "
           "CASE k WHEN 2 THEN 'cart_add' ELSE 'view' END, c, k "
           "FROM range(0, 300, 3) t(c), range(3) u(k);"
           "INSERT INTO f_events SELECT NULL, CAST((c * 5 + k) % 60 AS INTEGER), "
           "TIMESTAMP '2020-08-10 10:00:00', 'view', c, k FROM range(300, 600) t(c), "
           "range(3) u(k)");
}

/* A list made again from the file is the one that was served, bit for bit, with all parts. */
static void check_file(bool ranker) {
    work w;
    scope s;
    err e = {0};
    recommend_data d, one;
    recommend_fit m, again;
    recommend_ranked all, r;
    const char *out = check_folder("recommend_file");
    plant_open(&w, &s, 2, out);
    plant_shop(&w);
    plant_looks(&w);
    plant_choose(&s, out, ranker);
    check_ok(recommend_fit_served(&m, &d, &w, &s, &e), &e);
    check((m.ranker != NULL) == ranker && m.looks.at[300] > 0);
    const char *path = arena_text(&s.keep, "%s/fit.atm", out);
    store_writer *to = store_create(&s, path, "recommend", &e);
    check(to != NULL);
    check_ok(recommend_file_put(to, &m, s.scratch, &e), &e);
    check_ok(store_put(to, "als_item", STORE_F32, 60, m.als.ld, m.als.item, &e), &e);
    check_ok(store_close(to, &e), &e);
    const store *file = store_open(&s, path, "recommend", &e);
    check(file != NULL);
    int32_t customers[300], zero = 0;
    for (int c = 0; c < 300; c++) customers[c] = c;
    check_ok(recommend_rank(&m, (recommend_ask){customers, 300, 50, true, NULL}, &all, w.threads,
                            &s.keep, s.scratch, &e), &e);
    for (int c = 0; c < 300; c += 23) { /* 299 bought once, and 276 has looks */
        check_ok(recommend_file_get(&again, &one, file, c, &s.keep, s.scratch, &e), &e);
        check((again.ranker != NULL) == ranker);
        check_ok(recommend_rank(&again, (recommend_ask){&zero, 1, 50, true, NULL}, &r, w.threads,
                                &s.keep, s.scratch, &e), &e);
        check(memcmp(r.ids, all.ids + c * 50, sizeof *r.ids * 50) == 0);
        check(memcmp(r.scores, all.scores + c * 50, sizeof *r.scores * 50) == 0);
        check(memcmp(r.parts, all.parts + c * 50 * RECOMMEND_PARTS,
                     sizeof *r.parts * 50 * RECOMMEND_PARTS) == 0);
    }
    scope_close(&s);
}

CHECK(recommend_file_makes_a_list_of_the_blend_again) { check_file(false); }
CHECK(recommend_file_makes_a_list_of_the_ranker_again) { check_file(true); }

static void put_ids(scope *s, folder *f, int32_t end) {
    static const char *const texts[] = {"article_name", "article_category", "article_type",
                                        "article_colour", "article_product"};
    err e = {0};
    slice who[300], what[60];
    int32_t zero[60] = {0};
    uint8_t stock[60] = {0};
    double price[60] = {0};
    for (int i = 0; i < 300; i++) who[i] = slice_of(arena_text(&s->keep, "c%d", i));
    for (int i = 0; i < 60; i++) what[i] = slice_of(arena_text(&s->keep, "a%d", i));
    store_writer *w = store_create(s, folder_path(f, "ids.atm"), "ids", &e);
    check(w && store_put_texts(w, "customer_id", who, 300, &e) &&
          store_put_texts(w, "article_id", what, 60, &e));
    for (int i = 0; i < 5; i++) check_ok(store_put_texts(w, texts[i], what, 60, &e), &e);
    check_ok(store_put(w, "article_group", STORE_I32, 60, 1, zero, &e) &&
             store_put(w, "article_first_day", STORE_I32, 60, 1, zero, &e) &&
             store_put(w, "article_stock", STORE_U8, 60, 1, stock, &e) &&
             store_put(w, "article_price", STORE_F64, 60, 1, price, &e) &&
             store_put(w, "end", STORE_I32, 1, 1, &end, &e) && store_close(w, &e) &&
             folder_write(f, "home.json", SLICE("{}"), &e), &e);
}

/* Without an event of today a list made at request time is the blend's: every source gives what it
 * gave there, but that factors are folded in. */
CHECK(live_list_of_a_customer_is_the_blends) {
    work w;
    scope s;
    err e = {0};
    recommend_data d;
    recommend_fit m;
    recommend_ranked r;
    bundle *b;
    const char *out = check_folder("recommend_live");
    plant_open(&w, &s, 2, out);
    plant_shop(&w);
    plant_looks(&w);
    plant_choose(&s, out, false);
    folder *f = folder_begin(&s, out, "10_serve", &e);
    check(f != NULL);
    put_ids(&s, f, w.days.end);
    hook_report(&w, f, &s, family_recommend.publish);
    folder_key key = {hash_of(SLICE("p")), hash_of(SLICE("s")), 1};
    check_ok(folder_commit(f, &key, &e), &e);
    check_ok(bundle_open(&b, out, &e), &e);
    check(b->recommend.sessions.sessions == 400);
    check(b->recommend.weight[BUNDLE_SESSION] > 0); /* they alone say what comes next */
    check_ok(recommend_fit_served(&m, &d, &w, &s, &e), &e);
    live_filter any = {.category = -1, .price_min = NAN, .price_max = NAN};
    int32_t customers[] = {0, 3, 10, 100, 150, 299};
    check_ok(recommend_rank(&m, (recommend_ask){customers, 6, 60, true, NULL}, &r, w.threads,
                            &s.keep, s.scratch, &e), &e);
    bool told_of[RECOMMEND_SOURCES] = {false};
    for (int c = 0; c < 6; c++) {
        live_profile p = {0};
        live_item items[60];
        live_add_history(b, customers[c], &p);
        int n = live_rank(b, &p, &any, 60, items, s.scratch), met = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < 60; j++) {
                if (r.ids[c * 60 + j] != items[i].article) continue;
                met++;
                const float *parts = r.parts + (c * 60 + j) * RECOMMEND_PARTS;
                for (int k = 0; k < RECOMMEND_SOURCES; k++) {
                    /* the last step of the factors moves them; the rest are float sums */
                    check_near(items[i].part[k], parts[k], k == RECOMMEND_ALS ? 0.05 : 1e-5);
                    told_of[k] = told_of[k] || parts[k] > 0;
                }
            }
        check(met == n && n > 20);
    }
    for (int k = 0; k < RECOMMEND_SOURCES; k++)
        check(told_of[k] || k == RECOMMEND_ARRIVALS);
    live_profile p = {0};
    live_item items[12];
    live_add(&p, 16, 1); /* 15, 16, 17 were looked at in one visit */
    int n = live_rank(b, &p, &any, 12, items, s.scratch), told = 0;
    for (int i = 0; i < n; i++)
        if (items[i].article == 15 || items[i].article == 17)
            told += items[i].part[BUNDLE_SESSION] > 0;
    check(told == 2);
    bundle_close(b);
    scope_close(&s);
}

static void load_hm(work *w, const char *hm) {
    err e = {0};
    check_ok(db_runf(w->d, &e,
        "CREATE TABLE raw AS SELECT t_dat AS day, customer_id, CAST(article_id AS BIGINT) AS id, "
        "price, sales_channel_id AS channel FROM read_csv('%s/transactions_sample.csv', "
        "header = true);"
        "CREATE TABLE art AS SELECT * FROM read_csv('%s/articles_full.csv', header = true, "
        "all_varchar = true);"
        "CREATE TABLE b_articles AS SELECT CAST(row_number() OVER (ORDER BY CAST(article_id AS "
        "BIGINT)) - 1 AS INTEGER) AS article, CAST(article_id AS BIGINT) AS id, "
        "CAST(CAST(article_id AS BIGINT) // 1000 AS VARCHAR) AS product_code, "
        "lower(prod_name || ' ' || product_type_name || ' ' || colour_group_name) AS text, "
        "product_type_name AS type, garment_group_name AS garment_group, department_name AS "
        "department, section_name AS section, index_group_name AS index_group, colour_group_name "
        "AS colour, graphical_appearance_name AS pattern, NULL::VARCHAR AS material, "
        "product_group_name AS category, prod_name AS name FROM art;"
        "CREATE TABLE f_events (customer INTEGER, article INTEGER, time TIMESTAMP, event VARCHAR, "
        "session BIGINT, seq INTEGER);"
        "CREATE TABLE customers AS SELECT CAST(row_number() OVER (ORDER BY customer_id) - 1 AS "
        "INTEGER) AS customer, customer_id, CAST(age AS INTEGER) AS age, "
        "club_member_status AS club_status FROM "
        "read_csv('%s/customers_sample.csv', header = true);"
        "CREATE TABLE articles AS SELECT article, category FROM b_articles;"
        "CREATE TABLE stock (day DATE, article INTEGER, on_hand INTEGER);"
        "CREATE TABLE transactions AS SELECT CAST(day AS DATE) AS day, customer, article, 1 AS "
        "quantity, CAST(price AS DECIMAL(18,6)) AS price, CAST(price AS DECIMAL(18,6)) AS revenue, "
        "CASE channel WHEN 2 THEN 'online' ELSE 'store' END AS channel FROM raw "
        "JOIN customers USING (customer_id) JOIN b_articles USING (id)", hm, hm, hm), &e);
    w->days = (windows){day_of(2018, 9, 20), day_of(2020, 7, 29), day_of(2020, 8, 26),
                        day_of(2020, 9, 23)};
    plant_features(w);
}

/* A floor on real data: the blend is above popularity. The window has some 250 buyers: more would
 * be chance. */
CHECK(recommend_family_holds_its_floor_on_real_purchases) {
    const char *hm = check_data("hm/articles_full.csv");
    if (!hm || SANITIZED) skip("no real data here, or no time for it under the sanitizer");
    work w;
    scope s;
    err e = {0};
    plant_open(&w, &s, 2, check_folder("recommend_hm"));
    char *folder_of = arena_text(&s.keep, "%s", hm);
    *strrchr(folder_of, '/') = 0;
    load_hm(&w, folder_of);
    const js_node *report = js_parse(&s, hook_report(&w, NULL, &s, family_recommend.evaluate), &e);
    check(report != NULL);
    double popular = number(map_of(report, "popularity"), "value");
    double hybrid = number(map_of(report, "hybrid"), "value");
    check(number(js_get(report, "data"), "customers") > 200);
    check(hybrid > popular);
    scope_close(&s);
}
