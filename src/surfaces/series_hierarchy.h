/* series_hierarchy: which series of a table are the sums of which, from a second table.
 *
 * Rows: series, parent (empty = nobody's part). Every series named must be in the table of values;
 * a series of it that is not named stays by itself. Refused: a series with two parents, one that is
 * its own ancestor, names that the table does not have. */
#ifndef SURFACES_SERIES_HIERARCHY_H
#define SURFACES_SERIES_HIERARCHY_H

#include "surfaces/series_table.h"

typedef struct series_hierarchy {
    int n;
    int32_t *series; /* [n] -> series of the table; parents come before their parts */
    int32_t *parent; /* [n] -> a smaller place of this list; -1 = none */
} series_hierarchy;

bool series_hierarchy_read(const char *path, bench *b, const series_table *t, scope *s,
                           series_hierarchy *out, err *e);

/* Makes forecasts of the series add up: mean[series, steps] in place; bounds[series, bounds, steps]
 * (NULL: none) move with them. method: var, struct, bottom-up or top-down; var takes the variance
 * of a series from variance[series] > 0. */
typedef struct series_forecasts {
    int steps, bounds;
    double *mean, *low, *high; /* [series, steps], [series, bounds, steps] */
    const double *variance;    /* [series] */
    bool units;                /* nothing below zero */
} series_forecasts;
enum { SERIES_VAR, SERIES_STRUCT, SERIES_BOTTOM_UP, SERIES_TOP_DOWN, SERIES_METHODS };
bool series_method(const char *name, int *out, err *e);
void series_hierarchy_apply(const series_hierarchy *h, int method, series_forecasts f,
                            arena scratch);

#endif
