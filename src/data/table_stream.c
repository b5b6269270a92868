/* table_stream: CSV files by their contract straight into a Parquet file. */
#include "data/table_kind.h"

typedef struct streaming {
    const table_load *loads;
    int n, at; /* files in all; which is open, or next */
    bool open;
    scope file;
    arena *keep;
    table_loaded *out;
    table_reader reader;
    db_appender *problems;
} streaming;

static bool open_next(streaming *t, err *e) {
    if (!scope_open(&t->file, (size_t)256 << 20, (size_t)32 << 20, e)) return false;
    t->open = true;
    t->reader = (table_reader){
        .l = &t->loads[t->at], .out = &t->out[t->at], .problems = t->problems};
    return table_reader_open(&t->reader, t->keep, &t->file, e);
}

static void close_file(streaming *t) {
    if (!t->open) return;
    if (t->reader.r) table_reader_count(&t->reader);
    scope_close(&t->file);
    t->open = false;
    t->at++;
}

static bool next(void *what, columns *rows, err *e) {
    streaming *t = what;
    for (rows->rows = 0; rows->rows == 0 && t->at < t->n;) {
        if (!t->open && !open_next(t, e)) return false;
        if (!table_reader_next(&t->reader, e)) return false;
        *rows = t->reader.to;
        if (t->reader.end) close_file(t), rows->rows = 0;
    }
    return true;
}

static columns shape_of(const contract *c, arena *keep) {
    static const column_type types[] = {COLUMN_TEXT, COLUMN_I64, COLUMN_REAL, COLUMN_DAY,
                                        COLUMN_TIME};
    columns shape = {.n = c->n + 2, .at = take(keep, column, c->n + 2)};
    for (int i = 0; i < c->n; i++)
        shape.at[i] = (column){.name = c->columns[i].name, .type = types[c->columns[i].type]};
    shape.at[c->n] = (column){.name = "src_file", .type = COLUMN_I32};
    shape.at[c->n + 1] = (column){.name = "src_line", .type = COLUMN_I64};
    return shape;
}

bool table_is_csv(const char *path) { return table_kind_of(path) == TABLE_CSV; }

bool table_stream_files(db *d, const table_load *loads, int n, const char *path, arena *keep,
                        table_loaded *out, err *e) {
    int64_t rows = 0, accepted = 0;
    streaming *t = take(keep, streaming, 1);
    *t = (streaming){.loads = loads, .n = n, .keep = keep, .out = out};
    columns shape = shape_of(loads[0].c, keep);
    bool done = db_append_open(&t->problems, d, loads[0].quarantine, e) &&
                db_write_rows(d, &shape, next, t, path, &rows, e);
    close_file(t);
    done = db_append_close(t->problems, e) && done;
    for (int i = 0; i < n; i++) accepted += out[i].count.accepted;
    return done && (rows == accepted ||
                    fail(e, "%s: %lld rows were written, %lld were accepted", path,
                         (long long)rows, (long long)accepted));
}
