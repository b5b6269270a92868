/* db_stream: rows of ours into a Parquet file, without a table in between. */
#include <duckdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "data/db_inside.h"

typedef struct stream { /* what a table function of the engine takes its rows from */
    const columns *shape;
    db_next_rows *next;
    void *what;
    columns now; /* the rows that are handed on */
    int64_t at;  /* how many of them were */
    bool ended;
    err e;
} stream;

static duckdb_type engine_type(column_type t) {
    static const duckdb_type types[] = {DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_BIGINT,
                                        DUCKDB_TYPE_DOUBLE,  DUCKDB_TYPE_VARCHAR,
                                        DUCKDB_TYPE_DATE,    DUCKDB_TYPE_TIMESTAMP};
    return types[t];
}

static void bind(duckdb_bind_info info) {
    const stream *f = duckdb_bind_get_extra_info(info);
    for (int i = 0; i < f->shape->n; i++) {
        duckdb_logical_type t = duckdb_create_logical_type(engine_type(f->shape->at[i].type));
        duckdb_bind_add_result_column(info, f->shape->at[i].name, t);
        duckdb_destroy_logical_type(&t);
    }
}

static void init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

/* Rows [at, at + n) of a column become rows [to, to + n) of v. */
static void fill(duckdb_vector v, const column *from, int64_t at, int64_t to, int64_t n) {
    size_t width = column_width(from->type);
    if (from->type != COLUMN_TEXT)
        memcpy((char *)duckdb_vector_get_data(v) + (size_t)to * width,
               (const char *)from->data + (size_t)at * width, (size_t)n * width);
    for (int64_t i = 0; from->type == COLUMN_TEXT && i < n; i++)
        if (column_has(from, at + i))
            duckdb_vector_assign_string_element_len(
                v, (idx_t)(to + i), from->text[at + i].p, from->text[at + i].n);
    if (!from->valid || !memchr(from->valid + at, 0, (size_t)n)) return;
    duckdb_vector_ensure_validity_writable(v);
    uint64_t *mask = duckdb_vector_get_validity(v);
    for (int64_t i = 0; i < n; i++)
        if (!from->valid[at + i]) mask[(to + i) / 64] &= ~((uint64_t)1 << ((to + i) % 64));
}

/* Chunks are full whatever the batches of next are: the engine cuts row groups by them. */
static void hand_on(duckdb_function_info info, duckdb_data_chunk out) {
    stream *f = duckdb_function_get_extra_info(info);
    int64_t room = (int64_t)duckdb_vector_size(), n = 0;
    while (n < room && !f->ended) {
        if (f->at == f->now.rows) {
            f->at = 0;
            if (!f->next(f->what, &f->now, &f->e)) {
                f->ended = true;
                duckdb_function_set_error(info, f->e.text);
                return;
            }
            f->ended = f->now.rows == 0;
            continue;
        }
        int64_t part = f->now.rows - f->at < room - n ? f->now.rows - f->at : room - n;
        for (int i = 0; i < f->shape->n; i++)
            fill(duckdb_data_chunk_get_vector(out, (idx_t)i), &f->now.at[i], f->at, n, part);
        f->at += part;
        n += part;
    }
    duckdb_data_chunk_set_size(out, (idx_t)n);
}

/* Functions of one engine have names of their own; they stay until it is closed. */
static bool name_it(duckdb_connection c, stream *f, char name[32], err *e) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int number;
    pthread_mutex_lock(&lock);
    snprintf(name, 32, "rows_of_ours_%d", number++);
    duckdb_table_function t = duckdb_create_table_function();
    duckdb_table_function_set_name(t, name);
    duckdb_table_function_set_extra_info(t, f, NULL);
    duckdb_table_function_set_bind(t, bind);
    duckdb_table_function_set_init(t, init);
    duckdb_table_function_set_function(t, hand_on);
    bool done = duckdb_register_table_function(c, t) == DuckDBSuccess;
    duckdb_destroy_table_function(&t);
    pthread_mutex_unlock(&lock);
    return done || fail(e, "the SQL engine refuses a source of rows");
}

bool db_write_rows(db *d, const columns *shape, db_next_rows *next, void *what, const char *path,
                   int64_t *rows, err *e) {
    scope s;
    db *beside = NULL;
    char name[32];
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    stream *f = take(&s.keep, stream, 1);
    *f = (stream){.shape = shape, .next = next, .what = what};
    bool done = db_beside(&beside, d, e) && name_it(db_connection(beside), f, name, e) &&
                db_count(beside, rows, e, "COPY (FROM %s()) TO %s %s", name,
                         db_literal(&s.keep, slice_of(path)), db_parquet_options);
    if (!done && f->e.kind != ERR_NONE) *e = f->e;
    db_close(beside);
    scope_close(&s);
    return done;
}
