/* forecast_by_part: errors of forecasts by week ahead, class of articles and category. */
#include "pipeline/forecast_by_part.h"

#include <math.h>

#include "pipeline/evaluation_parts.h"

enum { RECENT = 26, LEAST = 5 }; /* articles of a category that is shown */

typedef struct desk {
    const work *w;
    const forecast_panel *p;
    const forecast_errors *of;
    int n;
    uint8_t *in; /* [full] 1 = this series counts */
    scope *s;
    js *report;
} desk;

/* A row for each model, over the series that count and the weeks [from, to). */
static void put_part(const desk *d, const char *by, const char *of, int from, int to) {
    const forecast_panel *p = d->p;
    for (int m = 0; m < d->n; m++) {
        arena scratch = d->s->scratch;
        double *off = take(&scratch, double, p->full), *units = take(&scratch, double, p->full);
        int64_t n = 0;
        for (int i = 0; i < p->full; i++) {
            if (!d->in[i]) continue;
            for (int h = from; h < to; h++) {
                off[n] += d->of[m].off[i * p->horizon + h];
                units[n] += fabs(p->actual[i * p->horizon + h]);
            }
            n++;
        }
        metrics_interval x = metrics_bootstrap_ratio(off, units, n, d->w->seed, METRICS_RESAMPLES,
                                                     scratch);
        x.n = n;
        evaluation_part_put(d->report, (evaluation_part){by, of, d->of[m].model, "wape"}, x);
    }
}

static double recent_of(const forecast_panel *p, int i) {
    double sum = 0;
    for (int k = 1; k <= RECENT && k <= p->weeks[i]; k++) sum += p->y[i][p->weeks[i] - k];
    return sum;
}

/* Articles stand by units of these weeks, the most first; one that crosses a line is above it. */
static void put_classes(const desk *d, int upper) {
    static const char *const names[] = {"A", "B", "C"};
    static const double until[] = {0.8, 0.95, INFINITY};
    const forecast_panel *p = d->p;
    double all = 0, sum = 0;
    for (int i = upper; i < p->full; i++) all += recent_of(p, i);
    for (int c = 0, i = upper; c < 3; c++) {
        int count = 0;
        for (int k = 0; k < p->full; k++) d->in[k] = 0;
        for (; i < p->full && sum < until[c] * all; i++, count++) {
            d->in[i] = 1;
            sum += recent_of(p, i);
        }
        if (count > 0) put_part(d, "class of articles", names[c], 0, p->horizon);
    }
}

static void put_categories(const desk *d, int upper) {
    const forecast_panel *p = d->p;
    for (int c = 0; c < upper; c++) {
        int count = 0;
        for (int i = 0; i < p->full; i++) {
            d->in[i] = i >= upper && p->parent[i] == c;
            count += d->in[i];
        }
        const char *name = arena_text(&d->s->keep, "%.*s", (int)p->series[c].n, p->series[c].p);
        if (count >= LEAST) put_part(d, "articles of", name, 0, p->horizon);
    }
}

void forecast_put_parts(const work *w, const forecast_panel *p, const forecast_errors *of, int n,
                        scope *s, js *report) {
    desk d = {w, p, of, n, take(&s->keep, uint8_t, p->full), s, report};
    int upper = forecast_panel_upper(p);
    js_array(report, "parts");
    for (int i = 0; i < p->full; i++) d.in[i] = 1;
    for (int h = 0; h < p->horizon; h++)
        put_part(&d, "week ahead", arena_text(&s->keep, "%d", h + 1), h, h + 1);
    put_classes(&d, upper);
    put_categories(&d, upper);
    js_end(report);
}
