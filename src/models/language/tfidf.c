/* tfidf: texts as sparse rows of weighted word n-grams. */
#include "models/language/tfidf.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

enum { CHUNK = 256 }; /* texts a chunk; fixed, so that results do not depend on threads */

/* ---- words ---- */

/* The character at p, ASCII first: most are. What is no valid UTF-8 is in no word. */
static uint32_t decode(const char *p, size_t n, size_t *length) {
    if ((unsigned char)p[0] >= 0x80) return utf8_next(p, n, length);
    *length = 1;
    return (unsigned char)p[0];
}

/* Simple lower case. No result is longer in UTF-8 than its source. */
static uint32_t lower(uint32_t c) {
    static const struct {
        uint32_t first, last;
        int shift; /* 0: pairs, the even one is upper; 1: pairs, the odd one is upper */
    } ranges[] = {{'A', 'Z', 32},    {0xC0, 0xD6, 32},     {0xD8, 0xDE, 32},    {0x100, 0x12F, 0},
                  {0x132, 0x137, 0}, {0x139, 0x148, 1},    {0x14A, 0x177, 0},   {0x179, 0x17E, 1},
                  {0x218, 0x21B, 0}, {0x391, 0x3A1, 32},   {0x3A3, 0x3A9, 32},  {0x400, 0x40F, 80},
                  {0x410, 0x42F, 32}, {0x460, 0x481, 0},   {0x1E00, 0x1E95, 0},
                  {0x1EA0, 0x1EFF, 0}};
    static const uint32_t single[][2] = {{0x130, 'i'}, {0x178, 0xFF}, {0x1E9E, 0xDF}};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if (c == single[i][0]) return single[i][1];
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (c < ranges[i].first || c > ranges[i].last) continue;
        if (ranges[i].shift > 1) return c + (uint32_t)ranges[i].shift;
        return (c & 1) == (uint32_t)ranges[i].shift ? c + 1 : c;
    }
    return c;
}

/* Letters and digits; above ASCII all that is not known to be space, punctuation or symbol. */
static bool in_word(uint32_t c) {
    static const uint32_t not_words[][2] = {
        {0x80, 0xA9},     {0xAB, 0xB1},     {0xB4, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},
        {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2100, 0x2BFF},
        {0x3000, 0x303F}, {0xE000, 0xF8FF}, {0xFE00, 0xFE0F}, {0xFFF0, 0xFFFF}, {0x1F000, 0x1FAFF}};
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    for (size_t i = 0; i < sizeof not_words / sizeof not_words[0]; i++)
        if (c >= not_words[i][0] && c <= not_words[i][1]) return false;
    return true;
}

/* A letter or digit stands at position i: an apostrophe before it is inside a word. */
static bool word_follows(slice s, size_t i) {
    size_t length;
    return i < s.n && in_word(decode(s.p + i, s.n - i, &length));
}

size_t tfidf_words(slice from, int min_letters, char *out) {
    size_t o = 0, word = 0, n = from.n < TFIDF_TEXT_LIMIT ? from.n : TFIDF_TEXT_LIMIT;
    int letters = 0;
    for (size_t i = 0; i < n;) {
        size_t length;
        uint32_t c = decode(from.p + i, n - i, &length);
        i += length;
        bool apostrophe = (c == '\'' || c == 0x2019) && letters > 0 &&
                          word_follows((slice){from.p, n}, i);
        if (apostrophe || in_word(c)) {
            o += utf8_put(apostrophe ? '\'' : c < 0x80 && c >= 'a' ? c : lower(c), out + o);
            letters++;
            if (i < n) continue;
        }
        if (letters >= min_letters && letters > 0) out[o++] = ' ', word = o;
        o = word; /* a word that is too short is taken back */
        letters = 0;
    }
    if (o > 0) o--;
    return o;
}

/* ---- grams ---- */

/* The words of one text: they start at at[0..n], at[n] = one past the last space. */
typedef struct grams {
    const char *words;
    int32_t *at;
    int n, min_n, max_n;
} grams;

/* Normalises a text and finds its words, in scratch. */
static grams grams_of(slice from, tfidf_params p, arena *scratch) {
    size_t limit = from.n < TFIDF_TEXT_LIMIT ? from.n : TFIDF_TEXT_LIMIT;
    char *words = take(scratch, char, limit + 2);
    size_t n = tfidf_words(from, p.min_letters, words);
    grams g = {.words = words, .min_n = p.min_n, .max_n = p.max_n};
    g.at = take(scratch, int32_t, n / 2 + 2);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || words[i - 1] == ' ') g.at[g.n++] = (int32_t)i;
    g.at[g.n] = (int32_t)n + 1;
    return g;
}

static slice gram(const grams *g, int first, int length) {
    return (slice){g->words + g->at[first], (size_t)(g->at[first + length] - g->at[first] - 1)};
}

/* ---- vocabulary ---- */

/* A hash table of texts that grows in an arena: at most as much again is left behind. */
typedef struct vocabulary {
    arena *memory;
    int32_t n, room;
    slice *term;
    uint64_t *hash;
    int64_t *df, *last; /* last: the text that counted last */
    int32_t *slot;
    int64_t slots;
} vocabulary;

static int64_t slots_for(int64_t terms) {
    int64_t slots = 1024;
    while (slots < 2 * terms) slots *= 2;
    return slots;
}

static void vocabulary_grow(vocabulary *v, int32_t room) {
    vocabulary w = *v;
    w.room = room;
    w.term = take(v->memory, slice, room);
    w.hash = take(v->memory, uint64_t, room);
    w.df = take(v->memory, int64_t, room);
    w.last = take(v->memory, int64_t, room);
    w.slots = slots_for(room);
    w.slot = take(v->memory, int32_t, w.slots);
    if (v->n > 0) {
        memcpy(w.term, v->term, (size_t)v->n * sizeof *w.term);
        memcpy(w.hash, v->hash, (size_t)v->n * sizeof *w.hash);
        memcpy(w.df, v->df, (size_t)v->n * sizeof *w.df);
        memcpy(w.last, v->last, (size_t)v->n * sizeof *w.last);
    }
    for (int32_t i = 0; i < v->n; i++) {
        int64_t s = (int64_t)(w.hash[i] & (uint64_t)(w.slots - 1));
        while (w.slot[s]) s = (s + 1) & (w.slots - 1);
        w.slot[s] = i + 1;
    }
    *v = w;
}

static void vocabulary_count(vocabulary *v, slice g, int64_t now) {
    uint64_t h = slice_hash(g);
    int64_t s = (int64_t)(h & (uint64_t)(v->slots - 1));
    for (; v->slot[s]; s = (s + 1) & (v->slots - 1)) {
        int32_t i = v->slot[s] - 1;
        if (v->hash[i] != h || v->term[i].n != g.n || memcmp(v->term[i].p, g.p, g.n) != 0) continue;
        if (v->last[i] != now) v->df[i]++;
        v->last[i] = now;
        return;
    }
    v->term[v->n] = (slice){take_copy(v->memory, char, g.p, g.n), g.n};
    v->hash[v->n] = h;
    v->df[v->n] = 1;
    v->last[v->n] = now;
    v->slot[s] = ++v->n;
    if (v->n == v->room) {
        assert(v->room <= INT32_MAX / 2);
        vocabulary_grow(v, 2 * v->room);
    }
}

const char *tfidf_check(tfidf_params p) {
    if (p.min_n < 1 || p.max_n > 5 || p.min_n > p.max_n) return "grams must be 1 to 5 words long";
    if (p.min_letters < 1) return "words must have at least 1 letter";
    if (p.min_df < 1) return "min_df must be at least 1 text";
    if (!(p.max_share > 0 && p.max_share <= 1)) return "max_share must be above 0 and at most 1";
    return NULL;
}

size_t tfidf_memory(const slice *texts, int64_t n, tfidf_params p) {
    size_t words = 0, bytes = 0, sizes = (size_t)(p.max_n - p.min_n + 1);
    for (int64_t t = 0; t < n; t++) {
        bytes += texts[t].n;
        for (size_t i = 0; i < texts[t].n; i++) {
            unsigned char before = i > 0 ? (unsigned char)texts[t].p[i - 1] : ' ';
            words += !in_word(before < 0x80 ? before : 'a');
        }
    }
    /* a gram: 128 bytes of grown arrays and slots, 64 to 128 of its aligned copy and its row */
    return words * sizes * 320 + bytes * (size_t)p.max_n * 2 + (size_t)n * 64 + (8u << 20);
}

bool tfidf_fit(tfidf_model *m, const slice *texts, int64_t n, tfidf_params p, arena *keep,
               arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = tfidf_check(p);
    if (why) return refuse(e, "tf-idf: %s", why);
    arena one = arena_split(&scratch, 4u << 20); /* one text at a time */
    vocabulary v = {.memory = &scratch};
    vocabulary_grow(&v, 1 << 14);
    for (int64_t t = 0; t < n; t++) {
        arena memory = one;
        grams g = grams_of(texts[t], p, &memory);
        for (int first = 0; first < g.n; first++)
            for (int k = p.min_n; k <= p.max_n && first + k <= g.n; k++)
                vocabulary_count(&v, gram(&g, first, k), t);
    }
    *m = (tfidf_model){.p = p, .texts = n};
    double most = p.max_share * (double)n;
    int32_t terms = 0;
    for (int32_t i = 0; i < v.n; i++) terms += v.df[i] >= p.min_df && (double)v.df[i] <= most;
    if (terms == 0)
        return refuse(e, "tf-idf: none of the %d grams of %lld texts is in %d texts or more", v.n,
                      (long long)n, p.min_df);
    m->term = take(keep, slice, terms);
    m->df = take(keep, int64_t, terms);
    for (int32_t i = 0; i < v.n; i++) {
        if (v.df[i] < p.min_df || (double)v.df[i] > most) continue;
        m->term[m->terms] = (slice){take_copy(keep, char, v.term[i].p, v.term[i].n), v.term[i].n};
        m->df[m->terms++] = v.df[i];
    }
    tfidf_open(m, keep);
    return true;
}

void tfidf_open(tfidf_model *m, arena *keep) {
    m->idf = take(keep, double, m->terms);
    m->slots = slots_for(m->terms);
    m->slot = take(keep, int32_t, m->slots);
    for (int32_t i = 0; i < m->terms; i++) {
        m->idf[i] = log((1 + (double)m->texts) / (1 + (double)m->df[i])) + 1;
        int64_t s = (int64_t)(slice_hash(m->term[i]) & (uint64_t)(m->slots - 1));
        while (m->slot[s]) s = (s + 1) & (m->slots - 1);
        m->slot[s] = i + 1;
    }
}

void tfidf_prune(tfidf_model *m, const uint8_t *keep, arena *to) {
    int32_t n = 0;
    for (int32_t t = 0; t < m->terms; t++) n += keep[t] != 0;
    slice *term = take(to, slice, n);
    int64_t *df = take(to, int64_t, n);
    n = 0;
    for (int32_t t = 0; t < m->terms; t++)
        if (keep[t]) term[n] = m->term[t], df[n++] = m->df[t];
    m->term = term;
    m->df = df;
    m->terms = n;
    tfidf_open(m, to);
}

int32_t tfidf_find(const tfidf_model *m, slice g) {
    int64_t s = (int64_t)(slice_hash(g) & (uint64_t)(m->slots - 1));
    for (; m->slot[s]; s = (s + 1) & (m->slots - 1)) {
        slice t = m->term[m->slot[s] - 1];
        if (t.n == g.n && memcmp(t.p, g.p, g.n) == 0) return m->slot[s] - 1;
    }
    return -1;
}

/* ---- rows ---- */

typedef struct filling {
    const tfidf_model *m;
    const slice *texts;
    int64_t n;
    sparse *x; /* x->col NULL: only count into start[t + 1] */
} filling;

/* Shell sort with Ciura's gaps: rows are short, and it needs no memory. */
static void sort_small(int32_t *a, int n) {
    static const int gaps[] = {88501, 39364, 17500, 7774, 3455, 1535, 701,
                               301,   132,   57,    23,   10,   4,    1};
    for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++)
        for (int i = gaps[g]; i < n; i++) {
            int32_t x = a[i];
            int j = i;
            for (; j >= gaps[g] && a[j - gaps[g]] > x; j -= gaps[g]) a[j] = a[j - gaps[g]];
            a[j] = x;
        }
}

/* The known grams of a text, ascending, with repeats. */
static int32_t *terms_of(const tfidf_model *m, slice from, int *count, arena *scratch) {
    grams g = grams_of(from, m->p, scratch);
    int32_t *ids = take(scratch, int32_t, (int64_t)g.n * (m->p.max_n - m->p.min_n + 1));
    int n = 0;
    for (int first = 0; first < g.n; first++)
        for (int k = m->p.min_n; k <= m->p.max_n && first + k <= g.n; k++) {
            int32_t id = tfidf_find(m, gram(&g, first, k));
            if (id >= 0) ids[n++] = id;
        }
    sort_small(ids, n);
    *count = n;
    return ids;
}

static void fill_row(const filling *f, int64_t t, const int32_t *ids, int n) {
    const tfidf_model *m = f->m;
    int64_t o = f->x->at[t];
    double squares = 0;
    for (int i = 0, same; i < n; i += same) {
        for (same = 1; i + same < n && ids[i + same] == ids[i];) same++;
        double tf = m->p.sublinear ? 1 + log(same) : same;
        double value = tf * m->idf[ids[i]];
        f->x->col[o] = ids[i];
        f->x->value[o++] = (float)value;
        squares += value * value;
    }
    if (!m->p.l2 || squares == 0) return;
    double scale = 1 / sqrt(squares);
    for (int64_t i = f->x->at[t]; i < o; i++) f->x->value[i] = (float)(f->x->value[i] * scale);
}

static void fill_chunk(void *what, int64_t chunk, arena scratch) {
    const filling *f = what;
    int64_t last = (chunk + 1) * CHUNK < f->n ? (chunk + 1) * CHUNK : f->n;
    for (int64_t t = chunk * CHUNK; t < last; t++) {
        arena one = scratch;
        int n;
        const int32_t *ids = terms_of(f->m, f->texts[t], &n, &one);
        if (f->x->col) {
            fill_row(f, t, ids, n);
            continue;
        }
        for (int i = 0; i < n; i++) f->x->at[t + 1] += i == 0 || ids[i] != ids[i - 1];
    }
}

sparse tfidf_rows(const tfidf_model *m, const slice *texts, int64_t n, pool *threads, arena *keep) {
    sparse x = {.rows = n, .cols = m->terms, .at = take(keep, int64_t, n + 1)};
    filling f = {m, texts, n, &x};
    pool_for(threads, (n + CHUNK - 1) / CHUNK, fill_chunk, &f);
    for (int64_t t = 0; t < n; t++) x.at[t + 1] += x.at[t];
    x.col = take(keep, int32_t, x.at[n] + 1);
    x.value = take(keep, float, x.at[n] + 1);
    pool_for(threads, (n + CHUNK - 1) / CHUNK, fill_chunk, &f);
    return x;
}
