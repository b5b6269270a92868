/* forecast_global: what a model of all series says of a shop's panel, and its part in a mix. */
#include <math.h>
#include <string.h>

#include "models/forecast/demand.h"
#include "models/forecast/global.h"
#include "pipeline/forecast_panel.h"

/* Series to learn from; rows of a fit; weeks of a shop that has a season (its one and a bit). */
enum { LEAST = 8, ROWS = 20000, TREES = 100, SEASON_FROM = 65 };
#define NORMAL_FROM 1000 /* units from which a negative binomial is a normal one */

typedef struct part {
    const forecast_panel *p;
    global_panel g;
    int *index; /* [g.n] of the panel */
    forecast_global *to;
    bool articles; /* and not the others, of which it learns as well: they know the season */
} part;

static part part_of(const forecast_panel *p, bool articles, forecast_global *to, arena *keep) {
    global_series *one = take(keep, global_series, p->rest);
    int *group = take(keep, int, p->rest);
    part a = {.p = p, .index = take(keep, int, p->rest), .to = to,
              .articles = articles};
    a.g = (global_panel){.one = one, .attributes = 1, .places = p->weeks_known + p->horizon};
    for (int i = 0; i < p->rest; i++) {
        if (forecast_level(p, i) == 2 && !articles) continue;
        group[a.g.n] = forecast_level(p, i) == 2 && p->parent[i] >= 0 ? p->parent[i] : i;
        one[a.g.n] = (global_series){.n = p->weeks[i], .start = p->weeks_known - p->weeks[i],
                                     .y = p->y[i], .attribute = &group[a.g.n]};
        a.index[a.g.n++] = i;
    }
    return a;
}

/* Bounds of a count of mean and variance; a mean is always held. */
static void put_bounds(double mean, double variance, double level, double *low, double *high) {
    double q = 0.5 + level / 2;
    if (mean > NORMAL_FROM) {
        double half = normal_quantile(q) * sqrt(fmax(variance, mean));
        *low = fmax(mean - half, 0), *high = mean + half;
        return;
    }
    demand d = demand_of(mean, fmax(variance, mean));
    *low = fmin((double)demand_quantile(&d, 1 - q), mean);
    *high = fmax((double)demand_quantile(&d, q), mean);
}

/* Means, held to 0 (in weeks when more came back than was sold units are below it) and to 3 times
 * the most ever sold, like those of every model; and bounds. */
static void put_series(const part *a, const global_model *m, int k, const double *mean,
                       const global_shape *shape) {
    const global_series *one = &a->g.one[k];
    int h = a->p->horizon;
    double most = 0, scale = global_scale(shape, one, one->n);
    for (int t = 0; t < one->n; t++) most = fmax(most, one->y[t]);
    unsigned *guards = &a->to->guards[a->index[k]];
    for (int t = 0; t < h; t++) {
        int64_t at = (int64_t)a->index[k] * h + t;
        *guards |= (mean[t] < 0 ? GUARD(GUARD_BELOW_ZERO) : 0) |
                   (mean[t] > 3 * most ? GUARD(GUARD_CAPPED) : 0);
        double x = a->to->mean[at] = fmin(fmax(mean[t], 0), 3 * most);
        double variance = global_variance(m, scale, x);
        put_bounds(x, variance, 0.80, &a->to->low[at], &a->to->high[at]);
        put_bounds(x, variance, 0.95, &a->to->low95[at], &a->to->high95[at]);
    }
}

static bool fit_part(const work *w, const part *a, arena scratch, err *e) {
    int h = a->p->horizon, n = a->g.n;
    if (n < LEAST) return refuse(e, "%d series are too few for a model of all of them", n);
    global_params q = GLOBAL_DEFAULTS;
    q.steps = h, q.rows = ROWS, q.trees = TREES, q.seed = seed_for(w->seed, "forecast");
    q.season[0] = a->p->weeks_known >= SEASON_FROM ? FORECAST_SEASON : 0;
    global_model m;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 4);
    if (!global_fit(&m, &a->g, q, w->threads, &keep, scratch, e)) return false;
    band *b = take(&keep, band, n);
    double *mean = take(&keep, double, (int64_t)n *h);
    for (int i = 0; i < n; i++) b[i] = (band){.steps = h, .mean = mean + (int64_t)i * h};
    global_forecast(&m, &a->g, b, w->threads, scratch);
    global_shape shape = global_shape_of(&a->g, q, m.pooled);
    for (int i = 0; i < n; i++)
        if (!a->articles || forecast_level(a->p, a->index[i]) == 2)
            put_series(a, &m, i, b[i].mean, &shape);
    return true;
}

bool forecast_global_fit(const work *w, const forecast_panel *p, const double *share, arena *keep,
                         forecast_global *to, err *e) {
    int64_t cells = (int64_t)p->rest * p->horizon;
    double **all[] = {&to->mean, &to->low, &to->high, &to->low95, &to->high95};
    for (int k = 0; k < 5; k++) *all[k] = take(keep, double, cells);
    to->guards = take(keep, unsigned, p->rest);
    for (int64_t k = 0; k < cells; k++) to->mean[k] = NAN;
    for (int articles = 0; articles < 2; articles++) {
        err why = {0};
        arena scratch = *keep; /* forgotten after it */
        if (articles ? share[2] <= 0 : share[0] <= 0 && share[1] <= 0) continue;
        part a = part_of(p, articles == 1, to, &scratch);
        if (!fit_part(w, &a, scratch, &why) && !e->text[0]) *e = why;
    }
    return !e->text[0];
}

bool forecast_global_keep(const work *w, forecast_panel *p, const double *share, arena *keep,
                          err *e) {
    forecast_global *to = take(keep, forecast_global, 1);
    bool whole = forecast_global_fit(w, p, share, keep, to, e);
    p->global = to;
    return whole;
}

int forecast_level(const forecast_panel *p, int i) {
    return slice_is(p->level[i], "total") ? 0 : slice_is(p->level[i], "article") ? 2 : 1;
}

void forecast_mix(const forecast_panel *p, const forecast_global *g, const double *share,
                  forecast_result *r) {
    double *to[] = {r->mean, r->low, r->high, r->low95, r->high95};
    const double *from[] = {g->mean, g->low, g->high, g->low95, g->high95};
    for (int i = 0; i < p->rest; i++)
        for (int h = 0; h < p->horizon; h++) {
            int64_t at = (int64_t)i * p->horizon + h;
            double s = share[forecast_level(p, i)];
            if (s == 0 || isnan(g->mean[at])) continue;
            if (g->guards) r->told[i].guards |= g->guards[i];
            for (int k = 0; k < 5; k++) to[k][at] += s * (from[k][at] - to[k][at]);
            r->low[at] = forecast_whole(r->low[at]), r->low95[at] = forecast_whole(r->low95[at]);
        }
}
