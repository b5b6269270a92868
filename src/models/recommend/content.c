/* content: articles as TF-IDF vectors of their words and attributes, for cosine similarity. */
#include "models/recommend/content.h"

#include <assert.h>
#include <math.h>

/* Terms by 64-bit hash of field and word; numbers in the order of first appearance. */
typedef struct terms {
    uint64_t *hash; /* [slots] 0 = free */
    int32_t *name;  /* [slots] */
    uint64_t slots; /* a power of two */
    int32_t n;
} terms;

static int32_t term_of(terms *t, uint64_t hash) {
    if (hash == 0) hash = 1;
    uint64_t at = hash & (t->slots - 1);
    while (t->hash[at] != 0 && t->hash[at] != hash) at = (at + 1) & (t->slots - 1);
    if (t->hash[at] == 0) {
        t->hash[at] = hash;
        t->name[at] = t->n++;
    }
    return t->name[at];
}

static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

static uint64_t mix(uint64_t hash, char c) {
    unsigned char lower = (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return (hash ^ lower) * 1099511628211u;
}

/* Calls nothing: writes the hashes of a value's terms to out (may be NULL); returns how many. */
static int64_t hashes(const content_field *f, int number, slice s, uint64_t *out) {
    uint64_t start = mix(14695981039346656037u, (char)(number + 1));
    int64_t n = 0;
    if (!f->is_text) {
        uint64_t h = start;
        for (size_t i = 0; i < s.n; i++) h = mix(h, s.p[i]);
        if (s.n > 0 && out) out[n] = h;
        return s.n > 0;
    }
    for (size_t i = 0; i < s.n;) {
        uint64_t h = start;
        size_t from = i;
        for (; i < s.n && in_word(s.p[i]); i++) h = mix(h, s.p[i]);
        if (i - from >= 2) {
            if (out) out[n] = h;
            n++;
        }
        if (i == from) i++;
    }
    return n;
}

typedef struct words {
    int64_t n;
    int32_t *article, *term;
    float *weight; /* of the field of each term number */
} words;

static words collect(const content_field *fields, int n_fields, int64_t articles, terms *t,
                     arena *a) {
    int64_t most = 0, longest = 1;
    for (int64_t d = 0; d < articles; d++)
        for (int f = 0; f < n_fields; f++) {
            int64_t n = hashes(&fields[f], f, fields[f].values[d], NULL);
            most += n;
            if (n > longest) longest = n;
        }
    for (t->slots = 64; t->slots < 2 * (uint64_t)most; t->slots *= 2) {}
    t->hash = take(a, uint64_t, t->slots);
    t->name = take(a, int32_t, t->slots);
    words w = {.article = take(a, int32_t, most), .term = take(a, int32_t, most),
               .weight = take(a, float, most)};
    uint64_t *found = take(a, uint64_t, longest);
    for (int64_t d = 0; d < articles; d++)
        for (int f = 0; f < n_fields; f++) {
            int64_t n = hashes(&fields[f], f, fields[f].values[d], found);
            for (int64_t i = 0; i < n; i++) {
                int32_t term = term_of(t, found[i]);
                w.weight[term] = fields[f].weight;
                w.article[w.n] = (int32_t)d;
                w.term[w.n++] = term;
            }
        }
    return w;
}

/* Drops rare and common terms, weighs the others, makes rows of length 1. */
static sparse weigh(const sparse *counts, const float *field_weight, content_params p, arena *keep,
                    arena scratch) {
    int32_t *df = take(&scratch, int32_t, counts->cols);
    int32_t *name = take(&scratch, int32_t, counts->cols);
    float *idf = take(&scratch, float, counts->cols);
    int64_t kept = 0;
    double articles = (double)counts->rows;
    for (int64_t i = 0; i < sparse_count(counts); i++) df[counts->col[i]]++;
    sparse m = {.rows = counts->rows, .at = take(keep, int64_t, counts->rows + 1)};
    for (int64_t t = 0; t < counts->cols; t++) {
        name[t] = -1;
        if (df[t] < p.min_articles || df[t] > p.max_share * articles) continue;
        name[t] = (int32_t)m.cols++;
        idf[t] = field_weight[t] * (float)(log((1 + articles) / (1 + df[t])) + 1);
        kept += df[t];
    }
    m.col = take(keep, int32_t, kept);
    m.value = take(keep, float, kept);
    int64_t to = 0;
    for (int64_t r = 0; r < counts->rows; r++) {
        double length = 0;
        for (int64_t i = counts->at[r]; i < counts->at[r + 1]; i++) {
            int32_t term = counts->col[i];
            if (name[term] < 0) continue;
            m.col[to] = name[term];
            m.value[to] = idf[term] * (float)(1 + log(counts->value[i]));
            length += (double)m.value[to] * m.value[to];
            to++;
        }
        m.at[r + 1] = to;
        for (int64_t i = m.at[r]; i < to && length > 0; i++) m.value[i] /= (float)sqrt(length);
    }
    return m;
}

sparse content_fit(const content_field *fields, int n_fields, int64_t articles, content_params p,
                   arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && n_fields >= 1 && n_fields < 100);
    terms t = {0};
    words w = collect(fields, n_fields, articles, &t, &scratch);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse counts = sparse_from_triples(articles, t.n, w.n, w.article, w.term, NULL, &scratch,
                                        inner);
    return weigh(&counts, w.weight, p, keep, inner);
}
