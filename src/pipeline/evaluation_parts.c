/* evaluation_parts: results of a family's models on parts of the test: by week, group and so on. */
#include "pipeline/evaluation_parts.h"

static void put_interval(js *report, metrics_interval value) {
    js_put_real(report, "value", value.mean);
    js_put_real(report, "low", value.low);
    js_put_real(report, "high", value.high);
    js_put_int(report, "n", value.n);
    js_end(report);
}

void evaluation_part_put(js *report, evaluation_part part, metrics_interval value) {
    js_object(report, NULL);
    js_put_word(report, "by", part.by);
    js_put_word(report, "of", part.of);
    js_put_word(report, "model", part.model);
    js_put_word(report, "metric", part.metric);
    put_interval(report, value);
}

void evaluation_learning_put(js *report, const char *model, const char *by, int64_t at,
                             const char *metric, metrics_interval value) {
    js_object(report, NULL);
    js_put_word(report, "model", model);
    js_put_word(report, "by", by);
    js_put_int(report, "at", at);
    js_put_word(report, "metric", metric);
    put_interval(report, value);
}

int64_t evaluation_curve_end(const js_node *learning, int64_t from) {
    static const char *const same[] = {"model", "by", "metric"};
    const js_node *first = js_at(learning, from);
    for (int64_t i = from + 1; i < js_count(learning); i++)
        for (int k = 0; k < 3; k++)
            if (slice_compare(js_word(first, same[k]), js_word(js_at(learning, i), same[k])) != 0)
                return i;
    return js_count(learning);
}

static evaluation_part_row row_of(const js_node *value) {
    return (evaluation_part_row){.value = js_number(value, "value"),
                                 .low = js_number(value, "low"),
                                 .high = js_number(value, "high")};
}

/* Weeks and segments of recommendations: [{"from" | "name", "customers", "models": […]}]. */
static int64_t add_nested(const js_node *all, const char *by, const char *name,
                          evaluation_part_row *rows, int64_t n, int64_t most) {
    for (int64_t i = 0; i < js_count(all); i++) {
        const js_node *part = js_at(all, i), *models = js_get(part, "models");
        for (int64_t m = 0; m < js_count(models) && n < most; m++) {
            evaluation_part_row row = row_of(js_get(js_at(models, m), "map_at_12"));
            row.by = slice_of(by);
            row.of = js_word(part, name);
            row.model = js_word(js_at(models, m), "name");
            row.metric = SLICE("map_at_12");
            row.n = js_number(part, "customers");
            rows[n++] = row;
        }
    }
    return n;
}

int64_t evaluation_parts(const js_node *family, evaluation_part_row *rows, int64_t most) {
    const js_node *all = js_get(family, "parts");
    int64_t n = 0;
    for (int64_t i = 0; i < js_count(all) && n < most; i++) {
        const js_node *part = js_at(all, i);
        evaluation_part_row row = row_of(part);
        row.by = js_word(part, "by");
        row.of = js_word(part, "of");
        row.model = js_word(part, "model");
        row.metric = js_word(part, "metric");
        row.n = js_number(part, "n");
        rows[n++] = row;
    }
    n = add_nested(js_get(family, "weeks"), "week from", "from", rows, n, most);
    return add_nested(js_get(family, "segments"), "customers", "name", rows, n, most);
}

bool evaluation_less_is_better(slice metric) {
    static const char *const less[] = {"wape",      "rmse",     "rmsse", "log_loss", "log_error",
                                       "growth_log_error", "deviance", "brier"};
    for (size_t i = 0; i < sizeof less / sizeof *less; i++)
        if (slice_is(metric, less[i])) return true;
    return false;
}

static bool is_same(const evaluation_part_row *a, const evaluation_part_row *b) {
    return slice_compare(a->of, b->of) == 0 && slice_compare(a->by, b->by) == 0 &&
           slice_compare(a->model, b->model) == 0 && slice_compare(a->metric, b->metric) == 0;
}

static void put_both(js *out, const evaluation_part_row *was, const evaluation_part_row *is) {
    const evaluation_part_row *rows[] = {was, is};
    static const char *const names[2][4] = {
        {"before", "before_low", "before_high", "before_n"},
        {"after", "after_low", "after_high", "after_n"}};
    js_object(out, NULL);
    js_put_text(out, "by", is->by);
    js_put_text(out, "of", is->of);
    js_put_text(out, "model", is->model);
    js_put_text(out, "metric", is->metric);
    js_put_bool(out, "less_is_better", evaluation_less_is_better(is->metric));
    for (int i = 0; i < 2; i++) {
        js_put_real(out, names[i][0], rows[i]->value);
        js_put_real(out, names[i][1], rows[i]->low);
        js_put_real(out, names[i][2], rows[i]->high);
        js_put_real(out, names[i][3], rows[i]->n);
    }
    js_put_real(out, "difference", is->value - was->value);
    js_end(out);
}

void evaluation_parts_compare(js *out, const js_node *before, const js_node *after,
                              arena scratch) {
    enum { MOST = 1000 };
    evaluation_part_row *was = take(&scratch, evaluation_part_row, MOST);
    evaluation_part_row *is = take(&scratch, evaluation_part_row, MOST);
    int64_t n = evaluation_parts(before, was, MOST), m = evaluation_parts(after, is, MOST);
    js_array(out, "parts");
    for (int64_t i = 0; i < m; i++)
        for (int64_t k = 0; k < n; k++)
            if (is_same(&was[k], &is[i])) {
                put_both(out, &was[k], &is[i]);
                break;
            }
    js_end(out);
}
