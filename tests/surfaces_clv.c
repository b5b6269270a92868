/* clv as a verb: histories counted by hand, the exam, money held back, bad input, threads. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "check_json.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    return s;
}

static const char *table(const char *name, const char *rows) {
    static char path[600];
    snprintf(path, sizeof path, "%s/tx.csv", check_folder(name));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fputs(rows, out);
    fclose(out);
    return path;
}

/* 300 customers of the story of BG/NBD over a year of days, money by customer. */
static const char *story(const char *name, double growth) {
    static char path[600];
    snprintf(path, sizeof path, "%s/story.csv", check_folder(name));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fprintf(out, "customer,date,money\nc001,2099-01-01,5\n"); /* a slip of a clock */
    for (int i = 0; i < 300; i++) {
        rng r = rng_open(3, (uint64_t)i);
        double rate = rng_gamma(&r, 1.5) / 30, stop = rng_gamma(&r, 1), size = 5 + i % 40;
        stop /= stop + rng_gamma(&r, 4);
        for (double now = (double)rng_below(&r, 100); now < 364;) {
            int y, m, d;
            day_split(day_of(2021, 1, 1) + (int)now, &y, &m, &d);
            fprintf(out, "c%03d,%04d-%02d-%02d,%.2f\n", i, y, m, d,
                    size * rng_gamma(&r, 4) / 4 * (now > 240 ? growth : 1));
            now += ceil(rng_exponential(&r) / rate);
            if (rng_uniform(&r) < stop) break;
        }
    }
    fclose(out);
    return path;
}

#define ROWS                                                                                       \
    "CustomerID,InvoiceDate,UnitPrice,Quantity\n"                                                  \
    "ann,2020-01-29 10:00:00,4,2\n" /* out of order; two rows of one day are one purchase */       \
    "ann,2020-01-01 09:00:00,100,1\n"                                                              \
    "ann,2020-01-29 23:59:00,2,1\n"                                                                \
    "ann,2020-01-15 10:00:00,20,1\n"                                                               \
    "ann,2020-01-16 10:00:00,13,-1\n" /* a return of a tenth of 130: no purchase */                \
    "bob,2020-01-08 10:00:00,0,1\n"   /* a gift is a purchase of no money */                       \
    "cy,2020-01-10 10:00:00,5,0\n"    /* nothing */                                                \
    "dan,2020-01-02 10:00:00,7,1\n"                                                                \
    "dan,2020-01-09 10:00:00,9,1\n"                                                                \
    "dan,2020-02-20 10:00:00,9,1\n"                                                                \
    "eve,2020-02-10 10:00:00,7,1\n" /* not yet a customer */

CHECK(clv_verb_counts_histories_by_hand) {
    scope s = open_scope();
    const char *argv[] = {"clv", "--in", table("clv-hand", ROWS), "--calibration-end", "2020-01-30",
                          "--most-error", "100", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    check_has(r.out, "customer,frequency,recency,age,p_alive,expected_purchases,expected_money,"
                     "clv,lo,hi,churn\n");
    check_has(r.out, "\nann,2,4,4.142857143,");
    check_has(r.out, "\nbob,0,0,3.142857143,");
    check_has(r.out, "\ndan,1,1,4,");
    check(!memmem(r.out.p, r.out.n, "\ncy,", 4) && !memmem(r.out.p, r.out.n, "\neve,", 5));
    const char *json[] = {"clv", "--in", table("clv-hand", ROWS), "--calibration-end", "2020-01-30",
                          "--most-error", "100", "--unit", "day", "--retention",
                          "build/tests-tmp/clv-hand/r.csv",
                          "--json", NULL};
    const js_node *all = run_json(&s, json);
    char cells[300] = "";
    FILE *in = fopen("build/tests-tmp/clv-hand/r.csv", "rb");
    check(in != NULL && fread(cells, 1, sizeof cells - 1, in) > 0);
    fclose(in);
    check_has(slice_of(cells), "cohort,age,customers,on,onward,finished\n2020-01,0,3,3,3,1\n"
                               "2020-01,1,3,1,1,0\n2020-02,0,1,1,1,0\n");
    check_near(real_of(all, "customers"), 3, 0);
    check_near(real_of(all, "not_yet_customers"), 1, 0);
    check_near(real_of(all, "returns"), 1, 0);
    check_near(real_of(all, "no_purchases"), 1, 0);
    check_near(real_of(all, "returned_share"), 13 / 162.0, 1e-12); /* with dan's 25 and eve's 7 */
    const js_node *back = js_get(all, "retention"), *second = js_get(back, "second_purchase");
    check(js_count(js_get(back, "sizes")) == 2);
    check_near(real_of(js_at(js_get(back, "sizes"), 0), "customers"), 3, 0);
    /* after 7 days 1 of 4 came back; after 14 one of the 2 who are still watched: 1 - 3/4 x 1/2 */
    check_near(real_of(js_at(js_get(second, "curve"), 0), "share"), 0.25, 1e-15);
    check_near(real_of(js_at(js_get(second, "curve"), 1), "share"), 0.625, 1e-15);
    check_near(real_of(second, "median_days"), 14, 0);
    check_has(text_of(js_get(back, "projection"), "skipped"), "at least 2 periods");
    const js_node *held = js_get(all, "holdout");
    check_text(text_of(held, "from"), "2020-01-31");
    check_text(text_of(held, "to"), "2020-02-20");
    check_near(real_of(held, "time"), 21, 0);
    check_near(real_of(js_get(held, "purchases"), "actual"), 1, 0);
    check_near(real_of(js_get(held, "cumulative"), "actual"), 4, 1e-9);
    check_near(real_of(js_get(held, "money"), "actual"), 9, 0);
    const js_node *curve = js_get(held, "curve");
    check(js_count(curve) == 21);
    check_near(real_of(js_at(curve, 19), "actual"), 3, 0); /* dan comes on the last day */
    check_near(real_of(js_at(curve, 20), "actual"), 4, 0);
    scope_close(&s);
}

/* ann's repeat days: 20 and 10, mean 15, less a tenth; dan's one of 9. */
CHECK(clv_verb_takes_returns_off_the_money) {
    scope s = open_scope();
    const char *path = table("clv-money", ROWS);
    char to[700];
    snprintf(to, sizeof to, "%s.out.csv", path);
    const char *argv[] = {"clv", "--in", path, "--calibration-end", "2020-01-30", "--most-error",
                          "100", "--out", to, "--json", NULL};
    const js_node *all = run_json(&s, argv), *p = js_get(all, "parameters");
    double P = real_of(p, "p"), q = real_of(p, "q"), v = real_of(p, "v");
    double x, t, T, alive, soon, money = 0;
    char got[2000] = "";
    FILE *in = fopen(to, "rb");
    check(in != NULL && fread(got, 1, sizeof got - 1, in) > 0);
    fclose(in);
    const char *line = strstr(got, "\nann,");
    check(line && sscanf(line + 5, "%lf,%lf,%lf,%lf,%lf,%lf", &x, &t, &T, &alive, &soon,
                         &money) == 6);
    check_near(money, P * (v + 2 * 15 * 0.9) / (P * 2 + q - 1), 1e-12 * money);
    scope_close(&s);
}

CHECK(clv_verb_examines_and_refits_by_itself) {
    scope s = open_scope();
    const char *path = story("clv-story", 1);
    const char *argv[] = {"clv", "--in", path, "--horizon", "26w", "--json", NULL};
    const js_node *all = run_json(&s, argv), *held = js_get(all, "holdout");
    check_text(text_of(all, "as_of"), "2021-12-30"); /* the last purchase */
    check_near(real_of(all, "days_far_off"), 1, 0);
    check_text(text_of(all, "verdict"), "converged");
    check_near(real_of(all, "horizon"), 26, 0);
    /* some 600 purchases of 250 customers in the hold-out: twice the noise of independent ones */
    check(fabs(real_of(js_get(held, "purchases"), "error")) < 0.15);
    check(fabs(real_of(js_get(held, "cumulative"), "error")) < 0.06);
    check(real_of(held, "top_decile_capture") > 0.2);
    check(js_count(js_get(held, "bins")) == 8 && js_count(js_get(held, "deciles")) == 10);
    const js_node *clv = js_get(js_get(all, "totals"), "clv");
    check(real_of(clv, "low") < real_of(clv, "value"));
    check(real_of(clv, "high") > real_of(clv, "value"));
    check(real_of(js_get(all, "totals"), "lost") > 20);
    scope_close(&s);
}

CHECK(clv_verb_holds_money_back_where_the_exam_was_failed) {
    scope s = open_scope();
    const char *path = story("clv-growth", 2); /* prices double in the hold-out */
    const char *argv[] = {"clv", "--in", path, "--calibration-end", "2021-08-28", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    check_has(r.err, "no money is shown: the hold-out was missed by ");
    check_has(r.out, ",,,,"); /* the columns are there, empty */
    const char *open[] = {"clv", "--in", path, "--calibration-end", "2021-08-28", "--most-error",
                          "0.9", NULL};
    r = check_atelier(&s, open);
    check(r.status == 0 && !memmem(r.out.p, r.out.n, ",,,,", 4));
    scope_close(&s);
}

CHECK(clv_verb_prints_the_same_with_any_number_of_threads) {
    scope s = open_scope();
    slice first = {0};
    const char *path = story("clv-threads", 1);
    for (int t = 0; t < 3; t++) {
        const char *argv[] = {"clv", "--in", path, "--draws", "50", "--threads",
                              ((const char *[]){"1", "2", "8"})[t], NULL};
        check_run r = check_atelier(&s, argv);
        check(r.status == 0);
        if (t == 0) first = r.out;
        check(slice_compare(first, r.out) == 0);
    }
    scope_close(&s);
}

CHECK(clv_verb_reads_histories_as_they_are) {
    scope s = open_scope();
    char rows[4000] = "ID,frequency,recency,T,monetary_value\n", one[60];
    for (int i = 0; i < 60; i++) {
        snprintf(one, sizeof one, "%d,%d,%d,30,%d\n", i, i % 5, i % 5 ? 6 * (i % 5) - i % 3 : 0,
                 i % 5 ? 10 + i : 0);
        strcat(rows, one);
    }
    const char *path = table("clv-summary", rows);
    const char *argv[] = {"clv", "--in", path, "--model", "mbgnbd", "--json", NULL};
    const js_node *all = run_json(&s, argv);
    check_near(real_of(all, "repeat_purchases"), 120, 0);
    check_near(real_of(js_get(all, "spend"), "customers"), 48, 0);
    check_text(text_of(js_get(all, "holdout"), "skipped"),
               "the table holds histories without dates");
    const char *day[] = {"clv", "--in", path, "--calibration-end", "2020-01-30", NULL};
    check_run r = check_atelier(&s, day);
    check(r.status == 2);
    check_has(r.err, "holds histories without any");
    path = table("clv-summary-bad", "id,frequency,recency,T\na,0,0,9\nb,2,5,4\n");
    const char *bad[] = {"clv", "--in", path, NULL};
    r = check_atelier(&s, bad);
    check(r.status == 2);
    check_has(r.err, "customer 2 (frequency 2, recency 5, age 4) has a recency above its age");
    scope_close(&s);
}

CHECK(clv_verb_refuses_in_words) {
    static const char once[] = "customer,date,money\na,2020-01-01,3\nb,2020-02-01,3\n"
                               "a,2020-01-01,9\n";
    static const char one[] = "customer,date,money\na,2020-01-01,3\na,2020-01-21,4\n"
                              "a,2020-02-11,4\na,2020-02-21,4\n";
    static const char back[] = "customer,date,money\na,2020-01-01,-3\nb,2020-01-02,-5\n";
    static const struct {
        const char *rows, *option, *value, *says;
    } wrong[] = {
        {once, NULL, NULL, "none of 2 customers bought on a second day"},
        {back, NULL, NULL, "no row has a quantity above 0 and money of 0 or more"},
        {ROWS, "--calibration-end", "2019-12-31", "lies before the first purchase, on 2020-01-01"},
        {ROWS, "--calibration-end", "2020-02-20", "leaves nothing to hold the fit against: the "
                                                  "last purchase is on 2020-02-20"},
        {ROWS, "--calibration-end", "2020-13-01", "must be a day like 2026-01-31"},
        {ROWS, "--horizon", "52", "--horizon must be a number of days, weeks"},
        {one, "--calibration-end", "2020-01-05", "none of 1 customers bought on a second day"}};
    scope s = open_scope();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *argv[] = {"clv", "--in", table("clv-refuse", wrong[i].rows), wrong[i].option,
                              wrong[i].value, NULL};
        check_run r = check_atelier(&s, argv);
        check(r.status == 2);
        check_has(r.err, wrong[i].says);
    }
    /* one customer is fitted; nothing can be said of money, and it says so */
    const char *argv[] = {"clv", "--in", table("clv-one", one), NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    check_has(r.err, "no money is shown: what customers spend cannot be modelled: 1 of 1");
    check_has(r.out, "\na,3,7.285714286,7.285714286,");
    scope_close(&s);
}
