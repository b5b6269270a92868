/* csv_source: the bytes of a text file, plain or gzip, and whether it changed meanwhile. */
#include "data/csv_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/gz.h"

enum { packed_room = 1 << 18 };

struct csv_source {
    const char *path;
    int file;
    struct stat before;
    int64_t done;
    gz_reader *gz; /* NULL for plain text */
    char *packed;  /* [packed_room] bytes read and not yet given */
    slice ready;
    bool ended;
};

/* Formats that people name .csv; each with what to do about it. */
static const struct {
    const char *magic;
    int n;
    const char *says;
} strangers[] = {
    {"PK\x03\x04", 4, "a zip or xlsx file: unpack it, or save the sheet as CSV UTF-8"},
    {"\x28\xB5\x2F\xFD", 4, "compressed with zstd: unpack it with zstd -d"},
    {"\xFD\x37zXZ", 5, "compressed with xz: unpack it with xz -d"},
    {"BZh", 3, "compressed with bzip2: unpack it with bzip2 -d"},
    {"PAR1", 4, "a Parquet file: give it a name that ends in .parquet"},
    {"\x93NUMPY", 6, "a NumPy array: give it a name that ends in .npy"},
    {"\xD0\xCF\x11\xE0", 4, "an old Excel file: save the sheet as CSV UTF-8"},
    {"%PDF", 4, "a PDF file"},
    {"\xFF\xFE", 2, "UTF-16 text (little-endian): convert it with iconv -f UTF-16 -t UTF-8"},
    {"\xFE\xFF", 2, "UTF-16 text (big-endian): convert it with iconv -f UTF-16 -t UTF-8"},
};

static void close_file(void *what) { close(((csv_source *)what)->file); }

static bool fill(csv_source *s, err *e) {
    ssize_t got;
    do got = read(s->file, s->packed, packed_room);
    while (got < 0 && errno == EINTR);
    if (got < 0) return fail_file(e, "read", s->path);
    s->ready = (slice){s->packed, (size_t)got};
    s->done += got;
    s->ended = got == 0;
    return true;
}

static bool look_at_magic(csv_source *s, scope *owner, err *e) {
    slice b = s->ready;
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        if (b.n >= (size_t)strangers[i].n &&
            memcmp(b.p, strangers[i].magic, (size_t)strangers[i].n) == 0) {
            refuse(e, "%s is %s", s->path, strangers[i].says);
            return fail_cause(e, "bad_data");
        }
    if (b.n < 2 || memcmp(b.p, "\x1F\x8B", 2) != 0) return true;
    s->gz = gz_open(owner, e);
    return s->gz != NULL;
}

csv_source *csv_source_open(scope *owner, const char *path, err *e) {
    csv_source *s = take(&owner->keep, csv_source, 1);
    s->path = path;
    s->file = open(path, O_RDONLY | O_CLOEXEC);
    if (s->file < 0) return fail_file(e, "open", path), NULL;
    scope_defer(owner, close_file, s);
    if (fstat(s->file, &s->before) != 0) return fail_file(e, "read", path), NULL;
    if (S_ISDIR(s->before.st_mode)) return refuse(e, "%s is a folder, not a file", path), NULL;
    s->packed = take(&owner->keep, char, packed_room);
    return fill(s, e) && look_at_magic(s, owner, e) ? s : NULL;
}

/* At the end: the stream must be whole and the file still the one that was opened. */
static bool check_end(csv_source *s, err *e) {
    struct stat now, named;
    if (s->gz && !gz_whole(s->gz)) {
        refuse(e, "%s is cut off: its gzip data ends in the middle", s->path);
        return fail_cause(e, "bad_data");
    }
    if (!S_ISREG(s->before.st_mode)) return true;
    if (fstat(s->file, &now) != 0) return fail_file(e, "read", s->path);
    bool same = now.st_size == s->before.st_size && s->done == (int64_t)now.st_size &&
                now.st_mtim.tv_sec == s->before.st_mtim.tv_sec &&
                now.st_mtim.tv_nsec == s->before.st_mtim.tv_nsec &&
                stat(s->path, &named) == 0 && named.st_ino == now.st_ino &&
                named.st_dev == now.st_dev;
    if (same) return true;
    fail(e, "%s changed while it was read: run again when nobody writes to it", s->path);
    return fail_cause(e, "temporary");
}

bool csv_source_read(csv_source *s, char *to, size_t room, size_t *n, err *e) {
    *n = 0;
    while (*n < room) {
        if (s->ready.n == 0 && !s->ended && !fill(s, e)) return false;
        if (s->ended) break;
        size_t got = s->ready.n < room - *n ? s->ready.n : room - *n;
        if (!s->gz) {
            memcpy(to + *n, s->ready.p, got);
            s->ready = (slice){s->ready.p + got, s->ready.n - got};
        } else if (!gz_read(s->gz, &s->ready, to + *n, room - *n, &got, e))
            return fail_in(e, s->path);
        *n += got;
    }
    return *n > 0 || check_end(s, e);
}

int64_t csv_source_done(const csv_source *s) { return s->done; }

int64_t csv_source_size(const csv_source *s) {
    return S_ISREG(s->before.st_mode) ? (int64_t)s->before.st_size : 0;
}
