/* pipeline_recommend_weeks: weekly cut-offs, marks of lists, judging a finished run by weeks. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "pipeline/recommend_backtest.h"

CHECK(cutoffs_go_back_by_weeks_and_keep_a_history) {
    windows days = {day_of(2020, 1, 1), day_of(2020, 7, 1), day_of(2020, 8, 1),
                    day_of(2020, 8, 29)};
    recommend_calendar c = recommend_cutoffs(days, 4, 2);
    check(recommend_test_weeks(days) == 4);
    check(c.n == 4 && c.cutoff[3] == day_of(2020, 8, 8) && c.cutoff[0] == day_of(2020, 7, 18));
    days.first = day_of(2020, 6, 25); /* 28 days before the second */
    c = recommend_cutoffs(days, 8, 0);
    check(c.n == 5 && c.cutoff[0] == day_of(2020, 7, 25) && c.cutoff[4] == day_of(2020, 8, 22));
    days.test_from = day_of(2020, 8, 25);
    check(recommend_test_weeks(days) == 1);
}

/* Two weeks by hand: customer 7 buys in both, customer 9 in the first. */
CHECK(exam_marks_lists_and_resamples_customers_by_hand) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 22, 1 << 22, &e), &e);
    int32_t row[] = {0, 0, 1}, col[] = {3, 5, 4}, row2[] = {0}, col2[] = {1};
    int32_t first[] = {7, 9}, second[] = {7};
    uint8_t segment[] = {RECOMMEND_ACTIVE, RECOMMEND_NEW};
    float surprise[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    recommend_week w[2] = {
        {.n_active = 8, .segment = segment, .surprise = surprise,
         .units = {2, first, sparse_from_triples(2, 8, 3, row, col, NULL, &s.keep, s.scratch)}},
        {.n_active = 8, .segment = segment, .surprise = surprise,
         .units = {1, second, sparse_from_triples(1, 8, 1, row2, col2, NULL, &s.keep, s.scratch)}}};
    w[0].lists.items = w[1].lists.items = 8;
    recommend_exam x = recommend_exam_open(w, 2, 10, 1, &s.keep, s.scratch);
    check(x.n == 3 && x.clusters == 2 && x.cluster[0] == x.cluster[2]);
    int32_t ids[3 * RECOMMEND_K];
    for (int i = 0; i < 3 * RECOMMEND_K; i++) ids[i] = -1;
    ids[0] = 5, ids[1] = 0, ids[2] = 3;   /* hits at 1 and 3 of 2: AP (1 + 2/3) / 2 */
    ids[RECOMMEND_K] = 6;                 /* none */
    ids[2 * RECOMMEND_K] = 0, ids[2 * RECOMMEND_K + 1] = 1; /* hit at 2: AP 1/2 */
    recommend_marks m = recommend_exam_mark(&x, ids, &s.keep, s.scratch);
    check_near(m.of[RECOMMEND_MAP][0], 5.0 / 6, 1e-12);
    check_near(m.of[RECOMMEND_MAP][1], 0, 0);
    check_near(m.of[RECOMMEND_MAP][2], 0.5, 1e-12);
    /* 4 of 8 articles with 2 of 3 units, 2 of 8 with the third */
    check_near(m.coverage, (4.0 / 8) * 2 / 3 + (2.0 / 8) / 3, 1e-12);
    check_near(m.novelty, (6 + 1 + 4 + 7) / 4.0 * 2 / 3 + 1.5 / 3, 1e-6);
    metrics_interval i = recommend_exam_interval(&x, m.of[RECOMMEND_MAP], NULL, RECOMMEND_ALL,
                                                 s.scratch);
    check_near(i.mean, (5.0 / 6 + 0.5) / 3, 1e-12);
    /* two customers: either is drawn twice in a quarter of the resamples, so the ends are theirs */
    check_near(i.low, 0, 1e-12);
    check_near(i.high, (5.0 / 6 + 0.5) / 2, 1e-12);
    i = recommend_exam_interval(&x, m.of[RECOMMEND_MAP], NULL, (recommend_part){1, -1}, s.scratch);
    check(i.n == 1);
    check_near(i.mean, 0.5, 1e-12);
    i = recommend_exam_interval(&x, m.of[RECOMMEND_MAP], m.of[RECOMMEND_MAP],
                                (recommend_part){-1, RECOMMEND_NEW}, s.scratch);
    check(i.n == 1 && i.mean == 0);
    scope_close(&s);
}

/* An even spread has a Gini index of 0; one article for everybody has 1 - 1/n. */
CHECK(exam_gini_of_even_and_of_single_lists) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 22, 1 << 22, &e), &e);
    int32_t row[] = {0, 1}, col[] = {3, 5}, who[] = {0, 1}, ids[2 * RECOMMEND_K];
    uint8_t segment[2] = {0};
    float surprise[4] = {0};
    recommend_week w = {.n_active = 4, .segment = segment, .surprise = surprise,
                        .units = {2, who, sparse_from_triples(2, 8, 2, row, col, NULL, &s.keep,
                                                              s.scratch)}};
    w.lists.items = 4;
    recommend_exam x = recommend_exam_open(&w, 1, 2, 1, &s.keep, s.scratch);
    for (int i = 0; i < 2 * RECOMMEND_K; i++) ids[i] = -1;
    ids[0] = 0, ids[1] = 1, ids[RECOMMEND_K] = 2, ids[RECOMMEND_K + 1] = 3;
    check_near(recommend_exam_mark(&x, ids, &s.keep, s.scratch).gini, 0, 1e-12);
    ids[0] = 2, ids[1] = -1, ids[RECOMMEND_K] = 2, ids[RECOMMEND_K + 1] = -1;
    check_near(recommend_exam_mark(&x, ids, &s.keep, s.scratch).gini, 0.75, 1e-12);
    scope_close(&s);
}

CHECK(backtest_weeks_are_read_or_refused) {
    static const char *const bad[][2] = {{"x", "got 'x'"},
                                         {"3-1", "got '3-1'"},
                                         {"1,1", "week 1 comes twice or too late"},
                                         {"4-6,5", "week 5 comes twice or too late"},
                                         {"0-99", "at most 60 weeks"},
                                         {"-2", "got '-2'"},
                                         {"1,", "got ''"}};
    recommend_backtest b;
    err e = {0};
    check_ok(recommend_backtest_weeks("0-2,16,20-21", "--weeks", b.week, &b.n, &e), &e);
    const int32_t wanted[] = {0, 1, 2, 16, 20, 21};
    check(b.n == 6 && memcmp(b.week, wanted, sizeof wanted) == 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err no = {0};
        check(!recommend_backtest_weeks(bad[i][0], "--weeks", b.week, &b.n, &no));
        check(no.kind == ERR_ASKED_WRONG);
        check_has(slice_of(no.text), bad[i][1]);
    }
}

static double value_in(const js_node *of, const char *key, const char *which) {
    double value = NAN;
    js_real(js_get(js_get(of, key), which), &value);
    return value;
}

/* Popularity, popularity by segment, blend, blend by segment: a gain is the difference of two
 * means, and of those who have not bought yet it is nothing. */
static void check_by_segment(const js_node *said, double customer_weeks) {
    const js_node *by = js_get(said, "by_segment"), *parts = js_get(by, "parts");
    double sum = 0, n = 0;
    check(js_count(js_get(by, "models")) == 4 && js_count(js_get(by, "comparisons")) == 2);
    check_near(value_in(js_at(js_get(by, "models"), 0), "map_at_12", "value"),
               value_in(js_get(js_at(js_get(said, "models"), 0), "metrics"), "map_at_12", "value"),
               0);
    check(js_count(parts) >= 3);
    for (int64_t g = 0; g < js_count(parts); g++, sum += n) {
        const js_node *models = js_get(js_at(parts, g), "models");
        check(js_real(js_get(js_at(parts, g), "customer_weeks"), &n));
        for (int m = 1; n > 0 && m < 4; m += 2) {
            double gain = value_in(js_at(models, m), "gain", "value");
            double by_it = value_in(js_at(models, m), "map_at_12", "value");
            double without = value_in(js_at(models, m - 1), "map_at_12", "value");
            check_near(gain, by_it - without, 1e-12); /* sums in another order */
            if (g == js_count(parts) - 1) check_near(gain, 0, 0);
        }
    }
    check_near(sum, customer_weeks, 0);
}

CHECK(evaluate_shop_judges_a_finished_run_by_weeks) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 16 << 20, &e), &e);
    const char *shop = check_folder("backtest-shop"), *out = check_folder("backtest-out");
    check_run r = check_atelier(&s, (const char *[]){"demo", shop, "--size", "tiny", "--seed", "5",
                                                     "--force", NULL});
    check(r.status == 0);
    r = check_atelier(&s, (const char *[]){"run", shop, "--out", out, "--to", "datasets", NULL});
    check(r.status == 0);
    r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--shop", out, "--weeks",
                                           "0-2,8", "--tune-weeks", "3-5", "--by-segment", "--json",
                                           NULL});
    check(r.status == 0);
    const js_node *said = js_parse(&s, r.out, &e);
    check(said != NULL);
    check(js_count(js_get(said, "weeks")) == 4 && js_count(js_get(said, "tuning")) > 10);
    check(js_count(js_get(said, "models")) == RECOMMEND_MODELS - 1); /* no ranker */
    double customer_weeks = 0;
    check(js_real(js_get(said, "customer_weeks"), &customer_weeks));
    check_by_segment(said, customer_weeks);
    r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--shop", out, "--weeks", "0-3",
                                           "--tune-weeks", "3-5", NULL});
    check(r.status == 2);
    check_has(r.err, "week 3 is to be judged on and cannot be tuned on as well");
    r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--shop", shop, NULL});
    check(r.status == 2);
    check_has(r.err, "holds no finished run");
    r = check_atelier(&s, (const char *[]){"evaluate", "recommend", NULL});
    check(r.status == 2);
    check_has(r.err, "atelier evaluate needs --in FILE");
    scope_close(&s);
}

/* Cut-off day 1000: 28 days before it is active still, 29 are lapsed; what is bought on it is not
 * known. */
CHECK(recommend_segments_by_hand) {
    static const int32_t customer[] = {0, 0, 1, 2}, day[] = {900, 972, 971, 1000};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    recommend_data d = {.customers = 4, .n = 4, .customer = customer, .day = day};
    const uint8_t *is = recommend_segments_of(&d, 1000, &s.keep);
    check(is[0] == RECOMMEND_ACTIVE && is[1] == RECOMMEND_LAPSED);
    check(is[2] == RECOMMEND_NEW && is[3] == RECOMMEND_NEW);
    scope_close(&s);
}

/* Customers 0 … 9 buy article c % 3 on day 10, customer 3 another one on day 11, customer 10 too
 * late. Of at most 4, every third is taken: 0, 3, 6, 9. */
CHECK(buyers_beyond_the_limit_are_every_nth) {
    static const int32_t customer[] = {0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10};
    static const int32_t article[] = {0, 1, 2, 0, 2, 1, 2, 0, 1, 2, 0, 0};
    static const int32_t day[] = {10, 10, 10, 10, 11, 10, 10, 10, 10, 10, 10, 17};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    recommend_data d = {.customers = 11, .articles = 3, .n = 12, .customer = customer,
                        .article = article, .day = day};
    recommend_units u = recommend_buyers(&d, 10, 17, 4, &s.keep, s.scratch);
    check(u.buyers == 10 && u.n == 4 && sparse_count(&u.truth) == 5);
    for (int i = 0; i < 4; i++) check(u.customers[i] == 3 * i && sparse_has(&u.truth, i, 0));
    check(sparse_has(&u.truth, 1, 2) && !sparse_has(&u.truth, 2, 2));
    u = recommend_buyers(&d, 10, 17, 10, &s.keep, s.scratch);
    check(u.buyers == 10 && u.n == 10);
    scope_close(&s);
}
