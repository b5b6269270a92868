/* bundle_arrays: arrays out of a model file of the bundle, with their shapes and values checked. */
#include "pipeline/bundle_arrays.h"

#include <stdio.h>
#include <string.h>

bool bundle_get(const store *m, const char *name, store_type type, int64_t rows, int64_t *cols,
                void *out, err *e) {
    static const char *const types[] = {"U8", "I32", "I64", "F32", "F64"};
    int64_t found_rows = 0, found_cols = 0;
    const void *p = store_get(m, name, type, &found_rows, &found_cols);
    if (!p) return fail(e, "array %s of type %s is missing", name, types[type]);
    if ((rows >= 0 && found_rows != rows) || (*cols >= 0 && found_cols != *cols))
        return fail(e, "array %s has shape [%lld, %lld], expected [%lld, %lld] (-1 = any)", name,
                    (long long)found_rows, (long long)found_cols, (long long)rows,
                    (long long)*cols);
    *cols = found_cols;
    memcpy(out, &p, sizeof p); /* out is the address of a typed pointer */
    return true;
}

bool bundle_get_column(const store *m, const char *name, store_type type, int64_t rows,
                       void *out, err *e) {
    int64_t one = 1;
    return bundle_get(m, name, type, rows, &one, out, e);
}

bool bundle_get_texts(const store *m, const char *name, int64_t n, bundle_texts *out, err *e) {
    char part[64];
    int64_t rows = 0, cols = 0, byte_rows = 0, byte_cols = 0;
    snprintf(part, sizeof part, "%s.at", name);
    out->at = store_get(m, part, STORE_I64, &rows, &cols);
    snprintf(part, sizeof part, "%s.bytes", name);
    out->bytes = store_get(m, part, STORE_U8, &byte_rows, &byte_cols);
    out->n = rows * cols - 1;
    if (!out->at || out->n < 0) return fail(e, "texts %s are missing", name);
    if (n >= 0 && out->n != n)
        return fail(e, "texts %s: %lld, expected %lld", name, (long long)out->n, (long long)n);
    int64_t bytes = out->bytes ? byte_rows * byte_cols : 0;
    bool sound = out->at[0] >= 0 && out->at[out->n] <= bytes;
    for (int64_t i = 0; i < out->n && sound; i++) sound = out->at[i] <= out->at[i + 1];
    if (!out->bytes) out->bytes = "";
    return sound || fail(e, "texts %s have offsets that do not fit", name);
}

bool bundle_within(const char *name, const int32_t *v, int64_t n, int64_t low, int64_t high,
                   err *e) {
    for (int64_t i = 0; i < n; i++)
        if (v[i] < low || v[i] >= high)
            return fail(e, "array %s holds %d at %lld, expected %lld to %lld", name, v[i],
                        (long long)i, (long long)low, (long long)high - 1);
    return true;
}

bool bundle_days(const char *name, const int32_t *v, int64_t n, err *e) {
    for (int64_t i = 0; i < n; i++)
        if (v[i] != BUNDLE_NO_DAY && (v[i] < BUNDLE_DAYS_FROM || v[i] > BUNDLE_DAYS_TO))
            return fail(e, "array %s holds day %d at %lld, expected one of the years 1 to 9999",
                        name, v[i], (long long)i);
    return true;
}

bool bundle_within_u8(const char *name, const uint8_t *v, int64_t n, int64_t high, err *e) {
    for (int64_t i = 0; i < n; i++)
        if (v[i] >= high)
            return fail(e, "array %s holds %d at %lld, expected less than %lld", name, v[i],
                        (long long)i, (long long)high);
    return true;
}

bool bundle_rows(const char *name, const int64_t *at, int64_t n, int64_t entries, err *e) {
    for (int64_t i = 0; i < n; i++)
        if (at[i] > at[i + 1])
            return fail(e, "array %s falls from %lld to %lld at %lld", name, (long long)at[i],
                        (long long)at[i + 1], (long long)i);
    return (at[0] == 0 && at[n] == entries) ||
           fail(e, "array %s runs from %lld to %lld, expected 0 to %lld", name, (long long)at[0],
                (long long)at[n], (long long)entries);
}

bool bundle_get_sparse(const store *m, const char *name, int64_t rows, int64_t cols, sparse *to,
                       err *e) {
    char at[64], col[64], value[64];
    const int64_t *from;
    const int32_t *in;
    const float *values;
    int64_t entries = 0, one = 1, found = 0;
    snprintf(at, sizeof at, "%s_at", name);
    snprintf(col, sizeof col, "%s_col", name);
    snprintf(value, sizeof value, "%s_value", name);
    if (store_get(m, at, STORE_I64, &found, NULL) && rows < 0) rows = found - 1;
    store_get(m, col, STORE_I32, &entries, NULL);
    if (rows < 0) return fail(e, "array %s of type I64 is missing", at);
    if (!bundle_get(m, at, STORE_I64, rows + 1, &one, &from, e) ||
        !bundle_get(m, col, STORE_I32, entries, &one, &in, e) ||
        !bundle_get(m, value, STORE_F32, entries, &one, &values, e) ||
        !bundle_rows(at, from, rows, entries, e) ||
        !bundle_within(col, in, entries, 0, cols, e))
        return false;
    /* read only: nobody writes to the matrices of a bundle */
    *to = (sparse){rows, cols, (int64_t *)(uintptr_t)from, (int32_t *)(uintptr_t)in,
                   (float *)(uintptr_t)values};
    return true;
}
