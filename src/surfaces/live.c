/* live: a run is told to an MLflow server while it goes on. */
#include "surfaces/live.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "surfaces/args.h"
#include "surfaces/deliver.h"
#include "surfaces/load.h"

static const double most_end = 30;  /* seconds for what is left when the run has ended */
static const double most_kill = 2;  /* and when it was killed */
static const double a_moment = 0.5;
static const int64_t look_every = 2; /* seconds */

struct live {
    facts facts;
    scope mine;  /* of the caller's thread: facts */
    scope sends; /* of the sender: spool, connection */
    spool *q;
    delivery d;
    pthread_t sender, watcher;
    pthread_mutex_t telling; /* facts, and the watcher's points */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool ending, over;  /* the last fact is told; the watcher is to end */
    atomic_bool closing, stop; /* no more comes; calls are to end */
    atomic_bool failing, given_up;
    double until; /* of args_clock, once closing */
    err why;      /* under lock */
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- signals: whichever thread gets one, the watcher hears of it ---- */

static int bell[2] = {-1, -1}; /* a pipe: a process tracks one run */
static struct sigaction before[2];
static const int ending_signals[2] = {SIGINT, SIGTERM};

static void ring(int number) {
    unsigned char byte = (unsigned char)number;
    ssize_t n = write(bell[1], &byte, 1);
    (void)n;
}

static bool hold_signals(err *e) {
    struct sigaction mine = {.sa_handler = ring, .sa_flags = SA_RESTART};
    if (bell[0] < 0 && pipe2(bell, O_CLOEXEC | O_NONBLOCK) != 0)
        return fail(e, "no pipe for tracking");
    for (int i = 0; i < 2; i++) {
        sigaction(ending_signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) sigaction(ending_signals[i], &mine, NULL);
    }
    return true;
}

static void release_signals(void) {
    for (int i = 0; i < 2; i++) sigaction(ending_signals[i], &before[i], NULL);
}

/* The signal that came within so many seconds; 0 = none or the end of the run. */
static int wait_signal(int64_t seconds) {
    struct pollfd p = {bell[0], POLLIN, 0};
    unsigned char number = 0;
    if (poll(&p, 1, (int)(seconds * 1000)) <= 0 || read(bell[0], &number, 1) != 1) return 0;
    return number;
}

static void give_up(live *l, const err *why) {
    pthread_mutex_lock(&l->lock);
    if (!atomic_load(&l->given_up)) l->why = *why;
    pthread_mutex_unlock(&l->lock);
    atomic_store(&l->given_up, true);
}

facts *live_tell(live *l) {
    pthread_mutex_lock(&l->telling);
    return &l->facts;
}

void live_told(live *l, const err *why) {
    pthread_mutex_unlock(&l->telling);
    if (why) give_up(l, why);
}

/* ---- the sender ---- */

static void after(double seconds, struct timespec *t) {
    clock_gettime(CLOCK_REALTIME, t);
    int64_t ns = t->tv_nsec + (int64_t)(seconds * 1e9);
    t->tv_sec += ns / 1000000000, t->tv_nsec = ns % 1000000000;
}

/* Until the end, or for so many seconds. */
static void pause_for(live *l, double seconds) {
    struct timespec t;
    after(seconds, &t);
    pthread_mutex_lock(&l->lock);
    if (!atomic_load(&l->closing)) pthread_cond_timedwait(&l->wake, &l->lock, &t);
    pthread_mutex_unlock(&l->lock);
}

static void *send_all(void *what) {
    live *l = what;
    uint64_t seed = slice_hash(slice_of(spool_about(l->q)->id));
    for (int failures = 0;;) {
        err why = {0};
        bool closing = atomic_load(&l->closing); /* before looking: nothing comes after it */
        if (closing && args_clock() > l->until) break;
        delivered did = deliver_next(&l->d, &why);
        atomic_store(&l->failing, did == DELIVERY_WAITS);
        if (did == DELIVERED_ONE) {
            failures = 0;
            continue;
        }
        if (did == DELIVERED_ALL) {
            if (closing) break;
            pause_for(l, 1);
            continue;
        }
        pthread_mutex_lock(&l->lock);
        if (!atomic_load(&l->given_up)) l->why = why;
        pthread_mutex_unlock(&l->lock);
        if (closing || did == DELIVERY_STOPPED) break;
        pause_for(l, deliver_pause(++failures, seed));
    }
    return NULL;
}

/* What is left goes out in so many seconds; of a server that did not answer last, in a moment. */
static void end_sender(live *l, double seconds) {
    struct timespec t;
    pthread_mutex_lock(&l->lock);
    l->until = args_clock() + seconds;
    atomic_store(&l->closing, true);
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    after(atomic_load(&l->failing) ? a_moment : seconds, &t);
    if (pthread_timedjoin_np(l->sender, NULL, &t) == 0) return;
    atomic_store(&l->stop, true);
    pthread_join(l->sender, NULL);
}

/* ---- the watcher ---- */

/* The run is KILLED on the server, and this process ends as the signal would have ended it. */
static void die(live *l, int number) {
    err ignored = {0};
    struct timespec t;
    after(most_kill, &t);
    if (!atomic_load(&l->ending) && pthread_mutex_timedlock(&l->telling, &t) == 0) {
        if (!atomic_load(&l->given_up))
            facts_end(&l->facts, "KILLED", strsignal(number), now_ms(), &ignored);
        end_sender(l, most_kill);
    }
    signal(number, SIG_DFL);
    raise(number);
    _exit(128 + number); /* where that was not enough */
}

static void look(live *l, load *seen, mlflow_batch *b, int64_t step) {
    err why = {0};
    pthread_mutex_lock(&l->telling);
    if (!atomic_load(&l->ending) && !atomic_load(&l->given_up)) {
        load_look(seen, b, step, now_ms());
        if (!mlflow_flush(b, &why)) give_up(l, &why);
    }
    pthread_mutex_unlock(&l->telling);
}

static void *watch(void *what) {
    live *l = what;
    load seen = {0};
    mlflow_batch b;
    err why = {0};
    if (!mlflow_batch_open(&b, l->q, "run", &why)) return give_up(l, &why), NULL;
    for (int64_t step = 0; !atomic_load(&l->over); step++) {
        look(l, &seen, &b, step);
        int got = wait_signal(look_every);
        if (got > 0 && !atomic_load(&l->over)) die(l, got);
    }
    mlflow_batch_close(&b, false, &why);
    return NULL;
}

/* ---- opening and closing ---- */

static void close_scope(void *what) { scope_close(what); }

live *live_open(scope *s, const track_server *to, const char *out, const char *about, int64_t began,
                err *e) {
    live *l = take(&s->keep, live, 1);
    char name[32];
    time_t seconds = (time_t)(began / 1000);
    struct tm at;
    gmtime_r(&seconds, &at);
    strftime(name, sizeof name, "%Y%m%d-%H%M%S", &at);
    if (!scope_open(&l->mine, (size_t)1 << 30, 0, e)) return NULL;
    scope_defer(s, close_scope, &l->mine);
    if (!scope_open(&l->sends, (size_t)1 << 30, 0, e)) return NULL;
    scope_defer(s, close_scope, &l->sends);
    rest *r = rest_open(&l->sends, to->url, to->login, to->seconds, e);
    const char *file = arena_text(&s->keep, "%s-%d", name, (int)getpid());
    l->q = r ? spool_create(&l->sends, out, file, to->url, e) : NULL;
    if (!l->q || !delivery_open(&l->d, l->q, r, &l->sends, e)) return NULL;
    rest_stop_when(r, &l->stop);
    l->facts = (facts){.to = l->q, .out = out, .experiment = to->experiment, .began = began,
                       .s = &l->mine};
    const js_node *run = js_parse(&l->mine, slice_of(about), e);
    if (!run || !facts_begin(&l->facts, run, e)) return NULL;
    pthread_mutex_init(&l->telling, NULL);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->wake, NULL);
    if (!hold_signals(e)) return NULL;
    if (pthread_create(&l->sender, NULL, send_all, l) != 0)
        return fail(e, "no thread for tracking"), NULL;
    if (pthread_create(&l->watcher, NULL, watch, l) != 0) {
        end_sender(l, 0);
        return fail(e, "no thread for tracking"), NULL;
    }
    return l;
}

void live_close(live *l, const char *status, const char *why, live_sent *out) {
    err e = {0};
    const facts *f = live_tell(l);
    atomic_store(&l->ending, true);
    bool told = !atomic_load(&l->given_up);
    if (told && !status) spool_ends(l->q), told = mlflow_run_delete(l->q, "run", &e);
    else if (told) told = facts_end(&l->facts, status, why, now_ms(), &e);
    live_told(l, e.kind != ERR_NONE ? &e : NULL);
    end_sender(l, most_end);
    atomic_store(&l->over, true);
    ring(0); /* ends its wait */
    pthread_join(l->watcher, NULL);
    const spool_state *state = spool_about(f->to);
    *out = (live_sent){.run = spool_value(l->q, "run"), .waiting = state->added - state->done,
                       .refused = state->refused, .calls = l->d.calls, .points = l->d.points,
                       .spool = state->path, .why = l->why};
    out->all = out->waiting == 0 && told;
    release_signals();
}
