/* sentiment: the class of a text: tf-idf rows under a logistic regression. */
#include "models/language/sentiment.h"

#include <assert.h>

#include "base/order.h"
#include "base/random.h"
#include "models/metrics_class.h"

enum {
    SALT = 0x5e47, /* of the folds; splits of callers have salts of their own */
    LEAST = 50,    /* rows of each class, below which the threshold stays 1/2 */
};

size_t sentiment_memory(const slice *texts, int64_t n, int classes, sentiment_params p) {
    size_t words = tfidf_memory(texts, n, p.words), outputs = classes == 2 ? 1 : (size_t)classes;
    /* rows, their transpose and the solver's vectors; a term needs 64 bytes an output */
    return 3 * words + words / 4 * outputs + (size_t)n * (outputs * 64 + 64) + (64u << 20);
}

double sentiment_place(slice from, uint64_t salt) {
    rng r = rng_open(slice_hash(slice_trim(from)), salt);
    return rng_uniform(&r);
}

static bool fit_once(sentiment_model *m, const sentiment_data *d, sentiment_params p,
                     pool *threads, arena *keep, arena scratch, err *e) {
    if (!tfidf_fit(&m->words, d->texts, d->n, p.words, keep, scratch, e)) return false;
    sparse x = tfidf_rows(&m->words, d->texts, d->n, threads, &scratch);
    linear_data line = {&x, d->label, d->classes};
    m->threshold = 0.5;
    return linear_fit(&m->line, &line, p.line, threads, keep, scratch, e);
}

/* Fits on all folds but one and scores that one: P(class 1) of its rows into q, in d's order. */
static bool score_fold(const sentiment_data *d, sentiment_params p, int fold, pool *threads,
                       double *q, arena memory, arena scratch, err *e) {
    slice *texts = take(&memory, slice, d->n);
    int32_t *label = take(&memory, int32_t, d->n), *row = take(&memory, int32_t, d->n);
    int64_t from = 0, to = d->n; /* the fitted rows in front, the held ones behind */
    for (int64_t i = 0; i < d->n; i++) {
        bool held = (int)(sentiment_place(d->texts[i], SALT) * p.folds) == fold;
        int64_t place = held ? --to : from++;
        texts[place] = d->texts[i];
        label[place] = d->label[i];
        row[place] = (int32_t)i;
    }
    sentiment_model m;
    sentiment_data part = {texts, label, from, 2};
    if (!fit_once(&m, &part, p, threads, &memory, scratch, e)) return false;
    const double *out = sentiment_score(&m, texts + from, d->n - from, threads, &memory, scratch);
    for (int64_t i = from; i < d->n; i++) q[row[i]] = out[2 * (i - from) + 1];
    return true;
}

/* The best threshold for answers out of fold; 1/2 where a class has too few rows for that. */
static bool find_threshold(const sentiment_data *d, sentiment_params p, pool *threads,
                           double *threshold, arena memory, arena scratch, err *e) {
    int64_t count[2] = {0, 0};
    for (int64_t i = 0; i < d->n; i++) count[d->label[i]]++;
    if (count[0] < LEAST || count[1] < LEAST) return true;
    double *q = take(&memory, double, d->n);
    for (int f = 0; f < p.folds; f++)
        if (!score_fold(d, p, f, threads, q, memory, scratch, e)) return false;
    int32_t *order = order_count(d->n, &memory);
    order_up(order, d->n, q, scratch);
    *threshold = metrics_class_threshold(q, d->label, order, d->n);
    return true;
}

bool sentiment_fit(sentiment_model *m, const sentiment_data *d, sentiment_params p, pool *threads,
                   arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    double threshold = 0.5;
    if (p.folds < 1 || p.folds > 10) return refuse(e, "sentiment: folds must be 1 to 10");
    if (d->classes == 2 && p.folds > 1) {
        arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
        if (!find_threshold(d, p, threads, &threshold, memory, scratch, e)) return false;
    }
    if (!fit_once(m, d, p, threads, keep, scratch, e)) return false;
    m->threshold = threshold;
    return true;
}

double *sentiment_score(const sentiment_model *m, const slice *texts, int64_t n, pool *threads,
                        arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch));
    double *probability = take(keep, double, n * m->line.classes);
    sparse x = tfidf_rows(&m->words, texts, n, threads, &scratch);
    linear_score(&m->line, &x, threads, probability);
    return probability;
}

void sentiment_choose(const sentiment_model *m, const double *probability, int64_t n,
                      int32_t *predicted) {
    metrics_class_choose(probability, n, m->line.classes, predicted);
    for (int64_t i = 0; i < n && m->line.classes == 2; i++)
        predicted[i] = probability[2 * i + 1] > m->threshold;
}
