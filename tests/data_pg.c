/* pg: rows that come back from a server are those that went; bytes may be cut anywhere. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "data/db.h"
#include "data/pg.h"
#include "pg_server.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, (size_t)512 << 20, 0, &e), &e);
    return s;
}

static db *open_engine(scope *s) {
    db *d;
    err e = {0};
    check_ok(db_open(&d, (db_params){1, 1024, check_spill()}, &e), &e);
    scope_defer(s, db_close, d);
    return d;
}

static bool append(void *what, const columns *rows, err *e) { return db_append(what, rows, e); }

/* The rows of a SELECT as a table of the engine. */
static int64_t fetch(scope *s, db *d, const char *select, const char *table) {
    err e = {0};
    pg_source from;
    db_appender *to = NULL;
    int64_t rows = 0;
    pg *p = pg_open(s, pg_server_see()->address, &e);
    check_ok(p != NULL, &e);
    check_ok(pg_describe(p, &s->keep, "t", select, &from, &e), &e);
    const char *names[64];
    column_type types[64];
    for (int i = 0; i < from.shape.n; i++) {
        names[i] = from.shape.at[i].name;
        types[i] = pg_type_column(from.shape.at[i].type);
    }
    columns none = columns_new(&s->keep, from.shape.n, names, types, 0);
    check_ok(db_put(d, table, &none, &e), &e);
    check_ok(db_append_open(&to, d, table, &e), &e);
    check_ok(pg_get(p, &from, append, to, &rows, &e), &e);
    check_ok(db_append_close(to, &e), &e);
    return rows;
}

static bool send(void *what, const columns *rows, err *e) { return pg_put(what, rows, e); }

static const pg_column every[] = {
    {"b", PG_BOOL, 0, 0},    {"i2", PG_INT2, 0, 0},   {"i4", PG_INT4, 0, 0},
    {"i8", PG_INT8, 0, 0},   {"f4", PG_FLOAT4, 0, 0}, {"f8", PG_FLOAT8, 0, 0},
    {"n", PG_NUMERIC, 18, 6}, {"t", PG_TEXT, 0, 0},   {"d", PG_DATE, 0, 0},
    {"ts", PG_TIMESTAMP, 0, 0}, {"tz", PG_TIMESTAMPTZ, 0, 0}, {"say \"it\"", PG_TEXT, 0, 0}};

/* 40,000 rows of every type with NULLs, ends of ranges, texts of 10,000 characters. */
static const char every_row[] =
    "CREATE TABLE went AS SELECT (i % 2)::INTEGER AS b, (i % 65536 - 32768)::INTEGER AS i2, "
    "CASE WHEN i % 5 > 0 THEN (i * 53687 - 1073741824)::INTEGER END AS i4, "
    "([9223372036854775807, -9223372036854775808, 0, NULL, i])[i % 5 + 1]::BIGINT AS i8, "
    "(i / 8)::DOUBLE AS f4, "
    "(['NaN', 'Infinity', '-Infinity', '-0', '1e-308', NULL, '0.1'])[i % 7 + 1]::DOUBLE AS f8, "
    "([999999999999999999, -999999999999999999, 0, 1, -500000, NULL, i])[i % 7 + 1]::BIGINT AS n, "
    "(['', 'é 😀 漢', 'a \"b\" ''c''', 'tab\t line' || chr(10) || chr(13), '\\N', NULL, "
    "'plain', 'x'])[i % 8 + 1] AS t, "
    "(['infinity', '-infinity', '0001-01-01', '9999-12-31', '2000-01-01', '1999-12-31', "
    "NULL])[i % 7 + 1]::DATE AS d, "
    "(['infinity', '-infinity', '1969-12-31 23:59:59.999999', NULL, '2000-01-01'])[i % 5 + "
    "1]::TIMESTAMP AS ts, (['2020-01-01 12:00:00.000001', NULL])[i % 2 + 1]::TIMESTAMP AS tz, "
    "CASE WHEN i % 1000 = 0 THEN repeat('x€', 5000) END AS \"say \"\"it\"\"\" "
    "FROM range(40000) t(i)";

CHECK(pg_rows_that_come_back_are_those_that_went) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    err e = {0};
    db *d = open_engine(&s);
    int64_t rows = 0, other = -1;
    pg_shape shape = {"t", sizeof every / sizeof every[0], every};
    check_ok(db_run(d, slice_of(every_row), &e), &e);
    pg *p = pg_open(&s, pg_server_see()->address, &e);
    check_ok(p && pg_run(p, &e, "CREATE TABLE back (b boolean, i2 smallint, i4 integer, i8 bigint, "
                                "f4 real, f8 double precision, n numeric(18,6), t text, d date, "
                                "ts timestamp, tz timestamptz, \"say \"\"it\"\"\" text)"), &e);
    check_ok(pg_put_open(p, "back", &shape, &e) && db_each(d, SLICE("FROM went"), send, p, &e) &&
             pg_put_close(p, &rows, &e), &e);
    check(rows == 40000);
    check(fetch(&s, d, "SELECT * FROM back -- to the end;", "came") == 40000);
    check_ok(db_run(d, SLICE("CREATE VIEW a AS SELECT * REPLACE (CAST(n AS DECIMAL(38,0)) AS n) "
                             "FROM went; CREATE VIEW z AS SELECT * REPLACE (CAST(CAST(n AS "
                             "DECIMAL(38,6)) * 1000000 AS DECIMAL(38,0)) AS n) FROM came"), &e),
             &e);
    check_ok(db_count(d, &other, &e, "SELECT count(*) FROM ((FROM a EXCEPT ALL FROM z) UNION ALL "
                                     "(FROM z EXCEPT ALL FROM a))"), &e);
    check(other == 0);
    scope_close(&s);
}

CHECK(pg_types_are_taken_by_name_and_others_left_out) {
    if (!pg_server_see()) skip(NO_PG);
    scope s = open_scope();
    err e = {0};
    pg_source from;
    columns c;
    db *d = open_engine(&s);
    pg_server_ask(&s, "CREATE TYPE mood AS ENUM ('well'); CREATE DOMAIN cents AS int");
    const char *select =
        "SELECT 'well'::mood AS e, 7::cents AS c, 'ab'::char(4) AS ch, 1.50::numeric AS n, "
        "'{\"a\": 1}'::jsonb AS j, '12:30'::time AS h, "
        "'123e4567-e89b-12d3-a456-426614174000'::uuid AS u, '\\x00'::bytea AS photo, "
        "ARRAY['a'] AS tags, '[1,2)'::int4range AS span;";
    pg *p = pg_open(&s, pg_server_see()->address, &e);
    check_ok(p && pg_describe(p, &s.keep, "t", select, &from, &e), &e);
    check_text(slice_of(from.left_out), "photo (bytea), tags (text[]), span (int4range)");
    check(fetch(&s, d, select, "came") == 1);
    check_ok(db_query(d, &s.keep, &c, &e, "SELECT concat_ws('|', e, c, ch, n, j, h, u) FROM came"),
             &e);
    check_text(c.at[0].text[0], "well|7|ab|1.50|{\"a\": 1}|12:30:00|"
                                "123e4567-e89b-12d3-a456-426614174000");
    check(!pg_describe(p, &s.keep, "mine", "SELECT nothing FROM nowhere", &from, &e));
    check_has(slice_of(e.text), "mine: PostgreSQL at postgres@");
    check_has(slice_of(e.text), "relation \"nowhere\" does not exist");
    check(e.kind == ERR_ASKED_WRONG);
    scope_close(&s);
}

/* ---- bytes ---- */

typedef struct seen {
    int64_t rows, null;
    double sum;
    size_t bytes;
} seen;

static bool look(void *what, const columns *rows, err *e) {
    seen *x = what;
    (void)e;
    for (int64_t r = 0; r < rows->rows; r++) {
        x->rows++;
        if (column_has(&rows->at[0], r)) x->sum += rows->at[0].i32[r];
        else x->null++;
        x->bytes += rows->at[1].text[r].n;
    }
    return true;
}

static const pg_column two[] = {{"i", PG_INT4, 0, 0}, {"t", PG_TEXT, 0, 0}};
static const pg_shape pair = {"t", 2, two};

/* 10,000 rows: more than go to `each` at once. */
static void make_bytes(text *to, scope *s) {
    err e = {0};
    static const column_type types[] = {COLUMN_I32, COLUMN_TEXT};
    columns c = columns_new(&s->keep, 2, (const char *const[]){"i", "t"}, types, 10000);
    c.at[0].valid = take(&s->keep, uint8_t, 10000);
    for (int32_t r = 0; r < 10000; r++) {
        c.at[0].i32[r] = r;
        c.at[0].valid[r] = r % 10 > 0;
        c.at[1].text[r] = slice_of(arena_text(&s->keep, "%d", r));
    }
    text_open(to, s);
    pg_rows_begin(to);
    check_ok(pg_rows_put(to, &pair, &c, &e), &e);
    pg_rows_end(to);
}

static bool take_cut(const text *bytes, size_t length, size_t step, seen *to, err *e) {
    scope s;
    int64_t rows;
    check(scope_open(&s, (size_t)128 << 20, 0, e));
    pg_intake *in = pg_intake_open(&s, &pair, look, to);
    bool done = true;
    for (size_t at = 0; done && at < length; at += step)
        done = pg_intake_add(in, (slice){bytes->p + at, length - at < step ? length - at : step},
                             e);
    done = done && pg_intake_end(in, &rows, e) && rows == to->rows;
    scope_close(&s);
    return done;
}

CHECK(pg_intake_reads_bytes_cut_anywhere) {
    scope s = open_scope();
    text *bytes = take(&s.keep, text, 1);
    make_bytes(bytes, &s);
    static const size_t steps[] = {1, 2, 3, 7, 19, 64, 4096, (size_t)1 << 30};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        err e = {0};
        seen x = {0};
        check_ok(take_cut(bytes, bytes->n, steps[i], &x, &e), &e);
        check(x.rows == 10000 && x.null == 1000 && x.bytes == 38890);
        check_near(x.sum, 49995000 - 4995000, 0); /* without 0, 10, …, 9990 */
    }
    scope_close(&s);
}

CHECK(pg_intake_fails_on_what_ends_early_or_is_no_row) {
    scope s = open_scope();
    text *bytes = take(&s.keep, text, 1);
    make_bytes(bytes, &s);
    for (size_t n = 0; n < 60; n++) {
        err e = {0};
        seen x = {0};
        check(!take_cut(bytes, n, 64, &x, &e));
        check_has(slice_of(e.text), "what came of t is not what COPY sends: it ends early");
    }
    static const struct {
        size_t at;
        const char *said;
    } bad[] = {{0, "its first bytes"}, {20, "another number of columns"}, {24, ": t"}};
    for (int i = 0; i < 3; i++) { /* the header, the count of fields, the length of a text */
        err e = {0};
        seen x = {0};
        char was = bytes->p[bad[i].at + (i == 2 ? 1 : 0)];
        size_t at = bad[i].at + (i == 2 ? 1 : 0);
        bytes->p[at] = (char)0x80;
        check(!take_cut(bytes, bytes->n, 64, &x, &e));
        bytes->p[at] = was;
        check_has(slice_of(e.text), bad[i].said);
    }
    scope_close(&s);
}
