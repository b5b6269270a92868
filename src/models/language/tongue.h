/* tongue: the language a text is written in: English, another one, or too little to tell.
 *
 * Letters first: when most of a text's letters are not Latin, the script is the answer ("Cyrillic
 * script", "Chinese or Japanese", …). Else every word is looked up, without accents, in lists of
 * common words of 14 languages (two points to each language that has it); a word that no list has
 * gives one point for each of its trigrams that a language is fond of; a letter that few languages
 * have (`ß`, `ø`, `ł`, `ñ` …) gives its languages one. The lists are in tools/tongue.py.
 * Let b be the points of the best other language, e those of English, w the words of letters:
 *
 *     OTHER    b >= 4 from two words or more,  b >= 2 e,  b >= w / 2,  and a listed word or letter
 *              that English has not, or else points from four words or more
 *     ENGLISH  e >= 2  and  e >= b
 *     UNKNOWN  else: a word or two, names, sizes, emoji
 *
 * The rule leans to English: an English review taken for foreign is lost, a foreign one taken for
 * unknown is read in vain. At most 16 KiB of a text are looked at.
 *
 *     const char *language;
 *     if (tongue_of(text, &language) == TONGUE_OTHER) count(language);    // "German"
 *
 * HTML should be gone before (plain.h). Function words tell languages apart: Ingle, "A language
 * identification table", The Incorporated Linguist 15 (1976); trigrams: Cavnar and Trenkle,
 * "N-gram-based text categorization" (1994). */
#ifndef MODELS_LANGUAGE_TONGUE_H
#define MODELS_LANGUAGE_TONGUE_H

#include "base/text.h"

typedef enum tongue { TONGUE_UNKNOWN, TONGUE_ENGLISH, TONGUE_OTHER } tongue;

/* language (may be NULL) is the likeliest language or script, static text; NULL when UNKNOWN. */
tongue tongue_of(slice from, const char **language);

/* ---- the tables, written by tools/tongue.py ---- */

typedef struct tongue_entry { /* a word, or a trigram with `_` for a word's end */
    const char *word;
    uint16_t languages; /* bit i: tongue_names[i] */
} tongue_entry;

enum { TONGUES = 15, TONGUE_EN = 0 };
extern const char *const tongue_names[TONGUES];
extern const tongue_entry tongue_words[], tongue_trigrams[]; /* in the order of bytes */
extern const int tongue_n_words, tongue_n_trigrams;

#endif
