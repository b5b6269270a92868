/* hybrid: a weighted blend of the candidate lists of several sources, and the choice of weights.
 *
 *     score(u, i) = sum over sources s of weight_s * max(0, score_s(u, i)) / unit_s(u)
 *
 * Each source gives a list of candidates for each customer, best first; an item that is not in a
 * source's list gets 0 from it. The unit is the best score of u's list, so that it counts 1
 * whatever the source's scale is, or a fixed number where a score means the same for everybody.
 * Order: score descending, then the smaller item. The reason of an item is the source that gave
 * most of its score (ties: the earlier source).
 */
#ifndef MODELS_RECOMMEND_HYBRID_H
#define MODELS_RECOMMEND_HYBRID_H

#include "base/pool.h"
#include "base/sparse.h"

enum { HYBRID_MOST = 16 }; /* sources */

typedef struct hybrid_source {
    int width;           /* places of a list */
    const int32_t *ids;  /* [lists, width] -1 ends a list */
    const float *scores; /* [lists, width] descending */
    const int32_t *list; /* [users] which list is whose; -1 = none; NULL = list u is user u's */
    float unit;          /* > 0: what counts 1; 0: the list's best score */
} hybrid_source;

typedef struct hybrid_problem {
    int n; /* sources, at most HYBRID_MOST */
    hybrid_source sources[HYBRID_MOST];
    int64_t users, items;
    const sparse *skip; /* [users, items] not to be listed; NULL = none */
} hybrid_problem;

typedef struct hybrid_weights {
    float of[HYBRID_MOST]; /* >= 0 */
} hybrid_weights;

typedef struct hybrid_lists {
    int k;
    int32_t *ids;    /* [users, k], -1 behind the last */
    float *scores;   /* [users, k] */
    uint8_t *reason; /* [users, k] number of a source; NULL = not wanted */
    float *parts;    /* [users, k, sources] what each gave to the score; NULL = not wanted */
} hybrid_lists;

/* Fills the lists. Each worker needs 4 bytes an item and 80 bytes a candidate. */
void hybrid_blend(const hybrid_problem *p, hybrid_weights w, hybrid_lists to, pool *threads);

/* Mean AP@k of the blend over the users with a truth row (truth[users, items]); NaN without any. */
double hybrid_map(const hybrid_problem *p, hybrid_weights w, const sparse *truth, int k,
                  pool *threads, arena scratch);

/* The first of n weights whose blend has the highest MAP@k; map[n] gets each one's. */
int hybrid_choose(const hybrid_problem *p, const hybrid_weights *of, int n, const sparse *truth,
                  int k, double *map, pool *threads, arena scratch);

#endif
