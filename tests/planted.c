/* planted: rows with a known law behind them, for the tests of boosted trees. */
#include "planted.h"

#include <math.h>

boost_data planted_rows(boost_objective o, int64_t rows, uint64_t stream, arena *keep) {
    static const int32_t category[] = {3};
    float *x = take(keep, float, rows * PLANTED_COLS), *label = take(keep, float, rows);
    rng r = rng_open(7, stream);
    for (int64_t i = 0; i < rows; i++) {
        float *row = x + i * PLANTED_COLS;
        for (int c = 0; c < PLANTED_COLS; c++) row[c] = (float)rng_normal(&r);
        row[3] = (float)rng_below(&r, 20);
        const double law = (double)row[0] + fabs((double)row[1]) + ((int)row[3] % 3 == 0) +
                           0.3 * rng_normal(&r);
        if (rng_below(&r, 10) == 0) row[1] = NAN;
        if (rng_below(&r, 10) == 0) row[2] = NAN;
        label[i] = (float)law;
    }
    for (int64_t i = 0; i < rows && o == BOOST_BINARY; i++) label[i] = label[i] > 1 ? 1 : 0;
    for (int64_t i = 0; i < rows; i++)
        if (o == BOOST_TWEEDIE || o == BOOST_POISSON) label[i] = floorf(fmaxf(label[i], 0));
    boost_data d = {.rows = rows, .cols = PLANTED_COLS, .x = x, .label = label,
                    .category = category, .categories = 1};
    if (o != BOOST_RANKING) return d;
    d.groups = rows / PLANTED_GROUP;
    int32_t *group = take(keep, int32_t, d.groups);
    for (int64_t g = 0; g < d.groups; g++) {
        float first = -INFINITY, second = -INFINITY, *of = label + (group[g] = PLANTED_GROUP) * g;
        for (int i = 0; i < PLANTED_GROUP; i++) {
            if (of[i] > first) second = first, first = of[i];
            else if (of[i] > second) second = of[i];
        }
        for (int i = 0; i < PLANTED_GROUP; i++) of[i] = of[i] >= second ? 1 : 0;
    }
    d.rows = d.groups * PLANTED_GROUP;
    d.group = group;
    return d;
}
