/* table_write: an engine table as a file of the user's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/npy.h"
#include "data/table_kind.h"

static bool ends_in(const char *path, const char *tail) {
    size_t n = strlen(path), m = strlen(tail);
    return n >= m && slice_is_nocase((slice){path + n - m, m}, tail);
}

/* ---- text formats, written by the engine ---- */

typedef struct text_format {
    const char *tail, *options;
    bool guard; /* against formulas */
} text_format;

static const text_format formats[] = {
    {".csv", "FORMAT csv, HEADER", true},
    {".csv.gz", "FORMAT csv, HEADER, COMPRESSION gzip", true},
    {".tsv", "FORMAT csv, HEADER, DELIMITER '\t'", true},
    {".tsv.gz", "FORMAT csv, HEADER, DELIMITER '\t', COMPRESSION gzip", true},
    {".jsonl", "FORMAT json", false},
};

static const text_format *format_of(const char *path) {
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (ends_in(path, formats[i].tail)) return &formats[i];
    return NULL;
}

/* A text that begins with = + - @ or a control character is a formula to a spreadsheet, unless it
 * is a number. */
static bool guarded_select(db *d, const char *table, bool guard, scope *s, text *sql, err *e) {
    columns c;
    if (!db_query(d, &s->keep, &c, e,
                  "SELECT column_name, column_type FROM (DESCRIBE FROM %s)", table))
        return false;
    text_add(sql, SLICE("SELECT "));
    for (int64_t i = 0; i < c.rows; i++) {
        char *name = db_name(&s->keep, c.at[0].text[i]);
        if (guard && slice_is(c.at[1].text[i], "VARCHAR"))
            text_addf(sql,
                      "%sCASE WHEN regexp_matches(%s, '^[=+\\-@\\t\\r]') AND TRY_CAST(%s AS "
                      "DOUBLE) IS NULL THEN '''' || %s ELSE %s END AS %s",
                      i ? ", " : "", name, name, name, name, name);
        else text_addf(sql, "%s%s", i ? ", " : "", name);
    }
    text_addf(sql, " FROM %s", table);
    return true;
}

static bool write_text(db *d, const char *table, const char *to, const text_format *f, scope *s,
                       err *e) {
    text *sql = take(&s->keep, text, 1);
    text_open(sql, s);
    return guarded_select(d, table, f->guard, s, sql, e) &&
           db_runf(d, e, "COPY (%s) TO %s (%s)", text_slice(sql).p,
                   db_literal(&s->keep, slice_of(to)), f->options);
}

/* ---- NumPy ---- */

static bool write_npy(db *d, const char *table, const char *to, scope *s, err *e) {
    columns c;
    if (!db_query(d, &s->keep, &c, e, "FROM %s", table)) return false;
    double *m = take(&s->keep, double, c.rows * c.n);
    for (int i = 0; i < c.n; i++) {
        const column *k = &c.at[i];
        if (k->type == COLUMN_TEXT || k->type == COLUMN_DAY || k->type == COLUMN_TIME)
            return refuse(e, "column %s is no number: .npy holds numbers only; write .csv, "
                             ".parquet or .jsonl", k->name);
        for (int64_t r = 0; r < c.rows; r++) {
            double v = k->type == COLUMN_REAL  ? k->real[r]
                       : k->type == COLUMN_I64 ? (double)k->i64[r]
                                               : (double)k->i32[r];
            m[r * c.n + i] = column_has(k, r) ? v : (double)__builtin_nanf("");
        }
    }
    return npy_write(to, STORE_F64, c.rows, c.n, m, e);
}

/* ---- whole or not at all ---- */

static bool write_as(db *d, const char *table, const char *path, const char *to, scope *s,
                     err *e) {
    const text_format *f = format_of(path);
    if (f) return write_text(d, db_name(&s->keep, slice_of(table)), to, f, s, e);
    if (ends_in(path, ".parquet")) return db_write_parquet(d, table, to, e);
    if (ends_in(path, ".npy"))
        return write_npy(d, db_name(&s->keep, slice_of(table)), to, s, e);
    return refuse(e, "%s: a result is written as .csv, .csv.gz, .tsv, .parquet, .npy or .jsonl",
                  path);
}

static bool settle(const char *temp, const char *path, err *e) {
    int file = open(temp, O_RDONLY | O_CLOEXEC);
    bool done = file >= 0 && fsync(file) == 0;
    if (!done) fail_file(e, "write", temp);
    if (file >= 0) close(file);
    return done && (rename(temp, path) == 0 || fail_file(e, "rename", path));
}

bool table_write(db *d, const char *table, const char *path, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)16 << 30, 0, e)) return false;
    char *temp = arena_text(&s.keep, "%s.tmp-%d", path, (int)getpid());
    /* Asking the system first gives its own words for a folder that is not there or not ours. */
    int file = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool done = file >= 0 || fail_file(e, "create", path);
    if (file >= 0) close(file);
    done = done && write_as(d, table, path, temp, &s, e) && settle(temp, path, e);
    if (!done) unlink(temp);
    scope_close(&s);
    return done;
}
