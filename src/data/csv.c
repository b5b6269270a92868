/* csv: the validating reader: a CSV file by its contract as typed columns. */
#include "data/csv.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "data/csv_head.h"
#include "data/csv_rows.h"
#include "data/csv_source.h"

struct csv {
    const char *path;
    csv_params p;
    csv_source *source;
    csv_head head;
    contract_match match;
    csv_shape shape;
    csv_cutter cut;
    bool cut_before; /* the table of records was full: more are in the buffer */
    int64_t groups;
    csv_group *group;     /* [groups] */
    char *memory;         /* shared out to the groups, for unescaped cells */
    columns rows;         /* [p.batch] */
    csv_problem *problems; /* [p.batch] */
    csv_count count;
};

static const column_type column_types[] = {[CONTRACT_TEXT] = COLUMN_TEXT,
                                           [CONTRACT_INT] = COLUMN_I64,
                                           [CONTRACT_REAL] = COLUMN_REAL,
                                           [CONTRACT_DAY] = COLUMN_DAY,
                                           [CONTRACT_TIME] = COLUMN_TIME};

/* Columns of the contract and src_line; columns that the file lacks have no valid row. */
static void make_rows(csv *r, const contract *c, arena *keep) {
    const char **names = take(keep, const char *, c->n + 1);
    column_type *types = take(keep, column_type, c->n + 1);
    for (int i = 0; i < c->n; i++) {
        names[i] = c->columns[i].name;
        types[i] = column_types[c->columns[i].type];
    }
    names[c->n] = "src_line";
    types[c->n] = COLUMN_I64;
    r->rows = columns_new(keep, c->n + 1, names, types, r->p.batch);
    for (int i = 0; i < c->n; i++) r->rows.at[i].valid = take(keep, uint8_t, r->p.batch);
}

static void make_groups(csv *r, arena *keep) {
    r->groups = (r->p.batch + csv_group_records - 1) / csv_group_records;
    r->group = take(keep, csv_group, r->groups);
    r->problems = take(keep, csv_problem, r->p.batch);
    for (int64_t i = 0; i < r->groups; i++)
        r->group[i].problems = r->problems + i * csv_group_records;
    r->memory = take(keep, char, r->cut.room + (size_t)r->p.batch * csv_record_room);
}

static bool more_bytes(csv *r, err *e) {
    size_t room, n;
    char *to = csv_cutter_room(&r->cut, r->p.chunk, &room);
    if (!csv_source_read(r->source, to, room, &n, e)) return false;
    csv_cutter_came(&r->cut, n);
    return true;
}

/* Fills the buffer until it holds the head, however small the chunks are. */
static bool read_head(csv *r, const contract *c, arena *keep, err *e) {
    while (!r->cut.eof && r->cut.n < r->p.look)
        if (!more_bytes(r, e)) return false;
    bool whole = r->cut.eof && r->cut.n <= r->p.look; /* the head does not depend on the chunks */
    slice bytes = {r->cut.bytes, r->cut.n < r->p.look ? r->cut.n : r->p.look};
    if (!csv_head_read(bytes, whole, r->path, c, r->p.map, keep, &r->head, e)) return false;
    r->cut.at = r->head.next < r->cut.n ? r->head.next : r->cut.n;
    r->cut.line = r->head.line;
    r->cut.delimiter = r->head.delimiter;
    r->count.blank = r->count.seen = r->head.blank;
    return contract_map(c, r->head.headers, r->head.n, r->p.map, &r->match, e) ||
           fail_in(e, r->path);
}

csv *csv_open(scope *owner, const char *path, const contract *c, csv_params p, err *e) {
    csv *r = take(&owner->keep, csv, 1);
    assert(p.batch > 0 && p.chunk > 0 && p.record_limit >= p.look);
    assert(p.look > 0 && p.look <= csv_head_bytes);
    r->path = path;
    r->p = p;
    r->source = csv_source_open(owner, path, e);
    if (!r->source) return NULL;
    r->cut.field_limit = p.field_limit;
    r->cut.record_limit = p.record_limit;
    r->cut.plain = p.plain;
    csv_cutter_init(&r->cut, p.chunk, p.batch, &owner->keep);
    if (!read_head(r, c, &owner->keep, e)) return NULL;
    csv_shape_init(&r->shape, c, &r->match, r->head.n, r->head.raw, &owner->keep);
    make_rows(r, c, &owner->keep);
    make_groups(r, &owner->keep);
    r->cut_before = r->cut.at < r->cut.n;
    return r;
}

/* ---- batches ---- */

static void parse_group(void *what, int64_t chunk, arena scratch) {
    csv *r = what;
    (void)scratch;
    int64_t from = chunk * csv_group_records, left = r->cut.n_records - from;
    csv_rows_parse(&r->shape, &r->cut, from, left < csv_group_records ? left : csv_group_records,
                   &r->rows, &r->group[chunk]);
}

/* A group's unescaped cells fit in as many bytes as its records have. */
static void share_memory(csv *r, int64_t groups) {
    char *next = r->memory;
    for (int64_t g = 0; g < groups; g++) {
        int64_t first = g * csv_group_records, last = first + csv_group_records;
        if (last > r->cut.n_records) last = r->cut.n_records;
        r->group[g].memory = next;
        next += r->cut.records[last - 1].end - r->cut.records[first].start;
        next += (last - first) * csv_record_room;
    }
}

static void move_rows(const columns *rows, int64_t to, int64_t from, int64_t n) {
    for (int i = 0; i < rows->n; i++) {
        size_t width = column_width(rows->at[i].type);
        char *data = rows->at[i].data;
        memmove(data + (size_t)to * width, data + (size_t)from * width, (size_t)n * width);
        if (rows->at[i].valid)
            memmove(rows->at[i].valid + to, rows->at[i].valid + from, (size_t)n);
    }
}

/* Closes the gaps that rejected records left, in the order of the file. */
static void join_groups(csv *r, int64_t groups, csv_batch *out) {
    int64_t rows = 0, problems = 0, blank = 0;
    for (int64_t g = 0; g < groups; g++) {
        const csv_group *one = &r->group[g];
        if (rows != g * csv_group_records)
            move_rows(&r->rows, rows, g * csv_group_records, one->rows);
        memmove(r->problems + problems, one->problems,
                (size_t)one->n_problems * sizeof *r->problems);
        rows += one->rows;
        problems += one->n_problems;
        blank += one->blank;
    }
    r->count.seen += r->cut.n_records;
    r->count.accepted += rows;
    r->count.quarantined += problems;
    r->count.blank += blank;
    assert(r->count.seen == r->count.accepted + r->count.quarantined + r->count.blank);
    out->rows = r->rows;
    out->rows.rows = rows;
    out->problems = r->problems;
    out->n_problems = problems;
}

bool csv_next(csv *r, csv_batch *out, err *e) {
    *out = (csv_batch){0};
    do {
        if (!r->cut_before) {
            if (r->cut.eof) return out->end = true;
            if (!more_bytes(r, e)) return false;
        }
        r->cut_before = !csv_cut(&r->cut);
    } while (r->cut.n_records == 0);
    int64_t groups = (r->cut.n_records + csv_group_records - 1) / csv_group_records;
    share_memory(r, groups);
    if (r->p.threads) pool_for(r->p.threads, groups, parse_group, r);
    else
        for (int64_t g = 0; g < groups; g++) parse_group(r, g, (arena){0});
    join_groups(r, groups, out);
    if (r->p.row_limit > 0 && r->count.seen > r->p.row_limit)
        return refuse(e, "%s has more than %lld rows", r->path, (long long)r->p.row_limit);
    return true;
}

csv_count csv_counts(const csv *r) { return r->count; }

const slice *csv_headers(const csv *r, int *n) {
    *n = r->head.n;
    return r->head.headers;
}

const contract_match *csv_match(const csv *r) { return &r->match; }

char csv_delimiter(const csv *r) { return r->head.delimiter; }

double csv_done(const csv *r) {
    int64_t size = csv_source_size(r->source);
    return size > 0 ? (double)csv_source_done(r->source) / (double)size : 0;
}

slice csv_printable(arena *keep, slice b) {
    static const char digits[] = "0123456789ABCDEF";
    char *out = take(keep, char, 4 * b.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < b.n;) {
        unsigned char c = (unsigned char)b.p[i];
        size_t left = b.n - i < 4 ? b.n - i : 4, good = 1;
        if (c >= 0x80)
            for (good = 2; good <= left; good++) /* the one sequence that begins here */
                if (slice_utf8_prefix((slice){b.p + i, good}) == good) break;
        bool bad = good > left;
        bool control = c < 32 && c != '\n' && c != '\t' && c != '\r';
        if (bad || control || c == 127) {
            out[n++] = '\\', out[n++] = 'x', out[n++] = digits[c >> 4], out[n++] = digits[c & 15];
            i++;
            continue;
        }
        memcpy(out + n, b.p + i, good);
        n += good;
        i += good;
    }
    return (slice){out, n};
}
