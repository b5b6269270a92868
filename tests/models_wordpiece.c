/* models_wordpiece: word pieces by hand-made vocabularies and against the reference's answers. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/db.h"
#include "data/folder.h"
#include "models/language/uncased.h"
#include "models/language/wordpiece.h"

static const char *const small[] = {
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "dress", "##es", "##s", "the",
    "un", "##fit", "##ting", "cafe", "!", "'", "t", "don",
    "\xE8\xA1\xA3", "s", "<", ">", "br", "/", "x", "##x"};
enum { SMALL = sizeof small / sizeof *small };

static void open_small(wordpiece *w, scope *s) {
    err e = {0};
    check_ok(scope_open(s, 8 << 20, 0, &e), &e);
    slice *piece = take(&s->keep, slice, SMALL);
    for (int i = 0; i < SMALL; i++) piece[i] = slice_of(small[i]);
    check_ok(wordpiece_open(w, piece, SMALL, &s->keep, &e), &e);
}

/* The pieces of a text as words, without [CLS] and [SEP]. */
static slice pieces_of(const wordpiece *w, slice from, int32_t most, scope *s) {
    int32_t ids[600];
    int32_t n = wordpiece_encode(w, from, most, ids, NULL);
    check(n >= 2 && n <= most && ids[0] == w->begin && ids[n - 1] == w->end);
    const char *all = "";
    for (int32_t i = 1; i + 1 < n; i++)
        all = arena_text(&s->keep, "%s%s%s", all, i > 1 ? " " : "", small[ids[i]]);
    return slice_of(all);
}

CHECK(wordpiece_cuts_words_greedily) {
    scope s;
    wordpiece w;
    open_small(&w, &s);
    static const char *const cases[][2] = {
        {"the dress", "the dress"},
        {"The DRESSES", "the dress ##es"},
        {"unfitting dresss", "un ##fit ##ting dress ##s"},
        {"unfitted", "[UNK]"}, /* stuck at "ted": the whole word is unknown */
        {"Caf\xC3\xA9!! don't", "cafe ! ! don ' t"},
        {"Cafe\xCC\x81", "cafe"},                    /* e and a combining accent */
        {"the\xE8\xA1\xA3\xE8\xA1\xA3the", "the \xE8\xA1\xA3 \xE8\xA1\xA3 the"},
        {"<br/>dress", "< br / > dress"},
        {"\xF0\x9F\x98\x8D \xF0\x9F\x98\x8D", "[UNK] [UNK]"},
        {"", ""},
        {" \t\n\r ", ""},
        {"dre\xC2\xADss", "dress"},                  /* soft hyphen */
        {"dress\xE2\x80\x8B" "es", "dress ##es"},       /* zero width space is a format character */
        {"dress\xC2\xA0the", "dress the"},           /* no-break space */
        {"dre\xFFss \xC3", "dress"},                 /* bytes that are not UTF-8 */
        {"\xED\xA0\x80the\xC0\x80", "the"},          /* a surrogate, an overlong NUL */
        {"\xE2\x84\xAA", "[UNK]"},                   /* Kelvin sign becomes k, which is no piece */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_text(pieces_of(&w, slice_of(cases[i][0]), 512, &s), cases[i][1]);
    check_text(pieces_of(&w, (slice){"the\0dress", 9}, 512, &s), "[UNK]"); /* NUL is dropped */
    scope_close(&s);
}

CHECK(wordpiece_words_of_over_a_hundred_characters_are_unknown) {
    scope s;
    wordpiece w;
    int32_t ids[300];
    open_small(&w, &s);
    char word[101];
    memset(word, 'x', sizeof word);
    check(wordpiece_encode(&w, (slice){word, 100}, 300, ids, NULL) == 102); /* x ##x … */
    check(wordpiece_encode(&w, (slice){word, 101}, 300, ids, NULL) == 3 && ids[1] == w.unknown);
    scope_close(&s);
}

CHECK(wordpiece_cuts_long_texts_off) {
    scope s;
    wordpiece w;
    int32_t ids[8];
    bool cut;
    open_small(&w, &s);
    check(wordpiece_encode(&w, SLICE("the the the"), 5, ids, &cut) == 5 && !cut);
    check(wordpiece_encode(&w, SLICE("the the the the"), 5, ids, &cut) == 5 && cut);
    check(ids[4] == w.end && ids[3] == 7);
    /* the fourth word does not fit as a whole, and would not be unknown */
    check(wordpiece_encode(&w, SLICE("the the dresses"), 5, ids, &cut) == 5 && cut && ids[3] == 4);
    /* a word that gets stuck behind the place where the text ends is still unknown */
    check(wordpiece_encode(&w, SLICE("the the dressesq"), 5, ids, &cut) == 5);
    check(!cut && ids[3] == w.unknown);
    check(wordpiece_encode(&w, SLICE("the"), 2, ids, &cut) == 2 && cut);
    char *big = take(&s.keep, char, 1 << 20);
    memset(big, 'x', 1 << 20);
    check(wordpiece_encode(&w, (slice){big, 1 << 20}, 8, ids, &cut) == 3 && ids[1] == 1 && !cut);
    scope_close(&s);
}

CHECK(wordpiece_refuses_a_vocabulary_without_special_pieces) {
    scope s;
    err e = {0};
    wordpiece w;
    slice piece[2] = {SLICE("[UNK]"), SLICE("[CLS]")};
    check(scope_open(&s, 1 << 20, 0, &e));
    check(!wordpiece_open(&w, piece, 2, &s.keep, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "[SEP]");
    scope_close(&s);
}

static uint64_t mix(uint64_t h, uint64_t value) {
    for (int i = 0; i < 8; i++) h = (h ^ (value >> 8 * i & 255)) * 1099511628211u;
    return h;
}

/* The number is what tests/oracles/wordpiece.py computed from Hugging Face tokenizers 0.23.3. */
CHECK(uncased_treats_every_code_point_as_the_reference) {
    uint64_t h = 14695981039346656037u;
    for (uint32_t c = 1; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        uncased_form f = uncased_of(c);
        h = mix(h, c);
        h = mix(h, f.kind);
        for (int i = 0; i < f.n; i++) h = mix(h, f.to[i]);
    }
    char got[32];
    snprintf(got, sizeof got, "%016llx", (unsigned long long)h);
    check_text(slice_of(got), "e37d167370df74a7");
}

/* ---- against the reference with the real vocabulary, where the weights are here ---- */

static bool open_real(wordpiece *w, scope *s) {
    err e = {0};
    slice all;
    const char *path = "build/weights/gte-small/vocab.txt";
    if (!check_weights("gte-small")) return false;
    check_ok(scope_open(s, 64 << 20, 1 << 20, &e), &e);
    check_ok(file_read(path, s, 1 << 20, &all, &e), &e);
    slice *piece = take(&s->keep, slice, 30522);
    int32_t n = 0;
    for (const char *end; n < 30522 && (end = memchr(all.p, '\n', all.n)) != NULL; n++) {
        piece[n] = (slice){all.p, (size_t)(end - all.p)};
        all = (slice){end + 1, all.n - piece[n].n - 1};
    }
    check_ok(wordpiece_open(w, piece, n, &s->keep, &e), &e);
    return true;
}

static void put_utf8(text *t, uint32_t c) {
    if (c < 0x80) {
        text_add_char(t, (char)c);
        return;
    }
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    text_add_char(t, (char)(lead[more] | c >> 6 * more));
    while (more-- > 0) text_add_char(t, (char)(0x80 | (c >> 6 * more & 0x3F)));
}

/* The number is the reference's, as above. */
CHECK(wordpiece_equals_the_reference_on_every_code_point) {
    scope s;
    wordpiece w;
    text t = {0};
    int32_t ids[64];
    uint64_t h = 14695981039346656037u;
    int64_t pieces = 0;
    if (!open_real(&w, &s)) skip("no weights here: tools/setup.sh --weights");
    for (uint32_t c = 1; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        text_clear(&t);
        text_add(&t, SLICE("dre"));
        put_utf8(&t, c);
        text_add(&t, SLICE("ss "));
        put_utf8(&t, c);
        int32_t n = wordpiece_encode(&w, text_slice(&t), 64, ids, NULL);
        for (int32_t i = 0; i < n; i++) h = mix(h, (uint64_t)ids[i]);
        pieces += n;
    }
    check(pieces == 4569490);
    check(h == 0xe177dc68edc2d833u);
    text_free(&t);
    scope_close(&s);
}

CHECK(wordpiece_equals_the_reference_on_real_reviews) {
    scope s;
    err e = {0};
    wordpiece w;
    db *d;
    columns c;
    const char *data = check_data("reviews/Womens Clothing E-Commerce Reviews.csv");
    if (!data) skip("no real reviews here");
    if (!open_real(&w, &s)) skip("no weights here: tools/setup.sh --weights");
    check_ok(db_open(&d, (db_params){1, 512, "/tmp/atelier-wordpiece"}, &e), &e);
    check_ok(db_query(d, &s.keep, &c, &e,
                      "SELECT \"Review Text\" AS t FROM read_csv('%s', header = true, "
                      "all_varchar = true, parallel = false) WHERE \"Review Text\" <> ''",
                      data), &e);
    uint64_t h = 14695981039346656037u;
    int64_t pieces = 0;
    int32_t ids[4096];
    for (int64_t i = 0; i < c.rows; i++) {
        int32_t n = wordpiece_encode(&w, columns_text(&c, "t")[i], 4096, ids, NULL);
        for (int32_t k = 0; k < n; k++) h = mix(h, (uint64_t)ids[k]);
        pieces += n;
    }
    check(c.rows == 22641);
    check(pieces == 1737846);
    check(h == 0x052fdc364d709f56u);
    db_close(d);
    scope_close(&s);
}
