/* topk_plain: the readable twin of topk: the score of every pair, in the order its header names. */
#include "models/recommend/topk.h"

static float score_of(const float *q, const float *y, int n) {
    float lane[16] = {0};
    for (int i = 0; i < n; i++) lane[i % 16] += q[i] * y[i];
    for (int half = 8; half > 0; half /= 2)
        for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

void topk_plain(neighbours_vectors v, neighbours_rule rule, int32_t *ids, float *scores) {
    for (int64_t q = 0; q < v.queries; q++) {
        neighbours_list list = {.k = rule.k, .ids = ids + q * rule.k,
                                .scores = scores + q * rule.k};
        for (int64_t i = 0; i < v.items; i++) {
            if ((rule.allowed && !bitmap_has(rule.allowed, i)) || (rule.skip_self && i == q) ||
                (rule.skip && sparse_has(rule.skip, q, (int32_t)i)))
                continue;
            float score = score_of(v.query + q * v.ld, v.item + i * v.ld, v.ld);
            if (score == score) neighbours_offer(&list, (int32_t)i, score);
        }
        neighbours_sort(&list);
    }
}
