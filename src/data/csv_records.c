/* csv_records: cuts CSV bytes into records and fields; says which records are broken. */
#include "data/csv_records.h"

#include <assert.h>
#include <string.h>

#include "data/csv_scan.h"

enum { blocks_at_once = 64 };
_Static_assert(csv_padding >= blocks_at_once * 64, "blocks are read past the end of the bytes");

void csv_cutter_init(csv_cutter *c, size_t chunk, int64_t most, arena *keep) {
    c->room = c->record_limit + chunk + 8; /* 8: a byte held back, the last line's end */
    assert(c->room < UINT32_MAX && c->field_limit <= c->record_limit);
    c->bytes = take(keep, char, c->room + csv_padding);
    c->ends = take(keep, uint32_t, c->room);
    c->records = take(keep, csv_record, most);
    c->most = most;
    c->line = 1;
}

char *csv_cutter_room(csv_cutter *c, size_t chunk, size_t *room) {
    assert(!c->eof);
    memmove(c->bytes, c->bytes + c->at, c->n - c->at);
    c->n -= c->at;
    c->at = 0;
    *room = c->room - 2 - c->n < chunk ? c->room - 2 - c->n : chunk;
    assert(*room > 0);
    return c->bytes + c->n;
}

static bool is_line_end(char b) { return b == '\n' || b == '\r'; }

void csv_cutter_came(csv_cutter *c, size_t n) {
    c->n += n;
    if (n == 0) {
        c->eof = true; /* a last line without an end gets one */
        if (c->n > c->at && !is_line_end(c->bytes[c->n - 1])) c->bytes[c->n++] = '\n';
    }
    memset(c->bytes + c->n, 0, csv_padding);
}

static void add_record(csv_cutter *c, size_t end, size_t first, bool odd, int64_t inner_lines) {
    c->records[c->n_records++] = (csv_record){.start = (uint32_t)c->at,
                                              .end = (uint32_t)end,
                                              .first = (uint32_t)first,
                                              .fields = (uint32_t)(c->n_ends - first),
                                              .line = c->line,
                                              .odd = odd};
    c->line += 1 + inner_lines;
}

/* ---- the plain walk: one record ---- */

typedef enum walk { WALK_DONE, WALK_MORE, WALK_FULL } walk;

/* The first line end at or after `from`; n when there is none. */
static size_t line_end(const csv_cutter *c, size_t from) {
    size_t i = from;
    while (i < c->n && !is_line_end(c->bytes[i])) i++;
    return i;
}

/* Where the line after the line end at i begins; 0 when that is not known yet. */
static size_t after_line_end(const csv_cutter *c, size_t i) {
    if (c->bytes[i] == '\n') return i + 1;
    if (i + 1 == c->n) return c->eof ? i + 1 : 0;
    return i + 1 + (c->bytes[i + 1] == '\n');
}

/* A broken record is its first line, however long that is. */
static walk broken(csv_cutter *c, csv_rule rule, size_t first) {
    size_t end = line_end(c, c->at), next = end < c->n ? after_line_end(c, end) : 0;
    if (next == 0 && !c->eof && c->n - c->at <= c->record_limit) return WALK_MORE;
    c->n_ends = first;
    add_record(c, end, first, true, 0);
    c->records[c->n_records - 1].rule = rule;
    c->skipping = next == 0 && !c->eof;
    c->at = next ? next : c->n;
    if (c->skipping && end < c->n) c->at = end; /* at a CR whose LF may come */
    return WALK_DONE;
}

/* The walk inside one record: limits, and what is wrong when one is passed. */
typedef struct field_bound {
    size_t at;
    csv_rule rule;
} field_bound;

static field_bound bound_of(const csv_cutter *c, size_t field, csv_rule too_long) {
    size_t by_field = field + c->field_limit, by_record = c->at + c->record_limit;
    return by_field <= by_record ? (field_bound){by_field, too_long}
                                 : (field_bound){by_record, CSV_ROW_TOO_LONG};
}

/* Goes over one quoted field from its opening quote; *i ends behind the closing one. */
static walk quoted(const csv_cutter *c, size_t *i, csv_rule *rule) {
    field_bound bound = bound_of(c, *i, CSV_UNCLOSED_QUOTE);
    for (size_t from = *i + 1;;) {
        const char *close = from < c->n ? memchr(c->bytes + from, '"', c->n - from) : NULL;
        size_t at = close ? (size_t)(close - c->bytes) : c->n;
        if (at > bound.at) return *rule = bound.rule, WALK_DONE;
        if (!close && c->eof) return *rule = CSV_UNCLOSED_QUOTE, WALK_DONE;
        if (!close || (at + 1 == c->n && !c->eof)) return WALK_MORE;
        if (at + 1 < c->n && c->bytes[at + 1] == '"') {
            from = at + 2;
            continue;
        }
        *i = at + 1;
        if (*i < c->n && c->bytes[*i] != c->delimiter && !is_line_end(c->bytes[*i]))
            *rule = CSV_TEXT_AFTER_QUOTE;
        return WALK_DONE;
    }
}

static walk unquoted(const csv_cutter *c, size_t *i, csv_rule *rule) {
    field_bound bound = bound_of(c, *i, CSV_FIELD_TOO_LONG);
    const char *b = c->bytes;
    while (*i < c->n && *i <= bound.at && b[*i] != c->delimiter && !is_line_end(b[*i]) &&
           b[*i] != '"')
        (*i)++;
    if (*i > bound.at) return *rule = bound.rule, WALK_DONE;
    if (*i == c->n) return WALK_MORE;
    if (b[*i] == '"') *rule = CSV_BARE_QUOTE;
    return WALK_DONE;
}

static int64_t lines_inside(const csv_cutter *c, size_t end) {
    int64_t lines = 0;
    for (size_t i = c->at; i < end; i++)
        lines += c->bytes[i] == '\n' || (c->bytes[i] == '\r' && c->bytes[i + 1] != '\n');
    return lines;
}

static walk walk_record(csv_cutter *c) {
    size_t i = c->at, first = c->n_ends;
    csv_rule rule = CSV_FINE;
    for (;; i++) {
        walk w = c->bytes[i] == '"' && i < c->n ? quoted(c, &i, &rule) : unquoted(c, &i, &rule);
        if (rule != CSV_FINE) return broken(c, rule, first);
        if (w == WALK_MORE) return c->n_ends = first, WALK_MORE;
        c->ends[c->n_ends++] = (uint32_t)i;
        if (is_line_end(c->bytes[i])) break;
    }
    size_t next = after_line_end(c, i);
    if (next == 0) return c->n_ends = first, WALK_MORE;
    add_record(c, i, first, true, lines_inside(c, i));
    c->at = next;
    return WALK_DONE;
}

/* ---- by masks: many records ---- */

typedef void scan_blocks(const char *p, int blocks, char delimiter, csv_mask *out);

static uint64_t prefix_xor(uint64_t x) {
    for (int shift = 1; shift < 64; shift *= 2) x ^= x << shift;
    return x;
}

/* What is carried from block to block. Single bits are in the lowest place. */
typedef struct stretch {
    uint64_t inside;      /* all ones between quotes */
    uint64_t may_open;    /* the byte before allows an opening quote */
    uint64_t after_close; /* the byte before closed a quote */
    size_t first;         /* in ends[], of the record that is being cut */
    int64_t inner_lines;  /* in it so far */
    bool odd;
} stretch;

typedef struct found {
    uint64_t take, inner, bad; /* separators; line ends in quotes; the first misplaced quote */
} found;

/* `valid` has a bit for each byte of the block that is there. */
static found find(stretch *s, csv_mask m, uint64_t valid, bool lf_follows) {
    found f;
    uint64_t quote = m.quote & valid;
    uint64_t inside = prefix_xor(quote) ^ s->inside; /* from an opening quote to before its end */
    uint64_t before = inside << 1 | (s->inside & 1);
    uint64_t open = quote & ~before, close = quote & before;
    uint64_t line = (m.lf | m.cr) & valid;
    uint64_t separator = ((m.delimiter & valid) | line) & ~inside;
    uint64_t crlf = m.cr & (m.lf >> 1 | (uint64_t)lf_follows << 63);
    uint64_t after_close = close << 1 | s->after_close;
    f.bad = (open & ~((separator | close) << 1 | s->may_open)) |
            (after_close & valid & ~(m.delimiter | line | quote));
    uint64_t good = f.bad ? (f.bad & (0 - f.bad)) - 1 : ~(uint64_t)0;
    f.take = separator & ~crlf & good;
    f.inner = line & inside & ~crlf & good;
    s->inside = 0 - (inside >> 63);
    s->may_open = (separator | close) >> 63;
    s->after_close = close >> 63;
    return f;
}

/* Enters the record that ends with the line end at i; false when it must be walked instead. */
static bool finish(csv_cutter *c, stretch *s, size_t i) {
    size_t end = i;
    if (c->bytes[i] == '\n' && end > c->at && c->bytes[end - 1] == '\r') end--;
    if (end - c->at > c->field_limit) return false;
    c->ends[c->n_ends - 1] = (uint32_t)end;
    add_record(c, end, s->first, s->odd, s->inner_lines);
    s->first = c->n_ends;
    s->inner_lines = 0;
    c->at = i + 1;
    return true;
}

static walk enter(csv_cutter *c, stretch *s, size_t base, found f, bool odd) {
    s->odd = s->odd || odd;
    for (uint64_t bits = f.take | f.inner; bits; bits &= bits - 1) {
        size_t i = base + (size_t)__builtin_ctzll(bits);
        if (f.inner & bits & (0 - bits)) {
            s->inner_lines++;
            continue;
        }
        c->ends[c->n_ends++] = (uint32_t)i;
        if (!is_line_end(c->bytes[i])) continue;
        if (!finish(c, s, i)) return WALK_DONE;
        s->odd = odd;
        if (c->n_records == c->most) return WALK_FULL;
    }
    return f.bad ? WALK_DONE : WALK_MORE;
}

/* Cuts records while all is well. WALK_DONE: the record at c->at must be walked; WALK_MORE: the
 * bytes are used up; WALK_FULL: the table is. */
static walk run(csv_cutter *c, scan_blocks *scan) {
    csv_mask masks[blocks_at_once];
    stretch s = {.may_open = 1, .first = c->n_ends};
    size_t limit = c->n;
    /* The meaning of a last CR or quote depends on the byte that follows. */
    if (!c->eof && limit > c->at && (c->bytes[limit - 1] == '\r' || c->bytes[limit - 1] == '"'))
        limit--;
    walk w = WALK_MORE;
    for (size_t base = c->at; base < limit && w == WALK_MORE; base += 64 * blocks_at_once) {
        size_t left = limit - base;
        int blocks = left >= 64 * blocks_at_once ? blocks_at_once : (int)((left + 63) / 64);
        scan(c->bytes + base, blocks, c->delimiter, masks);
        for (int b = 0; b < blocks && w == WALK_MORE; b++) {
            size_t block = base + 64 * (size_t)b, there = limit - block;
            uint64_t valid = there >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << there) - 1;
            found f = find(&s, masks[b], valid, c->bytes[block + 64] == '\n');
            w = enter(c, &s, block, f, (masks[b].odd & valid) != 0);
        }
    }
    c->n_ends = s.first;
    return w;
}

/* Leaves the rest of a line that is too long; false when its end is not there yet. */
static bool skip_line(csv_cutter *c) {
    size_t end = line_end(c, c->at), next = end < c->n ? after_line_end(c, end) : 0;
    c->at = next ? next : end;
    c->skipping = next == 0 && !c->eof;
    return !c->skipping;
}

bool csv_cut(csv_cutter *c) {
    static scan_blocks *const scans[] = SIMD_TABLE(csv_scan);
    scan_blocks *scan = scans[simd_level()];
    c->n_records = 0;
    c->n_ends = 0;
    if (c->skipping && !skip_line(c)) return true;
    while (c->n_records < c->most) {
        if (c->at == c->n) return true;
        walk w = c->plain ? WALK_DONE : run(c, scan);
        if (w == WALK_FULL || c->at == c->n) continue;
        if (w == WALK_MORE && !c->eof && c->n - c->at <= c->field_limit) return true;
        if (walk_record(c) == WALK_MORE) return true;
        if (c->skipping) return true;
    }
    return false;
}
