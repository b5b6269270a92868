/* toxicity_file: a toxicity head as a model file: one of words alone, and one with vectors beside.
 */
#include "pipeline/toxicity_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"
#include "data/folder.h"
#include "data/store.h"

typedef enum setting {
    TEXTS,
    MIN_LETTERS,
    MIN_DF,
    WIDE,
    DENSE_WEIGHT,
    BIAS,
    REVIEW,
    BLOCK,
    HELD, /* the members of toxicity_held */
    TOXICITY_SETTINGS = HELD + 10
} setting;

static const char *const model_names[2] = {"words", "vectors"};

/* ---- saving ---- */

static void put_settings(const toxicity_model *m, double *set) {
    const toxicity_held *h = &m->held;
    const double held[10] = {h->auc,
                             (double)h->toxic,
                             (double)h->others,
                             (double)h->clean,
                             (double)h->toxic_review,
                             (double)h->toxic_block,
                             (double)h->others_review,
                             (double)h->others_block,
                             (double)h->clean_review,
                             (double)h->clean_block};
    set[TEXTS] = (double)m->words.texts;
    set[MIN_LETTERS] = m->words.p.min_letters;
    set[MIN_DF] = m->words.p.min_df;
    set[WIDE] = m->line.wide;
    set[DENSE_WEIGHT] = m->line.dense_weight;
    set[BIAS] = m->line.bias[0];
    set[REVIEW] = m->review;
    set[BLOCK] = m->block;
    memcpy(set + HELD, held, sizeof held);
}

static bool put_model(store_writer *w, const toxicity_model *m, const char *name, scope *s,
                      err *e) {
    double set[TOXICITY_SETTINGS];
    float *weight = take_raw(&s->keep, float, m->line.features);
    for (int32_t i = 0; i < m->line.features; i++) weight[i] = (float)m->line.weight[i];
    put_settings(m, set);
    return store_put(w, arena_text(&s->keep, "%s.weight", name), STORE_F32, m->line.features, 1,
                     weight, e) &&
           store_put(w, arena_text(&s->keep, "%s.settings", name), STORE_F64, 1,
                     TOXICITY_SETTINGS, set, e);
}

static bool write_file(const toxicity_file *f, const char *path, scope *s, err *e) {
    const tfidf_model *t = &f->words.words;
    const slice encoder[2] = {f->encoder, f->encoder_hash};
    int32_t *df = take(&s->keep, int32_t, t->terms);
    for (int32_t i = 0; i < t->terms; i++) df[i] = (int32_t)t->df[i];
    store_writer *w = store_create(s, path, "toxicity", e);
    return w && store_put_texts(w, "term", t->term, t->terms, e) &&
           store_put(w, "df", STORE_I32, t->terms, 1, df, e) &&
           store_put_texts(w, "encoder", encoder, f->has_vectors ? 2 : 0, e) &&
           put_model(w, &f->words, model_names[0], s, e) &&
           (!f->has_vectors || put_model(w, &f->vectors, model_names[1], s, e)) &&
           store_close(w, e);
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool toxicity_file_save(const toxicity_file *f, const char *path, scope *s, err *e) {
    size_t n = strlen(path);
    if (n < 5 || strcmp(path + n - 4, ".atm") != 0 || is_folder(path)) {
        if (!file_make_folders(path, e)) return false;
        path = arena_text(&s->keep, "%s/toxicity.atm", path);
    }
    const char *half = arena_text(&s->keep, "%s.%d", path, (int)getpid());
    bool done = write_file(f, half, s, e) &&
                (rename(half, path) == 0 || fail_file(e, "write", path));
    if (!done) unlink(half);
    return done;
}

/* ---- opening ---- */

static bool settings_sound(const double *set) {
    for (int i = 0; set && i < TOXICITY_SETTINGS; i++)
        if (!isfinite(set[i]) || set[i] < -1e9 || set[i] > 1e12) return false;
    return set && set[WIDE] >= 0 && set[WIDE] < 1 << 20 && set[WIDE] == floor(set[WIDE]) &&
           (set[WIDE] == 0 || set[DENSE_WEIGHT] > 0) && set[REVIEW] <= set[BLOCK] &&
           set[MIN_LETTERS] >= 1 && set[MIN_DF] >= 1;
}

static void open_held(toxicity_held *h, const double *set) {
    int64_t n[10];
    for (int i = 1; i < 10; i++) n[i] = (int64_t)set[i];
    *h = (toxicity_held){set[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9]};
}

static bool open_model(toxicity_model *m, const store *file, int which, arena *keep) {
    int64_t rows = 0, cols = 0, many = 0, one = 0, terms = store_texts(file, "term"), n = 0;
    const char *name = model_names[which];
    const double *set = store_get(file, arena_text(keep, "%s.settings", name), STORE_F64, &one,
                                  &many);
    const float *weight = store_get(file, arena_text(keep, "%s.weight", name), STORE_F32, &rows,
                                    &cols);
    const int32_t *df = store_get(file, "df", STORE_I32, &n, &one);
    bool sound = set && weight && df && terms > 0 && n == terms && one == 1 && cols == 1 &&
                 many == TOXICITY_SETTINGS && settings_sound(set) &&
                 rows == terms + (int64_t)set[WIDE] && (set[WIDE] > 0) == (which == 1);
    if (!sound) return false;
    *m = (toxicity_model){.review = set[REVIEW], .block = set[BLOCK]};
    m->words = (tfidf_model){.p = TOXICITY_DEFAULTS.words, .texts = (int64_t)set[TEXTS],
                             .terms = (int32_t)terms, .term = take(keep, slice, terms),
                             .df = take(keep, int64_t, terms)};
    m->words.p.min_letters = (int)set[MIN_LETTERS];
    m->words.p.min_df = (int)set[MIN_DF];
    for (int64_t t = 0; t < terms; t++) {
        m->words.term[t] = store_text(file, "term", t);
        m->words.df[t] = df[t];
    }
    toxicity_open(m, keep);
    m->line = (linear_model){.classes = 2, .outputs = 1, .features = (int32_t)rows,
                             .wide = (int32_t)set[WIDE], .dense_weight = set[DENSE_WEIGHT],
                             .weight = take(keep, double, rows), .bias = take(keep, double, 1)};
    for (int64_t i = 0; i < rows; i++) m->line.weight[i] = (double)weight[i];
    m->line.bias[0] = set[BIAS];
    open_held(&m->held, set + HELD);
    return true;
}

static bool open_store(toxicity_file *f, const store *file, const char *name, scope *s, err *e) {
    *f = (toxicity_file){.name = name, .has_vectors = store_texts(file, "encoder") == 2};
    if (!open_model(&f->words, file, 0, &s->keep) ||
        (f->has_vectors && !open_model(&f->vectors, file, 1, &s->keep)))
        return fail(e, "%s: not a sound toxicity head; fit and save it again", name);
    if (!f->has_vectors) return true;
    f->encoder = store_text(file, "encoder", 0);
    f->encoder_hash = store_text(file, "encoder", 1);
    return true;
}

bool toxicity_file_open(toxicity_file *f, const char *path, scope *s, err *e) {
    const char *file = is_folder(path) ? arena_text(&s->keep, "%s/toxicity.atm", path) : path;
    const store *m = store_open(s, file, "toxicity", e);
    return m && open_store(f, m, file, s, e);
}

bool toxicity_file_ready(toxicity_file *f, scope *s, err *e) {
    slice bytes;
    if (!embed_find("share/heads/toxicity.atm", &bytes))
        return fail(e, "this program carries no toxicity head: build it with "
                       "share/heads/toxicity.atm, or give --model");
    const store *m = store_open_bytes(s, bytes, "share/heads/toxicity.atm", "toxicity", e);
    return m && open_store(f, m, "ready", s, e);
}

bool toxicity_file_encoder(const toxicity_file *f, const char *weights, encoder_file *encoder,
                           scope *s) {
    err ignored = {0};
    if (!f->has_vectors) return false;
    const char *name = slice_copy(&s->keep, f->encoder);
    if (!encoder_file_open(encoder, name, weights, s, &ignored)) return false;
    return slice_is((slice){encoder->hash.hex, 16}, slice_copy(&s->keep, f->encoder_hash)) &&
           encoder->model.wide == f->vectors.line.wide;
}
