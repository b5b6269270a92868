/* session: how long one session query takes over 1,000,000 sessions of 100,000 items.
 *
 *     make build/release/bench/session && build/release/bench/session */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "models/recommend/session.h"

#include "lib/clock.h"

enum { SESSIONS = 1000000, ITEMS = 100000, QUERIES = 20000, K = 20 };

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Items by a power law: item = ITEMS u^3, so the first hundredth gets a fifth of all. */
static int32_t draw_item(rng *r) {
    double u = rng_uniform(r);
    return (int32_t)(ITEMS * u * u * u);
}

int main(void) {
    scope s;
    err e = {0};
    if (!scope_open(&s, (size_t)4 << 30, (size_t)1 << 30, &e)) return 1;
    int64_t *at = take(&s.keep, int64_t, SESSIONS + 1);
    int32_t *item = take(&s.keep, int32_t, SESSIONS * 20);
    rng r = rng_open(1, 1);
    for (int64_t n = 0; n < SESSIONS; n++) {
        at[n + 1] = at[n] + 1 + rng_poisson(&r, 5);
        if (at[n + 1] > at[n] + 20) at[n + 1] = at[n] + 20;
        for (int64_t i = at[n]; i < at[n + 1]; i++) item[i] = draw_item(&r);
    }
    session_model m;
    session_params p = SESSION_DEFAULTS;
    double start = clock_wall();
    if (!session_fit(&m, SESSIONS, ITEMS, at, item, p, &s.keep, s.scratch, &e)) return 1;
    printf("%lld interactions, index built in %.2f s\n", (long long)at[SESSIONS],
           clock_wall() - start);
    session_work w = session_work_open(&m, &s.keep);
    double *took = take(&s.keep, double, QUERIES);
    int32_t ids[K], asked[10];
    float scores[K];
    for (int q = 0; q < QUERIES; q++) {
        int n = 1 + q % 10;
        for (int i = 0; i < n; i++) asked[i] = draw_item(&r);
        start = clock_wall();
        session_query(&m, n, asked, (session_rule){.k = K, .self = -1}, ids, scores, &w,
                      s.scratch);
        took[q] = 1e3 * (clock_wall() - start);
    }
    qsort(took, QUERIES, sizeof *took, by_size);
    printf("a query of 1 to 10 items: p50 %.3f ms, p90 %.3f ms, p99 %.3f ms\n",
           took[QUERIES / 2], took[QUERIES * 9 / 10], took[QUERIES * 99 / 100]);
    scope_close(&s);
    return 0;
}
