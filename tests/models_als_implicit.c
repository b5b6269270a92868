/* models_als_implicit: the objective of PyPI implicit, held against numbers of that package. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/recommend/als.h"

enum { USERS = 9, ITEMS = 8, FACTORS = 3 };

/* tests/oracles/als_implicit.py: factor products after 1 and 5 iterations, and the loss. */
static const double wanted[2][USERS][ITEMS] = {
    {{0.325591, 1.068985, 0.891163, 0.529874, -0.243926, 0.134469, 0.23982, 0.40656},
     {-0.224921, -0.098107, 0.137563, 0.300057, 0.395026, 0.636968, 0.745822, 0.506349},
     {-0.104306, 0.880378, 1.232096, 0.644581, 0.266344, 0.633943, 0.935458, 0.80479},
     {0.518315, 0.386277, -0.397181, 1.025489, -0.025858, 1.142642, 0.976469, 0.954921},
     {0.685251, 1.4645, 0.827412, 1.016694, -0.407592, 0.512977, 0.530133, 0.782188},
     {-0.841064, -0.190554, 0.997548, -0.286348, 0.689599, 0.089988, 0.506757, 0.133863},
     {0.387592, 0.840784, 0.525749, 0.339091, -0.359046, -0.085482, -0.078551, 0.148671},
     {0.08213, 0.208028, 0.045119, 0.688278, 0.247034, 0.93264, 0.957395, 0.794986},
     {-0.367047, 0.296021, 0.84917, 0.45507, 0.534185, 0.762131, 1.056261, 0.755004}},
    {{0.714546, 0.952036, 0.851682, 0.786432, 0.163748, -0.102674, 0.575267, 0.274577},
     {0.407115, -0.136548, 0.071122, 0.49083, 0.389112, 0.447664, 0.762688, 0.386216},
     {0.475625, 0.877406, 1.320173, 0.427872, 0.858103, 0.519508, 0.927733, 0.56887},
     {0.870227, -0.153158, 0.316066, 1.029891, 0.883667, 0.954583, 1.633503, 0.840166},
     {0.975008, 1.045973, 0.949707, 1.096742, 0.251581, -0.025312, 0.879781, 0.415323},
     {-0.145294, 0.412361, 0.973495, -0.301218, 0.801948, 0.55818, 0.395731, 0.341338},
     {0.164586, 0.836289, 0.700206, 0.125339, -0.050449, -0.321076, -0.114678, -0.046586},
     {0.713221, 0.012782, 0.11072, 0.866255, 0.334837, 0.383113, 0.980454, 0.461456},
     {0.065552, 0.186292, 0.847598, -0.02821, 0.974993, 0.819319, 0.811436, 0.54125}}};
static const double wanted_loss[2] = {0.197722861, 0.101286378};

/* alpha 2, regularisation 0.3; the smallest confidence is 1, which leaves no weight of its own. */
static als_params implicit_params(void) {
    als_params p = ALS_DEFAULTS;
    p.factors = FACTORS;
    p.target = ALS_TARGET_CONFIDENCE;
    p.alpha0 = 1;
    p.nu = 0;
    p.lambda = 0.3f;
    p.exact = true;
    return p;
}

static sparse confidences(scope *s) {
    int32_t row[USERS * ITEMS], col[USERS * ITEMS], n = 0;
    float c[USERS * ITEMS];
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) {
            if ((3 * u * u + 5 * i * i + 7 * u * i + 2 * u + i) % 11 >= 5) continue;
            row[n] = u;
            col[n] = i;
            c[n++] = 2 * (0.5f + (float)((u + 2 * i) % 5) * 0.75f);
        }
    return sparse_from_triples(USERS, ITEMS, n, row, col, c, &s->keep, s->scratch);
}

static void put_start(als_model *m) {
    for (int u = 0; u < USERS; u++)
        for (int j = 0; j < FACTORS; j++)
            m->user[u * m->ld + j] = (float)(0.3 * sin(1 + 3 * u + 2 * j + u * j));
}

static double product(const als_model *m, int u, int i) {
    double sum = 0;
    for (int j = 0; j < FACTORS; j++)
        sum += (double)m->user[u * m->ld + j] * m->item[i * m->ld + j];
    return sum;
}

/* implicit divides by the sum of all confidences, 1 for pairs that were not seen. */
static double loss_of_implicit(const als_model *m, const sparse *seen, arena scratch) {
    double weights = USERS * ITEMS - (double)sparse_count(seen);
    for (int64_t i = 0; i < sparse_count(seen); i++) weights += seen->value[i];
    return als_loss(m, seen, scratch) / weights;
}

CHECK(als_implicit_gives_the_factor_products_of_the_package) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 16 << 20, &e), &e);
    pool *t = pool_open(1, 8 << 20, &e);
    sparse seen = confidences(&s), by_item = sparse_transpose(&seen, &s.keep);
    als_model m;
    check_ok(als_start(&m, &seen, &by_item, implicit_params(), &s.keep, &e), &e);
    put_start(&m);
    for (int i = 1; i <= 5; i++) {
        check_ok(als_step(&m, &seen, &by_item, t, s.scratch, &e), &e);
        if (i != 1 && i != 5) continue;
        /* 5e-4: both in single precision (about 1e-6 seen); the confidence of exactly 1 is given a
         * weight of 1e-6. The promise is 1e-3. */
        for (int u = 0; u < USERS; u++)
            for (int j = 0; j < ITEMS; j++)
                check_near(product(&m, u, j), wanted[i > 1][u][j], 5e-4);
        check_near(loss_of_implicit(&m, &seen, s.scratch), wanted_loss[i > 1], 1e-5);
    }
    pool_close(t);
    scope_close(&s);
}

/* The plain twin has the same objective; random users there and here start alike. */
CHECK(als_implicit_agrees_with_the_plain_twin) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 16 << 20, &e), &e);
    pool *t = pool_open(2, 8 << 20, &e);
    sparse seen = confidences(&s), by_item = sparse_transpose(&seen, &s.keep);
    als_params p = implicit_params();
    p.sigma = 1;
    p.iterations = 4;
    p.alpha0 = 0.7f;
    als_model m, twin;
    check_ok(als_fit(&m, &seen, &by_item, p, t, &s.keep, s.scratch, &e), &e);
    als_plain_fit(&twin, &seen, &by_item, p, &s.keep, s.scratch);
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) /* 1e-4: single precision against double */
            check_near(product(&m, u, i), product(&twin, u, i), 1e-4);
    pool_close(t);
    scope_close(&s);
}

CHECK(als_implicit_refuses_a_confidence_below_the_unseen) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 16 << 20, &e), &e);
    sparse seen = confidences(&s), by_item = sparse_transpose(&seen, &s.keep);
    als_params p = implicit_params();
    p.alpha0 = 1.5f;
    als_model m;
    check(!als_start(&m, &seen, &by_item, p, &s.keep, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "confidences (alpha times weight) must be 1.5 or more, found 1");
    scope_close(&s);
}
