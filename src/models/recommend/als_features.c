/* als_features: iALS whose factors are drawn to what features say, also for what is new. */
#include "models/recommend/als_features.h"

#include <assert.h>

#include "models/recommend/ridge.h"

const char *als_features_check(als_features_params p) {
    const char *wrong = als_check(p.als);
    if (wrong) return wrong;
    if (!(p.ridge > 0)) return "ridge must be above 0";
    if (p.warm_up < 0 || p.warm_up > p.als.iterations) return "warm_up must be 0..iterations";
    return NULL;
}

/* lambda of each row, 0 for rows without interactions; returns the mean of the others. */
static double lambdas(als_params p, const sparse *rows, float *to) {
    double sum = 0;
    int64_t n = 0;
    for (int64_t r = 0; r < rows->rows; r++) {
        double weights = 0;
        for (int64_t at = rows->at[r]; at < rows->at[r + 1]; at++) weights += rows->value[at];
        to[r] = sparse_degree(rows, r) > 0 ? als_lambda(p, weights, rows->cols) : 0;
        sum += to[r];
        n += sparse_degree(rows, r) > 0;
    }
    return n > 0 ? sum / (double)n : 0;
}

static const sparse *rows_of(const als_features_data *d, int side) {
    return side == ALS_USERS ? d->by_user : d->by_item;
}

static float *factors_of(als_model *m, int side) { return side == ALS_USERS ? m->user : m->item; }

/* Factors of the rows that the fit left at 0. */
static void fill_cold(als_features_model *m, int side, const sparse *rows) {
    for (int64_t r = 0; r < rows->rows; r++)
        if (sparse_degree(rows, r) == 0)
            als_prior_row(&m->prior[side], r, m->als.ld, factors_of(&m->als, side) + r * m->als.ld);
}

/* ridges[2] by side. */
static bool open_maps(als_features_model *m, ridge *ridges, const als_features_data *d,
                      als_features_params p, arena *keep, arena scratch, err *e) {
    for (int side = 0; side < 2; side++) {
        const sparse *features = d->features[side], *rows = rows_of(d, side);
        if (!features) continue;
        assert(features->rows == rows->rows);
        float *lambda = take(&scratch, float, rows->rows);
        double mean = lambdas(p.als, rows, lambda);
        m->prior[side] = (als_prior){features, take(keep, float, features->cols * m->als.ld)};
        if (!ridge_open(&ridges[side], features, lambda, p.ridge * mean, keep, e)) return false;
    }
    return true;
}

static void fit_map(als_features_model *m, const ridge *ridges, int side, pool *threads,
                    arena scratch) {
    if (m->prior[side].features)
        ridge_fit(&ridges[side], factors_of(&m->als, side), m->als.ld, m->prior[side].map,
                  threads, scratch);
}

bool als_features_fit(als_features_model *m, const als_features_data *data,
                      als_features_params p, pool *threads, arena *keep, arena scratch, err *e) {
    const char *wrong = als_features_check(p);
    ridge ridges[2];
    *m = (als_features_model){0};
    if (wrong) return refuse(e, "als_features: %s", wrong);
    if (!als_start(&m->als, data->by_user, data->by_item, p.als, keep, e) ||
        !open_maps(m, ridges, data, p, keep, scratch, e))
        return false;
    for (int i = 0; i < p.als.iterations; i++) {
        bool drawn = i >= p.warm_up;
        for (int side = ALS_ITEMS; side >= ALS_USERS; side--) {
            if (!als_half(&m->als, side, rows_of(data, side), drawn ? m->prior : NULL, threads,
                          scratch, e))
                return false;
            if (drawn) fit_map(m, ridges, side, threads, scratch);
        }
        for (int side = 0; side < 2 && i + 1 == p.warm_up; side++)
            fit_map(m, ridges, side, threads, scratch);
    }
    for (int side = 0; side < 2; side++)
        if (m->prior[side].features) fill_cold(m, side, rows_of(data, side));
    return true;
}

void als_features_cold(const als_features_model *m, als_side side, int64_t n,
                       const int32_t *feature, const float *value, float *x) {
    assert(m->prior[side].features);
    int64_t at[] = {0, n};
    sparse row = {.rows = 1, .cols = m->prior[side].features->cols, .at = at,
                  .col = (int32_t *)feature, .value = (float *)value};
    als_prior_row(&(als_prior){&row, m->prior[side].map}, 0, m->als.ld, x);
}

void als_features_fold(const als_features_model *m, const sparse *features, int64_t user,
                       int64_t n, const int32_t *items, const float *weights, float *x,
                       arena scratch) {
    als_prior prior = m->prior[ALS_USERS];
    assert(prior.features);
    if (features) prior.features = features;
    float *p = take(&scratch, float, m->als.ld);
    als_prior_row(&prior, user, m->als.ld, p);
    als_fold_prior(&m->als, n, items, weights, p, x, scratch);
}

/* What the terms of one side are above those of als_loss; rows without interactions have none. */
static double drawn_loss(const als_features_model *m, int side, const sparse *rows, double held,
                         arena scratch) {
    int k = m->als.p.factors, ld = m->als.ld;
    const float *x = side == ALS_USERS ? m->als.user : m->als.item;
    float *lambda = take(&scratch, float, rows->rows), *p = take(&scratch, float, ld);
    double mean = lambdas(m->als.p, rows, lambda), loss = 0;
    for (int64_t r = 0; r < rows->rows; r++) {
        als_prior_row(&m->prior[side], r, ld, p);
        for (int j = 0; j < k; j++) {
            double apart = (double)x[r * ld + j] - p[j], size = x[r * ld + j];
            loss += lambda[r] * (apart * apart - size * size);
        }
    }
    for (int64_t j = 0; j < m->prior[side].features->cols * ld; j++)
        loss += held * mean * m->prior[side].map[j] * m->prior[side].map[j];
    return loss;
}

double als_features_loss(const als_features_model *m, const als_features_data *data,
                         als_features_params p, arena scratch) {
    als_features_model warm = *m; /* without the rows that were filled in */
    int ld = m->als.ld;
    for (int side = 0; side < 2; side++) {
        const sparse *rows = rows_of(data, side);
        const float *from = side == ALS_USERS ? m->als.user : m->als.item;
        float *to = take(&scratch, float, rows->rows * ld);
        for (int64_t r = 0; r < rows->rows; r++)
            for (int j = 0; j < ld && sparse_degree(rows, r) > 0; j++)
                to[r * ld + j] = from[r * ld + j];
        if (side == ALS_USERS) warm.als.user = to;
        else warm.als.item = to;
    }
    double loss = als_loss(&warm.als, data->by_user, scratch);
    for (int side = 0; side < 2; side++)
        if (m->prior[side].features)
            loss += drawn_loss(&warm, side, rows_of(data, side), p.ridge, scratch);
    return loss;
}
