/* contract_rules: the terms of a shop's contracts held against its rows. */
#include "pipeline/contract_rules.h"

#include <stdio.h>
#include <string.h>

#include "data/yml.h"

typedef struct rule {
    const terms *of;
    const terms_column *column; /* NULL: of the whole row */
    const char *name, *expected;
    const char *bad;    /* condition on a row r of the source's raw table */
    const char *became; /* value that a bad cell gets; NULL = the row is set aside */
    terms_on_bad on_bad;
    const char *key; /* not NULL: bad are rows of `bad` that repeat these columns, but the first */
} rule;

enum { most_rules = 6 * 64 * 7 };

struct contract_rules {
    scope *s;
    const terms *all[6]; /* NULL: no contract of that source */
    rule rules[most_rules];
    int n;
    bool changed;
    hash_text key;
};

/* ---- from terms to rules ---- */

static void add(contract_rules *r, const terms *of, const terms_column *c, const char *term,
                const char *bad, const char *expected) {
    arena *keep = &r->s->keep;
    rule *out = &r->rules[r->n++];
    *out = (rule){.of = of, .column = c, .bad = bad, .expected = expected,
                  .on_bad = c ? c->on_bad : ON_BAD_REJECT};
    out->name = c ? arena_text(keep, "contract_%s_%s", term, c->column->name)
                  : arena_text(keep, "contract_%s", term);
    bool is_range = strcmp(term, "range") == 0;
    if (out->on_bad == ON_BAD_CLAMP && !is_range) out->on_bad = ON_BAD_REJECT;
    if (out->on_bad == ON_BAD_NULL && strcmp(term, "required") != 0) out->became = "NULL";
    if (out->on_bad == ON_BAD_CLAMP)
        out->became = arena_text(keep, "greatest(%s, least(%s, %s))", c->low, c->high,
                                 db_name(keep, slice_of(c->column->name)));
}

/* The bound as the engine reads it. */
static const char *bound(arena *keep, const terms_column *c, const char *said) {
    return c->type >= CONTRACT_DAY ? arena_text(keep, "DATE '%s'", said) : said;
}

static void add_range(contract_rules *r, const terms *t, const terms_column *c, const char *cell) {
    arena *keep = &r->s->keep;
    if (!c->low && !c->high) return;
    const char *as = c->type == CONTRACT_INT    ? "BIGINT"
                     : c->type == CONTRACT_REAL ? "DOUBLE"
                                                : "DATE";
    const char *value = arena_text(keep, "try_cast(%s AS %s)", cell, as);
    add(r, t, c, "range",
        arena_text(keep, "(%s%s%s%s%s%s%s)", c->low ? value : "", c->low ? " < " : "",
                   c->low ? bound(keep, c, c->low) : "", c->low && c->high ? " OR " : "",
                   c->high ? value : "", c->high ? " > " : "",
                   c->high ? bound(keep, c, c->high) : ""),
        c->low && c->high ? arena_text(keep, "from %s to %s", c->low, c->high)
        : c->low          ? arena_text(keep, "at least %s", c->low)
                          : arena_text(keep, "at most %s", c->high));
}

static void add_values(contract_rules *r, const terms *t, const terms_column *c,
                       const char *cell) {
    arena *keep = &r->s->keep;
    const char *list = "", *said = "";
    if (c->n_values == 0) return;
    for (int i = 0; i < c->n_values; i++) {
        list = arena_text(keep, "%s%s%s", list, i ? ", " : "",
                          db_literal(keep, slice_of(c->values[i])));
        if (i < 12) said = arena_text(keep, "%s%s%s", said, i ? ", " : "", c->values[i]);
    }
    add(r, t, c, "values", arena_text(keep, "text_of(%s) NOT IN (%s)", cell, list),
        arena_text(keep, "one of %s%s", said, c->n_values > 12 ? ", …" : ""));
}

static void add_type(contract_rules *r, const terms *t, const terms_column *c, const char *cell) {
    static const char *const types[] = {"", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"};
    if (c->type == c->column->type) return;
    add(r, t, c, "type",
        arena_text(&r->s->keep, "%s IS NOT NULL AND try_cast(%s AS %s) IS NULL", cell, cell,
                   types[c->type]),
        arena_text(&r->s->keep, "a %s", contract_type_word(c->type)));
}

static void add_reference(contract_rules *r, const terms *t, const terms_column *c,
                          const char *cell) {
    arena *keep = &r->s->keep;
    if (!c->other_source) return;
    const char *other = db_name(keep, slice_of(c->other_column));
    add(r, t, c, "reference",
        arena_text(keep,
                   "%s IS NOT NULL AND EXISTS (SELECT 1 FROM raw_%s) AND id_key(text_of(%s)) "
                   "NOT IN (SELECT id_key(text_of(%s)) FROM raw_%s WHERE %s IS NOT NULL)",
                   cell, c->other_source, cell, other, c->other_source, other),
        arena_text(keep, "a %s of %s", c->other_column, c->other_source));
}

/* Rows that repeat a key, all but the first. */
static void add_key(contract_rules *r, const terms *t, const terms_column *c, const char *names,
                    const char *whole) {
    arena *keep = &r->s->keep;
    add(r, t, c, c ? "unique" : "key", whole,
        arena_text(keep, "%s that no other row has", c ? "a value" : "a key"));
    r->rules[r->n - 1].key = names;
    if (!r->rules[r->n - 1].became) return;
    r->rules[r->n - 1].became = NULL; /* a row is too much, not a cell */
    r->rules[r->n - 1].on_bad = ON_BAD_REJECT;
}

static void add_column(contract_rules *r, const terms *t, const terms_column *c) {
    arena *keep = &r->s->keep;
    const char *cell = db_name(keep, slice_of(c->column->name));
    add_type(r, t, c, cell);
    add_values(r, t, c, cell);
    add_range(r, t, c, cell);
    if (c->pattern)
        add(r, t, c, "pattern",
            arena_text(keep, "NOT regexp_full_match(text_of(%s), %s)", cell,
                       db_literal(keep, slice_of(c->pattern))),
            arena_text(keep, "like %s", c->pattern));
    add_reference(r, t, c, cell);
    if (c->required)
        add(r, t, c, "required", arena_text(keep, "trim(coalesce(text_of(%s), '')) = ''", cell),
            "a value");
    if (c->unique) add_key(r, t, c, cell, arena_text(keep, "%s IS NOT NULL", cell));
}

static void add_terms(contract_rules *r, const terms *t) {
    arena *keep = &r->s->keep;
    const char *names = "", *whole = "";
    for (int i = 0; i < t->n; i++) add_column(r, t, &t->columns[i]);
    if (t->n_key == 0) return;
    for (int i = 0; i < t->n_key; i++) {
        const char *name = db_name(keep, slice_of(t->key[i]->name));
        names = arena_text(keep, "%s%s%s", names, i ? ", " : "", name);
        whole = arena_text(keep, "%s%s%s IS NOT NULL", whole, i ? " AND " : "", name);
    }
    add_key(r, t, NULL, names, whole);
}

/* A pattern must be a regular expression before it meets a row. */
static bool check_patterns(const work *w, const terms *t, scope *s, err *e) {
    for (int i = 0; i < t->n; i++) {
        int64_t n;
        err why = {0};
        const char *pattern = t->columns[i].pattern;
        if (pattern &&
            !db_count(w->d, &n, &why, "SELECT CAST(regexp_full_match('', %s) AS INTEGER)",
                      db_literal(&s->keep, slice_of(pattern))))
            return yml_refuse(t->path, t->columns[i].line, e,
                              "the pattern of %s is no regular expression: %.200s",
                              t->columns[i].column->name, why.text);
    }
    return true;
}

/* ---- findings and changed cells ---- */

static const char *column_name(const rule *b) {
    return b->column ? b->column->column->name : b->of->key[0]->name;
}

/* Condition that a row of the source's raw table, named r, is bad. A key is looked for among the
 * rows k of which `among` holds: a row that is set aside for itself takes no other with it. */
static const char *is_bad(arena *keep, const rule *b, const char *among) {
    if (!b->key) return b->bad;
    return arena_text(keep,
                      "(r.src_file, r.src_line) IN (SELECT src_file, src_line FROM (SELECT "
                      "src_file, src_line, row_number() OVER (PARTITION BY %s ORDER BY src_file, "
                      "src_line) AS place FROM raw_%s AS k WHERE %s AND %s) AS x WHERE place > 1)",
                      b->key, b->of->source->source, b->bad, among);
}

static bool find(const work *w, const rule *b, scope *s, err *e) {
    arena *keep = &s->keep;
    const char *fail_if = b->on_bad == ON_BAD_FAIL
                              ? "bad > 0"
                              : arena_text(keep, "bad > %.17g * rows", b->of->fail);
    return db_runf(
        w->d, e,
        "INSERT INTO contract_findings SELECT '%s', %s, '%s', '%s', rows, bad, share(bad, rows), "
        "CASE WHEN %s THEN 'fail' WHEN bad > %.17g * rows THEN 'warn' ELSE 'ok' END, %s, %s FROM "
        "(SELECT count(*) AS rows, count(*) FILTER (WHERE %s) AS bad FROM raw_%s AS r) AS x",
        b->of->source->source, db_literal(keep, slice_of(column_name(b))), b->name,
        terms_on_bad_word(b->on_bad), fail_if, b->of->warn,
        db_literal(keep, slice_of(b->expected)), db_literal(keep, slice_of(b->of->path)),
        is_bad(keep, b, "true"), b->of->source->source);
}

/* Empties or clamps the bad cells of one rule: the raw table becomes a changed copy. */
static bool change(const work *w, contract_rules *r, const rule *b, err *e) {
    arena *keep = &r->s->keep;
    const char *table = arena_text(keep, "raw_%s", b->of->source->source);
    const char *cell = db_name(keep, slice_of(column_name(b)));
    int64_t n;
    r->changed = true;
    return db_runf(w->d, e,
                   "INSERT INTO contract_changes SELECT src_file, src_line, '%s', %s, text_of(%s), "
                   "text_of(%s) FROM %s AS r WHERE %s",
                   b->name, db_literal(keep, slice_of(column_name(b))), cell, b->became, table,
                   b->bad) &&
           db_runf(w->d, e,
                   "CREATE OR REPLACE TABLE contract_copy AS SELECT * REPLACE (CASE WHEN %s THEN "
                   "%s ELSE %s END AS %s) FROM %s AS r ORDER BY src_file, src_line",
                   b->bad, b->became, cell, cell, table) &&
           db_count(w->d, &n, e, "SELECT count(*) FROM information_schema.tables WHERE table_name "
                                 "= '%s' AND table_type = 'VIEW'", table) &&
           db_runf(w->d, e, "DROP %s %s; ALTER TABLE contract_copy RENAME TO %s",
                   n ? "VIEW" : "TABLE", table, table);
}

/* A source with too few or too many rows: all of them are bad. */
static bool find_rows(const work *w, const terms *t, scope *s, err *e) {
    if (t->least_rows == 0 && t->most_rows == 0) return true;
    const char *outside = arena_text(&s->keep, "rows < %lld OR rows > %lld",
                                     (long long)t->least_rows,
                                     t->most_rows ? (long long)t->most_rows : INT64_MAX);
    return db_runf(w->d, e,
                   "INSERT INTO contract_findings SELECT '%s', 'number of rows', 'contract_rows', "
                   "'fail', rows, CASE WHEN %s THEN rows ELSE 0 END, CASE WHEN %s THEN 1 ELSE 0 "
                   "END, CASE WHEN %s THEN 'fail' ELSE 'ok' END, 'from %lld to %s', %s FROM "
                   "(SELECT count(*) AS rows FROM raw_%s) AS x",
                   t->source->source, outside, outside, outside, (long long)t->least_rows,
                   t->most_rows ? arena_text(&s->keep, "%lld", (long long)t->most_rows) : "any",
                   db_literal(&s->keep, slice_of(t->path)), t->source->source);
}

static bool hash_terms(contract_rules *r, err *e) {
    hash_text sha;
    hash *h = hash_open(r->s, e);
    if (!h) return false;
    for (int i = 0; i < 6; i++) {
        if (!r->all[i]) continue;
        if (!hash_file(r->all[i]->path, &sha, NULL, e)) return false;
        hash_addf(h, "%s %s\n", r->all[i]->path, sha.hex);
    }
    r->key = hash_end(h);
    return true;
}

contract_rules *contract_rules_open(const work *w, scope *s, err *e) {
    contract_rules *r = take(&s->keep, contract_rules, 1);
    r->s = s;
    if (!terms_read(s, w->shop, r->all, e) || !hash_terms(r, e)) return NULL;
    for (int i = 0; i < 6; i++) {
        if (!r->all[i]) continue;
        if (!check_patterns(w, r->all[i], s, e)) return NULL;
        add_terms(r, r->all[i]);
    }
    return r;
}

slice contract_rules_key(const contract_rules *r) { return slice_of(r->key.hex); }

bool contract_rules_change_cells(const contract_rules *r) {
    for (int i = 0; i < r->n; i++)
        if (r->rules[i].became) return true;
    return false;
}

bool contract_rules_find(const work *w, contract_rules *r, err *e) {
    if (!db_run(w->d,
                SLICE("CREATE OR REPLACE TABLE contract_findings (source VARCHAR, column_name "
                      "VARCHAR, rule VARCHAR, on_bad VARCHAR, rows BIGINT, bad BIGINT, share "
                      "DOUBLE, severity VARCHAR, expected VARCHAR, path VARCHAR); "
                      "CREATE OR REPLACE TABLE contract_changes (src_file INTEGER, src_line BIGINT,"
                      " rule VARCHAR, column_name VARCHAR, observed VARCHAR, became VARCHAR)"),
                e))
        return false;
    for (int i = 0; i < 6; i++)
        if (r->all[i] && !find_rows(w, r->all[i], r->s, e)) return false;
    for (int i = 0; i < r->n; i++) {
        work_tick(w, r->rules[i].name, i, r->n);
        if (!find(w, &r->rules[i], r->s, e)) return fail_in(e, r->rules[i].name);
    }
    for (int i = 0; i < r->n; i++)
        if (r->rules[i].became && !change(w, r, &r->rules[i], e))
            return fail_in(e, r->rules[i].name);
    return true;
}

/* ---- rows ---- */

#define NOT_ASIDE(row)                                                                             \
    "NOT EXISTS (SELECT 1 FROM quarantine_clean q WHERE q.src_file = " row ".src_file AND "        \
    "q.src_line = " row ".src_line)"

static bool set_aside(const work *w, const rule *b, int place, scope *s, err *e) {
    arena *keep = &s->keep;
    return (db_runf(w->d, e, "INSERT INTO clean_rules VALUES ('%s', '%s', %d)",
                    b->of->source->source, b->name, place) &&
            db_runf(w->d, e,
                    "INSERT INTO quarantine_clean SELECT src_file, src_line, '%s', %s, "
                    "text_of(%s), %s, CAST(NULL AS VARCHAR) FROM raw_%s AS r WHERE %s AND "
                    "%s",
                    b->name, db_literal(keep, slice_of(column_name(b))),
                    db_name(keep, slice_of(column_name(b))),
                    db_literal(keep, slice_of(b->expected)), b->of->source->source,
                    is_bad(keep, b, NOT_ASIDE("k")), NOT_ASIDE("r"))) ||
           fail_in(e, b->name);
}

bool contract_rules_judge(const work *w, contract_rules *r, int place, err *e) {
    for (int i = 0; i < r->n; i++)
        if (!r->rules[i].became && !set_aside(w, &r->rules[i], place + i, r->s, e)) return false;
    return true;
}

static bool say(const work *w, const columns *c, int64_t i, err *e) {
    slice source = columns_text(c, "source")[i], name = columns_text(c, "column_name")[i],
          expected = columns_text(c, "expected")[i], severity = columns_text(c, "severity")[i],
          path = columns_text(c, "path")[i], on_bad = columns_text(c, "on_bad")[i];
    char line[900];
    snprintf(line, sizeof line, "%lld of %lld rows of %.*s break their contract: %.*s is not %.*s",
             (long long)columns_i64(c, "bad")[i], (long long)columns_i64(c, "rows")[i],
             (int)source.n, source.p, (int)name.n, name.p, (int)expected.n, expected.p);
    work_say(w, "%s (%.*s: %.*s)", line, (int)severity.n, severity.p, (int)on_bad.n, on_bad.p);
    if (!slice_is(severity, "fail") || w->lenient) return true;
    fail(e, "%.*s: %s, which is more than it lets pass; atelier validate %s shows the rows",
         (int)path.n, path.p, line, w->shop);
    return fail_cause(e, "bad_data");
}

bool contract_rules_close(const work *w, contract_rules *r, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT * FROM contract_findings WHERE bad > 0 ORDER BY source, rule"))
        return false;
    for (int64_t i = 0; i < c.rows; i++)
        if (!say(w, &c, i, e)) return false;
    return !r->changed || work_views(w, "01_raw", e);
}
