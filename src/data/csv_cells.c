/* csv_cells: one cell of text as a typed value, strictly and without a locale. */
#include "data/csv_cells.h"

#include <string.h>

static slice trimmed(slice s) {
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) s.p++, s.n--;
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) s.n--;
    return s;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_null_word(slice s) {
    static const char *const words[] = {"NULL", "null", "NA",   "N/A", "NaN",
                                        "nan",  "None", "none", "\\N"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is(s, words[i])) return true;
    return false;
}

bool cell_text_is_null(slice s, bool was_quoted) {
    if (s.n > 4) {
        if (s.p[0] != ' ' && s.p[0] != '\t') return false;
        return trimmed(s).n == 0;
    }
    s = trimmed(s);
    if (s.n == 0) return true;
    return !was_quoted && (slice_is(s, "NULL") || slice_is(s, "null") || slice_is(s, "\\N"));
}

/* ---- numbers ---- */

typedef struct digits {
    uint64_t mantissa;
    int n, dropped; /* significant digits taken; digits past 19 */
    int exponent;   /* value = mantissa * 10^exponent when dropped == 0 */
    size_t seen;    /* digits in all */
} digits;

static size_t take_digits(slice s, size_t i, digits *d, int step) {
    for (; i < s.n && is_digit(s.p[i]); i++, d->seen++) {
        if (d->n < 19) {
            d->mantissa = d->mantissa * 10 + (uint64_t)(s.p[i] - '0');
            d->n += d->mantissa != 0;
            d->exponent -= step;
        } else d->dropped++;
    }
    return i;
}

/* [sign] digits [. digits] [e [sign] digits]; false when s is anything else. */
static bool parse_number(slice s, bool *negative, digits *d) {
    size_t i = 0;
    *d = (digits){0};
    *negative = s.p[0] == '-';
    if (s.p[0] == '-' || s.p[0] == '+') i++;
    i = take_digits(s, i, d, 0);
    if (i < s.n && s.p[i] == '.') i = take_digits(s, i + 1, d, 1);
    if (d->seen == 0) return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        int64_t power;
        slice rest = {s.p + i + 1, s.n - i - 1};
        if (rest.n > 5 || !slice_int(rest, &power)) return false;
        d->exponent += (int)power;
        i = s.n;
    }
    return i == s.n;
}

cell cell_int(slice s, int64_t *out) {
    s = trimmed(s);
    if (s.n == 0) return CELL_NULL;
    bool negative = s.p[0] == '-';
    size_t i = negative || s.p[0] == '+' ? 1 : 0, from = i;
    uint64_t value = 0;
    for (; i < s.n && is_digit(s.p[i]) && i - from < 18; i++)
        value = value * 10 + (uint64_t)(s.p[i] - '0');
    if (i == s.n && i > from) {
        *out = negative ? -(int64_t)value : (int64_t)value;
        return CELL_VALUE;
    }
    if (is_null_word(s)) return CELL_NULL;
    size_t whole = i;
    while (whole < s.n && is_digit(s.p[whole])) whole++;
    size_t end = whole;
    if (end < s.n && s.p[end] == '.') /* 21.0: what a float column of another tool writes */
        for (end++; end < s.n && s.p[end] == '0';) end++;
    if (whole == from || end != s.n) return CELL_BAD;
    return slice_int((slice){s.p, whole}, out) ? CELL_VALUE : CELL_TOO_LARGE;
}

/* The double nearest to value / by, of even last digit when two are as near; value > 0. Both are
 * shifted to 64 bits, so the quotient has 63 of them at least; what is left over sets the last one,
 * far below the 53 that stay. */
static double divided(uint64_t value, uint64_t by) {
    int up = __builtin_clzll(value), by_up = __builtin_clzll(by);
    unsigned __int128 wide = (unsigned __int128)(value << up) << 63;
    uint64_t whole = (uint64_t)(wide / (by << by_up));
    if (wide % (by << by_up) != 0) whole |= 1;
    uint64_t power = (uint64_t)(1023 - 63 - up + by_up) << 52; /* 2^(by_up - up - 63) */
    double scale;
    memcpy(&scale, &power, sizeof scale);
    return (double)whole * scale;
}

/* Up to 19 digits, of which as many may stand behind the point. */
static bool is_fraction(const digits *d) {
    return d->dropped == 0 && d->exponent < 0 && d->exponent >= -19;
}

cell cell_real(slice s, double *out) {
    static const uint64_t whole_tens[] = {
        1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
        10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u,
        1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u,
        10000000000000000000u};
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    s = trimmed(s);
    if (s.n == 0) return CELL_NULL;
    bool negative;
    digits d;
    if (!parse_number(s, &negative, &d)) return is_null_word(s) ? CELL_NULL : CELL_BAD;
    double value;
    if (d.mantissa == 0 && d.dropped == 0) value = 0; /* also -0: one zero is enough */
    else if (d.dropped == 0 && d.mantissa <= (uint64_t)1 << 53 && d.exponent >= -22 &&
             d.exponent <= 22) {
        value = (double)d.mantissa; /* exact, and so is the power: one rounding */
        value = d.exponent < 0 ? value / tens[-d.exponent] : value * tens[d.exponent];
        if (negative) value = -value;
    } else if (is_fraction(&d)) {
        value = divided(d.mantissa, whole_tens[-d.exponent]);
        if (negative) value = -value;
    } else if (!slice_double(s, &value))
        return s.n >= 64 ? CELL_BAD : CELL_TOO_LARGE;
    *out = value;
    return CELL_VALUE;
}

/* ---- dates and times ---- */

static bool number_at(slice s, size_t at, size_t n, int *out) {
    if (at + n > s.n) return false;
    *out = 0;
    for (size_t i = at; i < at + n; i++) {
        if (!is_digit(s.p[i])) return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

static bool is_date(int y, int m, int d) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1) return false;
    bool leap = m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return d <= lengths[m - 1] + leap;
}

/* The date at the front; *n is its length. */
static bool date_at(slice s, int32_t *day, size_t *n) {
    int y, m, d;
    bool dashed = s.n >= 10 && s.p[4] == '-' && s.p[7] == '-' && number_at(s, 0, 4, &y) &&
                  number_at(s, 5, 2, &m) && number_at(s, 8, 2, &d);
    if (!dashed && !(s.n == 8 && number_at(s, 0, 4, &y) && number_at(s, 4, 2, &m) &&
                     number_at(s, 6, 2, &d)))
        return false;
    *n = dashed ? 10 : 8;
    if (!is_date(y, m, d)) return false;
    *day = day_of(y, m, d);
    return true;
}

/* HH:MM[:SS[.fraction]] at i; microseconds of the day. */
static bool clock_at(slice s, size_t *i, int64_t *micros) {
    int h, m, sec = 0;
    if (!number_at(s, *i, 2, &h) || *i + 5 > s.n || s.p[*i + 2] != ':' ||
        !number_at(s, *i + 3, 2, &m))
        return false;
    *i += 5;
    int64_t fraction = 0;
    if (*i < s.n && s.p[*i] == ':') {
        if (!number_at(s, *i + 1, 2, &sec)) return false;
        *i += 3;
        if (*i < s.n && (s.p[*i] == '.' || s.p[*i] == ',')) {
            int64_t unit = 100000;
            size_t from = ++*i;
            for (; *i < s.n && is_digit(s.p[*i]); (*i)++, unit /= 10)
                fraction += unit * (s.p[*i] - '0'); /* below a microsecond: cut off */
            if (*i == from) return false;
        }
    }
    if (h > 23 || m > 59 || sec > 59) return false;
    *micros = ((h * 60 + m) * 60 + sec) * (int64_t)1000000 + fraction;
    return true;
}

/* Nothing, Z, UTC, +HH, +HHMM or +HH:MM at the end; the offset in minutes. */
static bool zone_at(slice s, size_t i, int *minutes) {
    *minutes = 0;
    if (i < s.n && s.p[i] == ' ') i++;
    slice rest = {s.p + i, s.n - i};
    if (rest.n == 0 || slice_is(rest, "Z") || slice_is(rest, "UTC") || slice_is(rest, "z"))
        return true;
    int h, m = 0;
    if ((rest.p[0] != '+' && rest.p[0] != '-') || !number_at(rest, 1, 2, &h)) return false;
    bool colon = rest.n == 6 && rest.p[3] == ':';
    if (rest.n != 3 && !number_at(rest, colon ? 4 : 3, 2, &m)) return false;
    if ((rest.n != 3 && rest.n != 5 && !colon) || h > 15 || m > 59) return false;
    *minutes = (h * 60 + m) * (rest.p[0] == '-' ? -1 : 1);
    return true;
}

/* Unix time by the number of its digits: seconds, milliseconds or microseconds. */
static bool unix_time(slice s, int64_t *out) {
    static const int64_t unit_of[17] = {[9] = 1000000, [10] = 1000000, [12] = 1000,
                                        [13] = 1000,   [15] = 1,       [16] = 1};
    int64_t value;
    if (s.n > 2 && s.p[s.n - 2] == '.' && s.p[s.n - 1] == '0') s.n -= 2; /* 1441157405.0 */
    if (s.n > 16 || unit_of[s.n] == 0 || !is_digit(s.p[0]) || !slice_int(s, &value)) return false;
    *out = value * unit_of[s.n];
    return true;
}

cell cell_time(slice s, int64_t *out) {
    const int64_t day_micros = (int64_t)86400 * 1000000;
    int32_t day;
    size_t i;
    int64_t clock = 0;
    int zone = 0;
    s = trimmed(s);
    if (s.n == 0) return CELL_NULL;
    if (!date_at(s, &day, &i)) {
        if (unix_time(s, out)) return CELL_VALUE;
        return is_null_word(s) ? CELL_NULL : CELL_BAD;
    }
    if (i < s.n) {
        if (s.p[i] != 'T' && s.p[i] != ' ') return CELL_BAD;
        i++;
        if (!clock_at(s, &i, &clock) || !zone_at(s, i, &zone)) return CELL_BAD;
    }
    *out = day * day_micros + clock - zone * (int64_t)60 * 1000000;
    return CELL_VALUE;
}

cell cell_day(slice s, int32_t *out) {
    int64_t time, day_micros = (int64_t)86400 * 1000000;
    cell c = cell_time(s, &time);
    if (c == CELL_VALUE) {
        int64_t day = time / day_micros;
        *out = (int32_t)(day - (time % day_micros < 0));
    }
    return c;
}
