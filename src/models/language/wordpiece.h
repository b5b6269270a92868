/* wordpiece: texts as numbers of word pieces, as the uncased BERT models were trained on.
 *
 * A text is cleaned, accents are stripped and letters lower-cased (uncased.h); spaces part words,
 * punctuation marks and CJK ideographs are words of their own. A word of at most 100 characters is
 * cut greedily into the longest pieces of the vocabulary, where every piece but the first is looked
 * up with "##" in front; a longer word, or one that cannot be cut, becomes [UNK]. The result is
 * [CLS] pieces [SEP], cut off so that it has at most `most` numbers.
 *
 *     wordpiece_open(&w, pieces, n, &s->keep, e)
 *     int32_t n = wordpiece_encode(&w, text, 512, ids, &cut);
 *
 * Bytes that are not UTF-8 are passed over, like U+FFFD. Equal to Hugging Face `tokenizers` 0.23.3
 * on every code point, with two exceptions: [CLS], [SEP], [UNK], [PAD] and [MASK] in a text
 * are text here, not special tokens; and where two combining marks follow each other that the
 * reference keeps (its tables are old), they stay in the order in which they were written.
 * Source: Devlin et al., "BERT" (2019); Wu et al., "Google's neural machine translation" (2016). */
#ifndef MODELS_LANGUAGE_WORDPIECE_H
#define MODELS_LANGUAGE_WORDPIECE_H

#include "base/text.h"

enum { WORDPIECE_WORD = 100 }; /* characters of a word; a longer one is unknown */

typedef struct wordpiece {
    int32_t n;
    const slice *piece;           /* [n] in the caller's memory */
    int32_t unknown, begin, end;  /* numbers of [UNK], [CLS], [SEP] */
    size_t longest;               /* bytes of the longest piece, without ## */
    int64_t slots;                /* a power of two */
    struct wordpiece_slot *slot;  /* [slots] open addressing */
} wordpiece;

/* pieces in the order of their numbers, n in 1 … 2^24. The lookup lives in keep, the pieces stay
 * where they are. Refused: no [UNK], [CLS] or [SEP] among them. */
bool wordpiece_open(wordpiece *w, const slice *pieces, int32_t n, arena *keep, err *e);

/* Pieces of a text into ids [most], most >= 2. Returns how many; cut (may be NULL) tells whether
 * some did not fit. */
int32_t wordpiece_encode(const wordpiece *w, slice from, int32_t most, int32_t *ids, bool *cut);

#endif
