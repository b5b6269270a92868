/* knn: item-item neighbours from who bought what: shrunk cosines of weighted columns. */
#include "models/recommend/knn.h"

#include <assert.h>
#include <math.h>

#include "models/recommend/neighbours.h"

enum { ITEMS = 64 };

typedef struct pairs {
    const sparse *by_user, *by_item;
    knn_params p;
    const float *weight; /* [users] w^2 of each entry of a customer; 0 = passed over */
    const float *length; /* [items] |w_i| */
    int32_t *ids;        /* [items, keep] */
    float *scores;
} pairs;

static void one_item(const pairs *c, int64_t item, float *sum, int32_t *touched) {
    int n = 0;
    for (int64_t at = c->by_item->at[item]; at < c->by_item->at[item + 1]; at++) {
        int64_t user = c->by_item->col[at];
        float w = c->weight[user];
        if (w == 0) continue;
        for (int64_t i = c->by_user->at[user]; i < c->by_user->at[user + 1]; i++) {
            int32_t other = c->by_user->col[i];
            if (sum[other] == 0) touched[n++] = other;
            sum[other] += w;
        }
    }
    int k = c->p.keep;
    neighbours_list list = {.k = k, .ids = c->ids + item * k, .scores = c->scores + item * k};
    for (int i = 0; i < n; i++) {
        int32_t other = touched[i];
        float s = sum[other], cosine = s / (c->length[item] * c->length[other]);
        sum[other] = 0;
        if (other != item) neighbours_offer(&list, other, cosine * s / (s + c->p.shrink));
    }
    neighbours_sort(&list);
}

static void pair_chunk(void *what, int64_t chunk, arena scratch) {
    const pairs *c = what;
    float *sum = take(&scratch, float, c->by_item->rows);
    int32_t *touched = take(&scratch, int32_t, c->by_item->rows);
    int64_t end = (chunk + 1) * ITEMS < c->by_item->rows ? (chunk + 1) * ITEMS : c->by_item->rows;
    for (int64_t i = chunk * ITEMS; i < end; i++) one_item(c, i, sum, touched);
}

sparse knn_matrix(const int32_t *ids, const float *scores, int64_t rows, int k, int64_t cols,
                  arena *keep, arena scratch) {
    int64_t n = 0;
    int32_t *row = take(&scratch, int32_t, rows * k), *col = take(&scratch, int32_t, rows * k);
    float *value = take(&scratch, float, rows * k);
    for (int64_t at = 0; at < rows * k; at++) {
        if (ids[at] < 0) continue;
        row[n] = (int32_t)(at / k);
        col[n] = ids[at];
        value[n++] = scores[at];
    }
    return sparse_from_triples(rows, cols, n, row, col, value, keep, scratch);
}

sparse knn_fit(const sparse *by_user, const sparse *by_item, knn_params p, pool *threads,
               arena *keep, arena scratch) {
    assert(p.keep >= 1 && p.keep <= NEIGHBOURS_MOST && p.shrink >= 0);
    int64_t items = by_item->rows;
    float *weight = take(&scratch, float, by_user->rows), *length = take(&scratch, float, items);
    for (int64_t u = 0; u < by_user->rows; u++) {
        int64_t n = sparse_degree(by_user, u);
        weight[u] = n > p.longest || n < 2 ? 0 : powf((float)n, -2 * p.user_power);
    }
    for (int64_t i = 0; i < items; i++) {
        double sum = 0;
        for (int64_t at = by_item->at[i]; at < by_item->at[i + 1]; at++)
            sum += weight[by_item->col[at]];
        length[i] = (float)sqrt(sum);
    }
    pairs c = {by_user, by_item, p, weight, length, take(&scratch, int32_t, items * p.keep),
               take(&scratch, float, items * p.keep)};
    pool_for(threads, (items + ITEMS - 1) / ITEMS, pair_chunk, &c);
    return knn_matrix(c.ids, c.scores, items, p.keep, items, keep, scratch);
}
