/* markdown: plans against an enumeration of all policies, the closed form, and themselves. */
#include "lab.h"

#include <math.h>

#include "base/random.h"
#include "models/insight/markdown.h"

static double chance_of(int d, double mean) { return exp(d * log(mean) - mean - lgamma(d + 1.0)); }

/* Money by looking at every cut of every week after every demand; from the header's words alone. */
static double by_hand(const markdown_case *m, int t, int cut, int stock, bool free_to_cut) {
    if (t == m->weeks) return m->salvage * stock;
    double most = -INFINITY;
    for (int c = cut; c < (free_to_cut ? m->cuts : cut + 1); c++) {
        double mean = m->base[t] * pow(1 - m->cut[c], m->elasticity), sum = 0, rest = 1;
        double price = m->price * (1 - m->cut[c]);
        for (int d = 0; d < stock; d++) {
            double p = chance_of(d, mean);
            sum += p * (price * d + by_hand(m, t + 1, c, stock - d, free_to_cut));
            rest -= p;
        }
        sum += rest * (price * stock + by_hand(m, t + 1, c, 0, free_to_cut));
        if (sum > most) most = sum;
    }
    return most;
}

static double best_of(const markdown_plan *p, int stock) {
    double most = -INFINITY;
    for (int c = 0; c < p->cuts; c++)
        most = fmax(most, p->worth[c * (p->buckets + 1) + stock]);
    return most;
}

static const double ladder[] = {0, 0.2, 0.5};

CHECK(markdown_equals_the_enumeration_of_small_cases) {
    lab t;
    lab_open(&t, 1);
    for (int seed = 0; seed < 40; seed++) {
        rng r = rng_open(7, (uint64_t)seed);
        double base[3];
        for (int w = 0; w < 3; w++) base[w] = 0.2 + 3 * rng_uniform(&r);
        markdown_case m = {.price = 10, .salvage = 4 * rng_uniform(&r),
                           .elasticity = -0.5 - 3 * rng_uniform(&r), .weeks = 3, .base = base,
                           .cuts = 3, .cut = ladder, .now = seed % 3, .stock = 1 + seed % 5};
        markdown_plan p = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
        /* 1e-9: sums of some hundred terms of at most 50 */
        check_near(best_of(&p, (int)m.stock), by_hand(&m, 0, 0, (int)m.stock, true), 1e-9);
        int first = markdown_choose(&p, 0, m.now, (double)m.stock);
        check(first >= m.now);
        check_near(p.worth[first * (p.buckets + 1) + m.stock],
                   by_hand(&m, 0, m.now, (int)m.stock, true), 1e-9);
    }
    lab_close(&t);
}

CHECK(markdown_finds_the_price_without_limits) {
    lab t;
    lab_open(&t, 1);
    double cuts[20], base = 5; /* b = -2.5, salvage 3: 3 * 2.5 / 1.5 = 5 of 10 */
    for (int c = 0; c < 20; c++) cuts[c] = 0.05 * c;
    markdown_case m = {.price = 10, .salvage = 3, .elasticity = -2.5, .weeks = 1, .base = &base,
                       .cuts = 20, .cut = cuts, .stock = 150};
    markdown_plan p = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
    check_near(cuts[markdown_choose(&p, 0, 0, 150)], 0.5, 1e-12);
    m.elasticity = -0.7; /* nobody sells more for less than a price is worth */
    p = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
    check(markdown_choose(&p, 0, 0, 150) == 0 && markdown_choose(&p, 0, 4, 150) == 4);
    lab_close(&t);
}

CHECK(markdown_of_many_units_is_near_that_of_each_unit) {
    lab t;
    lab_open(&t, 1);
    double base[4] = {60, 50, 40, 30};
    markdown_case m = {.price = 20, .salvage = 1, .elasticity = -2, .weeks = 4, .base = base,
                       .cuts = 3, .cut = ladder, .stock = 200};
    markdown_plan fine = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
    double exact = fine.worth[fine.buckets];
    m.stock = 1000; /* five units a bucket: its worth of 200 units */
    markdown_plan coarse = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
    check(fine.step == 1 && coarse.step == 5 && coarse.buckets == 200);
    check_near(coarse.worth[40], exact, 1e-3 * exact); /* the bend of V within five units */
    lab_close(&t);
}

CHECK(markdown_played_gives_what_was_promised) {
    lab t;
    lab_open(&t, 1);
    double base[3] = {2, 1.5, 1};
    markdown_gain gain;
    markdown_case m = {.price = 10, .salvage = 1, .elasticity = -2, .weeks = 3, .base = base,
                       .cuts = 3, .cut = ladder, .stock = 5};
    markdown_plan p = markdown_solve(&m, 3, &t.s.keep, t.s.scratch);
    markdown_result got = markdown_play(&m, &p, 0, 3, &gain, t.s.scratch);
    markdown_result held = markdown_play(&m, NULL, 0, 3, NULL, t.s.scratch);
    /* 0.8: four standard errors of 2,000 runs that spread by 9 */
    check_near(got.money, by_hand(&m, 0, 0, 5, true), 0.8);
    check_near(held.money, by_hand(&m, 0, 0, 5, false), 0.8);
    check_near(got.units + got.left, 5, 1e-9);
    check_near(got.money, got.sales + m.salvage * got.left, 1e-9);
    check_near(gain.money, got.money - held.money, 1e-9);
    check(got.money_low < got.money && got.money < got.money_high);
    m.elasticity_se = 0.5, m.base_se = 0.5, m.stock = 1000; /* not knowing widens the band */
    markdown_result unsure = markdown_play(&m, NULL, 2, 3, NULL, t.s.scratch);
    m.elasticity_se = m.base_se = 0;
    markdown_result known = markdown_play(&m, NULL, 2, 3, NULL, t.s.scratch);
    check(unsure.money_high - unsure.money_low > 2 * (known.money_high - known.money_low));
    lab_close(&t);
}

CHECK(markdown_without_stock_or_demand_stands_still) {
    lab t;
    lab_open(&t, 1);
    double base[2] = {0, 0};
    markdown_case m = {.price = 10, .salvage = 2, .elasticity = -2, .weeks = 2, .base = base,
                       .cuts = 3, .cut = ladder, .stock = 7};
    markdown_plan p = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
    markdown_result got = markdown_play(&m, &p, 0, 1, NULL, t.s.scratch);
    check(markdown_choose(&p, 0, 0, 7) == 0 && got.cut[1] == 0);
    check_near(got.money, 14, 1e-9);
    m.stock = 0;
    p = markdown_solve(&m, 1, &t.s.keep, t.s.scratch);
    got = markdown_play(&m, &p, 0, 1, NULL, t.s.scratch);
    check(got.money == 0 && got.left == 0 && isnan(got.cut[0]));
    lab_close(&t);
}
