/* evaluation_calibration: whether stated probabilities and intervals come true. */
#include "pipeline/evaluation_calibration.h"

#include <math.h>

#include "base/order.h"

enum { BINS = 10 };

static void begin(js *report, calibration_of what, const char *kind, int64_t n, double ece) {
    js_object(report, NULL);
    js_put_word(report, "model", what.model);
    js_put_word(report, "of", what.of);
    js_put_word(report, "kind", kind);
    js_put_word(report, "units", what.units);
    js_put_int(report, "n", n);
    js_put_real(report, "ece", ece);
    js_array(report, "rows");
}

static void put_row(js *report, double stated, int64_t happened, int64_t n) {
    interval share = interval_wilson(happened, n);
    js_object(report, NULL);
    js_put_real(report, "stated", stated);
    js_put_real(report, "observed", share.value);
    js_put_real(report, "low", share.low);
    js_put_real(report, "high", share.high);
    js_put_int(report, "n", n);
    js_end(report);
}

static void end(js *report) {
    js_end(report);
    js_end(report);
}

/* By ascending probability. A bin takes cells until it holds its share of the units. */
static int fill_bins(calibration_cell *bins, const calibration_cell *cells, int64_t n_cells,
                     int64_t n, arena scratch) {
    double *key = take(&scratch, double, n_cells);
    int32_t *order = order_count(n_cells, &scratch);
    int64_t before = 0;
    int count = 0;
    for (int64_t i = 0; i < n_cells; i++) key[i] = cells[i].stated;
    order_up(order, n_cells, key, scratch);
    for (int64_t i = 0, slot = -1; i < n_cells; i++) {
        const calibration_cell *c = &cells[order[i]];
        bool same = i > 0 && c->stated == cells[order[i - 1]].stated;
        if (c->n == 0) continue;
        if (count == 0 || (before * BINS / n > slot && !same)) {
            slot = before * BINS / n;
            bins[count++] = (calibration_cell){0};
        }
        bins[count - 1].stated += c->stated * (double)c->n;
        bins[count - 1].happened += c->happened;
        bins[count - 1].n += c->n;
        before += c->n;
    }
    return count;
}

void evaluation_probability_put(js *report, calibration_of what, const calibration_cell *cells,
                                int64_t n_cells, arena scratch) {
    calibration_cell bins[BINS];
    double ece = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < n_cells; i++) n += cells[i].n;
    if (n == 0) return;
    int count = fill_bins(bins, cells, n_cells, n, scratch);
    for (int i = 0; i < count; i++)
        ece += fabs(bins[i].stated - (double)bins[i].happened) / (double)n;
    begin(report, what, "probability", n, ece);
    for (int i = 0; i < count; i++)
        put_row(report, bins[i].stated / (double)bins[i].n, bins[i].happened, bins[i].n);
    end(report);
}

void evaluation_interval_put(js *report, calibration_of what, int levels, const double *level,
                             const int64_t *inside, const int64_t *n) {
    double ece = 0;
    if (n[0] == 0) return;
    for (int l = 0; l < levels; l++)
        ece += fabs(level[l] - (double)inside[l] / (double)n[l]) / levels;
    begin(report, what, "interval", n[0], ece);
    for (int l = 0; l < levels; l++) put_row(report, level[l], inside[l], n[l]);
    end(report);
}
