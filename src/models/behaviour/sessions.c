/* sessions: cutting each unit's events into visits. */
#include "models/behaviour/sessions.h"

#include <assert.h>

#define UNITS_PER_CHUNK 8192
#define DAY             (INT64_C(86400) * 1000000)

typedef struct job {
    const sessions_events *v;
    sessions_params p;
    int64_t *session;
} job;

const char *sessions_check(sessions_params p) {
    if (p.gap < 1) return "the gap between sessions must be positive";
    if (p.longest < 0) return "the longest session must not be negative";
    return NULL;
}

static int64_t day_of(int64_t t) { return t / DAY - (t % DAY < 0); }

static bool begins(const job *j, int64_t start, int64_t before, int64_t t) {
    return t - before > j->p.gap || (j->p.longest && t - start > j->p.longest) ||
           (j->p.midnight && day_of(t) != day_of(before));
}

/* Numbers the sessions of a chunk of units from 0. */
static void number_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const job *j = what;
    const int64_t *time = j->v->time;
    int64_t end = (chunk + 1) * UNITS_PER_CHUNK, n = -1;
    if (end > j->v->units) end = j->v->units;
    for (int64_t u = chunk * UNITS_PER_CHUNK; u < end; u++) {
        int64_t start = 0;
        for (int64_t i = j->v->first[u]; i < j->v->first[u + 1]; i++) {
            if (i == j->v->first[u] || begins(j, start, time[i - 1], time[i])) n++, start = time[i];
            j->session[i] = n;
        }
    }
}

/* Adds what the chunks before have: known only once all are numbered. */
int64_t sessions_cut(const sessions_events *v, sessions_params p, pool *threads, int64_t *session) {
    assert(!sessions_check(p));
    job j = {.v = v, .p = p, .session = session};
    int64_t chunks = (v->units + UNITS_PER_CHUNK - 1) / UNITS_PER_CHUNK, n = 0;
    pool_for(threads, chunks, number_chunk, &j);
    for (int64_t c = 0; c < chunks; c++) {
        int64_t last = (c + 1) * UNITS_PER_CHUNK < v->units ? (c + 1) * UNITS_PER_CHUNK : v->units;
        int64_t from = v->first[c * UNITS_PER_CHUNK], to = v->first[last];
        if (from == to) continue;
        int64_t own = session[to - 1] + 1;
        if (n)
            for (int64_t i = from; i < to; i++) session[i] += n;
        n += own;
    }
    return n;
}
