/* conformal: widens or narrows the intervals of any model until they held on rolling origins.
 *
 * A forecast f with bounds [lo, hi] that was tested by y has the score
 *
 *     s = (y - f) / (hi - f) above f, (f - y) / (f - lo) below: how many half-widths y is away
 *
 * The factor c of a level L is the least score up to which the weights w of the scores add up to
 * L (1 + sum w) (all weights 1: the ceil((n + 1) L)-th smallest of n); the interval becomes
 * [f - c (f - lo), f + c (hi - f)], which the next y of an exchangeable series meets with a
 * probability of L or more. Where series change it is the latest origin that is most like what
 * comes: in a panel each origin weighs CONFORMAL_FADE of the one after it. Scores are pooled by
 * class of series, as they are too few of one, and by step; a class with fewer than 50 of a step
 * takes all its steps together, one with fewer than 50 in all the same step of every class, or all
 * there are. Factors lie in [0.1, 10]; without 20 scores they are 1.
 *
 * Sources: Vovk, Gammerman and Shafer (2005); Lei et al. (2018); for weights Barber, Candes, Ramdas
 * and Tibshirani, "Conformal prediction beyond exchangeability" (2023). */
#ifndef MODELS_FORECAST_CONFORMAL_H
#define MODELS_FORECAST_CONFORMAL_H

#include "models/forecast/band.h"

/* One tested value of one level. */
typedef struct conformal_score {
    int kind; /* class of the series, 0 … kinds - 1 */
    int step; /* 0-based */
    double score, weight; /* weight > 0 */
} conformal_score;
#define CONFORMAL_FADE 0.5

/* 0 where y = f; infinite where the bound has no width and y lies beyond it. */
double conformal_score_of(double y, double f, double low, double high);

typedef struct conformal_model {
    int kinds, steps;
    double *factor;   /* [kinds, steps] */
    int64_t *scores;  /* [kinds, steps]: how many each rests on */
} conformal_model;

/* Factors of one level from n scores. */
void conformal_fit(conformal_model *m, const conformal_score *scores, int64_t n, double level,
                   int kinds, int steps, arena *keep, arena scratch);

/* What several origins of several series said at several levels. */
typedef struct conformal_panel {
    int series, origins, n_levels, steps, kinds;
    const double *levels; /* [n_levels] */
    const double *score;  /* [series, origins, n_levels, steps], the latest origin first; NaN where
                             nothing was tested */
    const int *kind;      /* [series] */
} conformal_panel;

/* One model per level: [n_levels]. */
conformal_model *conformal_panel_fit(const conformal_panel *p, arena *keep, arena scratch);

/* Applies one model per level to a band of that kind (steps past the model's use its last), then
 * sees that a higher level holds the lower ones. Does nothing where a factor is not there. */
void conformal_apply(const conformal_model *by_level, int kind, band *to);

#endif
