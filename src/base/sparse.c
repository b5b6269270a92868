/* sparse: a matrix in compressed rows, from triples by two counting sorts. */
#include "base/sparse.h"

#include <assert.h>
#include <string.h>

/* Stable counting sort of `order` (NULL = 0 … n-1) by key; at[keys + 1] receives the bounds. */
static void sort_by(const int32_t *key, int64_t keys, int64_t n, const int64_t *order, int64_t *at,
                    int64_t *sorted) {
    for (int64_t k = 0; k <= keys; k++) at[k] = 0;
    for (int64_t i = 0; i < n; i++) {
        assert(key[i] >= 0 && key[i] < keys);
        at[key[i] + 1]++;
    }
    for (int64_t k = 0; k < keys; k++) at[k + 1] += at[k];
    for (int64_t i = 0; i < n; i++) {
        int64_t which = order ? order[i] : i;
        sorted[at[key[which]]++] = which;
    }
    for (int64_t k = keys; k > 0; k--) at[k] = at[k - 1];
    at[0] = 0;
}

sparse sparse_from_triples(int64_t rows, int64_t cols, int64_t n, const int32_t *row,
                           const int32_t *col, const float *weight, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && rows >= 0 && cols >= 0 && n >= 0);
    int64_t *by_col = take(&scratch, int64_t, n), *sorted = take(&scratch, int64_t, n);
    int64_t *bounds = take(&scratch, int64_t, (rows > cols ? rows : cols) + 1);
    sort_by(col, cols, n, NULL, bounds, by_col);
    sort_by(row, rows, n, by_col, bounds, sorted);
    sparse m = {.rows = rows, .cols = cols, .at = take(keep, int64_t, rows + 1)};
    int64_t distinct = 0;
    for (int64_t i = 0; i < n; i++)
        distinct += i == 0 || row[sorted[i]] != row[sorted[i - 1]] ||
                    col[sorted[i]] != col[sorted[i - 1]];
    m.col = take(keep, int32_t, distinct);
    m.value = take(keep, float, distinct);
    int64_t to = 0, i = 0;
    for (int64_t r = 0; r < rows; r++) {
        while (i < bounds[r + 1]) {
            int32_t c = col[sorted[i]];
            double sum = 0;
            for (; i < bounds[r + 1] && col[sorted[i]] == c; i++)
                sum += weight ? weight[sorted[i]] : 1;
            m.col[to] = c;
            m.value[to++] = (float)sum;
        }
        m.at[r + 1] = to;
    }
    return m;
}

sparse sparse_transpose(const sparse *m, arena *keep) {
    int64_t n = sparse_count(m);
    sparse t = {.rows = m->cols, .cols = m->rows, .at = take(keep, int64_t, m->cols + 1),
                .col = take(keep, int32_t, n), .value = take(keep, float, n)};
    for (int64_t i = 0; i < n; i++) t.at[m->col[i] + 1]++;
    for (int64_t c = 0; c < m->cols; c++) t.at[c + 1] += t.at[c];
    for (int64_t r = 0; r < m->rows; r++)
        for (int64_t i = m->at[r]; i < m->at[r + 1]; i++) {
            int64_t to = t.at[m->col[i]]++;
            t.col[to] = (int32_t)r;
            t.value[to] = m->value[i];
        }
    for (int64_t c = m->cols; c > 0; c--) t.at[c] = t.at[c - 1];
    t.at[0] = 0;
    return t;
}

sparse sparse_rows(const sparse *m, const int32_t *rows, int64_t n, arena *keep) {
    sparse part = {.rows = n, .cols = m->cols, .at = take(keep, int64_t, n + 1)};
    for (int64_t i = 0; i < n; i++) part.at[i + 1] = part.at[i] + sparse_degree(m, rows[i]);
    part.col = take(keep, int32_t, part.at[n]);
    part.value = take(keep, float, part.at[n]);
    for (int64_t i = 0; i < n; i++) {
        int64_t from = m->at[rows[i]];
        size_t count = (size_t)(part.at[i + 1] - part.at[i]);
        memcpy(part.col + part.at[i], m->col + from, sizeof *part.col * count);
        memcpy(part.value + part.at[i], m->value + from, sizeof *part.value * count);
    }
    return part;
}

int64_t sparse_find(const sparse *m, int64_t row, int32_t col) {
    int64_t low = m->at[row], high = m->at[row + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (m->col[middle] < col) low = middle + 1;
        else high = middle;
    }
    return low < m->at[row + 1] && m->col[low] == col ? low : -1;
}

float sparse_get(const sparse *m, int64_t row, int32_t col) {
    int64_t at = sparse_find(m, row, col);
    return at < 0 ? 0 : m->value[at];
}

bool sparse_has(const sparse *m, int64_t row, int32_t col) { return sparse_find(m, row, col) >= 0; }
