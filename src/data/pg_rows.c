/* pg_rows: rows in the binary form of PostgreSQL's COPY. */
#include "data/pg_rows.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *word;
    column_type from;
    int bytes; /* most of one value; 0 = as long as the text */
} types[PG_TYPES] = {
    [PG_BOOL] = {"boolean", COLUMN_I32, 1},
    [PG_INT2] = {"smallint", COLUMN_I32, 2},
    [PG_INT4] = {"integer", COLUMN_I32, 4},
    [PG_INT8] = {"bigint", COLUMN_I64, 8},
    [PG_FLOAT4] = {"real", COLUMN_REAL, 4},
    [PG_FLOAT8] = {"double precision", COLUMN_REAL, 8},
    [PG_NUMERIC] = {"numeric", COLUMN_I64, 8 + 2 * 6},
    [PG_TEXT] = {"text", COLUMN_TEXT, 0},
    [PG_JSONB] = {"jsonb", COLUMN_TEXT, 1},
    [PG_DATE] = {"date", COLUMN_DAY, 4},
    [PG_TIMESTAMP] = {"timestamp", COLUMN_TIME, 8},
    [PG_TIMESTAMPTZ] = {"timestamp with time zone", COLUMN_TIME, 8},
};

const char *pg_type_word(pg_type t) { return types[t].word; }
column_type pg_type_column(pg_type t) { return types[t].from; }

/* ---- numbers, big end first ---- */

static char *put16(char *to, uint16_t v) {
    v = __builtin_bswap16(v);
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

static char *put32(char *to, uint32_t v) {
    v = __builtin_bswap32(v);
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

static char *put64(char *to, uint64_t v) {
    v = __builtin_bswap64(v);
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

static char *put_float(char *to, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return put32(to, bits);
}

static char *put_double(char *to, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return put64(to, bits);
}

/* Number of digits, place of the first, sign, digits shown behind the point, then the digits to the
 * base 10,000, of which the point must stand between two. */
static char *put_numeric(char *to, int64_t value, int scale) {
    enum { BASE = 10000, NEGATIVE = 0x4000 };
    uint16_t digit[8];
    int n = 0, behind = (scale + 3) / 4;
    unsigned __int128 left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (int i = scale; i < behind * 4; i++) left *= 10;
    for (; left > 0; left /= BASE) digit[n++] = (uint16_t)(left % BASE);
    to = put16(to, (uint16_t)n);
    to = put16(to, (uint16_t)(n - behind - 1));
    to = put16(to, value < 0 ? NEGATIVE : 0);
    to = put16(to, (uint16_t)scale);
    while (n > 0) to = put16(to, digit[--n]);
    return to;
}

static int32_t day_at(int32_t day) {
    if (day == INT32_MAX) return day;
    return day == -INT32_MAX ? INT32_MIN : day - PG_DAYS_BETWEEN;
}

static int64_t time_at(int64_t us) {
    if (us == INT64_MAX) return us;
    return us == -INT64_MAX ? INT64_MIN : us - PG_US_BETWEEN;
}

/* ---- one value ---- */

static char *put_value(char *to, const pg_column *k, const column *c, int64_t row) {
    switch (k->type) {
    case PG_BOOL: *to = c->i32[row] != 0; return to + 1;
    case PG_INT2: return put16(to, (uint16_t)c->i32[row]);
    case PG_INT4: return put32(to, (uint32_t)c->i32[row]);
    case PG_INT8: return put64(to, (uint64_t)c->i64[row]);
    case PG_FLOAT4: return put_float(to, (float)c->real[row]);
    case PG_FLOAT8: return put_double(to, c->real[row]);
    case PG_NUMERIC: return put_numeric(to, c->i64[row], k->scale);
    case PG_DATE: return put32(to, (uint32_t)day_at(c->i32[row]));
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ: return put64(to, (uint64_t)time_at(c->i64[row]));
    case PG_JSONB: *to++ = 1; /* the version; then as text */ break;
    default: break;
    }
    if (c->text[row].n) memcpy(to, c->text[row].p, c->text[row].n);
    return to + c->text[row].n;
}

static char *put_field(char *to, const pg_column *k, const column *c, int64_t row) {
    if (!column_has(c, row)) return put32(to, UINT32_MAX);
    char *end = put_value(to + 4, k, c, row);
    put32(to, (uint32_t)(end - to - 4));
    return end;
}

/* ---- rows ---- */

static bool check_text(const pg_shape *shape, int i, slice value, err *e) {
    if (value.n == 0 || !memchr(value.p, 0, value.n)) return true;
    refuse(e, "column %s of %s has a text with a NUL byte, which PostgreSQL cannot hold: '%.60s'…",
           shape->at[i].name, shape->table, value.p);
    return fail_cause(e, "bad_data");
}

bool pg_rows_put(text *to, const pg_shape *shape, const columns *rows, err *e) {
    size_t fixed = 2;
    assert(shape->n == rows->n);
    for (int i = 0; i < shape->n; i++) {
        assert(rows->at[i].type == types[shape->at[i].type].from);
        fixed += 4 + (size_t)types[shape->at[i].type].bytes;
    }
    for (int64_t r = 0; r < rows->rows; r++) {
        size_t most = fixed;
        for (int i = 0; i < rows->n; i++) {
            if (rows->at[i].type != COLUMN_TEXT || !column_has(&rows->at[i], r)) continue;
            if (!check_text(shape, i, rows->at[i].text[r], e)) return false;
            most += rows->at[i].text[r].n;
        }
        text_reserve(to, most);
        char *at = put16(to->p + to->n, (uint16_t)shape->n);
        for (int i = 0; i < shape->n; i++) at = put_field(at, &shape->at[i], &rows->at[i], r);
        to->n = (size_t)(at - to->p);
    }
    return true;
}

void pg_rows_begin(text *to) {
    text_add(to, SLICE("PGCOPY\n\377\r\n\0" "\0\0\0\0" "\0\0\0\0"));
}

void pg_rows_end(text *to) { text_add(to, SLICE("\377\377")); }
