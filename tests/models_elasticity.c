/* elasticity: planted answers, a dense oracle, the orange juice reference, refusals, shrinkage. */
#include "lab.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "models/insight/elasticity.h"

static elasticity_fit run(lab *t, const elasticity_data *d) {
    elasticity_fit f;
    bool done = elasticity_run(&f, d, ELASTICITY_DEFAULTS, t->threads, &t->s.keep, t->s.scratch,
                               &t->e);
    check_ok(done, &t->e);
    return f;
}

/* The panel of tests/oracles/elasticity.py. */
typedef struct panel {
    int n;
    double y[200], x[400];
    int32_t article[200], week[200];
} panel;

static void panel_make(panel *p) {
    p->n = 0;
    for (int a = 0; a < 9; a++)
        for (int w = 0; w < 12; w++) p->n += (3 * a + 2 * w) % 5 != 0;
    int r = 0;
    for (int a = 0; a < 9; a++)
        for (int w = 0; w < 12; w++) {
            if ((3 * a + 2 * w) % 5 == 0) continue;
            double x = log(10 + (7 * a + 5 * w + a * w) % 11), promo = (a + w) % 4 == 0;
            p->x[r] = x, p->x[p->n + r] = promo;
            p->y[r] = -2 * x + 0.5 * promo + 0.3 * a + sin(w) +
                      ((a * 37 + w * 101) % 23 - 11) / 40.0;
            p->article[r] = a, p->week[r++] = w;
        }
}

CHECK(elasticity_agrees_with_dense_dummies) {
    lab t;
    panel p;
    lab_open(&t, 2);
    panel_make(&p);
    elasticity_data d = {.n = p.n, .k = 2, .y = p.y, .x = p.x, .effects = 2,
                         .effect = {p.article, p.week}, .levels = {9, 12}, .cluster = p.article,
                         .clusters = 9};
    elasticity_fit f = run(&t, &d);
    /* 1e-9: the projections stop at 1e-10 standard deviations */
    check_near(f.beta[0], -2.126957764331, 1e-9);
    check_near(f.beta[1], 0.503428180489, 1e-9);
    check_near(f.se[0], 0.085669165815, 1e-9);
    check_near(f.se[1], 0.037333055482, 1e-9);
    check_near(f.se_cluster[0], 0.062500318554, 1e-9);
    check_near(f.se_cluster[1], 0.018289289719, 1e-9);
    check(f.absorbed == 20 && f.clusters == 9);
    /* the effects add up to what the columns leave */
    double worst = 0;
    for (int32_t a = 0; a < 9; a++) {
        double left = 0;
        for (int i = 0; i < p.n; i++)
            if (p.article[i] == a)
                left += p.y[i] - f.beta[0] * p.x[i] - f.beta[1] * p.x[p.n + i] - f.value[0][a] -
                        f.value[1][p.week[i]];
        worst = fmax(worst, fabs(left));
    }
    check(worst < 1e-8);
    lab_close(&t);
}

CHECK(elasticity_without_noise_is_exact) {
    lab t;
    panel p;
    lab_open(&t, 1);
    panel_make(&p);
    for (int i = 0; i < p.n; i++)
        p.y[i] = 3 - 2.5 * p.x[i] + 0.1 * p.article[i] * p.article[i] - 0.2 * p.week[i];
    elasticity_data d = {.n = p.n, .k = 1, .y = p.y, .x = p.x, .effects = 2,
                         .effect = {p.article, p.week}, .levels = {9, 12}};
    elasticity_fit f = run(&t, &d);
    check_near(f.beta[0], -2.5, 1e-9); /* tolerance of the projections */
    check_near(f.value[0][3] - f.value[0][1], 0.8, 1e-8);
    check_near(f.value[1][7] - f.value[1][2], -1.0, 1e-8);
    check_near(f.r2, 1.0, 1e-9);
    check_near(f.r2_within, 1.0, 1e-9);
    /* a known part is taken off first */
    double known[200];
    for (int i = 0; i < p.n; i++) known[i] = cos(5 * i), p.y[i] += known[i];
    d.offset = known;
    f = run(&t, &d);
    check_near(f.beta[0], -2.5, 1e-9);
    d.offset = NULL;
    d.effects = 0;
    for (int i = 0; i < p.n; i++) p.y[i] = 3 - 2.5 * p.x[i];
    f = run(&t, &d);
    check_near(f.beta[0], -2.5, 1e-12); /* rounding of 86 rows */
    check_near(f.intercept, 3, 1e-11);
    lab_close(&t);
}

/* Each article is on sale for three weeks only: the effects hang together by a thread, and plain
 * projections need hundreds of rounds; extrapolated the wrong way they leave for good. */
CHECK(elasticity_settles_on_a_thin_panel) {
    lab t;
    lab_open(&t, 1);
    enum { N = 40 * 3 };
    double y[N], x[N];
    int32_t article[N], week[N];
    for (int i = 0; i < N; i++) {
        article[i] = i / 3, week[i] = i / 3 + i % 3;
        x[i] = log(10 + (7 * i) % 11);
        y[i] = -1.5 * x[i] + 0.1 * article[i] + cos(week[i]);
    }
    elasticity_data d = {.n = N, .k = 1, .y = y, .x = x, .effects = 2, .effect = {article, week},
                         .levels = {40, 42}};
    elasticity_params p = ELASTICITY_DEFAULTS;
    elasticity_fit f;
    check_ok(elasticity_run(&f, &d, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
    check_near(f.beta[0], -1.5, 1e-6);
    within w = {.n = N, .effects = 2, .effect = {article, week}, .levels = {40, 42},
                .tolerance = 1e-10, .rounds = 10000};
    within_open(&w, &t.s.keep);
    within_column fast = within_column_of(&w, x, &t.s.keep);
    within_column plain = within_column_of(&w, x, &t.s.keep);
    within_centre(&w, &fast, 1, t.threads);
    check(fast.settled && fast.rounds <= 43); /* a step for each week at most */
    within_centre_plain(&w, &plain, t.s.scratch);
    check(plain.settled && plain.rounds < 1500); /* 911; 3,071 without acceleration */
    for (int i = 0; i < N; i++) check_near(fast.x[i], plain.x[i], 1e-7); /* its tail is long */
    w.rounds = 9;
    within_column few = within_column_of(&w, x, &t.s.keep);
    within_centre(&w, &few, 1, t.threads);
    check(!few.settled && few.rounds == 9);
    few = within_column_of(&w, x, &t.s.keep);
    within_centre_plain(&w, &few, t.s.scratch);
    check(!few.settled && few.rounds == 9);
    lab_close(&t);
}

CHECK(elasticity_refuses_in_words) {
    lab t;
    lab_open(&t, 1);
    double y[6] = {1, 2, 3, 4, 5, 6}, two[6] = {1, 2, 1, 2, 1, 2}, flat[6] = {1, 1, 2, 2, 3, 3};
    double twice[12] = {1, 2, 3, 4, 5, 7, 2, 4, 6, 8, 10, 14};
    int32_t each[6] = {0, 0, 1, 1, 2, 2}, own[6] = {0, 1, 2, 3, 4, 5};
    elasticity_fit f;
    struct {
        elasticity_data d;
        const char *says;
    } cases[] = {
        {{.n = 6, .k = 1, .y = y, .x = two}, "at least 3 different prices"},
        {{.n = 0, .k = 1, .y = y, .x = y}, "at least 3 different prices"},
        {{.n = 6, .k = 1, .y = y, .x = flat, .effects = 1, .effect = {each}, .levels = {3}},
         "(the price) does not vary"},
        {{.n = 6, .k = 2, .y = y, .x = twice}, "column 1 is explained"},
        {{.n = 6, .k = 1, .y = y, .x = y, .effects = 1, .effect = {own}, .levels = {6}},
         "too few"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err e = {0};
        check(!elasticity_run(&f, &cases[i].d, ELASTICITY_DEFAULTS, t.threads, &t.s.keep,
                              t.s.scratch, &e));
        check(e.kind == ERR_ASKED_WRONG);
        check_has(slice_of(e.text), cases[i].says);
    }
    lab_close(&t);
}

CHECK(elasticity_recovered_and_covered_and_threads_agree) {
    lab t, t8;
    lab_open(&t, 1);
    lab_open(&t8, 8);
    int covered = 0, rounds = 60;
    double mean = 0;
    for (int round = 0; round < rounds; round++) {
        arena keep = t.s.keep;
        int n = 40 * 30;
        double *y = take(&keep, double, n), *x = take(&keep, double, n);
        int32_t *article = take(&keep, int32_t, n), *week = take(&keep, int32_t, n);
        rng r = rng_open(11, (uint64_t)round);
        for (int i = 0; i < n; i++) {
            article[i] = i / 30, week[i] = i % 30;
            x[i] = 3 + 0.05 * article[i] + 0.15 * rng_normal(&r);
            y[i] = -1.8 * x[i] + 0.2 * article[i] + 0.5 * sin(week[i]) + 0.4 * rng_normal(&r);
        }
        elasticity_data d = {.n = n, .k = 1, .y = y, .x = x, .effects = 2,
                             .effect = {article, week}, .levels = {40, 30}, .cluster = article,
                             .clusters = 40};
        elasticity_fit f, g;
        check_ok(elasticity_run(&f, &d, ELASTICITY_DEFAULTS, t.threads, &keep, t.s.scratch, &t.e),
                 &t.e);
        check_ok(elasticity_run(&g, &d, ELASTICITY_DEFAULTS, t8.threads, &keep, t.s.scratch, &t.e),
                 &t.e);
        check(memcmp(f.beta, g.beta, sizeof f.beta) == 0);
        check(memcmp(f.se, g.se, sizeof f.se) == 0);
        covered += fabs(f.beta[0] + 1.8) < 1.96 * f.se_cluster[0];
        mean += f.beta[0] / rounds;
    }
    check_near(mean, -1.8, 0.04); /* 4 standard errors: 4 · 0.08 / √60 */
    check(covered >= 52);         /* 57 expected of 60; 3 standard deviations below */
    lab_close(&t);
    lab_close(&t8);
}

/* Few units a row: the logarithm loses the zeros and bends toward 0, Poisson does not. */
CHECK(elasticity_poisson_keeps_the_zeros) {
    lab t;
    lab_open(&t, 2);
    enum { N = 200 * 40 };
    double *y = take(&t.s.keep, double, N), *x = take(&t.s.keep, double, N);
    double *ln = take(&t.s.keep, double, N), *lx = take(&t.s.keep, double, N);
    int32_t *article = take(&t.s.keep, int32_t, N), *week = take(&t.s.keep, int32_t, N);
    int32_t *la = take(&t.s.keep, int32_t, N), *lw = take(&t.s.keep, int32_t, N);
    rng r = rng_open(17, 1);
    int64_t kept = 0;
    for (int i = 0; i < N; i++) {
        article[i] = i / 40, week[i] = i % 40;
        x[i] = 3 - 0.35 * (double)rng_below(&r, 4) + 0.1 * (article[i] % 7);
        double eta = 5.6 - 2 * x[i] + 0.3 * sin(week[i] / 6.0) + 0.15 * (article[i] % 7);
        y[i] = article[i] == 3 ? 0 : (double)rng_poisson(&r, exp(eta)); /* one never sells */
        if (y[i] <= 0) continue;
        ln[kept] = log(y[i]), lx[kept] = x[i], la[kept] = article[i], lw[kept++] = week[i];
    }
    elasticity_data d = {.n = N, .k = 1, .y = y, .x = x, .effects = 2, .effect = {article, week},
                         .levels = {200, 40}, .cluster = article, .clusters = 200};
    elasticity_data logs = {.n = kept, .k = 1, .y = ln, .x = lx, .effects = 2,
                            .effect = {la, lw}, .levels = {200, 40}};
    elasticity_params p = ELASTICITY_DEFAULTS;
    p.poisson = true;
    elasticity_fit f, g = run(&t, &logs);
    check_ok(elasticity_run(&f, &d, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
    check(f.se_cluster[0] < 0.06 && f.se[0] < 0.06);
    check_near(f.beta[0], -2, 4 * f.se_cluster[0]);
    check(g.beta[0] > -1.5); /* the bent answer */
    check(f.n == N - 40 && f.absorbed == 238 && f.clusters == 199);
    check(f.value[0][3] == -INFINITY && isfinite(f.value[0][4]));

    check(f.rounds <= 6); /* Newton's steps: the error is squared each time */
    /* with the price's part given as offset, the rest finds the same effects */
    double *offset = take(&t.s.keep, double, N), *other = take(&t.s.keep, double, N);
    for (int i = 0; i < N; i++) offset[i] = f.beta[0] * x[i], other[i] = rng_uniform(&r);
    elasticity_data rest = d;
    rest.x = other, rest.offset = offset;
    check_ok(elasticity_run(&g, &rest, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
    check(fabs(g.beta[0]) < 4 * g.se_cluster[0]);
    check_near(g.value[0][9] - g.value[0][5], f.value[0][9] - f.value[0][5], 0.01);
    /* scores are zero at the solution: units and expectation agree in every week */
    for (int32_t w = 0; w < 40; w += 13) {
        double sold = 0, expected = 0;
        for (int i = w; i < N; i += 40) {
            if (article[i] == 3) continue;
            sold += y[i];
            expected += exp(f.beta[0] * x[i] + f.value[0][article[i]] + f.value[1][w]);
        }
        check_near(expected, sold, 1e-4 * sold); /* the last step of the weights */
    }
    lab_close(&t);
}

/* Thousands of units that lie on the curve: the deviance is rounding alone, and that settles. */
CHECK(elasticity_poisson_without_noise_is_exact) {
    lab t;
    lab_open(&t, 1);
    double y[12], x[24] = {0};
    int32_t shop[12];
    for (int i = 0; i < 12; i++) {
        double price = 2 + (5 * i) % 7;
        shop[i] = i % 2;
        x[i / 6 * 12 + i] = log(price);
        y[i] = round(1e12 / price / price * (1 + shop[i])) * 1e-9;
    }
    elasticity_data d = {.n = 12, .k = 2, .y = y, .x = x, .effects = 1, .effect = {shop},
                         .levels = {2}};
    elasticity_params p = ELASTICITY_DEFAULTS;
    elasticity_fit f;
    p.poisson = true;
    check_ok(elasticity_run(&f, &d, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
    check_near(f.beta[0], -2, 1e-8); /* the projections' tolerance, amplified */
    check_near(f.beta[1], -2, 1e-8);
    lab_close(&t);
}

/* Eight rows without effects: the model's units and units times price add up to those sold. The
 * fourth round moves the deviance of 10.55 by 1e-10, less than a billionth, and is the last. */
CHECK(elasticity_poisson_stops_at_a_billionth_of_the_deviance) {
    lab t;
    lab_open(&t, 1);
    double y[8] = {3, 1, 4, 1, 5, 9, 2, 6}, x[8], sold = 0, priced = 0, deviance = 0, flat = 0;
    for (int i = 0; i < 8; i++) x[i] = log(2 + i);
    elasticity_data d = {.n = 8, .k = 1, .y = y, .x = x};
    elasticity_params p = ELASTICITY_DEFAULTS;
    elasticity_fit f;
    p.poisson = true;
    check_ok(elasticity_run(&f, &d, p, t.threads, &t.s.keep, t.s.scratch, &t.e), &t.e);
    check(f.rounds == 4);
    for (int i = 0; i < 8; i++) {
        double mu = exp(f.intercept + f.beta[0] * x[i]);
        sold += y[i] - mu, priced += (y[i] - mu) * x[i];
        deviance += 2 * y[i] * log(y[i] / mu), flat += 2 * y[i] * log(y[i] / (31.0 / 8));
    }
    check_near(sold, 0, 1e-9), check_near(priced, 0, 1e-9); /* what the last round leaves */
    check_near(deviance, 10.551184392331, 1e-9);
    check_near(f.r2, 1 - deviance / flat, 1e-9);
    lab_close(&t);
}

/* ---- the orange juice panel (28,947 rows) ---- */

typedef struct juice {
    int n, stores;
    double y[30000], x[60000];
    int32_t brand[30000], brand_store[30000], store[30000], place[30000], brand_place[30000];
    int places;
} juice;

/* The file has no store column: rows come store by store, brands in a fixed order within. */
static bool juice_read(juice *j) {
    const char *path = check_data("elasticity/oj.csv");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[200], brand[40];
    double sales, price, feature[30000];
    if (!file || !fgets(line, sizeof line, file)) return false;
    j->n = j->stores = j->places = 0;
    while (fgets(line, sizeof line, file)) {
        int feat, i = j->n++;
        if (sscanf(line, "%lf,%lf,%39[^,],%d", &sales, &price, brand, &feat) != 4) abort();
        j->y[i] = log(sales), j->x[i] = log(price), feature[i] = feat;
        j->brand[i] = brand[0] == 't' ? 0 : brand[0] == 'm' ? 1 : 2;
        j->stores += j->brand[i] == 0 && (i == 0 || j->brand[i - 1] != 0);
        j->store[i] = j->stores - 1;
        j->brand_store[i] = 3 * j->store[i] + j->brand[i];
        j->place[i] = i && j->brand[i] == j->brand[i - 1] ? j->place[i - 1] + 1 : 0;
        j->brand_place[i] = 3 * j->place[i] + j->brand[i];
        if (j->place[i] >= j->places) j->places = j->place[i] + 1;
    }
    memcpy(j->x + j->n, feature, (size_t)j->n * sizeof *feature);
    fclose(file);
    return true;
}

CHECK(elasticity_of_orange_juice) {
    static juice j;
    if (!juice_read(&j)) skip("no elasticity/oj.csv here");
    lab t;
    lab_open(&t, 2);
    check(j.n == 28947 && j.stores == 83);
    elasticity_data d = {.n = j.n, .k = 1, .y = j.y, .x = j.x, .cluster = j.store, .clusters = 83};
    /* reference: pyfixest 0.60 on the same rows; 6e-7 is its last printed digit */
    elasticity_fit f = run(&t, &d);
    check_near(f.beta[0], -1.601307, 6e-7), check_near(f.se[0], 0.018358, 6e-7);
    check_near(f.se_cluster[0], 0.069524, 6e-7), check_near(f.intercept, 10.423422, 6e-7);
    check_near(f.r2, 0.2081, 6e-5);
    d.k = 2, f = run(&t, &d);
    check_near(f.beta[0], -1.152697, 6e-7), check_near(f.beta[1], 1.057086, 6e-7);
    d.effects = 1, d.effect[0] = j.brand, d.levels[0] = 3, f = run(&t, &d);
    check_near(f.beta[0], -2.529893, 6e-7), check_near(f.se[0], 0.021717, 6e-7);
    check_near(f.beta[1], 0.890625, 6e-7);
    d.effect[0] = j.brand_store, d.levels[0] = 249, f = run(&t, &d);
    check_near(f.beta[0], -2.611962, 6e-7), check_near(f.se[0], 0.018690, 6e-7);
    check_near(f.se_cluster[0], 0.041130, 6e-7), check_near(f.beta[1], 0.877407, 6e-7);
    lab_close(&t);
}

CHECK(elasticity_poisson_of_orange_juice) {
    static juice j;
    static double units[30000];
    if (!juice_read(&j)) skip("no elasticity/oj.csv here");
    lab t;
    lab_open(&t, 2);
    for (int i = 0; i < j.n; i++) units[i] = exp(j.y[i]);
    elasticity_data d = {.n = j.n, .k = 2, .y = units, .x = j.x, .effects = 1,
                         .effect = {j.brand}, .levels = {3}};
    elasticity_params p = ELASTICITY_DEFAULTS;
    p.poisson = true;
    elasticity_fit f;
    arena *keep = &t.s.keep;
    /* reference: statsmodels' GLM and pyfixest 0.60's fepois; their stop is at 1e-8 of the
     * deviance, which leaves 1e-6 of beta */
    check_ok(elasticity_run(&f, &d, p, t.threads, keep, t.s.scratch, &t.e), &t.e);
    check_near(f.beta[0], -2.647159, 2e-6), check_near(f.beta[1], 0.959945, 2e-6);
    d.effects = 2;
    d.effect[0] = j.brand_store, d.levels[0] = 249;
    d.effect[1] = j.brand_place, d.levels[1] = 3 * j.places;
    check_ok(elasticity_run(&f, &d, p, t.threads, keep, t.s.scratch, &t.e), &t.e);
    check_near(f.beta[0], -2.728537, 2e-6), check_near(f.beta[1], 1.026951, 2e-6);
    d.effects = 3;
    d.effect[0] = j.brand, d.effect[1] = j.store, d.effect[2] = j.place;
    d.levels[0] = 3, d.levels[1] = 83, d.levels[2] = j.places;
    check_ok(elasticity_run(&f, &d, p, t.threads, keep, t.s.scratch, &t.e), &t.e);
    check_near(f.beta[0], -2.822181, 2e-6), check_near(f.beta[1], 0.939184, 2e-6);
    lab_close(&t);
}

/* Thirteen BCG vaccine trials (Colditz 1994), the standard example of pooling: log risk ratios.
 * Paule-Mandel, solved in Python by 200 halvings: mean -0.71497, se 0.18089, tau² 0.31807
 * (DerSimonian-Laird: -0.7141, 0.1787, 0.3088). */
CHECK(elasticity_shrink_agrees_with_meta_analysis) {
    static const double trial[13][4] = {
        {4, 119, 11, 128},       {6, 300, 29, 274},       {3, 228, 11, 209},
        {62, 13536, 248, 12619}, {33, 5036, 47, 5761},    {180, 1361, 372, 1079},
        {8, 2537, 10, 619},      {505, 87886, 499, 87892}, {29, 7470, 45, 7232},
        {17, 1699, 65, 1600},    {186, 50448, 141, 27197}, {5, 2493, 3, 2338},
        {27, 16886, 29, 17825}};
    double b[14], se[14], post[14], post_se[14];
    for (int i = 0; i < 13; i++) {
        const double *c = trial[i];
        double treated = c[0] + c[1], control = c[2] + c[3];
        b[i] = log(c[0] / treated) - log(c[2] / control);
        se[i] = sqrt(1 / c[0] - 1 / treated + 1 / c[2] - 1 / control);
    }
    b[13] = NAN, se[13] = 0;
    elasticity_pool p = elasticity_shrink(14, b, se, post, post_se);
    check(p.used == 13);
    check_near(p.mean, -0.7149682, 1e-7), check_near(p.mean_se, 0.1808922, 1e-7);
    check_near(p.tau2, 0.3180685, 1e-7);
    check(post[13] == p.mean && post_se[13] > sqrt(p.tau2));
    for (int i = 0; i < 13; i++) { /* between the trial and the mean, nearer the surer one */
        double own = p.tau2 / (p.tau2 + se[i] * se[i]);
        check_near(post[i], own * b[i] + (1 - own) * p.mean, 1e-12);
        check((post[i] - b[i]) * (post[i] - p.mean) <= 0);
    }
    check(fabs(post[11] - p.mean) < fabs(post[7] - p.mean)); /* 8 cases against a thousand */
    double alike[3] = {-1, -1.1, -0.9}, far[3] = {1, 1, 1}; /* closer than their errors say */
    p = elasticity_shrink(3, alike, far, post, post_se);
    check(p.tau2 == 0 && p.used == 3 && fabs(p.mean + 1) < 1e-15 && fabs(post[1] + 1) < 1e-15);
    check(elasticity_shrink(1, b + 13, se + 13, post, post_se).used == 0);
}
