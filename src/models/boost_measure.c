/* boost_measure: how good scores are by the objective's own measure, for stopping a fit. */
#include <math.h>

#include "base/order.h"
#include "models/boost_parts.h"

trees_link boost_link(boost_objective o) {
    static const trees_link links[BOOST_OBJECTIVES] = {
        [BOOST_BINARY] = TREES_LOGISTIC, [BOOST_TWEEDIE] = TREES_EXP, [BOOST_POISSON] = TREES_EXP};
    return links[o];
}

bool boost_more_is_better(boost_objective o) { return o == BOOST_RANKING; }

/* ---- losses of one row: label y, prediction a in the label's units ---- */

static double square(double y, double a, boost_params p) {
    (void)p;
    return (y - a) * (y - a);
}

static double log_loss(double y, double a, boost_params p) {
    const double held = fmin(fmax(a, 1e-15), 1 - 1e-15); /* a sure mistake counts 34.5 */
    (void)p;
    return y > 0 ? -log(held) : -log1p(-held);
}

static double tweedie(double y, double a, boost_params p) {
    return -y * pow(a, 1 - p.power) / (1 - p.power) + pow(a, 2 - p.power) / (2 - p.power);
}

static double pinball(double y, double a, boost_params p) {
    return y >= a ? p.quantile * (y - a) : (1 - p.quantile) * (a - y);
}

static double poisson(double y, double a, boost_params p) {
    (void)p;
    return a - y * log(a);
}

static double (*const losses[BOOST_OBJECTIVES])(double, double, boost_params) = {
    [BOOST_BINARY] = log_loss,      [BOOST_L2] = square,       [BOOST_TWEEDIE] = tweedie,
    [BOOST_QUANTILE] = pinball, [BOOST_POISSON] = poisson,
};

/* ---- ranking: one group; index [n] lists its rows, best score first ---- */

static double gain(float label) { return exp2((double)label) - 1; }

/* Sum over the first at ranks r = 0, 1, … of gain / log2(r + 2), over that of the best order. */
static double ndcg(const float *label, const int32_t *index, int64_t n, int at, arena scratch) {
    double *key = take(&scratch, double, n), got = 0, best = 0;
    int32_t *ideal = order_count(n, &scratch);
    for (int64_t i = 0; i < n; i++) key[i] = (double)label[i];
    order_down(ideal, n, key, scratch);
    for (int64_t r = 0; r < n && r < at; r++) {
        got += gain(label[index[r]]) / log2((double)r + 2);
        best += gain(label[ideal[r]]) / log2((double)r + 2);
    }
    return got / best;
}

/* Sum of the precision at each rank of a positive among the first at, over min(positives, at). */
static double average_precision(const float *label, const int32_t *index, int64_t n, int at) {
    double sum = 0;
    int64_t positives = 0, found = 0;
    for (int64_t r = 0; r < n; r++) {
        if (!(label[index[r]] > 0)) continue;
        positives++;
        if (r < at) sum += (double)++found / (double)(r + 1);
    }
    return sum / (double)(positives < at ? positives : at);
}

static double ranking(const boost_data *d, boost_params p, const double *score, arena scratch) {
    double sum = 0;
    int64_t from = 0, counted = 0;
    for (int64_t g = 0; g < d->groups; from += d->group[g++]) {
        arena own = scratch;
        const int64_t n = d->group[g];
        const float *label = d->label + from;
        bool positive = false;
        for (int64_t i = 0; i < n; i++) positive = positive || label[i] > 0;
        if (!positive) continue;
        int32_t *index = order_count(n, &own);
        order_down(index, n, score + from, own);
        sum += p.stop == BOOST_STOP_MAP ? average_precision(label, index, n, p.at)
                                        : ndcg(label, index, n, p.at, own);
        counted++;
    }
    return counted > 0 ? sum / (double)counted : 0;
}

double boost_measure_answer(const boost_data *d, boost_params p, const double *answer,
                            arena scratch) {
    if (p.objective == BOOST_RANKING) return ranking(d, p, answer, scratch);
    double sum = 0, weights = 0;
    for (int64_t i = 0; i < d->rows; i++) {
        const double w = d->weight ? (double)d->weight[i] : 1;
        sum += w * losses[p.objective]((double)d->label[i], answer[i], p);
        weights += w;
    }
    return weights > 0 ? sum / weights : 0;
}

double boost_measure(const boost_data *d, boost_params p, const double *score, arena scratch) {
    const trees m = {.link = boost_link(p.objective)};
    double *answer = take(&scratch, double, d->rows);
    for (int64_t i = 0; i < d->rows; i++) answer[i] = trees_answer(&m, score[i]);
    return boost_measure_answer(d, p, answer, scratch);
}
