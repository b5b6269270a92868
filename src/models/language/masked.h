/* masked: a text with its disguised words written out, to be read beside the text itself.
 *
 *     1d10t -> idiot     digits and signs that stand for letters, inside a word that has letters
 *     stuuuupid -> stuupid stupid    three or more of a letter: two of it, and one
 *     i d i o t, i.d.i.o.t -> idiot  three or more single letters, at most a third of them signs;
 *                                    also without an "a" or "i" in front
 *     id-iot, stu.pid -> id iot idiot    a word parted by a sign: its parts, and joined
 *     zero-width characters and accents go; letters of other alphabets that look Latin
 *     (Cyrillic, Greek, full width, mathematical, circled) become Latin; all in lower case
 *
 * An asterisk inside a word stays in its place (`id*ot`): only a vocabulary can tell what it hides
 * (toxicity.h); those around a word (`**so**`) go. Words come out parted by single spaces. The
 * result serves to be scored, not read ("5k" becomes "sk"): the text itself is scored too, and the
 * masked one can only raise suspicion.
 *
 *     char *out = take(&s.keep, char, masked_room(from.n));
 *     slice words = {out, masked_text(from, out)};
 *
 * Kinds of disguise: Hosseini, Kannan, Zhang, Poovendran, "Deceiving Google's Perspective API"
 * (2017); Gröndahl et al., "All you need is 'love': evading hate speech detection" (2018). */
#ifndef MODELS_LANGUAGE_MASKED_H
#define MODELS_LANGUAGE_MASKED_H

#include "base/text.h"

/* Bytes that masked_text may write for a text of n bytes. */
size_t masked_room(size_t n);

/* Words of from, disguises undone, joined by single spaces, into out; returns the bytes. */
size_t masked_text(slice from, char *out);

#endif
