/* assets: the dashboard's files out of the binary, with their types and tags. */
#ifndef SURFACES_ASSETS_H
#define SURFACES_ASSETS_H

#include "base/text.h"

typedef struct asset {
    slice bytes;
    const char *type;  /* Content-Type */
    const char *cache; /* Cache-Control: files with a hash in their name never change */
    const char *tag;   /* ETag, quoted */
} asset;

typedef struct assets assets;

/* Computes the tags; lives in owner's memory. */
const assets *assets_open(scope *owner);

/* The file of a path of the address bar: "/" and pages of the dashboard are index.html, whatever
 * has a dot in its last part is a file. False when there is none (a plain page when the dashboard
 * was not built in, for "/" alone). */
bool assets_find(const assets *a, slice path, asset *out);

bool assets_have_dashboard(const assets *a);

#endif
