/* whole_run: one finished run of the tiny demo shop, for all tests that read what a run leaves.
 *
 * Made by the program itself at the first call, with two threads; nobody changes its folders. */
#ifndef TESTS_WHOLE_RUN_H
#define TESTS_WHOLE_RUN_H

#include "check.h"

typedef struct whole_run {
    const char *shop, *out; /* folders */
    slice said;             /* what `run --json` printed */
    double seconds;         /* that it took */
} whole_run;

const whole_run *whole_run_see(void);

#endif
