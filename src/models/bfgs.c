/* bfgs: quasi-Newton minimisation of a smooth function of a few dozen variables. */
#include "models/bfgs.h"

#include <math.h>
#include <string.h>

enum { LINE_STEPS = 30 };

typedef struct state {
    int n;
    double *h;                   /* [n, n] approximate inverse Hessian, symmetric */
    double *g, *g_new;           /* [n] gradients */
    double *step, *x_new, *diff; /* [n] direction, trial point, change of gradient */
    double *hy;                  /* [n] H times diff */
} state;

static double dot(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void reset(state *s, double scale) {
    memset(s->h, 0, sizeof(double) * (size_t)s->n * (size_t)s->n);
    for (int i = 0; i < s->n; i++) s->h[i * s->n + i] = scale;
}

/* step = -H g; returns the slope g' step, made negative by falling back to -g. */
static double direct(state *s) {
    for (int i = 0; i < s->n; i++) s->step[i] = -dot(&s->h[i * s->n], s->g, s->n);
    double slope = dot(s->g, s->step, s->n);
    if (slope < 0) return slope;
    double norm = sqrt(dot(s->g, s->g, s->n));
    reset(s, norm > 0 ? 1 / norm : 1);
    for (int i = 0; i < s->n; i++) s->step[i] = -s->h[0] * s->g[i];
    return dot(s->g, s->step, s->n);
}

/* H <- (I - r s y')H(I - r y s') + r s s' with s = t * step, y = diff, r = 1/(y's). */
static void update(state *s, double t, bool first) {
    int n = s->n;
    for (int i = 0; i < n; i++) s->diff[i] = s->g_new[i] - s->g[i];
    double sy = t * dot(s->step, s->diff, n), yy = dot(s->diff, s->diff, n);
    double ss = t * t * dot(s->step, s->step, n);
    if (!(sy > 1e-10 * sqrt(ss * yy))) return; /* no positive curvature seen: keep H */
    if (first) reset(s, sy / yy);
    for (int i = 0; i < n; i++) s->hy[i] = dot(&s->h[i * n], s->diff, n);
    double r = 1 / sy, c = r * (1 + r * dot(s->diff, s->hy, n));
    for (int i = 0; i < n; i++) {
        double si = t * s->step[i], hi = s->hy[i], *row = &s->h[i * n];
        for (int j = 0; j < n; j++) {
            double sj = t * s->step[j];
            row[j] += c * si * sj - r * (hi * sj + si * s->hy[j]);
        }
    }
}

/* Tries t = 1, 1/2, … ; returns the step taken, 0 when none decreases enough. */
static double search(const bfgs_problem *f, state *s, const double *x, double *value, double slope,
                     int *evaluations) {
    double t = 1;
    for (int i = 0; i < LINE_STEPS; i++) {
        for (int j = 0; j < s->n; j++) s->x_new[j] = x[j] + t * s->step[j];
        double v = f->value(f->what, s->x_new);
        ++*evaluations;
        if (v <= *value + 1e-4 * t * slope) return *value = v, t;
        /* the minimum of the parabola through what is known, kept in [0.1, 0.5] t */
        double best = isfinite(v) ? -slope * t * t / (2 * (v - *value - slope * t)) : 0;
        t = fmin(fmax(best, 0.1 * t), 0.5 * t);
    }
    return 0;
}

double bfgs_minimise(const bfgs_problem *f, double *x, bfgs_params p, int *evaluations,
                     arena scratch) {
    int n = f->n, unused = 0, slow = 0;
    state s = {.n = n, .h = take(&scratch, double, n *n)};
    double **vectors[] = {&s.g, &s.g_new, &s.step, &s.x_new, &s.diff, &s.hy};
    for (int i = 0; i < 6; i++) *vectors[i] = take(&scratch, double, n);
    if (!evaluations) evaluations = &unused;
    double value = f->value(f->what, x);
    ++*evaluations;
    if (!isfinite(value)) return INFINITY;
    f->slope(f->what, s.g);
    double norm = sqrt(dot(s.g, s.g, n));
    reset(&s, norm > 1 ? 1 / norm : 1);
    for (int i = 0; i < p.iterations; i++) {
        double before = value, slope = direct(&s);
        if (!(slope < 0)) break;
        double t = search(f, &s, x, &value, slope, evaluations);
        if (t == 0) break;
        memcpy(x, s.x_new, sizeof(double) * (size_t)n);
        f->slope(f->what, s.g_new);
        update(&s, t, i == 0);
        memcpy(s.g, s.g_new, sizeof(double) * (size_t)n);
        slow = before - value <= p.tolerance * (fabs(value) + p.tolerance) ? slow + 1 : 0;
        if (slow == 2) break;
    }
    return value;
}
