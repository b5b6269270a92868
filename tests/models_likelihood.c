/* Maximum likelihood: a parabola in logarithms of known maximum and spread, with a ridge. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/segment/likelihood.h"

enum { N = 3 };

/* ln L = -50 (u - c)' A (u - c), u = ln p: of 100 observations, covariance (100 A)^-1. */
static const double A[N][N] = {{4, 1, 0.5}, {1, 3, -0.7}, {0.5, -0.7, 2}};
static const double top[N] = {2, 0.3, 40}; /* e^c */

static double parabola(void *what, const double *p, double *g) {
    double u[N], sum = 0;
    (void)what;
    for (int i = 0; i < N; i++) u[i] = log(p[i] / top[i]);
    for (int i = 0; i < N; i++) {
        double slope = 0;
        for (int k = 0; k < N; k++) slope += A[i][k] * u[k];
        sum += u[i] * slope;
        g[i] = -100 * slope / p[i];
    }
    return -50 * sum;
}

static likelihood problem(double ridge) {
    static const double starts[][LIKELIHOOD_MOST] = {{1, 1, 1}, {5, 0.1, 3}};
    return (likelihood){.n = N, .at = parabola, .observations = 100, .ridge = ridge,
                        .unit = {1, 1, 20}, .starts = starts, .n_starts = 2};
}

CHECK(likelihood_knows_top_and_spread_of_a_parabola) {
    /* the inverse of A by its adjugate: determinant 4 x 5.51 - 1 x 2.35 + 0.5 x -2.2 = 18.59 */
    static const double inverse[N][N] = {
        {5.51, -2.35, -2.2}, {-2.35, 7.75, 3.3}, {-2.2, 3.3, 11}};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    likelihood f = problem(0);
    likelihood_fit fit = likelihood_maximise(&f, s.scratch);
    check(fit.verdict == LIKELIHOOD_CONVERGED && fit.definite && fit.evaluations > 10);
    check_near(fit.value, 0, 1e-12);
    for (int i = 0; i < N; i++) {
        double variance = inverse[i][i] / 18.59 / 100;
        check_near(fit.p[i] / top[i], 1, 1e-8);
        check_near(fit.error[i], top[i] * sqrt(variance), 1e-6 * fit.error[i]);
        for (int k = 0; k < N; k++) {
            double square = 0;
            for (int j = 0; j < N; j++) square += fit.root[i * N + j] * fit.root[k * N + j];
            /* differences of the slope are exact for a parabola but for rounding */
            check_near(fit.covariance[i * N + k], inverse[i][k] / 18.59 / 100, 1e-9);
            check_near(square, fit.covariance[i * N + k], 1e-12);
        }
    }
    scope_close(&s);
}

/* At the top of ln L - lambda n sum (p / unit)^2 the two slopes cancel. */
CHECK(likelihood_ridge_pulls_to_zero_by_its_own_slope) {
    scope s;
    err e = {0};
    double g[N];
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    likelihood f = problem(0.2);
    likelihood_fit fit = likelihood_maximise(&f, s.scratch);
    check(fit.verdict == LIKELIHOOD_CONVERGED);
    check_near(parabola(NULL, fit.p, g), fit.value, 1e-12);
    for (int i = 0; i < N; i++) {
        double share = fit.p[i] / f.unit[i];
        check_near(g[i] * fit.p[i], 2 * 0.2 * 100 * share * share, 1e-5);
    }
    check(fit.value < -1 && fit.p[0] < top[0] && fit.p[2] < top[2]);
    scope_close(&s);
}
