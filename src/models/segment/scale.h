/* scale: columns made comparable before any distance: tails cut, centred, of like spread.
 *
 * For each column: values below the `tail` and above the 1 - `tail` quantile are drawn to it; then
 *
 *     SCALE_STANDARD   z = (x - mean) / sd
 *     SCALE_ROBUST     z = (x - median) / (IQR / 1.349), or / sd where the middle half is one value
 *     SCALE_RANK       z = normal quantile of the share of values below x and half of those equal
 *                      to it, then of mean 0 and variance 1: for money and counts, whose long tails
 *                      would otherwise be all that a distance sees
 *
 * Columns that do not vary are dropped, and so is a column whose correlation with an earlier kept
 * one is above `same` in size: it would count twice. NaN (not known) becomes z = 0. The model is
 * kept, so that other rows are put on the same scale: ranks by up to 256 knots of the values seen,
 * straight between them. Source: van der Waerden (1952) for the ranks. */
#ifndef MODELS_SEGMENT_SCALE_H
#define MODELS_SEGMENT_SCALE_H

#include "base/arena.h"

typedef enum scale_kind { SCALE_STANDARD, SCALE_ROBUST, SCALE_RANK } scale_kind;
enum { SCALE_KINDS = 3, SCALE_KNOTS = 256 };
extern const char *const scale_words[SCALE_KINDS]; /* standard, robust, rank */

typedef struct scale_params {
    double tail; /* 0 … 0.25 */
    double same; /* 0 … 1; 1 keeps all columns that vary */
    scale_kind kind;
} scale_params;

#define SCALE_DEFAULTS ((scale_params){0.005, 0.95, SCALE_STANDARD})

typedef struct scale_model {
    int cols, d;                    /* given and kept */
    int *from;                      /* [d] column of each kept one */
    double *low, *high, *mean, *sd; /* [d]; z = (t(x) - mean) / sd within low and high */
    int *knots;                     /* [d]; 0: t(x) = x, else t by so many knots */
    double *knot, *value;           /* [d, SCALE_KNOTS] x, ascending, and t there */
} scale_model;

/* x [n, cols], n >= 1; the model lives in keep. d may be 0. */
scale_model scale_fit(const double *x, int64_t n, int cols, scale_params p, arena *keep,
                      arena scratch);

/* z [n, d] in keep. */
float *scale_apply(const scale_model *m, const double *x, int64_t n, arena *keep);
double *scale_apply_wide(const scale_model *m, const double *x, int64_t n, arena *keep);

#endif
