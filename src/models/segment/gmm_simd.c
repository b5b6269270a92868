/* gmm kernels: log densities, shares and moments of many rows at a time, one row a lane. */
#include "models/segment/gmm_parts.h"

/* W: doubles in a vector. TILE: columns of a tile of sums, by the number of vector registers. */
enum { W = SIMD_WIDTH / 2, TILE = SIMD_WIDTH == 16 ? 4 : 2 };

typedef double lanes __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef int64_t lanes_i __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef uint64_t lanes_u __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef float narrow __attribute__((vector_size(SIMD_WIDTH * 2), may_alias));

#define ALL(v) ((lanes){0} + (v))
#define PICK(mask, yes, no) ((lanes)(((mask) & (lanes_i)(yes)) | (~(mask) & (lanes_i)(no))))

static inline double sum_of(lanes v) {
    union { lanes all; double one[W]; } part = {v}; /* in pairs: no chain to wait for */
    for (int n = W / 2; n > 0; n /= 2)
        for (int i = 0; i < n; i++) part.one[i] += part.one[i + n];
    return part.one[0];
}

void SIMD(gmm_widen)(const float *x, int64_t groups, int d, double *to) {
    int64_t rows = groups * GMM_LANES;
    for (int64_t at = 0; at < rows; at += W) {
        const float *row = x + at / GMM_LANES * d * GMM_LANES + at % GMM_LANES;
        for (int i = 0; i < d; i++)
            *(lanes *)(to + i * rows + at) =
                __builtin_convertvector(*(const narrow *)(row + i * GMM_LANES), lanes);
    }
}

void SIMD(gmm_density_full)(GMM_ROWS_ARGS, const double *p, double constant, double *density) {
    lanes gap[GMM_WIDEST * 2];
    int wide = gmm_wide(d);
    for (int i = d * 2; i < wide * 2; i++) gap[i] = ALL(0);
    for (int64_t at = 0; at < rows; at += 2 * W) {
        lanes first = ALL(0), second = ALL(0);
        for (int i = 0; i < d; i++) {
            gap[2 * i] = *(const lanes *)(x + i * rows + at) - mean[i];
            gap[2 * i + 1] = *(const lanes *)(x + i * rows + at + W) - mean[i];
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
    for (int64_t at = 0; at < rows; at += W) {
        lanes sum = ALL(0);
        for (int i = 0; i < d; i++) {
            lanes gap = (*(const lanes *)(x + i * rows + at) - mean[i]) * p[i];
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
    sum = (lanes)((lanes_u)sum + ((lanes_u)shifted << 52));
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

/* gaps [wide, rows] into work; the mass and the first moments. */
static inline void gaps(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    int wide = gmm_wide(d);
    lanes mass = ALL(0);
    for (int64_t at = 0; at < rows; at += W) mass += *(const lanes *)(r + at);
    moments[0] += sum_of(mass);
    for (int i = 0; i < wide; i++) {
        lanes sum = ALL(0);
        for (int64_t at = 0; at < rows; at += W) {
            lanes gap = i < d ? *(const lanes *)(x + i * rows + at) - mean[i] : ALL(0);
            *(lanes *)(work + i * rows + at) = gap;
            sum += gap * *(const lanes *)(r + at);
        }
        moments[1 + i] += sum_of(sum);
    }
}

void SIMD(gmm_moments_full)(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    int wide = gmm_wide(d);
    gaps(x, rows, d, mean, r, work, moments);
    for (int i = 0; i < wide; i += 4)
        for (int j = i; j < wide; j += TILE) { /* a tile of 4 x TILE sums in registers */
            const double *left = work + i * rows, *right = work + j * rows;
            lanes sum[TILE][4] = {{ALL(0)}};
            for (int64_t at = 0; at < rows; at += W) {
                lanes share = *(const lanes *)(r + at);
                for (int h = 0; h < TILE; h++) {
                    lanes weighed = *(const lanes *)(right + h * rows + at) * share;
                    for (int l = 0; l < 4; l++)
                        sum[h][l] += weighed * *(const lanes *)(left + l * rows + at);
                }
            }
            for (int h = 0; h < TILE; h++)
                for (int l = 0; l < 4; l++)
                    moments[1 + wide + (int64_t)(i + l) * wide + j + h] += sum_of(sum[h][l]);
        }
}

void SIMD(gmm_moments_diag)(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    (void)work;
    int wide = gmm_wide(d);
    lanes mass = ALL(0);
    for (int64_t at = 0; at < rows; at += W) mass += *(const lanes *)(r + at);
    moments[0] += sum_of(mass);
    for (int i = 0; i < d; i++) {
        lanes first = ALL(0), second = ALL(0);
        for (int64_t at = 0; at < rows; at += W) {
            lanes gap = *(const lanes *)(x + i * rows + at) - mean[i];
            lanes weighed = gap * *(const lanes *)(r + at);
            first += weighed;
            second += weighed * gap;
        }
        moments[1 + i] += sum_of(first);
        moments[1 + wide + i] += sum_of(second);
    }
}
