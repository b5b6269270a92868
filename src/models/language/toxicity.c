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
    CHUNK = 64,
};

const char *const toxicity_level_names[3] = {"none", "review", "block"};

const char *toxicity_check(toxicity_params p) {
    const char *why = tfidf_check(p.words);
    if (!why) why = linear_check(p.line);
    if (why) return why;
    if (p.folds < 2 || p.folds > 10) return "folds must be 2 … 10";
    if (!(p.vector_weight > 0) || !isfinite(p.vector_weight)) return "vector_weight must be > 0";
    if (!(p.review_rate >= 0 && p.review_rate < 1) || !(p.block_rate >= 0 && p.block_rate < 1))
        return "rates of false alarms must be 0 … 1";
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

size_t toxicity_memory(const toxicity_data *d, toxicity_params p) {
    size_t words = tfidf_memory(d->texts, d->n, p.words), bytes = 0;
    for (int64_t i = 0; i < d->n; i++) bytes += masked_room(d->texts[i].n) + 256;
    return 4 * words + bytes + (size_t)d->n * ((size_t)d->wide * 8 + 256) + ((size_t)64 << 20);
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

static int64_t above(const double *sorted, int64_t n, double cut) {
    int64_t count = 0;
    while (count < n && sorted[n - 1 - count] > cut) count++;
    return count;
}

static void choose_cuts(toxicity_model *m, const toxicity_data *d, const double *score,
                        toxicity_params p, arena scratch) {
    uint8_t *which[3]; /* toxic, others, clean */
    double *sorted[3];
    int64_t count[3];
    arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int k = 0; k < 3; k++) {
        which[k] = take(&scratch, uint8_t, d->n);
        for (int64_t i = 0; i < d->n; i++)
            which[k][i] = k == 0 ? d->label[i] == 1
                                 : d->label[i] == 0 && (k == 1 || !d->clean || d->clean[i]);
        sorted[k] = pick_sorted(score, which[k], d->n, &count[k], &scratch, rest);
    }
    m->review = cut_for(sorted[2], count[2], p.review_rate, 0.5);
    m->block = cut_for(sorted[1], count[1], p.block_rate, m->review);
    int32_t *order = order_count(d->n, &scratch);
    order_up(order, d->n, score, rest);
    m->held = (toxicity_held){.auc = metrics_class_auc(score, d->label, NULL, order, d->n),
                              .toxic = count[0], .others = count[1], .clean = count[2],
                              .toxic_review = above(sorted[0], count[0], m->review),
                              .toxic_block = above(sorted[0], count[0], m->block),
                              .others_review = above(sorted[1], count[1], m->review),
                              .others_block = above(sorted[1], count[1], m->block),
                              .clean_review = above(sorted[2], count[2], m->review),
                              .clean_block = above(sorted[2], count[2], m->block)};
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

/* P of the rows of one fold by a model fitted on the others, into score. */
static bool fit_fold(const toxicity_model *m, const toxicity_data *d, const sparse *x, int fold,
                     toxicity_params p, pool *threads, arena scratch, double *score, err *e) {
    int32_t *in = take(&scratch, int32_t, d->n), *out = take(&scratch, int32_t, d->n);
    int32_t *label = take(&scratch, int32_t, d->n);
    int64_t n_in = 0, n_out = 0;
    (void)m;
    for (int64_t i = 0; i < d->n; i++) {
        int part = (int)(sentiment_place(d->texts[i], FOLD_SALT) * p.folds);
        if (part == fold) {
            out[n_out++] = (int32_t)i;
            continue;
        }
        label[n_in] = d->label[i];
        in[n_in++] = (int32_t)i;
    }
    linear_model line;
    sparse fit = sparse_rows(x, in, n_in, &scratch), held = sparse_rows(x, out, n_out, &scratch);
    float *dense = rows_of(d->vectors, in, n_in, d->wide, &scratch);
    float *dense_out = rows_of(d->vectors, out, n_out, d->wide, &scratch);
    double *q = take(&scratch, double, 2 * n_out);
    linear_data data = {&fit, label, 2, dense, d->wide, p.vector_weight};
    arena keep = arena_split(&scratch, (size_t)(x->cols + d->wide + 64) * 32);
    if (!linear_fit(&line, &data, p.line, threads, &keep, scratch, e)) return false;
    linear_score(&line, &held, dense_out, threads, q, scratch);
    for (int64_t i = 0; i < n_out; i++) score[out[i]] = q[2 * i + 1];
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

/* Words with a letter in front and an asterisk; "*****" is a rating. */
static void uncover_all(const toxicity_model *m, char *p, size_t n) {
    int tried = 0;
    for (size_t i = 0, k; i < n && tried < STARRED; i = k + 1) {
        for (k = i; k < n && p[k] != ' ';) k++;
        if (k - i < 3 || p[i] == '*' || !memchr(p + i, '*', k - i)) continue;
        uncover(m, p + i, k - i);
        tried++;
    }
}

static slice short_of(slice from) {
    if (from.n > TFIDF_TEXT_LIMIT) from.n = TFIDF_TEXT_LIMIT;
    return from;
}

/* The text with its disguises undone, in keep. */
static slice unmask(const toxicity_model *m, slice from, arena *keep) {
    from = short_of(from);
    char *out = take_raw(keep, char, masked_room(from.n));
    slice words = {out, masked_text(from, out)};
    if (memchr(out, '*', words.n)) uncover_all(m, out, words.n);
    return words;
}

double *toxicity_score(const toxicity_model *m, const slice *texts, const float *vectors,
                       int64_t n, pool *threads, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && (vectors != NULL) == (m->line.wide > 0));
    double *p = take(keep, double, n);
    for (int64_t from = 0; from < n; from += CHUNK * 64) {
        arena mine = scratch;
        int64_t count = n - from < CHUNK * 64 ? n - from : CHUNK * 64;
        slice *both = take(&mine, slice, 2 * count);
        for (int64_t i = 0; i < count; i++) {
            both[i] = short_of(texts[from + i]);
            both[count + i] = unmask(m, texts[from + i], &mine);
        }
        double *q = take(&mine, double, 2 * count);
        const float *v = vectors ? vectors + from * m->line.wide : NULL;
        for (int k = 0; k < 2; k++) {
            sparse x = tfidf_rows(&m->words, both + k * count, count, threads, &mine);
            linear_score(&m->line, &x, v, threads, q, mine);
            for (int64_t i = 0; i < count; i++)
                if (k == 0 || q[2 * i + 1] > p[from + i]) p[from + i] = q[2 * i + 1];
        }
    }
    return p;
}

toxicity_level toxicity_level_of(const toxicity_model *m, double probability) {
    return probability > m->block ? TOXICITY_BLOCK
           : probability > m->review ? TOXICITY_REVIEW : TOXICITY_NONE;
}

int toxicity_why(const toxicity_model *m, slice from, slice words[TOXICITY_WHY], arena scratch) {
    slice masked = unmask(m, from, &scratch);
    char *p = take_raw(&scratch, char, 3 * short_of(from).n + masked_room(short_of(from).n) + 2);
    size_t n = tfidf_words(short_of(from), m->words.p.min_letters, p);
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
