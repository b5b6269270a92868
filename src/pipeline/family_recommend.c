/* family_recommend: recommendations: many sources, their weighted blend, and a ranker over them.
 *
 * Units are customers who buy in the 7 days after a weekly cut-off; already bought articles may be
 * recommended again. Customers without history get popularity, by age band where ages are known. */
#include <string.h>

#include "base/random.h"
#include "pipeline/pairs.h"
#include "pipeline/recommend_publish.h"
#include "pipeline/recommend_ranker_study.h"
#include "pipeline/recommend_ranker_tune.h"
#include "pipeline/recommend_sweeps.h"
#include "pipeline/recommend_tune.h"

enum { EVALUATE_UNITS = 50000, TUNE_UNITS = 5000 }; /* of a week, at most: every n-th buyer */

/* Some weeks to learn a ranker from and those after them to be judged on. */
typedef struct term {
    recommend_data d;
    recommend_params p;
    recommend_calendar c;
    int train, n; /* weeks: to learn from, at the head; judged on */
    recommend_week *weeks;
    recommend_ranking ranking;
    recommend_exam x; /* of the weeks judged on */
} term;

static term *term_new(const work *w, int train, int skip, scope *s) {
    term *t = take(&s->keep, term, 1);
    int n = recommend_test_weeks(w->days);
    t->c = recommend_cutoffs(w->days, train + n, skip);
    t->n = n < t->c.n ? n : t->c.n;
    t->train = t->c.n - t->n;
    return t;
}

static bool term_load(term *t, work *w, int32_t until, bool tuned, scope *s, err *e) {
    t->p = recommend_defaults(w->seed);
    if (tuned) recommend_get(work_tuned(w, s, "recommend"), &t->p);
    return recommend_load(&t->d, w, until, &s->keep, s->scratch, e);
}

static bool term_walk(term *t, work *w, int64_t most, bool keep, recommend_sweeps *sweeps,
                      scope *s, err *e) {
    recommend_growth usual = RECOMMEND_GROWTH, now = t->p.growth;
    t->ranking = (recommend_ranking){.w = w, .s = s, .train = t->train, .trees = t->p.trees,
                                     .growth = now, .keep = keep};
    t->ranking.beside = !recommend_growth_same(now, usual);
    recommend_walk walk = {.d = &t->d, .p = t->p, .most = most, .first = t->train,
                           .most_first = RECOMMEND_TRAIN_UNITS,
                           .visit = t->train > 0 ? recommend_ranking_visit : NULL,
                           .what = &t->ranking, .threads = w->threads,
                           .sweep = sweeps ? recommend_sweeps_visit : NULL, .swept = sweeps};
    recommend_week *all = take(&s->keep, recommend_week, t->c.n + 1);
    t->weeks = all + t->train;
    if (!recommend_walk_weeks(&walk, &t->c, all, s, e)) return false;
    t->x = recommend_exam_open(t->weeks, t->n, t->d.customers, seed_for(w->seed, "recommend"),
                               &s->keep, s->scratch);
    return true;
}

/* A ranker's lists of all weeks; NULL when there is no ranker. */
static const int32_t *ranker_lists(const term *t, int32_t *const *of, arena *keep) {
    if (!t->ranking.trained) return NULL;
    int32_t *ids = take(keep, int32_t, t->x.n * RECOMMEND_K), *to = ids;
    for (int i = 0; i < t->n; i++) {
        int64_t n = t->weeks[i].units.n * RECOMMEND_K;
        memcpy(to, of[i], sizeof *to * (size_t)n);
        to += n;
    }
    return ids;
}

/* Says what was looked at; false (and "skipped") when there is nothing to judge by. */
static bool put_data(const term *t, js *report) {
    int64_t articles = 0, wanted = 0, history = 0, cold = 0, buyers = 0;
    int32_t first = t->n > 0 ? t->weeks[0].from : INT32_MIN;
    for (int i = 0; i < t->n; i++) {
        articles = t->weeks[i].n_active > articles ? t->weeks[i].n_active : articles;
        wanted += sparse_count(&t->weeks[i].units.truth);
        buyers += t->weeks[i].units.buyers;
        for (int64_t u = 0; u < t->weeks[i].units.n; u++)
            cold += t->weeks[i].segment[u] == RECOMMEND_NEW;
    }
    for (int64_t i = 0; i < t->d.n; i++) history += t->d.day[i] < first;
    const char *why = t->n == 0      ? "the history is too short for a week to be judged on"
                      : t->x.n == 0  ? "no customer buys in the weeks judged on"
                      : articles == 0 ? "no article is sold in the weeks before"
                                      : NULL;
    js_put_word(report, "skipped", why);
    if (why) return false;
    js_object(report, "data");
    js_put_int(report, "rows", history);
    js_put_int(report, "customer_weeks", t->x.n); /* every n-th of the buyers of a week */
    js_put_int(report, "customer_weeks_in_all", buyers);
    js_put_int(report, "customers", t->x.clusters);
    js_put_int(report, "customers_without_history", cold);
    js_put_int(report, "articles", articles);
    js_put_int(report, "purchases_to_find", wanted);
    js_end(report);
    return true;
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    int n = recommend_test_weeks(w->days);
    term *t = term_new(w, 0, n, s);
    recommend_sweeps *sweeps = recommend_sweeps_new(w, TUNE_UNITS, s);
    if (!term_load(t, w, w->days.end - n * RECOMMEND_TARGET_DAYS, false, s, e) ||
        !term_walk(t, w, TUNE_UNITS, false, sweeps, s, e))
        return false;
    if (!put_data(t, report)) return true;
    recommend_results r = recommend_results_of(&t->x, &t->p, NULL, false, w->threads, &s->keep,
                                               s->scratch);
    r.sweeps = sweeps;
    recommend_report(&r, false, s, report);
    js_array(report, "learning");
    recommend_sweeps_put_learning(sweeps, report);
    js_end(report);
    return true;
}

/* What the hybrid's lists were worth to each customer, over her weeks. */
static bool keep_pairs(const work *w, folder *f, const recommend_results *r, scope *s, js *report,
                       err *e) {
    const recommend_exam *x = r->x;
    pairs p = {.model = recommend_model_name(RECOMMEND_HYBRID),
               .metric = recommend_metrics[RECOMMEND_MAP], .n = x->clusters};
    double *sum = take(&s->keep, double, x->clusters), *count = take(&s->keep, double, x->clusters);
    int32_t *customer = take(&s->keep, int32_t, x->clusters);
    int64_t at = 0;
    for (int week = 0; week < x->n_weeks; week++)
        for (int64_t i = 0; i < x->weeks[week].units.n; i++, at++) {
            int32_t c = x->cluster[at];
            customer[c] = x->weeks[week].units.customers[i];
            sum[c] += r->marks[RECOMMEND_HYBRID].of[RECOMMEND_MAP][at];
            count[c]++;
        }
    p.key = pairs_customers(w, customer, x->clusters, &s->keep, e);
    p.sum = sum, p.count = count;
    return p.key && pairs_write(w, f, "recommend", &p, s, report, e);
}

/* What the growth that step 07 chose is worth beside the default one: rows of "tuning". */
static void put_tuning(const term *t, const recommend_results *r, scope *s, js *report) {
    js_array(report, "tuning");
    if (t->ranking.trained && t->ranking.beside) {
        const int32_t *ids = ranker_lists(t, t->ranking.usual_ids, &s->keep);
        recommend_marks was = recommend_exam_mark(&t->x, ids, &s->keep, s->scratch);
        metrics_interval d = recommend_exam_interval(
            &t->x, r->marks[RECOMMEND_RANKER].of[RECOMMEND_MAP], was.of[RECOMMEND_MAP],
            RECOMMEND_ALL, s->scratch);
        evaluation_compare(report, &(evaluation_comparison){
                                       "ranker, tuned", "ranker, default",
                                       recommend_metrics[RECOMMEND_MAP], d.mean, d.low, d.high,
                                       false});
    }
    js_end(report);
}

/* Sweeps of the factors (step 06), trees of the ranker (07), weeks of history of the blend. */
static bool put_learning(const term *t, work *w, const recommend_results *r, scope *s, js *report,
                         err *e) {
    static const char *const from[][2] = {{"06_train", "train.json"}, {"07_tune", "tune.json"}};
    js_array(report, "learning");
    for (int i = 0; i < 2; i++) {
        const js_node *step = work_report(w, s, from[i][0], from[i][1], "recommend");
        const js_node *rows = js_get(step, "learning");
        for (int64_t k = 0; k < js_count(rows); k++) js_put_node(report, NULL, js_at(rows, k));
    }
    recommend_by_history h = {.d = &t->d, .p = &t->p, .weeks = t->weeks, .n_weeks = t->n,
                              .marks = &r->marks[RECOMMEND_BLEND], .x = &t->x};
    if (!recommend_put_by_history(&h, w, s, report, e)) return false;
    js_end(report);
    return true;
}

/* The ranker of the default growth stands beside. */
static int most_weeks(recommend_growth a, recommend_growth b) {
    return a.weeks > b.weeks ? a.weeks : b.weeks;
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    recommend_params now = recommend_defaults(w->seed), usual = now;
    recommend_get(work_tuned(w, s, "recommend"), &now);
    term *t = term_new(w, most_weeks(now.growth, usual.growth), 0, s);
    if (!term_load(t, w, w->days.end, true, s, e) ||
        !term_walk(t, w, EVALUATE_UNITS, false, NULL, s, e))
        return false;
    if (!put_data(t, report)) return true;
    const int32_t *ranker = ranker_lists(t, t->ranking.ids, &s->keep);
    recommend_results r = recommend_results_of(&t->x, &t->p, ranker, ranker && t->p.ranker,
                                               w->threads, &s->keep, s->scratch);
    slice choice;
    if (js_text(js_get(work_tuned(w, s, "recommend"), "choice"), &choice))
        r.choice = slice_copy(&s->keep, choice);
    recommend_report(&r, true, s, report);
    put_tuning(t, &r, s, report);
    return put_learning(t, w, &r, s, report, e) && keep_pairs(w, f, &r, s, report, e);
}

/* Ranker or blend, on the weeks that the weights were tuned on: the ranker has to be shown better
 * than a blend that has seen them. Says why in one sentence. */
static const char *choose(term *t, work *w, scope *s) {
    arena inner = arena_split(&s->scratch, arena_left(&s->scratch) / 2);
    if (!t->ranking.trained)
        return arena_text(&s->keep,
                          "The weighted blend is served: with %lld customer-weeks that bought one "
                          "of their candidates there is too little to train a ranker on (%d "
                          "wanted).",
                          (long long)t->ranking.groups, RECOMMEND_LEAST_GROUPS);
    const int32_t *blend = recommend_exam_blend(&t->x, t->p.weights, w->threads, &s->keep, inner);
    double *ap[2] = {take(&s->keep, double, t->x.n)};
    recommend_ranking_ap(&t->ranking, t->train, &t->x, &t->ranking.ranker, w->threads, ap[0],
                         inner);
    ap[1] = recommend_exam_mark(&t->x, blend, &s->keep, inner).of[RECOMMEND_MAP];
    metrics_interval gain = recommend_exam_interval(&t->x, ap[0], ap[1], RECOMMEND_ALL, inner);
    t->p.ranker = gain.low > 0;
    t->p.trees = t->ranking.trees;
    t->p.growth = t->ranking.growth;
    return arena_text(&s->keep,
                      "The %s is served: on the validation weeks the ranker is %s the weighted "
                      "blend (MAP@12 %+.4f, 95 %% interval %+.4f to %+.4f, %lld customer-weeks).",
                      t->p.ranker ? "ranker" : "weighted blend",
                      gain.low > 0    ? "better than"
                      : gain.high < 0 ? "worse than"
                                      : "not shown to be better than",
                      gain.mean, gain.low, gain.high, (long long)t->x.n);
}

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    int n = recommend_test_weeks(w->days), most_trees;
    int32_t until = w->days.end - n * RECOMMEND_TARGET_DAYS;
    tuned_file found, grown;
    recommend_growth growth = RECOMMEND_GROWTH, usual = growth;
    if (!tuned_file_read(&found, w, "als", s, e) || !tuned_file_read(&grown, w, "ranker", s, e))
        return false;
    recommend_ranker_found(&grown, &growth, &most_trees);
    term *t = term_new(w, most_weeks(growth, usual), n, s);
    if (!term_load(t, w, until, false, s, e)) return false;
    js_array(report, "trials");
    if (t->n > 0 && !recommend_tune_sources(&t->p, &t->d, t->c.cutoff[t->train], until,
                                            folder_path(f, "recommend_als.journal"), &found, w, s,
                                            report, e))
        return false;
    if (!term_walk(t, w, TUNE_UNITS, true, NULL, s, e)) return false;
    if (t->x.n > 0) recommend_tune_weights(&t->p, &t->x, w->threads, s, report);
    js_end(report);
    if (!put_data(t, report)) return true;
    if (!recommend_ranking_fit(&t->ranking, s->scratch, e)) return false;
    js_array(report, "studies");
    if (t->ranking.trained &&
        !recommend_ranker_study(&t->ranking, &t->x, folder_path(f, "recommend_ranker.journal"),
                                &grown, report, e))
        return false;
    js_end(report);
    tuned_file_put(report, w, (const tuned_file *[]){&found, &grown}, 2);
    if (t->ranking.trained) recommend_ranker_learning(&t->ranking, &t->x, report);
    const char *choice = choose(t, w, s);
    js_put_word(report, "choice", choice);
    recommend_put(report, "best", &t->p, choice);
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
