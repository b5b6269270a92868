/* segment_value: what customers will buy and bring in, and how well such a forecast did before. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/segment_parts.h"

#define TRUST 0.25 /* largest error of the hold-out with which money is told */

enum { LEAST_REPEAT = 30, LEAST_WEEKS = 12, HOLDOUT_WEEKS = 26, DRAWS = 400, DRAWS_LARGE = 100,
       LARGE = 100000 };

/* Histories of the customers with an order before a day, in weeks; later: repeat purchases after. */
typedef struct histories {
    int64_t n;
    int32_t *customer;
    double *x, *t, *T, *m, *later;
} histories;

static bool read_histories(histories *h, work *w, int32_t day, scope *s, err *e) {
    columns c;
    const char *end = day_text(&s->keep, w->days.end), *until = day_text(&s->keep, day);
    if (!db_query(w->d, &s->keep, &c, e,
                  "WITH days AS (SELECT customer, day, sum(revenue) AS money FROM transactions "
                  "WHERE quantity > 0 AND day < DATE '%s' GROUP BY customer, day), "
                  "firsts AS (SELECT customer, min(day) AS first_day FROM days GROUP BY customer) "
                  "SELECT d.customer, "
                  "CAST(count(*) FILTER (WHERE d.day < DATE '%s') - 1 AS DOUBLE) AS x, "
                  "max(CASE WHEN d.day < DATE '%s' THEN days_between(f.first_day, d.day) END) / 7.0 "
                  "AS t, days_between(f.first_day, DATE '%s') / 7.0 AS age, "
                  "CAST(coalesce(sum(CASE WHEN d.day < DATE '%s' AND d.day > f.first_day "
                  "THEN d.money END), 0) AS DOUBLE) AS money, "
                  "CAST(count(*) FILTER (WHERE d.day >= DATE '%s') AS DOUBLE) AS later "
                  "FROM days d JOIN firsts f ON f.customer = d.customer "
                  "WHERE f.first_day < DATE '%s' GROUP BY d.customer, f.first_day "
                  "ORDER BY d.customer", end, until, until, until, until, until, until))
        return false;
    *h = (histories){c.rows, columns_i32(&c, "customer"), columns_real(&c, "x"),
                     columns_real(&c, "t"), columns_real(&c, "age"), columns_real(&c, "money"),
                     columns_real(&c, "later")};
    for (int64_t i = 0; i < h->n; i++) h->m[i] = h->x[i] > 0 ? h->m[i] / h->x[i] : 0;
    return true;
}

/* Repeat purchases of the customers known at `from`, by weeks since the first day of the shop. */
static bool see_curve(segment_value *v, const patterns *c, work *w, scope *s, err *e) {
    columns all;
    const char *end = day_text(&s->keep, w->days.end), *from = day_text(&s->keep, v->from);
    int weeks = (w->days.end - w->days.first + 6) / 7;
    double sum = 0;
    if (!db_query(w->d, &s->keep, &all, e,
                  "WITH days AS (SELECT DISTINCT customer, day FROM transactions "
                  "WHERE quantity > 0 AND day < DATE '%s'), "
                  "firsts AS (SELECT customer, min(day) AS first_day FROM days GROUP BY customer) "
                  "SELECT CAST(floor(days_between(DATE '%s', d.day) / 7.0) AS INTEGER) AS week, "
                  "CAST(count(*) AS DOUBLE) AS n FROM days d "
                  "JOIN firsts f ON f.customer = d.customer AND d.day > f.first_day "
                  "WHERE f.first_day < DATE '%s' GROUP BY week ORDER BY week",
                  end, day_text(&s->keep, w->days.first), from))
        return false;
    const int32_t *week = columns_i32(&all, "week");
    const double *n = columns_real(&all, "n");
    v->n_curve = weeks;
    v->curve_actual = take(&s->keep, double, weeks);
    v->curve_expected = take(&s->keep, double, weeks);
    for (int k = 0, at = 0; k < weeks; k++) {
        while (at < all.rows && week[at] <= k) sum += n[at++];
        v->curve_actual[k] = sum;
        double past = (v->from - w->days.first) / 7.0;
        v->curve_expected[k] = clv_tracked(&v->exam_model, c, fmin(k + 1.0, (w->days.end -
                                           w->days.first) / 7.0) - past);
    }
    return true;
}

/* The exam: fitted on what was known at v->from, held against what came until the end. */
static bool examine(segment_value *v, work *w, clv_params how, scope *s, err *e) {
    histories h;
    patterns c;
    if (!read_histories(&h, w, v->from, s, e)) return false;
    int64_t repeat = 0;
    for (int64_t i = 0; i < h.n; i++) repeat += h.x[i] > 0;
    if (repeat < LEAST_REPEAT) {
        v->skipped = "fewer than 30 customers had bought again before the hold-out";
        return true;
    }
    if (!patterns_of(&c, h.x, h.t, h.T, h.n, &s->keep, s->scratch, e) ||
        !clv_fit(&v->exam_model, &c, how, w->threads, s->scratch, e))
        return false;
    v->exam = clv_examine(&v->exam_model, &c, h.later, v->weeks, s->scratch);
    return see_curve(v, &c, w, s, e);
}

/* The block's customers in histories of the end; those of the block all have an order. */
static void align(segment_value *v, const segment_present *p, const histories *h, double *m,
                  scope *s) {
    int64_t at = 0, n = p->b.n;
    v->x = take(&s->keep, double, n);
    v->t = take(&s->keep, double, n);
    v->T = take(&s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        while (at < h->n && h->customer[at] < p->b.customer[i]) at++;
        if (at == h->n || h->customer[at] != p->b.customer[i]) continue; /* counts as just come */
        v->x[i] = h->x[at];
        v->t[i] = h->t[at];
        v->T[i] = h->T[at];
        m[i] = h->m[at];
    }
}

static bool value_all(segment_value *v, const segment_present *p, work *w, clv_params how,
                      scope *s, err *e) {
    histories h;
    patterns *c = take(&s->keep, patterns, 1);
    err why = {0};
    double *m = take(&s->keep, double, p->b.n);
    if (!read_histories(&h, w, w->days.end, s, e)) return false;
    align(v, p, &h, m, s);
    if (!patterns_of(c, v->x, v->t, v->T, p->b.n, &s->keep, s->scratch, e) ||
        !clv_fit(&v->model, c, how, w->threads, s->scratch, e))
        return false;
    if (!gammagamma_fit(&v->spend, v->x, m, p->b.n, 0, w->threads, s->scratch, &why))
        v->no_money = arena_text(&s->keep, "%s", why.text);
    else if (fabs(v->exam.error) > TRUST)
        v->no_money = arena_text(&s->keep,
                                 "in the hold-out the model was wrong by %.0f %% of all purchases, "
                                 "more than %.0f %%", 100 * v->exam.error, 100 * TRUST);
    worth_params wp = WORTH_DEFAULTS;
    wp.horizon = SEGMENT_HORIZON;
    wp.draws = p->b.n > LARGE ? DRAWS_LARGE : DRAWS;
    wp.seed = seed_for(w->seed, "segment value");
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        worth_data d = {c, m, v->no_money ? NULL : &v->spend, p->methods[g].label,
                        p->methods[g].k};
        worth_of(&v->all, &v->model, &d, wp, w->threads, &s->keep, s->scratch);
        v->groups[g] = v->all.groups;
    }
    return true;
}

bool segment_value_see(segment_value *v, const segment_present *p, work *w, scope *s, err *e) {
    *v = (segment_value){0};
    int weeks = (w->days.end - w->days.first) / 7;
    if (weeks < LEAST_WEEKS) {
        v->skipped = "fewer than 12 weeks of sales";
        return true;
    }
    int held = weeks / 3 < HOLDOUT_WEEKS ? weeks / 3 : HOLDOUT_WEEKS;
    clv_params how = CLV_DEFAULTS;
    how.kind = CLV_MBGNBD; /* a customer may leave after the first purchase, too */
    v->from = w->days.end - 7 * held;
    v->weeks = held;
    if (!examine(v, w, how, s, e)) return false;
    return v->skipped || value_all(v, p, w, how, s, e);
}

/* ---- in JSON ---- */

static void put_numbers(js *out, const char *key, const char *const *names, const double *x,
                        int n) {
    js_object(out, key);
    for (int i = 0; i < n; i++) js_put_real(out, names[i], x[i]);
    js_end(out);
}

static void put_exam(js *out, const segment_value *v, scope *s) {
    const clv_exam *x = &v->exam;
    double mean = x->all.customers > 0 ? x->all.actual / (double)x->all.customers : 0;
    int known = v->n_curve - (int)v->weeks;
    js_object(out, "holdout");
    js_put_word(out, "from", day_text(&s->keep, v->from));
    js_put_word(out, "to", day_text(&s->keep, v->from + (int32_t)(7 * v->weeks)));
    js_put_fixed(out, "actual", x->all.actual, 0);
    js_put_fixed(out, "expected", x->all.expected, 2);
    js_put_fixed(out, "error", x->error, 5);
    js_put_fixed(out, "cumulative_error", x->cumulative_error, 5);
    js_array(out, "bins");
    for (int i = 0; i < CLV_BINS; i++) {
        js_object(out, NULL);
        js_putf(out, "frequency", i < CLV_BINS - 1 ? "%d" : "%d+", i);
        js_put_int(out, "customers", x->bins[i].customers);
        js_put_fixed(out, "actual", x->bins[i].actual, 0);
        js_put_fixed(out, "expected", x->bins[i].expected, 2);
        js_end(out);
    }
    js_end(out);
    js_array(out, "cumulative");
    for (int k = 0; k < v->n_curve; k++) {
        js_object(out, NULL);
        js_put_int(out, "week", k + 1);
        js_put_fixed(out, "actual", v->curve_actual[k], 0);
        js_put_fixed(out, "expected", v->curve_expected[k], 2);
        js_put_bool(out, "holdout", k >= known);
        js_end(out);
    }
    js_end(out);
    js_array(out, "decile_lift");
    for (int i = 0; i < CLV_TENTHS; i++) {
        const clv_group *g = &x->tenths[i];
        double own = g->customers > 0 ? g->actual / (double)g->customers : 0;
        js_put_fixed(out, NULL, mean > 0 ? own / mean : 0, 4);
    }
    js_end(out);
    js_put_fixed(out, "top_decile_share", x->capture, 5);
    js_end(out);
}

/* P(alive) and purchases of the next 52 weeks for someone known as long as the longest: by repeat
 * purchases and weeks from the first to the last one. */
static void put_matrix(js *out, const segment_value *v, int64_t n) {
    enum { ROWS = 8, COLUMNS = 10 };
    static const double frequency[ROWS] = {0, 1, 2, 4, 8, 16, 32, 64};
    double longest = 0;
    for (int64_t i = 0; i < n; i++) longest = fmax(longest, v->T[i]);
    js_object(out, "matrix");
    js_array(out, "frequency");
    for (int r = 0; r < ROWS; r++) js_put_fixed(out, NULL, frequency[r], 0);
    js_end(out);
    js_array(out, "recency");
    for (int c = 0; c < COLUMNS; c++)
        js_put_fixed(out, NULL, longest * c / (COLUMNS - 1), 1);
    js_end(out);
    for (int what = 0; what < 2; what++) {
        js_array(out, what ? "expected" : "p_alive");
        for (int r = 0; r < ROWS; r++) {
            js_array(out, NULL);
            for (int c = 0; c < COLUMNS; c++) {
                double x = frequency[r], t = x > 0 ? longest * c / (COLUMNS - 1) : 0;
                if (x > 0 && t == 0) t = fmin(1.0 / 7, longest);
                double alive = clv_alive(v->model.kind, v->model.fit.p, x, t, longest);
                double ahead = clv_ahead(v->model.kind, v->model.fit.p, x, longest, SEGMENT_HORIZON);
                js_put_fixed(out, NULL, what ? alive * ahead : alive, 4);
            }
            js_end(out);
        }
        js_end(out);
    }
    js_end(out);
}

void segment_put_value(js *out, const segment_value *v, const segment_present *p, scope *s) {
    static const char *const spend[] = {"p", "q", "v"};
    js_object(out, "clv");
    if (v->skipped) {
        js_put_word(out, "skipped", v->skipped);
        js_end(out);
        return;
    }
    const likelihood_fit *f = &v->model.fit;
    const char *const *names = clv_parameter_names[v->model.kind];
    js_put_null(out, "skipped");
    js_put_word(out, "model", clv_names[v->model.kind]);
    put_numbers(out, "parameters", names, f->p, f->n);
    put_numbers(out, "se", names, f->error, f->n);
    js_put_real(out, "log_likelihood", f->value);
    js_put_word(out, "verdict", likelihood_verdict_word(f->verdict));
    if (v->no_money) js_put_word(out, "no_money", v->no_money);
    else js_put_null(out, "no_money");
    js_object(out, "spend");
    for (int i = 0; i < 3 && v->spend.customers; i++)
        js_put_real(out, spend[i], v->spend.fit.p[i]);
    js_put_real(out, "correlation", v->spend.customers ? v->spend.correlation : NAN);
    js_end(out);
    js_put_int(out, "horizon_weeks", SEGMENT_HORIZON);
    js_put_real(out, "discount_a_year", 0.1);
    js_put_int(out, "margin", 1);
    put_exam(out, v, s);
    put_matrix(out, v, p->b.n);
    js_end(out);
}
