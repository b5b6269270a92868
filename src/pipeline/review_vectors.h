/* review_vectors: a vector for each review: by the best encoder that the time budget allows, or of
 * word counts where there are no encoder's weights.
 *
 *     review_vectors v;
 *     review_vectors_make(w, s, texts, n, &v, e)     // v.v [n, v.wide], unit rows
 *
 * Whatever is computed is kept in the output folder's .vectors, so every step may call it and a
 * second run encodes new reviews alone.
 *
 * The budget: w->language_seconds (0 = 60) for the whole language part of a first run on two plain
 * AVX2 cores; two thirds of it are for vectors. The choice must not depend on a clock or on what
 * is cached, so it counts: a text costs 2 + bytes / 4 pieces, equal texts cost once, and a core
 * does so many pieces a second as review_costs says. gte-small where all texts fit; else minilm
 * where they fit; else gte-small for a part of the texts, chosen by a hash of the text, and the
 * others have no vector. An encoder whose weights are not there is not chosen. w->encoder names one
 * outright ("none": word counts).
 *
 * Without an encoder: tf-idf of words and its truncated SVD (lsa.h), 128 wide, of at most 200,000
 * texts. */
#ifndef PIPELINE_REVIEW_VECTORS_H
#define PIPELINE_REVIEW_VECTORS_H

#include "pipeline/vectors.h"

typedef struct review_vectors {
    int32_t wide;
    float *v;          /* [n, wide] rows of length 1, zeros where !has */
    uint8_t *has;      /* [n] */
    const char *maker; /* "gte-small int8", "tf-idf + svd" */
    const char *name;  /* the encoder as --encoder takes it, or NULL */
    const char *note;  /* in words: what was left out, or that there is no encoder; or NULL */
    const encoder_file *encoder; /* NULL = word counts */
    vectors_told told;           /* zeros for word counts; no seconds */
} review_vectors;

/* What an encoder costs on a plain machine: pieces a second of one AVX2 core, fp32. */
typedef struct review_cost {
    const char *name; /* of encoder_knowns */
    double pieces_a_second;
} review_cost;
extern const review_cost review_costs[2]; /* the better one first */

/* The choice for texts of so many pieces in all: a row of review_costs, and the share of the texts
 * that is encoded. */
typedef struct review_choice {
    int cost;
    double share; /* 1 = all */
    double seconds, budget; /* that all texts take by the better encoder; that there are */
} review_choice;
review_choice review_vectors_choose(double pieces, int language_seconds); /* both are there */
double review_vectors_pieces(const slice *texts, int64_t n, arena scratch);

/* What review_vectors_make would do, without doing it. */
typedef struct review_plan {
    const char *name;    /* the encoder, or NULL: word counts */
    double share;        /* of the texts that get a vector by it */
    double seconds;      /* that all texts take by it on two plain cores, by their pieces */
    double needs;        /* --language-seconds under which all of them get one by it */
    const char *note;    /* why it is word counts, or only a share; or NULL */
} review_plan;
review_plan review_vectors_plan(const work *w, scope *s, const slice *texts, int64_t n);

/* Everything in s->keep. A text whose p is NULL or that is blank has no vector. */
bool review_vectors_make(work *w, scope *s, const slice *texts, int64_t n, review_vectors *out,
                         err *e);

/* What the results of steps depend on beside files: the encoders that are there and the budget;
 * for keys. */
const char *review_vectors_key(const work *w, scope *s);

#endif
