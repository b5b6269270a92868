/* language: tf-idf, logistic regression and classification metrics against known answers and an
 * independent implementation. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/language/sentiment.h"
#include "models/metrics_class.h"

/* The texts and numbers of tests/oracles/language.py (scikit-learn 1.9.1). */
static const char *const words[] = {"The dress fits well and the fabric is soft",
                                    "Soft fabric, but the dress runs small",
                                    "Runs small. Returned it!",
                                    "I love this dress: it fits well",
                                    "The fabric is thin and it runs large",
                                    "Love love love the soft fabric",
                                    "Returned: thin fabric",
                                    "It fits, and I love it"};
enum { TEXTS = 8 };
static const int32_t label2[TEXTS] = {1, 0, 0, 1, 0, 1, 0, 1};
static const int32_t label3[TEXTS] = {1, 2, 0, 1, 2, 1, 0, 1};

typedef struct fixture {
    scope s;
    pool *threads;
    slice texts[TEXTS];
    tfidf_model m;
    sparse x;
    err e;
} fixture;

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 64 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 8 << 20, &f->e);
    check(f->threads != NULL);
    for (int i = 0; i < TEXTS; i++) f->texts[i] = slice_of(words[i]);
    tfidf_params p = TFIDF_DEFAULTS;
    p.min_letters = 1;
    check_ok(tfidf_fit(&f->m, f->texts, TEXTS, p, &f->s.keep, f->s.scratch, &f->e), &f->e);
    f->x = tfidf_rows(&f->m, f->texts, TEXTS, f->threads, &f->s.keep);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

static double entry(const sparse *x, int64_t row, int32_t column) {
    for (int64_t i = x->at[row]; i < x->at[row + 1]; i++)
        if (x->col[i] == column) return x->value[i];
    return 0;
}

static void words_are(const char *from, int min_letters, const char *wanted) {
    char out[256];
    check_text(((slice){out, tfidf_words(slice_of(from), min_letters, out)}), wanted);
}

CHECK(words_are_cut_and_lowered) {
    words_are("It's SO-so... (100%)", 1, "it's so so 100");
    words_are("I am a 5'4 girl", 2, "am 5'4 girl");
    words_are("'quoted' don\xE2\x80\x99t d\xC3\x89J\xC3\x80 \xC5\xB8", 1,
              "quoted don't d\xC3\xA9j\xC3\xA0 \xC3\xBF");
    words_are("\xC4\xB0zmir \xC5\x81\xC3\xB3""d\xC5\xBA \xE1\xBA\x9E \xD0\x96", 1,
              "izmir \xC5\x82\xC3\xB3""d\xC5\xBA \xC3\x9F \xD0\xB6");
    words_are("love\xF0\x9F\x98\x8Dit\xE2\x80\x94yes \xFF\xC3", 1, "love it yes"); /* bad UTF-8 */
    words_are("", 1, "");
    words_are(" ...!", 1, "");
    words_are("x", 1, "x");
}

CHECK(words_never_write_past_their_bound) {
    char bytes[40], out[48];
    rng r = rng_open(5, 0);
    for (int run = 0; run < 4000; run++) {
        size_t n = (size_t)rng_below(&r, 40);
        for (size_t i = 0; i < n; i++) bytes[i] = (char)rng_u32(&r);
        memset(out, 0x5A, sizeof out);
        size_t m = tfidf_words((slice){bytes, n}, 1, out);
        check(m <= n);
        check(slice_utf8_prefix((slice){out, m}) == m);
        for (size_t i = n + 1; i < sizeof out; i++) check(out[i] == 0x5A);
    }
}

CHECK(tfidf_equals_the_reference) {
    fixture f;
    open_fixture(&f, 1);
    check(f.m.terms == 23 && f.x.at[TEXTS] == 59);
    /* 1e-7: values are kept as float */
    check_near(entry(&f.x, 0, tfidf_find(&f.m, SLICE("the"))), 0.3850521612620993, 1e-7);
    check_near(entry(&f.x, 0, tfidf_find(&f.m, SLICE("fits well"))), 0.30058334632746436, 1e-7);
    check_near(entry(&f.x, 5, tfidf_find(&f.m, SLICE("love"))), 0.7365500584119842, 1e-7);
    check_near(entry(&f.x, 7, tfidf_find(&f.m, SLICE("it"))), 0.48856453120108506, 1e-7);
    check(tfidf_find(&f.m, SLICE("large")) == -1); /* in one text only */
    tfidf_params p = TFIDF_DEFAULTS;
    p.max_share = 0.5; /* `fabric` is in 5 of 8 texts, `it` in 4 */
    tfidf_model m;
    check_ok(tfidf_fit(&m, f.texts, TEXTS, p, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check(tfidf_find(&m, SLICE("fabric")) == -1 && tfidf_find(&m, SLICE("it")) >= 0);
    p.min_df = 9;
    check(!tfidf_fit(&m, f.texts, TEXTS, p, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "is in 9 texts or more");
    close_fixture(&f);
}

CHECK(tfidf_memory_grows_with_words_and_bytes) {
    slice texts[] = {SLICE("ab cd"), SLICE("")};
    tfidf_params p = TFIDF_DEFAULTS;
    p.min_n = 1, p.max_n = 2;
    /* two words in grams of two sizes, five bytes, one text */
    check(tfidf_memory(texts, 1, p) - tfidf_memory(texts, 0, p) == 2 * 2 * 320 + 5 * 2 * 2 + 64);
    check(tfidf_memory(texts + 1, 1, p) - tfidf_memory(texts, 0, p) == 64);
}

CHECK(tfidf_pruned_keeps_its_terms_in_order) {
    fixture f;
    open_fixture(&f, 1);
    uint8_t *kept = take(&f.s.keep, uint8_t, f.m.terms);
    int32_t it = tfidf_find(&f.m, SLICE("it")), love = tfidf_find(&f.m, SLICE("love"));
    tfidf_model m = f.m;
    kept[it] = 1, kept[love] = 7;
    tfidf_prune(&m, kept, &f.s.keep);
    check(m.terms == 2 && tfidf_find(&m, SLICE("fits well")) == -1);
    int32_t now_it = tfidf_find(&m, SLICE("it")), now_love = tfidf_find(&m, SLICE("love"));
    check(now_it >= 0 && now_love >= 0 && (now_it < now_love) == (it < love));
    check(m.df[now_it] == f.m.df[it] && m.df[now_love] == f.m.df[love]);
    check_near(m.idf[now_love], f.m.idf[love], 1e-15);
    close_fixture(&f);
}

CHECK(tfidf_row_of_unknown_words_is_empty_and_long_texts_are_cut) {
    fixture f;
    open_fixture(&f, 2);
    enum { LONG = 3 * TFIDF_TEXT_LIMIT };
    char *love = take(&f.s.keep, char, LONG);
    for (int i = 0; i < LONG; i++) love[i] = i % 5 == 4 ? ' ' : "love"[i % 5];
    slice texts[3] = {SLICE("zebra"), {love, LONG}, SLICE("")};
    sparse x = tfidf_rows(&f.m, texts, 3, f.threads, &f.s.keep);
    check(x.at[1] == 0 && x.at[3] == x.at[2] && x.at[2] == 1);
    check_near(entry(&x, 1, tfidf_find(&f.m, SLICE("love"))), 1, 1e-6); /* one gram, length 1 */
    close_fixture(&f);
}

CHECK(linear_meets_the_reference_optimum) {
    fixture f;
    open_fixture(&f, 1);
    int32_t love = tfidf_find(&f.m, SLICE("love")), one[TEXTS];
    for (int i = 0; i < TEXTS; i++) one[i] = label3[i] == 1;
    linear_model m;
    double p[TEXTS * 3];
    linear_data d = {.x = &f.x, .label = label2, .classes = 2};
    linear_params binary = {4, false, 200, 1e-12}, balanced = {0.7, true, 200, 1e-12};
    /* 2e-6: the reference keeps double values, ours are float; its own stop is near 1e-8 */
    check_ok(linear_fit(&m, &d, binary, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    linear_score(&m, &f.x, NULL, f.threads, p, f.s.scratch);
    check_near(m.bias[0], -0.039414248510064455, 2e-6);
    check_near(m.weight[love], 1.2762168559058156, 2e-6);
    check_near(p[1], 0.6608695836418234, 2e-6);
    check_near(metrics_class_log_loss(p, label2, NULL, TEXTS, 2), 0.2842611050625574, 2e-6);
    d.label = one;
    check_ok(linear_fit(&m, &d, balanced, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    linear_score(&m, &f.x, NULL, f.threads, p, f.s.scratch);
    check_near(m.bias[0], -0.01807504929140926, 2e-6);
    check_near(m.weight[love], 0.3902488520707868, 2e-6);
    d = (linear_data){.x = &f.x, .label = label3, .classes = 3};
    check_ok(linear_fit(&m, &d, binary, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    linear_score(&m, &f.x, NULL, f.threads, p, f.s.scratch);
    check(m.iterations <= 20); /* Newton steps: with a wrong curvature it creeps */
    check_near(m.weight[love * 3 + 1], 1.0005273237467984, 2e-6);
    check_near(m.weight[love * 3 + 2], -0.5800302586565808, 2e-6);
    check_near(m.bias[1] - m.bias[0], 0.5251926697997978 + 0.17131774213975395, 2e-6);
    check_near(p[2], 0.24647971166690957, 2e-6);
    check_near(metrics_class_log_loss(p, label3, NULL, TEXTS, 3), 0.3511203423880864, 2e-6);
    close_fixture(&f);
}

CHECK(linear_refuses_nonsense) {
    fixture f;
    open_fixture(&f, 1);
    linear_model m;
    int32_t same[TEXTS] = {0};
    linear_data d = {.x = &f.x, .label = same, .classes = 2};
    check(!linear_fit(&m, &d, LINEAR_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "all 8 rows have the same class");
    check(linear_check((linear_params){0, false, 1, 1}));
    check(linear_check((linear_params){1, false, 0, 1}));
    close_fixture(&f);
}

/* Texts of random words whose class hangs on the word `good` or `bad`, with noise. */
static void plant(slice *texts, int32_t *label, int n, arena *keep) {
    for (int i = 0; i < n; i++) {
        rng r = rng_open(11, (uint64_t)i);
        text t = {0};
        label[i] = rng_uniform(&r) < 0.7;
        for (int w = 0; w < 20; w++) text_addf(&t, "w%lld ", (long long)rng_below(&r, 300));
        bool honest = rng_uniform(&r) < 0.95;
        text_addf(&t, "%s", (label[i] == 1) == honest ? "good" : "bad");
        texts[i] = (slice){slice_copy(keep, text_slice(&t)), t.n};
        text_free(&t);
    }
}

CHECK(language_is_the_same_with_any_number_of_threads) {
    enum { N = 3000 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 128 << 20, &e), &e);
    slice *texts = take(&s.keep, slice, N);
    int32_t *label = take(&s.keep, int32_t, N), predicted[N];
    plant(texts, label, N, &s.keep);
    double *first = NULL;
    for (int t = 0; t < 3; t++) {
        pool *threads = pool_open((int[]){1, 2, 8}[t], 8 << 20, &e);
        tfidf_model v;
        linear_model m;
        check_ok(tfidf_fit(&v, texts, N, TFIDF_DEFAULTS, &s.keep, s.scratch, &e), &e);
        sparse x = tfidf_rows(&v, texts, N, threads, &s.keep);
        linear_data d = {.x = &x, .label = label, .classes = 2};
        check_ok(linear_fit(&m, &d, LINEAR_DEFAULTS, threads, &s.keep, s.scratch, &e), &e);
        double *p = take(&s.keep, double, 2 * N);
        linear_score(&m, &x, NULL, threads, p, s.scratch);
        pool_close(threads);
        if (!first) first = p;
        check(memcmp(first, p, sizeof(double) * 2 * N) == 0);
        check(m.gradient <= 1e-4);
        int32_t good = tfidf_find(&v, SLICE("good")), bad = tfidf_find(&v, SLICE("bad"));
        for (int32_t w = 0; w < m.features; w++)
            check(m.weight[w] <= m.weight[good] && m.weight[w] >= m.weight[bad]);
    }
    int64_t confusion[4];
    metrics_class_choose(first, N, 2, predicted);
    metrics_class_confusion(label, predicted, NULL, N, 2, confusion);
    check(metrics_class_accuracy(confusion, 2) > 0.94); /* 5 % of the labels lie */
    scope_close(&s);
}

CHECK(sentiment_splits_by_text_and_finds_a_threshold) {
    enum { N = 2000 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 256 << 20, &e), &e);
    slice *texts = take(&s.keep, slice, N);
    int32_t *label = take(&s.keep, int32_t, N), predicted[N];
    plant(texts, label, N, &s.keep);
    pool *threads = pool_open(2, 8 << 20, &e);
    sentiment_model m;
    sentiment_data d = {texts, label, N / 2, 2, NULL, 0}; /* the second half is new to the model */
    check_ok(sentiment_fit(&m, &d, SENTIMENT_DEFAULTS, threads, &s.keep, s.scratch, &e), &e);
    double *q = sentiment_score(&m, texts + N / 2, NULL, N / 2, threads, &s.keep, s.scratch);
    sentiment_choose(&m, q, N / 2, predicted);
    int64_t right = 0;
    for (int i = 0; i < N / 2; i++) {
        check(predicted[i] == (q[2 * i + 1] > m.threshold));
        right += predicted[i] == label[N / 2 + i];
    }
    check(right > 930); /* 95 % can be known; 930 is three standard errors below */
    check(m.threshold > 0.2 && m.threshold < 0.8 && m.threshold != 0.5);
    check(sentiment_place(SLICE(" a b\n"), 1) == sentiment_place(SLICE("a b"), 1));
    check(sentiment_place(SLICE("a b"), 1) != sentiment_place(SLICE("a b"), 2));
    sentiment_params p = SENTIMENT_DEFAULTS;
    p.folds = 0;
    check(!sentiment_fit(&m, &d, p, threads, &s.keep, s.scratch, &e));
    check_text(slice_of(e.text), "sentiment: folds must be 1 to 10");
    pool_close(threads);
    scope_close(&s);
}

CHECK(metrics_class_by_hand_and_reference) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    /* tests/oracles/language.py; AUC by hand: 16 pairs, 11 won, 3 tied */
    double score[] = {.1, .4, .4, .4, .8, .8, .9, .2}, p[16];
    int32_t y[] = {0, 0, 1, 1, 1, 0, 1, 0}, said[8], twice[] = {2, 2, 2, 2, 2, 2, 2, 2};
    for (int i = 0; i < 8; i++) p[2 * i] = 1 - score[i], p[2 * i + 1] = score[i];
    int32_t *order = order_count(8, &s.keep);
    order_up(order, 8, score, s.scratch);
    check_near(metrics_class_auc(score, y, NULL, order, 8), 0.78125, 0);
    check_near(metrics_class_auc(score, y, twice, order, 8), 0.78125, 0);
    metrics_class_choose(p, 8, 2, said);
    int64_t c[4];
    metrics_class_confusion(y, said, NULL, 8, 2, c);
    check(c[0] == 3 && c[1] == 1 && c[2] == 2 && c[3] == 2);
    check_near(metrics_class_accuracy(c, 2), 5.0 / 8, 0);
    check_near(metrics_class_f1(c, 2, 1), 0.5714285714285714, 1e-15); /* rounding of one division */
    check_near(metrics_class_f1(c, 2, 0), 0.6666666666666666, 1e-15);
    check_near(metrics_class_macro_f1(c, 2), 0.6190476190476191, 1e-15);
    check_near(metrics_class_precision(c, 2, 1), 2.0 / 3, 1e-15);
    check_near(metrics_class_recall(c, 2, 1), 0.5, 0);
    check_near(metrics_class_log_loss(p, y, NULL, 8, 2), 0.5762316417365592, 1e-12);
    check_near(metrics_class_log_loss(p, y, twice, 8, 2), 0.5762316417365592, 1e-12);
    /* two bins of P(1): [0, .5) says 1.5 and 2 came, [.5, 1] says 2.5 and 2 came */
    check_near(metrics_class_ece(score, y, 8, 2, s.scratch), (0.5 + 0.5) / 8, 1e-15);
    /* cut at .6: 5 of 8 right, macro F1 .619; .85: 5 right, .5636; .3: 6 right, .7333, the best */
    check_near(metrics_class_threshold(score, y, order, 8), 0.3, 1e-15);
    check(isnan(metrics_class_auc(score, said, NULL, order, 0)));
    scope_close(&s);
}

/* 400 rows, 320 of a right and 280 of these of b: accuracy 0.8 +- 1.96 sqrt(0.8 0.2 / 400), and
 * the difference 0.1 +- 1.96 sqrt(0.1 0.9 / 400). */
CHECK(metrics_class_bootstrap_knows_its_normal_limits_for_any_threads) {
    enum { ROWS = 400 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 4 << 20, &e), &e);
    double p[2 * ROWS];
    int32_t label[ROWS], a[ROWS], b[ROWS];
    for (int i = 0; i < ROWS; i++) {
        label[i] = i % 2;
        a[i] = i < 320 ? label[i] : 1 - label[i];
        b[i] = i < 280 ? label[i] : 1 - label[i];
        p[2 * i + 1] = a[i] ? 0.75 : 0.25, p[2 * i] = 1 - p[2 * i + 1];
    }
    metrics_class_data one = {p, label, a, ROWS, 2}, other = {p, label, b, ROWS, 2};
    metrics_class bounds[2][4];
    for (int i = 0; i < 2; i++) {
        pool *threads = pool_open(i ? 8 : 1, 4 << 20, &e);
        metrics_class_bootstrap(&one, &other, 7, threads, bounds[i], s.scratch);
        pool_close(threads);
        for (int m = 0; m < 4; m++) {
            check(isnan(bounds[i][m].ece));
            bounds[i][m].ece = 0;
        }
    }
    check(memcmp(bounds[0], bounds[1], sizeof bounds[0]) == 0);
    /* 0.006: four standard errors of the quantile of 1,000 resamples and a step of 1/400 */
    check_near(bounds[0][METRICS_CLASS_LOW].accuracy, 0.8 - 0.0392, 0.006);
    check_near(bounds[0][METRICS_CLASS_HIGH].accuracy, 0.8 + 0.0392, 0.006);
    check_near(bounds[0][METRICS_CLASS_LESS].accuracy, 0.1 - 0.0294, 0.006);
    check_near(bounds[0][METRICS_CLASS_MORE].accuracy, 0.1 + 0.0294, 0.006);
    check(bounds[0][METRICS_CLASS_LESS].auc == 0 && bounds[0][METRICS_CLASS_MORE].auc == 0);
    scope_close(&s);
}

CHECK(order_is_stable_and_puts_nan_last) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    double key[] = {2, NAN, 1, 2, -1, NAN, 1};
    int32_t *up = order_count(7, &s.keep), *down = order_count(7, &s.keep);
    order_up(up, 7, key, s.scratch);
    order_down(down, 7, key, s.scratch);
    const int32_t wanted_up[] = {4, 2, 6, 0, 3, 1, 5}, wanted_down[] = {0, 3, 2, 6, 4, 1, 5};
    check(memcmp(up, wanted_up, sizeof wanted_up) == 0);
    check(memcmp(down, wanted_down, sizeof wanted_down) == 0);
    scope_close(&s);
}
