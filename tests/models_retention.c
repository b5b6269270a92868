/* Retention: shifted-beta-geometric cohorts, survival with censoring, cohort tables. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/segment/cohort.h"
#include "models/segment/sbg.h"
#include "models/segment/log_rank.h"
#include "models/survival.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 16 << 20, &e), &e);
    return s;
}

/* The two cohorts of the paper, of 1,000 customers each, and its parameters. */
CHECK(sbg_equals_the_paper) {
    static const double high[] = {1000, 869, 743, 653, 593, 551, 517, 491};
    static const double regular[] = {1000, 631, 468, 382, 326, 289, 262, 241};
    scope s = open_scope();
    err e = {0};
    sbg m;
    check_ok(sbg_fit(&m, high, 7, s.scratch, &e), &e);
    check_near(m.fit.p[0], 0.6681, 5e-5); /* printed digits */
    check_near(m.fit.p[1], 3.8061, 5e-5);
    check_near(m.fit.value, -1611.16, 5e-3);
    check(m.fit.verdict == LIKELIHOOD_CONVERGED);
    check_ok(sbg_fit(&m, regular, 7, s.scratch, &e), &e);
    check_near(m.fit.p[0], 0.7041, 5e-5);
    check_near(m.fit.p[1], 1.1820, 5e-5);
    check_near(m.fit.value, -1680.27, 5e-3);
    /* by hand: alpha = 1, beta = 2: S = 2/3, 2/3 x 3/4 = 1/2, 1/2 x 4/5 */
    m.fit.p[0] = 1, m.fit.p[1] = 2;
    check_near(sbg_survival(&m, 0), 1, 0);
    check_near(sbg_survival(&m, 2), 0.5, 1e-15);
    check_near(sbg_retention(&m, 3), 0.8, 1e-15);
    check_near(sbg_survival(&m, 3), 0.4, 1e-15);
    scope_close(&s);
}

CHECK(sbg_finds_its_own_numbers_and_refuses_others) {
    scope s = open_scope();
    err e = {0};
    sbg truth = {.fit = {.p = {0.8, 2.5}}}, m;
    double alive[13];
    for (int t = 0; t <= 12; t++) alive[t] = 1e6 * sbg_survival(&truth, t);
    check_ok(sbg_fit(&m, alive, 12, s.scratch, &e), &e);
    check_near(m.fit.p[0], 0.8, 1e-5); /* expected counts are their own maximum */
    check_near(m.fit.p[1], 2.5, 1e-5);
    static const double risen[] = {10, 5, 6}, all[] = {10, 10, 10};
    check(!sbg_fit(&m, risen, 2, s.scratch, &e));
    check_has(slice_of(e.text), "period 2 of the cohort has 6 customers");
    e = (err){0};
    check(!sbg_fit(&m, all, 2, s.scratch, &e));
    check_has(slice_of(e.text), "nobody of 10 customers left");
    e = (err){0};
    check(!sbg_fit(&m, all, 1, s.scratch, &e));
    check_has(slice_of(e.text), "at least 2 periods");
    scope_close(&s);
}

/* Reference: tests/oracles/survival.py with lifelines 0.30.3. */
static const double when[18] = {3, 5, 5, 5, 8, 8, 10, 12, 15, 15, 15, 18, 20, 21, 21, 25, 2, 30};
static const bool did[18] = {1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1};
static const int32_t kind[18] = {0, 1, 0, 1, 2, 0, 1, 2, 2, 0, 0, 1, 2, 1, 2, 2, 1, 0};

CHECK(survival_equals_the_reference) {
    static const double wanted[9][4] = {{3, 0.941176470588, 0.650178901856, 0.991499105566},
                                        {5, 0.823529411765, 0.547131776703, 0.939405339469},
                                        {8, 0.760180995475, 0.479625728536, 0.902733993953},
                                        {10, 0.69107363225, 0.406924226168, 0.859113127313},
                                        {12, 0.621966269025, 0.341179288162, 0.81082695812},
                                        {15, 0.483751542575, 0.225287125297, 0.701993367425},
                                        {20, 0.38700123406, 0.142766605262, 0.629401497659},
                                        {21, 0.290250925545, 0.0795320531742, 0.546381381632},
                                        {30, 0, 0, 0}};
    scope s = open_scope();
    survival_curve c = survival_of(when, did, 18, &s.keep, s.scratch);
    check(c.n == 9);
    for (int i = 0; i < 9; i++) {
        check_near(c.at[i].time, wanted[i][0], 0);
        check_near(c.at[i].share, wanted[i][1], 1e-11); /* printed digits */
        check_near(c.at[i].low, wanted[i][2], 1e-11);
        check_near(c.at[i].high, wanted[i][3], 1e-11);
    }
    check(c.at[0].waiting == 17 && c.at[1].events == 2); /* one was censored before the first */
    check_near(c.median, 15, 0);
    check_near(survival_at(&c, 2.9), 1, 0);
    check_near(survival_at(&c, 19), wanted[5][1], 1e-11);
    scope_close(&s);
}

/* Freireich's 6-mercaptopurine arm (1963), weeks to relapse: printed survival at 6, 10, 16 weeks,
 * and the log(-log) interval at 10 from S = .75294 and its error .09635: half = z se / (S ln S). */
CHECK(survival_of_the_published_leukaemia_trial) {
    static const double weeks[21] = {6,  6,  6,  6,  7,  9,  10, 10, 11, 13, 16,
                                     17, 19, 20, 22, 23, 25, 32, 32, 34, 35};
    static const bool relapse[21] = {1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1,
                                     0, 0, 0, 1, 1, 0, 0, 0, 0, 0};
    scope s = open_scope();
    survival_curve c = survival_of(weeks, relapse, 21, &s.keep, s.scratch);
    check_near(survival_at(&c, 5), 1, 0);
    check_near(survival_at(&c, 6), 0.8571, 5e-5);
    check_near(survival_at(&c, 10), 0.7529, 5e-5);
    check_near(survival_at(&c, 16), 0.6275, 5e-5);
    check_near(survival_at(&c, 40), 0.4482, 5e-5);
    double share = 0.752941, half = 1.959964 * 0.096350 / (share * fabs(log(share)));
    check_near(survival_seen(&c, 10).high, pow(share, exp(-half)), 2e-5);
    check_near(survival_seen(&c, 10).low, pow(share, exp(half)), 2e-5);
    scope_close(&s);
}

CHECK(survival_log_rank_equals_the_reference) {
    scope s = open_scope();
    int32_t two[18], empty[18];
    log_rank t = log_rank_test(when, did, kind, 3, 18, s.scratch);
    check(t.groups == 3);
    check_near(t.chi2, 1.0074789421112345, 1e-12);
    check_near(t.p, 0.6042667913395146, 1e-12);
    for (int i = 0; i < 18; i++) {
        two[i] = kind[i] ? 1 : 0;
        empty[i] = kind[i] ? 4 : 1; /* groups without anybody count for nothing */
    }
    t = log_rank_test(when, did, two, 2, 18, s.scratch);
    check_near(t.chi2, 0.5286760817328293, 1e-12);
    check_near(t.p, 0.46716399457711233, 1e-12);
    log_rank same = log_rank_test(when, did, empty, 6, 18, s.scratch);
    check(same.groups == 2);
    check_near(same.chi2, t.chi2, 1e-12);
    static const int32_t four[18] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 1, 0};
    t = log_rank_test(when, did, four, 4, 18, s.scratch);
    check_near(t.chi2, 1.344856736544708, 1e-12);
    check_near(t.p, 0.7185099516306765, 1e-12);
    /* in fractions, over six groups and then with the last two as one */
    int32_t six[18] = {0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5};
    check_near(log_rank_test(when, did, six, 6, 18, s.scratch).chi2, 5.573393036623744, 1e-12);
    for (int i = 0; i < 18; i++) six[i] -= six[i] == 5;
    check_near(log_rank_test(when, did, six, 5, 18, s.scratch).chi2, 2.8499465063019427, 1e-12);
    memset(two, 0, sizeof two);
    t = log_rank_test(when, did, two, 2, 18, s.scratch);
    check(t.groups == 1 && t.p == 1);
    scope_close(&s);
}

/* Four periods: 0 buys in 0, 1, 3; 1 in 0; 2 in 1 and 2; 3 in 2 (twice); 4 never; 5 in 0 and 2. */
CHECK(cohort_counts_by_hand) {
    static const int32_t who[] = {0, 2, 0, 0, 1, 2, 3, 3, 5, 5};
    static const int32_t period[] = {3, 1, 0, 1, 0, 2, 2, 2, 2, 0};
    static const int64_t on[4][4] = {{3, 1, 1, 1}, {1, 1, 0, -1}, {1, 0, -1, -1}, {0, -1, -1, -1}};
    static const int64_t onward[4][4] = {
        {3, 2, 2, 1}, {1, 1, 0, -1}, {1, 0, -1, -1}, {0, -1, -1, -1}};
    scope s = open_scope();
    cohort_table t = cohort_of(who, period, 10, 6, 4, false, &s.keep, s.scratch);
    check(t.finished == 3 && t.size[0] == 3 && t.size[1] == 1 && t.size[2] == 1 && t.size[3] == 0);
    check(memcmp(t.on, on, sizeof on) == 0);
    check(memcmp(t.onward, onward, sizeof onward) == 0);
    check(cohort_is_finished(&t, 1, 1) && !cohort_is_finished(&t, 1, 2));
    /* age 1, finished cells of cohorts 0 and 1: 1 of 3 and 1 of 1 */
    check_near(t.on_mean[1], 0.5, 1e-15);
    check_near(t.on_plain[1], 2.0 / 3, 1e-15);
    check_near(t.onward_mean[1], 0.75, 1e-15);
    check_near(t.onward_plain[1], 5.0 / 6, 1e-15);
    check(isnan(t.on_mean[3]));
    double alive[4];
    cohort_alive(&t, 1, alive);
    check_near(alive[0], 4, 0);
    check_near(alive[1], 3, 0);
    t = cohort_of(who, period, 10, 6, 4, true, &s.keep, s.scratch);
    check_near(t.on_mean[3], 1.0 / 3, 1e-15); /* with the last period over, one of three */
    check_near(t.on_mean[1], 2.0 / 5, 1e-15);
    scope_close(&s);
}

CHECK(cohort_keeps_more_periods_than_a_word_has_bits) {
    static const int32_t who[] = {0, 0, 1, 1, 1}, period[] = {0, 69, 63, 64, 69};
    scope s = open_scope();
    cohort_table t = cohort_of(who, period, 5, 2, 70, true, &s.keep, s.scratch);
    check(t.size[0] == 1 && t.size[63] == 1 && t.on[69] == 1 && t.on[64] == 0 && t.on[5] == 0);
    check(t.on[63 * 70 + 1] == 1 && t.on[63 * 70 + 6] == 1 && t.on[63 * 70 + 7] == -1);
    check(t.onward[63 * 70 + 3] == 1 && t.on[63 * 70 + 3] == 0);
    scope_close(&s);
}
