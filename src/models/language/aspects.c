/* aspects: names of the aspects, and all mentions of many texts, in chunks. */
#include "models/language/aspects.h"

#include <assert.h>

#include "models/language/aspects_parts.h"

enum { CHUNK = 256 /* texts */ };

const char *const aspects_names[ASPECTS] = {"fit",   "size",    "length",  "fabric",
                                            "colour", "quality", "price",   "comfort",
                                            "style", "sheerness", "care",   "delivery"};
const char *const aspects_titles[ASPECTS] = {
    "Fit",   "Size",    "Length",           "Fabric",    "Colour and print", "Quality",
    "Price", "Comfort", "Style and looks", "See-through", "Washing and care",
    "Delivery and returns"};
const char *const aspects_ways[ASPECTS_WAYS] = {"", "small", "true", "large"};

int aspects_find(slice name) {
    for (int a = 0; a < ASPECTS; a++)
        if (slice_is_nocase(name, aspects_names[a])) return a;
    return -1;
}

static void read_text(const aspects_lexicon *l, slice from, aspects_sink *to) {
    aspects_sentence s;
    size_t at = 0;
    if (!from.p) return;
    if (from.n > ASPECTS_TEXT_LIMIT) from.n = ASPECTS_TEXT_LIMIT;
    while (aspects_next(l, from, &at, &s)) aspects_judge(&s, to);
}

typedef struct job {
    const aspects_lexicon *l;
    const slice *texts;
    int64_t n, *first;  /* [n + 1] first mention of a text; while counting: how many it has */
    int64_t *clauses;   /* [n] */
    aspects_mention *at; /* NULL while counting */
} job;

static void read_chunk(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    (void)scratch;
    int64_t end = (chunk + 1) * CHUNK < j->n ? (chunk + 1) * CHUNK : j->n;
    for (int64_t i = chunk * CHUNK; i < end; i++) {
        aspects_sink to = {.at = j->at ? j->at + j->first[i] : NULL, .text = (int32_t)i};
        read_text(j->l, j->texts[i], &to);
        if (j->at) continue;
        j->first[i] = to.n;
        j->clauses[i] = to.clauses;
    }
}

size_t aspects_memory(int64_t n, size_t bytes) {
    /* a mention needs a word of two letters and a space at least */
    return (bytes / 3 + 64) * sizeof(aspects_mention) + (size_t)(n + 1) * 32 + 4096;
}

aspects_found aspects_read(const aspects_lexicon *l, const slice *texts, int64_t n, pool *threads,
                           arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && n < INT32_MAX);
    aspects_found f = {0};
    job j = {.l = l, .texts = texts, .n = n};
    j.first = take(&scratch, int64_t, n + 1);
    j.clauses = take(&scratch, int64_t, n + 1);
    pool_for(threads, (n + CHUNK - 1) / CHUNK, read_chunk, &j);
    for (int64_t i = 0; i < n; i++) {
        int64_t count = j.first[i];
        j.first[i] = f.n;
        f.n += count;
        f.clauses += j.clauses[i];
    }
    f.at = take(keep, aspects_mention, f.n);
    j.at = f.at;
    pool_for(threads, (n + CHUNK - 1) / CHUNK, read_chunk, &j);
    return f;
}

int8_t aspects_decide(const aspects_mention *m, double positive, double low, double high) {
    if (m->sure || m->polarity != 0) return m->polarity;
    return positive > high ? 1 : positive < low ? -1 : 0;
}
