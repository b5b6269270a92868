/* database: connections cut anywhere, a server that restarts, is full, waits: all or nothing. */
#include "check.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/folder.h"
#include "database.h"
#include "pg_proxy.h"
#include "pipeline/shop_tables.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 0, &e), &e);
    return s;
}

/* "first 3000 3000|first 3": what stands in both tables and what is said of them. */
static void check_tables(pg *p, const char *schema, const char *wanted) {
    scope s = open_scope();
    const char *sql = arena_text(
        &s.keep, "SELECT (SELECT min(name) || ' ' || count(*) || ' ' || (SELECT rows FROM "
                 "%s.atelier_tables WHERE name = 'articles') FROM %s.articles) || '|' || (SELECT "
                 "min(name) || ' ' || count(*) FROM %s.customers)", schema, schema, schema);
    check_text(database_ask(&s, p, sql), wanted);
    check_text(database_ask(&s, p, arena_text(&s.keep, "SELECT count(*) FROM pg_class WHERE "
                                                       "relnamespace = '%s'::regnamespace AND "
                                                       "relkind = 'r'", schema)),
               "3");
    scope_close(&s);
}

static void check_world(const err *e, const char *cause) {
    check(e->kind == ERR_WENT_WRONG);
    check_text(slice_of(e->cause), cause);
}

/* The last messages of a connection: COMMIT, that it is done, that the server is ready, good-bye.
 * Up to COMMIT nothing is there; behind it all is, and the sentence says that this is not known. */
CHECK(database_export_cut_at_each_message_is_whole_or_nothing) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    pg_proxy *proxy = pg_proxy_open(&s);
    pg *p = database_open(&s, pg_server_see()->address);
    err e = {0};
    const char *first = database_results(&s, d, "first", 3000),
               *second = database_results(&s, d, "second", 3100);
    check_ok(database_export(d, second, pg_proxy_address(proxy), "cut", NULL, &e), &e);
    check_ok(database_export(d, first, pg_proxy_address(proxy), "cut", NULL, &e), &e);
    int all = pg_proxy_seen(proxy), commit = all - 3;
    check(all > 100);
    for (int at = 1; at < all; at++) {
        err cut = {0};
        pg_proxy_cut(proxy, at);
        check(!database_export(d, second, pg_proxy_address(proxy), "cut", NULL, &cut));
        check_world(&cut, "no_server");
        check_tables(p, "cut", at > commit ? "second 3100 3100|second 3"
                                           : "first 3000 3000|first 3");
        if (at >= commit) check_has(slice_of(cut.text), "so that it is, whole, or nothing is");
        else check(!strstr(cut.text, "so that it is"));
        if (at > commit) database_exported(d, first, "cut");
    }
    scope_close(&s);
}

/* ---- sources ---- */

#define SALES "SELECT date '2020-01-01' + i AS date, i % 7 AS customer_id, 'a' || i AS " \
              "article_id, 1.5 AS price FROM generate_series(1, "

/* Digests of what was fetched; "" = not there. Nothing else is in the folder. */
static void see_files(const work *w, scope *s, hash_text out[2]) {
    err e = {0};
    static const char *const names[] = {"transactions.query-2.parquet",
                                        "customers.query-3.parquet"};
    const char *from = shop_tables_folder(w, &s->keep);
    DIR *dir = opendir(from);
    out[0] = out[1] = (hash_text){0};
    for (struct dirent *at; dir && (at = readdir(dir)) != NULL;) {
        int i = strcmp(at->d_name, names[0]) == 0 ? 0 : strcmp(at->d_name, names[1]) == 0 ? 1 : -1;
        if (*at->d_name == '.') continue;
        check(i >= 0);
        check_ok(hash_file(arena_text(&s->keep, "%s/%s", from, at->d_name), &out[i], NULL, &e),
                 &e);
    }
    if (dir) closedir(dir);
}

static void remove_files(const work *w, scope *s) {
    const char *from = shop_tables_folder(w, &s->keep);
    unlink(arena_text(&s->keep, "%s/transactions.query-2.parquet", from));
    unlink(arena_text(&s->keep, "%s/customers.query-3.parquet", from));
}

CHECK(database_source_cut_at_each_message_gives_no_half) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    err e = {0};
    hash_text whole[2], got[2];
    pg_proxy *proxy = pg_proxy_open(&s);
    work w = database_shop(&s, "db-cut", pg_proxy_address(proxy),
                           "transactions\0" SALES "20) i ORDER BY 1\0"
                           "customers\0SELECT i AS customer_id FROM generate_series(1, 9) i\0");
    check_ok(shop_tables_fetch(&w, &e), &e);
    see_files(&w, &s, whole);
    check(*whole[0].hex && *whole[1].hex);
    int all = pg_proxy_seen(proxy), firsts = 0;
    check(all > 80);
    for (int at = 1; at < all; at++) {
        err cut = {0};
        remove_files(&w, &s);
        pg_proxy_cut(proxy, at);
        bool done = shop_tables_fetch(&w, &cut);
        see_files(&w, &s, got);
        for (int i = 0; i < 2; i++) check(!*got[i].hex || strcmp(got[i].hex, whole[i].hex) == 0);
        firsts += *got[0].hex && !*got[1].hex;
        check(!done || *got[1].hex);
        if (!done) check_world(&cut, "no_server");
        if (!done) check_has(slice_of(cut.text), "db-cut-in/atelier.yaml:");
        check(!done || at >= all - 1);
    }
    check(firsts >= 15);
    scope_close(&s);
}

/* What a run says of it, and that the next one goes on. */
CHECK(database_run_whose_source_is_cut_off_ends_with_a_sentence) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    pg_proxy *proxy = pg_proxy_open(&s);
    work w = database_shop(&s, "db-run", pg_proxy_address(proxy), "transactions\0" SALES "30) i\0");
    const char *const argv[] = {"run", w.shop, "--out", w.out, "--to", "raw", "--json", NULL};
    for (int i = 0; i < 2; i++) {
        pg_proxy_cut(proxy, i ? 0 : 60);
        check_run r = check_atelier(&s, argv);
        check(r.status == (i ? 0 : 1));
        check(file_exists(arena_text(&s.keep, "%s/01_raw", w.out)) == (i == 1));
        if (i) continue;
        check_has(r.err, "atelier.yaml:2: query at line 2: PostgreSQL at postgres@");
        check_has(r.err, "server closed the connection unexpectedly");
        check_has(r.out, "\"cause\":\"no_server\"");
    }
    scope_close(&s);
}

/* ---- a server that restarts ---- */

static void is_asked_to(void) { pg_server_restart(SIGINT); }
static void crashes(void) { pg_server_restart(SIGQUIT); }

CHECK(database_that_restarts_while_rows_go_keeps_the_old_tables) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    const char *first = database_results(&s, d, "first", 1000),
               *second = database_results(&s, d, "second", 20000);
    database_exported(d, first, "restart");
    for (int i = 0; i < 2; i++) {
        err e = {0};
        check(!database_export(d, second, pg_server_see()->address, "restart",
                               i ? crashes : is_asked_to, &e));
        check_world(&e, "no_server");
        check_has(slice_of(e.text), "articles: PostgreSQL at postgres@");
        check_tables(database_open(&s, pg_server_see()->address), "restart",
                     "first 1000 1000|first 3");
    }
    database_exported(d, second, "restart");
    check_tables(database_open(&s, pg_server_see()->address), "restart",
                 "second 20000 20000|second 3");
    scope_close(&s);
}

CHECK(database_that_restarts_while_rows_come_gives_no_half) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    hash_text got[2];
    err again = {0};
    work w = database_shop(&s, "db-restart", pg_server_see()->address,
                           "transactions\0SELECT date '2020-01-01' AS date, i AS customer_id, "
                           "repeat('a', 100) AS article_id FROM generate_series(1, 60000) i\0");
    for (int i = 0; i < 2; i++) {
        err e = {0};
        database_during(i ? crashes : is_asked_to);
        check(!shop_tables_fetch(&w, &e));
        check_world(&e, "no_server");
        check_has(slice_of(e.text), "atelier.yaml:2: ");
        see_files(&w, &s, got);
        check(!*got[0].hex);
    }
    check_ok(shop_tables_fetch(&w, &again), &again);
    see_files(&w, &s, got);
    check(*got[0].hex);
    scope_close(&s);
}

/* ---- a disk that is full ---- */

CHECK(database_whose_disk_is_full_keeps_the_old_tables) {
    if (!pg_server_see()) skip(NO_PG);
    if (!*pg_server_see()->small) skip("no right to mount a small file system");
    scope s = open_scope();
    db *d = database_engine(&s);
    err e = {0};
    pg_server_ask(&s, arena_text(&s.keep, "CREATE TABLESPACE small LOCATION '%s'",
                                 pg_server_see()->small));
    const char *address = database_address(&s, "postgres", "postgres", "default_tablespace=small");
    const char *first = database_results(&s, d, "first", 1000),
               *second = database_results(&s, d, "second", 30000);
    check_ok(database_export(d, first, address, "room", NULL, &e), &e);
    check(!database_export(d, second, address, "room", NULL, &e));
    check_world(&e, "cannot_create");
    check_has(slice_of(e.text), "articles: PostgreSQL at postgres@");
    check_has(slice_of(e.text), "No space left on device; COPY articles.new, line ");
    check_tables(database_open(&s, address), "room", "first 1000 1000|first 3");

    address = database_address(&s, "postgres", "postgres", "temp_tablespaces=small work_mem=64kB");
    work w = database_shop(&s, "db-room", address, "transactions\0" SALES "99999) i ORDER BY 3\0");
    err full = {0};
    check(!shop_tables_fetch(&w, &full));
    check_world(&full, "cannot_create");
    check_has(slice_of(full.text), "atelier.yaml:2: query at line 2: PostgreSQL at postgres@");
    check_has(slice_of(full.text), "No space left on device");
    pg_server_ask(&s, "DROP SCHEMA room CASCADE");
    pg_server_ask(&s, "DROP TABLESPACE small");
    scope_close(&s);
}

/* ---- locks ---- */

CHECK(database_that_waits_for_another_session_gives_up) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    const char *first = database_results(&s, d, "first", 10),
               *second = database_results(&s, d, "second", 20);
    const char *address = database_address(&s, "postgres", "postgres", "lock_timeout=200ms");
    database_exported(d, first, "locked");
    pg *other = database_open(&s, pg_server_see()->address);
    check_text(database_ask(&s, other, "SHOW lock_timeout"), "1min");
    static const char *const held[][2] = {
        {"LOCK TABLE locked.articles IN ACCESS SHARE MODE", "articles: PostgreSQL at postgres@"},
        {"SELECT pg_advisory_xact_lock(hashtext('atelier locked'))", "PostgreSQL at postgres@"}};
    for (int i = 0; i < 2; i++) {
        err e = {0};
        check_ok(pg_run(other, &e, "BEGIN; %s", held[i][0]), &e);
        check(!database_export(d, second, address, "locked", NULL, &e));
        check_world(&e, "temporary");
        check_has(slice_of(e.text), held[i][1]);
        check_has(slice_of(e.text), "due to lock timeout; another session holds it");
        err fine = {0};
        check_ok(pg_run(other, &fine, "COMMIT"), &fine);
        check_tables(other, "locked", "first 10 10|first 3");
    }
    err e = {0};
    work w = database_shop(&s, "db-locked", address,
                           "customers\0SELECT article AS customer_id FROM locked.articles\0");
    check_ok(pg_run(other, &e, "BEGIN; LOCK TABLE locked.articles"), &e);
    check(!shop_tables_fetch(&w, &e));
    check_world(&e, "temporary");
    check_has(slice_of(e.text), "atelier.yaml:2: query at line 2: PostgreSQL at postgres@");
    scope_close(&s);
}

/* Another session holds the second table and wants the first, which the export holds: the server
 * ends the export, whose second it takes to find that out. */
CHECK(database_in_a_deadlock_keeps_the_old_tables) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    err e = {0};
    const char *address = database_address(&s, "postgres", "postgres", "deadlock_timeout=500ms");
    database_exported(d, database_results(&s, d, "first", 10), "dead");
    const char *second = database_results(&s, d, "second", 20);
    pg *p = database_open(&s, pg_server_see()->address);
    pid_t other = fork();
    if (other == 0) {
        execlp("psql", "psql", "-Xq", "-o", "/dev/null", "-c",
               "BEGIN; SET LOCAL deadlock_timeout = '60s'; LOCK TABLE dead.customers IN ACCESS "
               "SHARE MODE; DO $$ BEGIN WHILE (SELECT count(*) FROM pg_stat_activity WHERE "
               "application_name = 'atelier' AND wait_event_type = 'Lock') = 0 LOOP PERFORM "
               "pg_stat_clear_snapshot(); PERFORM pg_sleep(0.01); END LOOP; END $$; SELECT * FROM "
               "dead.articles", pg_server_see()->address, (char *)NULL);
        _exit(127);
    }
    while (!slice_is(database_ask(&s, p, "SELECT count(*) FROM pg_locks WHERE relation = "
                                         "'dead.customers'::regclass"), "1"))
        usleep(5000);
    check(!database_export(d, second, address, "dead", NULL, &e));
    check(waitpid(other, NULL, 0) == other);
    check_world(&e, "temporary");
    check_has(slice_of(e.text), "customers: PostgreSQL at postgres@");
    check_has(slice_of(e.text), "deadlock detected; Process ");
    check_tables(p, "dead", "first 10 10|first 3");
    scope_close(&s);
}
