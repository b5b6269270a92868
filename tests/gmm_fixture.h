/* gmm_fixture: memory and threads of the tests of Gaussian mixtures, a fit that succeeds. */
#ifndef TESTS_GMM_FIXTURE_H
#define TESTS_GMM_FIXTURE_H

#include <string.h>

#include "check.h"
#include "models/segment/gmm_parts.h"

typedef struct fixture {
    scope s;
    pool *threads;
    err e;
} fixture;

static inline void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 256 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 1 << 20, &f->e);
    check(f->threads != NULL);
}

static inline void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

static inline gmm_model fit(fixture *f, const kmeans_data *data, gmm_params p) {
    gmm_model m;
    check_ok(gmm_fit(&m, data, p, f->threads, &f->s.keep, f->s.scratch, &f->e), &f->e);
    return m;
}

#endif
