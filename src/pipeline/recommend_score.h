/* recommend_score: every model's lists for the buyers of a window, and the report of them. */
#ifndef PIPELINE_RECOMMEND_SCORE_H
#define PIPELINE_RECOMMEND_SCORE_H

#include "base/json.h"
#include "models/metrics.h"
#include "pipeline/recommend_models.h"

enum { RECOMMEND_K = 12, RECOMMEND_MODELS = RECOMMEND_SOURCES + 1 };

typedef struct recommend_score {
    int64_t n;    /* units */
    double *ap, *recall, *ndcg; /* [n] of one model */
    double coverage;            /* of the active articles */
} recommend_score;

/* Scores model 0 … RECOMMEND_SOURCES-1 (a source) or RECOMMEND_SOURCES (the blend). */
recommend_score recommend_score_model(const recommend_fit *m, const hybrid_problem *p,
                                      const recommend_units *u, int model, pool *threads,
                                      arena *keep, arena scratch);

/* Scores all models on the units; writes "models" and, with compare, "comparisons" against
 * popularity and "verdict". summary (may be NULL) gets the blend's MAP and popularity's. */
typedef struct recommend_summary {
    metrics_interval map[RECOMMEND_MODELS];
    const char *verdict;
} recommend_summary;
recommend_summary recommend_report(const recommend_fit *m, const recommend_units *u, bool compare,
                                   uint64_t seed, pool *threads, scope *s, js *report);

/* Members name: weight of the open object. */
void recommend_put_weights(js *out, const hybrid_weights *w);

/* "best" of 07_tune and back. Members that are absent keep their defaults. */
void recommend_put(js *out, const char *key, const recommend_params *p);
void recommend_get(const js_node *best, recommend_params *p);

#endif
