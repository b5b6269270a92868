/* aspects in the pipeline: the demo shop's reviews as aspects.json and table review_aspects. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "check_json.h"
#include "demo_shop.h"
#include "models/interval.h"
#include "pipeline/language_aspects.h"

/* The demo shop's reviews as dataset E. */
static void open_reviews(desk *p, const char *name, int threads) {
    desk_open(p, threads, name, (windows){19632, 20304, 20332, 20360});
    demo_shop *shop = demo_shop_see();
    columns c = demo_shop_query(
        shop, "SELECT CAST(row_number() OVER (ORDER BY review_id, text) - 1 AS INTEGER) AS review, "
              "CAST(hash(article_id) % 1000000 AS INTEGER) AS article, date::DATE AS day, "
              "category, stars AS rating, CAST(NULL AS INTEGER) AS recommended, "
              "coalesce(title, '') AS title, text FROM reviews LEFT JOIN (SELECT DISTINCT "
              "article_id, category FROM articles) USING (article_id) "
              "WHERE text IS NOT NULL ORDER BY review");
    check_ok(db_put(p->w.d, "e_reviews", &c, &p->e), &p->e);
}

static const js_node *insight(desk *p) {
    language_data d;
    js *report = take(&p->s.keep, js, 1);
    js_open(report, &p->s);
    js_object(report, NULL);
    check_ok(language_data_read(&p->w, &p->s, &d, &p->e), &p->e);
    check_ok(language_aspects_insight(&p->w, p->f, &p->s, &d, NULL, report, &p->e), &p->e);
    return desk_tile(p, "aspects.json");
}

static int64_t number(const js_node *n, const char *key) {
    int64_t v = -1;
    js_int(js_get(n, key), &v);
    return v;
}

static int64_t count(desk *p, const char *where, slice its) {
    int64_t n = -1;
    check_ok(db_count(p->w.d, &n, &p->e,
                      "SELECT count(*) FROM review_aspects WHERE aspect = '%.*s' AND %s",
                      (int)its.n, its.p, where), &p->e);
    return n;
}

/* Share and interval of a member against Wilson's of its counts; four decimals are written. */
static void check_share(const js_node *one) {
    int64_t good = number(one, "positive"), bad = number(one, "negative");
    interval w = interval_wilson(good, good + bad);
    check(good >= 0 && bad >= 0);
    check_near(desk_real(one, "positive_share"), w.value, 5.1e-5);
    check_near(desk_real(one, "low"), w.low, 5.1e-5);
    check_near(desk_real(one, "high"), w.high, 5.1e-5);
}

static void check_parts(const js_node *one, const char *list, int64_t most, bool all) {
    const js_node *parts = js_get(one, list);
    int64_t mentions = 0;
    for (int64_t i = 0; i < js_count(parts); i++) {
        mentions += number(js_at(parts, i), "mentions");
        check_share(js_at(parts, i));
    }
    check(js_count(parts) > 0 && js_count(parts) <= most);
    check(all ? mentions == number(one, "mentions") : mentions <= number(one, "mentions"));
}

CHECK(aspects_tiles_count_the_mentions_of_the_table) {
    desk p;
    open_reviews(&p, "aspects-counts", 2);
    const js_node *told = insight(&p), *list = js_get(told, "aspects");
    int64_t all = 0, rows;
    check_text(text_of(told, "schema"), "atelier.aspects/1");
    check(js_count(list) == ASPECTS);
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        slice its = text_of(one, "aspect");
        int64_t mentions = number(one, "mentions");
        check(mentions == count(&p, "true", its));
        check(number(one, "positive") == count(&p, "polarity = 'positive'", its));
        check(number(one, "negative") == count(&p, "polarity = 'negative'", its));
        check(mentions == number(one, "positive") + number(one, "neutral") +
                              number(one, "negative"));
        check(number(one, "reviews") > 0 && number(one, "reviews") <= mentions);
        check_share(one);
        check_parts(one, "by_category", 12, false);
        check_parts(one, "by_month", 25, true); /* every review of the demo shop has a day */
        all += mentions;
    }
    check_ok(db_count(p.w.d, &rows, &p.e, "SELECT count(*) FROM review_aspects"), &p.e);
    check(rows == all && rows > 10000);
    const js_node *size = js_get(told, "size");
    check(number(size, "small") == count(&p, "direction = 'small'", SLICE("size")));
    check(number(size, "true") == count(&p, "direction = 'true'", SLICE("size")));
    check(number(size, "large") == count(&p, "direction = 'large'", SLICE("size")));
    check(number(size, "true") > 0 && js_count(js_get(size, "by_category")) > 2);
    desk_close(&p);
}

CHECK(aspects_are_quoted_from_the_reviews) {
    desk p;
    open_reviews(&p, "aspects-quotes", 2);
    columns c;
    const js_node *list = js_get(insight(&p), "aspects");
    int64_t quotes = 0, found;
    check_ok(db_query(p.w.d, &p.s.keep, &c, &p.e, "SELECT text FROM e_reviews ORDER BY review"),
             &p.e);
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *its = js_get(js_at(list, i), "quotes");
        check(js_count(its) <= 6);
        for (int64_t q = 0; q < js_count(its); q++, quotes++) {
            const js_node *one = js_at(its, q);
            slice polarity = text_of(one, "polarity"), said = text_of(one, "text");
            check(slice_is(polarity, "positive") || slice_is(polarity, "negative"));
            check(said.n >= 15);
            check_has(columns_text(&c, "text")[number(one, "review")],
                      arena_text(&p.s.keep, "%.*s", (int)said.n, said.p));
        }
    }
    check(quotes > 40);
    /* every piece of evidence is bytes of the review that it is said to be from */
    check_ok(db_count(p.w.d, &found, &p.e,
                      "SELECT count(*) FROM review_aspects JOIN e_reviews USING (review) "
                      "WHERE contains(text, evidence) AND length(evidence) > 1"), &p.e);
    int64_t rows;
    check_ok(db_count(p.w.d, &rows, &p.e, "SELECT count(*) FROM review_aspects JOIN e_reviews "
                      "USING (review) WHERE text NOT LIKE '%%<%%' AND text NOT LIKE '%%&%%'"),
             &p.e);
    check(rows > 10000 && found >= rows);
    desk_close(&p);
}

CHECK(aspects_have_months_only_where_there_are_days) {
    desk p;
    open_reviews(&p, "aspects-undated", 2);
    desk_sql(&p, "DELETE FROM e_reviews WHERE review >= 2000; "
                 "UPDATE e_reviews SET day = NULL, category = NULL");
    const js_node *list = js_get(insight(&p), "aspects");
    check(js_count(list) == ASPECTS);
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *months = js_get(js_at(list, i), "by_month");
        check(js_is_array(months) && js_count(months) == 0);
        check(js_count(js_get(js_at(list, i), "by_category")) == 0);
        check(number(js_at(list, i), "mentions") > 0);
    }
    desk_close(&p);
}

CHECK(aspects_of_reviews_that_say_nothing_are_skipped_in_words) {
    desk p;
    open_reviews(&p, "aspects-nothing", 1);
    desk_sql(&p, "DELETE FROM e_reviews WHERE review >= 200; "
                 "UPDATE e_reviews SET text = CASE review % 4 WHEN 0 THEN 'Bought in May' "
                 "WHEN 1 THEN '' WHEN 2 THEN '!!!' ELSE 'Das Kleid ist leider nicht so gut' END");
    const js_node *told = insight(&p);
    check_has(text_of(told, "skipped"), "no review speaks");
    check(js_count(js_get(told, "aspects")) == 0);
    check(number(js_get(told, "size"), "small") == 0);
    desk_close(&p);
}

CHECK(aspects_tiles_are_the_same_on_any_number_of_threads) {
    desk p[3];
    text first = {0};
    slice bytes;
    for (int i = 0; i < 3; i++) {
        open_reviews(&p[i], arena_text(&demo_shop_see()->s.keep, "aspects-threads-%d", i),
                     (int[]){1, 2, 8}[i]);
        desk_sql(&p[i], "DELETE FROM e_reviews WHERE review >= 2000");
        insight(&p[i]);
        static const char *const files[] = {"aspects.json", "review_aspects.parquet"};
        text both = {0};
        for (int f = 0; f < 2; f++) {
            check_ok(file_read(folder_path(p[i].f, files[f]), &p[i].s, 1 << 26, &bytes, &p[i].e),
                     &p[i].e);
            text_add(&both, bytes);
        }
        if (i == 0) first = both;
        check(first.n > 50000 && slice_compare(text_slice(&first), text_slice(&both)) == 0);
        if (i > 0) text_free(&both);
    }
    text_free(&first);
    for (int i = 0; i < 3; i++) desk_close(&p[i]);
}
