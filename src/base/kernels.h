/* kernels: dense linear algebra through OpenBLAS, one thread per call, each with a plain twin.
 *
 * All matrices are row-major with explicit leading dimensions (ld, in elements). Our own pool
 * spreads blocks of fixed size over threads; OpenBLAS is held to one thread by kernels_start, so
 * results do not depend on the number of threads. The table `kernels_plain` is the readable twin
 * that the tests hold against `kernels_blas` at odd sizes. */
#ifndef BASE_KERNELS_H
#define BASE_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct kernels {
    const char *name;
    /* c[m,n] = alpha * a[m,k] b[k,n] + beta * c */
    void (*gemm)(int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                 int ldb, float beta, float *c, int ldc);
    /* c[m,n] = alpha * a[m,k] b[n,k]' + beta * c: rows times rows, the scoring product */
    void (*gemm_nt)(int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                    int ldb, float beta, float *c, int ldc);
    /* y[n] += alpha * x[n] */
    void (*axpy)(int n, float alpha, const float *x, float *y);
    /* g[k,k] = y[n,k]' y[n,k], both triangles filled */
    void (*gram)(int n, int k, const float *y, int ldy, float *g, int ldg);
    /* g[k,k] += y[n,k]' y[n,k] in the upper triangle alone, as solve_spd reads it */
    void (*gram_add)(int n, int k, const float *y, int ldy, float *g, int ldg);
    /* the same in double */
    void (*gram_add_d)(int n, int k, const double *y, int ldy, double *g, int ldg);
    /* x[n] = a[n,n]^-1 b[n] for a symmetric positive definite a (destroyed); false if it is not;
     * solve_spd reads the upper triangle alone */
    bool (*solve_spd)(int n, float *a, int lda, float *b);
    bool (*solve_spd_d)(int n, double *a, int lda, double *b);
    /* a[n,n] = a^-1 for a symmetric positive definite a, both triangles filled; false if it is not
     * (then a is destroyed); only the lower triangle is read */
    bool (*inverse_spd_d)(int n, double *a, int lda);
    /* a[n,n] symmetric (destroyed: column j of the result in row j) -> ascending eigenvalues
     * w[n] and eigenvectors, a[j*lda + i] = component i of vector j */
    bool (*eigen_d)(int n, double *a, int lda, double *w);
} kernels;

extern const kernels kernels_blas, kernels_plain;

/* Holds OpenBLAS to one thread per call; call once, before the first use and before there are
 * threads. Libraries with OpenMP threads that are opened later are told to let them sleep while
 * they wait: where processors are shared, threads that spin make each other ten times slower.
 * OMP_WAIT_POLICY in the environment has the last word. */
void kernels_start(void);

/* The OpenBLAS build and core in use, for doctor and the manifest. */
const char *kernels_build(void);

#endif
