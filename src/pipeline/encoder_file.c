/* encoder_file: an encoder of sentences with its vocabulary, as one mapped file with a checksum. */
#include "pipeline/encoder_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/store.h"
#include "pipeline/encoder_parts.h"

const encoder_known encoder_knowns[2] = {
    {"gte-small", "gte-small", 512, "gte-small by thenlper: MIT"},
    {"minilm", "all-MiniLM-L6-v2", 256, "all-MiniLM-L6-v2 by sentence-transformers: Apache-2.0"},
};

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *encoder_file_weights(const char *given, scope *s) {
    const char *set = given ? given : getenv("ATELIER_WEIGHTS");
    if (set && *set) return is_folder(set) ? set : NULL;
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    for (int up = 0; n > 0 && up < 2; up++) {
        while (n > 0 && self[n - 1] != '/') n--;
        self[n] = 0;
        char *path = arena_text(&s->keep, "%sweights", self);
        if (is_folder(path)) return path;
        n--;
    }
    return NULL;
}

const char *encoder_file_folder(const encoder_known *known, const char *weights, scope *s) {
    encoder_source from;
    err quiet = {0};
    if (!weights) return NULL;
    const char *dir = arena_text(&s->keep, "%s/%s", weights, known->folder);
    bool whole = file_exists(arena_text(&s->keep, "%s/config.json", dir)) &&
                 file_exists(arena_text(&s->keep, "%s/vocab.txt", dir)) &&
                 encoder_source_find(dir, s, &from, &quiet);
    return whole ? dir : NULL;
}

/* ---- reading ---- */

/* An array of exactly rows x cols, or NULL with a sentence. */
static const void *part(const store *m, const char *name, int64_t rows, int64_t cols, err *e) {
    int64_t r = 0, c = 0;
    const void *p = store_get(m, name, STORE_F32, &r, &c);
    if (p && r == rows && c == cols) return p;
    fail(e, "the array %s is %lld x %lld, wanted %lld x %lld", name, (long long)r, (long long)c,
         (long long)rows, (long long)cols);
    return NULL;
}

static bool open_settings(const store *m, encoder_file *f, err *e) {
    int64_t rows = 0;
    const int64_t *set = store_get(m, "settings", STORE_I64, &rows, NULL);
    const double *eps = store_get(m, "eps", STORE_F64, NULL, NULL);
    if (!set || rows != ENCODER_SETTINGS || !eps) return fail(e, "it has no settings");
    for (int i = 0; i < ENCODER_SETTINGS; i++)
        if (set[i] < 0 || (i < ENCODER_SOURCE_BYTES && set[i] > 1 << 30))
            return fail(e, "its settings make no sense");
    f->model = (encoder_model){.layers = (int32_t)set[ENCODER_LAYERS],
                               .wide = (int32_t)set[ENCODER_WIDE],
                               .heads = (int32_t)set[ENCODER_HEADS],
                               .inner = (int32_t)set[ENCODER_INNER],
                               .words = (int32_t)set[ENCODER_WORDS],
                               .positions = (int32_t)set[ENCODER_POSITIONS],
                               .pooling = (encoder_pooling)set[ENCODER_POOLING],
                               .eps = (float)*eps};
    f->most = (int32_t)set[ENCODER_MOST];
    const char *reason = encoder_check(&f->model);
    if (reason) return fail(e, "the encoder %s", reason);
    if (f->most < 2 || f->most > f->model.positions) return fail(e, "its settings make no sense");
    return true;
}

/* The hash is of what the vectors depend on: not of when the source was written. */
static bool open_arrays(const store *m, encoder_file *file, scope *s, err *e) {
    encoder_model *f = &file->model;
    hash *h = hash_open(s, e);
    if (!h) return false;
    hash_addf(h, "%d %d %d %d %d %g", f->layers, f->wide, f->heads, f->pooling, file->most,
              (double)f->eps);
    for (int i = 0; i < ENCODER_PARTS; i++) {
        const encoder_part *at = &encoder_parts[i];
        int64_t rows = at->layered ? f->layers : 1, values = encoder_part_shape(f, i).values;
        const float *p = part(m, at->name, rows, values, e);
        if (!p) return false;
        hash_add(h, (slice){(const char *)p, (size_t)(rows * values) * sizeof *p});
        memcpy((char *)f + at->offset, &p, sizeof p);
    }
    file->hash = hash_end(h);
    return true;
}

static bool open_words(const store *m, encoder_file *f, scope *s, err *e) {
    int64_t n = store_texts(m, "piece");
    if (n != f->model.words || n > 1 << 24)
        return fail(e, "its vocabulary has %lld pieces, its table %d", (long long)n,
                    f->model.words);
    slice *piece = take(&s->keep, slice, n);
    for (int64_t i = 0; i < n; i++) piece[i] = store_text(m, "piece", i);
    return wordpiece_open(&f->words, piece, (int32_t)n, &s->keep, e);
}

static bool open_file(encoder_file *f, const char *path, scope *s, err *e) {
    *f = (encoder_file){.path = path};
    const store *m = store_open(s, path, "encoder", e);
    if (!m) return false;
    return (open_settings(m, f, e) && open_arrays(m, f, s, e) && open_words(m, f, s, e)) ||
           fail_in(e, path);
}

/* ---- finding ---- */

/* True when the file was made from the folder's weights as they are now. */
static bool is_fresh(const char *path, const char *dir, scope *s) {
    err quiet = {0};
    encoder_source from;
    if (!file_exists(path) || !encoder_source_find(dir, s, &from, &quiet)) return false;
    const store *m = store_map(s, path, "encoder", &quiet);
    const int64_t *set = m ? store_get(m, "settings", STORE_I64, NULL, NULL) : NULL;
    return set && set[ENCODER_SOURCE_BYTES] == from.bytes && set[ENCODER_SOURCE_TIME] == from.time;
}

/* One at a time: who comes second waits for the first and finds the file made. The folder itself is
 * locked, so a process that was killed leaves no lock behind. */
static bool make_once(const char *path, const char *dir, int32_t most, err *e) {
    scope own; /* a conversion holds a whole table of words; who opens an encoder need not */
    if (!scope_open(&own, (size_t)256 << 20, (size_t)1 << 30, e)) return false;
    int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (lock >= 0 && flock(lock, LOCK_EX) != 0 && errno == EINTR) {}
    bool done = is_fresh(path, dir, &own) || encoder_file_make(dir, path, most, &own, e);
    if (lock >= 0) close(lock);
    scope_close(&own);
    return done;
}

static bool open_folder(encoder_file *f, const char *dir, int32_t most, scope *s, err *e) {
    const char *path = arena_text(&s->keep, "%s/encoder.atm", dir);
    if (!is_fresh(path, dir, s) && !make_once(path, dir, most, e)) return false;
    return open_file(f, path, s, e);
}

bool encoder_file_open(encoder_file *f, const char *word, const char *weights, scope *s, err *e) {
    for (int i = 0; i < 2; i++) {
        const encoder_known *k = &encoder_knowns[i];
        if (strcmp(word, k->name) != 0) continue;
        const char *dir = weights ? arena_text(&s->keep, "%s/%s", weights, k->folder) : NULL;
        if (dir && is_folder(dir)) return open_folder(f, dir, k->most, s, e);
        fail(e, "the weights of %s are not here: tools/setup.sh --weights fetches them into "
                "build/weights; elsewhere name their folder by --weights DIR", word);
        return fail_cause(e, "no_input");
    }
    if (is_folder(word)) return open_folder(f, word, 0, s, e);
    if (file_exists(word)) return open_file(f, word, s, e);
    refuse(e, "%s is no encoder: give gte-small, minilm, or a folder with config.json, vocab.txt "
              "and model.safetensors or model.onnx", word);
    return fail_cause(e, "no_input");
}
