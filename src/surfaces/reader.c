/* reader: what reads the texts that requests send: encoders opened at their first use. */
#include "surfaces/reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "data/folder.h"

enum { SLOTS = 3, LONGEST = 512 }; /* encoders; pieces of a text */

typedef struct slot {
    char name[18]; /* of the encoder's hash, and whether it is open as a head wants it */
    bool used, open;
    scope memory;
    encoder_file f;
    err why; /* it could not be opened */
} slot;

struct reader {
    pthread_mutex_t lock;
    scope memory, own; /* of one request; of the ready heads */
    pool *threads;
    reader_desk desk;
    slot slots[SLOTS];
    sentiment_file head;
    bool tried, has_head;
    toxicity_file toxicity;
    bool tried_toxicity, has_toxicity;
};

reader *reader_open(err *e) {
    reader *r = calloc(1, sizeof *r);
    if (!r) {
        fail_memory(e, "a reader");
        return NULL;
    }
    pthread_mutex_init(&r->lock, NULL);
    /* address space: what is not used costs nothing */
    if (scope_open(&r->memory, (size_t)256 << 20, (size_t)512 << 20, e) &&
        scope_open(&r->own, (size_t)64 << 20, (size_t)16 << 20, e) &&
        (r->threads = pool_open(1, (size_t)256 << 20, e)) != NULL) {
        r->desk = (reader_desk){&r->memory, r->threads};
        return r;
    }
    reader_close(r);
    return NULL;
}

void reader_close(void *what) {
    reader *r = what;
    if (!r) return;
    for (int i = 0; i < SLOTS; i++)
        if (r->slots[i].open) scope_close(&r->slots[i].memory);
    pool_close(r->threads);
    scope_close(&r->memory);
    scope_close(&r->own);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

reader_desk *reader_begin(reader *r) {
    pthread_mutex_lock(&r->lock);
    return &r->desk;
}

void reader_end(reader *r) {
    scope_rewind(&r->memory);
    pthread_mutex_unlock(&r->lock);
}

/* ---- encoders ---- */

static bool open_encoder(slot *to, const reader_want *want) {
    if (want->head) return sentiment_file_encoder(want->head, NULL, &to->f, &to->memory, &to->why);
    const char *name = slice_copy(&to->memory.keep, want->name);
    const char *weights = encoder_file_weights(NULL, &to->memory);
    return encoder_file_open(&to->f, name, weights, &to->memory, &to->why) &&
           (memcmp(to->f.hash.hex, to->name, 16) == 0 ||
            refuse(&to->why, "the encoder %s is not the one that this bundle was made with", name));
}

/* Opens into a slot that nobody has, or the first. */
static slot *slot_of(reader *r, const reader_want *want) {
    char name[18] = {0};
    memcpy(name, want->hash.p, want->hash.n < 16 ? want->hash.n : 16);
    name[16] = want->head ? '+' : '-';
    int at = 0;
    for (int i = 0; i < SLOTS; i++)
        if (r->slots[i].used && memcmp(r->slots[i].name, name, 17) == 0) return &r->slots[i];
    while (at < SLOTS - 1 && r->slots[at].used) at++;
    slot *to = &r->slots[at];
    if (to->open) scope_close(&to->memory);
    *to = (slot){.used = true};
    memcpy(to->name, name, sizeof name);
    to->open = scope_open(&to->memory, (size_t)1 << 30, (size_t)64 << 20, &to->why);
    if (to->open && !open_encoder(to, want)) {
        scope_close(&to->memory);
        to->open = false;
    }
    return to;
}

float *reader_vectors(reader *r, const reader_want *want, const slice *texts, int64_t n, err *e) {
    slot *at = slot_of(r, want);
    arena *keep = &r->memory.keep;
    if (!at->open) {
        *e = at->why;
        return NULL;
    }
    int32_t most = at->f.most < LONGEST ? at->f.most : LONGEST;
    int32_t *ids = take_raw(keep, int32_t, n * most);
    int64_t *begins = take(keep, int64_t, n + 1);
    for (int64_t i = 0; i < n; i++) {
        bool cut;
        begins[i + 1] = begins[i] + wordpiece_encode(&at->f.words, texts[i], most,
                                                     ids + begins[i], &cut);
    }
    float *v = take(keep, float, n * at->f.model.wide);
    encoder_texts all = {n, ids, begins};
    encoder_run(&at->f.model, &all, r->threads, v, r->memory.scratch);
    return v;
}

const sentiment_file *reader_ready_head(reader *r) {
    err ignored = {0};
    if (!r->tried) {
        const char *weights = encoder_file_weights(NULL, &r->own);
        bool there = weights && file_exists(arena_text(&r->own.keep, "%s/%s", weights,
                                                       encoder_knowns[0].folder));
        r->has_head = sentiment_file_ready(&r->head, there, &r->own, &ignored);
        r->tried = true;
    }
    return r->has_head ? &r->head : NULL;
}

const toxicity_file *reader_toxicity(reader *r) {
    err ignored = {0};
    if (!r->tried_toxicity) r->has_toxicity = toxicity_file_ready(&r->toxicity, &r->own, &ignored);
    r->tried_toxicity = true;
    return r->has_toxicity ? &r->toxicity : NULL;
}
