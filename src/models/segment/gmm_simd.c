/* gmm kernels: log densities, shares and moments of many rows at a time, one row a lane. */
#include "models/segment/gmm_parts.h"

enum { W = SIMD_WIDTH / 2 }; /* doubles in a vector; a step takes two vectors: 2 W rows */

typedef double lanes __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef int64_t lanes_i __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef float narrow __attribute__((vector_size(SIMD_WIDTH * 2), may_alias));

#define ALL(v) ((lanes){0} + (v))
#define PICK(mask, yes, no) ((lanes)(((mask) & (lanes_i)(yes)) | (~(mask) & (lanes_i)(no))))

static inline lanes load(const float *x) {
    return __builtin_convertvector(*(const narrow *)x, lanes);
}

static inline double sum_of(lanes v) {
    double sum = 0;
    for (int i = 0; i < W; i++) sum += v[i];
    return sum;
}

/* Where row `at` of packed rows begins. */
static inline const float *row_at(const float *x, int64_t at, int d) {
    return x + at / GMM_LANES * d * GMM_LANES + at % GMM_LANES;
}

void SIMD(gmm_density_full)(GMM_ROWS_ARGS, const double *p, double constant, double *density) {
    lanes gap[GMM_WIDEST * 2];
    int wide = gmm_wide(d);
    for (int i = d * 2; i < wide * 2; i++) gap[i] = ALL(0);
    for (int64_t at = 0; at < groups * GMM_LANES; at += 2 * W) {
        const float *row = row_at(x, at, d);
        lanes first = ALL(0), second = ALL(0);
        for (int i = 0; i < d; i++) {
            gap[2 * i] = load(row + i * GMM_LANES) - mean[i];
            gap[2 * i + 1] = load(row + i * GMM_LANES + W) - mean[i];
        }
        for (int j = 0; j < wide; j += 4) { /* four columns of P share each load of a gap */
            lanes a[4] = {ALL(0)}, b[4] = {ALL(0)};
            for (int i = 0; i < j + 4; i++) {
                const double *from = p + (int64_t)i * wide + j;
                for (int l = 0; l < 4; l++) {
                    a[l] += gap[2 * i] * from[l];
                    b[l] += gap[2 * i + 1] * from[l];
                }
            }
            for (int l = 0; l < 4; l++) {
                first += a[l] * a[l];
                second += b[l] * b[l];
            }
        }
        *(lanes *)(density + at) = constant - 0.5 * first;
        *(lanes *)(density + at + W) = constant - 0.5 * second;
    }
}

void SIMD(gmm_density_diag)(GMM_ROWS_ARGS, const double *p, double constant, double *density) {
    for (int64_t at = 0; at < groups * GMM_LANES; at += W) {
        const float *row = row_at(x, at, d);
        lanes sum = ALL(0);
        for (int i = 0; i < d; i++) {
            lanes gap = (load(row + i * GMM_LANES) - mean[i]) * p[i];
            sum += gap * gap;
        }
        *(lanes *)(density + at) = constant - 0.5 * sum;
    }
}

/* exp of numbers up to 0, to the last digit or two; 0 below -700. 2^n by its bits times the
 * Taylor series of what is left, |rest| <= ln 2 / 2. */
static inline lanes power(lanes x) {
    static const double term[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                  1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                  1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2,
                                  1.0,              1.0};
    const double magic = 0x1.8p52; /* its last bits hold the whole number that is added to it */
    lanes shifted = x * 0x1.71547652b82fep0 + magic, n = shifted - magic;
    lanes rest = x - n * 0x1.62e42fefa3800p-1;
    rest = rest - n * 0x1.ef35793c76730p-45;
    lanes sum = ALL(term[0]);
    for (int i = 1; i < 14; i++) sum = sum * rest + term[i];
    sum = (lanes)((lanes_i)sum + ((lanes_i)shifted << 52));
    return PICK(x < -700.0, ALL(0), sum);
}

/* ln of numbers from 1 on: the exponent times ln 2, and 2 atanh((m - 1) / (m + 1)) of m from
 * sqrt(1/2) to sqrt(2). */
static inline lanes logarithm(lanes x) {
    const int64_t half = 0x3fe6a09e667f3bcd; /* the bits of sqrt(1/2) */
    lanes_i exponent = ((lanes_i)x - half) >> 52;
    lanes m = (lanes)((lanes_i)x - (exponent << 52));
    lanes f = (m - 1.0) / (m + 1.0), square = f * f, sum = ALL(1.0 / 21);
    for (int i = 19; i > 0; i -= 2) sum = sum * square + 1.0 / i;
    return __builtin_convertvector(exponent, lanes) * 0x1.62e42fefa39efp-1 + 2.0 * f * sum;
}

void SIMD(gmm_share)(double *density, int64_t rows, int k, double *total) {
    for (int64_t at = 0; at < rows; at += W) {
        lanes most = *(lanes *)(density + at), sum = ALL(0);
        for (int c = 1; c < k; c++) {
            lanes v = *(lanes *)(density + c * rows + at);
            most = PICK(v > most, v, most);
        }
        for (int c = 0; c < k; c++) {
            lanes *v = (lanes *)(density + c * rows + at);
            sum += *v = power(*v - most);
        }
        for (int c = 0; c < k; c++) *(lanes *)(density + c * rows + at) /= sum;
        *(lanes *)(total + at) = most + logarithm(sum);
    }
}

/* gaps [wide, rows] and gaps times share into work; first moments. */
static inline void weigh(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    int64_t rows = groups * GMM_LANES;
    int wide = gmm_wide(d);
    lanes mass = ALL(0);
    for (int64_t at = 0; at < rows; at += W) mass += *(const lanes *)(r + at);
    moments[0] += sum_of(mass);
    for (int i = 0; i < wide; i++) {
        double *gap = work + i * rows, *weighed = work + (wide + i) * rows;
        lanes sum = ALL(0);
        for (int64_t at = 0; at < rows; at += W) {
            lanes v = i < d ? load(row_at(x, at, d) + i * GMM_LANES) - mean[i] : ALL(0);
            *(lanes *)(gap + at) = v;
            *(lanes *)(weighed + at) = v *= *(const lanes *)(r + at);
            sum += v;
        }
        moments[1 + i] += sum_of(sum);
    }
}

void SIMD(gmm_moments_full)(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    int64_t rows = groups * GMM_LANES;
    int wide = gmm_wide(d);
    weigh(x, groups, d, mean, r, work, moments);
    for (int i = 0; i < wide; i += 4)
        for (int j = i; j < wide; j += 2) { /* a tile of 4 x 2 sums in registers */
            const double *left = work + (wide + i) * rows, *right = work + j * rows;
            lanes a[4] = {ALL(0)}, b[4] = {ALL(0)};
            for (int64_t at = 0; at < rows; at += W) {
                lanes u = *(const lanes *)(right + at), v = *(const lanes *)(right + rows + at);
                for (int l = 0; l < 4; l++) {
                    lanes w = *(const lanes *)(left + l * rows + at);
                    a[l] += w * u;
                    b[l] += w * v;
                }
            }
            for (int l = 0; l < 4; l++) {
                double *to = moments + 1 + wide + (int64_t)(i + l) * wide + j;
                to[0] += sum_of(a[l]);
                to[1] += sum_of(b[l]);
            }
        }
}

void SIMD(gmm_moments_diag)(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    (void)work;
    int64_t rows = groups * GMM_LANES;
    int wide = gmm_wide(d);
    lanes mass = ALL(0);
    for (int64_t at = 0; at < rows; at += W) mass += *(const lanes *)(r + at);
    moments[0] += sum_of(mass);
    for (int i = 0; i < d; i++) {
        lanes first = ALL(0), second = ALL(0);
        for (int64_t at = 0; at < rows; at += W) {
            lanes gap = load(row_at(x, at, d) + i * GMM_LANES) - mean[i];
            lanes weighed = gap * *(const lanes *)(r + at);
            first += weighed;
            second += weighed * gap;
        }
        moments[1 + i] += sum_of(first);
        moments[1 + wide + i] += sum_of(second);
    }
}
