/* faults: a library to preload under the program that fails, cuts, kills or shifts at one call.
 *
 *     FAULT=KIND FAULT_AT=N FAULT_ERRNO=E LD_PRELOAD=faults.so atelier run …
 *
 * Kinds, each at the N-th call of its sort (N = 0: none fails):
 *     open       files opened for writing        write   whole or part of a file's bytes
 *     sync       fsync, fdatasync                rename  renames, exchanges, new folders
 *     malloc     memory asked for by the program itself; library: by anything else; map: mmap
 *     kill       SIGKILL at the N-th of all of the first four; of a write half is done before
 *     power      like kill, and every byte that no fsync followed is lost
 *     short      no fault: every write stops half-way
 *     FAULT_COUNT=FILE   at the end, the number of calls of each sort goes there
 *     FAULT_CLOCK=S      the clock is S seconds off; FAULT_CLOCK_STEP=S: further with every look */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { OPEN, WRITE, SYNC, RENAME, MALLOC, LIBRARY, MAP, ALL, SORTS };
static const char *const names[SORTS] = {"open",   "write",   "sync", "rename",
                                         "malloc", "library", "map",  "kill"};
static atomic_long seen[SORTS];
static long at;
static int failing = -1, with = EIO;
static bool kills, power, shortened;
static uintptr_t from, to; /* the program's own code */

/* ---- set up ---- */

static int program(struct dl_phdr_info *info, size_t n, void *unused) {
    (void)n, (void)unused;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            to = from + info->dlpi_phdr[i].p_memsz;
        }
    return 1; /* the first is the program */
}

__attribute__((constructor)) static void begin(void) {
    const char *kind = getenv("FAULT");
    dl_iterate_phdr(program, NULL);
    if (getenv("FAULT_AT")) at = atol(getenv("FAULT_AT"));
    if (getenv("FAULT_ERRNO")) with = atoi(getenv("FAULT_ERRNO"));
    if (!kind) return;
    power = strcmp(kind, "power") == 0;
    kills = power || strcmp(kind, "kill") == 0;
    shortened = strcmp(kind, "short") == 0;
    for (int i = 0; i < ALL; i++)
        if (strcmp(kind, names[i]) == 0) failing = i;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNT");
    int file = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666)
                    : -1;
    for (int i = 0; file >= 0 && i < SORTS; i++)
        dprintf(file, "%s %ld\n", names[i], (long)seen[i]);
}

/* ---- what no fsync followed: held open so that it can be cut when the power goes ---- */

enum { MOST = 4096 };
static struct {
    dev_t device;
    ino_t node;
    int file; /* ours; 0 = free */
} dirty[MOST];
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void lock(void) {
    while (atomic_flag_test_and_set(&busy)) continue;
}

static void soil(int file, bool clean) {
    struct stat st;
    if (!power || fstat(file, &st) != 0 || !S_ISREG(st.st_mode)) return;
    lock();
    int place = -1;
    for (int i = 0; i < MOST; i++) {
        if (dirty[i].file && dirty[i].node == st.st_ino && dirty[i].device == st.st_dev) {
            place = i;
            break;
        }
        if (!dirty[i].file && place < 0) place = i;
    }
    if (clean && place >= 0 && dirty[place].file) close(dirty[place].file), dirty[place].file = 0;
    if (!clean && place >= 0 && !dirty[place].file) {
        dirty[place].file = fcntl(file, F_DUPFD_CLOEXEC, 3);
        dirty[place].device = st.st_dev, dirty[place].node = st.st_ino;
    }
    atomic_flag_clear(&busy);
}

static void die(void) {
    lock();
    for (int i = 0; power && i < MOST; i++)
        if (dirty[i].file && ftruncate(dirty[i].file, 0) != 0) continue;
    kill(getpid(), SIGKILL);
    pause();
}

/* ---- the one decision ---- */

static bool fails(int sort) {
    long n = atomic_fetch_add(&seen[sort], 1) + 1;
    if (sort < MALLOC) {
        long all = atomic_fetch_add(&seen[ALL], 1) + 1;
        if (kills && all == at && sort != WRITE) die();
        if (kills && all == at) return true; /* the write dies half-way */
    }
    if (sort != failing || n != at) return false;
    errno = with;
    return true;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* ---- files ---- */

static bool is_file(int file) {
    struct stat st;
    return fstat(file, &st) == 0 && S_ISREG(st.st_mode);
}

static bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list args; \
        va_start(args, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0; \
        va_end(args); \
        if (writes(flags) && fails(OPEN)) return -1; \
        return real(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define FOPENS(name) \
    FILE *name(const char *path, const char *mode) { \
        REAL(name); \
        if (*mode != 'r' && fails(OPEN)) return NULL; \
        return real(path, mode); \
    }
FOPENS(fopen)
FOPENS(fopen64)

static size_t cut(size_t n) { return shortened && n > 1 ? n / 2 : n; }

ssize_t write(int file, const void *bytes, size_t n) {
    REAL(write);
    if (!is_file(file)) return real(file, bytes, n);
    if (fails(WRITE)) {
        if (!kills) return -1;
        if (real(file, bytes, n / 2) >= 0) soil(file, false);
        die();
    }
    soil(file, false);
    return real(file, bytes, cut(n));
}

#define PWRITES(name) \
    ssize_t name(int file, const void *bytes, size_t n, off_t place) { \
        REAL(name); \
        if (fails(WRITE)) { \
            if (!kills) return -1; \
            if (real(file, bytes, n / 2, place) >= 0) soil(file, false); \
            die(); \
        } \
        soil(file, false); \
        return real(file, bytes, cut(n), place); \
    }
PWRITES(pwrite)
PWRITES(pwrite64)

size_t fwrite(const void *bytes, size_t size, size_t count, FILE *file) {
    REAL(fwrite);
    if (!is_file(fileno(file))) return real(bytes, size, count, file);
    if (fails(WRITE)) {
        if (!kills) return 0;
        real(bytes, size, count / 2, file);
        fflush(file);
        die();
    }
    soil(fileno(file), false);
    return real(bytes, size, count, file);
}

/* What the C library holds back is written here: a full disk is noticed by these two. */
int fflush(FILE *file) {
    REAL(fflush);
    if (file && is_file(fileno(file)) && fails(WRITE)) return kills ? die(), EOF : EOF;
    return real(file);
}

int fclose(FILE *file) {
    REAL(fclose);
    bool bad = fileno(file) > 2 && is_file(fileno(file)) &&
               writes(fcntl(fileno(file), F_GETFL)) && fails(WRITE);
    if (bad && kills) die();
    int done = real(file);
    if (bad) errno = with;
    return bad ? EOF : done;
}

#define SYNCS(name) \
    int name(int file) { \
        REAL(name); \
        if (fails(SYNC)) return -1; \
        soil(file, true); \
        return real(file); \
    }
SYNCS(fsync)
SYNCS(fdatasync)

int rename(const char *old, const char *new) {
    REAL(rename);
    return fails(RENAME) ? -1 : real(old, new);
}
int renameat2(int a, const char *old, int b, const char *new, unsigned flags) {
    REAL(renameat2);
    return fails(RENAME) ? -1 : real(a, old, b, new, flags);
}
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    return fails(RENAME) ? -1 : real(path, mode);
}

/* ---- memory ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static bool no_memory(const void *caller) {
    bool own = (uintptr_t)caller >= from && (uintptr_t)caller < to;
    int held = with;
    with = ENOMEM;
    bool no = fails(own ? MALLOC : LIBRARY);
    with = held;
    return no;
}

void *malloc(size_t n) {
    return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}
void *calloc(size_t n, size_t size) {
    return no_memory(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}
void *realloc(void *p, size_t n) {
    return no_memory(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}
void *mmap(void *place, size_t n, int rights, int flags, int file, off_t offset) {
    if (fails(MAP)) return errno = ENOMEM, MAP_FAILED;
    return (void *)syscall(SYS_mmap, place, n, rights, flags, file, offset);
}

/* ---- the clock ---- */

static time_t shift(void) {
    static atomic_long looks;
    const char *off = getenv("FAULT_CLOCK"), *step = getenv("FAULT_CLOCK_STEP");
    return (off ? atol(off) : 0) + (step ? atol(step) * atomic_fetch_add(&looks, 1) : 0);
}

int clock_gettime(clockid_t id, struct timespec *t) {
    int done = (int)syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) t->tv_sec += shift();
    return done;
}
int gettimeofday(struct timeval *t, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    return *t = (struct timeval){now.tv_sec, now.tv_nsec / 1000}, 0;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
