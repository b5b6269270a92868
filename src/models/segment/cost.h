/* cost: what clustering so many rows will take, before it is begun: seconds and memory.
 *
 * What makes density clustering dear is not the number of columns but how many of them the rows
 * really fill: their intrinsic dimension. It is estimated from the ratio mu = r2 / r1 of the
 * distances to the two nearest neighbours, which follows a Pareto law of that exponent; the largest
 * tenth of the ratios is taken as censored:
 *
 *     dimension = kept / (sum of kept ln mu + others x ln mu_cut)
 *
 * Seconds are for one thread of the machine on which they were measured (docs/segment.md): good
 * within a factor of three, enough to say whether to wait or to reduce.
 * Source: Facco, d'Errico, Rodriguez, Laio, "Estimating the intrinsic dimension of datasets by a
 * minimal neighborhood information" (2017). */
#ifndef MODELS_SEGMENT_COST_H
#define MODELS_SEGMENT_COST_H

#include "base/pool.h"

typedef struct cost {
    double seconds, bytes;
} cost;

/* Intrinsic dimension of rows x [n, d], from up to 1,000 of them among up to 20,000, both evenly
 * spread; rows without two different neighbours do not count. d when fewer than 10 rows tell. */
double cost_dimension(const float *x, int64_t n, int d, pool *threads, arena scratch);

/* K-Means: `starts` starts of 30 iterations on at most `sample` rows and 30 on all. */
cost cost_kmeans(int64_t n, int d, int k, int starts, int64_t sample);

/* Density clustering by a minimum spanning tree: a k-d tree while the dimension is low, and never
 * more than all pairs of rows. */
cost cost_hdbscan(int64_t n, int d, int neighbours, double dimension);

/* "about 40 seconds and 1.2 GB of memory", in keep. */
char *cost_words(cost c, arena *keep);

#endif
