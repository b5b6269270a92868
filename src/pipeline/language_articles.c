/* language_articles: what the reviews of each article say, one text an article, for the server.
 *
 * A text holds members of a JSON object: "reviews", "rating" (mean or null), "positive_share",
 * "low", "high", "aspects": [{"aspect", "positive", "neutral", "negative"}], "size": {"small",
 * "true", "large"} and "quotes": [{"review", "day", "rating", "sentiment", "probability", "text"}],
 * the surest of each kind. */
#include <math.h>
#include <string.h>

#include "data/store.h"
#include "models/interval.h"
#include "pipeline/language_reviews.h"

enum { SHORT = 280 }; /* bytes of a quote, at most */

/* Tables of what is put in, each in the order of articles; `at` walks along. */
typedef struct rows {
    columns c;
    int64_t at;
} rows;

static const char summary_sql[] =
    "SELECT article, count(*) AS n, avg(nullif(rating, 0)) AS rating, "
    "count(*) FILTER (WHERE positive) AS positive, count(positive) AS judged FROM "
    "(SELECT r.article, r.rating, CASE WHEN x.sentiment = 'positive' THEN true "
    "WHEN x.sentiment = 'negative' THEN false WHEN x.sentiment = 'uncertain' THEN NULL "
    "WHEN r.rating >= 4 THEN true WHEN r.rating BETWEEN 1 AND 2 THEN false END AS positive "
    "FROM e_reviews r LEFT JOIN review_results x USING (review) WHERE r.article IS NOT NULL) "
    "GROUP BY article ORDER BY article";

/* Three of each sentiment, the surest first; without one, three by the number of the review. */
static const char quotes_sql[] =
    "SELECT article, review, day, rating, coalesce(sentiment, '') AS sentiment, positive, text "
    "FROM (SELECT r.article, r.review, CAST(r.day AS VARCHAR) AS day, r.rating, x.sentiment, "
    "x.positive, r.text, row_number() OVER (PARTITION BY r.article, x.sentiment ORDER BY "
    "abs(coalesce(x.positive, 0.5) - 0.5) DESC, r.review) AS place FROM e_reviews r "
    "LEFT JOIN review_results x USING (review) WHERE r.article IS NOT NULL "
    "AND coalesce(x.sentiment, '') NOT IN ('uncertain', 'unread')) WHERE place <= 3 "
    "ORDER BY article, sentiment DESC, place";

/* "fit:-;fabric:+" of all reviews of an article, counted. */
static const char aspects_sql[] =
    "SELECT article, split_part(m, ':', 1) AS aspect, "
    "count(*) FILTER (WHERE m LIKE '%:+') AS positive, "
    "count(*) FILTER (WHERE m LIKE '%:0') AS neutral, "
    "count(*) FILTER (WHERE m LIKE '%:-') AS negative FROM "
    "(SELECT r.article, unnest(string_split(x.aspects, ';')) AS m FROM e_reviews r "
    "JOIN review_results x USING (review) WHERE r.article IS NOT NULL AND x.aspects IS NOT NULL) "
    "GROUP BY ALL ORDER BY article, count(*) DESC, aspect";

static const char size_sql[] =
    "SELECT r.article, count(*) FILTER (WHERE size_direction = 'small') AS small, "
    "count(*) FILTER (WHERE size_direction = 'true') AS fits, "
    "count(*) FILTER (WHERE size_direction = 'large') AS large FROM e_reviews r "
    "JOIN review_results x USING (review) WHERE r.article IS NOT NULL "
    "AND size_direction IS NOT NULL GROUP BY r.article ORDER BY r.article";

static bool next_is(const rows *r, int64_t article) {
    return r->at < r->c.rows && columns_i32(&r->c, "article")[r->at] == article;
}

static void put_counts(js *out, const rows *r, const char *const *names, const char *const *keys) {
    for (int i = 0; i < 3; i++) js_put_int(out, keys[i], columns_i64(&r->c, names[i])[r->at]);
}

static void put_aspects(js *out, rows *r, int64_t article) {
    static const char *const names[] = {"positive", "neutral", "negative"};
    js_array(out, "aspects");
    for (; next_is(r, article); r->at++) {
        js_object(out, NULL);
        js_put_text(out, "aspect", columns_text(&r->c, "aspect")[r->at]);
        put_counts(out, r, names, names);
        js_end(out);
    }
    js_end(out);
}

static void put_size(js *out, rows *r, int64_t article) {
    static const char *const names[] = {"small", "fits", "large"};
    static const char *const keys[] = {"small", "true", "large"};
    if (!next_is(r, article)) {
        js_put_null(out, "size");
        return;
    }
    js_object(out, "size");
    put_counts(out, r, names, keys);
    js_end(out);
    r->at++;
}

static void put_quotes(js *out, rows *r, int64_t article, arena *keep) {
    const column *day = columns_find(&r->c, "day"), *p = columns_find(&r->c, "positive");
    const column *rating = columns_find(&r->c, "rating");
    js_array(out, "quotes");
    for (; next_is(r, article); r->at++) {
        slice sentiment = columns_text(&r->c, "sentiment")[r->at];
        js_object(out, NULL);
        js_put_int(out, "review", columns_i32(&r->c, "review")[r->at]);
        if (column_has(day, r->at)) js_put_text(out, "day", day->text[r->at]);
        else js_put_null(out, "day");
        if (column_has(rating, r->at)) js_put_int(out, "rating", rating->i32[r->at]);
        else js_put_null(out, "rating");
        if (sentiment.n > 0) js_put_text(out, "sentiment", sentiment);
        else js_put_null(out, "sentiment");
        if (column_has(p, r->at)) js_put_fixed(out, "probability", p->real[r->at], 4);
        else js_put_null(out, "probability");
        js_put_text(out, "text", language_quote(columns_text(&r->c, "text")[r->at], SHORT, keep));
        js_end(out);
    }
    js_end(out);
}

static void put_summary(js *out, const rows *r) {
    const column *rating = columns_find(&r->c, "rating");
    interval share = interval_wilson(columns_i64(&r->c, "positive")[r->at],
                                     columns_i64(&r->c, "judged")[r->at]);
    js_put_int(out, "reviews", columns_i64(&r->c, "n")[r->at]);
    if (column_has(rating, r->at)) js_put_fixed(out, "rating", rating->real[r->at], 3);
    else js_put_null(out, "rating");
    js_put_fixed(out, "positive_share", share.value, 6);
    js_put_fixed(out, "low", share.low, 6);
    js_put_fixed(out, "high", share.high, 6);
}

/* The members alone: without the braces that the writer puts around them. */
static slice members(js *out, arena *keep) {
    slice all = text_slice(&out->out);
    return (slice){slice_copy(keep, (slice){all.p + 1, all.n - 2}), all.n - 2};
}

bool language_reviews_publish(work *w, folder *f, scope *s, err *e) {
    int64_t there = 0, articles = 0;
    rows summary = {.at = 0}, aspects = {.at = 0}, size = {.at = 0}, quotes = {.at = 0};
    if (!db_count(w->d, &there, e, "SELECT count(*) FROM information_schema.tables "
                                   "WHERE table_name = 'review_results'"))
        return false;
    if (there == 0) return true;
    if (!db_count(w->d, &articles, e, "SELECT count(*) FROM articles") ||
        !db_query(w->d, &s->keep, &summary.c, e, "%s", summary_sql) ||
        !db_query(w->d, &s->keep, &aspects.c, e, "%s", aspects_sql) ||
        !db_query(w->d, &s->keep, &size.c, e, "%s", size_sql) ||
        !db_query(w->d, &s->keep, &quotes.c, e, "%s", quotes_sql))
        return false;
    slice *texts = take(&s->keep, slice, articles);
    for (int64_t a = 0; a < articles; a++) {
        texts[a] = SLICE("");
        if (!next_is(&summary, a)) continue;
        js out = {.first = true};
        js_object(&out, NULL);
        put_summary(&out, &summary);
        put_aspects(&out, &aspects, a);
        put_size(&out, &size, a);
        put_quotes(&out, &quotes, a, &s->keep);
        js_end(&out);
        texts[a] = members(&out, &s->keep);
        text_free(&out.out);
        summary.at++;
    }
    store_writer *to = store_create(s, folder_path(f, "reviews.atm"), "reviews", e);
    return to && store_put_texts(to, "article", texts, articles, e) && store_close(to, e);
}
