/* kernels: dense linear algebra through OpenBLAS, one thread per call, each with a plain twin. */
#include "base/kernels.h"

#include <cblas.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/err.h"

/* Fortran LAPACK, column-major; symmetric input makes the order of indexes moot. */
void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info, size_t uplo_n);
void spotrs_(const char *uplo, const int *n, const int *nrhs, const float *a, const int *lda,
             float *b, const int *ldb, int *info, size_t uplo_n);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_n);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info, size_t uplo_n);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_n);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info,
             size_t jobz_n, size_t uplo_n);

void kernels_start(void) {
    openblas_set_num_threads(1);
    setenv("OMP_WAIT_POLICY", "passive", 0);
}
const char *kernels_build(void) { return openblas_get_config(); }

static void blas_gemm(int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                      int ldb, float beta, float *c, int ldc) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c,
                ldc);
}

static void blas_gemm_nt(int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                         int ldb, float beta, float *c, int ldc) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, alpha, a, lda, b, ldb, beta, c,
                ldc);
}

static void blas_axpy(int n, float alpha, const float *x, float *y) {
    cblas_saxpy(n, alpha, x, 1, y, 1);
}

static void mirror(int k, float *g, int ldg) {
    for (int i = 0; i < k; i++)
        for (int j = 0; j < i; j++) g[(ptrdiff_t)i * ldg + j] = g[(ptrdiff_t)j * ldg + i];
}

static void blas_gram(int n, int k, const float *y, int ldy, float *g, int ldg) {
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, k, n, 1, y, ldy, 0, g, ldg);
    mirror(k, g, ldg);
}

static void blas_gram_add(int n, int k, const float *y, int ldy, float *g, int ldg) {
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, k, n, 1, y, ldy, 1, g, ldg);
}

static void blas_gram_add_d(int n, int k, const double *y, int ldy, double *g, int ldg) {
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, k, n, 1, y, ldy, 1, g, ldg);
}

static bool blas_solve_spd(int n, float *a, int lda, float *b) {
    int one = 1, info = 0;
    spotrf_("L", &n, a, &lda, &info, 1);
    if (info != 0) return false;
    spotrs_("L", &n, &one, a, &lda, b, &n, &info, 1);
    return info == 0;
}

static bool blas_solve_spd_d(int n, double *a, int lda, double *b) {
    int one = 1, info = 0;
    dpotrf_("L", &n, a, &lda, &info, 1);
    if (info != 0) return false;
    dpotrs_("L", &n, &one, a, &lda, b, &n, &info, 1);
    return info == 0;
}

/* Row-major lower is column-major upper. */
static bool blas_inverse_spd_d(int n, double *a, int lda) {
    int info = 0;
    dpotrf_("U", &n, a, &lda, &info, 1);
    if (info != 0) return false;
    dpotri_("U", &n, a, &lda, &info, 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) a[(ptrdiff_t)j * lda + i] = a[(ptrdiff_t)i * lda + j];
    return info == 0;
}

static bool blas_eigen_d(int n, double *a, int lda, double *w) {
    int lwork = 1 + 6 * n + 2 * n * n, liwork = 3 + 5 * n, info = 0;
    double *work = malloc(sizeof *work * (size_t)lwork + sizeof(int) * (size_t)liwork);
    if (!work) return false;
    int *iwork = (int *)(void *)(work + lwork);
    dsyevd_("V", "L", &n, a, &lda, w, work, &lwork, iwork, &liwork, &info, 1, 1);
    free(work);
    return info == 0;
}

const kernels kernels_blas = {
    "openblas",      blas_gemm,       blas_gemm_nt,   blas_axpy,        blas_gram,
    blas_gram_add,   blas_gram_add_d, blas_solve_spd, blas_solve_spd_d, blas_inverse_spd_d,
    blas_eigen_d};

/* ---- the plain twin ---- */

static void plain_gemm(int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                       int ldb, float beta, float *c, int ldc) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int l = 0; l < k; l++)
                sum += (double)a[(ptrdiff_t)i * lda + l] * b[(ptrdiff_t)l * ldb + j];
            float *to = &c[(ptrdiff_t)i * ldc + j];
            *to = alpha * (float)sum + (beta == 0 ? 0 : beta * *to);
        }
}

static void plain_gemm_nt(int m, int n, int k, float alpha, const float *a, int lda,
                          const float *b, int ldb, float beta, float *c, int ldc) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int l = 0; l < k; l++)
                sum += (double)a[(ptrdiff_t)i * lda + l] * b[(ptrdiff_t)j * ldb + l];
            float *to = &c[(ptrdiff_t)i * ldc + j];
            *to = alpha * (float)sum + (beta == 0 ? 0 : beta * *to);
        }
}

static void plain_axpy(int n, float alpha, const float *x, float *y) {
    for (int i = 0; i < n; i++) y[i] += alpha * x[i];
}

static void plain_gram(int n, int k, const float *y, int ldy, float *g, int ldg) {
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            double sum = 0;
            for (int l = 0; l < n; l++)
                sum += (double)y[(ptrdiff_t)l * ldy + i] * y[(ptrdiff_t)l * ldy + j];
            g[(ptrdiff_t)i * ldg + j] = (float)sum;
        }
}

static void plain_gram_add(int n, int k, const float *y, int ldy, float *g, int ldg) {
    for (int i = 0; i < k; i++)
        for (int j = i; j < k; j++) {
            double sum = g[(ptrdiff_t)i * ldg + j];
            for (int l = 0; l < n; l++)
                sum += (double)y[(ptrdiff_t)l * ldy + i] * y[(ptrdiff_t)l * ldy + j];
            g[(ptrdiff_t)i * ldg + j] = (float)sum;
        }
}

static void plain_gram_add_d(int n, int k, const double *y, int ldy, double *g, int ldg) {
    for (int i = 0; i < k; i++)
        for (int j = i; j < k; j++)
            for (int l = 0; l < n; l++)
                g[(ptrdiff_t)i * ldg + j] += y[(ptrdiff_t)l * ldy + i] * y[(ptrdiff_t)l * ldy + j];
}

/* Cholesky a = L L' in the lower triangle, then two triangular solves. */
static bool plain_solve_spd_d(int n, double *a, int lda, double *b) {
    for (int j = 0; j < n; j++) {
        double *row = a + (ptrdiff_t)j * lda;
        for (int i = 0; i <= j; i++) {
            const double *other = a + (ptrdiff_t)i * lda;
            double sum = row[i];
            for (int l = 0; l < i; l++) sum -= row[l] * other[l];
            if (i < j) row[i] = sum / other[i];
            else if (sum > 0) row[j] = sqrt(sum);
            else return false;
        }
    }
    for (int i = 0; i < n; i++) {
        for (int l = 0; l < i; l++) b[i] -= a[(ptrdiff_t)i * lda + l] * b[l];
        b[i] /= a[(ptrdiff_t)i * lda + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int l = i + 1; l < n; l++) b[i] -= a[(ptrdiff_t)l * lda + i] * b[l];
        b[i] /= a[(ptrdiff_t)i * lda + i];
    }
    return true;
}

static bool plain_solve_spd(int n, float *a, int lda, float *b) {
    double *copy = malloc(sizeof *copy * (size_t)(n + 1) * (size_t)n);
    if (!copy) return false;
    double *x = copy + (ptrdiff_t)n * n;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) copy[(ptrdiff_t)i * n + j] = a[(ptrdiff_t)j * lda + i];
        x[i] = b[i];
    }
    bool done = plain_solve_spd_d(n, copy, n, x);
    for (int i = 0; i < n; i++) b[i] = (float)x[i];
    free(copy);
    return done;
}

/* Sweeps out one variable after the other; what is left is the inverse with its sign turned. */
static bool plain_inverse_spd_d(int n, double *a, int lda) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) a[(ptrdiff_t)j * lda + i] = a[(ptrdiff_t)i * lda + j];
    for (int k = 0; k < n; k++) {
        double *pivot = a + (ptrdiff_t)k * lda, d = pivot[k];
        if (!(d > 0)) return false;
        for (int i = 0; i < n; i++) {
            double *row = a + (ptrdiff_t)i * lda, by = row[k] / d;
            for (int j = 0; i != k && j < n; j++)
                if (j != k) row[j] -= by * pivot[j];
        }
        for (int i = 0; i < n; i++) pivot[i] = a[(ptrdiff_t)i * lda + k] /= d;
        pivot[k] = -1 / d;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) a[(ptrdiff_t)i * lda + j] = -a[(ptrdiff_t)i * lda + j];
    return true;
}

/* One Jacobi rotation that zeroes a[p][q]; v collects the rotations, vectors in rows. */
static void rotate(int n, double *a, int lda, double *v, int p, int q) {
    double apq = a[(ptrdiff_t)p * lda + q];
    if (apq == 0) return;
    double theta = (a[(ptrdiff_t)q * lda + q] - a[(ptrdiff_t)p * lda + p]) / (2 * apq);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (int i = 0; i < n; i++) {
        double *row = a + (ptrdiff_t)i * lda, x = row[p], y = row[q];
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    for (int i = 0; i < n; i++) {
        double *ap = &a[(ptrdiff_t)p * lda + i], *aq = &a[(ptrdiff_t)q * lda + i], x = *ap, y = *aq;
        *ap = c * x - s * y;
        *aq = s * x + c * y;
        double *vp = &v[(ptrdiff_t)p * n + i], *vq = &v[(ptrdiff_t)q * n + i];
        x = *vp;
        y = *vq;
        *vp = c * x - s * y;
        *vq = s * x + c * y;
    }
}

static void sort_vectors(int n, double *a, int lda, double *w, const double *v) {
    int *order = malloc(sizeof *order * (size_t)n);
    if (!order) out_of_memory(sizeof *order * (size_t)n);
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && a[(ptrdiff_t)order[at - 1] * lda + order[at - 1]] >
                             a[(ptrdiff_t)i * lda + i];
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int j = 0; j < n; j++) w[j] = a[(ptrdiff_t)order[j] * lda + order[j]];
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) a[(ptrdiff_t)j * lda + i] = v[(ptrdiff_t)order[j] * n + i];
    free(order);
}

static bool plain_eigen_d(int n, double *a, int lda, double *w) {
    double *v = calloc((size_t)n * (size_t)n + 1, sizeof *v);
    if (!v) return false;
    for (int i = 0; i < n; i++) v[(ptrdiff_t)i * n + i] = 1;
    for (int sweep = 0; sweep < 60; sweep++)
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) rotate(n, a, lda, v, p, q);
    sort_vectors(n, a, lda, w, v);
    free(v);
    return true;
}

const kernels kernels_plain = {
    "plain",        plain_gemm,       plain_gemm_nt,   plain_axpy,        plain_gram,
    plain_gram_add, plain_gram_add_d, plain_solve_spd, plain_solve_spd_d, plain_inverse_spd_d,
    plain_eigen_d};
