/* hash: SHA-256 of bytes and files, over the crypto library (nettle); for manifests and keys. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/text.h"

typedef struct hash_text {
    char hex[65]; /* 64 lower-case hexadecimal digits and a terminator */
} hash_text;

typedef struct hash hash;
hash *hash_open(scope *owner, err *e); /* NULL when memory is out */
void hash_add(hash *h, slice bytes);
void hash_addf(hash *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
hash_text hash_end(hash *h); /* the digest of all that was added; starts anew */

hash_text hash_of(slice bytes);
bool hash_file(const char *path, hash_text *out, int64_t *bytes, err *e);

#endif
