/* survival: how long it takes until something happens, where some are still waiting.
 *
 * Kaplan and Meier: S(t) = product over event times t_i <= t of (1 - d_i / n_i), d_i events among
 * n_i that were still waiting just before; who is censored at t_i still counts in n_i. Variance by
 * Greenwood, V = sum of d_i / (n_i (n_i - d_i)); 95 % interval S^exp(-+1.96 sqrt(V) / ln S), which
 * stays in [0, 1].
 * Sources: Kaplan, Meier (1958); Kalbfleisch, Prentice, 1.3 (log-log interval). */
#ifndef MODELS_SURVIVAL_H
#define MODELS_SURVIVAL_H

#include "base/arena.h"

typedef struct survival_step {
    double time;
    int64_t waiting, events;  /* n_i, d_i */
    double share, low, high;  /* S(time) */
} survival_step;

typedef struct survival_curve {
    int64_t n;
    survival_step *at; /* [n] distinct event times, ascending */
    double median;     /* first time with S <= 0.5; infinity where none is */
} survival_curve;

/* rows times >= 0; happened[i] = false: still waiting at time[i]. The curve lives in keep. */
survival_curve survival_of(const double *time, const bool *happened, int64_t rows, arena *keep,
                           arena scratch);

/* The last step at or before a time (share 1 before the first); its S. */
survival_step survival_seen(const survival_curve *c, double time);
double survival_at(const survival_curve *c, double time);

#endif
