/* npy: NumPy's array files: .npy written and mapped, and .npz with a sparse matrix written. */
#include "data/npy.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/gz.h"

static const struct {
    const char *name;
    size_t width;
} types[] = {[STORE_U8] = {"|u1", 1},
             [STORE_I32] = {"<i4", 4},
             [STORE_I64] = {"<i8", 8},
             [STORE_F32] = {"<f4", 4},
             [STORE_F64] = {"<f8", 8}};

/* The header of one array; 128 bytes hold any of ours. Returns its length, a multiple of 64. */
static size_t header_of(char *out, size_t room, const char *type, const char *shape) {
    int n = snprintf(out + 10, room - 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                     type, shape);
    size_t all = (10 + (size_t)n + 1 + 63) / 64 * 64;
    assert(all <= room);
    memset(out + 10 + n, ' ', all - 10 - (size_t)n - 1);
    out[all - 1] = '\n';
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (char)((all - 10) & 0xFF);
    out[9] = (char)((all - 10) >> 8);
    return all;
}

static bool put(FILE *file, const void *bytes, size_t n) {
    return n == 0 || fwrite(bytes, 1, n, file) == n;
}

static bool finish(FILE *file, const char *path, bool written, err *e) {
    bool done = written && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (!done) fail_file(e, "write", path);
    if (fclose(file) != 0 && done) done = fail_file(e, "write", path);
    if (!done) unlink(path);
    return done;
}

bool npy_write(const char *path, store_type type, int64_t rows, int64_t cols, const void *data,
               err *e) {
    char header[192], shape[64];
    assert(rows >= 0 && cols >= 0);
    if (cols == 0) snprintf(shape, sizeof shape, "(%lld,)", (long long)rows);
    else snprintf(shape, sizeof shape, "(%lld, %lld)", (long long)rows, (long long)cols);
    size_t n = header_of(header, sizeof header, types[type].name, shape);
    size_t values = (size_t)rows * (size_t)(cols == 0 ? 1 : cols);
    FILE *file = fopen(path, "wbe");
    if (!file) return fail_file(e, "create", path);
    bool written = put(file, header, n) && put(file, data, values * types[type].width);
    return finish(file, path, written, e);
}

/* ---- a stored zip of arrays ---- */

typedef struct member {
    const char *name;
    char header[192];
    size_t header_n;
    slice data;
    uint32_t crc, size, offset;
} member;

static void two(char **p, unsigned v) {
    *(*p)++ = (char)(v & 0xFF);
    *(*p)++ = (char)(v >> 8 & 0xFF);
}
static void four(char **p, uint32_t v) {
    two(p, v & 0xFFFF);
    two(p, v >> 16);
}

/* What the local header and the directory have in common, from "version needed" on. */
static void put_common(char **p, const member *m, unsigned extra) {
    two(p, 20);     /* version needed: 2.0 */
    two(p, 0);      /* flags */
    two(p, 0);      /* stored */
    two(p, 0);      /* 00:00 */
    two(p, 0x0021); /* 1980-01-01: the first day that zip knows */
    four(p, m->crc);
    four(p, m->size);
    four(p, m->size);
    two(p, (unsigned)strlen(m->name));
    two(p, extra);
}

/* The local header is filled up with an extra field so that the member begins at 64 bytes. */
static bool put_member(FILE *file, member *m, uint64_t *at) {
    char local[256], *p = local;
    size_t fixed = 30 + strlen(m->name) + 4;
    unsigned padding = (unsigned)((64 - (*at + fixed) % 64) % 64);
    memset(local, 0, sizeof local);
    four(&p, 0x04034b50);
    put_common(&p, m, padding + 4);
    memcpy(p, m->name, strlen(m->name));
    p += strlen(m->name);
    two(&p, 0xD935); /* the alignment field that Android's zipalign uses */
    two(&p, padding);
    p += padding;
    m->offset = (uint32_t)*at;
    *at += (uint64_t)(p - local) + m->size;
    return put(file, local, (size_t)(p - local)) && put(file, m->header, m->header_n) &&
           put(file, m->data.p, m->data.n);
}

static bool put_directory(FILE *file, const member *m, int n, uint64_t at) {
    uint32_t bytes = 0;
    char entry[256], *p;
    for (int i = 0; i < n; i++) {
        p = entry;
        four(&p, 0x02014b50);
        two(&p, 20); /* made by: 2.0 */
        put_common(&p, &m[i], 0);
        two(&p, 0);  /* comment */
        two(&p, 0);  /* disk */
        two(&p, 0);  /* internal attributes */
        four(&p, 0); /* external attributes */
        four(&p, m[i].offset);
        memcpy(p, m[i].name, strlen(m[i].name));
        p += strlen(m[i].name);
        bytes += (uint32_t)(p - entry);
        if (!put(file, entry, (size_t)(p - entry))) return false;
    }
    p = entry;
    four(&p, 0x06054b50);
    two(&p, 0);
    two(&p, 0);
    two(&p, (unsigned)n);
    two(&p, (unsigned)n);
    four(&p, bytes);
    four(&p, (uint32_t)at);
    two(&p, 0);
    return put(file, entry, (size_t)(p - entry));
}

static void member_of(member *m, const char *name, const char *type, const char *shape,
                      slice data) {
    *m = (member){.name = name, .data = data};
    m->header_n = header_of(m->header, sizeof m->header, type, shape);
    m->crc = gz_crc(gz_crc(0, (slice){m->header, m->header_n}), data);
    m->size = (uint32_t)(m->header_n + data.n);
}

static slice bytes_of(const void *p, size_t n) { return (slice){p ? p : "", n}; }

bool npz_write_csr(const char *path, int64_t rows, int64_t cols, const int64_t *indptr,
                   const int32_t *indices, const float *data, err *e) {
    size_t stored = (size_t)indptr[rows];
    if (stored > (size_t)900000000 || rows > 400000000)
        return fail(e, "%s: a sparse matrix of %zu values does not fit a zip without zip64", path,
                    stored);
    int64_t shape[2] = {rows, cols};
    char n_values[32], n_rows[32];
    snprintf(n_values, sizeof n_values, "(%zu,)", stored);
    snprintf(n_rows, sizeof n_rows, "(%lld,)", (long long)rows + 1);
    member m[5];
    member_of(&m[0], "indices.npy", "<i4", n_values, bytes_of(indices, stored * 4));
    member_of(&m[1], "indptr.npy", "<i8", n_rows, bytes_of(indptr, ((size_t)rows + 1) * 8));
    member_of(&m[2], "format.npy", "|S3", "()", SLICE("csr"));
    member_of(&m[3], "shape.npy", "<i8", "(2,)", bytes_of(shape, sizeof shape));
    member_of(&m[4], "data.npy", "<f4", n_values, bytes_of(data, stored * 4));
    FILE *file = fopen(path, "wbe");
    if (!file) return fail_file(e, "create", path);
    uint64_t at = 0;
    bool written = true;
    for (int i = 0; i < 5 && written; i++)
        written = at < UINT32_MAX && put_member(file, &m[i], &at);
    written = written && at < UINT32_MAX && put_directory(file, m, 5, at);
    return finish(file, path, written, e);
}

/* ---- reading ---- */

typedef struct mapping {
    void *at;
    size_t n;
} mapping;

static void unmap(void *what) {
    mapping *m = what;
    munmap(m->at, m->n);
}

static bool map_file(scope *owner, const char *path, slice *out, err *e) {
    struct stat st;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_file(e, "open", path);
    bool done = fstat(file, &st) == 0 || fail_file(e, "read", path);
    if (done && !S_ISREG(st.st_mode)) done = refuse(e, "%s is not a file", path);
    if (done && st.st_size == 0) done = refuse(e, "%s is empty: not an array", path);
    mapping *m = take(&owner->keep, mapping, 1);
    if (done) {
        m->n = (size_t)st.st_size;
        m->at = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, file, 0);
        done = m->at != MAP_FAILED || fail_file(e, "map", path);
        if (done) scope_defer(owner, unmap, m);
        *out = (slice){m->at, m->n};
    }
    close(file);
    return done;
}

/* The text after 'key': in the header's Python dictionary; NULL when it is not there. */
static const char *value_of(const char *header, const char *key) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *at = strstr(header, quoted);
    if (!at) return NULL;
    at += strlen(quoted);
    while (*at == ' ') at++;
    return at;
}

static bool parse_shape(const char *p, npy_array *out) {
    long long rows = 0, cols = 0;
    int used = 0;
    if (!p) return false;
    if (sscanf(p, "(%lld, %lld)%n", &rows, &cols, &used) == 2 && used > 0) out->dims = 2;
    else if (sscanf(p, "(%lld,)%n", &rows, &used) == 1 && used > 0) out->dims = 1, cols = 1;
    else return false;
    out->rows = rows;
    out->cols = cols;
    return rows >= 0 && cols >= 0;
}

static bool parse_type(const char *p, npy_array *out) {
    static const char *const readable[] = {"|b1", "|u1", "|i1", "<u2", "<i2", "<u4",
                                           "<i4", "<u8", "<i8", "<f4", "<f8"};
    if (!p || *p != '\'') return false;
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++)
        if (strncmp(p + 1, readable[i], 3) == 0 && p[4] == '\'') {
            out->kind = readable[i][1];
            out->width = readable[i][2] - '0';
            return true;
        }
    return false;
}

bool npy_open(scope *owner, const char *path, npy_array *out, err *e) {
    slice file = {0};
    char header[4096];
    *out = (npy_array){0};
    if (!map_file(owner, path, &file, e)) return false;
    const unsigned char *b = (const unsigned char *)file.p;
    if (file.n < 12 || memcmp(b, "\x93NUMPY", 6) != 0)
        return refuse(e, "%s is not a NumPy array: it does not begin with \\x93NUMPY", path);
    size_t start = b[6] == 1 ? 10 : 12, length = (size_t)b[8] | (size_t)b[9] << 8;
    if (b[6] > 1) length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (b[6] < 1 || b[6] > 3 || length >= sizeof header || start + length > file.n)
        return refuse(e, "%s has a damaged array header", path);
    memcpy(header, file.p + start, length);
    header[length] = 0;
    if (!parse_type(value_of(header, "descr"), out) ||
        !parse_shape(value_of(header, "shape"), out))
        return refuse(e, "%s: only number arrays of one or two dimensions are read, not %.120s",
                      path, header);
    const char *order = value_of(header, "fortran_order");
    if (order && strncmp(order, "True", 4) == 0 && out->dims == 2 && out->rows > 1 && out->cols > 1)
        return refuse(e, "%s is in Fortran order: save it with np.ascontiguousarray", path);
    size_t values, bytes;
    if (__builtin_mul_overflow((size_t)out->rows, (size_t)out->cols, &values) ||
        __builtin_mul_overflow(values, (size_t)out->width, &bytes) ||
        bytes > file.n - start - length)
        return refuse(e, "%s is cut off: its header promises %lld x %lld values", path,
                      (long long)out->rows, (long long)out->cols);
    out->data = file.p + start + length;
    return true;
}

double npy_at(const npy_array *a, int64_t row, int64_t col) {
    const char *p = (const char *)a->data + (row * a->cols + col) * a->width;
    int64_t whole = 0;
    switch (a->kind) {
    case 'f':
        if (a->width == 4) {
            float f;
            memcpy(&f, p, sizeof f);
            return (double)f;
        } else {
            double d;
            memcpy(&d, p, sizeof d);
            return d;
        }
    case 'i': {
        memcpy(&whole, p, (size_t)a->width);
        int up = 64 - 8 * a->width; /* the sign is in the top bit of the value's own width */
        return (double)((int64_t)((uint64_t)whole << up) >> up);
    }
    default: {
        uint64_t natural = 0;
        memcpy(&natural, p, (size_t)a->width);
        return (double)natural;
    }
    }
}
