/* shop: raw tables made by a test instead of read from files; steps run one at a time on them. */
#ifndef TESTS_SHOP_H
#define TESTS_SHOP_H

#include "pipeline/stage.h"

/* A work with an engine and an output folder of its own, all raw tables there and empty. The
 * engine closes with s. */
work shop_open(scope *s, const char *name, int threads);

/* INSERT INTO raw_… of a test: any SQL; fails the test when refused. */
void shop_sql(work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fills `files` from the rows of the raw tables (nothing was set aside in reading). */
void shop_files(work *w);

/* Runs one step into its folder of w->out and commits it. */
bool shop_step(work *w, const stage *step, err *e);

/* One number of a query. */
int64_t shop_count(work *w, const char *sql);

/* Raw tables from the real H&M sample and, when asked for, the reviews and the named events; false
 * when the data is not here. */
bool shop_real(work *w, bool reviews_and_events);

#endif
