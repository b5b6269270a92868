/* forgotten: the customers whom a shop has forgotten, as salted hashes in SHOP/forgotten.sha256.
 *
 *     salt 5f0c…            32 hexadecimal digits, drawn once
 *     9a41…                 SHA-256 of the salt and the id's key (id_key), one a line
 *
 * The ids themselves are nowhere. Step raw leaves out every row that names such a customer: it
 * stands in the quarantine by rule `forgotten` with its file and line and nothing of its content,
 * so that the accounts add up. The list is one of the shop's files: steps run anew as it grows. */
#ifndef PIPELINE_FORGOTTEN_H
#define PIPELINE_FORGOTTEN_H

#include "data/contract.h"
#include "data/db.h"

extern const char forgotten_file[]; /* its name in the shop */

typedef struct forgotten {
    const char *salt; /* NULL when the shop has forgotten nobody */
    const char **hashes;
    int64_t n;
} forgotten;

/* Memory of s; refuses a file that is not as above, with the line. */
bool forgotten_read(const char *shop, scope *s, forgotten *out, err *e);

/* The hash of an id as the list has it; d has the prelude's macros. */
bool forgotten_hash(db *d, const forgotten *f, const char *id, scope *s, char hex[65], err *e);

/* Writes the list with one hash more; a list without a salt gets `salt`. */
bool forgotten_add(const char *shop, const forgotten *f, const char *salt, const char *hex, err *e);

/* Makes the table forgotten of the list; the other calls here need it. */
bool forgotten_table(db *d, const forgotten *f, err *e);

/* Moves the rows of one file that name a forgotten customer from a raw table to the quarantine, and
 * takes the content out of rows that stood there already. *moved is how many rows. */
bool forgotten_leave_out(db *d, const forgotten *f, const contract *c, const char *table,
                         const char *quarantine, int src_file, int64_t *moved, err *e);

#endif
