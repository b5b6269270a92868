/* language_ladder: words, vectors or both: grids, the climb, and the choice in words. */
#include "pipeline/language_ladder.h"

#include <math.h>

#include "base/random.h"
#include "pipeline/family.h"

/* ---- climbing ---- */

static language_gain gain_of(const metrics_class_data *a, const metrics_class_data *b,
                             language_rung over, uint64_t seed, pool *threads, arena scratch) {
    metrics_class bounds[4];
    metrics_class_bootstrap(a, b, seed, threads, bounds, scratch);
    language_gain g = {.over = over,
                       .low = bounds[METRICS_CLASS_LESS].log_loss,
                       .high = bounds[METRICS_CLASS_MORE].log_loss};
    g.difference = metrics_class_log_loss(a->probability, a->label, NULL, a->n, a->classes) -
                   metrics_class_log_loss(b->probability, b->label, NULL, b->n, b->classes);
    evaluation_comparison c = {.low = g.low, .high = g.high, .less_is_better = true};
    g.verdict = evaluation_verdict(&c);
    return g;
}

language_rung language_ladder_climb(const metrics_class_data rung[LANGUAGE_RUNGS], uint64_t seed,
                                    pool *threads, language_gain gain[LANGUAGE_RUNGS],
                                    arena scratch) {
    language_rung chosen = LANGUAGE_WORDS;
    for (int k = 1; k < LANGUAGE_RUNGS; k++) {
        if (rung[k].n == 0) continue;
        gain[k] = gain_of(&rung[k], &rung[chosen], chosen, seed, threads, scratch);
        if (gain[k].high < 0) chosen = (language_rung)k;
    }
    return chosen;
}

/* ---- the grids ---- */

typedef struct grid_point {
    language_rung rung;
    double c, vector_weight;
    int grams; /* 0 = as words do best */
} grid_point;

static const grid_point grid[] = {
    {LANGUAGE_WORDS, 1, 3, 2},    {LANGUAGE_WORDS, 3, 3, 2},    {LANGUAGE_WORDS, 10, 3, 2},
    {LANGUAGE_WORDS, 30, 3, 2},   {LANGUAGE_WORDS, 1, 3, 1},    {LANGUAGE_WORDS, 3, 3, 1},
    {LANGUAGE_WORDS, 10, 3, 1},   {LANGUAGE_WORDS, 30, 3, 1},   {LANGUAGE_VECTORS, 0.3, 3, 0},
    {LANGUAGE_VECTORS, 1, 3, 0},  {LANGUAGE_VECTORS, 3, 3, 0},  {LANGUAGE_VECTORS, 10, 3, 0},
    {LANGUAGE_VECTORS, 30, 3, 0}, {LANGUAGE_BOTH, 0.3, 1.5, 0}, {LANGUAGE_BOTH, 0.3, 3, 0},
    {LANGUAGE_BOTH, 0.3, 6, 0},   {LANGUAGE_BOTH, 1, 1.5, 0},   {LANGUAGE_BOTH, 1, 3, 0},
    {LANGUAGE_BOTH, 1, 6, 0},     {LANGUAGE_BOTH, 3, 1.5, 0},   {LANGUAGE_BOTH, 3, 3, 0},
    {LANGUAGE_BOTH, 3, 6, 0},
};
enum { POINTS = sizeof grid / sizeof grid[0] };

/* The best of a rung so far, with its scores of the validation reviews. */
typedef struct best {
    metrics_class_data view;
    double loss;
} best;

/* Fits on train, learns temperature, threshold and band on validation, and is judged there. */
static bool try_point(work *w, scope *s, language_head *h, const sentiment_data *train,
                      const sentiment_data *valid, metrics_class_data *view, metrics_class *told,
                      err *e) {
    sentiment_model m;
    if (!language_head_fit(w, h, train, s, &m, e)) return false;
    double *q = language_head_score(w, &m, valid, s);
    int32_t *said = take(&s->keep, int32_t, valid->n);
    sentiment_calibrate(&m, q, valid->label, valid->n, h->p.sure, s->scratch);
    calibrate_apply(q, valid->n, 2, m.temperature);
    sentiment_choose(&m, q, valid->n, said);
    h->temperature = m.temperature;
    h->threshold = m.threshold;
    h->band = m.band;
    *view = (metrics_class_data){q, valid->label, said, valid->n, 2};
    *told = metrics_class_all(view, s->scratch);
    return true;
}

static void put_trial(js *report, const language_head *h, const metrics_class *m, arena *keep) {
    js_object(report, NULL);
    js_put_word(report, "step", language_rung_names[h->rung]);
    js_put_raw(report, "parameters", language_head_json(h, keep));
    language_put_metrics(report, m);
    js_end(report);
}

/* The share of reviews that the head calls uncertain. */
static double abstain_share(const language_head *h, const metrics_class_data *view) {
    int64_t unsure = 0;
    for (int64_t i = 0; i < view->n; i++) {
        double p = view->probability[2 * i + 1];
        unsure += p > h->band.low && p <= h->band.high;
    }
    return view->n > 0 ? (double)unsure / (double)view->n : 0;
}

/* One point of the grid in a scope of its own; what is best so far is copied to s->keep. */
static bool one_trial(work *w, scope *s, const grid_point *g, const sentiment_data *train,
                      const sentiment_data *valid, language_ladder *l, best *at, js *report,
                      err *e) {
    scope own;
    metrics_class told;
    metrics_class_data view;
    language_head h = language_head_default(g->rung);
    h.p.line.c = g->c;
    h.p.vector_weight = g->vector_weight;
    h.p.words.max_n = g->grams ? g->grams : l->step[LANGUAGE_WORDS].head.p.words.max_n;
    if (!scope_open(&own, (size_t)16 << 30, (size_t)16 << 30, e)) return false;
    bool done = try_point(w, &own, &h, train, valid, &view, &told, e);
    if (done) put_trial(report, &h, &told, &s->keep);
    if (done && told.log_loss < at->loss) {
        at->loss = told.log_loss;
        at->view = (metrics_class_data){take_copy(&s->keep, double, view.probability, 2 * view.n),
                                        view.label,
                                        take_copy(&s->keep, int32_t, view.predicted, view.n),
                                        view.n, 2};
        l->step[g->rung].tried = true;
        l->step[g->rung].head = h;
        l->step[g->rung].validation = told;
    }
    scope_close(&own);
    return done;
}

bool language_ladder_tune(work *w, scope *s, const language_data *d, const language_vectors *v,
                          js *report, language_ladder *out, err *e) {
    best at[LANGUAGE_RUNGS];
    metrics_class_data views[LANGUAGE_RUNGS] = {0};
    language_gain gain[LANGUAGE_RUNGS] = {0};
    const language_vectors *rows = v->why ? NULL : v;
    sentiment_data train = language_vectors_pick(d, rows, LANGUAGE_TRAIN, LANGUAGE_TRAIN, &s->keep,
                                                 NULL);
    sentiment_data valid = language_vectors_pick(d, rows, LANGUAGE_VALID, LANGUAGE_VALID, &s->keep,
                                                 NULL);
    *out = (language_ladder){.fitted_on = train.n, .judged_on = valid.n};
    for (int k = 0; k < LANGUAGE_RUNGS; k++) at[k] = (best){.loss = INFINITY};
    js_array(report, "trials");
    for (int i = 0; i < POINTS; i++) {
        work_tick(w, "language: tuning", i, POINTS);
        if (!rows && grid[i].rung != LANGUAGE_WORDS) continue;
        if (!one_trial(w, s, &grid[i], &train, &valid, out, &at[grid[i].rung], report, e))
            return false;
    }
    js_end(report);
    for (int k = 0; k < LANGUAGE_RUNGS; k++) views[k] = at[k].view;
    out->chosen = language_ladder_climb(views, seed_for(w->seed, "language"), w->threads, gain,
                                        s->scratch);
    for (int k = 0; k < LANGUAGE_RUNGS; k++) out->step[k].gain = gain[k];
    out->abstain_share = abstain_share(&out->step[out->chosen].head, &views[out->chosen]);
    return true;
}

/* ---- in words ---- */

static const char *cost_of(const language_vectors *v, language_rung rung, arena *keep) {
    if (rung == LANGUAGE_WORDS) return "the texts alone: no weights, nothing to keep";
    if (v->why) return "not tried";
    return arena_text(keep, "%svectors of every review by %s: about %.0f s of two plain cores for "
                            "all of them once; new reviews alone from then on",
                      rung == LANGUAGE_BOTH ? "words, and " : "", v->of.maker, v->plan.seconds);
}

static void put_gain(js *report, const language_step *step, int rung) {
    if (!step->tried || rung == LANGUAGE_WORDS) {
        js_put_null(report, "gain");
        return;
    }
    js_object(report, "gain");
    js_put_word(report, "metric", "log_loss");
    js_put_word(report, "over", language_rung_names[step->gain.over]);
    js_put_real(report, "difference", step->gain.difference);
    js_put_real(report, "low", step->gain.low);
    js_put_real(report, "high", step->gain.high);
    js_put_word(report, "verdict", step->gain.verdict);
    js_end(report);
}

static void put_step(js *report, const language_ladder *l, int rung, const language_vectors *v,
                     arena *keep) {
    const language_step *step = &l->step[rung];
    js_object(report, NULL);
    js_put_word(report, "step", language_rung_names[rung]);
    js_put_raw(report, "parameters", step->tried ? language_head_json(&step->head, keep)
                                                 : SLICE("{}"));
    if (step->tried) {
        js_object(report, "validation");
        js_put_int(report, "n", l->judged_on);
        language_put_metrics(report, &step->validation);
        js_end(report);
    } else {
        js_put_null(report, "validation");
    }
    put_gain(report, step, rung);
    js_put_word(report, "cost", cost_of(v, (language_rung)rung, keep));
    js_end(report);
}

/* The last step is not tried in a run: it moves the encoder itself and takes minutes to hours. */
static void put_fine_tuned(js *report) {
    js_object(report, NULL);
    js_put_word(report, "step", "fine-tuned");
    js_put_raw(report, "parameters", SLICE("{}"));
    js_put_null(report, "validation");
    js_put_null(report, "gain");
    js_put_word(report, "cost",
                "not tried in a run: atelier sentiment --fit --fine-tune moves the encoder's own "
                "weights, minutes to hours of a processor, and judges the result on texts held "
                "out");
    js_end(report);
}

/* "words 0.2172, vectors 0.1714, words + vectors 0.1686" */
static const char *losses(const language_ladder *l, arena *keep) {
    const char *all = "";
    for (int k = 0; k < LANGUAGE_RUNGS; k++)
        if (l->step[k].tried)
            all = arena_text(keep, "%s%s%s %.4f", all, *all ? ", " : "", language_rung_names[k],
                             l->step[k].validation.log_loss);
    return all;
}

static const char *why_chosen(const language_ladder *l, const language_vectors *v, arena *keep) {
    const language_step *step = &l->step[l->chosen];
    const language_gain *both = &l->step[LANGUAGE_BOTH].gain;
    const char *name = language_rung_names[l->chosen];
    if (v->why) return arena_text(keep, "Sentiment is read by words alone: %s.", v->why);
    if (l->chosen == LANGUAGE_WORDS)
        return arena_text(keep,
                          "Sentiment is read by words alone: on %lld validation reviews neither "
                          "vectors nor words beside them are shown to lower the log loss (with "
                          "both it differs by %+.4f, 95 %% interval %+.4f to %+.4f), so their cost "
                          "is not paid. Log loss by step: %s.",
                          (long long)l->judged_on, both->difference, both->low, both->high,
                          losses(l, keep));
    return arena_text(keep,
                      "Sentiment is read by %s: on %lld validation reviews their log loss is %.4f "
                      "below that of %s (95 %% interval %.4f to %.4f).%s Log loss by step: %s.",
                      name, (long long)l->judged_on, -step->gain.difference,
                      language_rung_names[step->gain.over], -step->gain.high, -step->gain.low,
                      l->chosen == LANGUAGE_VECTORS
                          ? " Words beside the vectors are not shown to add to them." : "",
                      losses(l, keep));
}

void language_ladder_put(const language_ladder *l, const language_vectors *v, js *report,
                         arena *keep) {
    const language_head *h = &l->step[l->chosen].head;
    js_array(report, "ladder");
    for (int k = 0; k < LANGUAGE_RUNGS; k++) put_step(report, l, k, v, keep);
    put_fine_tuned(report);
    js_end(report);
    js_put_word(report, "chosen", language_rung_names[l->chosen]);
    js_put_word(report, "why", why_chosen(l, v, keep));
    js_object(report, "thresholds");
    js_put_real(report, "threshold", h->threshold);
    js_put_real(report, "low", h->band.low);
    js_put_real(report, "high", h->band.high);
    js_put_fixed(report, "abstain_share", l->abstain_share, 4);
    js_end(report);
}
