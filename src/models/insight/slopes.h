/* slopes: the price slope of each article by itself, and drawn toward its category.
 *
 *     units of week t ~ exp(a + b ln price_t + offset_t),   offset: what is known of season and age
 *
 * a is taken out exactly: given its total, an article's units are multinomial over its weeks with
 * shares exp(b x_t + offset_t) / sum, so b alone is found by Newton's method on a concave function.
 *     se² = f / (total · variance of x under the shares),   f = Pearson's dispersion, at least 1
 * Refused (the value is then the category's): fewer than SLOPE_WEEKS weeks, fewer than SLOPE_POINTS
 * prices 3 % apart, all units at the lowest or all at the highest price.
 *
 * Shrinkage: b_i ~ N(mean of the category, tau²); tau² from the spread of the articles around the
 * weighted mean of their category beyond their standard errors (moments of DerSimonian and Laird,
 * all categories together). weight = tau² / (tau² + se²) is the share of an article's own data.
 * Sources: Hausman, Hall, Griliches, "Econometric models for count data with an application to the
 * patents-R&D relationship" (1984); DerSimonian, Laird (1986). */
#ifndef MODELS_INSIGHT_SLOPES_H
#define MODELS_INSIGHT_SLOPES_H

#include "base/arena.h"

enum { SLOPE_WEEKS = 8, SLOPE_POINTS = 3 };
#define SLOPE_APART 0.03 /* prices of one point differ by less */

typedef enum slope_verdict {
    SLOPE_OWN,
    SLOPE_FEW_WEEKS,
    SLOPE_FEW_POINTS,
    SLOPE_ONE_END, /* sold at one end of its prices only */
    SLOPE_VERDICTS
} slope_verdict;
extern const char *const slope_words[SLOPE_VERDICTS]; /* sentences; of SLOPE_OWN NULL */

typedef struct slope_rows {
    int64_t n;
    int32_t articles;
    const int32_t *article; /* [n] 0 … articles-1; rows of an article stand together */
    const double *units;    /* [n] >= 0 */
    const double *x;        /* [n] ln price */
    const double *offset;   /* [n], -INFINITY: a row that says nothing */
} slope_rows;

typedef struct slope {
    slope_verdict verdict;
    int32_t weeks, points;
    double units;
    double own, own_se;       /* NAN when refused */
    double value, se, weight; /* by slopes_shrink */
} slope;

/* out[articles] */
void slopes_fit(slope *out, const slope_rows *r, arena scratch);

/* Fills value, se and weight from own; group[n] 0 … groups-1 has mean[groups] with mean_se. Returns
 * tau². */
double slopes_shrink(slope *s, int32_t n, const int32_t *group, int32_t groups, const double *mean,
                     const double *mean_se, arena scratch);

#endif
