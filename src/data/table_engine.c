/* table_engine: Parquet and NumPy files by their contract, checked in the engine's SQL. */
#include <stdio.h>
#include <string.h>

#include "data/npy.h"
#include "data/table_kind.h"

/* ---- a relation to select from ---- */

static bool refuse_parquet(const char *path, err *e) {
    char why[300];
    snprintf(why, sizeof why, "%.299s", e->text);
    why[strcspn(why, "\n")] = 0;
    if (strcmp(e->cause, "out_of_memory") == 0) return fail_in(e, path);
    *e = (err){0};
    refuse(e, "%s is not a Parquet file that can be read, or it is damaged: %s", path, why);
    return fail_cause(e, "bad_data");
}

static bool put_array(db *d, const char *path, const contract *c, const char *temp, arena *keep,
                      err *e) {
    scope s;
    npy_array a;
    if (!scope_open(&s, (size_t)16 << 30, 0, e)) return false;
    bool done = npy_open(&s, path, &a, e);
    if (done && (a.cols > 250 || (c && a.cols > c->n)))
        done = refuse(e, "%s has %lld columns; at most %d fit here", path, (long long)a.cols,
                      c ? c->n : 250);
    if (done) {
        int n = (int)a.cols + 1;
        const char **names = take(&s.keep, const char *, n);
        column_type *types = take(&s.keep, column_type, n);
        for (int i = 0; i + 1 < n; i++) {
            names[i] = c ? c->columns[i].name : arena_text(keep, "column%d", i + 1);
            types[i] = a.kind == 'f' ? COLUMN_REAL : COLUMN_I64;
        }
        names[n - 1] = "file_row_number";
        types[n - 1] = COLUMN_I64;
        columns t = columns_new(&s.keep, n, names, types, a.rows);
        for (int64_t r = 0; r < a.rows; r++) {
            t.at[n - 1].i64[r] = r;
            for (int i = 0; i + 1 < n; i++)
                if (a.kind == 'f') t.at[i].real[r] = npy_at(&a, r, i);
                else t.at[i].i64[r] = (int64_t)npy_at(&a, r, i);
        }
        done = db_put(d, temp, &t, e);
    }
    scope_close(&s);
    return done;
}

/* The engine looks at the magic of the end alone. */
static bool check_magic(const char *path, err *e) {
    char magic[4] = "";
    FILE *f = fopen(path, "rb");
    if (!f) return fail_file(e, "open", path);
    bool is = fread(magic, 1, 4, f) == 4 && memcmp(magic, "PAR1", 4) == 0;
    fclose(f);
    if (is) return true;
    refuse(e, "%s is not a Parquet file that can be read, or it is damaged: it does not begin with "
              "PAR1", path);
    return fail_cause(e, "bad_data");
}

bool table_relation(db *d, const char *path, const contract *c, const char *temp, arena *keep,
                    char **relation, err *e) {
    if (!table_can_open(path, e)) return false;
    *relation = arena_text(keep, "read_parquet(%s, file_row_number = true)",
                           db_literal(keep, slice_of(path)));
    if (table_kind_of(path) == TABLE_PARQUET) return check_magic(path, e);
    *relation = db_name(keep, slice_of(temp));
    return put_array(d, path, c, temp, keep, e);
}

bool table_describe(db *d, const char *path, const char *relation, arena *keep, slice **names,
                    slice **types, int *n, err *e) {
    columns c;
    if (!db_query(d, keep, &c, e,
                  "SELECT column_name, column_type FROM (DESCRIBE FROM %s) WHERE column_name <> "
                  "'file_row_number'",
                  relation))
        return refuse_parquet(path, e);
    *names = columns_text(&c, "column_name");
    if (types) *types = columns_text(&c, "column_type");
    *n = (int)c.rows;
    return true;
}

/* ---- one column as SQL ---- */

static bool one_of(slice type, const char *words) {
    const char *at = words;
    for (size_t n; *at; at += n + (at[n] == ' ')) {
        n = strcspn(at, " ");
        if (type.n >= n && memcmp(type.p, at, n) == 0) return true;
    }
    return false;
}

static bool is_whole(slice type) {
    return one_of(type, "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER "
                        "UBIGINT BOOLEAN");
}

/* The value of a column in the contract's type; NULL when it cannot be. */
static char *value_sql(arena *keep, const contract_column *k, const char *h, slice type) {
    bool real = one_of(type, "FLOAT DOUBLE DECIMAL");
    const char *unix_sql =
        "CASE length(CAST(abs(%s) AS VARCHAR)) WHEN 9 THEN make_timestamp(%s * 1000000) WHEN 10 "
        "THEN make_timestamp(%s * 1000000) WHEN 12 THEN make_timestamp(%s * 1000) WHEN 13 THEN "
        "make_timestamp(%s * 1000) WHEN 15 THEN make_timestamp(%s) WHEN 16 THEN "
        "make_timestamp(%s) END";
    switch (k->type) {
    case CONTRACT_TEXT:
        if (!real) return arena_text(keep, "nullif(trim(CAST(%s AS VARCHAR)), '')", h);
        return arena_text(keep,
                          "CASE WHEN %s = trunc(%s) THEN CAST(TRY_CAST(%s AS BIGINT) AS VARCHAR) "
                          "ELSE CAST(%s AS VARCHAR) END", h, h, h, h);
    case CONTRACT_INT:
        if (is_whole(type)) return arena_text(keep, "TRY_CAST(%s AS BIGINT)", h);
        return arena_text(keep,
                          "CASE WHEN TRY_CAST(%s AS DOUBLE) = trunc(TRY_CAST(%s AS DOUBLE)) THEN "
                          "TRY_CAST(TRY_CAST(%s AS DOUBLE) AS BIGINT) END", h, h, h);
    case CONTRACT_REAL:
        return arena_text(keep,
                          "CASE WHEN isfinite(TRY_CAST(%s AS DOUBLE)) THEN TRY_CAST(%s AS DOUBLE) "
                          "END", h, h);
    default:
        if (is_whole(type)) {
            char *w = arena_text(keep, "CAST(%s AS BIGINT)", h);
            char *t = arena_text(keep, unix_sql, w, w, w, w, w, w, w);
            return k->type == CONTRACT_DAY ? arena_text(keep, "CAST(%s AS DATE)", t) : t;
        }
        const char *to = k->type == CONTRACT_DAY ? "DATE" : "TIMESTAMP"; /* infinity is no day */
        return arena_text(keep, "CASE WHEN isfinite(TRY_CAST(%s AS %s)) THEN TRY_CAST(%s AS %s) "
                                "END", h, to, h, to);
    }
}

static const char *rule_of(contract_type t) {
    static const char *const rules[] = {"not_text", "not_a_whole_number", "not_a_number",
                                        "not_a_date", "not_a_date"};
    return rules[t];
}

typedef struct checks {
    text select, rule, column, observed, expected;
} checks;

static void add_check(checks *to, const char *when, const char *rule, const contract_column *k,
                      const char *header, const char *expected) {
    text_addf(&to->rule, "WHEN %s THEN '%s' ", when, rule);
    text_addf(&to->column, "WHEN %s THEN '%s' ", when, k->name);
    text_addf(&to->observed, "WHEN %s THEN CAST(%s AS VARCHAR) ", when, header);
    text_addf(&to->expected, "WHEN %s THEN '%s' ", when, expected);
}

static void add_column(checks *to, arena *keep, const contract_column *k, slice header,
                       slice type) {
    static const char *const sql_types[] = {"VARCHAR", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"};
    const char *name = db_name(keep, slice_of(k->name)), *word = contract_type_word(k->type);
    if (!header.p) {
        text_addf(&to->select, "CAST(NULL AS %s) AS %s, ", sql_types[k->type], name);
        return;
    }
    char *h = arena_text(keep, "s.%s", db_name(keep, header));
    char *v = value_sql(keep, k, h, type);
    text_addf(&to->select, "%s AS %s, ", v, name);
    bool may_be_nan = k->type == CONTRACT_REAL && one_of(type, "FLOAT DOUBLE");
    const char *there = may_be_nan ? arena_text(keep, "%s IS NOT NULL AND NOT isnan(%s)", h, h)
                                   : arena_text(keep, "%s IS NOT NULL", h);
    if (k->type != CONTRACT_TEXT)
        add_check(to, arena_text(keep, "%s AND (%s) IS NULL", there, v), rule_of(k->type), k, h,
                  word);
    if (k->required && !k->may_be_empty)
        add_check(to, arena_text(keep, "(%s) IS NULL", v), "missing", k, h, word);
    if (k->low != 0 || k->high != 0)
        add_check(to, arena_text(keep, "NOT ((%s) BETWEEN %.17g AND %.17g)", v, k->low, k->high),
                  "out_of_range", k, h,
                  arena_text(keep, "%s from %.15g to %.15g", word, k->low, k->high));
}

/* ---- the load ---- */

/* The engine reads as many rows as each row group says; a footer that says two different things, in
 * whole, by group or by column, would lose rows in silence. */
static bool agree_on_rows(db *d, const table_load *l, arena *keep, err *e) {
    int64_t read, whole, groups, odd;
    char *file = db_literal(keep, slice_of(l->path));
    if (table_kind_of(l->path) != TABLE_PARQUET) return true;
    if (!db_count(d, &read, e, "SELECT count(*) FROM table_stage") ||
        !db_count(d, &whole, e, "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(%s)",
                  file) ||
        !db_count(d, &groups, e,
                  "SELECT sum(n)::BIGINT FROM (SELECT any_value(row_group_num_rows) AS n FROM "
                  "parquet_metadata(%s) GROUP BY row_group_id)", file) ||
        !db_count(d, &odd, e,
                  "SELECT count(*) FROM parquet_metadata(%s) WHERE num_values < "
                  "row_group_num_rows", file))
        return refuse_parquet(l->path, e);
    if (read == whole && read == groups && odd == 0) return true;
    refuse(e, "%s is damaged: its footer says %lld rows in all and %lld in its row groups, %lld "
              "were read", l->path, (long long)whole, (long long)groups, (long long)read);
    return fail_cause(e, "bad_data");
}

static bool stage_rows(db *d, const table_load *l, const char *relation, const slice *types,
                       const table_loaded *in, scope *s, err *e) {
    checks *all = take(&s->keep, checks, 1); /* texts live as long as their scope */
    text *const parts[] = {&all->select, &all->rule, &all->column, &all->observed, &all->expected};
    text *sql = take(&s->keep, text, 1);
    for (int i = 0; i < 5; i++) text_open(parts[i], s);
    text_open(sql, s);
    for (int i = 1; i < 5; i++) text_add(parts[i], SLICE("CASE "));
    for (int i = 0; i < l->c->n; i++) {
        int at = in->match.header_of[i];
        add_column(all, &s->keep, &l->c->columns[i], at < 0 ? (slice){0} : in->headers[at],
                   at < 0 ? (slice){0} : types[at]);
    }
    for (int i = 1; i < 5; i++) /* a CASE needs one branch at least */
        text_add(parts[i], SLICE("WHEN false THEN '' END"));
    text_addf(sql,
              "CREATE OR REPLACE TABLE table_stage AS SELECT %s CAST(%d AS INTEGER) AS src_file, "
              "s.file_row_number + 2 AS src_line, %s AS rule_, %s AS column_, %s AS observed_, %s "
              "AS expected_ FROM %s s ORDER BY s.file_row_number",
              text_slice(&all->select).p, l->src_file, text_slice(&all->rule).p,
              text_slice(&all->column).p, text_slice(&all->observed).p,
              text_slice(&all->expected).p, relation);
    return db_run(d, text_slice(sql), e) || refuse_parquet(l->path, e);
}

static bool take_examples(db *d, const table_load *l, scope *s, table_count *count, err *e) {
    columns c;
    if (!db_query(d, &s->keep, &c, e,
                  "SELECT src_line, rule_, column_, coalesce(observed_, '') AS observed_, "
                  "expected_ FROM table_stage WHERE rule_ IS NOT NULL ORDER BY src_line LIMIT 3"))
        return false;
    for (int64_t r = 0; r < c.rows; r++)
        table_example(count, l->path, c.at[0].i64[r], slice_copy(&s->keep, c.at[1].text[r]),
                      slice_copy(&s->keep, c.at[2].text[r]), c.at[3].text[r],
                      slice_copy(&s->keep, c.at[4].text[r]));
    return true;
}

/* A row as text: the contract's columns, which do not depend on the file's number. */
static const char *raw_sql(const table_load *l, scope *s) {
    text *sql = take(&s->keep, text, 1);
    text_open(sql, s);
    for (int i = 0; i < l->c->n; i++) {
        const char *name = db_name(&s->keep, slice_of(l->c->columns[i].name));
        text_addf(sql, "%s%s: %s", i ? ", " : "CAST({", name, name);
    }
    text_add(sql, SLICE("} AS VARCHAR)"));
    return text_slice(sql).p;
}

static bool share_rows(db *d, const table_load *l, scope *s, table_loaded *out, err *e) {
    table_count *k = &out->count;
    const char *move = arena_text(
        &s->keep,
        "INSERT INTO %s SELECT * EXCLUDE (rule_, column_, observed_, expected_) FROM table_stage "
        "WHERE rule_ IS NULL; INSERT INTO %s SELECT src_file, src_line, rule_, column_, observed_, "
        "expected_, %s FROM table_stage WHERE rule_ IS NOT NULL; DROP TABLE table_stage",
        db_name(&s->keep, slice_of(l->table)), db_name(&s->keep, slice_of(l->quarantine)),
        raw_sql(l, s));
    return db_count(d, &k->seen, e, "SELECT count(*) FROM table_stage") &&
           db_count(d, &k->quarantined, e,
                    "SELECT count(*) FROM table_stage WHERE rule_ IS NOT NULL") &&
           take_examples(d, l, s, k, e) && table_insert(d, slice_of(move), e);
}

bool table_load_engine(db *d, const table_load *l, arena *keep, table_loaded *out, err *e) {
    scope s;
    char *relation;
    slice *types = NULL;
    if (!scope_open(&s, (size_t)64 << 20, 0, e)) return false;
    bool done = table_relation(d, l->path, l->c, "table_array", &s.keep, &relation, e) &&
                table_describe(d, l->path, relation, &s.keep, &out->headers, &types, &out->n, e) &&
                (contract_map(l->c, out->headers, out->n, l->map, &out->match, e) ||
                 fail_in(e, l->path)) &&
                stage_rows(d, l, relation, types, out, &s, e) &&
                agree_on_rows(d, l, &s.keep, e) && share_rows(d, l, &s, out, e);
    out->count.accepted = out->count.seen - out->count.quarantined;
    for (int i = 0; done && i < out->n; i++)
        out->headers[i].p = slice_copy(keep, out->headers[i]);
    if (done) out->headers = take_copy(keep, slice, out->headers, out->n);
    if (table_kind_of(l->path) == TABLE_NPY && done)
        done = db_runf(d, e, "DROP TABLE table_array");
    scope_close(&s);
    return done;
}
