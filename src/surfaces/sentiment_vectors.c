/* sentiment_vectors: vectors beside the texts of the sentiment verb: which encoder, from where. */
#include "surfaces/sentiment_vectors.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/vectors.h"
#include "surfaces/progress.h"

/* The folder of the cache, or NULL. */
static const char *cache_of(const args *a, scope *s) {
    const char *given = args_text(a, "cache"), *to = args_text(a, "out");
    if (given) return strcmp(given, "none") == 0 ? NULL : given;
    if (!to) to = args_flag(a, "fit") ? args_text(a, "model") : NULL;
    if (!to) return NULL;
    const char *slash = strrchr(to, '/');
    return arena_text(&s->keep, "%.*s.vectors", slash ? (int)(slash - to + 1) : 0, to);
}

static bool encode(const args *a, bench *b, const sentiment_texts *t, const encoder_file *f,
                   sentiment_vectors *v, scope *s, js *out, err *e) {
    progress_view view;
    vectors_told told;
    slice *texts = take(&s->keep, slice, t->n);
    for (int64_t i = 0; i < t->n; i++)
        texts[i] = t->reading[i] == SENTIMENT_READ ? t->text[i] : (slice){NULL, 0};
    vectors_params p = {b->threads, cache_of(a, s), progress_open(&view)};
    v->rows = vectors_make(f, texts, t->n, &p, args_clock, &told, s, e);
    v->wide = f->model.wide;
    progress_close(&view);
    if (!v->rows) return false;
    js_object(out, "vectors");
    js_put_int(out, "distinct", told.distinct);
    js_put_int(out, "cached", told.cached);
    js_put_int(out, "encoded", told.encoded);
    js_put_int(out, "cut", told.cut);
    js_end(out);
    return true;
}

static void tell_encoder(const sentiment_file *f, js *out) {
    js_object(out, "encoder");
    js_put_text(out, "name", f->encoder);
    js_put_text(out, "hash", f->encoder_hash);
    js_put_text(out, "precision", f->precision);
    js_end(out);
    fprintf(stderr, "encoder: %.*s, %.*s\n", (int)f->encoder.n, f->encoder.p,
            (int)f->precision.n, f->precision.p);
}

static void tell_none(const char *why, js *out) {
    js_put_null(out, "encoder");
    fprintf(stderr, "encoder: none%s: words alone\n", why);
}

/* True when the weights of a known encoder are there. */
static bool is_there(const args *a, const char *name, scope *s) {
    encoder_file f;
    err quiet = {0};
    return encoder_file_open(&f, name, encoder_file_weights(args_text(a, "weights"), s), s, &quiet);
}

bool sentiment_vectors_for_fit(const args *a, bench *b, const sentiment_texts *t,
                               sentiment_vectors *v, sentiment_file *f, scope *s, js *out,
                               err *e) {
    const char *name = args_text(a, "encoder"), *precision = args_text(a, "precision");
    encoder_file encoder;
    if (strcmp(name, "auto") == 0) {
        name = is_there(a, "gte-small", s) ? "gte-small" : "none";
        if (strcmp(name, "none") == 0) {
            tell_none(" (the weights of gte-small are not here: tools/setup.sh --weights)", out);
            return true;
        }
    }
    if (strcmp(name, "none") == 0) return tell_none("", out), true;
    const char *weights = encoder_file_weights(args_text(a, "weights"), s);
    if (!encoder_file_open(&encoder, name, weights, s, e)) return false;
    bool bytes = strcmp(precision, "int8") == 0 ||
                 (strcmp(precision, "fast") == 0 && encoder_quick());
    if (bytes) encoder_quicken(&encoder.model, &s->keep);
    f->encoder = slice_of(name);
    f->encoder_hash = slice_of(arena_text(&s->keep, "%.16s", encoder.hash.hex));
    f->precision = bytes ? SLICE("int8") : SLICE("fp32");
    tell_encoder(f, out);
    return encode(a, b, t, &encoder, v, s, out, e);
}

bool sentiment_vectors_for_reading(const args *a, bench *b, sentiment_texts *t, bool given,
                                   sentiment_vectors *v, sentiment_file *f, scope *s, js *out,
                                   err *e) {
    const char *none = "";
    if (!given) {
        bool bare = strcmp(args_text(a, "encoder"), "none") == 0;
        bool there = !bare && is_there(a, "gte-small", s);
        if (!bare && !there)
            none = " (the weights of gte-small are not here: tools/setup.sh --weights)";
        if (!sentiment_file_ready(f, there, s, e)) return false;
        js_put_word(out, "model", there ? "ready: vectors" : "ready: words alone");
        fprintf(stderr, "no --model: the ready head, learnt from film reviews (SST-2); a model of "
                        "your own labels reads better\n");
    } else {
        js_put_word(out, "model", args_text(a, "model"));
    }
    sentiment_texts_settle(t, f->english, out);
    if (f->model.line.wide == 0) return tell_none(none, out), true;
    return sentiment_vectors_of_model(a, b, t, v, f, s, out, e);
}

bool sentiment_vectors_of_model(const args *a, bench *b, const sentiment_texts *t,
                                sentiment_vectors *v, const sentiment_file *f, scope *s, js *out,
                                err *e) {
    encoder_file encoder;
    tell_encoder(f, out);
    return sentiment_file_encoder(f, args_text(a, "weights"), &encoder, s, e) &&
           encode(a, b, t, &encoder, v, s, out, e);
}

sentiment_data sentiment_vectors_pick(const sentiment_vectors *v, const sentiment_texts *t,
                                      double from, double to, arena *keep) {
    int32_t *row;
    sentiment_data d = sentiment_texts_pick(t, from, to, keep, &row);
    if (!v->rows) return d;
    float *rows = take_raw(keep, float, d.n * v->wide);
    for (int64_t i = 0; i < d.n; i++)
        memcpy(rows + i * v->wide, v->rows + (int64_t)row[i] * v->wide,
               (size_t)v->wide * sizeof *rows);
    d.vectors = rows;
    d.wide = v->wide;
    return d;
}
