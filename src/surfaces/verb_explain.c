/* verb_explain: what the results say of a customer, an article or the pair, and the raw lines
 * behind it: file, line number and the text of that line. */
#include <stdio.h>
#include <string.h>

#include "data/lines.h"
#include "pipeline/bundle.h"
#include "pipeline/prelude.h"
#include "surfaces/verbs.h"

typedef struct story {
    db *d;
    scope *s;
    js *out;
    bool quiet; /* --json: nothing for people */
    const char *root, *shop;
    int64_t customer, article; /* -1: not asked for */
    int64_t most;              /* raw lines to show */
} story;

#define TELL(t, ...) ((t)->quiet ? 0 : printf(__VA_ARGS__))

/* ---- the tables ---- */

static bool open_tables(story *t, err *e) {
    static const char *const tables[][2] = {
        {"01_raw", "files"},           {"02_clean", "spellings"},
        {"02_clean", "article_ids"},   {"02_clean", "customer_ids"},
        {"02_clean", "articles"},      {"02_clean", "customers"},
        {"02_clean", "transactions"},  {"02_clean", "events"},
        {"02_clean", "reviews"},       {"02_clean", "merges"},
        {"03_datasets", "a_interactions"}, {"03_datasets", "b_articles"},
        {"03_datasets", "c_customers"}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char *path = arena_text(&t->s->keep, "%s/%s/%s.parquet", t->root, tables[i][0],
                                tables[i][1]);
        if (!file_exists(path)) {
            refuse(e, "%s holds no finished run up to step datasets (no %s); atelier run SHOP "
                      "--out %s makes it", t->root, path, t->root);
            return fail_cause(e, "no_input");
        }
        if (!db_runf(t->d, e, "CREATE VIEW %s AS SELECT * FROM read_parquet(%s)", tables[i][1],
                     db_literal(&t->s->keep, slice_of(path))))
            return false;
    }
    return prelude_run(t->d, e);
}

/* The number of an id; -1 when there is none. */
static bool number_of(story *t, const char *kind, const char *id, int64_t *out, err *e) {
    columns c;
    if (!db_query(t->d, &t->s->keep, &c, e, "SELECT CAST(%s AS BIGINT) AS n FROM %s_ids "
                                            "WHERE key = id_key(%s)",
                  kind, kind, db_literal(&t->s->keep, slice_of(id))))
        return false;
    *out = c.rows ? columns_i64(&c, "n")[0] : -1;
    return true;
}

static bool unknown(const char *what, const char *id, err *e) {
    refuse(e, "no %s '%s' in these results", what, id);
    return fail_cause(e, "no_input");
}

/* One id is a customer or an article; of two, the first is the customer. */
static bool find_ids(story *t, const char *first, const char *second, err *e) {
    t->customer = t->article = -1;
    if (!number_of(t, "customer", first, &t->customer, e)) return false;
    if (second) {
        if (!number_of(t, "article", second, &t->article, e)) return false;
        if (t->customer < 0) return unknown("customer", first, e);
        return t->article >= 0 || unknown("article", second, e);
    }
    if (t->customer >= 0) return true;
    if (!number_of(t, "article", first, &t->article, e)) return false;
    return t->article >= 0 || unknown("customer or article", first, e);
}

/* ---- one row as facts ---- */

static void put_value(story *t, const column *c, int64_t row) {
    const char *name = c->name;
    arena *keep = &t->s->keep;
    if (!column_has(c, row)) {
        js_put_null(t->out, name);
        return;
    }
    char *said = NULL;
    switch (c->type) {
    case COLUMN_I32: js_put_int(t->out, name, c->i32[row]); break;
    case COLUMN_I64: js_put_int(t->out, name, c->i64[row]); break;
    case COLUMN_REAL: js_put_real(t->out, name, c->real[row]); break;
    case COLUMN_TEXT: js_put_text(t->out, name, c->text[row]); break;
    case COLUMN_DAY: js_put_word(t->out, name, day_text(keep, c->i32[row])); break;
    case COLUMN_TIME: js_put_int(t->out, name, c->i64[row]); break;
    }
    if (t->quiet) return;
    switch (c->type) {
    case COLUMN_I32: said = arena_text(keep, "%d", c->i32[row]); break;
    case COLUMN_I64:
    case COLUMN_TIME: said = arena_text(keep, "%lld", (long long)c->i64[row]); break;
    case COLUMN_REAL: said = arena_text(keep, "%.6g", c->real[row]); break;
    case COLUMN_TEXT: said = slice_copy(keep, c->text[row]); break;
    case COLUMN_DAY: said = day_text(keep, c->i32[row]); break;
    }
    printf("  %-18s %.100s\n", name, said);
}

/* The first row of a query under a key; null when there is none. */
static bool put_facts(story *t, const char *key, const char *title, const char *none,
                      const char *sql, err *e) {
    columns c;
    if (!db_query(t->d, &t->s->keep, &c, e, "%s", sql)) return false;
    TELL(t, "%s\n", c.rows ? title : none);
    if (c.rows == 0) {
        js_put_null(t->out, key);
        return true;
    }
    js_object(t->out, key);
    for (int i = 0; i < c.n; i++) put_value(t, &c.at[i], 0);
    js_end(t->out);
    TELL(t, "\n");
    return true;
}

static bool tell_facts(story *t, err *e) {
    arena *keep = &t->s->keep;
    long long customer = (long long)t->customer, article = (long long)t->article;
    if (t->customer >= 0 &&
        !put_facts(t, "customer", "Customer, as known at the end (dataset C)",
                   "Customer: never bought before the end",
                   arena_text(keep,
                              "SELECT i.customer_id, c.* EXCLUDE (customer, customer_id) "
                              "FROM customers i LEFT JOIN c_customers c ON c.customer = i.customer "
                              "AND c.as_of = (SELECT max(as_of) FROM c_customers) "
                              "WHERE i.customer = %lld", customer), e))
        return false;
    if (t->article >= 0 &&
        !put_facts(t, "article", "Article (dataset B)", "Article",
                   arena_text(keep, "SELECT * EXCLUDE (article) FROM b_articles WHERE article = "
                                    "%lld", article), e))
        return false;
    return t->customer < 0 || t->article < 0 ||
           put_facts(t, "interactions", "The pair (dataset A)",
                     "The pair: nothing between them before the end\n",
                     arena_text(keep, "SELECT * EXCLUDE (customer, article) FROM a_interactions "
                                      "WHERE customer = %lld AND article = %lld",
                                customer, article), e);
}

/* ---- the raw lines ---- */

typedef struct raw_lines {
    columns c;
    slice *raw; /* [rows] text of the line; p NULL when it cannot be had */
    const char *why;
} raw_lines;

/* Which rows of the files speak of the customer, the article or both. */
static const char *lines_query(story *t) {
    char *both = arena_text(&t->s->keep, "%s%s%s",
                            t->customer >= 0
                                ? arena_text(&t->s->keep, "x.customer = %lld",
                                             (long long)t->customer) : "",
                            t->customer >= 0 && t->article >= 0 ? " AND " : "",
                            t->article >= 0
                                ? arena_text(&t->s->keep, "x.article = %lld",
                                             (long long)t->article) : "");
    text sql = {0};
    text_addf(&sql,
              "SELECT 'sale' AS what, day, src_file, src_line FROM transactions x WHERE %s "
              "UNION SELECT event, day, src_file, src_line FROM events x WHERE %s "
              "UNION SELECT 'review', day, src_file, src_line FROM reviews x WHERE %s",
              both, both, both);
    static const char *const kinds[] = {"customer", "article"};
    for (int i = 0; i < 2; i++) {
        int64_t number = i == 0 ? t->customer : t->article;
        if (number < 0) continue;
        text_addf(&sql,
                  " UNION SELECT '%s', NULL, src_file, src_line FROM %ss WHERE %s = %lld "
                  "AND src_file IS NOT NULL "
                  "UNION SELECT '%s, merged', NULL, m.src_file, m.src_line FROM merges m "
                  "JOIN %ss a ON a.src_file = m.into_file "
                  "AND a.src_line = m.into_line WHERE a.%s = %lld AND m.source = '%ss'",
                  kinds[i], kinds[i], kinds[i], (long long)number, kinds[i], kinds[i], kinds[i],
                  (long long)number, kinds[i]);
    }
    char *out = slice_copy(&t->s->keep, text_slice(&sql));
    text_free(&sql);
    return out;
}

/* Reads the lines of one file: rows from..to-1, which are all of that file. */
static void read_raw(story *t, raw_lines *r, int64_t from, int64_t to, slice path) {
    err ignored = {0};
    int64_t n = to - from, size = columns_i64(&r->c, "bytes")[from];
    const int64_t *lines = columns_i64(&r->c, "src_line") + from;
    const char *file = path.n && path.p[0] == '/'
                           ? slice_copy(&t->s->keep, path)
                           : arena_text(&t->s->keep, "%s/%.*s", t->shop, (int)path.n, path.p);
    hash_text is;
    int64_t found = 0;
    slice sha = columns_text(&r->c, "sha256")[from];
    if (!hash_file(file, &is, &found, &ignored)) {
        r->why = arena_text(&t->s->keep, "%s cannot be read; --shop DIR says where the raw files "
                                         "are", file);
    } else if (found != size || !slice_is(sha, is.hex)) {
        r->why = arena_text(&t->s->keep, "%s is not the file that was read: it has changed",
                            file);
    } else if (!lines_read(t->s, file, lines, n, r->raw + from, &ignored)) {
        r->why = arena_text(&t->s->keep, "%s", ignored.text);
    }
}

static bool find_lines(story *t, raw_lines *r, int64_t *total, err *e) {
    const char *query = lines_query(t);
    if (!db_count(t->d, total, e, "SELECT count(*) FROM (%s) AS q", query) ||
        !db_query(t->d, &t->s->keep, &r->c, e,
                  "SELECT q.what, q.day, q.src_file, q.src_line, f.path, f.bytes, f.sha256 FROM ("
                  "SELECT * FROM (%s) AS a ORDER BY src_file, src_line, what LIMIT %lld) AS q "
                  "JOIN files f ON f.src_file = q.src_file "
                  "ORDER BY q.src_file, q.src_line, q.what",
                  query, (long long)t->most))
        return false;
    r->raw = take(&t->s->keep, slice, r->c.rows + 1);
    const int32_t *file = columns_i32(&r->c, "src_file");
    for (int64_t from = 0, to; from < r->c.rows; from = to) {
        for (to = from + 1; to < r->c.rows && file[to] == file[from];) to++;
        read_raw(t, r, from, to, columns_text(&r->c, "path")[from]);
    }
    return true;
}

static bool tell_lines(story *t, err *e) {
    raw_lines r = {0};
    int64_t total = 0;
    if (!find_lines(t, &r, &total, e)) return false;
    const column *day = columns_find(&r.c, "day");
    TELL(t, "Raw lines behind it: %lld%s\n", (long long)total,
         total > r.c.rows ? arena_text(&t->s->keep, ", the first %lld shown (--lines N)",
                                       (long long)r.c.rows) : "");
    js_put_int(t->out, "lines_total", total);
    js_array(t->out, "lines");
    for (int64_t i = 0; i < r.c.rows; i++) {
        slice path = columns_text(&r.c, "path")[i], what = columns_text(&r.c, "what")[i];
        long long line = (long long)columns_i64(&r.c, "src_line")[i];
        js_object(t->out, NULL);
        js_put_text(t->out, "what", what);
        js_put_word(t->out, "day",
                    column_has(day, i) ? day_text(&t->s->keep, day->i32[i]) : NULL);
        js_put_text(t->out, "file", path);
        js_put_int(t->out, "line", line);
        if (r.raw[i].p) js_put_text(t->out, "raw", r.raw[i]);
        else js_put_null(t->out, "raw");
        js_end(t->out);
        TELL(t, "  %.*s:%lld  %.*s\n", (int)path.n, path.p, line, (int)what.n, what.p);
        if (r.raw[i].p) TELL(t, "      %.*s\n", (int)r.raw[i].n, r.raw[i].p);
    }
    js_end(t->out);
    js_put_word(t->out, "lines_note", r.why);
    if (r.why) TELL(t, "  (%s)\n", r.why);
    TELL(t, "\n");
    return true;
}

/* ---- recommendations ---- */

/* Of the articles that the customer has bought, the one in whose list of similar articles this one
 * stands first; -1 when in none. */
static bool nearest_bought(story *t, const bundle_recommend *r, int64_t *bought, int64_t *rank,
                           err *e) {
    columns c;
    *bought = *rank = -1;
    if (!db_query(t->d, &t->s->keep, &c, e,
                  "SELECT article FROM a_interactions WHERE customer = %lld AND units > 0 "
                  "ORDER BY article", (long long)t->customer))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        int64_t own = columns_i32(&c, "article")[i];
        for (int64_t k = 0; k < r->n_similar; k++)
            if (r->similar[own * r->n_similar + k] == t->article && (*rank < 0 || k < *rank))
                *bought = own, *rank = k;
    }
    return true;
}

static bool tell_absent(story *t, const bundle *b, err *e) {
    int64_t bought, rank, units = 0;
    const bundle_recommend *r = &b->recommend;
    if (!nearest_bought(t, r, &bought, &rank, e) ||
        !db_count(t->d, &units, e, "SELECT units FROM b_articles WHERE article = %lld",
                  (long long)t->article))
        return false;
    text why = {0};
    text_addf(&why, "It is not among the %lld articles kept for this customer", (long long)r->k);
    int64_t place = -1;
    for (int64_t i = 0; i < r->n_popular; i++)
        if (r->popular[i] == t->article) place = i + 1;
    if (units <= 0) text_add(&why, SLICE("; it has not sold"));
    else text_addf(&why, "; it has sold %lld units in all", (long long)units);
    if (place > 0) text_addf(&why, " and is number %lld of the popular ones", (long long)place);
    if (rank >= 0) {
        slice id = bundle_text(&b->article_id, bought);
        text_addf(&why, "; it is number %lld of those like %.*s, which the customer bought",
                  (long long)rank + 1, (int)id.n, id.p);
    } else {
        text_add(&why, SLICE("; it is not among those most like what the customer bought"));
    }
    TELL(t, "  %s.\n", text_slice(&why).p);
    js_put_bool(t->out, "recommended", false);
    js_put_text(t->out, "why", text_slice(&why));
    text_free(&why);
    return true;
}

static void tell_item(story *t, const bundle *b, int64_t rank, int32_t article, float score,
                      slice reason) {
    slice id = bundle_text(&b->article_id, article), name = bundle_text(&b->article_name, article);
    js_object(t->out, NULL);
    js_put_int(t->out, "rank", rank);
    js_put_text(t->out, "id", id);
    js_put_text(t->out, "name", name);
    js_put_real(t->out, "score", (double)score);
    js_put_text(t->out, "reason", reason);
    js_end(t->out);
    TELL(t, "  %2lld  %.*s  %.*s  (%.*s)\n", (long long)rank, (int)id.n, id.p, (int)name.n, name.p,
         (int)reason.n, reason.p);
}

/* The list of a customer: twelve of it, or where the asked article stands in it. */
static bool tell_list(story *t, const bundle *b, err *e) {
    const bundle_recommend *r = &b->recommend;
    int64_t at = -1;
    const int32_t *items = r->items + t->customer * r->k;
    slice model = bundle_text(&r->models, r->model[t->customer]);
    for (int64_t i = 0; i < r->k && t->article >= 0; i++)
        if (items[i] == t->article) at = i;
    TELL(t, "Recommendations, served by %.*s%s\n", (int)model.n, model.p,
         r->cold[t->customer] ? " (too little history)" : "");
    js_put_text(t->out, "served_by", model);
    js_put_bool(t->out, "cold_start", r->cold[t->customer]);
    if (t->article >= 0 && at < 0) return tell_absent(t, b, e);
    if (t->article >= 0) js_put_bool(t->out, "recommended", true);
    js_array(t->out, "items");
    for (int64_t i = 0; i < r->k && items[i] >= 0; i++)
        if (t->article >= 0 ? i == at : i < 12)
            tell_item(t, b, i + 1, items[i], r->scores[t->customer * r->k + i],
                      bundle_text(&r->reasons, r->reason[t->customer * r->k + i]));
    js_end(t->out);
    return true;
}

static bool tell_recommendations(story *t, err *e) {
    bundle *b = NULL;
    err ignored = {0};
    const char *none = !bundle_open(&b, t->root, &ignored) ? ignored.text
                       : !b->recommend.has ? "the bundle has no recommendations" : NULL;
    if (b) scope_defer(t->s, bundle_close, b);
    if (none) {
        TELL(t, "Recommendations: none to look at: %s\n", none);
        js_put_null(t->out, "recommendation");
        return true;
    }
    js_object(t->out, "recommendation");
    bool done = true;
    if (t->customer >= 0) {
        done = tell_list(t, b, e);
    } else {
        const bundle_recommend *r = &b->recommend;
        TELL(t, "Articles like it\n");
        js_array(t->out, "similar");
        for (int64_t i = 0; i < r->n_similar && i < 12; i++) {
            int64_t at = t->article * r->n_similar + i;
            if (r->similar[at] < 0) break;
            tell_item(t, b, i + 1, r->similar[at], r->similar_scores[at], SLICE("similar"));
        }
        js_end(t->out);
    }
    js_end(t->out);
    return done;
}

/* ---- the verb ---- */

/* --shop, else what the run wrote beside its results, else nothing. */
static const char *shop_of(const args *a, story *t) {
    slice said;
    err ignored = {0};
    if (args_text(a, "shop")) return args_text(a, "shop");
    const char *note = arena_text(&t->s->keep, "%s/.shop", t->root);
    if (file_exists(note) && file_read(note, t->s, 1 << 16, &said, &ignored))
        return slice_copy(&t->s->keep, slice_trim(said));
    return ".";
}

static bool run(const args *a, scope *s, js *out, err *e) {
    story t = {.s = s, .out = out, .quiet = args_json(a), .root = args_word(a, 0),
               .most = args_int(a, "lines")};
    t.shop = shop_of(a, &t);
    if (!file_exists(t.root)) {
        refuse(e, "there is no folder %s; atelier run SHOP --out %s makes it", t.root, t.root);
        return fail_cause(e, "no_input");
    }
    const char *spill = arena_text(&s->keep, "%s/.spill-explain", t.root);
    if (!db_open(&t.d, (db_params){pool_processors(), verb_memory_mb(), spill}, e)) return false;
    scope_defer(s, db_close, t.d);
    return open_tables(&t, e) && find_ids(&t, args_word(a, 1), args_word(a, 2), e) &&
           tell_facts(&t, e) && tell_lines(&t, e) && tell_recommendations(&t, e);
}

static const option options[] = {
    {"shop", OPTION_TEXT, "DIR", "folder of the raw files (default: that of the run)"},
    {"lines", OPTION_INT, "N", "raw lines to show", .value = "20", .low = 1, .high = 100000},
    {0}};

const verb verb_explain = {"explain",
                           "OUT ID [ARTICLE]",
                           "shop",
                           "Show a customer, an article or the pair, and the raw lines behind.",
                           "atelier explain atelier-out 000fe0cb78 0493995001",
                           2,
                           3,
                           options,
                           run};
