/* sentiment: the class of a text: tf-idf rows and its vector under a logistic regression. */
#include "models/language/sentiment.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/metrics_class.h"

enum {
    SALT = 0x5e47, /* of the folds; splits of callers have salts of their own */
    LEAST = 50,    /* rows of each class, below which nothing is learnt out of fold */
};

const char *sentiment_check(sentiment_params p) {
    if (p.folds < 1 || p.folds > 10) return "folds must be 1 to 10";
    if (!(p.vector_weight > 0)) return "the weight of vectors must be above 0";
    if (p.most_terms < 0) return "the most terms must be 0 (all) or more";
    if (!(p.sure > 0 && p.sure < 1)) return "the accuracy of sure answers must be between 0 and 1";
    return NULL;
}

size_t sentiment_memory(const sentiment_data *d, sentiment_params p) {
    size_t words = p.use_words ? tfidf_memory(d->texts, d->n, p.words) : 0;
    size_t outputs = d->classes == 2 ? 1 : (size_t)d->classes, n = (size_t)d->n;
    /* rows, their transpose and the solver's vectors; a term needs 64 bytes an output */
    return 3 * words + words / 4 * outputs + n * (outputs * 64 + (size_t)d->classes * 8 + 64) +
           n * (size_t)d->wide * 4 + n / 512 * outputs * (size_t)d->wide * 8 + (64u << 20);
}

double sentiment_place(slice from, uint64_t salt) {
    rng r = rng_open(slice_hash(slice_trim(from)), salt);
    return rng_uniform(&r);
}

/* One row a text; without words the rows are empty and there are no columns. */
static sparse rows_of(const sentiment_model *m, const slice *texts, int64_t n, pool *threads,
                      arena *keep) {
    if (m->use_words) return tfidf_rows(&m->words, texts, n, threads, keep);
    return (sparse){.rows = n, .at = take(keep, int64_t, n + 1)};
}

/* Leaves the terms that move the answers most: |weight| is of one text, sqrt(df) of how many. */
static void prune(sentiment_model *m, int32_t most, arena *keep, arena scratch) {
    int32_t terms = m->words.terms, *order = order_count(terms, &scratch);
    uint8_t *kept = take(&scratch, uint8_t, terms);
    double *gain = take(&scratch, double, terms);
    for (int32_t t = 0; t < terms; t++) {
        for (int o = 0; o < m->line.outputs; o++)
            gain[t] += fabs(m->line.weight[(int64_t)t * m->line.outputs + o]);
        gain[t] *= m->words.idf[t] * sqrt((double)m->words.df[t]);
    }
    order_down(order, terms, gain, scratch);
    for (int32_t i = 0; i < most; i++) kept[order[i]] = 1;
    tfidf_prune(&m->words, kept, keep);
}

static bool fit_line(sentiment_model *m, const sentiment_data *d, sentiment_params p,
                     pool *threads, arena *keep, arena scratch, err *e) {
    sparse x = rows_of(m, d->texts, d->n, threads, &scratch);
    linear_data line = {&x, d->label, d->classes, d->vectors, d->vectors ? d->wide : 0,
                        p.vector_weight};
    return linear_fit(&m->line, &line, p.line, threads, keep, scratch, e);
}

static bool fit_once(sentiment_model *m, const sentiment_data *d, sentiment_params p,
                     pool *threads, arena *keep, arena scratch, err *e) {
    *m = (sentiment_model){.use_words = p.use_words, .temperature = 1, .threshold = 0.5,
                           .band = {0.5, 0.5}};
    if (p.use_words && !tfidf_fit(&m->words, d->texts, d->n, p.words, keep, scratch, e))
        return false;
    if (!fit_line(m, d, p, threads, keep, scratch, e)) return false;
    if (!p.use_words || p.most_terms == 0 || m->words.terms <= p.most_terms) return true;
    prune(m, p.most_terms, keep, scratch);
    return fit_line(m, d, p, threads, keep, scratch, e);
}

/* Fits on all folds but one and scores that one: its rows of q [n, classes], in d's order. */
static bool score_fold(const sentiment_data *d, sentiment_params p, int fold, pool *threads,
                       double *q, arena memory, arena scratch, err *e) {
    slice *texts = take(&memory, slice, d->n);
    int32_t *label = take(&memory, int32_t, d->n), *row = take(&memory, int32_t, d->n);
    size_t wide = d->vectors ? (size_t)d->wide : 0;
    float *vectors = take_raw(&memory, float, (size_t)d->n * wide);
    int64_t from = 0, to = d->n; /* the fitted rows in front, the held ones behind */
    for (int64_t i = 0; i < d->n; i++) {
        bool held = (int)(sentiment_place(d->texts[i], SALT) * p.folds) == fold;
        int64_t place = held ? --to : from++;
        texts[place] = d->texts[i];
        label[place] = d->label[i];
        row[place] = (int32_t)i;
        if (wide) memcpy(vectors + (size_t)place * wide, d->vectors + (size_t)i * wide,
                         wide * sizeof *vectors);
    }
    sentiment_model m;
    sentiment_data part = {texts, label, from, d->classes, wide ? vectors : NULL, (int32_t)wide};
    if (!fit_once(&m, &part, p, threads, &memory, scratch, e)) return false;
    const double *out = sentiment_score(&m, texts + from, vectors + (size_t)from * wide,
                                        d->n - from, threads, &memory, scratch);
    for (int64_t i = from; i < d->n; i++)
        memcpy(q + (int64_t)row[i] * d->classes, out + (i - from) * d->classes,
               (size_t)d->classes * sizeof *q);
    return true;
}

static bool enough(const int32_t *label, int64_t n, int classes, arena scratch) {
    int64_t *count = take(&scratch, int64_t, classes);
    for (int64_t i = 0; i < n; i++) count[label[i]]++;
    for (int c = 0; c < classes; c++)
        if (count[c] < LEAST) return false;
    return true;
}

void sentiment_calibrate(sentiment_model *m, const double *probability, const int32_t *label,
                         int64_t n, double sure, arena scratch) {
    int classes = m->line.classes;
    if (!enough(label, n, classes, scratch)) return;
    m->temperature = calibrate_temperature(probability, label, n, classes);
    if (classes != 2) return;
    double *q = take_copy(&scratch, double, probability, 2 * n);
    double *positive = take(&scratch, double, n);
    calibrate_apply(q, n, 2, m->temperature);
    for (int64_t i = 0; i < n; i++) positive[i] = q[2 * i + 1];
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, positive, scratch);
    m->threshold = metrics_class_threshold(positive, label, order, n);
    m->band = calibrate_band_of(positive, label, order, n, m->threshold, sure);
}

bool sentiment_fit(sentiment_model *m, const sentiment_data *d, sentiment_params p, pool *threads,
                   arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    assert(p.use_words || d->vectors);
    const char *why = sentiment_check(p);
    if (why) return refuse(e, "sentiment: %s", why);
    double *q = NULL;
    arena rest = scratch;
    if (p.folds > 1 && enough(d->label, d->n, d->classes, scratch)) {
        q = take(&rest, double, d->n * d->classes);
        arena inner = rest, memory = arena_split(&inner, arena_left(&inner) / 2);
        for (int f = 0; f < p.folds; f++)
            if (!score_fold(d, p, f, threads, q, memory, inner, e)) return false;
    }
    if (!fit_once(m, d, p, threads, keep, rest, e)) return false;
    if (q) sentiment_calibrate(m, q, d->label, d->n, p.sure, rest);
    return true;
}

double *sentiment_score(const sentiment_model *m, const slice *texts, const float *vectors,
                        int64_t n, pool *threads, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch));
    double *probability = take(keep, double, n * m->line.classes);
    sparse x = rows_of(m, texts, n, threads, &scratch);
    linear_score(&m->line, &x, vectors, threads, probability, scratch);
    calibrate_apply(probability, n, m->line.classes, m->temperature);
    return probability;
}

void sentiment_choose(const sentiment_model *m, const double *probability, int64_t n,
                      int32_t *predicted) {
    metrics_class_choose(probability, n, m->line.classes, predicted);
    for (int64_t i = 0; i < n && m->line.classes == 2; i++)
        predicted[i] = probability[2 * i + 1] > m->threshold;
}
