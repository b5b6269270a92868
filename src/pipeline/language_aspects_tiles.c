/* language_aspects_tiles: aspects.json and the table review_aspects of step 09. */
#include "models/interval.h"
#include "pipeline/language_aspects.h"

/* The largest categories alone, the same ones for every aspect. */
#define LARGE                                                                                      \
    "(SELECT category FROM e_reviews WHERE category IS NOT NULL GROUP BY category "                \
    "ORDER BY count(*) DESC, category LIMIT 12)"
#define SIGNS                                                                                      \
    "count(*) AS mentions, count(*) FILTER (WHERE polarity = 'positive') AS positive, "            \
    "count(*) FILTER (WHERE polarity = 'neutral') AS neutral, "                                    \
    "count(*) FILTER (WHERE polarity = 'negative') AS negative"

static const char all_sql[] =
    "SELECT aspect, count(DISTINCT review) AS reviews, " SIGNS " FROM review_aspects "
    "GROUP BY aspect ORDER BY mentions DESC, aspect";
static const char categories_sql[] =
    "SELECT aspect, r.category AS part, " SIGNS " FROM review_aspects JOIN e_reviews r "
    "USING (review) WHERE r.category IN " LARGE " GROUP BY aspect, r.category "
    "ORDER BY aspect, mentions DESC, part";
static const char months_sql[] =
    "SELECT aspect, strftime(r.day, '%%Y-%%m') AS part, " SIGNS " FROM review_aspects "
    "JOIN e_reviews r USING (review) WHERE r.day IS NOT NULL GROUP BY aspect, part "
    "ORDER BY aspect, part";

/* Quotes: short clauses that say one thing, of different articles and with different beginnings;
 * near 60 bytes first. */
static const char quotes_sql[] =
    "WITH alone AS (SELECT review, evidence, min(aspect) AS aspect, min(polarity) AS polarity "
    "FROM review_aspects WHERE sure AND length(evidence) BETWEEN 15 AND 160 "
    "GROUP BY review, evidence HAVING count(*) = 1), "
    "one AS (SELECT a.*, row_number() OVER (PARTITION BY aspect, polarity, "
    "lower(left(evidence, 12)) ORDER BY abs(length(evidence) - 60), a.review) AS again, "
    "row_number() OVER (PARTITION BY aspect, polarity, coalesce(r.article, -a.review) "
    "ORDER BY abs(length(evidence) - 60), a.review) AS of_article "
    "FROM alone a JOIN e_reviews r USING (review) WHERE polarity <> 'neutral'), "
    "best AS (SELECT *, row_number() OVER (PARTITION BY aspect, polarity "
    "ORDER BY abs(length(evidence) - 60), review) AS place FROM one "
    "WHERE again = 1 AND of_article = 1) "
    "SELECT aspect, review, polarity, evidence FROM best WHERE place <= 3 "
    "ORDER BY aspect, polarity DESC, place";

/* Which way sizes and lengths point, in all (part NULL) and by category. */
static const char ways_sql[] =
    "SELECT aspect, r.category AS part, "
    "count(*) FILTER (WHERE direction IN ('small', 'short')) AS less, "
    "count(*) FILTER (WHERE direction = 'true') AS fits, "
    "count(*) FILTER (WHERE direction IN ('large', 'long')) AS more "
    "FROM review_aspects JOIN e_reviews r USING (review) WHERE direction IS NOT NULL "
    "GROUP BY GROUPING SETS ((aspect), (aspect, r.category)) "
    "HAVING GROUPING(r.category) = 1 OR r.category IN " LARGE
    " ORDER BY aspect, GROUPING(r.category) DESC, count(*) DESC, part";

static int64_t count_of(const columns *c, const char *name, int64_t row) {
    return columns_i64(c, name)[row];
}

static bool is_of(const columns *c, int64_t row, slice aspect_name) {
    return slice_compare(columns_text(c, "aspect")[row], aspect_name) == 0;
}

/* Members positive_share, low and high of those that are good or bad. */
static void put_share(js *out, const columns *c, int64_t row) {
    int64_t good = count_of(c, "positive", row);
    interval share = interval_wilson(good, good + count_of(c, "negative", row));
    js_put_fixed(out, "positive_share", share.value, 4);
    js_put_fixed(out, "low", share.low, 4);
    js_put_fixed(out, "high", share.high, 4);
}

/* One object a category or month of one aspect; key names what a part is. */
static void put_parts(js *out, const char *list, const char *key, const columns *c, slice of) {
    js_array(out, list);
    for (int64_t i = 0; i < c->rows; i++) {
        if (!is_of(c, i, of)) continue;
        js_object(out, NULL);
        js_put_text(out, key, columns_text(c, "part")[i]);
        js_put_int(out, "mentions", count_of(c, "mentions", i));
        js_put_int(out, "positive", count_of(c, "positive", i));
        js_put_int(out, "negative", count_of(c, "negative", i));
        put_share(out, c, i);
        js_end(out);
    }
    js_end(out);
}

static void put_quotes(js *out, const columns *c, slice of) {
    js_array(out, "quotes");
    for (int64_t i = 0; i < c->rows; i++) {
        if (!is_of(c, i, of)) continue;
        js_object(out, NULL);
        js_put_int(out, "review", columns_i32(c, "review")[i]);
        js_put_text(out, "polarity", columns_text(c, "polarity")[i]);
        js_put_text(out, "text", columns_text(c, "evidence")[i]);
        js_end(out);
    }
    js_end(out);
}

/* "size": {small, true, large, by_category}, "length": {short, long, by_category}. */
static void put_ways(js *out, const columns *c, slice of, const char *const keys[3]) {
    static const char *const counts[3] = {"less", "fits", "more"};
    const column *part = columns_find(c, "part");
    bool any = false;
    js_object(out, of.p);
    for (int64_t i = 0; i < c->rows; i++) {
        if (!is_of(c, i, of)) continue;
        if (any) {
            js_object(out, NULL);
            js_put_text(out, "category", part->text[i]);
        }
        for (int k = 0; k < 3; k++)
            if (keys[k]) js_put_int(out, keys[k], count_of(c, counts[k], i));
        if (any) js_end(out);
        else js_array(out, "by_category");
        any = true;
    }
    for (int k = 0; !any && k < 3; k++)
        if (keys[k]) js_put_int(out, keys[k], 0);
    if (!any) js_array(out, "by_category");
    js_end(out);
    js_end(out);
}

/* One row a mention, by review and place: review, aspect, polarity, direction, sure, evidence. */
static bool put_table(work *w, folder *f, scope *s, const language_data *d, const aspects_texts *t,
                      const aspects_found *found, err *e) {
    static const char *const names[] = {"review",    "aspect", "polarity",
                                        "direction", "sure",   "evidence"};
    static const column_type types[] = {COLUMN_I32,  COLUMN_TEXT, COLUMN_TEXT,
                                        COLUMN_TEXT, COLUMN_I32,  COLUMN_TEXT};
    static const slice signs[] = {{"negative", 8}, {"neutral", 7}, {"positive", 8}};
    columns c = columns_new(&s->keep, 6, names, types, found->n);
    c.at[3].valid = take(&s->keep, uint8_t, found->n);
    for (int64_t k = 0; k < found->n; k++) {
        const aspects_mention *m = &found->at[k];
        const char *way = language_aspects_way(m);
        c.at[0].i32[k] = d->review[m->text];
        c.at[1].text[k] = slice_of(aspects_names[m->aspect]);
        c.at[2].text[k] = signs[m->polarity + 1];
        c.at[3].valid[k] = way[0] != '\0';
        c.at[3].text[k] = slice_of(way);
        c.at[4].i32[k] = m->sure;
        c.at[5].text[k] = (slice){t->plain[m->text].p + m->from, (size_t)(m->to - m->from)};
    }
    return db_put(w->d, "review_aspects_read", &c, e) &&
           db_run(w->d, SLICE("CREATE OR REPLACE TABLE review_aspects AS SELECT * REPLACE "
                              "(sure = 1 AS sure) FROM review_aspects_read"), e) &&
           db_run(w->d, SLICE("DROP TABLE review_aspects_read"), e) &&
           db_write_parquet(w->d, "review_aspects", folder_path(f, "review_aspects.parquet"), e) &&
           folder_rows(f, "review_aspects.parquet", found->n);
}

static bool put_tiles(work *w, scope *s, js *out, err *e) {
    static const char *const sizes[3] = {"small", "true", "large"};
    static const char *const lengths[3] = {"short", NULL, "long"};
    columns all, categories, months, quotes, ways;
    if (!db_query(w->d, &s->keep, &all, e, all_sql) ||
        !db_query(w->d, &s->keep, &categories, e, categories_sql) ||
        !db_query(w->d, &s->keep, &months, e, months_sql) ||
        !db_query(w->d, &s->keep, &quotes, e, quotes_sql) ||
        !db_query(w->d, &s->keep, &ways, e, ways_sql))
        return false;
    js_array(out, "aspects");
    for (int64_t i = 0; i < all.rows; i++) {
        slice one = columns_text(&all, "aspect")[i];
        js_object(out, NULL);
        js_put_text(out, "aspect", one);
        js_put_word(out, "title", aspects_titles[aspects_find(one)]);
        js_put_int(out, "mentions", count_of(&all, "mentions", i));
        js_put_int(out, "reviews", count_of(&all, "reviews", i));
        js_put_int(out, "positive", count_of(&all, "positive", i));
        js_put_int(out, "neutral", count_of(&all, "neutral", i));
        js_put_int(out, "negative", count_of(&all, "negative", i));
        put_share(out, &all, i);
        put_parts(out, "by_category", "category", &categories, one);
        put_parts(out, "by_month", "month", &months, one);
        put_quotes(out, &quotes, one);
        js_end(out);
    }
    js_end(out);
    put_ways(out, &ways, SLICE("size"), sizes);
    put_ways(out, &ways, SLICE("length"), lengths);
    return true;
}

bool language_aspects_insight(work *w, folder *f, scope *s, const language_data *d,
                              const review_vectors *v, js *report, err *e) {
    sentiment_file head;
    (void)v;
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    aspects_texts t = language_aspects_texts(&d->read, &s->keep);
    for (int64_t i = 0; i < t.n; i++) /* the text alone: titles sum up, they do not say why */
        if (t.plain[i].p) t.plain[i] = d->words[i];
    aspects_found found = aspects_read(aspects_open(&s->keep), t.plain, t.n, w->threads, &s->keep,
                                       s->scratch);
    if (!sentiment_file_ready(&head, false, s, e)) return false;
    aspects_open_clauses open = language_aspects_unsure(&found, &t, &s->keep);
    language_aspects_decide(&found, &open, &head.model, NULL, w->threads, s);
    if (!put_table(w, f, s, d, &t, &found, e)) return false;
    js_open(out, s);
    out->indent = true;
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.aspects/1");
    js_put_word(out, "maker", "words and rules; where they are not sure, the ready head");
    js_put_null(out, "note");
    js_put_int(out, "reviews", t.n - t.empty - t.other_language);
    js_put_int(out, "clauses", found.clauses);
    if (found.n == 0) js_put_word(out, "skipped", "no review speaks of an aspect that is known");
    if (!put_tiles(w, s, out, e)) return false;
    js_end(out);
    text_add_char(&out->out, '\n');
    js_object(report, "aspects");
    js_put_word(report, "file", "aspects.json");
    js_put_int(report, "clauses", found.clauses);
    js_put_int(report, "mentions", found.n);
    js_end(report);
    return folder_write(f, "aspects.json", text_slice(&out->out), e);
}
