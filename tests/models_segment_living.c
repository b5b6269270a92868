/* segments that live: weights of features, identity over refits, rules, drift. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/drift.h"
#include "models/segment/identity.h"
#include "models/segment/migration.h"
#include "models/segment/rules.h"
#include "models/segment/weigh.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 16 << 20, &e), &e);
}

CHECK(weigh_evens_out_groups_by_their_longest_axis) {
    /* columns 0 and 1 are the same, 2 is alone; all of mean 0 and variance 1: the group of two has
     * its longest axis of variance 2 */
    static const float z[] = {1, 1, 1, -1, -1, 1, 1, 1, -1, -1, -1, -1};
    static const int group[] = {7, 7, 3};
    double weight[3];
    scope s;
    open_scope(&s);
    weigh_even(z, 4, 3, group, weight, s.scratch);
    check_near(weight[0], 0.5, 1e-12);
    check_near(weight[1], 0.5, 1e-12);
    check_near(weight[2], 1, 1e-12);
    scope_close(&s);
}

CHECK(weigh_gives_each_column_the_share_that_lies_between_the_clusters) {
    /* column 0: 0 2 | 6 8: T = 40, W = 4, B / T = .9; column 1: 0 4 | 0 4: nothing between;
     * column 2: 0 0 | 1 1: all between */
    static const float z[] = {0, 0, 0, 2, 4, 0, 6, 0, 1, 8, 4, 1};
    static const int32_t label[] = {0, 0, 1, 1}, one[] = {0, 0, 0, 0};
    double weight[3];
    scope s;
    open_scope(&s);
    weigh_separate(z, 4, 3, label, 2, weight, s.scratch);
    check_near(weight[0], 0.9, 1e-12);
    check_near(weight[1], 0, 1e-12);
    check_near(weight[2], 1, 1e-12);
    weigh_separate(z, 4, 3, one, 1, weight, s.scratch); /* nothing is separated: all count */
    check_near(weight[0], 1, 0);
    check_near(weight[1], 1, 0);
    scope_close(&s);
}

/* The largest sum over all pairings of `n` rows with different columns, by trying them all. */
static double best_sum(const double *gain, int n, int row, unsigned used) {
    double best = 0;
    if (row == n) return 0;
    for (int j = 0; j < n; j++)
        if (!(used >> j & 1))
            best = fmax(best, gain[row * n + j] + best_sum(gain, n, row + 1, used | 1u << j));
    return best;
}

CHECK(identity_assigns_what_trying_everything_finds) {
    enum { N = 6 };
    double gain[N * N];
    int32_t of[N];
    scope s;
    open_scope(&s);
    for (uint64_t trial = 0; trial < 40; trial++) {
        rng r = rng_open(5, trial);
        double sum = 0;
        unsigned used = 0;
        for (int i = 0; i < N * N; i++) gain[i] = (double)rng_below(&r, 10);
        identity_assign(gain, N, N, of, s.scratch);
        for (int i = 0; i < N; i++) sum += gain[i * N + of[i]], used |= 1u << of[i];
        check(used == (1u << N) - 1);
        check_near(sum, best_sum(gain, N, 0, 0), 0);
    }
    static const double wide[] = {1, 9, 5, 2, 8, 1}, tall[] = {3, 7, 4};
    identity_assign(wide, 2, 3, of, s.scratch); /* 5 + 8 beats 9 + 2 */
    check(of[0] == 2 && of[1] == 1);
    identity_assign(tall, 3, 1, of, s.scratch);
    check(of[0] == -1 && of[1] == 0 && of[2] == -1);
    scope_close(&s);
}

CHECK(identity_tells_kept_split_merged_born_and_died) {
    /* old 0: 10, all to new 2, which is also made of 10 of old 3: neither reaches half, a merger
     * old 1: 12, half to new 0, half to new 1: split, as 6 / 12 is half, new 0 keeps the id
     * old 2: 8, 7 of them to new 3: kept; new 4: customers that were in no segment; old 4: gone */
    static const struct {
        int old, new, n;
    } moves[] = {{0, 2, 10}, {1, 0, 6}, {1, 1, 6},  {2, 3, 7},  {2, 1, 1},
                 {3, 2, 10}, {3, 4, 1}, {-1, 4, 9}, {4, -1, 5}, {-1, 2, 1}};
    int32_t before[64], after[64];
    int64_t n = 0;
    scope s;
    open_scope(&s);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        for (int c = 0; c < moves[i].n; c++, n++) before[n] = moves[i].old, after[n] = moves[i].new;
    identity m = identity_match(before, 5, after, 5, n, IDENTITY_DEFAULTS, &s.keep, s.scratch);
    const identity_segment *g = m.segments;
    check(g[0].event == IDENTITY_KEPT && g[0].old == 1);
    check_near(g[0].jaccard, 0.5, 0);
    check(g[1].event == IDENTITY_SPLIT && g[1].old == -1 && g[1].n_from == 1 && g[1].from[0] == 1);
    check(g[2].event == IDENTITY_MERGED && g[2].n_from == 2);
    check(g[2].from[0] == 0 && g[2].from[1] == 3);
    check(g[3].event == IDENTITY_KEPT && g[3].old == 2);
    check_near(g[3].jaccard, 7.0 / 8, 1e-15);
    check(g[4].event == IDENTITY_BORN && g[4].n_from == 0);
    check(m.died[0] && !m.died[1] && !m.died[2] && m.died[3] && m.died[4]);
    scope_close(&s);
}

CHECK(migration_counts_and_leads_to_the_fixed_point) {
    static const int32_t then[] = {0, 0, 1, 1, -1, 0, -1}, now[] = {0, 1, 1, -1, 0, 0, -1};
    static const double money[] = {1, 2, 4, 8, 16, 32, 64};
    double moves[9] = {0}, paid[9] = {0}, leads[2];
    static const double count[] = {2, 1, 0, 0, 1, 1, 1, 0, 0};
    static const double sum[] = {33, 2, 0, 0, 4, 8, 16, 0, 0};
    scope s;
    open_scope(&s);
    migration_add(then, now, 7, 2, NULL, moves);
    migration_add(then, now, 7, 2, money, paid);
    for (int i = 0; i < 9; i++) check(moves[i] == count[i] && paid[i] == sum[i]);
    /* P = .9 .1 / .3 .7: x = x P at 3/4, 1/4 */
    static const double chain[] = {90, 10, 0, 3, 7, 5, 40, 0, 0}, sizes[] = {1, 9};
    check(migration_leads(chain, sizes, 2, leads, s.scratch));
    check_near(leads[0], 0.75, 1e-9); /* steps end when they move less than 1e-12 */
    check_near(leads[1], 0.25, 1e-9);
    static const double swing[] = {0, 5, 0, 5, 0, 0, 0, 0, 0}; /* all change places each time */
    check(migration_leads(swing, sizes, 2, leads, s.scratch));
    check_near(leads[0], 0.5, 1e-9);
    scope_close(&s);
}

CHECK(drift_by_hand) {
    static const double then[] = {0.5, 0.5}, now[] = {0.8, 0.2}, none[] = {1, 0};
    double x[100], share[DRIFT_BINS];
    scope s;
    open_scope(&s);
    /* .3 ln 1.6 - .3 ln .4 */
    check_near(drift_psi(then, now, 2), 0.415888, 1e-6);
    check_near(drift_psi(then, then, 2), 0, 0);
    check_near(drift_psi(then, none, 2), 0.5 * log(2) + (1e-4 - 0.5) * log(2e-4), 1e-12);
    check_text(slice_of(drift_verdict(0.0999)), "calm");
    check_text(slice_of(drift_verdict(0.1)), "moderate");
    check_text(slice_of(drift_verdict(0.2)), "alarm");
    for (int i = 0; i < 100; i++) x[i] = (i * 37) % 100; /* 0 … 99 in another order */
    drift_bins b = drift_cut(x, 100, s.scratch);
    check(b.n == 10 && b.edges[1] == 10 && b.edges[10] == 99);
    for (int i = 0; i < 10; i++) check_near(b.share[i], 0.1, 1e-15);
    static const double other[] = {-5, 9.9, 10, 1000, NAN};
    drift_share(&b, other, 5, share);
    check(share[0] == 0.5 && share[1] == 0.25 && share[9] == 0.25);
    static const double few[] = {2, 2, 2, 7, NAN}, nothing[] = {NAN};
    b = drift_cut(few, 5, s.scratch);
    check(b.n == 2 && b.edges[0] == 2 && b.edges[1] == 7 && b.share[0] == 0.75);
    check(drift_cut(nothing, 1, s.scratch).n == 0);
    static const double a[] = {1, 0}, c[] = {3, 2}, d[] = {0, 1, 0};
    check_near(drift_wasserstein(a, 2, c, 2, s.scratch), 2, 1e-15);
    check_near(drift_wasserstein(d, 3, a, 2, s.scratch), 1.0 / 6, 1e-15);
    check_near(drift_wasserstein(a, 2, nothing, 1, s.scratch), 0, 0);
    scope_close(&s);
}

CHECK(rules_find_the_planted_conditions) {
    /* 0: x0 >= 50 and x1 < 30; 1: x0 < 50; 2: the rest, and every twentieth row is in none */
    enum { N = 2000 };
    double x[N * 3], fidelity;
    int32_t label[N];
    rules_rule r[3];
    scope s;
    open_scope(&s);
    for (int i = 0; i < N; i++) {
        rng g = rng_open(9, (uint64_t)i);
        for (int j = 0; j < 3; j++) x[i * 3 + j] = (double)rng_below(&g, 100);
        label[i] = x[i * 3] < 50 ? 1 : x[i * 3 + 1] < 30 ? 0 : 2;
        if (i % 20 == 0) label[i] = -1;
    }
    rules_find(&(rules_data){x, N, 3, label, 3}, N, r, &fidelity, s.scratch);
    check(r[0].n == 2 && r[1].n == 1 && r[2].n == 2);
    check(r[1].at[0].feature == 0 && !r[1].at[0].at_least && r[1].at[0].threshold == 50);
    for (int i = 0; i < 2; i++) {
        const rules_condition *c = &r[0].at[i];
        check(c->feature == 0 ? c->at_least && c->threshold == 50
                              : c->feature == 1 && !c->at_least && c->threshold == 30);
    }
    for (int i = 0; i < 3; i++) {
        check_near(r[i].recall, 1, 0);
        check_near(r[i].precision, 0.95, 0.02); /* a twentieth is in none: sd of .01 at 300 rows */
        check(r[i].rows > 200);
    }
    check_near(fidelity, 0.95, 1e-9); /* no tree knows the twentieth */
    static const double one[] = {60, 10, 0}, gap[] = {NAN, 10, 0};
    check(rules_meets(&r[0], one) && !rules_meets(&r[0], gap) && rules_meets(&r[1], gap));
    /* all alike: nobody can be told apart, everybody meets the rule */
    for (int i = 0; i < N * 3; i++) x[i] = 1;
    rules_find(&(rules_data){x, N, 3, label, 3}, 100, r, &fidelity, s.scratch);
    check(r[0].n == 0 && r[0].rows == N && r[0].recall == 1);
    scope_close(&s);
}
