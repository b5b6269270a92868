/* calibrate: probabilities that mean what they say, and when it is better not to answer.
 *
 * Temperature: p_c is replaced by p_c^(1/T) / sum_k p_k^(1/T), which is softmax(z / T) of the
 * margins z; T > 0 minimises the log loss of held-out rows, which is convex in 1/T. The order of
 * the answers and the likeliest class stay; a threshold moves with T.
 *
 * Band (two classes): answer 1 where P(1) > high, 0 where P(1) <= low, else say nothing. high is
 * the smallest cut at or above the threshold above which the share of true 1 is at least
 * `accuracy`; low likewise below. Each side is held to the accuracy on its own, so that the
 * commoner class cannot pay for the mistakes of the rarer one.
 *
 *     double t = calibrate_temperature(q, label, n, 2);      // q held out, [n, 2]
 *     calibrate_apply(q, n, 2, t);
 *     calibrate_band b = calibrate_band_of(positive, label, order, n, threshold, 0.95);
 *
 * Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks" (2017); Chow,
 * "On optimum recognition error and reject tradeoff" (1970). */
#ifndef MODELS_LANGUAGE_CALIBRATE_H
#define MODELS_LANGUAGE_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

/* T in [1/16, 16] for probabilities [n, classes] of rows that the model was not fitted on; 1 when
 * there are none. */
double calibrate_temperature(const double *probability, const int32_t *label, int64_t n,
                             int classes);

/* In place, [n, classes]. */
void calibrate_apply(double *probability, int64_t n, int classes, double temperature);

typedef struct calibrate_band {
    double low, high; /* low <= threshold <= high; both the threshold: always answer */
} calibrate_band;

enum { CALIBRATE_LEAST = 30 }; /* held-out rows that a side must answer to be trusted */

/* `order` lists the rows by ascending score. A side on which no cut reaches the accuracy with
 * CALIBRATE_LEAST rows is not answered at all: low = -1, or high = 1. */
calibrate_band calibrate_band_of(const double *positive, const int32_t *label,
                                 const int32_t *order, int64_t n, double threshold,
                                 double accuracy);

#endif
