/* trees: checking and scoring an ensemble; its readable twin. */
#include "models/trees.h"

#include <assert.h>
#include <math.h>

#include "models/trees_quick.h"

/* A walk over one tree from left to right: its leaves must come as 0, 1, 2, …, all of them. As a
 * child is greater than its parent and no leaf comes twice, this is a tree and the walk ends. */
static const char *check_shape(const trees *m, int32_t t, arena scratch) {
    const int64_t first = m->at[t];
    const int32_t nodes = (int32_t)(m->at[t + 1] - first);
    int32_t *open = take(&scratch, int32_t, nodes + 2), depth = 0, leaf = 0;
    open[depth++] = nodes > 0 ? 0 : ~0;
    while (depth > 0) {
        const int32_t here = open[--depth];
        if (here < 0) {
            if (here != ~leaf || leaf > nodes) return "leaves are not in order";
            leaf++;
            continue;
        }
        const int32_t left = m->left[first + here], right = m->right[first + here];
        if ((left >= 0 && (left <= here || left >= nodes)) ||
            (right >= 0 && (right <= here || right >= nodes)))
            return "a child is out of range or not after its parent";
        if (depth + 2 > nodes + 2) return "a node is met twice";
        open[depth++] = right;
        open[depth++] = left;
    }
    return leaf == nodes + 1 ? NULL : "a leaf is missing";
}

static const char *check_nodes(const trees *m) {
    for (int64_t i = 0; i < trees_nodes(m); i++) {
        const bool has_set = m->kind[i] & TREES_SET;
        if (m->feature[i] < 0 || m->feature[i] >= m->cols) return "a feature is out of range";
        if (m->kind[i] > (TREES_MISSING_LEFT | TREES_SET)) return "a node is of no known kind";
        if (isnan(m->threshold[i])) return "a threshold is no number";
        if (has_set != (m->set[i] >= 0) || m->set[i] < -1 || m->set[i] >= m->sets)
            return "a set is out of range";
        if (has_set && (m->kind[i] & TREES_MISSING_LEFT)) return "a set has missing values";
        if (m->node_rows[i] < 1) return "a node has no rows";
    }
    for (int64_t i = 0; i < trees_leaves(m); i++) {
        if (!isfinite(m->value[i])) return "a value is no number";
        if (m->leaf_rows[i] < 0) return "a leaf has a negative number of rows";
    }
    return NULL;
}

const char *trees_check(const trees *m, arena scratch) {
    if (m->n < 0 || m->cols < 1 || m->sets < 0) return "a size is out of range";
    if (m->link < 0 || m->link >= TREES_LINKS) return "the link is unknown";
    if (m->at[0] != 0 || m->set_at[0] != 0) return "the first tree or set does not start at 0";
    for (int32_t t = 0; t < m->n; t++)
        if (m->at[t + 1] < m->at[t] || m->at[t + 1] - m->at[t] >= TREES_LEAVES)
            return "trees overlap or are too large";
    for (int32_t s = 0; s < m->sets; s++)
        if (m->set_at[s + 1] < m->set_at[s]) return "sets overlap";
    const char *why = check_nodes(m);
    for (int32_t t = 0; t < m->n && !why; t++) why = check_shape(m, t, scratch);
    return why;
}

bool trees_in_set(const trees *m, int32_t set, float v) {
    if (!(v > -1) || v >= 2147483648.0f) return false; /* NaN too */
    const int64_t word = m->set_at[set] + (int64_t)v / 32;
    return word < m->set_at[set + 1] && (m->set_bits[word] >> ((int64_t)v % 32) & 1);
}

bool trees_left(const trees *m, int64_t node, const float *x) {
    const float v = x[m->feature[node]];
    if (m->kind[node] & TREES_SET) return trees_in_set(m, m->set[node], v);
    return isnan(v) ? m->kind[node] & TREES_MISSING_LEFT : v <= m->threshold[node];
}

double trees_walk(const trees *m, int32_t t, const float *x) {
    const int64_t first = m->at[t];
    int32_t node = m->at[t + 1] > first ? 0 : ~0;
    while (node >= 0)
        node = trees_left(m, first + node, x) ? m->left[first + node] : m->right[first + node];
    return m->value[first + t + ~node];
}

void trees_plain_score(const trees *m, const float *x, int64_t rows, double *score) {
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0;
        for (int32_t t = 0; t < m->n; t++) sum += trees_walk(m, t, x + r * m->cols);
        score[r] = sum;
    }
}

void trees_ready(trees *m, arena *keep, arena scratch) {
    trees_quick *quick = take(keep, trees_quick, 1);
    trees_spots_make(m, &quick->spots, keep, scratch);
    trees_tests_make(m, &quick->tests, keep, scratch);
    m->quick = quick;
}

double trees_answer(const trees *m, double score) {
    switch (m->link) {
    case TREES_EXP: return exp(score);
    case TREES_LOGISTIC: return 1 / (1 + exp(-score));
    default: return score;
    }
}

/* ---- in parallel ---- */

enum { CHUNK = 256 }; /* rows: some 0.1 ms of work */

typedef struct score_job {
    const trees *m;
    const float *x;
    double *score;
    int64_t rows;
} score_job;

static void score_chunk(void *what, int64_t chunk, arena scratch) {
    static void (*const table[])(const trees *, const float *, int, double *) =
        SIMD_TABLE(trees_block);
    const score_job *j = what;
    const int64_t from = chunk * CHUNK;
    const int64_t n = j->rows - from < CHUNK ? j->rows - from : CHUNK;
    (void)scratch;
    for (int64_t r = from; r < from + n; r += TREES_BLOCK) {
        const int64_t left = from + n - r;
        const int block = left < TREES_BLOCK ? (int)left : TREES_BLOCK;
        table[simd_level()](j->m, j->x + r * j->m->cols, block, j->score + r);
    }
}

void trees_score(const trees *m, const float *x, int64_t rows, double *score, pool *threads) {
    score_job j = {m, x, score, rows};
    assert(m->quick);
    const int64_t chunks = (rows + CHUNK - 1) / CHUNK;
    if (threads) pool_for(threads, chunks, score_chunk, &j);
    for (int64_t c = 0; !threads && c < chunks; c++) score_chunk(&j, c, (arena){0});
}
