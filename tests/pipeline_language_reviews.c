/* reviews in the pipeline: steps that were planted come back, and parts are joined to one table. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "data/store.h"
#include "pipeline/language_reviews.h"

enum { REVIEWS = 3000, DAYS = 730, FIRST = 18000 };

/* Two years of reviews of three articles. Dresses (articles 0 and 1) please in 85 %, from day 365
 * on article 1 in 45 % only; Trousers (article 2) always in 70 %. Every 100th review has no rating
 * but a sentiment, every 99th the words against its stars. */
static void open_shop(desk *p, const char *name, bool dated) {
    desk_open(p, 2, name, (windows){FIRST, FIRST + 600, FIRST + 660, FIRST + DAYS});
    static const char *const names[] = {"review", "article", "day", "category", "rating", "text"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32, COLUMN_DAY,
                                        COLUMN_TEXT, COLUMN_I32, COLUMN_TEXT};
    static const char *const read_names[] = {"review", "language", "positive", "sentiment"};
    static const column_type read_types[] = {COLUMN_I32, COLUMN_TEXT, COLUMN_REAL, COLUMN_TEXT};
    columns rows = columns_new(&p->s.keep, 6, names, types, REVIEWS);
    columns read = columns_new(&p->s.keep, 4, read_names, read_types, REVIEWS);
    for (int i = 0; i < REVIEWS; i++) {
        rng r = rng_open(5, (uint64_t)i);
        int day = i * DAYS / REVIEWS, article = (int)rng_below(&r, 3);
        double pleases = article == 2 ? 0.7 : article == 1 && day >= 365 ? 0.45 : 0.85;
        bool glad = rng_uniform(&r) < pleases, says = glad != (i % 99 == 98);
        rows.at[0].i32[i] = read.at[0].i32[i] = i;
        rows.at[1].i32[i] = article;
        rows.at[2].i32[i] = FIRST + day;
        rows.at[3].text[i] = article == 2 ? SLICE("Trousers") : SLICE("Dresses");
        rows.at[4].i32[i] = i % 100 == 99 ? 3 : glad ? 5 : 1;
        rows.at[5].text[i] = slice_of(
            arena_text(&p->s.keep, i % 2 ? "review <b>%d</b><br>" : "review %d", i));
        read.at[1].text[i] = SLICE("en");
        read.at[2].real[i] = says ? 0.9 + 0.0001 * (i % 999) : 0.1 - 0.0001 * (i % 999);
        read.at[3].text[i] = i % 7 == 6 ? SLICE("uncertain")
                             : says     ? SLICE("positive")
                                        : SLICE("negative");
    }
    check_ok(db_put(p->w.d, "planted", &rows, &p->e), &p->e);
    check_ok(db_put(p->w.d, "review_sentiment", &read, &p->e), &p->e);
    desk_sql(p, "CREATE TABLE e_reviews AS SELECT *, CAST(NULL AS INTEGER) AS recommended, "
                "CAST(NULL AS VARCHAR) AS title FROM planted");
    desk_sql(p, "CREATE TABLE articles AS SELECT * FROM (VALUES (0, 'a0', 'Long dress'), "
                "(1, 'a1', 'Short dress'), (2, 'a2', 'Jeans'), (3, 'a3', 'Cap')) "
                "AS t(article, article_id, name)");
    if (!dated) desk_sql(p, "UPDATE e_reviews SET day = NULL");
}

static const js_node *insight(desk *p) {
    language_data d = {.by_recommended = false, .rule = "stars"};
    js *report = take(&p->s.keep, js, 1);
    js_open(report, &p->s);
    js_object(report, NULL);
    check_ok(language_reviews_insight(&p->w, p->f, &p->s, &d, report, &p->e), &p->e);
    return desk_tile(p, "reviews.json");
}

static void text_is(const js_node *n, const char *key, const char *wanted) {
    slice got = {"", 0};
    js_text(js_get(n, key), &got);
    check_text(got, wanted);
}

CHECK(reviews_tell_the_month_of_a_planted_step) {
    desk p;
    open_shop(&p, "reviews-step", true);
    const js_node *all = insight(&p), *by = js_get(all, "by_category");
    text_is(all, "schema", "atelier.reviews/1");
    check(js_count(by) == 3);
    text_is(js_at(by, 0), "category", "(all)");
    text_is(js_at(by, 1), "category", "Dresses");
    text_is(js_at(by, 2), "category", "Trousers");
    /* FIRST is 2019-04-14, the step 365 days later: the first whole month of it is May 2020 */
    const js_node *changes = js_get(js_at(by, 1), "changes");
    check(js_count(changes) == 1 && js_count(js_get(js_at(by, 2), "changes")) == 0);
    slice month;
    check(js_text(js_get(js_at(changes, 0), "month"), &month));
    check(slice_is(month, "2020-04") || slice_is(month, "2020-05"));
    /* half of the dresses fall by 40 points; four standard errors of 500 reviews a side */
    check_near(desk_real(js_at(changes, 0), "difference"), -0.2, 4 * sqrt(2 * 0.2 / 1000));
    check(desk_real(js_at(changes, 0), "high") < 0);
    const js_node *articles = js_get(all, "articles");
    check(js_count(articles) == 3);
    for (int i = 0; i < 3; i++) {
        slice id;
        check(js_text(js_get(js_at(articles, i), "article"), &id));
        check(js_is_object(js_get(js_at(articles, i), "change")) == slice_is(id, "a1"));
    }
    desk_close(&p);
}

CHECK(reviews_without_days_say_so) {
    desk p;
    open_shop(&p, "reviews-undated", false);
    const js_node *all = insight(&p), *first = js_at(js_get(all, "by_category"), 0);
    bool dated = true;
    slice note = {"", 0};
    check(js_bool(js_get(all, "dated"), &dated) && !dated);
    check(js_text(js_get(all, "note"), &note));
    check_has(note, "no days");
    check(js_count(js_get(first, "months")) == 0 && js_count(js_get(first, "changes")) == 0);
    check(js_is_array(js_get(first, "months")));
    desk_close(&p);
}

CHECK(reviews_list_stars_and_words_that_disagree) {
    desk p;
    open_shop(&p, "reviews-odd", true);
    const js_node *list = js_get(insight(&p), "disagreements");
    /* every 99th, without the 1 in 7 that are uncertain and those without a label */
    int64_t wanted = 0, glad = 0;
    check_ok(db_count(p.w.d, &wanted, &p.e,
                      "SELECT count(*) FROM e_reviews JOIN review_sentiment USING (review) "
                      "WHERE review %% 99 = 98 AND sentiment <> 'uncertain' AND rating <> 3"),
             &p.e);
    check(wanted > 20 && js_count(list) == wanted);
    double last = 2;
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        bool positive = desk_real(one, "rating") == 5;
        double probability = desk_real(one, "probability");
        double wrong = positive ? 1 - probability : probability;
        if (glad > 0 && !positive) last = 2, glad = -1000; /* the other direction begins */
        glad += positive;
        check(wrong > 0.5 && wrong <= last);
        last = wrong;
    }
    desk_close(&p);
}

/* Fit is good in 8 of 10 mentions, from day 365 on in 5 of 10; fabric always in 8 of 10. */
CHECK(reviews_tell_the_month_in_which_an_aspect_moved) {
    desk p;
    open_shop(&p, "reviews-aspects", true);
    desk_sql(&p, "CREATE TABLE review_aspects AS SELECT review, aspect, CASE WHEN review % 10 < "
                 "CASE WHEN aspect = 'fit' AND day >= DATE '2020-04-13' THEN 5 ELSE 8 END "
                 "THEN 'positive' ELSE 'negative' END AS polarity, CAST(NULL AS VARCHAR) AS "
                 "direction FROM e_reviews, (VALUES ('fit'), ('fabric')) AS a(aspect)");
    const js_node *aspects = js_get(insight(&p), "aspects");
    check(js_count(aspects) == 2);
    for (int i = 0; i < 2; i++) {
        const js_node *one = js_at(aspects, i), *changes = js_get(one, "changes");
        slice name, month;
        check(js_text(js_get(one, "aspect"), &name));
        check(js_count(js_get(one, "months")) >= 24 && desk_real(one, "reviews") == REVIEWS);
        check(js_count(changes) == slice_is(name, "fit"));
        if (!slice_is(name, "fit")) continue;
        check(js_text(js_get(js_at(changes, 0), "month"), &month));
        check(slice_is(month, "2020-04") || slice_is(month, "2020-05"));
        check_near(desk_real(js_at(changes, 0), "difference"), -0.3, 0.02); /* a month is mixed */
    }
    desk_close(&p);
}

CHECK(reviews_join_all_parts_into_one_table) {
    desk p;
    columns c;
    open_shop(&p, "reviews-table", true);
    desk_sql(&p, "CREATE TABLE review_aspects AS SELECT * FROM (VALUES "
                 "(0, 'fit', 'negative', NULL), (0, 'fabric', 'positive', NULL), "
                 "(0, 'size', 'neutral', 'small'), (2, 'fit', 'neutral', NULL)) "
                 "AS t(review, aspect, polarity, direction)");
    desk_sql(&p, "CREATE TABLE review_topics AS SELECT 0 AS review, 7 AS topic, 0.5 AS similarity");
    desk_sql(&p, "CREATE TABLE review_toxicity AS SELECT 2 AS review, 0.25 AS probability, "
                 "'clean' AS level");
    const js_node *aspects = js_get(insight(&p), "aspects");
    check(js_count(aspects) == 2); /* size has no opinion */
    check_ok(db_query(p.w.d, &p.s.keep, &c, &p.e,
                      "SELECT coalesce(aspects, '-') AS aspects, coalesce(size_direction, '-') AS "
                      "size_direction, coalesce(topic, -1) AS topic, coalesce(topic_similarity, 0) "
                      "AS similarity, coalesce(toxicity, 0) AS toxicity, coalesce(toxicity_level, "
                      "'-') AS level, language FROM review_results ORDER BY review"), &p.e);
    check(c.rows == REVIEWS);
    check_text(columns_text(&c, "aspects")[0], "fit:-;fabric:+;size:0");
    check_text(columns_text(&c, "size_direction")[0], "small");
    check_text(columns_text(&c, "aspects")[1], "-");
    check_text(columns_text(&c, "aspects")[2], "fit:0");
    check_text(columns_text(&c, "size_direction")[2], "-");
    check(columns_i32(&c, "topic")[0] == 7 && columns_i32(&c, "topic")[1] == -1);
    check_near(columns_real(&c, "similarity")[0], 0.5, 0);
    check_near(columns_real(&c, "toxicity")[2], 0.25, 0);
    check_text(columns_text(&c, "level")[2], "clean");
    check_text(columns_text(&c, "language")[1], "en");
    desk_close(&p);
}

/* The text of an article in reviews.atm as a JSON object; NULL where it is empty. */
static const js_node *article_text(desk *p, const store *m, int64_t article) {
    slice inside = store_text(m, "article", article);
    if (inside.n == 0) return NULL;
    const char *whole = arena_text(&p->s.keep, "{%.*s}", (int)inside.n, inside.p);
    const js_node *root = js_parse(&p->s, slice_of(whole), &p->e);
    check_ok(root != NULL, &p->e);
    return root;
}

CHECK(reviews_of_an_article_have_counts_and_quotes) {
    desk p;
    open_shop(&p, "reviews-article", true);
    desk_sql(&p, "CREATE TABLE review_aspects AS SELECT review, 'fit' AS aspect, CASE WHEN "
                 "review % 3 = 0 THEN 'negative' ELSE 'positive' END AS polarity, "
                 "CAST(NULL AS VARCHAR) AS direction FROM e_reviews WHERE article = 0");
    insight(&p);
    check_ok(language_reviews_publish(&p.w, p.f, &p.s, &p.e), &p.e);
    const store *m = store_open(&p.s, folder_path(p.f, "reviews.atm"), "reviews", &p.e);
    check_ok(m != NULL, &p.e);
    check(store_texts(m, "article") == 4 && article_text(&p, m, 3) == NULL);
    const js_node *one = article_text(&p, m, 0), *fit = js_at(js_get(one, "aspects"), 0);
    int64_t reviews = 0, negative = 0;
    check_ok(db_count(p.w.d, &reviews, &p.e, "SELECT count(*) FROM e_reviews WHERE article = 0"),
             &p.e);
    check_ok(db_count(p.w.d, &negative, &p.e,
                      "SELECT count(*) FROM e_reviews WHERE article = 0 AND review %% 3 = 0"),
             &p.e);
    check_near(desk_real(one, "reviews"), (double)reviews, 0);
    check_near(desk_real(fit, "negative"), (double)negative, 0);
    check_near(desk_real(fit, "positive"), (double)(reviews - negative), 0);
    /* planted: 85 % with one in 99 turned round; four standard errors */
    check_near(desk_real(one, "positive_share"), 0.85, 4 * sqrt(0.13 / (double)reviews));
    check(js_count(js_get(one, "quotes")) == 6);
    text_is(js_at(js_get(one, "quotes"), 0), "sentiment", "positive");
    text_is(js_at(js_get(one, "quotes"), 5), "sentiment", "negative");
    for (int i = 0; i < 6; i++) {
        slice said = {"", 0};
        check(js_text(js_get(js_at(js_get(one, "quotes"), i), "text"), &said));
        check(said.n >= 8 && memchr(said.p, '<', said.n) == NULL); /* without HTML */
    }
    desk_close(&p);
}
