/* reconcile: seconds to make the forecasts of a tree add up, for bench/reconcile.py.
 *
 * Usage: reconcile NODES STEPS FILE: node i > 0 has the parent (i - 1) / 30; the forecasts are
 * f[i][k] = 1 + ((i * 7919 + k * 104729) % 1000) / 100; variances "struct". Writes the result as
 * float64 to FILE and prints {"seconds"} of the solution alone. */
#include <stdio.h>
#include <stdlib.h>

#include "models/forecast/reconcile.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "reconcile: %s\n", what);
    exit(1);
}

int main(int argc, char **argv) {
    must(argc == 4, "NODES STEPS FILE");
    int32_t n = atoi(argv[1]);
    int steps = atoi(argv[2]);
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)4 << 30, (size_t)4 << 30, &e), e.text);
    int32_t *parent = take(&s.keep, int32_t, n);
    double *f = take(&s.keep, double, (int64_t)n * steps), *v = take(&s.keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        parent[i] = i ? (int32_t)((i - 1) / 30) : -1;
        for (int64_t k = 0; k < steps; k++)
            f[i * steps + k] = 1 + (double)((i * 7919 + k * 104729) % 1000) / 100;
    }
    reconcile_tree t = {n, parent};
    must(reconcile_tree_check(&t, &e), e.text);
    double start = clock_wall();
    reconcile_tree_leaves(&t, v);
    reconcile_tree_solve(&t, v, steps, false, f, s.scratch);
    printf("{\"seconds\": %.6f}\n", clock_wall() - start);
    FILE *out = fopen(argv[3], "wb");
    size_t cells = (size_t)n * (size_t)steps;
    must(out && fwrite(f, sizeof *f, cells, out) == cells && fclose(out) == 0, argv[3]);
    scope_close(&s);
    return 0;
}
