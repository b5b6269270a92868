/* customer_value: what each customer is going to buy and to bring in, and whether that can be told.
 */
#include "pipeline/customer_value.h"

#include <math.h>

enum { CURVE = 120, MATRIX = 10 };
static const clv_kind value_models[VALUE_MODELS] = {CLV_BGNBD, CLV_MBGNBD};
static const double CLEARLY = 2;    /* in log-likelihood, from which a model is taken for another */
static const double TRUST = 0.25;   /* largest error of the hold-out with which money is told */
static const double A_YEAR = 0.1;   /* discount, that of WORTH_DEFAULTS */

/* ---- histories ---- */

static bool read_histories(const work *w, int32_t end, value_histories *h, scope *s, err *e) {
    columns c;
    const char *day = day_text(&s->keep, end), *last = day_text(&s->keep, w->days.end);
    if (!db_query(w->d, &s->keep, &c, e,
                  "WITH d AS (SELECT customer, day, bool_or(quantity > 0) AS bought, "
                  "coalesce(sum(revenue) FILTER (quantity > 0), 0) AS money, "
                  "coalesce(sum(revenue) FILTER (quantity <= 0 AND revenue < 0), 0) AS returned, "
                  "day < DATE '%s' AS known FROM transactions WHERE customer IS NOT NULL "
                  "AND day < DATE '%s' GROUP BY customer, day), "
                  "f AS (SELECT customer, min(day) AS first FROM d WHERE bought AND known "
                  "GROUP BY customer), "
                  "g AS (SELECT customer, min(first) AS first, "
                  "count(*) FILTER (bought AND known) - 1 AS x, "
                  "max(day) FILTER (bought AND known) AS latest, "
                  "CAST(coalesce(sum(money) FILTER (known), 0) AS DOUBLE) AS spent, "
                  "CAST(coalesce(sum(money) FILTER (known AND day > first), 0) AS DOUBLE) AS "
                  "again, "
                  "CAST(coalesce(sum(returned) FILTER (known), 0) AS DOUBLE) AS returned, "
                  "count(*) FILTER (bought AND NOT known) AS later, "
                  "CAST(coalesce(sum(money + returned) FILTER (NOT known), 0) AS DOUBLE) AS "
                  "later_money FROM d JOIN f USING (customer) GROUP BY customer) "
                  "SELECT customer, CAST(x AS DOUBLE) AS x, (latest - first) / 7.0::DOUBLE AS t, "
                  "(DATE '%s' - 1 - first) / 7.0::DOUBLE AS T_all, "
                  "CASE WHEN x > 0 AND spent > 0 THEN again / x * greatest(0, 1 + returned / spent)"
                  " ELSE 0 END AS m, CAST(later AS DOUBLE) AS later, later_money "
                  "FROM g ORDER BY customer", day, last, day))
        return false;
    *h = (value_histories){.n = c.rows, .customer = columns_i32(&c, "customer"),
                           .x = columns_real(&c, "x"), .t = columns_real(&c, "t"),
                           .T = columns_real(&c, "T_all"), .m = columns_real(&c, "m"),
                           .later = columns_real(&c, "later"),
                           .later_money = columns_real(&c, "later_money")};
    for (int64_t i = 0; i < h->n; i++) h->later_sum += h->later_money[i];
    return true;
}

/* MBG/NBD where it is clearly likelier than BG/NBD, which has as many parameters; or `only`. */
static bool fit_likelier(customer_value *v, const clv_kind *only, const work *w, scope *s, err *e) {
    clv_params p = CLV_DEFAULTS;
    for (int i = 0; i < VALUE_MODELS; i++) {
        clv_model m;
        p.kind = value_models[i];
        if (only && p.kind != *only) continue;
        if (!clv_fit(&m, &v->c, p, w->threads, s->scratch, e)) return false;
        if (!only) v->likelihood[i] = m.fit.value;
        if (only || i == 0 || m.fit.value > v->m.fit.value + CLEARLY) v->m = m;
    }
    return true;
}

/* Histories before a day and the models of them. False: a failure of the world in e, or, with *why,
 * data that no model can be made of. */
static bool fit(customer_value *v, const work *w, int32_t end, const char **why, scope *s, err *e) {
    const clv_kind held = v->m.kind;
    err said = {0};
    *why = v->no_money = NULL;
    if (!read_histories(w, end, &v->h, s, e)) return false;
    if (!patterns_of(&v->c, v->h.x, v->h.t, v->h.T, v->h.n, &s->keep, s->scratch, &said) ||
        !fit_likelier(v, v->held ? &held : NULL, w, s, &said)) {
        *why = arena_text(&s->keep, "%s", said.text);
        if (said.kind != ERR_WENT_WRONG) return true;
        *e = said;
        return false;
    }
    if (!gammagamma_fit(&v->spend, v->h.x, v->h.m, v->h.n, 0, w->threads, s->scratch, &said))
        v->no_money = arena_text(&s->keep, "%s", said.text);
    return true;
}

/* ---- the exam ---- */

/* Repeat purchases by week since the first day, of customers known before the test window. */
static bool read_curve(customer_value *v, const work *w, scope *s, err *e) {
    columns c;
    const char *test = day_text(&s->keep, w->days.test_from);
    if (!db_query(w->d, &s->keep, &c, e,
                  "WITH d AS (SELECT DISTINCT customer, day FROM transactions WHERE quantity > 0 "
                  "AND customer IS NOT NULL AND day < DATE '%s'), "
                  "f AS (SELECT customer, min(day) AS first FROM d GROUP BY customer "
                  "HAVING min(day) < DATE '%s') "
                  "SELECT CAST(DATE '%s' - day AS INTEGER) AS before, count(*) AS n FROM d JOIN f "
                  "USING (customer) WHERE day > first GROUP BY 1 ORDER BY 1 DESC",
                  day_text(&s->keep, w->days.end), test, test))
        return false;
    const int32_t *before = columns_i32(&c, "before");
    const int64_t *count = columns_i64(&c, "n");
    int64_t back = (int64_t)ceil(v->c.longest), ahead = (w->days.end - w->days.test_from) / 7;
    int64_t step = (back + ahead + CURVE - 1) / CURVE, at = 0, n = 0;
    double sum = 0;
    if (step < 1) step = 1;
    v->holdout.week = take(&s->keep, double, back + ahead + 1);
    v->holdout.actual = take(&s->keep, double, back + ahead + 1);
    v->holdout.expected = take(&s->keep, double, back + ahead + 1);
    for (int64_t week = -back + 1; week <= ahead; week++) { /* of the fit's end */
        while (at < c.rows && before[at] > -7 * week) sum += (double)count[at++];
        if ((week + back) % step != 0 && week != 0 && week != ahead) continue;
        v->holdout.week[n] = (double)(week + back);
        v->holdout.actual[n] = sum;
        v->holdout.expected[n++] = clv_tracked(&v->m, &v->c, (double)week);
    }
    v->holdout.n = n;
    return true;
}

/* The model before the test window, held against it; v is that model afterwards. */
static bool examine(customer_value *v, const work *w, bool curve, scope *s, err *e) {
    const char *why;
    if (!fit(v, w, w->days.test_from, &why, s, e)) return false;
    v->held = !why;
    if (why) return true;
    v->holdout.weeks = (w->days.end - w->days.test_from) / 7.0;
    v->holdout.exam = clv_examine(&v->m, &v->c, v->h.later, v->holdout.weeks, s->scratch);
    v->holdout.money_actual = v->h.later_sum;
    if (!v->no_money) {
        worth money;
        worth_data d = {.c = &v->c, .m = v->h.m, .spend = &v->spend};
        worth_params p = {v->holdout.weeks, v->holdout.weeks, 0, 1, 0, 0, 1, 1};
        worth_of(&money, &v->m, &d, p, w->threads, &s->keep, s->scratch);
        v->holdout.money_expected = money.all.value.value;
    }
    return !curve || read_curve(v, w, s, e);
}

static double money_error(const customer_value *v) {
    return v->holdout.money_actual > 0 && v->holdout.money_expected > 0
               ? v->holdout.money_expected / v->holdout.money_actual - 1
               : 0;
}

bool customer_value_examine(customer_value *v, const work *w, scope *s, err *e) {
    *v = (customer_value){0};
    return examine(v, w, true, s, e);
}

bool customer_value_of(customer_value *v, const work *w, bool exam, scope *s, err *e) {
    *v = (customer_value){0};
    if (!examine(v, w, exam, s, e) || !fit(v, w, w->days.end, &v->why, s, e)) return false;
    if (v->why) return true;
    double error = v->held ? fmax(fabs(v->holdout.exam.error), fabs(money_error(v))) : 0;
    if (!v->no_money && !v->held) v->no_money = "there was nothing to hold the models against";
    if (!v->no_money && error > TRUST)
        v->no_money = arena_text(&s->keep, "the test window was missed by %.0f %%, more than the "
                                           "%.0f %% with which money is told", 100 * error,
                                 100 * TRUST);
    worth_data d = {.c = &v->c, .m = v->h.m, .spend = v->no_money ? NULL : &v->spend};
    worth_of(&v->w, &v->m, &d, WORTH_DEFAULTS, w->threads, &s->keep, s->scratch);
    return true;
}

/* ---- what is said ---- */

static void put_numbers(js *out, const char *key, const double *x, int n, int decimals) {
    js_array(out, key);
    for (int i = 0; i < n; i++) js_put_fixed(out, NULL, x[i], decimals);
    js_end(out);
}

static void put_fit(const customer_value *v, js *out) {
    static const char *const spend[] = {"p", "q", "v"};
    const likelihood_fit *f = &v->m.fit;
    const char *const *names = clv_parameter_names[v->m.kind];
    js_put_word(out, "model", clv_names[v->m.kind]);
    js_object(out, "tried");
    for (int i = 0; i < VALUE_MODELS; i++)
        js_put_fixed(out, clv_names[value_models[i]], v->likelihood[i], 4);
    js_end(out);
    js_object(out, "parameters");
    for (int i = 0; i < f->n; i++) js_put_fixed(out, names[i], f->p[i], 6);
    js_end(out);
    js_object(out, "se");
    for (int i = 0; i < f->n; i++) js_put_fixed(out, names[i], f->error[i], 6);
    js_end(out);
    js_put_fixed(out, "log_likelihood", f->value, 4);
    js_put_word(out, "verdict", likelihood_verdict_word(f->verdict));
    js_object(out, "spend");
    for (int i = 0; i < 3 && v->spend.customers > 0; i++)
        js_put_fixed(out, spend[i], v->spend.fit.p[i], 6);
    if (v->spend.customers > 0) js_put_fixed(out, "correlation", v->spend.correlation, 4);
    js_end(out);
    js_put_int(out, "horizon_weeks", (int64_t)WORTH_DEFAULTS.horizon);
    js_put_fixed(out, "discount_a_year", A_YEAR, 4);
    js_put_int(out, "margin", 1);
    js_put_word(out, "no_money", v->no_money);
    if (v->no_money) {
        js_put_null(out, "total");
        return;
    }
    js_object(out, "total");
    js_put_fixed(out, "sum", v->w.all.value.value, 4);
    js_put_fixed(out, "low", v->w.all.value.low, 4);
    js_put_fixed(out, "high", v->w.all.value.high, 4);
    js_end(out);
}

static void put_day(js *out, const char *key, int32_t day) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    js_putf(out, key, "%04d-%02d-%02d", y, m, d);
}

static double each(const clv_group *g, double sum) {
    return g->customers > 0 ? sum / (double)g->customers : NAN;
}

static void put_holdout(const customer_value *v, const work *w, js *out) {
    const clv_exam *x = &v->holdout.exam;
    double mean = each(&x->all, x->all.actual), lift[CLV_TENTHS];
    js_object(out, "holdout");
    put_day(out, "from", w->days.test_from);
    put_day(out, "to", w->days.end - 1);
    js_put_fixed(out, "actual", x->all.actual, 0);
    js_put_fixed(out, "expected", x->all.expected, 2);
    js_put_fixed(out, "error", x->error, 6);
    js_put_fixed(out, "money_error", money_error(v), 6);
    js_array(out, "bins");
    for (int i = 0; i < CLV_BINS; i++) {
        const clv_group *g = &x->bins[i];
        if (g->customers == 0) continue;
        js_object(out, NULL);
        js_putf(out, "frequency", i < CLV_BINS - 1 ? "%d" : "%d+", i);
        js_put_int(out, "customers", g->customers);
        js_put_fixed(out, "actual", g->actual, 0);
        js_put_fixed(out, "expected", g->expected, 4);
        js_end(out);
    }
    js_end(out);
    js_array(out, "cumulative");
    for (int64_t i = 0; i < v->holdout.n; i++) {
        js_object(out, NULL);
        js_put_fixed(out, "week", v->holdout.week[i], 0);
        js_put_fixed(out, "actual", v->holdout.actual[i], 0);
        js_put_fixed(out, "expected", v->holdout.expected[i], 2);
        js_put_bool(out, "holdout", v->holdout.week[i] > v->holdout.week[v->holdout.n - 1] -
                                                              floor(v->holdout.weeks));
        js_end(out);
    }
    js_end(out);
    for (int i = 0; i < CLV_TENTHS; i++)
        lift[i] = mean > 0 ? each(&x->tenths[i], x->tenths[i].actual) / mean : NAN;
    if (mean > 0) put_numbers(out, "decile_lift", lift, CLV_TENTHS, 4);
    js_put_fixed(out, "top_decile_share", x->capture, 6);
    js_end(out);
}

static void put_matrix(const customer_value *v, js *out) {
    static const double frequency[] = {1, 2, 3, 5, 8, 12, 20, 30, 50};
    enum { ROWS = sizeof frequency / sizeof *frequency };
    double recency[MATRIX], T = v->c.longest, most = v->c.n_x > 0 ? v->c.at_x[v->c.n_x - 1] : 0;
    int rows = 1;
    while (rows < ROWS && frequency[rows] <= most) rows++;
    for (int i = 0; i < MATRIX; i++) recency[i] = floor(T * (i + 1) / MATRIX * 10) / 10;
    js_object(out, "matrix");
    put_numbers(out, "frequency", frequency, rows, 0);
    put_numbers(out, "recency", recency, MATRIX, 1);
    for (int part = 0; part < 2; part++) {
        js_array(out, part ? "expected" : "p_alive");
        for (int r = 0; r < rows; r++) {
            double at[MATRIX];
            for (int i = 0; i < MATRIX; i++) {
                at[i] = clv_alive(v->m.kind, v->m.fit.p, frequency[r], recency[i], T);
                if (part)
                    at[i] *= clv_ahead(v->m.kind, v->m.fit.p, frequency[r], T,
                                       WORTH_DEFAULTS.horizon);
            }
            put_numbers(out, NULL, at, MATRIX, 6);
        }
        js_end(out);
    }
    js_end(out);
}

void customer_value_put_exam(const customer_value *v, const work *w, js *out) {
    if (!v->held) return;
    js_put_word(out, "model", clv_names[v->m.kind]);
    put_holdout(v, w, out);
}

void customer_value_put(const customer_value *v, const work *w, js *out) {
    js_object(out, "clv");
    js_put_word(out, "skipped", v->why);
    if (!v->why) {
        put_fit(v, out);
        if (v->held) put_holdout(v, w, out);
        else js_put_null(out, "holdout");
        if (v->c.longest > 0) put_matrix(v, out);
    }
    js_end(out);
}

float *customer_value_rows(const customer_value *v, int64_t customers, arena *keep) {
    float *to = take_raw(keep, float, customers * BUNDLE_VALUES);
    const double *const from[BUNDLE_VALUES] = {v->w.alive, v->w.purchases, v->w.money, v->w.value,
                                               v->w.low, v->w.high}; /* money: of a purchase */
    for (int64_t i = 0; i < customers * BUNDLE_VALUES; i++) to[i] = NAN;
    for (int64_t i = 0; i < v->h.n && !v->why; i++)
        for (int k = 0; k < BUNDLE_VALUES; k++)
            if (from[k])
                to[(int64_t)v->h.customer[i] * BUNDLE_VALUES + k] =
                    (float)(from[k][i] * (k == BUNDLE_EXPECTED_MONEY ? v->w.purchases[i] : 1));
    return to;
}
