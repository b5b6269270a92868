/* utf8: one character (Unicode code point) at a time, from bytes and back.
 *
 *     for (size_t i = 0, k; i < s.n; i += k) use(utf8_next(s.p + i, s.n - i, &k)); */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_BROKEN = 0xFFFD };

/* The character at p[0..n), n >= 1, and how many bytes it takes (1 … 4). A byte that begins no
 * valid UTF-8 (cut, overlong, a surrogate, above U+10FFFF) is UTF8_BROKEN and takes one. */
uint32_t utf8_next(const char *p, size_t n, size_t *length);

/* Writes c (at most U+10FFFF) to out, 1 … 4 bytes; returns how many. */
size_t utf8_put(uint32_t c, char *out);

#endif
