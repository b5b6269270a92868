/* encoder: a BERT encoder of sentences, forward only: pieces of texts in, unit vectors out.
 *
 * With H wide vectors, A heads of D = H / A, and for each piece t of a text at position p(t):
 *
 *     x_t = norm(word[t] + position[p(t)] + type)
 *     layers times:  x = norm(x + (softmax(q k' / sqrt D) v) Wo + bo)   with q, k, v = x W + b
 *                    x = norm(x + gelu(x W1 + b1) W2 + b2)
 *     answer = mean of x_t over the text's pieces (or x of its first piece), divided by its length
 *
 * norm(x) = scale (x - mean) / sqrt(variance + eps) + shift; gelu(x) = x/2 (1 + erf(x / sqrt 2)).
 *
 * Texts are laid end to end without padding; every number of a text depends on that text alone, so
 * neither its neighbours nor the number of threads change a bit of its vector.
 *
 *     int32_t *ids = …; int64_t *at = …;                    // pieces of text i: at[i] … at[i + 1]
 *     encoder_run(&m, &texts, threads, vectors, s->scratch); // [n, H]
 *
 * Source: Devlin et al., "BERT" (2019); Reimers and Gurevych, "Sentence-BERT" (2019); Hendrycks and
 * Gimpel, "Gaussian error linear units" (2016). */
#ifndef MODELS_LANGUAGE_ENCODER_H
#define MODELS_LANGUAGE_ENCODER_H

#include "base/pool.h"

enum {
    ENCODER_PANEL = 32, /* columns of a panel: W of k rows is kept as [columns / 32][k][32] */
    ENCODER_ROWS = 12,  /* rows are worked on in blocks of so many */
};

typedef enum encoder_pooling { ENCODER_MEAN, ENCODER_FIRST } encoder_pooling;

/* y = x W + b: W of `from` rows and `to` columns, in panels. Layers lie one behind the other. */
typedef struct encoder_linear {
    const float *weight; /* [layers][to / 32][from][32] */
    const float *bias;   /* [layers][to] */
    struct encoder_bytes *bytes; /* [layers] the same in bytes (encoder_bytes.h), or NULL */
} encoder_linear;

typedef struct encoder_norm {
    const float *scale, *shift; /* [layers][H] */
} encoder_norm;

/* All arrays are the caller's (a mapped file). */
typedef struct encoder_model {
    int32_t layers, wide, heads, inner; /* wide = H, inner = columns of W1 */
    int32_t words, positions;           /* rows of the tables */
    float eps;
    encoder_pooling pooling;
    const float *word, *position, *type; /* [words, H], [positions, H], [H] */
    encoder_norm first;                  /* one layer of it */
    encoder_linear qkv, out, up, down;   /* H to 3H, H to H, H to inner, inner to H */
    encoder_norm after_attention, after_inner;
} encoder_model;

typedef struct encoder_texts {
    int64_t n;
    const int32_t *ids; /* [at[n]] numbers of pieces, 0 … words-1 */
    const int64_t *at;  /* [n + 1]; a text has 1 … positions pieces */
} encoder_texts;

/* NULL, or the reason why these sizes are not ones that the encoder can run. */
const char *encoder_check(const encoder_model *m);

/* Bytes of scratch that each thread of the pool needs for texts of at most `longest` pieces. */
size_t encoder_memory(const encoder_model *m, int64_t longest);

/* Unit vectors of all texts -> vectors [n, H]. Asserts that ids and lengths are in range. */
void encoder_run(const encoder_model *m, const encoder_texts *t, pool *threads, float *vectors,
                 arena scratch);

/* Switches the products of m to weights of one byte (encoder_bytes.h), which live in keep: several
 * times faster where the processor has dot products of bytes, at a cosine of .999 and more. Texts
 * of fewer than 8 pieces stay in floats. */
void encoder_quicken(encoder_model *m, arena *keep);
bool encoder_quick(void); /* whether this processor has them */

/* W [from, to] (transposed: [to, from]) -> panels [to / 32][from][32]. */
void encoder_pack(const float *weight, int32_t from, int32_t to, bool transposed, float *panels);

#endif
