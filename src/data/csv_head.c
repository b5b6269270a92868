/* csv_head: the head of a CSV file: byte order mark, encoding, delimiter and header line. */
#include "data/csv_head.h"

#include <string.h>

#include "data/csv_cells.h"
#include "data/csv_source.h"

static const char delimiters[4] = {',', ';', '\t', '|'};

/* ---- encoding ---- */

static bool refuse_data(err *e) { return fail_cause(e, "bad_data"); }

/* A text with several bad bytes and not one good sequence is not damaged UTF-8 but another code. */
static bool check_encoding(slice b, const char *path, err *e) {
    int bad = 0, good = 0;
    int64_t line = 1, first_bad = 0;
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] == '\n') line++;
        if ((unsigned char)b.p[i] < 0x80) continue;
        size_t left = b.n - i < 4 ? b.n - i : 4;
        size_t n = slice_utf8_prefix((slice){b.p + i, left});
        if (n == 0 && left < 4) break; /* a sequence cut by the end of the look */
        if (n == 0) {
            bad++;
            if (!first_bad) first_bad = line;
            const char *end = memchr(b.p + i, '\n', b.n - i); /* one a line */
            if (!end) break;
            i = (size_t)(end - b.p) - 1;
            continue;
        }
        good++;
        while (n > 1 && i + 1 < b.n && ((unsigned char)b.p[i + 1] & 0xC0) == 0x80) i++, n--;
    }
    if (bad < 3 || good > 0) return true;
    refuse(e, "%s:%lld: the text is not UTF-8; it looks like Latin-1: convert it with "
              "iconv -f WINDOWS-1252 -t UTF-8", path, (long long)first_bad);
    return refuse_data(e);
}

/* ---- the header line ---- */

static bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/* Removes the quotes around a header and one of each doubled pair inside. */
static slice unquoted(slice h, arena *keep) {
    h = slice_trim(h);
    if (h.n < 2 || h.p[0] != '"' || h.p[h.n - 1] != '"') return h;
    char *out = take(keep, char, h.n);
    size_t n = 0;
    for (size_t i = 1; i + 1 < h.n; i++) {
        out[n++] = h.p[i];
        if (h.p[i] == '"' && h.p[i + 1] == '"' && i + 2 < h.n) i++;
    }
    return slice_trim((slice){out, n});
}

/* Splits one line that may have quoted parts; more than `most` fields are counted but not kept.
 * *end is where the line ends. */
static int split(slice b, size_t from, char delimiter, slice *fields, int most, size_t *end) {
    int n = 0;
    size_t start = from, i = from;
    bool quoted = false;
    for (;; i++) {
        bool over = i >= b.n || (!quoted && is_line_end(b.p[i]));
        slice before = {b.p + start, i - start};
        if (!over && b.p[i] == '"' && (quoted || slice_trim(before).n == 0)) quoted = !quoted;
        if (!over && (quoted || b.p[i] != delimiter)) continue;
        if (n < most) fields[n] = (slice){b.p + start, i - start};
        n++;
        start = i + 1;
        if (over) break;
    }
    *end = i;
    return n;
}

static size_t line_after(slice b, size_t i) {
    if (i >= b.n) return b.n;
    return i + 1 + (b.p[i] == '\r' && i + 1 < b.n && b.p[i + 1] == '\n');
}

/* Fields of the header at `from` by one delimiter, ready for matching; n (may exceed the limit). */
static int headers_at(slice b, size_t from, char delimiter, arena *keep, slice *out, size_t *end) {
    int n = split(b, from, delimiter, out, contract_headers_max, end);
    for (int i = 0; i < n && i < contract_headers_max; i++) out[i] = unquoted(out[i], keep);
    return n;
}

static int fit(const contract *c, const char *map, const slice *headers, int n) {
    int best = -1;
    if (n > contract_headers_max) return -1;
    if (c) return contract_fit(c, headers, n, map);
    for (int i = 0; i < 6; i++) {
        int filled = contract_fit(&contract_sources[i], headers, n, map);
        if (filled > best) best = filled;
    }
    return best;
}

/* The delimiter whose header fits best, then the one with most fields. */
static char choose(slice b, size_t from, const contract *c, const char *map, arena scratch,
                   int *best_fit) {
    char best = ',';
    int best_n = 0;
    *best_fit = -2;
    slice *fields = take(&scratch, slice, contract_headers_max);
    for (int i = 0; i < 4; i++) {
        arena memory = scratch;
        size_t end;
        int n = headers_at(b, from, delimiters[i], &memory, fields, &end);
        int filled = fit(c, map, fields, n);
        if (filled < *best_fit || (filled == *best_fit && n <= best_n)) continue;
        best = delimiters[i];
        best_n = n;
        *best_fit = filled;
    }
    return best;
}

/* When the first line is no header: says where one is, or that the line looks like data. */
static bool refuse_header(slice b, size_t from, const char *path, const contract *c,
                          const csv_head *h, const char *map, arena scratch, err *e) {
    contract_match m;
    size_t at = from;
    for (int line = 1; line <= 10 && at < b.n; line++) {
        int filled;
        choose(b, at, c, map, scratch, &filled);
        if (filled >= 0 && line > 1) {
            refuse(e, "%s: the header is in line %lld: remove the lines before it", path,
                   (long long)h->line - 1 + line - 1);
            return refuse_data(e);
        }
        while (at < b.n && !is_line_end(b.p[at])) at++;
        at = line_after(b, at);
    }
    int values = 0;
    for (int i = 0; i < h->n; i++) {
        double number;
        int64_t time;
        values += h->headers[i].n > 0 && (cell_real(h->headers[i], &number) == CELL_VALUE ||
                                          cell_time(h->headers[i], &time) == CELL_VALUE);
    }
    if (c && contract_map(c, h->headers, h->n, map, &m, e)) return true;
    if (values > 0) {
        char why[900];
        memcpy(why, e->text, sizeof why);
        why[sizeof why - 1] = 0;
        *e = (err){0};
        refuse(e, "%s:%lld: the first line looks like data, a header line is needed: %.700s", path,
               (long long)h->line - 1, why);
    } else
        fail_in(e, path);
    return refuse_data(e);
}

static bool is_blank(slice line) { return slice_trim(line).n == 0; }

/* Leaves blank lines before the header. */
static size_t skip_blank(slice b, size_t at, csv_head *h) {
    for (;;) {
        size_t end = at;
        while (end < b.n && !is_line_end(b.p[end])) end++;
        if (end >= b.n || !is_blank((slice){b.p + at, end - at})) return at;
        h->blank++;
        h->line++;
        at = line_after(b, end);
    }
}

static bool take_header(slice b, size_t at, const char *path, arena *keep, csv_head *h, err *e) {
    size_t end;
    slice *fields = take(keep, slice, contract_headers_max);
    h->n = headers_at(b, at, h->delimiter, keep, fields, &end);
    h->headers = fields;
    h->raw = (slice){take_copy(keep, char, b.p + at, end - at), end - at};
    h->next = line_after(b, end);
    for (size_t i = at; i < end; i++) h->line += b.p[i] == '\n';
    h->line++;
    const char *why = NULL;
    if (memchr(h->raw.p, 0, h->raw.n)) why = "has NUL bytes: UTF-16 text or no text at all";
    else if (slice_utf8_prefix(h->raw) != h->raw.n)
        why = "is not UTF-8: convert the file with iconv -f WINDOWS-1252 -t UTF-8";
    else if (h->n > contract_headers_max) why = "has more than 4096 columns";
    else if (h->raw.n >= csv_head_bytes) why = "is longer than 64 KiB";
    else if (h->raw.n > 0 && h->raw.p[0] == '<') why = "is HTML or XML, not CSV";
    else if (h->raw.n > 0 && (h->raw.p[0] == '{' || h->raw.p[0] == '['))
        why = "is JSON, not CSV";
    if (!why) return true;
    refuse(e, "%s:%lld: the header line %s", path, (long long)h->line - 1, why);
    return refuse_data(e);
}

bool csv_head_read(slice bytes, bool whole, const char *path, const contract *c, const char *map,
                   arena *keep, csv_head *h, err *e) {
    *h = (csv_head){.line = 1};
    size_t at = bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    slice look = {bytes.p, bytes.n < csv_head_bytes ? bytes.n : csv_head_bytes};
    if (is_blank((slice){bytes.p + at, bytes.n - at})) {
        refuse(e, whole ? "%s is empty: a header line is needed"
                        : "%s begins with more blank lines than are read", path);
        return refuse_data(e);
    }
    at = skip_blank(bytes, at, h);
    int filled; /* what is tried on the way is forgotten: *keep by value */
    h->delimiter = choose(bytes, at, c, map, *keep, &filled);
    if (!take_header(bytes, at, path, keep, h, e)) return false;
    if (c && filled < 0 && !refuse_header(bytes, at, path, c, h, map, *keep, e)) return false;
    return check_encoding(look, path, e);
}

bool csv_head_of(scope *owner, const char *path, csv_head *out, err *e) {
    size_t n;
    csv_source *s = csv_source_open(owner, path, e);
    char *bytes = take(&owner->keep, char, csv_head_bytes);
    if (!s || !csv_source_read(s, bytes, csv_head_bytes, &n, e)) return false;
    return csv_head_read((slice){bytes, n}, n < csv_head_bytes, path, NULL, NULL, &owner->keep, out,
                         e);
}
