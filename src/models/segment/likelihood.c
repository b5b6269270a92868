/* likelihood: maximum likelihood of a few positive parameters, with what is known about them. */
#include "models/segment/likelihood.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/bfgs.h"

enum { N = LIKELIHOOD_MOST, NEWTON_STEPS = 12, HALVINGS = 12 };

#define REACH     13.8 /* |ln (p / unit)| at most: a factor of a million */
#define WALL      11.5 /* from here on a parameter has run away: a factor of 1e5 */
#define STEADY    1e-7 /* largest gradient per observation of a fit that has converged */
#define VAGUE     3.0  /* standard error of a logarithm from which the likelihood is flat */
#define DIFFERENCE 1e-4
#define NEAR      1e-3 /* a Hessian taken no farther away, in logarithms, is good enough to keep */

const char *likelihood_verdict_word(likelihood_verdict v) {
    static const char *const words[] = {"converged", "flat", "not converged"};
    return words[v];
}

/* What is minimised: minus the mean log-likelihood, over u = ln (p / unit). */
typedef struct search {
    const likelihood *f;
    double slope[N];
    int evaluations;
} search;

static double mean_at(void *what, const double *u) {
    search *s = what;
    const likelihood *f = s->f;
    double p[N], g[N] = {0}, ridge = 0;
    for (int i = 0; i < f->n; i++) {
        if (!(fabs(u[i]) <= REACH)) return INFINITY;
        p[i] = f->unit[i] * exp(u[i]);
    }
    double value = f->at(f->what, p, g) / f->observations;
    s->evaluations++;
    for (int i = 0; i < f->n; i++) {
        double share = p[i] / f->unit[i];
        ridge += f->ridge * share * share;
        s->slope[i] = 2 * f->ridge * share * share - g[i] * p[i] / f->observations;
        if (!isfinite(s->slope[i])) return INFINITY;
    }
    return isfinite(value) ? ridge - value : INFINITY;
}

static void slope_at(void *what, double *g) {
    const search *s = what;
    memcpy(g, s->slope, sizeof(double) * (size_t)s->f->n);
}

static double steepest(const double *g, int n) {
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, fabs(g[i]));
    return most;
}

/* h[n, n] = second derivatives of the mean at u; false where a neighbour is out of reach. */
static bool curvature(search *s, const double *u, double *h) {
    int n = s->f->n;
    double moved[N], above[N];
    for (int i = 0; i < n; i++) {
        memcpy(moved, u, sizeof(double) * (size_t)n);
        moved[i] = u[i] + DIFFERENCE;
        if (!isfinite(mean_at(s, moved))) return false;
        memcpy(above, s->slope, sizeof above);
        moved[i] = u[i] - DIFFERENCE;
        if (!isfinite(mean_at(s, moved))) return false;
        for (int j = 0; j < n; j++) h[i * n + j] = (above[j] - s->slope[j]) / (2 * DIFFERENCE);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            h[i * n + j] = h[j * n + i] = (h[i * n + j] + h[j * n + i]) / 2;
    return true;
}

/* Lower l with l l' = a; false when a is not positive definite. */
static bool cholesky(const double *a, int n, double *l) {
    memset(l, 0, sizeof(double) * (size_t)(n * n));
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
            if (i == j && !(sum > 1e-14 * fabs(a[i * n + i]))) return false;
            l[i * n + j] = i == j ? sqrt(sum) : sum / l[j * n + j];
        }
    return true;
}

/* x = (l l')^-1 b */
static void solve(const double *l, int n, const double *b, double *x) {
    for (int i = 0; i < n; i++) {
        x[i] = b[i];
        for (int k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
        x[i] /= l[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
        x[i] /= l[i * n + i];
    }
}

/* What the Newton steps know: where h was taken, and its root. */
typedef struct newton {
    double h[N * N], l[N * N], at[N];
    bool known, definite;
} newton;

static bool look(search *s, const double *u, newton *w) {
    memcpy(w->at, u, sizeof(double) * (size_t)s->f->n);
    w->known = curvature(s, u, w->h);
    w->definite = w->known && cholesky(w->h, s->f->n, w->l);
    return w->definite;
}

/* One step from u, halved until it gains; false where it does not. At the bottom the value has no
 * digits left to fall: there the slope decides. */
static bool step(search *s, double *u, double *value, double *slope, const newton *w) {
    int n = s->f->n;
    double move[N], trial[N], t = 1;
    solve(w->l, n, slope, move);
    for (int j = 0; j < HALVINGS; j++, t /= 2) {
        for (int i = 0; i < n; i++) trial[i] = u[i] - t * move[i];
        double tried = mean_at(s, trial);
        if (!(tried <= *value + 1e-15 * fabs(*value)) ||
            (tried >= *value && steepest(s->slope, n) >= steepest(slope, n)))
            continue;
        memcpy(u, trial, sizeof(double) * (size_t)n);
        memcpy(slope, s->slope, sizeof(double) * (size_t)n);
        *value = tried;
        return true;
    }
    return false;
}

/* Newton steps; the Hessian is taken anew where the last step did not gain a digit. */
static double polish(search *s, double *u, double value, newton *w, double *slope) {
    int n = s->f->n;
    mean_at(s, u);
    memcpy(slope, s->slope, sizeof(double) * (size_t)n);
    for (int k = 0; k < NEWTON_STEPS && steepest(slope, n) >= STEADY / 100; k++) {
        double before = steepest(slope, n);
        bool fresh = !w->definite;
        if (fresh && !look(s, u, w)) break;
        if (!step(s, u, &value, slope, w) && fresh) break;
        if (steepest(slope, n) > before / 10) w->definite = false;
    }
    return value;
}

/* covariance = (observations h)^-1 and its root. Where h is not positive definite its diagonal is
 * raised until it is: directions of which nothing is known get a standard error of up to 2. */
static void spread(const search *s, const double *h, likelihood_fit *out) {
    int n = out->n;
    double a[N * N], l[N * N];
    double raise = 0;
    for (bool first = true;; first = false) {
        for (int i = 0; i < n * n; i++) a[i] = h[i] * s->f->observations;
        for (int i = 0; i < n; i++) a[i * n + i] += raise;
        if (cholesky(a, n, l)) break;
        out->definite = false;
        raise = first ? 0.25 : 4 * raise;
    }
    for (int j = 0; j < n; j++) {
        double unit[N] = {0}, column[N];
        unit[j] = 1;
        solve(l, n, unit, column);
        for (int i = 0; i < n; i++) out->covariance[i * n + j] = column[i];
    }
    for (int i = 0; i < n; i++)
        out->error[i] = out->p[i] * sqrt(out->covariance[i * n + i]);
    if (!cholesky(out->covariance, n, out->root)) {
        memset(out->root, 0, sizeof out->root);
        for (int i = 0; i < n; i++) out->root[i * n + i] = sqrt(out->covariance[i * n + i]);
    }
}

static void judge(search *s, const double *u, double value, likelihood_fit *out, arena scratch) {
    bool vague = !out->definite;
    for (int i = 0; i < out->n; i++)
        vague = vague || fabs(u[i]) > WALL || out->error[i] > VAGUE * out->p[i];
    out->verdict = vague ? LIKELIHOOD_FLAT : LIKELIHOOD_CONVERGED;
    if (out->gradient < STEADY) return;
    bfgs_problem problem = {out->n, s, mean_at, slope_at};
    bfgs_params p = {.iterations = 50, .tolerance = 1e-14};
    double further[N];
    memcpy(further, u, sizeof further);
    double gain = (value - bfgs_minimise(&problem, further, p, NULL, scratch)) *
                  s->f->observations;
    out->verdict = LIKELIHOOD_FLAT;
    if (gain <= 1e-9 * fabs(out->value)) return;
    out->verdict = LIKELIHOOD_NOT_CONVERGED;
    out->gain = gain;
}

likelihood_fit likelihood_maximise(const likelihood *f, arena scratch) {
    search s = {.f = f};
    likelihood_fit out = {.n = f->n, .definite = true};
    bfgs_problem problem = {f->n, &s, mean_at, slope_at};
    bfgs_params p = {.iterations = 200, .tolerance = 1e-8}, all = {300, 1e-13};
    newton w = {0};
    double u[N] = {0}, slope[N] = {0}, moved[N], value = INFINITY;
    assert(f->n >= 1 && f->n <= N && f->n_starts >= 1 && f->observations > 0);
    for (int k = 0; k < f->n_starts; k++) {
        double here[N] = {0};
        for (int i = 0; i < f->n; i++)
            here[i] = fmax(-REACH, fmin(REACH, log(f->starts[k][i])));
        double there = bfgs_minimise(&problem, here, p, NULL, scratch);
        if (k > 0 && !(there < value)) continue;
        value = there;
        memcpy(u, here, sizeof u);
    }
    value = polish(&s, u, value, &w, slope);
    if (steepest(slope, f->n) >= STEADY / 100) {
        value = bfgs_minimise(&problem, u, all, NULL, scratch);
        w.definite = false;
        value = polish(&s, u, value, &w, slope);
    }
    for (int i = 0; i < f->n; i++) {
        out.p[i] = f->unit[i] * exp(u[i]);
        moved[i] = u[i] - w.at[i];
    }
    out.gradient = steepest(slope, f->n);
    double unused[N];
    out.value = f->at(f->what, out.p, unused);
    if (!w.known || steepest(moved, f->n) > NEAR) look(&s, u, &w);
    if (!w.known) {
        memset(w.h, 0, sizeof w.h);
        out.definite = false;
    }
    spread(&s, w.h, &out);
    judge(&s, u, value, &out, scratch);
    out.evaluations = s.evaluations + 1;
    return out;
}
