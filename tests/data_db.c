/* db: the embedded engine, columns both ways, and Parquet that does not depend on threads. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/db.h"
#include "data/folder.h"

static db *open_db(scope *s, int threads) {
    err e = {0};
    db *d = NULL;
    check_ok(db_open(&d, (db_params){threads, 1024, check_spill()}, &e), &e);
    scope_defer(s, db_close, d);
    return d;
}

CHECK(columns_go_into_the_engine_and_come_back) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    db *d = open_db(&s, 2);
    columns c;
    check_ok(db_query(d, &s.keep, &c, &e,
                      "SELECT i::INTEGER AS a, (i * 3)::BIGINT AS b, i / 4.0 AS c, "
                      "CASE WHEN i %% 7 = 0 THEN NULL ELSE 'row ' || i END AS t, "
                      "DATE '2020-01-01' + i::INTEGER AS day, "
                      "(i / 8)::DECIMAL(18,6) AS money FROM range(5000) r(i) ORDER BY i"),
             &e);
    check(c.rows == 5000 && c.n == 6);
    check(columns_i32(&c, "a")[4999] == 4999 && columns_i64(&c, "b")[10] == 30);
    check(columns_real(&c, "c")[3] == 0.75 && columns_real(&c, "money")[9] == 1.125);
    check(!column_has(columns_find(&c, "t"), 7) && slice_is(columns_text(&c, "t")[8], "row 8"));
    check(columns_i32(&c, "day")[31] == day_of(2020, 2, 1));
    check_ok(db_put(d, "back", &c, &e), &e);
    int64_t n;
    check_ok(db_count(d, &n, &e,
                      "SELECT count(*) FROM back WHERE (t IS NULL) = (a %% 7 = 0) "
                      "AND day = DATE '2020-01-01' + a AND c = a / 4.0"),
             &e);
    check(n == 5000);
    check(!db_runf(d, &e, "SELECT nonsense") && e.kind == ERR_WENT_WRONG);
    check_has(slice_of(e.text), "nonsense");
    scope_close(&s);
}

/* A table or a SELECT, by engines of 1, 2 and 8 threads: the same bytes, so many rows. */
static void same_bytes(const char *name, const char *make, const char *select, int64_t wanted) {
    scope s;
    err e = {0};
    hash_text first = {0};
    const char *where = check_folder(name);
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    for (int round = 0; round < 3; round++) {
        static const int threads[] = {1, 2, 8};
        db *d = open_db(&s, threads[round]);
        char path[600];
        hash_text h;
        int64_t rows = 0;
        snprintf(path, sizeof path, "%s/%d.parquet", where, round);
        check_ok(db_runf(d, &e, "CREATE TABLE t AS %s", make), &e);
        check_ok(select ? db_write_select(d, slice_of(select), path, &rows, &e)
                        : db_write_parquet(d, "t", path, &e),
                 &e);
        check(!select || rows == wanted);
        check_ok(db_count(d, &rows, &e, "SELECT count(*) FROM read_parquet('%s')", path), &e);
        check(rows == wanted);
        check_ok(hash_file(path, &h, NULL, &e), &e);
        if (round == 0) first = h;
        check_text(slice_of(h.hex), first.hex);
    }
    scope_close(&s);
}

static const char many[] = "SELECT i, hash(i) % 1000 AS h, 'x' || (i % 97) AS t "
                           "FROM range(250000) r(i) ORDER BY hash(i)";

CHECK(parquet_bytes_do_not_depend_on_threads) {
    same_bytes("parquet", many, NULL, 250000);
    same_bytes("parquet_select", many, "SELECT * FROM t WHERE i % 1000 <> 7 ORDER BY i -- last",
               249750);
}

/* Batches of a filter are not full: without a second look the row groups would follow them. */
CHECK(parquet_row_groups_are_cut_evenly) {
    same_bytes("parquet_uneven", many, "SELECT * FROM t WHERE i % 3 > 0 OR i > 100000", 216666);
}

CHECK(folder_appears_whole_and_knows_when_it_is_damaged) {
    scope s;
    err e = {0};
    const char *parent = check_folder("folder");
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    folder_key key = {hash_of(SLICE("key")), hash_of(SLICE("sql")), 1};
    for (int round = 0; round < 2; round++) {
        folder *f = folder_begin(&s, parent, "x", &e);
        check_ok(f, &e);
        check_ok(folder_write(f, "a.txt", SLICE("hello"), &e), &e);
        folder_rows(f, "a.txt", 1);
        check_ok(folder_commit(f, &key, &e), &e);
    }
    const char *why;
    check(folder_fresh(parent, "x", &key.key, &why));
    hash_text other = hash_of(SLICE("other"));
    check(!folder_fresh(parent, "x", &other, &why));
    char path[600];
    snprintf(path, sizeof path, "%s/x/a.txt", parent);
    check_ok(file_replace(path, SLICE("hellO"), &e), &e);
    check(!folder_fresh(parent, "x", &key.key, &why));
    check_text(slice_of(why), "a file in it was damaged");
    scope_close(&s);
}

typedef struct handing { /* rows of a table in batches of odd sizes */
    const columns *all;
    column at[3];
    int64_t given, stop; /* fails when so many are given; 0: never */
} handing;

static bool hand_out(void *what, columns *rows, err *e) {
    handing *h = what;
    int64_t left = h->all->rows - h->given, n = 1 + h->given % 3001 < left ? 1 + h->given % 3001
                                                                             : left;
    if (h->stop && h->given >= h->stop) return refuse(e, "enough");
    for (int i = 0; i < 3; i++) {
        h->at[i] = h->all->at[i];
        h->at[i].data = (char *)h->at[i].data + (size_t)h->given * column_width(h->at[i].type);
        if (h->at[i].valid) h->at[i].valid += h->given;
    }
    *rows = (columns){.rows = n, .n = 3, .at = h->at};
    h->given += n;
    return true;
}

CHECK(rows_stream_into_the_bytes_of_their_table) {
    scope s;
    err e = {0};
    hash_text a, b;
    int64_t rows;
    check_ok(scope_open(&s, (size_t)64 << 20, 0, &e), &e);
    db *d = open_db(&s, 2);
    columns c;
    const char *in = arena_text(&s.keep, "%s", check_folder("db-stream"));
    const char *of_table = arena_text(&s.keep, "%s/table.parquet", in),
               *of_rows = arena_text(&s.keep, "%s/rows.parquet", in);
    check_ok(db_query(d, &s.keep, &c, &e,
                      "SELECT i AS b, CASE WHEN i %% 7 = 0 THEN NULL ELSE 'row ' || i END AS t, "
                      "CASE WHEN i %% 1000 > 1 THEN i / 4.0 END AS c FROM range(300000) r(i) "
                      "ORDER BY i"),
             &e);
    check_ok(db_put(d, "t", &c, &e) && db_write_parquet(d, "t", of_table, &e), &e);
    handing h = {.all = &c};
    check_ok(db_write_rows(d, &c, hand_out, &h, of_rows, &rows, &e), &e);
    check(rows == c.rows);
    check_ok(hash_file(of_table, &a, NULL, &e) && hash_file(of_rows, &b, NULL, &e), &e);
    check(strcmp(a.hex, b.hex) == 0);
    handing fails = {.all = &c, .stop = 200000};
    check(!db_write_rows(d, &c, hand_out, &fails, of_rows, &rows, &e));
    check(e.kind == ERR_ASKED_WRONG && strcmp(e.text, "enough") == 0);
    scope_close(&s);
}
