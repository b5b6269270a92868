/* pelt: the cheapest cutting of a row of values into pieces (pruned exact linear time).
 *
 *     sum over the pieces of cost(piece) + penalty * (pieces - 1)   is least,
 *
 * each piece having `least` values or more; exact for a cost that no cut makes larger. A beginning
 * that has lost to a later one, cost and all, loses from then on and is looked at no more.
 * Source: Killick, Fearnhead, Eckley, "Optimal detection of changepoints" (2012). */
#ifndef MODELS_PELT_H
#define MODELS_PELT_H

#include "base/arena.h"

/* Cost of the values a … b - 1 as one piece. */
typedef double pelt_cost(const void *what, int a, int b);

/* from [n + 1]; from[b]: where the last piece of the best cutting of the first b values begins, for
 * b >= least; the pieces are from[n] … n - 1, from[from[n]] … from[n] - 1, … */
void pelt_cut(pelt_cost *cost, const void *what, int n, int least, double penalty, int32_t *from,
              arena scratch);

#endif
