/* clv: seconds to fit one model of buying or spending to a file of histories, for bench/clv.py.
 *
 * Usage: clv FILE ROWS MODEL THREADS TIME: FILE holds five columns of ROWS float64: frequency,
 * recency, T, mean money, purchases in the TIME after T. MODEL is bgnbd, mbgnbd, paretonbd or
 * gammagamma. Prints as JSON the best of three of collapsing and fitting by the wall and by
 * processor seconds, the parameters, the log-likelihood, and of a model of buying the share of the
 * later purchases that its first tenth of the customers made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/segment/clv.h"
#include "models/segment/gammagamma.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "clv: %s\n", what);
    exit(1);
}

int main(int argc, char **argv) {
    must(argc == 6, "FILE ROWS MODEL THREADS TIME");
    int64_t n = atoll(argv[2]), histories = 0;
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)4 << 30, (size_t)4 << 30, &e), e.text);
    double *at[5], wall = 1e9, cpu = 1e9, capture = 0;
    FILE *f = fopen(argv[1], "rb");
    for (int i = 0; i < 5; i++) {
        at[i] = take_raw(&s.keep, double, n);
        must(f && fread(at[i], sizeof(double), (size_t)n, f) == (size_t)n, argv[1]);
    }
    must(fclose(f) == 0, argv[1]);
    pool *threads = pool_open(atoi(argv[4]), 1 << 20, &e);
    must(threads != NULL, e.text);
    clv_params p = CLV_DEFAULTS;
    while (p.kind < CLV_KINDS && strcmp(clv_names[p.kind], argv[3]) != 0) p.kind++;
    likelihood_fit fit = {0};
    for (int round = 0; round < 3; round++) {
        arena keep = s.keep;
        patterns c;
        clv_model m;
        gammagamma g;
        double w = clock_seconds(CLOCK_MONOTONIC), used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        if (p.kind == CLV_KINDS) {
            must(gammagamma_fit(&g, at[0], at[3], n, 0, threads, s.scratch, &e), e.text);
            fit = g.fit;
        } else {
            must(patterns_of(&c, at[0], at[1], at[2], n, &keep, s.scratch, &e), e.text);
            must(clv_fit(&m, &c, p, threads, s.scratch, &e), e.text);
            fit = m.fit;
        }
        double took = clock_seconds(CLOCK_MONOTONIC) - w;
        if (took < wall) wall = took;
        used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
        if (used < cpu) cpu = used;
        if (p.kind == CLV_KINDS || round > 0) continue;
        histories = c.n;
        capture = clv_examine(&m, &c, at[4], atof(argv[5]), s.scratch).capture;
    }
    printf("{\"wall\": %.6f, \"cpu\": %.6f, \"log_likelihood\": %.9g, \"capture\": %.9g, "
           "\"histories\": %lld, \"parameters\": [%.9g, %.9g, %.9g, %.9g]}\n",
           wall, cpu, fit.value, capture, (long long)histories, fit.p[0], fit.p[1], fit.p[2],
           fit.p[3]);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
