/* load: how busy this machine and this process are, as MLflow's system metrics name it.
 *
 * Read from /proc; what it does not give is left out. Percentages of processors are over the time
 * since the last look: of all processors of the machine, and of one for the process. */
#ifndef SURFACES_LOAD_H
#define SURFACES_LOAD_H

#include "surfaces/mlflow.h"

typedef struct load {
    double busy, all, own, clock; /* seconds at the last look */
} load;

/* Adds system/… metrics; the first look only starts the clocks of processors. */
void load_look(load *l, mlflow_batch *to, int64_t step, int64_t when);

/* Most bytes this process held since it was last asked; then counting starts anew. */
int64_t load_peak(void);

#endif
