/* cold_lists: lists for users when articles, or they themselves, are new; with baselines. */
#include "surfaces/cold_lists.h"

#include <math.h>
#include <string.h>

#include "models/recommend/attributes.h"
#include "models/recommend/ridge.h"

enum { LANES = 16, TRUST = 500 };

sparse cold_rows(const sparse *m, const int32_t *who, int64_t n, arena *keep) {
    sparse to = {.rows = n, .cols = m->cols, .at = take(keep, int64_t, n + 1)};
    for (int64_t r = 0; r < n; r++) to.at[r + 1] = to.at[r] + sparse_degree(m, who[r]);
    to.col = take(keep, int32_t, to.at[n]);
    to.value = take(keep, float, to.at[n]);
    for (int64_t r = 0; r < n; r++)
        for (int64_t i = to.at[r], from = m->at[who[r]]; i < to.at[r + 1]; i++, from++) {
            to.col[i] = m->col[from];
            to.value[i] = m->value[from];
        }
    return to;
}

/* Lists by products of the users' vectors, query[users, ld], with item[items, ld]. */
static void list_products(const cold_fold *f, const float *query, const float *item, int ld,
                          const cold_list *lists, int n, arena scratch) {
    float *asked = take(&scratch, float, f->n * ld);
    for (int64_t r = 0; r < f->n; r++)
        memcpy(asked + r * ld, query + (int64_t)f->who[r] * ld, sizeof *asked * (size_t)ld);
    neighbours_vectors v = {asked, f->n, item, f->data->by_user.cols, ld};
    for (int i = 0; i < n; i++)
        neighbours_dense(v, lists[i].rule, lists[i].ids, lists[i].scores, f->threads, scratch);
}

/* One score an item for everybody. */
static bool list_same(const cold_fold *f, const double *score, const cold_list *lists, int n,
                      arena scratch) {
    const sparse *m = &f->data->by_user;
    float *query = take(&scratch, float, m->rows * LANES);
    float *item = take(&scratch, float, m->cols * LANES);
    for (int64_t u = 0; u < m->rows; u++) query[u * LANES] = 1;
    for (int64_t i = 0; i < m->cols; i++) item[i * LANES] = (float)score[i];
    list_products(f, query, item, LANES, lists, n, scratch);
    return true;
}

static bool list_popular(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                         err *e) {
    (void)e;
    return list_same(f, f->data->popularity, lists, n, scratch);
}

/* Decade of an age, 1 …; 0 = not told. */
static int band_of(slice age) {
    double years;
    if (!slice_double(slice_trim(age), &years) || !(years >= 0)) return 0;
    return years >= 10 * (LANES - 2) ? LANES - 1 : 1 + (int)(years / 10);
}

static bool list_by_age(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                        err *e) {
    const sparse *m = &f->data->by_user;
    const slice *age = attribute_table_find(&f->table[ALS_USERS], "age");
    float *query = take(&scratch, float, m->rows * LANES);
    float *item = take(&scratch, float, m->cols * LANES);
    double total = 0;
    (void)e;
    for (int64_t i = 0; i < m->cols; i++) total += f->data->popularity[i];
    for (int64_t i = 0; i < m->cols; i++)
        for (int lane = 0; lane < LANES; lane++)
            item[i * LANES + lane] = (float)(TRUST * f->data->popularity[i] / total);
    for (int64_t u = 0; u < m->rows; u++) {
        int lane = band_of(age[u]);
        query[u * LANES + lane] = 1;
        for (int64_t at = m->at[u]; at < m->at[u + 1]; at++)
            item[(int64_t)m->col[at] * LANES + lane] += m->value[at];
    }
    list_products(f, query, item, LANES, lists, n, scratch);
    return true;
}

/* Popularity of items that are new, from that of their like. */
static bool list_like_items(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                            err *e) {
    const sparse *features = &f->table[ALS_ITEMS].features, *m = &f->data->by_item;
    float *logs = take(&scratch, float, m->rows), *known = take(&scratch, float, m->rows);
    float *map = take(&scratch, float, features->cols);
    double *score = take(&scratch, double, m->rows);
    ridge r;
    for (int64_t i = 0; i < m->rows; i++) {
        known[i] = sparse_degree(m, i) > 0;
        logs[i] = (float)log1p(f->data->popularity[i]);
    }
    if (!ridge_open(&r, features, known, f->p.ridge, &scratch, e)) return false;
    ridge_fit(&r, logs, 1, map, f->threads, scratch);
    for (int64_t i = 0; i < m->rows; i++) {
        float guess;
        als_prior_row(&(als_prior){features, map}, i, 1, &guess);
        score[i] = known[i] > 0 ? f->data->popularity[i] : expm1(guess);
    }
    return list_same(f, score, lists, n, scratch);
}

/* Each item's interactions as a linear function of who a user is; LANES items at a time. */
static bool list_like_users(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                            err *e) {
    const sparse *features = &f->table[ALS_USERS].features, *m = &f->data->by_user;
    const sparse *by = &f->data->by_item;
    int ld = (int)(features->cols + LANES - 1) / LANES * LANES;
    float *known = take(&scratch, float, m->rows), *query = take(&scratch, float, m->rows * ld);
    float *item = take(&scratch, float, m->cols * ld);
    float *target = take(&scratch, float, m->rows * LANES);
    float *map = take(&scratch, float, features->cols * LANES);
    ridge r;
    for (int64_t u = 0; u < m->rows; u++) {
        known[u] = sparse_degree(m, u) > 0;
        for (int64_t at = features->at[u]; at < features->at[u + 1]; at++)
            query[u * ld + features->col[at]] = features->value[at];
    }
    if (!ridge_open(&r, features, known, f->p.ridge, &scratch, e)) return false;
    for (int64_t from = 0; from < m->cols; from += LANES) {
        int lanes = (int)(m->cols - from < LANES ? m->cols - from : LANES);
        memset(target, 0, sizeof *target * (size_t)m->rows * LANES);
        for (int l = 0; l < lanes; l++)
            for (int64_t at = by->at[from + l]; at < by->at[from + l + 1]; at++)
                target[(int64_t)by->col[at] * LANES + l] = by->value[at];
        ridge_fit(&r, target, LANES, map, f->threads, scratch);
        for (int l = 0; l < lanes; l++)
            for (int64_t j = 0; j < features->cols; j++)
                item[(from + l) * ld + j] = map[j * LANES + l];
    }
    list_products(f, query, item, ld, lists, n, scratch);
    return true;
}

static bool list_like(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                      err *e) {
    return f->side == ALS_ITEMS ? list_like_items(f, lists, n, scratch, e)
                                : list_like_users(f, lists, n, scratch, e);
}

static bool list_content(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                         err *e) {
    sparse v = attributes_vectors(&f->table[ALS_ITEMS].features, &scratch);
    sparse by_term = sparse_transpose(&v, &scratch);
    const sparse *m = &f->data->by_user;
    int64_t to = 0, most = 0;
    (void)e;
    for (int64_t r = 0; r < f->n; r++)
        for (int64_t at = m->at[f->who[r]]; at < m->at[f->who[r] + 1]; at++)
            most += sparse_degree(&v, m->col[at]);
    int32_t *row = take(&scratch, int32_t, most), *col = take(&scratch, int32_t, most);
    float *value = take(&scratch, float, most);
    for (int64_t r = 0; r < f->n; r++)
        for (int64_t at = m->at[f->who[r]]; at < m->at[f->who[r] + 1]; at++)
            for (int64_t t = v.at[m->col[at]]; t < v.at[m->col[at] + 1]; t++) {
                row[to] = (int32_t)r;
                col[to] = v.col[t];
                value[to++] = v.value[t];
            }
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse query = sparse_from_triples(f->n, v.cols, to, row, col, value, &scratch, inner);
    for (int i = 0; i < n; i++)
        neighbours_sparse(&query, &by_term, lists[i].rule, lists[i].ids, lists[i].scores,
                          f->threads);
    return true;
}

static bool list_features(const cold_fold *f, const cold_list *lists, int n, arena scratch,
                          err *e) {
    als_features_model m;
    als_features_data d = {.by_user = &f->data->by_user, .by_item = &f->data->by_item};
    for (int side = 0; side < 2; side++)
        if (f->table[side].features.rows) d.features[side] = &f->table[side].features;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    if (!als_features_fit(&m, &d, f->p, f->threads, &scratch, inner, e)) return false;
    list_products(f, m.als.user, m.als.item, m.als.ld, lists, n, inner);
    return true;
}

const cold_model cold_models[COLD_MODELS] = {
    {"popular", {true, true}, list_popular},
    {"popular-age", {[ALS_USERS] = true}, list_by_age},
    {"popular-like", {true, true}, list_like},
    {"content", {[ALS_ITEMS] = true}, list_content},
    {"als-features", {true, true}, list_features},
};

bool cold_can(const cold_model *m, const cold_fold *f) {
    return m->for_side[f->side] &&
           (m->list != list_by_age || attribute_table_find(&f->table[ALS_USERS], "age"));
}
