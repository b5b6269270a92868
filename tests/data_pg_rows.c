/* pg_rows: known bytes of every type in the binary form of COPY. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/pg_rows.h"

/* What the row's single field looks like: length and bytes, in hex. */
static const char *field(const pg_column *k, column c) {
    static char hex[200];
    text to = {0};
    err e = {0};
    columns rows = {1, 1, &c};
    pg_shape shape = {"t", 1, k};
    check_ok(pg_rows_put(&to, &shape, &rows, &e), &e);
    check(to.n >= 6 && to.p[0] == 0 && to.p[1] == 1);
    for (size_t i = 2; i < to.n; i++)
        snprintf(hex + 2 * (i - 2), 3, "%02x", (unsigned char)to.p[i]);
    text_free(&to);
    return hex;
}

static const char *of_i32(pg_type t, int32_t v) {
    return field(&(pg_column){"a", t, 0, 0}, (column){.type = pg_type_column(t), .i32 = &v});
}

static const char *of_i64(pg_type t, int64_t v, int scale) {
    return field(&(pg_column){"a", t, 18, scale}, (column){.type = pg_type_column(t), .i64 = &v});
}

static const char *of_real(pg_type t, double v) {
    return field(&(pg_column){"a", t, 0, 0}, (column){.type = COLUMN_REAL, .real = &v});
}

static const char *of_text(pg_type t, slice v) {
    return field(&(pg_column){"a", t, 0, 0}, (column){.type = COLUMN_TEXT, .text = &v});
}

CHECK(pg_rows_of_whole_numbers_are_big_endian) {
    check_text(slice_of(of_i32(PG_BOOL, 1)), "0000000101");
    check_text(slice_of(of_i32(PG_INT2, -2)), "00000002fffe");
    check_text(slice_of(of_i32(PG_INT4, 258)), "0000000400000102");
    check_text(slice_of(of_i64(PG_INT8, INT64_MIN, 0)), "000000088000000000000000");
}

CHECK(pg_rows_of_reals_keep_their_bits) {
    check_text(slice_of(of_real(PG_FLOAT4, 1.5)), "000000043fc00000");
    check_text(slice_of(of_real(PG_FLOAT8, -0.5)), "00000008bfe0000000000000");
    check_text(slice_of(of_real(PG_FLOAT8, (double)INFINITY)), "000000087ff0000000000000");
}

/* 2000-01-01 is day 10957 of 1970; the ends of both calendars meet. */
CHECK(pg_rows_of_days_count_from_2000) {
    check_text(slice_of(of_i32(PG_DATE, 10957)), "0000000400000000");
    check_text(slice_of(of_i32(PG_DATE, 10956)), "00000004ffffffff");
    check_text(slice_of(of_i32(PG_DATE, INT32_MAX)), "000000047fffffff");
    check_text(slice_of(of_i32(PG_DATE, -INT32_MAX)), "0000000480000000");
    check_text(slice_of(of_i64(PG_TIMESTAMP, 946684800000001, 0)), "000000080000000000000001");
    check_text(slice_of(of_i64(PG_TIMESTAMPTZ, -INT64_MAX, 0)), "000000088000000000000000");
}

/* 12345.67 is the digits 1 2345 6700 of base 10,000; the first stands for 10,000^1. */
CHECK(pg_rows_of_decimals_are_digits_of_base_10000) {
    check_text(slice_of(of_i64(PG_NUMERIC, 1234567, 2)), "0000000e" "0003" "0001" "0000" "0002"
                                                         "0001" "0929" "1a2c");
    check_text(slice_of(of_i64(PG_NUMERIC, -5, 6)), "0000000a" "0001" "fffe" "4000" "0006" "01f4");
    check_text(slice_of(of_i64(PG_NUMERIC, 0, 6)), "00000008" "0000" "fffd" "0000" "0006");
    check_text(slice_of(of_i64(PG_NUMERIC, INT64_MIN, 0)),
               "00000012" "0005" "0004" "4000" "0000" "039a" "0d2c" "0170" "1565" "16b0");
}

CHECK(pg_rows_of_texts_and_documents) {
    check_text(slice_of(of_text(PG_TEXT, SLICE("\xc3\xa9"))), "00000002c3a9");
    check_text(slice_of(of_text(PG_TEXT, (slice){NULL, 0})), "00000000");
    check_text(slice_of(of_text(PG_JSONB, SLICE("{}"))), "00000003017b7d");
}

CHECK(pg_rows_tell_null_from_empty_and_refuse_nul) {
    slice v = SLICE("a\0b");
    uint8_t valid = 0;
    column c = {.name = "a", .type = COLUMN_TEXT, .text = &v, .valid = &valid};
    pg_column k = {"a", PG_TEXT, 0, 0};
    check_text(slice_of(field(&k, c)), "ffffffff");
    text to = {0};
    err e = {0};
    valid = 1;
    check(!pg_rows_put(&to, &(pg_shape){"t", 1, &k}, &(columns){1, 1, &c}, &e));
    check_has(slice_of(e.text), "column a of t has a text with a NUL byte");
    text_free(&to);
}

CHECK(pg_rows_begin_and_end_as_the_manual_says) {
    text to = {0};
    pg_rows_begin(&to);
    pg_rows_end(&to);
    check(to.n == 21 && memcmp(to.p, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377", 21) == 0);
    text_free(&to);
}
