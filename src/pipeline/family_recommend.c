/* family_recommend: recommendations: popularity, factors, content, own articles, and their blend.
 *
 * Units are the customers who buy in the window; already bought articles may be recommended again.
 * Customers without history get popularity, by age band where ages are known. */
#include <math.h>

#include "base/random.h"
#include "pipeline/family.h"
#include "pipeline/recommend_publish.h"
#include "pipeline/recommend_score.h"

enum { TUNE_UNITS = 20000 }; /* at most: every n-th buyer of a large shop */

static bool enough(const recommend_units *u, const recommend_fit *m, js *report) {
    const char *why = NULL;
    if (m->n_active == 0) why = "no article is sold in the weeks before the window";
    if (u->n == 0) why = "no customer buys in the window";
    if (why) js_put_word(report, "skipped", why);
    else js_put_null(report, "skipped");
    return why == NULL;
}

static void put_data(const recommend_fit *m, const recommend_units *u, js *report) {
    int64_t history = 0, cold = 0;
    for (int64_t i = 0; i < m->d->n; i++) history += m->d->day[i] < m->cutoff;
    for (int64_t i = 0; i < u->n; i++) cold += sparse_degree(&m->own, u->customers[i]) == 0;
    js_object(report, "data");
    js_put_int(report, "rows", history);
    js_put_int(report, "customers", u->n);
    js_put_int(report, "customers_without_history", cold);
    js_put_int(report, "articles", m->n_active);
    js_put_int(report, "purchases_to_find", sparse_count(&u->truth));
    js_end(report);
}

/* Fits on the days before `from` and reports on the buyers of [from, to). */
static bool fit_and_report(work *w, scope *s, js *report, recommend_params p, int32_t from,
                           int32_t to, bool compare, err *e) {
    recommend_data d;
    recommend_fit m;
    uint64_t seed = seed_for(w->seed, "recommend");
    if (!recommend_load(&d, w, to, &s->keep, s->scratch, e) ||
        !recommend_fit_all(&m, &d, p, from, w->threads, &s->keep, s->scratch, e))
        return false;
    recommend_units u = recommend_buyers(&d, from, to, INT64_MAX, &s->keep, s->scratch);
    if (!enough(&u, &m, report)) return true;
    put_data(&m, &u, report);
    recommend_report(&m, &u, compare, seed, w->threads, s, report);
    return true;
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    return fit_and_report(w, s, report, recommend_defaults(w->seed), w->days.valid_from,
                          w->days.test_from, false, e);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    recommend_params p = recommend_defaults(w->seed);
    recommend_get(work_tuned(w, s, "recommend"), &p);
    return fit_and_report(w, s, report, p, w->days.test_from, w->days.end, true, e);
}

/* ---- tune ---- */

typedef struct trials {
    work *w;
    scope *s;
    js *report;
    recommend_fit *m;
    const recommend_units *u;
} trials;

typedef struct parameter {
    const char *name;
    double value;
} parameter;

static void put_trial(js *report, const char *model, double map, const parameter *p, int n) {
    js_object(report, NULL);
    js_put_word(report, "model", model);
    js_object(report, "parameters");
    for (int i = 0; i < n; i++) js_put_real(report, p[i].name, p[i].value);
    js_end(report);
    js_put_real(report, "map_at_12", map);
    js_end(report);
}

static double map_of(const trials *t, const hybrid_problem *p, int model, arena scratch) {
    return hybrid_map(p, recommend_weights(t->m, model), &t->u->truth, RECOMMEND_K, t->w->threads,
                      scratch);
}

static void tune_popular(trials *t) {
    static const double half_lives[] = {7, 14, 28}, trusts[] = {0, 500};
    recommend_params best = t->m->p;
    double best_map = -1;
    for (int h = 0; h < 3; h++)
        for (int b = 0; b < (t->m->d->has_ages ? 2 : 1); b++) {
            arena keep = t->s->scratch;
            arena inner = arena_split(&keep, arena_left(&keep) / 2);
            t->m->p.popular_half_life = half_lives[h];
            t->m->p.band_trust = trusts[b];
            recommend_fit_popular(t->m, &keep, inner);
            hybrid_problem p = recommend_candidates(t->m, t->u->customers, t->u->n, t->w->threads,
                                                    &keep, inner);
            double map = map_of(t, &p, RECOMMEND_POPULAR, inner);
            put_trial(t->report, "popularity", map,
                      (parameter[]){{"half_life", half_lives[h]}, {"band_trust", trusts[b]}}, 2);
            if (map > best_map) {
                best_map = map;
                best = t->m->p;
            }
        }
    t->m->p = best;
    recommend_fit_popular(t->m, &t->s->keep, t->s->scratch);
}

/* The trends of one factorisation. */
static void tune_trend(trials *t, recommend_params *best, double *best_map, arena *keep,
                       arena scratch) {
    static const double trends[] = {0, 0.5, 1};
    for (int i = 0; i < 3; i++) {
        arena lists = *keep;
        t->m->p.trend = trends[i];
        hybrid_problem p = recommend_candidates(t->m, t->u->customers, t->u->n, t->w->threads,
                                                &lists, scratch);
        double map = map_of(t, &p, RECOMMEND_ALS, scratch);
        put_trial(t->report, "als", map,
                  (parameter[]){{"half_life", t->m->p.als_half_life},
                                {"alpha0", round(1e6 * t->m->p.als.alpha0) / 1e6},
                                {"trend", trends[i]}},
                  3);
        if (map <= *best_map) continue;
        *best_map = map;
        *best = t->m->p;
    }
}

static bool tune_als(trials *t, err *e) {
    static const double half_lives[] = {30, 90}, alphas[] = {0.003, 0.03, 0.3};
    recommend_params best = t->m->p;
    double best_map = -1;
    for (int h = 0; h < 2; h++)
        for (int a = 0; a < 3; a++) {
            arena keep = t->s->scratch;
            arena inner = arena_split(&keep, arena_left(&keep) / 2);
            t->m->p.als_half_life = half_lives[h];
            t->m->p.als.alpha0 = (float)alphas[a];
            if (!recommend_fit_als(t->m, t->w->threads, &keep, inner, e)) return false;
            tune_trend(t, &best, &best_map, &keep, inner);
            work_tick(t->w, "recommend: factors", 3 * h + a + 1, 6);
        }
    t->m->p = best;
    return recommend_fit_als(t->m, t->w->threads, &t->s->keep, t->s->scratch, e);
}

static recommend_score score_weights(trials *t, const hybrid_problem *p, hybrid_weights w,
                                     arena *keep, arena scratch) {
    t->m->p.weights = w;
    return recommend_score_model(t->m, p, t->u, RECOMMEND_SOURCES, t->w->threads, keep, scratch);
}

static double mean(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return n > 0 ? sum / (double)n : 0;
}

static void put_weights(js *report, hybrid_weights w, double map, const metrics_interval *gain,
                        bool taken) {
    js_object(report, NULL);
    js_put_word(report, "model", "hybrid");
    js_object(report, "parameters");
    recommend_put_weights(report, &w);
    js_end(report);
    js_put_real(report, "map_at_12", map);
    if (gain) {
        js_put_real(report, "gain", gain->mean);
        js_put_real(report, "gain_low", gain->low);
    }
    js_put_bool(report, "taken", taken);
    js_end(report);
}

/* Takes `top` for `now` only when the 95 % interval of its paired gain lies above zero. */
static bool take_if_shown(trials *t, hybrid_weights top, recommend_score top_score,
                          hybrid_weights *best, recommend_score *now, arena scratch) {
    metrics_interval gain = metrics_bootstrap_paired(top_score.ap, now->ap, now->n, t->w->seed,
                                                     METRICS_RESAMPLES, scratch);
    bool taken = gain.low > 0;
    put_weights(t->report, top, mean(top_score.ap, now->n), &gain, taken);
    if (taken) *best = top, *now = top_score;
    return taken;
}

/* Where to begin: the default blend, unless another one or a source alone is shown to be better. */
static void begin(trials *t, const hybrid_problem *p, hybrid_weights *best, recommend_score *now,
                  arena *keep, arena scratch) {
    static const hybrid_weights starts[] = {
        {{0.5f, 0.5f, 0.2f, 0.2f, 1}}, {{0.2f, 1, 0.2f, 0.5f, 0.5f}}, {{1}},
        {{0.01f, 1}},                  {{0.01f, 0, 1}},               {{0.01f, 0, 0, 1}},
        {{0.01f, 0, 0, 0, 1}}};
    hybrid_weights top = *best;
    recommend_score top_score = *now;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        recommend_score r = score_weights(t, p, starts[i], keep, scratch);
        if (mean(r.ap, r.n) > mean(top_score.ap, r.n)) top = starts[i], top_score = r;
    }
    take_if_shown(t, top, top_score, best, now, scratch);
}

/* Weights by coordinates: each source in turn tries other values with the rest held, twice over;
 * a change has to be shown: a few hundred buyers choose by chance otherwise. */
static void tune_weights(trials *t) {
    static const float values[] = {0, 0.05f, 0.1f, 0.2f, 0.5f, 1, 2};
    arena keep = t->s->scratch;
    arena inner = arena_split(&keep, arena_left(&keep) / 2);
    hybrid_problem p = recommend_candidates(t->m, t->u->customers, t->u->n, t->w->threads, &keep,
                                            inner);
    hybrid_weights best = t->m->p.weights;
    recommend_score now = score_weights(t, &p, best, &keep, inner);
    put_weights(t->report, best, mean(now.ap, now.n), NULL, true);
    begin(t, &p, &best, &now, &keep, inner);
    for (int turn = 0; turn < 2 * RECOMMEND_SOURCES; turn++) {
        int s = turn % RECOMMEND_SOURCES;
        hybrid_weights top = best;
        recommend_score top_score = now;
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            hybrid_weights one = best;
            /* popularity keeps a grain: it fills the lists */
            one.of[s] = s == RECOMMEND_POPULAR && v == 0 ? 0.01f : values[v];
            recommend_score r = score_weights(t, &p, one, &keep, inner);
            if (mean(r.ap, r.n) > mean(top_score.ap, r.n)) top = one, top_score = r;
        }
        take_if_shown(t, top, top_score, &best, &now, inner);
    }
    t->m->p.weights = best;
}

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    recommend_data d;
    recommend_fit m;
    if (!recommend_load(&d, w, w->days.test_from, &s->keep, s->scratch, e) ||
        !recommend_fit_all(&m, &d, recommend_defaults(w->seed), w->days.valid_from, w->threads,
                           &s->keep, s->scratch, e))
        return false;
    recommend_units u = recommend_buyers(&d, w->days.valid_from, w->days.test_from, TUNE_UNITS,
                                         &s->keep, s->scratch);
    if (!enough(&u, &m, report)) return true;
    trials t = {w, s, report, &m, &u};
    js_array(report, "trials");
    tune_popular(&t);
    if (!tune_als(&t, e)) return false;
    tune_weights(&t);
    js_end(report);
    recommend_put(report, "best", &m.p);
    return true;
}

const family family_recommend = {
    .name = "recommend",
    .title = "Recommendations",
    .train = train,
    .tune = tune,
    .evaluate = evaluate,
    .insight = NULL,
    .publish = recommend_publish,
};
