/* lsa: latent semantic analysis: the truncated singular value decomposition of tf-idf rows.
 *
 *     X[n, terms] ~ U S V',    vector of a text = x V / |x V|
 *
 * V spans the `wide` strongest directions. It is found by randomised subspace iteration: a normal
 * random block of wide + extra columns is multiplied by X'X `passes` times and made orthonormal
 * after each; then X V is rotated by the eigenvectors of its Gram matrix. Of more than `sample`
 * rows, evenly spaced ones are taken for the fit. Signs: the largest component of each column of V
 * is positive (ties: the smaller term). Where X has fewer directions than `wide`, the last singular
 * values and columns are 0.
 *
 *     lsa_params p = LSA_DEFAULTS;
 *     lsa_fit(&m, &x, p, threads, &s.keep, s.scratch, e)
 *     float *v = lsa_rows(&m, &x, threads, &s.keep);        // [n, wide], unit rows
 *
 * Any number of threads gives the same bits; between instruction sets last digits may differ.
 * Source: Deerwester et al., "Indexing by latent semantic analysis" (1990); Halko, Martinsson and
 * Tropp, "Finding structure with randomness" (2011), algorithm 4.4. */
#ifndef MODELS_LANGUAGE_LSA_H
#define MODELS_LANGUAGE_LSA_H

#include "base/pool.h"
#include "base/sparse.h"

typedef struct lsa_params {
    int wide;       /* numbers a vector, 1 … 1024 */
    int extra;      /* columns that are iterated beside them, 0 … 1024 */
    int passes;     /* over X and X' */
    int64_t sample; /* rows of the fit, at most */
    uint64_t seed;
} lsa_params;

#define LSA_DEFAULTS ((lsa_params){128, 16, 4, 100000, 1})

typedef struct lsa_model {
    int32_t wide, terms;
    float *basis;     /* [terms, wide] V */
    double *singular; /* [wide] of the rows of the fit, largest first */
} lsa_model;

/* NULL, or the reason why the parameters make no sense. */
const char *lsa_check(lsa_params p);

/* Bytes of keep and of scratch (each) that lsa_fit and lsa_rows of these rows may take. */
size_t lsa_memory(int64_t rows, int64_t terms, int64_t entries, lsa_params p);

/* The model lives in keep. Refused: bad parameters; a matrix without entries, or with a value that
 * is no finite number. */
bool lsa_fit(lsa_model *m, const sparse *x, lsa_params p, pool *threads, arena *keep,
             arena scratch, err *e);

/* Unit vectors [x->rows, wide] in keep; zeros for a row without known terms. */
float *lsa_rows(const lsa_model *m, const sparse *x, pool *threads, arena *keep);

#endif
