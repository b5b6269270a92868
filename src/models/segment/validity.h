/* validity: how well a clustering holds together: silhouette, Calinski–Harabasz, Davies–Bouldin,
 * and agreement of two clusterings (adjusted Rand, Jaccard).
 *
 * Labels are 0 … k-1. Distances are Euclidean.
 *   silhouette   mean of (b - a) / max(a, b): a = mean distance to the own cluster's other rows,
 *                b = the least mean distance to another cluster; 0 for a row alone in its cluster
 *   simplified   the same by the centres of the clusters instead of their rows
 *   CH           (B / (k-1)) / (W / (n-k)), B between and W within sums of squares; large is good
 *   DB           mean over clusters of the worst (s_i + s_j) / |c_i - c_j|, s = mean distance to
 *                the centre; small is good
 *   ARI          (S_ij - E) / ((S_i + S_j)/2 - E) over pairs in common; 1 same, 0 as by chance
 * Sources: Rousseeuw (1987); Calinski, Harabasz (1974); Davies, Bouldin (1979); Hubert, Arabie
 * (1985); Hennig, "Cluster-wise assessment of cluster stability" (2007). */
#ifndef MODELS_SEGMENT_VALIDITY_H
#define MODELS_SEGMENT_VALIDITY_H

#include "base/pool.h"

/* Exact over all pairs of rows [n, d], so n should be a few thousand at most. NaN with fewer than
 * 2 clusters. */
double validity_silhouette(const float *x, int64_t n, int d, const int32_t *label, int k,
                           pool *threads, arena scratch);

/* Simplified: a and b are the distances to the own centre and to the nearest other; all rows. */
double validity_simplified(const float *x, int64_t n, int d, const int32_t *label, int k,
                           pool *threads, arena scratch);

/* All rows; empty clusters are passed over. NaN with fewer than 2 clusters. */
double validity_calinski(const float *x, int64_t n, int d, const int32_t *label, int k,
                         arena scratch);
double validity_davies(const float *x, int64_t n, int d, const int32_t *label, int k,
                       arena scratch);

/* Adjusted Rand index of labels a (ka clusters) and b (kb) of the same n rows; 1 when both put all
 * rows into one cluster (or each into its own). */
double validity_ari(const int32_t *a, int ka, const int32_t *b, int kb, int64_t n, arena scratch);

/* For each cluster of a, the largest Jaccard overlap with a cluster of b: [ka]. */
void validity_jaccard(const int32_t *a, int ka, const int32_t *b, int kb, int64_t n, double *out,
                      arena scratch);

#endif
