/* unit_root: how many differences a series needs: KPSS, and the strength of its season.
 *
 *     kpss      sum_t S_t^2 / (n^2 s^2), S_t the running sum of y - mean, s^2 the long-run variance
 *               with Bartlett weights up to lag 3 sqrt(n)/13; 0.463 is its 5 % point
 *     strength  max(0, 1 - Var(R) / Var(S + R)) of y = trend + season + rest: a moving average of
 *               one season as trend, means of a phase over the nearest 11 seasons (tricube weights)
 *               as season; above 0.64 the season is differenced
 *
 * Sources: Kwiatkowski, Phillips, Schmidt and Shin (1992); Wang, Smith and Hyndman (2006). */
#ifndef MODELS_FORECAST_UNIT_ROOT_H
#define MODELS_FORECAST_UNIT_ROOT_H

#include "base/arena.h"

double unit_root_kpss(const double *y, int n, arena scratch); /* 0 for a constant series */

/* The least number of differences, at most `most`, after which KPSS is below its 5 % point or the
 * series is constant. */
int unit_root_differences(const double *y, int n, int most, arena scratch);

double unit_root_strength(const double *y, int n, int m, arena scratch); /* 0 when n < 3m */

#endif
