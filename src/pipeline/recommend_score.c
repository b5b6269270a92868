/* recommend_score: every model's lists for the buyers of some weeks, and the report of them. */
#include "pipeline/recommend_score.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/family.h"
#include "pipeline/recommend_sweeps.h"

const char *recommend_model_name(int model) {
    static const char *const more[] = {"rule", "blend", "ranker", "hybrid"};
    return model < RECOMMEND_SOURCES ? recommend_names[model] : more[model - RECOMMEND_SOURCES];
}

recommend_results recommend_results_of(const recommend_exam *x, const recommend_params *p,
                                       const int32_t *ranker, bool serve_ranker, pool *threads,
                                       arena *keep, arena scratch) {
    static const int rule[] = {RECOMMEND_OWN, RECOMMEND_VARIANTS, RECOMMEND_POPULAR};
    recommend_results r = {.x = x, .p = p};
    for (int m = 0; m < RECOMMEND_SOURCES; m++) {
        int alone[] = {m, RECOMMEND_POPULAR};
        r.marks[m] = recommend_exam_mark(x, recommend_exam_cascade(x, alone, 2, keep), keep,
                                         scratch);
        r.has[m] = true;
    }
    r.marks[RECOMMEND_RULE] = recommend_exam_mark(x, recommend_exam_cascade(x, rule, 3, keep), keep,
                                                  scratch);
    int32_t *blend = recommend_exam_blend(x, p->weights, threads, keep, scratch);
    r.marks[RECOMMEND_BLEND] = recommend_exam_mark(x, blend, keep, scratch);
    if (ranker) r.marks[RECOMMEND_RANKER] = recommend_exam_mark(x, ranker, keep, scratch);
    r.marks[RECOMMEND_HYBRID] = r.marks[serve_ranker ? RECOMMEND_RANKER : RECOMMEND_BLEND];
    r.has[RECOMMEND_RULE] = r.has[RECOMMEND_BLEND] = r.has[RECOMMEND_HYBRID] = true;
    r.has[RECOMMEND_RANKER] = ranker != NULL;
    return r;
}

/* ---- parameters ---- */

static const struct {
    const char *name;
    size_t offset;
} reals[] = {
    {"popular_half_life", offsetof(recommend_params, popular_half_life)},
    {"als_half_life", offsetof(recommend_params, als_half_life)},
    {"own_half_life", offsetof(recommend_params, own_half_life)},
    {"profile_half_life", offsetof(recommend_params, profile_half_life)},
    {"looks_half_life", offsetof(recommend_params, looks_half_life)},
    {"trend", offsetof(recommend_params, trend)},
    {"liking", offsetof(recommend_params, liking)},
    {"band_trust", offsetof(recommend_params, band_trust)},
};
enum { REALS = sizeof reals / sizeof reals[0] };

static double *real_at(recommend_params *p, int i) {
    return (double *)(void *)((char *)p + reals[i].offset);
}

/* The shortest decimal of a float: 0.1, not 0.10000000149. */
static void put_float(js *out, const char *key, float value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.7g", (double)value);
    js_put_raw(out, key, slice_of(digits));
}

void recommend_put_weights(js *out, const hybrid_weights *w) {
    for (int i = 0; i < RECOMMEND_SOURCES; i++) put_float(out, recommend_names[i], w->of[i]);
}

void recommend_put(js *out, const char *key, const recommend_params *p, const char *choice) {
    recommend_params copy = *p;
    js_object(out, key);
    for (int i = 0; i < REALS; i++) js_put_real(out, reals[i].name, *real_at(&copy, i));
    js_put_int(out, "factors", p->als.factors);
    js_put_int(out, "iterations", p->als.iterations);
    put_float(out, "lambda", p->als.lambda);
    put_float(out, "alpha0", p->als.alpha0);
    js_object(out, "weights");
    recommend_put_weights(out, &p->weights);
    js_end(out);
    js_put_bool(out, "ranker", p->ranker);
    js_put_int(out, "trees", p->trees);
    js_object(out, "growth");
    js_put_int(out, "leaves", p->growth.leaves);
    js_put_int(out, "min_rows", p->growth.min_rows);
    js_put_real(out, "rate", p->growth.rate);
    js_put_real(out, "feature_share", p->growth.feature_share);
    js_put_word(out, "objective", recommend_objectives[p->growth.binary]);
    js_put_int(out, "negatives", p->growth.negatives);
    js_put_int(out, "weeks", p->growth.weeks);
    js_end(out);
    js_put_word(out, "choice", choice);
    js_end(out);
}

static void get_float(const js_node *object, const char *key, float *to) {
    double value;
    if (js_real(js_get(object, key), &value)) *to = (float)value;
}

static void get_growth(const js_node *object, recommend_growth *to) {
    int64_t count;
    if (js_int(js_get(object, "leaves"), &count)) to->leaves = (int)count;
    if (js_int(js_get(object, "min_rows"), &count)) to->min_rows = (int)count;
    js_real(js_get(object, "rate"), &to->rate);
    js_real(js_get(object, "feature_share"), &to->feature_share);
    to->binary = slice_is(js_word(object, "objective"), recommend_objectives[1]);
    if (js_int(js_get(object, "negatives"), &count)) to->negatives = (int)count;
    if (js_int(js_get(object, "weeks"), &count) && count >= 2 && count <= RECOMMEND_TRAIN_MOST)
        to->weeks = (int)count;
}

void recommend_get(const js_node *best, recommend_params *p) {
    if (!best) return;
    for (int i = 0; i < REALS; i++) js_real(js_get(best, reals[i].name), real_at(p, i));
    get_float(best, "lambda", &p->als.lambda);
    get_float(best, "alpha0", &p->als.alpha0);
    int64_t count;
    if (js_int(js_get(best, "factors"), &count) && count >= 1) p->als.factors = (int)count;
    if (js_int(js_get(best, "iterations"), &count) && count >= 1) p->als.iterations = (int)count;
    if (js_int(js_get(best, "trees"), &count)) p->trees = (int)count;
    js_bool(js_get(best, "ranker"), &p->ranker);
    get_growth(js_get(best, "growth"), &p->growth);
    const js_node *weights = js_get(best, "weights");
    for (int i = 0; weights && i < RECOMMEND_SOURCES; i++)
        get_float(weights, recommend_names[i], &p->weights.of[i]);
}

/* ---- report ---- */

static evaluation_metric metric(const char *name, metrics_interval i) {
    return (evaluation_metric){name, i.mean, i.low, i.high, i.n};
}

static slice parameters_of(const recommend_params *p, int model, scope *s) {
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    if (model == RECOMMEND_POPULAR) {
        js_put_real(j, "half_life", p->popular_half_life);
        js_put_real(j, "band_trust", p->band_trust);
    } else if (model == RECOMMEND_ALS) {
        js_put_real(j, "half_life", p->als_half_life);
        js_put_real(j, "trend", p->trend);
        js_put_int(j, "factors", p->als.factors);
        put_float(j, "alpha0", p->als.alpha0);
    } else if (model == RECOMMEND_BLEND) {
        js_object(j, "weights");
        recommend_put_weights(j, &p->weights);
        js_end(j);
    }
    js_end(j);
    return text_slice(&j->out);
}

static void put_models(const recommend_results *r, scope *s, js *report) {
    js_array(report, "models");
    for (int m = 0; m < RECOMMEND_MODELS; m++) {
        const recommend_marks *marks = &r->marks[m];
        evaluation_metric all[RECOMMEND_METRICS + 3];
        int n = 0;
        if (!r->has[m]) continue;
        for (; n < RECOMMEND_METRICS; n++)
            all[n] = metric(recommend_metrics[n],
                            recommend_exam_interval(r->x, marks->of[n], NULL, RECOMMEND_ALL,
                                                    s->scratch));
        all[n++] = (evaluation_metric){"coverage_at_12", marks->coverage, NAN, NAN, r->x->n};
        all[n++] = (evaluation_metric){"novelty_at_12", marks->novelty, NAN, NAN, r->x->n};
        all[n++] = (evaluation_metric){"gini_at_12", marks->gini, NAN, NAN, r->x->n};
        const char *role = m == RECOMMEND_POPULAR || m == RECOMMEND_RULE ? "baseline" : "model";
        evaluation_model_open(report, recommend_model_name(m), role, parameters_of(r->p, m, s), all,
                              n);
        if (m == RECOMMEND_ALS && r->sweeps) recommend_sweeps_put_curves(r->sweeps, report);
        js_end(report);
    }
    js_end(report);
}

static evaluation_comparison compare_one(const recommend_results *r, int model, int baseline,
                                         arena scratch) {
    metrics_interval d = recommend_exam_interval(r->x, r->marks[model].of[RECOMMEND_MAP],
                                                 r->marks[baseline].of[RECOMMEND_MAP],
                                                 RECOMMEND_ALL, scratch);
    return (evaluation_comparison){.model = recommend_model_name(model),
                                   .baseline = recommend_model_name(baseline),
                                   .metric = "map_at_12",
                                   .difference = d.mean,
                                   .low = d.low,
                                   .high = d.high};
}

static double mean_map(const recommend_results *r, int model) {
    const double *ap = r->marks[model].of[RECOMMEND_MAP];
    double sum = 0;
    for (int64_t i = 0; i < r->x->n; i++) sum += ap[i];
    return r->x->n > 0 ? sum / (double)r->x->n : 0;
}

static const char *sentence(const recommend_results *r, const evaluation_comparison *c, scope *s) {
    static const struct {
        const char *verdict, *words;
    } all[] = {{"better", "The hybrid is better than popularity:"},
               {"worse", "The hybrid is worse than popularity and must not be used:"},
               {"", "No difference shown between the hybrid and popularity:"}};
    int is = 0;
    while (is < 2 && strcmp(evaluation_verdict(c), all[is].verdict) != 0) is++;
    return arena_text(&s->keep,
                      "%s MAP@12 %.4f against %.4f (difference %+.4f, 95 %% interval %+.4f to "
                      "%+.4f).",
                      all[is].words, mean_map(r, RECOMMEND_HYBRID), mean_map(r, RECOMMEND_POPULAR),
                      c->difference, c->low, c->high);
}

/* Each model with popularity, then the hybrid with each other. */
static void put_comparisons(const recommend_results *r, scope *s, js *report) {
    const char *verdict = "";
    js_array(report, "comparisons");
    for (int m = 1; m < RECOMMEND_MODELS; m++) {
        if (!r->has[m]) continue;
        evaluation_comparison c = compare_one(r, m, RECOMMEND_POPULAR, s->scratch);
        evaluation_compare(report, &c);
        if (m == RECOMMEND_HYBRID) verdict = sentence(r, &c, s);
    }
    for (int m = 1; m < RECOMMEND_HYBRID; m++) {
        if (!r->has[m]) continue;
        evaluation_comparison c = compare_one(r, RECOMMEND_HYBRID, m, s->scratch);
        evaluation_compare(report, &c);
    }
    js_end(report);
    js_put_word(report, "verdict", verdict);
}

static void put_part(const recommend_results *r, recommend_part part, scope *s, js *report) {
    static const int shown[] = {RECOMMEND_POPULAR, RECOMMEND_ALS,    RECOMMEND_RULE,
                                RECOMMEND_BLEND,   RECOMMEND_RANKER, RECOMMEND_HYBRID};
    js_array(report, "models");
    for (size_t at = 0; at < sizeof shown / sizeof shown[0]; at++) {
        int m = shown[at];
        if (!r->has[m]) continue;
        metrics_interval i = recommend_exam_interval(r->x, r->marks[m].of[RECOMMEND_MAP], NULL,
                                                     part, s->scratch);
        js_object(report, NULL);
        js_put_word(report, "name", recommend_model_name(m));
        js_object(report, "map_at_12");
        js_put_real(report, "value", i.mean);
        js_put_real(report, "low", i.low);
        js_put_real(report, "high", i.high);
        js_end(report);
        js_end(report);
    }
    js_end(report);
}

static void put_parts(const recommend_results *r, scope *s, js *report) {
    const recommend_exam *x = r->x;
    int64_t n[RECOMMEND_SEGMENTS] = {0};
    js_array(report, "weeks");
    for (int w = 0; w < x->n_weeks; w++) {
        js_object(report, NULL);
        js_put_word(report, "from", day_text(&s->keep, x->weeks[w].from));
        js_put_int(report, "customers", x->weeks[w].units.n);
        put_part(r, (recommend_part){w, -1}, s, report);
        js_end(report);
        for (int64_t u = 0; u < x->weeks[w].units.n; u++) n[x->weeks[w].segment[u]]++;
    }
    js_end(report);
    js_array(report, "segments");
    for (int g = 0; g < RECOMMEND_SEGMENTS; g++) {
        js_object(report, NULL);
        js_put_word(report, "name", recommend_segments[g]);
        js_put_int(report, "customers", n[g]);
        put_part(r, (recommend_part){-1, g}, s, report);
        js_end(report);
    }
    js_end(report);
}

static void put_sources(const recommend_results *r, scope *s, js *report) {
    recommend_found found[RECOMMEND_SOURCES + 1];
    recommend_exam_sources(r->x, found, s->scratch);
    js_array(report, "sources");
    for (int i = 0; i <= RECOMMEND_SOURCES; i++) {
        js_object(report, NULL);
        js_put_word(report, "name", i < RECOMMEND_SOURCES ? recommend_names[i] : "all");
        js_put_real(report, "volume", found[i].volume);
        js_put_real(report, "recall", found[i].recall);
        js_put_real(report, "marginal", found[i].marginal);
        js_put_real(report, "hit_ratio", found[i].hit_ratio);
        js_end(report);
    }
    js_end(report);
}

void recommend_report(const recommend_results *r, bool compare, scope *s, js *report) {
    js_put_word(report, "metric", "map_at_12");
    if (r->choice) js_put_word(report, "choice", r->choice);
    js_object(report, "protocol");
    js_put_int(report, "target_days", RECOMMEND_TARGET_DAYS);
    js_put_int(report, "weeks", r->x->n_weeks);
    js_put_int(report, "k", RECOMMEND_K);
    js_end(report);
    put_models(r, s, report);
    if (!compare) return;
    put_comparisons(r, s, report);
    put_parts(r, s, report);
    put_sources(r, s, report);
}
