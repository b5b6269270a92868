/* recommend_score: every model's lists for the buyers of a window, and the report of them. */
#include "pipeline/recommend_score.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "models/metrics_rank.h"
#include "pipeline/family.h"

recommend_score recommend_score_model(const recommend_fit *m, const hybrid_problem *p,
                                      const recommend_units *u, int model, pool *threads,
                                      arena *keep, arena scratch) {
    recommend_score r = {.n = u->n, .ap = take(keep, double, u->n),
                         .recall = take(keep, double, u->n), .ndcg = take(keep, double, u->n)};
    hybrid_lists lists = {.k = RECOMMEND_K, .ids = take(&scratch, int32_t, u->n * RECOMMEND_K),
                          .scores = take(&scratch, float, u->n * RECOMMEND_K)};
    hybrid_blend(p, recommend_weights(m, model), lists, threads);
    for (int64_t i = 0; i < u->n; i++) {
        metrics_rank one = metrics_rank_one(lists.ids + i * RECOMMEND_K, RECOMMEND_K,
                                            u->truth.col + u->truth.at[i],
                                            sparse_degree(&u->truth, i), RECOMMEND_K);
        r.ap[i] = one.ap;
        r.recall[i] = one.recall;
        r.ndcg[i] = one.ndcg;
    }
    r.coverage = metrics_rank_coverage(lists.ids, u->n, RECOMMEND_K, RECOMMEND_K, m->d->articles,
                                       scratch) *
                 (double)m->d->articles / (double)(m->n_active > 0 ? m->n_active : 1);
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
    {"trend", offsetof(recommend_params, trend)},
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

void recommend_put(js *out, const char *key, const recommend_params *p) {
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
    js_end(out);
}

static void get_float(const js_node *object, const char *key, float *to) {
    double value;
    if (js_real(js_get(object, key), &value)) *to = (float)value;
}

void recommend_get(const js_node *best, recommend_params *p) {
    if (!best) return;
    for (int i = 0; i < REALS; i++) js_real(js_get(best, reals[i].name), real_at(p, i));
    get_float(best, "lambda", &p->als.lambda);
    get_float(best, "alpha0", &p->als.alpha0);
    const js_node *weights = js_get(best, "weights");
    for (int i = 0; weights && i < RECOMMEND_SOURCES; i++)
        get_float(weights, recommend_names[i], &p->weights.of[i]);
}

/* ---- report ---- */

static evaluation_metric interval(const char *name, metrics_interval i) {
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
        js_put_int(j, "iterations", p->als.iterations);
        put_float(j, "lambda", p->als.lambda);
        put_float(j, "alpha0", p->als.alpha0);
    } else if (model == RECOMMEND_SOURCES) {
        recommend_put_weights(j, &p->weights);
    } else {
        js_put_real(j, "half_life",
                    model == RECOMMEND_OWN ? p->own_half_life : p->profile_half_life);
    }
    js_end(j);
    return text_slice(&j->out);
}

static const char *sentence(const evaluation_comparison *c, const metrics_interval *map,
                            scope *s) {
    double blend = map[RECOMMEND_SOURCES].mean, popular = map[RECOMMEND_POPULAR].mean;
    const char *word = evaluation_verdict(c);
    if (strcmp(word, "better") == 0)
        return arena_text(&s->keep,
                          "The hybrid is better than popularity: MAP@12 %.4f against %.4f "
                          "(difference %+.4f, 95 %% interval %+.4f to %+.4f).",
                          blend, popular, c->difference, c->low, c->high);
    if (strcmp(word, "worse") == 0)
        return arena_text(&s->keep,
                          "The hybrid is worse than popularity and must not be used: MAP@12 %.4f "
                          "against %.4f (difference %+.4f, 95 %% interval %+.4f to %+.4f).",
                          blend, popular, c->difference, c->low, c->high);
    return arena_text(&s->keep,
                      "No difference shown between the hybrid and popularity: MAP@12 %.4f against "
                      "%.4f (difference %+.4f, 95 %% interval %+.4f to %+.4f).",
                      blend, popular, c->difference, c->low, c->high);
}

static void compare_all(js *report, const recommend_score *scores, uint64_t seed, scope *s,
                        recommend_summary *summary) {
    js_array(report, "comparisons");
    for (int model = 1; model < RECOMMEND_MODELS; model++) {
        metrics_interval d = metrics_bootstrap_paired(scores[model].ap, scores[0].ap, scores[0].n,
                                                      seed, METRICS_RESAMPLES, s->scratch);
        evaluation_comparison c = {.model = recommend_names[model],
                                   .baseline = recommend_names[0],
                                   .metric = "map_at_12",
                                   .difference = d.mean,
                                   .low = d.low,
                                   .high = d.high};
        evaluation_compare(report, &c);
        summary->verdict = sentence(&c, summary->map, s); /* the blend comes last */
    }
    js_end(report);
    js_put_word(report, "verdict", summary->verdict);
}

recommend_summary recommend_report(const recommend_fit *m, const recommend_units *u, bool compare,
                                   uint64_t seed, pool *threads, scope *s, js *report) {
    recommend_summary summary = {0};
    recommend_score scores[RECOMMEND_MODELS];
    arena inner = arena_split(&s->scratch, arena_left(&s->scratch) / 2);
    hybrid_problem p = recommend_candidates(m, u->customers, u->n, threads, &s->keep, inner);
    js_put_word(report, "metric", "map_at_12");
    js_array(report, "models");
    for (int model = 0; model < RECOMMEND_MODELS; model++) {
        recommend_score *r = &scores[model];
        *r = recommend_score_model(m, &p, u, model, threads, &s->keep, inner);
        metrics_interval map = metrics_bootstrap(r->ap, r->n, seed, METRICS_RESAMPLES, inner);
        summary.map[model] = map;
        evaluation_metric metrics[] = {
            interval("map_at_12", map),
            interval("recall_at_12",
                     metrics_bootstrap(r->recall, r->n, seed, METRICS_RESAMPLES, inner)),
            interval("ndcg_at_12",
                     metrics_bootstrap(r->ndcg, r->n, seed, METRICS_RESAMPLES, inner)),
            {"coverage_at_12", r->coverage, NAN, NAN, r->n},
        };
        evaluation_model(report, recommend_names[model], model == 0 ? "baseline" : "model",
                         parameters_of(&m->p, model, s), metrics, 4);
    }
    js_end(report);
    if (compare) compare_all(report, scores, seed, s, &summary);
    return summary;
}
