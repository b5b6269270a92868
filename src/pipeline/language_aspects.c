/* language_aspects: the aspects that reviews speak of: plain English texts, mentions, tiles. */
#include "pipeline/language_aspects.h"

#include "models/language/plain.h"
#include "models/language/tongue.h"

enum { CHUNK = 256 /* texts */ };

typedef enum readable { READ, MISSING, EMPTY, FOREIGN } readable;

typedef struct job {
    const slice *from;
    slice *to;        /* [n] room of as many bytes as the text has */
    uint8_t *verdict; /* [n] readable */
    int64_t n;
} job;

static bool has_word(slice t) {
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)(t.p[i] | 32);
        if (c >= 'a' && c <= 'z') return true;
    }
    return false;
}

static void make_plain(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    (void)scratch;
    int64_t end = (chunk + 1) * CHUNK < j->n ? (chunk + 1) * CHUNK : j->n;
    for (int64_t i = chunk * CHUNK; i < end; i++) {
        slice *to = &j->to[i];
        if (!j->from[i].p) {
            j->verdict[i] = MISSING;
            continue;
        }
        to->n = plain_text(j->from[i], (char *)(uintptr_t)to->p);
        bool foreign = tongue_of(*to, NULL) == TONGUE_OTHER;
        j->verdict[i] = (uint8_t)(foreign ? FOREIGN : has_word(*to) ? READ : EMPTY);
    }
}

aspects_texts language_aspects_texts(const slice *texts, int64_t n, pool *threads, scope *s) {
    aspects_texts t = {.n = n, .plain = take(&s->keep, slice, n)};
    job j = {texts, t.plain, take(&s->keep, uint8_t, n), n};
    for (int64_t i = 0; i < n; i++)
        t.plain[i].p = texts[i].p ? take_raw(&s->keep, char, texts[i].n + 1) : NULL;
    pool_for(threads, (n + CHUNK - 1) / CHUNK, make_plain, &j);
    for (int64_t i = 0; i < n; i++) {
        t.empty += j.verdict[i] == EMPTY;
        t.other_language += j.verdict[i] == FOREIGN;
        if (j.verdict[i] != READ) t.plain[i] = (slice){NULL, 0};
    }
    return t;
}
