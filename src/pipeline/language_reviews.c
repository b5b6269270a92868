/* language_reviews: what all parts found in each review as one table, and how it moved. */
#include "pipeline/language_reviews.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/language/plain.h"
#include "pipeline/review_months.h"

enum {
    CATEGORIES = 40,
    ASPECTS = 40,
    ARTICLES = 200,   /* with the most reviews */
    LEAST = 20,       /* reviews of an article that is listed */
    DISAGREE = 100,   /* of each direction */
    SHORT = 400,      /* bytes of a quoted text, at most */
};

/* ---- the table ---- */

/* Where a column of the results comes from: a part's table (one row a review) and its column. */
static const struct {
    const char *name, *type, *table, *column;
} found[] = {{"language", "VARCHAR", "review_sentiment", "language"},
             {"positive", "DOUBLE", "review_sentiment", "positive"},
             {"sentiment", "VARCHAR", "review_sentiment", "sentiment"},
             {"topic", "INTEGER", "review_topics", "topic"},
             {"topic_similarity", "DOUBLE", "review_topics", "similarity"},
             {"toxicity", "DOUBLE", "review_toxicity", "probability"},
             {"toxicity_level", "VARCHAR", "review_toxicity", "level"}};
enum { FOUND = sizeof found / sizeof found[0] };

static bool has_column(work *w, const char *table, const char *name, bool *out, err *e) {
    int64_t n = 0;
    bool done = db_count(w->d, &n, e,
                         "SELECT count(*) FROM information_schema.columns WHERE table_name = '%s' "
                         "AND column_name = '%s'", table, name);
    *out = n > 0;
    return done;
}

/* The parts' columns, and the tables that they come from as joins. */
static bool list_columns(work *w, text *list, text *joins, err *e) {
    const char *joined = "";
    for (int i = 0; i < FOUND; i++) {
        bool there;
        if (!has_column(w, found[i].table, found[i].column, &there, e)) return false;
        if (!there) {
            text_addf(list, "CAST(NULL AS %s) AS %s, ", found[i].type, found[i].name);
            continue;
        }
        text_addf(list, "CAST(%s.%s AS %s) AS %s, ", found[i].table, found[i].column,
                  found[i].type, found[i].name);
        if (strcmp(joined, found[i].table) != 0)
            text_addf(joins, "LEFT JOIN %s USING (review) ", found[i].table);
        joined = found[i].table;
    }
    return true;
}

/* Mentions of a review as "fit:-;fabric:+", and which way its size runs. */
static bool list_aspects(work *w, text *list, text *joins, err *e) {
    bool there, sized;
    if (!has_column(w, "review_aspects", "aspect", &there, e) ||
        !has_column(w, "review_aspects", "direction", &sized, e))
        return false;
    if (!there) {
        text_addf(list, "CAST(NULL AS VARCHAR) AS aspects, "
                        "CAST(NULL AS VARCHAR) AS size_direction");
        return true;
    }
    text_addf(list, "m.aspects, m.size_direction");
    text_addf(joins,
              "LEFT JOIN (SELECT review, string_agg(aspect || ':' || CASE polarity WHEN 'positive' "
              "THEN '+' WHEN 'negative' THEN '-' ELSE '0' END, ';' ORDER BY place) AS aspects, "
              "%s AS size_direction FROM (SELECT *, row_number() OVER () AS place FROM "
              "review_aspects) GROUP BY review) m USING (review) ",
              sized ? "min(CASE WHEN aspect = 'size' THEN direction END)"
                    : "CAST(NULL AS VARCHAR)");
    return true;
}

static bool write_results(work *w, folder *f, scope *s, err *e) {
    text list, joins;
    int64_t rows;
    text_open(&list, s);
    text_open(&joins, s);
    return list_columns(w, &list, &joins, e) && list_aspects(w, &list, &joins, e) &&
           db_runf(w->d, e,
                   "CREATE OR REPLACE TABLE review_results AS SELECT review, %s FROM e_reviews %s "
                   "ORDER BY review NULLS FIRST", text_slice(&list).p, text_slice(&joins).n
                                                      ? text_slice(&joins).p : "") &&
           db_write_parquet(w->d, "review_results", folder_path(f, "review_results.parquet"), e) &&
           db_count(w->d, &rows, e, "SELECT count(*) FROM review_results") &&
           folder_rows(f, "review_results.parquet", rows);
}

/* ---- reviews as arrays ---- */

typedef struct opinions {
    int64_t n;
    const int32_t *review, *article, *rating;
    const slice *category, *text, *name, *id, *sentiment;
    int32_t *day;         /* or INT32_MIN */
    int32_t *label;       /* 1, 0, -1 = none */
    int32_t *positive;    /* 1, 0, -1 = neither a label nor a certain sentiment */
    const double *probability; /* NaN = none */
    bool dated, read;     /* some have days; some have a probability */
    int32_t first, last;
} opinions;

static bool read_opinions(work *w, scope *s, const language_data *d, opinions *o, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT coalesce(r.review, -1) AS review, coalesce(r.article, -1) AS article, "
                  "r.day, coalesce(r.category, '') AS category, "
                  "CAST(coalesce(r.rating, 0) AS INTEGER) AS rating, "
                  "CAST(coalesce(r.recommended, -1) AS INTEGER) AS recommended, r.text, "
                  "coalesce(x.positive, CAST('nan' AS DOUBLE)) AS probability, "
                  "coalesce(x.sentiment, '') AS sentiment, coalesce(a.article_id, '') AS id, "
                  "coalesce(a.name, a.article_id, '') AS name "
                  "FROM e_reviews r LEFT JOIN review_results x USING (review) "
                  "LEFT JOIN articles a ON a.article = r.article ORDER BY review"))
        return false;
    const column *day = columns_find(&c, "day");
    const int32_t *flag = columns_i32(&c, "recommended");
    *o = (opinions){.n = c.rows, .review = columns_i32(&c, "review"),
                    .article = columns_i32(&c, "article"), .rating = columns_i32(&c, "rating"),
                    .category = columns_text(&c, "category"), .text = columns_text(&c, "text"),
                    .name = columns_text(&c, "name"), .id = columns_text(&c, "id"),
                    .probability = columns_real(&c, "probability"),
                    .sentiment = columns_text(&c, "sentiment"), .first = INT32_MAX,
                    .last = INT32_MIN};
    o->day = take(&s->keep, int32_t, o->n);
    o->label = take(&s->keep, int32_t, o->n);
    o->positive = take(&s->keep, int32_t, o->n);
    for (int64_t i = 0; i < o->n; i++) {
        o->day[i] = column_has(day, i) ? day->i32[i] : INT32_MIN;
        o->label[i] = language_label(d->by_recommended, o->rating[i], flag[i]);
        o->positive[i] = o->label[i] >= 0                    ? o->label[i]
                         : slice_is(o->sentiment[i], "positive") ? 1
                         : slice_is(o->sentiment[i], "negative") ? 0
                                                              : -1;
        o->read = o->read || !isnan(o->probability[i]);
        if (o->day[i] == INT32_MIN) continue;
        o->dated = true;
        o->first = o->day[i] < o->first ? o->day[i] : o->first;
        o->last = o->day[i] > o->last ? o->day[i] : o->last;
    }
    return true;
}

/* ---- groups by name ---- */

typedef struct names {
    int32_t n;
    slice *name;    /* [n] by size, then first appearance */
    int32_t *place; /* [rows] of each row's name, -1 = empty or beyond `most` */
} names;

static names names_of(const slice *of, int64_t rows, int32_t most, arena *keep, arena scratch) {
    names out = {0, take(keep, slice, rows), take(keep, int32_t, rows)};
    int64_t slots = 1024;
    while (slots < 2 * rows) slots *= 2;
    int32_t *slot = take(&scratch, int32_t, slots), all = 0;
    slice *name = take(&scratch, slice, rows);
    double *size = take(&scratch, double, rows);
    for (int64_t i = 0; i < rows; i++) {
        out.place[i] = -1;
        if (of[i].n == 0) continue;
        int64_t at = (int64_t)(slice_hash(of[i]) & (uint64_t)(slots - 1));
        while (slot[at] && slice_compare(name[slot[at] - 1], of[i]) != 0)
            at = (at + 1) & (slots - 1);
        if (!slot[at]) name[all] = of[i], slot[at] = ++all;
        out.place[i] = slot[at] - 1;
        size[slot[at] - 1]++;
    }
    int32_t *order = order_count(all, &scratch), *rank = take(&scratch, int32_t, all);
    order_down(order, all, size, scratch);
    out.n = all < most ? all : most;
    for (int32_t i = 0; i < all; i++) {
        rank[order[i]] = i < most ? i : -1;
        if (i < most) out.name[i] = name[order[i]];
    }
    for (int64_t i = 0; i < rows; i++)
        if (out.place[i] >= 0) out.place[i] = rank[out.place[i]];
    return out;
}

/* ---- parts of reviews.json ---- */

static void put_groups(js *out, const char *list, const char *key, const names *g,
                       const review_months *m, bool all, arena scratch) {
    js_array(out, list);
    for (int32_t i = all ? -1 : 0; i < g->n; i++) {
        int32_t group = all ? i + 1 : i; /* with all, group 0 is everything */
        js_object(out, NULL);
        js_put_text(out, key, i < 0 ? SLICE("(all)") : g->name[i]);
        review_months_put_share(m, group, out);
        review_months_put(m, group, i < 0 ? 1 : g->n, out, scratch);
        js_end(out);
    }
    js_end(out);
}

static void put_categories(js *out, const opinions *o, scope *s) {
    names g = names_of(o->category, o->n, CATEGORIES, &s->keep, s->scratch);
    review_months m = review_months_open(g.n + 1, o->first, o->last, &s->keep);
    for (int64_t i = 0; i < o->n; i++) {
        if (o->positive[i] < 0) continue;
        review_months_add(&m, 0, o->day[i], o->positive[i]);
        if (g.place[i] >= 0) review_months_add(&m, g.place[i] + 1, o->day[i], o->positive[i]);
    }
    put_groups(out, "by_category", "category", &g, &m, true, s->scratch);
}

static bool put_aspects(work *w, js *out, const opinions *o, scope *s, err *e) {
    columns c;
    bool there;
    if (!has_column(w, "review_aspects", "aspect", &there, e)) return false;
    if (!there) {
        js_array(out, "aspects");
        js_end(out);
        return true;
    }
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT m.aspect, r.day, CAST(m.polarity = 'positive' AS INTEGER) AS positive "
                  "FROM review_aspects m JOIN e_reviews r USING (review) "
                  "WHERE m.polarity IN ('positive', 'negative') "
                  "ORDER BY m.aspect, r.review, positive"))
        return false;
    const column *day = columns_find(&c, "day");
    const int32_t *positive = columns_i32(&c, "positive");
    names g = names_of(columns_text(&c, "aspect"), c.rows, ASPECTS, &s->keep, s->scratch);
    review_months m = review_months_open(g.n, o->first, o->last, &s->keep);
    for (int64_t i = 0; i < c.rows; i++)
        if (g.place[i] >= 0)
            review_months_add(&m, g.place[i], column_has(day, i) ? day->i32[i] : INT32_MIN,
                              positive[i]);
    put_groups(out, "aspects", "aspect", &g, &m, false, s->scratch);
    return true;
}

static void put_articles(js *out, const opinions *o, scope *s) {
    names g = names_of(o->id, o->n, ARTICLES, &s->keep, s->scratch);
    review_months m = review_months_open(g.n, o->first, o->last, &s->keep);
    slice *name = take(&s->keep, slice, g.n);
    for (int64_t i = 0; i < o->n; i++) {
        if (o->positive[i] < 0 || g.place[i] < 0) continue;
        review_months_add(&m, g.place[i], o->day[i], o->positive[i]);
        name[g.place[i]] = o->name[i];
    }
    js_array(out, "articles");
    for (int32_t i = 0; i < g.n; i++) {
        if (m.all_n[i] < LEAST) continue;
        js_object(out, NULL);
        js_put_text(out, "article", g.name[i]);
        js_put_text(out, "name", name[i]);
        review_months_put_share(&m, i, out);
        changes_model c = review_months_changes(&m, i, g.n, &s->keep, s->scratch);
        if (c.n == 0) js_put_null(out, "change");
        else review_months_put_change(&m, &c.point[c.n - 1], "change", out); /* the last one */
        js_end(out);
    }
    js_end(out);
}

slice language_quote(slice from, size_t most, arena *keep) {
    char *out = take(keep, char, from.n + 1);
    slice t = slice_trim((slice){out, plain_text(from, out)});
    if (t.n <= most) return t;
    t.n = most;
    t.n = slice_utf8_prefix(t);
    while (t.n > 0 && t.p[t.n - 1] != ' ') t.n--;
    return slice_trim(t);
}

static void put_one(js *out, const opinions *o, int32_t i, arena *keep) {
    js_object(out, NULL);
    js_put_int(out, "review", o->review[i]);
    js_put_text(out, "article", o->id[i]);
    if (o->day[i] == INT32_MIN) js_put_null(out, "day");
    else js_put_word(out, "day", day_text(keep, o->day[i]));
    js_put_text(out, "category", o->category[i]);
    if (o->rating[i] > 0) js_put_int(out, "rating", o->rating[i]);
    else js_put_null(out, "rating");
    js_put_word(out, "label", o->label[i] ? "positive" : "negative");
    js_put_fixed(out, "probability", o->probability[i], 4);
    js_put_text(out, "text", language_quote(o->text[i], SHORT, keep));
    js_end(out);
}

/* The surest of each direction: how far the words are from the label, where they are certain. */
static void put_disagreements(js *out, const opinions *o, scope *s) {
    double *wrong = take(&s->keep, double, o->n);
    js_array(out, "disagreements");
    for (int side = 0; side < 2 && o->read; side++) {
        const char *says = side == 0 ? "negative" : "positive"; /* against a label of 1, of 0 */
        for (int64_t i = 0; i < o->n; i++)
            wrong[i] = o->label[i] == 1 - side && slice_is(o->sentiment[i], says) &&
                               !isnan(o->probability[i])
                           ? fabs(o->label[i] - o->probability[i])
                           : -1;
        int32_t *order = order_count(o->n, &s->keep);
        order_down(order, o->n, wrong, s->scratch);
        for (int64_t i = 0; i < o->n && i < DISAGREE && wrong[order[i]] >= 0; i++)
            put_one(out, o, order[i], &s->keep);
    }
    js_end(out);
}

static const char *note_of(const opinions *o) {
    if (!o->dated && !o->read)
        return "The reviews have no days, so there are no trends; no text was read by a model.";
    if (!o->dated) return "The reviews have no days: shares are over all of them, without trends.";
    if (!o->read) return "No text was read by a model, so stars and words are not compared.";
    return NULL;
}

bool language_reviews_insight(work *w, folder *f, scope *s, const language_data *d, js *report,
                              err *e) {
    opinions o = {0};
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    if (!write_results(w, f, s, e) || !read_opinions(w, s, d, &o, e)) return false;
    js_open(out, s);
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.reviews/1");
    js_put_int(out, "reviews", o.n);
    js_put_bool(out, "dated", o.dated);
    js_put_word(out, "note", note_of(&o));
    js_put_word(out, "label", d->rule);
    put_categories(out, &o, s);
    if (!put_aspects(w, out, &o, s, e)) return false;
    put_articles(out, &o, s);
    put_disagreements(out, &o, s);
    js_end(out);
    text_add_char(&out->out, '\n');
    js_object(report, "reviews");
    js_put_bool(report, "dated", o.dated);
    js_put_word(report, "file", "reviews.json");
    js_end(report);
    return folder_write(f, "reviews.json", text_slice(&out->out), e);
}
