/* segment_words: the customer features that are known by name: what they are, say and form.
 *
 * Segments are formed of three groups of features (value, rhythm, price) and described by all:
 * where, when and what a customer buys should tell segments apart, not make them. */
#ifndef PIPELINE_SEGMENT_WORDS_H
#define PIPELINE_SEGMENT_WORDS_H

#include <stdbool.h>

typedef enum segment_group {
    SEGMENT_VALUE,
    SEGMENT_RHYTHM,
    SEGMENT_PRICE,
    SEGMENT_DESCRIBES, /* no part in forming */
} segment_group;

typedef struct segment_word {
    const char *feature; /* column without f_ */
    segment_group group;
    bool log;            /* the column is ln(1 + x) of what it is about */
    const char *label, *unit;
    const char *high, *low; /* how a high and a low value sound in a name */
} segment_word;

/* NULL when the feature is not known. */
const segment_word *segment_word_of(const char *feature);

/* What a column's value is about: x in its unit, from ln(1 + x) where it is kept so. */
double segment_word_raw(const segment_word *word, double value);

#endif
