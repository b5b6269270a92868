/* store: model files: named arrays in one flat file that is mapped read-only.
 *
 * Layout, little-endian: 64-byte header "ATELIER1", kind (16 bytes), number of arrays, total bytes,
 * SHA-256 prefix of the rest; a table of 96-byte entries (name, type, rows, cols, offset); then
 * the arrays, each aligned to 64 bytes. Opening checks magic, kind, sizes and the checksum.
 *
 *     store_writer *w = store_create(s, path, "recommend", e);
 *     return w && store_put(w, "scores", STORE_F32, users, k, scores, e) && store_close(w, e);
 *
 *     const store *m = store_open(s, path, "recommend", e);
 *     const float *scores = store_get(m, "scores", STORE_F32, &rows, &cols);  // or NULL */
#ifndef DATA_STORE_H
#define DATA_STORE_H

#include "base/text.h"

typedef enum store_type { STORE_U8, STORE_I32, STORE_I64, STORE_F32, STORE_F64 } store_type;

typedef struct store store;
typedef struct store_writer store_writer;

store_writer *store_create(scope *owner, const char *path, const char *kind, err *e);
bool store_put(store_writer *w, const char *name, store_type type, int64_t rows, int64_t cols,
               const void *data, err *e);
/* The same in pieces, for arrays that memory need not hold: room for it, then `rows` rows from
 * `first` on, in any order. Rows that are never written are 0. */
int store_reserve(store_writer *w, const char *name, store_type type, int64_t rows, int64_t cols);
bool store_put_rows(store_writer *w, int array, int64_t first, int64_t rows, const void *data,
                    err *e);
/* n texts, as arrays NAME.at (I64, n+1 offsets) and NAME.bytes (U8). */
bool store_put_texts(store_writer *w, const char *name, const slice *texts, int64_t n, err *e);
bool store_close(store_writer *w, err *e); /* writes the table and checksum, syncs */

const store *store_open(scope *owner, const char *path, const char *kind, err *e);
/* The same without the checksum, for a file whose bytes were just checked by its manifest. */
const store *store_map(scope *owner, const char *path, const char *kind, err *e);
/* The same for bytes in memory that stay where they are (a file that the program carries), which
 * begin at a multiple of 64; name is for sentences. */
const store *store_open_bytes(scope *owner, slice bytes, const char *name, const char *kind,
                              err *e);
const void *store_get(const store *m, const char *name, store_type type, int64_t *rows,
                      int64_t *cols);
int64_t store_texts(const store *m, const char *name); /* how many; -1 when absent */
slice store_text(const store *m, const char *name, int64_t i);

#endif
