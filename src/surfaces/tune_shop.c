/* tune_shop: the rows of a finished run that a family of `atelier tune` learns from, as a table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "surfaces/tune_family.h"

static void forget(void *path) { unlink(path); }

/* A file that holds nothing yet and goes with s. */
static const char *temporary(scope *s, err *e) {
    char *path = arena_text(&s->keep, "/tmp/atelier-tune-XXXXXX.parquet");
    int file = mkstemps(path, (int)strlen(".parquet"));
    if (file < 0) return fail(e, "cannot make %s: %s", path, strerror(errno)), NULL;
    close(file);
    scope_defer(s, forget, path);
    return path;
}

static const char *table_of(const char *out, const char *table, scope *s, err *e) {
    const char *path = arena_text(&s->keep, "%s/%s.parquet", out, table);
    if (file_exists(path)) return db_literal(&s->keep, slice_of(path));
    if (!file_exists(arena_text(&s->keep, "%s/03_datasets", out)))
        refuse(e, "%s holds no results of a run; if it is a shop: atelier run %s --to features, "
                  "then name atelier-out here", out, out);
    else refuse(e, "there is no %s; make it by atelier run SHOP --out %s", path, out);
    fail_cause(e, "no_input");
    return NULL;
}

const args *tune_shop(const args *a, const tune_family *f, const char *out, bench *b, scope *s,
                      err *e) {
    if (args_given(a, "in") || args_given(a, "map"))
        return refuse(e, "a run's tables and --in FILE are two ways; use one"), NULL;
    const char *days = table_of(out, "03_datasets/windows", s, e);
    const char *rows = days ? table_of(out, f->table, s, e) : NULL;
    const char *path = rows ? temporary(s, e) : NULL;
    if (!path || !db_runf(b->d, e, "CREATE TABLE windows AS SELECT * FROM read_parquet(%s)",
                          days) ||
        !db_runf(b->d, e, "CREATE TABLE rows_of_shop AS %s",
                 arena_text(&s->keep, f->rows, rows)) ||
        !db_write_parquet(b->d, "rows_of_shop", path, e))
        return NULL;
    return args_with(a, "in", path, &s->keep);
}
