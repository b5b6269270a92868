/* lab: memory and threads for a test of models. */
#include "lab.h"

#include <string.h>

void lab_open(lab *l, int threads) {
    memset(l, 0, sizeof *l);
    check_ok(scope_open(&l->s, (size_t)512 << 20, (size_t)256 << 20, &l->e), &l->e);
    check_ok((l->threads = pool_open(threads, 8 << 20, &l->e)) != NULL, &l->e);
}

void lab_close(lab *l) {
    pool_close(l->threads);
    scope_close(&l->s);
}
