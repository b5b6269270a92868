/* segment_tiles: what step 09 says of the customers, and what step 10 publishes of them. */
#ifndef PIPELINE_SEGMENT_TILES_H
#define PIPELINE_SEGMENT_TILES_H

#include "pipeline/family.h"
#include "pipeline/segment_block.h"

bool segment_insight(work *w, folder *f, scope *s, js *report, err *e);
bool segment_publish(work *w, folder *f, scope *s, js *home, err *e);

/* Writes "skipped" and returns true when a block is too small. */
bool segment_skips(const segment_block *b, js *report);

#endif
