/* kmeans_run: one run of K-Means over packed rows: what the files kmeans*.c share.
 *
 * Rows lie in groups of 16, one row a lane, around the means of their columns. A run holds labels,
 * the sums of each cluster and its centres; the sums always are those of the labels.
 *
 * Bounds (for k up to 256 and k d from 256 on, once few rows still change): `expire` says how far
 * the centres may yet move before the nearest centre of a row can be another one; until then its
 * group is not read.
 * After Hamerly (2010), with the two bounds of a row held as their difference and the moves of the
 * centres added up once for all rows. Rounding is taken off the bound, so labels, and with them all
 * bits of the centres, are those of the plain iteration. */
#ifndef MODELS_KMEANS_RUN_H
#define MODELS_KMEANS_RUN_H

#include "base/random.h"
#include "models/kmeans.h"

enum {
    KMEANS_BLOCK = 64,      /* groups whose rows are worked on while they are in the cache */
    KMEANS_CANDIDATES = 16, /* of greedy k-means++: 2 + floor(ln 4096) = 10 */
};

typedef struct kmeans_run {
    const kmeans_data *data;
    int64_t n, groups, chunk, chunks; /* chunk: groups of one */
    int k, d, padded;
    bool spherical, plain;
    double *origin;       /* [d] */
    float *x;             /* [groups][d][16], minus origin */
    int32_t *label;       /* [groups 16]; -1 before the first assignment */
    double *totals;       /* [k, d + 1] sums of w x and, last, of w */
    double *centre;       /* [k, d], around origin */
    float *narrow, *half; /* [padded, d], [padded]: the centres as the kernel reads them */
    double *mean;         /* [d] of one cluster */
    double *part;         /* [chunks, k (d + 1)] or [chunks, KMEANS_CANDIDATES] */
    double *worst;        /* [chunks]: distances of the farthest rows */
    int64_t *which;       /* [chunks]: those rows, or how many labels changed */
    float *distance;      /* [groups 16] squared, to the nearest centre; of starts */
    const float *candidate; /* [candidates, d] */
    int candidates;
    bool bounded, fresh;  /* bounds are in use; and none was set yet */
    int64_t still;        /* they begin when fewer than one row in so many changes */
    int64_t *renewed;     /* [chunks] groups that were read all the same */
    float *expire;        /* [groups 16] the decay of the row's cluster up to which it stays */
    double *decay;        /* [k] moves of a centre and of the farthest moving other, added up */
    double *moved;        /* [k] by the last of them */
    float *narrow_decay;  /* [padded] */
    float *before;        /* [padded, d] */
    float margin, wobble; /* rounding: of a bound to be kept, of a difference of distances */
    double reach;         /* the largest |x| */
    pool *threads;
    kmeans_nearest_kernel *nearest;
    kmeans_closer_kernel *closer;
    kmeans_bound_kernel *bound;
    kmeans_own_kernel *own;
} kmeans_run;

/* Sets a run up in memory and packs its rows around origin (found here when NULL); *spread (may be
 * NULL) becomes the mean variance of the columns, NaN for bad values. */
kmeans_run kmeans_run_open(const kmeans_data *data, int k, const double *origin, pool *threads,
                           arena *memory, double *spread);

/* Assigns all rows to their nearest centre; how many changed. */
int64_t kmeans_run_assign(kmeans_run *r);

/* Sum of w |x - centre|^2; leaves chunk sums in part, and in distance when that is there. */
double kmeans_run_inertia(kmeans_run *r);

/* Forgets labels, sums and bounds. */
void kmeans_run_reset(kmeans_run *r);

/* From the centres (and labels) as they are to convergence; the answer's counts and inertia go into
 * m. */
void kmeans_run_lloyd(kmeans_run *r, int iterations, double tolerance, kmeans_model *m);

/* The best of several starts, searched on by swaps -> centre. */
void kmeans_run_start(kmeans_run *r, kmeans_params p, double tolerance, arena scratch);

/* The fit by batches of rows (see kmeans_params.batch) once data and parameters were checked. */
bool kmeans_batch_fit(kmeans_model *m, const kmeans_data *data, kmeans_params p, pool *threads,
                      arena *keep, arena scratch, err *e);

/* n rows, one from each of as many equal stretches. */
kmeans_data kmeans_batch_sample(const kmeans_data *data, int64_t n, uint64_t seed, arena *memory);

static inline double kmeans_run_weight(const kmeans_run *r, int64_t row) {
    return r->data->weight ? r->data->weight[row] : 1;
}

static inline float kmeans_run_at(const kmeans_run *r, int64_t row, int j) {
    return r->x[(row / KMEANS_LANES * r->d + j) * KMEANS_LANES + row % KMEANS_LANES];
}

static inline int64_t kmeans_run_first(const kmeans_run *r, int64_t chunk) {
    return chunk * r->chunk * KMEANS_LANES;
}

static inline int64_t kmeans_run_last(const kmeans_run *r, int64_t chunk) {
    int64_t last = (chunk + 1) * r->chunk * KMEANS_LANES;
    return last < r->n ? last : r->n;
}

#endif
