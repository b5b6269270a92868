/* segment_judge: how well segments foretell who buys: by week and group, by how many customers they
 * were formed of; and whether as many buy as is said. */
#include "pipeline/segment_judge.h"

#include <string.h>

#include "base/random.h"
#include "models/metrics.h"
#include "pipeline/evaluation_calibration.h"
#include "pipeline/evaluation_parts.h"

enum { LEAST = 20 };
static const char metric[] = "explained_purchase";

/* ---- parts ---- */

static void put_row(js *report, const work *w, evaluation_part part, const double *explained,
                    int64_t n, arena scratch) {
    evaluation_part_put(report, part,
                        metrics_bootstrap(explained, n, seed_for(w->seed, "segment parts"),
                                          METRICS_RESAMPLES, scratch));
}

/* Who buys in one week, from who bought in the same week of the window before. */
static bool put_week(const segment_exam *x, const work *w, int32_t from, scope *s, js *report,
                     err *e) {
    const windows *d = &w->days;
    double *learn[SEGMENT_OUTCOMES], *test[SEGMENT_OUTCOMES];
    int32_t earlier = d->valid_from + from - d->test_from;
    if (!segment_outcomes(w, x->before, earlier, earlier + 7, s, learn, e) ||
        !segment_outcomes(w, x->after, from, from + 7, s, test, e))
        return false;
    segment_learned of = {learn[0], test[0], x->before->n, x->after->n};
    for (int i = 0; i < SEGMENT_WAYS; i++) {
        const segment_way *g = &x->way[i];
        arena scratch = s->scratch;
        double *explained = take(&scratch, double, x->after->n);
        segment_explain(&of, g->groups, g->before, g->after, explained, scratch);
        put_row(report, w, (evaluation_part){"week from", day_text(&s->keep, from), g->name,
                                             metric}, explained, x->after->n, scratch);
    }
    return true;
}

static void put_group(const segment_exam *x, const work *w, const segment_way *by,
                      evaluation_part part, int32_t which, scope *s, js *report) {
    for (int i = 0; i < SEGMENT_WAYS; i++) {
        arena scratch = s->scratch;
        double *mine = take(&scratch, double, x->after->n);
        int64_t n = 0;
        for (int64_t k = 0; k < x->after->n; k++)
            if (by->after[k] == which) mine[n++] = x->way[i].explained[k];
        if (n < LEAST) return;
        part.model = x->way[i].name, part.metric = metric;
        put_row(report, w, part, mine, n, scratch);
    }
}

static void put_groups(const segment_exam *x, const work *w, scope *s, js *report) {
    const segment_way *names = &x->way[SEGMENT_BY_RFM], *clusters = &x->way[SEGMENT_BY_CLUSTER];
    slice *said = segmentation_names(x->m, x->before, s);
    for (int g = 0; g < names->groups; g++)
        put_group(x, w, names, (evaluation_part){.by = "RFM name", .of = rfm_names[g]}, g, s,
                  report);
    for (int g = 0; g < clusters->groups; g++)
        put_group(x, w, clusters,
                  (evaluation_part){.by = "cluster", .of = slice_copy(&s->keep, said[g])}, g, s,
                  report);
}

/* ---- calibration ---- */

static void put_way(const segment_exam *x, const segment_way *g, arena scratch, js *report) {
    segment_learned of = {x->learn, x->test, x->before->n, x->after->n};
    double *stated = take(&scratch, double, g->groups);
    calibration_cell *cells = take(&scratch, calibration_cell, g->groups);
    segment_foretell(&of, g->groups, g->before, stated, scratch);
    for (int k = 0; k < g->groups; k++) cells[k].stated = stated[k];
    for (int64_t i = 0; i < x->after->n; i++) {
        cells[g->after[i]].n++;
        cells[g->after[i]].happened += x->test[i] > 0;
    }
    evaluation_probability_put(
        report, (calibration_of){g->name, "buys in the test window", "customers"}, cells,
        g->groups, scratch);
}

static void put_value(const customer_value *v, arena scratch, js *report) {
    if (!v->held) return;
    calibration_cell *cells = take(&scratch, calibration_cell, v->h.n);
    for (int64_t i = 0; i < v->h.n; i++)
        cells[i] = (calibration_cell){clv_buys(v->m.kind, v->m.fit.p, v->h.x[i], v->h.t[i],
                                               v->h.T[i], v->holdout.weeks),
                                      v->h.later[i] > 0, 1};
    evaluation_probability_put(
        report, (calibration_of){clv_names[v->m.kind], "buys in the test window", "customers"},
        cells, v->h.n, scratch);
}

bool segment_put_parts(const segment_exam *x, work *w, scope *s, js *report, err *e) {
    js_array(report, "parts");
    for (int32_t from = w->days.test_from; from + 7 <= w->days.end; from += 7)
        if (!put_week(x, w, from, s, report, e)) return false;
    put_groups(x, w, s, report);
    js_end(report);
    js_array(report, "calibration");
    put_way(x, &x->way[SEGMENT_BY_CLUSTER], s->scratch, report);
    put_way(x, &x->way[SEGMENT_BY_RFM], s->scratch, report);
    put_value(x->v, s->scratch, report);
    js_end(report);
    return true;
}

/* ---- learning ---- */

static double *every(const double *x, int64_t n, int64_t step, int64_t wide, arena *keep) {
    double *to = take_raw(keep, double, (n + step - 1) / step * wide);
    for (int64_t i = 0, at = 0; i < n; i += step, at++)
        memcpy(to + at * wide, x + i * wide, (size_t)wide * sizeof *to);
    return to;
}

/* Every step-th customer. */
static segment_block thinned(const segment_block *b, int64_t step, arena *keep) {
    segment_block to = *b;
    to.n = to.rfm.n = (b->n + step - 1) / step;
    to.customer = take_raw(keep, int32_t, to.n);
    for (int64_t i = 0; i < to.n; i++) to.customer[i] = b->customer[i * step];
    to.rfm.recency = every(b->rfm.recency, b->n, step, 1, keep);
    to.rfm.frequency = every(b->rfm.frequency, b->n, step, 1, keep);
    to.rfm.money = every(b->rfm.money, b->n, step, 1, keep);
    to.features = every(b->features, b->n, step, b->cols, keep);
    return to;
}

/* NULL in *to where so few customers have nothing to be told apart by. */
static bool fit_some(const segment_exam *x, const work *w, int64_t step, scope *s, double **to,
                     err *e) {
    err why = {0};
    segmentation m = {0};
    segment_block some = thinned(x->before, step, &s->keep);
    *to = NULL;
    if (!segmentation_fit(&m, w, &some, x->m->clusters.k, false, s, &why)) {
        if (why.kind != ERR_WENT_WRONG) return true;
        *e = why;
        return false;
    }
    segment_learned of = {every(x->learn, x->before->n, step, 1, &s->keep), x->test, some.n,
                          x->after->n};
    *to = take(&s->keep, double, x->after->n);
    segment_explain(&of, m.clusters.k, segmentation_clusters(&m, w, &some, s),
                    segmentation_clusters(&m, w, x->after, s), *to, s->scratch);
    return true;
}

static void put_point(const segment_exam *x, const work *w, int64_t n, const double *explained,
                      arena scratch, js *report) {
    evaluation_learning_put(report, x->way[SEGMENT_BY_CLUSTER].name, "customers", n, metric,
                            metrics_bootstrap(explained, x->after->n,
                                              seed_for(w->seed, "learning"), METRICS_RESAMPLES,
                                              scratch));
}

bool segment_put_learning(const segment_exam *x, work *w, scope *s, js *report, err *e) {
    js_array(report, "learning");
    for (int64_t step = 8; step > 1; step /= 2) {
        const arena before = s->keep;
        double *explained;
        int64_t n = (x->before->n + step - 1) / step;
        if (n < SEGMENT_LEAST || n < 2 * x->m->clusters.k) continue;
        if (!fit_some(x, w, step, s, &explained, e)) return false;
        if (explained) put_point(x, w, n, explained, s->scratch, report);
        s->keep = before; /* forgotten after the point */
    }
    put_point(x, w, x->before->n, x->way[SEGMENT_BY_CLUSTER].explained, s->scratch, report);
    js_end(report);
    return true;
}
