/* paths: time of the moves of many sessions, as the Paths page counts them.
 *
 *     make build/release/bench/paths && build/release/bench/paths MILLIONS
 *
 * Sessions of ten events of eight names, half a user's; moves of six steps with users and times. */
#include <stdio.h>
#include <stdlib.h>

#include "models/behaviour/paths.h"

#include "lib/clock.h"

enum { NAMES = 8, EACH = 10, ROUNDS = 7 };

static uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static paths_log make(int64_t n, arena *keep) {
    int64_t sessions = n / EACH, *first = take(keep, int64_t, sessions + 1);
    int64_t *time = take_raw(keep, int64_t, n);
    uint8_t *token = take_raw(keep, uint8_t, n);
    int32_t *user = take_raw(keep, int32_t, sessions);
    for (int64_t k = 0, i = 0; k < sessions; k++) {
        int64_t t = (int64_t)(mixed((uint64_t)k) % 86400) * 1000000;
        user[k] = (int32_t)(k / 2);
        for (first[k + 1] = first[k] + EACH; i < first[k + 1]; i++) {
            uint64_t x = mixed((uint64_t)i + 77);
            time[i] = t += (int64_t)(x % 600) * 1000000;
            token[i] = (uint8_t)((x >> 32) % NAMES);
        }
    }
    return (paths_log){NAMES, sessions, first, token, time, user};
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int64_t n = (argc > 1 ? atoll(argv[1]) : 30) * 1000000;
    double took[ROUNDS];
    scope s;
    err e = {0};
    pool *threads = pool_open(2, 1 << 20, &e);
    if (!threads || !scope_open(&s, (size_t)n * 10 + (256 << 20), (size_t)512 << 20, &e)) return 1;
    paths_log log = make(n, &s.keep);
    for (int i = 0; i < ROUNDS; i++) {
        arena keep = s.keep; /* forgotten at once */
        paths_graph g;
        double start = clock_wall();
        paths_count(&g, &log, PATHS_DEFAULTS, threads, &keep, s.scratch);
        took[i] = clock_wall() - start;
    }
    qsort(took, ROUNDS, sizeof *took, ascending);
    printf("%lld million events, 2 threads, moves of six steps: median %.0f ms, least %.0f ms\n",
           (long long)(n / 1000000), 1e3 * took[ROUNDS / 2], 1e3 * took[0]);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
