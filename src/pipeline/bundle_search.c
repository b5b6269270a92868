/* bundle_search: the index of the articles' texts (search.atm), opened and checked. */
#include <math.h>

#include "pipeline/bundle_arrays.h"

static bool open_words(bundle *b, const store *m, err *e) {
    search_index *x = &b->search;
    bundle_texts term;
    const int32_t *df;
    if (!bundle_get_texts(m, "term", -1, &term, e) ||
        !bundle_get_column(m, "df", STORE_I32, term.n, &df, e) ||
        !bundle_within("df", df, term.n, 1, b->articles + 1, e) ||
        !bundle_get_sparse(m, "words", term.n, b->articles, &x->by_term, e))
        return false;
    arena *keep = &b->memory.keep;
    x->words = (tfidf_model){.p = TFIDF_DEFAULTS, .texts = b->articles, .terms = (int32_t)term.n};
    x->words.term = take(keep, slice, term.n);
    x->words.df = take(keep, int64_t, term.n);
    for (int64_t t = 0; t < term.n; t++) {
        x->words.term[t] = bundle_text(&term, t);
        x->words.df[t] = df[t];
    }
    tfidf_open(&x->words, keep);
    return true;
}

static bool open_vectors(bundle *b, const store *m, err *e) {
    search_index *x = &b->search;
    bundle_texts names;
    const float *v;
    int64_t wide = -1, one = 1;
    if (!bundle_get_texts(m, "encoder", -1, &names, e)) return false;
    if (names.n == 0) return true;
    if (names.n != 2) return fail(e, "the encoder has %lld names", (long long)names.n);
    if (!bundle_get(m, "mean", STORE_F32, one, &wide, &x->mean, e) ||
        !bundle_get(m, "vectors", STORE_F32, -1, &wide, &v, e))
        return false;
    int64_t rows = 0, cols = 0;
    store_get(m, "vectors", STORE_F32, &rows, &cols);
    if (!bundle_get_column(m, "vector_article", STORE_I32, rows, &x->article, e) ||
        !bundle_within("vector_article", x->article, rows, 0, b->articles, e))
        return false;
    for (int64_t i = 0; i < rows * wide; i++)
        if (!isfinite(v[i])) return fail(e, "array vectors holds a number that is none");
    for (int64_t i = 0; i < rows; i++) x->row[x->article[i]] = (int32_t)i;
    x->wide = (int32_t)wide;
    x->encoder = bundle_text(&names, 0);
    x->encoder_hash = bundle_text(&names, 1);
    scope s;
    if (!scope_open(&s, (size_t)rows * 32 + 4096, 0, e)) return false;
    x->near = topk_open(v, rows, (int)wide, NULL, &b->memory.keep, s.keep);
    scope_close(&s);
    return true;
}

bool bundle_open_search(bundle *b, const store *m, err *e) {
    search_index *x = &b->search;
    x->articles = b->articles;
    x->row = take(&b->memory.keep, int32_t, b->articles);
    for (int64_t i = 0; i < b->articles; i++) x->row[i] = -1;
    x->has = open_words(b, m, e) && open_vectors(b, m, e);
    return x->has;
}
