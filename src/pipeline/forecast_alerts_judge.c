/* forecast_alerts_judge: stock-out alerts of an earlier day against what then happened. */
#include <math.h>

#include "pipeline/forecast_alerts.h"

enum { BINS = 5, ORIGINS = 3 }; /* origins: first days of the first weeks of the test */

/* Articles that were on the shelf at the origin, with the probability of selling out before goods
 * come, as a table of the engine; returns how many. */
static bool put_risks(const work *w, const forecast_alerts *a, scope *s, int64_t *n, err *e) {
    static const char *const names[] = {"article", "days", "risk"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32, COLUMN_REAL};
    columns c = columns_new(&s->keep, 3, names, types, a->facts.rows);
    *n = 0;
    for (int64_t i = 0; i < a->facts.rows; i++) {
        const alert_item *it = &a->item[i];
        if (!it->stocked || it->on_hand == 0) continue; /* gone already: no forecast is needed */
        double wait = alert_wait(it, a->params);
        demand d = inventory_demand(&it->outlook, wait);
        c.at[0].i32[*n] = columns_i32(&a->facts, "article")[i];
        c.at[1].i32[*n] = (int32_t)ceil(wait);
        c.at[2].real[(*n)++] = demand_above(&d, it->on_hand);
    }
    c.rows = *n;
    return db_put(w->d, "alert_risk", &c, e);
}

/* An article sold out when, after a count of it, it sold all that was counted: within the days,
 * before the next count. Who is not counted again was taken off sale: nobody can know. */
static const char outcome_query[] =
    "WITH counts AS (SELECT article, day, on_hand, lead(day) OVER (PARTITION BY article ORDER BY "
    "day) AS next FROM stock), "
    "spans AS (SELECT r.article, r.risk, c.day, c.on_hand,"
    " least(coalesce(c.next, DATE '%s'), DATE '%s' + r.days, DATE '%s') AS until FROM alert_risk r"
    " JOIN counts c ON c.article = r.article WHERE c.day < DATE '%s' + r.days"
    " AND coalesce(c.next, DATE '%s') > DATE '%s'), "
    "sold AS (SELECT a.article, d.day, d.units FROM d_sales d JOIN articles a"
    " ON a.article_id = d.series WHERE d.level = 'article'), "
    "gone AS (SELECT p.article, p.risk, p.day, p.on_hand,"
    " coalesce(sum(s.units), 0) >= p.on_hand AS gone FROM spans p LEFT JOIN sold s"
    " ON s.article = p.article AND s.day >= p.day AND s.day < p.until"
    " GROUP BY p.article, p.risk, p.day, p.on_hand) "
    "SELECT article, risk, CAST(max(CASE WHEN gone THEN 1 ELSE 0 END) AS INTEGER) AS gone FROM "
    "gone GROUP BY article, risk HAVING max(day) >= DATE '%s' ORDER BY article";

static void put_bins(js *j, const columns *c) {
    const double *risk = columns_real(c, "risk");
    const int32_t *gone = columns_i32(c, "gone");
    js_array(j, "reliability");
    for (int b = 0; b < BINS; b++) {
        double low = b / (double)BINS, high = (b + 1) / (double)BINS, said = 0, met = 0;
        int64_t n = 0;
        for (int64_t i = 0; i < c->rows; i++)
            if (risk[i] >= low && (risk[i] < high || b == BINS - 1))
                said += risk[i], met += gone[i], n++;
        js_object(j, NULL);
        js_put_fixed(j, "from", low, 1);
        js_put_fixed(j, "to", high, 1);
        js_put_int(j, "articles", n);
        js_put_fixed(j, "said", n ? said / (double)n : NAN, 4);
        js_put_fixed(j, "met", n ? met / (double)n : NAN, 4);
        js_end(j);
    }
    js_end(j);
}

static void put_judged(js *j, const columns *c) {
    const double *risk = columns_real(c, "risk");
    const int32_t *gone = columns_i32(c, "gone");
    int64_t called = 0, right = 0, all = 0;
    double brier = 0, base = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        called += risk[i] >= 0.5, right += risk[i] >= 0.5 && gone[i], all += gone[i];
        brier += (risk[i] - gone[i]) * (risk[i] - gone[i]);
    }
    double share = c->rows ? (double)all / (double)c->rows : 0;
    base = share * (1 - share);
    js_put_int(j, "articles", c->rows);
    js_put_int(j, "sold_out", all);
    js_put_int(j, "called", called);
    js_put_int(j, "right", right);
    js_put_fixed(j, "precision", called ? (double)right / (double)called : NAN, 4);
    js_put_fixed(j, "recall", all ? (double)right / (double)all : NAN, 4);
    js_put_fixed(j, "brier", c->rows ? brier / (double)c->rows : NAN, 4);
    js_put_fixed(j, "brier_of_the_share", c->rows ? base : NAN, 4);
    put_bins(j, c);
}

/* The outcomes of one origin. */
static bool outcomes(const work *w, int32_t day, const forecast_alerts *a, scope *s, columns *c,
                     err *e) {
    const char *origin = day_text(&s->keep, day), *end = day_text(&s->keep, w->days.end);
    int64_t n;
    return put_risks(w, a, s, &n, e) &&
           db_query(w->d, &s->keep, c, e, outcome_query, end, origin, end, origin, end, origin,
                    origin) &&
           db_run(w->d, SLICE("DROP TABLE alert_risk"), e);
}

static columns joined(const columns *parts, int n, arena *keep) {
    static const char *const names[] = {"risk", "gone"};
    static const column_type types[] = {COLUMN_REAL, COLUMN_I32};
    int64_t rows = 0, at = 0;
    for (int i = 0; i < n; i++) rows += parts[i].rows;
    columns c = columns_new(keep, 2, names, types, rows);
    for (int i = 0; i < n; i++)
        for (int64_t k = 0; k < parts[i].rows; k++, at++) {
            c.at[0].real[at] = columns_real(&parts[i], "risk")[k];
            c.at[1].i32[at] = columns_i32(&parts[i], "gone")[k];
        }
    return c;
}

bool forecast_alerts_judge(const work *w, int horizon, forecast_policy policy,
                           const forecast_factors *f, scope *s, js *report, err *e) {
    columns parts[ORIGINS];
    int64_t counted = 0;
    int n = 0;
    for (; n < ORIGINS && n + 1 < horizon; n++) {
        forecast_panel p;
        forecast_result r;
        forecast_alerts a;
        int32_t day = w->days.test_from + 7 * n;
        if (!forecast_panel_load(w, day, horizon, &s->keep, &p, e)) return false;
        forecast_panel_run(w, &p, policy, &s->keep, &r);
        forecast_factors_apply(f, &p, &r);
        if (!forecast_alerts_load(w, &p, s, &a, e)) return false;
        forecast_alerts_find(w, &p, &r, f, NULL, s, &a);
        counted += a.counted;
        if (counted == 0) return true; /* no stock: nothing to judge */
        if (!outcomes(w, day, &a, s, &parts[n], e)) return false;
    }
    columns all = joined(parts, n, &s->keep);
    js_object(report, "stock_out_alerts");
    js_put_word(report, "from", day_text(&s->keep, w->days.test_from));
    js_put_int(report, "origins", n);
    put_judged(report, &all);
    js_end(report);
    return true;
}
