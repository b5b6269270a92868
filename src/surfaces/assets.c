/* assets: the dashboard's files out of the binary, with their types and tags. */
#include "surfaces/assets.h"

#include <string.h>

#include "base/embed.h"
#include "base/hash.h"

static const char prefix[] = "web/";

static const char plain_page[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Atelier</title></head>"
    "<body><h1>Atelier</h1><p>This program was built without its dashboard (<code>make web</code> "
    "builds it in). The API is here: <a href=\"/docs\">/docs</a>, "
    "<a href=\"/openapi.json\">/openapi.json</a>, <a href=\"/v1/home\">/v1/home</a>.</p></body>"
    "</html>\n";

struct assets {
    int n;
    asset *at;          /* in the order of embed_files from `first` on */
    const char **paths; /* "/assets/index-Bx3f.js" */
    int index;          /* of index.html, or -1 */
    asset plain;
};

static const struct {
    const char *ending, *type;
} types[] = {{".html", "text/html; charset=utf-8"},
             {".js", "text/javascript; charset=utf-8"},
             {".css", "text/css; charset=utf-8"},
             {".svg", "image/svg+xml"},
             {".png", "image/png"},
             {".ico", "image/x-icon"},
             {".json", "application/json"},
             {".woff2", "font/woff2"},
             {".txt", "text/plain; charset=utf-8"},
             {".webmanifest", "application/manifest+json"}};

static const char *type_of(const char *path) {
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t e = strlen(types[i].ending);
        if (n > e && strcmp(path + n - e, types[i].ending) == 0) return types[i].type;
    }
    return "application/octet-stream";
}

static asset make(scope *owner, const char *path, slice bytes) {
    bool hashed = strncmp(path, "/assets/", 8) == 0;
    return (asset){bytes, type_of(path),
                   hashed ? "public, max-age=31536000, immutable" : "no-cache",
                   arena_text(&owner->keep, "\"%.16s\"", hash_of(bytes).hex)};
}

const assets *assets_open(scope *owner) {
    assets *a = take(&owner->keep, assets, 1);
    int first = embed_next(prefix, 0);
    a->index = -1;
    for (int i = first; i >= 0; i = embed_next(prefix, i + 1)) a->n++;
    a->at = take(&owner->keep, asset, a->n);
    a->paths = take(&owner->keep, const char *, a->n);
    for (int i = first, n = 0; i >= 0; i = embed_next(prefix, i + 1), n++) {
        slice bytes = {(const char *)embed_files[i].bytes, embed_files[i].n};
        a->paths[n] = embed_files[i].path + strlen(prefix) - 1;
        a->at[n] = make(owner, a->paths[n], bytes);
        if (strcmp(a->paths[n], "/index.html") == 0) a->index = n;
    }
    a->plain = make(owner, "/index.html", slice_of(plain_page));
    return a;
}

bool assets_have_dashboard(const assets *a) { return a->index >= 0; }

bool assets_find(const assets *a, slice path, asset *out) {
    for (int i = 0; i < a->n; i++)
        if (slice_is(path, a->paths[i])) {
            *out = a->at[i];
            return true;
        }
    const char *last = memrchr(path.p, '/', path.n);
    bool is_file = last && memchr(last, '.', path.n - (size_t)(last - path.p));
    if (is_file) return false;
    if (a->index >= 0) *out = a->at[a->index];
    else if (path.n == 1) *out = a->plain;
    return a->index >= 0 || path.n == 1;
}
