/* ets_form: fits one form of exponential smoothing: its variables, their scales, the search. */
#include "models/forecast/ets_core.h"

#include <math.h>
#include <string.h>

#include "models/bfgs.h"

/* The variables of the search are: one logit per smoothing parameter (share of its interval; the
 * interval of beta ends at alpha, that of gamma at 1 - alpha), then level, slope and the seasonal
 * states but the first (which the others imply), each as its distance from the start in units of
 * `scale`. */
enum { LOOK = 12 }; /* steps from each start before the better one goes on */

typedef struct search {
    ets_core *c;
    bool trend, damped, season;
    ets_values from;                /* start states */
    double level, slope, seasonal; /* scales */
    double share[4];                /* of alpha, beta, gamma, phi in their intervals */
    double steep;                   /* beta is at most steep * alpha; at least ETS_LOW */
} search;

static double logistic(double x) { return 1 / (1 + exp(-x)); }
static double logit(double p) { return log(p / (1 - p)); }

static double top_beta(const search *s, double alpha) { return fmin(ETS_HIGH, s->steep * alpha); }
static double top_gamma(double alpha) { return fmin(ETS_HIGH, 1 - alpha); }

/* Variables -> c->at. */
static void place(search *s, const double *x) {
    ets_values *v = &s->c->at;
    int i = 0, m = s->c->m;
    s->share[0] = logistic(x[i++]);
    v->alpha = ETS_LOW + (ETS_HIGH - ETS_LOW) * s->share[0];
    if (s->trend) {
        s->share[1] = logistic(x[i++]);
        v->beta = ETS_LOW + fmax(top_beta(s, v->alpha) - ETS_LOW, 0) * s->share[1];
    }
    if (s->season) {
        s->share[2] = logistic(x[i++]);
        v->gamma = ETS_LOW + (top_gamma(v->alpha) - ETS_LOW) * s->share[2];
    }
    if (s->damped) {
        s->share[3] = logistic(x[i++]);
        v->phi = ETS_PHI_LOW + (ETS_PHI_HIGH - ETS_PHI_LOW) * s->share[3];
    }
    v->level = s->from.level + s->level * x[i++];
    if (s->trend) v->slope = s->from.slope + s->slope * x[i++];
    if (!s->season) return;
    double total = s->c->form.season == ETS_MULTIPLY ? m : 0;
    for (int k = 1; k < m; k++) {
        v->seasonal[k] = s->from.seasonal[k] + s->seasonal * x[i++];
        total -= v->seasonal[k];
    }
    v->seasonal[0] = total;
}

static double value(void *what, const double *x) {
    search *s = what;
    place(s, x);
    return ets_core_run(s->c);
}

static void slope(void *what, double *to) {
    search *s = what;
    ets_core_slope(s->c);
    const ets_values *g = &s->c->gradient;
    double alpha = g->alpha, *share = s->share;
    double top = s->c->at.alpha;
    int i = 1;
    if (s->trend) {
        double room = fmax(top_beta(s, top) - ETS_LOW, 0);
        to[i++] = g->beta * room * share[1] * (1 - share[1]);
        if (room > 0 && s->steep * top < ETS_HIGH) alpha += g->beta * s->steep * share[1];
    }
    if (s->season) {
        to[i++] = g->gamma * (top_gamma(top) - ETS_LOW) * share[2] * (1 - share[2]);
        if (1 - top < ETS_HIGH) alpha -= g->gamma * share[2];
    }
    if (s->damped) to[i++] = g->phi * (ETS_PHI_HIGH - ETS_PHI_LOW) * share[3] * (1 - share[3]);
    to[0] = alpha * (ETS_HIGH - ETS_LOW) * share[0] * (1 - share[0]);
    to[i++] = g->level * s->level;
    if (s->trend) to[i++] = g->slope * s->slope;
    if (!s->season) return;
    for (int k = 1; k < s->c->m; k++)
        to[i++] = (g->seasonal[k] - g->seasonal[0]) * s->seasonal;
}

/* Typical size of one change of y: the unit of the start states. */
static double typical_change(const ets_core *c) {
    double sum = 0, mean = c->n > 1 ? (c->y[c->n - 1] - c->y[0]) / (c->n - 1) : 0;
    for (int t = 1; t < c->n; t++) {
        double d = c->y[t] - c->y[t - 1] - mean;
        sum += d * d;
    }
    double sd = c->n > 1 ? sqrt(sum / (c->n - 1)) : 0;
    double size = sqrt(c->floor); /* a straight line has none; then a millionth of its size */
    return sd > size ? sd : fmax(size, 1e-12);
}

int ets_form_k(ets_form f, int season) {
    int k = 3; /* alpha, level, variance */
    if (f.trend != ETS_NONE) k += 2;
    if (f.trend == ETS_DAMPED) k += 1;
    if (f.season != ETS_NONE) k += season; /* gamma and season - 1 free states */
    return k;
}

/* The likelihood has two valleys. Of a seasonal form: a lively level over a fixed season, and a
 * slow level under a lively season. Of a trend: a slope that lasts, and a lively one that fades. */
typedef struct start {
    double beta, gamma, phi; /* as shares of their intervals */
} start;
static const start of_seasons[] = {{0.1, 0.05, 0.9}, {0.1, 0.6, 0.9}};
static const start of_trends[] = {{0.1, 0, 0.9}, {0.7, 0, 0.5}};

/* The best of a few alphas to start from. */
static double guess(search *s, start at, double *x) {
    static const double alphas[] = {0.02, 0.1, 0.4, 0.8};
    double best = INFINITY, chosen = alphas[0];
    int i = 1;
    if (s->trend) x[i++] = logit(at.beta);
    if (s->season) x[i++] = logit(at.gamma);
    if (s->damped) x[i++] = logit(at.phi);
    for (int j = 0; j < 4; j++) {
        x[0] = logit(alphas[j]);
        double v = value(s, x);
        if (v < best) best = v, chosen = alphas[j];
    }
    x[0] = logit(chosen);
    return best;
}

/* From each start, the best of all in x. */
static double climb(search *s, int free, int iterations, int *evaluations, double *x,
                    arena scratch) {
    double *other = take(&scratch, double, free), l = INFINITY;
    bfgs_params p = BFGS_DEFAULTS, look = BFGS_DEFAULTS;
    p.iterations = iterations;
    bool two = s->season || s->trend;
    look.iterations = s->season ? LOOK : two ? iterations : 0; /* a trend alone is cheap */
    bfgs_problem problem = {.n = free, .what = s, .value = value, .slope = slope};
    for (int i = 0; i < (two ? 2 : 1); i++) {
        memset(other, 0, sizeof(double) * (size_t)free);
        guess(s, s->season ? of_seasons[i] : of_trends[i], other);
        *evaluations += 4;
        double v = bfgs_minimise(&problem, other, look, evaluations, scratch);
        if (!(v < l)) continue;
        l = v;
        memcpy(x, other, sizeof(double) * (size_t)free);
    }
    return isfinite(l) ? bfgs_minimise(&problem, x, p, evaluations, scratch) : l;
}

double ets_form_fit(ets_core *c, int iterations, int *evaluations, arena scratch) {
    /* Steep slopes under a season are often not forecastable; then beta gets a lower ceiling. */
    static const double ceilings[] = {1, 0.3, 0.1, 0.03, 0.01, 0};
    int free = ets_form_k(c->form, c->m) - 1;
    if (c->n - 1 <= free + 1) return INFINITY; /* AICc needs n - k - 1 > 0 */
    ets_start(c, scratch);
    search s = {.c = c, .trend = c->form.trend != ETS_NONE, .damped = c->form.trend == ETS_DAMPED,
                .season = c->form.season != ETS_NONE, .from = c->at};
    s.from.seasonal = take_copy(&scratch, double, c->at.seasonal, c->m);
    s.level = typical_change(c);
    s.slope = 0.2 * s.level;
    s.seasonal = c->form.season == ETS_MULTIPLY ? 0.1 : 0.5 * s.level;
    double *x = take(&scratch, double, free);
    for (int i = 0; i < (s.trend ? 6 : 1); i++) {
        s.steep = ceilings[i];
        if (!isfinite(climb(&s, free, iterations, evaluations, x, scratch))) continue;
        double l = value(&s, x); /* the trace and states at the best point */
        if (ets_core_forecastable(c, scratch)) return l;
    }
    return INFINITY;
}
