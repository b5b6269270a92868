/* sentences: a text cut into sentences, at . ! ? ; and line ends and before the word "but". */
#include "models/language/sentences.h"

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The word "but" stands at i, with words on both sides. */
static bool but_at(slice t, size_t i) {
    if (i == 0 || i + 3 >= t.n || is_word(t.p[i - 1]) || t.p[i - 1] == '\'') return false;
    return slice_is_nocase((slice){t.p + i, 3}, "but") && !is_word(t.p[i + 3]) &&
           t.p[i + 3] != '\'' && t.p[i + 3] != '-';
}

/* A sentence ends before i; *skip = bytes of the mark. */
static bool ends_at(slice t, size_t i, size_t *skip) {
    char c = t.p[i];
    bool in_number = i > 0 && i + 1 < t.n && is_digit(t.p[i - 1]) && is_digit(t.p[i + 1]);
    *skip = 1;
    if (c == '.') return !in_number;
    if (c == '!' || c == '?' || c == ';' || c == '\n' || c == '\r') return true;
    *skip = 3;
    return (c == 'b' || c == 'B') && but_at(t, i);
}

/* Without spaces, commas and dashes at its ends. */
static slice bare(const char *p, size_t n) {
    slice s = slice_trim((slice){p, n});
    while (s.n > 0 && (s.p[0] == ',' || s.p[0] == '-' || s.p[0] == ' ')) s.p++, s.n--;
    while (s.n > 0 && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == '-' || s.p[s.n - 1] == ' ')) s.n--;
    return slice_trim(s);
}

int64_t sentences_of(slice from, slice *out, int64_t most) {
    int64_t n = 0;
    size_t first = 0, skip;
    bool words = false;
    for (size_t i = 0; i <= from.n; i++) {
        skip = 1;
        if (i < from.n && !ends_at(from, i, &skip)) {
            words |= is_word(from.p[i]);
            continue;
        }
        if (words && out && n < most) out[n] = bare(from.p + first, i - first);
        n += words;
        words = false;
        first = i + skip < from.n ? i + skip : from.n;
        i += skip - 1;
    }
    return n;
}
