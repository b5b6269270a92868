/* trees_tests: an ensemble as lists of tests over bits of leaves, for scoring many rows at once. */
#include <string.h>

#include "models/trees_quick.h"

/* Bits of word w that are leaves from..to-1. */
static uint32_t bits_of(int64_t from, int64_t to, int64_t w) {
    const int64_t low = from > 32 * w ? from - 32 * w : 0;
    const int64_t high = to < 32 * w + 32 ? to - 32 * w : 32;
    if (low >= high) return 0;
    return (uint32_t)((UINT64_C(1) << high) - (UINT64_C(1) << low));
}

static int kind_of(const trees *m, int64_t node) {
    if (m->kind[node] & TREES_SET) return TREES_SET_TESTS;
    return m->kind[node] & TREES_MISSING_LEFT ? TREES_MISSING_LEFT_TESTS
                                              : TREES_MISSING_RIGHT_TESTS;
}

/* The tests of tree t, appended to to->test from *n on. place [cols]: feature -> place in used.
 * lowest [nodes]: the first leaf under each node, known for children before their parents. */
static void make_tree(const trees *m, int32_t t, trees_tests *to, const int32_t *place, int64_t *n,
                      arena scratch) {
    const int64_t first = m->at[t], nodes = m->at[t + 1] - first;
    int64_t *lowest = take(&scratch, int64_t, nodes + 1);
    for (int64_t i = nodes - 1; i >= 0; i--)
        lowest[i] = m->left[first + i] >= 0 ? lowest[m->left[first + i]] : ~m->left[first + i];
    for (int64_t list = to->first[t]; list < to->first[t + 1]; list++)
        for (int kind = 0; kind < TREES_TEST_KINDS; kind++) {
            for (int64_t i = 0; i < nodes; i++) {
                const int64_t node = first + i;
                const int32_t right = m->right[node];
                const uint32_t on_left = bits_of(lowest[i], right >= 0 ? lowest[right] : ~right,
                                                 list - to->first[t]);
                if (on_left == 0 || kind_of(m, node) != kind) continue;
                trees_test *test = &to->test[(*n)++];
                *test = (trees_test){place[m->feature[node]], {m->threshold[node]}, ~on_left};
                if (kind == TREES_SET_TESTS) test->set = m->set[node];
            }
            to->at[list * TREES_TEST_KINDS + kind + 1] = *n;
        }
}

void trees_tests_make(const trees *m, trees_tests *to, arena *keep, arena scratch) {
    int32_t *place = take(&scratch, int32_t, m->cols);
    int64_t tests = 0, n = 0;
    to->used = take(keep, int32_t, TREES_USED);
    to->first = take(keep, int64_t, m->n + 1);
    for (int64_t i = 0; i < trees_nodes(m); i++) place[m->feature[i]] = 1;
    for (int32_t c = 0; c < m->cols; c++) {
        if (place[c] && to->n_used < TREES_USED) to->used[to->n_used] = c;
        if (place[c]) place[c] = to->n_used++;
    }
    for (int32_t t = 0; t < m->n; t++) {
        const int64_t nodes = m->at[t + 1] - m->at[t], words = nodes / 32 + 1;
        const bool listed = nodes > 0 && words <= TREES_WORDS && to->n_used <= TREES_USED;
        to->first[t + 1] = to->first[t] + (listed ? words : 0);
        tests += listed ? nodes * words : 0; /* at most */
    }
    to->at = take(keep, int64_t, to->first[m->n] * TREES_TEST_KINDS + 1);
    to->test = take(&scratch, trees_test, tests);
    for (int32_t t = 0; t < m->n; t++) make_tree(m, t, to, place, &n, scratch);
    to->test = take_copy(keep, trees_test, to->test, n);
}
