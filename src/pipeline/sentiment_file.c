/* sentiment_file: a sentiment model with the names of its classes, as a model file. */
#include "pipeline/sentiment_file.h"

#include "data/store.h"

enum { SETTINGS = 9 };

bool sentiment_file_save(const sentiment_file *f, const char *path, scope *s, err *e) {
    const sentiment_model *m = &f->model;
    const tfidf_model *t = &m->words;
    const double settings[SETTINGS] = {(double)t->texts, t->p.min_n,     t->p.max_n,
                                       t->p.min_letters, t->p.min_df,    t->p.max_share,
                                       t->p.sublinear,   t->p.l2,        m->threshold};
    store_writer *w = store_create(s, path, "sentiment", e);
    return w && store_put_texts(w, "class", f->classes, m->line.classes, e) &&
           store_put_texts(w, "term", t->term, t->terms, e) &&
           store_put(w, "df", STORE_I64, t->terms, 1, t->df, e) &&
           store_put(w, "weight", STORE_F64, m->line.features, m->line.outputs, m->line.weight,
                     e) &&
           store_put(w, "bias", STORE_F64, m->line.outputs, 1, m->line.bias, e) &&
           store_put(w, "settings", STORE_F64, 1, SETTINGS, settings, e) && store_close(w, e);
}

static slice *texts_of(const store *m, const char *name, int64_t n, arena *keep) {
    slice *out = take(keep, slice, n);
    for (int64_t i = 0; i < n; i++) out[i] = store_text(m, name, i);
    return out;
}

bool sentiment_file_open(sentiment_file *f, const char *path, scope *s, err *e) {
    const store *file = store_open(s, path, "sentiment", e);
    if (!file) return false;
    int64_t rows[4] = {0}, cols[4] = {0}, terms = store_texts(file, "term");
    int64_t classes = store_texts(file, "class");
    const double *weight = store_get(file, "weight", STORE_F64, &rows[0], &cols[0]);
    const double *bias = store_get(file, "bias", STORE_F64, &rows[1], &cols[1]);
    const double *settings = store_get(file, "settings", STORE_F64, &rows[2], &cols[2]);
    const int64_t *df = store_get(file, "df", STORE_I64, &rows[3], &cols[3]);
    int64_t outputs = classes == 2 ? 1 : classes;
    bool sound = weight && bias && settings && df && terms >= 1 && terms < INT32_MAX &&
                 classes >= 2 && classes <= 1000 && rows[0] == terms && cols[0] == outputs &&
                 rows[1] == outputs && rows[2] * cols[2] == SETTINGS && rows[3] == terms;
    if (!sound) return fail(e, "%s: not a sound sentiment model; fit and save it again", path);
    tfidf_params p = {(int)settings[1], (int)settings[2],  (int)settings[3],  (int)settings[4],
                      settings[5],      settings[6] != 0, settings[7] != 0};
    if (tfidf_check(p)) return fail(e, "%s: %s", path, tfidf_check(p));
    f->classes = texts_of(file, "class", classes, &s->keep);
    f->model = (sentiment_model){.threshold = settings[8], .temperature = 1, .use_words = true};
    f->model.words = (tfidf_model){.p = p, .texts = (int64_t)settings[0], .terms = (int32_t)terms};
    f->model.words.term = texts_of(file, "term", terms, &s->keep);
    f->model.words.df = take_copy(&s->keep, int64_t, df, terms);
    tfidf_open(&f->model.words, &s->keep);
    f->model.line = (linear_model){.classes = (int)classes, .outputs = (int)outputs};
    f->model.line.features = (int32_t)terms;
    f->model.line.weight = take_copy(&s->keep, double, weight, terms * outputs);
    f->model.line.bias = take_copy(&s->keep, double, bias, outputs);
    return true;
}
