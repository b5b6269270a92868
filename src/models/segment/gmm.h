/* gmm: Gaussian mixtures by expectation-maximisation, with four kinds of covariance.
 *
 *     p(x) = sum_c weight_c N(x; mean_c, covariance_c)
 *
 * Start: K-Means labels, or labels, shares or means that are given. E step in log space with
 * log-sum-exp: log N = -(d ln 2 pi + |(x - mean) P|^2) / 2 + sum ln diag P with P the upper
 * triangular factor of the precision, covariance^-1 = P P'. M step: second moments are taken
 * around the mean of the step before and corrected by the shift, never as mean of squares minus
 * square of mean. All in double, rows in vector lanes.
 *
 * A component has collapsed when fewer than d + 1 rows are its own (2 where it has no off-diagonal,
 * half a row where the covariance is shared), when its covariance has no factor, or when that is
 * conditioned worse than 1e10 in units of the columns' own deviations. It is set anew on the row
 * that the others explain worst, with the covariance of all rows over k, up to `heals` times; then
 * the lightest one is dropped: look at k and dropped of the model. A single component stays,
 * whatever the rows are.
 *
 * Chunks of rows depend on n, d and k alone and are added in order: any number of threads gives
 * the same bits. Between instruction sets last digits may differ.
 *
 *     gmm_params p = GMM_DEFAULTS; p.k = 4;
 *     gmm_fit(&m, &data, p, threads, &s.keep, s.scratch, e)
 *     gmm_assign(&m, &data, threads, &(gmm_rows){.label = label, .strength = strength}, s.scratch)
 *
 * Sources: Dempster, Laird, Rubin (1977); Bishop, "Pattern Recognition and Machine Learning" ch. 9
 * (2006); Schwarz (1978) for BIC; Biernacki, Celeux, Govaert (2000) for ICL; ridge, masses and
 * stopping rule as scikit-learn's GaussianMixture. */
#ifndef MODELS_SEGMENT_GMM_H
#define MODELS_SEGMENT_GMM_H

#include "models/kmeans.h"

/* Of each component its own; one for all; its own variances; its own variance. */
typedef enum gmm_kind { GMM_FULL, GMM_TIED, GMM_DIAG, GMM_SPHERICAL, GMM_KINDS } gmm_kind;

extern const char *const gmm_kinds[GMM_KINDS + 1]; /* full tied diag spherical NULL */

enum { GMM_WIDEST = 256, GMM_MOST = 1024 }; /* columns; components */

typedef struct gmm_params {
    int k;
    gmm_kind kind;
    double ridge;       /* added to variances, > 0 */
    double tolerance;   /* of the mean log-likelihood's gain; 0: all max_iterations */
    int max_iterations; /* 0: the start's M step alone */
    int heals;          /* components set anew, in all */
    int starts;         /* of K-Means */
    uint64_t seed;
    const int32_t *label; /* [n] 0 … k-1 to start from, or NULL */
    const double *share;  /* [n, k] responsibilities to start from, or NULL */
    const double *means;  /* [k, d]: start from each row's nearest, or NULL */
} gmm_params;

#define GMM_DEFAULTS ((gmm_params){8, GMM_FULL, 1e-6, 1e-4, 200, 3, 4, 1, NULL, NULL, NULL})

typedef struct gmm_model {
    gmm_kind kind;
    int k, d;           /* k: components that are left */
    double *weight;     /* [k], sum 1 */
    double *mean;       /* [k, d] */
    double *covariance; /* full [k, d, d], tied [d, d], diag [k, d], spherical [k] */
    double *factor;     /* P in the same shape; of the smaller kinds 1 / deviation */
    double mass;            /* sum of the rows' weights */
    double log_likelihood;  /* of all rows: sum of weight ln p(x) */
    double entropy;         /* sum of weight times -sum_c r ln r: 0 when all rows are certain */
    int iterations, heals, dropped;
    bool converged;
} gmm_model;

/* NULL, or the reason why the parameters make no sense for n rows. */
const char *gmm_check(gmm_params p, int64_t n, int d);

/* Bytes of scratch that gmm_fit and gmm_assign may take; a thread needs 1 MiB of its own. */
size_t gmm_memory(int64_t n, int d, int k);

/* The model lives in keep. Refused: bad parameters; a value that is no finite number. */
bool gmm_fit(gmm_model *m, const kmeans_data *data, gmm_params p, pool *threads, arena *keep,
             arena scratch, err *e);

/* What the mixture says of rows, [n] each; NULL where it is not wanted. */
typedef struct gmm_rows {
    int32_t *label, *second;   /* the two most probable components; second -1 when k = 1 */
    double *strength, *backup; /* their probabilities */
    double *density;           /* ln p(x) */
} gmm_rows;

/* Sum of weight ln p(x) of finite rows; *entropy (or NULL) as in the model. */
double gmm_assign(const gmm_model *m, const kmeans_data *data, pool *threads, const gmm_rows *rows,
                  double *entropy, arena scratch);

/* Free parameters; -2 LL + parameters ln mass; BIC + 2 entropy. Small is good. */
int64_t gmm_parameters(const gmm_model *m);
double gmm_bic(const gmm_model *m);
double gmm_icl(const gmm_model *m);

/* ---- do they come back? (gmm_stability.c) ---- */

/* `rounds` bootstraps of unweighted rows, each fitted anew by p (k of m, from K-Means) and asked
 * for all rows: stability is the mean adjusted Rand index with what m says of them, overlap [m->k]
 * of each component the mean of its best Jaccard overlap. Few thousand rows are enough.
 * Source: Hennig, "Cluster-wise assessment of cluster stability" (2007). */
bool gmm_stability(double *stability, double *overlap, const gmm_model *m, const kmeans_data *data,
                   gmm_params p, int rounds, pool *threads, arena scratch, err *e);

#endif
