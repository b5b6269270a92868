/* pca: rows as principal components, whitened: columns without correlation, of variance 1.
 *
 *     z_j = v_j' (x - mean) / sqrt(lambda_j)
 *
 * lambda_j and v_j are eigenvalues and unit eigenvectors of the covariance matrix (divided by n),
 * the largest first; the sign of each vector makes its entry of the largest size positive (of equal
 * ones the first). Kept are as many components as hold `share` of the variance, `most` at most, and
 * none whose eigenvalue is under 1e-10 of the largest: what is left there is rounding. The model is
 * kept, so that other rows are turned the same way.
 *
 *     pca_params p = PCA_DEFAULTS; p.most = 5;
 *     pca_fit(&m, x, n, cols, p, threads, &s.keep, s.scratch, e) -> m.d components
 *     double *z = pca_apply(&m, x, n, threads, &s.keep);
 *
 * Source: Pearson (1901); Jolliffe, "Principal Component Analysis" (2002). */
#ifndef MODELS_SEGMENT_PCA_H
#define MODELS_SEGMENT_PCA_H

#include "base/pool.h"

typedef struct pca_params {
    double share; /* of the variance, in (0, 1] */
    int most;     /* components, at least 1 */
    bool whiten;  /* false: columns keep their variance, distances what they were */
} pca_params;

#define PCA_DEFAULTS ((pca_params){0.9, 16, true})

typedef struct pca_model {
    int cols, d;      /* given and kept */
    double *mean;     /* [cols] */
    double *turn;     /* [d, cols] v_j, divided by sqrt(lambda_j) when whitened */
    double *variance; /* [d] lambda_j */
    double kept;      /* share of the variance in the kept components */
} pca_model;

/* x [n, cols] finite, n >= 1, cols 1 to 4096; the model lives in keep. Refused: columns none of
 * which varies. */
bool pca_fit(pca_model *m, const double *x, int64_t n, int cols, pca_params p, pool *threads,
             arena *keep, arena scratch, err *e);

/* z [n, d] in keep. */
double *pca_apply(const pca_model *m, const double *x, int64_t n, pool *threads, arena *keep);

#endif
