/* models_als_explain: parts of a factor score by past article: by hand, and against als_fold. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/recommend/als_explain.h"

/* One factor, articles y = 2 and 1, Gram 5, alpha0 = .1, lambda_u = .01 (1.5 + .1 · 2) for weights
 * 1 and .5: A = .5 + .017 + 1 · 4 + .5 · 1 = 5.017; of article 1: 1 · 2 / A and .5 · 1 / A. */
CHECK(als_explain_by_hand) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    float item[32] = {2}, eigen[16] = {5};
    item[16] = 1;
    als_model m = {.p = ALS_DEFAULTS, .items = 2, .ld = 16, .item = item, .eigen = eigen};
    m.p.factors = 1, m.p.alpha0 = 0.1f, m.p.lambda = 0.01f;
    double parts[2];
    double sum = als_explain(&m, 2, (const int32_t[]){0, 1}, (const float[]){1, 0.5f}, 1, parts,
                             s.scratch);
    check_near(parts[0], 2 / 5.017, 1e-7); /* the weights are floats */
    check_near(parts[1], 0.5 / 5.017, 1e-7);
    check_near(sum, 2.5 / 5.017, 1e-7);
    scope_close(&s);
}

static void against_fold(als_target target, float least) {
    enum { ITEMS = 30, K = 8, N = 9 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 4 << 20, &e), &e);
    rng r = rng_open(5, 5);
    float *item = take(&s.keep, float, ITEMS * 16), *eigen = take(&s.keep, float, 16), x[16];
    for (int i = 0; i < ITEMS; i++)
        for (int j = 0; j < K; j++) item[i * 16 + j] = (float)rng_normal(&r);
    for (int j = 0; j < K; j++) eigen[j] = 1 + (float)j; /* any: both must use the same */
    als_model m = {.p = ALS_DEFAULTS, .items = ITEMS, .ld = 16, .item = item, .eigen = eigen};
    m.p.factors = K, m.p.target = target;
    int32_t items[N];
    float weights[N];
    double parts[N];
    for (int i = 0; i < N; i++) items[i] = 3 * i, weights[i] = least + (float)rng_uniform(&r);
    als_fold(&m, N, items, weights, x, s.scratch);
    for (int32_t i = 0; i < ITEMS; i++) {
        double score = 0, sum = als_explain(&m, N, items, weights, i, parts, s.scratch), added = 0;
        for (int j = 0; j < K; j++) score += (double)x[j] * (double)item[i * 16 + j];
        for (int j = 0; j < N; j++) added += parts[j];
        check_near(sum, added, 1e-12);
        check_near(sum, score, 1e-4); /* als_fold is single precision, scores are about 1 */
    }
    scope_close(&s);
}

CHECK(als_explain_adds_up_to_the_folded_score) {
    against_fold(ALS_TARGET_ONE, 0);
    against_fold(ALS_TARGET_CONFIDENCE, 0.1f);
}
