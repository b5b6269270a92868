/* shop_tables: sources of a shop that stand in a PostgreSQL database. */
#include "pipeline/shop_tables.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/contract.h"
#include "data/pg.h"

static const char head[] = "postgresql:";

bool shop_table_is(slice name) {
    return name.n >= sizeof head - 1 && memcmp(name.p, head, sizeof head - 1) == 0;
}

char *shop_table_name(arena *keep, const config_table *t) {
    return t->table ? arena_text(keep, "%s%s", head, t->table)
                    : arena_text(keep, "%squery at line %d", head, t->line);
}

char *shop_tables_folder(const work *w, arena *keep) {
    return arena_text(keep, "%s/.sources", w->out);
}

/* SOURCE.NAME.parquet, in letters that a file's name has everywhere. */
char *shop_table_path(const work *w, arena *keep, const config_table *t) {
    const char *source = contract_sources[t->source].source;
    char *name = t->table ? arena_text(keep, "%s.%s", source, t->table)
                          : arena_text(keep, "%s.query-%d", source, t->line);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
    return arena_text(keep, "%s/%.200s.parquet", shop_tables_folder(w, keep), name);
}

/* ---- the SELECT ---- */

static bool refuse_unknown(pg *p, arena *keep, const char *table, err *e) {
    columns c;
    if (!pg_query(p, keep, &c, e,
                  "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN relname ELSE nspname || '.' || "
                  "relname END FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE "
                  "relkind IN ('r', 'v', 'm', 'f', 'p') AND nspname NOT IN ('pg_catalog', "
                  "'information_schema', 'pg_toast') ORDER BY 1 LIMIT 1000", 0, NULL))
        return false;
    const char **names = take(keep, const char *, c.rows);
    for (int64_t i = 0; i < c.rows; i++) names[i] = c.at[0].text[i].p;
    const char *near = slice_nearest(slice_of(table), names, (int)c.rows);
    refuse(e, "there is no table %s in %s%s%s%s; a name with capitals stands in double quotes",
           table, pg_where(p), near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return fail_cause(e, "no_input");
}

/* The name as the server reads it, so that quoting is the server's. */
static const char *select_of(pg *p, arena *keep, const config_table *t, err *e) {
    columns c;
    const char *values[] = {t->table};
    if (t->query) return t->query;
    if (!pg_query(p, keep, &c, e,
                  "SELECT format('SELECT * FROM %I.%I', nspname, relname) FROM pg_class c JOIN "
                  "pg_namespace n ON n.oid = relnamespace WHERE c.oid = to_regclass($1)", 1,
                  values))
        return pg_wants_right(e, "USAGE on its schema"), fail_in(e, t->table), NULL;
    if (c.rows == 0) return refuse_unknown(p, keep, t->table, e), NULL;
    return c.at[0].text[0].p;
}

/* ---- its rows ---- */

typedef struct fetching {
    const work *w;
    db_appender *to;
    const char *label;
    int64_t rows;
} fetching;

static bool take_rows(void *what, const columns *rows, err *e) {
    fetching *f = what;
    f->rows += rows->rows;
    work_tick(f->w, f->label, f->rows, 0);
    return db_append(f->to, rows, e);
}

static const char arrived[] = "table_arrived";

static bool make_table(const work *w, const pg_shape *shape, arena *keep, err *e) {
    const char **names = take(keep, const char *, shape->n);
    column_type *types = take(keep, column_type, shape->n);
    for (int i = 0; i < shape->n; i++) {
        names[i] = shape->at[i].name;
        types[i] = pg_type_column(shape->at[i].type);
    }
    columns none = columns_new(keep, shape->n, names, types, 0);
    return db_put(w->d, arrived, &none, e);
}

static bool write_file(const work *w, const char *path, arena *keep, err *e) {
    const char *temp = arena_text(keep, "%s.tmp", path);
    if (!db_write_parquet(w->d, arrived, temp, e)) return false;
    return rename(temp, path) == 0 || fail_file(e, "create", path);
}

static bool fetch(const work *w, pg *p, const config_table *t, scope *s, err *e) {
    pg_source from;
    int64_t rows;
    arena *keep = &s->keep;
    const char *name = shop_table_name(keep, t), *select = select_of(p, keep, t, e);
    fetching f = {.w = w, .label = arena_text(keep, "reading %s", name)};
    if (!select) return false;
    if (!pg_describe(p, keep, name + sizeof head - 1, select, &from, e))
        return pg_wants_right(e, "SELECT on what is read and USAGE on its schema");
    if (from.left_out) work_say(w, "%s: left out: %s", name, from.left_out);
    bool done = make_table(w, &from.shape, keep, e) && db_append_open(&f.to, w->d, arrived, e) &&
                pg_get(p, &from, take_rows, &f, &rows, e);
    done = db_append_close(f.to, e) && done;
    done = done && write_file(w, shop_table_path(w, keep, t), keep, e);
    err ignored = {0};
    db_runf(w->d, done ? e : &ignored, "DROP TABLE IF EXISTS %s", arrived);
    return done;
}

/* ---- all of them ---- */

/* What stands in the folder for no table of this shop. */
static void sweep(const work *w, const config *c, arena *keep) {
    const char *from = shop_tables_folder(w, keep);
    DIR *dir = opendir(from);
    for (struct dirent *at; dir && (at = readdir(dir)) != NULL;) {
        const char *path = arena_text(keep, "%s/%s", from, at->d_name);
        bool is = at->d_name[0] == '.';
        for (int i = 0; i < c->n_tables; i++)
            is = is || strcmp(path, shop_table_path(w, keep, &c->tables[i])) == 0;
        if (!is) unlink(path);
    }
    if (dir) closedir(dir);
    if (c->n_tables == 0) rmdir(from);
}

static bool fetch_all(const work *w, const config *c, scope *s, err *e) {
    pg *p = NULL;
    if (c->n_tables && !file_make_folders(shop_tables_folder(w, &s->keep), e)) return false;
    for (int i = 0; i < c->n_tables; i++) {
        const config_table *t = &c->tables[i];
        bool same = i > 0 && strcmp(t->address, c->tables[i - 1].address) == 0;
        if (!pg_is_address(t->address))
            refuse(e, "postgresql wants an address like postgresql://user@host/database");
        else if (!same) p = pg_open(s, t->address, e);
        if (e->kind != ERR_NONE ||
            (!same && !pg_run(p, e, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL "
                                    "synchronize_seqscans = off; SET LOCAL "
                                    "max_parallel_workers_per_gather = 0")) ||
            !fetch(w, p, t, s, e))
            return fail_in(e, arena_text(&s->keep, "%s:%d", c->path, t->line));
    }
    return true;
}

bool shop_tables_fetch(const work *w, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)64 << 20, 0, e)) return false;
    config *c = take(&s.keep, config, 1);
    bool done = !file_exists(w->shop) || config_read(&s, w->shop, c, e);
    if (done) sweep(w, c, &s.keep);
    done = done && fetch_all(w, c, &s, e);
    scope_close(&s);
    return done;
}
