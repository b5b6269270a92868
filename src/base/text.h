/* text: slices (pointer and length, no terminator) and a growing builder.
 *
 * A slice borrows; whoever made the bytes keeps them. The builder owns malloc'd bytes that
 * text_free (or the scope given to text_open) gives back; running out of memory aborts. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct slice {
    const char *p;
    size_t n;
} slice;

#define SLICE(literal) ((slice){(literal), sizeof(literal) - 1})
slice slice_of(const char *terminated);
bool slice_is(slice s, const char *terminated);
bool slice_is_nocase(slice s, const char *terminated); /* ASCII case */
slice slice_trim(slice s);                             /* ASCII space, tab, CR, LF */
int slice_compare(slice a, slice b);                   /* bytes, shorter first; <0, 0, >0 */
bool slice_int(slice s, int64_t *out);                 /* whole slice, decimal, optional sign */
bool slice_double(slice s, double *out);               /* whole slice, locale-free, finite only */
char *slice_copy(arena *keep, slice s);                /* terminated copy */

/* The name out of n that is nearest to word by edits, or NULL when none is near: for messages. */
const char *slice_nearest(slice word, const char *const *names, int n);

/* 64-bit FNV-1a, for hash tables and stable buckets; never for integrity. */
uint64_t slice_hash(slice s);

/* Length of the longest valid UTF-8 prefix; == s.n when all is valid. */
size_t slice_utf8_prefix(slice s);

typedef struct text {
    char *p; /* terminated after every call; NULL while empty and never written */
    size_t n, cap;
    char **owned; /* in the owner's memory, where its closer finds p; NULL = without owner */
} text;

void text_open(text *t, scope *owner); /* empty; its bytes are freed with owner, t may end before */
void text_free(text *t);
void text_clear(text *t);
void text_reserve(text *t, size_t more); /* room for so many bytes and a terminator */
void text_add(text *t, slice s);
void text_add_char(text *t, char c);
void text_addf(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_addv(text *t, const char *format, va_list args);
slice text_slice(const text *t);

/* Days since 1970-01-01 (proleptic Gregorian) and back; ISO text is "2020-09-22". */
int32_t day_of(int year, int month, int day);
void day_split(int32_t day, int *year, int *month, int *of_month);
bool day_parse(slice iso, int32_t *out); /* exactly YYYY-MM-DD and a real date */
char *day_text(arena *keep, int32_t day);

#endif
