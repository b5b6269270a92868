/* recommend_score: every model's lists for the buyers of some weeks, and the report of them.
 *
 * Members that the report adds (evaluation.json, member "recommend"): metric, choice, protocol,
 * models, comparisons (the hybrid with each other model, and each with popularity), weeks,
 * segments, sources, verdict. */
#ifndef PIPELINE_RECOMMEND_SCORE_H
#define PIPELINE_RECOMMEND_SCORE_H

#include "base/json.h"
#include "pipeline/recommend_exam.h"

/* Models of a report: the sources alone (places that one leaves empty go to popularity), the rule
 * "bought before by recency, then variants, then popular", the weighted blend, the ranker where
 * one was trained, and the hybrid: what is served, the blend or the ranker. */
enum {
    RECOMMEND_RULE = RECOMMEND_SOURCES,
    RECOMMEND_BLEND,
    RECOMMEND_RANKER,
    RECOMMEND_HYBRID,
    RECOMMEND_MODELS
};
const char *recommend_model_name(int model);

struct recommend_sweeps;
typedef struct recommend_results {
    const recommend_exam *x;
    const recommend_params *p;
    bool has[RECOMMEND_MODELS];
    recommend_marks marks[RECOMMEND_MODELS];
    const struct recommend_sweeps *sweeps; /* of the factors (recommend_sweeps.h); NULL = none */
    const char *choice; /* why the ranker or the blend is served; NULL = nothing was chosen */
} recommend_results;

/* Marks of the sources, the rule and the blend. Lists of the ranker [x->n, RECOMMEND_K] may be
 * NULL; with serve_ranker the hybrid is the ranker. */
recommend_results recommend_results_of(const recommend_exam *x, const recommend_params *p,
                                       const int32_t *ranker, bool serve_ranker, pool *threads,
                                       arena *keep, arena scratch);

void recommend_report(const recommend_results *r, bool compare, scope *s, js *report);

/* Members name: weight of the open object. */
void recommend_put_weights(js *out, const hybrid_weights *w);

/* "best" of 07_tune and back. Members that are absent keep their defaults. */
void recommend_put(js *out, const char *key, const recommend_params *p, const char *choice);
void recommend_get(const js_node *best, recommend_params *p);

#endif
