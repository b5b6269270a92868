/* db: the embedded SQL engine (DuckDB); the only file that includes its header. */
#include "data/db_inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duckdb.h>

struct db {
    duckdb_database database;
    duckdb_connection connection;
    db_seen *seen;
    void *what;
    duckdb_database beside; /* whose connection it is, when it is another's */
};

const char *db_version(void) { return duckdb_library_version(); }

static bool says_no(err *e, const char *why) {
    fail(e, "%s", why ? why : "the SQL engine failed without a reason");
    if (why && strstr(why, "No space left")) return fail_cause(e, "cannot_create");
    if (why && strstr(why, "Permission denied")) return fail_cause(e, "permission");
    if (why && strncmp(why, "Out of Memory", 13) == 0) return fail_cause(e, "out_of_memory");
    return fail_cause(e, "internal");
}

static bool configure(duckdb_config config, db_params p, err *e) {
    char threads[16], memory[32];
    snprintf(threads, sizeof threads, "%d", p.threads);
    snprintf(memory, sizeof memory, "%lldMB", (long long)p.memory_mb);
    const char *const pairs[][2] = {{"threads", threads},
                                    {"memory_limit", memory},
                                    {"temp_directory", p.temp},
                                    {"autoinstall_known_extensions", "false"},
                                    {"autoload_known_extensions", "false"},
                                    {"default_null_order", "nulls_last"},
                                    {"TimeZone", "UTC"}};
    for (size_t i = 0; i + 1 < sizeof pairs / sizeof pairs[0]; i++)
        if (duckdb_set_config(config, pairs[i][0], pairs[i][1]) == DuckDBError)
            return fail(e, "the SQL engine refuses %s = %s", pairs[i][0], pairs[i][1]);
    return true;
}

bool db_open(db **out, db_params p, err *e) {
    db *d = calloc(1, sizeof *d);
    if (!d) return fail_memory(e, "the SQL engine");
    duckdb_config config = NULL;
    bool done = duckdb_create_config(&config) == DuckDBSuccess && configure(config, p, e);
    char *why = NULL;
    if (done && duckdb_open_ext(NULL, &d->database, config, &why) == DuckDBError)
        done = says_no(e, why);
    duckdb_free(why);
    duckdb_destroy_config(&config);
    if (done && duckdb_connect(d->database, &d->connection) == DuckDBError)
        done = fail(e, "the SQL engine refuses a connection");
    if (done) done = db_run(d, SLICE("SET TimeZone = 'UTC'"), e);
    if (!done) {
        db_close(d);
        return false;
    }
    *out = d;
    return true;
}

bool db_beside(db **out, const db *d, err *e) {
    db *b = *out = calloc(1, sizeof *b);
    if (!b) return fail_memory(e, "the SQL engine");
    *b = (db){.beside = d->beside ? d->beside : d->database};
    return duckdb_connect(b->beside, &b->connection) == DuckDBSuccess ||
           fail(e, "the SQL engine refuses a connection");
}

duckdb_connection db_connection(const db *d) { return d->connection; }

void db_close(void *what) {
    db *d = what;
    if (!d) return;
    duckdb_disconnect(&d->connection);
    duckdb_close(&d->database);
    free(d);
}

void db_watch(db *d, db_seen *seen, void *what) {
    d->seen = seen;
    d->what = what;
}

static void tell(const db *d, slice sql) {
    if (d->seen) d->seen(d->what, sql);
}

bool db_run(db *d, slice sql, err *e) {
    tell(d, sql);
    char *copy = strndup(sql.p, sql.n);
    if (!copy) return fail_memory(e, "a statement");
    duckdb_extracted_statements all;
    idx_t n = duckdb_extract_statements(d->connection, copy, &all);
    bool done = n > 0 || says_no(e, duckdb_extract_statements_error(all));
    for (idx_t i = 0; i < n && done; i++) {
        duckdb_prepared_statement one;
        duckdb_result result;
        memset(&result, 0, sizeof result);
        if (duckdb_prepare_extracted_statement(d->connection, all, i, &one) == DuckDBError)
            done = says_no(e, duckdb_prepare_error(one));
        else if (duckdb_execute_prepared(one, &result) == DuckDBError)
            done = says_no(e, duckdb_result_error(&result));
        duckdb_destroy_result(&result);
        duckdb_destroy_prepare(&one);
    }
    duckdb_destroy_extracted(&all);
    free(copy);
    return done;
}

static char *formatted(const char *format, va_list args) {
    char *sql = NULL;
    if (vasprintf(&sql, format, args) < 0) out_of_memory(0);
    return sql;
}

bool db_runf(db *d, err *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *sql = formatted(format, args);
    va_end(args);
    bool done = db_run(d, slice_of(sql), e);
    free(sql);
    return done;
}

/* ---- results into columns ---- */

static bool type_of(duckdb_type t, column_type *out) {
    switch (t) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT: *out = COLUMN_I32; return true;
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UINTEGER: *out = COLUMN_I64; return true;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UBIGINT: *out = COLUMN_REAL; return true;
    case DUCKDB_TYPE_VARCHAR: *out = COLUMN_TEXT; return true;
    case DUCKDB_TYPE_DATE: *out = COLUMN_DAY; return true;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: *out = COLUMN_TIME; return true;
    default: return false;
    }
}

typedef struct reader { /* how to read one column of the engine's chunks */
    duckdb_type type, inside; /* inside: the storage type of a DECIMAL */
    double scale;             /* 10^-scale's divisor */
} reader;

static bool describe(duckdb_result *result, arena *keep, columns *out, reader *how, err *e) {
    out->n = (int)duckdb_column_count(result);
    out->at = take(keep, column, out->n);
    for (int i = 0; i < out->n; i++) {
        duckdb_logical_type t = duckdb_column_logical_type(result, (idx_t)i);
        how[i].type = how[i].inside = duckdb_get_type_id(t);
        how[i].scale = 1;
        if (how[i].type == DUCKDB_TYPE_DECIMAL) {
            how[i].inside = duckdb_decimal_internal_type(t);
            how[i].scale = pow(10, duckdb_decimal_scale(t));
        }
        duckdb_destroy_logical_type(&t);
        const char *name = duckdb_column_name(result, (idx_t)i);
        out->at[i].name = take_copy(keep, char, name, strlen(name) + 1);
        if (!type_of(how[i].type, &out->at[i].type))
            return fail(e, "column %s has a type that has no column here: cast it", name);
    }
    return true;
}

static int32_t small_at(duckdb_type t, const void *data, idx_t row) {
    switch (t) {
    case DUCKDB_TYPE_BOOLEAN: return ((const bool *)data)[row];
    case DUCKDB_TYPE_TINYINT: return ((const int8_t *)data)[row];
    case DUCKDB_TYPE_UTINYINT: return ((const uint8_t *)data)[row];
    case DUCKDB_TYPE_SMALLINT: return ((const int16_t *)data)[row];
    case DUCKDB_TYPE_USMALLINT: return ((const uint16_t *)data)[row];
    default: return ((const int32_t *)data)[row];
    }
}

static double real_at(reader how, const void *data, idx_t row) {
    switch (how.inside) {
    case DUCKDB_TYPE_FLOAT: return (double)((const float *)data)[row];
    case DUCKDB_TYPE_DOUBLE: return ((const double *)data)[row];
    case DUCKDB_TYPE_SMALLINT: return ((const int16_t *)data)[row] / how.scale;
    case DUCKDB_TYPE_INTEGER: return ((const int32_t *)data)[row] / how.scale;
    case DUCKDB_TYPE_BIGINT: return (double)((const int64_t *)data)[row] / how.scale;
    case DUCKDB_TYPE_UBIGINT: return (double)((const uint64_t *)data)[row];
    default: return duckdb_hugeint_to_double(((const duckdb_hugeint *)data)[row]) / how.scale;
    }
}

static void copy_values(reader how, const void *data, idx_t n, column *to, int64_t at,
                        arena *keep) {
    switch (to->type) {
    case COLUMN_I32:
        for (idx_t r = 0; r < n; r++) to->i32[at + (int64_t)r] = small_at(how.type, data, r);
        break;
    case COLUMN_I64:
        for (idx_t r = 0; r < n; r++)
            to->i64[at + (int64_t)r] = how.type == DUCKDB_TYPE_UINTEGER
                                           ? (int64_t)((const uint32_t *)data)[r]
                                           : ((const int64_t *)data)[r];
        break;
    case COLUMN_REAL:
        for (idx_t r = 0; r < n; r++) to->real[at + (int64_t)r] = real_at(how, data, r);
        break;
    case COLUMN_DAY: memcpy(to->i32 + at, data, n * sizeof(int32_t)); break;
    case COLUMN_TIME: memcpy(to->i64 + at, data, n * sizeof(int64_t)); break;
    case COLUMN_TEXT:
        for (idx_t r = 0; r < n; r++) {
            duckdb_string_t *s = (duckdb_string_t *)(uintptr_t)data + r;
            if (!to->valid[at + (int64_t)r]) continue; /* bytes of a NULL are not defined */
            size_t length = duckdb_string_t_length(*s);
            char *bytes = take(keep, char, length + 1);
            memcpy(bytes, duckdb_string_t_data(s), length);
            to->text[at + (int64_t)r] = (slice){bytes, length};
        }
        break;
    }
}

static void copy_chunk(duckdb_data_chunk chunk, const reader *how, columns *to, int64_t at,
                       arena *keep) {
    idx_t n = duckdb_data_chunk_get_size(chunk);
    for (int i = 0; i < to->n; i++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(chunk, (idx_t)i);
        uint64_t *mask = duckdb_vector_get_validity(v);
        for (idx_t r = 0; r < n; r++)
            to->at[i].valid[at + (int64_t)r] = !mask || duckdb_validity_row_is_valid(mask, r);
        copy_values(how[i], duckdb_vector_get_data(v), n, &to->at[i], at, keep);
    }
}

static void room_for_rows(columns *c, int64_t rows, arena *keep) {
    c->rows = rows;
    for (int i = 0; i < c->n; i++) {
        c->at[i].data = arena_take(keep, column_width(c->at[i].type), (size_t)rows);
        c->at[i].valid = take(keep, uint8_t, rows);
    }
}

/* A column without NULLs says so with valid = NULL; values under NULLs become zero. */
static void settle_nulls(columns *c) {
    for (int i = 0; i < c->n; i++) {
        column *k = &c->at[i];
        size_t width = column_width(k->type);
        bool all = true;
        for (int64_t r = 0; r < c->rows; r++)
            if (!k->valid[r]) {
                all = false;
                memset((char *)k->data + (size_t)r * width, 0, width);
            }
        if (all) k->valid = NULL;
    }
}

static bool read_all(duckdb_result *result, arena *keep, columns *out, err *e) {
    reader how[256];
    if (duckdb_column_count(result) > 256) return fail(e, "more than 256 columns in a result");
    if (!describe(result, keep, out, how, e)) return false;
    room_for_rows(out, (int64_t)duckdb_row_count(result), keep);
    int64_t at = 0;
    for (duckdb_data_chunk chunk; (chunk = duckdb_fetch_chunk(*result)) != NULL;) {
        copy_chunk(chunk, how, out, at, keep);
        at += (int64_t)duckdb_data_chunk_get_size(chunk);
        duckdb_destroy_data_chunk(&chunk);
    }
    settle_nulls(out);
    return true;
}

static bool ask(db *d, const char *sql, duckdb_result *result, err *e) {
    tell(d, slice_of(sql));
    return duckdb_query(d->connection, sql, result) == DuckDBSuccess ||
           says_no(e, duckdb_result_error(result));
}

static bool query_text(db *d, const char *sql, arena *keep, columns *out, err *e) {
    duckdb_result result;
    bool done = ask(d, sql, &result, e);
    if (done) done = read_all(&result, keep, out, e);
    duckdb_destroy_result(&result);
    return done;
}

bool db_query(db *d, arena *keep, columns *out, err *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *sql = formatted(format, args);
    va_end(args);
    bool done = query_text(d, sql, keep, out, e);
    free(sql);
    return done;
}

bool db_count(db *d, int64_t *out, err *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *sql = formatted(format, args);
    va_end(args);
    duckdb_result result;
    bool done = ask(d, sql, &result, e);
    if (done) *out = duckdb_value_int64(&result, 0, 0);
    duckdb_destroy_result(&result);
    free(sql);
    return done;
}

static bool stream(duckdb_result *result, db_each_chunk *each, void *what, err *e) {
    scope s;
    reader how[256];
    if (duckdb_column_count(result) > 256) return fail(e, "more than 256 columns in a result");
    if (!scope_open(&s, (size_t)256 << 20, 0, e)) return false;
    columns all;
    bool done = describe(result, &s.keep, &all, how, e);
    arena start = s.keep;
    for (duckdb_data_chunk chunk; done && (chunk = duckdb_fetch_chunk(*result)) != NULL;) {
        arena memory = start;
        room_for_rows(&all, (int64_t)duckdb_data_chunk_get_size(chunk), &memory);
        copy_chunk(chunk, how, &all, 0, &memory);
        duckdb_destroy_data_chunk(&chunk);
        settle_nulls(&all);
        done = each(what, &all, e);
    }
    scope_close(&s);
    const char *why = duckdb_result_error(result);
    return done && (!why || says_no(e, why));
}

bool db_each(db *d, slice sql, db_each_chunk *each, void *what, err *e) {
    char *copy = strndup(sql.p, sql.n);
    if (!copy) return fail_memory(e, "a statement");
    tell(d, sql);
    duckdb_prepared_statement one = NULL;
    duckdb_pending_result pending = NULL;
    duckdb_result result;
    memset(&result, 0, sizeof result);
    bool done = duckdb_prepare(d->connection, copy, &one) == DuckDBSuccess ||
                says_no(e, duckdb_prepare_error(one));
    if (done && duckdb_pending_prepared_streaming(one, &pending) == DuckDBError)
        done = says_no(e, duckdb_pending_error(pending));
    if (done && duckdb_execute_pending(pending, &result) == DuckDBError)
        done = says_no(e, duckdb_result_error(&result));
    if (done) done = stream(&result, each, what, e);
    duckdb_destroy_result(&result);
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&one);
    free(copy);
    return done;
}

static char *quoted(arena *keep, slice value, char quote) {
    char *out = take(keep, char, 2 * value.n + 3), *at = out;
    *at++ = quote;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == quote) *at++ = quote;
        *at++ = value.p[i];
    }
    *at = quote;
    return out;
}

char *db_literal(arena *keep, slice value) { return quoted(keep, value, '\''); }

char *db_name(arena *keep, slice name) { return quoted(keep, name, '"'); }

/* ---- columns of ours into a table ---- */

struct db_appender {
    duckdb_appender inside;
    duckdb_data_chunk chunk;
    duckdb_logical_type types[256];
    int n;
};

static duckdb_type engine_type(column_type t) {
    switch (t) {
    case COLUMN_I32: return DUCKDB_TYPE_INTEGER;
    case COLUMN_I64: return DUCKDB_TYPE_BIGINT;
    case COLUMN_REAL: return DUCKDB_TYPE_DOUBLE;
    case COLUMN_TEXT: return DUCKDB_TYPE_VARCHAR;
    case COLUMN_DAY: return DUCKDB_TYPE_DATE;
    case COLUMN_TIME: return DUCKDB_TYPE_TIMESTAMP;
    }
    return DUCKDB_TYPE_INVALID;
}

bool db_append_open(db_appender **out, db *d, const char *table, err *e) {
    db_appender *a = calloc(1, sizeof *a);
    if (!a) return fail_memory(e, "rows of a table");
    *out = a;
    tell(d, slice_of(table));
    if (duckdb_appender_create(d->connection, NULL, table, &a->inside) == DuckDBError)
        return says_no(e, duckdb_appender_error(a->inside));
    return true;
}

static void fill_vector(duckdb_vector v, const column *from, int64_t at, int64_t n) {
    size_t width = column_width(from->type);
    if (from->type != COLUMN_TEXT)
        memcpy(duckdb_vector_get_data(v), (const char *)from->data + (size_t)at * width,
               (size_t)n * width);
    if (from->valid) {
        duckdb_vector_ensure_validity_writable(v);
        uint64_t *mask = duckdb_vector_get_validity(v); /* bit r % 64 of word r / 64 */
        for (int64_t r = 0; r < n; r += 64) {
            uint64_t word = 0;
            for (int64_t k = r; k < n && k < r + 64; k++)
                word |= (uint64_t)(from->valid[at + k] != 0) << (k - r);
            mask[r / 64] = word;
        }
    }
    for (int64_t r = 0; from->type == COLUMN_TEXT && r < n; r++)
        if (column_has(from, at + r))
            duckdb_vector_assign_string_element_len(v, (idx_t)r, from->text[at + r].p,
                                                    from->text[at + r].n);
}

static void append_start(db_appender *a, const columns *rows) {
    a->n = rows->n;
    for (int i = 0; i < a->n; i++)
        a->types[i] = duckdb_create_logical_type(engine_type(rows->at[i].type));
    a->chunk = duckdb_create_data_chunk(a->types, (idx_t)a->n);
}

bool db_append(db_appender *a, const columns *rows, err *e) {
    assert(rows->n <= 256);
    if (!a->chunk) append_start(a, rows);
    assert(a->n == rows->n && "same columns in every call");
    int64_t step = (int64_t)duckdb_vector_size();
    for (int64_t at = 0; at < rows->rows; at += step) {
        int64_t n = rows->rows - at < step ? rows->rows - at : step;
        duckdb_data_chunk_reset(a->chunk);
        for (int i = 0; i < a->n; i++)
            fill_vector(duckdb_data_chunk_get_vector(a->chunk, (idx_t)i), &rows->at[i], at, n);
        duckdb_data_chunk_set_size(a->chunk, (idx_t)n);
        if (duckdb_append_data_chunk(a->inside, a->chunk) == DuckDBError)
            return says_no(e, duckdb_appender_error(a->inside));
    }
    return true;
}

bool db_append_close(db_appender *a, err *e) {
    if (!a) return true;
    bool done = e->kind == ERR_NONE;
    if (a->inside && duckdb_appender_close(a->inside) == DuckDBError)
        done = says_no(e, duckdb_appender_error(a->inside));
    if (a->chunk) duckdb_destroy_data_chunk(&a->chunk);
    for (int i = 0; i < a->n; i++) duckdb_destroy_logical_type(&a->types[i]);
    if (a->inside) duckdb_appender_destroy(&a->inside);
    free(a);
    return done;
}

static const char *sql_type(column_type t) {
    static const char *const names[] = {"INTEGER", "BIGINT", "DOUBLE",
                                        "VARCHAR", "DATE",   "TIMESTAMP"};
    return names[t];
}

bool db_put(db *d, const char *table, const columns *c, err *e) {
    scope s;
    text sql;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    text_open(&sql, &s);
    text_addf(&sql, "CREATE OR REPLACE TABLE %s (", db_name(&s.keep, slice_of(table)));
    for (int i = 0; i < c->n; i++)
        text_addf(&sql, "%s%s %s", i ? ", " : "", db_name(&s.keep, slice_of(c->at[i].name)),
                  sql_type(c->at[i].type));
    text_add_char(&sql, ')');
    db_appender *a = NULL;
    bool done = db_run(d, text_slice(&sql), e) && db_append_open(&a, d, table, e) &&
                db_append(a, c, e);
    done = db_append_close(a, e) && done;
    scope_close(&s);
    return done;
}
