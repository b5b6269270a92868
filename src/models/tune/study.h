/* study: trials of a space with what came of them, and the point that a sampler asks for next.
 *
 *     study t = {&space, false, n, trials};
 *     study_ask(&t, STUDY_DEFAULTS, number, point, scratch)
 *
 * TPE: of n finished trials the best min(ceil(n / 10), 25) are `below`, the others, and those that
 * still run, are `above`; 24 points are drawn from the density of those below (parzen.h), and the
 * one with the largest density below over above is asked for. The first 10 trials are drawn evenly.
 * Parameters that always count are chosen together, the others one by one from the trials that have
 * them. Trials given up early are worse than all complete ones: by how far they went, then score.
 *
 * The point is a function of (seed, number) and of the trials in the study alone. */
#ifndef MODELS_TUNE_STUDY_H
#define MODELS_TUNE_STUDY_H

#include <stdint.h>

#include "base/arena.h"
#include "models/tune/space.h"

/* Numbers as the journal has them. */
typedef enum trial_state {
    TRIAL_RUNNING,
    TRIAL_COMPLETE,
    TRIAL_PRUNED,
    TRIAL_FAILED,
    TRIAL_WAITING
} trial_state;

typedef struct study_trial {
    trial_state state;
    double *point; /* [space.n] */
    double score;  /* complete: its own; pruned: the last one reported; NaN = none */
    int64_t step;  /* pruned: the last one reported */
} study_trial;

typedef struct study {
    const space *s;
    bool maximise;
    int64_t n;
    const study_trial *at; /* [n] by number */
} study;

typedef enum sampler_kind { SAMPLER_TPE, SAMPLER_RANDOM, SAMPLER_GRID } sampler_kind;

typedef struct sampler {
    sampler_kind kind;
    uint64_t seed;
    int startup;    /* finished trials before TPE learns */
    int candidates; /* 1 … 1000 */
    int grid;       /* values of a parameter with more, >= 2 */
} sampler;

#define STUDY_DEFAULTS                                                                             \
    ((sampler){.kind = SAMPLER_TPE, .seed = 1, .startup = 10, .candidates = 24, .grid = 5})

/* Fills point[space.n] for the trial of that number; false when the grid has no such point. */
bool study_ask(const study *t, sampler how, int64_t number, double *point, arena scratch);

/* Points of the grid: every value of a parameter that has no more than `grid`, else as many,
 * evenly from low to high; at most `most`. */
int64_t study_grid_size(const space *s, int grid, int64_t most);

/* The complete trial with the best score (ties: the earlier); -1 when there is none. */
int64_t study_best(const study *t);

#endif
