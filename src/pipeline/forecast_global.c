/* forecast_global: what one model of all series says of a shop's panel, mixed with the local ones. */
#include <math.h>
#include <string.h>

#include "models/forecast/global.h"
#include "pipeline/forecast_panel.h"

/* Series to learn from; rows of a fit; weeks of a shop that has a season (its one and a bit). */
enum { LEAST = 8, ROWS = 60000, TREES = 200, SEASON_FROM = 65 };

static bool is_level(const forecast_panel *p, int i, bool articles) {
    return slice_is(p->level[i], "article") == articles;
}

/* One fit for the series of the total and the categories, or for the articles: means to `to`. */
static bool fit_part(const work *w, const forecast_panel *p, bool articles, double *to,
                     arena scratch, err *e) {
    global_series *one = take(&scratch, global_series, p->rest);
    int *index = take(&scratch, int, p->rest), *group = take(&scratch, int, p->rest);
    global_panel g = {.one = one, .attributes = 1, .places = p->weeks_known + p->horizon};
    for (int i = 0; i < p->rest; i++) {
        if (!is_level(p, i, articles)) continue;
        group[g.n] = articles && p->parent[i] >= 0 ? p->parent[i] : i;
        one[g.n] = (global_series){.n = p->weeks[i], .start = p->weeks_known - p->weeks[i],
                                   .y = p->y[i], .attribute = &group[g.n]};
        index[g.n++] = i;
    }
    if (g.n < LEAST)
        return refuse(e, "%d series are too few for a model of all of them", g.n);
    global_params q = GLOBAL_DEFAULTS;
    q.steps = p->horizon, q.rows = ROWS, q.trees = TREES;
    q.season[0] = p->weeks_known >= SEASON_FROM ? FORECAST_SEASON : 0;
    q.seed = seed_for(w->seed, "forecast");
    global_model m;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 4);
    if (!global_fit(&m, &g, q, w->threads, &keep, scratch, e)) return false;
    band *b = take(&keep, band, g.n);
    for (int i = 0; i < g.n; i++)
        b[i] = (band){.steps = p->horizon, .mean = to + (int64_t)index[i] * p->horizon};
    global_forecast(&m, &g, b, w->threads, scratch);
    for (int i = 0; i < g.n; i++) { /* the guard of every model: nothing above 3 times the most */
        double most = 0;
        for (int t = 0; t < one[i].n; t++) most = fmax(most, one[i].y[t]);
        for (int h = 0; h < p->horizon; h++) b[i].mean[h] = fmin(b[i].mean[h], 3 * most);
    }
    return true;
}

static bool part_wanted(const double *share, bool articles) {
    return articles ? share[2] > 0 : share[0] > 0 || share[1] > 0;
}

bool forecast_global_means(const work *w, const forecast_panel *p, const double *share, double *to,
                           arena scratch, err *e) {
    for (int64_t k = 0; k < (int64_t)p->rest * p->horizon; k++) to[k] = NAN;
    for (int part = 0; part < 2; part++) {
        err why = {0};
        bool wanted = part_wanted(share, part == 1);
        if (!wanted || fit_part(w, p, part == 1, to, scratch, &why)) continue;
        if (!e->text[0]) *e = why;
    }
    return !e->text[0];
}

int forecast_level(const forecast_panel *p, int i) {
    return slice_is(p->level[i], "total") ? 0 : slice_is(p->level[i], "article") ? 2 : 1;
}

void forecast_mix(const forecast_panel *p, const double *means, const double *share,
                  forecast_result *r) {
    for (int i = 0; i < p->rest; i++) {
        double part = share[forecast_level(p, i)];
        for (int h = 0; h < p->horizon; h++) {
            int64_t at = (int64_t)i * p->horizon + h;
            if (part == 0 || isnan(means[at])) continue;
            double move = part * (means[at] - r->mean[at]);
            double *all[] = {&r->mean[at], &r->low[at], &r->high[at], &r->low95[at],
                             &r->high95[at]};
            for (int k = 0; k < 5; k++) *all[k] = fmax(*all[k] + move, 0);
        }
    }
}
