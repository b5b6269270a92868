/* language_reading: every review read: out of fold, by the head of all, or by the ready head. */
#include "pipeline/language_reading.h"

#include <math.h>
#include <string.h>

enum {
    FOLDS = 5,
    SALT = 11, /* of the folds */
};

const char language_ready_note[] =
    "The shop's reviews have no labels to learn from: their sentiment is read by a head that the "
    "program carries and that learnt from film reviews (SST-2). Take it as a first look; a few "
    "hundred reviews with a rating read better.";

static const slice classes[2] = {{"negative", 8}, {"positive", 8}};

/* ---- the parts that are fitted and read ---- */

/* The texts of some reviews with their vectors (the head reads them where v is not NULL). */
static sentiment_data rows_of(const language_data *d, const language_vectors *v,
                              const int32_t *row, int64_t n, arena *keep) {
    slice *texts = take(keep, slice, n);
    int32_t *label = take(keep, int32_t, n);
    sentiment_data out = {texts, label, n, 2, NULL, 0};
    for (int64_t i = 0; i < n; i++) {
        texts[i] = d->texts[row[i]];
        label[i] = d->label[row[i]];
    }
    if (!v) return out;
    size_t wide = (size_t)v->of.wide;
    float *to = take_raw(keep, float, (size_t)n * wide);
    for (int64_t i = 0; i < n; i++)
        memcpy(to + (size_t)i * wide, v->of.v + (size_t)row[i] * wide, wide * sizeof *to);
    out.vectors = to;
    out.wide = v->of.wide;
    return out;
}

/* Reads some reviews with one model -> positive. */
static void read_rows(work *w, const sentiment_model *m, const language_data *d,
                      const language_vectors *v, const int32_t *row, int64_t n, double *positive,
                      scope *s) {
    sentiment_data part = rows_of(d, v, row, n, &s->keep);
    const double *q = language_head_score(w, m, &part, s);
    for (int64_t i = 0; i < n; i++) positive[row[i]] = q[2 * i + 1];
}

static int fold_of(const language_data *d, int64_t i) {
    return (int)(sentiment_place(d->words[i], SALT) * FOLDS);
}

/* Fits on the labelled reviews of all parts outside of a fold, and reads the fold's labelled ones,
 * whatever their part. */
static bool read_fold(work *w, const language_data *d, const language_vectors *v,
                      const language_head *h, int fold, double *positive, err *e) {
    scope own;
    sentiment_model m;
    int64_t fit = 0, held = 0;
    if (!scope_open(&own, (size_t)16 << 30, (size_t)16 << 30, e)) return false;
    int32_t *fitted = take(&own.keep, int32_t, d->n), *row = take(&own.keep, int32_t, d->n);
    for (int64_t i = 0; i < d->n; i++) {
        if (d->label[i] < 0 || d->read.unread[i] != REVIEW_READ) continue;
        if (fold_of(d, i) == fold) row[held++] = (int32_t)i;
        else if (d->part[i] >= 0) fitted[fit++] = (int32_t)i;
    }
    sentiment_data data = rows_of(d, v, fitted, fit, &own.keep);
    bool done = held == 0 || language_head_fit(w, h, &data, &own, &m, e);
    if (done && held > 0) read_rows(w, &m, d, v, row, held, positive, &own);
    scope_close(&own);
    return done;
}

/* ---- the two heads ---- */

/* The head that step 07 chose, fitted on all labelled reviews. */
static bool own_head(work *w, scope *s, const language_data *d, const language_vectors *v,
                     const language_head *h, language_reading *r, err *e) {
    sentiment_data all = language_vectors_pick(d, h->rung == LANGUAGE_WORDS ? NULL : v,
                                               LANGUAGE_TRAIN, LANGUAGE_TEST, &s->keep, NULL);
    r->file = (sentiment_file){.classes = classes,
                               .english = strcmp(d->read.main, tongue_names[TONGUE_EN]) == 0};
    r->reads = language_rung_names[h->rung];
    if (!language_head_fit(w, h, &all, s, &r->file.model, e)) return false;
    /* a threshold that was rounded apart from its band would not be read back */
    sentiment_model *m = &r->file.model;
    m->band = (calibrate_band){fmin(m->band.low, m->threshold), fmax(m->band.high, m->threshold)};
    if (h->rung == LANGUAGE_WORDS) return true;
    r->maker = v->of.maker;
    r->file.encoder = slice_of(v->of.name);
    r->file.encoder_hash = slice_of(arena_text(&s->keep, "%.16s", v->of.encoder->hash.hex));
    r->file.precision = v->of.encoder->model.qkv.bytes ? SLICE("int8") : SLICE("fp32");
    return true;
}

static bool same_encoder(const sentiment_file *f, const language_vectors *v) {
    return v->of.encoder && f->encoder_hash.n == 16 &&
           memcmp(f->encoder_hash.p, v->of.encoder->hash.hex, 16) == 0;
}

/* The head that the program carries: with vectors where every review gets one by its encoder. */
static bool ready_head(work *w, scope *s, const language_data *d, language_vectors *v,
                       language_reading *r, err *e) {
    r->ready = true;
    r->note = language_ready_note;
    language_vectors_plan(w, s, d, v);
    if (!sentiment_file_ready(&r->file, !v->why, s, e)) return false;
    if (r->file.english && strcmp(d->read.main, tongue_names[TONGUE_EN]) != 0)
        return r->skip = arena_text(&s->keep,
                                    "%s, and most are in another language (%s) than the head that "
                                    "the program carries, which reads English",
                                    d->skip, d->read.main), true;
    bool vectors = !v->why && slice_is(r->file.encoder, v->plan.name);
    if (vectors && !language_vectors_make(w, s, d, false, v, e)) return false;
    vectors = vectors && same_encoder(&r->file, v);
    if (!vectors && !sentiment_file_ready(&r->file, false, s, e)) return false;
    r->reads = language_rung_names[vectors ? LANGUAGE_BOTH : LANGUAGE_WORDS];
    r->maker = vectors ? v->of.maker : NULL;
    return true;
}

static bool open_head(work *w, scope *s, const language_data *d, language_vectors *v,
                      language_head *h, language_reading *r, err *e) {
    *r = (language_reading){0};
    if (d->n == 0) return r->skip = d->skip, true;
    if (d->skip) return ready_head(w, s, d, v, r, e);
    *h = language_head_tuned(w, s, LANGUAGE_RUNGS);
    if (h->rung == LANGUAGE_WORDS) language_vectors_plan(w, s, d, v);
    else if (!language_vectors_make(w, s, d, false, v, e)) return false;
    *h = language_head_served(w, s, v);
    return own_head(w, s, d, v, h, r, e);
}

bool language_reading_head(work *w, scope *s, const language_data *d, language_reading *r,
                           err *e) {
    language_vectors v;
    language_head h;
    return open_head(w, s, d, &v, &h, r, e);
}

/* ---- all reviews ---- */

static void count(const language_data *d, language_reading *r) {
    for (int64_t i = 0; i < d->n; i++) {
        r->read += !isnan(r->positive[i]);
        r->uncertain += strcmp(language_reading_word(r, r->positive[i]), "uncertain") == 0;
    }
}

bool language_reading_make(work *w, scope *s, const language_data *d, language_reading *r,
                           err *e) {
    language_vectors v;
    language_head h;
    if (!open_head(w, s, d, &v, &h, r, e)) return false;
    if (r->skip) return true;
    const language_vectors *rows = r->file.model.line.wide > 0 ? &v : NULL;
    int32_t *row = take(&s->keep, int32_t, d->n);
    int64_t n = 0;
    r->positive = take(&s->keep, double, d->n);
    for (int64_t i = 0; i < d->n; i++) {
        r->positive[i] = (double)NAN;
        if (d->read.unread[i] == REVIEW_READ && (r->ready || d->label[i] < 0))
            row[n++] = (int32_t)i;
    }
    read_rows(w, &r->file.model, d, rows, row, n, r->positive, s);
    for (int fold = 0; fold < FOLDS && !r->ready; fold++) {
        work_tick(w, "language: reading", fold, FOLDS);
        if (!read_fold(w, d, rows, &h, fold, r->positive, e)) return false;
    }
    count(d, r);
    return true;
}

const char *language_reading_word(const language_reading *r, double positive) {
    const calibrate_band *band = &r->file.model.band;
    if (isnan(positive)) return "unread";
    return positive > band->high ? "positive" : positive <= band->low ? "negative" : "uncertain";
}
