/* database: see database.h. */
#include "database.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "check_json.h"
#include "data/folder.h"
#include "pipeline/export.h"

db *database_engine(scope *s) {
    db *d;
    err e = {0};
    check_ok(db_open(&d, (db_params){1, 1024, check_spill()}, &e), &e);
    scope_defer(s, db_close, d);
    return d;
}

static void write_table_of(db *d, scope *s, const char *step, const char *name, const char *sql) {
    err e = {0};
    check_ok(db_runf(d, &e, "CREATE OR REPLACE TABLE made AS %s", sql), &e);
    check_ok(db_write_parquet(d, "made", arena_text(&s->keep, "%s/%s.parquet", step, name), &e),
             &e);
}

const char *database_results_of(scope *s, db *d, const char *name, const char *query) {
    const char *out = arena_text(&s->keep, "%s", check_folder(arena_text(&s->keep, "db-%s", name)));
    const char *step = arena_text(&s->keep, "%s/02_clean", out);
    mkdir(step, 0777);
    write_table_of(d, s, step, "articles", query);
    write_table_of(d, s, step, "customers",
                   arena_text(&s->keep, "SELECT i::INTEGER AS customer, '%s' AS name FROM "
                                        "range(3) t(i)", name));
    return out;
}

const char *database_results(scope *s, db *d, const char *name, int n) {
    return database_results_of(
        s, d, name, arena_text(&s->keep, "SELECT i::INTEGER AS article, '%s' AS name, "
                                         "repeat('x', 100) AS more FROM range(%d) t(i)", name, n));
}

/* ---- progress ---- */

static void (*now)(void); /* once, when rows have gone or come */

static void tick(void *what, const char *label, int64_t done, int64_t total) {
    void (*call)(void) = now;
    (void)what, (void)label, (void)total;
    if (!call || done == 0) return;
    now = NULL;
    call();
}

static void say(void *what, const char *line) { (void)what, (void)line; }

bool database_export(db *d, const char *out, const char *address, const char *schema,
                     void (*during)(void), err *e) {
    scope s;
    export_done done;
    now = during;
    if (!scope_open(&s, (size_t)64 << 20, 0, e)) return false;
    export_ask a = {.out = out, .address = address, .schema = schema,
                    .progress = {.tick = tick, .say = say}};
    bool is = export_run(&a, d, &s, &done, e);
    scope_close(&s);
    return is;
}

void database_exported(db *d, const char *out, const char *schema) {
    err e = {0};
    check_ok(database_export(d, out, pg_server_see()->address, schema, NULL, &e), &e);
}

void database_during(void (*during)(void)) { now = during; }

/* ---- sources ---- */

work database_shop(scope *s, const char *name, const char *address, const char *sources) {
    text yaml = {0};
    const char *folder_in = arena_text(&s->keep, "%s-in", name);
    const char *shop = arena_text(&s->keep, "%s", check_folder(folder_in));
    work w = {.shop = shop, .n_threads = 1, .progress = {.tick = tick, .say = say}};
    text_addf(&yaml, "sources:\n");
    for (const char *at = sources; *at;) {
        const char *query = at + strlen(at) + 1;
        text_addf(&yaml, "  %s: {postgresql: \"%s\", query: \"%s\"}\n", at, address, query);
        at = query + strlen(query) + 1;
    }
    write_file(s, shop, "atelier.yaml", yaml.p);
    text_free(&yaml);
    w.out = arena_text(&s->keep, "%s", check_folder(name));
    w.d = database_engine(s);
    return w;
}

const char *database_address(scope *s, const char *database, const char *role,
                             const char *settings) {
    text t = {0};
    text_addf(&t, "postgresql:///%s?host=%s&user=%s&options=", database, pg_server_see()->folder,
              role);
    for (const char *at = settings; *at; at += strspn(at, " ")) {
        int n = (int)strcspn(at, " "), key = (int)strcspn(at, "=");
        text_addf(&t, "-c%%20%.*s%%3D%.*s%%20", key, at, n - key - 1, at + key + 1);
        at += n;
    }
    const char *address = slice_copy(&s->keep, text_slice(&t));
    text_free(&t);
    return address;
}

pg *database_open(scope *s, const char *address) {
    err e = {0};
    pg *p = pg_open(s, address, &e);
    check_ok(p != NULL, &e);
    return p;
}

slice database_ask(scope *s, pg *p, const char *sql) {
    err e = {0};
    columns c;
    check_ok(pg_query(p, &s->keep, &c, &e, sql, 0, NULL), &e);
    check(c.rows == 1);
    return c.at[0].text[0];
}
