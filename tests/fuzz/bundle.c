/* bundle: any arrays as a file of the bundle: refused with a sentence, or safe to read.
 *
 * The first byte says which file (0 ids, 1 recommend, 2 segment, 3 events, 4 search, modulo 5), the
 * second the number of arrays, their table follows, then what the arrays hold. The other files'
 * ids are those of the corpus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/folder.h"
#include "pipeline/bundle_arrays.h"
#include "store_file.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

enum { BUNDLE_ENTRY = 96, BUNDLE_ENTRIES = 128 };

/* The table has room for all entries; what was left out of an input is put in again. */
static char *bundle_file(const char *kind, const unsigned char *bytes, size_t n, size_t *whole) {
    size_t table = (size_t)bytes[1] * BUNDLE_ENTRY, most = BUNDLE_ENTRIES * BUNDLE_ENTRY;
    if (table > n - 2) table = n - 2;
    if (table > most) table = most;
    size_t behind = n - 2 - table;
    char *rest = calloc(1, most + behind);
    if (!rest) abort();
    memcpy(rest, bytes + 2, table);
    memcpy(rest + most, bytes + 2 + table, behind);
    char *file = store_file_of(kind, bytes[1], (slice){rest, most + behind});
    *whole = STORE_HEAD + most + behind;
    free(rest);
    return file;
}

static void bundle_walk_ids(const bundle *b) {
    for (int64_t i = 0; i < b->customers; i++)
        if (bundle_customer(b, bundle_text(&b->customer_id, i)) != i) abort();
    for (int64_t i = 0; i < b->articles; i++) {
        if (bundle_article(b, bundle_text(&b->article_id, i)) != i) abort();
        if (b->category[i] < 0 || b->category[i] >= b->n_categories) abort();
    }
}

static void bundle_walk_lists(const bundle *b) {
    const bundle_recommend *r = &b->recommend;
    volatile size_t seen = 0;
    for (int64_t u = 0; r->has && u < b->customers; u++) {
        seen += bundle_text(&r->models, r->model[u]).n + bundle_text(&r->segments, r->segment[u]).n;
        for (int64_t i = u * r->k; i < (u + 1) * r->k; i++)
            if (r->items[i] >= b->articles) abort();
        for (int64_t i = r->history.at[u]; i < r->history.at[u + 1]; i++)
            if (r->history.item[i] < 0 || r->history.item[i] >= b->articles) abort();
    }
}

static void bundle_walk_segments(const bundle *b) {
    const bundle_segment *g = &b->segment;
    volatile size_t seen = 0;
    for (int64_t u = 0; g->has && u < b->customers; u++)
        for (int64_t m = 0; m < g->n_methods; m++) {
            int32_t k = g->of[u * g->n_methods + m];
            if (k >= 0) seen += bundle_text(&g->methods[m].names, k).n;
        }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    static const struct {
        const char *kind;
        bool (*open)(bundle *b, const store *m, err *e);
    } files[] = {{"ids", bundle_open_ids},
                 {"recommend", bundle_open_recommend},
                 {"segment", bundle_open_segment},
                 {"events", bundle_open_events},
                 {"search", bundle_open_search}};
    scope s;
    err e = {0};
    slice good;
    size_t ids_bytes, whole;
    if (n < 2) return 0;
    int which = bytes[0] % 5;
    if (!scope_open(&s, (size_t)1 << 30, 0, &e)) abort();
    bundle *b = take(&s.keep, bundle, 1);
    if (!scope_open(&b->memory, (size_t)1 << 30, 0, &e)) abort();
    char *ids = NULL, *file = bundle_file(files[which].kind, bytes, n, &whole);
    bool done = true;
    if (which > 0) {
        if (!file_read("tests/fuzz/bundle/ids", &s, 1 << 20, &good, &e)) abort();
        ids = bundle_file("ids", (const unsigned char *)good.p, good.n, &ids_bytes);
        const store *m = store_open_bytes(&s, (slice){ids, ids_bytes}, "ids", "ids", &e);
        if (!m || !bundle_open_ids(b, m, &e)) abort();
    }
    const store *m = store_open_bytes(&s, (slice){file, whole}, "input", files[which].kind, &e);
    done = m && files[which].open(b, m, &e);
    if (!done && !e.text[0]) abort();
    if (done && which == 0) bundle_walk_ids(b);
    if (done && which == 1) bundle_walk_lists(b);
    if (done && which == 2) bundle_walk_segments(b);
    scope_close(&b->memory);
    scope_close(&s);
    free(file);
    free(ids);
    return 0;
}
