/* models_forecast_coldstart: new articles against planted classes and posteriors by hand. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/coldstart.h"

enum { WEEKS = 12, AHEAD = 4 };

static const double levels[] = {0.80, 0.95};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 32 << 20, 32 << 20, &e), &e);
}

static pool *threads_of(scope *s, int n) {
    err e = {0};
    pool *p = pool_open(n, 16 << 20, &e);
    check(p != NULL);
    scope_defer(s, (void (*)(void *))pool_close, p);
    return p;
}

/* Two articles, one of 3, 1 and one of 5, 3 units: shape 4, 2; each is what it is by a hand sum. */
CHECK(coldstart_updates_a_prior_by_hand) {
    scope s;
    open(&s);
    const double a[] = {3, 1}, b[] = {5, 3}, own[] = {8};
    const int same[] = {0};
    coldstart_item items[] = {{2, a, NULL, same, NULL}, {2, b, NULL, same, NULL}};
    coldstart_params p = COLDSTART_DEFAULTS;
    p.ages = 2, p.attributes = 1, p.prior = 1;
    coldstart_model m;
    coldstart_fit(&m, items, 2, p, threads_of(&s, 1), &s.keep, s.scratch);
    check_near(m.shape[0], 4, 0);
    check_near(m.shape[1], 2, 0);
    check_near(m.expected[0], 6, 0);
    /* the neighbour of a is b: (1 + 8) / (1 + 6), of b it is a: (1 + 4) / (1 + 6) */
    check_near(coldstart_level(&m, &items[0], 0, s.scratch), 9.0 / 7, 1e-15);
    /* expected 54/7 and 30/7 against 4 and 8: (u^2 - e) / (1 + e) adds up to 2.464, e^2 / (1 + e)
     * to 10.305 */
    double e1 = 54.0 / 7, e2 = 30.0 / 7;
    double over = ((4 - e1) * (4 - e1) - e1) / (1 + e1) + ((8 - e2) * (8 - e2) - e2) / (1 + e2);
    check_near(m.alpha, (e1 * e1 / (1 + e1) + e2 * e2 / (1 + e2)) / over, 1e-12);
    /* a new one that sold 8 where 4 were expected, level (1 + 4 + 8) / (1 + 6 + 6) = 1 */
    coldstart_item one = {1, own, NULL, same, NULL};
    band f = band_new(&s.keep, 2, levels, 2);
    coldstart_forecast(&m, &one, &f, s.scratch);
    double rate = (m.alpha + 8) / (m.alpha + 4);
    check_near(f.mean[0], 2 * rate, 1e-12);
    check_near(f.mean[1], 2 * rate, 1e-12); /* past the last age */
    check_near(f.total_sd, sqrt(4 * rate + 16 * rate * rate / (m.alpha + 8)), 1e-12);
    check(f.low[0] <= f.mean[0] && f.high[0] >= f.mean[0] && f.high[2] >= f.high[0]);
    one.n = 0; /* nothing sold yet: the prior */
    coldstart_forecast(&m, &one, &f, s.scratch);
    check_near(f.mean[0], 4, 1e-12);
    check_near(f.mean[1], 2, 1e-12);
    scope_close(&s);
}

typedef struct planted {
    coldstart_item *item; /* [n], the last `fresh` are new */
    double *truth;        /* [n] mean units of each age ahead */
    int n, fresh;
} planted;

/* Two attributes: the first sets the level (2, 6, 18 a week), the second says nothing. Sales halve
 * every 6 weeks; articles spread about their class by a Gamma of 4. Fresh ones know `known`
 * weeks. */
static planted plant(arena *keep, int n, int fresh, int known) {
    planted d = {take(keep, coldstart_item, n), take(keep, double, n *AHEAD), n, fresh};
    for (int i = 0; i < n; i++) {
        rng r = rng_open(5, (uint64_t)i);
        int *of = take(keep, int, 2);
        double *y = take(keep, double, WEEKS + AHEAD);
        of[0] = (int)rng_below(&r, 3), of[1] = (int)rng_below(&r, 5);
        double rate = 2 * pow(3, of[0]) * rng_gamma(&r, 4) / 4;
        int weeks = i < n - fresh ? WEEKS : known;
        for (int k = 0; k < weeks + AHEAD; k++) {
            double mean = rate * pow(0.5, k / 6.0);
            y[k] = (double)rng_poisson(&r, mean);
            if (k >= weeks) d.truth[i * AHEAD + k - weeks] = y[k];
        }
        d.item[i] = (coldstart_item){weeks, y, NULL, of, NULL};
    }
    return d;
}

static coldstart_params two_attributes(void) {
    coldstart_params p = COLDSTART_DEFAULTS;
    p.attributes = 2, p.ages = WEEKS;
    return p;
}

/* Articles that nobody has bought yet: the class says the level, the others' curve the rest. */
CHECK(coldstart_knows_what_an_article_is_like) {
    scope s;
    open(&s);
    planted d = plant(&s.keep, 900, 300, 0);
    coldstart_model m;
    coldstart_fit(&m, d.item, 600, two_attributes(), threads_of(&s, 2), &s.keep, s.scratch);
    check(m.weight[0] > 0.4 && m.weight[1] < 0.05);
    check_near(m.alpha, 4, 1.2); /* 600 articles: standard error about .25 and the levels' own */
    check_near(m.shape[6] / m.shape[0], 0.5, 0.05);
    double ours = 0, flat = 0, held = 0;
    for (int i = 600; i < 900; i++) {
        band b = band_new(&s.keep, AHEAD, levels, 2);
        coldstart_forecast(&m, &d.item[i], &b, s.scratch);
        for (int h = 0; h < AHEAD; h++) {
            double y = d.truth[i * AHEAD + h];
            ours += fabs(y - b.mean[h]), flat += fabs(y - m.shape[h]);
            held += (y >= b.low[h] && y <= b.high[h]) / (300.0 * AHEAD);
        }
    }
    check(ours < 0.75 * flat);
    check(held > 0.78 && held < 0.93); /* quantiles of counts hold more than they must */
    scope_close(&s);
}

/* Two weeks of sales tell an article from its class. */
CHECK(coldstart_learns_from_the_first_sales) {
    scope s;
    open(&s);
    planted d = plant(&s.keep, 900, 300, 2);
    coldstart_model m;
    coldstart_fit(&m, d.item, 600, two_attributes(), threads_of(&s, 2), &s.keep, s.scratch);
    double ours = 0, prior = 0, naive = 0;
    for (int i = 600; i < 900; i++) {
        band b = band_new(&s.keep, AHEAD, levels, 2);
        coldstart_forecast(&m, &d.item[i], &b, s.scratch);
        double level = coldstart_level(&m, &d.item[i], -1, s.scratch);
        for (int h = 0; h < AHEAD; h++) {
            double y = d.truth[i * AHEAD + h];
            ours += fabs(y - b.mean[h]), prior += fabs(y - level * m.shape[2 + h]);
            naive += fabs(y - (d.item[i].y[0] + d.item[i].y[1]) / 2);
        }
    }
    check(ours < 0.92 * prior && ours < 0.85 * naive);
    scope_close(&s);
}

/* A week that counts for half is expected to sell half, before and after. */
CHECK(coldstart_counts_weeks_by_their_exposure) {
    scope s;
    open(&s);
    const double y[] = {4, 4, 2}, half[] = {1, 1, 0.5, 0.5, 1};
    coldstart_item items[] = {{3, y, half, NULL, NULL}, {3, y, half, NULL, NULL}};
    coldstart_params p = COLDSTART_DEFAULTS;
    p.ages = 1;
    coldstart_model m;
    coldstart_fit(&m, items, 2, p, threads_of(&s, 1), &s.keep, s.scratch);
    check_near(m.shape[0], 4, 1e-15);
    band b = band_new(&s.keep, 2, levels, 0);
    coldstart_forecast(&m, &items[0], &b, s.scratch);
    check_near(b.mean[0], 2, 1e-12);
    check_near(b.mean[1], 4, 1e-12);
    scope_close(&s);
}

/* Vectors tell apart what attributes do not. */
CHECK(coldstart_takes_vectors_for_likeness) {
    scope s;
    open(&s);
    enum { N = 80 };
    static const float left[] = {1, 0}, right[] = {0, 1};
    double few[4] = {1, 1, 1, 1}, many[4] = {9, 9, 9, 9};
    coldstart_item items[N];
    for (int i = 0; i < N; i++)
        items[i] = (coldstart_item){4, i % 2 ? many : few, NULL, NULL, i % 2 ? right : left};
    coldstart_params p = COLDSTART_DEFAULTS;
    p.dims = 2;
    coldstart_model m;
    coldstart_fit(&m, items, N, p, threads_of(&s, 1), &s.keep, s.scratch);
    coldstart_item one = {0, NULL, NULL, NULL, right};
    check_near(coldstart_level(&m, &one, -1, s.scratch), 9.0 / 5, 0.01); /* the prior's 5 units */
    one.vector = left;
    check_near(coldstart_level(&m, &one, -1, s.scratch), 1.0 / 5, 0.01);
    scope_close(&s);
}

CHECK(coldstart_is_the_same_on_any_threads) {
    scope s;
    open(&s);
    planted d = plant(&s.keep, 400, 100, 1);
    coldstart_model m[3];
    for (int k = 0; k < 3; k++) {
        static const int threads[] = {1, 2, 8};
        coldstart_fit(&m[k], d.item, 300, two_attributes(), threads_of(&s, threads[k]), &s.keep,
                      s.scratch);
        check(m[k].alpha == m[0].alpha && m[k].weight[0] == m[0].weight[0]);
    }
    scope_close(&s);
}

CHECK(coldstart_check_says_what_is_wrong) {
    const double bad[] = {1, -1}, good[] = {0, 0};
    coldstart_item one = {.n = 2, .y = bad};
    coldstart_params p = COLDSTART_DEFAULTS;
    check_text(slice_of(coldstart_check(&one, 1, p)), "units must be between 0 and 1e15");
    check_text(slice_of(coldstart_check(&one, 0, p)), "no article to learn from");
    one.y = good;
    check(coldstart_check(&one, 1, p) == NULL);
    p.width = 0;
    check(coldstart_check(&one, 1, p) != NULL);
    /* nothing was ever sold: nothing is expected, and nothing is divided by zero */
    scope s;
    open(&s);
    p = COLDSTART_DEFAULTS;
    coldstart_item items[] = {one, one};
    coldstart_model m;
    coldstart_fit(&m, items, 2, p, threads_of(&s, 1), &s.keep, s.scratch);
    band b = band_new(&s.keep, AHEAD, levels, 2);
    coldstart_forecast(&m, &one, &b, s.scratch);
    for (int h = 0; h < AHEAD; h++) check(b.mean[h] == 0 && b.low[h] == 0 && b.high[h] == 0);
    scope_close(&s);
}
