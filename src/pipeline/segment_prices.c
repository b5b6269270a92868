/* segment_prices: how the purchases of each segment answer to prices. */
#include "pipeline/segment_prices.h"

#include <math.h>

#include "pipeline/price_panel.h"

enum { LEAST_UNITS = 200, LEAST_ARTICLES = 5, LEAST_OF_LEVEL = 10, ROUNDS = 2000 };
static const double WIDE = 1.959963984540054; /* 97.5 % point of the normal distribution */

bool segment_prices_open(columns *panel, work *w, scope *s, err *e) {
    return price_panel_read(panel, w, w->days.end, w->days.first - 7, w->days.end, &s->keep, e);
}

/* Fills y with the units of one segment, whose rows of `sold` begin at *at; both are in the order
 * of article and week. True where they are enough for a fit. */
static bool units_of(double *y, int c, const columns *panel, const columns *sold, int64_t *at) {
    const int32_t *article = columns_i32(panel, "article"), *week = columns_i32(panel, "week"),
                  *own = columns_i32(sold, "segment"), *what = columns_i32(sold, "article"),
                  *when = columns_i32(sold, "week");
    const double *units = columns_real(sold, "units");
    double sum = 0;
    int articles = 0;
    while (*at < sold->rows && own[*at] < c) ++*at;
    for (int64_t i = 0, last = -1; i < panel->rows; i++) {
        int64_t j = *at;
        for (; j < sold->rows && own[j] == c; j++)
            if (what[j] > article[i] || (what[j] == article[i] && when[j] >= week[i])) break;
        *at = j;
        bool there = j < sold->rows && own[j] == c && what[j] == article[i] && when[j] == week[i];
        y[i] = there ? units[j] : 0;
        sum += y[i];
        if (there && article[i] != last) articles++, last = article[i];
    }
    return sum >= LEAST_UNITS && articles >= LEAST_ARTICLES;
}

/* The rows of articles and of category weeks in which the segment bought LEAST_OF_LEVEL units or
 * more, counted among these rows: levels of a unit or two hold the panel together by threads, and
 * their effects do not settle. */
static elasticity_data well_filled(const elasticity_data *d, arena *keep) {
    elasticity_data out = *d;
    bool *in = take(keep, bool, d->n);
    double *y = take(keep, double, d->n), *x = take(keep, double, d->n * d->k);
    int32_t *level[2] = {take(keep, int32_t, d->n), take(keep, int32_t, d->n)};
    int64_t left = d->n;
    for (int64_t i = 0; i < d->n; i++) in[i] = true;
    for (out.n = -1; left != out.n;) {
        out.n = left;
        for (int e = 0; e < 2; e++) {
            double *sum = take(keep, double, d->levels[e]);
            for (int64_t i = 0; i < d->n; i++)
                if (in[i]) sum[d->effect[e][i]] += d->y[i];
            for (int64_t i = 0; i < d->n; i++)
                if (in[i] && sum[d->effect[e][i]] < LEAST_OF_LEVEL) in[i] = false, left--;
        }
    }
    for (int64_t i = 0, at = 0; i < d->n; i++) {
        if (!in[i]) continue;
        y[at] = d->y[i];
        for (int j = 0; j < d->k; j++) x[j * out.n + at] = d->x[j * d->n + i];
        for (int e = 0; e < 2; e++) level[e][at] = d->effect[e][i];
        at++;
    }
    out.y = y, out.x = x;
    out.effect[0] = out.cluster = level[0], out.effect[1] = level[1];
    return out;
}

bool segment_prices_of(segment_price *out, int k, int method, const columns *panel, work *w,
                       scope *s, err *e) {
    columns sold;
    const segment_price none = {(double)NAN, (double)NAN, (double)NAN};
    for (int c = 0; c < k; c++) out[c] = none;
    if (panel->rows == 0) return true;
    if (!db_query(w->d, &s->keep, &sold, e,
                  "SELECT CAST(l.segment AS INTEGER) AS segment, t.article, "
                  "CAST(date_trunc('week', t.day) AS DATE) AS week, "
                  "CAST(sum(t.quantity) AS DOUBLE) AS units FROM transactions t "
                  "JOIN segment_labels l ON l.customer = t.customer WHERE l.method = %d "
                  "AND t.quantity > 0 AND t.day < DATE '%s' GROUP BY ALL ORDER BY ALL", method,
                  day_text(&s->keep, w->days.end)))
        return false;
    elasticity_data d = price_panel_data(panel, -1, true, s);
    elasticity_params p = ELASTICITY_DEFAULTS;
    double *y = take(&s->keep, double, d.n);
    int64_t at = 0;
    p.poisson = true, p.tolerance = 1e-6; /* two digits below the standard errors of a shop */
    p.rounds = ROUNDS;
    d.y = y;
    for (int c = 0; c < k; c++) {
        elasticity_fit f;
        err too_few = {0};
        arena keep = s->scratch, scratch = arena_split(&keep, arena_left(&keep) / 2);
        work_tick(w, "segment: prices", c, k);
        if (!units_of(y, c, panel, &sold, &at)) continue;
        elasticity_data own = well_filled(&d, &keep);
        if (own.n == 0 ||
            !elasticity_run(&f, &own, p, w->threads, &keep, scratch, &too_few) ||
            !(f.se_cluster[0] > 0 && isfinite(f.se_cluster[0])))
            continue;
        out[c] = (segment_price){f.beta[0], f.beta[0] - WIDE * f.se_cluster[0],
                                 f.beta[0] + WIDE * f.se_cluster[0]};
    }
    return true;
}
