/* conformal: widens or narrows the intervals of any model until they held on rolling origins. */
#include "models/forecast/conformal.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

enum { OF_A_STEP = 50, IN_ALL = 20 };
#define LEAST 0.1
#define MOST  10.0

double conformal_score_of(double y, double f, double low, double high) {
    double away = fabs(y - f), width = y >= f ? high - f : f - low;
    return away == 0 ? 0 : width > 0 ? away / width : INFINITY;
}

/* The scores of one kind and step and their weights; -1 takes all kinds or steps. */
static int64_t collect(const conformal_score *scores, int64_t n, int kind, int step, double *to,
                       double *weight) {
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++)
        if ((kind < 0 || scores[i].kind == kind) && (step < 0 || scores[i].step == step))
            weight[found] = scores[i].weight, to[found++] = scores[i].score;
    for (int64_t i = 0; i < found; i++) assert(weight[i] > 0);
    return found;
}

static double factor_of(const double *x, const double *weight, int64_t n, double level,
                        arena scratch) {
    if (n < IN_ALL) return 1;
    int32_t *order = order_count((int32_t)n, &scratch);
    order_up(order, (int32_t)n, x, scratch);
    double all = 1, sum = 0;
    for (int64_t i = 0; i < n; i++) all += weight[i];
    int64_t at = -1;
    do sum += weight[order[++at]];
    while (at < n - 1 && sum < level * all - 1e-9); /* 1e-9: sums of ones and halves, rounded */
    return fmin(fmax(x[order[at]], LEAST), MOST);
}

void conformal_fit(conformal_model *m, const conformal_score *scores, int64_t n, double level,
                   int kinds, int steps, arena *keep, arena scratch) {
    *m = (conformal_model){kinds, steps, take(keep, double, kinds * steps),
                           take(keep, int64_t, kinds * steps)};
    double *x = take(&scratch, double, n), *w = take(&scratch, double, n);
    for (int k = 0; k < kinds; k++) {
        bool few = collect(scores, n, k, -1, x, w) < OF_A_STEP; /* of the kind in all */
        for (int h = 0; h < steps; h++) {
            int64_t found = few ? 0 : collect(scores, n, k, h, x, w);
            if (found < OF_A_STEP) found = collect(scores, n, few ? -1 : k, few ? h : -1, x, w);
            if (few && found < OF_A_STEP) found = collect(scores, n, -1, -1, x, w);
            m->factor[k * steps + h] = factor_of(x, w, found, level, scratch);
            m->scores[k * steps + h] = found;
        }
    }
}

conformal_model *conformal_panel_fit(const conformal_panel *p, arena *keep, arena scratch) {
    conformal_model *m = take(keep, conformal_model, p->n_levels);
    int64_t tests = (int64_t)p->series * p->origins * p->steps;
    conformal_score *one = take_raw(&scratch, conformal_score, tests);
    for (int l = 0; l < p->n_levels; l++) {
        int64_t n = 0;
        for (int64_t i = 0; i < tests; i++) {
            int64_t run = i / p->steps, step = i % p->steps;
            double score = p->score[(run * p->n_levels + l) * p->steps + step];
            double weight = pow(CONFORMAL_FADE, (double)(run % p->origins));
            if (!isnan(score))
                one[n++] = (conformal_score){p->kind[run / p->origins], (int)step, score, weight};
        }
        conformal_fit(&m[l], one, n, p->levels[l], p->kinds, p->steps, keep, scratch);
    }
    return m;
}

void conformal_apply(const conformal_model *by_level, int kind, band *to) {
    for (int l = 0; l < to->n_levels; l++) {
        const conformal_model *m = &by_level[l];
        double *low = to->low + l * to->steps, *high = to->high + l * to->steps;
        for (int h = 0; h < to->steps && m->steps > 0; h++) {
            double c = m->factor[kind * m->steps + (h < m->steps ? h : m->steps - 1)];
            low[h] = to->mean[h] - c * (to->mean[h] - low[h]);
            high[h] = to->mean[h] + c * (high[h] - to->mean[h]);
        }
    }
    for (int l = 0; l < to->n_levels; l++)
        for (int k = 0; k < to->n_levels; k++)
            for (int h = 0; to->levels[k] < to->levels[l] && h < to->steps; h++) {
                int wide = l * to->steps + h, narrow = k * to->steps + h;
                to->low[wide] = fmin(to->low[wide], to->low[narrow]);
                to->high[wide] = fmax(to->high[wide], to->high[narrow]);
            }
}
