/* What customers are worth: sums by hand, intervals against the delta method, groups, threads. */
#include "buyers.h"

#include <math.h>
#include <string.h>

#include "models/segment/worth.h"

static void fit_both(bed *b, clv_kind kind, clv_model *m, gammagamma *g) {
    clv_params p = CLV_DEFAULTS;
    p.kind = kind;
    bed_histories(b);
    check_ok(clv_fit(m, &b->c, p, b->threads, b->s.scratch, &b->e), &b->e);
    check_ok(gammagamma_fit(g, b->x, b->m, b->n, 0, b->threads, b->s.scratch, &b->e), &b->e);
}

static worth worth_here(bed *b, const clv_model *m, const worth_data *d, worth_params p) {
    worth w;
    worth_of(&w, m, d, p, b->threads, &b->s.keep, b->s.scratch);
    return w;
}

CHECK(worth_is_the_discounted_sum) {
    bed b;
    clv_model m;
    gammagamma g;
    bed_open(&b, 1);
    for (int kind = 0; kind < CLV_KINDS; kind++) {
        fit_both(&b, (clv_kind)kind, &m, &g);
        worth_data d = {.c = &b.c, .m = b.m, .spend = &g};
        worth_params p = {10.5, 2, 0.03, 0.4, 0, 0.1, 0.9, 1};
        worth w = worth_here(&b, &m, &d, p);
        double value = 0, purchases = 0;
        for (int64_t i = 0; i < b.n; i++) {
            double alive = clv_alive(m.kind, m.fit.p, b.x[i], b.t[i], b.T[i]), sum = 0, last = 0;
            static const double ends[] = {2, 4, 6, 8, 10, 10.5};
            for (int k = 0; k < 6; k++) {
                double y = clv_ahead(m.kind, m.fit.p, b.x[i], b.T[i], ends[k]);
                sum += (y - last) / pow(1.03, k + 1);
                last = y;
            }
            double money = gammagamma_mean(g.fit.p, b.x[i], b.x[i] > 0 ? b.m[i] : 0);
            check_near(w.alive[i], alive, 1e-15);
            check_near(w.purchases[i], alive * last, 1e-12);
            check_near(w.money[i], money, 1e-12);
            check_near(w.value[i], 0.4 * money * alive * sum, 1e-12 * (1 + w.value[i]));
            check(w.low[i] == w.value[i] && w.high[i] == w.value[i]);
            value += w.value[i];
            purchases += w.purchases[i];
        }
        check_near(w.all.value.value, value, 1e-9);
        check_near(w.all.purchases.value, purchases, 1e-9);
        check(w.all.customers == 240);
        double alive = 0;
        for (int64_t i = 0; i < b.n; i++) alive += w.alive[i];
        check_near(w.all.alive, alive, 1e-10);
        p.draws = 1; /* one draw is both ends of its interval */
        w = worth_here(&b, &m, &d, p);
        for (int64_t i = 0; i < b.n; i++) check(w.low[i] == w.high[i] && w.low[i] > 0);
    }
    bed_close(&b);
}

/* Total purchases as a function of ln p: its slope and the covariance give a standard deviation,
 * of which a normal interval from 10 to 90 % is 2.563 wide. */
CHECK(worth_intervals_equal_the_delta_method) {
    static const double truth[] = {0.8, 6, 0.7, 2.5};
    bed b;
    clv_model m;
    bed_open(&b, 1);
    double *later = take(&b.s.keep, double, 800), slope[4], variance = 0;
    bed_story(&b, 800, truth, 1, later);
    check_ok(clv_fit(&m, &b.c, CLV_DEFAULTS, b.threads, b.s.scratch, &b.e), &b.e);
    worth_data d = {.c = &b.c};
    worth_params p = WORTH_DEFAULTS;
    p.draws = 800;
    worth w = worth_here(&b, &m, &d, p);
    check(!w.value && !w.money);
    p.draws = 0;
    for (int k = 0; k < 4; k++) {
        double ends[2];
        for (int side = 0; side < 2; side++) {
            clv_model moved = m;
            moved.fit.p[k] *= exp(side ? 1e-4 : -1e-4);
            ends[side] = worth_here(&b, &moved, &d, p).all.purchases.value;
        }
        slope[k] = (ends[1] - ends[0]) / 2e-4;
    }
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) variance += slope[i] * slope[k] * m.fit.covariance[4 * i + k];
    /* 800 draws know an 80 % interval to about 4 %, curvature adds some */
    check_near((w.all.purchases.high - w.all.purchases.low) / (2.563 * sqrt(variance)), 1, 0.12);
    check(w.all.purchases.low < w.all.purchases.value);
    check(w.all.purchases.high > w.all.purchases.value);
    bed_close(&b);
}

CHECK(worth_of_groups_adds_up) {
    bed b;
    clv_model m;
    gammagamma g;
    bed_open(&b, 1);
    fit_both(&b, CLV_BGNBD, &m, &g);
    int32_t *group = take(&b.s.keep, int32_t, b.n);
    for (int64_t i = 0; i < b.n; i++) group[i] = b.x[i] == 0 ? 0 : i % 3 == 0 ? -1 : 1;
    worth_data d = {&b.c, b.m, &g, group, 2};
    worth_params p = WORTH_DEFAULTS;
    p.draws = 60;
    worth w = worth_here(&b, &m, &d, p);
    int64_t in[2] = {0}, lost = 0;
    double value[2] = {0};
    for (int64_t i = 0; i < b.n; i++) {
        lost += w.lost[i];
        check(w.low[i] <= w.high[i] && w.low[i] > 0);
        check(w.lost[i] == clv_lost(&m, b.x[i], b.t[i], b.T[i]));
        if (group[i] < 0) continue;
        in[group[i]]++;
        value[group[i]] += w.value[i];
    }
    for (int k = 0; k < 2; k++) {
        check(w.groups[k].customers == in[k]);
        check_near(w.groups[k].value.value, value[k], 1e-9);
        check(w.groups[k].value.low < value[k] && w.groups[k].value.high > value[k]);
    }
    check(w.all.lost == lost && lost > 0 && lost < 240);
    /* a group of everybody has the totals of all */
    for (int64_t i = 0; i < b.n; i++) group[i] = 0;
    d.groups = 1;
    w = worth_here(&b, &m, &d, p);
    check(memcmp(&w.all, &w.groups[0], sizeof w.all) == 0);
    bed_close(&b);
}

CHECK(worth_is_the_same_with_any_number_of_threads) {
    worth first = {0};
    bed kept[3];
    for (int k = 0; k < 3; k++) {
        clv_model m;
        gammagamma g;
        bed *b = &kept[k];
        bed_open(b, (int[]){1, 2, 8}[k]);
        fit_both(b, CLV_MBGNBD, &m, &g);
        worth_data d = {.c = &b->c, .m = b->m, .spend = &g};
        worth_params p = WORTH_DEFAULTS;
        p.draws = 20;
        p.discount = 0.02; /* five parts in a draw */
        worth w = worth_here(b, &m, &d, p);
        if (k == 0) first = w;
        check(memcmp(first.low, w.low, sizeof *w.low * 240) == 0);
        check(memcmp(first.value, w.value, sizeof *w.value * 240) == 0);
        check(memcmp(&first.all, &w.all, sizeof w.all) == 0);
    }
    for (int k = 0; k < 3; k++) bed_close(&kept[k]);
}

CHECK(worth_refuses_nonsense) {
    static const worth_params wrong[] = {
        {0, 1, 0, 1, 0, 0.1, 0.9, 1},  {5, 0, 0, 1, 0, 0.1, 0.9, 1}, {1e6, 1, 0, 1, 0, 0.1, 0.9, 1},
        {5, 1, -1, 1, 0, 0.1, 0.9, 1}, {5, 1, 0, 0, 0, 0.1, 0.9, 1}, {5, 1, 0, 1, -1, 0.1, 0.9, 1},
        {5, 1, 0, 1, 0, 0.9, 0.1, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) check(worth_check(wrong[i]) != NULL);
    check(worth_check(WORTH_DEFAULTS) == NULL);
}
