/* pipeline_joins: no statement of the steps joins two tables of the shop row by row. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "pipeline/plan.h"

enum { SMALL = 50 }; /* rows: tables of days, of links, of one total; the shop's have hundreds */

static bool starts(slice name, const char *with) {
    return name.n >= strlen(with) && memcmp(name.p, with, strlen(with)) == 0;
}

/* Some table below a node is read with more than a few rows, and not for one total: what only
 * counts days or holds one total may meet every row of a table. */
static bool is_large(const js_node *node) {
    slice name = {0}, rows = {0};
    int64_t n = INT64_MAX;
    js_text(js_get(node, "name"), &name);
    if (starts(name, "UNGROUPED_AGGREGATE")) return false;
    if (starts(name, "READ_PARQUET") || starts(name, "SEQ_SCAN") || starts(name, "CTE_SCAN"))
        return !js_text(js_get(js_get(node, "extra_info"), "Estimated Cardinality"), &rows) ||
               !slice_int(rows, &n) || n > SMALL;
    const js_node *children = js_get(node, "children");
    for (int64_t i = 0; i < js_count(children); i++)
        if (is_large(js_at(children, i))) return true;
    return false;
}

/* Joins of a plan whose cost is the product of both sides, both of them large. */
static int row_by_row(const js_node *node) {
    slice name = {0};
    js_text(js_get(node, "name"), &name);
    const js_node *children = js_get(node, "children");
    int found = (slice_is(name, "NESTED_LOOP_JOIN") || slice_is(name, "BLOCKWISE_NL_JOIN") ||
                 slice_is(name, "CROSS_PRODUCT")) &&
                is_large(js_at(children, 0)) && is_large(js_at(children, 1));
    for (int64_t i = 0; i < js_count(children); i++) found += row_by_row(js_at(children, i));
    return found;
}

/* The engine's plan of a statement over the tables that a run left; -1 where they are gone. */
static int look_at(db *d, const char *sql) {
    scope s;
    err e = {0}, no = {0};
    columns c;
    int found = 0;
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    if (strncmp(sql, "INSERT INTO", 11) == 0) sql = strstr(sql, "SELECT");
    if (!sql || !db_query(d, &s.keep, &c, &no, "EXPLAIN (FORMAT json) %s", sql)) {
        scope_close(&s);
        return -1;
    }
    const js_node *plans = js_parse(&s, columns_text(&c, "explain_value")[0], &e);
    check_ok(plans != NULL, &e);
    for (int64_t i = 0; i < js_count(plans); i++) found += row_by_row(js_at(plans, i));
    if (found > 0) print_error("row by row: %.400s\n", sql);
    scope_close(&s);
    return found;
}

/* What a part made for itself is gone with it: its views are made again. */
static void views_again(db *d) {
    scope s;
    err e = {0};
    columns c;
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    check_ok(db_query(d, &s.keep, &c, &e,
                      "SELECT message FROM duckdb_logs WHERE type = 'QueryLog' AND "
                      "message LIKE '%%CREATE OR REPLACE TEMP VIEW%%' ORDER BY timestamp"), &e);
    check(c.rows > 0);
    for (int64_t i = 0; i < c.rows; i++)
        check_ok(db_run(d, columns_text(&c, "message")[i], &e), &e);
    scope_close(&s);
}

static double no_clock(void) { return 0; }
static void nothing(void *what, const stage *step, const plan_result *result) {
    (void)what, (void)step, (void)result;
}

static void close_pool(void *what) { pool_close(what); }

/* A million visitors and a million customers, joined row by row, are a run that never ends. */
CHECK(joins_of_two_tables_of_the_shop_are_never_row_by_row) {
    once_is_enough();
    scope s;
    err e = {0};
    columns c;
    plan_result results[10];
    plan_watch watch = {.clock = no_clock, .done = nothing};
    check_ok(scope_open(&s, (size_t)64 << 20, 1 << 20, &e), &e);
    const char *shop = check_folder("joins-shop"), *out = check_folder("joins-out");
    check_run made = check_atelier(&s, (const char *[]){"demo", shop, "--size", "tiny", "--seed",
                                                        "3", "--force", NULL});
    check(made.status == 0);
    work w = {.shop = shop, .out = out, .n_threads = 2, .seed = 1, .memory_mb = 1024,
              .encoder = "none"};
    check_ok(db_open(&w.d, (db_params){2, 1024, check_spill()}, &e), &e);
    scope_defer(&s, db_close, w.d);
    check((w.threads = pool_open(2, (size_t)4 << 30, &e)) != NULL);
    scope_defer(&s, close_pool, w.threads);
    check_ok(db_run(w.d, SLICE("CALL enable_logging('QueryLog')"), &e) &&
             plan_run(&w, 0, 5, results, &watch, &e) &&
             db_run(w.d, SLICE("CALL disable_logging()"), &e), &e);
    views_again(w.d);
    check_ok(db_query(w.d, &s.keep, &c, &e,
                      "SELECT DISTINCT message FROM duckdb_logs WHERE type = 'QueryLog' AND "
                      "message LIKE '%%SELECT%%' AND message NOT LIKE '%%CREATE %%VIEW%%' AND "
                      "message NOT LIKE 'UPDATE%%' ORDER BY message"), &e);
    int seen = 0, visitors = 0, bad = 0;
    for (int64_t i = 0; i < c.rows; i++) {
        const char *sql = columns_text(&c, "message")[i].p;
        int found = look_at(w.d, sql);
        seen += found >= 0;
        bad += found > 0;
        visitors += found >= 0 && strstr(sql, "AS visitor,") != NULL;
    }
    check(bad == 0);
    check(visitors > 0 && 10 * seen > 9 * c.rows); /* the others ask tables that are gone */
    scope_close(&s);
}
