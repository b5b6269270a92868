/* utf8: one character (Unicode code point) at a time, from bytes and back. */
#include "base/utf8.h"

uint32_t utf8_next(const char *p, size_t n, size_t *length) {
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[5] = {[2] = {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    const unsigned char *b = (const unsigned char *)p;
    *length = 1;
    if (b[0] < 0x80) return b[0];
    for (size_t k = 2; k <= 4 && k <= n; k++) {
        if ((b[0] & forms[k].mask) != forms[k].lead) continue;
        uint32_t c = b[0] & (unsigned char)~forms[k].mask;
        for (size_t i = 1; i < k; i++) {
            if ((b[i] & 0xC0) != 0x80) return UTF8_BROKEN;
            c = c << 6 | (b[i] & 0x3F);
        }
        if (c < forms[k].least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return UTF8_BROKEN;
        *length = k;
        return c;
    }
    return UTF8_BROKEN;
}

size_t utf8_put(uint32_t c, char *out) {
    if (c < 0x80) return out[0] = (char)c, 1;
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[n] | c);
    return n;
}
