/* series_global: the series of a table as one panel, forecast by one model of all of them. */
#include "surfaces/series_global.h"

#include <math.h>
#include <string.h>

enum { LEAST = 2, SHOWN = 10, MOST_PLACES = 10000000 };

#define DAY 86400e6

/* Steps from the first time of the table to the last value of a series. */
static double place_of(const series_table *t, const series_one *one, double first) {
    double last = one->at[one->n - 1];
    if (t->clock == SERIES_ROWS) return one->n - 1;
    return one->months ? round((last - first) / (30.436875 * DAY * one->months))
                       : round((last - first) / one->apart);
}

/* The values of the series that have enough of them, on one clock; place: time of place 0. */
static bool build(const series_global *g, global_panel *p, int *index, double *first, scope *s,
                  err *e) {
    const series_table *t = g->t;
    global_series *one = take(&s->keep, global_series, t->n);
    double low = 0, high = 0;
    *first = INFINITY;
    for (int i = 0; i < t->n; i++) *first = fmin(*first, t->one[i].at[0]);
    for (int i = 0; i < t->n; i++) {
        int n = t->one[i].n - g->held;
        if (n < LEAST) continue;
        double start = place_of(t, &t->one[i], *first) - (t->one[i].n - 1);
        low = fmin(low, start), high = fmax(high, start + n + g->steps);
    }
    if (high - low > MOST_PLACES)
        return refuse(e, "from the first time to the last there are over %d steps of one series; "
                         "see that all series have the same spacing", MOST_PLACES);
    int regressors = g->calendar ? calendar_count(g->calendar) : 0;
    for (int i = 0; i < t->n; i++) {
        int n = t->one[i].n - g->held;
        if (n < LEAST) continue;
        double start = place_of(t, &t->one[i], *first) - (t->one[i].n - 1) - low;
        double **x = take(&s->keep, double *, regressors);
        if (regressors && !calendar_columns(g->calendar, i, n, g->steps, x, &s->keep, e))
            return series_named(&t->one[i], e);
        index[p->n] = i;
        one[p->n++] = (global_series){.n = n, .start = (int)start, .y = t->one[i].y, .x = x};
    }
    *first += p->n ? low * t->one[index[0]].apart : 0;
    p->one = one, p->places = (int)(high - low), p->regressors = regressors;
    return true;
}

/* Columns of the date of each place, where the steps of the table are days or less than months. */
static void add_dates(const series_global *g, const series_one *one, global_panel *p, double first,
                      arena *keep) {
    if (g->t->clock != SERIES_TIMES || one->months) return;
    bool days = one->apart <= DAY;
    double **to = take(keep, double *, 3);
    p->calendar = to, p->calendars = days ? 3 : 1;
    for (int k = 0; k < p->calendars; k++) to[k] = take(keep, double, p->places);
    for (int k = 0; k < p->places; k++) {
        int year, month, of_month;
        int32_t day = (int32_t)floor((first + k * one->apart) / DAY);
        day_split(day, &year, &month, &of_month);
        to[0][k] = month;
        if (days) to[1][k] = of_month, to[2][k] = ((day + 3) % 7 + 7) % 7;
    }
}

/* What was asked for; or the usual lengths: of dates all that a series holds, of other clocks those
 * that the sum of all series shows. */
static void set_seasons(const series_global *g, const series_one *one, const global_panel *p,
                        int *to, scope *s) {
    if (g->season[0]) {
        memcpy(to, g->season, sizeof *to * GLOBAL_SEASONS);
        return;
    }
    int usual, n = 0, longest = 0;
    const int *length = series_usual(g->t, one, &usual);
    arena scratch = s->scratch;
    double *sum = global_pool(p, &scratch);
    for (int i = 0; i < p->n; i++) longest = longest > p->one[i].n ? longest : p->one[i].n;
    for (int k = 0; k < usual && n < GLOBAL_SEASONS; k++) {
        bool seen = g->t->clock == SERIES_TIMES
                        ? longest > length[k] + g->steps
                        : forecaster_season(sum, p->places - g->steps, length + k, 1, scratch) > 1;
        if (seen) to[n++] = length[k];
    }
}

bool series_global_run(series_global *g, pool *threads, scope *s, band *to, err *e) {
    global_panel p = {0};
    double first;
    int *index = take(&s->keep, int, g->t->n);
    if (!build(g, &p, index, &first, s, e)) return false;
    if (p.n == 0) return true;
    add_dates(g, &g->t->one[index[0]], &p, first, &s->keep);
    g->used = GLOBAL_DEFAULTS;
    g->used.steps = g->steps, g->used.seed = g->seed;
    g->used.levels = g->levels, g->used.n_levels = g->n_levels;
    set_seasons(g, &g->t->one[index[0]], &p, g->used.season, s);
    if (!global_fit(&g->model, &p, g->used, threads, &s->keep, s->scratch, e)) return false;
    band *out = take(&s->keep, band, p.n);
    for (int i = 0; i < p.n; i++) out[i] = to[index[i]];
    global_forecast(&g->model, &p, out, threads, s->scratch);
    return true;
}

void series_global_put(const series_global *g, js *out, arena scratch) {
    const global_model *m = &g->model;
    bool *shown = take(&scratch, bool, m->cols);
    double all = 0;
    js_object(out, "global");
    js_put_int(out, "rows", m->rows);
    js_put_int(out, "trees", m->trees);
    js_put_word(out, "loss", m->positive ? "tweedie" : "l2");
    js_array(out, "seasons");
    for (int k = 0; k < GLOBAL_SEASONS; k++)
        if (g->used.season[k] > 1) js_put_int(out, NULL, g->used.season[k]);
    js_end(out);
    js_array(out, "columns");
    for (int c = 0; c < m->cols; c++) all += m->mean.gain[c];
    for (int k = 0; k < SHOWN && k < m->cols; k++) {
        int best = -1;
        for (int c = 0; c < m->cols; c++)
            if (!shown[c] && (best < 0 || m->mean.gain[c] > m->mean.gain[best])) best = c;
        shown[best] = true;
        if (m->mean.gain[best] <= 0) break;
        js_object(out, NULL);
        js_put_word(out, "column", m->column[best]);
        js_put_fixed(out, "share", m->mean.gain[best] / all, 4);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}
