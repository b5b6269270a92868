/* pelt: the cheapest of all cuttings, found without looking at most of them. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/pelt.h"

enum { N = 120 };

typedef struct row {
    double sum[N + 1], squares[N + 1]; /* running */
    int least, *looks;
    bool poisson; /* -2 log likelihood of counts, often below 0; else squares about the mean */
} row;

static double cost(const void *what, int a, int b) {
    const row *r = what;
    check(a >= 0 && b <= N && b - a >= r->least); /* no other piece has a cost */
    ++*r->looks;
    double n = b - a, y = r->sum[b] - r->sum[a];
    if (r->poisson) return y > 0 ? -2 * (y * log(y / n) - y) : 0;
    return r->squares[b] - r->squares[a] - y * y / n;
}

/* The last piece's beginning by trying every beginning of every end. */
static void by_trying_all(const row *r, double penalty, int32_t *from) {
    double best[N + 1];
    best[0] = -penalty;
    for (int b = 1; b <= N; b++) {
        best[b] = INFINITY;
        for (int a = 0; b - a >= r->least; a++) {
            double all = best[a] + cost(r, a, b) + penalty;
            if (all < best[b]) best[b] = all, from[b] = a;
        }
    }
}

CHECK(pelt_equals_trying_all) {
    static row r;
    int all = 0, looks = 0;
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 16, 1 << 16, &e), &e);
    for (int round = 0; round < 240; round++) {
        rng random = rng_open(21, (uint64_t)round);
        int32_t from[N + 1], wanted[N + 1];
        r.least = 1 + round % 6, r.poisson = round % 2;
        for (int t = 0; t < N; t++) { /* levels of 11, 22 … values */
            double level = 3 + (t / (11 * (1 + round % 3)) * 7) % 5;
            double y = r.poisson ? (double)rng_poisson(&random, level)
                                 : level + rng_normal(&random);
            r.sum[t + 1] = r.sum[t] + y, r.squares[t + 1] = r.squares[t] + y * y;
        }
        double penalty = (1 + round % 4) * log(N);
        r.looks = &all;
        by_trying_all(&r, penalty, wanted);
        r.looks = &looks;
        pelt_cut(cost, &r, N, r.least, penalty, from, s.scratch);
        for (int b = r.least; b <= N; b++) check(from[b] == wanted[b]);
    }
    check(looks < all); /* each beginning that lives is looked at twice: fewer than half live */
    scope_close(&s);
}
