/* slopes and double_ml: planted answers, shrinkage by hand, markdowns that follow weak demand. */
#include "lab.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/insight/double_ml.h"
#include "models/insight/slopes.h"

CHECK(slopes_find_what_was_planted) {
    lab t;
    lab_open(&t, 1);
    enum { WEEKS = 16, ARTICLES = 4, N = WEEKS * ARTICLES };
    static const double planted[ARTICLES] = {-2.5, 0.7, -1, -1};
    double units[N], x[N], offset[N];
    int32_t article[N];
    for (int i = 0; i < N; i++) {
        int a = i / WEEKS, w = i % WEEKS;
        article[i] = a;
        x[i] = log(a == 2 ? 10 + w % 2 : 10 + w % 5); /* article 2: two prices */
        offset[i] = 0.3 * sin(w);
        units[i] = exp(4 + a + planted[a] * x[i] + offset[i]);
        if (a == 3) units[i] = w % 5 == 4; /* only at its highest price */
    }
    offset[5] = -INFINITY, units[5] = 1e6; /* says nothing */
    slope s[ARTICLES];
    slopes_fit(s, &(slope_rows){N, ARTICLES, article, units, x, offset}, t.s.scratch);
    check_near(s[0].own, -2.5, 1e-9);
    check_near(s[1].own, 0.7, 1e-9);
    check(s[0].weeks == 15 && s[1].weeks == 16 && s[0].points == 5);
    check(s[2].verdict == SLOPE_FEW_POINTS && isnan(s[2].own));
    check(s[3].verdict == SLOPE_ONE_END);
    slopes_fit(s, &(slope_rows){8, 1, article, units, x, offset}, t.s.scratch);
    check(s[0].verdict == SLOPE_FEW_WEEKS);
    lab_close(&t);
}

/* Units 16, 8, 4 at prices 10, 20, 40, four times: all by hand. */
CHECK(slopes_error_is_that_of_the_multinomial) {
    lab t;
    lab_open(&t, 1);
    double units[12], x[12], offset[12] = {0};
    int32_t article[12] = {0};
    for (int i = 0; i < 12; i++) {
        x[i] = log(i % 3 == 0 ? 10 : i % 3 == 1 ? 20 : 40);
        units[i] = i % 3 == 0 ? 16 : i % 3 == 1 ? 8 : 4; /* b = -1, no residual: f = 1 */
    }
    slope s;
    slopes_fit(&s, &(slope_rows){12, 1, article, units, x, offset}, t.s.scratch);
    check_near(s.own, -1, 1e-9);
    /* shares 4/7, 2/7, 1/7 at 0, ln 2, 2 ln 2: variance (6/7 - 16/49) ln² 2 = 26/49 ln² 2 */
    check_near(s.own_se, 1 / sqrt(112 * 26.0 / 49 * log(2) * log(2)), 1e-9);
    lab_close(&t);
}

CHECK(slopes_are_drawn_toward_their_category) {
    lab t;
    lab_open(&t, 1);
    slope s[5] = {{.own = -1, .own_se = 0.5}, {.own = -3, .own_se = 0.5},
                  {.own = -4, .own_se = 0.5}, {.own = -6, .own_se = 0.5},
                  {.verdict = SLOPE_FEW_POINTS, .own = NAN, .own_se = NAN}};
    int32_t group[5] = {0, 0, 1, 1, 1};
    double mean[2] = {-2, -5}, se[2] = {0.1, 0.2};
    /* q = 4 (1+1+1+1) = 16, two free; under = (8 - 4) + (8 - 4) = 8: tau² = 14/8 */
    double tau2 = slopes_shrink(s, 5, group, 2, mean, se, t.s.scratch);
    check_near(tau2, 1.75, 1e-12);
    check_near(s[0].weight, 0.875, 1e-12);
    check_near(s[0].value, -0.875 - 0.25, 1e-12);
    check_near(s[0].se, sqrt(0.875 * 0.25 + 0.125 * 0.125 * 0.01), 1e-12);
    check_near(s[4].value, -5, 1e-12);
    check(s[4].weight == 0);
    check_near(s[4].se, sqrt(1.75 + 0.04), 1e-12);
    s[1].own = s[0].own, s[3].own = s[2].own; /* no spread: all the category's */
    check(slopes_shrink(s, 5, group, 2, mean, se, t.s.scratch) == 0);
    check_near(s[0].value, -2, 1e-12);
    lab_close(&t);
}

/* ---- markdowns that follow weak demand ---- */

enum { ARTICLES = 300, WEEKS = 26, ROWS = ARTICLES * WEEKS, CONTROLS = 5 };
#define PLANTED (-2.2)

typedef struct shop {
    int n; /* rows with units */
    double units[ROWS], y[ROWS], x[(CONTROLS + 1) * ROWS];
    int32_t article[ROWS], week[ROWS];
} shop;

/* Good articles are dear; demand fades ever faster with age, and the price falls with age and
 * further when last week sold less than a third of the first. Control c is the age beyond a knot;
 * age itself follows from article and week. */
static void make(shop *s, uint64_t seed, arena *keep) {
    rng r = rng_open(seed, 0);
    double *x = take(keep, double, (CONTROLS + 1) * ROWS);
    static const double knot[CONTROLS] = {2, 4, 8, 12, 18};
    s->n = 0;
    for (int a = 0; a < ARTICLES; a++) {
        int first = (int)rng_below(&r, WEEKS / 2);
        double taste = rng_normal(&r), list = 3 + 0.8 * taste, cut = 0, last = 0, start = 0;
        for (int age = 0; first + age < WEEKS; age++) {
            if (age > 3 && last < start / 3) cut += 0.06 * rng_uniform(&r);
            if (age > 4) cut += 0.05 * rng_uniform(&r);
            if (cut > 1) cut = 1;
            double promo = rng_uniform(&r) < 0.1 ? 0.15 : 0, price = list - cut - promo;
            double mean = exp(6 + 3.2 * taste + PLANTED * (price - 3) -
                              0.1 * age - 0.006 * age * age + 0.3 * sin(0.5 * (first + age)));
            double units = (double)rng_poisson(&r, fmin(mean, 1e6));
            if (age == 0) start = units;
            last = units;
            if (!(units > 0)) continue;
            s->units[s->n] = units, s->y[s->n] = log(units);
            x[s->n] = price;
            for (int c = 0; c < CONTROLS; c++)
                x[(c + 1) * ROWS + s->n] = fmax(0, age - knot[c]);
            s->article[s->n] = a, s->week[s->n++] = first + age;
        }
    }
    for (int c = 0; c <= CONTROLS; c++)
        memcpy(s->x + c * s->n, x + c * ROWS, (size_t)s->n * sizeof *x);
}

static double bias(double value) { return fabs(value - PLANTED); }

CHECK(elasticity_of_markdowns_that_follow_weak_demand) {
    lab t;
    lab_open(&t, 2);
    shop *s = take(&t.s.keep, shop, 1);
    double naive = 0, fixed = 0, poisson = 0, dml = 0;
    int covered = 0;
    enum { SEEDS = 10 };
    for (int seed = 0; seed < SEEDS; seed++) {
        elasticity_fit f;
        double_ml m;
        make(s, (uint64_t)seed + 1, &t.s.keep);
        elasticity_data d = {.n = s->n, .k = 1, .y = s->y, .x = s->x, .cluster = s->article,
                             .clusters = ARTICLES};
        check_ok(elasticity_run(&f, &d, ELASTICITY_DEFAULTS, t.threads, &t.s.keep, t.s.scratch,
                                &t.e), &t.e);
        naive += f.beta[0] / SEEDS;
        d.k = CONTROLS + 1, d.effects = 2, d.effect[0] = s->article, d.effect[1] = s->week;
        d.levels[0] = ARTICLES, d.levels[1] = WEEKS;
        check_ok(elasticity_run(&f, &d, ELASTICITY_DEFAULTS, t.threads, &t.s.keep, t.s.scratch,
                                &t.e), &t.e);
        fixed += f.beta[0] / SEEDS;
        check_ok(double_ml_run(&m, &d, (uint64_t)seed, t.threads, t.s.scratch, &t.e), &t.e);
        dml += m.value / SEEDS;
        covered += bias(m.value) < 1.96 * m.se;
        d.y = s->units;
        elasticity_params p = ELASTICITY_DEFAULTS;
        p.poisson = true;
        check_ok(elasticity_run(&f, &d, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
        poisson += f.beta[0] / SEEDS;
    }
    check(bias(naive) > 1);
    check(bias(fixed) < 0.15);
    check(bias(poisson) < 0.15);
    check(bias(dml) < 0.12);
    check(covered >= 7);
    lab_close(&t);
}

CHECK(double_ml_is_the_regression_where_controls_are_few) {
    lab t;
    lab_open(&t, 2);
    enum { N = 4000 };
    double *y = take(&t.s.keep, double, N), *x = take(&t.s.keep, double, 3 * N);
    int32_t *who = take(&t.s.keep, int32_t, N);
    rng r = rng_open(3, 0);
    for (int i = 0; i < N; i++) {
        double z = rng_normal(&r), z2 = rng_normal(&r);
        who[i] = i / 20;
        x[N + i] = z, x[2 * N + i] = z2;
        x[i] = 0.8 * z - 0.3 * z2 + 0.2 * rng_normal(&r);
        y[i] = -1.7 * x[i] + 2 * z + z2 + 0.1 * rng_normal(&r);
    }
    elasticity_data d = {.n = N, .k = 3, .y = y, .x = x, .effects = 1, .effect = {who},
                         .levels = {N / 20}, .cluster = who, .clusters = N / 20};
    elasticity_fit f;
    double_ml m, again;
    check_ok(elasticity_run(&f, &d, ELASTICITY_DEFAULTS, t.threads, &t.s.keep, t.s.scratch, &t.e),
             &t.e);
    check_ok(double_ml_run(&m, &d, 1, t.threads, t.s.scratch, &t.e), &t.e);
    check_near(m.value, f.beta[0], 0.2 * f.se[0]); /* folds and ridge differ */
    check_near(m.se, f.se_cluster[0], 0.05 * f.se_cluster[0]);
    check(m.explained > 0.9);
    pool *one = pool_open(1, 8 << 20, &t.e);
    check_ok(double_ml_run(&again, &d, 1, one, t.s.scratch, &t.e), &t.e);
    check(memcmp(&again, &m, sizeof m) == 0);
    pool_close(one);
    d.clusters = 3;
    check(!double_ml_run(&m, &d, 1, t.threads, t.s.scratch, &t.e));
    check_has(slice_of(t.e.text), "5 clusters or more");
    lab_close(&t);
}
