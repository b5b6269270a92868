/* family_recommend: recommendations: many sources, their weighted blend, and a ranker over them.
 *
 * Units are customers who buy in the 7 days after a weekly cut-off; already bought articles may be
 * recommended again. Customers without history get popularity, by age band where ages are known. */
#include "base/random.h"
#include "pipeline/recommend_publish.h"
#include "pipeline/recommend_tune.h"

enum { EVALUATE_UNITS = 50000, TUNE_UNITS = 5000 }; /* of a week, at most: every n-th buyer */

/* The units of some weeks, their sources fitted as of each. */
typedef struct term {
    recommend_data d;
    recommend_params p;
    recommend_calendar c;
    recommend_week *weeks;
    recommend_exam x;
} term;

static bool term_load(term *t, work *w, int32_t until, bool tuned, scope *s, err *e) {
    t->p = recommend_defaults(w->seed);
    if (tuned) recommend_get(work_tuned(w, s, "recommend"), &t->p);
    return recommend_load(&t->d, w, until, &s->keep, s->scratch, e);
}

static bool term_walk(term *t, work *w, int64_t most, scope *s, err *e) {
    recommend_walk walk = {.d = &t->d, .p = t->p, .most = most, .threads = w->threads};
    t->weeks = take(&s->keep, recommend_week, t->c.n + 1);
    if (!recommend_walk_weeks(&walk, &t->c, t->weeks, s, e)) return false;
    t->x = recommend_exam_open(t->weeks, t->c.n, t->d.customers, seed_for(w->seed, "recommend"),
                               &s->keep, s->scratch);
    return true;
}

/* Says what was looked at; false (and "skipped") when there is nothing to judge by. */
static bool put_data(const term *t, js *report) {
    int64_t articles = 0, wanted = 0, history = 0, cold = 0;
    int32_t first = t->c.n > 0 ? t->c.cutoff[0] : INT32_MIN;
    for (int i = 0; i < t->c.n; i++) {
        articles = t->weeks[i].n_active > articles ? t->weeks[i].n_active : articles;
        wanted += sparse_count(&t->weeks[i].units.truth);
        for (int64_t u = 0; u < t->weeks[i].units.n; u++)
            cold += t->weeks[i].segment[u] == RECOMMEND_NEW;
    }
    for (int64_t i = 0; i < t->d.n; i++) history += t->d.day[i] < first;
    const char *why = t->c.n == 0    ? "the history is too short for a week to be judged on"
                      : t->x.n == 0  ? "no customer buys in the weeks judged on"
                      : articles == 0 ? "no article is sold in the weeks before"
                                      : NULL;
    js_put_word(report, "skipped", why);
    if (why) return false;
    js_object(report, "data");
    js_put_int(report, "rows", history);
    js_put_int(report, "customer_weeks", t->x.n);
    js_put_int(report, "customers", t->x.clusters);
    js_put_int(report, "customers_without_history", cold);
    js_put_int(report, "articles", articles);
    js_put_int(report, "purchases_to_find", wanted);
    js_end(report);
    return true;
}

/* Scores all models on `n` weeks that end `skip` weeks before the end. */
static bool report_weeks(work *w, scope *s, js *report, int skip, bool compare, err *e) {
    term t = {0};
    int n = recommend_test_weeks(w->days);
    t.c = recommend_cutoffs(w->days, n, skip);
    if (!term_load(&t, w, w->days.end - skip * RECOMMEND_TARGET_DAYS, compare, s, e) ||
        !term_walk(&t, w, EVALUATE_UNITS, s, e))
        return false;
    if (!put_data(&t, report)) return true;
    recommend_results r = recommend_results_of(&t.x, &t.p, NULL, false, w->threads, &s->keep,
                                               s->scratch);
    recommend_report(&r, compare, s, report);
    return true;
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    return report_weeks(w, s, report, recommend_test_weeks(w->days), false, e);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    return report_weeks(w, s, report, 0, true, e);
}

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    term t = {0};
    int n = recommend_test_weeks(w->days);
    int32_t until = w->days.end - n * RECOMMEND_TARGET_DAYS;
    t.c = recommend_cutoffs(w->days, n, n);
    if (!term_load(&t, w, until, false, s, e)) return false;
    js_array(report, "trials");
    if (t.c.n > 0 && !recommend_tune_sources(&t.p, &t.d, t.c.cutoff[0], until, w, s, report, e))
        return false;
    if (!term_walk(&t, w, TUNE_UNITS, s, e)) return false;
    if (t.x.n > 0) recommend_tune_weights(&t.p, &t.x, w->threads, s, report);
    js_end(report);
    if (put_data(&t, report)) recommend_put(report, "best", &t.p);
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
