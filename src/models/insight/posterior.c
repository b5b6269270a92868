/* posterior: median, interval and false-sign rate of a growth whose share is a Beta(a, b). */
#include "models/insight/posterior.h"

#include <math.h>

#include "models/interval.h"

#define REACH       3.8
#define LEAST_SHAPE 0.4
#define NOTHING     (-34.0) /* e^NOTHING: 2e-15 */

enum { N = POSTERIOR_POINTS };

static const double wanted[3] = {0.05, 0.5, 0.95};

posterior_grid posterior_open(void) {
    posterior_grid g = {.step = 2 * REACH / (N - 1)}; /* break: any step serves */
    for (int i = 0; i < N; i++)
        g.sinh[i] = sinh(i * g.step - REACH), g.cosh[i] = cosh(i * g.step - REACH);
    return g;
}

posterior posterior_exact(double a, double b, double ratio) {
    double g[3];
    for (int i = 0; i < 3; i++) {
        /* from the smaller tail, so that p / (1 - p) keeps its digits at both ends */
        double up = beta_quantile(wanted[i], a, b);
        double odds = up < 0.5 ? up / (1.0 - up) : 0.0;
        if (up >= 0.5) {
            double down = beta_quantile(1.0 - wanted[i], b, a);
            odds = (1.0 - down) / down;
        }
        g[i] = odds / ratio;
    }
    return (posterior){g[1], g[0], g[2], beta_below(ratio / (1.0 + ratio), a, b)};
}

/* The density in u and its running integral, of which the whole is 1. */
typedef struct curve {
    double f[N], below[N];
    double mode, sd, step;
} curve;

/* From the middle outward to where nothing is left: the density has one hill. */
static void draw_side(curve *c, const posterior_grid *g, double a, double b, int from, int by) {
    double top = a * c->mode - (a + b) * log(1.0 + a / b);
    for (int i = from; i >= 0 && i < N; i += by) { /* break: caught only by the clock */
        double theta = c->mode + c->sd * g->sinh[i];
        double soft = fmax(theta, 0.0) + log(1.0 + exp(-fabs(theta)));
        double height = a * theta - (a + b) * soft - top;
        if (height < NOTHING) return;
        c->f[i] = exp(height) * g->cosh[i];
    }
}

static void draw(curve *c, const posterior_grid *g, double a, double b) {
    *c = (curve){.mode = log(a / b), .sd = sqrt(1.0 / a + 1.0 / b), .step = g->step};
    draw_side(c, g, a, b, N / 2, 1);
    draw_side(c, g, a, b, N / 2 - 1, -1); /* break: a point drawn twice is the same */
    c->below[0] = 0.0;
    for (int i = 0; i + 1 < N; i++) {
        double before = i ? c->f[i - 1] : 0.0, after = i + 2 < N ? c->f[i + 2] : 0.0;
        c->below[i + 1] = c->below[i] + (13.0 * (c->f[i] + c->f[i + 1]) - before - after) / 24.0;
    }
    double whole = c->below[N - 1];
    for (int i = 0; i < N; i++) c->f[i] /= whole, c->below[i] /= whole;
}

/* The integral at x steps after point i, by the cubic through both ends and their slopes. */
static double between(const curve *c, int i, double x) {
    double y = 1.0 - x;
    return c->below[i] * (1 + 2 * x) * y * y + c->f[i] * x * y * y +
           c->below[i + 1] * x * x * (1 + 2 * y) - c->f[i + 1] * x * x * y;
}

static double theta_of(const curve *c, double p) {
    int i = 0;
    while (i + 2 < N && c->below[i + 1] < p) i++; /* break: the last point is beyond any p */
    double x = (p - c->below[i]) / (c->below[i + 1] - c->below[i]); /* break: a start */
    for (int round = 0; round < 4; round++) { /* secant's place is near: Newton, kept inside */
        double slope = c->f[i] + x * (c->f[i + 1] - c->f[i]);
        x = fmin(fmax(x - (between(c, i, x) - p) / slope, 0.0), 1.0);
    }
    return c->mode + c->sd * sinh((i + x) * c->step - REACH);
}

static double below_of(const curve *c, double theta) {
    double u = (asinh((theta - c->mode) / c->sd) + REACH) / c->step;
    if (!(u > 0)) return 0.0;
    if (u >= N - 1) return 1.0; /* break: nothing is left there */
    return fmin(fmax(between(c, (int)u, u - (int)u), 0.0), 1.0);
}

posterior posterior_of(const posterior_grid *grid, double a, double b, double ratio) {
    if (!(fmin(a, b) >= LEAST_SHAPE)) return posterior_exact(a, b, ratio);
    curve c;
    draw(&c, grid, a, b);
    double g[3];
    for (int i = 0; i < 3; i++) g[i] = exp(theta_of(&c, wanted[i])) / ratio;
    return (posterior){g[1], g[0], g[2], below_of(&c, log(ratio))};
}

double posterior_below(const posterior_grid *grid, double a, double b, double ratio) {
    if (!(fmin(a, b) >= LEAST_SHAPE)) return beta_below(ratio / (1.0 + ratio), a, b);
    curve c;
    draw(&c, grid, a, b);
    return below_of(&c, log(ratio));
}
