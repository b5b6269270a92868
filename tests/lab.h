/* lab: memory and threads for a test of models. */
#ifndef TESTS_LAB_H
#define TESTS_LAB_H

#include "check.h"

#include "base/pool.h"

typedef struct lab {
    scope s;
    pool *threads;
    err e;
} lab;

void lab_open(lab *l, int threads);
void lab_close(lab *l);

#endif
