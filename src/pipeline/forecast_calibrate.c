/* forecast_calibrate: intervals and risks of forecasts, held against what earlier ones met. */
#include <math.h>
#include <string.h>

#include "pipeline/forecast_panel.h"

#define LEAST_RATIO 0.1
#define MOST_RATIO  10.0
enum { HISTORY_LEAST = 8, SUMS_LEAST = 20 }; /* weeks before an origin; sums behind a ratio */

int forecast_kind(const forecast_panel *p, int i) {
    return i < forecast_panel_upper(p) ? 0 : i < p->full ? 1 : 2;
}

typedef struct past {
    int n;
    forecast_panel panel[FORECAST_ORIGINS]; /* the latest first */
    forecast_result result[FORECAST_ORIGINS];
} past;

static bool forecast_past(const work *w, int32_t origin, int horizon, forecast_policy policy,
                          arena *keep, past *out, err *e) {
    out->n = 0;
    for (int o = 1; o <= FORECAST_ORIGINS; o++) {
        int32_t day = origin - 7 * horizon * o;
        forecast_panel *p = &out->panel[o - 1];
        if (forecast_horizon(w->days.first, day) < HISTORY_LEAST) break;
        if (!forecast_panel_load(w, day, horizon, keep, p, e)) return false;
        if (p->n == 0) break;
        forecast_panel_run(w, p, policy, keep, &out->result[o - 1]);
        out->n++;
    }
    return true;
}

static int64_t scores_of(const past *t, int level, conformal_score *to) {
    int64_t n = 0;
    for (int o = 0; o < t->n; o++) {
        const forecast_panel *p = &t->panel[o];
        const forecast_result *r = &t->result[o];
        const double *low = level ? r->low95 : r->low, *high = level ? r->high95 : r->high;
        for (int64_t at = 0; at < (int64_t)p->rest * p->horizon; at++)
            to[n++] = (conformal_score){
                forecast_kind(p, (int)(at / p->horizon)), (int)(at % p->horizon),
                conformal_score_of(p->actual[at], r->mean[at], low[at], high[at]), 1};
    }
    return n;
}

/* Squared errors of the sums over weeks 0 … k against their variances, Poisson's at least: the
 * mean over all sums, so that articles that sell much do not speak for the others; one sum counts
 * for 25 at most. */
static void fit_ratios(const past *t, int horizon, double *ratio, arena scratch) {
    int cells = FORECAST_KINDS * horizon;
    double *met = take(&scratch, double, cells);
    int *n = take(&scratch, int, FORECAST_KINDS);
    for (int o = 0; o < t->n; o++) {
        const forecast_panel *p = &t->panel[o];
        for (int i = 0; i < p->rest; i++) {
            int kind = forecast_kind(p, i);
            double off = 0, mean = 0;
            n[kind]++;
            for (int h = 0; h < horizon; h++) {
                int64_t at = (int64_t)i * horizon + h;
                double sd = t->result[o].sum_sd[at];
                mean += t->result[o].mean[at];
                off += p->actual[at] - t->result[o].mean[at];
                met[kind * horizon + h] += fmin(off * off / fmax(sd * sd, fmax(mean, 0.1)), 25);
            }
        }
    }
    for (int i = 0; i < cells; i++)
        ratio[i] = n[i / horizon] < SUMS_LEAST
                       ? 1
                       : fmin(fmax(met[i] / n[i / horizon], LEAST_RATIO), MOST_RATIO);
}

static int find_article(const forecast_panel *p, slice id) {
    for (int i = forecast_panel_upper(p); i < p->full; i++)
        if (slice_compare(p->series[i], id) == 0) return i;
    return -1;
}

/* How far each article's forecasts were off, over all origins that knew it. */
static void track(const past *t, int horizon, forecast_factors *out, arena *keep) {
    const forecast_panel *last = &t->panel[0];
    int upper = forecast_panel_upper(last), n = out->articles = last->full - upper;
    if (n <= 0) {
        out->articles = 0;
        return;
    }
    out->article = last->series + upper;
    double **all[] = {&out->expected, &out->sd, &out->sold, &out->bias, &out->wrong};
    for (int i = 0; i < 5; i++) *all[i] = take(keep, double, n);
    out->errors = take(keep, int, n);
    for (int i = 0; i < n; i++) {
        out->sd[i] = t->result[0].sum_sd[(int64_t)(upper + i + 1) * horizon - 1];
        for (int o = 0; o < t->n; o++) {
            int k = o == 0 ? upper + i : find_article(&t->panel[o], out->article[i]);
            for (int h = 0; k >= 0 && h < horizon; h++) {
                int64_t at = (int64_t)k * horizon + h;
                double sold = t->panel[o].actual[at], expected = t->result[o].mean[at];
                out->bias[i] += sold - expected, out->wrong[i] += fabs(sold - expected);
                out->errors[i]++;
                if (o == 0) out->sold[i] += sold, out->expected[i] += expected;
            }
        }
    }
}

bool forecast_factors_fit(const work *w, int32_t origin, int horizon, forecast_policy policy,
                          scope *s, forecast_factors *out, err *e) {
    static const double levels[] = {0.80, 0.95};
    arena *keep = &s->keep;
    past *t = take(keep, past, 1);
    int64_t cells = 0;
    *out = (forecast_factors){.horizon = horizon};
    if (!forecast_past(w, origin, horizon, policy, keep, t, e)) return false;
    out->origins = t->n;
    if (t->n == 0) return true;
    for (int o = 0; o < t->n; o++) cells += (int64_t)t->panel[o].rest * horizon;
    conformal_score *scores = take(keep, conformal_score, cells);
    for (int l = 0; l < 2; l++) {
        int64_t n = scores_of(t, l, scores);
        conformal_fit(&out->level[l], scores, n, levels[l], FORECAST_KINDS, horizon, keep,
                      s->scratch);
    }
    out->ratio = take(keep, double, FORECAST_KINDS * horizon);
    fit_ratios(t, horizon, out->ratio, s->scratch);
    track(t, horizon, out, keep);
    return true;
}

void forecast_factors_apply(const forecast_factors *f, const forecast_panel *p,
                            forecast_result *r) {
    if (f->origins == 0) return;
    for (int i = 0; i < p->n; i++)
        for (int h = 0; h < p->horizon; h++) {
            int64_t at = (int64_t)i * p->horizon + h;
            int cell = forecast_kind(p, i) * f->horizon + (h < f->horizon ? h : f->horizon - 1);
            double mean = r->mean[at], a = f->level[0].factor[cell], b = f->level[1].factor[cell];
            r->low[at] = forecast_whole(mean - a * (mean - r->low[at]));
            r->high[at] = mean + a * (r->high[at] - mean);
            r->low95[at] = fmin(forecast_whole(mean - b * (mean - r->low95[at])), r->low[at]);
            r->high95[at] = fmax(mean + b * (r->high95[at] - mean), r->high[at]);
            r->sum_sd[at] *= sqrt(f->ratio[cell]);
        }
    forecast_totals(p, r);
}
