/* shop_guess: what unknown files of a shop may be: a source, its columns, and how sure that is.
 *
 * A file whose header some source knows is that source (shop.h). Of any other, each source takes
 * what it knows of the header; for a required column that is missing then, a header is guessed that
 * has a word of the column's names, or, for times and numbers, whose first values are of that kind.
 * The source with most required columns wins, then a word in the file's name, then most columns. */
#ifndef PIPELINE_SHOP_GUESS_H
#define PIPELINE_SHOP_GUESS_H

#include "data/contract.h"
#include "data/db.h"

typedef enum guess_how { GUESS_NONE, GUESS_KNOWN, GUESS_NAME, GUESS_VALUES } guess_how;

typedef struct shop_guess {
    const char *file;
    int source;              /* index into contract_sources; -1 = looks like none */
    bool known;              /* the program takes the file without being told */
    int n;                   /* headers */
    slice *headers;          /* [n] */
    int *header_of;          /* [columns of the source] -1 = none */
    guess_how *how;          /* [columns of the source] */
    int missing;             /* required columns that nothing was found for */
    const char *why;         /* of source -1, in words */
} shop_guess;

/* Guesses about one table file of the folder `in`; memory of s. A file that cannot be read is a
 * guess of none with its reason; only what the system refuses fails. */
bool shop_guess_file(db *d, const char *in, const char *file, scope *s, shop_guess *out, err *e);

#endif
