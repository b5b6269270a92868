/* trend story: stages, reasons, revenue's parts, changes of level, odd days; by hand, planted. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "models/insight/anomaly.h"
#include "models/insight/decompose.h"
#include "models/insight/life.h"
#include "models/insight/reason.h"
#include "models/insight/shift.h"

CHECK(life_stages_in_their_order) {
    life_facts f = {.call = TREND_STEADY, .weeks = 30, .silent = 0, .z = 0, .depth = NAN};
    check(life_of(f) == LIFE_PLATEAU);
    f.z = 2.1;
    check(life_of(f) == LIFE_GROWTH);
    f.z = -2.1;
    check(life_of(f) == LIFE_DECLINE);
    f.call = TREND_RISING; /* what is called goes before the slope */
    check(life_of(f) == LIFE_GROWTH);
    f.depth = 0.2;
    check(life_of(f) == LIFE_GROWTH);
    f.depth = 0.21;
    check(life_of(f) == LIFE_CLEARANCE);
    f.weeks = 3;
    check(life_of(f) == LIFE_LAUNCH);
    f.silent = 4;
    check(life_of(f) == LIFE_ENDED);
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    int32_t units[12];
    for (int t = 0; t < 12; t++) units[t] = 10 << (t / 2); /* doubles every two weeks */
    check_near(life_shape(units, NULL, 12, s.scratch).slope, log(2) / 2, 0.02);
    check(life_shape(units, NULL, 12, s.scratch).p < 0.001);
    check(life_shape(units, NULL, 7, s.scratch).p >= 1); /* too few weeks to have a shape */
    /* the short way and the whole test agree on what is sure */
    int sure = 0;
    for (int i = 0; i < 400; i++) {
        rng r = rng_open(8, (uint64_t)i);
        for (int t = 0; t < 12; t++) units[t] = (int32_t)rng_poisson(&r, 3 + t * (i % 5) / 4.0);
        double whole = life_shape(units, NULL, 12, s.scratch).z;
        double brief = life_sure(units, NULL, 12, s.scratch);
        check((fabs(whole) > 1.96) == (fabs(brief) > 1.96));
        if (fabs(whole) > 1.96) check_near(brief, whole, 0);
        sure += fabs(whole) > 1.96;
    }
    check(sure > 60 && sure < 340);
    scope_close(&s);
}

CHECK(reason_largest_first_and_only_with_the_wind) {
    const reason_facts none = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, -2};
    reason_one out[REASONS];
    check(reason_find(out, none, 1) == 0 && reason_find(out, none, -1) == 0);
    reason_facts f = none;
    f.price = log(0.8), f.category = 0.3, f.season = -0.5, f.out_now = 0.5, f.out_before = 0;
    check(reason_find(out, f, 1) == 2);
    check(out[0].name == REASON_PRICE && out[1].name == REASON_CATEGORY);
    check_near(out[0].explains, -2 * log(0.8), 1e-12);
    check(reason_find(out, f, -1) == 2);
    check(out[0].name == REASON_STOCK && out[1].name == REASON_SEASON);
    check_near(out[0].explains, log(0.5), 1e-12);
    f.price = log(0.93); /* under the threshold */
    check(reason_find(out, f, 1) == 1 && out[0].name == REASON_CATEGORY);
    f.featured = 0.5; /* counts half: behind the category's 0.3 */
    check(reason_find(out, f, 1) == 2 && out[1].name == REASON_FEATURED);
    f = none, f.price = log(0.9), f.category = 0.3, f.season = 0.5; /* the table's order upward */
    check(reason_find(out, f, 1) == 3 && out[0].name == REASON_SEASON);
    check(out[1].name == REASON_CATEGORY && out[2].name == REASON_PRICE);
    f = none, f.out_now = 0.6, f.out_before = 0.3;
    check(reason_find(out, f, -1) == 1 && out[0].name == REASON_STOCK);
    check_near(out[0].fact, 0.3, 1e-12), check_near(out[0].explains, log(0.4 / 0.7), 1e-12);
    f = none, f.life = 0.4, f.variant = 1;
    check(reason_find(out, f, -1) == 2 && out[0].name == REASON_VARIANT);
    check(out[1].name == REASON_LIFE && reason_find(out, f, 1) == 0);
}

/* By hand. A: 10 at 5, then 20 at 4. B: 10 at 20, then 5 at 20. All: 20 units for 250, then 25
 * for 180. Volume 5/20 of 250 = 62.5; price -1 · 20 = -20; mix = -70 + 20 - 62.5 = -112.5. */
CHECK(decompose_price_volume_mix_by_hand) {
    const int64_t M = 1000000;
    const decompose_sales two[] = {{10, 20, 50 * M, 80 * M}, {10, 5, 200 * M, 100 * M}};
    const int32_t group[] = {0, 1};
    decompose_pvm of[2], all;
    decompose_groups(of, &all, two, group, 2, 2);
    check(all.price == -20 * M && all.volume == 62500000 && all.mix == -112500000);
    check(of[0].volume == 12500000 && of[1].volume == 50 * M && of[1].price == 0);
    const decompose_sales fresh[] = {{0, 3, 0, 30 * M}};
    decompose_groups(of, &all, fresh, group, 1, 1);
    check(all.mix == 30 * M && all.price == 0 && all.volume == 0);
}

/* Money that does not divide, returns, articles of one period only: to the last millionth. */
CHECK(decompose_adds_up_exactly) {
    enum { N = 5000, G = 7 };
    static decompose_sales a[N];
    static int32_t group[N];
    int64_t change = 0;
    for (int64_t i = 0; i < N; i++) {
        rng r = rng_open(5, (uint64_t)i);
        int64_t units[2] = {(int64_t)(rng_u32(&r) % 900) - 20, (int64_t)(rng_u32(&r) % 900) - 20};
        a[i] = (decompose_sales){units[0], units[1], (int64_t)rng_u32(&r) * 977,
                                 (int64_t)rng_u32(&r) * 991};
        group[i] = (int32_t)(i % G), change += a[i].money1 - a[i].money0;
    }
    decompose_pvm of[G], all, sum = {0};
    decompose_groups(of, &all, a, group, N, G);
    for (int g = 0; g < G; g++) {
        check(of[g].price + of[g].volume + of[g].mix == of[g].of.money1 - of[g].of.money0);
        sum.price += of[g].price, sum.volume += of[g].volume, sum.mix += of[g].mix;
    }
    check(sum.price == all.price && sum.volume == all.volume && sum.mix == all.mix);
    check(all.price + all.volume + all.mix == change);
}

CHECK(decompose_shapley_by_hand) {
    /* 2·3·5 = 30 to 4·3·10 = 120. y does not change: nothing. x: 2·(5 + 10)/2·3 = 45, so z 45 */
    int64_t part[3];
    decompose_shapley(part, (double[]){2, 3, 5}, (double[]){4, 3, 10}, 90000000);
    check(part[0] == 45000000 && part[1] == 0 && part[2] == 45000000);
    /* all three double from 1: every order is the same mirrored, 7 / 3 each */
    decompose_shapley(part, (double[]){1, 1, 1}, (double[]){2, 2, 2}, 7000000);
    check(part[0] == 2333333 && part[1] == 2333333 && part[2] == 2333334);
}

CHECK(shift_finds_planted_levels_and_none_in_noise) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 4 << 20, &e), &e);
    int32_t units[104];
    shift_cut cuts[26];
    int found = 0, right = 0, noise = 0, bunched = 0;
    for (int i = 0; i < 200; i++) {
        rng r = rng_open(9, (uint64_t)i);
        for (int t = 0; t < 104; t++) units[t] = (int32_t)rng_poisson(&r, t < 60 ? 20 : 34);
        int n = shift_find(units, NULL, 104, 4, cuts, s.scratch);
        found += n, right += n > 0 && abs(cuts[0].at - 60) <= 2;
        if (n == 1) check_near(cuts[0].before, 20, 4), check_near(cuts[0].after, 34, 5);
        for (int t = 0; t < 104; t++) units[t] = (int32_t)rng_poisson(&r, 20);
        noise += shift_find(units, NULL, 104, 4, cuts, s.scratch);
        for (int t = 0; t < 104; t++) /* variance 4 times the mean */
            units[t] = (int32_t)rng_poisson(&r, rng_gamma(&r, 20 / 3.0) * 3);
        bunched += shift_find(units, NULL, 104, 4, cuts, s.scratch);
    }
    check(right >= 190 && found <= 215);
    check(noise <= 10 && bunched <= 20); /* series of 200 with a level that is not there */
    int32_t few[7] = {1, 1, 1, 1, 90, 90, 90};
    check(shift_find(few, NULL, 7, 4, cuts, s.scratch) == 0); /* two levels need eight values */
    double exposure[8] = {1, 1, 1, 1, 9, 9, 9, 9};
    int32_t like[8] = {10, 10, 10, 10, 90, 90, 90, 90};
    check(shift_find(like, exposure, 8, 4, cuts, s.scratch) == 0);
    check(shift_find(like, NULL, 8, 4, cuts, s.scratch) == 1 && cuts[0].at == 4);
    scope_close(&s);
}

/* By hand. Neighbours of 20 at exposure 2 and 13 at 1 are 2 off their share of 33, squared over
 * 33 · 2/9: 6/11; of 200 and 130 20 off, 60/11. Four of 6/11, three of 60/11 and the leap of 192:
 * median 3. */
CHECK(shift_by_hand) {
    static const int32_t units[] = {20, 13, 20, 13, 20, 130, 200, 130, 200, 13, 20, 13, 20};
    static const double exposure[] = {2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 16, 1 << 16, &e), &e);
    shift_cut cuts[3];
    check(shift_find(units, exposure, 9, 4, cuts, s.scratch) == 1 && cuts[0].at == 5);
    check_near(cuts[0].before, 86.0 / 8, 1e-12);
    check_near(cuts[0].after, 660.0 / 6, 1e-12);
    check_near(cuts[0].phi, 3 / 0.4549364231195724, 1e-12);
    check(shift_find(units, exposure, 13, 4, cuts, s.scratch) == 2);
    check(cuts[0].at == 5 && cuts[1].at == 9);
    check_near(cuts[0].after, 660.0 / 6, 1e-12);
    check_near(cuts[1].before, 660.0 / 6, 1e-12);
    check_near(cuts[1].after, 66.0 / 6, 1e-12);
    scope_close(&s);
}

/* A shop of 2 categories of 20 articles, 182 days, weekdays 1 … 7; category and shop are sums. */
enum { A = 40, N = 3 + A, DAYS = 182 };
static void make_days(int32_t units[N * DAYS], int32_t parent[N], uint64_t seed, int bunch) {
    memset(units, 0, sizeof(int32_t) * N * DAYS);
    parent[0] = -1, parent[1] = parent[2] = 0;
    for (int i = 3; i < N; i++) parent[i] = 1 + i % 2;
    for (int i = 3; i < N; i++)
        for (int t = 0; t < DAYS; t++) {
            rng r = rng_open(seed, (uint64_t)(i * DAYS + t));
            double mean = 0.4 * (1 + t % 7) * (i % 5 ? 1 : 3);
            if (bunch > 1) mean *= i % 5 ? 0.1 : 2; /* slow ones beside fast ones */
            units[i * DAYS + t] = bunch * (int32_t)rng_poisson(&r, mean / bunch);
        }
}
static void add_up(int32_t units[N * DAYS], const int32_t parent[N]) {
    for (int i = N - 1; i > 0; i--)
        for (int t = 0; t < DAYS; t++) units[parent[i] * DAYS + t] += units[i * DAYS + t];
}

CHECK(anomaly_told_where_its_cause_sits) {
    static int32_t units[N * DAYS];
    int32_t parent[N];
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    anomaly_model m[2];
    for (int k = 0; k < 2; k++) {
        pool *threads = pool_open(k ? 8 : 1, 4 << 20, &e);
        make_days(units, parent, 3, 1);
        for (int t = 100; t < 102; t++) units[7 * DAYS + t] += 60;  /* one article, two days */
        units[9 * DAYS + 110] += 2000; /* a great order must not widen what is usual */
        for (int i = 3; i < N; i++)
            if (parent[i] == 2) units[i * DAYS + 130] *= 4;           /* a whole category */
        for (int i = 3; i < N; i++) units[i * DAYS + 150] = 0;       /* the shop was shut */
        add_up(units, parent);
        m[k] = anomaly_find(&(anomaly_data){.n = N, .days = DAYS, .judged = 140, .units = units,
                                            .parent = parent, .rate = 0.05},
                            threads, &s.keep, s.scratch);
        pool_close(threads);
    }
    check(m[0].n == m[1].n && !memcmp(m[0].one, m[1].one, (size_t)m[0].n * sizeof *m[0].one));
    int article = 0, category = 0, shop = 0, great = 0, empty = 0;
    for (int64_t k = 0; k < m[0].n; k++) {
        const anomaly_one *one = &m[0].one[k];
        article += one->series == 7 && one->from == 100 && one->to == 101 && one->direction == 1 &&
                   one->units >= 120 && one->expected > 1 && one->expected < 6;
        category += one->series == 2 && one->from == 130 && one->direction == 1 && one->members > 3;
        great += one->series == 9 && one->from == 110 && one->z > 60; /* z 30 where it does */
        empty += one->series == 9 && one->direction == -1;
        shop += one->series == 0 && one->from == 150 && one->direction == -1 && one->units == 0;
    }
    check(article == 1 && category == 1 && shop == 1 && great == 1 && empty == 0);
    check(m[0].n <= 7); /* at most 5 % false among the alarms, of which there are about 30 */
    scope_close(&s);
}

CHECK(anomaly_none_where_nothing_happened) {
    static int32_t units[N * DAYS];
    int32_t parent[N];
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    pool *threads = pool_open(2, 4 << 20, &e);
    int64_t shops = 0, tests = 0;
    for (int k = 0; k < 40; k++) { /* half of them with sales of six at a time */
        make_days(units, parent, (uint64_t)(40 + k), k < 20 ? 1 : 6);
        add_up(units, parent);
        anomaly_model m = anomaly_find(
            &(anomaly_data){.n = N, .days = DAYS, .judged = 140, .units = units, .parent = parent,
                            .rate = 0.05}, threads, &s.keep, s.scratch);
        shops += m.n > 0, tests += k < 20 ? m.tests : 0;
    }
    check(shops <= 7); /* 5 % of 40 are two; seven have a chance of 0.3 % */
    check(tests == 20 * 140 * N); /* slow articles too are judged, every day */
    /* P(Y <= y) against the sum of a negative binomial: mean 3, variance 6, size 3, share 1/2 */
    check_near(anomaly_below(1, 3, 2), 0.125 + 0.1875, 1e-12);
    check_near(anomaly_below(-1, 3, 2), 0, 0);
    pool_close(threads);
    scope_close(&s);
}
