/* exposures: the log of what was shown to whom, one JSON line an answer. */
#include "surfaces/exposures.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUEUE = 4 << 20 };

struct exposures {
    char path[4096], older[4100];
    int file;
    int64_t bytes, limit;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t writer;
    bool writing, stop;
    char *queue, *batch; /* [QUEUE] filled by all, written by one; exchanged */
    size_t n, lines;     /* of queue */
    _Atomic int64_t taken, dropped;
};

static bool open_file(exposures *x) {
    struct stat st;
    x->file = open(x->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (x->file < 0) return false;
    x->bytes = fstat(x->file, &st) == 0 ? st.st_size : 0;
    return true;
}

/* Whole lines only: what the disk refuses is counted as dropped, a half line is cut off again. */
static void write_batch(exposures *x, size_t n, size_t lines) {
    size_t done = 0;
    if (x->file < 0 && !open_file(x)) {
        atomic_fetch_add(&x->dropped, (int64_t)lines);
        return;
    }
    while (done < n) {
        ssize_t got = write(x->file, x->batch + done, n - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += (size_t)got;
    }
    if (done < n) {
        if (ftruncate(x->file, x->bytes) == 0) done = 0;
        atomic_fetch_add(&x->dropped, (int64_t)lines);
    }
    x->bytes += (int64_t)done;
    if (x->bytes < x->limit) return;
    close(x->file);
    x->file = -1;
    rename(x->path, x->older);
}

static void *write_on(void *what) {
    exposures *x = what;
    pthread_mutex_lock(&x->lock);
    while (!x->stop || x->n > 0) {
        if (x->n == 0) {
            pthread_cond_wait(&x->wake, &x->lock);
            continue;
        }
        char *full = x->queue;
        size_t n = x->n, lines = x->lines;
        x->queue = x->batch;
        x->batch = full;
        x->n = x->lines = 0;
        pthread_mutex_unlock(&x->lock);
        write_batch(x, n, lines);
        pthread_mutex_lock(&x->lock);
    }
    pthread_mutex_unlock(&x->lock);
    return NULL;
}

exposures *exposures_open(const char *path, int64_t limit, err *e) {
    exposures *x = calloc(1, sizeof *x);
    char *memory = x ? malloc(2 * QUEUE) : NULL;
    if (!memory) {
        free(x);
        fail(e, "out of memory");
        return NULL;
    }
    x->queue = memory;
    x->batch = memory + QUEUE;
    x->limit = limit;
    x->file = -1;
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->wake, NULL);
    bool fits = snprintf(x->path, sizeof x->path, "%s", path) < (int)sizeof x->path;
    snprintf(x->older, sizeof x->older, "%s.1", x->path);
    if (!fits) refuse(e, "the path of the log is too long: %.80s…", path);
    else if (!open_file(x)) fail_file(e, "open", path);
    else x->writing = pthread_create(&x->writer, NULL, write_on, x) == 0;
    if (x->writing) return x;
    if (x->file >= 0) fail(e, "cannot start the thread that writes %s", path);
    exposures_close(x);
    return NULL;
}

void exposures_close(void *log) {
    exposures *x = log;
    if (!x) return;
    pthread_mutex_lock(&x->lock);
    x->stop = true;
    pthread_cond_signal(&x->wake);
    pthread_mutex_unlock(&x->lock);
    if (x->writing) pthread_join(x->writer, NULL);
    if (x->file >= 0) close(x->file);
    free(x->queue < x->batch ? x->queue : x->batch);
    pthread_cond_destroy(&x->wake);
    pthread_mutex_destroy(&x->lock);
    free(x);
}

void exposures_add(exposures *x, slice line) {
    pthread_mutex_lock(&x->lock);
    bool fits = x->n + line.n + 1 <= QUEUE;
    if (fits) {
        memcpy(x->queue + x->n, line.p, line.n);
        x->queue[x->n + line.n] = '\n';
        x->n += line.n + 1;
        x->lines++;
        pthread_cond_signal(&x->wake);
    }
    pthread_mutex_unlock(&x->lock);
    atomic_fetch_add(fits ? &x->taken : &x->dropped, 1);
}

int64_t exposures_taken(const exposures *x) {
    return atomic_load((_Atomic int64_t *)(uintptr_t)&x->taken);
}

int64_t exposures_dropped(const exposures *x) {
    return atomic_load((_Atomic int64_t *)(uintptr_t)&x->dropped);
}
