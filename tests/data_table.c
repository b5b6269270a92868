/* table: files of every kind into the engine and out again, and what is said when they are bad. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/npy.h"
#include "data/table.h"

static db *open_db(scope *s) {
    err e = {0};
    db *d = NULL;
    check_ok(scope_open(s, (size_t)64 << 20, 1 << 20, &e), &e);
    check_ok(db_open(&d, (db_params){1, 1024, check_spill()}, &e), &e);
    scope_defer(s, db_close, d);
    return d;
}

static char *file_of(scope *s, const char *name, slice bytes) {
    err e = {0};
    char *path = arena_text(&s->keep, "build/tests-tmp/%s", name);
    check_ok(file_replace(path, bytes, &e), &e);
    return path;
}

static int64_t number(db *d, const char *sql) {
    err e = {0};
    int64_t n = 0;
    check_ok(db_count(d, &n, &e, "%s", sql), &e);
    return n;
}

static void refused(db *d, const char *path, const contract *c, const char *map, err_kind kind,
                    const char *says) {
    err e = {0};
    check(!table_read(d, path, c, map, "t", NULL, &e));
    check(e.kind == kind);
    check_has(slice_of(e.text), says);
}

CHECK(table_reads_csv_by_contract_with_counts_and_examples) {
    scope s;
    err e = {0};
    table_count n;
    db *d = open_db(&s);
    const contract *c = contract_find("transactions");
    char *path = file_of(&s, "sales.csv",
                         SLICE("Day;Who;SKU;Price;Units\n2020-01-31 10:00;7;0017;9.5;2\n\n"
                               "2020-01-31;8;0018;abc;1\n2020-02-01;9;0018;-1;1\n;;;;\n"));
    check_ok(table_read(d, path, c, "customer_id=Who", "t", &n, &e), &e);
    check(n.seen == 5 && n.accepted == 1 && n.quarantined == 2 && n.blank == 2);
    check(n.n_examples == 2);
    check_text(slice_of(n.examples[0]),
               "sales.csv:4: column price: 'abc' (not a number; expected number from 0 to "
               "1000000000000)");
    check(number(d, "SELECT count(*) FROM t WHERE time = TIMESTAMP '2020-01-31 10:00:00' AND "
                    "customer_id = '7' AND article_id = '0017' AND price = 9.5 AND quantity = 2 "
                    "AND channel IS NULL AND order_id IS NULL AND src_line = 2") == 1);
    check(number(d, "SELECT count(*) FROM (DESCRIBE t)") == 8);
    refused(d, path, c, NULL, ERR_ASKED_WRONG, "no column for customer_id");
    refused(d, file_of(&s, "none.csv", SLICE("time,customer_id,article_id,price\nx,1,2,3\n")), c,
            NULL, ERR_ASKED_WRONG, "no row of build/tests-tmp/none.csv passes; the first of 1: "
                                   "none.csv:2: column time: 'x'");
    refused(d, file_of(&s, "head.csv", SLICE("time,customer_id,article_id,price\n")), c, NULL,
            ERR_ASKED_WRONG, "has a header and no rows");
    scope_close(&s);
}

CHECK(table_reads_parquet_by_the_same_contract) {
    scope s;
    err e = {0};
    table_count n;
    db *d = open_db(&s);
    const contract *c = contract_find("transactions");
    check_ok(db_run(d, SLICE("COPY (SELECT * FROM (VALUES "
                             "(TIMESTAMP '2020-01-31 10:00:00', 7, 17.0, 9.5::FLOAT, 2.0),"
                             "(TIMESTAMP '2020-02-01 10:00:00', 8, 18.0, 'nan'::FLOAT, 1.0),"
                             "(TIMESTAMP '2020-02-02 10:00:00', 9, NULL, 1.0, 1.0),"
                             "(TIMESTAMP '2020-02-02 10:00:00', NULL, 18.0, 1.0, 1.0),"
                             "(TIMESTAMP '2020-02-03 10:00:00', 9, 18.0, 1.0, 1.5),"
                             "(TIMESTAMP '2020-02-04 10:00:00', 9, 18.0, -1.0, 1.0)) "
                             "v(t_dat, customer_id, article_id, price, qty)) TO "
                             "'build/tests-tmp/sales.parquet' (FORMAT parquet)"), &e), &e);
    check_ok(table_read(d, "build/tests-tmp/sales.parquet", c, NULL, "t", &n, &e), &e);
    check(n.seen == 6 && n.accepted == 2 && n.quarantined == 4 && n.n_examples == 3);
    check_text(slice_of(n.examples[0]),
               "sales.parquet:3: column price: 'nan' (missing; expected number)");
    check_has(slice_of(n.examples[2]), "sales.parquet:6: column quantity: '1.5' (not a whole");
    check(number(d, "SELECT count(*) FROM t WHERE customer_id = '7' AND article_id = '17' AND "
                    "quantity = 2 AND src_line = 2") == 1);
    check(number(d, "SELECT count(*) FROM t WHERE customer_id IS NULL AND src_line = 5") == 1);
    check_ok(db_run(d, SLICE("COPY (SELECT 1580432400000 AS timestamp, 1 AS visitorid, 'view' AS "
                             "event UNION ALL SELECT 15804, 2, 'view') TO "
                             "'build/tests-tmp/events.parquet' (FORMAT parquet)"), &e), &e);
    check_ok(table_read(d, "build/tests-tmp/events.parquet", contract_find("events"), NULL, "t",
                        &n, &e), &e);
    check(n.accepted == 1 && n.quarantined == 1);
    check(number(d, "SELECT count(*) FROM t WHERE time = TIMESTAMP '2020-01-31 01:00:00'") == 1);
    refused(d, "build/tests-tmp/sales.parquet", contract_find("stock"), NULL, ERR_ASKED_WRONG,
            "no column for time of stock");
    scope_close(&s);
}

CHECK(table_says_one_sentence_about_a_bad_file) {
    scope s;
    err e = {0};
    slice whole;
    db *d = open_db(&s);
    const contract *c = contract_find("transactions");
    check_ok(db_run(d, SLICE("COPY (SELECT TIMESTAMP '2020-01-31' AS t_dat, i AS customer_id, i AS "
                             "article_id, 1.5 AS price FROM range(20000) r(i)) TO "
                             "'build/tests-tmp/good.parquet' (FORMAT parquet)"), &e), &e);
    check_ok(file_read("build/tests-tmp/good.parquet", &s, 8 << 20, &whole, &e), &e);
    for (size_t cut = 1; cut < whole.n; cut = cut * 2 + 7) { /* truncated anywhere */
        char *path = file_of(&s, "cut.parquet", (slice){whole.p, whole.n - cut});
        err why = {0};
        check(!table_read(d, path, c, NULL, "t", NULL, &why));
        check(why.kind == ERR_ASKED_WRONG && strcmp(why.cause, "bad_data") == 0);
        check_has(slice_of(why.text), "cut.parquet is not a Parquet file that can be read");
    }
    refused(d, file_of(&s, "text.parquet", SLICE("a,b\n1,2\n")), c, NULL, ERR_ASKED_WRONG,
            "text.parquet is not a Parquet file");
    refused(d, "build/tests-tmp/no.parquet", c, NULL, ERR_WENT_WRONG, "cannot open");
    refused(d, "build/tests-tmp/no.csv", c, NULL, ERR_WENT_WRONG, "No such file");
    mkdir("build/tests-tmp/folder.parquet", 0777);
    refused(d, "build/tests-tmp/folder.parquet", c, NULL, ERR_ASKED_WRONG, "is not a file");
    refused(d, file_of(&s, "text.npy", SLICE("a,b\n")), c, NULL, ERR_ASKED_WRONG,
            "not a NumPy array");
    scope_close(&s);
}

CHECK(table_reads_a_matrix_from_every_kind_of_file) {
    scope s;
    err e = {0};
    table_matrix m;
    table_count n;
    db *d = open_db(&s);
    char *csv = file_of(&s, "m.csv", SLICE("name,x,empty,y,when\na,1,,-2.5,2020-01-01\n"
                                           "b,3,,4e1,2020-01-02\nc,5\n"));
    check_ok(table_read_matrix(d, csv, NULL, "name", &s.keep, &m, &n, &e), &e);
    check(m.rows == 2 && m.cols == 2 && n.quarantined == 1);
    check(strcmp(m.names[0], "x") == 0 && strcmp(m.names[1], "y") == 0);
    check(m.at[0] == 1 && m.at[1] == -2.5 && m.at[2] == 3 && m.at[3] == 40);
    check_text(m.ids[1], "b");
    check_ok(table_read_matrix(d, csv, "Y", NULL, &s.keep, &m, &n, &e), &e);
    check(m.cols == 1 && m.at[1] == 40 && !m.ids);
    check(!table_read_matrix(d, csv, "x,zz", NULL, &s.keep, &m, &n, &e));
    check_has(slice_of(e.text), "has no column 'zz'; it has: name, x, empty, y, when");
    e = (err){0};
    check(!table_read_matrix(d, csv, "x,name", NULL, &s.keep, &m, &n, &e));
    check_has(slice_of(e.text), "m.csv:2: column name: 'a' (not a number");
    e = (err){0};
    csv = file_of(&s, "gap.csv", SLICE("x,y\n1,2\n3,\n"));
    check(!table_read_matrix(d, csv, NULL, NULL, &s.keep, &m, &n, &e));
    check_has(slice_of(e.text), "gap.csv:3: column y has no number");
    e = (err){0};
    const double values[6] = {1, 2, 3, 4, 5, 6};
    check_ok(npy_write("build/tests-tmp/m.npy", STORE_F64, 3, 2, values, &e), &e);
    check_ok(table_read_matrix(d, "build/tests-tmp/m.npy", NULL, NULL, &s.keep, &m, &n, &e), &e);
    check(m.rows == 3 && m.cols == 2 && memcmp(m.at, values, sizeof values) == 0);
    check_ok(db_run(d, SLICE("COPY (SELECT 'k' || i AS k, i * 2 AS a, i / 2 AS b FROM range(4) "
                             "r(i)) TO 'build/tests-tmp/m.parquet' (FORMAT parquet)"), &e), &e);
    check_ok(table_read_matrix(d, "build/tests-tmp/m.parquet", NULL, "k", &s.keep, &m, &n, &e),
             &e);
    check(m.rows == 4 && m.cols == 2 && m.at[7] == 1.5);
    check_text(m.ids[3], "k3");
    scope_close(&s);
}

CHECK(table_writes_by_name_whole_or_not_at_all) {
    scope s;
    err e = {0};
    slice got;
    table_count n;
    table_matrix m;
    db *d = open_db(&s);
    check_ok(db_run(d, SLICE("CREATE TABLE t AS SELECT * FROM (VALUES (1, '=cmd()', 0.5), "
                             "(2, '-3', 1.5), (3, 'a \"b\", c', NULL)) v(i, s, x)"), &e), &e);
    check_ok(table_write(d, "t", "build/tests-tmp/t.csv", &e), &e);
    check_ok(file_read("build/tests-tmp/t.csv", &s, 4096, &got, &e), &e);
    check_text(got, "i,s,x\n1,'=cmd(),0.5\n2,-3,1.5\n3,\"a \"\"b\"\", c\",\n");
    check_ok(table_write(d, "t", "build/tests-tmp/t.jsonl", &e), &e);
    check_ok(file_read("build/tests-tmp/t.jsonl", &s, 4096, &got, &e), &e);
    check_has(got, "{\"i\":1,\"s\":\"=cmd()\",\"x\":0.5}\n");
    check_ok(table_write(d, "t", "build/tests-tmp/t.csv.gz", &e), &e);
    check_ok(table_read_matrix(d, "build/tests-tmp/t.csv.gz", "i", "s", &s.keep, &m, &n, &e), &e);
    check(m.rows == 3 && m.at[2] == 3);
    check_text(m.ids[2], "a \"b\", c");
    check_ok(table_write(d, "t", "build/tests-tmp/t.parquet", &e), &e);
    check_ok(db_run(d, SLICE("CREATE TABLE numbers AS SELECT i, x FROM t WHERE x IS NOT NULL"),
                    &e), &e);
    check_ok(table_write(d, "numbers", "build/tests-tmp/t.npy", &e), &e);
    check_ok(table_read_matrix(d, "build/tests-tmp/t.npy", NULL, NULL, &s.keep, &m, &n, &e), &e);
    check(m.rows == 2 && m.cols == 2 && m.at[3] == 1.5);
    check(!table_write(d, "t", "build/tests-tmp/t.xls", &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), ".jsonl");
    e = (err){0};
    check(!table_write(d, "t", "build/tests-tmp/u.npy", &e));
    check_has(slice_of(e.text), "column s is no number");
    check(!file_exists("build/tests-tmp/u.npy"));
    e = (err){0};
    check(!table_write(d, "t", "build/no-folder/t.csv", &e) && e.kind == ERR_WENT_WRONG);
    scope_close(&s);
}
