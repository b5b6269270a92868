/* clv_retention: who of each month's new customers came back, and how soon, from purchase days. */
#include "surfaces/clv_retention.h"

#include <math.h>

#include "models/segment/cohort.h"
#include "models/segment/sbg.h"
#include "models/survival.h"

enum { PERIODS_MOST = 60, AHEAD = 12 };

static const struct {
    const char *word;
    int months;
} spans[] = {{"month", 1}, {"quarter", 3}, {"year", 12}};

static int month_of(int32_t day) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    return 12 * y + m - 1;
}

typedef struct calendar {
    const char *word;
    int months, first, n; /* of a period; number of the first period; periods */
    bool over;            /* the last period ends with the data */
} calendar;

static calendar choose(const purchase_table *t) {
    calendar c = {0};
    for (int i = 0; i < 3 && (i == 0 || c.n > PERIODS_MOST); i++) {
        c = (calendar){spans[i].word, spans[i].months, month_of(t->first) / spans[i].months, 0, 0};
        c.n = month_of(t->last) / c.months - c.first + 1;
    }
    c.over = month_of(t->last + 1) / c.months != month_of(t->last) / c.months;
    return c;
}

static bool read_cohorts(bench *b, scope *s, const calendar *c, cohort_table *t, err *e) {
    columns all;
    int64_t customers;
    if (!db_count(b->d, &customers, e,
                  "SELECT count(DISTINCT customer) FROM days WHERE bought") ||
        !db_query(b->d, &s->keep, &all, e,
                  "WITH k AS (SELECT DISTINCT customer, CAST(floor((year(day) * 12 + month(day) - "
                  "1) / CAST(%d AS DOUBLE)) AS INTEGER) - %d AS period FROM days WHERE bought) "
                  "SELECT CAST(dense_rank() OVER (ORDER BY customer) - 1 AS INTEGER) AS customer, "
                  "period FROM k ORDER BY 1, 2", c->months, c->first))
        return false;
    *t = cohort_of(columns_i32(&all, "customer"), columns_i32(&all, "period"), all.rows, customers,
                   c->n, c->over, &s->keep, s->scratch);
    return true;
}

static char *period_name(scope *s, const calendar *c, int period) {
    int month = (c->first + period) * c->months;
    return arena_text(&s->keep, "%04d-%02d", month / 12, month % 12 + 1);
}

static bool write_cells(bench *b, scope *s, const calendar *c, const cohort_table *t,
                        const char *path, err *e) {
    static const char *const names[] = {"cohort", "age", "customers", "on", "onward", "finished"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_I32, COLUMN_I64,
                                        COLUMN_I64,  COLUMN_I64, COLUMN_I32};
    columns r = columns_new(&s->keep, 6, names, types, (int64_t)c->n * (c->n + 1) / 2);
    int64_t row = 0;
    for (int k = 0; k < c->n; k++) {
        slice name = slice_of(period_name(s, c, k));
        for (int age = 0; k + age < c->n; age++, row++) {
            r.at[0].text[row] = name;
            r.at[1].i32[row] = age;
            r.at[2].i64[row] = t->size[k];
            r.at[3].i64[row] = t->on[k * c->n + age];
            r.at[4].i64[row] = t->onward[k * c->n + age];
            r.at[5].i32[row] = cohort_is_finished(t, k, age);
        }
    }
    return db_put(b->d, "cohorts", &r, e) && table_write(b->d, "cohorts", path, e);
}

static void put_means(js *out, const char *key, const double *mean, int n) {
    js_array(out, key);
    for (int age = 0; age < n; age++) js_put_real(out, NULL, mean[age]);
    js_end(out);
}

/* Projects from the cohorts that were watched for half of the finished periods. */
static void put_projection(js *out, const cohort_table *t, scope *s) {
    int ages = t->finished / 2;
    double *alive = take(&s->keep, double, t->n + 1);
    err why = {0};
    sbg m;
    js_object(out, "projection");
    cohort_alive(t, ages, alive);
    if (!sbg_fit(&m, alive, ages, s->scratch, &why)) {
        js_put_word(out, "skipped", arena_text(&s->keep, "%s", why.text));
        js_end(out);
        return;
    }
    js_put_real(out, "alpha", m.fit.p[0]);
    js_put_real(out, "beta", m.fit.p[1]);
    js_put_real(out, "log_likelihood", m.fit.value);
    js_put_word(out, "verdict", likelihood_verdict_word(m.fit.verdict));
    js_put_int(out, "ages", ages);
    js_put_real(out, "customers", alive[0]);
    js_array(out, "survival");
    for (int age = 0; age <= ages + AHEAD; age++) {
        js_object(out, NULL);
        js_put_int(out, "age", age);
        if (age <= ages) js_put_real(out, "actual", alive[age] / alive[0]);
        js_put_real(out, "projected", sbg_survival(&m, age));
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

/* Days from the first to the second purchase; who has none yet is still waiting. */
static bool put_second(bench *b, scope *s, const purchase_table *t, js *out, err *e) {
    static const double ends[] = {7, 14, 30, 60, 90, 120, 180, 270, 365, 540, 730};
    columns c;
    if (!db_query(b->d, &s->keep, &c, e,
                  "WITH k AS (SELECT customer, day, row_number() OVER (PARTITION BY customer ORDER "
                  "BY day) AS place FROM days WHERE bought), g AS (SELECT customer, min(day) AS "
                  "first, max(day) FILTER (place = 2) AS second FROM k GROUP BY customer) "
                  "SELECT CAST(coalesce(second, DATE '%s') - first AS DOUBLE) AS time, "
                  "CAST(second IS NOT NULL AS INTEGER) AS came FROM g ORDER BY customer",
                  day_text(&s->keep, t->last)))
        return false;
    bool *came = take(&s->keep, bool, c.rows);
    for (int64_t i = 0; i < c.rows; i++) came[i] = columns_i32(&c, "came")[i];
    survival_curve curve = survival_of(columns_real(&c, "time"), came, c.rows, &s->keep,
                                       s->scratch);
    js_object(out, "second_purchase");
    js_put_int(out, "customers", c.rows);
    js_put_real(out, "median_days", curve.median); /* infinite: null */
    js_array(out, "curve");
    survival_step last = {.share = 1, .low = 1, .high = 1};
    int64_t k = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends && ends[i] <= t->last - t->first; i++) {
        while (k < curve.n && curve.at[k].time <= ends[i]) last = curve.at[k++];
        js_object(out, NULL);
        js_put_real(out, "days", ends[i]);
        js_put_real(out, "share", 1 - last.share);
        js_put_real(out, "low", 1 - last.high);
        js_put_real(out, "high", 1 - last.low);
        js_end(out);
    }
    js_end(out);
    js_end(out);
    return true;
}

bool clv_retention(bench *b, scope *s, const purchase_table *t, const char *path, js *out,
                   err *e) {
    calendar c = choose(t);
    cohort_table table;
    if (!read_cohorts(b, s, &c, &table, e)) return false;
    if (path && !write_cells(b, s, &c, &table, path, e)) return false;
    js_object(out, "retention");
    js_put_word(out, "period", c.word);
    js_put_int(out, "cohorts", c.n);
    js_put_bool(out, "last_is_over", c.over);
    js_array(out, "sizes");
    for (int k = 0; k < c.n; k++) {
        js_object(out, NULL);
        js_put_word(out, "cohort", period_name(s, &c, k));
        js_put_int(out, "customers", table.size[k]);
        js_end(out);
    }
    js_end(out);
    put_means(out, "on", table.on_mean, c.n);
    put_means(out, "onward", table.onward_mean, c.n);
    put_means(out, "on_plain", table.on_plain, c.n);
    put_means(out, "onward_plain", table.onward_plain, c.n);
    put_projection(out, &table, s);
    bool good = put_second(b, s, t, out, e);
    js_end(out);
    return good;
}
