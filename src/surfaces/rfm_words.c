/* rfm_words: cut points of scores as people write them. */
#include "surfaces/rfm_words.h"

#include <string.h>

bool rfm_words_cuts(slice words, double cut[RFM_CUTS]) {
    slice rest = words;
    for (int i = 0; i < RFM_CUTS; i++) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
        if (!slice_double(slice_trim((slice){rest.p, n}), &cut[i]) ||
            (i < RFM_CUTS - 1) != (comma != NULL))
            return false;
        rest = comma ? (slice){comma + 1, rest.n - n - 1} : (slice){rest.p + n, 0};
    }
    return true;
}
