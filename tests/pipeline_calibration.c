/* calibration: bins and levels by hand, and how report.html and a card would read them. */
#include "check.h"

#include "pipeline/evaluation_calibration.h"
#include "pipeline/evaluation_parts.h"

typedef struct report {
    scope s;
    js j;
    const js_node *root;
} report;

static void report_open(report *r) {
    err e = {0};
    check_ok(scope_open(&r->s, 4 << 20, 4 << 20, &e), &e);
    js_open(&r->j, &r->s);
    js_object(&r->j, NULL);
    js_array(&r->j, "all");
}

static const js_node *report_read(report *r) {
    err e = {0};
    js_end(&r->j);
    js_end(&r->j);
    r->root = js_parse(&r->s, text_slice(&r->j.out), &e);
    check_ok(r->root, &e);
    return js_get(r->root, "all");
}

CHECK(calibration_keeps_equal_probabilities_in_one_bin) {
    /* 40 units of 0.1, of which 8 happened, 50 of 0.5 in two cells (20), none of 0.7, 10 of 0.9 */
    static const calibration_cell cells[] = {
        {0.5, 15, 30}, {0.1, 8, 40}, {0.9, 10, 10}, {0.5, 5, 20}, {0.7, 0, 0}};
    report r;
    report_open(&r);
    evaluation_probability_put(&r.j, (calibration_of){"m", "it happens", "units"}, cells, 5,
                               r.s.scratch);
    evaluation_probability_put(&r.j, (calibration_of){"m", "it happens", "units"}, cells + 4, 1,
                               r.s.scratch);
    const js_node *all = report_read(&r), *one = js_at(all, 0), *rows = js_get(one, "rows");
    check(js_count(all) == 1 && js_count(rows) == 3); /* none without units */
    static const double stated[] = {0.1, 0.5, 0.9}, observed[] = {0.2, 0.4, 1}, n[] = {40, 50, 10};
    double error = 0;
    for (int i = 0; i < 3; i++) {
        const js_node *row = js_at(rows, i);
        check_near(js_number(row, "stated"), stated[i], 1e-12);
        check_near(js_number(row, "observed"), observed[i], 1e-12);
        check(js_number(row, "n") == n[i]);
        interval wilson = interval_wilson((int64_t)(observed[i] * n[i] + 0.5), (int64_t)n[i]);
        check(js_number(row, "low") == wilson.low && js_number(row, "high") == wilson.high);
        error += n[i] / 100 * (stated[i] > observed[i] ? stated[i] - observed[i]
                                                       : observed[i] - stated[i]);
    }
    check_near(js_number(one, "ece"), error, 1e-12);
    check(js_number(one, "n") == 100 && slice_is(js_word(one, "kind"), "probability"));
    scope_close(&r.s);
}

CHECK(calibration_bins_hold_as_many_each) {
    enum { N = 1000 };
    static calibration_cell cells[N];
    for (int i = 0; i < N; i++) cells[i] = (calibration_cell){(i * 7 % N) / (double)N, i % 2, 1};
    report r;
    report_open(&r);
    evaluation_probability_put(&r.j, (calibration_of){"m", "it happens", "units"}, cells, N,
                               r.s.scratch);
    const js_node *rows = js_get(js_at(report_read(&r), 0), "rows");
    check(js_count(rows) == 10);
    for (int i = 0; i < 10; i++) {
        check(js_number(js_at(rows, i), "n") == 100);
        check_near(js_number(js_at(rows, i), "stated"), 0.1 * i + 0.0495, 1e-9);
    }
    scope_close(&r.s);
}

CHECK(calibration_of_intervals_has_a_row_a_level) {
    report r;
    report_open(&r);
    evaluation_interval_put(&r.j, (calibration_of){"m", "inside", "weeks"}, 2,
                            (const double[]){0.8, 0.95}, (const int64_t[]){70, 95},
                            (const int64_t[]){100, 100});
    const js_node *one = js_at(report_read(&r), 0), *rows = js_get(one, "rows");
    check(js_count(rows) == 2 && slice_is(js_word(one, "kind"), "interval"));
    check_near(js_number(js_at(rows, 0), "observed"), 0.7, 1e-12);
    check_near(js_number(one, "ece"), 0.05, 1e-12);
    scope_close(&r.s);
}

CHECK(calibration_and_curves_are_told_apart) {
    report r;
    report_open(&r);
    static const char *const by[] = {"trees", "trees", "sweeps", "sweeps", "sweeps"};
    for (int i = 0; i < 5; i++)
        evaluation_learning_put(&r.j, "m", by[i], i, "map_at_12", (metrics_interval){1, 1, 1, 1});
    const js_node *all = report_read(&r);
    check(evaluation_curve_end(all, 0) == 2 && evaluation_curve_end(all, 2) == 5);
    scope_close(&r.s);
}
