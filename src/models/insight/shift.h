/* shift: when the level of a series of counts changed: PELT with a Poisson cost.
 *
 *     minimise  sum over pieces of  -2 (Y ln(Y / E) - Y) / phi   +   3 ln n for each cut
 *
 * with Y units in exposure E of a piece: exactly, by dynamic programming that forgets beginnings
 * which can no longer win. phi >= 1 is the spread of neighbouring values beyond Poisson's (of the
 * pair's units around the share of its exposures; the median pair, so that a jump is no spread).
 *
 *     int n_cuts = shift_find(units, exposure, n, 3, cuts, scratch);
 *
 * Source: Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear
 * computational cost" (2012). */
#ifndef MODELS_INSIGHT_SHIFT_H
#define MODELS_INSIGHT_SHIFT_H

#include "base/arena.h"

typedef struct shift_cut {
    int at;               /* first value of the new level */
    double before, after; /* units per exposure of the pieces on either side */
    double phi;
} shift_cut;

/* units[n] >= 0, exposure[n] > 0 (NULL: all 1), pieces of at least `least` values; cuts has room
 * for n / least. Returns how many, in order of time. */
int shift_find(const int32_t *units, const double *exposure, int n, int least, shift_cut *cuts,
               arena scratch);

#endif
