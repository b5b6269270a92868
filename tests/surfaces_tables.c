/* sources in a database: the rows, quarantine and accounts of a shop are those of its files. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "check_json.h"
#include "data/db.h"
#include "data/folder.h"
#include "pg_server.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    return s;
}

static const char *make_shop(scope *s, const char *name, const char *yaml) {
    const char *shop = arena_text(&s->keep, "%s", check_folder(name));
    write_file(s, shop, "atelier.yaml", yaml);
    return shop;
}

/* One source, transactions, as the settings say. */
static const char *one_source(scope *s, const char *name, const char *settings) {
    const char *from = pg_server_see() ? pg_server_see()->address : "postgresql://127.0.0.1:1/x";
    return make_shop(s, name, arena_text(&s->keep, "sources:\n  transactions: {postgresql: \"%s\", "
                                                   "%s}\n", from, settings));
}

static check_run run(scope *s, const char *shop, const char *out) {
    return check_atelier(s, (const char *const[]){"run", shop, "--out", out, "--to", "datasets",
                                                  "--json", NULL});
}

static const js_node *ran(scope *s, const char *shop, const char *out) {
    err e = {0};
    check_run r = run(s, shop, out);
    if (r.status != 0) fprintf(stderr, "%.*s", (int)r.err.n, r.err.p);
    check(r.status == 0);
    return js_parse(s, r.out, &e);
}

static int64_t differ(scope *s, const char *a, const char *b) {
    db *d;
    err e = {0};
    int64_t n = -1;
    (void)s;
    check_ok(db_open(&d, (db_params){1, 512, check_spill()}, &e), &e);
    check_ok(db_count(d, &n, &e, "SELECT count(*) FROM ((FROM '%s' EXCEPT ALL FROM '%s') UNION ALL "
                                 "(FROM '%s' EXCEPT ALL FROM '%s'))", a, b, b, a), &e);
    db_close(d);
    return n;
}

static const char lines[] =
    "date,customer,article,price,quantity\n2020-01-01,007,a1,10.50,1\n2020-01-02,8,a2,9.99,2\n"
    "2020-01-02,,a2,1e3,1\n2020-01-03,9,a1,12,-1\n2020-01-04,8,a1,abc,1\n2020-13-05,9,a2,8,1\n"
    "2020-01-05,9,,8,1\n2020-01-06,8,a2,8,1\n";

static void fill_tables(scope *s) {
    const char *csv = arena_text(&s->keep, "%s", lines);
    static bool filled;
    if (filled) return;
    filled = true;
    pg_server_ask(s, "CREATE SCHEMA till; CREATE TABLE till.\"Lines\" (date text, customer text, "
                     "article text, price text, quantity int); CREATE TABLE people (customer_id "
                     "text, age smallint, photo bytea); INSERT INTO people VALUES ('007', 30), "
                     "('8', NULL)");
    for (const char *at = strchr(csv, '\n') + 1; *at; at = strchr(at, '\n') + 1) {
        char cell[5][32] = {{0}};
        for (int i = 0; i < 5; i++) {
            size_t n = strcspn(at, ",\n");
            memcpy(cell[i], at, n);
            at += n + (i < 4);
        }
        pg_server_ask(s, arena_text(&s->keep, "INSERT INTO till.\"Lines\" VALUES ('%s', nullif("
                                              "'%s', ''), nullif('%s', ''), '%s', %s)",
                                    cell[0], cell[1], cell[2], cell[3], cell[4]));
    }
}

CHECK(tables_of_a_database_are_read_as_files_are) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    fill_tables(&s);
    const char *files = make_shop(&s, "tables-files", "sources: {transactions: sales.csv}\n");
    write_file(&s, files, "sales.csv", lines);
    write_file(&s, files, "people.csv", "customer_id,age\n007,30\n8,\n");
    const char *tables = make_shop(
        &s, "tables-pg", arena_text(&s.keep, "sources:\n  transactions: {postgresql: \"%s\", "
                                             "table: 'till.\"Lines\"'}\n  customers: "
                                             "{postgresql: \"%s\", table: people}\n",
                                    pg_server_see()->address, pg_server_see()->address));
    const char *a = arena_text(&s.keep, "%s/out", check_folder("tables-files-out")),
               *b = arena_text(&s.keep, "%s/out", check_folder("tables-pg-out"));
    const js_node *of_files = ran(&s, files, a), *of_tables = ran(&s, tables, b);
    static const char *const counts[] = {"seen", "accepted", "quarantined", "merged", "blank"};
    const js_node *x = js_get(of_files, "files"), *y = js_get(of_tables, "files");
    check(js_count(x) == 2 && js_count(y) == 2);
    for (int64_t i = 0; i < 2; i++)
        for (int k = 0; k < 5; k++)
            check_near(real_of(js_at(y, i), counts[k]), real_of(js_at(x, i), counts[k]), 0);
    check_text(text_of(js_at(y, 1), "path"), "postgresql:till.\"Lines\"");
    check(real_of(js_at(y, 1), "quarantined") >= 3);
    static const char *const same[] = {"01_raw/raw_transactions", "01_raw/raw_customers",
                                       "02_clean/transactions", "03_datasets/d_sales"};
    for (int i = 0; i < 4; i++)
        check(differ(&s, arena_text(&s.keep, "%s/%s.parquet", a, same[i]),
                     arena_text(&s.keep, "%s/%s.parquet", b, same[i])) == 0);
    scope_close(&s);
}

CHECK(tables_that_do_not_change_leave_steps_as_they_are) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    pg_server_ask(&s, "CREATE TABLE again AS SELECT date '2020-01-01' + i AS date, i % 7 AS "
                      "customer_id, 'a' || i % 5 AS article_id, 1.5::numeric AS price FROM "
                      "generate_series(1, 500) i");
    const char *shop = one_source(&s, "tables-again", "query: \"SELECT * FROM again ORDER BY "
                                                      "date;\""),
               *out = arena_text(&s.keep, "%s/out", check_folder("tables-again-out"));
    for (int i = 0; i < 3; i++) {
        if (i == 2) pg_server_ask(&s, "UPDATE again SET price = 1.6 WHERE customer_id = 3");
        const js_node *step = js_at(js_get(ran(&s, shop, out), "steps"), 0);
        bool reused;
        check(js_bool(js_get(step, "reused"), &reused) && reused == (i == 1));
    }
    scope_close(&s);
}

/* A price in words and a day at infinity go to quarantine, with what was there. */
CHECK(tables_rows_that_do_not_pass_are_set_aside) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    err e = {0};
    pg_server_ask(&s, "CREATE TABLE odd AS SELECT CASE i WHEN 3 THEN 'infinity' ELSE date "
                      "'2020-01-01' + i END AS date, 'c' AS customer_id, 'a' AS article_id, "
                      "CASE i WHEN 5 THEN 'NaN'::float8 ELSE i END AS price FROM "
                      "generate_series(1, 9) i");
    const char *shop = one_source(&s, "tables-odd", "table: odd"),
               *out = arena_text(&s.keep, "%s/out", check_folder("tables-odd-out"));
    const js_node *file = js_at(js_get(ran(&s, shop, out), "files"), 0);
    check(real_of(file, "seen") == 9 && real_of(file, "quarantined") == 2);
    check_run r = check_atelier(&s, (const char *const[]){"quarantine", "show", out, "--json",
                                                          NULL});
    const js_node *rows = js_get(js_parse(&s, r.out, &e), "rows");
    check_text(text_of(js_at(rows, 0), "observed"), "infinity");
    check_text(text_of(js_at(rows, 0), "rule"), "not_a_date");
    check_text(text_of(js_at(rows, 1), "rule"), "missing");
    scope_close(&s);
}

CHECK(tables_that_are_not_there_are_named) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    fill_tables(&s);
    static const char *const said[][2] = {
        {"table: till.lines", "there is no table till.lines in postgres@"},
        {"table: peopel", "(did you mean people?)"},
        {"table: people", "parquet: no column for time of transactions"},
        {"query: \"SELECT date FROM nowhere\"", "relation \"nowhere\" does not exist"},
        {"query: \"SELECT 1; DROP TABLE people\"", "syntax error"},
        {"query: \"WITH x AS (DELETE FROM people RETURNING 1) SELECT 1 AS a\"",
         "data-modifying statement"},
        {"query: \"SELECT 1 AS a, nextval('s') AS b\"", "relation \"s\" does not exist"},
        {"table: people, query: \"SELECT 1\"", "one of table and query is wanted here"},
        {"tabel: people", "'tabel' is no key of a table; did you mean table?"},
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        const char *shop = one_source(&s, "tables-none", said[i][0]);
        check_run r = run(&s, shop, arena_text(&s.keep, "%s/out", check_folder("tables-none-out")));
        if (r.status != 2) fprintf(stderr, "%s: %d\n", said[i][0], r.status);
        check(r.status == 2);
        check_has(r.err, said[i][1]);
        check_has(r.err, i == 2 ? "transactions.people" : "tables-none/atelier.yaml:2: ");
    }
    scope_close(&s);
}

CHECK(tables_want_a_server_and_no_password_in_settings) {
    scope s = open_scope();
    static const char *const said[][2] = {
        {"postgresql://127.0.0.1:1/x", "no connection to PostgreSQL at "},
        {"postgresql://me:hunter2@db/x", "the address of PostgreSQL holds a password"},
        {"mysql://db/x", "postgresql wants an address like postgresql://user@host/database"}};
    for (int i = 0; i < 3; i++) {
        const char *shop = make_shop(&s, "tables-away",
                                     arena_text(&s.keep, "sources:\n  events: {postgresql: \"%s\", "
                                                         "table: x}\n", said[i][0]));
        check_run r = run(&s, shop, arena_text(&s.keep, "%s/out", check_folder("tables-away-out")));
        check(r.status == (i ? 2 : 1));
        check_has(r.err, said[i][1]);
        check(!memmem(r.err.p, r.err.n, "hunter2", 7) && !memmem(r.out.p, r.out.n, "hunter2", 7));
    }
    scope_close(&s);
}
