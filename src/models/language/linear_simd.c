/* linear kernels: dense rows of floats against weights in double. */
#include "models/language/linear.h"

#define WIDE (SIMD_WIDTH / 2) /* doubles of a vector */
typedef double doubles __attribute__((vector_size(WIDE * 8), may_alias, aligned(8)));
typedef float floats __attribute__((vector_size(WIDE * 4), may_alias, aligned(4)));

static doubles widened(const float *from) {
    return __builtin_convertvector(*(const floats *)from, doubles);
}

double SIMD(linear_dot)(const float *row, const double *w, int32_t wide) {
    doubles sum[4] = {{0}};
    int32_t f = 0;
    for (; f + 4 * WIDE <= wide; f += 4 * WIDE)
        for (int j = 0; j < 4; j++)
            sum[j] += widened(row + f + j * WIDE) * *(const doubles *)(w + f + j * WIDE);
    doubles all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    double total = 0;
    for (int j = 0; j < WIDE; j++) total += all[j];
    for (; f < wide; f++) total += (double)row[f] * w[f];
    return total;
}

void SIMD(linear_add)(double scale, const float *row, double *to, int32_t wide) {
    int32_t f = 0;
    for (; f + WIDE <= wide; f += WIDE) *(doubles *)(to + f) += scale * widened(row + f);
    for (; f < wide; f++) to[f] += scale * (double)row[f];
}
