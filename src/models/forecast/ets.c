/* ets: exponential smoothing in state-space form, chosen among its forms by AICc. */
#include "models/forecast/ets.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/ets_core.h"

/* Letters of a wanted form; ETS_FREE where any will do. */
enum { ETS_FREE = -1 };
typedef struct wanted {
    int error, trend, season;
} wanted;

static bool parse(const char *form, wanted *to) {
    static const struct {
        const char *letters;
        int choice;
    } trends[] = {{"Ad", ETS_DAMPED}, {"A", ETS_ADD}, {"N", ETS_NONE}, {"Z", ETS_FREE}};
    static const char letters[] = "NAMZ";
    static const int choices[] = {ETS_NONE, ETS_ADD, ETS_MULTIPLY, ETS_FREE};
    const char *error = form[0] ? strchr(letters, form[0]) : NULL;
    if (!error || *error == 'N') return false;
    to->error = choices[error - letters];
    for (int i = 0; i < 4; i++) {
        size_t n = strlen(trends[i].letters);
        if (strncmp(form + 1, trends[i].letters, n) != 0) continue;
        to->trend = trends[i].choice;
        const char *rest = form + 1 + n;
        const char *season = rest[0] ? strchr(letters, rest[0]) : NULL;
        if (!season || rest[1]) return false;
        to->season = choices[season - letters];
        return to->error != ETS_ADD || to->season != ETS_MULTIPLY;
    }
    return false;
}

const char *ets_check(const double *y, int n, ets_params p) {
    wanted w;
    if (p.season < 1 || p.season > 8784) return "season must be 1..8784 observations";
    if (p.iterations < 1 || p.iterations > 100000) return "iterations must be 1..100000";
    if (!(p.least_share >= 0 && p.least_share <= 1)) return "least_share must be 0..1";
    if (!p.form || !parse(p.form, &w))
        return "form must be error (A, M, Z), trend (N, A, Ad, Z), season (N, A, M, Z), such as "
               "\"AAdN\" or \"ZZZ\"; error A with season M is unstable and not offered";
    if (!y) return NULL;
    if (n < 1) return "a series needs at least one value";
    for (int t = 0; t < n; t++)
        if (!isfinite(y[t])) return "the series has a value that is not a finite number";
    return NULL;
}

static double median(const double *y, int n, arena scratch) {
    double *v = take_copy(&scratch, double, y, n);
    for (int gap = n / 2; gap > 0; gap /= 2)
        for (int i = gap; i < n; i++) {
            double x = v[i];
            int j = i;
            for (; j >= gap && v[j - gap] > x; j -= gap) v[j] = v[j - gap];
            v[j] = x;
        }
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static bool allows_multiply(const double *y, int n, double least_share, arena scratch) {
    double least = y[0];
    for (int t = 1; t < n; t++) least = fmin(least, y[t]);
    return least > 0 && least >= least_share * median(y, n, scratch);
}

static bool all_equal(const double *y, int n) {
    for (int t = 1; t < n; t++)
        if (y[t] != y[0]) return false;
    return true;
}

static void keep_best(ets_model *m, const ets_core *c, double l, int k) {
    double *start = m->fitted.seasonal, *end = m->seasonal;
    m->form = c->form, m->season = c->m, m->k = k;
    m->fitted = c->at, m->fitted.seasonal = start;
    memcpy(start, c->at.seasonal, sizeof(double) * (size_t)c->m);
    for (int j = 0; j < c->m; j++) end[j] = c->ring[(c->n + j) % c->m];
    m->level = c->level, m->slope = c->slope;
    m->l = l, m->aic = l + 2.0 * k;
    m->aicc = m->aic + 2.0 * k * (k + 1) / (c->n - k - 1);
    m->bic = l + k * log(c->n);
    m->sigma2 = c->sum / (c->n - k + 1);
}

/* A level that stays: constant series, and series too short for any form. */
static void keep_level(ets_model *m, const double *y, int n) {
    double mean = 0, sum = 0;
    for (int t = 0; t < n; t++) mean += y[t] / n;
    for (int t = 0; t < n; t++) sum += (y[t] - mean) * (y[t] - mean);
    m->constant = all_equal(y, n);
    if (m->constant) mean = y[0];
    m->form = (ets_form){ETS_ADD, ETS_NONE, ETS_NONE};
    m->season = 1, m->k = 2;
    m->fitted.level = m->level = mean;
    m->fitted.phi = 1;
    m->sigma2 = n > 1 ? sum / (n - 1) : 0;
    m->l = m->aic = m->aicc = m->bic = NAN;
}

enum { MOST_FORMS = 18, REACH = 12 };

typedef struct candidate {
    ets_core core; /* the best point and the states after the run there; its trace is gone */
    double l, aicc, reach;
    int k;
} candidate;

typedef struct search {
    const double *y;
    int n, tried;
    ets_params p;
    bool multiply; /* are the values fit for error and season M */
    candidate at[MOST_FORMS];
} search;

static bool possible(const search *a, ets_form f) {
    bool seasonal = f.season != ETS_NONE;
    if ((f.error == ETS_MULTIPLY || f.season == ETS_MULTIPLY) && !a->multiply) return false;
    if (f.error == ETS_ADD && f.season == ETS_MULTIPLY) return false;
    if (seasonal && (a->p.season < 2 || a->n <= a->p.season)) return false;
    return a->n - ets_form_k(f, a->p.season) - 1 >= 1;
}

/* Mean over a season, half and a quarter of it; both parts of a season are needed because a form
 * without one is right a whole season ahead by chance. */
static double reach(const search *a, const ets_core *c) {
    double sum = 0;
    int season = a->p.season > 1 ? a->p.season : REACH, most = a->n / 3;
    for (int part = 1; part <= 4; part *= 2) {
        int steps = (season + part - 1) / part;
        sum += ets_core_reach(c, steps < most ? steps : most) / 3;
    }
    return sum;
}

static void try_form(search *a, ets_form f, int *evaluations, arena *keep, arena scratch) {
    if (!possible(a, f)) return;
    candidate c = {.core = ets_core_new(a->y, a->n, f, a->p.season, &scratch)};
    c.k = ets_form_k(f, a->p.season);
    c.l = ets_form_fit(&c.core, a->p.iterations, evaluations, scratch);
    if (!isfinite(c.l)) return;
    c.aicc = c.l + 2.0 * c.k + 2.0 * c.k * (c.k + 1) / (a->n - c.k - 1);
    c.reach = reach(a, &c.core);
    c.core.at.seasonal = take_copy(keep, double, c.core.at.seasonal, c.core.m);
    c.core.ring = take_copy(keep, double, c.core.ring, c.core.m);
    a->at[a->tried++] = c;
}

/* Least AICc among the forms that forecast a season ahead about as well as the best one. */
static const candidate *choose(const search *a) {
    double least = INFINITY;
    const candidate *best = NULL;
    for (int i = 0; i < a->tried; i++) least = fmin(least, a->at[i].reach);
    for (int i = 0; i < a->tried; i++) {
        const candidate *c = &a->at[i];
        if (c->reach > a->p.slack * least) continue;
        if (!best || c->aicc < best->aicc) best = c;
    }
    return best;
}

bool ets_fit(ets_model *m, const double *y, int n, ets_params p, arena *keep, arena scratch,
             err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = ets_check(y, n, p);
    if (why) return refuse(e, "%s", why);
    *m = (ets_model){.n = n};
    m->fitted.seasonal = take(keep, double, p.season);
    m->seasonal = take(keep, double, p.season);
    wanted w = {0};
    parse(p.form, &w);
    search a = {.y = y, .n = n, .p = p, .multiply = allows_multiply(y, n, p.least_share, scratch)};
    /* two seasons of states a form, each taken on a boundary of 64 bytes */
    arena cores = arena_split(&scratch, MOST_FORMS * (2 * sizeof(double) * (size_t)p.season + 256));
    static const ets_choice errors[] = {ETS_ADD, ETS_MULTIPLY};
    static const ets_choice trends[] = {ETS_NONE, ETS_ADD, ETS_DAMPED};
    static const ets_choice seasons[] = {ETS_NONE, ETS_ADD, ETS_MULTIPLY};
    for (int i = 0; i < MOST_FORMS && !all_equal(y, n); i++) {
        ets_form f = {errors[i % 2], trends[i / 2 % 3], seasons[i / 6]};
        if (w.error != ETS_FREE && w.error != (int)f.error) continue;
        if (w.trend != ETS_FREE && w.trend != (int)f.trend) continue;
        if (w.trend == ETS_FREE && !p.trend && f.trend != ETS_NONE) continue;
        if (w.season != ETS_FREE && w.season != (int)f.season) continue;
        try_form(&a, f, &m->evaluations, &cores, scratch);
    }
    m->forms = a.tried;
    const candidate *best = choose(&a);
    if (best) keep_best(m, &best->core, best->l, best->k);
    else keep_level(m, y, n);
    return true;
}

void ets_fitted(const ets_model *m, const double *y, double *to, arena scratch) {
    ets_core c = ets_core_new(y, m->n, m->form, m->season, &scratch);
    double *seasonal = c.at.seasonal;
    c.at = m->fitted;
    c.at.seasonal = seasonal;
    memcpy(seasonal, m->fitted.seasonal, sizeof(double) * (size_t)c.m);
    ets_core_run(&c);
    for (int t = 0; t < m->n; t++)
        to[t] = m->form.season == ETS_MULTIPLY ? c.q[t] * c.s[t] : c.q[t] + c.s[t];
}

void ets_name(ets_form f, char *name) {
    static const char *const letters[] = {"N", "A", "Ad", "M"};
    const char *parts[] = {"ETS(", letters[f.error], ",", letters[f.trend], ",",
                           letters[f.season], ")"};
    for (int i = 0; i < 7; i++) name = stpcpy(name, parts[i]);
}
