/* recommend_exam: recommenders against what users took next, a value for each user and metric.
 *
 * Each window is fitted on what may be learned from alone; every item that occurs there is ranked,
 * no negatives are sampled. With --tune each model's parameters are chosen first, inside what the
 * first window learns from; the answers are not looked at. */
#ifndef SURFACES_RECOMMEND_EXAM_H
#define SURFACES_RECOMMEND_EXAM_H

#include "models/recommend/recommender_tune.h"
#include "surfaces/attribute_table.h"
#include "surfaces/interactions_split.h"

enum { EXAM_METRICS = 8, EXAM_MODELS = 16, EXAM_HISTORY = 4, EXAM_RECENCY = 3 };
extern const char *const exam_metrics[EXAM_METRICS]; /* names before "@k"; the last is MAP@12 */
extern const char *const exam_history[EXAM_HISTORY]; /* segments by distinct items taken before */
extern const char *const exam_recency[EXAM_RECENCY]; /* active (28 days), lapsed, new */

typedef struct exam_window {
    int64_t n;              /* users with answers */
    int32_t *user;          /* [n] ascending */
    uint8_t *history;       /* [n] number of a segment */
    uint8_t *recency;       /* [n] NULL without times */
    double *value[EXAM_MODELS][EXAM_METRICS]; /* [n] each */
    int32_t from, until;    /* days; 0 without */
    int64_t train, answers; /* distinct pairs */
} exam_window;

typedef struct exam_model {
    const recommender *r;
    recommender_params p;
    tune_log log;
    int64_t tune_users; /* 0 = not tuned */
    int tune_k;         /* by NDCG at this place */
    bool baseline;      /* popularity, put beside what was asked for */
    double tune_s, fit_s, recommend_s;
    int64_t *shown;     /* [items] places in the first k of all lists */
} exam_model;

typedef struct exam {
    interactions x, test;
    attribute_table table[2]; /* by als_side */
    split how;
    int k, n_models, n_windows;
    bool exclude_seen;
    exam_model models[EXAM_MODELS];
    exam_window *windows; /* [n_windows] */
    timing time;
} exam;

/* Place of metric i: k, or 12 for the last. */
static inline int exam_place(const exam *q, int metric) {
    return metric == EXAM_METRICS - 1 ? 12 : q->k;
}

/* Reads --model, --in and the rest; then fills all windows. */
bool exam_open(const args *a, bench *b, exam *q, scope *s, js *out, err *e);
bool exam_run(const args *a, bench *b, exam *q, scope *s, err *e);

/* ---- shared with the verb recommend ---- */

/* Chooses m->p on the inner split of `outer`; says on stderr what was chosen. */
bool exam_tune(const args *a, bench *b, const interactions *x, const split *how,
               const split_part *outer, exam_model *m, int k, scope *s, err *e);
/* "tuning": what was tried and chosen for models[n], and how to ask for it again. */
void exam_put_tuning(js *out, const exam_model *models, int n, scope *s);
/* "knn.recency=0.65,…" of the knobs of r and, for hybrid, of its parts. */
const char *exam_set_of(const recommender *r, const recommender_params *p, scope *s);
/* "knn=1,session=0.5", of hybrid. */
const char *exam_blend_of(const recommender_params *p, scope *s);

#endif
