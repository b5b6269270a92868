/* topic_number: how many topics there are: the number on which halves of the texts agree most.
 *
 * For each k of a list, the rows are halved by chance, each half is clustered on its own, and all
 * rows are put into the clusters of either. R(k) is the adjusted Rand index of the two, 1 = the
 * same groups, 0 = no more than chance; the mean of three halvings. Worth is
 *
 *     R(k)^2 ln k
 *
 * k groups tell up to ln k about a text, so that few groups, on which it is easy to agree, do not
 * win for that alone; R counts twice since a group that is cut in two, the same way by both halves
 * (a long one always is), takes little from R. The largest worth wins (ties: the smaller k). Of
 * more than 8,000 rows so many are drawn.
 *
 * Any number of threads gives the same bits. Source: Lange, Roth, Braun and Buhmann,
 * "Stability-based validation of clustering solutions" (2004); Hubert and Arabie, "Comparing
 * partitions" (1985). */
#ifndef MODELS_LANGUAGE_TOPIC_NUMBER_H
#define MODELS_LANGUAGE_TOPIC_NUMBER_H

#include "base/pool.h"

typedef struct topic_number_data {
    const float *y; /* [n, dims] unit rows */
    int64_t n;
    int dims;
} topic_number_data;

/* Bytes of scratch that topic_number may take. */
size_t topic_number_memory(int dims);

/* The number of topics, least … most, where the list has one there and the rows are 40 a topic or
 * more; least otherwise. agreement: R of it, 0 when nothing was to be chosen. */
bool topic_number(const topic_number_data *d, int least, int most, uint64_t seed, pool *threads,
                  int *k, double *agreement, arena scratch, err *e);

/* Adjusted Rand index of labels a and b (each 0 … k-1) of n rows. */
double topic_rand(const int32_t *a, const int32_t *b, int64_t n, int k, arena scratch);

#endif
