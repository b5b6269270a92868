/* toxicity_texts: the texts of a table, with the words of a label beside where one is named. */
#ifndef SURFACES_TOXICITY_TEXTS_H
#define SURFACES_TOXICITY_TEXTS_H

#include "pipeline/encoder_file.h"
#include "surfaces/verbs.h"

typedef struct toxicity_asked {
    const char *in;
    const char *text, *label; /* headers; NULL: found by its name; none */
    const char *map;          /* --map, or NULL */
    const char *table;        /* its name in the engine */
} toxicity_asked;

typedef struct toxicity_texts {
    int64_t n;
    const int64_t *line;
    const slice *text;   /* [n] */
    const column *label; /* [n] */
} toxicity_texts;

/* Everything in s->keep; rows that are left out are said, and counted in out. */
bool toxicity_texts_read(const toxicity_asked *ask, bench *b, scope *s, toxicity_texts *t, js *out,
                         err *e);

/* Vectors [n, wide] by --precision and --cache; a text whose p is NULL has zeros. NULL: failed. */
float *toxicity_vectors(const args *a, bench *b, encoder_file *encoder, const slice *texts,
                        int64_t n, scope *s, err *e);

#endif
