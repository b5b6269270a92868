/* kmeans: K-Means clustering by Lloyd's iteration from greedy k-means++ starts and swaps.
 *
 *     minimise  sum_i w_i |x_i - c_label(i)|^2
 *
 * Starts: k-means++ where each next centre is the best of 2 + floor(ln k) candidates drawn with
 * chances w D^2. Iteration: every row to its nearest centre (float, rows in vector lanes; ties to
 * the smaller cluster), centres to the means of their rows (double). It stops when no label
 * changes, or when the centres moved by |shift|^2 <= tolerance x mean variance of the columns;
 * labels always belong to the centres that are returned. A cluster that runs empty takes the row
 * that lies farthest from its centre. From the best start single centres are moved to rows drawn
 * with chances w D^2, and what becomes better is kept (random swaps). With more than `sample` rows
 * starts and swaps are tried on a sample and the best is refined on all rows.
 *
 * Once few rows change, rows that provably keep their centre are passed over (bounds as Hamerly's:
 * kmeans_run.h); `plain` goes without, to the same bits.
 *
 * With `batch`, for tables of which memory holds no second copy: from the centres of the sample,
 * the rows of one random batch after the other draw their centres by c += sum w (x - c) / mass,
 * where mass is the weight that a centre has drawn so far (Sculley, 2010), until as many rows as
 * the table has were drawn and the smoothed inertia has not fallen for 10 batches, or for
 * max_iterations; then all rows are labelled, block by block.
 *
 * Spherical K-Means (Dhillon and Modha, 2001) is the same with centres of length 1: with unit rows
 * |x - c|^2 = 2 - 2 cos(x, c).
 *
 * Chunks of rows depend on n, d and k alone and are added in order: any number of threads gives
 * the same bits. Between instruction sets last digits may differ.
 *
 *     kmeans_params p = KMEANS_DEFAULTS; p.k = 8;
 *     kmeans_data data = {.x = x, .n = n, .d = d};
 *     kmeans_fit(&m, &data, p, threads, &s.keep, s.scratch, e)
 *
 * Source: Lloyd (1982); Arthur and Vassilvitskii, "k-means++" (2007); greedy candidates and the
 * stopping rule as scikit-learn's KMeans; Hamerly, "Making k-means even faster" (2010); Fränti,
 * "Efficiency of random swap clustering" (2018). */
#ifndef MODELS_KMEANS_H
#define MODELS_KMEANS_H

#include "base/pool.h"

typedef struct kmeans_params {
    int k;              /* clusters, 1 … 4096 */
    int starts;         /* independent starts; the one with the least inertia wins */
    int max_iterations; /* Lloyd iterations of each run */
    double tolerance;   /* 0: only when no label changes */
    int64_t sample;     /* rows on which the starts are tried; 100 a cluster where that is more */
    uint64_t seed;
    const double *centres; /* [k, d] given centres instead of starts, or NULL */
    bool spherical; /* centres have length 1: for rows of length 1, nearest is largest cosine */
    int swaps;      /* a search by swaps ends after so many in vain (few rows: more); 0: none */
    bool plain;     /* every row is compared with every centre: the judge of the bounds */
    int64_t batch;  /* > 0, for tables over the sample: mini-batches of so many rows, see below */
} kmeans_params;

#define KMEANS_DEFAULTS ((kmeans_params){8, 4, 300, 1e-4, 32768, 1, NULL, false, 24, false, 0})

typedef struct kmeans_data {
    const float *x;       /* [n, d], finite */
    int64_t n;
    int d;                /* 1 … 4096 */
    const double *weight; /* [n] >= 0, or NULL for 1 each */
} kmeans_data;

typedef struct kmeans_model {
    int k, d;
    double *origin;  /* [d] means of the columns: distances are computed around them */
    double *centres; /* [k, d] */
    double *mass;    /* [k] sums of the weights */
    int32_t *label;  /* [n] of the rows of the fit */
    double inertia;
    int iterations;
    bool converged;
} kmeans_model;

/* NULL, or the reason why the parameters make no sense for n rows. */
const char *kmeans_check(kmeans_params p, int64_t n, int d);

/* Bytes of scratch that kmeans_fit and kmeans_assign may take. */
size_t kmeans_memory(int64_t n, int d, int k);

/* The model lives in keep. Refused: bad parameters; a value that is no finite number. */
bool kmeans_fit(kmeans_model *m, const kmeans_data *data, kmeans_params p, pool *threads,
                arena *keep, arena scratch, err *e);

/* The nearest centre of each row -> label [n]; returns the inertia. Needs k, d, origin, centres. */
double kmeans_assign(const kmeans_model *m, const kmeans_data *data, pool *threads, int32_t *label,
                     arena scratch);

/* ---- kernels (kmeans_simd.c), on rows packed in groups of 16: x[group][d][16] ---- */

enum { KMEANS_LANES = 16 };

/* label[i] = argmin_c half[c] - x_i c, for 16 `groups` rows; centres [padded k, d] and half
 * [padded k] (|c|^2 / 2; padding: infinity) with k padded to a multiple of 4. Every distance is
 * one multiply-add chain over the columns in order. */
typedef void kmeans_nearest_kernel(const float *x, int64_t groups, int d, int padded,
                                   const float *centres, const float *half, int32_t *label);

/* nearer[i] = min(distance[i], |x_i - centre|^2); nearer may be distance itself. */
typedef void kmeans_closer_kernel(const float *x, int64_t groups, int d, const float *centre,
                                  const float *distance, float *nearer);

/* square[i] = |x_i - centre of label[i]|^2, in double; centres [k, d]. */
typedef void kmeans_own_kernel(const float *x, int64_t groups, int d, const double *centres,
                               const int32_t *label, double *square);

/* Like nearest, for the groups one of whose rows has not decay[label] + margin < expire; touched
 * [groups] says which. There label is renewed, and expire becomes decay[label] + how much farther
 * the second nearest centre is than the nearest, at least. Needs two clusters. */
typedef struct kmeans_bounds {
    const float *decay;   /* [padded] */
    float margin, wobble; /* wobble: what a difference of two 2 half - 2 x c may be off */
} kmeans_bounds;
typedef void kmeans_bound_kernel(const float *x, int64_t groups, int d, int padded,
                                 const float *centres, const float *half, const kmeans_bounds *b,
                                 int32_t *label, float *expire, uint8_t *touched);

#include "base/simd.h"
SIMD_DECLARE(void, kmeans_own, const float *x, int64_t groups, int d, const double *centres,
             const int32_t *label, double *square);
SIMD_DECLARE(void, kmeans_bound, const float *x, int64_t groups, int d, int padded,
             const float *centres, const float *half, const kmeans_bounds *b, int32_t *label,
             float *expire, uint8_t *touched);
SIMD_DECLARE(void, kmeans_nearest, const float *x, int64_t groups, int d, int padded,
             const float *centres, const float *half, int32_t *label);
SIMD_DECLARE(void, kmeans_closer, const float *x, int64_t groups, int d, const float *centre,
             const float *distance, float *nearer);

#endif
