/* metrics_rank: how good a ranked list is against the set of what was really bought. */
#include "models/metrics_rank.h"

#include <assert.h>
#include <math.h>

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
