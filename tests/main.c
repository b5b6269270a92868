/* main: the test runner; see check.h.
 *
 * Workers (JOBS, else one a core) take file after file from a counter that they share, print their
 * lines and leave the counts of each file on a pipe. A test that ends its worker is named and
 * counts as failed; the files after it go to the others. One worker, or one file: no other
 * process. */
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

/* The same for all workers of one run, another for each run. */
static const char *run_id(void) {
    static char id[64];
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    snprintf(id, sizeof id, "%ld-%ld.%ld", (long)getpid(), (long)t.tv_sec, (long)t.tv_nsec);
    if (!getenv("CHECK_RUN")) setenv("CHECK_RUN", id, 1);
    return getenv("CHECK_RUN");
}

const char *check_once(const char *name, void (*make)(const char *folder)) {
    static char paths[8][512];
    static int n;
    char *path = paths[n++ % 8], mark[600], is[64] = "";
    snprintf(path, sizeof paths[0], "build/tests-tmp/%s", name);
    snprintf(mark, sizeof mark, "%s.made", path);
    int fd = open(mark, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    check(fd >= 0 && lockf(fd, F_LOCK, 0) == 0);
    if (pread(fd, is, sizeof is - 1, 0) < 0 || strcmp(is, run_id()) != 0) {
        make(check_folder(name));
        check(ftruncate(fd, 0) == 0 && pwrite(fd, run_id(), strlen(run_id()), 0) > 0);
    }
    close(fd);
    return path;
}

const char *check_spill(void) {
    static char path[64];
    snprintf(path, sizeof path, "build/tests-tmp/spill-%ld", (long)getpid());
    return path;
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

static char running[512]; /* label of the test */
static int said_to = 1;   /* where to say that it ended the process */

static void aborted(int number) {
    ssize_t n = write(said_to, "FAILED  ", 8) + write(said_to, running, strlen(running)) +
                write(said_to, " (aborted)\n", 11);
    (void)n;
    signal(number, SIG_DFL);
    raise(number);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct tally {
    int passed, failed, skipped;
} tally;

static const char *file_of(int i) {
    const char *base = strrchr(all[i].file, '/');
    return base ? base + 1 : all[i].file;
}

static bool wanted(int i, char **words) {
    char label[512];
    snprintf(label, sizeof label, "%s/%s", file_of(i), all[i].name);
    for (int a = 0; words[a]; a++)
        if (strstr(label, words[a])) return true;
    return !words[0];
}

static void run_one(int i, tally *t) {
    const char *label = running;
    bool bad;
    snprintf(running, sizeof running, "%s/%s", file_of(i), all[i].name);
    current = &all[i];
    skipped_why = NULL;
    hide_weights();
    double start = now();
    run_quietly(label, &bad);
    double took = now() - start;
    if (bad) t->failed++, printf("FAILED  %s (%.2f s)\n", label, took);
    else if (skipped_why) t->skipped++, printf("skipped %s: %s\n", label, skipped_why);
    else t->passed++, printf("passed  %s (%.2f s)\n", label, took);
}

/* The files that have a wanted test: first[f] … first[f + 1] - 1 are the tests of file f. */
static int files(int *first, char **words) {
    int n = 0, kept = 0;
    for (int i = 0; i < n_all; i++)
        if (wanted(i, words)) all[kept++] = all[i];
    n_all = kept;
    for (int i = 0; i < n_all; i++)
        if (i == 0 || strcmp(all[i].file, all[i - 1].file) != 0) first[n++] = i;
    first[n] = n_all;
    return n;
}

/* The next of n files, the last first: steps and surfaces take longest. -1: none is left. The lock
 * is of the process: workers inherit one open counter. */
static int next_file(int counter, int n) {
    int taken = 0;
    check(lockf(counter, F_LOCK, 0) == 0 && pread(counter, &taken, sizeof taken, 0) >= 0);
    taken++;
    check(pwrite(counter, &taken, sizeof taken, 0) == sizeof taken);
    check(lockf(counter, F_ULOCK, 0) == 0);
    return n - taken;
}

enum { COUNTER = 20, COUNTS = 21 }; /* descriptors that workers inherit */

static tally run_file(const int *first, int f) {
    tally t = {0};
    for (int i = first[f]; i < first[f + 1] && !(t.failed && getenv("FAIL_FAST")); i++)
        run_one(i, &t);
    return t;
}

static void add(tally *sum, tally t) {
    sum->passed += t.passed, sum->failed += t.failed, sum->skipped += t.skipped;
}

static tally run_files(const int *first, int n, int counter) {
    tally sum = {0};
    for (int f; (f = next_file(counter, n)) >= 0 && !(sum.failed && getenv("FAIL_FAST"));)
        add(&sum, run_file(first, f));
    return sum;
}

/* ---- workers ---- */

static int work(const int *first, int n) {
    fcntl(COUNTER, F_SETFD, FD_CLOEXEC), fcntl(COUNTS, F_SETFD, FD_CLOEXEC);
    unsetenv("CHECK_WORKER");
    for (int f; (f = next_file(COUNTER, n)) >= 0;) {
        tally t = run_file(first, f);
        if (write(COUNTS, &t, sizeof t) != sizeof t) return 1;
        if (t.failed && getenv("FAIL_FAST")) break;
    }
    return 0;
}

static pid_t worker_start(char **argv) {
    pid_t child;
    posix_spawn_file_actions_t kept;
    posix_spawn_file_actions_init(&kept);
    posix_spawn_file_actions_adddup2(&kept, COUNTER, COUNTER);
    posix_spawn_file_actions_adddup2(&kept, COUNTS, COUNTS);
    check(posix_spawn(&child, "/proc/self/exe", &kept, NULL, argv, environ) == 0);
    posix_spawn_file_actions_destroy(&kept);
    return child;
}

static tally by_workers(int jobs, char **argv) {
    int ends[2];
    tally sum = {0}, one;
    check(pipe2(ends, O_CLOEXEC) == 0 && dup2(ends[1], COUNTS) == COUNTS && close(ends[1]) == 0);
    check(setenv("CHECK_WORKER", "1", 1) == 0);
    for (int j = 0; j < jobs; j++) worker_start(argv);
    close(COUNTS);
    while (read(ends[0], &one, sizeof one) == sizeof one) add(&sum, one);
    for (int status; wait(&status) > 0;)
        if (status != 0) sum.failed++, printf("FAILED  a worker ended early\n");
    return sum;
}

static int jobs_of(int n_files) {
    long jobs = getenv("JOBS") ? atol(getenv("JOBS")) : sysconf(_SC_NPROCESSORS_ONLN);
    return jobs < 1 ? 1 : jobs > n_files ? n_files : jobs > 64 ? 64 : (int)jobs;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGABRT, aborted);
    said_to = fcntl(1, F_DUPFD_CLOEXEC, 30);
    kernels_start();
    check(system("mkdir -p build/tests-tmp") == 0);
    (void)argc, (void)run_id();
    qsort(all, (size_t)n_all, sizeof all[0], by_place);
    int *first = calloc((size_t)n_all + 1, sizeof *first), n = files(first, argv + 1);
    if (getenv("CHECK_WORKER")) {
        int status = work(first, n);
        free(first);
        return status;
    }
    FILE *counter = tmpfile();
    check(counter != NULL && dup2(fileno(counter), COUNTER) == COUNTER);
    int jobs = jobs_of(n);
    tally t = jobs > 1 ? by_workers(jobs, argv) : run_files(first, n, COUNTER);
    free(first);
    printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped);
    if (n == 0) printf("no test has that in its name\n");
    return t.failed > 0 || t.passed + t.skipped == 0;
}
