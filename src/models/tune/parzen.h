/* parzen: the density of some points of a space: a mixture of products, a kernel for each point.
 *
 *     f(x) = sum over kernels k of w_k · product over parameters j of f_kj(x_j)
 *
 * Numbers: a normal about the point, cut off at the ends of the range (by the logarithm where the
 * range is one; where there are steps widened by half a step, and a step's cell counts as one). Its
 * width is the larger gap to the neighbouring points or ends, of the first and last of two and more
 * the gap to the one neighbour, held between range / min(100, 2 + m) and the range. Words: 1 on the
 * point's word and 1 / (m + 1) on each, made to add up to 1. Beside the m points stands a kernel of
 * the prior: middle and width of the range, or all words alike; weight 1 as the points have, of
 * which all but the youngest 25 fade to 1 / m.
 *
 * Sources: Bergstra, Bardenet, Bengio, Kegl, "Algorithms for hyper-parameter optimization" (2011);
 * Watanabe, "Tree-structured Parzen estimator" (2023). */
#ifndef MODELS_TUNE_PARZEN_H
#define MODELS_TUNE_PARZEN_H

#include "base/arena.h"
#include "models/tune/space.h"

typedef struct parzen_param {
    const space_param *p;
    double low, high;  /* of the kernels: by the logarithm, with half steps */
    double *centre;    /* [kernels] of numbers; of words the word, -1 = prior */
    double *width;     /* [kernels] of numbers */
    int32_t *alike;    /* [kernels] of numbers: a kernel of the same centre and width, or itself */
    double *log_mass;  /* [kernels] of numbers: ln of what lies within low … high */
    double *inverse, *log_scale; /* [kernels] of reals: 1 / width; ln density at the centre */
} parzen_param;

typedef struct parzen {
    int n;       /* parameters */
    int kernels; /* points + 1 */
    double *log_weight; /* [kernels] */
    parzen_param *at;   /* [n] */
} parzen;

/* Of parameters which[n] of the space and points [m], the oldest first, which all have them. */
parzen parzen_make(const space *s, const int *which, int n, const double *const *points, int m,
                   arena *keep, arena scratch);

/* x[n], in the order of `which`. */
void parzen_draw(const parzen *f, rng *r, double *x);

/* to[many] = ln f of x [many, n]. */
void parzen_log(const parzen *f, const double *x, int many, double *to, arena scratch);

#endif
