/* db_parquet: rows of the engine into Parquet files whose bytes do not depend on threads. */
#include "data/db_inside.h"

const char db_parquet_options[] = "(FORMAT parquet, COMPRESSION zstd)";

enum { group_rows = 122880 }; /* the engine's own size of a row group */

static bool copy_to(db *d, slice select, const char *to, int64_t *rows, err *e) {
    return db_count(d, rows, e, "COPY (%.*s\n) TO %s %s", (int)select.n, select.p, to,
                    db_parquet_options);
}

/* Whether all row groups but the last are full: such a file has the same bytes whoever wrote it. */
static bool is_even(db *d, const char *file, bool *out, err *e) {
    int64_t uneven = 0;
    bool done = db_count(d, &uneven, e,
                         "SELECT count(*) FROM (SELECT row_group_id AS place, "
                         "row_group_num_rows AS n, max(row_group_id) OVER () AS final "
                         "FROM parquet_metadata(%s)) AS g "
                         "WHERE n > %d OR (n < %d AND place < final)",
                         file, group_rows, group_rows);
    *out = uneven == 0;
    return done;
}

/* One thread cuts row groups by the order of the rows alone. */
static bool copy_alone(db *d, slice select, const char *to, int64_t *rows, err *e) {
    int64_t threads;
    if (!db_count(d, &threads, e, "SELECT current_setting('threads')")) return false;
    bool done = db_run(d, SLICE("SET threads = 1"), e) && copy_to(d, select, to, rows, e);
    err later = {0};
    bool restored = db_runf(d, &later, "SET threads = %lld", (long long)threads);
    if (done && !restored) *e = later;
    return done && restored;
}

bool db_write_select(db *d, slice select, const char *path, int64_t *rows, err *e) {
    scope s;
    int64_t n = 0;
    bool even = true;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    const char *to = db_literal(&s.keep, slice_of(path));
    bool done = copy_to(d, select, to, &n, e) && (n <= group_rows || is_even(d, to, &even, e)) &&
                (even || copy_alone(d, select, to, &n, e));
    scope_close(&s);
    if (rows) *rows = n;
    return done;
}

bool db_write_parquet(db *d, const char *table, const char *path, err *e) {
    scope s;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    const char *all = arena_text(&s.keep, "FROM %s", db_name(&s.keep, slice_of(table)));
    bool done = db_write_select(d, slice_of(all), path, NULL, e);
    scope_close(&s);
    return done;
}
