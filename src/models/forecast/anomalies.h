/* anomalies: values that a series' trend and season do not explain.
 *
 *     score_t = (r_t - median r) / (1.4826 median |r - median r|),      |score| > limit
 *
 * of the remainders r of a robust decomposition. 1.4826 makes the score a number of standard
 * deviations for normal noise; where half of the remainders are the same, their mean absolute
 * deviation stands in. Quartiles and 3 times their distance, as boxplots draw their outer line,
 * are at 4.7; a decomposition takes a little of the noise with it, so 5. Source: Iglewicz and
 * Hoaglin, "How to detect and handle outliers" (1993). */
#ifndef MODELS_FORECAST_ANOMALIES_H
#define MODELS_FORECAST_ANOMALIES_H

#include "base/arena.h"

#define ANOMALIES_LIMIT 5.0

/* Scores of remainder[n], n >= 1, into score[n]; 0 where all are the same. */
void anomalies_score(const double *remainder, int n, double *score, arena scratch);

#endif
