/* prophet_solve: least squares with squares of some variables and sizes of the others penalised.
 *
 *     minimise 1/2 v'Gv - b'v + 1/2 sum_{i < r} ridge_i v_i^2 + lasso sum_{i >= r} |v_i|
 *
 * The first r variables are eliminated (Cholesky, Schur complement); what is left is a lasso in the
 * other `s`, solved exactly: equations of the variables that are not 0, with their signs; a step
 * that would change a sign ends there and drops the variable; then the variable whose gradient
 * exceeds `lasso` most enters (of equals the first), until none does. */
#ifndef MODELS_FORECAST_PROPHET_SOLVE_H
#define MODELS_FORECAST_PROPHET_SOLVE_H

#include "base/arena.h"

typedef struct prophet_problem {
    int r, s;
    const double *g;     /* [r + s, r + s] symmetric */
    const double *b;     /* [r + s] */
    const double *ridge; /* [r] > 0 */
    double lasso;        /* > 0 */
} prophet_problem;

/* v[r + s]: where to begin (its last s) and the answer. False when G is not positive. */
bool prophet_solve(const prophet_problem *q, double *v, arena scratch);

/* sum a_i b_i, in four sums. */
double prophet_dot(const double *a, const double *b, int n);

#endif
