/* verb_explain: what the results say of a customer, an article or the pair, and the raw lines
 * behind it: file, line number and the text of that line. */
#include <string.h>

#include "pipeline/prelude.h"
#include "surfaces/explain.h"

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

/* CUSTOMER ARTICLE [OUT], or with OUT in front, also for one id: the word that is a folder of
 * results is OUT; without one it is atelier-out. */
static void find_words(const args *a, scope *s, const char **root, const char **first,
                       const char **second) {
    int n = args_words(a), at = -1;
    for (int i = n - 1; i >= 0; i--)
        if (file_exists(arena_text(&s->keep, "%s/01_raw", args_word(a, i)))) at = i;
    if (at < 0 && n == 3) at = strchr(args_word(a, 2), '/') ? 2 : 0;
    if (at < 0 && strchr(args_word(a, 0), '/')) at = 0;
    *root = at < 0 ? "atelier-out" : args_word(a, at);
    *first = args_word(a, at == 0 ? 1 : 0);
    *second = args_word(a, at == 0 || at == 1 ? 2 : 1);
    if (at == 1) *second = NULL;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    story t = {.s = s, .out = out, .quiet = args_json(a), .most = args_int(a, "lines")};
    const char *first, *second;
    find_words(a, s, &t.root, &first, &second);
    t.shop = shop_of(a, &t);
    if (!file_exists(t.root)) {
        refuse(e, "there is no folder %s; atelier run SHOP --out %s makes it", t.root, t.root);
        return fail_cause(e, "no_input");
    }
    const char *spill = arena_text(&s->keep, "%s/.spill-explain", t.root);
    if (!db_open(&t.d, (db_params){pool_processors(), verb_memory_mb(), spill}, e)) return false;
    scope_defer(s, db_close, t.d);
    return open_tables(&t, e) && find_ids(&t, first, second, e) &&
           tell_facts(&t, e) && explain_lines(&t, e) && explain_recommendation(&t, e);
}

static const option options[] = {
    {"shop", OPTION_TEXT, "DIR", "folder of the raw files (default: that of the run)"},
    {"lines", OPTION_INT, "N", "raw lines to show", .value = "20", .low = 1, .high = 100000},
    {0}};

const verb verb_explain = {"explain",
                           "CUSTOMER [ARTICLE] [OUT]",
                           "shop",
                           "Show a customer, an article or the pair, and the raw lines behind.",
                           "atelier explain 000fe0cb78 0493995001 atelier-out",
                           1,
                           3,
                           options,
                           run};
