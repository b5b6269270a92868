/* gmm_parts: what the files of gmm share: a run over packed rows and the kernels of its two steps.
 *
 * Rows are packed in groups of 16: x[group][d][16] float, the last group filled up with zeros.
 * Inside, matrices are padded to `wide` columns, a multiple of 4, with zeros. */
#ifndef MODELS_SEGMENT_GMM_PARTS_H
#define MODELS_SEGMENT_GMM_PARTS_H

#include "base/simd.h"
#include "models/segment/gmm.h"

enum { GMM_LANES = 16 };

/* x [d][rows] of `groups` groups of packed rows. */
typedef void gmm_widen_kernel(const float *x, int64_t groups, int d, double *to);

/* density[i] = constant - |(x_i - mean) P|^2 / 2 of rows x [d][rows], 16 x groups of them; P
 * [wide, wide] upper triangular, or [wide] of the kernel for diagonals. */
typedef void gmm_density_kernel(const double *x, int64_t rows, int d, const double *mean,
                                const double *p, double constant, double *density);

/* Log densities [k][rows] become responsibilities; total[i] = ln sum_c exp. */
typedef void gmm_share_kernel(double *density, int64_t rows, int k, double *total);

/* Adds of rows with shares r: moments[0] += sum r, [1 … d] += sum r (x - mean), then the second
 * moments: [wide, wide], of which those above the diagonal's blocks of 4 are written, or [wide].
 * work [wide, rows]. */
typedef void gmm_moments_kernel(const double *x, int64_t rows, int d, const double *mean,
                                const double *r, double *work, double *moments);

#define GMM_ROWS_ARGS const double *x, int64_t rows, int d, const double *mean
SIMD_DECLARE(void, gmm_widen, const float *x, int64_t groups, int d, double *to);
SIMD_DECLARE(void, gmm_density_full, GMM_ROWS_ARGS, const double *p, double constant,
             double *density);
SIMD_DECLARE(void, gmm_density_diag, GMM_ROWS_ARGS, const double *p, double constant,
             double *density);
SIMD_DECLARE(void, gmm_share, double *density, int64_t rows, int k, double *total);
SIMD_DECLARE(void, gmm_moments_full, GMM_ROWS_ARGS, const double *r, double *work,
             double *moments);
SIMD_DECLARE(void, gmm_moments_diag, GMM_ROWS_ARGS, const double *r, double *work,
             double *moments);

/* The same, row by row as the formulas are written (gmm_plain.c): they judge the others. */
void gmm_density_full_twin(GMM_ROWS_ARGS, const double *p, double constant, double *density);
void gmm_density_diag_twin(GMM_ROWS_ARGS, const double *p, double constant, double *density);
void gmm_share_twin(double *density, int64_t rows, int k, double *total);
void gmm_moments_full_twin(GMM_ROWS_ARGS, const double *r, double *work, double *moments);
void gmm_moments_diag_twin(GMM_ROWS_ARGS, const double *r, double *work, double *moments);

static inline int gmm_wide(int d) { return (d + 3) / 4 * 4; }

/* True where the covariance has terms off its diagonal. */
static inline bool gmm_has_corners(gmm_kind kind) { return kind == GMM_FULL || kind == GMM_TIED; }

/* Where the responsibilities of a pass come from. */
typedef enum gmm_source { GMM_MODEL, GMM_LABELS, GMM_SHARES, GMM_ALL } gmm_source;

/* One run over packed rows. */
typedef struct gmm_run {
    const kmeans_data *data;
    gmm_kind kind;
    int64_t n, groups, chunk, chunks, block; /* groups of one chunk, of one block */
    int k, most, d, wide;                    /* most: components there is room for */
    double ridge;
    int64_t size;                            /* numbers of one component's moments */
    float *x;
    double *mean;     /* [most, wide] */
    double *factor;   /* [most, wide, wide] or [most, wide] */
    double *constant; /* [most]: ln weight - d/2 ln 2 pi + sum ln diag P */
    double *moments;  /* [most, size] of all rows, by the last pass */
    double *part;     /* [chunks, most size] */
    double *total;    /* [chunks]: log-likelihood, and entropy in the half behind */
    int64_t *worst;   /* [chunks]: row of least density, -1 = none */
    double *least;    /* [chunks]: its density */
    bool want_moments, want_worst;
    gmm_source source;
    const int32_t *label;
    const double *share;
    int share_k; /* columns of share */
    const int64_t *taken; /* rows that are no longer candidates for worst */
    int n_taken;
    const gmm_rows *rows; /* to write, or NULL */
    pool *threads;
} gmm_run;

/* Packs the rows; *bad = the first row with a value that is not finite, or -1. */
gmm_run gmm_run_open(const kmeans_data *data, int k, gmm_kind kind, pool *threads, arena *memory,
                     int64_t *bad);

/* The components of a model as the kernels read them. */
void gmm_run_load(gmm_run *r, const gmm_model *m);

/* One pass over all rows -> moments (when wanted); returns the log-likelihood, *entropy if given.
 * With want_worst the row that is explained worst is returned by gmm_run_worst. */
double gmm_run_pass(gmm_run *r, double *entropy);
int64_t gmm_run_worst(const gmm_run *r);

/* Numbers of one covariance or factor of d columns: d d, d or 1. */
int64_t gmm_cell(gmm_kind kind, int d);

/* The M step: weights, means and covariances from the moments around r->mean. */
void gmm_update(gmm_model *m, const gmm_run *r);

/* The factor of covariance c (of tied, c = 0), for which something is added to its diagonal when it
 * has none. False then, and when it is conditioned worse than 1e10 in units of the columns' own
 * `variance` [d]. */
bool gmm_factor(gmm_model *m, int c, const double *variance);

#endif
