/* coherence: do the words of a topic occur together, and do topics have words of their own.
 *
 *     NPMI(a, b) = ln(p_ab / (p_a p_b)) / -ln p_ab        in [-1, 1]
 *
 * with p the shares of texts that hold a word, or both, among the texts that hold any word at all.
 * -1 where they are never together, 1 where both are in every text. A topic's coherence is the mean
 * over the pairs of its words, a model's the mean over its topics (those with two words or more).
 * Diversity is the number of different words divided by the number of words.
 *
 * Source: Bouma, "Normalized (pointwise) mutual information in collocation extraction" (2009);
 * Dieng, Ruiz and Blei, "Topic modeling in embedding spaces" (2020). */
#ifndef MODELS_LANGUAGE_COHERENCE_H
#define MODELS_LANGUAGE_COHERENCE_H

#include "base/sparse.h"

typedef struct coherence {
    double npmi, diversity; /* of all topics */
    double *topic;          /* [k] NPMI of each; 0 with fewer than two words */
} coherence;

/* x: texts by terms, an entry where the term is in the text. words [k, m]: terms of each topic,
 * -1 past the last. topic lives in keep. */
coherence coherence_of(const sparse *x, const int32_t *words, int k, int m, arena *keep,
                       arena scratch);

/* Leaves `to` of the m words of each topic that go best together: the word with the smallest sum
 * of NPMI with the others goes (ties: the later one), one at a time. words and weight [k, m] keep
 * their order and close up; -1 and 0 past the last. Alokaili, Aletras and Stevenson, "Re-ranking
 * words to improve interpretability of automatically generated topics" (2019). */
void coherence_choose(const sparse *x, int32_t *words, double *weight, int k, int m, int to,
                      arena scratch);

#endif
