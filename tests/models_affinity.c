/* affinity: hand-counted baskets, plain counting, the prior, planted pairs, threads. */
#include "lab.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/insight/affinity.h"

static const affinity_rule *find(const affinity_list *l, int32_t item, int32_t other) {
    for (int64_t r = l->first[item]; r < l->first[item + 1]; r++)
        if (l->rule[r].other == other) return &l->rule[r];
    return NULL;
}

/* Six baskets of four items: 0 1 | 0 1 | 0 2 | 1 | 3 | 0 1 2. */
static const int64_t first[] = {0, 2, 4, 6, 7, 8, 11};
static const int32_t item[] = {0, 1, 0, 1, 0, 2, 1, 3, 0, 1, 2};
static const affinity_data hand = {.items = 4, .baskets = 6, .first = first, .item = item};

CHECK(affinity_of_baskets_counted_by_hand) {
    lab t;
    affinity_list l;
    lab_open(&t, 2);
    affinity_params p = AFFINITY_DEFAULTS;
    p.least = 1;
    affinity_together(&l, &hand, p, t.threads, &t.s.keep, t.s.scratch);
    const affinity_rule *r = find(&l, 0, 1);
    check(r && r->n == 3 && l.count[0] == 4 && l.count[1] == 4 && l.total == 6);
    check_near(r->expected, 4.0 * 4 / 6, 1e-15);
    affinity_measures m = affinity_measure(&l, r);
    check_near(m.support, 0.5, 1e-15);
    check_near(m.confidence, 0.75, 1e-15);
    check_near(m.lift, 3.0 / (16.0 / 6), 1e-15);
    check_near(m.conviction, (1 - 4.0 / 6) / 0.25, 1e-12);
    check_near(m.npmi, log(0.5 / (4.0 / 6 * 4 / 6)) / -log(0.5), 1e-12);
    /* table 3 1 / 1 1 against 8/3 4/3 / 4/3 2/3 */
    double g2 = 2 * (3 * log(9.0 / 8) + log(3.0 / 4) + log(3.0 / 4) + log(3.0 / 2));
    check_near(m.g2, g2, 1e-12);
    check(m.low < m.shrunk && m.shrunk < m.high);
    check(find(&l, 1, 0)->n == 3 && find(&l, 2, 1)->n == 1 && l.first[4] == l.first[3]);
    p.least = 2;
    affinity_together(&l, &hand, p, t.threads, &t.s.keep, t.s.scratch);
    check(find(&l, 2, 1) == NULL && find(&l, 2, 0)->n == 2);
    p.cap = 2; /* the basket of three is none */
    affinity_together(&l, &hand, p, t.threads, &t.s.keep, t.s.scratch);
    check(l.left_out == 1 && l.total == 5 && find(&l, 0, 1)->n == 2 && l.count[2] == 1);
    int32_t product[] = {7, 7, 8, 9};
    affinity_data variants = hand;
    variants.product = product, p.cap = 60;
    affinity_together(&l, &variants, p, t.threads, &t.s.keep, t.s.scratch);
    check(find(&l, 0, 1) == NULL && find(&l, 0, 2) != NULL);
    lab_close(&t);
}

CHECK(affinity_next_counts_customers_once_within_the_days) {
    lab t;
    affinity_list l;
    lab_open(&t, 1);
    /* customer 0: a, b after 10 days, b again; customer 1: a, b after 31 days; customer 2: b, then
     * a; customer 3: a and b on one day */
    int64_t at[] = {0, 1, 2, 3, 4, 5, 6, 7, 9}, of[] = {0, 3, 5, 7, 8};
    int32_t what[] = {0, 1, 1, 0, 1, 1, 0, 0, 1}, day[] = {0, 10, 20, 0, 31, 0, 5, 0};
    affinity_data d = {.items = 2, .baskets = 8, .first = at, .item = what, .customers = 4,
                       .customer_first = of, .day = day};
    affinity_params p = AFFINITY_DEFAULTS;
    p.least = 1;
    affinity_next(&l, &d, p, t.threads, &t.s.keep, t.s.scratch);
    const affinity_rule *r = find(&l, 0, 1);
    check(r && r->n == 1 && r->reverse == 1 && l.count[0] == 4 && l.total == 4);
    check_near(r->expected, 1.0 * 5 / 9, 1e-15); /* one customer's next item; b is 5 of 9 */
    p.days = 31;
    affinity_next(&l, &d, p, t.threads, &t.s.keep, t.s.scratch);
    check(find(&l, 0, 1)->n == 2);
    lab_close(&t);
}

/* Baskets where items 2k and 2k + 1 attract each other tenfold for k < 5; the rest is chance. */
static affinity_data plant(lab *t, int baskets) {
    enum { ITEMS = 300 };
    rng r = rng_open(4, 2);
    int64_t n = 0, *at = take(&t->s.keep, int64_t, baskets + 1);
    int32_t *what = take(&t->s.keep, int32_t, (int64_t)baskets * 8);
    for (int b = 0; b < baskets; b++) {
        bool in[ITEMS] = {false};
        int size = 1 + (int)rng_below(&r, 5);
        for (int i = 0; i < size; i++) {
            int x = (int)(ITEMS * rng_uniform(&r) * rng_uniform(&r));
            in[x] = true;
            if (x >= 200 && x < 210 && rng_below(&r, 10) == 0) in[x ^ 1] = true;
        }
        for (int i = 0; i < ITEMS; i++)
            if (in[i]) what[n++] = i;
        at[b + 1] = n;
    }
    return (affinity_data){.items = ITEMS, .baskets = baskets, .first = at, .item = what};
}

CHECK(affinity_finds_planted_pairs_and_little_else) {
    lab t;
    affinity_list l;
    lab_open(&t, 2);
    affinity_data d = plant(&t, 30000);
    affinity_together(&l, &d, AFFINITY_DEFAULTS, t.threads, &t.s.keep, t.s.scratch);
    int found = 0, sure = 0;
    for (int64_t i = 0; i < l.first[d.items]; i++) {
        const affinity_rule *r = &l.rule[i];
        bool planted = r->item >= 200 && r->item < 210 && (r->item ^ 1) == r->other;
        double low = affinity_measure(&l, r).low;
        found += planted && low > 2;
        sure += !planted && low > 1.5;
    }
    if (found < 10) print_error("%d planted pairs found, %d others\n", found, sure);
    check(found == 10);
    check(sure <= 6); /* of 6,000 listed pairs that chance alone made */
    /* raw lift is led by pairs seen twice */
    double most = 0;
    for (int64_t i = 0; i < l.first[d.items]; i++)
        if (l.rule[i].n == 2) most = fmax(most, affinity_measure(&l, &l.rule[i]).lift);
    check(most > 3);
    lab_close(&t);
}

CHECK(affinity_equals_plain_counting_on_any_threads) {
    lab t, t8;
    affinity_list l, m;
    lab_open(&t, 1);
    lab_open(&t8, 8);
    affinity_data d = plant(&t, 3000);
    affinity_params p = AFFINITY_DEFAULTS;
    p.keep = 300, p.least = 1;
    affinity_together(&l, &d, p, t.threads, &t.s.keep, t.s.scratch);
    affinity_together(&m, &d, p, t8.threads, &t8.s.keep, t8.s.scratch);
    int64_t n = l.first[d.items];
    check(memcmp(&l.prior, &m.prior, sizeof l.prior) == 0 && n == m.first[d.items]);
    check(memcmp(l.rule, m.rule, (size_t)n * sizeof *l.rule) == 0);
    static int32_t count[300][300];
    memset(count, 0, sizeof count);
    for (int64_t b = 0; b < d.baskets; b++)
        for (int64_t i = d.first[b]; i < d.first[b + 1]; i++)
            for (int64_t j = d.first[b]; j < d.first[b + 1]; j++)
                count[d.item[i]][d.item[j]]++;
    int64_t pairs = 0;
    for (int i = 0; i < 300; i++)
        for (int j = 0; j < 300; j++) pairs += i != j && count[i][j] > 0;
    check(pairs == n);
    for (int64_t i = 0; i < n; i++) check(count[l.rule[i].item][l.rule[i].other] == l.rule[i].n);
    lab_close(&t);
    lab_close(&t8);
}

/* Nine pairs of ten are chance (lift .8 to 1.2), one is related (mean 10). Whatever the fitted
 * prior is: of the pairs seen about 5 % have a true lift below their `low`, 5 % above `high`. */
CHECK(affinity_prior_tells_chance_from_relation) {
    enum { PAIRS = 60000 };
    lab t;
    lab_open(&t, 2);
    affinity_pair *pair = take(&t.s.keep, affinity_pair, PAIRS);
    double *truth = take(&t.s.keep, double, PAIRS);
    rng r = rng_open(8, 1);
    int64_t n = 0, below = 0, above = 0, related = 0, known = 0;
    for (int i = 0; i < PAIRS; i++) {
        bool relation = rng_below(&r, 10) == 0;
        double expected = exp(2 * rng_normal(&r)) + 0.01;
        double lift = relation ? rng_gamma(&r, 2) / 0.2 : rng_gamma(&r, 50) / 50;
        int64_t seen = rng_poisson(&r, expected * lift);
        if (seen == 0) continue;
        truth[n] = lift, pair[n++] = (affinity_pair){(double)seen, expected};
    }
    affinity_prior p = affinity_prior_fit(pair, n, t.threads, t.s.scratch);
    check_near(p.a[0] / p.b[0], 1, 0.05);
    check_near(p.a[1] / p.b[1], 10, 1.5);
    const affinity_table *table = affinity_table_of(&p, &t.s.keep);
    for (int64_t i = 0; i < n; i++) {
        affinity_lift l = affinity_lift_of(table, pair[i].n, pair[i].expected);
        below += truth[i] < l.low, above += truth[i] > l.high;
        related += truth[i] > 4 && pair[i].n >= 5;
        known += truth[i] > 4 && pair[i].n >= 5 && l.low > 1.5;
    }
    check_near((double)below / (double)n, 0.05, 0.02);
    check_near((double)above / (double)n, 0.05, 0.02);
    check((double)known > 0.85 * (double)related);
    p = affinity_prior_fit(pair, 0, t.threads, t.s.scratch);
    check(p.a[0] == 1 && p.b[1] == 1);
    lab_close(&t);
}

/* Psi and psi' of the posterior by their definitions: one part without weight leaves a gamma. */
CHECK(affinity_lift_of_one_gamma) {
    lab t;
    lab_open(&t, 1);
    affinity_prior p = {{2, 1}, {1, 1}, {1, 1e-300}};
    const affinity_table *table = affinity_table_of(&p, &t.s.keep);
    affinity_lift l = affinity_lift_of(table, 3, 4); /* Gamma(5, 5) */
    double psi = 1.0 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4 - 0.57721566490153286;
    double psi1 = 1.6449340668482264 - 1 - 1.0 / 4 - 1.0 / 9 - 1.0 / 16;
    check_near(l.mean, 1, 1e-12);
    check_near(l.low, exp(psi - log(5) - 1.6448536269514722 * sqrt(psi1)), 1e-8);
    check_near(l.high, exp(psi - log(5) + 1.6448536269514722 * sqrt(psi1)), 1e-8);
    l = affinity_lift_of(table, 5000, 4000);
    check_near(l.mean, 5002.0 / 4001, 1e-12);
    lab_close(&t);
}
