/* segment_present: the customers as they are now, in segments by every method, with ids that last.
 *
 * Methods: rfm (names of the scores), kmeans (clusters), gmm (the clusters with soft edges),
 * hdbscan (by density: some customers are in none, label -1). A segment keeps id and name of the
 * run before as long as half of its customers do (identity.h); a new one gets the method's next
 * number, which is never used again. The run before is what the output folder's 10_serve holds;
 * where that is this very run (the same labels), what it knew as the run before: so a step that is
 * run again writes the same bytes. */
#ifndef PIPELINE_SEGMENT_PRESENT_H
#define PIPELINE_SEGMENT_PRESENT_H

#include "data/store.h"
#include "models/segment/identity.h"
#include "pipeline/segment_density.h"
#include "pipeline/segment_mixture.h"

typedef enum segment_method_kind {
    SEGMENT_BY_RFM,
    SEGMENT_BY_KMEANS,
    SEGMENT_BY_GMM,
    SEGMENT_BY_HDBSCAN,
    SEGMENT_METHODS
} segment_method_kind;

typedef struct segment_method {
    const char *name, *title;
    const char *skipped; /* NULL, or why it is not there: then k = 0 */
    int k;
    int32_t *label;      /* [n] of the block's customers, -1 = none */
    double *strength;    /* [n] probability, or NULL: 1 each */
    double *outlier;     /* [n] GLOSH, 0 … 1, NaN = not known; NULL: not of this method */
    slice *ids, *names;  /* [k] */
    int32_t next;        /* the number of the next new segment */
    int k_before;        /* segments of the run before, 0 = there was none */
    int32_t *before;     /* [n] their labels, -1 = none */
    slice *ids_before, *names_before; /* [k_before] */
    identity match;      /* when k_before > 0 */
} segment_method;

enum { SEGMENT_SAMPLED = 100000 }; /* customers; more are a sample between the windows' ends */

typedef struct segment_present {
    segment_block b;
    segmentation m;
    segment_mixture mixture;
    segment_density density;
    rfm_score *rfm; /* [n] */
    slice *customer_id; /* [n] */
    segment_method methods[SEGMENT_METHODS];
} segment_present;

/* The present in s->keep; b.n < SEGMENT_LEAST and nothing else when there are too few customers. */
bool segment_present_see(segment_present *p, work *w, scope *s, bool judge, err *e);

/* The segments of today for the customers of an earlier block of bases: label [m][then->n]. */
void segment_present_apply(const segment_present *p, const work *w, const segment_block *then,
                           int32_t *label[SEGMENT_METHODS], scope *s);

/* Ids and names of all methods: from the run before, new ones else (segment_previous.c). */
bool segment_previous_name(segment_present *p, work *w, scope *s, err *e);

/* What the next run needs to keep ids, into segment.atm: customers = all of the shop. */
bool segment_previous_put(const segment_present *p, store_writer *out, int64_t customers,
                          scope *s, err *e);

#endif
