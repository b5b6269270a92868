/* rfm_words: cut points of scores as people write them. */
#ifndef SURFACES_RFM_WORDS_H
#define SURFACES_RFM_WORDS_H

#include "base/text.h"
#include "models/segment/rfm.h"

/* "1,2,4,9": four numbers, in any order (rfm_cuts_check looks at it). */
bool rfm_words_cuts(slice words, double cut[RFM_CUTS]);

#endif
