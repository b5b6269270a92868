/* recommend_meaning: what articles and their reviews mean, beside their words, for likeness. */
#include "pipeline/recommend_meaning.h"

#include <math.h>
#include <string.h>

#include "models/segment/pca.h"
#include "pipeline/review_vectors.h"

enum { PARTS = 64, SAMPLE = 8192, LAG = 56 };
static const double WORDS = 0.5, TEXT = 0.25;

typedef struct meaning {
    int64_t articles, n;    /* texts: those of articles, then reviews */
    const slice *text;      /* [n] */
    const int32_t *article; /* [n - articles] of each review */
    review_vectors v;
    pca_model turn;
} meaning;

static bool read_texts(meaning *m, work *w, int32_t until, scope *s, err *e) {
    columns a, r;
    const char *day = day_text(&s->keep, w->meaning_until ? w->meaning_until : until - LAG);
    if (!db_query(w->d, &s->keep, &a, e,
                  "SELECT coalesce(text, '') AS text FROM b_articles ORDER BY article") ||
        !db_query(w->d, &s->keep, &r, e,
                  "SELECT article, text FROM e_reviews WHERE article IS NOT NULL AND text IS NOT "
                  "NULL AND day < DATE '%s' ORDER BY review", day))
        return false;
    slice *all = take(&s->keep, slice, a.rows + r.rows);
    memcpy(all, columns_text(&a, "text"), (size_t)a.rows * sizeof *all);
    if (r.rows) memcpy(all + a.rows, columns_text(&r, "text"), (size_t)r.rows * sizeof *all);
    *m = (meaning){.articles = a.rows, .n = a.rows + r.rows, .text = all,
                   .article = columns_i32(&r, "article")};
    return true;
}

/* The first components of a spread sample of the texts. */
static bool fit_turn(meaning *m, work *w, scope *s, err *e) {
    int64_t n = m->n < SAMPLE ? m->n : SAMPLE, kept = 0;
    double *x = take(&s->keep, double, n * m->v.wide);
    for (int64_t i = 0; i < n; i++) {
        int64_t from = i * m->n / n;
        if (!m->v.has[from]) continue;
        for (int32_t k = 0; k < m->v.wide; k++)
            x[kept * m->v.wide + k] = (double)m->v.v[from * m->v.wide + k];
        kept++;
    }
    pca_params p = {1.0, PARTS, false};
    return kept == 0 || pca_fit(&m->turn, x, kept, m->v.wide, p, w->threads, &s->keep, s->scratch,
                                e);
}

static void turn_text(const meaning *m, int64_t i, double *to) {
    for (int k = 0; k < m->turn.d; k++) {
        double sum = 0.0;
        for (int32_t c = 0; c < m->v.wide; c++)
            sum += m->turn.turn[(int64_t)k * m->v.wide + c] *
                   ((double)m->v.v[i * m->v.wide + c] - m->turn.mean[c]);
        to[k] = sum;
    }
}

static void to_length(double *x, int n, double length) {
    double sum = 0.0;
    for (int k = 0; k < n; k++) sum += x[k] * x[k];
    for (int k = 0; k < n; k++) x[k] = sum > 0 ? x[k] * length / sqrt(sum) : 0.0;
}

/* [articles, 2 * turn.d]: text, then the mean of the reviews. */
static double *parts_of(const meaning *m, arena *keep) {
    int d = m->turn.d;
    double *parts = take(keep, double, m->articles * 2 * d), *one = take(keep, double, d);
    for (int64_t i = 0; i < m->n; i++) {
        bool review = i >= m->articles;
        int64_t article = review ? m->article[i - m->articles] : i;
        if (!m->v.has[i]) continue;
        turn_text(m, i, one);
        to_length(one, d, 1.0);
        for (int k = 0; k < d; k++) parts[article * 2 * d + (review ? d : 0) + k] += one[k];
    }
    for (int64_t a = 0; a < m->articles; a++)
        for (int part = 0; part < 2; part++)
            to_length(parts + a * 2 * d + part * d, d, sqrt(TEXT));
    return parts;
}

static sparse join(const sparse *words, const double *parts, int d, arena *keep) {
    sparse out = {.rows = words->rows, .cols = words->cols + 2 * d,
                  .at = take(keep, int64_t, words->rows + 1)};
    int64_t most = sparse_count(words) + words->rows * 2 * d, n = 0;
    out.col = take(keep, int32_t, most), out.value = take(keep, float, most);
    for (int64_t r = 0; r < words->rows; r++) {
        const double *part = parts + r * 2 * d;
        double sum = sparse_degree(words, r) ? WORDS : 0.0;
        for (int k = 0; k < 2 * d; k++) sum += part[k] * part[k];
        double scale = sum > 0 ? 1.0 / sqrt(sum) : 0.0;
        for (int64_t i = words->at[r]; i < words->at[r + 1]; i++, n++)
            out.col[n] = words->col[i],
            out.value[n] = (float)((double)words->value[i] * sqrt(WORDS) * scale);
        for (int k = 0; k < 2 * d; k++) {
            if (part[k] == 0) continue;
            out.col[n] = (int32_t)(words->cols + k), out.value[n++] = (float)(part[k] * scale);
        }
        out.at[r + 1] = n;
    }
    return out;
}

static bool add(sparse *vectors, work *w, int32_t until, arena *keep, scope *s, err *e) {
    meaning m;
    if (!read_texts(&m, w, until, s, e) ||
        !review_vectors_make(w, s, m.text, m.n, &m.v, e) || !fit_turn(&m, w, s, e))
        return false;
    work_say(w, "articles are alike by words and by meaning: %lld texts and %lld reviews by %s",
             (long long)m.articles, (long long)(m.n - m.articles), m.v.maker);
    if (m.turn.d > 0) *vectors = join(vectors, parts_of(&m, &s->keep), m.turn.d, keep);
    return true;
}

bool recommend_meaning_add(sparse *vectors, work *w, int32_t until, arena *keep, err *e) {
    scope s;
    if (vectors->rows == 0) return true;
    if (!scope_open(&s, (size_t)8 << 30, (size_t)2 << 30, e)) return false;
    bool done = add(vectors, w, until, keep, &s, e);
    scope_close(&s);
    return done;
}
