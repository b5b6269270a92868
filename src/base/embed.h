/* embed: files that the build put into the binary (sql/, the dashboard, share/), found by path. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/text.h"

typedef struct embed_file {
    const char *path; /* "sql/03_datasets/d_sales.sql", "web/index.html"; sorted */
    const unsigned char *bytes; /* at a multiple of 64 */
    size_t n;
} embed_file;

extern const embed_file embed_files[]; /* written by tools/embed.c into build/ */
extern const int embed_count;
extern const char embed_build[]; /* SHA-256 of all sources: the build's name in manifests */

bool embed_find(const char *path, slice *out);

/* The first file at or after index `from` whose path begins with prefix; -1 when there is none. */
int embed_next(const char *prefix, int from);

#endif
