/* uncased: what the uncased BERT normaliser makes of one character (Unicode code point). */
#include "models/language/uncased.h"

static uncased_form letter(uint32_t to) { return (uncased_form){UNCASED_LETTER, 1, {to}}; }
static uncased_form alone(uint32_t to) { return (uncased_form){UNCASED_ALONE, 1, {to}}; }

static uncased_form ascii(uint32_t c) {
    if (c == ' ' || (c >= '\t' && c <= '\r' && c != 0x0B && c != 0x0C))
        return (uncased_form){UNCASED_SPACE, 0, {0}};
    if (c < ' ' || c == 0x7F) return (uncased_form){UNCASED_DROP, 0, {0}};
    if (c >= 'A' && c <= 'Z') return letter(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return letter(c);
    return alone(c);
}

/* Syllables decompose by arithmetic (Unicode standard, 3.12). */
static uncased_form hangul(uint32_t c) {
    uint32_t at = c - 0xAC00, tail = at % 28;
    return (uncased_form){UNCASED_LETTER,
                          tail ? 3 : 2,
                          {0x1100 + at / 588, 0x1161 + at % 588 / 28, 0x11A7 + tail}};
}

/* Index of the last row that begins at or before code; rows are `size` bytes and begin with it. */
static int row_of(const void *rows, int n, int size, uint32_t code) {
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (*(const uint32_t *)(const void *)((const char *)rows + middle * size) <= code)
            low = middle + 1;
        else high = middle;
    }
    return low - 1;
}

uncased_form uncased_of(uint32_t c) {
    if (c < 0x80) return ascii(c);
    if (c >= 0xAC00 && c <= 0xD7A3) return hangul(c);
    uint32_t basic = c - 0xF900, more = c - 0x2F800;
    if (basic < 474 && uncased_compat_basic[basic]) return alone(uncased_compat_basic[basic]);
    if (more < 542 && uncased_compat_supplement[more])
        return alone(uncased_compat_supplement[more]);
    int at = row_of(uncased_runs, uncased_n_runs, sizeof *uncased_runs, c);
    const uncased_run *r = &uncased_runs[at];
    if (at >= 0 && c <= r->last && (c - r->first) % r->step == 0)
        return (uncased_form){(uncased_kind)r->kind, r->kind >= UNCASED_ALONE,
                              {(uint32_t)((int64_t)c + r->add)}};
    at = row_of(uncased_singles, uncased_n_singles, sizeof *uncased_singles, c);
    if (at >= 0 && uncased_singles[at].code == c) return letter(uncased_singles[at].to);
    at = row_of(uncased_severals, uncased_n_severals, sizeof *uncased_severals, c);
    if (at >= 0 && uncased_severals[at].code == c) {
        const uint32_t *to = uncased_severals[at].to;
        return (uncased_form){UNCASED_LETTER, to[2] ? 3 : 2, {to[0], to[1], to[2]}};
    }
    return letter(c);
}
