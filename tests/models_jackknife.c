/* jackknife: errors of an elasticity by leaving out one cluster after the other. */
#include <math.h>

#include "base/random.h"
#include "lab.h"

#include "models/insight/elasticity.h"

/* Articles of 1 to 12 weeks in one panel: the fit without each of them, row by row copied. */
CHECK(elasticity_jackknife_is_the_fit_without_each_cluster) {
    lab t;
    lab_open(&t, 1);
    enum { ARTICLES = 12, N = ARTICLES * (ARTICLES + 1) / 2 };
    double y[N], x[N], units[N], left_y[N], left_x[N];
    int32_t article[N], week[N], left_article[N], left_week[N];
    rng r = rng_open(31, 1);
    for (int i = 0, a = 0, at = 0; i < N; i++, at++) {
        if (at > a) a++, at = 0;
        article[i] = a, week[i] = (a + at) % 6;
        x[i] = rng_normal(&r), y[i] = 3 - 2 * x[i] + 0.1 * a + 0.2 * week[i] + rng_normal(&r);
        units[i] = (double)rng_poisson(&r, exp(0.4 * y[i]));
    }
    elasticity_data d = {.n = N, .k = 1, .y = y, .x = x, .effects = 2, .effect = {article, week},
                         .levels = {ARTICLES, 6}, .cluster = article, .clusters = ARTICLES};
    elasticity_params p = ELASTICITY_DEFAULTS;
    for (int poisson = 0; poisson < 2; poisson++) {
        elasticity_fit f, without;
        double sum = 0;
        p.poisson = poisson, p.jackknife = ARTICLES;
        d.y = poisson ? units : y;
        check_ok(elasticity_run(&f, &d, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
        p.jackknife = ARTICLES - 1;
        for (int32_t out = 0; out < ARTICLES; out++) {
            int64_t n = 0;
            for (int i = 0; i < N; i++) {
                if (article[i] == out) continue;
                left_y[n] = d.y[i], left_x[n] = x[i], left_article[n] = article[i];
                left_week[n++] = week[i];
            }
            elasticity_data left = d;
            left.n = n, left.y = left_y, left.x = left_x;
            left.effect[0] = left_article, left.effect[1] = left_week, left.cluster = left_article;
            check_ok(elasticity_run(&without, &left, p, t.threads, &t.s.keep, t.s.scratch, &t.e),
                     &t.e);
            check(isnan(without.se_jackknife[0]) == (without.clusters > p.jackknife));
            sum += (without.beta[0] - f.beta[0]) * (without.beta[0] - f.beta[0]);
        }
        double groups = (double)f.clusters, whole = sqrt((groups - 1) / groups * sum);
        /* tolerance of the centring; Poisson: one step instead of all */
        check_near(f.se_jackknife[0], whole, poisson ? 0.1 * whole : 1e-6 * whole);
        check(f.se_jackknife[0] > f.se_cluster[0]);
    }
    lab_close(&t);
}

/* Panels of ten articles, of which two have most weeks; noise grows with the price: intervals by
 * sums of scores cover too rarely, by leaving out they do not. */
CHECK(elasticity_jackknife_covers_where_clusters_are_few) {
    lab t;
    lab_open(&t, 1);
    enum { ARTICLES = 10, N = 8 * 8 + 2 * 40, ROUNDS = 400 };
    int covered[2] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        double y[N], x[N];
        int32_t article[N], week[N];
        rng r = rng_open(37, (uint64_t)round);
        for (int i = 0; i < N; i++) {
            article[i] = i < 64 ? i / 8 : 8 + (i - 64) / 40;
            week[i] = i < 64 ? (i % 8 + 4 * article[i]) % 40 : (i - 64) % 40;
            x[i] = rng_normal(&r);
            y[i] = -2 * x[i] + article[i] + sin(week[i]) + rng_normal(&r) * exp(0.5 * x[i]);
        }
        elasticity_data d = {.n = N, .k = 1, .y = y, .x = x, .effects = 2,
                             .effect = {article, week}, .levels = {ARTICLES, 40},
                             .cluster = article, .clusters = ARTICLES};
        elasticity_params p = ELASTICITY_DEFAULTS;
        elasticity_fit f;
        arena keep = t.s.keep;
        p.jackknife = ARTICLES;
        check_ok(elasticity_run(&f, &d, p, t.threads, &keep, t.s.scratch, &t.e), &t.e);
        covered[0] += fabs(f.beta[0] + 2) < 1.96 * f.se_cluster[0];
        covered[1] += fabs(f.beta[0] + 2) < 1.96 * f.se_jackknife[0];
    }
    check(covered[0] < 0.90 * ROUNDS); /* 333 */
    check(covered[1] > 0.925 * ROUNDS && covered[1] < 0.98 * ROUNDS); /* 377; 95 %, 2.3 errors */
    lab_close(&t);
}
