/* masked: a text with its disguised words written out, to be read beside the text itself. */
#include "models/language/masked.h"

#include <string.h>

#include "base/utf8.h"
#include "models/language/uncased.h"

enum { LONGEST = 64, SPACED = 3 }; /* letters of a word; single letters that are one word */

/* Parts of a token and all of it, each maybe twice: four times its bytes; and the folded text. */
size_t masked_room(size_t n) { return 5 * n + 2 * LONGEST; }

/* ---- one character ---- */

/* Letters that look Latin, in lower case. */
static uint32_t look_alike(uint32_t c) {
    static const struct {
        uint32_t code;
        char to;
    } of[] = {{0x131, 'i'}, {0x3B1, 'a'}, {0x3B5, 'e'}, {0x3B7, 'n'}, {0x3B9, 'i'}, {0x3BA, 'k'},
              {0x3BD, 'v'}, {0x3BF, 'o'}, {0x3C1, 'p'}, {0x3C4, 't'}, {0x3C5, 'u'}, {0x3C7, 'x'},
              {0x3C9, 'w'}, {0x430, 'a'}, {0x432, 'b'}, {0x435, 'e'}, {0x43A, 'k'}, {0x43C, 'm'},
              {0x43D, 'h'}, {0x43E, 'o'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'}, {0x443, 'y'},
              {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'}, {0x4BB, 'h'}, {0x501, 'd'},
              {0x51B, 'q'}, {0x51D, 'w'}};
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0; /* full width */
    if (c >= 0x1D400 && c <= 0x1D6A3) return 'a' + (c - 0x1D400) % 26;
    if (c >= 0x24B6 && c <= 0x24E9) return 'a' + (c - 0x24B6) % 26; /* circled */
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (of[i].code == c) return (uint32_t)of[i].to;
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* What stands for a letter; 0 = nothing. `inside` signs only do so between letters. */
static char stands_for(char c, bool inside) {
    static const char signs[] = "0o1i3e4a5s7t8b9g@a$s";
    static const char between[] = "!i|i+t(c";
    for (const char *p = signs; *p; p += 2)
        if (*p == c) return p[1];
    for (const char *p = between; *p && inside; p += 2)
        if (*p == c) return p[1];
    return 0;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80; }
static bool is_sign(char c) { return stands_for(c, true) != 0; }

/* The text in Latin lower case without marks, in place of its words' end a space; from.n bytes. */
static size_t fold(slice from, char *out) {
    size_t o = 0, length;
    for (size_t i = 0; i < from.n; i += length) {
        uint32_t c = utf8_next(from.p + i, from.n - i, &length);
        uncased_form f = uncased_of(c);
        if (f.kind == UNCASED_DROP) continue;
        if (f.kind == UNCASED_SPACE || c == '\'' || c == 0x2019) {
            if (f.kind == UNCASED_SPACE) out[o++] = ' ';
            continue; /* an apostrophe joins: "don't" is "dont" */
        }
        char bytes[16];
        size_t n = 0;
        for (int k = 0; k < f.n; k++) n += utf8_put(look_alike(f.to[k]), bytes + n);
        if (n > length) continue; /* a syllable taken apart: no Latin letter looks like it */
        memcpy(out + o, bytes, n);
        o += n;
    }
    return o;
}

/* ---- words ---- */

/* Adds p[0..n) to out after a space, at most LONGEST bytes; runs of a letter are cut to `most`. */
static size_t add_word(const char *p, size_t n, size_t most, char *out, size_t o) {
    size_t run = 0, start = o;
    if (o > 0) out[o++] = ' ';
    size_t first = o;
    for (size_t i = 0; i < n && o - first < LONGEST; i++) {
        run = i > 0 && p[i] == p[i - 1] ? run + 1 : 1;
        if (run <= most || (unsigned char)p[i] >= 0x80) out[o++] = p[i];
    }
    return o > first ? o : start;
}

static bool has_run(const char *p, size_t n) {
    for (size_t i = 2; i < n; i++)
        if (p[i] == p[i - 1] && p[i] == p[i - 2] && is_letter(p[i])) return true;
    return false;
}

/* A word as it is meant, and shortened once more where a letter is drawn out. */
static size_t add_meant(const char *p, size_t n, char *out, size_t o) {
    if (n == 0) return o;
    if (!has_run(p, n)) return add_word(p, n, n, out, o);
    o = add_word(p, n, 2, out, o);
    return add_word(p, n, 1, out, o);
}

/* Adds c to the word of o letters unless it would be the fourth of its kind in a row. */
static size_t add_letter(char *word, size_t o, char c) {
    bool drawn = o > 2 && c == word[o - 1] && c == word[o - 2] && c == word[o - 3];
    if (o == LONGEST || (drawn && (unsigned char)c < 0x80)) return o;
    word[o] = c;
    return o + 1;
}

/* Letters of the token t[0..n) with signs read as letters and without what parts them. */
static size_t meant(const char *t, size_t n, bool joined, char *word) {
    size_t o = 0;
    bool letters = false;
    for (size_t i = 0; i < n; i++) letters |= is_letter(t[i]);
    for (size_t i = 0; i < n; i++) {
        bool inside = i > 0 && i + 1 < n;
        char as = letters ? stands_for(t[i], inside) : 0;
        if (is_letter(t[i]) || t[i] == '*' || (!letters && t[i] >= '0' && t[i] <= '9'))
            o = add_letter(word, o, t[i]);
        else if (as) o = add_letter(word, o, as);
        else if (!joined) break;
    }
    return o;
}

/* One token without spaces: its parts, then all of it joined when there are several parts. */
static size_t add_token(const char *t, size_t n, char *out, size_t o) {
    char word[LONGEST];
    size_t pieces = 0, singles = 0, before = o;
    bool starred = n > 0 && t[0] == '*'; /* *so*, **so**: said loudly, nothing is hidden */
    while (n > 0 && !is_letter(t[0]) && !(t[0] >= '0' && t[0] <= '9') && t[0] != '@' && t[0] != '$')
        t++, n--;
    while (n > 0 && !is_letter(t[n - 1]) && !(t[n - 1] >= '0' && t[n - 1] <= '9') &&
           (starred || t[n - 1] != '*') && t[n - 1] != '$')
        n--;
    for (size_t i = 0, k; i < n; i = k + 1) {
        for (k = i; k < n && (is_letter(t[k]) || is_sign(t[k]) || t[k] == '*' ||
                              (t[k] >= '0' && t[k] <= '9'));)
            k++;
        if (k == i) continue;
        o = add_meant(word, meant(t + i, k - i, false, word), out, o);
        singles += k - i == 1;
        pieces++;
    }
    if (pieces < 2 || n > LONGEST) return o;
    if (pieces == singles) o = before; /* i.d.i.o.t: the letters alone say nothing */
    return add_meant(word, meant(t, n, true, word), out, o);
}

/* Where the token at p[i] ends. */
static size_t token_end(slice p, size_t i) {
    while (i < p.n && p.p[i] != ' ') i++;
    return i;
}

/* Single letters or signs from p[i] on, parted by single spaces, into word; how many; *end is one
 * past them. Fewer than two letters for each sign are no word ("a 5 5"): 0. */
static size_t spaced(slice p, size_t i, char *word, size_t *end) {
    size_t n = 0, letters = 0;
    while (i < p.n && n < LONGEST) {
        size_t stop = token_end(p, i);
        char as = stop - i == 1 ? stands_for(p.p[i], n > 0) : 0;
        if (stop - i != 1 || (!is_letter(p.p[i]) && !as)) break;
        letters += !as;
        word[n++] = as ? as : p.p[i];
        *end = stop;
        i = stop + 1;
    }
    return 3 * letters >= 2 * n ? n : 0;
}

size_t masked_text(slice from, char *out) {
    size_t o = 0, end = 0;
    char *folded = out + 4 * from.n + 2 * LONGEST;
    slice p = {folded, fold(from, folded)};
    char word[LONGEST];
    for (size_t i = 0; i < p.n; i = end + 1) {
        end = i;
        if (p.p[i] == ' ') continue;
        size_t n = spaced(p, i, word, &end);
        if (n >= SPACED) {
            o = add_meant(word, n, out, o);
            if (n > SPACED && (word[0] == 'a' || word[0] == 'i')) /* "a f o o l": a word before */
                o = add_meant(word + 1, n - 1, out, o);
            continue;
        }
        end = token_end(p, i);
        o = add_token(p.p + i, end - i, out, o);
    }
    return o;
}
