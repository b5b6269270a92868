/* bfgs: quasi-Newton minimisation of a smooth function of a few dozen variables.
 *
 * Steps along -H g with backtracking to the Armijo condition; H is the BFGS approximation of the
 * inverse Hessian (Nocedal and Wright, "Numerical optimization", 6.17 and 6.20). Deterministic: no
 * random start, no clock. `value` may return infinity for points that are not allowed. */
#ifndef MODELS_BFGS_H
#define MODELS_BFGS_H

#include "base/arena.h"

typedef struct bfgs_problem {
    int n; /* variables */
    void *what;
    double (*value)(void *what, const double *x);
    /* Gradient at the x of the latest call of value, into g[n]. */
    void (*slope)(void *what, double *g);
} bfgs_problem;

typedef struct bfgs_params {
    int iterations;   /* at most */
    double tolerance; /* ends after two steps whose relative decrease is below it */
} bfgs_params;
#define BFGS_DEFAULTS {.iterations = 100, .tolerance = 1e-7}

/* Improves x[n] in place and returns its value; infinity when the start is not allowed.
 * `evaluations` (may be NULL) is increased by the calls of value. */
double bfgs_minimise(const bfgs_problem *f, double *x, bfgs_params p, int *evaluations,
                     arena scratch);

#endif
