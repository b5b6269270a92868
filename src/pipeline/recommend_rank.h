/* recommend_rank: the ranked list of each customer, as every page and answer shows it.
 *
 *     recommend_ranked r;
 *     recommend_rank(&m, customers, n, 12, &r, threads, &s->keep, s->scratch, e)
 *     r.ids[u * r.k + i]      // i-th article of customers[u]; -1 behind the last
 *
 * By the weighted blend of the sources, or by the ranker when m has one. Scores are comparable
 * within one customer only. parts say what a score is made of; they add up
 * to it within the rounding of floats. Lists are ordered by score, ties by the smaller article. */
#ifndef PIPELINE_RECOMMEND_RANK_H
#define PIPELINE_RECOMMEND_RANK_H

#include "pipeline/recommend_models.h"

/* One part for each source, in their order, then what only the ranker knows. */
enum {
    RECOMMEND_PART_SALES = RECOMMEND_SOURCES, /* the article's sales, trend and age */
    RECOMMEND_PART_PRICE,                     /* its price beside what the customer pays */
    RECOMMEND_PART_HISTORY,                   /* what the customer bought, when and how often */
    RECOMMEND_PART_BASE,                      /* where scores begin, and what all sources say */
    RECOMMEND_PARTS
};
extern const char *const recommend_parts[RECOMMEND_PARTS]; /* in words for people */

typedef struct recommend_ranked {
    int64_t n;
    int k;
    int32_t *ids;  /* [n, k] -1 padded */
    float *scores; /* [n, k] descending */
    float *parts;  /* [n, k, RECOMMEND_PARTS]; NULL = not wanted */
} recommend_ranked;

/* Lists of `customers` [n]; to->ids, ->scores and (when asked for) ->parts are taken from keep.
 * Candidates and their rows are made for 4096 customers at a time: 1 GB of scratch is enough for
 * any n. With a ranker, k is at most RECOMMEND_UNION. */
typedef struct recommend_ask {
    const int32_t *customers; /* [n] */
    int64_t n;
    int k;
    bool parts;
    const hybrid_problem *lists; /* candidates where they are there already; NULL = fetched */
} recommend_ask;
bool recommend_rank(const recommend_fit *m, recommend_ask ask, recommend_ranked *to, pool *threads,
                    arena *keep, arena scratch, err *e);

#endif
