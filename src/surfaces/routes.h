/* routes: the one table of the API: method, path, view, parameters, caching, help.
 *
 * The API page (/docs), /openapi.json, the hint of a 404 and the tests walk the same rows. */
#ifndef SURFACES_ROUTES_H
#define SURFACES_ROUTES_H

#include "surfaces/view.h"

typedef struct route {
    const char *method, *path; /* "GET" or "POST", "/v1/forecasts/{series}" */
    view_show *show;
    const param *params; /* ends with {0}; path parameters in the order of the path; or NULL */
    int cache_s;         /* seconds a browser or proxy may keep a 200; 0 = not at all */
    const char *tag, *help; /* one line */
    const char *answer;  /* members of a 200, in words; or its content type where not JSON */
} route;

extern const route routes[];
extern const int routes_count;

/* The route whose path matches (rows of one path, a method each, stand together); `parts` gets what
 * {…} matched, still percent-encoded. -1: none.
 * A method that does not match is given back as such: *allowed is false. HEAD counts as GET. */
int routes_find(slice method, slice path, slice parts[PARAMS_MOST], bool *allowed);

bool routes_has(const char *path, const char *method);

/* Nearest path for a 404, with what was asked in place of {…}; NULL when nothing is near. */
const char *routes_nearest(slice path, arena *keep);

/* The value of param.example against a bundle ("@customer" is its first customer). */
slice routes_example(const param *p, const bundle *b, arena *keep);

/* The path of an example request, parameters filled in and encoded. */
char *routes_example_path(const route *r, const bundle *b, arena *keep);

/* The body of the same request; NULL where the method takes none. */
char *routes_example_body(const route *r, const bundle *b, arena *keep);

/* The media type of a 200. */
const char *routes_type(const route *r);

#endif
