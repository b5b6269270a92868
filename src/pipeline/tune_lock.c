/* tune_lock: one writer of a journal at a time, among ours and Optuna's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/tune_journal.h"

enum { GRACE_S = 30, NAP_LEAST_MS = 1, NAP_MOST_MS = 1000, NAME = 4200 };

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void nap(int ms) {
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

bool journal_process_lives(int64_t process) {
    return kill((pid_t)process, 0) == 0 || errno != ESRCH;
}

static void holder_of(char to[320]) {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    snprintf(to, 320, "%s %d\n", host, (int)getpid());
}

/* True when the lock names a process of this machine that is gone. */
static bool is_left_over(const char *lock) {
    char said[320] = "", ours[320], host[256];
    int process = 0, file = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return false;
    ssize_t n = read(file, said, sizeof said - 1);
    close(file);
    holder_of(ours);
    size_t named = strcspn(ours, " ");
    snprintf(host, sizeof host, "%.*s", (int)named, ours);
    return n > 0 && strncmp(said, host, named) == 0 &&
           sscanf(said + named, " %d\n", &process) == 1 && process > 0 &&
           !journal_process_lives(process);
}

/* Takes the lock away by a rename, so that of two who try it one finds nothing. */
static void take_away(const char *lock) {
    char gone[NAME + 64];
    snprintf(gone, sizeof gone, "%s.%d.rename", lock, (int)getpid());
    if (rename(lock, gone) == 0) unlink(gone);
}

/* When what the lock stands for last changed: a link's journal, or the lock file itself. */
static int64_t changed_at(const char *lock) {
    struct stat st;
    if (stat(lock, &st) != 0 && lstat(lock, &st) != 0) return -1;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static bool try_lock(const char *lock) {
    char holder[320];
    int file = open(lock, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (file < 0) return false;
    holder_of(holder);
    ssize_t ignored = write(file, holder, strlen(holder)); /* without it the lock is as optuna's */
    (void)ignored;
    close(file);
    return true;
}

bool journal_lock(const char *path, err *e) {
    char lock[NAME];
    snprintf(lock, sizeof lock, "%s.lock", path);
    int64_t seen = -1;
    double since = seconds();
    for (int ms = NAP_LEAST_MS; !try_lock(lock); ms = ms * 2 < NAP_MOST_MS ? ms * 2 : NAP_MOST_MS) {
        if (errno != EEXIST) return fail_file(e, "create", lock);
        int64_t now = changed_at(lock);
        if (now != seen) seen = now, since = seconds();
        if (is_left_over(lock) || seconds() - since > GRACE_S) take_away(lock);
        nap(ms);
    }
    return true;
}

void journal_unlock(const char *path) {
    char lock[NAME];
    snprintf(lock, sizeof lock, "%s.lock", path);
    take_away(lock);
}
