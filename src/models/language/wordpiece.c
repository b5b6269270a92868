/* wordpiece: texts as numbers of word pieces, as the uncased BERT models were trained on. */
#include "models/language/wordpiece.h"

#include <assert.h>
#include <string.h>

#include "models/language/uncased.h"

typedef struct wordpiece_slot {
    uint64_t hash;
    int32_t id; /* + 1; 0 = free */
    bool inner; /* the piece has ## in front */
} slot;

/* FNV-1a, one byte at a time, so that the hash of every prefix comes for nothing. */
static const uint64_t seed_first = 14695981039346656037u, seed_inner = 0x9E3779B97F4A7C15u;
static inline uint64_t step(uint64_t hash, uint8_t byte) { return (hash ^ byte) * 1099511628211u; }
static inline int64_t place(const wordpiece *w, uint64_t hash) {
    return (int64_t)((hash ^ hash >> 32) & (uint64_t)(w->slots - 1));
}

static slice bare(const wordpiece *w, int32_t id, bool inner) {
    slice p = w->piece[id];
    return inner ? (slice){p.p + 2, p.n - 2} : p;
}

/* The piece whose bytes hash to `hash`, or -1. */
static int32_t find(const wordpiece *w, const uint8_t *p, size_t n, uint64_t hash, bool inner) {
    for (int64_t at = place(w, hash);; at = (at + 1) & (w->slots - 1)) {
        const slot *s = &w->slot[at];
        if (s->id == 0) return -1;
        if (s->hash != hash || s->inner != inner) continue;
        slice there = bare(w, s->id - 1, inner);
        if (there.n == n && memcmp(there.p, p, n) == 0) return s->id - 1;
    }
}

static void put(wordpiece *w, int32_t id, bool inner) {
    slice p = bare(w, id, inner);
    uint64_t hash = inner ? seed_inner : seed_first;
    for (size_t i = 0; i < p.n; i++) hash = step(hash, (uint8_t)p.p[i]);
    if (p.n == 0 || find(w, (const uint8_t *)p.p, p.n, hash, inner) >= 0) return;
    int64_t at = place(w, hash);
    while (w->slot[at].id != 0) at = (at + 1) & (w->slots - 1);
    w->slot[at] = (slot){hash, id + 1, inner};
    if (p.n > w->longest) w->longest = p.n;
}

static bool special(const wordpiece *w, const char *name, int32_t *id, err *e) {
    for (*id = 0; *id < w->n; ++*id)
        if (slice_is(w->piece[*id], name)) return true;
    return refuse(e, "the vocabulary of %d pieces has no %s: it is not one of an uncased BERT",
                  w->n, name);
}

bool wordpiece_open(wordpiece *w, const slice *pieces, int32_t n, arena *keep, err *e) {
    assert(n >= 1 && n <= 1 << 24);
    *w = (wordpiece){.n = n, .piece = pieces, .slots = 1};
    while (w->slots < 4 * (int64_t)n) w->slots *= 2;
    w->slot = take(keep, slot, w->slots);
    for (int32_t id = 0; id < n; id++)
        put(w, id, pieces[id].n > 2 && memcmp(pieces[id].p, "##", 2) == 0);
    return special(w, "[UNK]", &w->unknown, e) && special(w, "[CLS]", &w->begin, e) &&
           special(w, "[SEP]", &w->end, e);
}

/* The word being read and the pieces so far. */
typedef struct reading {
    const wordpiece *w;
    int32_t *ids, n, most; /* most leaves room for [SEP] */
    bool cut;
    uint64_t hash;
    int characters;
    size_t bytes;
    uint8_t word[4 * WORDPIECE_WORD + 4];
} reading;

static void add(reading *r, int32_t id) {
    if (r->n < r->most) r->ids[r->n++] = id;
    else r->cut = true;
}

/* Greedy: the longest piece from `from` on, then again behind it; back to `start` when stuck. */
static void cut_word(reading *r) {
    const wordpiece *w = r->w;
    int32_t start = r->n, id;
    bool was_cut = r->cut;
    uint64_t hash[sizeof r->word];
    for (size_t from = 0; from < r->bytes; ) {
        uint64_t h = from ? seed_inner : seed_first;
        size_t end = r->bytes - from < w->longest ? r->bytes : from + w->longest;
        for (size_t i = from; i < end; i++) hash[i] = h = step(h, r->word[i]);
        for (id = -1; end > from; end--)
            if ((id = find(w, r->word + from, end - from, hash[end - 1], from > 0)) >= 0) break;
        if (id < 0) {
            r->n = start;
            r->cut = was_cut;
            add(r, w->unknown);
            return;
        }
        add(r, id);
        from = end;
    }
}

static void end_word(reading *r) {
    if (r->characters == 0) return;
    int32_t whole;
    if (r->characters > WORDPIECE_WORD) add(r, r->w->unknown);
    else if ((whole = find(r->w, r->word, r->bytes, r->hash, false)) >= 0) add(r, whole);
    else cut_word(r);
    r->characters = 0;
    r->bytes = 0;
    r->hash = seed_first;
}

static inline void put_byte(reading *r, uint8_t byte) {
    r->word[r->bytes++] = byte;
    r->hash = step(r->hash, byte);
}

static void put_code(reading *r, uint32_t c) {
    if (++r->characters > WORDPIECE_WORD) return;
    if (c < 0x80) {
        put_byte(r, (uint8_t)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    put_byte(r, (uint8_t)(lead[more] | c >> 6 * more));
    while (more-- > 0) put_byte(r, (uint8_t)(0x80 | (c >> 6 * more & 0x3F)));
}

/* Decodes one character of s at i and moves i behind it; false (one byte on) when it is none. */
static bool decode(slice s, size_t *i, uint32_t *code) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)s.p[(*i)++];
    int more = first >= 0xF0 && first < 0xF8 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    if (more == 0 || first >= 0xF8 || *i + (size_t)more > s.n) return false;
    uint32_t c = first & (0x3Fu >> more);
    for (int k = 0; k < more; k++) {
        uint8_t next = (uint8_t)s.p[*i + (size_t)k];
        if ((next & 0xC0) != 0x80) return false;
        c = c << 6 | (next & 0x3F);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return false;
    *i += (size_t)more;
    *code = c;
    return true;
}

static void put_form(reading *r, uncased_form f) {
    if (f.kind == UNCASED_DROP) return;
    if (f.kind != UNCASED_LETTER) end_word(r);
    for (int k = 0; k < f.n; k++) put_code(r, f.to[k]);
    if (f.kind == UNCASED_ALONE) end_word(r);
}

int32_t wordpiece_encode(const wordpiece *w, slice from, int32_t most, int32_t *ids, bool *cut) {
    assert(most >= 2);
    reading r = {.w = w, .ids = ids, .most = most - 1, .hash = seed_first};
    add(&r, w->begin);
    for (size_t i = 0; i < from.n && !r.cut;) {
        uint8_t c = (uint8_t)from.p[i];
        uint8_t small = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
        uint32_t code = c;
        if ((small >= 'a' && small <= 'z') || (c >= '0' && c <= '9')) {
            i++; /* nearly every byte of most texts */
            if (++r.characters <= WORDPIECE_WORD) put_byte(&r, small);
        } else if (c == ' ') {
            i++;
            end_word(&r);
        } else if (c < 0x80 ? (i++, true) : decode(from, &i, &code)) {
            put_form(&r, uncased_of(code));
        }
    }
    if (!r.cut) end_word(&r);
    ids[r.n++] = w->end;
    if (cut) *cut = r.cut;
    return r.n;
}
