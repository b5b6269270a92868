/* database: roles without rights, encodings, settings of other countries, and other versions. */
#include "check.h"

#include <stdio.h>
#include <string.h>

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

static work shop_of(scope *s, const char *address, const char *query) {
    char sources[600] = "customers";
    check(snprintf(sources + 10, sizeof sources - 11, "%s", query) < 580);
    sources[10 + strlen(query) + 1] = 0;
    return database_shop(s, "db-kinds", address, sources);
}

static const char *fetched_path(const work *w, scope *s) {
    return arena_text(&s->keep, "%s/customers.query-2.parquet", shop_tables_folder(w, &s->keep));
}

/* What one SELECT over the fetched rows gives. */
static slice fetched(scope *s, const char *address, const char *query, const char *sql) {
    err e = {0};
    columns c;
    work w = shop_of(s, address, query);
    check_ok(shop_tables_fetch(&w, &e), &e);
    check_ok(db_runf(w.d, &e, "CREATE VIEW q AS FROM '%s'", fetched_path(&w, s)), &e);
    check_ok(db_query(w.d, &s->keep, &c, &e, "%s", sql), &e);
    return c.at[0].text[0];
}

static void refused_source(scope *s, const char *address, const char *query, err *e) {
    work w = shop_of(s, address, query);
    check(!shop_tables_fetch(&w, e));
    check_has(slice_of(e->text), "db-kinds-in/atelier.yaml:2: ");
    check(!file_exists(fetched_path(&w, s)));
}

/* ---- rights ---- */

static const char roles[] =
    "CREATE SCHEMA theirs; CREATE TABLE theirs.people AS SELECT 1 AS customer_id; CREATE SCHEMA "
    "open; GRANT USAGE ON SCHEMA open TO PUBLIC; CREATE TABLE open.people AS SELECT 1 AS "
    "customer_id; CREATE ROLE barred NOLOGIN; CREATE ROLE plain LOGIN; CREATE SCHEMA held; GRANT "
    "USAGE ON SCHEMA held TO plain; CREATE SCHEMA given; GRANT USAGE, CREATE ON SCHEMA given TO "
    "plain";

static void check_right(const err *e, const char *said) {
    check(e->kind == ERR_WENT_WRONG);
    check_text(slice_of(e->cause), "permission");
    check_has(slice_of(e->text), said);
}

CHECK(database_that_gives_no_right_is_told_which_one) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    const char *out = database_results(&s, d, "first", 10);
    pg_server_ask(&s, roles);
    pg_server_ask(&s, "CREATE DATABASE closed TEMPLATE template0");
    pg_server_ask(&s, "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    database_exported(d, out, "taken");
    pg_server_ask(&s, "GRANT USAGE, CREATE ON SCHEMA taken TO plain");
    static const char *const exports[][4] = {
        {"postgres", "barred", "x", "role \"barred\" is not permitted to log in"},
        {"closed", "plain", "x", "User does not have CONNECT privilege"},
        {"postgres", "plain", "new", "wanted is the right CREATE on the database: PostgreSQL at "},
        {"postgres", "plain", "held", "wanted is the right USAGE and CREATE on the schema \"he"},
        {"postgres", "plain", "theirs", "USAGE and CREATE on the schema \"theirs\": PostgreSQL at"},
        {"postgres", "plain", "taken", "SELECT, INSERT and DELETE on \"taken\".atelier_tables"}};
    for (int i = 0; i < 6; i++) {
        err e = {0};
        check(!database_export(d, out, database_address(&s, exports[i][0], exports[i][1], ""),
                               exports[i][2], NULL, &e));
        check_right(&e, exports[i][3]);
    }
    err e = {0}, owner = {0};
    const char *plain = database_address(&s, "postgres", "plain", "");
    check_ok(database_export(d, out, plain, "given", NULL, &e), &e);
    pg_server_ask(&s, "GRANT SELECT, INSERT, DELETE ON taken.atelier_tables TO plain");
    check(!database_export(d, out, plain, "taken", NULL, &owner));
    check_right(&owner, "articles: PostgreSQL at plain@");
    check_has(slice_of(owner.text), "must be owner of ");
    static const char *const sources[][2] = {
        {"SELECT * FROM theirs.people", "wanted is the right SELECT on what is read and USAGE on "
                                        "its schema: query at line 2: PostgreSQL at plain@"},
        {"SELECT * FROM open.people", "permission denied for "}};
    for (int i = 0; i < 2; i++) {
        err no = {0};
        refused_source(&s, plain, sources[i][0], &no);
        check_right(&no, sources[i][1]);
    }
    scope_close(&s);
}

/* ---- encodings ---- */

static const char *make_database(scope *s, const char *name, const char *more) {
    pg_server_ask(s, arena_text(&s->keep, "CREATE DATABASE %s TEMPLATE template0 %s", name, more));
    return database_address(s, name, "postgres", "");
}

CHECK(database_in_latin1_gives_and_takes_its_letters) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    err e = {0};
    const char *latin = make_database(&s, "latin", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    check_text(fetched(&s, latin, "SELECT 'Größe é' AS customer_id, chr(255) AS club_status",
                       "SELECT customer_id || club_status FROM q"),
               "Größe éÿ");
    const char *query = "SELECT i::INTEGER AS article, CASE i WHEN 6 THEN '%s' ELSE 'é' END AS "
                        "name FROM range(9) t(i)";
    const char *fits = database_results_of(&s, d, "fits", arena_text(&s.keep, query, "ÿ")),
               *not = database_results_of(&s, d, "euro", arena_text(&s.keep, query, "5 €"));
    check_ok(database_export(d, fits, latin, "mine", NULL, &e), &e);
    check(!database_export(d, not, latin, "mine", NULL, &e));
    check(e.kind == ERR_WENT_WRONG);
    check_text(slice_of(e.cause), "bad_data");
    check_has(slice_of(e.text), "has no equivalent in encoding \"LATIN1\"; COPY articles.new, "
                                "line 7, column name");
    pg *p = database_open(&s, latin);
    check_text(database_ask(&s, p, "SELECT string_agg(DISTINCT name, '' ORDER BY name) FROM "
                                   "mine.articles"), "éÿ");
    scope_close(&s);
}

/* Its texts are bytes of no encoding: those that are UTF-8 come as they are, others are refused. */
CHECK(database_in_sql_ascii_is_read_as_utf8_or_refused_by_row) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    err e = {0}, bad = {0};
    const char *ascii = make_database(&s, "ascii",
                                      "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
    check_text(fetched(&s, ascii, "SELECT 'Größe' AS customer_id", "SELECT customer_id FROM q"),
               "Größe");
    pg *p = database_open(&s, ascii);
    check_ok(pg_run(p, &e, "CREATE TABLE people AS SELECT CASE i WHEN 18 THEN E'\\xe9' ELSE 'c' "
                           "|| i END AS customer_id FROM generate_series(1, 30) i"), &e);
    refused_source(&s, ascii, "SELECT * FROM people", &bad);
    check(bad.kind == ERR_WENT_WRONG);
    check_has(slice_of(bad.text), "after 17 rows: PostgreSQL at ");
    check_has(slice_of(bad.text), "invalid byte sequence for encoding \"UTF8\": 0xe9");
    const char *out = database_results_of(&s, d, "euro", "SELECT 1 AS article, '5 €' AS name");
    check_ok(database_export(d, out, ascii, "mine", NULL, &e), &e);
    check_text(database_ask(&s, p, "SELECT encode(name::bytea, 'hex') FROM mine.articles"),
               "3520e282ac");
    scope_close(&s);
}

/* Values of every kind under settings of another country are those under ours. */
CHECK(database_of_another_country_gives_the_same_values) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    err e = {0};
    hash_text wanted, got;
    static const char query[] =
        "SELECT 'ÿ' AS customer_id, '-1234567.5'::money AS m, 1.5::numeric AS n, interval '1 day "
        "2:03:04.5' AS i, timestamptz '2020-02-03 04:05+00' AS t, date '2020-02-03' AS d, time "
        "'12:30' AS h, 0.1::float8 AS f";
    work w = shop_of(&s, pg_server_see()->address, query);
    check_ok(shop_tables_fetch(&w, &e), &e);
    check_ok(hash_file(fetched_path(&w, &s), &wanted, NULL, &e), &e);
    check_text(fetched(&s, pg_server_see()->address, query,
                       "SELECT m || ' ' || i || ' ' || h FROM q"),
               "-1234567.50 1 day 02:03:04.5 12:30:00");
    pg_server_ask(&s, "CREATE ROLE abroad LOGIN SUPERUSER; ALTER ROLE abroad SET DateStyle = "
                      "'German'; ALTER ROLE abroad SET IntervalStyle = 'iso_8601'; ALTER ROLE "
                      "abroad SET TimeZone = 'America/St_Johns'; ALTER ROLE abroad SET "
                      "extra_float_digits = -10; ALTER ROLE abroad SET client_encoding = 'LATIN1'; "
                      "ALTER ROLE abroad SET standard_conforming_strings = off");
    w = shop_of(&s, database_address(&s, "postgres", "abroad", ""), query);
    check_ok(shop_tables_fetch(&w, &e), &e);
    check_ok(hash_file(fetched_path(&w, &s), &got, NULL, &e), &e);
    check_text(slice_of(got.hex), wanted.hex);
    scope_close(&s);
}

/* ---- versions ---- */

CHECK(database_that_is_too_old_is_refused_by_its_version) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    db *d = database_engine(&s);
    pg_proxy *proxy = pg_proxy_open(&s);
    const char *out = database_results(&s, d, "first", 10);
    static const struct {
        const char *version;
        bool fits;
    } said[] = {{"9.1.24", false}, {"9.5.25", false}, {"8.4", false}, {"9.6.0", true},
                {"10.23", true},   {"19beta1", true}, {"15.18 (Debian 15.18-0+deb12u1)", true}};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        err e = {0};
        pg_proxy_version(proxy, said[i].version);
        bool done = database_export(d, out, pg_proxy_address(proxy), "versions", NULL, &e);
        if (said[i].fits) check_ok(done, &e);
        if (said[i].fits) continue;
        check(!done && e.kind == ERR_ASKED_WRONG);
        const char *old = arena_text(&s.keep, "has version %s, which is too old: 9.6 or a newer "
                                              "one is wanted", said[i].version);
        check_has(slice_of(e.text), old);
    }
    scope_close(&s);
}
