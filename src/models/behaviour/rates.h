/* rates: conversion rates of many cells (category, channel, …), shrunk toward their common rate.
 *
 *     k_i of n_i  ~  Binomial(p_i),    p_i ~ Beta(s·m, s·(1 - m))
 *     shrunk rate of cell i = (k_i + s·m) / (n_i + s)
 *
 * m is the pooled rate, s (strength, in units) the one that makes all cells most likely together
 * (beta-binomial); an infinite s would give every cell the pooled rate, 0 its own.
 * Source: Casella, "An introduction to empirical Bayes data analysis" (1985). */
#ifndef MODELS_BEHAVIOUR_RATES_H
#define MODELS_BEHAVIOUR_RATES_H

#include <stdint.h>

typedef struct rates_params {
    double strength; /* multiplies the fitted one; 1 = as fitted */
} rates_params;

#define RATES_DEFAULTS ((rates_params){.strength = 1.0})

typedef struct rates_model {
    double pooled, strength; /* strength after the multiplier */
    double fitted;           /* before it */
} rates_model;

/* rate[cells] gets the shrunk rates; a cell without units gets the pooled rate. 0 <= k <= n. */
void rates_fit(rates_model *out, const int64_t *k, const int64_t *n, int cells, rates_params p,
               double *rate);

/* ln loss of one unit that converted (or not) under rate p, p kept 1e-6 away from 0 and 1. */
double rates_log_loss(double p, int converted);

#endif
