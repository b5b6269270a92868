/* double_ml: the elasticity left over when controls have explained both price and units.
 *
 *     y~, x~      ln units and ln price, centred within the fixed effects (within.h)
 *     u = y~ - g(z~),  v = x~ - m(z~)    g, m: ridge regressions on the centred controls, fitted on
 *                                        the other folds; folds are drawn by cluster
 *     beta = sum v u / sum v²            se by clusters: sqrt(sum_g (sum v (u - beta v))²) / sum v²
 *
 * Mistakes of g and m enter beta as their product only: neither needs to be right to first order.
 * Controls may be many and curved (splines of age, stock); they are scaled to unit spread and the
 * ridge is DOUBLE_ML_RIDGE rows' worth. Least squares: rows without units are not for it.
 * Sources: Chernozhukov et al., "Double/debiased machine learning for treatment and structural
 * parameters" (2018); Clarke, Polselli, "Double machine learning for static panel models with fixed
 * effects" (2025). */
#ifndef MODELS_INSIGHT_DOUBLE_ML_H
#define MODELS_INSIGHT_DOUBLE_ML_H

#include "models/insight/elasticity.h"

enum { DOUBLE_ML_FOLDS = 5 };
#define DOUBLE_ML_RIDGE 1.0

typedef struct double_ml {
    double value, se;
    double explained; /* share of the centred price's spread that the controls foretell */
    int64_t n;
} double_ml;

/* d: y = ln units; x = ln price, then the controls; clusters are needed, DOUBLE_ML_FOLDS or more.
 * Refused: fewer clusters, a price that does not vary beside effects and controls. */
bool double_ml_run(double_ml *out, const elasticity_data *d, uint64_t seed, pool *threads,
                   arena scratch, err *e);

#endif
