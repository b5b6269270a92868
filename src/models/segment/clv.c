/* clv: how long customers stay and how often they buy: one face of three models, and their exam. */
#include "models/segment/clv.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/segment/bgnbd.h"
#include "models/segment/paretonbd.h"

const char *const clv_names[CLV_KINDS] = {"bgnbd", "mbgnbd", "paretonbd"};
const char *const clv_parameter_names[CLV_KINDS][4] = {
    {"r", "alpha", "a", "b"}, {"r", "alpha", "a", "b"}, {"r", "alpha", "s", "beta"}};

const char *clv_check(clv_params p) {
    if ((int)p.kind < 0 || p.kind >= CLV_KINDS) return "there is no such model";
    if (!(p.ridge >= 0) || p.ridge > 1000) return "the ridge must be in 0..1000";
    if (p.sample < 1) return "the starts need at least one pattern";
    return NULL;
}

double clv_likelihood(clv_kind kind, const patterns *c, const double p[4], double g[4],
                      pool *threads, arena scratch) {
    if (kind == CLV_PARETONBD) return paretonbd_likelihood(c, p, g, threads, scratch);
    return bgnbd_likelihood(c, kind == CLV_MBGNBD, p, g, threads, scratch);
}

double clv_alive(clv_kind kind, const double p[4], double x, double t, double T) {
    if (kind == CLV_PARETONBD) return paretonbd_alive(p, x, t, T);
    return bgnbd_alive(kind == CLV_MBGNBD, p, x, t, T);
}

double clv_ahead(clv_kind kind, const double p[4], double x, double T, double time) {
    if (kind == CLV_PARETONBD) return paretonbd_ahead(p, x, T, time);
    return bgnbd_ahead(kind == CLV_MBGNBD, p, x, T, time);
}

double clv_expected(clv_kind kind, const double p[4], double time) {
    if (kind == CLV_PARETONBD) return paretonbd_expected(p, time);
    return bgnbd_expected(kind == CLV_MBGNBD, p, time);
}

double clv_chance(clv_kind kind, const double p[4], int n, double time) {
    if (kind == CLV_PARETONBD) return paretonbd_chance(p, n, time);
    return bgnbd_chance(kind == CLV_MBGNBD, p, n, time);
}

double clv_buys(clv_kind kind, const double p[4], double x, double t, double T, double time) {
    assert(kind != CLV_PARETONBD);
    return clv_alive(kind, p, x, t, T) * -expm1(-(p[0] + x) * log1p(time / (p[1] + T)));
}

bool clv_lost(const clv_model *m, double x, double t, double T) {
    const double *p = m->fit.p;
    if (clv_alive(m->kind, p, x, t, T) < 0.3) return true;
    return T - t > (p[1] + t) * expm1(-log(0.05) / (p[0] + x));
}

typedef struct asked {
    clv_kind kind;
    const patterns *c;
    pool *threads;
    arena scratch;
} asked;

static double at(void *what, const double *p, double *g) {
    const asked *a = what;
    return clv_likelihood(a->kind, a->c, p, g, a->threads, a->scratch);
}

/* Times in units of the longest one. */
static likelihood problem(asked *a, double ridge, double longest) {
    bool two = a->kind == CLV_PARETONBD;
    return (likelihood){.n = 4, .what = a, .at = at, .observations = (double)a->c->rows,
                        .ridge = ridge, .unit = {1, longest, 1, two ? longest : 1}};
}

bool clv_fit(clv_model *m, const patterns *c, clv_params p, pool *threads, arena scratch, err *e) {
    static const double starts[][LIKELIHOOD_MOST] = {
        {1, 3, 1, 3}, {0.25, 0.1, 0.8, 2.5}, {0.5, 0.3, 0.5, 0.5}, {3, 1, 0.1, 3}};
    const char *why = clv_check(p);
    if (why) return refuse(e, "%s", why);
    if (c->rows == 0) return refuse(e, "there are no customers");
    if (c->total_x == 0)
        return refuse(e, "none of %lld customers bought on a second day: nothing can be learnt of "
                         "how often they come back", (long long)c->rows);
    patterns thin = patterns_thin(c, p.sample, &scratch);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    asked a = {p.kind, &thin, threads, inner};
    likelihood f = problem(&a, p.ridge, c->longest);
    f.starts = starts;
    f.n_starts = (int)(sizeof starts / sizeof *starts);
    *m = (clv_model){p.kind, likelihood_maximise(&f, scratch)};
    if (thin.n == c->n) return true;
    int evaluations = m->fit.evaluations;
    double found[1][LIKELIHOOD_MOST];
    for (int i = 0; i < 4; i++) found[0][i] = m->fit.p[i] / f.unit[i];
    a.c = c;
    f.observations = (double)c->rows;
    f.starts = (const double(*)[LIKELIHOOD_MOST])found;
    f.n_starts = 1;
    m->fit = likelihood_maximise(&f, scratch);
    m->fit.evaluations += evaluations;
    return true;
}

double clv_tracked(const clv_model *m, const patterns *c, double time) {
    double sum = 0;
    for (int32_t i = 0; i < c->n_T; i++)
        if (c->at_T[i] + time > 0)
            sum += c->of_T[i] * clv_expected(m->kind, m->fit.p, c->at_T[i] + time);
    return sum;
}

static void add(clv_group *g, double actual, double expected) {
    g->customers++;
    g->actual += actual;
    g->expected += expected;
}

clv_exam clv_examine(const clv_model *m, const patterns *c, const double *later, double time,
                     arena scratch) {
    clv_exam out = {0};
    double *expected = take_raw(&scratch, double, c->rows), gap = 0;
    int32_t *order = order_count(c->rows, &scratch);
    for (int64_t i = 0; i < c->n; i++) {
        double x = c->at_x[c->x[i]], t = c->at_t[c->t[i]], T = c->at_T[c->T[i]];
        double y = clv_alive(m->kind, m->fit.p, x, t, T) *
                   clv_ahead(m->kind, m->fit.p, x, T, time);
        clv_group *bin = &out.bins[x < CLV_BINS - 1 ? (int)x : CLV_BINS - 1];
        for (int64_t k = c->first[i]; k < c->first[i + 1]; k++) {
            int32_t row = c->row[k];
            expected[row] = y;
            add(bin, later[row], y);
            add(&out.all, later[row], y);
            gap += fabs(later[row] - y);
        }
    }
    order_down(order, c->rows, expected, scratch);
    for (int64_t k = 0; k < c->rows; k++) {
        int64_t tenth = k * CLV_TENTHS / c->rows;
        add(&out.tenths[tenth], later[order[k]], expected[order[k]]);
    }
    double actual = out.all.actual, wanted = out.all.expected, before = c->total_x;
    out.error = actual > 0 ? wanted / actual - 1 : wanted > 0 ? INFINITY : 0;
    out.tracked = clv_tracked(m, c, time);
    out.cumulative_error = before + actual > 0 ? out.tracked / (before + actual) - 1 : 0;
    out.capture = actual > 0 ? out.tenths[0].actual / actual : 0;
    out.mae = c->rows ? gap / (double)c->rows : 0;
    return out;
}
