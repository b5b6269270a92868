/* metrics_rank: how good a ranked list is against the set of what was really bought. */
#include "models/metrics_rank.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

static bool among(const int32_t *sorted, int64_t n, int32_t item) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (sorted[middle] < item) low = middle + 1;
        else high = middle;
    }
    return low < n && sorted[low] == item;
}

static bool repeated(const int32_t *list, int at) {
    for (int i = 0; i < at; i++)
        if (list[i] == list[at]) return true;
    return false;
}

metrics_rank metrics_rank_one(const int32_t *list, int n, const int32_t *truth, int64_t m, int k) {
    assert(m >= 1 && k >= 1 && n >= 0);
    metrics_rank r = {0};
    int hits = 0, best = m < k ? (int)m : k;
    double ideal = 0;
    for (int j = 1; j <= best; j++) ideal += 1 / log2(j + 1);
    for (int j = 1; j <= k && j <= n && list[j - 1] >= 0; j++) {
        if (!among(truth, m, list[j - 1]) || repeated(list, j - 1)) continue;
        hits++;
        r.ap += (double)hits / j;
        r.ndcg += 1 / log2(j + 1);
        if (hits == 1) r.mrr = 1.0 / j;
    }
    r.ap /= best;
    r.ndcg /= ideal;
    r.recall = (double)hits / (double)m;
    r.precision = (double)hits / k;
    r.hit = hits > 0;
    return r;
}

double metrics_rank_coverage(const int32_t *lists, int64_t rows, int width, int k, int64_t items,
                             arena scratch) {
    assert(k >= 1 && items >= 1);
    uint8_t *shown = take(&scratch, uint8_t, items);
    int64_t distinct = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int j = 0; j < k && j < width; j++) {
            int32_t item = lists[r * width + j];
            if (item < 0) break;
            distinct += !shown[item];
            shown[item] = 1;
        }
    return (double)distinct / (double)items;
}

void metrics_rank_shown(const int32_t *lists, int64_t rows, int width, int k, int64_t *shown) {
    for (int64_t r = 0; r < rows; r++)
        for (int j = 0; j < k && j < width && lists[r * width + j] >= 0; j++)
            shown[lists[r * width + j]]++;
}

double metrics_rank_gini(const int64_t *shown, int64_t items, arena scratch) {
    double *x = take(&scratch, double, items), weighted = 0, sum = 0;
    for (int64_t i = 0; i < items; i++) x[i] = (double)shown[i];
    int32_t *order = order_count(items, &scratch);
    order_up(order, items, x, scratch);
    for (int64_t i = 0; i < items; i++) {
        weighted += (double)(2 * (i + 1) - items - 1) * x[order[i]];
        sum += x[order[i]];
    }
    return sum > 0 ? weighted / ((double)items * sum) : 0;
}

double metrics_rank_novelty(const int32_t *list, int n, int k, const int64_t *taken,
                            int64_t users) {
    double bits = 0;
    int places = 0;
    for (; places < n && places < k && list[places] >= 0; places++) {
        int64_t takers = taken[list[places]] > 1 ? taken[list[places]] : 1;
        bits += log2((double)users / (double)takers);
    }
    return places > 0 ? bits / places : 0;
}
