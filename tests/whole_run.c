/* whole_run: see whole_run.h. */
#include "whole_run.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *kept(scope *s, const char *path) {
    return arena_text(&s->keep, "%s", path);
}

const whole_run *whole_run_see(void) {
    static scope s; /* of the process: tests share what is in it */
    static whole_run w;
    err e = {0};
    if (w.said.n) return &w;
    check_ok(scope_open(&s, (size_t)64 << 20, 0, &e), &e);
    w.shop = kept(&s, check_folder("whole-shop"));
    w.out = kept(&s, check_folder("whole-out"));
    check_run r = check_atelier(&s, (const char *const[]){"demo", w.shop, "--size", "tiny",
                                                          "--seed", "3", "--force", NULL});
    check(r.status == 0);
    double start = now();
    r = check_atelier(&s, (const char *const[]){"run", w.shop, "--out", w.out, "--threads", "2",
                                                "--json", NULL});
    if (r.status != 0) print_error("%.*s\n", (int)r.err.n, r.err.p);
    check(r.status == 0);
    w.seconds = now() - start;
    w.said = r.out;
    return &w;
}
