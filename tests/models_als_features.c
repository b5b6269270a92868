/* models_als_features: maps from features against planted maps, hand sums and dense solves. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/random.h"
#include "models/recommend/als_features.h"
#include "models/recommend/attributes.h"
#include "models/recommend/ridge.h"

enum { USERS = 240, ITEMS = 120, GROUPS = 6 };

typedef struct stage {
    scope s;
    pool *t;
    sparse by_user, by_item, user, item; /* planted; features of users and items */
    als_features_data data;
} stage;

static double planted(int u, int i) { return cos(2.1 * (u % GROUPS) + 1.3 * (i % GROUPS)); }

/* A constant, one of GROUPS, and a pair that means nothing. */
static sparse groups_of(int rows, arena *keep, arena scratch) {
    int32_t *row = take(&scratch, int32_t, 3 * rows), *col = take(&scratch, int32_t, 3 * rows);
    for (int r = 0; r < rows; r++)
        for (int f = 0; f < 3; f++) {
            row[3 * r + f] = r;
            col[3 * r + f] = f == 0 ? 0 : f == 1 ? 1 + r % GROUPS : 1 + GROUPS + (r * r / 7) % 2;
        }
    return sparse_from_triples(rows, 3 + GROUPS, 3 * rows, row, col, NULL, keep, scratch);
}

/* Users take the items that their group likes, with chance; the last share of items and users has
 * no interaction at all. */
static void open_stage(stage *g, int threads, double cold) {
    err e = {0};
    check_ok(scope_open(&g->s, 32 << 20, 64 << 20, &e), &e);
    g->t = pool_open(threads, 32 << 20, &e);
    check(g->t != NULL);
    arena a = g->s.scratch;
    int32_t *row = take(&a, int32_t, USERS * ITEMS), *col = take(&a, int32_t, USERS * ITEMS), n = 0;
    rng r = rng_open(11, 0);
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) {
            bool taken = rng_uniform(&r) < 0.5 * fmax(planted(u, i), 0) + 0.01;
            if (!taken || u >= USERS * (1 - cold) || i >= ITEMS * (1 - cold)) continue;
            row[n] = u;
            col[n++] = i;
        }
    g->by_user = sparse_from_triples(USERS, ITEMS, n, row, col, NULL, &g->s.keep, a);
    g->by_item = sparse_transpose(&g->by_user, &g->s.keep);
    g->user = groups_of(USERS, &g->s.keep, a);
    g->item = groups_of(ITEMS, &g->s.keep, a);
    g->data = (als_features_data){&g->by_user, &g->by_item, {&g->user, &g->item}};
}

static void close_stage(stage *g) {
    pool_close(g->t);
    scope_close(&g->s);
}

static als_features_params params(void) {
    als_features_params p = ALS_FEATURES_DEFAULTS;
    p.als.factors = 7;
    p.ridge = 3; /* few rows: the default of 100 would leave little of a map */
    p.als.iterations = 8;
    p.als.lambda = 0.003f;
    p.als.sigma = 1;
    p.als.exact = true;
    return p;
}

static als_features_model fit(stage *g, als_features_params p) {
    als_features_model m;
    err e = {0};
    check_ok(als_features_fit(&m, &g->data, p, g->t, &g->s.keep, g->s.scratch, &e), &e);
    return m;
}

static double product(const als_model *m, const float *x, int64_t i) {
    double sum = 0;
    for (int j = 0; j < m->ld; j++) sum += (double)x[j] * m->item[i * m->ld + j];
    return sum;
}

/* Correlation of products with the planted affinity over rows from u and columns from i. */
static double correlation(const als_model *m, int u0, int i0) {
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (int u = u0; u < USERS; u++)
        for (int i = i0; i < ITEMS; i++) {
            double a = product(m, m->user + (int64_t)u * m->ld, i), b = fmax(planted(u, i), 0);
            n++;
            x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
        }
    return (n * xy - x * y) / sqrt((n * xx - x * x) * (n * yy - y * y));
}

CHECK(als_features_recover_a_planted_map_for_what_is_new) {
    stage g;
    open_stage(&g, 2, 0.2);
    als_features_model m = fit(&g, params());
    /* .91 to .95 are reached; what is not planted in a choice of 1 in 2 is noise */
    check(correlation(&m.als, 0, ITEMS * 4 / 5) > 0.88); /* new items for all users */
    check(correlation(&m.als, USERS * 4 / 5, 0) > 0.88); /* all items for new users */
    check(correlation(&m.als, USERS * 4 / 5, ITEMS * 4 / 5) > 0.88);
    /* the meaningless pair moves a new item less than a fifth of what its group does */
    double apart = 0, size = 0;
    for (int j = 0; j < m.als.ld; j++) {
        const float *cold = m.prior[ALS_ITEMS].map + j;
        apart += pow(cold[(1 + GROUPS) * m.als.ld] - cold[(2 + GROUPS) * m.als.ld], 2);
        size += pow(cold[1 * m.als.ld] - cold[4 * m.als.ld], 2);
    }
    check(apart < size / 25);
    close_stage(&g);
}

CHECK(als_features_without_features_are_als) {
    stage g;
    err e = {0};
    open_stage(&g, 1, 0.1);
    g.data.features[ALS_USERS] = g.data.features[ALS_ITEMS] = NULL;
    als_features_model m = fit(&g, params());
    als_model als;
    check_ok(als_fit(&als, &g.by_user, &g.by_item, params().als, g.t, &g.s.keep, g.s.scratch, &e),
             &e);
    check(memcmp(als.user, m.als.user, sizeof(float) * USERS * (size_t)als.ld) == 0);
    check(memcmp(als.item, m.als.item, sizeof(float) * ITEMS * (size_t)als.ld) == 0);
    close_stage(&g);
}

CHECK(als_features_exact_steps_never_raise_the_objective) {
    stage g;
    open_stage(&g, 1, 0.1);
    als_features_params p = params();
    double last = INFINITY, first = 0;
    p.warm_up = 2;
    for (int n = 3; n <= 14; n++) {
        p.als.iterations = n;
        als_features_model m = fit(&g, p);
        double now = als_features_loss(&m, &g.data, p, g.s.scratch);
        check(now <= last * (1 + 1e-6)); /* single-precision rounding of the rows */
        first = n == 3 ? now : first;
        last = now;
    }
    check(last < 0.999 * first);
    close_stage(&g);
}

/* No other map nearby is better, on either side: the maps are those of the objective. */
CHECK(als_features_maps_minimise_the_objective) {
    stage g;
    open_stage(&g, 1, 0.1);
    als_features_params p = params();
    als_features_model m = fit(&g, p);
    double best = als_features_loss(&m, &g.data, p, g.s.scratch);
    for (int side = 0; side < 2; side++)
        for (int f = 0; f < 3 + GROUPS; f += 2)
            for (int step = -1; step <= 1; step += 2) {
                float *at = &m.prior[side].map[f * m.als.ld + f % 3], was = *at;
                *at += (float)step * 0.05f;
                check(als_features_loss(&m, &g.data, p, g.s.scratch) > best);
                *at = was;
            }
    close_stage(&g);
}

CHECK(als_features_threads_give_the_same_bytes) {
    stage one;
    open_stage(&one, 1, 0.1);
    als_features_params p = params();
    p.als.exact = false;
    als_features_model a = fit(&one, p);
    for (int threads = 2; threads <= 8; threads *= 4) {
        stage g;
        open_stage(&g, threads, 0.1);
        als_features_model b = fit(&g, p);
        size_t row = sizeof(float) * (size_t)a.als.ld;
        check(memcmp(a.als.user, b.als.user, USERS * row) == 0);
        check(memcmp(a.als.item, b.als.item, ITEMS * row) == 0);
        check(memcmp(a.prior[1].map, b.prior[1].map, (3 + GROUPS) * row) == 0);
        close_stage(&g);
    }
    close_stage(&one);
}

/* (alpha0 Y'Y + lambda I + Y'DY) x = Y'c + lambda p, densely in double. */
static void dense(const als_model *m, int64_t n, const int32_t *items, const float *c,
                  const float *p, double *x) {
    int k = m->p.factors;
    double a[7 * 7] = {0}, total = 0;
    for (int64_t i = 0; i < n; i++) total += c[i];
    double lambda = als_lambda(m->p, total, m->items);
    for (int i = 0; i < k; i++) {
        x[i] = lambda * p[i];
        a[i * k + i] = lambda + m->p.alpha0 * m->eigen[i];
    }
    for (int64_t at = 0; at < n; at++)
        for (int i = 0; i < k; i++) {
            const float *y = m->item + (int64_t)items[at] * m->ld;
            x[i] += c[at] * y[i];
            for (int j = 0; j < k; j++) a[i * k + j] += (double)c[at] * y[i] * y[j];
        }
    check(kernels_plain.solve_spd_d(k, a, k, x));
}

CHECK(als_features_fold_in_solves_the_row_with_its_prior) {
    stage g;
    open_stage(&g, 1, 0);
    als_features_model m = fit(&g, params());
    int32_t items[ITEMS];
    float c[ITEMS], x[16], p[16];
    double want[7];
    for (int i = 0; i < ITEMS; i++) {
        items[i] = i;
        c[i] = 0.5f + (float)(i % 3);
    }
    als_prior_row(&m.prior[ALS_USERS], 5, m.als.ld, p);
    for (int n = 1; n <= ITEMS; n += n < 9 ? 1 : 37) { /* short, between and long rows */
        als_features_fold(&m, NULL, 5, n, items, c, x, g.s.scratch);
        dense(&m.als, n, items, c, p, want);
        for (int j = 0; j < 7; j++) check_near(x[j], want[j], 2e-5); /* single precision */
    }
    /* nothing bought: the mean of its like */
    float cold[16];
    als_features_fold(&m, NULL, 5, 0, NULL, NULL, x, g.s.scratch);
    als_features_cold(&m, ALS_USERS, 3, g.user.col + g.user.at[5], g.user.value + g.user.at[5],
                      cold);
    for (int j = 0; j < 7; j++) check_near(x[j], cold[j], 2e-5);
    close_stage(&g);
}

CHECK(als_features_draw_a_row_between_its_prior_and_its_purchases) {
    stage g;
    open_stage(&g, 1, 0);
    als_features_params p = params(), held = p;
    held.ridge = 1e6; /* maps of nothing: plain iALS */
    als_features_model m = fit(&g, p), none = fit(&g, held);
    for (int j = 0; j < (3 + GROUPS) * m.als.ld; j++)
        check_near(none.prior[ALS_ITEMS].map[j], 0, 1e-3);
    double drawn = 0, free = 0;
    float to[16];
    for (int u = 0; u < USERS; u++) {
        als_prior_row(&m.prior[ALS_USERS], u, m.als.ld, to);
        for (int j = 0; j < 7; j++) {
            drawn += pow(m.als.user[u * m.als.ld + j] - to[j], 2);
            free += pow(m.als.user[u * m.als.ld + j], 2);
        }
    }
    check(drawn < 0.5 * free);
    close_stage(&g);
}

CHECK(als_features_refuse_nonsense_with_a_reason) {
    stage g;
    open_stage(&g, 1, 0);
    als_features_model m;
    als_features_params p = params();
    err e = {0}, warm = {0};
    p.ridge = 0;
    check(!als_features_fit(&m, &g.data, p, g.t, &g.s.keep, g.s.scratch, &e));
    check_has(slice_of(e.text), "ridge must be above 0");
    p = params();
    p.warm_up = 9;
    check(!als_features_fit(&m, &g.data, p, g.t, &g.s.keep, g.s.scratch, &warm));
    check_has(slice_of(warm.text), "warm_up must be 0..iterations");
    close_stage(&g);
}

/* Rows (1, 0), (1, 1), (0, 2) with weights 1, 2, 1, targets 1, 3, 2, l2 = 1:
 * F'WF + I = (4 2; 2 7), F'Wt = (7, 10), map = (29, 26) / 24. */
CHECK(ridge_solves_a_hand_computed_map) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    pool *t = pool_open(2, 1 << 20, &e);
    static const int32_t row[] = {0, 1, 1, 2}, col[] = {0, 0, 1, 1};
    static const float value[] = {1, 1, 1, 2}, weight[] = {1, 2, 1};
    const float targets[] = {1, -2, 3, -6, 2, -4};
    sparse f = sparse_from_triples(3, 2, 4, row, col, value, &s.keep, s.scratch);
    ridge r;
    float map[4];
    check_ok(ridge_open(&r, &f, weight, 1, &s.keep, &e), &e);
    ridge_fit(&r, targets, 2, map, t, s.scratch);
    check_near(map[0], 29.0 / 24, 1e-6);
    check_near(map[2], 26.0 / 24, 1e-6);
    check_near(map[1], -2 * 29.0 / 24, 1e-6); /* the second target is -2 times the first */
    check_near(map[3], -2 * 26.0 / 24, 1e-6);
    sparse wide = {.rows = 0, .cols = RIDGE_MOST + 1};
    check(!ridge_open(&r, &wide, NULL, 1, &s.keep, &e));
    check_has(slice_of(e.text), "8193 features are too many");
    pool_close(t);
    scope_close(&s);
}

CHECK(attributes_are_values_bands_and_words) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 4 << 20, &e), &e);
    slice colour[6], name[6], price[6];
    static const char *const colours[] = {"red", "blue", "red", "", "blue", "red"};
    static const char *const names[] = {"Slim Jeans", "wide jeans", "Shirt",
                                        "shirt, SLIM", "shirt shirt", "wide"};
    static const char *const prices[] = {"1", "2", "3", "40", "50", "60"};
    for (int i = 0; i < 6; i++) {
        colour[i] = slice_of(colours[i]);
        name[i] = slice_of(names[i]);
        price[i] = slice_of(prices[i]);
    }
    const slice *fields[] = {colour, name, price};
    attributes_params p = {.min_rows = 2, .most = 100, .bands = 2};
    sparse f = attributes_fit(fields, 3, 6, NULL, p, &s.keep, s.scratch);
    /* 1; red 3; two bands of 3; words slim, jeans, shirt 2 each ("Shirt" and "wide" alone are
     * values); blue 2: by frequency, then by first meeting */
    check(f.cols == 8);
    for (int r = 0; r < 6; r++) check_near(sparse_get(&f, r, 0), 1, 0);
    check_near(sparse_get(&f, 0, 1), 1, 0); /* red */
    check_near(sparse_get(&f, 3, 1), 0, 0);
    check_near(sparse_get(&f, 2, 2), 1, 0); /* prices 1..3 */
    check_near(sparse_get(&f, 2, 3), 0, 0);
    check_near(sparse_get(&f, 3, 3), 1, 0);
    check_near(sparse_get(&f, 4, 4), 1, 0);           /* blue */
    check_near(sparse_get(&f, 0, 5), sqrt(0.5), 1e-6); /* slim and jeans weigh alike */
    check_near(sparse_get(&f, 0, 6), sqrt(0.5), 1e-6);
    check_near(sparse_get(&f, 1, 6), 1, 1e-6); /* "wide" is a word once only: jeans alone */
    check_near(sparse_get(&f, 4, 7), sqrt(2), 1e-6); /* twice in one value */
    static const uint8_t counts[] = {1, 1, 1, 1, 0, 0};
    sparse few = attributes_fit(fields, 3, 6, counts, p, &s.keep, s.scratch);
    check(few.cols == 5); /* 1, low prices 3; red, slim, jeans 2 */
    check_near(sparse_get(&few, 5, 2), 1, 0); /* a row that does not count has its columns */
    p.most = 2;
    sparse two = attributes_fit(fields, 3, 6, NULL, p, &s.keep, s.scratch);
    check(two.cols == 2 && sparse_has(&two, 0, 1) && !sparse_has(&two, 1, 1));
    scope_close(&s);
}
