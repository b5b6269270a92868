/* export: results as tables of a database: the same rows, whole or not at all, and no secrets. */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_json.h"
#include "data/db.h"
#include "data/folder.h"
#include "pg_server.h"
#include "whole_run.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 0, &e), &e);
    return s;
}

static db *open_engine(scope *s) {
    db *d;
    err e = {0};
    check_ok(db_open(&d, (db_params){1, 1024, check_spill()}, &e), &e);
    scope_defer(s, db_close, d);
    return d;
}

static check_run export_to(scope *s, const char *out, const char *address, const char *schema,
                           const char *only) {
    return check_atelier(s, (const char *const[]){"export", out, "--to", address, "--schema",
                                                  schema, "--json", only ? "--only" : NULL, only,
                                                  NULL});
}

static const js_node *exported(scope *s, const char *out, const char *schema, const char *only) {
    err e = {0};
    check_run r = export_to(s, out, pg_server_see()->address, schema, only);
    if (r.status != 0) fprintf(stderr, "%.*s", (int)r.err.n, r.err.p);
    check(r.status == 0);
    return js_parse(s, r.out, &e);
}

/* A folder of results with one table, `articles`, of what the query gives. */
static const char *results(scope *s, const char *name, const char *query) {
    err e = {0};
    db *d = open_engine(s);
    const char *out = arena_text(&s->keep, "%s", check_folder(name));
    const char *step = arena_text(&s->keep, "%s/02_clean", out);
    mkdir(step, 0777);
    check_ok(db_runf(d, &e, "CREATE OR REPLACE TABLE made AS %s", query), &e);
    check_ok(db_write_parquet(d, "made", arena_text(&s->keep, "%s/articles.parquet", step), &e),
             &e);
    return out;
}

/* Rows that the server's table, as psql writes it, and the file do not share. */
static int64_t different(scope *s, const char *schema, const char *table, const char *path) {
    err e = {0};
    columns c;
    int64_t n = -1;
    db *d = open_engine(s);
    const char *csv = arena_text(&s->keep, "%s/%s.csv", check_folder("export-csv"), table);
    chmod(check_folder("export-csv"), 0777);
    char *bytes = pg_server_ask(
        s, arena_text(&s->keep, "COPY \"%s\".\"%s\" TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE "
                                "*)", schema, table));
    check_ok(file_replace(csv, slice_of(bytes), &e), &e);
    check_ok(db_query(d, &s->keep, &c, &e,
                      "SELECT string_agg('''' || column_name || ''': ''' || column_type || '''', "
                      "', ') FROM (DESCRIBE SELECT * FROM read_parquet('%s'))", path), &e);
    check_ok(db_runf(d, &e, "CREATE VIEW theirs AS SELECT * FROM read_csv('%s', header = false, "
                            "nullstr = '\\N', quote = '\"', escape = '\"', delim = ',', "
                            "auto_detect = false, max_line_size = 10000000, columns = {%s}); "
                            "CREATE VIEW ours AS SELECT * FROM read_parquet('%s')",
                     csv, c.at[0].text[0].p, path), &e);
    check_ok(db_count(d, &n, &e, "SELECT count(*) FROM ((FROM ours EXCEPT ALL FROM theirs) UNION "
                                 "ALL (FROM theirs EXCEPT ALL FROM ours))"), &e);
    return n;
}

static const char odd_values[] =
    "SELECT i::INTEGER AS article, (i % 2 = 0) AS is_even, (i % 200 - 100)::TINYINT AS "
    "tiny, (-i)::SMALLINT AS small, CASE WHEN i % 3 > 0 THEN i * 3000000000 END::BIGINT AS big, "
    "(['NaN', 'Infinity', '-Infinity', '0.1', '-0', '1e-300', NULL])[i % 7 + 1]::DOUBLE AS real, "
    "(i / 3)::FLOAT AS single, "
    "([0, 0.000001, -0.5, 999999999999.999999, -123456.7, NULL])[i % 6 + 1]"
    "::DECIMAL(18,6) AS money, (i * 12345.678901)::DECIMAL(28,6) AS sum, "
    "(i - 3)::DECIMAL(9,0) AS whole, "
    "(['2000-01-01', '1969-12-31', 'infinity', '-infinity', '0001-01-01', '9999-12-31', "
    "NULL])[i % 7 + 1]::DATE AS \"Day of week\", "
    "(['2020-02-29 23:59:59.999999', '1970-01-01', 'infinity', '-infinity', NULL])[i % 5 + "
    "1]::TIMESTAMP AS moment, "
    "(['', 'plain', 'é 😀 漢字', 'a \"quoted\" one', 'it''s; DROP TABLE x', 'tab\there', "
    "'\\N \\. \\', repeat('x€', 5000), NULL])[i % 9 + 1] AS \"quo\"\"te\" FROM range(630) t(i)";

CHECK(export_and_back_changes_no_value) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    const char *out = results(&s, "export-odd", odd_values);
    const js_node *said = exported(&s, out, "odd", NULL);
    check(real_of(said, "rows") == 630);
    check(different(&s, "odd", "articles",
                    arena_text(&s.keep, "%s/02_clean/articles.parquet", out)) == 0);
    check_text(slice_of(pg_server_ask(&s, "SELECT count(*) FROM odd.articles WHERE real = 'NaN'")),
               "90");
    check_text(slice_of(pg_server_ask(&s, "SELECT string_agg(data_type, ',' ORDER BY "
                                          "ordinal_position) FROM information_schema.columns WHERE "
                                          "table_schema = 'odd' AND table_name = 'articles'")),
               "integer,boolean,smallint,smallint,bigint,double precision,real,numeric,numeric,"
               "numeric,date,timestamp without time zone,text");
    scope_close(&s);
}

CHECK(export_of_a_run_has_every_row_key_and_comment) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    const whole_run *w = whole_run_see();
    const js_node *said = exported(&s, w->out, "shop", NULL), *tables = js_get(said, "tables");
    static const char *const steps[] = {"02_clean", "03_datasets", "04_features", "09_insight"};
    int files = 0;
    for (int64_t i = 0; i < js_count(tables); i++) {
        const char *name = slice_copy(&s.keep, text_of(js_at(tables, i), "name"));
        check_text(slice_of(pg_server_ask(&s, arena_text(&s.keep, "SELECT count(*) FROM shop.%s",
                                                         name))),
                   arena_text(&s.keep, "%.0f", real_of(js_at(tables, i), "rows")));
        for (int k = 0; k < 4; k++) {
            const char *path = arena_text(&s.keep, "%s/%s/%s.parquet", w->out, steps[k], name);
            if (!file_exists(path)) continue;
            files++;
            check(different(&s, "shop", name, path) == 0);
        }
    }
    check(files >= 18 && js_count(tables) - files >= 4);
    check_text(slice_of(pg_server_ask(&s, "SELECT string_agg(attname, ',') FROM pg_index i JOIN "
                                          "pg_attribute a ON attrelid = indrelid AND attnum = "
                                          "ANY(indkey) WHERE indisprimary AND indrelid = "
                                          "'shop.a_interactions'::regclass")),
               "customer,article");
    check_has(slice_of(pg_server_ask(&s, "SELECT obj_description('shop.d_sales'::regclass)")),
              "Dataset D");
    check_text(slice_of(pg_server_ask(&s, "SELECT count(*) > 0 FROM shop.insights WHERE document "
                                          "->> 'schema' LIKE 'atelier.%'")),
               "t");
    scope_close(&s);
}

CHECK(export_again_replaces_and_leaves_nothing_behind) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    const char *names = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE "
                        "relnamespace = 'again'::regnamespace";
    exported(&s, results(&s, "export-again", "SELECT 1 AS article, 'old' AS name"), "again", NULL);
    char *before = pg_server_ask(&s, names);
    const char *out = results(&s, "export-again", "SELECT 1 AS article, 'new' AS name");
    exported(&s, out, "again", "articles");
    exported(&s, out, "again", NULL);
    check_text(slice_of(pg_server_ask(&s, names)), before);
    check_text(slice_of(pg_server_ask(&s, "SELECT name FROM again.articles")), "new");
    check_text(slice_of(pg_server_ask(&s, "SELECT name, rows FROM again.atelier_tables")),
               "articles|1");
    /* A table that these results do not have any more goes with a whole export alone. */
    pg_server_ask(&s, "CREATE TABLE again.kpis (a int); INSERT INTO again.atelier_tables VALUES "
                      "('kpis', 0)");
    check(real_of(exported(&s, out, "again", "articles"), "removed") == 0);
    check(real_of(exported(&s, out, "again", NULL), "removed") == 1);
    check_text(slice_of(pg_server_ask(&s, names)), before);
    scope_close(&s);
}

CHECK(export_never_replaces_a_table_of_another_hand) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    pg_server_ask(&s, "CREATE SCHEMA \"mine; DROP SCHEMA x\"; CREATE TABLE \"mine; DROP SCHEMA "
                      "x\".articles AS SELECT 'mine' AS a");
    const char *out = results(&s, "export-mine", "SELECT 1 AS article");
    check_run r = export_to(&s, out, pg_server_see()->address, "mine; DROP SCHEMA x", NULL);
    check(r.status == 2);
    check_has(r.err, "has a table articles that no export made; name another by --schema");
    check_text(slice_of(pg_server_ask(&s, "SELECT a FROM \"mine; DROP SCHEMA x\".articles")),
               "mine");
    scope_close(&s);
}

CHECK(export_of_a_broken_key_changes_nothing) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    exported(&s, results(&s, "export-key", "SELECT 1 AS article"), "broken", NULL);
    const char *out = results(&s, "export-key", "SELECT 7 AS article FROM range(2)");
    check_run r = export_to(&s, out, pg_server_see()->address, "broken", NULL);
    check(r.status == 1);
    check_has(r.err, "articles: PostgreSQL at postgres@");
    check_has(r.err, "Key (article)=(7) is duplicated");
    check_text(slice_of(pg_server_ask(&s, "SELECT article FROM broken.articles")), "1");
    scope_close(&s);
}

static pid_t start_psql(const char *sql) {
    pid_t child = fork();
    if (child != 0) return child;
    execlp("psql", "psql", "-Xqc", sql, "-o", "/dev/null", pg_server_see()->address, (char *)NULL);
    _exit(127);
}

static void end(pid_t child, int with) {
    kill(child, with);
    waitpid(child, NULL, 0);
}

static void wait_for(scope *s, const char *sql) {
    while (strcmp(pg_server_ask(s, sql), "1") != 0) usleep(20000);
}

/* Somebody reads the old table, for a minute at most. */
static pid_t start_reader(scope *s, const char *schema) {
    pid_t reader = start_psql(arena_text(&s->keep, "BEGIN; SELECT * FROM %s.articles; SELECT "
                                                   "pg_sleep(60)", schema));
    wait_for(s, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    return reader;
}

static void end_reader(scope *s, pid_t reader) {
    pg_server_ask(s, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = "
                     "'PgSleep'");
    end(reader, SIGTERM);
}

#define WAITS "pg_stat_activity WHERE application_name = 'atelier' AND wait_event_type = 'Lock'"

/* The export waits for the old table, whose name it wants, and is killed there. */
CHECK(export_that_is_killed_leaves_the_old_tables) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    exported(&s, results(&s, "export-kill", "SELECT 1 AS article"), "killed", NULL);
    const char *out = results(&s, "export-kill", "SELECT 2 AS article");
    pid_t reader = start_reader(&s, "killed"), child = fork();
    if (child == 0) {
        execl(check_program(), "atelier", "export", out, "--to", pg_server_see()->address,
              "--schema", "killed", (char *)NULL);
        _exit(127);
    }
    wait_for(&s, "SELECT count(*) FROM " WAITS);
    end(child, SIGKILL);
    end_reader(&s, reader);
    pg_server_ask(&s, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                      "application_name = 'atelier'");
    check_text(slice_of(pg_server_ask(&s, "SELECT article FROM killed.articles")), "1");
    check_text(slice_of(pg_server_ask(&s, "SELECT count(*) FROM pg_class WHERE relnamespace = "
                                          "'killed'::regnamespace AND relname LIKE '%.new'")),
               "0");
    exported(&s, out, "killed", NULL);
    check_text(slice_of(pg_server_ask(&s, "SELECT article FROM killed.articles")), "2");
    scope_close(&s);
}

/* The server ends the connection while the export waits. */
CHECK(export_whose_connection_is_lost_leaves_the_old_tables) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    exported(&s, results(&s, "export-lost", "SELECT 1 AS article"), "lost", NULL);
    const char *out = results(&s, "export-lost", "SELECT 2 AS article");
    pid_t reader = start_reader(&s, "lost");
    pid_t cutter = start_psql("DO $$ BEGIN WHILE (SELECT count(pg_terminate_backend(pid)) FROM "
                              WAITS ") = 0 LOOP PERFORM pg_stat_clear_snapshot(); PERFORM "
                              "pg_sleep(0.01); END LOOP; END $$");
    check_run r = export_to(&s, out, pg_server_see()->address, "lost", NULL);
    end(cutter, SIGTERM);
    end_reader(&s, reader);
    check(r.status == 1);
    check_has(r.err, "terminating connection due to administrator command");
    check_has(r.out, "\"cause\":\"no_server\"");
    check_text(slice_of(pg_server_ask(&s, "SELECT article FROM lost.articles")), "1");
    scope_close(&s);
}

CHECK(export_keeps_passwords_out_of_sight) {
    scope s = open_scope();
    const char *out = results(&s, "export-secret", "SELECT 1 AS article");
    static const char *const addresses[] = {"postgresql://me:hunter2@localhost/x",
                                            "postgresql:///x?password=hunter2",
                                            "postgresql://me:hunter2@[bad/x"};
    for (int i = 0; i < 3; i++) {
        check_run r = export_to(&s, out, addresses[i], "secret", NULL);
        check(r.status == 2);
        check(!memmem(r.err.p, r.err.n, "hunter2", 7) && !memmem(r.out.p, r.out.n, "hunter2", 7));
        check_has(r.err, i < 2 ? "leave it out and put it into ~/.pgpass" : "no address of");
    }
    scope_close(&s);
}

CHECK(export_takes_the_password_from_a_file) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    err e = {0};
    const char *out = results(&s, "export-guarded", "SELECT 1 AS article");
    const char *file = arena_text(&s.keep, "%s/pass", check_folder("export-pass"));
    const char *address = arena_text(&s.keep, "postgresql:///postgres?host=%s&user=guarded",
                                     pg_server_see()->folder);
    pg_server_ask(&s, "GRANT CREATE ON DATABASE postgres TO guarded");
    static const char *const lines[] = {"*:*:*:guarded:wrong\n", "*:*:*:guarded:s3cret\n"};
    for (int i = 0; i < 2; i++) {
        check_ok(file_replace(file, slice_of(lines[i]), &e), &e);
        chmod(file, 0600);
        setenv("PGPASSFILE", file, 1);
        check_run r = export_to(&s, out, address, "guarded", NULL);
        unsetenv("PGPASSFILE");
        check(r.status == (i ? 0 : 1));
        if (i == 0) check_has(r.err, "password authentication failed for user \"guarded\"");
        if (i == 0) check_has(r.out, "\"cause\":\"permission\"");
        check(!memmem(r.err.p, r.err.n, "wrong", 5) && !memmem(r.out.p, r.out.n, "s3cret", 6));
    }
    scope_close(&s);
}

CHECK(export_says_what_is_not_there) {
    scope s = open_scope();
    const char *out = results(&s, "export-none", "SELECT 1 AS article");
    check_run r = export_to(&s, out, "postgresql://127.0.0.1:1/x", "a", NULL);
    check(r.status == 1);
    check_has(r.err, "no connection to PostgreSQL at ");
    check_has(r.out, "\"cause\":\"no_server\"");
    r = export_to(&s, out, "mysql://x", "a", NULL);
    check(r.status == 2);
    check_has(r.err, "--to wants an address like postgresql://user@host/database");
    r = export_to(&s, out, "postgresql://127.0.0.1:1/x", "a", "a_interaction");
    check(r.status == 2);
    check_has(r.err, "'a_interaction' is no table of an export; did you mean a_interactions?");
    r = export_to(&s, "nowhere", "postgresql://127.0.0.1:1/x", "a", NULL);
    check(r.status == 2);
    check_has(r.err, "there is no folder nowhere");
    scope_close(&s);
}
