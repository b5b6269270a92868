/* family: one of the six model families, as steps 06 to 10 see it.
 *
 * Each hook gets the work (views of all tables so far), the step's folder for files of its own
 * (prefix them with the family's name), a fresh scope, and a JSON writer standing inside the
 * family's object of the step's report; it adds members and leaves the object open. A family whose
 * data the shop lacks writes "skipped": "the reason in words" and returns true.
 *
 *   train     fits the models with default parameters on days before valid_from; reports the
 *             validation scores                                           -> 06_train/train.json
 *   tune      small seeded grid scored on [valid_from, test_from); reports "trials": [...] and
 *             "best": {parameters}                                     -> 07_tune/tune.json
 *   evaluate  fits with the best on days before test_from, scores once on [test_from, end)
 *             with evaluation_* below                          -> 08_evaluate/evaluation.json
 *   insight   tiles for pages: writes its own JSON files                  -> 09_insight/
 *   publish   fits on everything, writes what the server maps; reports the home tile
 *                                                                         -> 10_serve/home.json
 * A hook that a family does not need is NULL. */
#ifndef PIPELINE_FAMILY_H
#define PIPELINE_FAMILY_H

#include "pipeline/work.h"

typedef bool family_hook(work *w, folder *f, scope *s, js *report, err *e);

/* A text that is the same when what the insight hook takes from the run before is: then its part
 * may be taken over (part.h). Files that it reads by work_path need no such text. */
typedef slice family_look(const work *w, scope *s);

typedef struct family {
    const char *name, *title;
    family_hook *train, *tune, *evaluate, *insight, *publish;
    family_look *looks_back; /* NULL = it takes nothing */
} family;

extern const family family_recommend, family_language, family_forecast, family_segment,
    family_behaviour, family_insight;
/* The tables that the families read, for the plan. */
#define FAMILY_READS                                                                               \
    "windows articles customers transactions guest_sales stock b_articles a_interactions "         \
    "c_customers d_sales e_reviews f_events f_sessions customer_bases customer_features "          \
    "article_features weekly_sales feature_days article_weeks customer_weeks"

enum { FAMILIES = 6 };
extern const family *const families[FAMILIES]; /* in that order */

/* A scope for one hook: as much address space as a shop of tens of millions of customers needs,
 * less where the system refuses that. A family touches what it needs. */
bool family_scope(scope *s, err *e);

/* Runs one hook in a scope of its own, as a part of the step (part.h): what it wrote in the run
 * before is taken over when nothing that it reads is new. look: of what it does; or NULL. */
bool family_part(work *w, folder *f, const char *name, family_hook *hook, family_look *look,
                 js *report, err *e);

/* Runs one hook of every family and writes the report {"NAME": {"title": …, …}, …} into `file` of
 * f; pick chooses the hook. Every family has a scope of its own. */
typedef family_hook *family_pick(const family *one);
bool family_step(work *w, folder *f, const char *file, family_pick *pick, err *e);

/* ---- the shape of one family in evaluation.json ----
 * {"title": …, "skipped": null, "data": {"rows": n, …}, "metric": "map_at_12",
 *  "models": [{"name": "popularity", "role": "baseline", "parameters": {},
 *              "metrics": {"map_at_12": {"value": v, "low": l, "high": h, "n": units}}}],
 *  "comparisons": [{"model": "als", "baseline": "popularity", "metric": "map_at_12",
 *                   "difference": d, "low": l, "high": h, "verdict": "better"}],
 *  "verdict": "One sentence in words."}
 * verdict of a comparison: better | worse | no difference shown: the 95 % bootstrap interval of
 * the paired difference lies above, below or across zero (mirrored where less is better). */
typedef struct evaluation_metric {
    const char *name;
    double value, low, high;
    int64_t n; /* units that were resampled */
} evaluation_metric;

void evaluation_model(js *report, const char *name, const char *role, slice parameters_json,
                      const evaluation_metric *metrics, int n);
/* The same, its object left open for members of the caller's own. */
void evaluation_model_open(js *report, const char *name, const char *role, slice parameters_json,
                           const evaluation_metric *metrics, int n);

typedef struct evaluation_comparison {
    const char *model, *baseline, *metric;
    double difference, low, high;
    bool less_is_better;
} evaluation_comparison;

const char *evaluation_verdict(const evaluation_comparison *c);
void evaluation_compare(js *report, const evaluation_comparison *c);

#endif
