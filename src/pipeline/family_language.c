/* family_language: sentiment of reviews, learnt from their ratings: fitted, tuned and judged. */
#include <string.h>

#include "base/random.h"
#include "pipeline/language_ladder.h"
#include "pipeline/language_parts.h"
#include "pipeline/language_tiles.h"
#include "pipeline/pairs.h"

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
static bool fit_and_score(work *w, const language_data *d, const language_vectors *v,
                          language_part last, const language_head *h, scope *s, scored *out,
                          err *e) {
    sentiment_model m;
    sentiment_data fit = language_vectors_pick(d, v, LANGUAGE_TRAIN, last, &s->keep, NULL);
    out->data = language_vectors_pick(d, v, last + 1, last + 1, &s->keep, NULL);
    if (!language_head_fit(w, h, &fit, s, &m, e)) return false;
    out->probability = language_head_score(w, &m, &out->data, s);
    out->predicted = take(&s->keep, int32_t, out->data.n);
    sentiment_choose(&m, out->probability, out->data.n, out->predicted);
    return true;
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

/* ---- steps 06 and 07 ---- */

/* One rung with its defaults on the validation reviews. */
static bool put_rung(work *w, const language_data *d, const language_vectors *v,
                     language_rung rung, scope *s, js *report, err *e) {
    scored valid;
    language_head h = language_head_default(rung);
    if (!fit_and_score(w, d, v, LANGUAGE_TRAIN, &h, s, &valid, e)) return false;
    metrics_class_data scored_view = view(&valid);
    metrics_class m = metrics_class_all(&scored_view, s->scratch);
    js_object(report, NULL);
    js_put_word(report, "step", language_rung_names[rung]);
    js_put_raw(report, "parameters", language_head_json(&h, &s->keep));
    js_object(report, "validation");
    language_put_metrics(report, &m);
    js_end(report);
    js_end(report);
    return true;
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    language_data d;
    language_vectors v;
    (void)f;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(report, "skipped", d.skip), true;
    if (!language_vectors_make(w, s, &d, false, &v, e)) return false;
    put_data(report, &d);
    js_put_word(report, "vectors", v.of.maker);
    js_put_word(report, "note", v.why ? v.why : v.of.note);
    js_array(report, "ladder");
    for (int k = 0; k < (v.why ? LANGUAGE_VECTORS : LANGUAGE_RUNGS); k++)
        if (!put_rung(w, &d, &v, (language_rung)k, s, report, e)) return false;
    js_end(report);
    return true;
}

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    language_data d;
    language_vectors v;
    language_ladder l;
    (void)f;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(report, "skipped", d.skip), true;
    if (!language_vectors_make(w, s, &d, false, &v, e) ||
        !language_ladder_tune(w, s, &d, &v, report, &l, e))
        return false;
    js_put_raw(report, "best", language_head_json(&l.step[l.chosen].head, &s->keep));
    language_ladder_put(&l, &v, report, &s->keep);
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

/* What stands beside what in the report: its name, metrics and intervals. */
typedef struct judged {
    const char *name, *role;
    slice parameters;
    scored rows;
    metrics_class value, bounds[4]; /* bounds LESS, MORE: of what is served less this */
} judged;

/* Metrics of one, and of the paired difference of what is served to it. */
static void judge(judged *one, const judged *served, uint64_t seed, pool *threads, arena scratch) {
    metrics_class other[4];
    metrics_class_data a = view(&one->rows), b = view(&served->rows);
    one->value = metrics_class_all(&a, scratch);
    metrics_class_bootstrap(&a, &a, seed, threads, one->bounds, scratch);
    metrics_class_bootstrap(&b, &a, seed, threads, other, scratch);
    one->bounds[METRICS_CLASS_LESS] = other[METRICS_CLASS_LESS];
    one->bounds[METRICS_CLASS_MORE] = other[METRICS_CLASS_MORE];
}

static void put_model(js *report, const judged *one) {
    evaluation_metric all[METRICS_CLASS_N];
    for (int k = 0; k < METRICS_CLASS_N; k++)
        all[k] = (evaluation_metric){metrics_class_names[k], ((const double *)&one->value)[k],
                                     ((const double *)&one->bounds[METRICS_CLASS_LOW])[k],
                                     ((const double *)&one->bounds[METRICS_CLASS_HIGH])[k],
                                     one->rows.data.n};
    evaluation_model(report, one->name, one->role, one->parameters, all, METRICS_CLASS_N);
}

/* All comparisons with one baseline into the report; returns the one by `metric`. */
static evaluation_comparison compare(js *report, const judged *served, const judged *base,
                                     int metric) {
    evaluation_comparison chosen = {0};
    for (int k = 0; k + 1 < METRICS_CLASS_N; k++) { /* the last, ece, is not resampled */
        evaluation_comparison c = {served->name,
                                   base->name,
                                   metrics_class_names[k],
                                   ((const double *)&served->value)[k] -
                                       ((const double *)&base->value)[k],
                                   ((const double *)&base->bounds[METRICS_CLASS_LESS])[k],
                                   ((const double *)&base->bounds[METRICS_CLASS_MORE])[k],
                                   strcmp(metrics_class_names[k], "log_loss") == 0};
        evaluation_compare(report, &c);
        if (k == metric) chosen = c;
    }
    return chosen;
}

static bool judge_head(work *w, const language_data *d, const language_vectors *v,
                       const language_head *h, const char *role, scope *s, judged *out, err *e) {
    *out = (judged){.name = language_head_name(h, v, &s->keep), .role = role,
                    .parameters = language_head_json(h, &s->keep)};
    return fit_and_score(w, d, v, LANGUAGE_VALID, h, s, &out->rows, e);
}

/* The share of positive reviews; words alone where more is served; last what is served. */
static bool judge_all(work *w, const language_data *d, const language_vectors *v,
                      const language_head *h, scope *s, judged all[3], int *n, err *e) {
    uint64_t seed = seed_for(w->seed, "language");
    language_head words = language_head_tuned(w, s, LANGUAGE_WORDS);
    *n = h->rung == LANGUAGE_WORDS ? 2 : 3;
    if (!judge_head(w, d, v, h, "served", s, &all[*n - 1], e) ||
        (*n == 3 && !judge_head(w, d, v, &words, "baseline", s, &all[1], e)))
        return false;
    all[0] = (judged){.name = "share of positive reviews", .role = "baseline",
                      .parameters = SLICE("{}"), .rows = prior(d, &all[*n - 1].rows, &s->keep)};
    for (int i = *n - 1; i >= 0; i--)
        judge(&all[i], &all[*n - 1], seed, w->threads, s->scratch);
    return true;
}

/* What the rungs above words gain on the test reviews, as a sentence; "" where words are served. */
static const char *gain_over_words(const judged all[3], int n, arena *keep) {
    if (n < 3) return "";
    double low = all[1].bounds[METRICS_CLASS_LESS].log_loss;
    double high = all[1].bounds[METRICS_CLASS_MORE].log_loss;
    double less = all[2].value.log_loss - all[1].value.log_loss;
    return arena_text(keep,
                      " Reading vectors beside words alone changes the log loss by %+.4f (95 %% "
                      "interval %+.4f to %+.4f: %s), the AUC from %.3f to %.3f and the F1 of the "
                      "negative ones from %.2f to %.2f.",
                      less, low, high,
                      high < 0 ? "a gain" : low > 0 ? "a loss" : "no difference shown",
                      all[1].value.auc, all[2].value.auc, all[1].value.f1_negative,
                      all[2].value.f1_negative);
}

/* Log loss of each review: macro F1 is no sum over reviews. */
static bool keep_pairs(const work *w, folder *f, const language_data *d, const judged *served,
                       scope *s, js *report, err *e) {
    int32_t *rows;
    const scored *x = &served->rows;
    int64_t n = language_data_pick(d, LANGUAGE_TEST, LANGUAGE_TEST, &s->keep, &rows).n;
    double *loss = take(&s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        loss[i] = metrics_class_log_loss(x->probability + 2 * i, x->data.label + i, NULL, 1, 2);
        rows[i] = d->review[rows[i]];
    }
    pairs p = {served->name, "log_loss", true, n,
               pairs_numbered(w, "e_reviews", rows, n, &s->keep, e), loss, NULL};
    return p.key && pairs_write(w, f, "language", &p, s, report, e);
}

/* By category and month, and by how many reviews were learnt from. */
static bool put_parts(work *w, const language_data *d, const language_vectors *v,
                      const language_head *h, const judged *served, scope *s, js *report, err *e) {
    language_exam x = {served->name, served->rows.data, served->rows.probability,
                       served->rows.predicted};
    language_put_parts(d, &x, s, report);
    return language_put_learning(w, d, v, h, &x, s, report, e);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    enum { MACRO_F1 = 1 };
    language_data d;
    language_vectors v;
    judged all[3];
    int n;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(report, "skipped", d.skip), true;
    if (!language_vectors_make(w, s, &d, false, &v, e)) return false;
    language_head h = language_head_served(w, s, &v);
    if (!judge_all(w, &d, &v, &h, s, all, &n, e)) return false;
    const judged *served = &all[n - 1];
    put_data(report, &d);
    js_put_word(report, "metric", "macro_f1");
    js_array(report, "models");
    for (int i = 0; i < n; i++) put_model(report, &all[i]);
    js_end(report);
    js_array(report, "comparisons");
    evaluation_comparison c = compare(report, served, &all[0], MACRO_F1);
    if (n == 3) compare(report, served, &all[1], MACRO_F1);
    js_end(report);
    const char *verdict = evaluation_verdict(&c);
    js_putf(report, "verdict",
            "On %lld reviews it has not seen, the model reads %.1f %% right (always guessing the "
            "commoner class: %.1f %%), finds the negative ones with an F1 of %.2f and orders them "
            "with an AUC of %.3f; macro F1 is %s%s.%s",
            (long long)served->rows.data.n, 100 * served->value.accuracy,
            100 * all[0].value.accuracy, served->value.f1_negative, served->value.auc,
            strcmp(verdict, "no difference shown") == 0 ? "not shown to differ from" : verdict,
            strcmp(verdict, "no difference shown") == 0
                ? " the baseline's"
                : strcmp(verdict, "worse") == 0
                      ? " than the baseline's: the model should not be relied on"
                      : " than the baseline's",
            gain_over_words(all, n, &s->keep));
    return put_parts(w, &d, &v, &h, served, s, report, e) &&
           keep_pairs(w, f, &d, served, s, report, e);
}

const family family_language = {"language", "Sentiment of reviews", train, tune, evaluate,
                                language_insight, language_publish, NULL};
