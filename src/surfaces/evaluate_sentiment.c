/* evaluate_sentiment: the model of words on a held-out fifth, beside the share of each class. */
#include <stdio.h>
#include <string.h>

#include "models/metrics_class.h"
#include "pipeline/family.h"
#include "surfaces/evaluate.h"
#include "surfaces/sentiment_texts.h"

/* The share of each class among the fitted texts, as the answer to every test text. */
static metrics_class_data prior(const sentiment_data *fit, const sentiment_data *test, scope *s) {
    int k = fit->classes;
    double *q = take(&s->keep, double, test->n * k), *share = take(&s->keep, double, k);
    int32_t *said = take(&s->keep, int32_t, test->n);
    for (int64_t i = 0; i < fit->n; i++) share[fit->label[i]] += 1 / (double)fit->n;
    for (int64_t i = 0; i < test->n; i++) memcpy(q + i * k, share, (size_t)k * sizeof *q);
    metrics_class_choose(q, test->n, k, said);
    return (metrics_class_data){q, test->label, said, test->n, k};
}

static void put_judged(js *out, const char *name, const char *role, const metrics_class_data *d,
                       const metrics_class bounds[4], arena scratch) {
    metrics_class all = metrics_class_all(d, scratch);
    evaluation_metric m[METRICS_CLASS_N];
    for (int k = 0; k < METRICS_CLASS_N; k++)
        m[k] = (evaluation_metric){metrics_class_names[k], ((double *)&all)[k],
                                   ((const double *)&bounds[METRICS_CLASS_LOW])[k],
                                   ((const double *)&bounds[METRICS_CLASS_HIGH])[k], d->n};
    evaluation_model(out, name, role, SLICE("{}"), m, METRICS_CLASS_N);
    fprintf(stderr, "%s: accuracy %.4f [%.4f, %.4f], macro F1 %.4f [%.4f, %.4f], AUC %.4f\n", name,
            all.accuracy, m[0].low, m[0].high, all.macro_f1, m[1].low, m[1].high, all.auc);
}

bool evaluate_sentiment(const args *a, scope *s, js *out, err *e) {
    bench b;
    sentiment_texts t;
    sentiment_asked ask = {.in = args_text(a, "in"), .map = args_text(a, "map"),
                           .target = args_text(a, "target"), .classes = "auto"};
    sentiment_model m;
    metrics_class mine[4], base[4];
    if (!verb_open(a, s, &b, e) || !sentiment_texts_read(&ask, &b, s, &t, out, e)) return false;
    sentiment_texts_settle(&t, sentiment_texts_english(&t), out);
    if (!t.target) return refuse(e, "no column says what the texts mean: give label, recommended "
                                    "or rating");
    sentiment_data fit = sentiment_texts_pick(&t, 0.2, 1, &s->keep, NULL);
    sentiment_data test = sentiment_texts_pick(&t, 0, 0.2, &s->keep, NULL);
    if (test.n == 0) return refuse(e, "too few labelled texts to hold a fifth out");
    if (!sentiment_fit(&m, &fit, SENTIMENT_DEFAULTS, b.threads, &s->keep, s->scratch, e))
        return false;
    double *q = sentiment_score(&m, test.texts, NULL, test.n, b.threads, &s->keep, s->scratch);
    int32_t *said = take(&s->keep, int32_t, test.n);
    sentiment_choose(&m, q, test.n, said);
    metrics_class_data model = {q, test.label, said, test.n, t.n_classes};
    metrics_class_data none = prior(&fit, &test, s);
    metrics_class_bootstrap(&model, &none, b.seed, b.threads, mine, s->scratch);
    metrics_class_bootstrap(&none, &none, b.seed, b.threads, base, s->scratch);
    js_put_word(out, "target", t.target);
    js_put_word(out, "split", "a fifth of the texts, by a hash of the text");
    js_put_int(out, "fitted_on", fit.n);
    js_put_word(out, "metric", "macro_f1");
    js_array(out, "models");
    put_judged(out, "share of each class", "baseline", &none, base, s->scratch);
    put_judged(out, "tf-idf + logistic regression", "model", &model, mine, s->scratch);
    js_end(out);
    metrics_class x = metrics_class_all(&model, s->scratch);
    metrics_class y = metrics_class_all(&none, s->scratch);
    evaluation_comparison c = {"tf-idf + logistic regression", "share of each class", "macro_f1",
                               x.macro_f1 - y.macro_f1, mine[METRICS_CLASS_LESS].macro_f1,
                               mine[METRICS_CLASS_MORE].macro_f1, false};
    js_array(out, "comparisons");
    evaluation_compare(out, &c);
    js_end(out);
    fprintf(stderr, "macro F1 against the baseline: %s\n", evaluation_verdict(&c));
    return true;
}
