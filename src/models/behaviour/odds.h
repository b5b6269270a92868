/* odds: what separates those who went on from those who left: odds ratios over strata.
 *
 * Stratum s has a units with a feature that went on, b with it that left, c and d without it;
 * n = a + b + c + d. With R = sum of a d / n, S = sum of b c / n, P = (a + d) / n, Q = (b + c) / n:
 *
 *     ratio        R / S                                              Mantel and Haenszel
 *     var ln ratio sum of P ad/n / 2R² + (P bc/n + Q ad/n) / 2RS + Q bc/n / 2S²
 *                                                            Robins, Breslow and Greenland
 *     p            of X² = (sum of a - (a+b)(a+c)/n)² / sum of (a+b)(c+d)(a+c)(b+d) / n²(n-1),
 *                  one degree of freedom (Cochran; Mantel and Haenszel)
 *     q            min over p_j >= p_i of tests · p_j / (how many p <= p_j)
 *                                                            Benjamini and Hochberg
 *     shrunk       exp(ln ratio · t² / (t² + var)),  t² = max(0, mean of (ln ratio)² - var)
 *
 * Where R or S is 0 the ratio is that of all strata together with ½ added to each cell, its
 * variance the sum of 1 / (cell + ½) (Haldane). Units are taken as independent.
 * Sources: Mantel, Haenszel (1959); Robins, Breslow, Greenland (1986); Haldane (1956); Benjamini,
 * Hochberg (1995). */
#ifndef MODELS_BEHAVIOUR_ODDS_H
#define MODELS_BEHAVIOUR_ODDS_H

#include "base/arena.h"
#include "models/interval.h"

typedef struct odds_table {
    int64_t with_on, with_left, without_on, without_left;
} odds_table;

typedef struct odds {
    interval ratio;     /* of going on, with the feature against without; 95 % */
    double crude;       /* of all strata together, ½ added to each cell */
    double log, se;     /* ln ratio and its standard error */
    double p, q;        /* q: share of false ones among those with a q as small, odds_judge */
    double shrunk;      /* toward 1 by what all of them have in common, odds_judge */
} odds;

/* False where no stratum has both kinds of units and of ends: nothing to compare. */
bool odds_fit(odds *out, const odds_table *stratum, int strata);

/* Fills q and shrunk of n features tested together. */
void odds_judge(odds *of, int n, arena scratch);

#endif
