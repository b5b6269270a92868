/* vectors: unit vectors of many texts by an encoder, computed once for equal texts and kept.
 *
 *     encoder_file f;
 *     vectors_params p = {.threads = pool, .cache = "atelier-out/.vectors"};
 *     vectors_told told;
 *     float *v = vectors_make(&f, texts, n, &p, clock, &told, s, e);   // [n, f.model.wide]
 *
 * A text is cut into pieces; pieces seen before (in this run, or in the cache) are not encoded
 * again. A text without a letter, digit or sign is [CLS] [SEP] to the encoder, and counted. A text
 * whose p is NULL gets a vector of zeros. */
#ifndef PIPELINE_VECTORS_H
#define PIPELINE_VECTORS_H

#include "base/pool.h"
#include "pipeline/encoder_file.h"
#include "pipeline/work.h"

typedef struct vectors_params {
    pool *threads;
    const char *cache; /* folder; NULL = none */
    progress progress; /* ticks in pieces, and what people should know */
} vectors_params;

/* Counts of texts, and seconds on the clock that was passed in. */
typedef struct vectors_told {
    int64_t texts, missing, empty, cut, distinct, cached, encoded;
    int64_t pieces, encoded_pieces; /* of all texts; of those that were encoded */
    int32_t longest;                /* pieces */
    double tokenize_s, cache_s, encode_s;
} vectors_told;

/* NULL when refused; the vectors [n, wide] live in s->keep. clock gives seconds. */
float *vectors_make(const encoder_file *f, const slice *texts, int64_t n, const vectors_params *p,
                    double (*clock)(void), vectors_told *told, scope *s, err *e);

#endif
