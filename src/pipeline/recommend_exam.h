/* recommend_exam: lists of 12 against what customers bought in the weeks after each cut-off.
 *
 *     AP@12 = 1/min(m, 12) Σ_hits (hits so far / place),   MAP@12 = its mean over customer-weeks
 *
 * with m the distinct articles that the customer buys in the 7 days. A unit is a customer in a
 * week; units are numbered by week, then customer. Intervals resample customers with all their
 * weeks (a cluster bootstrap, paired where two models are compared): weeks of one customer are
 * alike, and taking them for independent would make intervals too narrow. */
#ifndef PIPELINE_RECOMMEND_EXAM_H
#define PIPELINE_RECOMMEND_EXAM_H

#include "models/metrics.h"
#include "pipeline/recommend_weeks.h"

enum { RECOMMEND_K = 12 };

typedef enum recommend_metric {
    RECOMMEND_MAP,
    RECOMMEND_NDCG,
    RECOMMEND_HR,
    RECOMMEND_MRR,
    RECOMMEND_RECALL,
    RECOMMEND_METRICS
} recommend_metric;
extern const char *const recommend_metrics[RECOMMEND_METRICS]; /* map_at_12, … */

typedef struct recommend_exam {
    int n_weeks;
    const recommend_week *weeks;
    int64_t n, clusters;
    int32_t *cluster; /* [n] number of the unit's customer */
    uint64_t seed;    /* of the resamples */
} recommend_exam;

recommend_exam recommend_exam_open(const recommend_week *weeks, int n_weeks, int64_t customers,
                                   uint64_t seed, arena *keep, arena scratch);

/* ---- lists [n, RECOMMEND_K] of all units, in keep ---- */

int32_t *recommend_exam_blend(const recommend_exam *x, hybrid_weights w, pool *threads,
                              arena *keep, arena scratch);

/* The candidates of sources[0], then of sources[1] and so on, each once. */
int32_t *recommend_exam_cascade(const recommend_exam *x, const int *sources, int n_sources,
                                arena *keep);

/* ---- marks ---- */

typedef struct recommend_marks {
    double *of[RECOMMEND_METRICS]; /* [n] each */
    double coverage; /* share of the articles that may be recommended that are in any list */
    double novelty;  /* mean over places of -log2 (share of recent purchases) */
    double gini;     /* of how often an article is listed: 0 = all alike, 1 = always the same */
} recommend_marks;

recommend_marks recommend_exam_mark(const recommend_exam *x, const int32_t *ids, arena *keep,
                                    arena scratch);

/* Which units count; -1 = all. */
typedef struct recommend_part {
    int week, segment;
} recommend_part;
#define RECOMMEND_ALL ((recommend_part){-1, -1})

/* Mean of a, or of a - b when b is given, over the units of a part. */
metrics_interval recommend_exam_interval(const recommend_exam *x, const double *a, const double *b,
                                         recommend_part part, arena scratch);

/* ---- sources ---- */

typedef struct recommend_found {
    double volume;    /* candidates of a unit */
    double recall;    /* share of the purchases that are among them */
    double marginal;  /* share that is among no other source's */
    double hit_ratio; /* share of the candidates that are bought */
} recommend_found;

/* found[RECOMMEND_SOURCES + 1]: each source and, last, all of them together. */
void recommend_exam_sources(const recommend_exam *x, recommend_found *found, arena scratch);

#endif
