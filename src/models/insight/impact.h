/* impact: what an event did to an article, against a control woven of its siblings.
 *
 * Rows are weeks, the first `before` of them before the event. Series are indexed, x_t = units_t /
 * m with m their mean before the event, so all stand at 1 there. The control is c_t = Σ w_i x_it
 * with w >= 0, Σ w = 1 that minimise over the weeks before
 *
 *     mean_t (y_t - Σ w_i x_it)² + √after Σ v_i w_i²,   v_i = max(1/m_i, mean (Δ(x_i - x̄))² / 2)
 *
 * the second term being the noise of a week of sibling i beyond what all siblings do together (x̄),
 * lest the control be woven of chance. Treated less control is 0 on average before; what lies
 * between them after is the difference of the differences. It is judged on the root of the mean
 * week after, where counts vary alike and articles that die out do not stretch the scale:
 *
 *     e = √y' - √c',   r = e / s,   s² = max(1/m, mean (y_t - c_t)²)
 *
 * y', c' the means of y_t, c_t after, the mean in s over the weeks before. Placebos: each sibling
 * is treated in turn with a control of the others, which gives r_j. With J siblings q is the
 * ceil(0.95 (J + 1))-th smallest |r_j|, and without the event the article would have sold C = m
 * after c', within (√c' -+ q s)². Of J + 1 series that could change places one lies outside with
 * 5 % at most, however they are spread. p = (1 + number of |r_j| >= |r|) / (J + 1). Fewer than 19
 * siblings cannot give 95 %. Effects are told as ratio (Y + ½) / (C + ½) and gain Y - C, Y what it
 * sold after, each with the limits of C.
 *
 * What else befell the article in these weeks counts as effect; siblings that lose what it gains
 * make it seem larger.
 * Sources: Abadie, Diamond, Hainmueller, "Synthetic control methods for comparative case studies"
 * (2010); Arkhangelsky, Athey, Hirshberg, Imbens, Wager, "Synthetic difference-in-differences"
 * (2021); Platt, "Fast training of support vector machines using sequential minimal optimization"
 * (1998), for the exchange of weights pair by pair. */
#ifndef MODELS_INSIGHT_IMPACT_H
#define MODELS_INSIGHT_IMPACT_H

#include "base/arena.h"

typedef enum impact_refusal {
    IMPACT_SOUND,
    IMPACT_SHORT,  /* too few weeks before */
    IMPACT_EARLY,  /* no week after */
    IMPACT_SELDOM, /* it sold in fewer than half of the weeks before */
    IMPACT_ALONE,  /* too few siblings that sold in half of the weeks before */
    IMPACT_MISSED, /* the control misses the weeks before by more than IMPACT_MOST_MISS */
    IMPACT_REFUSALS
} impact_refusal;
extern const char *const impact_words[IMPACT_REFUSALS]; /* sentences; that of IMPACT_SOUND: NULL */

enum { IMPACT_LEAST_BEFORE = 6, IMPACT_LEAST_SIBLINGS = 19, IMPACT_MOST_SIBLINGS = 100 };
#define IMPACT_MOST_MISS 1.0 /* of its own mean week */

typedef struct impact_data {
    int before, after;     /* weeks */
    const double *treated; /* [before + after] units, oldest first; below 0 counts as 0 */
    int64_t n;
    const double *sibling; /* [n, before + after] */
} impact_data;

/* Numbers are NAN where the refusal comes before them. */
typedef struct impact {
    impact_refusal refusal;
    int64_t siblings;    /* J: sold in half of the weeks before; those of nearest m, at most
                          * IMPACT_MOST_SIBLINGS */
    double *weight;      /* [n] */
    double *control;     /* [before + after] units: m c_t */
    double level;        /* m */
    double miss;         /* root of mean (y_t - c_t)² before */
    double better;       /* share of siblings whose own control misses by more */
    double sold, without; /* Y; C */
    double ratio, low, high, p;
    double gain, gain_low, gain_high;
} impact;

void impact_fit(impact *out, const impact_data *d, arena *keep, arena scratch);

#endif
