/* prelude: the words that the SQL files use and each engine spells in its own way
 * (sql/prelude_duckdb.sql). Every step that runs SQL files calls it first; again does no harm. */
#ifndef PIPELINE_PRELUDE_H
#define PIPELINE_PRELUDE_H

#include "pipeline/work.h"

bool prelude_run(db *d, err *e);

/* work_table for several names, in their order; the array ends with NULL. Progress is told. */
bool prelude_tables(const work *w, folder *f, const char *step, const char *const *names, err *e);

#endif
