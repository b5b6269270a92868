/* rfm_map: which name each of the 125 cells of recency, frequency and money has.
 *
 * Three maps: the eleven names of rfm.h; ten names as Shopify uses them; one's own. Shopify tells
 * its groups in words ("recent purchases, few orders, low spend"), by the recency score R and the
 * mean FM of the other two; the cells here follow those words:
 *
 *     FM            up to 2       2.5 or 3         3.5            4           4.5 or 5
 *     R = 5         New           Active           Active         Champions   Champions
 *     R = 4         Promising     Active           Active         Loyal       Loyal
 *     R = 3         Promising     Needs attention  Needs att.     Loyal       Loyal
 *     R = 2         Almost lost   Almost lost      At risk        At risk     Previously loyal
 *     R = 1         Dormant       Almost lost      At risk        At risk     Previously loyal
 *
 * Source of the words: Shopify, CustomerRfmGroup (its eleventh, Prospects, never ordered). */
#ifndef MODELS_SEGMENT_RFM_MAP_H
#define MODELS_SEGMENT_RFM_MAP_H

#include "base/text.h"
#include "models/segment/rfm.h"

enum { RFM_CELLS = 125 };

typedef struct rfm_map {
    int n;
    slice name[RFM_CELLS];  /* [n] distinct, in the order they were first given */
    int32_t of[RFM_CELLS];  /* place of the name of each cell; cells in the order 111, 112, … 555 */
} rfm_map;

rfm_map rfm_map_default(void);
rfm_map rfm_map_shopify(void);

/* From rows (cell as three digits R F M, name), which must give each cell once. */
bool rfm_map_own(rfm_map *m, const int64_t *cell, const slice *name, int64_t rows, err *e);

/* Place of the name of a score. */
int32_t rfm_map_name(const rfm_map *m, rfm_score s);

#endif
