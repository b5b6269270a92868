/* forecast_stock_outs: weeks in which an article was sold out are no weeks in which nobody wanted
 * it: what they would have sold is added to what they did. */
#include <math.h>
#include <string.h>

#include "pipeline/forecast_panel.h"

enum { LONGEST = 56, NEAR = 6, FAR = 26 }; /* days; weeks to either side */
#define LEAST_SHOWN 2.0 /* weeks on the shelf behind a rate */

/* Spans from one count to the next, what was counted, and when the shelf was empty: from the day
 * that sold the last unit counted (`gone`; it is taken as half of a day) to the first sale of more
 * than was counted, for then goods had come (`back`). The last of several counts of a day stands.
 * An article that is not counted on the last day of counts is off sale, its last span unknown; a
 * count is believed for 28 days. */
static const char query[] =
    "WITH ranked AS (SELECT article, day, on_hand, row_number() OVER (PARTITION BY article, day "
    "ORDER BY src_file DESC, src_line DESC) AS place FROM stock WHERE day < DATE '%s' "
    "AND on_hand >= 0), "
    "counts AS (SELECT article, day, on_hand, lead(day) OVER (PARTITION BY article ORDER BY day) "
    "AS next, max(day) OVER () AS last_day FROM ranked WHERE place = 1), "
    "spans AS (SELECT article, day AS since, on_hand, least(coalesce(next, DATE '%s'), day + 28) "
    "AS until FROM counts WHERE next IS NOT NULL OR day = last_day), "
    "sold AS (SELECT a.article, d.day, sum(greatest(d.units, 0)) AS units FROM d_sales d "
    "JOIN articles a ON a.article_id = d.series WHERE d.level = 'article' AND d.day < DATE '%s' "
    "GROUP BY a.article, d.day), "
    "running AS (SELECT p.article, p.since, p.on_hand, s.day, sum(s.units) OVER (PARTITION BY "
    "p.article, p.since ORDER BY s.day) AS so_far FROM sold s ASOF JOIN spans p "
    "ON p.article = s.article AND s.day >= p.since WHERE s.day < p.until), "
    "ends AS (SELECT article, since, min(CASE WHEN so_far >= on_hand THEN day END) AS gone, "
    "min(CASE WHEN so_far > on_hand THEN day END) AS back FROM running GROUP BY article, since), "
    "empty AS (SELECT p.article, CASE WHEN p.on_hand = 0 THEN CAST(p.since - DATE '1970-01-01' AS "
    "DOUBLE) ELSE e.gone - DATE '1970-01-01' + 0.5 END AS since, "
    "CAST(coalesce(e.back, p.until) - DATE '1970-01-01' AS DOUBLE) AS until FROM spans p "
    "LEFT JOIN ends e ON e.article = p.article AND e.since = p.since "
    "WHERE p.on_hand = 0 OR e.gone IS NOT NULL) "
    "SELECT a.article_id, CAST(x.since AS DOUBLE) AS since, x.until FROM empty x "
    "JOIN articles a ON a.article = x.article WHERE x.until > x.since "
    "ORDER BY a.article_id, x.since";

/* Article ids in order, with their places in the panel. */
typedef struct place {
    slice id;
    int at;
} place;

static int by_id(const place *all, int n, slice id) {
    int low = 0, high = n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (slice_compare(all[middle].id, id) < 0) low = middle + 1;
        else high = middle;
    }
    return low < n && slice_compare(all[low].id, id) == 0 ? all[low].at : -1;
}

static void sort_places(place *x, int n, place *spare) {
    if (n < 2) return;
    int half = n / 2, i = 0, j = half, k = 0;
    sort_places(x, half, spare), sort_places(x + half, n - half, spare);
    while (k < n)
        spare[k++] = j == n || (i < half && slice_compare(x[i].id, x[j].id) <= 0) ? x[i++] : x[j++];
    memcpy(x, spare, sizeof *x * (size_t)n);
}

/* Adds the share of each week of series i that [from, to) covers to empty[weeks]. */
static void cover(const forecast_panel *p, int i, double from, double to, double *empty) {
    double first = p->origin - 7.0 * p->weeks[i]; /* day on which the series begins */
    for (int t = 0; t < p->weeks[i]; t++) {
        double low = fmax(from, first + 7 * t), high = fmin(to, first + 7 * t + 7);
        if (high > low) empty[t] += (high - low) / 7;
    }
}

/* Units a week on the shelf about week t: sold over weeks on the shelf, which is the rate that a
 * Poisson process with gaps most likely has; NaN where too few weeks tell. */
static double rate(const double *y, const double *empty, int n, int t) {
    for (int reach = NEAR; reach <= FAR; reach += FAR - NEAR) {
        double sold = 0, shown = 0;
        int to = t + reach < n - 1 ? t + reach : n - 1;
        for (int k = t > reach ? t - reach : 0; k <= to; k++)
            sold += y[k], shown += fmax(1 - empty[k], 0);
        if (shown >= LEAST_SHOWN) return fmax(sold, 0) / shown;
    }
    return NAN;
}

/* Adds what was wanted and not there to series i and to those above it. */
static void fill(forecast_panel *p, int i, int category, const double *empty, arena *keep) {
    int n = p->weeks[i], above[] = {category, slice_is(p->level[0], "total") ? 0 : -1};
    double *sold = p->y[i];
    p->sold[i] = sold;
    p->y[i] = take_copy(keep, double, sold, n);
    for (int t = 0; t < n; t++) {
        double more = empty[t] > 0 ? rate(sold, empty, n, t) * fmin(empty[t], 1) : 0;
        if (!(more > 0)) continue;
        p->y[i][t] += more, p->filled += more, p->filled_weeks++, p->sold_out[i]++;
        for (int k = 0; k < 2; k++) {
            int at = above[k];
            if (at >= 0 && p->weeks[at] >= n - t) p->y[at][p->weeks[at] - n + t] += more;
        }
    }
}

static void own_copies(forecast_panel *p, int upper, arena *keep) {
    for (int i = 0; i < upper; i++)
        p->sold[i] = p->y[i], p->y[i] = take_copy(keep, double, p->sold[i], p->weeks[i]);
}

bool forecast_stock_outs(const work *w, forecast_panel *p, const slice *category, arena *keep,
                         err *e) {
    const char *day = day_text(keep, p->origin);
    columns c;
    int upper = forecast_panel_upper(p), articles = p->n - upper;
    memcpy(p->sold, p->y, sizeof *p->y * (size_t)p->n);
    if (!db_query(w->d, keep, &c, e, query, day, day, day)) return false;
    if (c.rows == 0 || articles == 0) return true;
    own_copies(p, upper, keep);
    place *all = take(keep, place, articles);
    for (int i = 0; i < articles; i++) all[i] = (place){p->series[upper + i], upper + i};
    arena scratch = *keep; /* of sorting alone */
    sort_places(all, articles, take(&scratch, place, articles));
    const slice *id = columns_text(&c, "article_id");
    const double *since = columns_real(&c, "since"), *until = columns_real(&c, "until");
    double *empty = take(keep, double, FORECAST_WEEKS);
    for (int64_t from = 0, to; from < c.rows; from = to) {
        for (to = from + 1; to < c.rows && slice_compare(id[to], id[from]) == 0;) to++;
        int i = by_id(all, articles, id[from]), above = -1;
        if (i < 0) continue;
        memset(empty, 0, sizeof *empty * FORECAST_WEEKS);
        for (int64_t r = from, next; r < to; r = next) {
            double end = until[r]; /* spans that touch are one time without goods */
            for (next = r + 1; next < to && since[next] <= end + 0.5;) end = until[next++];
            if (end - since[r] <= LONGEST) cover(p, i, since[r], end, empty);
        }
        for (int k = 0; k < upper; k++)
            if (slice_is(p->level[k], "category") &&
                slice_compare(p->series[k], category[i]) == 0)
                above = k;
        fill(p, i, above, empty, keep);
    }
    return true;
}

void forecast_put_stock_outs(const forecast_panel *p, js *j) {
    int articles = 0;
    for (int i = 0; i < p->n; i++) articles += p->sold_out[i] > 0;
    js_object(j, "stock_outs");
    js_put_int(j, "articles", articles);
    js_put_int(j, "weeks", p->filled_weeks);
    js_put_fixed(j, "units_added", p->filled, 1);
    js_end(j);
}
