/* trend: closed forms, planted priors, calibration, shrinkage against raw growth, threads. */
#include "lab.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/insight/golden.h"
#include "models/insight/posterior.h"
#include "models/insight/trend.h"

CHECK(trend_posterior_closed_forms) {
    /* Beta(1, 1): g = p/(1-p), quantiles are odds of .05, .5, .95 */
    posterior one = posterior_exact(1, 1, 1);
    check_near(one.growth, 1, 1e-12), check_near(one.low, 0.05 / 0.95, 1e-12);
    check_near(one.high, 0.95 / 0.05, 1e-10), check_near(one.below, 0.5, 1e-12);
    /* Beta(4, 1), distribution p^4: P(g < 1) = 1/16 */
    one = posterior_exact(4, 1, 1);
    double median = pow(0.5, 0.25);
    check_near(one.growth, median / (1 - median), 1e-10);
    check_near(one.below, 1.0 / 16, 1e-13);
    /* direction is a mirror: swapping the windows inverts growth */
    posterior up = posterior_exact(21.5, 9.5, 1), down = posterior_exact(9.5, 21.5, 1);
    check_near(up.growth * down.growth, 1, 1e-10), check_near(up.below, 1 - down.below, 1e-12);
    check_near(up.low * down.high, 1, 1e-10);
}

static double hill(const void *what, double x) {
    double top = *(const double *)what;
    return -(x - top) * (x - top);
}

CHECK(golden_finds_the_top_and_ln_gamma) {
    for (double top = -3; top <= 3; top += 0.7)
        check_near(golden_largest(hill, &top, -4, 4, 1e-3), top, 1e-3);
    int sign;
    for (double x = 0.01; x < 1e6; x *= 1.7) /* the next term of the series at 7: 7e-10 */
        check_near(golden_log_gamma(x), lgamma_r(x, &sign), 1e-9 * fmax(1, fabs(lgamma(x))));
}

CHECK(trend_posterior_agrees_with_the_beta_function) {
    posterior_grid grid = posterior_open();
    const double shapes[] = {0.1, 0.25, 0.5, 1, 3.7, 20, 400, 1e5}, ratios[] = {0.2, 1, 3};
    for (int a = 0; a < 8; a++)
        for (int b = 0; b < 8; b++)
            for (int r = 0; r < 3; r++) {
                double sd = sqrt(1 / shapes[a] + 1 / shapes[b]);
                posterior fast = posterior_of(&grid, shapes[a], shapes[b], ratios[r]);
                posterior exact = posterior_exact(shapes[a], shapes[b], ratios[r]);
                /* the header's promise */
                check_near(log(fast.growth), log(exact.growth), 2e-4 * sd);
                check_near(log(fast.low), log(exact.low), 2e-4 * sd);
                check_near(log(fast.high), log(exact.high), 2e-4 * sd);
                check_near(fast.below, exact.below, 5e-5);
                check_near(posterior_below(&grid, shapes[a], shapes[b], ratios[r]), fast.below, 0);
            }
}

CHECK(trend_outlook_known_answers) {
    /* 1,000 items of rate Gamma(2, 1), seen for 4 weeks; those with nothing are not on the list */
    enum { N = 4000 };
    static double y[N], e[N];
    int64_t n = 0;
    for (int64_t i = 0; i < N; i++) {
        rng r = rng_open(11, (uint64_t)i);
        double units = (double)rng_poisson(&r, 4 * rng_gamma(&r, 2));
        if (units > 0) y[n] = units, e[n++] = 4;
    }
    outlook_prior p = outlook_fit(y, e, n);
    check_near(p.shape, 2, 0.25);         /* 4 standard errors */
    check_near(p.shape / p.per, 2, 0.15); /* the mean rate, of all items */
    check_near(outlook_rate((outlook_prior){2, 1}, 4, 4), 6.0 / 5, 1e-15);
    check_near(outlook_rate((outlook_prior){0}, 8, 4), 2, 1e-15);
    /* size 1 is geometric: P(Y >= y) = (m / (1 + m))^y; m = 3 has its median at 2, m = 0.9 at 0 */
    check_near(outlook_median(3, 1), 2, 0), check_near(outlook_median(0.9, 1), 0, 0);
    check_near(outlook_median(0, 1), 0, 0);
    check_near(outlook_median(100, 1e9), 100, 0); /* Poisson of a whole mean */
    check_near(outlook_median(201, 40) / outlook_median(199, 40), 201.0 / 199, 0.006);
    check(outlook_fit(y, e, 1).shape == 0);
    /* geometric of mean 3: P(Y < 2) = 1 - (3/4)^2, P(Y = 2) = (3/4)^2 / 4 */
    check_near(outlook_place(3, 1, 2), 1 - 0.5625 + 0.5625 / 8, 1e-12);
    check_near(outlook_place(3, 1, 0), 0.125, 1e-12), check_near(outlook_place(0, 1, 0), 0.5, 0);
    check_near(outlook_place(1, 1e6, 0), exp(-1) / 2, 1e-6); /* Poisson */
}

/* n items: rate per week from `rates`, growth g_i = exp(mu + spread · normal) in logit terms. */
typedef struct world {
    trend_items items;
    double *growth; /* [n] planted */
    int32_t *next;  /* [n] units of the window after the recent one */
} world;

static world make_world(arena *keep, int64_t n, double strength, double mean_units, uint64_t seed) {
    enum { WEEKS = 4 };
    int32_t *units = take(keep, int32_t, n * 2 * WEEKS), *category = take(keep, int32_t, n);
    world w = {.growth = take(keep, double, n), .next = take(keep, int32_t, n)};
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(seed, (uint64_t)i);
        double total = mean_units * rng_exponential(&r), p = 0.5;
        if (strength > 0) { /* p ~ Beta(s/2, s/2) */
            double a = rng_gamma(&r, strength / 2), b = rng_gamma(&r, strength / 2);
            p = a / (a + b);
        }
        w.growth[i] = p / (1 - p);
        for (int k = 0; k < 2 * WEEKS; k++)
            units[i * 2 * WEEKS + k] =
                (int32_t)rng_poisson(&r, total / WEEKS * (k < WEEKS ? 1 - p : p));
        for (int k = 0; k < WEEKS; k++) w.next[i] += (int32_t)rng_poisson(&r, total / WEEKS * p);
        category[i] = (int32_t)(i % 3);
    }
    w.items = (trend_items){.n = n, .weeks = WEEKS, .units = units, .category = category,
                            .categories = 3};
    return w;
}

CHECK(trend_recovers_the_planted_prior) {
    lab t;
    lab_open(&t, 2);
    world w = make_world(&t.s.keep, 6000, 12, 40, 3);
    trend_model m;
    trend_fit(&m, &w.items, TREND_DEFAULTS, t.threads, &t.s.keep);
    for (int c = 0; c < 3; c++) {
        check(!m.prior[c].borrowed && m.prior[c].items > 1900);
        check_near(m.prior[c].mu, 0, 0.1);             /* 4 standard errors of 2,000 items */
        check_near(m.prior[c].strength, 12, 3);        /* the same */
        check_near(m.prior[c].dispersion, 1, 0.05);    /* Poisson was planted */
    }
    check_near(m.all.strength, 12, 1.8);
    /* the 90 % interval covers the planted growth */
    int64_t inside = 0;
    for (int64_t i = 0; i < 6000; i++)
        inside += m.item[i].low <= w.growth[i] && w.growth[i] <= m.item[i].high;
    check_near((double)inside / 6000, 0.9, 0.02); /* 4 standard errors, and the fitted prior */
    lab_close(&t);
}

CHECK(trend_calls_few_items_when_nothing_moves) {
    lab t;
    lab_open(&t, 2);
    world w = make_world(&t.s.keep, 6000, 0, 40, 4); /* all growth 1 */
    trend_model m;
    trend_fit(&m, &w.items, TREND_DEFAULTS, t.threads, &t.s.keep);
    int64_t calls = 0, ended = 0, raw_calls = 0;
    for (int64_t i = 0; i < 6000; i++) {
        ended += m.item[i].call == TREND_ENDED;
        calls += m.item[i].call == TREND_RISING || m.item[i].call == TREND_DECLINING;
        raw_calls += m.item[i].raw >= 1.25 || m.item[i].raw <= 0.8;
    }
    check(calls <= 60);       /* at most 1 %; the target is 5 % */
    check(ended <= 120);      /* 1 % by chance, and the rate before the silence is an estimate */
    check(raw_calls > 1500);  /* what raw growth would have called */
    lab_close(&t);
}

/* Shops whose articles do not move, as unlike a Poisson count as shops are: buyers in bunches, slow
 * and fast sellers, articles that come and go, half of a year's season told to the model. */
CHECK(trend_false_calls_stay_rare_in_odd_shops) {
    lab t;
    lab_open(&t, 2);
    enum { N_ITEMS = 4000, W = 8 };
    int32_t *units = take(&t.s.keep, int32_t, N_ITEMS * W);
    int32_t *category = take(&t.s.keep, int32_t, N_ITEMS);
    double *exposure = take(&t.s.keep, double, N_ITEMS * W);
    for (int bunch = 1; bunch <= 4; bunch *= 2) {
        for (int64_t i = 0; i < N_ITEMS; i++) {
            rng r = rng_open(31, (uint64_t)(i * 10 + bunch));
            double rate = 6 * rng_gamma(&r, 0.5);
            int born = i % 4 == 0 ? (int)(i / 4 % 3) : 0; /* a quarter came in the first weeks */
            category[i] = (int32_t)(i % 5);
            for (int w = 0; w < W; w++) {
                double season = 1 + 0.1 * w;
                exposure[i * W + w] = w < born ? 0 : season;
                double mean = rate * exposure[i * W + w];
                if (bunch > 1 && mean > 0) mean = rng_gamma(&r, mean / (bunch - 1)) * (bunch - 1);
                units[i * W + w] = (int32_t)rng_poisson(&r, mean);
            }
        }
        trend_items items = {.n = N_ITEMS, .weeks = W / 2, .units = units, .exposure = exposure,
                             .category = category, .categories = 5};
        trend_model m;
        trend_fit(&m, &items, TREND_DEFAULTS, t.threads, &t.s.keep);
        int64_t calls = 0;
        for (int64_t i = 0; i < N_ITEMS; i++)
            calls += m.item[i].call == TREND_RISING || m.item[i].call == TREND_DECLINING;
        check(calls <= N_ITEMS / 50); /* 2 %; 5 % is promised */
    }
    lab_close(&t);
}

CHECK(trend_shrunk_growth_beats_raw_growth) {
    lab t;
    lab_open(&t, 2);
    world w = make_world(&t.s.keep, 6000, 12, 15, 5);
    trend_model m;
    trend_fit(&m, &w.items, TREND_DEFAULTS, t.threads, &t.s.keep);
    double shrunk = 0, raw = 0;
    int64_t rising = 0, right = 0, declining = 0;
    for (int64_t i = 0; i < 6000; i++) {
        shrunk += fabs(log(m.item[i].growth) - log(w.growth[i]));
        raw += fabs(log(m.item[i].raw) - log(w.growth[i]));
        if (m.item[i].call == TREND_RISING) rising++, right += w.growth[i] > 1;
        declining += m.item[i].call == TREND_DECLINING;
    }
    check(shrunk < 0.8 * raw); /* at least a fifth better */
    check(rising > 200 && declining > 200);
    check((double)right > 0.95 * (double)rising); /* lfsr < 5 % promises it */
    lab_close(&t);
}

/* What comes in the next four weeks, which no model has seen: growth that goes on against the
 * growth that came, and the units at the recent rate. */
CHECK(trend_foretells_better_than_raw_growth) {
    lab t;
    lab_open(&t, 2);
    for (int shop = 0; shop < 4; shop++) { /* of few and of many units, slow and fast changes */
        world w = make_world(&t.s.keep, 3000, shop % 2 ? 60 : 12, shop / 2 ? 40 : 8,
                             (uint64_t)(20 + shop));
        trend_model m;
        trend_fit(&m, &w.items, TREND_DEFAULTS, t.threads, &t.s.keep);
        double shrunk[2] = {0}, raw[2] = {0};
        for (int64_t i = 0; i < 3000; i++) {
            const trend_item *one = &m.item[i];
            if (one->recent == 0) continue;
            double next = w.next[i] + 0.5, recent = (double)one->recent + 0.5;
            raw[0] += fabs(log(next / recent)), raw[1] += fabs(log(next / (recent * one->raw)));
            shrunk[0] += fabs(log(next / (trend_foretell(one, 4) + 0.5)));
            shrunk[1] += fabs(log(next / (recent * one->growth)));
        }
        check(shrunk[0] < 0.97 * raw[0]); /* what comes is as noisy for both */
        check(shrunk[1] < 0.8 * raw[1]); /* at least a fifth better */
    }
    lab_close(&t);
}

CHECK(trend_dispersion_exposure_and_new_items) {
    lab t;
    lab_open(&t, 1);
    enum { N = 60 };
    int32_t units[N * 4], category[N] = {0};
    double exposure[N * 4];
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 4; k++) {
            units[i * 4 + k] = k % 2 ? 30 : 10; /* bunched: mean 20, Pearson 100/20·2 = 10 per df */
            exposure[i * 4 + k] = k < 2 ? 1 : 2;
        }
    }
    units[0] = units[1] = 0, exposure[0] = exposure[1] = 0; /* not on sale before */
    units[4] = -50;                                        /* returns */
    trend_items items = {.n = N, .weeks = 2, .units = units, .category = category, .categories = 1};
    trend_model m;
    trend_fit(&m, &items, TREND_DEFAULTS, t.threads, &t.s.keep);
    check_near(m.prior[0].dispersion, 10, 0.5); /* items 0 and 1 differ */
    check_near(m.prior[0].bunching, 0.45, 0.03); /* (10 - 1) / 20 */
    check(m.item[1].previous == 0 && m.item[1].recent == 40);
    items.exposure = exposure;
    trend_fit(&m, &items, TREND_DEFAULTS, t.threads, &t.s.keep);
    check(m.item[0].call == TREND_NEW && m.item[2].call != TREND_NEW);
    check_near(m.item[2].raw, 0.5, 1e-12); /* the same units at twice the exposure */
    check_near(m.item[2].growth, 0.5, 0.05); /* every item says so, the prior follows */
    check(trend_check(TREND_DEFAULTS) == NULL);
    check(trend_check((trend_params){.strength = 0}) != NULL);
    lab_close(&t);
}

/* 40 steady items at 6 a week, and 60 like them that stop after the fifth of eight weeks. */
CHECK(trend_ended_items_are_no_decline) {
    lab t;
    lab_open(&t, 1);
    enum { N = 100, SLOW = 41 };
    int32_t units[N * 8], category[N] = {0};
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 8; k++) units[i * 8 + k] = i >= 40 && k >= 5 ? 0 : 5 + (i + k) % 3;
    for (int k = 0; k < 8; k++) units[SLOW * 8 + k] = k < 5 && k % 2 == 0; /* 3 in all */
    trend_items items = {.n = N, .weeks = 4, .units = units, .category = category,
                         .categories = 1};
    trend_model m;
    trend_fit(&m, &items, TREND_DEFAULTS, t.threads, &t.s.keep);
    for (int i = 0; i < N; i++)
        check(m.item[i].call == (i < 40 || i == SLOW ? TREND_STEADY : TREND_ENDED));
    check(m.prior[0].items == 41); /* the steady and the slow one: one unit is no silence */
    check_near(m.prior[0].mu, 0, 0.02), check_near(m.item[0].growth, 1, 0.02);
    trend_params never = TREND_DEFAULTS;
    never.ended = 0; /* then the 59 are what the category does */
    trend_fit(&m, &items, never, t.threads, &t.s.keep);
    check(m.item[50].call == TREND_DECLINING && m.prior[0].mu < -0.3);
    check(m.item[0].call == TREND_STEADY); /* its own units do not say so */
    lab_close(&t);
}

/* To the bit, without what lies between fields. */
static bool same_prior(trend_prior a, trend_prior b) {
    return a.mu == b.mu && a.strength == b.strength && a.bunching == b.bunching &&
           a.dispersion == b.dispersion && a.level.shape == b.level.shape &&
           a.level.per == b.level.per && a.items == b.items && a.borrowed == b.borrowed;
}

/* Twelve categories, odd ones sold by the dozen, a third of the items silent for two weeks: whether
 * they ended depends on the spread, of all or of the category. The fit of all knows no categories,
 * and threads change nothing, time after time. */
CHECK(trend_priors_of_all_and_of_categories_do_not_mix_in_threads) {
    enum { N = 600, CATEGORIES = 12 };
    lab t, t8;
    lab_open(&t, 1);
    lab_open(&t8, 8);
    world w = make_world(&t.s.keep, N, 6, 12, 9);
    int32_t *units = take(&t.s.keep, int32_t, N * 8), *category = take(&t.s.keep, int32_t, N);
    for (int i = 0; i < N; i++) {
        category[i] = i % CATEGORIES;
        for (int k = 0; k < 8; k++)
            units[i * 8 + k] = i % 3 == 0 && k > 5 ? 0
                               : w.items.units[i * 8 + k] * (i % 2 ? 12 : 1);
    }
    trend_items items = {.n = N, .weeks = 4, .units = units, .category = category,
                         .categories = CATEGORIES};
    trend_model one, again, alone;
    trend_fit(&one, &items, TREND_DEFAULTS, t.threads, &t.s.keep);
    for (int round = 0; round < 30; round++) {
        arena keep = t8.s.keep;
        trend_fit(&again, &items, TREND_DEFAULTS, t8.threads, &keep);
        check(same_prior(one.all, again.all));
        for (int c = 0; c < CATEGORIES; c++) check(same_prior(one.prior[c], again.prior[c]));
    }
    int32_t *none = take(&t.s.keep, int32_t, N);
    items.category = none, items.categories = 1;
    trend_fit(&alone, &items, TREND_DEFAULTS, t.threads, &t.s.keep);
    check(one.all.items == alone.all.items);
    check_near(one.all.mu, alone.all.mu, 1e-6); /* sums in another order */
    check_near(one.all.bunching, alone.all.bunching, 1e-9);
    lab_close(&t);
    lab_close(&t8);
}

CHECK(trend_ranking_and_threads_agree) {
    lab t, t8;
    lab_open(&t, 1);
    lab_open(&t8, 8);
    world w = make_world(&t.s.keep, 3000, 6, 30, 6);
    trend_model a, b;
    trend_fit(&a, &w.items, TREND_DEFAULTS, t.threads, &t.s.keep);
    trend_fit(&b, &w.items, TREND_DEFAULTS, t8.threads, &t8.s.keep);
    check(memcmp(a.item, b.item, 3000 * sizeof *a.item) == 0);
    int32_t *order = take(&t.s.keep, int32_t, 3000);
    for (int call = TREND_RISING; call <= TREND_DECLINING; call++) {
        int64_t n = trend_ranking(a.item, 3000, (trend_call)call, order, t.s.scratch);
        check(n > 100);
        for (int64_t i = 0; i < n; i++) {
            const trend_item *here = &a.item[order[i]], *next = &a.item[order[i + (i + 1 < n)]];
            check((int)here->call == call);
            check(call == TREND_RISING ? here->low >= next->low : here->high <= next->high);
        }
    }
    lab_close(&t);
    lab_close(&t8);
}
