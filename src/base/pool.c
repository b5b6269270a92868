/* pool: parallel for over chunks; nothing else about threads. */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

typedef struct worker {
    pool *owner;
    pthread_t thread;
    scope memory;
    bool running, has_memory;
} worker;

struct pool {
    int threads;
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    pool_work *work;
    void *what;
    int64_t next, chunks;
    uint64_t round; /* grows with each pool_for */
    int busy;       /* helpers still in this round */
    bool stop;
    worker workers[];
};

static void run_chunks(pool *p, worker *w) {
    for (;;) {
        int64_t chunk = __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED);
        if (chunk >= p->chunks) return;
        p->work(p->what, chunk, w->memory.scratch);
    }
}

static void *helper(void *argument) {
    worker *w = argument;
    pool *p = w->owner;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->round == seen && !p->stop) pthread_cond_wait(&p->wake, &p->lock);
        if (p->stop) break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        run_chunks(p, w);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0) pthread_cond_signal(&p->idle);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool start(pool *p, size_t scratch, err *e) {
    for (int i = 0; i < p->threads; i++) {
        worker *w = &p->workers[i];
        w->owner = p;
        if (!scope_open(&w->memory, 0, scratch, e)) return false;
        w->has_memory = true;
        if (i == 0) continue; /* the caller is worker 0 */
        if (pthread_create(&w->thread, NULL, helper, w) != 0)
            return fail(e, "cannot start thread %d of %d", i + 1, p->threads);
        w->running = true;
    }
    return true;
}

pool *pool_open(int threads, size_t scratch, err *e) {
    assert(threads >= 1);
    pool *p = calloc(1, sizeof *p + (size_t)threads * sizeof(worker));
    if (!p) {
        fail_memory(e, "a pool of threads");
        return NULL;
    }
    p->threads = threads;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->idle, NULL);
    if (start(p, scratch, e)) return p;
    pool_close(p);
    return NULL;
}

void pool_close(pool *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads; i++) {
        if (p->workers[i].running) pthread_join(p->workers[i].thread, NULL);
        if (p->workers[i].has_memory) scope_close(&p->workers[i].memory);
    }
    pthread_cond_destroy(&p->idle);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

int pool_threads(const pool *p) { return p->threads; }

void pool_for(pool *p, int64_t chunks, pool_work *work, void *what) {
    pthread_mutex_lock(&p->lock);
    assert(p->busy == 0 && "pool_for must not nest");
    p->work = work;
    p->what = what;
    p->chunks = chunks;
    __atomic_store_n(&p->next, 0, __ATOMIC_RELAXED);
    p->busy = p->threads - 1;
    p->round++;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    run_chunks(p, &p->workers[0]);
    pthread_mutex_lock(&p->lock);
    while (p->busy > 0) pthread_cond_wait(&p->idle, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

int pool_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}
