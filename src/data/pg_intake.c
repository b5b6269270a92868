/* pg_intake: columns of the rows that PostgreSQL's COPY sends in binary form. */
#include <assert.h>
#include <string.h>

#include "data/pg_rows.h"

enum { ROOM = 8192, TEXTS = 64 << 20 };

struct pg_intake {
    const pg_shape *shape;
    pg_each_rows *each;
    void *what;
    columns rows;       /* rows.rows filled of ROOM */
    arena texts, empty; /* where their bytes are; the same with nothing in it */
    text rest;          /* the begin of what is not whole yet */
    int64_t total;
    bool begun, ended;
};

static void free_rest(void *what) { text_free(&((pg_intake *)what)->rest); }

pg_intake *pg_intake_open(scope *owner, const pg_shape *shape, pg_each_rows *each, void *what) {
    const char **names = take(&owner->keep, const char *, shape->n);
    column_type *types = take(&owner->keep, column_type, shape->n);
    pg_intake *in = take(&owner->keep, pg_intake, 1);
    *in = (pg_intake){.shape = shape, .each = each, .what = what};
    for (int i = 0; i < shape->n; i++) {
        assert(shape->at[i].type != PG_NUMERIC && shape->at[i].type != PG_JSONB);
        names[i] = shape->at[i].name;
        types[i] = pg_type_column(shape->at[i].type);
    }
    in->rows = columns_new(&owner->keep, shape->n, names, types, ROOM);
    for (int i = 0; i < shape->n; i++) in->rows.at[i].valid = take(&owner->keep, uint8_t, ROOM);
    in->rows.rows = 0;
    in->texts = in->empty = arena_split(&owner->keep, TEXTS);
    scope_defer(owner, free_rest, in);
    return in;
}

/* ---- numbers ---- */

static uint16_t get16(const char *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap16(v);
}

static uint32_t get32(const char *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}

static uint64_t get64(const char *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}

static double get_float(const char *p) {
    uint32_t bits = get32(p);
    float v;
    memcpy(&v, &bits, sizeof v);
    return (double)v;
}

static double get_double(const char *p) {
    uint64_t bits = get64(p);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static int32_t day_of_theirs(int32_t day) {
    if (day == INT32_MIN) return -INT32_MAX;
    return day > INT32_MAX - PG_DAYS_BETWEEN ? INT32_MAX : day + PG_DAYS_BETWEEN;
}

static int64_t time_of_theirs(int64_t us) {
    if (us == INT64_MIN) return -INT64_MAX;
    return us > INT64_MAX - PG_US_BETWEEN ? INT64_MAX : us + PG_US_BETWEEN;
}

/* ---- one value ---- */

/* Bytes of a value of a fixed size; -1 for a text. */
static int size_of(pg_type t) {
    static const int sizes[PG_TYPES] = {[PG_BOOL] = 1,   [PG_INT2] = 2,      [PG_INT4] = 4,
                                        [PG_INT8] = 8,   [PG_FLOAT4] = 4,    [PG_FLOAT8] = 8,
                                        [PG_TEXT] = -1,  [PG_DATE] = 4,      [PG_TIMESTAMP] = 8,
                                        [PG_TIMESTAMPTZ] = 8};
    return sizes[t];
}

/* Texts of a row go to `texts`, which moves on. */
static void take_value(pg_intake *in, int i, slice v, char **texts) {
    column *c = &in->rows.at[i];
    int64_t row = in->rows.rows;
    switch (in->shape->at[i].type) {
    case PG_BOOL: c->i32[row] = *v.p != 0; break;
    case PG_INT2: c->i32[row] = (int16_t)get16(v.p); break;
    case PG_INT4: c->i32[row] = (int32_t)get32(v.p); break;
    case PG_INT8: c->i64[row] = (int64_t)get64(v.p); break;
    case PG_FLOAT4: c->real[row] = get_float(v.p); break;
    case PG_FLOAT8: c->real[row] = get_double(v.p); break;
    case PG_DATE: c->i32[row] = day_of_theirs((int32_t)get32(v.p)); break;
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ: c->i64[row] = time_of_theirs((int64_t)get64(v.p)); break;
    default:
        memcpy(*texts, v.p, v.n);
        c->text[row] = (slice){*texts, v.n};
        *texts += v.n;
        break;
    }
}

static bool not_rows(const pg_intake *in, const char *why, err *e) {
    return fail(e, "what came of %s is not what COPY sends: %s", in->shape->table, why);
}

static bool give(pg_intake *in, err *e) {
    bool done = in->rows.rows == 0 || in->each(in->what, &in->rows, e);
    in->total += in->rows.rows;
    in->rows.rows = 0;
    in->texts = in->empty;
    return done;
}

/* ---- rows ---- */

/* The bytes of the row at the begin of `b`; 0 = it is not whole. */
static bool measure(const pg_intake *in, slice b, size_t *bytes, size_t *texts, err *e) {
    size_t at = 2;
    *bytes = *texts = 0;
    if (b.n < 2) return true;
    if (get16(b.p) != in->shape->n) return not_rows(in, "another number of columns", e);
    for (int i = 0; i < in->shape->n; i++) {
        if (b.n - at < 4) return true;
        int32_t length = (int32_t)get32(b.p + at);
        int wanted = size_of(in->shape->at[i].type);
        at += 4;
        if (length == -1) continue;
        if (length < 0 || (wanted >= 0 && length != wanted))
            return not_rows(in, in->shape->at[i].name, e);
        if (b.n - at < (size_t)length) return true;
        at += (size_t)length;
        if (wanted < 0) *texts += (size_t)length;
    }
    *bytes = at;
    return true;
}

static void take_row(pg_intake *in, const char *p, size_t room) {
    char *texts = take_raw(&in->texts, char, room);
    p += 2;
    for (int i = 0; i < in->shape->n; i++) {
        int32_t length = (int32_t)get32(p);
        p += 4;
        in->rows.at[i].valid[in->rows.rows] = length >= 0;
        if (length < 0) continue;
        take_value(in, i, (slice){p, (size_t)length}, &texts);
        p += length;
    }
    in->rows.rows++;
}

/* Takes the header, whole rows and the end off `b`; what is left is not whole. */
static bool take_all(pg_intake *in, slice *b, err *e) {
    enum { HEAD = 19 };
    size_t bytes, texts;
    if (!in->begun) {
        if (b->n < HEAD) return true;
        if (memcmp(b->p, "PGCOPY\n\377\r\n\0", 11) != 0 || get32(b->p + 15) != 0)
            return not_rows(in, "its first bytes", e);
        in->begun = true;
        *b = (slice){b->p + HEAD, b->n - HEAD};
    }
    while (b->n > 0) {
        if (in->ended) return not_rows(in, "bytes after the end", e);
        if (b->n >= 2 && get16(b->p) == UINT16_MAX) {
            in->ended = true;
            *b = (slice){b->p + 2, b->n - 2};
            continue;
        }
        if (!measure(in, *b, &bytes, &texts, e)) return false;
        if (bytes == 0) return true;
        if (texts > TEXTS / 2)
            return refuse(e, "a row of %s has over 32 MiB of text", in->shape->table);
        bool is_full = in->rows.rows == ROOM || texts + 64 > arena_left(&in->texts);
        if (is_full && !give(in, e)) return false;
        take_row(in, b->p, texts);
        *b = (slice){b->p + bytes, b->n - bytes};
    }
    return true;
}

bool pg_intake_add(pg_intake *in, slice bytes, err *e) {
    if (in->rest.n == 0) {
        if (!take_all(in, &bytes, e)) return false;
        text_add(&in->rest, bytes);
        return true;
    }
    text_add(&in->rest, bytes);
    slice b = text_slice(&in->rest);
    bool done = take_all(in, &b, e);
    memmove(in->rest.p, b.p, b.n);
    in->rest.n = b.n;
    return done;
}

int64_t pg_intake_rows(const pg_intake *in) { return in->total + in->rows.rows; }

bool pg_intake_end(pg_intake *in, int64_t *rows, err *e) {
    if (!in->ended || in->rest.n > 0) return not_rows(in, "it ends early", e);
    if (!give(in, e)) return false;
    *rows = in->total;
    return true;
}
