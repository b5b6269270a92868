/* neighbours: exact top-k lists: factor products and sparse cosines, for one query or for all. */
#include "models/recommend/neighbours.h"

#include <assert.h>

#include "models/recommend/topk.h"

enum { SPARSE_QUERIES = 64 };

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

/* ---- sparse ---- */

typedef struct cosine {
    const sparse *query, *by_term;
    neighbours_rule rule;
    int32_t *ids;
    float *scores;
} cosine;

static bool listed(const neighbours_rule *rule, int64_t query, int32_t item) {
    return !(rule->skip_self && item == query) &&
           !(rule->skip && sparse_has(rule->skip, query, item));
}

static void one_cosine(const cosine *c, int64_t query, float *sum, int32_t *touched) {
    int n = 0;
    for (int64_t at = c->query->at[query]; at < c->query->at[query + 1]; at++) {
        int64_t term = c->query->col[at];
        float w = c->query->value[at];
        if (w == 0) continue;
        for (int64_t i = c->by_term->at[term]; i < c->by_term->at[term + 1]; i++) {
            int32_t item = c->by_term->col[i];
            if (sum[item] == 0) touched[n++] = item;
            sum[item] += w * c->by_term->value[i];
        }
    }
    neighbours_list list = {.k = c->rule.k, .ids = c->ids + query * c->rule.k,
                            .scores = c->scores + query * c->rule.k};
    for (int i = 0; i < n; i++) {
        int32_t item = touched[i];
        float score = sum[item];
        sum[item] = 0;
        if (score <= 0 || (c->rule.allowed && !bitmap_has(c->rule.allowed, item))) continue;
        if (list.n == list.k && !neighbours_before(score, item, list.scores[0], list.ids[0]))
            continue;
        if (listed(&c->rule, query, item)) neighbours_offer(&list, item, score);
    }
    neighbours_sort(&list);
}

static void sparse_chunk(void *what, int64_t chunk, arena scratch) {
    const cosine *c = what;
    float *sum = take(&scratch, float, c->by_term->cols);
    int32_t *touched = take(&scratch, int32_t, c->by_term->cols);
    int64_t end = (chunk + 1) * SPARSE_QUERIES;
    if (end > c->query->rows) end = c->query->rows;
    for (int64_t q = chunk * SPARSE_QUERIES; q < end; q++) one_cosine(c, q, sum, touched);
}

void neighbours_sparse(const sparse *query, const sparse *by_term, neighbours_rule rule,
                       int32_t *ids, float *scores, pool *threads) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST && query->cols == by_term->rows);
    cosine c = {query, by_term, rule, ids, scores};
    pool_for(threads, (query->rows + SPARSE_QUERIES - 1) / SPARSE_QUERIES, sparse_chunk, &c);
}
