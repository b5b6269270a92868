/* language_aspects: the aspects that reviews speak of: plain English texts, mentions, tiles.
 *
 * HTML is taken away; a text in another language, an empty one and one of signs alone have no
 * mentions and are counted. */
#ifndef PIPELINE_LANGUAGE_ASPECTS_H
#define PIPELINE_LANGUAGE_ASPECTS_H

#include "models/language/aspects.h"

typedef struct aspects_texts {
    int64_t n, empty, other_language; /* texts; of them: without a letter; not English */
    slice *plain; /* [n] without HTML; p NULL where a text is not read */
} aspects_texts;

/* Makes n texts ready for aspects_read, in s->keep. A text whose p is NULL stays so, uncounted. */
aspects_texts language_aspects_texts(const slice *texts, int64_t n, pool *threads, scope *s);

#endif
