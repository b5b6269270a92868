/* faults: a run that is killed or fails at any call ends, made again, in the same bytes. */
#include "check.h"

#include "whole_run.h"

/* A share of what `make faults` does. */
CHECK(faults_leave_whole_steps_and_the_next_run_ends_in_the_same_bytes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip("the sanitizers bring a preload library of their own");
#else
    scope s;
    err e = {0};
    const whole_run *w = whole_run_see();
    check_ok(scope_open(&s, (size_t)16 << 20, 0, &e), &e);
    check_run r = check_command(&s, (const char *[]){"python3", "tests/faults/run.py",
                                                     check_program(), w->shop, w->out,
                                                     check_folder("faults"), "few", NULL});
    if (r.status != 0) print_error("%.*s%.*s", (int)r.out.n, r.out.p, (int)r.err.n, r.err.p);
    check(r.status == 0);
    check_has(r.out, "5 of 5 (5x signal 9; 5 followed by a whole run)");
    scope_close(&s);
#endif
}
