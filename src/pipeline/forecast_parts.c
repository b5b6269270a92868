/* forecast_parts: what each series of a panel is made of and what is odd in it, by detect.h. */
#include "pipeline/forecast_parts.h"

#include <math.h>
#include <string.h>

#include "models/forecast/anomalies.h"
#include "models/forecast/detect.h"

enum { LEAST_WEEKS = 26, MOST_LISTED = 20 };
#define LEAST_STRENGTH 0.3 /* as in seasonality.h */

typedef struct one {
    detect_result d; /* arrays of keep: trend, season, remainder and score [weeks], breaks */
    double *season;  /* [weeks] sum of all seasons */
} one;

typedef struct job {
    const forecast_panel *p;
    one *to;
} job;

static bool has_year(const detect_result *d) {
    for (int k = 0; k < d->seasons; k++)
        if (d->season[k].period == FORECAST_SEASON) return true;
    return false;
}

static double squares(const double *x, int n) {
    double sum = 0;
    for (int t = 0; t < n; t++) sum += x[t] * x[t];
    return sum;
}

/* Two years are too few for a test of their correlation: the smooth yearly factors f are tried.
 * y / f = T + s + r makes the season f (T + s) - T and the remainder f r; true when that season has
 * a strength of 0.3 or more and less is left than `rest`, the squares of the remainder without it:
 * d is then of it, `season` the sum of all seasons. */
static bool try_year(const double *y, const double *f, int n, double rest, detect_result *d,
                     double *season, arena *keep, arena scratch) {
    double *even = take(&scratch, double, n), high = -INFINITY, low = INFINITY;
    for (int t = 0; t < n; t++) even[t] = y[t] / f[t];
    detect_series(d, even, n, NULL, 0, keep, scratch);
    int last = d->seasons < SEASONALITY_MOST ? d->seasons : SEASONALITY_MOST - 1;
    seasonality_one year = {.period = FORECAST_SEASON};
    for (int t = 0; t < n; t++) {
        season[t] = y[t] - d->parts.trend[t] - f[t] * d->parts.remainder[t];
        d->parts.remainder[t] *= f[t];
        if (t < n - FORECAST_SEASON) continue;
        if (f[t] > f[year.peak] || t == n - FORECAST_SEASON) year.peak = t;
        if (f[t] < f[year.trough] || t == n - FORECAST_SEASON) year.trough = t;
        high = fmax(high, season[t]), low = fmin(low, season[t]);
    }
    year.amplitude = high - low;
    year.strength = stl_strength(season, d->parts.remainder, n);
    d->season[last] = year, d->seasons = last + 1;
    return year.strength >= LEAST_STRENGTH && squares(d->parts.remainder, n) < rest;
}

static void look(void *what, int64_t i, arena scratch) {
    const job *j = what;
    const forecast_panel *p = j->p;
    static const int candidates[] = {FORECAST_SEASON};
    int n = p->weeks[i];
    one *to = &j->to[i];
    detect_result d, year;
    if (!to->season) return;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    detect_series(&d, p->y[i], n, candidates, 1, &keep, scratch);
    double rest = squares(d.parts.remainder, n);
    bool by_factors = !has_year(&d) && p->factor[i] && n >= FORECAST_SEASON_NEEDS &&
                      try_year(p->y[i], p->factor[i], n, rest, &year, to->season, &keep, scratch);
    if (by_factors) d = year;
    size_t bytes = sizeof(double) * (size_t)n;
    memcpy(to->d.parts.trend, d.parts.trend, bytes);
    memcpy(to->d.parts.remainder, d.parts.remainder, bytes);
    memcpy(to->d.score, d.score, bytes);
    for (int t = 0; t < n && !by_factors; t++) {
        to->season[t] = 0;
        for (int k = 0; k < d.parts.seasons; k++) to->season[t] += d.parts.season[k][t];
    }
    breaks_one *room = to->d.breaks.one;
    for (int k = 0; k < d.breaks.n; k++) room[k] = d.breaks.one[k];
    d.parts.trend = to->d.parts.trend, d.parts.remainder = to->d.parts.remainder;
    d.score = to->d.score, d.breaks.one = room;
    to->d = d;
}

/* ---- in words ---- */

static const char *month_of(const forecast_panel *p, int i, int t, arena *keep) {
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    const char *day = day_text(keep, p->origin - 7 * (p->weeks[i] - t) + 3); /* mid-week */
    return months[(day[5] - '0') * 10 + day[6] - '0' - 1];
}

static const char *say_season(const forecast_panel *p, int i, const seasonality_one *s,
                              arena *keep) {
    if (s->period == FORECAST_SEASON)
        return arena_text(keep, "Sales have a season of a year: highest in %s, lowest in %s "
                          "(strength %.2f).", month_of(p, i, s->peak, keep),
                          month_of(p, i, s->trough, keep), s->strength);
    return arena_text(keep, "Sales go up and down every %d weeks (strength %.2f).", s->period,
                      s->strength);
}

static const char *say_trend(const kendall_result *k, arena *keep) {
    if (k->p >= 0.05) return "Without it there is no trend beyond chance.";
    return arena_text(keep, "They %s by %.2g units a week (95 %% interval %.2g to %.2g).",
                      k->slope > 0 ? "rise" : "fall", fabs(k->slope),
                      fmin(fabs(k->low), fabs(k->high)), fmax(fabs(k->low), fabs(k->high)));
}

static const char *units_text(double x, arena *keep) {
    return arena_text(keep, x < 99.5 ? "%.1f" : "%.0f", fmax(x, 0));
}

static slice sentence_of(const forecast_panel *p, int i, const detect_result *d, arena *keep) {
    const char *said = d->seasons ? say_season(p, i, &d->season[d->seasons - 1], keep)
                                  : "Sales show no season.";
    const char *trend = d->seasons || d->trend.p < 0.05 ? say_trend(&d->trend, keep)
                                                        : "They show no trend beyond chance.";
    said = arena_text(keep, "%s %s", said, trend);
    if (d->breaks.n > 0) {
        const breaks_one *b = &d->breaks.one[d->breaks.n - 1];
        const char *day = day_text(keep, p->origin - 7 * (p->weeks[i] - b->at));
        said = arena_text(keep, "%s %s in the week of %s: %s a week before, %s after.", said,
                          d->breaks.n > 1 ? "They broke last" : "They broke", day,
                          units_text(b->before, keep), units_text(b->after, keep));
    }
    if (d->anomalies == 0) return slice_of(said);
    return slice_of(arena_text(keep, "%s %d odd week%s.", said, d->anomalies,
                               d->anomalies > 1 ? "s" : ""));
}

/* ---- as JSON ---- */

static void put_week(js *j, const char *key, const forecast_panel *p, int i, int t, arena keep) {
    js_put_word(j, key, day_text(&keep, p->origin - 7 * (p->weeks[i] - t)));
}

static void put_found(js *j, const forecast_panel *p, int i, const detect_result *d, arena keep) {
    const kendall_result *k = &d->trend;
    js_array(j, "seasons");
    for (int n = 0; n < d->seasons; n++) {
        js_object(j, NULL);
        js_put_int(j, "weeks", d->season[n].period);
        js_put_fixed(j, "strength", d->season[n].strength, 3);
        js_put_fixed(j, "amplitude", d->season[n].amplitude, 2);
        put_week(j, "peak", p, i, d->season[n].peak, keep);
        put_week(j, "trough", p, i, d->season[n].trough, keep);
        js_end(j);
    }
    js_end(j);
    js_object(j, "trend");
    js_put_word(j, "direction", k->p >= 0.05 ? "none" : k->z > 0 ? "rising" : "falling");
    js_put_fixed(j, "slope", k->slope, 4);
    js_put_fixed(j, "low", k->low, 4);
    js_put_fixed(j, "high", k->high, 4);
    js_put_fixed(j, "p", k->p, 6);
    js_put_fixed(j, "strength", d->trend_strength, 3);
    js_end(j);
    js_array(j, "breaks");
    for (int n = 0; n < d->breaks.n; n++) {
        js_object(j, NULL);
        put_week(j, "week", p, i, d->breaks.one[n].at, keep);
        js_put_fixed(j, "before", d->breaks.one[n].before, 2);
        js_put_fixed(j, "after", d->breaks.one[n].after, 2);
        js_end(j);
    }
    js_end(j);
    js_array(j, "anomalies");
    for (int t = p->weeks[i] - 1, n = 0; t >= 0 && n < MOST_LISTED; t--) {
        if (!(fabs(d->score[t]) > ANOMALIES_LIMIT)) continue;
        js_object(j, NULL);
        put_week(j, "week", p, i, t, keep);
        js_put_fixed(j, "units", p->y[i][t], 1);
        js_put_fixed(j, "expected", p->y[i][t] - d->parts.remainder[t], 1);
        js_put_fixed(j, "score", d->score[t], 1);
        js_end(j);
        n++;
    }
    js_end(j);
}

static void put_part(js *j, const char *key, const double *x, int weeks) {
    int from = weeks > FORECAST_PARTS ? weeks - FORECAST_PARTS : 0;
    js_array(j, key);
    for (int t = from; t < weeks; t++) js_put_fixed(j, NULL, x[t], 2);
    js_end(j);
}

static void put_one(js *j, const forecast_panel *p, int i, const one *x, bool parts, scope *s) {
    js_object(j, NULL);
    js_put_text(j, "sentence", sentence_of(p, i, &x->d, &s->keep));
    js_put_int(j, "weeks", p->weeks[i]);
    put_found(j, p, i, &x->d, s->scratch);
    if (parts) {
        put_part(j, "trend_units", x->d.parts.trend, p->weeks[i]);
        put_part(j, "season_units", x->season, p->weeks[i]);
        put_part(j, "remainder_units", x->d.parts.remainder, p->weeks[i]);
    }
    js_end(j);
}

void forecast_parts(const work *w, const forecast_panel *p, bool parts, scope *s, slice *out) {
    job j = {.p = p, .to = take(&s->keep, one, p->full)};
    for (int i = 0; i < p->full; i++) {
        one *to = &j.to[i];
        int n = p->weeks[i];
        if (n < LEAST_WEEKS) continue;
        double **all[] = {&to->season, &to->d.parts.trend, &to->d.parts.remainder, &to->d.score};
        for (int k = 0; k < 4; k++) *all[k] = take(&s->keep, double, n);
        to->d.breaks.one = take(&s->keep, breaks_one, n / 3 + 1);
    }
    pool_for(w->threads, p->full, look, &j);
    js *all = take(&s->keep, js, 1); /* its text is freed with s */
    js_open(all, s);
    js_array(all, NULL);
    size_t *end = take(&s->keep, size_t, p->n + 1); /* of each object; the text moves as it grows */
    end[0] = text_slice(&all->out).n;
    for (int i = 0; i < p->n; i++) {
        if (i < p->full && j.to[i].season) put_one(all, p, i, &j.to[i], parts, s);
        end[i + 1] = text_slice(&all->out).n;
    }
    js_end(all);
    const char *bytes = text_slice(&all->out).p;
    for (int i = 0; i < p->n; i++) {
        size_t from = end[i];
        while (from < end[i + 1] && bytes[from] != '{') from++; /* what stands between objects */
        out[i] = (slice){bytes + from, end[i + 1] - from};
    }
}
