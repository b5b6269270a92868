/* decompose: why revenue changed: price, volume and mix; traffic, conversion and basket.
 *
 * Price, volume, mix of a group of articles, from period 0 to period 1 (units q, revenue r):
 *
 *     price  = sum over articles sold in both of r1 - q1 r0 / q0     the same articles, dearer
 *     volume = (Q1 - Q0) R0 / Q0, with Q, R of all articles          everything sold more
 *     mix    = r1 - r0 - price - volume, summed                      other articles
 *
 * Q1 / Q0 is that of the whole, so a group's volume is what it would have grown with the shop and
 * groups add up to the whole exactly. Money is whole millionths; each term is rounded once, mix is
 * what is left: price + volume + mix = change, to the last digit.
 *
 * Shapley's value of a product of three factors, f = x y z: what each adds, averaged over the six
 * orders in which they can change,
 *
 *     x's part = (x1 - x0) ((y0 z0 + y1 z1) / 3 + (y0 z1 + y1 z0) / 6)
 *
 * and so for y; z's is what is left of the change, so that parts add up exactly.
 * Sources: Shapley, "A value for n-person games" (1953); Albrecht, François, Schoors (2002). */
#ifndef MODELS_INSIGHT_DECOMPOSE_H
#define MODELS_INSIGHT_DECOMPOSE_H

#include <stdint.h>

typedef struct decompose_sales {
    int64_t units0, units1, money0, money1; /* of an article or a group; money in millionths */
} decompose_sales;

typedef struct decompose_pvm {
    decompose_sales of;
    int64_t price, volume, mix;
} decompose_pvm;

/* article[n] with group[n] in 0 … groups-1; out[groups] and all are written. Without units in
 * period 0 all of the change is mix. */
void decompose_groups(decompose_pvm *out, decompose_pvm *all, const decompose_sales *article,
                      const int32_t *group, int64_t n, int groups);

/* part[3] of the change from x0[0] x0[1] x0[2] to x1[0] x1[1] x1[2], which is `change` millionths;
 * the factors in units of which the product is money. */
void decompose_shapley(int64_t part[3], const double x0[3], const double x1[3], int64_t change);

#endif
