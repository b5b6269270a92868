/* weigh: how much each column counts in a distance. */
#include "models/segment/weigh.h"

#include <math.h>

#include "base/kernels.h"

/* The largest eigenvalue of the second moments of m columns of z. */
static double longest(const float *z, int64_t n, int d, const int *columns, int m, arena scratch) {
    double *moment = take(&scratch, double, m * m), *value = take(&scratch, double, m);
    for (int64_t i = 0; i < n; i++)
        for (int a = 0; a < m; a++)
            for (int b = a; b < m; b++)
                moment[a * m + b] += (double)z[i * d + columns[a]] * (double)z[i * d + columns[b]];
    for (int a = 0; a < m; a++)
        for (int b = a; b < m; b++)
            moment[b * m + a] = moment[a * m + b] = moment[a * m + b] / (double)n;
    return kernels_blas.eigen_d(m, moment, m, value) ? value[m - 1] : m;
}

void weigh_even(const float *z, int64_t n, int d, const int *group, double *weight, arena scratch) {
    int *columns = take(&scratch, int, d);
    for (int j = 0; j < d; j++) {
        int m = 0;
        for (int o = 0; o < d; o++)
            if (group[o] == group[j]) columns[m++] = o;
        double lambda = longest(z, n, d, columns, m, scratch);
        weight[j] = lambda > 0 ? 1 / lambda : 1;
    }
}

void weigh_separate(const float *z, int64_t n, int d, const int32_t *label, int k, double *weight,
                    arena scratch) {
    double *sum = take(&scratch, double, (int64_t)k * d), *mean = take(&scratch, double, d);
    double *all = take(&scratch, double, d), *count = take(&scratch, double, k), most = 0;
    for (int64_t i = 0; i < n; i++) {
        count[label[i]]++;
        for (int j = 0; j < d; j++) {
            sum[(int64_t)label[i] * d + j] += (double)z[i * d + j];
            mean[j] += (double)z[i * d + j] / (double)n;
        }
    }
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < d; j++) {
            double off = (double)z[i * d + j] - mean[j];
            all[j] += off * off;
        }
    for (int j = 0; j < d; j++) {
        weight[j] = 0;
        for (int c = 0; c < k; c++) {
            if (count[c] == 0) continue;
            double off = sum[(int64_t)c * d + j] / count[c] - mean[j];
            weight[j] += all[j] > 0 ? count[c] * off * off / all[j] : 0;
        }
        most = fmax(most, weight[j]);
    }
    for (int j = 0; j < d; j++) weight[j] = most > 0 ? weight[j] / most : 1;
}
