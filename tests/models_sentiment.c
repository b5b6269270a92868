/* sentiment: vectors beside words, calibration and the abstain band against known answers, an
 * independent implementation and planted truths. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/language/sentiment_tune.h"
#include "models/metrics_class.h"

/* The texts of tests/oracles/language.py with its dense block of five columns. */
static const char *const words[] = {"The dress fits well and the fabric is soft",
                                    "Soft fabric, but the dress runs small",
                                    "Runs small. Returned it!",
                                    "I love this dress: it fits well",
                                    "The fabric is thin and it runs large",
                                    "Love love love the soft fabric",
                                    "Returned: thin fabric",
                                    "It fits, and I love it"};
enum { TEXTS = 8, WIDE = 5 };
static const int32_t label2[TEXTS] = {1, 0, 0, 1, 0, 1, 0, 1};
static const int32_t label3[TEXTS] = {1, 2, 0, 1, 2, 1, 0, 1};

typedef struct fixture {
    scope s;
    pool *threads;
    slice texts[TEXTS];
    float dense[TEXTS * WIDE];
    tfidf_model m;
    sparse x;
    err e;
} fixture;

static void open_fixture(fixture *f) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 64 << 20, &f->e), &f->e);
    f->threads = pool_open(1, 8 << 20, &f->e);
    for (int i = 0; i < TEXTS; i++) {
        f->texts[i] = slice_of(words[i]);
        for (int j = 0; j < WIDE; j++)
            f->dense[i * WIDE + j] = (float)((5 * i + 3 * j) % 7 - 3) / 7;
    }
    tfidf_params p = TFIDF_DEFAULTS;
    p.min_letters = 1;
    check_ok(tfidf_fit(&f->m, f->texts, TEXTS, p, &f->s.keep, f->s.scratch, &f->e), &f->e);
    f->x = tfidf_rows(&f->m, f->texts, TEXTS, f->threads, &f->s.keep);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

CHECK(linear_with_dense_rows_meets_the_reference_optimum) {
    fixture f;
    open_fixture(&f);
    int32_t love = tfidf_find(&f.m, SLICE("love")), at = f.m.terms + 2;
    linear_model m;
    double p[TEXTS * 3];
    linear_params params = {4, false, 200, 1e-12};
    linear_data d = {&f.x, label2, 2, f.dense, WIDE, 3};
    /* 2e-6: the reference keeps double values, ours are float; its own stop is near 1e-8 */
    check_ok(linear_fit(&m, &d, params, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    linear_score(&m, &f.x, f.dense, f.threads, p, f.s.scratch);
    check(m.features == f.m.terms + WIDE && m.wide == WIDE);
    check_near(m.weight[at], 0.19769409622096554, 2e-6);
    check_near(m.weight[love], 0.6484492987904386, 2e-6);
    check_near(p[1], 0.9244799346509864, 2e-6);
    check_near(metrics_class_log_loss(p, label2, NULL, TEXTS, 2), 0.09877911387120117, 2e-6);
    d.label = label3, d.classes = 3;
    check_ok(linear_fit(&m, &d, params, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    linear_score(&m, &f.x, f.dense, f.threads, p, f.s.scratch);
    check(m.iterations <= 25); /* Newton steps: with a wrong curvature it creeps */
    check_near(m.weight[at * 3 + 1], 0.12076584240690125, 2e-6);
    check_near(m.weight[love * 3], -0.202621193543381, 2e-6);
    check_near(p[1], 0.9514922029245847, 2e-6);
    check_near(metrics_class_log_loss(p, label3, NULL, TEXTS, 3), 0.0697642919541076, 2e-6);
    close_fixture(&f);
}

/* Texts of noise words whose class is told half by a word and half by the vector: neither alone
 * can reach what both reach together. */
typedef struct planted {
    slice *texts;
    int32_t *label;
    float *vectors;
} planted;
enum { N = 3000, SPACE = 37 }; /* an odd width, so that the kernels have tails */

static planted plant(arena *keep) {
    planted p = {take(keep, slice, N), take(keep, int32_t, N),
                 take(keep, float, N * SPACE)};
    for (int i = 0; i < N; i++) {
        rng r = rng_open(21, (uint64_t)i);
        text t = {0};
        double length = 0;
        float *v = p.vectors + (int64_t)i * SPACE;
        p.label[i] = rng_uniform(&r) < 0.7;
        bool told = rng_uniform(&r) < 0.5;
        for (int w = 0; w < 12; w++) text_addf(&t, "w%lld ", (long long)rng_below(&r, 200));
        if (told) text_addf(&t, "%s", p.label[i] ? "good" : "bad");
        p.texts[i] = (slice){slice_copy(keep, text_slice(&t)), t.n};
        text_free(&t);
        for (int j = 0; j < SPACE; j++) v[j] = (float)(rng_uniform(&r) - 0.5);
        if (!told) v[3] += p.label[i] ? 4 : -4;
        for (int j = 0; j < SPACE; j++) length += (double)v[j] * (double)v[j];
        for (int j = 0; j < SPACE; j++) v[j] /= (float)sqrt(length);
    }
    return p;
}

/* Right answers among the last third after a fit on the first two. */
static int64_t right_of(const planted *p, sentiment_params params, bool vectors, scope *s,
                        pool *threads, double *q) {
    enum { FIT = 2000 };
    sentiment_model m;
    err e = {0};
    int32_t said[N - FIT];
    sentiment_data d = {p->texts, p->label, FIT, 2, vectors ? p->vectors : NULL, SPACE};
    check_ok(sentiment_fit(&m, &d, params, threads, &s->keep, s->scratch, &e), &e);
    double *out = sentiment_score(&m, p->texts + FIT, vectors ? p->vectors + FIT * SPACE : NULL,
                                  N - FIT, threads, &s->keep, s->scratch);
    sentiment_choose(&m, out, N - FIT, said);
    int64_t right = 0;
    for (int i = 0; i < N - FIT; i++) right += said[i] == p->label[FIT + i];
    memcpy(q, out, sizeof *q * 2 * (N - FIT));
    return right;
}

CHECK(sentiment_adds_vectors_to_words_with_any_number_of_threads) {
    scope s;
    err e = {0};
    static double q[3][2000], other[2000];
    check_ok(scope_open(&s, 256 << 20, 512 << 20, &e), &e);
    planted p = plant(&s.keep);
    sentiment_params params = SENTIMENT_DEFAULTS, bare = SENTIMENT_DEFAULTS;
    bare.use_words = false;
    for (int t = 0; t < 3; t++) {
        pool *threads = pool_open((int[]){1, 2, 8}[t], 8 << 20, &e);
        check(right_of(&p, params, true, &s, threads, q[t]) > 980);
        check(memcmp(q[0], q[t], sizeof q[0]) == 0);
        if (t == 1) { /* alone, the untold half is guessed: .5 + .5 (.7) = .85 */
            check(right_of(&p, params, false, &s, threads, other) < 900);
            check(right_of(&p, bare, true, &s, threads, other) < 900);
            check(right_of(&p, bare, true, &s, threads, other) > 800);
        }
        pool_close(threads);
    }
    scope_close(&s);
}

CHECK(tuning_takes_the_least_held_out_log_loss_with_any_number_of_threads) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 512 << 20, &e), &e);
    planted p = plant(&s.keep);
    sentiment_data d = {p.texts, p.label, N, 2, p.vectors, SPACE};
    sentiment_tuned told[2];
    for (int t = 0; t < 2; t++) {
        pool *threads = pool_open(t ? 8 : 1, 8 << 20, &e);
        sentiment_params params = SENTIMENT_DEFAULTS;
        check_ok(sentiment_tune(&d, &params, threads, &told[t], s.scratch, &e), &e);
        check(told[t].n == 9 && told[t].fitted_on + told[t].judged_on == N);
        check_near((double)told[t].judged_on, N / 5.0, 4 * sqrt(N * 0.16)); /* standard errors */
        for (int i = 0; i < told[t].n; i++)
            check(told[t].trial[i].log_loss >= told[t].trial[told[t].best].log_loss);
        check(params.line.c == told[t].trial[told[t].best].c);
        check(params.vector_weight == told[t].trial[told[t].best].vector_weight);
        /* the texts and vectors tell all but the noise: far below the .61 of the shares alone */
        check(told[t].trial[told[t].best].log_loss < 0.15);
        pool_close(threads);
    }
    check(memcmp(told[0].trial, told[1].trial, sizeof told[0].trial) == 0);
    d.n = 60; /* fewer than 50 of a class: nothing is tried */
    sentiment_params params = SENTIMENT_DEFAULTS;
    pool *threads = pool_open(1, 8 << 20, &e);
    check_ok(sentiment_tune(&d, &params, threads, &told[0], s.scratch, &e), &e);
    check(told[0].n == 0 && params.line.c == SENTIMENT_DEFAULTS.line.c);
    pool_close(threads);
    scope_close(&s);
}

CHECK(temperature_equals_the_reference) {
    /* tests/oracles/language.py */
    double q[] = {.7, .2, .1, .1, .8, .1, .3, .3, .4, .05, .9, .05, .6, .3, .1, .2, .2, .6};
    const int32_t label[] = {0, 1, 0, 2, 0, 2};
    double t = calibrate_temperature(q, label, 6, 3);
    check_near(t, 1.4873894342097231, 1e-6); /* 1e-6: where the reference's search stops */
    calibrate_apply(q, 6, 3, t);
    check_near(metrics_class_log_loss(q, label, NULL, 6, 3), 0.9370108969134919, 1e-9);
    check_near(q[10], 0.77731792, 1e-7); /* the digits that were printed */
    check_near(q[9] + q[10] + q[11], 1, 1e-15);
    check(calibrate_temperature(q, label, 0, 3) == 1);
    double sure[] = {0, 1, 1, 0}; /* always right and certain: nothing to cool, and no NaN */
    const int32_t truth[] = {1, 0};
    check(calibrate_temperature(sure, truth, 2, 2) < 1.0 / 15);
    calibrate_apply(sure, 2, 2, 4);
    check(sure[0] < 1e-60 && sure[1] == 1);
}

/* Labels are drawn from sigmoid(z); a model that says sigmoid(2 z) is twice too sure. */
CHECK(temperature_finds_a_planted_one) {
    enum { ROWS = 20000 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 4 << 20, &e), &e);
    double *q = take(&s.keep, double, 2 * ROWS), *positive = take(&s.keep, double, ROWS);
    int32_t *label = take(&s.keep, int32_t, ROWS);
    for (int i = 0; i < ROWS; i++) {
        rng r = rng_open(3, (uint64_t)i);
        double z = 6 * rng_uniform(&r) - 2;
        label[i] = rng_uniform(&r) < 1 / (1 + exp(-z));
        q[2 * i + 1] = 1 / (1 + exp(-2 * z));
        q[2 * i] = 1 - q[2 * i + 1];
        positive[i] = q[2 * i + 1];
    }
    check(metrics_class_ece(positive, label, ROWS, 15, s.scratch) > 0.05);
    double t = calibrate_temperature(q, label, ROWS, 2);
    check_near(t, 2, 0.12); /* four standard errors of the slope of 20,000 rows */
    calibrate_apply(q, ROWS, 2, t);
    for (int i = 0; i < ROWS; i++) positive[i] = q[2 * i + 1];
    check(metrics_class_ece(positive, label, ROWS, 15, s.scratch) < 0.015);
    scope_close(&s);
}

/* 200 rows with scores (i + 1/2) / 200. Below .5: the first 80 are all negative, then every
 * second is positive; above: the last 90 are all positive, then none is. */
CHECK(band_holds_each_side_to_its_accuracy) {
    enum { ROWS = 200 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    double p[ROWS];
    int32_t label[ROWS];
    for (int i = 0; i < ROWS; i++) {
        p[i] = (i + 0.5) / ROWS;
        label[i] = i < 80 ? 0 : i < 100 ? i % 2 : i >= 110;
    }
    int32_t *order = order_count(ROWS, &s.keep);
    order_up(order, ROWS, p, s.scratch);
    calibrate_band b = calibrate_band_of(p, label, order, ROWS, 0.5, 0.95);
    /* low: 80 + 2 k answers with k wrong, right share >= .95 up to k = 4 (84 / 88), and row 88 is
     * right too: 85 of 89 = .955; high: 90 + k with k wrong, up to k = 4: 90 / 94 = .957 */
    check_near(b.low, 89.0 / ROWS, 1e-12);
    check_near(b.high, 106.0 / ROWS, 1e-12);
    b = calibrate_band_of(p, label, order, ROWS, 0.5, 0.8); /* all of both sides reach it */
    check(b.low == 0.5 && b.high == 0.5);
    for (int i = 0; i < ROWS; i++) label[i] = 1;
    b = calibrate_band_of(p, label, order, ROWS, 0.5, 0.95);
    check(b.low == -1 && b.high == 0.5); /* nothing negative can be said */
    for (int i = 0; i < ROWS; i++) p[i] = i < 100 ? 0.25 : 0.75, label[i] = i >= 96;
    b = calibrate_band_of(p, label, order, ROWS, 0.5, 0.95); /* ties are answered together: .96 */
    check(b.low == 0.5 && b.high == 0.5);
    b = calibrate_band_of(p, label, order, 20, 0.5, 0.5); /* fewer rows than are trusted */
    check(b.low == -1 && b.high == 1);
    scope_close(&s);
}

/* Two words say the class, two hundred say nothing: of ten terms the two must be among those kept,
 * and the model reads as before. */
CHECK(sentiment_keeps_the_terms_that_say_most) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 512 << 20, &e), &e);
    planted p = plant(&s.keep);
    pool *threads = pool_open(2, 8 << 20, &e);
    sentiment_model m, whole;
    sentiment_params params = SENTIMENT_DEFAULTS;
    params.folds = 1;
    sentiment_data d = {p.texts, p.label, N, 2, NULL, 0};
    check_ok(sentiment_fit(&whole, &d, params, threads, &s.keep, s.scratch, &e), &e);
    params.most_terms = 10;
    check_ok(sentiment_fit(&m, &d, params, threads, &s.keep, s.scratch, &e), &e);
    check(whole.words.terms > 200 && m.words.terms == 10 && m.line.features == 10);
    int32_t good = tfidf_find(&m.words, SLICE("good")), bad = tfidf_find(&m.words, SLICE("bad"));
    check(good >= 0 && bad >= 0 && m.line.weight[good] > 1 && m.line.weight[bad] < -1);
    check(m.words.df[good] == whole.words.df[tfidf_find(&whole.words, SLICE("good"))]);
    pool_close(threads);
    scope_close(&s);
}

CHECK(sentiment_learns_its_band_and_refuses_nonsense) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 512 << 20, &e), &e);
    planted p = plant(&s.keep);
    pool *threads = pool_open(2, 8 << 20, &e);
    sentiment_model m;
    sentiment_params params = SENTIMENT_DEFAULTS;
    sentiment_data d = {p.texts, p.label, 2000, 2, NULL, 0}; /* half of the texts say nothing */
    check_ok(sentiment_fit(&m, &d, params, threads, &s.keep, s.scratch, &e), &e);
    check(m.temperature != 1 && m.band.low <= m.threshold && m.band.high >= m.threshold);
    double *q = sentiment_score(&m, p.texts + 2000, NULL, 1000, threads, &s.keep, s.scratch);
    int64_t answered = 0, right = 0;
    for (int i = 0; i < 1000; i++) {
        bool yes = q[2 * i + 1] > m.band.high, no = q[2 * i + 1] <= m.band.low;
        answered += yes || no;
        right += (yes && p.label[2000 + i] == 1) || (no && p.label[2000 + i] == 0);
    }
    check(answered > 300 && answered < 800);       /* about half can be known */
    check((double)right > 0.92 * (double)answered); /* .95, less three standard errors */
    params.vector_weight = 0;
    check(!sentiment_fit(&m, &d, params, threads, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "the weight of vectors must be above 0");
    params = SENTIMENT_DEFAULTS;
    params.sure = 1;
    check(sentiment_check(params) != NULL);
    pool_close(threads);
    scope_close(&s);
}
