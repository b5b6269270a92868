/* neighbours: exact top-k lists: factor products and sparse cosines, for one query or for all.
 *
 * Order everywhere: score descending, then the smaller item. Nothing is approximated: every item
 * that the rule allows is scored. A list shorter than k is filled with item -1, score 0.
 *
 *     neighbours_rule rule = {.k = 12, .skip = &bought};
 *     neighbours_dense((neighbours_vectors){m.user, users, m.item, items, m.ld}, rule, ids,
 *                      scores, threads, scratch);
 *
 * Results do not depend on the number of threads: queries are cut into chunks of fixed size. */
#ifndef MODELS_RECOMMEND_NEIGHBOURS_H
#define MODELS_RECOMMEND_NEIGHBOURS_H

#include "base/bitmap.h"
#include "base/pool.h"
#include "base/sparse.h"

typedef struct neighbours_rule {
    int k;                  /* 1..NEIGHBOURS_MOST */
    const sparse *skip;     /* [queries, items] pairs that must not be listed; NULL = none */
    const bitmap *allowed;  /* items that may be listed; NULL = all */
    bool skip_self;         /* query q is item q and is not its own neighbour */
} neighbours_rule;

enum { NEIGHBOURS_MOST = 4096 };

typedef struct neighbours_vectors {
    const float *query; /* [queries, ld] */
    int64_t queries;
    const float *item; /* [items, ld] */
    int64_t items;
    int ld; /* dimensions; padding must be 0 in one of the two */
} neighbours_vectors;

/* Scores are dot products, summed as topk.h says. ids and scores are [queries, k]. Takes 5 ld + 20
 * bytes an allowed item of scratch for an index (see topk.h, where it can be kept). */
void neighbours_dense(neighbours_vectors v, neighbours_rule rule, int32_t *ids, float *scores,
                      pool *threads, arena scratch);

/* Scores are products of sparse rows: query[queries, terms] with the items given by term
 * (by_term[terms, items]); rows of length 1 make them cosines. Only scores above 0 are listed.
 * Each worker needs 9 bytes an item. */
void neighbours_sparse(const sparse *query, const sparse *by_term, neighbours_rule rule,
                       int32_t *ids, float *scores, pool *threads);

/* The same lists, bit for bit, for tables of many rows (similar items). 64 queries at a time meet
 * each item in sums of 16 bits, whose bounds say which products are worth computing. Rows of equal
 * direction near each other make it fast, values below 0 are left to neighbours_sparse. Takes 14
 * bytes an entry of by_term and 16 a row of scratch; each worker 9 bytes an item, 4 a term and
 * 6.5 MB. */
void neighbours_table(const sparse *query, const sparse *by_term, neighbours_rule rule,
                      int32_t *ids, float *scores, pool *threads, arena scratch);

/* ---- one list, built by offers in any order ---- */
typedef struct neighbours_list {
    int k, n;
    int32_t *ids;  /* [k] a heap with the worst on top until neighbours_sort */
    float *scores; /* [k] */
} neighbours_list;

/* True when (score, item) comes before (other_score, other) in the order above. */
static inline bool neighbours_before(float score, int32_t item, float other_score, int32_t other) {
    return score > other_score || (score == other_score && item < other);
}

void neighbours_offer(neighbours_list *list, int32_t item, float score);
void neighbours_sort(neighbours_list *list); /* best first, the rest filled with -1 and 0 */

#endif
