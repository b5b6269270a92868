/* topic_study: topics of texts from end to end: units, clusters, words, quality, quotes. */
#include "models/language/topic_study.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/language/sentences.h"
#include "models/language/topic_number.h"

enum {
    TRIES = 4,
    LEAST = 2, MOST = 20, /* topics, where no number is asked for */
    MOST_UNITS = 1000,
    QUOTE_LEAST = 20, QUOTE_MOST = 240,
    CANDIDATES = 20,
};

/* ---- units ---- */

topic_units topic_units_of(const slice *texts, int64_t n, bool by_sentence, arena *keep) {
    topic_units u = {0};
    int64_t most = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t have = by_sentence ? sentences_of(texts[i], NULL, 0) : texts[i].n > 0;
        most += have < MOST_UNITS ? have : MOST_UNITS;
    }
    u.text = take(keep, slice, most);
    u.owner = take(keep, int32_t, most);
    for (int64_t i = 0; i < n; i++) {
        int64_t have = 1;
        if (by_sentence) have = sentences_of(texts[i], u.text + u.n, MOST_UNITS);
        else if (texts[i].n > 0) u.text[u.n] = texts[i];
        else have = 0;
        if (have > MOST_UNITS) have = MOST_UNITS;
        for (; have > 0; have--) u.owner[u.n++] = (int32_t)i;
    }
    return u;
}

void topic_mains(const topic_units *u, const int32_t *topic, const float *similarity, int k,
                 int64_t n, int32_t *main, float *best, arena scratch) {
    double *sum = take(&scratch, double, k);
    float *most = take(&scratch, float, k);
    for (int64_t i = 0; i < n; i++) main[i] = -1, best[i] = 0;
    for (int64_t first = 0, end; first < u->n; first = end) {
        for (end = first; end < u->n && u->owner[end] == u->owner[first]; end++) {
            int32_t t = topic[end];
            if (t < 0) continue;
            most[t] = sum[t] == 0 || similarity[end] > most[t] ? similarity[end] : most[t];
            sum[t] += 2 + (double)similarity[end]; /* above 0: a unit more counts more */
        }
        int32_t at = -1;
        for (int64_t i = first; i < end; i++) {
            int32_t t = topic[i];
            if (t >= 0 && (at < 0 || sum[t] > sum[at] || (!(sum[t] < sum[at]) && t < at))) at = t;
        }
        main[u->owner[first]] = at;
        if (at >= 0) best[u->owner[first]] = most[at];
        for (int64_t i = first; i < end; i++)
            if (topic[i] >= 0) sum[topic[i]] = 0;
    }
}

/* ---- quotes and labels ---- */

/* The nearest units of each topic that are short enough to read and not the same words. */
static void find_quotes(topic_study *s, const topic_units *u, arena scratch) {
    double *near = take(&scratch, double, u->n);
    int32_t *order = order_count(u->n, &scratch);
    for (int64_t i = 0; i < u->n; i++) near[i] = (double)s->model.similarity[i];
    order_down(order, u->n, near, scratch);
    for (int64_t i = 0; i < (int64_t)s->model.k * TOPIC_QUOTES; i++) s->quote[i] = -1;
    for (int64_t i = 0; i < u->n; i++) {
        int64_t unit = order[i];
        int32_t t = s->model.label[unit];
        if (t < 0 || u->text[unit].n < QUOTE_LEAST || u->text[unit].n > QUOTE_MOST) continue;
        int64_t *quote = s->quote + (int64_t)t * TOPIC_QUOTES;
        int at = 0;
        while (at < TOPIC_QUOTES && quote[at] >= 0 &&
               slice_compare(u->text[quote[at]], u->text[unit]) != 0)
            at++;
        if (at < TOPIC_QUOTES && quote[at] < 0) quote[at] = unit;
    }
}

char *topic_label(const tfidf_model *vocabulary, const topic_words *w, int topic, arena *keep) {
    const char *label = "";
    for (int i = 0; i < 3 && i < w->m && w->word[topic * w->m + i] >= 0; i++) {
        slice word = vocabulary->term[w->word[topic * w->m + i]];
        label = arena_text(keep, "%s%s%.*s", label, i > 0 ? ", " : "", (int)word.n, word.p);
    }
    return *label ? arena_text(keep, "%s", label) : arena_text(keep, "topic %d", topic + 1);
}

/* ---- the whole ---- */

size_t topic_study_memory(const topic_study_data *d, topics_params p) {
    int64_t n = d->units->n;
    if (p.k == 0) p.k = MOST;
    return topic_counts_memory(d->texts, d->n) + topic_counts_memory(d->units->text, n) +
           topics_memory(n, d->wide, p) * 3 + topic_number_memory(p.dims) + (size_t)n * 64 +
           (size_t)d->n * (size_t)(p.k + 64) + ((size_t)p.k << 20);
}

typedef struct counted { /* words by unit and by text */
    const sparse *units, *texts;
} counted;

/* One clustering: its words and how good they are; worth = coherence x diversity. */
static bool try_one(topic_study *s, const topics_data *td, const counted *c, topics_params p,
                    double *worth, pool *threads, arena *keep, arena scratch, err *e) {
    if (!topics_fit(&s->model, td, p, threads, keep, scratch, e)) return false;
    s->words = topic_words_of(&s->counts, c->units, s->model.label, s->model.k, CANDIDATES, keep,
                              scratch);
    coherence_choose(c->texts, s->words.word, s->words.weight, s->model.k, CANDIDATES, TOPIC_WORDS,
                     scratch);
    s->quality = coherence_of(c->texts, s->words.word, s->model.k, CANDIDATES, keep, scratch);
    double npmi = s->quality.npmi;
    *worth = npmi > 0 ? npmi * s->words.diversity : npmi;
    return true;
}

/* The number of topics, where none is asked for. */
static bool choose_number(const topics_data *td, topics_params *p, double *agreement,
                          pool *threads, arena scratch, err *e) {
    topic_number_data rows = {0};
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    int least = td->n_seeds > LEAST ? td->n_seeds : LEAST;
    rows.y = topics_space(td, p->dims, threads, &rows.n, &rows.dims, &memory, scratch);
    p->k = least;
    return !rows.y || topic_number(&rows, least, MOST, p->seed, threads, &p->k, agreement, scratch,
                                   e);
}

/* The seed of the best of TRIES clusterings; ties: the first. Clusterings are by (seed, stream), so
 * the winner can be made again. */
static bool choose(const topic_study *s, const topics_data *td, const counted *c,
                   topics_params *p, pool *threads, arena scratch, err *e) {
    double best = -INFINITY, worth;
    uint64_t first = p->seed;
    topics_params one = *p;
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    for (uint64_t t = 0; t < TRIES; t++) {
        arena keep = memory;
        topic_study trial = *s;
        one.seed = first + t * 1000003; /* starts take streams, not seeds */
        if (!try_one(&trial, td, c, one, &worth, threads, &keep, scratch, e)) return false;
        if (worth > best) best = worth, p->seed = one.seed;
    }
    return true;
}

/* What the units say of their texts. */
static void gather(topic_study *s, const topic_study_data *d, arena *keep, arena scratch) {
    const topic_units *u = d->units;
    int k = s->model.k;
    s->main = take(keep, int32_t, d->n);
    s->similarity = take(keep, float, d->n);
    s->outlier = take(keep, uint8_t, d->n);
    s->in = take(keep, uint8_t, d->n * k);
    s->texts = take(keep, int64_t, k);
    s->mains = take(keep, int64_t, k);
    s->quote = take(keep, int64_t, (int64_t)k * TOPIC_QUOTES);
    topic_mains(u, s->model.label, s->model.similarity, k, d->n, s->main, s->similarity, scratch);
    for (int64_t i = 0; i < u->n; i++)
        if (s->model.label[i] >= 0) s->in[(int64_t)u->owner[i] * k + s->model.label[i]] = 1;
    for (int64_t i = 0; i < d->n; i++) {
        for (int t = 0; t < k; t++) s->texts[t] += s->in[i * k + t];
        if (s->main[i] < 0) continue;
        s->mains[s->main[i]]++;
        s->outlier[i] = (double)s->similarity[i] < s->model.edge[s->main[i]];
    }
    find_quotes(s, u, scratch);
}

bool topic_study_fit(topic_study *out, const topic_study_data *d, topics_params p, pool *threads,
                     arena *keep, arena scratch, err *e) {
    const topic_units *u = d->units;
    topics_data td = {d->vectors, u->n, d->wide, NULL, d->seeds, d->n_seeds};
    *out = (topic_study){0};
    if (!topic_counts_make(&out->counts, d->texts, d->n, d->min_texts, keep, scratch, e))
        return false;
    sparse units = topic_counts_rows(&out->counts, u->text, u->n, threads, &scratch);
    sparse whole = topic_counts_gather(&units, u->owner, d->n, &scratch);
    counted c = {&units, &whole};
    double worth;
    if (d->aside) {
        double *aside = take(&scratch, double, u->n);
        for (int64_t i = 0; i < u->n; i++) aside[i] = d->aside[u->owner[i]];
        td.aside = aside;
    }
    if (p.k == 0 && !choose_number(&td, &p, &out->agreement, threads, scratch, e)) return false;
    if (!choose(out, &td, &c, &p, threads, scratch, e) ||
        !try_one(out, &td, &c, p, &worth, threads, keep, scratch, e))
        return false;
    gather(out, d, keep, scratch);
    return true;
}
