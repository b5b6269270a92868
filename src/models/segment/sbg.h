/* sbg: how many of a cohort are still there, period by period: the shifted-beta-geometric model.
 *
 * Each customer leaves with the same chance every period; the chance is drawn from Beta(alpha,
 * beta). For periods t = 1, 2, …:
 *
 *     P(1) = alpha / (alpha + beta),   P(t) = P(t-1) (beta + t - 2) / (alpha + beta + t - 1)
 *     S(t) = S(t-1) (beta + t - 1) / (alpha + beta + t - 1),   S(0) = 1
 *     ln L = sum over periods of lost_t ln P(t) + survivors ln S(last)
 *
 * Retention rises with time although nobody changes: those who leave easily are gone. A curve
 * drawn through the rates knows nothing of that and projects badly.
 * Source: Fader, Hardie, "How to project customer retention" (2007). */
#ifndef MODELS_SEGMENT_SBG_H
#define MODELS_SEGMENT_SBG_H

#include "models/segment/likelihood.h"

typedef struct sbg {
    likelihood_fit fit; /* p = (alpha, beta) */
} sbg;

/* alive[0 … periods] = customers of the cohort at the start and after each of periods >= 2, never
 * rising. Several cohorts of the same kind may be added up as long as all were watched equally
 * long. Refused otherwise, and where nobody left. */
bool sbg_fit(sbg *m, const double *alive, int periods, arena scratch, err *e);

/* S(period), period >= 0. */
double sbg_survival(const sbg *m, int period);

/* S(period) / S(period - 1), period >= 1. */
double sbg_retention(const sbg *m, int period);

#endif
