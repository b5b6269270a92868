/* linear: L2-regularised logistic regression on sparse rows, dense rows or both side by side, for
 * two or more classes.
 *
 *     minimise  1/2 |W|^2 + C sum_i s_i loss_i     (the intercepts b are not penalised)
 *
 * over features x_i = (sparse row i, dense_weight * dense row i).
 * Two classes: one output z = w x + b, P(class 1) = 1 / (1 + e^-z). K > 2 classes: K outputs and
 * P = softmax(z). s_i = 1, or n / (K n_class) when balanced. The solver is a trust-region Newton
 * method with conjugate gradients, in double, so the optimum (which is unique) is met closely
 * enough that the path to it leaves no trace in the digits people see. Sums run in an order that
 * depends on the data alone: any number of threads gives the same bits.
 *
 *     linear_params p = LINEAR_DEFAULTS;
 *     linear_data d = {.x = &x, .label = label, .classes = 2};
 *     linear_fit(&m, &d, p, threads, &s.keep, s.scratch, e)
 *     linear_score(&m, &x, NULL, threads, probability, s.scratch);    // [rows, classes]
 *
 * Source: Lin, Weng, Keerthi, "Trust region Newton method for large-scale logistic regression",
 * JMLR 9 (2008). */
#ifndef MODELS_LANGUAGE_LINEAR_H
#define MODELS_LANGUAGE_LINEAR_H

#include "base/pool.h"
#include "base/simd.h"
#include "base/sparse.h"

typedef struct linear_params {
    double c;           /* weight of the losses against the penalty, > 0 */
    bool balanced;      /* classes weigh alike, however many rows they have */
    int max_iterations; /* Newton steps */
    double tolerance;   /* stop when |gradient| <= tolerance |gradient at 0| */
} linear_params;

#define LINEAR_DEFAULTS ((linear_params){4, false, 100, 1e-4})

typedef struct linear_data {
    const sparse *x;      /* may have no columns */
    const int32_t *label; /* [rows] 0 … classes-1 */
    int classes;          /* 2 … 1000 */
    const float *dense;   /* [rows, wide] or NULL */
    int32_t wide;         /* columns of dense, 0 without */
    double dense_weight;  /* what its values are multiplied by, > 0 */
} linear_data;

typedef struct linear_model {
    int classes, outputs; /* outputs = 1 for two classes */
    int32_t features;     /* sparse columns, then the dense ones */
    int32_t wide;         /* dense columns among them */
    double dense_weight;
    double *weight; /* [features, outputs] */
    double *bias;   /* [outputs] */
    int iterations;
    double gradient; /* |gradient| over that at 0 */
} linear_model;

/* NULL, or the reason why the parameters make no sense. */
const char *linear_check(linear_params p);

/* Bytes that linear_fit may take of scratch. */
size_t linear_memory(const linear_data *d);

/* The model lives in keep. Refused: bad parameters; a label out of range; fewer than two classes
 * with rows. */
bool linear_fit(linear_model *m, const linear_data *d, linear_params p, pool *threads, arena *keep,
                arena scratch, err *e);

/* Probabilities of all classes, [rows, classes]; x has features - wide columns, dense [rows, wide]
 * is NULL without. */
void linear_score(const linear_model *m, const sparse *x, const float *dense, pool *threads,
                  double *probability, arena scratch);

/* ---- kernels (linear_simd.c) ---- */

/* sum of row[f] w[f] */
SIMD_DECLARE(double, linear_dot, const float *row, const double *w, int32_t wide);
/* to[f] += scale * row[f] */
SIMD_DECLARE(void, linear_add, double scale, const float *row, double *to, int32_t wide);

#endif
