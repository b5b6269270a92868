/* evaluation_page: report.html: the evaluation of every family as one self-contained page. */
#include "pipeline/evaluation_page.h"

#include <math.h>

#include "pipeline/chart.h"
#include "pipeline/evaluation_parts.h"
#include "pipeline/page.h"

enum { MOST_MODELS = 32, MOST_PARTS = 400 };

/* Every model on the family's main metric, with its interval, as one chart. */
static void draw_models(page *p, const js_node *family, const char *metric) {
    slice labels[MOST_MODELS];
    double value[MOST_MODELS], low[MOST_MODELS], high[MOST_MODELS];
    int n = 0;
    const js_node *models = js_get(family, "models");
    for (int64_t i = 0; i < js_count(models) && n < MOST_MODELS; i++) {
        const js_node *m = js_get(js_get(js_at(models, i), "metrics"), metric);
        if (!isfinite(js_number(m, "value"))) continue;
        labels[n] = js_word(js_at(models, i), "name");
        value[n] = js_number(m, "value");
        low[n] = js_number(m, "low");
        high[n++] = js_number(m, "high");
    }
    chart c = {.title = metric,
               .about = "Each model on the test period with its 95 % bootstrap interval.",
               .x_title = metric,
               .y_title = "model"};
    if (n > 0) chart_bar(p, &c, labels, value, low, high, n);
}

/* One row a model and metric. */
static void list_models(page *p, const js_node *family) {
    static const char *const headers[] = {"model", "role",  "metric",     "#value",
                                          "#low",  "#high", "#resampled", NULL};
    page_table(p, "Models on the test period, 95 % intervals", headers);
    const js_node *models = js_get(family, "models");
    for (int64_t i = 0; i < js_count(models); i++) {
        const js_node *model = js_at(models, i), *metrics = js_get(model, "metrics");
        for (int64_t k = 0; k < js_count(metrics); k++) {
            const char *name = js_key(metrics, k);
            const js_node *m = js_get(metrics, name);
            page_row(p);
            page_cell(p, js_word(model, "name"));
            page_cell(p, js_word(model, "role"));
            page_cell(p, slice_of(name));
            page_number(p, js_number(m, "value"));
            page_number(p, js_number(m, "low"));
            page_number(p, js_number(m, "high"));
            page_number(p, js_number(m, "n"));
        }
    }
    page_table_end(p);
}

static void list_comparisons(page *p, const js_node *all, const char *title) {
    static const char *const headers[] = {"model", "against", "metric", "#difference",
                                          "#low",  "#high",   "so it is", NULL};
    if (js_count(all) == 0) return;
    page_table(p, title, headers);
    for (int64_t i = 0; i < js_count(all); i++) {
        const js_node *c = js_at(all, i);
        page_row(p);
        page_cell(p, js_word(c, "model"));
        page_cell(p, js_word(c, "baseline"));
        page_cell(p, js_word(c, "metric"));
        page_number(p, js_number(c, "difference"));
        page_number(p, js_number(c, "low"));
        page_number(p, js_number(c, "high"));
        page_cell(p, js_word(c, "verdict"));
    }
    page_table_end(p);
}

static void list_parts(page *p, arena *keep, const js_node *family) {
    static const char *const headers[] = {"by",     "part", "model",  "metric", "#value",
                                          "#low", "#high", "#units", NULL};
    evaluation_part_row *rows = take(keep, evaluation_part_row, MOST_PARTS);
    int64_t n = evaluation_parts(family, rows, MOST_PARTS);
    if (n == 0) return;
    page_table(p, "By week and group, 95 % intervals", headers);
    for (int64_t i = 0; i < n; i++) {
        page_row(p);
        page_cell(p, rows[i].by);
        page_cell(p, rows[i].of);
        page_cell(p, rows[i].model);
        page_cell(p, rows[i].metric);
        page_number(p, rows[i].value);
        page_number(p, rows[i].low);
        page_number(p, rows[i].high);
        page_number(p, rows[i].n);
    }
    page_table_end(p);
}

/* One curve: quality by how much was learnt from. */
static void draw_curve(page *p, arena *keep, const js_node *all, int64_t from, int64_t to) {
    const js_node *first = js_at(all, from);
    int64_t n = to - from;
    if (n < 2) return;
    double *at = take(keep, double, n), *value = take(keep, double, n);
    double *low = take(keep, double, n), *high = take(keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        const js_node *one = js_at(all, from + i);
        at[i] = js_number(one, "at");
        value[i] = js_number(one, "value");
        low[i] = js_number(one, "low");
        high[i] = js_number(one, "high");
    }
    const char *by = slice_copy(keep, js_word(first, "by"));
    const char *metric = slice_copy(keep, js_word(first, "metric"));
    slice model = js_word(first, "model");
    chart c = {.title = arena_text(keep, "Learning curve of %.*s: %s by %s", (int)model.n, model.p,
                                   metric, by),
               .x_title = by, .y_title = metric,
               .about = "The model after it has learnt from a part alone, with 95 % intervals: a "
                        "line that still moves says that more would help."};
    chart_line(p, &c, at, n, &(chart_series){.name = metric, .y = value, .low = low, .high = high},
               1);
}

static void draw_learning(page *p, arena *keep, const js_node *family) {
    const js_node *all = js_get(family, "learning");
    for (int64_t from = 0, to; from < js_count(all); from = to) {
        to = evaluation_curve_end(all, from);
        draw_curve(p, keep, all, from, to);
    }
}

static void list_calibration(page *p, const js_node *one, const char *caption) {
    static const char *const headers[] = {"#stated", "#observed", "#low", "#high", "#units", NULL};
    const js_node *rows = js_get(one, "rows");
    page_table(p, caption, headers);
    for (int64_t i = 0; i < js_count(rows); i++) {
        page_row(p);
        for (int k = 0; k < 5; k++)
            page_number(p, js_number(js_at(rows, i), k < 4 ? headers[k] + 1 : "n"));
    }
    page_table_end(p);
}

/* Whether stated probabilities and intervals come true: on the diagonal they do. */
static void draw_calibration(page *p, arena *keep, const js_node *family) {
    const js_node *all = js_get(family, "calibration");
    for (int64_t i = 0; i < js_count(all); i++) {
        const js_node *one = js_at(all, i), *rows = js_get(one, "rows");
        int64_t n = js_count(rows);
        slice model = js_word(one, "model"), of = js_word(one, "of"), units = js_word(one, "units");
        double *at[4];
        static const char *const names[] = {"stated", "observed", "low", "high"};
        for (int k = 0; k < 4; k++) {
            at[k] = take(keep, double, n);
            for (int64_t r = 0; r < n; r++) at[k][r] = js_number(js_at(rows, r), names[k]);
        }
        chart c = {.title = arena_text(keep, "Calibration of %.*s: %.*s", (int)model.n, model.p,
                                       (int)of.n, of.p),
                   .x_title = "stated", .y_title = "observed", .percent = true,
                   .about = "The share in which it came true by what was stated, with Wilson's 95 "
                            "% intervals: what is well calibrated lies on the straight line."};
        const chart_series lines[] = {
            {.name = "observed", .y = at[1], .low = at[2], .high = at[3]},
            {.name = "as stated", .y = at[0]}};
        if (n > 1) chart_line(p, &c, at[0], n, lines, 2);
        list_calibration(p, one, arena_text(keep, "%s (%.0f %.*s; expected calibration error "
                                            "%.4f)", c.title, js_number(one, "n"), (int)units.n,
                                            units.p, js_number(one, "ece")));
    }
}

/* What customers were to buy in the test window, and did. */
static void add_customer_value(page *p, arena *keep, const js_node *value) {
    static const char *const headers[] = {"purchases before", "#customers", "#expected", "#actual",
                                          NULL};
    const js_node *held = js_get(value, "holdout"), *bins = js_get(held, "bins");
    const js_node *curve = js_get(held, "cumulative");
    int64_t n = js_count(curve);
    if (!held) return;
    slice model = js_word(value, "model");
    page_heading(p, "Customer value");
    page_sentence(p, "%.*s, fitted to what was known before the test window, expected %.0f repeat "
                     "purchases in it; there were %.0f (%+.1f %%). The tenth of the customers from "
                     "whom it expected most made %.1f %% of them.",
                  (int)model.n, model.p, js_number(held, "expected"), js_number(held, "actual"),
                  100 * js_number(held, "error"), 100 * js_number(held, "top_decile_share"));
    double *week = take(keep, double, n), *actual = take(keep, double, n);
    double *expected = take(keep, double, n), *known = take(keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        const js_node *at = js_at(curve, i);
        bool later = false;
        js_bool(js_get(at, "holdout"), &later);
        week[i] = js_number(at, "week");
        actual[i] = js_number(at, "actual");
        expected[i] = js_number(at, "expected");
        known[i] = later ? NAN : actual[i];
    }
    const chart_series lines[] = {{.name = "expected", .y = expected},
                                  {.name = "actual, test window", .y = actual},
                                  {.name = "actual, known to the fit", .y = known}};
    chart c = {.title = "Repeat purchases so far", .x_title = "week", .y_title = "purchases",
               .about = "All repeat purchases since the first day, as expected and as they were.",
               .from_zero = true};
    if (n > 1) chart_line(p, &c, week, n, lines, 3);
    page_table(p, "By repeat purchases before the test window", headers);
    for (int64_t i = 0; i < js_count(bins); i++) {
        const js_node *at = js_at(bins, i);
        page_row(p);
        page_cell(p, js_word(at, "frequency"));
        page_number(p, js_number(at, "customers"));
        page_number(p, js_number(at, "expected"));
        page_number(p, js_number(at, "actual"));
    }
    page_table_end(p);
}

static void add_family(page *p, arena *keep, const js_node *family) {
    slice title = js_word(family, "title"), skipped = js_word(family, "skipped");
    page_section(p, slice_copy(keep, title));
    if (skipped.n > 0) {
        page_note(p, "Not computed: %.*s", (int)skipped.n, skipped.p);
        return;
    }
    slice verdict = js_word(family, "verdict");
    if (verdict.n > 0) page_note(p, "%.*s", (int)verdict.n, verdict.p);
    draw_models(p, family, slice_copy(keep, js_word(family, "metric")));
    list_models(p, family);
    list_comparisons(p, js_get(family, "comparisons"),
                     "Paired differences to the baseline, 95 % bootstrap intervals");
    list_comparisons(p, js_get(family, "tuning"),
                     "What the parameters that step 07 chose are worth on the test period");
    draw_learning(p, keep, family);
    draw_calibration(p, keep, family);
    list_parts(p, keep, family);
    add_customer_value(p, keep, js_get(family, "customer_value"));
}

slice evaluation_page(const work *w, scope *s, const js_node *evaluation) {
    page *p = take(&s->keep, page, 1);
    page_open(p, s, "How good each model is",
              "Every model beside its baseline, on days that no model had seen.");
    page_sentence(p, "Train from %s, validation from %s, test from %s to %s.",
                  day_text(&s->keep, w->days.first), day_text(&s->keep, w->days.valid_from),
                  day_text(&s->keep, w->days.test_from), day_text(&s->keep, w->days.end - 1));
    for (int64_t i = 0; i < js_count(evaluation); i++)
        add_family(p, &s->keep, js_get(evaluation, js_key(evaluation, i)));
    return page_close(p);
}
