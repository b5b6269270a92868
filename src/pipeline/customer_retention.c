/* customer_retention: who came back when: cohorts by month, and the wait for the second purchase.
 */
#include "pipeline/customer_retention.h"

#include <math.h>

#include "models/segment/cohort.h"
#include "models/survival.h"

enum { COHORTS = 36, STEPS = 120 };

/* ---- cohorts ---- */

static int month_of(int32_t day) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    return y * 12 + m - 1;
}

static void put_month(js *out, const char *key, int month) {
    js_putf(out, key, "%04d-%02d", month / 12, month % 12 + 1);
}

static void put_counts(js *out, const char *key, const int64_t *cells, int n) {
    js_array(out, key);
    for (int age = 0; age < n; age++) js_put_int(out, NULL, cells[age]);
    js_end(out);
}

static void put_shares(js *out, const char *key, const double *share, int n) {
    js_array(out, key);
    for (int age = 0; age < n && isfinite(share[age]); age++)
        js_put_fixed(out, NULL, share[age], 6);
    js_end(out);
}

static void put_cohorts(js *out, const cohort_table *t, int first) {
    int from = t->n > COHORTS ? t->n - COHORTS : 0;
    js_object(out, "retention");
    js_array(out, "months");
    for (int c = from; c < t->n; c++) put_month(out, NULL, first + c);
    js_end(out);
    js_put_bool(out, "complete", t->finished == t->n);
    js_array(out, "cohorts");
    for (int c = from; c < t->n; c++) {
        if (t->size[c] == 0) continue;
        js_object(out, NULL);
        put_month(out, "month", first + c);
        js_put_int(out, "customers", t->size[c]);
        put_counts(out, "on", t->on + (int64_t)c * t->n, t->n - c);
        put_counts(out, "after", t->onward + (int64_t)c * t->n, t->n - c);
        js_end(out);
    }
    js_end(out);
    js_object(out, "mean");
    put_shares(out, "on", t->on_mean, t->n - from);
    put_shares(out, "after", t->onward_mean, t->n - from);
    js_end(out);
    js_end(out);
}

static bool cohorts(const work *w, js *out, scope *s, err *e) {
    columns c;
    int first, last = month_of(w->days.end - 1);
    bool over = month_of(w->days.end) != last;
    if (!db_query(w->d, &s->keep, &c, e,
                  "WITH k AS (SELECT DISTINCT customer, CAST(year(day) * 12 + month(day) - 1 AS "
                  "INTEGER) AS month FROM transactions WHERE quantity > 0 AND customer IS NOT NULL "
                  "AND day < DATE '%s') "
                  "SELECT customer, month FROM k ORDER BY month, customer",
                  day_text(&s->keep, w->days.end)))
        return false;
    const int32_t *customer = columns_i32(&c, "customer"), *month = columns_i32(&c, "month");
    if (c.rows == 0) return true;
    int64_t customers = 0;
    int32_t *period = take(&s->keep, int32_t, c.rows);
    first = month[0];
    for (int64_t i = 0; i < c.rows; i++) {
        period[i] = month[i] - first;
        if (customer[i] >= customers) customers = customer[i] + 1;
    }
    cohort_table t = cohort_of(customer, period, c.rows, customers, last - first + 1, over,
                               &s->keep, s->scratch);
    put_cohorts(out, &t, first);
    return true;
}

/* ---- the second purchase ---- */

typedef struct waits {
    int64_t n;
    const int32_t *customer;
    const double *time; /* days from the first to the second purchase day, or to the end */
    bool *came;
} waits;

static bool read_waits(const work *w, waits *x, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "WITH d AS (SELECT DISTINCT customer, day FROM transactions WHERE quantity > 0 "
                  "AND customer IS NOT NULL AND day < DATE '%s'), "
                  "k AS (SELECT customer, day, row_number() OVER (PARTITION BY customer ORDER BY "
                  "day) AS place FROM d), "
                  "g AS (SELECT customer, min(day) AS first, max(day) FILTER (place = 2) AS second "
                  "FROM k GROUP BY customer) "
                  "SELECT customer, CAST(coalesce(second, DATE '%s' - 1) - first AS DOUBLE) AS "
                  "time, CAST(second IS NOT NULL AS INTEGER) AS came FROM g ORDER BY customer",
                  day_text(&s->keep, w->days.end), day_text(&s->keep, w->days.end)))
        return false;
    const int32_t *came = columns_i32(&c, "came");
    *x = (waits){c.rows, columns_i32(&c, "customer"), columns_real(&c, "time"),
                 take(&s->keep, bool, c.rows)};
    for (int64_t i = 0; i < c.rows; i++) x->came[i] = came[i] != 0;
    return true;
}

/* Of steps that are close in time the last; the first row is the start. */
static int64_t thin(const survival_curve *curve, int64_t rows, survival_step *to) {
    int64_t n = 0;
    double end = curve->n > 0 ? curve->at[curve->n - 1].time : 0;
    to[n++] = (survival_step){0, rows, 0, 1, 1, 1};
    for (int64_t i = 0; i < curve->n; i++) {
        double cell = floor(curve->at[i].time / end * (STEPS - 1));
        bool same = i + 1 < curve->n && floor(curve->at[i + 1].time / end * (STEPS - 1)) <= cell;
        if (!same) to[n++] = curve->at[i];
    }
    return n;
}

static void put_numbers(js *out, const char *key, const survival_step *at, int64_t n, int part) {
    js_array(out, key);
    for (int64_t i = 0; i < n; i++) {
        double v[] = {at[i].time, at[i].share, at[i].low, at[i].high, (double)at[i].waiting};
        js_put_fixed(out, NULL, v[part], part == 0 || part == 4 ? 0 : 6);
    }
    js_end(out);
}

static void put_curve(js *out, slice id, slice name, const waits *x, const int64_t *row, int64_t n,
                      scope *s) {
    static const char *const keys[] = {"time", "share", "low", "high", "at_risk"};
    arena scratch = s->scratch, keep = s->keep; /* nothing outlives this curve */
    double *time = take(&keep, double, n);
    bool *came = take(&keep, bool, n);
    for (int64_t i = 0; i < n; i++) time[i] = x->time[row[i]], came[i] = x->came[row[i]];
    survival_curve curve = survival_of(time, came, n, &keep, scratch);
    survival_step *at = take(&keep, survival_step, curve.n + 1);
    int64_t steps = thin(&curve, n, at);
    js_object(out, NULL);
    if (id.n > 0) js_put_text(out, "id", id);
    else js_put_null(out, "id");
    js_put_text(out, "name", name);
    js_put_word(out, "unit", "days");
    for (int part = 0; part < 5; part++) put_numbers(out, keys[part], at, steps, part);
    js_end(out);
}

static bool survival(const work *w, const retention_groups *g, js *out, scope *s, err *e) {
    waits x;
    if (!read_waits(w, &x, s, e)) return false;
    int64_t *row = take(&s->keep, int64_t, x.n), n = x.n, at = 0;
    int32_t *label = take(&s->keep, int32_t, x.n);
    for (int64_t i = 0; i < x.n; i++) {
        row[i] = i;
        while (at < g->n && g->customer[at] < x.customer[i]) at++;
        label[i] = at < g->n && g->customer[at] == x.customer[i] ? g->label[at] : -1;
    }
    js_array(out, "survival");
    if (n > 0) put_curve(out, SLICE(""), SLICE("all"), &x, row, n, s);
    for (int k = 0; k < g->groups; k++) {
        n = 0;
        for (int64_t i = 0; i < x.n; i++)
            if (label[i] == k) row[n++] = i;
        if (n > 0) put_curve(out, g->ids[k], g->names[k], &x, row, n, s);
    }
    js_end(out);
    return true;
}

bool customer_retention_put(const work *w, const retention_groups *g, js *out, scope *s, err *e) {
    return cohorts(w, out, s, e) && survival(w, g, out, s, e);
}
