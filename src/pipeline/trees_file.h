/* trees_file: ensembles of trees as arrays of a model file (store.h), under names with a prefix.
 *
 * Arrays: PREFIX.head F64 [1, 5]: layout (1), features, link, sets, measure that stopped the fit;
 * .at I64 [trees + 1]; .nodes I32 [5, nodes]: feature, left, right, rows, set; .kind U8 and
 * .threshold F32 [nodes]; .value F64 and .leaf_rows I32 [nodes + trees]; .set_at I64 [sets + 1];
 * .set_bits I32 [words]; .gain F64 [features]. What they mean stands in models/trees.h.
 *
 *     trees_put(w, "ranker", &m, e) && store_close(w, e)
 *     trees_get(&m, file, "ranker", &s->keep, s->scratch, e)     // ready for trees_score */
#ifndef PIPELINE_TREES_FILE_H
#define PIPELINE_TREES_FILE_H

#include "data/store.h"
#include "models/trees.h"

enum { TREES_PREFIX = 40 }; /* most bytes of a prefix */

bool trees_put(store_writer *w, const char *prefix, const trees *m, err *e);

/* True when the file has trees of that name. */
bool trees_stored(const store *file, const char *prefix);

/* The trees live in keep, without the file. Arrays that are missing, of a wrong size or no trees
 * (a child out of range or met twice, a feature beyond the columns, …) are refused as the world's
 * mistake, with the prefix and the reason. */
bool trees_get(trees *m, const store *file, const char *prefix, arena *keep, arena scratch,
               err *e);

#endif
