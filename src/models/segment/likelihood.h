/* likelihood: maximum likelihood of a few positive parameters, with what is known about them.
 *
 * BFGS in the logarithms of the parameters from several starts, the best of which is polished by
 * Newton steps whose Hessian comes from central differences of the exact gradient (step 1e-4 in a
 * logarithm). Covariance: the inverse of that Hessian at the end, in logarithms; the standard error
 * of a parameter is the parameter times the root of its diagonal (delta method).
 *
 * The verdict is a word, never a failure:
 *   converged      the largest gradient per observation is below 1e-7
 *   flat           the likelihood hardly changes along some direction: a parameter ran to the end
 *                  of its range or its logarithm is known to no better than 3; what is predicted
 *                  holds, the parameters themselves mean little
 *   not converged  a further search still gains: `gain` says how much
 *
 * A ridge subtracts lambda n sum (p / unit)^2 from the log-likelihood of n observations, which
 * keeps parameters in reach where there is little data; `value` is without it. */
#ifndef MODELS_SEGMENT_LIKELIHOOD_H
#define MODELS_SEGMENT_LIKELIHOOD_H

#include "base/arena.h"

enum { LIKELIHOOD_MOST = 4 };

typedef struct likelihood {
    int n; /* parameters, 1 … LIKELIHOOD_MOST */
    void *what;
    /* Log-likelihood at p[n] > 0, its derivatives by p into g[n]. */
    double (*at)(void *what, const double *p, double *g);
    double observations; /* > 0 */
    double ridge;        /* lambda >= 0 */
    double unit[LIKELIHOOD_MOST]; /* a typical size of each parameter: it stays within a factor of
                                   * a million of it */
    const double (*starts)[LIKELIHOOD_MOST]; /* [n_starts][n], in units */
    int n_starts;                            /* >= 1 */
} likelihood;

typedef enum likelihood_verdict {
    LIKELIHOOD_CONVERGED,
    LIKELIHOOD_FLAT,
    LIKELIHOOD_NOT_CONVERGED
} likelihood_verdict;

typedef struct likelihood_fit {
    int n;
    double p[LIKELIHOOD_MOST];
    double error[LIKELIHOOD_MOST];                       /* standard errors of p */
    double covariance[LIKELIHOOD_MOST * LIKELIHOOD_MOST]; /* of ln p */
    double root[LIKELIHOOD_MOST * LIKELIHOOD_MOST]; /* lower, root root' = covariance */
    double value;    /* log-likelihood */
    double gradient; /* largest |d value / d ln p| per observation */
    double gain;     /* of a further search, LIKELIHOOD_NOT_CONVERGED only */
    bool definite;   /* the Hessian was positive definite as it stood */
    likelihood_verdict verdict;
    int evaluations;
} likelihood_fit;

const char *likelihood_verdict_word(likelihood_verdict v);

likelihood_fit likelihood_maximise(const likelihood *f, arena scratch);

#endif
