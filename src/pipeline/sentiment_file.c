/* sentiment_file: a sentiment model with its classes and its encoder's name, as a model file. */
#include "pipeline/sentiment_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"
#include "data/folder.h"
#include "data/store.h"

typedef enum setting {
    FITTED_ON, /* texts */
    MIN_N,
    MAX_N,
    MIN_LETTERS,
    MIN_DF,
    MAX_SHARE,
    SUBLINEAR,
    L2,
    USE_WORDS,
    WIDE,
    DENSE_WEIGHT,
    TEMPERATURE,
    THRESHOLD,
    BAND_LOW,
    BAND_HIGH,
    ENGLISH,
    SENTIMENT_SETTINGS
} setting;

/* ---- saving ---- */

static float *floats(const double *from, int64_t n, arena *keep) {
    float *to = take_raw(keep, float, n);
    for (int64_t i = 0; i < n; i++) to[i] = (float)from[i];
    return to;
}

static void put_settings(const sentiment_file *f, double *set) {
    const sentiment_model *m = &f->model;
    const tfidf_params *p = &m->words.p;
    set[FITTED_ON] = (double)m->words.texts;
    set[MIN_N] = p->min_n;
    set[MAX_N] = p->max_n;
    set[MIN_LETTERS] = p->min_letters;
    set[MIN_DF] = p->min_df;
    set[MAX_SHARE] = p->max_share;
    set[SUBLINEAR] = p->sublinear;
    set[L2] = p->l2;
    set[USE_WORDS] = m->use_words;
    set[WIDE] = m->line.wide;
    set[DENSE_WEIGHT] = m->line.dense_weight;
    set[TEMPERATURE] = m->temperature;
    set[THRESHOLD] = m->threshold;
    set[BAND_LOW] = m->band.low;
    set[BAND_HIGH] = m->band.high;
    set[ENGLISH] = f->english;
}

static bool write_file(const sentiment_file *f, const char *path, scope *s, err *e) {
    const sentiment_model *m = &f->model;
    const linear_model *l = &m->line;
    const slice encoder[3] = {f->encoder, f->encoder_hash, f->precision};
    double set[SENTIMENT_SETTINGS];
    arena rest = s->scratch; /* forgotten at the end */
    int32_t *df = take(&rest, int32_t, m->words.terms);
    for (int32_t t = 0; t < m->words.terms; t++) df[t] = (int32_t)m->words.df[t];
    float *weight = floats(l->weight, (int64_t)l->features * l->outputs, &rest);
    put_settings(f, set);
    store_writer *w = store_create(s, path, "sentiment", e);
    return w && store_put_texts(w, "class", f->classes, l->classes, e) &&
           store_put_texts(w, "term", m->words.term, m->words.terms, e) &&
           store_put_texts(w, "encoder", encoder, l->wide > 0 ? 3 : 0, e) &&
           store_put(w, "df", STORE_I32, m->words.terms, 1, df, e) &&
           store_put(w, "weight", STORE_F32, l->features, l->outputs, weight, e) &&
           store_put(w, "bias", STORE_F32, l->outputs, 1, floats(l->bias, l->outputs, &rest),
                     e) &&
           store_put(w, "settings", STORE_F64, 1, SENTIMENT_SETTINGS, set, e) && store_close(w, e);
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_file_name(const char *path) {
    size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".atm") == 0;
}

bool sentiment_file_save(const sentiment_file *f, const char *path, scope *s, err *e) {
    if (!is_file_name(path) || is_folder(path)) {
        if (!file_make_folders(path, e)) return false;
        path = arena_text(&s->keep, "%s/sentiment.atm", path);
    }
    const char *half = arena_text(&s->keep, "%s.%d", path, (int)getpid());
    bool done = write_file(f, half, s, e) &&
                (rename(half, path) == 0 || fail_file(e, "write", path));
    if (!done) unlink(half);
    return done;
}

/* ---- opening ---- */

static slice *texts_of(const store *m, const char *name, int64_t n, arena *keep) {
    slice *out = take(keep, slice, n);
    for (int64_t i = 0; i < n; i++) out[i] = store_text(m, name, i);
    return out;
}

/* An array of rows x cols, or NULL. */
static const void *part(const store *m, const char *name, store_type type, int64_t rows,
                        int64_t cols) {
    int64_t r = 0, c = 0;
    const void *p = store_get(m, name, type, &r, &c);
    return p && r == rows && c == cols ? p : NULL;
}

static bool settings_sound(const double *set, int64_t terms) {
    for (int i = 0; set && i < SENTIMENT_SETTINGS; i++)
        if (!isfinite(set[i]) || set[i] < -1 || set[i] > 1e9) return false;
    return set && set[WIDE] >= 0 && set[WIDE] < 1 << 20 && set[WIDE] == floor(set[WIDE]) &&
           (set[WIDE] == 0 || set[DENSE_WEIGHT] > 0) && set[TEMPERATURE] > 0 &&
           set[USE_WORDS] == (terms > 0) && (terms > 0 || set[WIDE] > 0) &&
           set[BAND_LOW] <= set[THRESHOLD] && set[THRESHOLD] <= set[BAND_HIGH];
}

static double *doubles(const float *from, int64_t n, arena *keep) {
    double *to = take_raw(keep, double, n);
    for (int64_t i = 0; i < n; i++) to[i] = (double)from[i];
    return to;
}

static void open_words(sentiment_file *f, const store *m, const double *set, const int32_t *df,
                       int64_t terms, arena *keep) {
    tfidf_model *w = &f->model.words;
    w->texts = (int64_t)set[FITTED_ON];
    w->terms = (int32_t)terms;
    w->term = texts_of(m, "term", terms, keep);
    w->df = take(keep, int64_t, terms);
    for (int64_t t = 0; t < terms; t++) w->df[t] = df[t];
    tfidf_open(w, keep);
}

static void open_encoder(sentiment_file *f, const store *m) {
    f->encoder = store_text(m, "encoder", 0);
    f->encoder_hash = store_text(m, "encoder", 1);
    f->precision = store_text(m, "encoder", 2);
}

static bool open_store(sentiment_file *f, const store *m, const char *name, arena *keep, err *e) {
    int64_t terms = store_texts(m, "term"), classes = store_texts(m, "class");
    int64_t outputs = classes == 2 ? 1 : classes;
    const double *set = part(m, "settings", STORE_F64, 1, SENTIMENT_SETTINGS);
    const int32_t *df = part(m, "df", STORE_I32, terms, 1);
    bool sound = df && terms >= 0 && terms < INT32_MAX - (1 << 20) && classes >= 2 &&
                 classes <= 1000 && settings_sound(set, terms);
    int64_t wide = sound ? (int64_t)set[WIDE] : 0;
    const float *weight = part(m, "weight", STORE_F32, terms + wide, outputs);
    const float *bias = part(m, "bias", STORE_F32, outputs, 1);
    sound = sound && weight && bias && store_texts(m, "encoder") == (wide > 0 ? 3 : 0);
    if (!sound) return fail(e, "%s: not a sound sentiment model; fit and save it again", name);
    tfidf_params p = {(int)set[MIN_N],  (int)set[MAX_N],    (int)set[MIN_LETTERS],
                      (int)set[MIN_DF], set[MAX_SHARE],     set[SUBLINEAR] != 0,
                      set[L2] != 0};
    if (terms > 0 && tfidf_check(p)) return fail(e, "%s: %s", name, tfidf_check(p));
    *f = (sentiment_file){.classes = texts_of(m, "class", classes, keep),
                          .english = set[ENGLISH] != 0};
    f->model = (sentiment_model){.use_words = terms > 0,
                                 .temperature = set[TEMPERATURE],
                                 .threshold = set[THRESHOLD],
                                 .band = {set[BAND_LOW], set[BAND_HIGH]}};
    f->model.words.p = p;
    if (terms > 0) open_words(f, m, set, df, terms, keep);
    if (wide > 0) open_encoder(f, m);
    f->model.line = (linear_model){.classes = (int)classes,
                                   .outputs = (int)outputs,
                                   .features = (int32_t)(terms + wide),
                                   .wide = (int32_t)wide,
                                   .dense_weight = set[DENSE_WEIGHT],
                                   .weight = doubles(weight, (terms + wide) * outputs, keep),
                                   .bias = doubles(bias, outputs, keep)};
    return true;
}

bool sentiment_file_open(sentiment_file *f, const char *path, scope *s, err *e) {
    bool inside = is_folder(path);
    const char *file = inside ? arena_text(&s->keep, "%s/sentiment.atm", path) : path;
    if (inside && !file_exists(file))
        return refuse(e, "%s holds no sentiment model (sentiment.atm): make one by atelier "
                         "sentiment --fit --model %s", path, path);
    const store *m = store_open(s, file, "sentiment", e);
    if (!m || !open_store(f, m, file, &s->keep, e)) return false;
    const char *slash = strrchr(file, '/');
    f->folder = slash ? arena_text(&s->keep, "%.*s", (int)(slash - file), file) : ".";
    return true;
}

bool sentiment_file_ready(sentiment_file *f, bool vectors, scope *s, err *e) {
    const char *path = vectors ? "share/heads/sentiment.atm" : "share/heads/sentiment-words.atm";
    slice bytes;
    if (!embed_find(path, &bytes))
        return fail(e, "this build carries no %s: fit a model of your own by --fit", path);
    const store *m = store_open_bytes(s, bytes, path, "sentiment", e);
    return m && open_store(f, m, path, &s->keep, e);
}

/* ---- the encoder ---- */

bool sentiment_file_encoder(const sentiment_file *f, const char *weights, encoder_file *encoder,
                            scope *s, err *e) {
    const char *word = slice_copy(&s->keep, f->encoder);
    if (f->folder && strncmp(word, "./", 2) == 0)
        word = arena_text(&s->keep, "%s/%s", f->folder, word + 2);
    if (!encoder_file_open(encoder, word, encoder_file_weights(weights, s), s, e))
        return fail_in(e, "this model reads vectors of an encoder");
    slice mine = {encoder->hash.hex, 16};
    if (encoder->model.wide != f->model.line.wide || slice_compare(mine, f->encoder_hash) != 0)
        return refuse(e, "the model was fitted with other weights of %.*s (%.*s) than those in %s "
                         "(%.16s): fetch those weights, or fit it again",
                      (int)f->encoder.n, f->encoder.p, (int)f->encoder_hash.n, f->encoder_hash.p,
                      encoder->path, encoder->hash.hex);
    if (slice_is(f->precision, "int8")) encoder_quicken(&encoder->model, &s->keep);
    return true;
}
