/* topics_file: topics with the maker of their vectors, as a model file. */
#include "pipeline/topics_file.h"

#include "data/store.h"

enum { SETTINGS = 9 };

bool topics_file_save(const topics_file *f, const char *path, scope *s, err *e) {
    const topics_model *m = &f->model;
    const tfidf_model *t = &f->terms;
    const slice encoder[2] = {f->encoder, f->hash};
    const double settings[SETTINGS] = {f->by_sentence, (double)t->texts, t->p.min_n,
                                       t->p.max_n,     t->p.min_letters, t->p.min_df,
                                       t->p.max_share, t->p.sublinear,   t->p.l2};
    store_writer *w = store_create(s, path, "topics", e);
    bool done = w && store_put_texts(w, "label", f->labels, m->k, e) &&
                store_put_texts(w, "word", f->words, m->k, e) &&
                store_put_texts(w, "encoder", encoder, 2, e) &&
                store_put(w, "turn", STORE_F32, m->wide, m->dims, m->turn, e) &&
                store_put(w, "shift", STORE_F32, 1, m->dims, m->shift, e) &&
                store_put(w, "centre", STORE_F32, m->k, m->dims, m->centre, e) &&
                store_put(w, "edge", STORE_F64, m->k, 1, m->edge, e) &&
                store_put(w, "settings", STORE_F64, 1, SETTINGS, settings, e);
    if (done && f->encoder.n == 0)
        done = store_put_texts(w, "term", t->term, t->terms, e) &&
               store_put(w, "df", STORE_I64, t->terms, 1, t->df, e) &&
               store_put(w, "basis", STORE_F32, t->terms, m->wide, f->lsa.basis, e);
    return done && store_close(w, e);
}

static slice *texts_of(const store *m, const char *name, int64_t n, arena *keep) {
    slice *out = take(keep, slice, n);
    for (int64_t i = 0; i < n; i++) out[i] = store_text(m, name, i);
    return out;
}

static bool unsound(const char *path, err *e) {
    return fail(e, "%s: not a sound model of topics; fit and save it again", path);
}

/* The maker of vectors that is no encoder. */
static bool open_words(topics_file *f, const store *file, const double *settings,
                       const char *path, scope *s, err *e) {
    int64_t rows[2] = {0}, cols[2] = {0}, terms = store_texts(file, "term");
    const int64_t *df = store_get(file, "df", STORE_I64, &rows[0], &cols[0]);
    const float *basis = store_get(file, "basis", STORE_F32, &rows[1], &cols[1]);
    if (!df || !basis || terms < 1 || terms > INT32_MAX || rows[0] * cols[0] != terms ||
        rows[1] != terms || cols[1] != f->model.wide)
        return unsound(path, e);
    tfidf_params p = {(int)settings[2], (int)settings[3], (int)settings[4], (int)settings[5],
                      settings[6],      settings[7] != 0, settings[8] != 0};
    if (tfidf_check(p)) return fail(e, "%s: %s", path, tfidf_check(p));
    f->terms = (tfidf_model){.p = p, .texts = (int64_t)settings[1], .terms = (int32_t)terms};
    f->terms.term = texts_of(file, "term", terms, &s->keep);
    f->terms.df = take_copy(&s->keep, int64_t, df, terms);
    tfidf_open(&f->terms, &s->keep);
    f->lsa = (lsa_model){.wide = f->model.wide, .terms = (int32_t)terms};
    f->lsa.basis = take_copy(&s->keep, float, basis, terms * f->model.wide);
    return true;
}

bool topics_file_open(topics_file *f, const char *path, scope *s, err *e) {
    const store *file = store_open(s, path, "topics", e);
    if (!file) return false;
    int64_t rows[5] = {0}, cols[5] = {0}, k = store_texts(file, "label");
    const float *turn = store_get(file, "turn", STORE_F32, &rows[0], &cols[0]);
    const float *shift = store_get(file, "shift", STORE_F32, &rows[1], &cols[1]);
    const float *centre = store_get(file, "centre", STORE_F32, &rows[2], &cols[2]);
    const double *edge = store_get(file, "edge", STORE_F64, &rows[3], &cols[3]);
    const double *settings = store_get(file, "settings", STORE_F64, &rows[4], &cols[4]);
    bool sound = turn && shift && centre && edge && settings && k >= 1 && k <= 1000 &&
                 store_texts(file, "word") == k && store_texts(file, "encoder") == 2 &&
                 rows[0] >= 1 && rows[0] <= 4096 && cols[0] >= 1 && cols[0] <= 4096 &&
                 rows[1] * cols[1] == cols[0] && rows[2] == k && cols[2] == cols[0] &&
                 rows[3] * cols[3] == k && rows[4] * cols[4] == SETTINGS;
    if (!sound) return unsound(path, e);
    *f = (topics_file){.by_sentence = settings[0] != 0};
    f->model = (topics_model){.k = (int)k, .wide = (int)rows[0], .dims = (int)cols[0]};
    f->model.turn = take_copy(&s->keep, float, turn, rows[0] * cols[0]);
    f->model.shift = take_copy(&s->keep, float, shift, cols[0]);
    f->model.centre = take_copy(&s->keep, float, centre, k * cols[0]);
    f->model.edge = take_copy(&s->keep, double, edge, k);
    f->labels = texts_of(file, "label", k, &s->keep);
    f->words = texts_of(file, "word", k, &s->keep);
    f->encoder = store_text(file, "encoder", 0);
    f->hash = store_text(file, "encoder", 1);
    return f->encoder.n > 0 || open_words(f, file, settings, path, s, e);
}
