/* normal: weighted normal equations of centred columns, and their standard errors. */
#ifndef MODELS_INSIGHT_NORMAL_H
#define MODELS_INSIGHT_NORMAL_H

#include "models/insight/elasticity.h"

/* beta of y (column 0) on the k columns after it, and a[k, k] = (X'WX)^-1. Refuses a column that
 * does not vary or is explained by those before it. */
bool normal_solve(const within *w, const within_column *columns, int k, double *beta, double *a,
                  err *e);

/* Fills se_cluster and clusters of f; score of row r, column c is x_cr · weighted_residual[r]. */
void normal_cluster(elasticity_fit *f, const within *w, const within_column *columns,
                    const double *a, const double *weighted_residual, const elasticity_data *d,
                    arena scratch);

/* Fills se_jackknife of f, after se_cluster: y[n] on d->x again without one cluster after the
 * other, weights as they are. columns is room and holds nothing of use afterwards. */
void normal_jackknife(elasticity_fit *f, within *w, within_column *columns, const double *y,
                      const elasticity_data *d, pool *threads, arena scratch);

#endif
