/* value in the pipeline: purchases drawn from known models come back, by hand where they can. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/customer_value.h"

static const js_node *said(desk *t, const customer_value *v) {
    js *out = take(&t->s.keep, js, 1);
    js_open(out, &t->s);
    js_object(out, NULL);
    customer_value_put(v, &t->w, out);
    js_end(out);
    const js_node *root = js_parse(&t->s, text_slice(&out->out), &t->e);
    check_ok(root != NULL, &t->e);
    return js_get(root, "clv");
}

/* Customers who come in the first year, buy lambda times a week (Gamma of shape 2) and go for good
 * after a purchase (with `faithful` not after the first) with the chance of one in ten; each
 * purchase brings about 20 (or 20 x drift in the test window). 104 weeks, of which the last 13 are
 * the test. */
static void open_drawn(desk *t, const char *name, int customers, int threads, double drift,
                       bool faithful) {
    enum { MOST = 60 }; /* rows a customer; nobody buys as often */
    static const char *const names[] = {"customer", "day", "quantity", "revenue"};
    int32_t first = day_of(2023, 1, 2);
    desk_open(t, threads, name, (windows){first, first + 78 * 7, first + 91 * 7, first + 104 * 7});
    columns c = columns_new(&t->s.keep, 4, names,
                            (column_type[]){COLUMN_I32, COLUMN_I32, COLUMN_I32, COLUMN_REAL},
                            (int64_t)customers * MOST);
    c.rows = 0;
    for (int i = 0; i < customers; i++) {
        rng r = rng_open(77, (uint64_t)i);
        double rate = -(log(1 - rng_uniform(&r)) + log(1 - rng_uniform(&r))) / 10;
        double usual = 10 + 20 * rng_uniform(&r), day = floor(364 * rng_uniform(&r));
        for (int n = 0; n < MOST && day < 104 * 7; n++) {
            double factor = 0.5 + rng_uniform(&r);
            c.at[0].i32[c.rows] = i;
            c.at[1].i32[c.rows] = (int32_t)day;
            c.at[2].i32[c.rows] = 1;
            c.at[3].real[c.rows++] = usual * factor * (day >= 91 * 7 ? drift : 1);
            if ((n > 0 || !faithful) && rng_uniform(&r) < 0.1) break;
            day += 1 - 7 * log(1 - rng_uniform(&r)) / rate;
        }
    }
    check_ok(db_put(t->w.d, "drawn", &c, &t->e), &t->e);
    desk_sql(t, "CREATE TABLE transactions AS SELECT customer, DATE '2023-01-02' + day AS day, "
                "quantity, revenue::DECIMAL(18,6) AS revenue FROM drawn "
                "UNION ALL SELECT NULL, DATE '2023-01-05', 1, 5.0");
}

static void open_shop(desk *t, const char *name, int customers, int threads, double drift) {
    open_drawn(t, name, customers, threads, drift, false);
}

static double real_at(const js_node *n, const char *key) { return desk_real(n, key); }

CHECK(value_foretells_what_was_drawn) {
    desk t;
    customer_value v;
    open_shop(&t, "value-drawn", 1500, 1, 1);
    check_ok(customer_value_of(&v, &t.w, true, &t.s, &t.e), &t.e);
    const js_node *clv = said(&t, &v), *held = js_get(clv, "holdout");
    check(!v.why && !v.no_money);
    /* some 750 purchases in the test window: chance alone is 3.7 % of them, three times that */
    check(real_at(held, "actual") > 500);
    check_near(real_at(held, "error"), 0, 0.11);
    check_near(real_at(held, "money_error"), 0, 0.13); /* and that of what they cost */
    /* the chance to go after a purchase is a / (a + b) = .1; 0.03: three of its errors */
    const js_node *p = js_get(clv, "parameters");
    check_near(real_at(p, "a") / (real_at(p, "a") + real_at(p, "b")), 0.1, 0.03);
    /* the curve ends at the repeat purchases of all who were known before the test */
    const js_node *curve = js_get(held, "cumulative"), *last = js_at(curve, js_count(curve) - 1);
    const js_node *total = js_get(clv, "total");
    bool out = false;
    check(js_bool(js_get(last, "holdout"), &out) && out);
    check(js_bool(js_get(js_at(curve, 0), "holdout"), &out) && !out);
    int64_t repeat = 0;
    check_ok(db_count(t.w.d, &repeat, &t.e,
                      "SELECT count(*) - count(DISTINCT customer) FROM (SELECT DISTINCT customer, "
                      "day FROM transactions WHERE customer IN (SELECT customer FROM transactions "
                      "WHERE day < DATE '2023-01-02' + 91 * 7))"), &t.e);
    check_near(real_at(last, "actual"), (double)repeat, 0);
    check(real_at(total, "low") < real_at(total, "sum") &&
          real_at(total, "sum") < real_at(total, "high"));
    desk_close(&t);
}

CHECK(value_exam_alone_is_that_of_the_whole) {
    desk t;
    customer_value whole, alone;
    open_shop(&t, "value-exam", 600, 1, 1);
    check_ok(customer_value_of(&whole, &t.w, true, &t.s, &t.e), &t.e);
    check_ok(customer_value_examine(&alone, &t.w, &t.s, &t.e), &t.e);
    check(whole.held && alone.held && alone.holdout.n == whole.holdout.n);
    check_near(alone.holdout.exam.error, whole.holdout.exam.error, 0);
    js *out = take(&t.s.keep, js, 1);
    js_open(out, &t.s);
    js_object(out, NULL);
    customer_value_put_exam(&alone, &t.w, out);
    js_end(out);
    const js_node *put = js_parse(&t.s, text_slice(&out->out), &t.e);
    check_near(real_at(js_get(put, "holdout"), "expected"),
               real_at(js_get(said(&t, &whole), "holdout"), "expected"), 0);
    desk_close(&t);
}

/* Who may go after the first purchase is read by MBG/NBD, who never does by BG/NBD. */
CHECK(value_takes_the_likelier_model) {
    for (int faithful = 0; faithful < 2; faithful++) {
        desk t;
        customer_value v;
        slice model;
        open_drawn(&t, "value-likelier", 1500, 1, 1, faithful);
        check_ok(customer_value_of(&v, &t.w, false, &t.s, &t.e), &t.e);
        const js_node *clv = said(&t, &v), *tried = js_get(clv, "tried");
        check(js_text(js_get(clv, "model"), &model));
        check_text(model, faithful ? "bgnbd" : "mbgnbd");
        check((real_at(tried, "bgnbd") > real_at(tried, "mbgnbd")) == faithful);
        desk_close(&t);
    }
}

CHECK(value_of_each_customer_adds_up_and_is_missing_for_strangers) {
    desk t;
    customer_value v;
    open_shop(&t, "value-rows", 300, 1, 1);
    check_ok(customer_value_of(&v, &t.w, false, &t.s, &t.e), &t.e);
    float *rows = customer_value_rows(&v, 303, &t.s.keep);
    double sum = 0;
    for (int i = 0; i < 300; i++) {
        const float *one = rows + i * BUNDLE_VALUES;
        check(one[BUNDLE_P_ALIVE] >= 0 && one[BUNDLE_P_ALIVE] <= 1);
        check(one[BUNDLE_CLV_LOW] <= one[BUNDLE_CLV] && one[BUNDLE_CLV] <= one[BUNDLE_CLV_HIGH]);
        check(one[BUNDLE_CLV] <= one[BUNDLE_EXPECTED_MONEY]); /* discounted */
        sum += (double)one[BUNDLE_CLV];
    }
    check_near(sum, v.w.all.value.value, 1e-4 * sum); /* floats of the file */
    for (int k = 0; k < BUNDLE_VALUES; k++) check(isnan(rows[302 * BUNDLE_VALUES + k]));
    desk_close(&t);
}

CHECK(value_holds_money_back_when_the_test_was_missed) {
    desk t;
    customer_value v;
    slice why;
    open_shop(&t, "value-drift", 500, 1, 0.3); /* prices fall to a third */
    check_ok(customer_value_of(&v, &t.w, true, &t.s, &t.e), &t.e);
    check(js_text(js_get(said(&t, &v), "no_money"), &why));
    check_has(why, "more than the 25 % with which money is told");
    float *rows = customer_value_rows(&v, 500, &t.s.keep);
    check(isnan(rows[BUNDLE_CLV]) && isfinite(rows[BUNDLE_P_ALIVE]));
    desk_close(&t);
}

CHECK(value_without_repeat_purchases_says_why) {
    desk t;
    customer_value v;
    desk_open(&t, 1, "value-none", (windows){0, 30, 60, 90});
    desk_sql(&t, "CREATE TABLE transactions AS SELECT i::INTEGER AS customer, "
                 "DATE '1970-01-01' + i::INTEGER AS day, 1 AS quantity, 5::DECIMAL(18,6) revenue "
                 "FROM range(50) AS t(i)");
    check_ok(customer_value_of(&v, &t.w, true, &t.s, &t.e), &t.e);
    slice why;
    check(js_text(js_get(said(&t, &v), "skipped"), &why) && why.n > 0);
    check(isnan(customer_value_rows(&v, 50, &t.s.keep)[BUNDLE_P_ALIVE]));
    desk_close(&t);
}

CHECK(value_is_the_same_with_any_number_of_threads) {
    slice first = {0};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    for (int i = 0; i < 3; i++) {
        desk t;
        customer_value v;
        open_shop(&t, "value-threads", 200, ((int[]){1, 2, 8})[i], 1);
        check_ok(customer_value_of(&v, &t.w, true, &t.s, &t.e), &t.e);
        js out = {.first = true};
        js_object(&out, NULL);
        customer_value_put(&v, &t.w, &out);
        js_end(&out);
        if (i == 0) first = slice_of(slice_copy(&s.keep, text_slice(&out.out)));
        check(slice_compare(first, text_slice(&out.out)) == 0);
        text_free(&out.out);
        desk_close(&t);
    }
    scope_close(&s);
}
