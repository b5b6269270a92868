/* clock: seconds for benchmarks. */
#ifndef BENCH_LIB_CLOCK_H
#define BENCH_LIB_CLOCK_H

#include <time.h>

static inline double clock_seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline double clock_wall(void) { return clock_seconds(CLOCK_MONOTONIC); }

#endif
