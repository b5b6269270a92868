/* funnel: time of a 4-step funnel and of cutting sessions, beside DuckDB's SQL of the same.
 *
 *     make build/release/bench/funnel && build/release/bench/funnel MILLIONS
 *
 * Events are sorted by user and time, 20 a user on average, no two at one time. The engine's table
 * has a fifth of them (windows over all would not fit): its time is told for an event. */
#include <stdio.h>
#include <stdlib.h>

#include "data/db.h"
#include "models/behaviour/funnel.h"
#include "models/behaviour/sessions.h"

#include "lib/clock.h"

#define WINDOW (INT64_C(7) * 86400 * 1000000)

static uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Step of an event: half are views, a fifth clicks, …; a tenth serve nothing. */
static int step_of(uint64_t x) {
    int at = (int)(x % 100);
    return at < 50 ? 0 : at < 70 ? 1 : at < 82 ? 2 : at < 90 ? 3 : 4;
}

static void make(funnel_events *v, int64_t n, arena *keep) {
    int64_t units = n / 20, *first = take(keep, int64_t, units + 1), *time = take(keep, int64_t, n);
    uint32_t *serves = take(keep, uint32_t, n);
    for (int64_t u = 0, i = 0; u < units; u++) {
        int64_t t = (int64_t)(mixed((uint64_t)u) % 86400) * 1000000;
        for (first[u + 1] = first[u] + 20; i < first[u + 1]; i++) {
            uint64_t x = mixed((uint64_t)i + 77);
            t += 1000000 + (int64_t)(x % (x % 4 ? 1200 : 200000)) * 1000000;
            time[i] = t;
            serves[i] = 1u << step_of(x >> 32) & 15;
        }
    }
    *v = (funnel_events){units, first[units], first, time, serves};
}

static double best_of(double a, double b) { return a < b ? a : b; }

static double by_us(const funnel_events *v, int threads, int64_t *counts, scope *s, err *e) {
    pool *p = pool_open(threads, 1 << 20, e);
    double best = 1e9;
    funnel_params f = {.steps = 4, .window = WINDOW};
    for (int round = 0; round < 3; round++) {
        arena keep = s->keep;
        funnel_outcome o;
        double start = clock_wall();
        funnel_run(&o, v, &f, p, &keep);
        best = best_of(best, clock_wall() - start);
        for (int k = 0; k < 4; k++) counts[k] = 0;
        for (int64_t u = 0; u < o.units; u++)
            for (int k = 0; k < o.level[u]; k++) counts[k]++;
    }
    pool_close(p);
    return best;
}

static double cut(const funnel_events *v, int threads, int64_t *found, scope *s, err *e) {
    pool *p = pool_open(threads, 1 << 20, e);
    double best = 1e9;
    arena keep = s->keep;
    int64_t *session = take(&keep, int64_t, v->n);
    sessions_events events = {v->units, v->n, v->first, v->time};
    for (int round = 0; round < 3; round++) {
        double start = clock_wall();
        *found = sessions_cut(&events, SESSIONS_DEFAULTS, p, session);
        best = best_of(best, clock_wall() - start);
    }
    pool_close(p);
    return best;
}

static bool put(db *d, const funnel_events *v, int64_t n, scope *s, err *e) {
    static const char *const names[] = {"u", "t", "e"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I64, COLUMN_I32};
    arena keep = s->keep;
    columns c = columns_new(&keep, 3, names, types, n);
    for (int64_t u = 0; u < v->units && v->first[u + 1] <= n; u++)
        for (int64_t i = v->first[u]; i < v->first[u + 1]; i++) {
            c.at[0].i32[i] = (int32_t)u, c.at[1].i64[i] = v->time[i];
            c.at[2].i32[i] = (int32_t)v->serves[i];
        }
    return db_put(d, "log", &c, e);
}

static const char funnel_sql[] =
    "WITH a AS (SELECT *, max(CASE WHEN e = 1 THEN t END) OVER w AS a FROM log WINDOW w AS "
    "(PARTITION BY u ORDER BY t)), b AS (SELECT *, max(CASE WHEN e = 2 AND t - a <= 604800000000 "
    "THEN a END) OVER w AS b FROM a WINDOW w AS (PARTITION BY u ORDER BY t)), "
    "c AS (SELECT *, max(CASE WHEN e = 4 AND t - b <= 604800000000 THEN b END) OVER w AS c FROM b "
    "WINDOW w AS (PARTITION BY u ORDER BY t)), d AS (SELECT u, max(a) AS a, max(b) AS b, "
    "max(c) AS c, max(CASE WHEN e = 8 AND t - c <= 604800000000 THEN c END) AS d FROM c GROUP BY "
    "u) SELECT count(a) AS a, count(b) AS b, count(c) AS c, count(d) AS d FROM d";

static const char session_sql[] =
    "SELECT sum(CAST(begins AS BIGINT))::BIGINT AS n FROM (SELECT t - lag(t) OVER (PARTITION BY u "
    "ORDER BY t) > 1800000000 OR lag(t) OVER (PARTITION BY u ORDER BY t) IS NULL AS begins "
    "FROM log)";

int main(int argc, char **argv) {
    int64_t n = (argc > 1 ? atoll(argv[1]) : 100) * 1000000 / 20 * 20, part = n / 5 / 20 * 20;
    int64_t counts[4], sessions;
    scope s;
    err e = {0};
    db *d;
    columns c;
    funnel_events v, fifth;
    if (!scope_open(&s, (size_t)16 << 30, 1 << 20, &e)) return 1;
    make(&v, n, &s.keep);
    fifth = v, fifth.units = part / 20, fifth.n = part;
    for (int threads = 1; threads <= 2; threads++) {
        double funnel = by_us(&v, threads, counts, &s, &e);
        double gap = cut(&v, threads, &sessions, &s, &e);
        printf("%lld million events, %d threads: funnel %.3f s, sessions %.3f s\n",
               (long long)(n / 1000000), threads, funnel, gap);
    }
    double ours = by_us(&fifth, 2, counts, &s, &e) / (double)part;
    double cuts = cut(&fifth, 2, &sessions, &s, &e) / (double)part;
    if (!db_open(&d, (db_params){2, 8192, "build/bench-spill"}, &e) || !put(d, &v, part, &s, &e))
        return 1;
    double start = clock_wall();
    if (!db_query(d, &s.keep, &c, &e, "%s", funnel_sql)) return 1;
    double theirs = (clock_wall() - start) / (double)part;
    for (int k = 0; k < 4; k++)
        if (c.at[k].i64[0] != counts[k]) printf("step %d differs\n", k + 1);
    start = clock_wall();
    if (!db_query(d, &s.keep, &c, &e, "%s", session_sql)) return 1;
    double lags = (clock_wall() - start) / (double)part;
    if (c.at[0].i64[0] != sessions) printf("sessions differ\n");
    printf("2 threads, a fifth of them, nanoseconds an event: funnel %.1f, DuckDB %.1f: %.0f times "
           "as fast; sessions %.1f, DuckDB %.1f: %.0f times\n", 1e9 * ours, 1e9 * theirs,
           theirs / ours, 1e9 * cuts, 1e9 * lags, lags / cuts);
    db_close(d);
    scope_close(&s);
    return 0;
}
