/* family_segment: RFM names and clusters of the customers: fitted, chosen and judged.
 *
 * Segments are descriptions, so they are judged by what they foretell: the groups that customers
 * were in before the test window, with the mean outcome of each group learnt one window earlier,
 * predict who buys and what they spend in the test window. `explained` is 1 - squared error over
 * that of one group for all: 0 = the segmentation says nothing. The baseline is recency in thirds,
 * which any shop can make by hand. */
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/metrics.h"
#include "models/segment/gap.h"
#include "pipeline/customer_value.h"
#include "pipeline/pairs.h"
#include "pipeline/segment_judge.h"
#include "pipeline/segment_mixture.h"
#include "pipeline/segment_study.h"
#include "pipeline/segment_tiles.h"

enum { GRID_LEAST = 3, GRID_MOST = 10, GRID = GRID_MOST - GRID_LEAST + 1 };

bool segment_skips(const segment_block *b, js *report) {
    if (b->n >= SEGMENT_LEAST) return false;
    js_put_word(report, "skipped", "fewer than 50 customers have bought before that day");
    return true;
}

static void put_trial(js *report, const choose_k_trial *t) {
    js_object(report, NULL);
    js_object(report, "parameters");
    js_put_int(report, "k", t->k);
    js_end(report);
    js_put_real(report, "silhouette", t->silhouette);
    js_put_real(report, "calinski_harabasz", t->calinski);
    js_put_real(report, "davies_bouldin", t->davies);
    js_put_real(report, "dbcv", t->dbcv);
    js_put_real(report, "stability", t->stability);
    js_put_real(report, "smallest_share", t->smallest);
    double weakest = 1;
    for (int c = 0; c < t->k; c++) weakest = fmin(weakest, t->overlap[c]);
    js_put_real(report, "weakest", weakest);
    js_put_real(report, "gap", t->gap);
    js_put_real(report, "bic", t->bic);
    js_put_real(report, "icl", t->icl);
    js_end(report);
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    segment_block b;
    segmentation m;
    (void)f;
    if (!segment_block_read(w, w->days.valid_from, s, &b, e)) return false;
    if (segment_skips(&b, report)) return true;
    if (!segmentation_fit(&m, w, &b, 5, true, s, e)) return false;
    js_put_null(report, "skipped");
    js_put_int(report, "customers", b.n);
    js_put_int(report, "features", m.scale.d);
    js_put_bool(report, "fixed_frequency_cuts", m.cuts.fixed_frequency);
    js_array(report, "validation");
    put_trial(report, &m.quality);
    js_end(report);
    return true;
}

/* Whether every cluster comes back under resampling. */
static bool holds(const choose_k_trial *t) {
    bool all = t->stability >= CHOOSE_K_STABLE && t->smallest >= CHOOSE_K_SMALLEST;
    for (int c = 0; c < t->k; c++) all = all && t->overlap[c] >= CHOOSE_K_STABLE;
    return all;
}

/* The finest of the k whose clusters all come back and that are as compact as the best of these,
 * within 5 % of the silhouette: of equals, more segments tell more. -1 when none holds. */
static int finest(const choose_k_trial *trials, int n) {
    double best = -1;
    int chosen = -1;
    for (int i = 0; i < n; i++)
        if (holds(&trials[i])) best = fmax(best, trials[i].silhouette);
    for (int i = 0; i < n; i++)
        if (holds(&trials[i]) && trials[i].silhouette >= 0.95 * best) chosen = i;
    return chosen;
}

/* The mixture that starts from these clusters, where it keeps them all. */
static bool judge_mixture(choose_k_trial *t, const segmentation *m, const work *w,
                          const segment_block *b, scope *s, err *e) {
    segment_mixture x;
    err why = {0};
    if (!segment_mixture_fit(&x, m, w, b, m->clusters.label, s, &why))
        return why.kind != ERR_WENT_WRONG || fail(e, "%s", why.text);
    if (x.model.k == t->k) t->bic = gmm_bic(&x.model), t->icl = gmm_icl(&x.model);
    return true;
}

static void judge_gaps(choose_k_trial *trials, const segmentation *m, const work *w,
                       const segment_block *b, scope *s) {
    arena scratch = s->scratch;
    double gap[GRID], sd[GRID];
    gap_params p = GAP_DEFAULTS;
    p.seed = seed_for(w->seed, "segment gap");
    kmeans_data data = {.n = b->n, .d = m->scale.d, .x = segmentation_view(m, b, &scratch)};
    if (!gap_fit(&data, GRID_LEAST, GRID_MOST, p, w->threads, gap, sd, scratch)) return;
    for (int i = 0; i < GRID; i++) trials[i].gap = gap[i], trials[i].gap_s = sd[i];
}

/* The grid of k on the customers as known before the validation window. */
static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    segment_block b;
    choose_k_trial trials[GRID];
    bool stable = true;
    if (!segment_block_read(w, w->days.valid_from, s, &b, e)) return false;
    if (segment_skips(&b, report)) return true;
    segmentation prepared;
    if (!segmentation_prepare(&prepared, w, &b, s, e)) return false;
    for (int i = 0; i < GRID; i++) {
        segmentation m = prepared;
        work_tick(w, "segment: clusters", i, GRID);
        if (!segmentation_cluster(&m, w, &b, GRID_LEAST + i, true, s, e)) return false;
        trials[i] = m.quality;
        if (!judge_mixture(&trials[i], &m, w, &b, s, e)) return false;
    }
    judge_gaps(trials, &prepared, w, &b, s);
    js_array(report, "trials");
    for (int i = 0; i < GRID; i++) put_trial(report, &trials[i]);
    js_end(report);
    int chosen = finest(trials, GRID);
    bool held = chosen >= 0;
    const choose_k_trial *t = &trials[held ? chosen : choose_k_pick(trials, GRID, &stable)];
    density_wish wish = density_wish_tuned(NULL);
    tuned_file found;
    if (!tuned_file_read(&found, w, "hdbscan", s, e)) return false;
    js_array(report, "studies");
    if (!segment_study(&b, w, folder_path(f, "segment_hdbscan.journal"), &found, s, report, &wish,
                       e))
        return false;
    js_end(report);
    tuned_file_put(report, w, (const tuned_file *[]){&found}, 1);
    js_object(report, "best");
    js_put_int(report, "k", t->k);
    js_put_real(report, "silhouette", t->silhouette);
    js_put_real(report, "stability", t->stability);
    js_putf(report, "why",
            held ? "Of %d to %d clusters, %d is the most that all come back under resampling "
                   "(overlap of 0.75 or more each, none under 1 %% of the customers) and are "
                   "within 5 %% of the most compact (silhouette %.2f, adjusted Rand index %.2f)."
            : stable ? "Of %d to %d clusters, none has every cluster come back under resampling; "
                       "%d have the largest silhouette (%.2f) among those that come back as a "
                       "whole (adjusted Rand index %.2f, at least 0.75)."
                     : "None of %d to %d clusters comes back under resampling as firmly as it "
                       "should (0.75); %d come back best (silhouette %.2f, adjusted Rand index "
                       "%.2f).",
            GRID_LEAST, GRID_MOST, t->k, t->silhouette, t->stability);
    density_wish_put(report, "density", wish);
    js_end(report);
    return true;
}

/* ---- step 08 ---- */

/* one group, thirds; names, clusters, mixture, density */
enum { OUTCOMES = SEGMENT_OUTCOMES, BASELINES = 2, WAYS = 6, DENSITY = WAYS - 1 };
static const char *const outcome_names[OUTCOMES] = {"explained_purchase", "explained_spend"};

/* Cuts at the largest value of the first window's 99 %: one order must not decide everything. */
static void cap(double *learn, int64_t n, double *test, int64_t n_test, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    double *up = take(&scratch, double, n);
    order_up(order, n, learn, scratch);
    for (int64_t i = 0; i < n; i++) up[i] = learn[order[i]];
    double most = metrics_quantile(up, n, 0.99);
    if (!(most > 0)) most = up[n - 1];
    for (int64_t i = 0; i < n; i++) learn[i] = fmin(learn[i], most);
    for (int64_t i = 0; i < n_test; i++) test[i] = fmin(test[i], most);
}

/* One way of grouping: group of each customer in the earlier and in the later block. */
typedef struct grouping {
    const char *name, *role, *parameters;
    int groups;
    int32_t *before, *after;
    double *explained[OUTCOMES]; /* [n] share of the mean squared error of one group, saved */
} grouping;

static void thirds(const segment_block *b, const double cut[2], int32_t *group) {
    for (int64_t i = 0; i < b->n; i++)
        group[i] = (b->rfm.recency[i] > cut[0]) + (b->rfm.recency[i] > cut[1]);
}

typedef struct trial {
    segment_block before, after;
    double *learn[OUTCOMES], *test[OUTCOMES];
    grouping all[WAYS];
    segmentation m;
    segment_mixture mixture;
    segment_density density;
} trial;

/* By density; those in none are a group of their own, the last one. */
static bool group_by_density(trial *t, const work *w, scope *s, err *e) {
    grouping *g = &t->all[DENSITY];
    const segment_density *x = &t->density;
    if (!segment_density_fit(&t->density, &t->m, w, &t->before, s, e)) return false;
    g->groups = x->k + 1;
    if (x->k > 0)
        g->parameters = arena_text(&s->keep, "{\"k\": %d, \"min_cluster_size\": %lld, "
                                   "\"neighbours\": %d, \"select\": \"%s\"}", x->k,
                                   (long long)x->params.min_cluster_size, x->params.neighbours,
                                   density_selects[x->params.select]);
    segment_density_groups(x, &t->m, w, &t->before, g->before, s);
    segment_density_groups(x, &t->m, w, &t->after, g->after, s);
    return true;
}

static bool group(trial *t, const work *w, scope *s, err *e) {
    static const grouping shapes[WAYS] = {{"one group", "baseline", "{}", 1, 0, 0, {0}},
                                          {"recency in thirds", "baseline", "{}", 3, 0, 0, {0}},
                                          {"rfm names", "served", "{}", RFM_NAMES, 0, 0, {0}},
                                          {"k-means clusters", "served", "{}", 0, 0, 0, {0}},
                                          {"gaussian mixture", "served", "{}", 0, 0, 0, {0}},
                                          {"density clusters", "served", "{}", 0, 0, 0, {0}}};
    memcpy(t->all, shapes, sizeof shapes);
    for (int g = 0; g < WAYS; g++) {
        t->all[g].before = take(&s->keep, int32_t, t->before.n);
        t->all[g].after = take(&s->keep, int32_t, t->after.n);
    }
    int32_t *order = order_count(t->before.n, &s->keep);
    order_up(order, t->before.n, t->before.rfm.recency, s->scratch);
    double cut[2];
    for (int i = 0; i < 2; i++) cut[i] = t->before.rfm.recency[order[t->before.n * (i + 1) / 3]];
    thirds(&t->before, cut, t->all[1].before);
    thirds(&t->after, cut, t->all[1].after);
    const rfm_score *before = segmentation_rfm(&t->m, &t->before, s);
    const rfm_score *after = segmentation_rfm(&t->m, &t->after, s);
    for (int64_t i = 0; i < t->before.n; i++) t->all[2].before[i] = before[i].name;
    for (int64_t i = 0; i < t->after.n; i++) t->all[2].after[i] = after[i].name;
    t->all[3].groups = t->m.clusters.k;
    t->all[3].parameters = arena_text(&s->keep, "{\"k\": %d}", t->m.clusters.k);
    t->all[3].before = segmentation_clusters(&t->m, w, &t->before, s);
    t->all[3].after = segmentation_clusters(&t->m, w, &t->after, s);
    if (!segment_mixture_fit(&t->mixture, &t->m, w, &t->before, t->all[3].before, s, e))
        return false;
    t->all[4].groups = t->mixture.model.k;
    t->all[4].parameters = arena_text(&s->keep, "{\"k\": %d}", t->mixture.model.k);
    segment_mixture_assign(&t->mixture, &t->m, w, &t->before, t->all[4].before, NULL, s);
    segment_mixture_assign(&t->mixture, &t->m, w, &t->after, t->all[4].after, NULL, s);
    return group_by_density(t, w, s, e);
}

static void explain(trial *t, scope *s) {
    for (int k = 0; k < OUTCOMES; k++) {
        segment_learned of = {t->learn[k], t->test[k], t->before.n, t->after.n};
        for (int g = 0; g < WAYS; g++) {
            t->all[g].explained[k] = take(&s->keep, double, t->after.n);
            segment_explain(&of, t->all[g].groups, t->all[g].before, t->all[g].after,
                            t->all[g].explained[k], s->scratch);
        }
    }
}

static const char *in_words(const evaluation_comparison *c) {
    const char *verdict = evaluation_verdict(c);
    return strcmp(verdict, "better") == 0  ? "better than"
           : strcmp(verdict, "worse") == 0 ? "worse than"
                                           : "not shown to differ from";
}

static void put_models(js *report, const trial *t, uint64_t seed, scope *s,
                       double value[WAYS][OUTCOMES]) {
    js_array(report, "models");
    for (int g = 0; g < WAYS; g++) {
        evaluation_metric m[OUTCOMES];
        for (int k = 0; k < OUTCOMES; k++) {
            metrics_interval i = metrics_bootstrap(t->all[g].explained[k], t->after.n, seed,
                                                   METRICS_RESAMPLES, s->scratch);
            m[k] = (evaluation_metric){outcome_names[k], i.mean, i.low, i.high, i.n};
            value[g][k] = i.mean;
        }
        evaluation_model(report, t->all[g].name, t->all[g].role, slice_of(t->all[g].parameters), m,
                         OUTCOMES);
    }
    js_end(report);
}

static void put_comparisons(js *report, const trial *t, uint64_t seed, scope *s,
                            evaluation_comparison out[WAYS - BASELINES][OUTCOMES]) {
    js_array(report, "comparisons");
    for (int g = 0; g < WAYS - BASELINES; g++)
        for (int k = 0; k < OUTCOMES; k++) {
            const grouping *mine = &t->all[BASELINES + g], *base = &t->all[1];
            metrics_interval d = metrics_bootstrap_paired(mine->explained[k], base->explained[k],
                                                          t->after.n, seed, METRICS_RESAMPLES,
                                                          s->scratch);
            out[g][k] = (evaluation_comparison){mine->name, base->name, outcome_names[k],
                                                d.mean,     d.low,      d.high, false};
            evaluation_compare(report, &out[g][k]);
        }
    js_end(report);
}

static bool prepare(trial *t, work *w, scope *s, js *report, bool *ready, err *e) {
    const windows *d = &w->days;
    *ready = false;
    if (!segment_block_read(w, d->valid_from, s, &t->before, e) ||
        !segment_block_read(w, d->test_from, s, &t->after, e))
        return false;
    if (segment_skips(&t->before, report) || segment_skips(&t->after, report)) return true;
    if (!segment_outcomes(w, &t->before, d->valid_from, d->test_from, s, t->learn, e) ||
        !segment_outcomes(w, &t->after, d->test_from, d->end, s, t->test, e) ||
        !segmentation_fit(&t->m, w, &t->before, segment_tuned(w, s), false, s, e))
        return false;
    cap(t->learn[1], t->before.n, t->test[1], t->after.n, s->scratch);
    if (!group(t, w, s, e)) return false;
    explain(t, s);
    *ready = true;
    return true;
}

/* What the study of step 07 was worth in the test: the clusters by density beside those of the
 * parameters before it, as rows of "tuning"; none where it kept them. */
static bool put_tuning(trial *t, const work *w, uint64_t seed, scope *s, js *report, err *e) {
    density_wish was = density_wish_tuned(NULL);
    density_wish now = density_wish_tuned(work_tuned(w, s, "segment"));
    js_array(report, "tuning");
    if (now.neighbours != was.neighbours || now.select != was.select || now.share != was.share) {
        segment_density *x = take(&s->keep, segment_density, 1);
        int32_t *before = take(&s->keep, int32_t, t->before.n);
        int32_t *after = take(&s->keep, int32_t, t->after.n);
        double *old = take(&s->keep, double, t->after.n);
        segment_learned of = {t->learn[0], t->test[0], t->before.n, t->after.n};
        if (!segment_density_fit_by(x, was, &t->m, w, &t->before, s, e)) return false;
        segment_density_groups(x, &t->m, w, &t->before, before, s);
        segment_density_groups(x, &t->m, w, &t->after, after, s);
        segment_explain(&of, x->k + 1, before, after, old, s->scratch);
        metrics_interval d = metrics_bootstrap_paired(t->all[DENSITY].explained[0], old, t->after.n,
                                                      seed, METRICS_RESAMPLES, s->scratch);
        evaluation_compare(report, &(evaluation_comparison){
                                       "hdbscan, tuned", "hdbscan, default", outcome_names[0],
                                       d.mean, d.low, d.high, false});
    }
    js_end(report);
    return true;
}

static bool keep_pairs(const work *w, folder *f, const trial *t, scope *s, js *report, err *e) {
    const grouping *clusters = &t->all[BASELINES + 1];
    pairs p = {clusters->name, outcome_names[0], false, t->after.n,
               pairs_customers(w, t->after.customer, t->after.n, &s->keep, e),
               clusters->explained[0], NULL};
    return p.key && pairs_write(w, f, "segment", &p, s, report, e);
}

/* Of the baseline, the names and the clusters, by who buys. */
static bool put_parts(const trial *t, const customer_value *v, work *w, scope *s, js *report,
                      err *e) {
    segment_exam x = {&t->before, &t->after, &t->m, {{0}}, t->learn[0], t->test[0], v};
    for (int i = 0; i < SEGMENT_WAYS; i++) {
        const grouping *g = &t->all[i + 1];
        x.way[i] = (segment_way){g->name, g->groups, g->before, g->after, g->explained[0]};
    }
    return segment_put_parts(&x, w, s, report, e) && segment_put_learning(&x, w, s, report, e);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    trial t = {0};
    bool ready;
    double value[WAYS][OUTCOMES];
    evaluation_comparison c[WAYS - BASELINES][OUTCOMES];
    uint64_t seed = seed_for(w->seed, "segment");
    customer_value *v = take(&s->keep, customer_value, 1);
    if (!prepare(&t, w, s, report, &ready, e)) return false;
    if (!ready) return true;
    if (!customer_value_examine(v, w, s, e)) return false;
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "customers_before", t.before.n);
    js_put_int(report, "customers", t.after.n);
    js_put_word(report, "question", "who buys, and spends what, in the test window, predicted from "
                                    "the group a customer was in before it");
    js_end(report);
    js_put_word(report, "metric", outcome_names[0]);
    put_models(report, &t, seed, s, value);
    put_comparisons(report, &t, seed, s, c);
    if (!put_tuning(&t, w, seed, s, report, e)) return false;
    js_putf(report, "verdict",
            "Who buys in the test window: RFM names explain %.1f %% of it (%s recency in thirds, "
            "%.1f %%), the %d clusters %.1f %% (%s it). What they spend: %.1f %% (%s the "
            "baseline's %.1f %%) and %.1f %% (%s it). As a mixture with soft edges the clusters "
            "explain %.1f %% and %.1f %%; by density (%d clusters and those in none) %.1f %% and "
            "%.1f %%.",
            100 * value[2][0], in_words(&c[0][0]), 100 * value[1][0], t.m.clusters.k,
            100 * value[3][0], in_words(&c[1][0]), 100 * value[2][1], in_words(&c[0][1]),
            100 * value[1][1], 100 * value[3][1], in_words(&c[1][1]), 100 * value[4][0],
            100 * value[4][1], t.density.k, 100 * value[DENSITY][0], 100 * value[DENSITY][1]);
    js_object(report, "customer_value");
    customer_value_put_exam(v, w, report);
    js_end(report);
    if (!put_parts(&t, v, w, s, report, e)) return false;
    return keep_pairs(w, f, &t, s, report, e);
}

const family family_segment = {"segment", "Customer segments", train, tune, evaluate,
                               segment_insight, segment_publish, NULL};
