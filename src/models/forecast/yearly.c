/* yearly: a smooth yearly season of weekly sales, as one factor a week. */
#include "models/forecast/yearly.h"

#include <math.h>

#include "base/kernels.h"

enum { TERMS = 6 };
#define WEEKS_A_YEAR 52.1775

static void terms(int t, double *x) {
    double turn = 2 * 3.14159265358979323846 * t / WEEKS_A_YEAR;
    x[0] = 1;
    x[1] = t / WEEKS_A_YEAR;
    for (int k = 1; k <= 2; k++) x[2 * k] = sin(k * turn), x[2 * k + 1] = cos(k * turn);
}

void yearly_factors(const double *y, int n, int ahead, double *to) {
    double a[TERMS * TERMS] = {0}, b[TERMS] = {0}, x[TERMS];
    /* a hair on level and slope for series of one value; 1 on the season */
    for (int i = 0; i < TERMS; i++) a[i * TERMS + i] = i < 2 ? 1e-6 : 1;
    for (int t = 0; t < n; t++) {
        double z = log(fmax(y[t], 0) + 1);
        terms(t, x);
        for (int i = 0; i < TERMS; i++) {
            b[i] += x[i] * z;
            for (int j = 0; j < TERMS; j++) a[i * TERMS + j] += x[i] * x[j];
        }
    }
    bool solved = kernels_plain.solve_spd_d(TERMS, a, TERMS, b);
    for (int t = 0; t < n + ahead; t++) {
        double sum = 0;
        terms(t, x);
        for (int i = 2; i < TERMS && solved; i++) sum += b[i] * x[i];
        to[t] = fmin(fmax(exp(sum), 0.05), 20);
    }
}
