/* family_language: sentiment of reviews, learnt from their ratings: fitted, tuned and judged. */
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/metrics_class.h"
#include "pipeline/language_tiles.h"

/* Scored reviews of one part. */
typedef struct scored {
    sentiment_data data;
    double *probability; /* [n, 2] */
    int32_t *predicted;  /* [n] */
} scored;

static metrics_class_data view(const scored *s) {
    return (metrics_class_data){s->probability, s->data.label, s->predicted, s->data.n, 2};
}

/* Fits on parts train … last and scores the part after it. */
static bool fit_and_score(work *w, const language_data *d, language_part last,
                          sentiment_params p, const double *threshold, scope *s, scored *out,
                          err *e) {
    sentiment_model m;
    sentiment_data fit = language_data_pick(d, LANGUAGE_TRAIN, last, &s->keep, NULL);
    out->data = language_data_pick(d, last + 1, last + 1, &s->keep, NULL);
    if (!sentiment_fit(&m, &fit, p, w->threads, &s->keep, s->scratch, e)) return false;
    if (threshold) m.threshold = *threshold;
    out->probability = sentiment_score(&m, out->data.texts, NULL, out->data.n, w->threads,
                                       &s->keep, s->scratch);
    out->predicted = take(&s->keep, int32_t, out->data.n);
    sentiment_choose(&m, out->probability, out->data.n, out->predicted);
    return true;
}

static void put_metrics(js *report, const metrics_class *m) {
    for (int k = 0; k < METRICS_CLASS_N; k++)
        js_put_real(report, metrics_class_names[k], ((const double *)m)[k]);
}

static void put_data(js *report, const language_data *d) {
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "reviews", d->n);
    js_put_int(report, "labelled", d->labelled);
    js_put_int(report, "train", d->in_part[LANGUAGE_TRAIN]);
    js_put_int(report, "valid", d->in_part[LANGUAGE_VALID]);
    js_put_int(report, "test", d->in_part[LANGUAGE_TEST]);
    js_put_word(report, "label", d->rule);
    js_put_word(report, "split", d->split);
    js_end(report);
}

static slice parameters(sentiment_params p, const double *threshold, arena *keep) {
    const char *json = threshold
                           ? arena_text(keep, "{\"c\": %g, \"grams\": %d, \"threshold\": %.6f}",
                                        p.line.c, p.words.max_n, *threshold)
                           : arena_text(keep, "{\"c\": %g, \"grams\": %d}", p.line.c,
                                        p.words.max_n);
    return slice_of(json);
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    language_data d;
    scored valid;
    sentiment_params p = SENTIMENT_DEFAULTS;
    (void)f;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(report, "skipped", d.skip), true;
    put_data(report, &d);
    if (!fit_and_score(w, &d, LANGUAGE_TRAIN, p, NULL, s, &valid, e)) return false;
    metrics_class_data scored_view = view(&valid);
    metrics_class m = metrics_class_all(&scored_view, s->scratch);
    js_put_raw(report, "parameters", parameters(p, NULL, &s->keep));
    js_object(report, "validation");
    put_metrics(report, &m);
    js_end(report);
    return true;
}

/* The grid: strength of the penalty and length of the grams, by the log loss of the validation
 * reviews (a proper score: it asks for honest probabilities, not only for a good order). */
static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    static const double strengths[] = {1, 3, 10, 30};
    enum { STRENGTHS = 4, GRAMS = 2 };
    language_data d;
    sentiment_params best = SENTIMENT_DEFAULTS;
    double least = INFINITY, threshold = 0.5;
    (void)f;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(report, "skipped", d.skip), true;
    js_array(report, "trials");
    for (int i = 0; i < STRENGTHS * GRAMS; i++) {
        scored valid;
        sentiment_params p = SENTIMENT_DEFAULTS;
        p.folds = 1;
        p.line.c = strengths[i % STRENGTHS];
        p.words.max_n = 2 - i / STRENGTHS;
        work_tick(w, "language: tuning", i, STRENGTHS * GRAMS);
        if (!fit_and_score(w, &d, LANGUAGE_TRAIN, p, NULL, s, &valid, e)) return false;
        metrics_class_data scored_view = view(&valid);
        metrics_class m = metrics_class_all(&scored_view, s->scratch);
        js_object(report, NULL);
        js_put_raw(report, "parameters", parameters(p, NULL, &s->keep));
        put_metrics(report, &m);
        js_end(report);
        if (!(m.log_loss < least)) continue;
        least = m.log_loss;
        best = p;
        double *positive = take(&s->keep, double, valid.data.n);
        for (int64_t r = 0; r < valid.data.n; r++) positive[r] = valid.probability[2 * r + 1];
        int32_t *order = order_count(valid.data.n, &s->keep);
        order_up(order, valid.data.n, positive, s->scratch);
        threshold = metrics_class_threshold(positive, valid.data.label, order, valid.data.n);
    }
    js_end(report);
    js_put_raw(report, "best", parameters(best, &threshold, &s->keep));
    return true;
}

/* ---- step 08 ---- */

/* The baseline knows the share of positive reviews before the test and nothing of the texts. */
static scored prior(const language_data *d, const scored *test, arena *keep) {
    sentiment_data known = language_data_pick(d, LANGUAGE_TRAIN, LANGUAGE_VALID, keep, NULL);
    int64_t positive = 0;
    for (int64_t i = 0; i < known.n; i++) positive += known.label[i];
    double share = (double)positive / (double)known.n;
    scored s = {test->data, NULL, take(keep, int32_t, test->data.n)};
    s.probability = take(keep, double, 2 * test->data.n);
    for (int64_t i = 0; i < test->data.n; i++) {
        s.probability[2 * i] = 1 - share;
        s.probability[2 * i + 1] = share;
        s.predicted[i] = share > 0.5;
    }
    return s;
}

static void put_model(js *report, const char *name, const char *role, slice json,
                      const metrics_class *value, const metrics_class bounds[4], int64_t n) {
    evaluation_metric all[METRICS_CLASS_N];
    for (int k = 0; k < METRICS_CLASS_N; k++)
        all[k] = (evaluation_metric){metrics_class_names[k], ((const double *)value)[k],
                                     ((const double *)&bounds[METRICS_CLASS_LOW])[k],
                                     ((const double *)&bounds[METRICS_CLASS_HIGH])[k], n};
    evaluation_model(report, name, role, json, all, METRICS_CLASS_N);
}

/* All comparisons into the report; returns the one by `metric`. */
static evaluation_comparison compare(js *report, const metrics_class *model,
                                     const metrics_class *base, const metrics_class bounds[4],
                                     int metric) {
    evaluation_comparison chosen = {0};
    js_array(report, "comparisons");
    for (int k = 0; k + 1 < METRICS_CLASS_N; k++) { /* the last, ece, is not resampled */
        evaluation_comparison c = {"tf-idf + logistic regression",
                                   "share of positive reviews",
                                   metrics_class_names[k],
                                   ((const double *)model)[k] - ((const double *)base)[k],
                                   ((const double *)&bounds[METRICS_CLASS_LESS])[k],
                                   ((const double *)&bounds[METRICS_CLASS_MORE])[k],
                                   strcmp(metrics_class_names[k], "log_loss") == 0};
        evaluation_compare(report, &c);
        if (k == metric) chosen = c;
    }
    js_end(report);
    return chosen;
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    enum { MACRO_F1 = 1 };
    language_data d;
    scored test;
    double threshold;
    metrics_class bounds[4], base_bounds[4];
    (void)f;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(report, "skipped", d.skip), true;
    sentiment_params p = language_tuned(w, s, &threshold);
    if (!fit_and_score(w, &d, LANGUAGE_VALID, p, &threshold, s, &test, e)) return false;
    scored base = prior(&d, &test, &s->keep);
    metrics_class_data a = view(&test), b = view(&base);
    metrics_class model = metrics_class_all(&a, s->scratch);
    metrics_class nothing = metrics_class_all(&b, s->scratch);
    uint64_t seed = seed_for(w->seed, "language");
    metrics_class_bootstrap(&a, &b, seed, w->threads, bounds, s->scratch);
    metrics_class_bootstrap(&b, &b, seed, w->threads, base_bounds, s->scratch);
    put_data(report, &d);
    js_put_word(report, "metric", "macro_f1");
    js_array(report, "models");
    put_model(report, "share of positive reviews", "baseline", SLICE("{}"), &nothing, base_bounds,
              b.n);
    put_model(report, "tf-idf + logistic regression", "served",
              parameters(p, &threshold, &s->keep), &model, bounds, a.n);
    js_end(report);
    evaluation_comparison c = compare(report, &model, &nothing, bounds, MACRO_F1);
    const char *verdict = evaluation_verdict(&c);
    js_putf(report, "verdict",
            "On %lld reviews it has not seen, the model reads %.1f %% right (always guessing the "
            "commoner class: %.1f %%), finds the negative ones with an F1 of %.2f and orders them "
            "with an AUC of %.3f; macro F1 is %s%s.",
            (long long)a.n, 100 * model.accuracy, 100 * nothing.accuracy, model.f1_negative,
            model.auc, strcmp(verdict, "no difference shown") == 0 ? "not shown to differ from"
                                                                    : verdict,
            strcmp(verdict, "no difference shown") == 0
                ? " the baseline's"
                : strcmp(verdict, "worse") == 0
                      ? " than the baseline's: the model should not be relied on"
                      : " than the baseline's");
    return true;
}

const family family_language = {"language", "Sentiment of reviews", train, tune, evaluate,
                                language_insight, language_publish};
