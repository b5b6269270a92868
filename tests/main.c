/* main: the test runner; see check.h. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <spawn.h>
#include <time.h>
#include <unistd.h>

#include "base/kernels.h"

typedef struct test {
    const char *file, *name;
    void (*run)(void);
} test;

static test all[4096];
static int n_all;
static const char *skipped_why; /* set by check_skip during a test */

void check_register(const char *file, const char *name, void (*run)(void)) {
    if (n_all < (int)(sizeof all / sizeof all[0])) all[n_all++] = (test){file, name, run};
}

void check_skip(const char *why) { skipped_why = why; }

void check_failed(const char *file, int line, const char *what) {
    print_error("%s:%d: not true: %s\n", file, line, what);
    _fail(file, line);
}

void check_refused(const char *file, int line, const char *what, const err *e) {
    print_error("%s:%d: %s said: %s\n", file, line, what, e->text);
    _fail(file, line);
}

void check_near_at(const char *file, int line, const char *what, double got, double wanted,
                   double tolerance) {
    if (fabs(got - wanted) <= tolerance) return; /* NaN fails */
    print_error("%s:%d: %s is %.10g, wanted %.10g +- %g\n", file, line, what, got, wanted,
                tolerance);
    _fail(file, line);
}

void check_text_at(const char *file, int line, slice got, const char *wanted) {
    if (slice_is(got, wanted)) return;
    print_error("%s:%d: got:\n%.*s\nwanted:\n%s\n", file, line, (int)got.n, got.p, wanted);
    _fail(file, line);
}

void check_has_at(const char *file, int line, slice whole, const char *part) {
    if (memmem(whole.p, whole.n, part, strlen(part))) return;
    print_error("%s:%d: no \"%s\" in:\n%.*s\n", file, line, part, (int)whole.n, whole.p);
    _fail(file, line);
}

void check_golden(const char *name, slice got) {
    char path[512];
    snprintf(path, sizeof path, "tests/golden/%s", name);
    const char *mode = getenv("GOLDEN");
    if (mode && strcmp(mode, "write") == 0 && !getenv("CI")) {
        FILE *out = fopen(path, "wb");
        check(out && fwrite(got.p, 1, got.n, out) == got.n && fclose(out) == 0);
        return;
    }
    scope s;
    err e = {0};
    check(scope_open(&s, 4 << 20, 0, &e));
    char *wanted = take(&s.keep, char, 2 << 20);
    FILE *in = fopen(path, "rb");
    if (!in) print_error("no golden %s; GOLDEN=write makes it\n", path);
    check(in != NULL);
    wanted[fread(wanted, 1, (2 << 20) - 1, in)] = 0;
    fclose(in);
    check_text(got, wanted);
    scope_close(&s);
}

const char *check_folder(const char *name) {
    static char paths[16][512];
    static int n;
    char *path = paths[n++ % 16], command[1200];
    snprintf(path, sizeof paths[0], "build/tests-tmp/%s", name);
    snprintf(command, sizeof command,
             "chmod -R u+rwx '%s' 2>/dev/null; rm -rf '%s' && mkdir -p '%s'", path, path, path);
    check(system(command) == 0);
    return path;
}

const char *check_data(const char *file) {
    static char paths[16][1024];
    static int n;
    const char *root = getenv("ATELIER_DATA");
    char *path = paths[n++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", root ? root : "../shared/data", file);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* Tests run without encoders, here or not: those that want one say so. */
static void hide_weights(void) { check(setenv("ATELIER_WEIGHTS", "none", 1) == 0); }

bool check_weights(const char *folder) {
    char path[1024];
    snprintf(path, sizeof path, "build/weights/%s/vocab.txt", folder);
    return access(path, R_OK) == 0 && setenv("ATELIER_WEIGHTS", "build/weights", 1) == 0;
}

/* Reads both pipes to their end into memory of s (at most 64 MB each). */
static void read_both(scope *s, int out, int errors, check_run *r) {
    text texts[2] = {{0}, {0}};
    struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = errors, .events = POLLIN}};
    char buffer[65536];
    for (int open = 2; open > 0;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
        for (int i = 0; i < 2; i++) {
            if (fds[i].fd < 0 || !fds[i].revents) continue;
            ssize_t n = read(fds[i].fd, buffer, sizeof buffer);
            if (n > 0) {
                text_add(&texts[i], (slice){buffer, (size_t)n});
                continue;
            }
            close(fds[i].fd);
            fds[i].fd = -1;
            open--;
        }
    }
    r->out = (slice){slice_copy(&s->keep, text_slice(&texts[0])), texts[0].n};
    r->err = (slice){slice_copy(&s->keep, text_slice(&texts[1])), texts[1].n};
    text_free(&texts[0]);
    text_free(&texts[1]);
}

const char *check_program(void) {
    return getenv("ATELIER") ? getenv("ATELIER") : "build/release/atelier";
}

check_run check_atelier(scope *s, const char *const *argv) {
    const char *words[64] = {check_program()};
    for (int n = 1; *argv && n < 63; argv++) words[n++] = *argv;
    return check_command(s, words);
}

check_run check_command(scope *s, const char *const *argv) {
    check_run r = {0};
    int out[2], errors[2], status = 0;
    check(pipe(out) == 0 && pipe(errors) == 0);
    fflush(NULL);
    /* no fork: DuckDB's allocator takes all its locks for one, more than the sanitizer counts */
    pid_t child;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    posix_spawn_file_actions_adddup2(&files, errors[1], 2);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&files, out[i]);
        posix_spawn_file_actions_addclose(&files, errors[i]);
    }
    char **words = (char **)(uintptr_t)argv;
    check(posix_spawnp(&child, argv[0], &files, NULL, words, environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    close(out[1]), close(errors[1]);
    read_both(s, out[0], errors[0], &r);
    waitpid(child, &status, 0);
    r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return r;
}

static int by_place(const void *a, const void *b) {
    const test *x = a, *y = b;
    int order = strcmp(x->file, y->file);
    return order != 0 ? order : strcmp(x->name, y->name);
}

static const test *current; /* for the callback of the library, which passes no state */

static void run_current(void **state) {
    (void)state;
    current->run();
}

/* The library announces each test at length; what a test prints is shown when it fails. */
static int run_quietly(const char *label, bool *failed_or_not) {
    FILE *held = tmpfile();
    check(held != NULL);
    fflush(NULL);
    int out = dup(1), errors = dup(2);
    dup2(fileno(held), 1);
    dup2(fileno(held), 2);
    const struct CMUnitTest one[] = {{label, run_current, NULL, NULL, NULL}};
    *failed_or_not = _cmocka_run_group_tests(label, one, 1, NULL, NULL) != 0;
    fflush(NULL);
    dup2(out, 1);
    dup2(errors, 2);
    close(out), close(errors);
    rewind(held);
    for (int c; *failed_or_not && (c = fgetc(held)) != EOF;) putchar(c);
    return fclose(held);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    int passed = 0, failed = 0, skipped = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    kernels_start();
    check(system("mkdir -p build/tests-tmp") == 0);
    qsort(all, (size_t)n_all, sizeof all[0], by_place);
    for (int i = 0; i < n_all; i++) {
        char label[512];
        const char *base = strrchr(all[i].file, '/');
        snprintf(label, sizeof label, "%s/%s", base ? base + 1 : all[i].file, all[i].name);
        bool wanted = argc < 2;
        for (int a = 1; a < argc; a++) wanted = wanted || strstr(label, argv[a]);
        if (!wanted) continue;
        current = &all[i];
        skipped_why = NULL;
        hide_weights();
        bool bad;
        double start = now();
        run_quietly(label, &bad);
        double took = now() - start;
        if (bad) failed++, printf("FAILED  %s (%.2f s)\n", label, took);
        else if (skipped_why) skipped++, printf("skipped %s: %s\n", label, skipped_why);
        else passed++, printf("passed  %s (%.2f s)\n", label, took);
        if (bad && getenv("FAIL_FAST")) break;
    }
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    if (passed + failed + skipped == 0) printf("no test has that in its name\n");
    return failed > 0 || passed + skipped == 0;
}
