/* neighbours: exact top-k lists: one list by offers, and factor products. */
#include "models/recommend/neighbours.h"

#include <assert.h>

#include "models/recommend/topk.h"

/* ---- one list ---- */

static void put(neighbours_list *l, int at, int32_t item, float score) {
    l->ids[at] = item;
    l->scores[at] = score;
}

/* Sinks (item, score) from place `at` of a heap of n whose top is the worst. */
static void sink(neighbours_list *l, int at, int n, int32_t item, float score) {
    for (int child; (child = 2 * at + 1) < n; at = child) {
        int other = child + 1;
        if (other < n && neighbours_before(l->scores[child], l->ids[child], l->scores[other],
                                           l->ids[other]))
            child = other;
        if (neighbours_before(l->scores[child], l->ids[child], score, item)) break;
        put(l, at, l->ids[child], l->scores[child]);
    }
    put(l, at, item, score);
}

void neighbours_offer(neighbours_list *l, int32_t item, float score) {
    if (l->n == l->k) {
        if (neighbours_before(score, item, l->scores[0], l->ids[0])) sink(l, 0, l->n, item, score);
        return;
    }
    int at = l->n++;
    for (; at > 0; at = (at - 1) / 2) {
        int parent = (at - 1) / 2;
        if (!neighbours_before(l->scores[parent], l->ids[parent], score, item)) break;
        put(l, at, l->ids[parent], l->scores[parent]);
    }
    put(l, at, item, score);
}

void neighbours_sort(neighbours_list *l) {
    for (int end = l->n - 1; end > 0; end--) {
        int32_t item = l->ids[end];
        float score = l->scores[end];
        put(l, end, l->ids[0], l->scores[0]);
        sink(l, 0, end, item, score);
    }
    for (int i = l->n; i < l->k; i++) put(l, i, -1, 0);
}

/* ---- dense ---- */

/* An index costs about as much as this many queries without one. */
enum { WORTH_AN_INDEX = 16 };

void neighbours_dense(neighbours_vectors v, neighbours_rule rule, int32_t *ids, float *scores,
                      pool *threads, arena scratch) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST && v.items <= INT32_MAX);
    if (v.queries < WORTH_AN_INDEX) {
        topk_plain(v, rule, ids, scores);
        return;
    }
    arena inner = arena_split(&scratch, (size_t)v.items * 12 + 4096);
    topk_index x = topk_open(v.item, v.items, v.ld, rule.allowed, &scratch, inner);
    rule.allowed = NULL;
    topk_lists(&x, v.query, v.queries, rule, ids, scores, threads);
}
