/* identity: which segment of a new clustering is which of the old one, so that names survive.
 *
 * Of all one-to-one pairings of old and new segments, the one with most customers in common
 * (Hungarian method). A pair keeps the old id when its Jaccard overlap |old and new| / |old or new|
 * is `keep` or more. What keeps no id is told apart by `part`, the share that counts as much:
 *
 *     merged   two or more old segments bring `part` of the new one's customers each
 *     split    an old segment gives `part` of its customers to this and to another new one each
 *     born     neither
 *
 * An old segment whose id nobody keeps has died. Label -1 is no segment (noise, not there then).
 * Source: Kuhn, "The Hungarian method for the assignment problem" (1955). */
#ifndef MODELS_SEGMENT_IDENTITY_H
#define MODELS_SEGMENT_IDENTITY_H

#include "base/arena.h"

typedef enum identity_event {
    IDENTITY_KEPT,
    IDENTITY_SPLIT,
    IDENTITY_MERGED,
    IDENTITY_BORN,
    IDENTITY_EVENTS
} identity_event;
extern const char *const identity_events[IDENTITY_EVENTS]; /* kept split merged born */

typedef struct identity_params {
    double keep, part; /* in (0, 1] */
} identity_params;
#define IDENTITY_DEFAULTS ((identity_params){0.5, 0.3})

typedef struct identity_segment {
    int32_t old;    /* whose id it keeps, -1 = none */
    double jaccard; /* with its partner in the pairing, 0 without one */
    identity_event event;
    int n_from;
    int32_t *from;  /* [n_from] old segments it comes from, ascending */
} identity_segment;

typedef struct identity {
    identity_segment *segments; /* [k_after] */
    bool *died;                 /* [k_before] */
} identity;

/* Labels of the same n customers, -1 … k-1. Everything lives in keep. */
identity identity_match(const int32_t *before, int k_before, const int32_t *after, int k_after,
                        int64_t n, identity_params p, arena *keep, arena scratch);

/* of[row] = column (each at most once) such that the sum of gain [rows, cols] >= 0 is largest, -1 =
 * none; of equal sums always the same one. */
void identity_assign(const double *gain, int rows, int cols, int32_t *of, arena scratch);

#endif
