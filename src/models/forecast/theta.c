/* theta: a straight line and exponential smoothing, weighed: the Theta method and its relatives. */
#include "models/forecast/theta.h"

#include <assert.h>
#include <math.h>

#include "models/forecast/smooth.h"

#define MOST_K 0.999 /* theta of 1000: the line alone */

enum { LEAST = 6, SKIPPED = 3 };

const char *theta_check(const double *y, int n, theta_params p) {
    if (p.season < 1) return "season must be at least 1";
    if (n < 1) return "a series needs at least one value";
    for (int t = 0; t < n; t++)
        if (!isfinite(y[t])) return "the series has a value that is not a finite number";
    return NULL;
}

/* Least-squares line a + b t, t = 1 … n. */
static void line(const double *x, int n, double *a, double *b) {
    double mean = 0, top = 0, centre = (n + 1) / 2.0;
    for (int t = 0; t < n; t++) mean += x[t] / n; /* break: the level absorbs it */
    for (int t = 1; t <= n; t++) top += (t - centre) * (x[t - 1] - mean);
    *b = n > 1 ? top / (n * ((double)n * n - 1) / 12) : 0;
    *a = mean - *b * centre;
}

/* The state of the recursion after t values. */
typedef struct state {
    int t;
    double power; /* q^t */
    double a, b, mean;
} state;

/* The factor of k in mu of the next value. */
static double pull(const state *s, double alpha) {
    return s->a * s->power + s->b * (1 - s->power * (1 - alpha)) / alpha;
}

static void take_in(state *s, double x, double alpha, bool dynamic) {
    int t = ++s->t;
    s->power *= 1 - alpha;
    if (!dynamic) return;
    double before = s->mean; /* of t - 1 values */
    s->mean = ((t - 1) * before + x) / t;
    s->b = t > 1 ? ((t - 2) * s->b + 6 * (x - before) / t) / (t + 1) : 0;
    s->a = s->mean - s->b * (t + 1) / 2;
}

/* What a pass over the series at one alpha finds. */
typedef struct point {
    double k, start, sse;
} point;

static double held(double k) { return fmin(fmax(k, 0), MOST_K); }

/* With e_t = u_t - start w_t - k d_t (u: errors from start and k of zero), the sums of products
 * over t > 3 give the best start and k; k at a bound leaves start its own optimum. */
static point solve(const double s[6]) {
    enum { UU, UW, UD, WW, WD, DD };
    double det = s[WW] * s[DD] - s[WD] * s[WD];
    point p = {0};
    if (det > 1e-12 * s[WW] * s[DD]) p.k = held((s[UD] * s[WW] - s[UW] * s[WD]) / det);
    p.start = s[WW] > 0 ? (s[UW] - p.k * s[WD]) / s[WW] : 0;
    p.sse = s[UU] - 2 * p.start * s[UW] - 2 * p.k * s[UD] + p.start * p.start * s[WW] +
            2 * p.start * p.k * s[WD] + p.k * p.k * s[DD];
    return p;
}

static point try_alpha(const theta_model *m, double alpha) {
    const double *x = m->series.x;
    bool dynamic = m->kind == THETA_DYNAMIC;
    state s = {.power = 1, .a = m->a, .b = m->b};
    if (dynamic) s.a = s.b = 0;
    double level = 0, sums[6] = {0};
    for (int t = 0; t < m->series.n; t++) {
        double u = x[t] - level, w = s.power, d = pull(&s, alpha);
        if (t >= SKIPPED) {
            sums[0] += u * u, sums[1] += u * w, sums[2] += u * d;
            sums[3] += w * w, sums[4] += w * d, sums[5] += d * d;
        }
        level += alpha * u;
        take_in(&s, x[t], alpha, dynamic);
    }
    return solve(sums);
}

static double value(void *what, double alpha) { return try_alpha(what, alpha).sse; }

/* Errors again at the point found: exact where the sums above cancel. */
static void settle(theta_model *m) {
    const double *x = m->series.x;
    bool dynamic = m->kind == THETA_DYNAMIC;
    int n = m->series.n, used = n - SKIPPED;
    state s = {.power = 1, .a = m->a, .b = m->b};
    if (dynamic) s.a = s.b = 0;
    double level = m->start;
    m->sse = 0;
    for (int t = 0; t < n; t++) {
        double error = x[t] - level - m->k * pull(&s, m->alpha);
        if (t >= SKIPPED) m->sse += error * error;
        level = m->alpha * x[t] + (1 - m->alpha) * level;
        take_in(&s, x[t], m->alpha, dynamic);
    }
    m->level = level;
    if (dynamic) m->a = s.a, m->b = s.b, m->mean = s.mean;
    m->sigma = sqrt(m->sse / (used > 4 ? used - 3 : 1));
}

static bool all_equal(const double *y, int n) {
    for (int t = 1; t < n; t++)
        if (y[t] != y[0]) return false;
    return true;
}

static void fit_classic(theta_model *m, arena scratch) {
    int n = m->series.n;
    const double *x = m->series.x;
    double *second = take(&scratch, double, n);
    for (int t = 0; t < n; t++) second[t] = 2 * x[t] - (m->a + m->b * (t + 1));
    smooth_model ses = smooth_fit(second, n, SMOOTH_LOW, SMOOTH_HIGH);
    m->alpha = ses.alpha, m->start = ses.start, m->level = ses.level, m->k = 0.5;
    double level = ses.start;
    for (int t = 0; t < n; t++) { /* one-step errors of the mean of both lines */
        double f = (level + m->a + m->b * (t + 1)) / 2;
        if (t >= SKIPPED) m->sse += (x[t] - f) * (x[t] - f);
        level += ses.alpha * (second[t] - level);
    }
    m->sigma = sqrt(m->sse / (n > 7 ? n - 6 : 1));
}

bool theta_fit(theta_model *m, const double *y, int n, theta_params p, arena *keep, arena scratch,
               err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = theta_check(y, n, p);
    if (why) return refuse(e, "%s", why);
    *m = (theta_model){.kind = p.kind, .alpha = 1};
    m->series = adjust_series(y, n, p.season, keep, scratch);
    const double *x = m->series.x;
    line(x, n, &m->a, &m->b);
    if (n < LEAST || all_equal(x, n)) {
        m->level = m->start = m->a = x[n - 1];
        m->b = 0;
        if (p.kind != THETA_CLASSIC) m->a = 0;
        for (int t = 1; t < n; t++) m->sse += (x[t] - x[t - 1]) * (x[t] - x[t - 1]);
        m->sigma = n > 1 ? sqrt(m->sse / (n - 1)) : 0;
        return true;
    }
    if (p.kind == THETA_CLASSIC) return fit_classic(m, scratch), true;
    m->alpha = smooth_least(value, m, 0.1, 0.99);
    point at = try_alpha(m, m->alpha);
    m->k = at.k, m->start = at.start;
    settle(m);
    return true;
}

static double next_mean(const theta_model *m, state *s, double *level) {
    double f = *level + m->k * pull(s, m->alpha);
    *level = m->alpha * f + (1 - m->alpha) * *level;
    take_in(s, f, m->alpha, m->kind == THETA_DYNAMIC);
    return f;
}

/* Sum over the horizon: an error of step i moves the later ones by alpha each. */
static double total_sd(const theta_model *m, int steps) {
    double sum = 0;
    for (int i = 0; i < steps; i++) sum += pow(1 + m->alpha * (steps - 1 - i), 2);
    return m->sigma * sqrt(sum);
}

void theta_forecast(const theta_model *m, band *to) {
    int n = m->series.n;
    bool above = true;
    for (int t = 0; t < n; t++) above &= m->series.x[t] >= 0;
    state s = {.t = n, .power = pow(1 - m->alpha, n), .a = m->a, .b = m->b, .mean = m->mean};
    double level = m->level;
    for (int h = 0; h < to->steps; h++) {
        if (m->kind == THETA_CLASSIC) {
            double f = (level + m->a + m->b * (n + h + 1)) / 2;
            to->mean[h] = above ? fmax(f, 0) : f;
        } else {
            to->mean[h] = next_mean(m, &s, &level);
        }
        band_normal(to, h, m->sigma * sqrt(1 + h * m->alpha * m->alpha));
    }
    to->total_sd = total_sd(m, to->steps);
    adjust_back(&m->series, to);
}
