/* choose_k: how many clusters: compact ones (silhouette) that come back under resampling.
 *
 * For each k: K-Means on all rows; the silhouette on up to `rows` of them; and `rounds` bootstraps
 * of those rows, each clustered anew and held against the first answer on the same rows: stability
 * is the mean adjusted Rand index, and per cluster the mean of its best Jaccard overlap.
 * Chosen is the k with the largest silhouette among those with a stability of 0.75 or more and no
 * cluster under 1 % of the rows; where none is like that, the most stable one. Ties: the smaller k.
 * Source: Hennig, "Cluster-wise assessment of cluster stability" (2007). */
#ifndef MODELS_SEGMENT_CHOOSE_K_H
#define MODELS_SEGMENT_CHOOSE_K_H

#include "models/kmeans.h"

typedef struct choose_k_params {
    int least, most; /* the grid of k */
    int rounds;      /* bootstraps */
    int64_t rows;    /* looked at closely */
    uint64_t seed;
} choose_k_params;

#define CHOOSE_K_DEFAULTS ((choose_k_params){3, 8, 10, 4000, 1})
#define CHOOSE_K_STABLE   0.75
#define CHOOSE_K_SMALLEST 0.01

typedef struct choose_k_trial {
    int k;
    double silhouette, calinski, davies, stability, smallest; /* smallest: share of the rows */
    double *overlap; /* [k] stability of each cluster */
} choose_k_trial;

/* One k, judged around a fitted model of the same data. overlap lives in keep. */
choose_k_trial choose_k_judge(const kmeans_model *m, const kmeans_data *data, choose_k_params p,
                              pool *threads, arena *keep, arena scratch);

/* The index of the chosen trial; *stable = it passed the two conditions. */
int choose_k_pick(const choose_k_trial *trials, int n, bool *stable);

#endif
