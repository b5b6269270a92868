/* vectors: unit vectors of many texts by an encoder, computed once for equal texts and kept. */
#include "pipeline/vectors.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/encoder_cache.h"

enum {
    GROUP = 1 << 14,    /* pieces that are encoded between two ticks */
    KEPT = 1 << 18,     /* pieces after which the cache is written */
    TOKENS = 512,       /* texts that one thread tokenises at a time */
};

/* The pieces of all texts, and for each text the first one with the same pieces. */
typedef struct pieces {
    int64_t n;
    int32_t **ids; /* [n] */
    int32_t *count;
    uint8_t *cut;
    encoder_key *key;
    int32_t *twin; /* [n] itself where it is the first */
} pieces;

typedef struct tokenizing {
    const encoder_file *f;
    const slice *texts;
    pieces *p;
} tokenizing;

/* Room was given by the bytes of the text: a piece takes at least one. */
static void tokenize(void *what, int64_t chunk, arena scratch) {
    tokenizing *t = what;
    int32_t *ids = take_raw(&scratch, int32_t, t->f->most);
    int64_t end = (chunk + 1) * TOKENS < t->p->n ? (chunk + 1) * TOKENS : t->p->n;
    for (int64_t i = chunk * TOKENS; i < end; i++) {
        if (!t->texts[i].p) continue;
        bool cut;
        int32_t n = wordpiece_encode(&t->f->words, t->texts[i], t->f->most, ids, &cut);
        t->p->cut[i] = cut;
        t->p->count[i] = n;
        memcpy(t->p->ids[i], ids, (size_t)n * sizeof *ids);
        t->p->key[i] = encoder_key_of(ids, n);
    }
}

static void read_pieces(const encoder_file *f, const slice *texts, pieces *p, pool *threads,
                        arena *keep) {
    p->ids = take(keep, int32_t *, p->n);
    p->count = take(keep, int32_t, p->n);
    p->cut = take(keep, uint8_t, p->n);
    p->key = take(keep, encoder_key, p->n);
    for (int64_t i = 0; i < p->n; i++) {
        size_t room = 3 * texts[i].n + 2; /* a syllable of 3 bytes is 3 letters */
        p->ids[i] = take_raw(keep, int32_t, room < (size_t)f->most ? room : (size_t)f->most);
    }
    tokenizing t = {f, texts, p};
    pool_for(threads, (p->n + TOKENS - 1) / TOKENS, tokenize, &t);
}

static void find_twins(pieces *p, arena *keep, arena scratch) {
    int64_t slots = 16;
    while (slots < 2 * p->n) slots *= 2;
    int32_t *slot = take(&scratch, int32_t, slots);
    p->twin = take(keep, int32_t, p->n);
    for (int64_t i = 0; i < p->n; i++) {
        int64_t at = (int64_t)(p->key[i].half[0] & (uint64_t)(slots - 1));
        while (slot[at] && memcmp(&p->key[slot[at] - 1], &p->key[i], sizeof *p->key) != 0)
            at = (at + 1) & (slots - 1);
        if (!slot[at]) slot[at] = (int32_t)i + 1;
        p->twin[i] = slot[at] - 1;
    }
}

static void count_texts(const pieces *p, vectors_told *told) {
    told->texts = p->n;
    for (int64_t i = 0; i < p->n; i++) {
        told->missing += p->count[i] == 0;
        told->empty += p->count[i] == 2;
        told->cut += p->cut[i];
        told->pieces += p->count[i];
        told->distinct += p->count[i] > 0 && p->twin[i] == i;
        if (p->count[i] > told->longest) told->longest = p->count[i];
    }
}

/* What is left to do: texts that are first of their kind and not in the cache. */
static int64_t look_up(const encoder_cache *c, const pieces *p, int32_t wide, float *vectors,
                       int32_t *todo, vectors_told *told) {
    int64_t n = 0;
    for (int64_t i = 0; i < p->n; i++) {
        if (p->count[i] == 0 || p->twin[i] != i) continue;
        const float *known = c ? encoder_cache_find(c, p->key[i]) : NULL;
        if (known) memcpy(vectors + i * wide, known, (size_t)wide * sizeof *known);
        else told->encoded_pieces += p->count[i], todo[n++] = (int32_t)i;
        told->cached += known != NULL;
    }
    told->encoded = n;
    return n;
}

typedef struct encoding {
    const encoder_file *f;
    const pieces *p;
    const vectors_params *params;
    encoder_cache *cache;
    encoder_key *keys; /* [todo] of what was encoded, with where it is */
    const float **rows;
    float *vectors;
} encoding;

/* Encodes todo[from … to) and puts the vectors in their places. */
static void encode_group(encoding *k, const int32_t *todo, int64_t from, int64_t to, scope *s) {
    arena keep = s->scratch; /* forgotten at the end */
    int64_t n = to - from, total = 0;
    int32_t wide = k->f->model.wide;
    for (int64_t i = from; i < to; i++) total += k->p->count[todo[i]];
    int32_t *ids = take_raw(&keep, int32_t, total);
    int64_t *at = take(&keep, int64_t, n + 1);
    float *vectors = take_raw(&keep, float, n * wide);
    for (int64_t i = 0; i < n; i++) {
        int32_t one = todo[from + i], count = k->p->count[one];
        memcpy(ids + at[i], k->p->ids[one], (size_t)count * sizeof *ids);
        at[i + 1] = at[i] + count;
    }
    encoder_texts texts = {n, ids, at};
    encoder_run(&k->f->model, &texts, k->params->threads, vectors, keep);
    for (int64_t i = 0; i < n; i++) {
        int32_t one = todo[from + i];
        float *to_row = k->vectors + (int64_t)one * wide;
        memcpy(to_row, vectors + i * wide, (size_t)wide * sizeof *to_row);
        k->keys[from + i] = k->p->key[one];
        k->rows[from + i] = to_row;
    }
}

static bool encode(encoding *k, const int32_t *todo, int64_t n, int64_t total, scope *s, err *e) {
    const progress *show = &k->params->progress;
    int64_t done = 0, kept = 0, unkept = 0;
    if (show->tick && n > 0) show->tick(show->what, "pieces of text", 0, total);
    for (int64_t from = 0, to; from < n; from = to) {
        int64_t group = 0;
        for (to = from; to < n && (to == from || group + k->p->count[todo[to]] <= GROUP); to++)
            group += k->p->count[todo[to]];
        encode_group(k, todo, from, to, s);
        done += group;
        unkept += group;
        if (show->tick) show->tick(show->what, "pieces of text", done, total);
        if (!k->cache || (unkept < KEPT && to < n)) continue;
        if (!encoder_cache_add(k->cache, k->keys + kept, k->rows + kept, to - kept, s, e))
            return false;
        kept = to;
        unkept = 0;
    }
    return true;
}

float *vectors_make(const encoder_file *f, const slice *texts, int64_t n, const vectors_params *p,
                    double (*clock)(void), vectors_told *told, scope *s, err *e) {
    pieces cut = {.n = n};
    double start = clock();
    int damaged = 0;
    int32_t wide = f->model.wide;
    *told = (vectors_told){0};
    read_pieces(f, texts, &cut, p->threads, &s->keep);
    find_twins(&cut, &s->keep, s->scratch);
    count_texts(&cut, told);
    told->tokenize_s = clock() - start;
    start = clock();
    float *vectors = take(&s->keep, float, n * wide);
    const char *name = arena_text(&s->keep, "%.16s-%s", f->hash.hex,
                                  f->model.qkv.bytes ? "int8" : "fp32");
    encoder_cache *cache = NULL;
    if (p->cache && !(cache = encoder_cache_open(p->cache, name, wide, s, &damaged, e)))
        return NULL;
    if (damaged > 0 && p->progress.say)
        p->progress.say(p->progress.what, "a damaged file of the cache is passed over");
    int32_t *todo = take(&s->keep, int32_t, n);
    int64_t left = look_up(cache, &cut, wide, vectors, todo, told);
    told->cache_s = clock() - start;
    start = clock();
    encoding k = {f, &cut, p, cache, take(&s->keep, encoder_key, left),
                  take(&s->keep, const float *, left), vectors};
    if (!encode(&k, todo, left, told->encoded_pieces, s, e)) return NULL;
    for (int64_t i = 0; i < n; i++)
        if (cut.twin[i] != i)
            memcpy(vectors + i * wide, vectors + (int64_t)cut.twin[i] * wide,
                   (size_t)wide * sizeof *vectors);
    told->encode_s = clock() - start;
    return vectors;
}
