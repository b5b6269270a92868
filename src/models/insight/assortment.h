/* assortment: which articles carry the revenue, how unevenly, and how steadily each sells.
 *
 * ABC: articles by revenue, largest first; one is A while those before it hold less than the share
 * `a` of all revenue, B while less than `b`, C after that and without revenue. The article in
 * which the cut falls belongs to the upper class, so a class holds at least its share.
 *
 * XYZ: the coefficient of variation of an article's weekly units once the season is taken out,
 *
 *     v_t = y_t / s_t,    cv = sd(v) / mean(v), sd with n - 1,
 *     s_t = (C_t - y_t + k) / mean over the weeks of (C_t - y_t + k)
 *
 * with C_t the units of its category, itself left out, and k = 20 units that keep a week of few
 * sales from being a season. X below `x`, Y up to `y`, Z above; no class below eight weeks, nor
 * without a unit sold. An article of u units a week has cv >= 1/√u by chance alone.
 *
 * Gini of x_1 <= … <= x_n:  G = 2 Σ i x_i / (n Σ x_i) - (n + 1) / n;  0 = all alike, 1 - 1/n = one
 * has all. The Lorenz curve is what share the largest articles have: see assortment_lorenz.
 * Values below 0 (more came back than was sold) count as 0 in all of these.
 * Sources: Dickie, "ABC inventory analysis shoots for dollars, not pennies" (1951); Gini (1912);
 * Lorenz, "Methods of measuring the concentration of wealth" (1905). */
#ifndef MODELS_INSIGHT_ASSORTMENT_H
#define MODELS_INSIGHT_ASSORTMENT_H

#include "base/arena.h"

typedef enum assortment_abc {
    ASSORTMENT_A,
    ASSORTMENT_B,
    ASSORTMENT_C,
    ASSORTMENT_ABC
} assortment_abc;
typedef enum assortment_xyz {
    ASSORTMENT_X,
    ASSORTMENT_Y,
    ASSORTMENT_Z,
    ASSORTMENT_NO_XYZ, /* too few weeks */
    ASSORTMENT_XYZ
} assortment_xyz;
extern const char *const assortment_abc_words[ASSORTMENT_ABC];
extern const char *const assortment_xyz_words[ASSORTMENT_XYZ];

enum { ASSORTMENT_LEAST_WEEKS = 8 };

typedef struct assortment_cuts {
    double a, b; /* shares of revenue, 0 < a < b < 1 */
    double x, y; /* coefficients of variation, 0 < x < y */
} assortment_cuts;
#define ASSORTMENT_DEFAULTS ((assortment_cuts){.a = 0.80, .b = 0.95, .x = 0.5, .y = 1.0})
const char *assortment_check(assortment_cuts c); /* NULL, or what is wrong */

/* class_of[n] of the articles; order[n] gets them by revenue, largest first (ties as they come). */
void assortment_classify(uint8_t *class_of, int32_t *order, const double *revenue, int64_t n,
                         assortment_cuts c, arena scratch);

/* Coefficient of variation of units[n]; category[n] has the units of all of its category in the
 * same weeks. NAN below eight weeks or without a unit. */
double assortment_cv(const double *units, const double *category, int n, arena scratch);
assortment_xyz assortment_steadiness(double cv, assortment_cuts c); /* NAN: NO_XYZ */

double assortment_gini(const double *value, int64_t n, arena scratch); /* NAN: nothing to share */

/* share[points]: share[k] is what the largest k n / (points - 1) articles have of all, between two
 * articles in proportion. share[0] = 0, the last 1; all 0 when there is nothing to share. */
void assortment_lorenz(double *share, int points, const double *value, int64_t n, arena scratch);

#endif
