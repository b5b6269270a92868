/* rows: a sparse matrix in compressed rows, and its transpose. */
#include "models/language/rows.h"

#include <assert.h>
#include <string.h>

rows rows_transpose(const rows *m, arena *keep, arena scratch) {
    assert(m->rows <= INT32_MAX);
    int64_t entries = m->start[m->rows];
    rows t = {.rows = m->cols, .cols = (int32_t)m->rows};
    t.start = take(keep, int64_t, m->cols + (int64_t)1);
    t.at = take(keep, int32_t, entries);
    t.value = take(keep, float, entries);
    int64_t *next = take(&scratch, int64_t, m->cols + (int64_t)1);
    for (int64_t i = 0; i < entries; i++) t.start[m->at[i] + 1]++;
    for (int32_t c = 0; c < m->cols; c++) {
        t.start[c + 1] += t.start[c];
        next[c] = t.start[c];
    }
    for (int64_t r = 0; r < m->rows; r++)
        for (int64_t i = m->start[r]; i < m->start[r + 1]; i++) {
            int64_t to = next[m->at[i]]++;
            t.at[to] = (int32_t)r;
            t.value[to] = m->value[i];
        }
    return t;
}

rows rows_pick(const rows *m, const int32_t *which, int64_t n, arena *keep) {
    rows p = {.rows = n, .cols = m->cols, .start = take(keep, int64_t, n + 1)};
    for (int64_t r = 0; r < n; r++)
        p.start[r + 1] = p.start[r] + m->start[which[r] + 1] - m->start[which[r]];
    p.at = take(keep, int32_t, p.start[n]);
    p.value = take(keep, float, p.start[n]);
    for (int64_t r = 0; r < n; r++) {
        int64_t from = m->start[which[r]];
        size_t count = (size_t)(p.start[r + 1] - p.start[r]);
        if (count == 0) continue;
        memcpy(p.at + p.start[r], m->at + from, count * sizeof *p.at);
        memcpy(p.value + p.start[r], m->value + from, count * sizeof *p.value);
    }
    return p;
}
