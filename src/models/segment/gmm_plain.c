/* gmm_plain: the readable twins of the kernels of gmm: row by row, as the formulas are written. */
#include <math.h>

#include "models/segment/gmm_parts.h"

void gmm_density_full_twin(GMM_ROWS_ARGS, const double *p, double constant, double *density) {
    for (int64_t i = 0; i < rows; i++) {
        double square = 0;
        for (int j = 0; j < d; j++) {
            double y = 0;
            for (int l = 0; l <= j; l++)
                y += (x[l * rows + i] - mean[l]) * p[(int64_t)l * gmm_wide(d) + j];
            square += y * y;
        }
        density[i] = constant - square / 2;
    }
}

void gmm_density_diag_twin(GMM_ROWS_ARGS, const double *p, double constant, double *density) {
    for (int64_t i = 0; i < rows; i++) {
        double square = 0;
        for (int j = 0; j < d; j++) square += pow((x[j * rows + i] - mean[j]) * p[j], 2);
        density[i] = constant - square / 2;
    }
}

void gmm_share_twin(double *density, int64_t rows, int k, double *total) {
    for (int64_t i = 0; i < rows; i++) {
        double most = density[i], sum = 0;
        for (int c = 1; c < k; c++) most = fmax(most, density[c * rows + i]);
        for (int c = 0; c < k; c++) sum += exp(density[c * rows + i] - most);
        total[i] = most + log(sum);
        for (int c = 0; c < k; c++) density[c * rows + i] = exp(density[c * rows + i] - total[i]);
    }
}

void gmm_moments_full_twin(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    (void)work;
    int wide = gmm_wide(d);
    for (int64_t i = 0; i < rows; i++) {
        moments[0] += r[i];
        for (int j = 0; j < d; j++) {
            double gap = x[j * rows + i] - mean[j];
            moments[1 + j] += r[i] * gap;
            for (int l = j; l < d; l++)
                moments[1 + wide + (int64_t)j * wide + l] +=
                    r[i] * gap * (x[l * rows + i] - mean[l]);
        }
    }
}

void gmm_moments_diag_twin(GMM_ROWS_ARGS, const double *r, double *work, double *moments) {
    (void)work;
    for (int64_t i = 0; i < rows; i++) {
        moments[0] += r[i];
        for (int j = 0; j < d; j++) {
            double gap = x[j * rows + i] - mean[j];
            moments[1 + j] += r[i] * gap;
            moments[1 + gmm_wide(d) + j] += r[i] * gap * gap;
        }
    }
}
