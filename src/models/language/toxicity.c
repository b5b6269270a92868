/* toxicity: how likely a text insults or abuses somebody, and what to do about it. */
#include "models/language/toxicity.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/language/masked.h"
#include "models/language/sentiment.h"
#include "models/metrics_class.h"

enum {
    FOLD_SALT = 7,
    STARRED = 64, /* words with asterisks that are looked up, a text */
    CHUNK = 64,    /* texts a chunk; fixed, so that results do not depend on threads */
    BLOCK = 4096,  /* texts scored at a time */
};

const char *const toxicity_level_names[3] = {"none", "review", "block"};

const char *toxicity_check(toxicity_params p) {
    const char *why = tfidf_check(p.words);
    if (!why) why = linear_check(p.line);
    if (why) return why;
    if (p.folds < 2 || p.folds > 10) return "folds must be 2 … 10";
    if (!(p.vector_weight > 0) || !isfinite(p.vector_weight)) return "vector_weight must be > 0";
    if (!(p.review_rate >= 0 && p.review_rate < 1) || !(p.block_rate >= 0 && p.block_rate < 1))
        return "rates of false alarms must be at least 0, below 1";
    return NULL;
}

/* A word is there or not: how many texts have it does not count. */
static void forget_rarity(tfidf_model *m) {
    for (int32_t t = 0; t < m->terms; t++) m->idf[t] = 1;
}

void toxicity_open(toxicity_model *m, arena *keep) {
    tfidf_open(&m->words, keep);
    forget_rarity(&m->words);
}

/* ---- cuts ---- */

/* The smallest cut of at least `least` above which lie at most rate of the n scores (ascending):
 * midway to the next score. */
static double cut_for(const double *score, int64_t n, double rate, double least) {
    int64_t may = (int64_t)floor(rate * (double)n);
    if (n == 0 || may >= n) return least;
    double at = score[n - 1 - may];
    double next = may > 0 ? score[n - may] : 1;
    double cut = at < next ? at + (next - at) / 2 : at;
    return cut > least ? cut : least;
}

/* Scores of the rows with which[i] == 1, ascending. */
static double *pick_sorted(const double *score, const uint8_t *which, int64_t n, int64_t *picked,
                           arena *keep, arena scratch) {
    double *some = take(&scratch, double, n), *out = take(keep, double, n);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (which[i]) some[count++] = score[i];
    int32_t *order = order_count(count, &scratch);
    order_up(order, count, some, scratch);
    for (int64_t i = 0; i < count; i++) out[i] = some[order[i]];
    *picked = count;
    return out;
}

static void choose_cuts(toxicity_model *m, const toxicity_data *d, const double *score,
                        toxicity_params p, arena scratch) {
    uint8_t *other = take(&scratch, uint8_t, d->n), *clean = take(&scratch, uint8_t, d->n);
    int64_t count;
    bool any = false;
    arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int64_t i = 0; i < d->n; i++) {
        other[i] = d->label[i] == 0;
        clean[i] = other[i] && d->clean && d->clean[i];
        any |= clean[i];
    }
    const double *sorted = pick_sorted(score, clean, d->n, &count, &scratch, rest);
    m->review = any ? cut_for(sorted, count, p.review_rate, 0.5) : 0.5;
    sorted = pick_sorted(score, other, d->n, &count, &scratch, rest);
    m->block = cut_for(sorted, count, p.block_rate, m->review);
}

/* ---- fitting ---- */

static float *rows_of(const float *from, const int32_t *row, int64_t n, int32_t wide,
                      arena *keep) {
    if (!from) return NULL;
    float *out = take_raw(keep, float, n * wide);
    for (int64_t i = 0; i < n; i++)
        memcpy(out + i * wide, from + (int64_t)row[i] * wide, (size_t)wide * sizeof *out);
    return out;
}

/* Rows of d by number, in keep. */
static toxicity_data rows_at(const toxicity_data *d, const int32_t *row, int64_t n, arena *keep) {
    slice *texts = take(keep, slice, n);
    int32_t *label = take(keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) texts[i] = d->texts[row[i]], label[i] = d->label[row[i]];
    const float *vectors = rows_of(d->vectors, row, n, d->wide, keep);
    return (toxicity_data){texts, label, NULL, n, vectors, d->wide};
}

/* Scores of the texts of one fold by a model fitted on the others, into score. */
static bool fit_fold(const toxicity_model *m, const toxicity_data *d, const sparse *x, int fold,
                     toxicity_params p, pool *threads, arena scratch, double *score, err *e) {
    int32_t *in = take(&scratch, int32_t, d->n), *out = take(&scratch, int32_t, d->n);
    int64_t n_in = 0, n_out = 0;
    for (int64_t i = 0; i < d->n; i++) {
        int part = (int)(sentiment_place(d->texts[i], FOLD_SALT) * p.folds);
        if (part == fold) out[n_out++] = (int32_t)i;
        else in[n_in++] = (int32_t)i;
    }
    toxicity_model without = {.words = m->words};
    toxicity_data fit = rows_at(d, in, n_in, &scratch), held = rows_at(d, out, n_out, &scratch);
    sparse rows = sparse_rows(x, in, n_in, &scratch);
    linear_data data = {&rows, fit.label, 2, fit.vectors, d->wide, p.vector_weight};
    arena keep = arena_split(&scratch, (size_t)(x->cols + d->wide + n_out + 64) * 32);
    if (!linear_fit(&without.line, &data, p.line, threads, &keep, scratch, e)) return false;
    const double *q = toxicity_score(&without, held.texts, held.vectors, n_out, threads, &keep,
                                     scratch);
    for (int64_t i = 0; i < n_out; i++) score[out[i]] = q[i];
    return true;
}

bool toxicity_fit(toxicity_model *m, const toxicity_data *d, toxicity_params p, pool *threads,
                  arena *keep, arena scratch, err *e) {
    const char *why = toxicity_check(p);
    if (why) return refuse(e, "toxicity: %s", why);
    assert(arena_apart(keep, &scratch));
    *m = (toxicity_model){0};
    if (!tfidf_fit(&m->words, d->texts, d->n, p.words, keep, scratch, e)) return false;
    forget_rarity(&m->words);
    sparse x = tfidf_rows(&m->words, d->texts, d->n, threads, &scratch);
    double *score = take(&scratch, double, d->n);
    for (int fold = 0; fold < p.folds; fold++)
        if (!fit_fold(m, d, &x, fold, p, threads, scratch, score, e)) return false;
    choose_cuts(m, d, score, p, scratch);
    linear_data data = {&x, d->label, 2, d->vectors, d->wide, p.vector_weight};
    return linear_fit(&m->line, &data, p.line, threads, keep, scratch, e);
}

/* ---- scoring ---- */

static double weight_of(const toxicity_model *m, int32_t term) { return m->line.weight[term]; }

/* Writes over word[0..n) the term that it may stand for, an asterisk for any letter, and that
 * weighs most; leaves it when there is none. */
static void uncover(const toxicity_model *m, char *word, size_t n) {
    int32_t best = -1;
    for (int32_t t = 0; t < m->words.terms; t++) {
        slice term = m->words.term[t];
        if (term.n != n || weight_of(m, t) <= (best < 0 ? 0 : weight_of(m, best))) continue;
        size_t same = 0;
        while (same < n && (word[same] == '*' || word[same] == term.p[same])) same++;
        if (same == n) best = t;
    }
    if (best >= 0) memcpy(word, m->words.term[best].p, n);
}

/* A word with asterisks becomes what it hides; "price*" points to a footnote and stays. */
static void uncover_all(const toxicity_model *m, char *p, size_t n) {
    int tried = 0;
    for (size_t i = 0, k; i < n && tried < STARRED; i = k + 1) {
        for (k = i; k < n && p[k] != ' ';) k++;
        const char *star = memchr(p + i, '*', k - i);
        if (k - i < 3 || !star || p[i] == '*') continue;
        slice before = {p + i, k - i - 1};
        if (star == p + k - 1 && before.n > 2 && tfidf_find(&m->words, before) >= 0) continue;
        uncover(m, p + i, k - i);
        tried++;
    }
}

static slice short_of(slice from) {
    if (from.n > TFIDF_TEXT_LIMIT) from.n = TFIDF_TEXT_LIMIT;
    return from;
}

/* The text with its disguises undone, into out (masked_room of its read bytes). */
static slice unmask(const toxicity_model *m, slice from, char *out) {
    slice words = {out, masked_text(short_of(from), out)};
    if (memchr(out, '*', words.n)) uncover_all(m, out, words.n);
    return words;
}

typedef struct unmasking {
    const toxicity_model *m;
    const slice *from; /* [n] */
    slice *to;         /* [n] */
    char *const *room; /* [n] masked_room each */
    int64_t n;
} unmasking;

static void unmask_chunk(void *what, int64_t chunk, arena scratch) {
    unmasking *u = what;
    int64_t last = (chunk + 1) * CHUNK < u->n ? (chunk + 1) * CHUNK : u->n;
    (void)scratch;
    for (int64_t i = chunk * CHUNK; i < last; i++)
        u->to[i] = unmask(u->m, u->from[i], u->room[i]);
}

/* max(P(text), P(masked text)) of n texts into p [n]. */
static void score_block(const toxicity_model *m, const slice *texts, const float *vectors,
                        int64_t n, pool *threads, double *p, arena scratch) {
    slice *plain = take(&scratch, slice, n), *masked = take(&scratch, slice, n);
    char **room = take(&scratch, char *, n);
    double *q = take(&scratch, double, 2 * n);
    for (int64_t i = 0; i < n; i++) {
        plain[i] = short_of(texts[i]);
        room[i] = take_raw(&scratch, char, masked_room(plain[i].n));
    }
    unmasking u = {m, plain, masked, room, n};
    pool_for(threads, (n + CHUNK - 1) / CHUNK, unmask_chunk, &u);
    for (int k = 0; k < 2; k++) {
        sparse x = tfidf_rows(&m->words, k == 0 ? plain : masked, n, threads, &scratch);
        linear_score(&m->line, &x, vectors, threads, q, scratch);
        for (int64_t i = 0; i < n; i++) p[i] = k == 0 ? q[2 * i + 1] : fmax(p[i], q[2 * i + 1]);
    }
}

double *toxicity_score(const toxicity_model *m, const slice *texts, const float *vectors,
                       int64_t n, pool *threads, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && (vectors != NULL) == (m->line.wide > 0));
    double *p = take(keep, double, n);
    for (int64_t from = 0; from < n; from += BLOCK) {
        int64_t count = n - from < BLOCK ? n - from : BLOCK;
        const float *v = vectors ? vectors + from * m->line.wide : NULL;
        score_block(m, texts + from, v, count, threads, p + from, scratch);
    }
    return p;
}

/* ---- judging ---- */

toxicity_held toxicity_judge(const toxicity_model *m, const toxicity_data *d, pool *threads,
                             arena scratch) {
    arena keep = arena_split(&scratch, (size_t)d->n * 32 + 4096);
    const double *p = toxicity_score(m, d->texts, d->vectors, d->n, threads, &keep, scratch);
    double *named = take(&keep, double, d->n); /* clean ones aside */
    int32_t *label = take(&keep, int32_t, d->n);
    toxicity_held h = {0};
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        bool toxic = d->label[i] == 1, clean = !toxic && d->clean && d->clean[i];
        int64_t *of = toxic ? &h.toxic : clean ? &h.clean : &h.others;
        int64_t *review = toxic ? &h.toxic_review : clean ? &h.clean_review : &h.others_review;
        int64_t *block = toxic ? &h.toxic_block : clean ? &h.clean_block : &h.others_block;
        ++*of;
        *review += p[i] > m->review;
        *block += p[i] > m->block;
        if (!clean) named[n] = p[i], label[n++] = toxic;
    }
    if (h.toxic == 0 || h.others == 0) return h;
    int32_t *order = order_count(n, &keep);
    order_up(order, n, named, scratch);
    h.auc = metrics_class_auc(named, label, NULL, order, n);
    return h;
}

toxicity_level toxicity_level_of(const toxicity_model *m, double probability) {
    return probability > m->block ? TOXICITY_BLOCK
           : probability > m->review ? TOXICITY_REVIEW : TOXICITY_NONE;
}

int toxicity_why(const toxicity_model *m, slice from, slice words[TOXICITY_WHY], arena scratch) {
    from = short_of(from);
    slice masked = unmask(m, from, take_raw(&scratch, char, masked_room(from.n)));
    char *p = take_raw(&scratch, char, from.n + masked.n + 3);
    size_t n = tfidf_words(from, m->words.p.min_letters, p);
    if (n > 0) p[n++] = ' ';
    n += tfidf_words(masked, m->words.p.min_letters, p + n);
    int count = 0;
    int32_t term[TOXICITY_WHY];
    for (size_t i = 0, k; i < n; i = k + 1) {
        for (k = i; k < n && p[k] != ' ';) k++;
        int32_t t = tfidf_find(&m->words, (slice){p + i, k - i});
        int at = count;
        for (int j = 0; j < count; j++)
            if (term[j] == t) t = -1;
        if (t < 0 || weight_of(m, t) < 0.5) continue; /* odds by a factor of 1.6 */
        while (at > 0 && weight_of(m, term[at - 1]) < weight_of(m, t)) at--;
        if (at == TOXICITY_WHY) continue;
        if (count < TOXICITY_WHY) count++;
        memmove(term + at + 1, term + at, (size_t)(count - 1 - at) * sizeof *term);
        term[at] = t;
    }
    for (int i = 0; i < count; i++) words[i] = m->words.term[term[i]];
    return count;
}
