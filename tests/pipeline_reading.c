/* reviews read: out of fold, never what cannot be read, by the ready head without labels. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "check_json.h"
#include "demo_shop.h"
#include "pipeline/language_reading.h"

static const char *const glad_words[] = {"wonderful", "lovely", "great", "perfect", "beautiful"};
static const char *const sad_words[] = {"awful", "terrible", "bad", "disappointing", "ugly"};

/* n reviews, three in five glad, nine in ten with words that say so. Four cannot be read: number 3
 * is empty once its HTML is gone, 4 has signs alone, 5 and 6 are German and French. */
static void open_shop(desk *p, const char *name, int n, int threads, bool rated) {
    desk_open(p, threads, name, (windows){18000, 18120, 18160, 18200});
    static const char *const names[] = {"review", "article", "day",         "category",
                                        "rating", "text",    "recommended", "title"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32,  COLUMN_DAY, COLUMN_TEXT,
                                        COLUMN_I32, COLUMN_TEXT, COLUMN_I32, COLUMN_TEXT};
    columns c = columns_new(&p->s.keep, 8, names, types, n);
    for (int k = rated ? 6 : 4; k < 8; k++)
        if (k != 5) c.at[k].valid = take(&p->s.keep, uint8_t, n);
    for (int i = 0; i < n; i++) {
        rng r = rng_open(34, (uint64_t)i);
        bool glad = rng_uniform(&r) < 0.6, honest = rng_uniform(&r) < 0.9;
        const char *const *words = glad == honest ? glad_words : sad_words;
        c.at[0].i32[i] = i;
        c.at[2].i32[i] = 18000 + i * 200 / n;
        c.at[3].text[i] = i % 2 ? SLICE("Dresses") : SLICE("Trousers");
        c.at[4].i32[i] = i % 50 == 49 ? 3 : glad ? 5 : 1;
        c.at[5].text[i] = slice_of(arena_text(&p->s.keep, "it is %s and %s, number %d",
                                              words[rng_below(&r, 5)], words[rng_below(&r, 5)],
                                              i));
    }
    c.at[5].text[3] = SLICE("<b> </b>");
    c.at[5].text[4] = SLICE("!!! \xf0\x9f\x98\x8d");
    c.at[5].text[5] = SLICE("Das Kleid ist wirklich sehr sch\xc3\xb6n und es passt mir gut");
    c.at[5].text[6] = SLICE("La robe est tr\xc3\xa8s belle mais elle est trop petite pour moi");
    check_ok(db_put(p->w.d, "e_reviews", &c, &p->e), &p->e);
    desk_sql(p, "CREATE TABLE articles(article INTEGER, article_id VARCHAR, name VARCHAR)");
}

static const js_node *insight(desk *p) {
    return desk_step(p, family_language.insight, "language", "09_insight", "insight.json");
}

static slice file_of(desk *p, const char *name) {
    slice bytes;
    check_ok(file_read(work_path(&p->w, &p->s.keep, "09_insight", name), &p->s, 1 << 24, &bytes,
                       &p->e), &p->e);
    return bytes;
}

static const js_node *language(desk *p) {
    return js_parse(&p->s, file_of(p, "language.json"), &p->e);
}

static columns sentiment(desk *p) {
    columns c;
    check_ok(db_query(p->w.d, &p->s.keep, &c, &p->e,
                      "SELECT * FROM review_sentiment ORDER BY review"), &p->e);
    return c;
}

CHECK(reading_recovers_what_was_planted_and_passes_over_what_cannot_be_read) {
    desk p;
    open_shop(&p, "reading-own", 1000, 2, true);
    insight(&p);
    columns c = sentiment(&p);
    const column *positive = columns_find(&c, "positive");
    const slice *said = columns_text(&c, "sentiment"), *spoken = columns_text(&c, "language");
    int64_t right = 0, wrong = 0;
    check(c.rows == 1000);
    for (int i = 0; i < 1000; i++) {
        bool unread = i >= 3 && i <= 6;
        check(column_has(positive, i) == !unread);
        check(slice_is(said[i], "unread") == unread);
        if (unread) continue;
        rng r = rng_open(34, (uint64_t)i);
        bool glad = rng_uniform(&r) < 0.6, says = glad == (rng_uniform(&r) < 0.9);
        right += (positive->real[i] > 0.5) == says;
        wrong += (positive->real[i] > 0.5) != says;
    }
    check(wrong * 100 <= right); /* ten words carry it all: as good as never misread */
    check_text(spoken[5], "German");
    const js_node *all = language(&p), *unread = js_get(all, "unread");
    check_near(desk_real(unread, "empty"), 1, 0);
    check_near(desk_real(unread, "signs"), 1, 0);
    check_near(desk_real(unread, "other_language"), 2, 0);
    check(js_count(js_get(unread, "languages")) == 2);
    check_text(text_of(all, "head"), "learnt from this shop's reviews");
    desk_close(&p);
}

CHECK(reading_of_a_review_does_not_know_its_label) {
    desk p;
    open_shop(&p, "reading-folds", 600, 2, true);
    insight(&p);
    columns before = sentiment(&p);
    desk_sql(&p, "UPDATE e_reviews SET rating = 6 - rating WHERE review = 100");
    insight(&p);
    columns after = sentiment(&p);
    const double *x = columns_real(&before, "positive"), *y = columns_real(&after, "positive");
    int64_t moved = 0;
    for (int i = 0; i < 600; i++) moved += x[i] != y[i];
    check_near(x[100], y[100], 0);
    check(moved > 300); /* those of the other four folds were read by heads that saw it */
    desk_close(&p);
}

CHECK(reading_is_the_same_with_any_number_of_threads) {
    once_is_enough();
    slice first[2] = {0};
    desk p[3];
    for (int t = 0; t < 3; t++) {
        open_shop(&p[t], "reading-threads", 500, (int[]){1, 2, 8}[t], true);
        insight(&p[t]);
        slice now[2] = {file_of(&p[t], "language.json"),
                        file_of(&p[t], "review_sentiment.parquet")};
        for (int k = 0; k < 2; k++) {
            if (t == 0) first[k] = now[k];
            check(slice_compare(first[k], now[k]) == 0);
        }
    }
    for (int t = 0; t < 3; t++) desk_close(&p[t]);
}

CHECK(reading_without_labels_is_by_the_ready_head_and_says_so) {
    desk p;
    open_shop(&p, "reading-ready", 300, 2, false);
    const js_node *trained = desk_step(&p, family_language.train, "language", "06_train",
                                       "train.json");
    check_has(text_of(trained, "skipped"), "fewer than 200 reviews with a clear rating");
    const js_node *told = insight(&p);
    check_text(text_of(told, "reads"), "words");
    check_has(text_of(told, "note"), "film reviews");
    const js_node *all = language(&p);
    check_has(text_of(all, "head"), "film reviews");
    check_has(text_of(all, "why"), "film reviews");
    check_has(text_of(all, "label"), "fewer than 200");
    check(js_count(js_get(all, "sentiment_by_category")) == 2);
    check(js_count(js_get(all, "trend")) == 7);
    columns c = sentiment(&p);
    const column *positive = columns_find(&c, "positive");
    int64_t right = 0;
    for (int i = 0; i < 300; i++) {
        check(column_has(positive, i) == !(i >= 3 && i <= 6));
        rng r = rng_open(34, (uint64_t)i);
        bool glad = rng_uniform(&r) < 0.6, says = glad == (rng_uniform(&r) < 0.9);
        right += column_has(positive, i) && (positive->real[i] > 0.5) == says;
    }
    check(right > 280); /* plain words of praise and blame, of 296 */
    const js_node *home = desk_step(&p, family_language.publish, "language", "10_serve",
                                    "home.json");
    check_has(text_of(home, "verdict"), "film reviews");
    check(!file_exists(work_path(&p.w, &p.s.keep, "10_serve", "language.atm")));
    desk_close(&p);
}

/* The demo shop's stars are planted in its sentences, with noise: Naive Bayes orders them with an
 * AUC of .88 to .985. Reading out of fold, and the head of film reviews, which never saw a star. */
CHECK(reading_recovers_the_stars_of_the_demo_shop) {
    demo_shop *shop = demo_shop_see();
    for (int blind = 0; blind < 2; blind++) {
        desk p;
        language_data d;
        language_reading r;
        double worse = 0, pairs = 0;
        desk_open(&p, 2, "reading-demo", (windows){19632, 20304, 20332, 20360});
        columns c = demo_shop_query(
            shop, "SELECT CAST(row_number() OVER (ORDER BY review_id, text) - 1 AS INTEGER) AS "
                  "review, 0 AS article, date::DATE AS day, '' AS category, stars AS rating, "
                  "CAST(NULL AS INTEGER) AS recommended, '' AS title, text FROM reviews "
                  "WHERE text IS NOT NULL AND review_id::BIGINT % 3 = 0 ORDER BY review");
        check_ok(db_put(p.w.d, "e_reviews", &c, &p.e), &p.e);
        if (blind) desk_sql(&p, "UPDATE e_reviews SET rating = NULL");
        check_ok(language_data_read(&p.w, &p.s, &d, &p.e), &p.e);
        check_ok(language_reading_make(&p.w, &p.s, &d, &r, &p.e), &p.e);
        check(!r.skip && r.ready == blind && r.read == d.n);
        const int32_t *stars = columns_i32(&c, "rating");
        for (int64_t i = 0; i < d.n; i++) /* pairs of a glad and a sad review */
            for (int64_t k = 0; stars[i] >= 4 && k < d.n; k++) {
                if (stars[k] > 2) continue;
                pairs++;
                worse += r.positive[i] < r.positive[k] ? 1
                         : r.positive[i] > r.positive[k] ? 0 : 0.5;
            }
        check(pairs > 10000 && 1 - worse / pairs > (blind ? 0.75 : 0.88));
        desk_close(&p);
    }
}
