/* weigh: how much each column counts in a distance: groups of columns evened out, then each column
 * by what it separates.
 *
 * Columns that tell one thing many times over would decide any clustering, and columns that tell
 * nothing would blur it. So, on standardised columns z [n, d]:
 *
 *     even      w_j = 1 / lambda_1 of the correlations within its group: the longest axis of every
 *               group has variance 1, however often the group says the same
 *     separate  w_j = B_j / T_j of a clustering: the share of the column's variance that lies
 *               between the clusters, over the largest such share; 1 for the best column
 *
 * A few rounds of clustering and `separate` settle; columns that separate nothing fade out and none
 * is given up for good. factor = sqrt(w_even w_separate) is what z is multiplied by.
 * Source: Escofier, Pagès, "Multiple factor analysis" (1994) for even groups; Modha, Spangler,
 * "Feature weighting in k-means clustering" (2003). */
#ifndef MODELS_SEGMENT_WEIGH_H
#define MODELS_SEGMENT_WEIGH_H

#include "base/arena.h"

/* weight [d] from the group (any number) of each column of the rows z [n, d]. */
void weigh_even(const float *z, int64_t n, int d, const int *group, double *weight, arena scratch);

/* weight [d] from labels 0 … k-1 of the rows z [n, d]; all 1 when nothing is separated. */
void weigh_separate(const float *z, int64_t n, int d, const int32_t *label, int k, double *weight,
                    arena scratch);

#endif
