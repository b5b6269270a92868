/* search_make: step 10's index of the articles' texts, by words and by an encoder's vectors. */
#include <math.h>
#include <string.h>

#include "data/store.h"
#include "pipeline/search.h"
#include "pipeline/vectors.h"

/* What the articles say, and in which order they get vectors. */
typedef struct texts {
    int64_t n;
    const slice *all;   /* [n] everything: for words */
    const slice *gist;  /* [n] without attributes that a word says better: for vectors */
    const int32_t *most; /* [n] articles, those that sell most first */
} texts;

static bool read_texts(work *w, scope *s, texts *t, err *e) {
    columns c, order;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT b.text, trim(coalesce(a.name, '') || '. ' || coalesce(a.type, '') || "
                  "'. ' || coalesce(a.description, '')) AS gist FROM b_articles b "
                  "JOIN articles a ON a.article = b.article ORDER BY b.article") ||
        !db_query(w->d, &s->keep, &order, e,
                  "SELECT article FROM b_articles ORDER BY units DESC, article"))
        return false;
    *t = (texts){c.rows, columns_text(&c, "text"), columns_text(&c, "gist"),
                 columns_i32(&order, "article")};
    return true;
}

/* ---- words ---- */

/* False without a reason when no article has a word that tells it from others. */
static bool fit_words(tfidf_model *m, const texts *t, scope *s) {
    tfidf_params p = TFIDF_DEFAULTS;
    err none = {0};
    p.min_df = 1;
    p.max_share = t->n < 40 ? 1 : 0.25; /* what many articles say tells nothing (content.h) */
    return tfidf_fit(m, t->all, t->n, p, &s->keep, s->scratch, &none);
}

static bool put_words(store_writer *to, work *w, scope *s, const tfidf_model *m, const texts *t,
                      err *e) {
    sparse rows = tfidf_rows(m, t->all, t->n, w->threads, &s->keep);
    sparse by_term = sparse_transpose(&rows, &s->keep);
    int32_t *df = take(&s->keep, int32_t, m->terms);
    for (int32_t i = 0; i < m->terms; i++) df[i] = (int32_t)m->df[i];
    int64_t n = sparse_count(&by_term);
    return store_put_texts(to, "term", m->term, m->terms, e) &&
           store_put(to, "df", STORE_I32, m->terms, 1, df, e) &&
           store_put(to, "words_at", STORE_I64, m->terms + 1, 1, by_term.at, e) &&
           store_put(to, "words_col", STORE_I32, n, 1, by_term.col, e) &&
           store_put(to, "words_value", STORE_F32, n, 1, by_term.value, e);
}

/* ---- vectors ---- */

typedef struct meanings {
    int64_t n;
    int32_t *article; /* [n] ascending */
    float *v, *mean;  /* [n, wide] [wide] */
    int32_t wide;
    const char *name, *hash, *note;
} meanings;

/* Which articles the budget lasts for, ascending. Equal texts cost once. */
static int64_t choose(const texts *t, int32_t *article, arena scratch) {
    int64_t slots = 1024, n = 0;
    while (slots < 2 * t->n) slots *= 2;
    uint64_t *seen = take(&scratch, uint64_t, slots);
    uint8_t *chosen = take(&scratch, uint8_t, t->n);
    double pieces = 0;
    for (int64_t i = 0; i < t->n; i++) {
        slice one = t->gist[t->most[i]];
        uint64_t name = slice_hash(one) | 1; /* 0 = free */
        int64_t at = (int64_t)((name >> 1) & (uint64_t)(slots - 1));
        while (seen[at] && seen[at] != name) at = (at + 1) & (slots - 1);
        double cost = seen[at] ? 0 : 2 + (double)one.n / 4;
        if (pieces + cost > SEARCH_PIECES) continue;
        seen[at] = name;
        pieces += cost;
        chosen[t->most[i]] = 1;
    }
    for (int64_t i = 0; i < t->n; i++)
        if (chosen[i]) article[n++] = (int32_t)i;
    return n;
}

static void centre(meanings *m, arena *keep) {
    double *sum = take(keep, double, m->wide);
    for (int64_t i = 0; i < m->n; i++)
        for (int32_t k = 0; k < m->wide; k++) sum[k] += (double)m->v[i * m->wide + k];
    m->mean = take(keep, float, m->wide);
    for (int32_t k = 0; k < m->wide; k++) m->mean[k] = (float)(sum[k] / (double)m->n);
    for (int64_t i = 0; i < m->n; i++) {
        float *v = m->v + i * m->wide;
        double length = 0;
        for (int32_t k = 0; k < m->wide; k++) {
            v[k] -= m->mean[k];
            length += (double)v[k] * (double)v[k];
        }
        for (int32_t k = 0; k < m->wide && length > 0; k++) v[k] /= (float)sqrt(length);
    }
}

static double no_clock(void) { return 0; }

static bool encode(work *w, scope *s, const texts *t, meanings *m, err *e) {
    const char *weights = encoder_file_weights(NULL, s);
    const char *name = w->encoder ? w->encoder : encoder_knowns[0].name;
    bool here = encoder_file_folder(&encoder_knowns[0], weights, s) != NULL;
    if (t->n < 2 || strcmp(name, "none") == 0 || (!here && !w->encoder)) {
        m->note = "no encoder's weights are there: articles are found by their words alone";
        return true;
    }
    encoder_file *f = take(&s->keep, encoder_file, 1);
    vectors_told told;
    if (!encoder_file_open(f, name, weights, s, e)) return false;
    if (encoder_quick()) encoder_quicken(&f->model, &s->keep);
    m->article = take(&s->keep, int32_t, t->n);
    m->n = choose(t, m->article, s->scratch);
    slice *gist = take(&s->keep, slice, m->n);
    for (int64_t i = 0; i < m->n; i++) gist[i] = t->gist[m->article[i]];
    vectors_params p = {w->threads, arena_text(&s->keep, "%s/.vectors", w->out), w->progress};
    work_tick(w, "vectors of articles", 0, 0);
    m->v = vectors_make(f, gist, m->n, &p, no_clock, &told, s, e);
    if (!m->v) return false;
    m->wide = f->model.wide;
    m->name = name;
    m->hash = f->hash.hex;
    if (m->n < t->n)
        m->note = arena_text(&s->keep, "%lld of %lld articles, those that sell most, have a "
                             "vector: the others are found by their words alone",
                             (long long)m->n, (long long)t->n);
    centre(m, &s->keep);
    return true;
}

static bool put_vectors(store_writer *to, const meanings *m, err *e) {
    const slice names[2] = {slice_of(m->name ? m->name : ""), slice_of(m->hash ? m->hash : "")};
    return store_put_texts(to, "encoder", names, m->wide > 0 ? 2 : 0, e) &&
           (m->wide == 0 ||
            (store_put(to, "mean", STORE_F32, 1, m->wide, m->mean, e) &&
             store_put(to, "vectors", STORE_F32, m->n, m->wide, m->v, e) &&
             store_put(to, "vector_article", STORE_I32, m->n, 1, m->article, e)));
}

bool search_publish(work *w, folder *f, scope *s, js *report, err *e) {
    texts t;
    meanings m = {0};
    tfidf_model words;
    if (!read_texts(w, s, &t, e)) return false;
    if (!fit_words(&words, &t, s)) return true;
    if (!encode(w, s, &t, &m, e)) return false;
    store_writer *to = store_create(s, folder_path(f, "search.atm"), "search", e);
    if (!to || !put_words(to, w, s, &words, &t, e) || !put_vectors(to, &m, e) ||
        !store_close(to, e))
        return false;
    js_object(report, "search");
    js_put_int(report, "articles", t.n);
    js_put_int(report, "vectors", m.n);
    js_put_word(report, "encoder", m.name);
    js_put_word(report, "note", m.note);
    js_end(report);
    return true;
}
