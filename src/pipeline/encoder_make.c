/* encoder_make: an encoder's file from a folder with config.json, vocab.txt and weights. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/store.h"
#include "data/tensors.h"
#include "pipeline/encoder_file.h"
#include "pipeline/encoder_parts.h"

typedef struct making {
    encoder_model m;
    tensors t;
    int64_t settings[ENCODER_SETTINGS];
    double eps;
    slice *piece;
} making;

/* A small JSON file; NULL without a sentence when it is not there and need not be. */
static const js_node *read_json(const char *dir, const char *name, bool required, scope *s,
                                err *e) {
    slice bytes;
    const char *path = arena_text(&s->keep, "%s/%s", dir, name);
    if (!required && !file_exists(path)) return NULL;
    if (!file_read(path, s, 1 << 20, &bytes, e)) return NULL;
    const js_node *all = js_parse(s, bytes, e);
    if (!all) fail_in(e, path);
    return all;
}

static bool is_word(const js_node *all, const char *key, const char *wanted) {
    slice word;
    return !js_text(js_get(all, key), &word) || slice_is(word, wanted);
}

static bool read_config(const char *dir, making *k, scope *s, err *e) {
    static const struct {
        const char *key;
        int place;
    } wanted[] = {{"num_hidden_layers", ENCODER_LAYERS},
                  {"hidden_size", ENCODER_WIDE},
                  {"num_attention_heads", ENCODER_HEADS},
                  {"intermediate_size", ENCODER_INNER},
                  {"vocab_size", ENCODER_WORDS},
                  {"max_position_embeddings", ENCODER_POSITIONS}};
    const js_node *all = read_json(dir, "config.json", true, s, e);
    if (!all) return false;
    for (int i = 0; i < 6; i++) {
        int64_t *to = &k->settings[wanted[i].place];
        if (!js_int(js_get(all, wanted[i].key), to) || *to < 1 || *to > 1 << 24)
            return refuse(e, "%s/config.json has no sensible %s", dir, wanted[i].key);
    }
    if (!is_word(all, "model_type", "bert") || !is_word(all, "hidden_act", "gelu") ||
        !is_word(all, "position_embedding_type", "absolute"))
        return refuse(e, "%s/config.json is not of a BERT with gelu and absolute positions: only "
                         "these can be read", dir);
    k->eps = 1e-12;
    js_real(js_get(all, "layer_norm_eps"), &k->eps);
    k->m = (encoder_model){.layers = (int32_t)k->settings[ENCODER_LAYERS],
                           .wide = (int32_t)k->settings[ENCODER_WIDE],
                           .heads = (int32_t)k->settings[ENCODER_HEADS],
                           .inner = (int32_t)k->settings[ENCODER_INNER],
                           .words = (int32_t)k->settings[ENCODER_WORDS],
                           .positions = (int32_t)k->settings[ENCODER_POSITIONS],
                           .eps = (float)k->eps};
    const char *reason = encoder_check(&k->m);
    return !reason || refuse(e, "%s/config.json: the encoder %s", dir, reason);
}

/* Pooling and longest text, from the files that sentence encoders have beside config.json. */
static bool read_sentence(const char *dir, int32_t most, making *k, scope *s, err *e) {
    bool first = false;
    int64_t longest = most > 0 ? most : k->settings[ENCODER_POSITIONS], given;
    const js_node *pooling = read_json(dir, "1_Pooling/config.json", false, s, e);
    const js_node *length = read_json(dir, "sentence_bert_config.json", false, s, e);
    if (e->kind != ERR_NONE) return false;
    if (pooling && js_bool(js_get(pooling, "pooling_mode_cls_token"), &first) && first)
        k->settings[ENCODER_POOLING] = ENCODER_FIRST;
    if (length && js_int(js_get(length, "max_seq_length"), &given) && given >= 2) longest = given;
    if (longest > k->settings[ENCODER_POSITIONS]) longest = k->settings[ENCODER_POSITIONS];
    k->settings[ENCODER_MOST] = longest;
    return true;
}

static bool read_vocabulary(const char *dir, making *k, scope *s, err *e) {
    slice all, none;
    wordpiece words;
    int64_t n = 0, wanted = k->settings[ENCODER_WORDS];
    const char *path = arena_text(&s->keep, "%s/vocab.txt", dir);
    if (!file_read(path, s, (size_t)64 << 20, &all, e)) return false;
    k->piece = take(&s->keep, slice, wanted);
    for (; all.n > 0; n++) {
        const char *end = memchr(all.p, '\n', all.n);
        none = (slice){all.p, end ? (size_t)(end - all.p) : all.n};
        all = (slice){all.p + none.n + (end != NULL), all.n - none.n - (end != NULL)};
        if (none.n > 0 && none.p[none.n - 1] == '\r') none.n--;
        if (n < wanted) k->piece[n] = none;
    }
    if (n > wanted)
        return refuse(e, "%s has %lld pieces, config.json says %lld", path, (long long)n,
                      (long long)wanted);
    return wordpiece_open(&words, k->piece, (int32_t)wanted, &s->keep, e) || fail_in(e, path);
}

/* ---- weights ---- */

/* A source of a part, its shape held against what its name promises; NULL when refused. A table of
 * kinds of texts may have more rows than the one that is read. */
static const tensor *find_source(const making *k, int part, const char *source, int layer, err *e) {
    char name[200], prefix[40] = "";
    const encoder_part *p = &encoder_parts[part];
    encoder_shape shape = encoder_part_shape(&k->m, part);
    if (p->layered) snprintf(prefix, sizeof prefix, "encoder.layer.%d.", layer);
    snprintf(name, sizeof name, "%s%s", prefix, source);
    const tensor *t = tensors_find(&k->t, name);
    if (!t) {
        refuse(e, "has no tensor %s: it is not of this architecture", name);
        return NULL;
    }
    int64_t rows = t->transposed ? t->shape[1] : t->shape[0];
    int64_t columns = t->transposed ? t->shape[0] : t->shape[1];
    bool one = p->rows == ENCODER_SETTINGS, fits = one ? rows >= 1 : rows == shape.rows;
    if (t->type != TENSOR_OTHER && fits && columns == shape.columns) return t;
    refuse(e, "the tensor %s is %lld x %lld, or its numbers are not floats; wanted %lld x %lld",
           name, (long long)rows, (long long)columns, (long long)shape.rows,
           (long long)shape.columns);
    return NULL;
}

static bool put_source(const making *k, int part, const char *source, int layer, float *to,
                       arena scratch, err *e) {
    const tensor *t = find_source(k, part, source, layer, e);
    if (!t) return false;
    encoder_shape shape = encoder_part_shape(&k->m, part);
    tensor wanted = *t;
    if (!t->transposed) wanted.shape[0] = shape.rows;
    if (encoder_parts[part].panels) {
        float *plain = take_raw(&scratch, float, shape.rows * shape.columns);
        tensor_floats(&wanted, plain);
        encoder_pack(plain, (int32_t)shape.columns, (int32_t)shape.rows, !t->transposed, to);
    } else {
        tensor_floats(&wanted, to);
    }
    return true;
}

static bool put_part(store_writer *w, const making *k, int part, arena scratch, err *e) {
    const encoder_part *p = &encoder_parts[part];
    encoder_shape shape = encoder_part_shape(&k->m, part);
    int64_t layers = p->layered ? k->m.layers : 1, one = shape.rows * shape.columns;
    float *all = take_raw(&scratch, float, layers * shape.values), *to = all;
    for (int layer = 0; layer < layers; layer++)
        for (int i = 0; i < 4 && p->source[i]; i++, to += one)
            if (!put_source(k, part, p->source[i], layer, to, scratch, e)) return false;
    return store_put(w, p->name, STORE_F32, layers, shape.values, all, e);
}

static bool put_all(const making *k, const char *path, scope *s, err *e) {
    store_writer *w = store_create(s, path, "encoder", e);
    if (!w || !store_put_texts(w, "piece", k->piece, k->m.words, e) ||
        !store_put(w, "settings", STORE_I64, ENCODER_SETTINGS, 1, k->settings, e) ||
        !store_put(w, "eps", STORE_F64, 1, 1, &k->eps, e))
        return false;
    for (int part = 0; part < ENCODER_PARTS; part++)
        if (!put_part(w, k, part, s->scratch, e)) return false;
    return store_close(w, e);
}

bool encoder_file_make(const char *dir, const char *path, int32_t most, scope *s, err *e) {
    making *k = take(&s->keep, making, 1);
    encoder_source from;
    char *half = arena_text(&s->keep, "%s.half", path);
    if (!read_config(dir, k, s, e) || !read_sentence(dir, most, k, s, e) ||
        !read_vocabulary(dir, k, s, e) || !encoder_source_find(dir, s, &from, e) ||
        !tensors_open(&k->t, from.path, s, e))
        return false;
    k->settings[ENCODER_SOURCE_BYTES] = from.bytes;
    k->settings[ENCODER_SOURCE_TIME] = from.time;
    bool done = put_all(k, half, s, e) || fail_in(e, from.path);
    if (done && rename(half, path) != 0) done = fail_file(e, "write", path);
    if (!done) unlink(half);
    return done;
}

/* ---- a model that was changed ---- */

static bool put_model(const encoder_file *f, const encoder_model *m, const char *path, scope *s,
                      err *e) {
    const int64_t settings[ENCODER_SETTINGS] = {
        [ENCODER_LAYERS] = m->layers,   [ENCODER_WIDE] = m->wide,
        [ENCODER_HEADS] = m->heads,     [ENCODER_INNER] = m->inner,
        [ENCODER_WORDS] = m->words,     [ENCODER_POSITIONS] = m->positions,
        [ENCODER_POOLING] = m->pooling, [ENCODER_MOST] = f->most};
    double eps = (double)m->eps;
    store_writer *w = store_create(s, path, "encoder", e);
    if (!w || !store_put_texts(w, "piece", f->words.piece, f->words.n, e) ||
        !store_put(w, "settings", STORE_I64, ENCODER_SETTINGS, 1, settings, e) ||
        !store_put(w, "eps", STORE_F64, 1, 1, &eps, e))
        return false;
    for (int part = 0; part < ENCODER_PARTS; part++) {
        const encoder_part *p = &encoder_parts[part];
        const float *values;
        memcpy(&values, (const char *)m + p->offset, sizeof values);
        if (!store_put(w, p->name, STORE_F32, p->layered ? m->layers : 1,
                       encoder_part_shape(m, part).values, values, e))
            return false;
    }
    return store_close(w, e);
}

bool encoder_file_save(const encoder_file *f, const encoder_model *m, const char *path, scope *s,
                       err *e) {
    char *half = arena_text(&s->keep, "%s.%d", path, (int)getpid());
    bool done = put_model(f, m, half, s, e);
    if (done && rename(half, path) != 0) done = fail_file(e, "write", path);
    if (!done) unlink(half);
    return done;
}
