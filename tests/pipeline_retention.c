/* retention in the pipeline: cohorts and waits for the second purchase, counted by hand. */
#include "desk.h"

#include <math.h>

#include "pipeline/customer_retention.h"

static const js_node *retention(desk *t, const retention_groups *g) {
    js *out = take(&t->s.keep, js, 1);
    js_open(out, &t->s);
    js_object(out, NULL);
    check_ok(customer_retention_put(&t->w, g, out, &t->s, &t->e), &t->e);
    js_end(out);
    const js_node *root = js_parse(&t->s, text_slice(&out->out), &t->e);
    check_ok(root != NULL, &t->e);
    return root;
}

static void numbers(const js_node *list, const double *wanted, int n) {
    check(js_count(list) == n);
    for (int i = 0; i < n; i++) {
        double got = NAN;
        js_real(js_at(list, i), &got);
        check_near(got, wanted[i], 5e-7); /* six decimals */
    }
}

static void text_is(const js_node *n, const char *key, const char *wanted) {
    slice got = {0};
    check(js_text(js_get(n, key), &got));
    check_text(got, wanted);
}

/* Three customers: 0 buys in January, February and April, 1 once (twice that day, and brings it
 * back), 2 twice in February. */
static void open_shop(desk *t, const char *name) {
    desk_open(t, 1, name, (windows){.end = day_of(2024, 4, 15)});
    desk_sql(t, "CREATE TABLE transactions AS SELECT * FROM (VALUES "
                "(0, DATE '2024-01-05', 1), (0, DATE '2024-02-10', 2), (0, DATE '2024-04-01', 1), "
                "(1, DATE '2024-01-20', 1), (1, DATE '2024-01-20', 3), (1, DATE '2024-02-02', -1), "
                "(2, DATE '2024-02-01', 1), (2, DATE '2024-02-11', 1), "
                "(NULL, DATE '2023-12-01', 1), (2, DATE '2024-04-15', 1)) "
                "AS t(customer, day, quantity)");
}

CHECK(retention_counts_cohorts_by_hand) {
    desk t;
    open_shop(&t, "retention-cohorts");
    const js_node *r = js_get(retention(&t, &(retention_groups){0}), "retention");
    const js_node *all = js_get(r, "cohorts"), *mean = js_get(r, "mean");
    bool complete = true;
    check(js_count(js_get(r, "months")) == 4 && js_count(all) == 2);
    check(js_bool(js_get(r, "complete"), &complete) && !complete);
    text_is(js_at(all, 0), "month", "2024-01");
    numbers(js_get(js_at(all, 0), "on"), (double[]){2, 1, 0, 1}, 4);
    numbers(js_get(js_at(all, 0), "after"), (double[]){2, 1, 1, 1}, 4);
    text_is(js_at(all, 1), "month", "2024-02");
    numbers(js_get(js_at(all, 1), "on"), (double[]){1, 0, 0}, 3);
    numbers(js_get(js_at(all, 1), "after"), (double[]){1, 0, 0}, 3);
    /* April is not over, so only the first cohort counts at age 2, and none at age 3 */
    numbers(js_get(mean, "on"), (double[]){1, 1 / 3.0, 0}, 3);
    numbers(js_get(mean, "after"), (double[]){1, 1 / 3.0, 0.5}, 3);
    desk_close(&t);
}

CHECK(retention_waits_for_the_second_purchase_by_segment) {
    desk t;
    open_shop(&t, "retention-waits");
    int32_t customer[] = {0, 1, 2}, label[] = {0, 0, 1};
    slice ids[] = {SLICE("kmeans-0"), SLICE("kmeans-1")};
    slice names[] = {SLICE("frequent"), SLICE("rare")};
    retention_groups g = {3, customer, label, 2, ids, names};
    const js_node *all = js_get(retention(&t, &g), "survival"), *one = js_at(all, 0);
    check(js_count(all) == 3 && !js_text(js_get(one, "id"), &(slice){0}));
    /* 2 waits 10 days, 0 waits 36, 1 still waits */
    numbers(js_get(one, "time"), (double[]){0, 10, 36}, 3);
    numbers(js_get(one, "share"), (double[]){1, 2 / 3.0, 1 / 3.0}, 3);
    numbers(js_get(one, "at_risk"), (double[]){3, 3, 2}, 3);
    one = js_at(all, 1);
    text_is(one, "id", "kmeans-0");
    text_is(one, "name", "frequent");
    numbers(js_get(one, "time"), (double[]){0, 36}, 2);
    numbers(js_get(one, "share"), (double[]){1, 0.5}, 2);
    numbers(js_get(js_at(all, 2), "share"), (double[]){1, 0}, 2);
    desk_close(&t);
}

/* Customer i waits i + 1 days: after t days 1 - t / 300 still wait, whatever steps are shown. */
CHECK(retention_thins_long_curves_without_moving_them) {
    desk t;
    desk_open(&t, 1, "retention-thin", (windows){.end = day_of(2025, 12, 31)});
    desk_sql(&t, "CREATE TABLE transactions AS SELECT i::INTEGER AS customer, "
                 "DATE '2025-01-01' + (d * (i + 1))::INTEGER AS day, 1 AS quantity "
                 "FROM range(300) AS t(i), range(2) AS u(d)");
    const js_node *one = js_at(js_get(retention(&t, &(retention_groups){0}), "survival"), 0);
    const js_node *time = js_get(one, "time"), *share = js_get(one, "share");
    check(js_count(time) > 100 && js_count(time) <= 121);
    for (int64_t i = 0; i < js_count(time); i++) {
        double x = NAN, y = NAN;
        check(js_real(js_at(time, i), &x) && js_real(js_at(share, i), &y));
        check_near(y, 1 - x / 300, 5e-7); /* six decimals */
    }
    desk_close(&t);
}

CHECK(retention_of_a_shop_without_purchases_is_empty) {
    desk t;
    desk_open(&t, 1, "retention-none", (windows){.end = day_of(2024, 4, 15)});
    desk_sql(&t, "CREATE TABLE transactions AS SELECT 1 AS customer, DATE '2024-01-01' AS day, "
                 "-1 AS quantity");
    const js_node *all = retention(&t, &(retention_groups){0});
    check(!js_get(all, "retention") && js_count(js_get(all, "survival")) == 0);
    desk_close(&t);
}
