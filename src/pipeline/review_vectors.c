/* review_vectors: a vector for each review, by an encoder within a time budget or by words. */
#include "pipeline/review_vectors.h"

#include <math.h>
#include <string.h>

#include "base/embed.h"
#include "data/store.h"
#include "models/language/lsa.h"
#include "models/language/sentiment.h"

enum {
    SECONDS = 60,    /* of the language part, when nobody says */
    CORES = 2,       /* that the budget is meant for */
    MOST = 200000,   /* texts that get a vector of word counts */
    SALT = 7,        /* of the hash that chooses a part */
};

/* Measured with AVX2 on texts of 77 pieces: docs/language.md. */
const review_cost review_costs[2] = {{"gte-small", 2100}, {"minilm", 4000}};

/* ---- the choice ---- */

static review_choice choose(double pieces, int language_seconds, const bool there[2]) {
    double budget = (language_seconds > 0 ? language_seconds : SECONDS) * 2.0 / 3;
    int better = there[0] ? 0 : 1;
    review_choice c = {better, 1, pieces / (CORES * review_costs[better].pieces_a_second), budget};
    if (c.seconds <= budget) return c;
    if (there[1] && pieces / (CORES * review_costs[1].pieces_a_second) <= budget)
        return c.cost = 1, c;
    c.share = budget / c.seconds;
    return c;
}

review_choice review_vectors_choose(double pieces, int language_seconds) {
    return choose(pieces, language_seconds, (const bool[2]){true, true});
}

/* Which rows of review_costs have weights; the folder that they are in, or NULL without any. */
static const char *weights_there(bool there[2], scope *s) {
    const char *weights = encoder_file_weights(NULL, s);
    for (int i = 0; i < 2; i++)
        there[i] = encoder_file_folder(&encoder_knowns[i], weights, s) != NULL;
    return there[0] || there[1] ? weights : NULL;
}

static bool blank(slice one) { return !one.p || slice_trim(one).n == 0; }

double review_vectors_pieces(const slice *texts, int64_t n, arena scratch) {
    int64_t slots = 16;
    while (slots < 2 * n) slots *= 2;
    uint64_t *seen = take(&scratch, uint64_t, slots);
    double pieces = 0;
    for (int64_t i = 0; i < n; i++) {
        if (blank(texts[i])) continue;
        uint64_t name = slice_hash(texts[i]) | 1; /* 0 = free */
        int64_t at = (int64_t)((name >> 1) & (uint64_t)(slots - 1));
        while (seen[at] && seen[at] != name) at = (at + 1) & (slots - 1);
        if (seen[at]) continue;
        seen[at] = name;
        double one = 2 + (double)texts[i].n / 4;
        pieces += one < 512 ? one : 512;
    }
    return pieces;
}

/* ---- what both makers share ---- */

/* Room for all rows that costs memory only where rows are written: fresh pages of a scope of its
 * own are zero, so a shop of millions of reviews pays for those that have a vector. */
static bool rows_open(review_vectors *out, int64_t n, int32_t wide, scope *s, err *e) {
    scope *own = take(&s->keep, scope, 1);
    size_t bytes = (size_t)n * (size_t)wide * sizeof(float) + 4096;
    if (!scope_open(own, bytes, 0, e)) return false;
    scope_defer(s, (void (*)(void *))scope_close, own);
    out->wide = wide;
    out->v = take_raw(&own->keep, float, n * wide);
    out->has = take(&s->keep, uint8_t, n);
    return true;
}

static void put_rows(review_vectors *out, const int32_t *row, int64_t n, const float *v) {
    for (int64_t i = 0; i < n; i++) {
        float *to = out->v + (int64_t)row[i] * out->wide;
        double length = 0;
        memcpy(to, v + i * out->wide, (size_t)out->wide * sizeof *v);
        for (int32_t k = 0; k < out->wide; k++) length += (double)to[k] * (double)to[k];
        out->has[row[i]] = length > 0;
    }
}

/* The texts that are not blank and whose hash falls below share -> row, count. */
static int64_t pick(const slice *texts, int64_t n, double share, int32_t *row) {
    int64_t picked = 0;
    for (int64_t i = 0; i < n; i++)
        if (!blank(texts[i]) && (share >= 1 || sentiment_place(texts[i], SALT) < share))
            row[picked++] = (int32_t)i;
    return picked;
}

static slice *picked_texts(const slice *texts, const int32_t *row, int64_t n, arena *keep) {
    slice *out = take(keep, slice, n);
    for (int64_t i = 0; i < n; i++) out[i] = texts[row[i]];
    return out;
}

/* ---- by an encoder ---- */

static double no_clock(void) { return 0; }

static const char *note_of(review_choice c, int64_t part, int64_t n, arena *keep) {
    if (c.cost == 0 && c.share >= 1) return NULL;
    const char *only = "vectors are by minilm, the only encoder whose weights are there "
                       "(tools/setup.sh --weights fetches them)";
    bool lighter = c.seconds > c.budget && c.share >= 1;
    if (!lighter && c.share >= 1) return only;
    const char *why = arena_text(keep, "%s would take about %.0f s for all of them and the "
                                       "time budget leaves %.0f s for vectors "
                                       "(--language-seconds gives more)",
                                 lighter ? review_costs[0].name : review_costs[c.cost].name,
                                 c.seconds, c.budget);
    if (c.share >= 1) return arena_text(keep, "vectors are by the lighter minilm: %s", why);
    return arena_text(keep, "%lld of %lld reviews, chosen by a hash of their text, have a vector: "
                            "%s", (long long)part, (long long)n, why);
}

static bool by_encoder(work *w, scope *s, const slice *texts, int64_t n, const char *name,
                       review_choice c, review_vectors *out, err *e) {
    encoder_file *f = take(&s->keep, encoder_file, 1);
    if (!encoder_file_open(f, name, encoder_file_weights(NULL, s), s, e)) return false;
    if (encoder_quick()) encoder_quicken(&f->model, &s->keep);
    int32_t *row = take(&s->keep, int32_t, n);
    int64_t picked = pick(texts, n, c.share, row);
    vectors_params p = {w->threads, arena_text(&s->keep, "%s/.vectors", w->out), w->progress};
    const float *v = vectors_make(f, picked_texts(texts, row, picked, &s->keep), picked, &p,
                                  no_clock, &out->told, s, e);
    if (!v || !rows_open(out, n, f->model.wide, s, e)) return false;
    put_rows(out, row, picked, v);
    out->encoder = f;
    out->name = name;
    out->maker = arena_text(&s->keep, "%s %s", name, f->model.qkv.bytes ? "int8" : "fp32");
    out->note = note_of(c, picked, n, &s->keep);
    return true;
}

/* ---- by words ---- */

static const char *words_note(const work *w) {
    return w->encoder ? "vectors are made of word counts, as --encoder none asks"
                      : "no encoder's weights are there (tools/setup.sh --weights fetches them): "
                        "vectors are made of word counts";
}

/* Named by all that the rows depend on. */
static const char *cache_path(const work *w, const slice *texts, int64_t n, scope *s, err *e) {
    hash *h = hash_open(s, e);
    if (!h) return NULL;
    hash_addf(h, "%s %lld\n", embed_build, (long long)n);
    for (int64_t i = 0; i < n; i++) {
        hash_addf(h, "%zu ", texts[i].n);
        if (texts[i].n) hash_add(h, texts[i]);
    }
    return arena_text(&s->keep, "%s/.vectors/words-%.16s.atm", w->out, hash_end(h).hex);
}

static bool read_cached(const char *path, int64_t n, int32_t wide, scope *s, float **v) {
    err ignored = {0};
    int64_t rows = 0, cols = 0;
    const store *m = file_exists(path) ? store_open(s, path, "words", &ignored) : NULL;
    const float *kept = m ? store_get(m, "vector", STORE_F32, &rows, &cols) : NULL;
    if (!kept || rows != n || cols != wide) return false;
    *v = take_copy(&s->keep, float, kept, n * wide);
    return true;
}

/* Unit rows [n, wide] of word counts; zeros where no word is in two texts. */
static float *count_words(work *w, scope *s, const slice *texts, int64_t n, int32_t wide) {
    err none = {0};
    tfidf_model words;
    lsa_model m;
    lsa_params p = LSA_DEFAULTS;
    tfidf_params terms = TFIDF_DEFAULTS;
    terms.max_n = 1;
    p.wide = wide;
    work_tick(w, "vectors of words", 0, 0);
    if (!tfidf_fit(&words, texts, n, terms, &s->keep, s->scratch, &none)) return NULL;
    sparse x = tfidf_rows(&words, texts, n, w->threads, &s->keep);
    if (!lsa_fit(&m, &x, p, w->threads, &s->keep, s->scratch, &none)) return NULL;
    return lsa_rows(&m, &x, w->threads, &s->keep);
}

static bool by_words(work *w, scope *s, const slice *texts, int64_t n, review_vectors *out,
                     err *e) {
    int32_t wide = LSA_DEFAULTS.wide, *row = take(&s->keep, int32_t, n);
    float *v = NULL;
    int64_t picked = pick(texts, n, n > MOST ? (double)MOST / (double)n : 1, row);
    slice *part = picked_texts(texts, row, picked, &s->keep);
    const char *path = cache_path(w, part, picked, s, e);
    if (!path || !rows_open(out, n, wide, s, e)) return false;
    if (!read_cached(path, picked, wide, s, &v) && picked > 0 &&
        (v = count_words(w, s, part, picked, wide)) != NULL) {
        store_writer *to = file_make_folders(arena_text(&s->keep, "%s/.vectors", w->out), e)
                               ? store_create(s, path, "words", e) : NULL;
        if (!to || !store_put(to, "vector", STORE_F32, picked, wide, v, e) || !store_close(to, e))
            return false;
    }
    if (v) put_rows(out, row, picked, v);
    out->maker = "tf-idf + svd";
    out->note = words_note(w);
    if (n > MOST)
        out->note = arena_text(&s->keep, "%s, of %lld of %lld reviews, chosen by a hash of their "
                                         "text", out->note, (long long)picked, (long long)n);
    return true;
}

/* NULL: no encoder, and `note` why. A given encoder reads everything, whatever the budget. */
static const char *encoder_of(const work *w, const slice *texts, int64_t n, review_choice *c,
                              scope *s) {
    bool there[2];
    *c = (review_choice){0, 1, 0, 0};
    if (w->encoder) return strcmp(w->encoder, "none") == 0 ? NULL : w->encoder;
    if (!weights_there(there, s)) return NULL;
    *c = choose(review_vectors_pieces(texts, n, s->scratch), w->language_seconds, there);
    return review_costs[c->cost].name;
}

review_plan review_vectors_plan(const work *w, scope *s, const slice *texts, int64_t n) {
    review_choice c;
    const char *name = encoder_of(w, texts, n, &c, s);
    if (!name) return (review_plan){.note = words_note(w)};
    double pace = review_costs[0].pieces_a_second; /* of an encoder that is not known: as gte */
    for (int i = 0; i < 2; i++)
        if (strcmp(name, review_costs[i].name) == 0) pace = review_costs[i].pieces_a_second;
    double seconds = review_vectors_pieces(texts, n, s->scratch) / (CORES * pace);
    return (review_plan){name, c.share, seconds, ceil(1.5 * seconds),
                         c.share < 1 ? note_of(c, 0, n, &s->keep) : NULL};
}

bool review_vectors_make(work *w, scope *s, const slice *texts, int64_t n, review_vectors *out,
                         err *e) {
    review_choice c;
    *out = (review_vectors){0};
    const char *name = encoder_of(w, texts, n, &c, s);
    if (!name) return by_words(w, s, texts, n, out, e);
    return by_encoder(w, s, texts, n, name, c, out, e);
}

const char *review_vectors_key(const work *w, scope *s) {
    const char *key = "";
    bool there[2];
    weights_there(there, s);
    for (int i = 0; i < 2; i++)
        if (there[i]) key = arena_text(&s->keep, "%s %s", key, encoder_knowns[i].name);
    return arena_text(&s->keep, "encoder %s of%s, %d s%s", w->encoder ? w->encoder : "by budget",
                      key, w->language_seconds > 0 ? w->language_seconds : SECONDS,
                      w->meaning ? ", articles by meaning" : "");
}
