/* spool: the requests of a tracked run in a file, written before they are sent. */
#include "surfaces/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/folder.h"

static const int64_t most_bytes = (int64_t)256 << 20;

typedef struct known {
    struct known *next;
    const char *name, *value;
} known;

struct spool {
    scope *s;
    int file;
    pthread_mutex_t lock; /* of the file's end and the state */
    int64_t end, read_at; /* bytes; read_at: the next line to be looked at */
    int64_t first_open;   /* where the request after the last done one may be */
    known *learned;
    known *runs; /* begun in the file that was opened; value "" = ended */
    spool_state state;
    bool ends;
};

char *spool_folder(const char *out, arena *keep) { return arena_text(keep, "%s/.track", out); }

const spool_state *spool_about(const spool *q) { return &q->state; }

void spool_ends(spool *q) { q->ends = true; }

static void close_spool(void *what) {
    spool *q = what;
    if (q->file >= 0) close(q->file);
    pthread_mutex_destroy(&q->lock);
}

/* ---- lines ---- */

static bool append(spool *q, slice line, err *e) {
    if (q->end + (int64_t)line.n > most_bytes)
        return fail(e, "%s has reached %lld MB", q->state.path, (long long)(most_bytes >> 20));
    if (!file_write(q->file, line)) {
        fail_file(e, "write", q->state.path);
        if (ftruncate(q->file, q->end) == 0) lseek(q->file, q->end, SEEK_SET);
        return false;
    }
    q->end += (int64_t)line.n;
    return true;
}

static js *line_new(scope *s) {
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    return j;
}

static slice line_end(js *j) {
    js_end(j);
    text_add_char(&j->out, '\n');
    return text_slice(&j->out);
}

/* The line at read_at, without its end, and read_at behind it; empty at the file's end. */
static bool read_line(spool *q, scope *s, slice *line, err *e) {
    pthread_mutex_lock(&q->lock);
    int64_t end = q->end;
    pthread_mutex_unlock(&q->lock);
    *line = SLICE("");
    for (int64_t size = 1 << 14; q->read_at < end; size *= 4) {
        int64_t n = size < end - q->read_at ? size : end - q->read_at;
        char *bytes = take_raw(&s->keep, char, n);
        if (pread(q->file, bytes, (size_t)n, q->read_at) != n)
            return fail_file(e, "read", q->state.path);
        const char *stop = memchr(bytes, '\n', (size_t)n);
        if (!stop && n < end - q->read_at) continue;
        line->p = bytes, line->n = stop ? (size_t)(stop - bytes) : (size_t)n;
        q->read_at += (int64_t)line->n + 1;
        return true;
    }
    return true;
}

/* ---- making and opening ---- */

static spool *open_at(scope *s, const char *path, int flags, err *e) {
    spool *q = take(&s->keep, spool, 1);
    q->s = s;
    q->state.path = arena_text(&s->keep, "%s", path);
    q->file = open(path, flags | O_RDWR | O_CLOEXEC, 0666);
    if (q->file < 0) return fail_file(e, flags ? "create" : "open", path), NULL;
    pthread_mutex_init(&q->lock, NULL);
    scope_defer(s, close_spool, q);
    if (flock(q->file, LOCK_EX | LOCK_NB) != 0) {
        fail(e, "%s is held by another process: a run that is still going on, or a sync", path);
        return fail_cause(e, "temporary"), NULL;
    }
    return q;
}

/* The folder of results is above .track. */
static const char *results_of(const char *path, arena *keep) {
    const char *at = strstr(path, "/.track/");
    return at ? arena_text(keep, "%.*s", (int)(at - path), path) : ".";
}

static void remember(spool *q, slice name, slice value) {
    known *h = take(&q->s->keep, known, 1);
    *h = (known){q->learned, slice_copy(&q->s->keep, name), slice_copy(&q->s->keep, value)};
    q->learned = h;
}

static void note_run(spool *q, slice path, slice name) {
    if (slice_is(path, "/api/2.0/mlflow/runs/create")) {
        known *h = take(&q->s->keep, known, 1);
        *h = (known){q->runs, slice_copy(&q->s->keep, name), "open"};
        q->runs = h;
    } else if (slice_is(path, "/api/2.0/mlflow/runs/update")) {
        for (known *h = q->runs; h; h = h->next)
            if (slice_is(name, h->name)) h->value = "";
    }
}

int64_t spool_open_runs(const spool *q, arena *keep, const char ***handles) {
    int64_t n = 0, k = 0;
    for (const known *h = q->runs; h; h = h->next) n += h->value[0] != 0;
    *handles = take(keep, const char *, n);
    for (const known *h = q->runs; h; h = h->next)
        if (h->value[0]) (*handles)[k++] = h->name;
    return n;
}

/* What a line of an existing spool tells. */
static bool take_line(spool *q, const js_node *n, slice line, err *e) {
    int64_t number;
    const js_node *learned = js_get(n, "learned");
    if (js_int(js_get(n, "seq"), &number)) {
        bool ends = false;
        js_bool(js_get(n, "ends"), &ends);
        q->state.added = number, q->state.ended |= ends;
        note_run(q, js_word(n, "path"), js_word(n, "handle"));
        return true;
    }
    if (!js_int(js_get(n, "done"), &number))
        return fail(e, "%s: a line is neither request nor answer: %.*s", q->state.path,
                    (int)(line.n < 80 ? line.n : 80), line.p);
    q->state.done = number, q->state.refused += js_word(n, "refused").n > 0;
    for (int64_t i = 0; i < js_count(learned); i++)
        remember(q, slice_of(js_key(learned, i)), js_word(learned, js_key(learned, i)));
    return true;
}

static bool read_all(spool *q, err *e) {
    scope s;
    slice line;
    struct stat is;
    bool first = true;
    if (fstat(q->file, &is) != 0) return fail_file(e, "read", q->state.path);
    if (!scope_open(&s, (size_t)1 << 30, 0, e)) return false;
    q->end = is.st_size;
    bool done = true;
    while (done && (done = read_line(q, &s, &line, e)) && line.n > 0) {
        int64_t after = q->read_at;
        err torn = {0};
        const js_node *n = js_parse(&s, line, &torn);
        if (!n || after > q->end) { /* killed while it wrote */
            q->end = after - (int64_t)line.n - 1;
            done = ftruncate(q->file, q->end) == 0 || fail_file(e, "write", q->state.path);
            break;
        }
        if (first && slice_is(js_word(n, "spool"), "atelier/1")) {
            q->state.id = slice_copy(&q->s->keep, js_word(n, "id"));
            q->state.url = slice_copy(&q->s->keep, js_word(n, "url"));
            q->first_open = after;
        } else {
            done = !first && take_line(q, n, line, e);
        }
        first = false;
        scope_rewind(&s);
    }
    scope_close(&s);
    lseek(q->file, q->end, SEEK_SET);
    q->read_at = q->first_open;
    return done && q->state.id ? true
                               : fail(e, "%s holds no requests of atelier", q->state.path);
}

spool *spool_open(scope *s, const char *path, err *e) {
    spool *q = open_at(s, path, 0, e);
    if (!q || !read_all(q, e)) return NULL;
    q->state.out = results_of(path, &s->keep);
    q->state.resumed = true;
    return q;
}

/* Spools of former runs from which nothing is left to send. */
static void sweep(const char *parent) {
    DIR *dir = opendir(parent);
    for (struct dirent *at; dir && (at = readdir(dir)) != NULL;) {
        scope s;
        err ignored = {0};
        if (at->d_name[0] == '.' || !scope_open(&s, (size_t)1 << 26, 0, &ignored)) continue;
        spool *q = spool_open(&s, arena_text(&s.keep, "%s/%s", parent, at->d_name), &ignored);
        if (q && q->state.ended && q->state.done == q->state.added) unlink(q->state.path);
        scope_close(&s);
    }
    if (dir) closedir(dir);
}

spool *spool_create(scope *s, const char *out, const char *name, const char *url, err *e) {
    struct timespec now;
    const char *parent = spool_folder(out, &s->keep);
    clock_gettime(CLOCK_REALTIME, &now);
    if (!file_make_folders(parent, e)) return NULL;
    sweep(parent);
    const char *path = arena_text(&s->keep, "%s/%s.jsonl", parent, name);
    spool *q = open_at(s, path, O_CREAT | O_EXCL, e);
    if (!q) return NULL;
    char *seed = arena_text(&s->keep, "%s %d %lld %ld", path, (int)getpid(), (long long)now.tv_sec,
                            now.tv_nsec);
    hash_text id = hash_of(slice_of(seed));
    q->state.id = arena_text(&s->keep, "%.16s", id.hex);
    q->state.url = arena_text(&s->keep, "%s", url);
    q->state.out = arena_text(&s->keep, "%s", out);
    js *j = line_new(s);
    js_put_word(j, "spool", "atelier/1");
    js_put_word(j, "id", q->state.id);
    js_put_word(j, "url", url);
    if (!append(q, line_end(j), e)) return NULL;
    q->read_at = q->first_open = q->end;
    return q;
}

/* ---- requests ---- */

static bool add(spool *q, const char *method, const char *path, const char *handle,
                const char *const *more, slice body, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)1 << 20, 0, e)) return false;
    pthread_mutex_lock(&q->lock);
    js *j = line_new(&s);
    js_put_int(j, "seq", q->state.added + 1);
    js_put_word(j, "method", method);
    js_put_word(j, "path", path);
    js_put_word(j, "handle", handle);
    if (q->ends) js_put_bool(j, "ends", true);
    if (more) js_put_word(j, "file", more[0]), js_put_word(j, "sha256", more[1]);
    else js_put_raw(j, "body", body);
    bool done = append(q, line_end(j), e);
    q->state.added += done;
    q->state.ended |= done && q->ends;
    pthread_mutex_unlock(&q->lock);
    scope_close(&s);
    return done;
}

bool spool_add(spool *q, const char *method, const char *path, const char *handle, slice body,
               err *e) {
    return add(q, method, path, handle, NULL, body, e);
}

bool spool_add_file(spool *q, const char *path, const char *handle, const char *file,
                    const char *sha256, err *e) {
    return add(q, "PUT", path, handle, (const char *const[]){file, sha256}, SLICE(""), e);
}

bool spool_next(spool *q, scope *s, const js_node **out, slice *line, err *e) {
    int64_t number;
    *out = NULL;
    for (;;) {
        int64_t here = q->read_at;
        if (!read_line(q, s, line, e)) return false;
        if (line->n == 0) return true;
        const js_node *n = js_parse(s, *line, e);
        if (!n) return fail_in(e, q->state.path);
        if (js_int(js_get(n, "seq"), &number) && number > q->state.done) {
            q->read_at = here; /* until it is done */
            *out = n;
            return true;
        }
        scope_rewind(s);
    }
}

bool spool_done(spool *q, int64_t seq, const char *refused, const char *const *names,
                const char *const *values, int n, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)1 << 20, 0, e)) return false;
    js *j = line_new(&s);
    js_put_int(j, "done", seq);
    if (refused) js_put_word(j, "refused", refused);
    if (n > 0) js_object(j, "learned");
    for (int i = 0; i < n; i++) {
        js_put_word(j, names[i], values[i]);
        remember(q, slice_of(names[i]), slice_of(values[i]));
    }
    if (n > 0) js_end(j);
    pthread_mutex_lock(&q->lock);
    bool done = append(q, line_end(j), e);
    q->state.done = seq;
    q->state.refused += refused != NULL;
    q->state.resumed = false;
    pthread_mutex_unlock(&q->lock);
    scope_close(&s);
    return done;
}

/* ---- what was learned ---- */

const char *spool_value(const spool *q, const char *name) {
    for (const known *h = q->learned; h; h = h->next)
        if (strcmp(h->name, name) == 0) return h->value;
    return NULL;
}

char *spool_holder(const spool *q, const char *name, arena *keep) {
    return arena_text(keep, "${%s.%s}", q->state.id, name);
}

char *spool_resolved(const spool *q, slice with, arena *keep) {
    const char *mark = arena_text(keep, "${%s.", q->state.id);
    size_t n = strlen(mark), length = 0;
    char *in = slice_copy(keep, with), *out = "";
    for (char *at; (at = strstr(in, mark)) != NULL;) {
        char *stop = strchr(at, '}');
        if (!stop) return NULL;
        *stop = 0;
        const char *value = spool_value(q, at + n);
        if (!value) return NULL;
        out = arena_text(keep, "%s%.*s%s", out, (int)(at - in), in, value);
        length = strlen(out);
        in = stop + 1;
    }
    return length ? arena_text(keep, "%s%s", out, in) : in;
}
