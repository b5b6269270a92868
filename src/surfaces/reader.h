/* reader: what reads the texts that requests send: encoders opened at their first use, a thread and
 * memory of its own, one request at a time.
 *
 *     reader_desk *d = reader_begin(r);              // waits for the request before this one
 *     float *v = reader_vectors(r, &want, texts, n, e);   // [n, wide] in d->memory
 *     …                                              // copy into the answer what is to stay
 *     reader_end(r);
 *
 * An encoder costs nothing until a request needs it; then its file is mapped and checked (0.3 s,
 * 130 MB of clean pages for gte-small; a head of int8 adds 40 MB). One that could not be opened is
 * not tried again: its sentence is kept. A query of 8 pieces takes about 5 ms, and 8 KiB of
 * reviews, which is the most that a request may send, under a second. */
#ifndef SURFACES_READER_H
#define SURFACES_READER_H

#include "pipeline/sentiment_file.h"
#include "pipeline/toxicity_file.h"

typedef struct reader reader;

typedef struct reader_desk {
    scope *memory; /* forgotten at reader_end */
    pool *threads;
} reader_desk;

/* An encoder by its name and hash (of the hash, the first 16 digits count); with a head, as the
 * head was fitted. */
typedef struct reader_want {
    slice name, hash;
    const sentiment_file *head; /* or NULL */
} reader_want;

reader *reader_open(err *e);
void reader_close(void *r);

reader_desk *reader_begin(reader *r);
void reader_end(reader *r);

/* Unit vectors of texts; NULL with a sentence when the encoder cannot be had. */
float *reader_vectors(reader *r, const reader_want *want, const slice *texts, int64_t n, err *e);

/* The head that the program carries, for bundles without one of their own: with vectors where the
 * weights are there. NULL when it has none. */
const sentiment_file *reader_ready_head(reader *r);

/* The head of toxicity that the program carries; NULL when it has none. */
const toxicity_file *reader_toxicity(reader *r);

#endif
