/* topk: exact top-k of factor products without scoring most items.
 *
 * The score of a query q and an item y is one sum in single precision, the same on every machine:
 *
 *     lane[l] = sum over b of q[16 b + l] y[16 b + l]  (b ascending), l = 0 … 15
 *     score = lanes folded in halves: lane[l] += lane[l + 8], then + 4, + 2, + 1
 *
 * topk_plain computes just that for every pair. topk_lists gives the same lists, bit for bit, from
 * an index of the items:
 *
 *     1. Items stand in the order of their norms, largest first, in panels of 64. Where
 *        |q| |y| < the k-th best score so far, no later item can enter: the query is done.
 *     2. Inside a panel y = s (c + e) with whole numbers c of 8 bits (7 where the processor has no
 *        8-bit dot product) and |q·y - s t (c·d)| <= |q| |y - s c| + |q - t d| |s c|
 *        (Cauchy-Schwarz; d and t are the query's numbers and step). Only items whose bound reaches
 *        the k-th best score are scored in single precision; the rounding of that sum is part of
 *        the bound.
 *
 * Where bounds prove nothing (equal scores, norms near the float range) every item is scored. A
 * score that is not a number is not listed. All values must be finite.
 * Sources: Teflioudi, Gemulla, "Exact and approximate maximum inner product search with LEMP"
 * (2016); Li, Chan, Yiu, Mamoulis, "FEXIPRO" (2017). */
#ifndef MODELS_RECOMMEND_TOPK_H
#define MODELS_RECOMMEND_TOPK_H

#include "models/recommend/neighbours.h"

enum { TOPK_PANEL = 64 };

typedef struct topk_panel {
    double norm;  /* largest |y| */
    double step;  /* s */
    double error; /* largest |y - s c|, with the rounding of the float sum */
    double whole; /* largest |s c| */
} topk_panel;

typedef struct topk_index {
    int64_t items;     /* numbers of items: 0 … items-1 */
    int64_t n;         /* items in the index */
    int ld, groups;    /* floats of a row; groups of 4 numbers, even */
    int kernel;        /* a row of topk_kernels */
    int32_t *name;     /* [n] item at each place, norms descending */
    int32_t *place;    /* [items] where it stands, -1 = not in the index */
    float *row;        /* [n, ld] in the order of places */
    topk_panel *panel; /* [(n + 63) / 64] */
    uint8_t *code;     /* [panels, groups, 64, 4] numbers c, made positive */
} topk_index;

/* An index of item[items, ld], or of those in `only` (NULL = all). It copies the rows and needs
 * 5 ld + 8 bytes an item of keep, and 12 bytes an item of scratch. */
topk_index topk_open(const float *item, int64_t items, int ld, const bitmap *only, arena *keep,
                     arena scratch);
/* The same for a certain kernel (see topk_simd.h), for the tests. */
topk_index topk_open_for(int kernel, const float *item, int64_t items, int ld, const bitmap *only,
                         arena *keep, arena scratch);

/* Lists [queries, k] of query[queries, ld]. rule.allowed may differ from call to call. Each worker
 * needs 64 (ld + 8 k + 200) bytes. */
void topk_lists(const topk_index *x, const float *query, int64_t queries, neighbours_rule rule,
                int32_t *ids, float *scores, pool *threads);

/* The list [k] of one query, in the calling thread: rule.skip has one row. */
void topk_one(const topk_index *x, const float *query, neighbours_rule rule, int32_t *ids,
              float *scores, arena scratch);

/* The readable twin: scores every pair. */
void topk_plain(neighbours_vectors v, neighbours_rule rule, int32_t *ids, float *scores);

#endif
