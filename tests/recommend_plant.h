/* recommend_plant: a shop of three tastes in tables of the engine, for tests of recommendations. */
#ifndef TESTS_RECOMMEND_PLANT_H
#define TESTS_RECOMMEND_PLANT_H

#include "check.h"
#include "pipeline/work.h"

/* A work with an engine and threads; s->keep and scratch of 4 GB each. */
void plant_open(work *w, scope *s, int threads, const char *out);
void plant_run(work *w, const char *sql);

/* 300 customers, each of three tastes (20 of 60 articles), buy on 12 days; 299 in the test only. */
void plant_shop(work *w);

/* The tables of step 04 that the ranker reads; plant_shop makes them, too. */
void plant_features(work *w);

/* What a tuning chose: no number is the default. */
void plant_choose(scope *s, const char *out, bool ranker);

#endif
