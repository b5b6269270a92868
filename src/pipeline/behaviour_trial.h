/* behaviour_trial: conversion rates known before a day, tried on the days after it.
 *
 * A unit is a visitor with an article where the log names articles, else a visitor. What is learnt
 * and kept is sums by visitor, because the articles of one visitor are not independent. */
#ifndef PIPELINE_BEHAVIOUR_TRIAL_H
#define PIPELINE_BEHAVIOUR_TRIAL_H

#include "models/behaviour/rates.h"
#include "pipeline/behaviour.h"

enum { RATES_POOLED, RATES_OWN, RATES_SHRUNK, RATES_MODELS };
extern const char *const behaviour_models[RATES_MODELS];

/* The breakdowns that rates are kept by: channel, platform, category, category+channel. */
enum { BEHAVIOUR_CUTS = 4 };
extern const char *const behaviour_cuts[BEHAVIOUR_CUTS];

typedef struct behaviour_trial {
    int cut;         /* index into behaviour_cuts */
    double strength; /* multiplies the fitted one */
} behaviour_trial;

/* The log and the two periods: what is known, and what it is tried on. */
typedef struct behaviour_tried {
    const behaviour_funnel *b;
    funnel_log log;
    funnel_outcome past, now;
} behaviour_tried;

/* The rates of each cell, and how they did on the units of `now`. */
typedef struct behaviour_score {
    int64_t visitors, units, converted;
    int cells;
    double *rate[RATES_MODELS];            /* [cells] */
    int32_t *visitor;                      /* [visitors] number */
    double *n;                             /* [visitors] units */
    double *loss[RATES_MODELS], *brier[RATES_MODELS]; /* [visitors] sums */
    rates_model model;
} behaviour_score;

void behaviour_try(behaviour_score *out, const behaviour_tried *t, behaviour_trial p,
                   pool *threads, arena *keep, arena scratch);

/* The number of the visitor that unit u of the log is of. */
int64_t behaviour_visitor(const behaviour_tried *t, int64_t u);

/* Members of the open report on the units of `now` (behaviour_parts.c):
 *   parts        log loss of the shrunk and the pooled rate by the week in which the unit entered,
 *                by channel, platform and category; only parts of 50 visitors or more
 *   calibration  whether as many convert as the shrunk rates say
 *   learning     log loss after learning from an eighth, a quarter, half and all of the visitors
 *                known before (every 8th, 4th, 2nd) */
void behaviour_put_parts(const behaviour_tried *t, behaviour_trial p, const behaviour_score *sc,
                         int32_t from, const work *w, scope *s, js *report);

#endif
