/* planted: rows with a known law behind them, for the tests of boosted trees. */
#ifndef TESTS_PLANTED_H
#define TESTS_PLANTED_H

#include "base/random.h"
#include "models/boost.h"

enum { PLANTED_COLS = 8, PLANTED_GROUP = 20 };

/* x normal, column 3 a whole category 0..19, one value in ten of columns 1 and 2 missing; label by
 * x0, |x1|, the category and noise: as it is for regression, its sign for classes, and for ranking
 * 1 for the two highest of each group of PLANTED_GROUP rows. Streams make rows independent. */
boost_data planted_rows(boost_objective o, int64_t rows, uint64_t stream, arena *keep);

#endif
