/* sentiment_tune: strength of the penalty and weight of the vectors, by held-out log loss. */
#include "models/language/sentiment_tune.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/metrics_class.h"

enum { SALT = 0x70e5, LEAST = 50, FIFTH = 5 };

/* The features of the fitted and the held-out part, made once. */
typedef struct halves {
    sparse x[2];
    int32_t *label[2];
    float *vectors[2];
    int64_t n[2];
} halves;

static bool enough(const sentiment_data *d, arena scratch) {
    int64_t *count = take(&scratch, int64_t, d->classes);
    for (int64_t i = 0; i < d->n; i++) count[d->label[i]]++;
    for (int c = 0; c < d->classes; c++)
        if (count[c] < LEAST) return false;
    return true;
}

static bool split(const sentiment_data *d, const sentiment_params *p, pool *threads, halves *h,
                  arena *keep, arena scratch, err *e) {
    slice *texts[2];
    tfidf_model words;
    size_t wide = d->vectors ? (size_t)d->wide : 0;
    for (int part = 0; part < 2; part++) {
        texts[part] = take(keep, slice, d->n);
        h->label[part] = take(keep, int32_t, d->n);
        h->vectors[part] = take_raw(keep, float, (size_t)d->n * wide);
    }
    for (int64_t i = 0; i < d->n; i++) {
        int part = sentiment_place(d->texts[i], SALT) * FIFTH < 1;
        int64_t to = h->n[part]++;
        texts[part][to] = d->texts[i];
        h->label[part][to] = d->label[i];
        if (wide) memcpy(h->vectors[part] + (size_t)to * wide, d->vectors + (size_t)i * wide,
                         wide * sizeof(float));
    }
    if (p->use_words && !tfidf_fit(&words, texts[0], h->n[0], p->words, keep, scratch, e))
        return false;
    for (int part = 0; part < 2; part++)
        h->x[part] = p->use_words ? tfidf_rows(&words, texts[part], h->n[part], threads, keep)
                                  : (sparse){.rows = h->n[part],
                                             .at = take(keep, int64_t, h->n[part] + 1)};
    return true;
}

static bool try_one(const halves *h, const sentiment_data *d, linear_params p,
                    sentiment_trial *trial, pool *threads, arena memory, arena scratch, err *e) {
    linear_model m;
    linear_data data = {&h->x[0], h->label[0], d->classes, d->vectors ? h->vectors[0] : NULL,
                        d->vectors ? d->wide : 0, trial->vector_weight};
    p.c = trial->c;
    double *q = take(&memory, double, h->n[1] * d->classes);
    if (!linear_fit(&m, &data, p, threads, &memory, scratch, e)) return false;
    linear_score(&m, &h->x[1], h->vectors[1], threads, q, scratch);
    trial->temperature = calibrate_temperature(q, h->label[1], h->n[1], d->classes);
    calibrate_apply(q, h->n[1], d->classes, trial->temperature);
    trial->log_loss = metrics_class_log_loss(q, h->label[1], NULL, h->n[1], d->classes);
    return true;
}

bool sentiment_tune(const sentiment_data *d, sentiment_params *p, pool *threads,
                    sentiment_tuned *told, arena scratch, err *e) {
    static const double alone[] = {1, 3, 10, 30}, beside[] = {0.3, 1, 3}, weights[] = {1.5, 3, 6};
    halves h = {0};
    *told = (sentiment_tuned){0};
    if (!enough(d, scratch)) return true;
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    if (!split(d, p, threads, &h, &memory, scratch, e)) return false;
    told->fitted_on = h.n[0];
    told->judged_on = h.n[1];
    for (int i = 0; i < (d->vectors ? 9 : 4); i++) {
        sentiment_trial *t = &told->trial[told->n++];
        *t = d->vectors ? (sentiment_trial){beside[i % 3], weights[i / 3], 0, 1}
                        : (sentiment_trial){alone[i], 0, 0, 1};
        if (!try_one(&h, d, p->line, t, threads, memory, scratch, e)) return false;
        if (t->log_loss < told->trial[told->best].log_loss) told->best = i;
    }
    p->line.c = told->trial[told->best].c;
    if (d->vectors) p->vector_weight = told->trial[told->best].vector_weight;
    return true;
}
