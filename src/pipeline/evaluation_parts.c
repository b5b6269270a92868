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
