/* toxicity_file: a toxicity head as a model file: one of words alone, and one with vectors beside.
 *
 *     toxicity_file f;
 *     toxicity_file_ready(&f, &s, e)                    // the head that the program carries
 *     const toxicity_model *m = toxicity_file_pick(&f, have_vectors);
 *
 * A head is a file, or a folder with toxicity.atm in it. Arrays (store.h, kind "toxicity"): texts
 * `term` and `encoder` (name, hash; none without vectors); df I32 [terms, 1]; for either model
 * NAME.weight F32 [terms + wide, 1] and NAME.settings F64 [1, TOXICITY_SETTINGS], NAME = words or
 * vectors, settings in the order of the enum in toxicity_file.c. */
#ifndef PIPELINE_TOXICITY_FILE_H
#define PIPELINE_TOXICITY_FILE_H

#include "models/language/toxicity.h"
#include "pipeline/encoder_file.h"

typedef struct toxicity_file {
    toxicity_model words, vectors; /* the same vocabulary */
    bool has_vectors;
    slice encoder, encoder_hash; /* what --encoder takes; first 16 digits of encoder_file.hash */
    const char *name;            /* where it came from, for reports */
} toxicity_file;

bool toxicity_file_save(const toxicity_file *f, const char *path, scope *s, err *e);

/* A file or a folder. The models live as long as s. */
bool toxicity_file_open(toxicity_file *f, const char *path, scope *s, err *e);

/* The head that the program carries (share/heads/toxicity.md). */
bool toxicity_file_ready(toxicity_file *f, scope *s, err *e);

/* The encoder whose vectors the head reads: false without a word when its weights are not here or
 * are others; then the model of words serves. */
bool toxicity_file_encoder(const toxicity_file *f, const char *weights, encoder_file *encoder,
                           scope *s);

static inline const toxicity_model *toxicity_file_pick(const toxicity_file *f, bool vectors) {
    return vectors ? &f->vectors : &f->words;
}

#endif
