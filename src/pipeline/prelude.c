/* prelude: the words that the SQL files use and each engine spells in its own way. */
#include "pipeline/prelude.h"

#include "base/embed.h"

bool prelude_run(db *d, err *e) {
    slice sql;
    if (!embed_find("sql/prelude_duckdb.sql", &sql))
        return fail(e, "the program carries no sql/prelude_duckdb.sql");
    return db_run(d, sql, e) || fail_in(e, "sql/prelude_duckdb.sql");
}

bool prelude_tables(const work *w, folder *f, const char *step, const char *const *names, err *e) {
    int n = 0;
    while (names[n]) n++;
    for (int i = 0; i < n; i++) {
        work_tick(w, names[i], i, n);
        if (!work_table(w, f, step, names[i], e)) return false;
    }
    work_tick(w, step, n, n);
    return true;
}
