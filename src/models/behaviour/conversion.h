/* conversion: the share that has converted by a time after entering, when not everybody was watched
 * to the end (Kaplan–Meier).
 *
 *     converted(t) = 1 - prod over t_i <= t of (1 - d_i / n_i)
 *
 * d_i: conversions at t_i; n_i: units watched until t_i at least. A unit that entered yesterday and
 * has not converted says nothing about the week to come: it is censored, where a raw rate counts it
 * as lost. Variance of ln survival by Greenwood, interval on the log(-log) scale.
 * Sources: Kaplan, Meier (1958); Greenwood (1926); Kalbfleisch, Prentice (1980). */
#ifndef MODELS_BEHAVIOUR_CONVERSION_H
#define MODELS_BEHAVIOUR_CONVERSION_H

#include "base/arena.h"
#include "models/interval.h"

typedef struct conversion_unit {
    int64_t waited;  /* microseconds from entering to converting, or to the end of watching */
    bool converted;
} conversion_unit;

typedef struct conversion_point {
    int64_t at;      /* microseconds */
    int64_t watched; /* units watched until `at` at least, or converted by then */
    interval share;
} conversion_point;

/* Fills share and watched of point[points], whose `at` ascend; sorts unit[n]. */
void conversion_curve(conversion_unit *unit, int64_t n, conversion_point *point, int points);

#endif
