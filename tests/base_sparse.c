/* base_sparse: rows picked from a sparse matrix, against a table written by hand. */
#include "check.h"

#include "base/sparse.h"

CHECK(sparse_rows_come_in_the_order_asked_for) {
    static const int32_t row[] = {0, 0, 2, 2, 2}, col[] = {1, 3, 0, 2, 3}, asked[] = {2, 1, 0, 2};
    static const float weight[] = {1, 2, 3, 4, 5};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 16, 1 << 16, &e), &e);
    sparse m = sparse_from_triples(3, 4, 5, row, col, weight, &s.keep, s.scratch);
    sparse part = sparse_rows(&m, asked, 4, &s.keep);
    check(part.rows == 4 && part.cols == 4 && sparse_count(&part) == 8);
    check(sparse_degree(&part, 1) == 0);
    check(sparse_get(&part, 0, 2) == 4 && sparse_get(&part, 2, 3) == 2);
    for (int32_t c = 0; c < 4; c++) check(sparse_get(&part, 0, c) == sparse_get(&part, 3, c));
    check(sparse_count(&m) == 5 && sparse_rows(&m, asked, 0, &s.keep).rows == 0);
    scope_close(&s);
}
