/* language_tiles: what step 09 says of the reviews, and what step 10 publishes of them. */
#ifndef PIPELINE_LANGUAGE_TILES_H
#define PIPELINE_LANGUAGE_TILES_H

#include "pipeline/family.h"
#include "pipeline/language_data.h"

bool language_insight(work *w, folder *f, scope *s, js *report, err *e);
bool language_publish(work *w, folder *f, scope *s, js *home, err *e);

#endif
