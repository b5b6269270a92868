/* text: slices (pointer and length, no terminator) and a growing builder. */
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

slice slice_of(const char *terminated) { return (slice){terminated, strlen(terminated)}; }

bool slice_is(slice s, const char *terminated) {
    return strlen(terminated) == s.n && memcmp(s.p, terminated, s.n) == 0;
}

bool slice_is_nocase(slice s, const char *terminated) {
    return strlen(terminated) == s.n && strncasecmp(s.p, terminated, s.n) == 0;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

slice slice_trim(slice s) {
    while (s.n > 0 && is_space(s.p[0])) s.p++, s.n--;
    while (s.n > 0 && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

int slice_compare(slice a, slice b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    if (order != 0) return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool slice_int(slice s, int64_t *out) {
    size_t i = 0;
    bool negative = s.n > 0 && s.p[0] == '-';
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) i = 1;
    if (i == s.n) return false;
    int64_t value = 0;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        int digit = s.p[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_sub_overflow(value, digit, &value)) return false;
    }
    if (!negative && value == INT64_MIN) return false;
    *out = negative ? value : -value;
    return true;
}

static bool looks_decimal(slice s) {
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9') digits++;
        else if (c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') return false;
    }
    return digits > 0;
}

bool slice_double(slice s, double *out) {
    char copy[64];
    if (s.n == 0 || s.n >= sizeof copy || !looks_decimal(s)) return false;
    memcpy(copy, s.p, s.n);
    copy[s.n] = 0;
    char *end;
    double value = strtod(copy, &end); /* the program never calls setlocale: "C" rules */
    if (end != copy + s.n || !isfinite(value)) return false;
    *out = value;
    return true;
}

char *slice_copy(arena *keep, slice s) {
    char *copy = take(keep, char, s.n + 1);
    if (s.n > 0) memcpy(copy, s.p, s.n);
    return copy;
}

/* Levenshtein distance, without regard to ASCII case; words over 63 bytes count as far apart. */
static int edits(slice a, slice b) {
    int row[64];
    if (a.n >= 64 || b.n >= 64) return 99;
    for (int j = 0; j <= (int)b.n; j++) row[j] = j;
    for (int i = 1; i <= (int)a.n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= (int)b.n; j++) {
            int same = tolower((unsigned char)a.p[i - 1]) == tolower((unsigned char)b.p[j - 1]);
            int best = diagonal + !same;
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.n];
}

const char *slice_nearest(slice word, const char *const *names, int n) {
    const char *best = NULL;
    int least = word.n < 4 ? 2 : 1 + (int)word.n / 3; /* farther than that is another word */
    for (int i = 0; i < n; i++) {
        int distance = edits(word, slice_of(names[i]));
        if (distance < least || (distance == least && !best)) {
            least = distance;
            best = names[i];
        }
    }
    return best;
}

uint64_t slice_hash(slice s) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++) h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

/* Length of the valid sequence that starts at p, 0 when there is none. */
static size_t utf8_sequence(const unsigned char *p, size_t left) {
    if (p[0] < 0x80) return 1;
    size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < n) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
    if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogates */
    if (p[0] == 0xF0 && p[1] < 0x90) return 0; /* overlong */
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0; /* above U+10FFFF */
    return n;
}

size_t slice_utf8_prefix(slice s) {
    size_t i = 0;
    while (i < s.n) {
        uint64_t eight; /* ASCII, eight bytes at a time */
        while (i + 8 <= s.n && (memcpy(&eight, s.p + i, 8), (eight & 0x8080808080808080u) == 0))
            i += 8;
        if (i == s.n) break;
        size_t n = utf8_sequence((const unsigned char *)s.p + i, s.n - i);
        if (n == 0) break;
        i += n;
    }
    return i;
}

static void text_close(void *what) { free(*(char **)what); }

void text_open(text *t, scope *owner) {
    memset(t, 0, sizeof *t);
    t->owned = take(&owner->keep, char *, 1);
    scope_defer(owner, text_close, t->owned);
}

void text_free(text *t) {
    char **owned = t->owned;
    free(t->p);
    if (owned) *owned = NULL;
    *t = (text){.owned = owned};
}

void text_clear(text *t) {
    t->n = 0;
    if (t->p) t->p[0] = 0;
}

void text_reserve(text *t, size_t more) {
    size_t wanted = t->n + more + 1;
    if (wanted <= t->cap) return;
    size_t cap = t->cap ? t->cap : 256;
    while (cap < wanted) cap *= 2;
    char *p = realloc(t->p, cap);
    if (!p) out_of_memory(cap);
    t->p = p;
    if (t->owned) *t->owned = p;
    t->cap = cap;
}

void text_add(text *t, slice s) {
    text_reserve(t, s.n);
    if (s.n > 0) memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
    t->p[t->n] = 0;
}

void text_add_char(text *t, char c) { text_add(t, (slice){&c, 1}); }

void text_addv(text *t, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    text_reserve(t, 64); /* most fit at once; the others are written again with room for all */
    size_t room = t->cap - t->n;
    int n = vsnprintf(t->p + t->n, room, format, args);
    if (n >= 0 && (size_t)n >= room) {
        text_reserve(t, (size_t)n);
        vsnprintf(t->p + t->n, (size_t)n + 1, format, again);
    }
    if (n > 0) t->n += (size_t)n;
    va_end(again);
}

void text_addf(text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_addv(t, format, args);
    va_end(args);
}

slice text_slice(const text *t) { return (slice){t->p ? t->p : "", t->n}; }

/* Howard Hinnant's civil calendar arithmetic: years start in March. */
int32_t day_of(int year, int month, int day) {
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return era * 146097 + day_of_era - 719468;
}

void day_split(int32_t day, int *year, int *month, int *of_month) {
    int z = day + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int of_era = z - era * 146097;
    int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int m = (5 * of_year + 2) / 153;
    *of_month = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static bool two_digits(const char *p, int *out) {
    if (!isdigit((unsigned char)p[0]) || !isdigit((unsigned char)p[1])) return false;
    *out = (p[0] - '0') * 10 + (p[1] - '0');
    return true;
}

bool day_parse(slice iso, int32_t *out) {
    int century, rest, month, day, y, m, d;
    if (iso.n != 10 || iso.p[4] != '-' || iso.p[7] != '-') return false;
    if (!two_digits(iso.p, &century) || !two_digits(iso.p + 2, &rest) ||
        !two_digits(iso.p + 5, &month) || !two_digits(iso.p + 8, &day))
        return false;
    if (month < 1 || month > 12 || day < 1) return false;
    int32_t number = day_of(century * 100 + rest, month, day);
    day_split(number, &y, &m, &d);
    if (y != century * 100 + rest || m != month || d != day) return false;
    *out = number;
    return true;
}

char *day_text(arena *keep, int32_t day) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    return arena_text(keep, "%04d-%02d-%02d", y, m, d);
}
