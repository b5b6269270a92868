/* prophet_fit: the highest posterior density: exact for linear curves, else by linearised steps. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/prophet_parts.h"
#include "models/forecast/prophet_solve.h"

enum { ROUNDS = 200, HALVINGS = 40 };
#define STILL        1e-10 /* relative change of sigma^2 or of the posterior that ends a fit */
#define LEAST_SIGMA2 1e-18
#define SIGMA_PRIOR  0.5

typedef struct fit {
    const prophet_design *d;
    const double *y; /* [n] scaled */
    double cap;      /* scaled, of logistic growth */
    double s2;       /* sigma^2 */
    double *v;       /* [width] */
    double *ridge;   /* [2 + betas] */
    double *b;       /* [width] */
    double *row;     /* [n, width] slopes of a curve that is not linear */
    double *gram;    /* [width, width] */
    double *curve;   /* [n] */
} fit;

double prophet_z(const prophet_design *d, const double *v, int64_t t) {
    const double *row = d->row + t * d->width + 2 + d->betas, *hinge = v + 2 + d->betas;
    bool logistic = d->p.growth == PROPHET_LOGISTIC;
    double z = logistic ? v[1] * (d->time[t] - v[0]) : v[1] * d->row[t * d->width + 1] + v[0];
    return z + prophet_dot(hinge, row, d->hinges);
}

/* The trend at row t, and its slope by z (1 where it is linear). */
static double trend_at(const prophet_design *d, const double *v, double cap, int64_t t,
                       double *slope) {
    double z = prophet_z(d, v, t);
    *slope = 1;
    if (d->p.growth != PROPHET_LOGISTIC) return z;
    double share = 1 / (1 + exp(-z));
    *slope = cap * share * (1 - share);
    return cap * share;
}

static void seasons_at(const prophet_design *d, const double *v, int64_t t, double *swing,
                       double *add) {
    *swing = 1, *add = 0;
    const double *x = d->row + t * d->width + 2;
    if (!d->swings) {
        *add = prophet_dot(v + 2, x, d->betas);
        return;
    }
    for (int i = 0; i < d->betas; i++) *(d->multiply[i] ? swing : add) += v[2 + i] * x[i];
}

static void set_curve(fit *f, const double *v) {
    double swing, add, slope;
    for (int t = 0; t < f->d->n; t++) {
        seasons_at(f->d, v, t, &swing, &add);
        f->curve[t] = trend_at(f->d, v, f->cap, t, &slope) * swing + add;
    }
}

static double squares(const fit *f) {
    double sum = 0;
    for (int t = 0; t < f->d->n; t++) sum += (f->y[t] - f->curve[t]) * (f->y[t] - f->curve[t]);
    return sum;
}

/* What the priors of all but sigma cost. */
static double prior_cost(const fit *f, const double *v) {
    const prophet_design *d = f->d;
    double cost = 0;
    for (int i = 0; i < 2 + d->betas; i++) cost += v[i] * v[i] / (2 * d->prior[i] * d->prior[i]);
    for (int i = 2 + d->betas; i < d->width; i++) cost += fabs(v[i]) / d->p.changepoint_prior;
    return cost;
}

static double loss(const fit *f, double sse) {
    return f->d->n * log(f->s2) / 2 + sse / (2 * f->s2) + prior_cost(f, f->v) +
           f->s2 / (2 * SIGMA_PRIOR * SIGMA_PRIOR);
}

/* The most probable sigma^2 given the squared errors: n s - SSE + s^2 / prior^2 = 0. */
static double best_sigma2(double sse, int n) {
    double c = 4 / (SIGMA_PRIOR * SIGMA_PRIOR);
    return fmax(2 * sse / (n + sqrt((double)n * n + c * sse)), LEAST_SIGMA2);
}

static bool solve(fit *f, const double *gram, double *v, arena scratch) {
    const prophet_design *d = f->d;
    int r = 2 + d->betas;
    for (int i = 0; i < r; i++) f->ridge[i] = f->s2 / (d->prior[i] * d->prior[i]);
    prophet_problem q = {r, d->hinges, gram, f->b, f->ridge, f->s2 / d->p.changepoint_prior};
    return prophet_solve(&q, v, scratch);
}

/* y'y - 2 b'v + v'Gv, or added up where that would be rounding. */
static double linear_squares(fit *f, double yy) {
    int w = f->d->width;
    double sum = yy;
    for (int i = 0; i < w; i++) {
        double line = 0;
        for (int j = 0; j < w; j++)
            line += f->d->gram[i * w + j] * f->v[j]; /* break: too small is added up */
        sum += f->v[i] * (line - 2 * f->b[i]);
    }
    if (sum > 1e-6 * yy) return sum;
    set_curve(f, f->v);
    return squares(f);
}

static bool fit_linear(fit *f, prophet_model *m, arena scratch) {
    const prophet_design *d = f->d;
    double yy = 0, sse = 0;
    for (int t = 0; t < d->n; t++) {
        const double *row = d->row + (int64_t)t * d->width;
        double y = f->y[t];
        for (int i = 0; i < d->width; i++) f->b[i] += row[i] * y;
        yy += y * y; /* break: as in linear_squares */
    }
    double x = f->s2, off, x_before = 0, off_before = 0;
    for (m->rounds = 1;; m->rounds++) { /* x -> the sigma^2 that x leads to, by the secant rule */
        f->s2 = x;
        if (!solve(f, d->gram, f->v, scratch)) return false;
        f->s2 = best_sigma2(sse = linear_squares(f, yy), d->n);
        off = f->s2 - x;
        if (fabs(off) <= STILL * f->s2 || m->rounds == ROUNDS) break;
        double next = x - off * (x - x_before) / (off - off_before);
        bool near = m->rounds > 1 && next > f->s2 / 4 && next < f->s2 * 4;
        x_before = x, off_before = off;
        x = near ? next : f->s2;
    }
    m->loss = loss(f, sse);
    return true;
}

/* Slopes of the curve by every variable, and b so that the solution is where to go. */
static void linearise(fit *f) {
    const prophet_design *d = f->d;
    int w = d->width;
    memset(f->b, 0, sizeof(double) * (size_t)w);
    for (int64_t t = 0; t < d->n; t++) {
        const double *from = d->row + t * w;
        double *to = f->row + t * w, swing, add, slope;
        double g = trend_at(d, f->v, f->cap, t, &slope), rest = f->y[t];
        seasons_at(d, f->v, t, &swing, &add);
        slope *= swing;
        bool logistic = d->p.growth == PROPHET_LOGISTIC;
        to[0] = logistic ? -f->v[1] * slope : slope;
        to[1] = (logistic ? d->time[t] - f->v[0] : from[1]) * slope;
        for (int i = 0; i < d->betas; i++) to[2 + i] = from[2 + i] * (d->multiply[i] ? g : 1);
        for (int i = 2 + d->betas; i < w; i++) to[i] = from[i] * slope;
        rest -= g * swing + add;
        for (int i = 0; i < w; i++) rest += to[i] * f->v[i];
        for (int i = 0; i < w; i++) f->b[i] += to[i] * rest;
    }
    prophet_gram(f->row, d->n, w, f->gram);
}

/* Goes from v towards `goal` as far as the posterior at this sigma rises; false: nowhere. */
static bool advance(fit *f, const double *goal, double *sse, arena scratch) {
    int w = f->d->width;
    double *trial = take(&scratch, double, w), share = 1;
    double here = *sse / 2 + f->s2 * prior_cost(f, f->v);
    for (int i = 0; i < HALVINGS; i++, share /= 2) {
        for (int k = 0; k < w; k++) trial[k] = f->v[k] + share * (goal[k] - f->v[k]);
        set_curve(f, trial);
        double sum = squares(f), there = sum / 2 + f->s2 * prior_cost(f, trial);
        if (!(there < here)) continue;
        memcpy(f->v, trial, sizeof(double) * (size_t)w);
        *sse = sum;
        return true;
    }
    return false;
}

static bool fit_curved(fit *f, prophet_model *m, arena scratch) {
    const prophet_design *d = f->d;
    f->row = take_raw(&scratch, double, (int64_t)d->n * d->width);
    f->gram = take(&scratch, double, (int64_t)d->width * d->width);
    double *goal = take(&scratch, double, d->width);
    set_curve(f, f->v);
    double sse = squares(f);
    f->s2 = fmax(best_sigma2(sse, d->n), 1e-8);
    m->loss = loss(f, sse);
    for (int slow = 0; m->rounds < ROUNDS && slow < 2; m->rounds++) {
        linearise(f);
        memcpy(goal, f->v, sizeof(double) * (size_t)d->width);
        if (!solve(f, f->gram, goal, scratch)) return false;
        bool moved = advance(f, goal, &sse, scratch);
        f->s2 = best_sigma2(sse, d->n);
        double now = loss(f, sse);
        slow = m->loss - now <= STILL * fabs(now) ? slow + 1 : 0;
        m->loss = now;
        if (!moved) slow++;
    }
    return true;
}

/* The curve through the first and the last value; logistic: through the least and the largest. */
static void start(fit *f) {
    const prophet_design *d = f->d;
    double *v = f->v;
    if (d->p.growth == PROPHET_LINEAR) v[0] = f->y[0], v[1] = f->y[d->n - 1] - f->y[0];
    if (d->p.growth == PROPHET_FLAT)
        for (int t = 0; t < d->n; t++) v[0] += f->y[t] / d->n; /* break: a start */
    if (d->p.growth != PROPHET_LOGISTIC) return;
    double r[2], apart = d->time[d->n - 1] - d->time[0];
    for (int i = 0; i < 2; i++) {
        double share = f->y[i ? d->n - 1 : 0] / f->cap;
        r[i] = 1 / fmax(0.01, fmin(0.99, share));
    }
    if (fabs(r[0] - r[1]) <= 0.01) r[0] *= 1.05;
    double first = log(r[0] - 1), last = log(r[1] - 1);
    v[0] = first * apart / (first - last);
    v[1] = (first - last) / apart;
}

static void set_result(prophet_model *m, const fit *f) {
    const prophet_design *d = m->design;
    double floor = d->p.growth == PROPHET_LOGISTIC ? d->p.floor : 0, add, slope;
    for (int t = 0; t < d->n + d->steps; t++) {
        double g = trend_at(d, m->value, f->cap, t, &slope);
        seasons_at(d, m->value, t, &m->swing[t], &add);
        m->trend[t] = floor + m->scale * g;
        m->yhat[t] = floor + m->scale * (g * m->swing[t] + add);
    }
}

bool prophet_fit(prophet_model *m, const prophet_design *d, const double *y, arena *keep,
                 arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    double floor = d->p.growth == PROPHET_LOGISTIC ? d->p.floor : 0, least = INFINITY, most = 0;
    double *x = take(&scratch, double, d->n);
    *m = (prophet_model){.design = d};
    for (int t = 0; t < d->n; t++) {
        if (!(fabs(y[t]) <= PROPHET_LARGEST))
            return refuse(e, "value %d is not usable: not finite, or beyond 1e100", t + 1);
        x[t] = y[t] - floor;
        least = fmin(least, x[t]), most = fmax(most, fabs(x[t]));
    }
    if (d->p.growth == PROPHET_LOGISTIC && least < 0)
        return refuse(e, "logistic growth lies between floor and cap, and a value is %g below the "
                         "floor %g; give a lower floor or choose linear growth", -least, floor);
    m->scale = most > 0 ? most : 1;
    m->value = take(keep, double, d->width);
    double **series[] = {&m->yhat, &m->trend, &m->swing};
    for (int i = 0; i < 3; i++) *series[i] = take(keep, double, d->n + d->steps);
    m->constant = d->p.growth != PROPHET_LOGISTIC;
    for (int t = 0; t < d->n; t++) m->constant &= x[t] == x[0], x[t] /= m->scale;
    fit f = {.d = d, .y = x, .cap = (d->p.cap - floor) / m->scale, .s2 = 0.01, .v = m->value};
    f.ridge = take(&scratch, double, 2 + d->betas);
    f.b = take(&scratch, double, d->width);
    f.curve = take(&scratch, double, d->n);
    start(&f);
    if (m->constant) m->sigma = 1e-9;
    else {
        bool solved = d->linear ? fit_linear(&f, m, scratch) : fit_curved(&f, m, scratch);
        if (!solved) return refuse(e, "the columns of the model cannot be told apart");
        m->sigma = sqrt(f.s2);
    }
    set_result(m, &f);
    return true;
}
