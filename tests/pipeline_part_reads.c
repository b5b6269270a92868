/* part: what one part is found to read, what it leaves behind, and its report. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/family.h"
#include "pipeline/part.h"

/* ---- one part at a time ---- */

typedef struct bench {
    scope s;
    work w;
    folder *f;
} bench;

static void bench_open(bench *b, const char *name) {
    err e = {0};
    memset(b, 0, sizeof *b);
    check_ok(scope_open(&b->s, (size_t)64 << 20, 1 << 20, &e), &e);
    b->w = (work){.out = check_folder(name), .n_threads = 1, .seed = 1};
    check_ok(db_open(&b->w.d, (db_params){1, 512, check_spill()}, &e), &e);
    scope_defer(&b->s, db_close, b->w.d);
}

typedef struct asked {
    const char *sql;   /* makes the table `made` */
    const char *loose; /* run before the part, or NULL */
    int taken, parts;
} asked;

static bool write_made(bench *b, const char *sql, err *e) {
    return db_runf(b->w.d, e, "CREATE TABLE made AS %s", sql) &&
           db_write_parquet(b->w.d, "made", folder_path(b->f, "made.parquet"), e);
}

/* A step of one part, as the plan runs it, after a finished step with the tables k and o. */
static void one_step(bench *b, asked *a) {
    err e = {0};
    scope run, step;
    part p;
    folder_key key = {0};
    check_ok(scope_open(&run, (size_t)64 << 20, 1 << 20, &e), &e);
    check_ok(scope_open(&step, (size_t)64 << 20, 1 << 20, &e), &e);
    b->w.ledger = ledger_open(&run, b->w.d, b->w.out, &e);
    check_ok(b->w.ledger != NULL, &e);
    check_ok(ledger_add_step(b->w.ledger, "01_x", &e) && work_views(&b->w, "01_x", &e), &e);
    b->f = folder_begin(&step, b->w.out, "02_y", &e);
    check_ok(b->f && parts_open(&b->w, b->f, "made", &step), &e);
    if (a->loose) check_ok(db_run(b->w.d, slice_of(a->loose), &e), &e);
    check_ok(part_begin(&p, &b->w, b->f, "made", slice_of(a->sql), NULL, &e), &e);
    check_ok(part_end(&p, p.taken || write_made(b, a->sql, &e), &e), &e);
    check_ok(parts_close(&b->w, &a->parts, &a->taken, &e) && folder_commit(b->f, &key, &e), &e);
    scope_close(&step);
    scope_close(&run);
    b->w.ledger = NULL;
}

/* Tables of the finished step 01_x. */
static void finish(bench *b, int k, int o) {
    err e = {0};
    scope s;
    folder_key key = {0};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    folder *f = folder_begin(&s, b->w.out, "01_x", &e);
    check_ok(f && db_runf(b->w.d, &e,
                          "COPY (SELECT %d AS v) TO '%s' (FORMAT parquet); COPY (SELECT %d AS v) "
                          "TO '%s' (FORMAT parquet)",
                          k, folder_path(f, "k.parquet"), o, folder_path(f, "o.parquet")) &&
                 folder_commit(f, &key, &e),
             &e);
    scope_close(&s);
}

/* Whether a statement that makes a table reads k: the part is made again when k changed. */
static void check_reads(bench *b, const char *sql, bool reads_k) {
    asked a = {.sql = sql};
    finish(b, 1, 1);
    one_step(b, &a);
    finish(b, 1, 2);
    one_step(b, &a);
    if (a.taken != 1) print_error("%s: made again\n", sql);
    check(a.parts == 1 && a.taken == 1);
    finish(b, 2, 2);
    one_step(b, &a);
    if ((a.taken == 0) != reads_k) print_error("%s: %d taken over\n", sql, a.taken);
    check((a.taken == 0) == reads_k);
}

CHECK(part_reads_what_its_statements_name) {
    bench b;
    bench_open(&b, "part-words");
    check_reads(&b, "SELECT v FROM k", true);
    check_reads(&b, "SELECT v FROM K AS x", true);
    check_reads(&b, "WITH c AS (SELECT * FROM \"k\") SELECT * FROM c", true);
    check_reads(&b, "SELECT (SELECT max(v) FROM main.k) AS v", true);
    check_reads(&b, "SELECT 1 AS k -- not k\n/* k */", false);
    check_reads(&b, "SELECT x.k, 'k' AS s FROM (SELECT 1 AS k) x", false);
    check_reads(&b,
                arena_text(&b.s.keep, "SELECT v FROM read_parquet('%s/01_x/k.parquet')", b.w.out),
                true);
    scope_close(&b.s);
}

/* Nobody knows what a table holds that no part and no step made. */
CHECK(part_that_reads_a_table_of_nobody_is_made_every_time) {
    bench b;
    bench_open(&b, "part-loose");
    asked loose = {.sql = "SELECT v FROM loose",
                   .loose = "CREATE OR REPLACE TABLE loose AS SELECT 1 AS v"};
    finish(&b, 1, 1);
    one_step(&b, &loose);
    one_step(&b, &loose);
    check(loose.parts == 1 && loose.taken == 0);
    asked other = {.sql = "SELECT v FROM k", .loose = loose.loose};
    one_step(&b, &other);
    check(other.taken == 0);
    one_step(&b, &other);
    check(other.taken == 1);
    scope_close(&b.s);
}

/* What a part leaves in the engine is gone when it ends, but for its files as views. */
CHECK(part_leaves_only_files) {
    bench b;
    int64_t n;
    err e = {0}, no = {0};
    bench_open(&b, "part-leaves");
    asked a = {.sql = "SELECT 7 AS v; CREATE TEMP TABLE rest AS SELECT 1 AS v"};
    finish(&b, 1, 1);
    one_step(&b, &a);
    check(!db_count(b.w.d, &n, &no, "SELECT count(*) FROM rest"));
    check_ok(work_views(&b.w, "02_y", &e), &e);
    check_ok(db_count(b.w.d, &n, &e, "SELECT v FROM made"), &e);
    check(n == 7);
    scope_close(&b.s);
}

/* ---- a family's report ---- */

static int hook_calls;

static bool hook(work *w, folder *f, scope *s, js *report, err *e) {
    (void)w, (void)s;
    hook_calls++;
    js_object(report, "shares");
    js_put_real(report, "a \"b\"", 0.1);
    js_end(report);
    js_array(report, "list");
    js_put_int(report, NULL, 3);
    js_end(report);
    return folder_write(f, "hook.json", SLICE("{}\n"), e);
}

/* The report of two calls of the hook, between other members. */
static char *report_of(bench *b) {
    err e = {0};
    scope run, step;
    folder_key key = {0};
    js report;
    int n, of;
    check_ok(scope_open(&run, (size_t)64 << 20, 1 << 20, &e), &e);
    check_ok(scope_open(&step, (size_t)64 << 20, 1 << 20, &e), &e);
    b->w.ledger = ledger_open(&run, b->w.d, b->w.out, &e);
    b->f = folder_begin(&step, b->w.out, "06_z", &e);
    check_ok(b->w.ledger && b->f && parts_open(&b->w, b->f, "", &step), &e);
    js_open(&report, &step);
    report.indent = true;
    js_object(&report, NULL);
    js_put_word(&report, "title", "before");
    check_ok(family_part(&b->w, b->f, "hooked", hook, NULL, &report, &e), &e);
    js_put_word(&report, "after", "it");
    js_end(&report);
    check_ok(parts_close(&b->w, &n, &of, &e) && folder_commit(b->f, &key, &e), &e);
    char *out = slice_copy(&b->s.keep, text_slice(&report.out));
    scope_close(&step);
    scope_close(&run);
    b->w.ledger = NULL;
    return out;
}

CHECK(part_of_a_family_puts_its_report_where_it_was) {
    bench b;
    bench_open(&b, "part-report");
    hook_calls = 0;
    char *first = report_of(&b), *again = report_of(&b);
    check(hook_calls == 1);
    check_text(slice_of(again), first);
    check_has(slice_of(again), "\"a \\\"b\\\"\": 0.1");
    check(file_exists(arena_text(&b.s.keep, "%s/06_z/hook.json", b.w.out)));
    scope_close(&b.s);
}
