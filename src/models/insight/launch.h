/* launch: how the articles of a category sell week by week after their launch, and where one
 * stands beside them.
 *
 * Rows are articles, columns weeks since the first sale; a value is units of the week, or of all
 * weeks up to it. Quartiles of z = ln(units + 1/2) over the articles that have reached the week (an
 * article that sells nothing any more has 0 there) are drawn toward those of all articles together,
 * week by week:
 *
 *     z_c = w m_c + (1 - w) m,   w = τ² / (τ² + s_c²),   s_c² = (π/2) σ_c² / n_c
 *
 * m medians, σ_c = quartile range / 1.349 (of all articles where the category has fewer than
 * eight), s_c the error of a median of normal values, τ² between categories by DerSimonian and
 * Laird. The upper and lower quartile take the same w. A curve goes back to units by e^z - 1/2.
 *
 * An article of T full weeks that sold Y stands at ratio = (Y + ½) / (U + ½) of the usual U, the
 * median of its category's sums at week T. Its own rate has the 95 % limits of a gamma posterior
 * under Jeffreys' prior, φ Γ(Y/φ + ½), by Wilson and Hilferty's cubes; on the logarithm their
 * distance from Y + ½ and 1.96 s, s² = w s_c² the error of the usual, add in squares. φ >= 1 is the
 * spread of a week's units around its neighbour's beyond Poisson's. This interval says how surely
 * an article sells more or less than the usual; most articles of a category do one or the other.
 *
 * Whether a launch is out of the ordinary is judged by how launches differ: 95 of 100 lie within
 *
 *     ln(U + ½) -+ 1.96 √(max(σ², 1 / (U + ½)) + s²),   σ² = (n_c σ_c² + 40 σ²_all) / (n_c + 40)
 *
 * σ_c the distance from the category's own median to the quartile of that side, over 0.6745, σ²_all
 * the mean over launches of their categories' σ_c²; each side for itself, as sales of articles are
 * skewed even in logarithms. (40: categories differ about as a σ_c of 40 launches is off.) Ahead
 * when the article sold more than that, behind when less; young before two weeks.
 * Sources: DerSimonian, Laird, "Meta-analysis in clinical trials" (1986); Hyndman, Fan, "Sample
 * quantiles in statistical packages" (1996), definition 7; Wilson, Hilferty, "The distribution of
 * chi-square" (1931). */
#ifndef MODELS_INSIGHT_LAUNCH_H
#define MODELS_INSIGHT_LAUNCH_H

#include "base/arena.h"

typedef enum launch_call {
    LAUNCH_AHEAD,
    LAUNCH_PAR,
    LAUNCH_BEHIND,
    LAUNCH_YOUNG,   /* not two full weeks yet */
    LAUNCH_UNKNOWN, /* its first sale may have been before the sales begin */
    LAUNCH_CALLS
} launch_call;
extern const char *const launch_call_words[LAUNCH_CALLS];

enum { LAUNCH_LEAST_WEEKS = 2, LAUNCH_LEAST_ARTICLES = 8 };

typedef struct launch_data {
    int64_t n;
    int weeks;
    const double *value;     /* [n, weeks], NAN where the week is not over */
    const int32_t *category; /* [n] 0 … categories-1 */
    int categories;
} launch_data;

/* Rows are the categories, then all articles together; weeks that nobody reached are NAN. */
typedef struct launch_curves {
    int categories, weeks;
    double *low, *mid, *high; /* [categories + 1, weeks] units */
    double *se;               /* the same shape: of ln mid */
    double *weight;           /* the category's own share in its curve */
    double *down, *up;        /* σ below and above the median */
    int32_t *n;               /* articles that reached the week */
} launch_curves;

void launch_fit(launch_curves *out, const launch_data *d, arena *keep, arena scratch);

/* φ over pairs of neighbouring weeks: mean of (a - b)² / (a + b), at least 1. */
double launch_spread(const double *units, int64_t n, int weeks);

typedef struct launch_place {
    launch_call call;
    int weeks; /* T: full weeks, at most those of the curve */
    double units, usual, ratio, low, high; /* NAN when young or unknown */
    double usual_low, usual_high;          /* units of 95 of 100 launches; likewise */
} launch_place;

/* sums[weeks]: units up to each week, NAN where it is not over; all NAN: unknown when `known` is
 * false, else young. curves: fitted on sums. */
launch_place launch_stand(const launch_curves *c, int32_t category, const double *sums, bool known,
                          double phi);

#endif
