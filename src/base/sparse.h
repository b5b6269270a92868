/* sparse: a matrix in compressed rows (CSR): rows of (column, weight) pairs, columns ascending.
 *
 *     sparse m = sparse_from_triples(rows, cols, n, row, col, weight, &s->keep, s->scratch);
 *     for (int64_t at = m.at[r]; at < m.at[r + 1]; at++) use(m.col[at], m.value[at]);
 *
 * Row pointers have 64 bits, columns 32. A column occurs at most once in a row. All arrays belong
 * to the arena given as keep. */
#ifndef BASE_SPARSE_H
#define BASE_SPARSE_H

#include <stdint.h>

#include "base/arena.h"

typedef struct sparse {
    int64_t rows, cols;
    int64_t *at;  /* [rows + 1]: row r is at[r] … at[r + 1] - 1; at[rows] = number of entries */
    int32_t *col; /* [at[rows]], ascending inside a row */
    float *value; /* [at[rows]] */
} sparse;

static inline int64_t sparse_count(const sparse *m) { return m->at[m->rows]; }
static inline int64_t sparse_degree(const sparse *m, int64_t row) {
    return m->at[row + 1] - m->at[row];
}

/* n triples in any order; the weights of equal (row, col) are added in double, in the order given.
 * weight NULL counts 1 each. Asserts 0 <= row < rows and 0 <= col < cols. Time O(n + rows + cols),
 * scratch 20 bytes a triple. */
sparse sparse_from_triples(int64_t rows, int64_t cols, int64_t n, const int32_t *row,
                           const int32_t *col, const float *weight, arena *keep, arena scratch);

sparse sparse_transpose(const sparse *m, arena *keep);

/* The n rows named, in that order; a row may be named twice. */
sparse sparse_rows(const sparse *m, const int32_t *rows, int64_t n, arena *keep);

/* Place of (row, col) in col and value; -1 when there is none. O(log degree). */
int64_t sparse_find(const sparse *m, int64_t row, int32_t col);

/* Weight at (row, col); 0 when there is none. */
float sparse_get(const sparse *m, int64_t row, int32_t col);

/* True when (row, col) is there. */
bool sparse_has(const sparse *m, int64_t row, int32_t col);

#endif
