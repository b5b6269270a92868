/* uncased: what the uncased BERT normaliser makes of one character (Unicode code point).
 *
 * Four treatments: dropped (controls, format characters, marks that only accent, U+FFFD), a space,
 * a word of its own (punctuation, CJK ideographs), or letters of a word: decomposed (NFD), without
 * accents, lower-cased; one character may become up to three. The tables are written by
 * tools/uncased.py, which asks the reference for every code point: it mixes tables of several
 * Unicode versions, so no single version would agree.
 *
 *     uncased_form f = uncased_of(0xC9);   // E with acute: UNCASED_LETTER, 1, {'e'}
 *
 * Source: Devlin, Chang, Lee, Toutanova, "BERT" (2019), and its BasicTokenizer. */
#ifndef MODELS_LANGUAGE_UNCASED_H
#define MODELS_LANGUAGE_UNCASED_H

#include <stdint.h>

typedef enum uncased_kind {
    UNCASED_DROP,
    UNCASED_SPACE,
    UNCASED_ALONE,
    UNCASED_LETTER
} uncased_kind;

typedef struct uncased_form {
    uncased_kind kind;
    int n;          /* characters, 0 for DROP and SPACE */
    uint32_t to[3]; /* [n] */
} uncased_form;

uncased_form uncased_of(uint32_t code);

/* ---- the tables: sorted by code, from U+0080 on ---- */

typedef struct uncased_run { /* first, first + step, … last are treated alike */
    uint32_t first, last;
    uint8_t step, kind;
    int32_t add; /* to the code */
} uncased_run;
typedef struct uncased_single { /* a letter that becomes another one */
    uint32_t code, to;
} uncased_single;
typedef struct uncased_several {
    uint32_t code, to[3]; /* 0 = no more */
} uncased_several;

extern const uncased_run uncased_runs[];
extern const uncased_single uncased_singles[];
extern const uncased_several uncased_severals[];
extern const int uncased_n_runs, uncased_n_singles, uncased_n_severals;
extern const uint32_t uncased_compat_basic[474], uncased_compat_supplement[542];

#endif
