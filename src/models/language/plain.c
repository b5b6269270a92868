/* plain: the words that people see in a text that may carry HTML. */
#include "models/language/plain.h"

#include <string.h>

#include "base/utf8.h"

enum { ROUNDS = 8, LONGEST_NAME = 12 };

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* ---- entities ---- */

static const struct {
    const char *name;
    uint32_t code;
} names[] = {{"amp", '&'},       {"lt", '<'},        {"gt", '>'},       {"quot", '"'},
             {"apos", '\''},     {"nbsp", ' '},      {"ensp", ' '},     {"emsp", ' '},
             {"thinsp", ' '},    {"shy", 0xAD},      {"lsquo", 0x2018}, {"rsquo", 0x2019},
             {"sbquo", 0x201A},  {"ldquo", 0x201C},  {"rdquo", 0x201D}, {"bdquo", 0x201E},
             {"laquo", 0xAB},    {"raquo", 0xBB},    {"ndash", 0x2013}, {"mdash", 0x2014},
             {"hellip", 0x2026}, {"bull", 0x2022},   {"middot", 0xB7},  {"deg", 0xB0},
             {"euro", 0x20AC},   {"pound", 0xA3},    {"yen", 0xA5},     {"cent", 0xA2},
             {"copy", 0xA9},     {"reg", 0xAE},      {"trade", 0x2122}, {"hearts", 0x2665},
             {"times", 0xD7},    {"frac12", 0xBD},   {"frac14", 0xBC},  {"frac34", 0xBE},
             {"iexcl", 0xA1},    {"iquest", 0xBF},   {"szlig", 0xDF},   {"aelig", 0xE6},
             {"AElig", 0xC6},    {"oslash", 0xF8},   {"Oslash", 0xD8},  {"aring", 0xE5},
             {"Aring", 0xC5},    {"ccedil", 0xE7},   {"Ccedil", 0xC7},  {"ntilde", 0xF1},
             {"Ntilde", 0xD1},   {"atilde", 0xE3},   {"Atilde", 0xC3},  {"otilde", 0xF5},
             {"Otilde", 0xD5}};

/* Vowels with an accent: the letter, then the accent's name: "eacute". */
static const struct {
    const char *accent;
    uint16_t of[12]; /* a e i o u y, A E I O U Y; 0 = none */
} accents[] = {
    {"grave", {0xE0, 0xE8, 0xEC, 0xF2, 0xF9, 0, 0xC0, 0xC8, 0xCC, 0xD2, 0xD9, 0}},
    {"acute", {0xE1, 0xE9, 0xED, 0xF3, 0xFA, 0xFD, 0xC1, 0xC9, 0xCD, 0xD3, 0xDA, 0xDD}},
    {"circ", {0xE2, 0xEA, 0xEE, 0xF4, 0xFB, 0, 0xC2, 0xCA, 0xCE, 0xD4, 0xDB, 0}},
    {"uml", {0xE4, 0xEB, 0xEF, 0xF6, 0xFC, 0xFF, 0xC4, 0xCB, 0xCF, 0xD6, 0xDC, 0x178}},
};

static uint32_t named(slice name) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_is(name, names[i].name)) return names[i].code;
    static const char vowels[] = "aeiouyAEIOUY";
    const char *vowel = name.n > 3 ? memchr(vowels, name.p[0], 12) : NULL;
    for (size_t i = 0; vowel && i < sizeof accents / sizeof *accents; i++)
        if (slice_is((slice){name.p + 1, name.n - 1}, accents[i].accent))
            return accents[i].of[vowel - vowels];
    return 0;
}

/* What Windows-1252 has at 128 … 159; 0 = nothing. */
static uint32_t windows(uint32_t c) {
    static const uint16_t of[32] = {
        0x20AC, 0,      0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160,
        0x2039, 0x152,  0,      0x17D,  0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0,      0x17E, 0x178};
    return of[c - 128];
}

/* The character of "#39" or "#x27"; 0 = none. Controls are spaces. */
static uint32_t numbered(slice name) {
    bool hex = name.n > 1 && (name.p[1] == 'x' || name.p[1] == 'X');
    uint32_t code = 0;
    size_t i = hex ? 2 : 1;
    if (i >= name.n) return 0;
    for (; i < name.n; i++) {
        char c = name.p[i], low = (char)(c | 0x20);
        uint32_t digit = is_digit(c) ? (uint32_t)(c - '0')
                         : hex && low >= 'a' && low <= 'f' ? (uint32_t)(low - 'a' + 10) : 99;
        if (digit == 99) return 0;
        code = code * (hex ? 16 : 10) + digit;
        if (code > 0x10FFFF) return 0;
    }
    if (code >= 128 && code < 160) return windows(code);
    if (code >= 0xD800 && code <= 0xDFFF) return 0;
    return code == 0 ? 0 : code < 32 || code == 127 || code == 0xA0 ? ' ' : code;
}

/* The entity at p[0] = '&', passing over `amp;` of texts escaped again: its bytes, or 0. */
static size_t entity(slice p, uint32_t *code) {
    size_t i = 1;
    while (i + 4 < p.n && memcmp(p.p + i, "amp;", 4) == 0) i += 4;
    for (size_t k = i; k < p.n && k < i + LONGEST_NAME; k++) {
        if (is_letter(p.p[k]) || is_digit(p.p[k]) || (k == i && p.p[k] == '#')) continue;
        if (p.p[k] != ';') break;
        slice name = {p.p + i, k - i};
        *code = name.n == 0 ? 0 : name.p[0] == '#' ? numbered(name) : named(name);
        if (*code) return k + 1;
        break;
    }
    *code = '&';
    return i > 1 ? i : 0;
}

/* from and out may be the same. */
static size_t decode(slice from, char *out) {
    size_t o = 0, length;
    uint32_t code;
    for (size_t i = 0; i < from.n; i += length) {
        length = from.p[i] == '&' ? entity((slice){from.p + i, from.n - i}, &code) : 0;
        if (length > 0) o += utf8_put(code, out + o);
        else out[o++] = from.p[i], length = 1;
    }
    return o;
}

/* ---- tags ---- */

/* Sorted by nothing: a text has few tags. Those of `blocks` leave a space. */
static const char *const blocks[] = {
    "br", "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table", "thead",
    "tbody", "tfoot", "caption", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre",
    "section", "article", "header", "footer", "main", "aside", "nav", "figure", "figcaption",
    "address", "form", "fieldset", "option", "select", "textarea", "details", "summary", "title",
    "center", "img", "body", "html", "head", "script", "style", "iframe", "button", "input", NULL};
static const char *const inlines[] = {
    "a", "abbr", "acronym", "area", "audio", "b", "base", "bdi", "bdo", "big", "canvas", "cite",
    "code", "col", "colgroup", "data", "datalist", "del", "dfn", "em", "embed", "font", "i", "ins",
    "kbd", "label", "legend", "link", "map", "mark", "meta", "meter", "noscript", "object",
    "optgroup", "output", "param", "picture", "progress", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "template", "time", "track",
    "tt", "u", "var", "video", "wbr", NULL};

static bool in_list(const char *const *list, slice name) {
    for (; *list; list++)
        if (slice_is_nocase(name, *list)) return true;
    return false;
}

typedef struct tag {
    slice name;
    bool closing, values, bare; /* attributes with and without a value */
    size_t n;                   /* bytes with both angles; 0 = no tag */
} tag;

/* Where the tag ends that has its attributes from p.p[i] on: one past `>`, or 0. */
static size_t tag_end(slice p, size_t i, bool quotes, tag *t) {
    char quote = 0;
    for (; i < p.n && p.p[i] != '<'; i++) {
        char c = p.p[i];
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '>') {
            return i + 1;
        } else if (quotes && (c == '"' || c == '\'') && p.p[i - 1] == '=') {
            quote = c;
        } else if (c == '=') {
            t->values = true;
        } else if (!is_space(c) && c != '/') {
            t->bare = true;
        }
    }
    return 0;
}

/* The tag at p[0] = '<'. */
static tag tag_at(slice p) {
    tag t = {.closing = p.n > 1 && p.p[1] == '/'};
    size_t from = 1 + t.closing, i = from;
    while (i < p.n && i < from + 16 && (is_letter(p.p[i]) || (i > from && is_digit(p.p[i])))) i++;
    bool prefixed = i == from + 1 && i + 1 < p.n && p.p[i] == ':' && is_letter(p.p[i + 1]);
    while (prefixed && i < p.n && (p.p[i] == ':' || is_letter(p.p[i]))) i++;
    t.name = (slice){p.p + from, i - from};
    if (t.name.n == 0 || i >= p.n) return t;
    if (!is_space(p.p[i]) && p.p[i] != '/' && p.p[i] != '>') return t;
    if (!prefixed && !in_list(blocks, t.name) && !in_list(inlines, t.name)) return t;
    size_t end = tag_end(p, i, true, &t);
    if (end == 0) end = tag_end(p, i, false, &t);
    if (t.bare && !t.values && (t.name.n == 1 || t.closing)) return t;
    t.n = end;
    return t;
}

/* Where `end` (in lower case) begins at or after p.p[i]; p.n = nowhere. */
static size_t find(slice p, size_t i, const char *end) {
    size_t n = strlen(end);
    for (; i + n <= p.n; i++) {
        const char *next = memchr(p.p + i, end[0], p.n - n + 1 - i);
        if (!next) break;
        i = (size_t)(next - p.p);
        if (slice_is_nocase((slice){next, n}, end)) return i;
    }
    return p.n;
}

/* What is looked for beyond a tag, and whether one more is known to come. */
typedef struct beyond {
    const char *start, *end;
    bool none;
} beyond;

/* Bytes of the comment, script or style at p[0]; 0 when there is none or it never ends. */
static size_t hidden(slice p, beyond *all, int n) {
    for (int k = 0; k < n; k++) {
        size_t start = strlen(all[k].start);
        if (p.n < start || !slice_is_nocase((slice){p.p, start}, all[k].start)) continue;
        if (all[k].none || (k > 0 && tag_at(p).n == 0)) return 0;
        size_t at = find(p, start, all[k].end);
        all[k].none = at == p.n;
        if (all[k].none) return 0;
        const char *close = memchr(p.p + at, '>', p.n - at);
        return close ? (size_t)(close - p.p) + 1 : p.n;
    }
    return 0;
}

/* <!DOCTYPE …> and <?xml …?>: their bytes, or 0. */
static size_t declared(slice p) {
    if (p.n < 3 || (p.p[1] != '!' && p.p[1] != '?') || !is_letter(p.p[2])) return 0;
    for (size_t i = 3; i < p.n && p.p[i] != '<'; i++)
        if (p.p[i] == '>') return i + 1;
    return 0;
}

/* In place. */
static size_t strip(char *p, size_t n) {
    beyond all[] = {{"<!--", "-->", false},
                    {"<script", "</script", false},
                    {"<style", "</style", false}};
    size_t o = 0;
    for (size_t i = 0; i < n;) {
        slice rest = {p + i, n - i};
        if (p[i] != '<') {
            p[o++] = p[i++];
            continue;
        }
        size_t length = hidden(rest, all, 3);
        bool space = length > 0;
        if (length == 0) length = declared(rest);
        if (length == 0) {
            tag t = tag_at(rest);
            length = t.n;
            space = t.n > 0 && in_list(blocks, t.name);
        }
        if (length == 0) p[o++] = '<', length = 1;
        else if (space && o > 0 && !is_space(p[o - 1])) p[o++] = ' ';
        i += length;
    }
    return o;
}

size_t plain_text(slice from, char *out) {
    size_t n = from.n, before = from.n + 1;
    if (n == 0) return 0;
    if (!memchr(from.p, '<', n) && !memchr(from.p, '&', n)) return memcpy(out, from.p, n), n;
    for (int round = 0; round < ROUNDS && n < before; round++) {
        before = n;
        n = decode(round == 0 ? from : (slice){out, n}, out);
        n = strip(out, n);
    }
    return n;
}
