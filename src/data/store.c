/* store: model files: named arrays in one flat file that is mapped read-only. */
#include "data/store.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

typedef struct head { /* 64 bytes */
    char magic[8], kind[16];
    int64_t arrays, bytes;
    char check[24]; /* first 24 hexadecimal digits of the SHA-256 of the rest */
} head;

typedef struct entry { /* 96 bytes */
    char name[56];
    int64_t type, rows, cols, offset, unused;
} entry;

enum { MOST_ARRAYS = 128 };
static const char magic[8] = "ATELIER1";
static const int64_t widths[] = {1, 4, 8, 4, 8}; /* by store_type */

struct store_writer {
    int file;
    char *path;
    head h;
    entry entries[MOST_ARRAYS];
};

struct store {
    const char *base;
    size_t bytes;
    const entry *entries;
    int64_t n;
};

static int64_t whole(int64_t bytes) { return (bytes + 63) & ~INT64_C(63); }

static bool write_at(int file, const void *from, int64_t n, int64_t at) {
    const char *p = from;
    while (n > 0) {
        ssize_t done = pwrite(file, p, (size_t)n, at);
        if (done <= 0) return false;
        p += done;
        n -= done;
        at += done;
    }
    return true;
}

static void writer_abandon(void *what) {
    store_writer *w = what;
    if (w->file >= 0) close(w->file);
    w->file = -1;
}

store_writer *store_create(scope *owner, const char *path, const char *kind, err *e) {
    store_writer *w = take(&owner->keep, store_writer, 1);
    w->path = arena_text(&owner->keep, "%s", path);
    w->file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->file < 0) {
        fail_file(e, "create", path);
        return NULL;
    }
    scope_defer(owner, writer_abandon, w);
    memcpy(w->h.magic, magic, sizeof magic);
    assert(strlen(kind) < sizeof w->h.kind);
    memcpy(w->h.kind, kind, strlen(kind));
    w->h.bytes = whole((int64_t)sizeof(head) + MOST_ARRAYS * (int64_t)sizeof(entry));
    return w;
}

int store_reserve(store_writer *w, const char *name, store_type type, int64_t rows, int64_t cols) {
    assert(w->h.arrays < MOST_ARRAYS && strlen(name) < sizeof w->entries[0].name);
    assert(rows >= 0 && cols >= 0);
    entry *to = &w->entries[w->h.arrays++];
    memcpy(to->name, name, strlen(name));
    to->type = type;
    to->rows = rows;
    to->cols = cols;
    to->offset = w->h.bytes;
    w->h.bytes += whole(rows * cols * widths[type]);
    return (int)w->h.arrays - 1;
}

bool store_put_rows(store_writer *w, int array, int64_t first, int64_t rows, const void *data,
                    err *e) {
    const entry *to = &w->entries[array];
    assert(first >= 0 && rows >= 0 && first + rows <= to->rows);
    int64_t row = to->cols * widths[to->type];
    return write_at(w->file, data, rows * row, to->offset + first * row) ||
           fail_file(e, "write", w->path);
}

bool store_put(store_writer *w, const char *name, store_type type, int64_t rows, int64_t cols,
               const void *data, err *e) {
    return store_put_rows(w, store_reserve(w, name, type, rows, cols), 0, rows, data, e);
}

bool store_put_texts(store_writer *w, const char *name, const slice *texts, int64_t n, err *e) {
    char label[64];
    int64_t *at = malloc(sizeof *at * (size_t)(n + 1));
    text bytes = {0};
    if (!at) return fail_memory(e, "the offsets of texts");
    for (int64_t i = 0; i < n; i++) {
        at[i] = (int64_t)bytes.n;
        text_add(&bytes, texts[i]);
    }
    at[n] = (int64_t)bytes.n;
    snprintf(label, sizeof label, "%s.at", name);
    bool done = store_put(w, label, STORE_I64, n + 1, 1, at, e);
    snprintf(label, sizeof label, "%s.bytes", name);
    done = done && store_put(w, label, STORE_U8, (int64_t)bytes.n, 1, bytes.p ? bytes.p : "", e);
    text_free(&bytes);
    free(at);
    return done;
}

static hash_text check_of(const char *base, size_t bytes) {
    return hash_of((slice){base + sizeof(head), bytes - sizeof(head)});
}

bool store_close(store_writer *w, err *e) {
    int64_t table = w->h.arrays * (int64_t)sizeof(entry);
    bool done = write_at(w->file, w->entries, table, sizeof(head)) &&
                ftruncate(w->file, w->h.bytes) == 0;
    void *base = done ? mmap(NULL, (size_t)w->h.bytes, PROT_READ, MAP_SHARED, w->file, 0)
                      : MAP_FAILED;
    if (base == MAP_FAILED) return fail_file(e, "write", w->path);
    memcpy(w->h.check, check_of(base, (size_t)w->h.bytes).hex, sizeof w->h.check);
    munmap(base, (size_t)w->h.bytes);
    done = write_at(w->file, &w->h, sizeof w->h, 0) && fsync(w->file) == 0;
    if (!done) fail_file(e, "write", w->path);
    writer_abandon(w);
    return done;
}

static void store_unmap(void *what) {
    store *m = what;
    munmap((void *)(uintptr_t)m->base, m->bytes);
}

static bool entry_fits(const entry *at, int64_t bytes) {
    int64_t cells, size;
    if (at->type < STORE_U8 || at->type > STORE_F64 || at->rows < 0 || at->cols < 0) return false;
    if (memchr(at->name, 0, sizeof at->name) == NULL || at->offset < 0 || (at->offset & 63))
        return false;
    return !__builtin_mul_overflow(at->rows, at->cols, &cells) &&
           !__builtin_mul_overflow(cells, widths[at->type], &size) && size <= bytes &&
           at->offset <= bytes - size;
}

/* NULL, or what is wrong with the mapped bytes. */
static const char *store_fault(const store *m, const char *kind, bool sum) {
    const head *h = (const head *)(const void *)m->base;
    if (m->bytes < sizeof *h || memcmp(h->magic, magic, sizeof magic) != 0)
        return "is not a model file of this program";
    if (h->bytes != (int64_t)m->bytes) return "is truncated";
    if (strncmp(h->kind, kind, sizeof h->kind) != 0) return "holds another kind of model";
    if (h->arrays < 0 || h->arrays > MOST_ARRAYS ||
        sizeof *h + (size_t)h->arrays * sizeof(entry) > m->bytes)
        return "is damaged (its table of arrays)";
    if (sum && memcmp(h->check, check_of(m->base, m->bytes).hex, sizeof h->check) != 0)
        return "is damaged (its checksum does not match)";
    const entry *entries = (const entry *)(const void *)(m->base + sizeof *h);
    for (int64_t i = 0; i < h->arrays; i++)
        if (!entry_fits(&entries[i], (int64_t)m->bytes)) return "is damaged (an array)";
    return NULL;
}

static bool map_file(store *m, const char *path, err *e) {
    struct stat st;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_file(e, "open", path);
    bool done = fstat(file, &st) == 0 || fail_file(e, "read", path);
    if (done && (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(head)))
        done = fail(e, "%s is not a model file of this program", path);
    void *base = done ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    if (done && base == MAP_FAILED) done = fail_file(e, "map", path);
    close(file);
    if (done) *m = (store){.base = base, .bytes = (size_t)st.st_size};
    return done;
}

static const store *check_store(store *m, const char *path, const char *kind, bool sum, err *e) {
    const char *fault = store_fault(m, kind, sum);
    if (fault) {
        fail(e, "%s %s", path, fault);
        fail_cause(e, "bad_data");
        return NULL;
    }
    m->entries = (const entry *)(const void *)(m->base + sizeof(head));
    m->n = ((const head *)(const void *)m->base)->arrays;
    return m;
}

static const store *open_file(scope *owner, const char *path, const char *kind, bool sum, err *e) {
    store *m = take(&owner->keep, store, 1);
    if (!map_file(m, path, e)) return NULL;
    scope_defer(owner, store_unmap, m);
    return check_store(m, path, kind, sum, e);
}

const store *store_open_bytes(scope *owner, slice bytes, const char *name, const char *kind,
                              err *e) {
    store *m = take(&owner->keep, store, 1);
    assert(((uintptr_t)bytes.p & 63) == 0);
    *m = (store){.base = bytes.p, .bytes = bytes.n};
    return check_store(m, name, kind, true, e);
}

const store *store_open(scope *owner, const char *path, const char *kind, err *e) {
    return open_file(owner, path, kind, true, e);
}

const store *store_map(scope *owner, const char *path, const char *kind, err *e) {
    return open_file(owner, path, kind, false, e);
}

const void *store_get(const store *m, const char *name, store_type type, int64_t *rows,
                      int64_t *cols) {
    for (int64_t i = 0; i < m->n; i++) {
        const entry *at = &m->entries[i];
        if (strcmp(at->name, name) != 0 || at->type != type) continue;
        if (rows) *rows = at->rows;
        if (cols) *cols = at->cols;
        return m->base + at->offset;
    }
    return NULL;
}

/* The column NAME + end, or NULL: rows of an array without columns are no bytes. */
static const void *column(const store *m, const char *name, const char *end, store_type type,
                          int64_t *rows) {
    char label[64];
    int64_t cols = 0;
    snprintf(label, sizeof label, "%s%s", name, end);
    const void *p = store_get(m, label, type, rows, &cols);
    return cols == 1 ? p : NULL;
}

int64_t store_texts(const store *m, const char *name) {
    int64_t rows = 0;
    return column(m, name, ".at", STORE_I64, &rows) ? rows - 1 : -1;
}

slice store_text(const store *m, const char *name, int64_t i) {
    int64_t rows = 0, bytes = 0;
    const int64_t *at = column(m, name, ".at", STORE_I64, &rows);
    const char *all = column(m, name, ".bytes", STORE_U8, &bytes);
    if (!at || !all || i < 0 || i + 1 >= rows) return (slice){"", 0};
    if (at[i] < 0 || at[i + 1] < at[i] || at[i + 1] > bytes) return (slice){"", 0};
    return (slice){all + at[i], (size_t)(at[i + 1] - at[i])};
}
