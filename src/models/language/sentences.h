/* sentences: a text cut into sentences, at . ! ? ; and line ends and before the word "but".
 *
 * "Fits well but itches." is two: whole reviews lie together by garment, sentences by what is said
 * of it. A sentence has a letter or digit (or a byte above ASCII), no space at its ends and no end
 * mark; 3.5 is not cut. Slices point into the text. */
#ifndef MODELS_LANGUAGE_SENTENCES_H
#define MODELS_LANGUAGE_SENTENCES_H

#include "base/text.h"

/* Writes at most `most` sentences to out (NULL: counts them); returns how many there are. */
int64_t sentences_of(slice from, slice *out, int64_t most);

#endif
