/* metrics_class: all metrics of a classification at once, and their bootstrap. */
#include <math.h>

#include "base/order.h"
#include "base/random.h"
#include "models/metrics.h"
#include "models/metrics_class.h"

const char *const metrics_class_names[METRICS_CLASS_N] = {"accuracy", "macro_f1", "f1_negative",
                                                          "auc",      "log_loss", "ece"};

/* Rows of a sorted by P(class 1), for the area under the curve. */
typedef struct sorted {
    double *positive; /* [n] */
    int32_t *order;   /* [n] */
} sorted;

static sorted sort(const metrics_class_data *d, arena *scratch) {
    sorted s = {take(scratch, double, d->n), order_count(d->n, scratch)};
    for (int64_t i = 0; i < d->n; i++) s.positive[i] = d->probability[i * d->classes + 1];
    order_up(s.order, d->n, s.positive, *scratch);
    return s;
}

static metrics_class weighted(const metrics_class_data *d, const sorted *s, const int32_t *weight,
                              arena scratch) {
    int64_t *c = take(&scratch, int64_t, (int64_t)d->classes * d->classes);
    metrics_class_confusion(d->label, d->predicted, weight, d->n, d->classes, c);
    metrics_class m = {.accuracy = metrics_class_accuracy(c, d->classes),
                       .macro_f1 = metrics_class_macro_f1(c, d->classes),
                       .f1_negative = metrics_class_f1(c, d->classes, 0),
                       .auc = (double)NAN,
                       .ece = (double)NAN};
    m.log_loss = metrics_class_log_loss(d->probability, d->label, weight, d->n, d->classes);
    if (d->classes == 2)
        m.auc = metrics_class_auc(s->positive, d->label, weight, s->order, d->n);
    return m;
}

metrics_class metrics_class_all(const metrics_class_data *d, arena scratch) {
    sorted s = sort(d, &scratch);
    metrics_class m = weighted(d, &s, NULL, scratch);
    if (d->classes == 2) m.ece = metrics_class_ece(s.positive, d->label, d->n, 15, scratch);
    return m;
}

typedef struct resampling {
    const metrics_class_data *a, *b;
    sorted sorted_a, sorted_b;
    uint64_t seed;
    metrics_class *value, *difference; /* [resamples] */
} resampling;

static void resample(void *what, int64_t round, arena scratch) {
    resampling *r = what;
    rng random = rng_open(r->seed, (uint64_t)round);
    int32_t *weight = take(&scratch, int32_t, r->a->n);
    for (int64_t i = 0; i < r->a->n; i++) weight[rng_below(&random, r->a->n)]++;
    metrics_class a = weighted(r->a, &r->sorted_a, weight, scratch);
    metrics_class b = weighted(r->b, &r->sorted_b, weight, scratch);
    r->value[round] = a;
    for (int k = 0; k < METRICS_CLASS_N; k++)
        ((double *)&r->difference[round])[k] = ((double *)&a)[k] - ((double *)&b)[k];
}

/* 2.5 % and 97.5 % quantiles of one metric; resamples without one class are passed over. */
static void quantiles(const metrics_class *all, int rounds, int metric, double *low, double *high,
                      arena scratch) {
    double *value = take(&scratch, double, rounds), *up = take(&scratch, double, rounds);
    int n = 0;
    for (int r = 0; r < rounds; r++) {
        value[n] = ((const double *)&all[r])[metric];
        n += isfinite(value[n]) != 0;
    }
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, value, scratch);
    for (int i = 0; i < n; i++) up[i] = value[order[i]];
    *low = n > 0 ? metrics_quantile(up, n, 0.025) : (double)NAN;
    *high = n > 0 ? metrics_quantile(up, n, 0.975) : (double)NAN;
}

void metrics_class_bootstrap(const metrics_class_data *a, const metrics_class_data *b,
                             uint64_t seed, pool *threads, metrics_class bounds[4], arena scratch) {
    int rounds = a->n < 100000 ? METRICS_RESAMPLES : (int)(100000000 / a->n);
    if (rounds < 100) rounds = 100;
    resampling r = {.a = a, .b = b, .seed = seed};
    r.sorted_a = sort(a, &scratch);
    r.sorted_b = sort(b, &scratch);
    r.value = take(&scratch, metrics_class, rounds);
    r.difference = take(&scratch, metrics_class, rounds);
    pool_for(threads, rounds, resample, &r);
    for (int k = 0; k < METRICS_CLASS_N; k++) {
        double *at[4];
        for (int i = 0; i < 4; i++) at[i] = (double *)&bounds[i] + k;
        quantiles(r.value, rounds, k, at[METRICS_CLASS_LOW], at[METRICS_CLASS_HIGH], scratch);
        quantiles(r.difference, rounds, k, at[METRICS_CLASS_LESS], at[METRICS_CLASS_MORE], scratch);
    }
}
