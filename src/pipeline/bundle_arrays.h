/* bundle_arrays: arrays out of a model file of the bundle, with their shapes and values checked.
 *
 * Each function fails with a sentence that names the array, what it holds and what was expected.
 * `out` is the address of a typed pointer into the mapped file. */
#ifndef PIPELINE_BUNDLE_ARRAYS_H
#define PIPELINE_BUNDLE_ARRAYS_H

#include "data/store.h"
#include "pipeline/bundle.h"

/* rows or *cols below 0: any, and *cols gets what there is. */
bool bundle_get(const store *m, const char *name, store_type type, int64_t rows, int64_t *cols,
                void *out, err *e);
bool bundle_get_column(const store *m, const char *name, store_type type, int64_t rows, void *out,
                       err *e);
bool bundle_get_texts(const store *m, const char *name, int64_t n, bundle_texts *out, err *e);

/* Every value lies in [low, high). */
bool bundle_within(const char *name, const int32_t *v, int64_t n, int64_t low, int64_t high,
                   err *e);
/* Days of the years 1 to 9999, or BUNDLE_NO_DAY; sums with days and weeks stay whole numbers. */
bool bundle_days(const char *name, const int32_t *v, int64_t n, err *e);
bool bundle_within_u8(const char *name, const uint8_t *v, int64_t n, int64_t high, err *e);

/* at[n + 1] ascends from 0 to `entries`. */
bool bundle_rows(const char *name, const int64_t *at, int64_t n, int64_t entries, err *e);

/* Rows of the arrays NAME_at, NAME_col and NAME_value; rows below 0: any. */
bool bundle_get_sparse(const store *m, const char *name, int64_t rows, int64_t cols, sparse *to,
                       err *e);

/* What bundle.c opens by these, one function per file. */
bool bundle_open_ids(bundle *b, const store *m, err *e);
bool bundle_open_recommend(bundle *b, const store *m, err *e);
bool bundle_open_segment(bundle *b, const store *m, err *e);
bool bundle_open_events(bundle *b, const store *m, err *e);
bool bundle_open_search(bundle *b, const store *m, err *e);

/* An empty look-up for n entries in keep. */
bool bundle_index_open(bundle_index *x, arena *keep, int64_t n, int32_t **slots, err *e);
uint64_t bundle_mix(uint64_t h); /* FNV's low bits are weak in a power-of-two table */

#endif
