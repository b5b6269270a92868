/* export: what a run found, as tables of a PostgreSQL schema of their own. */
#include "pipeline/export.h"

#include <stdio.h>
#include <string.h>

#include "data/pg.h"

typedef struct sending {
    const export_ask *a;
    db *d;
    pg *p;
    scope *s;
    const bundle *b; /* NULL when the results have none */
    const char *schema; /* quoted */
    columns known;      /* of atelier_tables: name */
    export_done *out;
    const export_table *table; /* under way */
    int64_t sent, total;
} sending;

/* "schema"."name" */
static char *place(sending *x, const char *name, err *e) {
    char *quoted = pg_name(x->p, &x->s->keep, name, e);
    return quoted ? arena_text(&x->s->keep, "%s.%s", x->schema, quoted) : NULL;
}

static char *new_name(sending *x, const char *name) {
    return arena_text(&x->s->keep, "%s.new", name);
}

/* ---- what a table looks like ---- */

/* DECIMAL(18,6) is read as the whole number of its last places. */
static bool is_decimal(slice type, pg_column *to) {
    return sscanf(type.p, "DECIMAL(%d,%d)", &to->digits, &to->scale) == 2 && to->scale <= 18;
}

static bool type_of(slice type, pg_column *to) {
    static const struct {
        const char *engine;
        pg_type type;
    } types[] = {{"BOOLEAN", PG_BOOL},        {"TINYINT", PG_INT2},
                 {"SMALLINT", PG_INT2},       {"UTINYINT", PG_INT2},
                 {"INTEGER", PG_INT4},        {"USMALLINT", PG_INT4},
                 {"BIGINT", PG_INT8},         {"UINTEGER", PG_INT8},
                 {"FLOAT", PG_FLOAT4},        {"DOUBLE", PG_FLOAT8},
                 {"VARCHAR", PG_TEXT},        {"DATE", PG_DATE},
                 {"TIMESTAMP", PG_TIMESTAMP}, {"TIMESTAMP WITH TIME ZONE", PG_TIMESTAMPTZ}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_is(type, types[i].engine)) return to->type = types[i].type, true;
    return to->type = PG_NUMERIC, is_decimal(type, to);
}

/* The columns of a file, and the query that gives them as pg_rows wants them. */
static bool describe(sending *x, const char *path, pg_shape *shape, text *sql, err *e) {
    columns c;
    arena *keep = &x->s->keep;
    const char *file = db_literal(keep, slice_of(path));
    if (!db_query(x->d, keep, &c, e, "DESCRIBE SELECT * FROM read_parquet(%s)", file)) return false;
    pg_column *to = take(keep, pg_column, c.rows);
    for (int64_t i = 0; i < c.rows; i++) {
        slice name = columns_text(&c, "column_name")[i], type = columns_text(&c, "column_type")[i];
        to[i].name = slice_copy(keep, name);
        if (!type_of((slice){slice_copy(keep, type), type.n}, &to[i]))
            return fail(e, "column %s of %s is %.*s, for which PostgreSQL has no column here",
                        to[i].name, path, (int)type.n, type.p);
        const char *quoted = db_name(keep, name);
        text_addf(sql, "%s", i ? ", " : "SELECT ");
        if (to[i].type != PG_NUMERIC) text_addf(sql, "%s", quoted);
        else
            text_addf(sql, "CAST(replace(CAST(%s AS VARCHAR), '.', '') AS BIGINT) AS %s", quoted,
                      quoted);
    }
    text_addf(sql, " FROM read_parquet(%s)", file);
    *shape = (pg_shape){x->table->name, (int)c.rows, to};
    return true;
}

static bool make(sending *x, const pg_shape *shape, const char *to, err *e) {
    text *sql = take(&x->s->keep, text, 1);
    text_open(sql, x->s);
    text_addf(sql, "CREATE TABLE %s (", to);
    for (int i = 0; i < shape->n; i++) {
        const pg_column *k = &shape->at[i];
        char *name = pg_name(x->p, &x->s->keep, k->name, e);
        if (!name) return false;
        text_addf(sql, "%s%s %s", i ? ", " : "", name, pg_type_word(k->type));
        if (k->type == PG_NUMERIC) text_addf(sql, "(%d,%d)", k->digits, k->scale);
    }
    return pg_run(x->p, e, "%s)", sql->p);
}

/* ---- its rows ---- */

static bool send(void *what, const columns *rows, err *e) {
    sending *x = what;
    if (!pg_put(x->p, rows, e)) return false;
    x->sent += rows->rows;
    x->a->progress.tick(x->a->progress.what, x->table->name, x->sent, x->total);
    return true;
}

static bool send_file(sending *x, const char *sql, err *e) {
    return db_each(x->d, slice_of(sql), send, x, e);
}

static bool fill(sending *x, const pg_shape *shape, const char *to, const char *sql, err *e) {
    int64_t there = 0;
    const export_made *made = x->table->made;
    x->sent = 0;
    if (!pg_put_open(x->p, to, shape, e) ||
        !(made ? made->emit(x->b, send, x, x->s, e) : send_file(x, sql, e)) ||
        !pg_put_close(x->p, &there, e))
        return false;
    if (there == x->sent && (made || there == x->total)) return true;
    return fail(e, "%s has %lld rows, %lld were sent and %lld arrived", x->table->name,
                (long long)x->total, (long long)x->sent, (long long)there);
}

/* ---- key and comments ---- */

static bool add_key(sending *x, const char *to, err *e) {
    text *names = take(&x->s->keep, text, 1);
    const char *key = x->table->key;
    if (!key) return true;
    text_open(names, x->s);
    for (size_t n; *key; key += n + (key[n] == ',')) {
        n = strcspn(key, ",");
        char *name = pg_name(x->p, &x->s->keep, slice_copy(&x->s->keep, (slice){key, n}), e);
        if (!name) return false;
        text_addf(names, "%s%s", names->n ? ", " : "", name);
    }
    const char *index = arena_text(&x->s->keep, "%s.new_key", x->table->name);
    return pg_run(x->p, e, "ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY (%s)", to,
                  pg_name(x->p, &x->s->keep, index, e), names->p);
}

static bool add_comments(sending *x, const pg_shape *shape, const char *to, err *e) {
    arena *keep = &x->s->keep;
    if (!pg_run(x->p, e, "COMMENT ON TABLE %s IS %s", to,
                pg_literal(x->p, keep, x->table->comment)))
        return false;
    for (int i = 0; i < shape->n; i++) {
        const char *said = export_column_comment(shape->at[i].name);
        if (said && !pg_run(x->p, e, "COMMENT ON COLUMN %s.%s IS %s", to,
                            pg_name(x->p, keep, shape->at[i].name, e),
                            pg_literal(x->p, keep, said)))
            return false;
    }
    return true;
}

/* ---- one table ---- */

static bool is_known(const sending *x, const char *name) {
    for (int64_t i = 0; i < x->known.rows; i++)
        if (slice_is(x->known.at[0].text[i], name)) return true;
    return false;
}

/* A table of that name which no export made stays. */
static bool check_free(sending *x, err *e) {
    columns c;
    if (is_known(x, x->table->name)) return true;
    const char *values[] = {x->a->schema, x->table->name};
    if (!pg_query(x->p, &x->s->keep, &c, e,
                  "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                  "WHERE n.nspname = $1 AND c.relname = $2", 2, values))
        return false;
    return c.rows == 0 ||
           refuse(e, "the schema %s has a table %s that no export made; name another by --schema",
                  x->a->schema, x->table->name);
}

static bool write_rows(sending *x, const char *path, err *e) {
    pg_shape shape = {x->table->name, 0, NULL};
    text *sql = take(&x->s->keep, text, 1);
    text_open(sql, x->s);
    x->total = 0;
    if (x->table->made) shape.n = x->table->made->n, shape.at = x->table->made->columns;
    else if (!db_count(x->d, &x->total, e, "SELECT count(*) FROM read_parquet(%s)",
                       db_literal(&x->s->keep, slice_of(path))) ||
             !describe(x, path, &shape, sql, e))
        return false;
    char *to = place(x, new_name(x, x->table->name), e);
    if (!to || !check_free(x, e) || !make(x, &shape, to, e) ||
        !fill(x, &shape, to, sql->p, e) || !add_key(x, to, e) || !add_comments(x, &shape, to, e))
        return false;
    x->out->tables[x->out->n].name = x->table->name;
    x->out->tables[x->out->n++].rows = x->sent;
    return true;
}

static bool write_table(sending *x, const char *path, err *e) {
    scope own, *all = x->s;
    if (!scope_open(&own, (size_t)8 << 30, 0, e)) return false;
    x->s = &own;
    bool done = write_rows(x, path, e);
    x->s = all;
    scope_close(&own);
    return done || fail_in(e, x->table->name);
}

static bool is_asked(const char *only, const char *name) {
    size_t length = strlen(name);
    if (!only) return true;
    for (size_t n; *only; only += n + (only[n] == ',')) {
        n = strcspn(only, ",");
        if (n == length && memcmp(only, name, n) == 0) return true;
    }
    return false;
}

static bool write_tables(sending *x, err *e) {
    for (x->table = export_tables; x->table->name; x->table++) {
        const export_table *t = x->table;
        const char *path = arena_text(&x->s->keep, "%s/%s/%s.parquet", x->a->out,
                                      t->step ? t->step : "", t->name);
        if (!is_asked(x->a->only, t->name)) continue;
        bool has = t->made ? x->b && t->made->has(x->b) : file_exists(path);
        if (has && !write_table(x, path, e)) return false;
        if (!has && x->a->only)
            return refuse(e, "%s has no %s: the run did not make it", x->a->out, t->name);
    }
    return x->out->n > 0 || refuse(e, "%s has no results that could be exported", x->a->out);
}

/* ---- the whole ---- */

static bool check_only(const char *only, scope *s, err *e) {
    const char *names[64];
    int n = 0;
    for (; export_tables[n].name; n++) names[n] = export_tables[n].name;
    for (size_t k; only && *only; only += k + (only[k] == ',')) {
        k = strcspn(only, ",");
        const char *word = slice_copy(&s->keep, (slice){only, k});
        int at = 0;
        while (at < n && strcmp(names[at], word) != 0) at++;
        if (at < n) continue;
        const char *near = slice_nearest(slice_of(word), names, n);
        return refuse(e, "--only: '%s' is no table of an export%s%s%s", word,
                      near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return true;
}

static bool make_schema(sending *x, err *e) {
    return (pg_run(x->p, e, "CREATE SCHEMA %s", x->schema) &&
            pg_run(x->p, e, "COMMENT ON SCHEMA %s IS 'Results of Atelier'", x->schema)) ||
           pg_wants_right(e, "CREATE on the database");
}

static bool know_tables(sending *x, err *e) {
    arena *keep = &x->s->keep;
    if (!pg_run(x->p, e, "CREATE TABLE IF NOT EXISTS %s.atelier_tables (name text PRIMARY KEY, "
                         "rows bigint NOT NULL)", x->schema))
        return pg_wants_right(e, arena_text(keep, "USAGE and CREATE on the schema %s", x->schema));
    return pg_query(x->p, keep, &x->known, e,
                    arena_text(keep, "SELECT name FROM %s.atelier_tables ORDER BY name", x->schema),
                    0, NULL) ||
           pg_wants_right(e, arena_text(keep, "SELECT, INSERT and DELETE on %s.atelier_tables",
                                        x->schema));
}

static bool begin(sending *x, err *e) {
    columns c;
    const char *values[] = {x->a->schema};
    arena *keep = &x->s->keep;
    char *name = pg_name(x->p, keep, x->a->schema, e);
    if (!name) return false;
    x->schema = name;
    if (!pg_run(x->p, e, "BEGIN") ||
        !pg_query(x->p, keep, &c, e, "SELECT pg_advisory_xact_lock(hashtext('atelier ' || $1))", 1,
                  values) ||
        !pg_query(x->p, keep, &c, e, "SELECT 1 FROM pg_namespace WHERE nspname = $1", 1, values))
        return false;
    return (c.rows > 0 || make_schema(x, e)) && know_tables(x, e);
}

/* The new table takes the name of the old one. */
static bool swap(sending *x, const char *name, int64_t rows, err *e) {
    arena *keep = &x->s->keep;
    char *old = place(x, name, e), *new = place(x, new_name(x, name), e);
    if (!old || !new) return false;
    char *quoted = pg_name(x->p, keep, name, e), *made = arena_text(keep, "%s.new_key", name),
         *wanted = arena_text(keep, "%s_key", name);
    return pg_run(x->p, e, "DROP TABLE IF EXISTS %s; ALTER TABLE %s RENAME TO %s", old, new,
                  quoted) &&
           pg_run(x->p, e, "ALTER INDEX IF EXISTS %s RENAME TO %s", place(x, made, e),
                  pg_name(x->p, keep, wanted, e)) &&
           pg_run(x->p, e, "DELETE FROM %s.atelier_tables WHERE name = %s; INSERT INTO "
                           "%s.atelier_tables VALUES (%s, %lld)",
                  x->schema, pg_literal(x->p, keep, name), x->schema,
                  pg_literal(x->p, keep, name), (long long)rows);
}

static bool remove_old(sending *x, err *e) {
    for (int64_t i = 0; !x->a->only && i < x->known.rows; i++) {
        const char *name = slice_copy(&x->s->keep, x->known.at[0].text[i]);
        bool written = false;
        for (int k = 0; k < x->out->n; k++)
            written = written || strcmp(x->out->tables[k].name, name) == 0;
        if (written) continue;
        if (!pg_run(x->p, e, "DROP TABLE IF EXISTS %s; DELETE FROM %s.atelier_tables WHERE "
                             "name = %s",
                    place(x, name, e), x->schema, pg_literal(x->p, &x->s->keep, name)))
            return false;
        x->out->removed++;
    }
    return true;
}

static bool finish(sending *x, err *e) {
    for (int i = 0; i < x->out->n; i++)
        if (!swap(x, x->out->tables[i].name, x->out->tables[i].rows, e))
            return fail_in(e, x->out->tables[i].name);
    return remove_old(x, e) && pg_commit(x->p, e);
}

bool export_run(const export_ask *a, db *d, scope *s, export_done *out, err *e) {
    bundle *b = NULL;
    sending x = {.a = a, .d = d, .s = s, .out = out};
    *out = (export_done){0};
    if (!check_only(a->only, s, e)) return false;
    if (file_exists(arena_text(&s->keep, "%s/10_serve/manifest.json", a->out))) {
        if (!bundle_open(&b, a->out, e)) return false;
        scope_defer(s, bundle_close, b);
        x.b = b;
    }
    x.p = pg_open(s, a->address, e);
    if (!x.p) return false;
    out->where = pg_where(x.p);
    return begin(&x, e) && write_tables(&x, e) && finish(&x, e);
}
