/* whole_run: see whole_run.h. */
#include "whole_run.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "data/folder.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* where/{shop,out} and, for those that come later, said.json and seconds.txt. */
static void make(const char *where) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, (size_t)64 << 20, 0, &e), &e);
    const char *shop = arena_text(&s.keep, "%s/shop", where);
    const char *out = arena_text(&s.keep, "%s/out", where);
    check_run r = check_atelier(&s, (const char *const[]){"demo", shop, "--size", "tiny", "--seed",
                                                          "3", "--force", NULL});
    check(r.status == 0);
    double start = now();
    r = check_atelier(&s, (const char *const[]){"run", shop, "--out", out, "--threads", "2",
                                                "--json", NULL});
    if (r.status != 0) print_error("%.*s\n", (int)r.err.n, r.err.p);
    check(r.status == 0);
    slice took = slice_of(arena_text(&s.keep, "%.3f", now() - start));
    check_ok(file_replace(arena_text(&s.keep, "%s/said.json", where), r.out, &e), &e);
    check_ok(file_replace(arena_text(&s.keep, "%s/seconds.txt", where), took, &e), &e);
    scope_close(&s);
}

const whole_run *whole_run_see(void) {
    static scope s; /* of the process: tests share what is in it */
    static whole_run w;
    slice took;
    err e = {0};
    if (w.said.n) return &w;
    const char *where = check_once("whole", make);
    check_ok(scope_open(&s, (size_t)64 << 20, 0, &e), &e);
    w.shop = arena_text(&s.keep, "%s/shop", where);
    w.out = arena_text(&s.keep, "%s/out", where);
    check_ok(file_read(arena_text(&s.keep, "%s/seconds.txt", where), &s, 64, &took, &e), &e);
    check(slice_double(took, &w.seconds));
    check_ok(file_read(arena_text(&s.keep, "%s/said.json", where), &s, 8 << 20, &w.said, &e), &e);
    return &w;
}
