/* language_head: heads as step 07 leaves them, the vectors that they may read, fit and score. */
#include "pipeline/language_head.h"

#include <string.h>


/* Right answers outside of the band: lower than the verb's default, because a shop's validation
 * reviews are few and a side that never reaches the share says nothing at all. */
static const double sure_enough = 0.9;

const char *const language_rung_names[LANGUAGE_RUNGS] = {"words", "vectors", "words + vectors"};

language_head language_head_default(language_rung rung) {
    language_head h = {rung, SENTIMENT_DEFAULTS, 1, 0.5, {0.5, 0.5}};
    h.p.folds = 1;
    h.p.sure = sure_enough;
    h.p.use_words = rung != LANGUAGE_VECTORS;
    h.p.line.c = rung == LANGUAGE_WORDS ? 10 : rung == LANGUAGE_VECTORS ? 3 : 1;
    return h;
}

static void read_parameters(language_head *h, const js_node *from) {
    int64_t grams;
    js_real(js_get(from, "c"), &h->p.line.c);
    js_real(js_get(from, "vector_weight"), &h->p.vector_weight);
    if (js_int(js_get(from, "grams"), &grams)) h->p.words.max_n = (int)grams;
    js_real(js_get(from, "temperature"), &h->temperature);
    js_real(js_get(from, "threshold"), &h->threshold);
    js_real(js_get(from, "low"), &h->band.low);
    js_real(js_get(from, "high"), &h->band.high);
}

language_head language_head_tuned(const work *w, scope *s, language_rung rung) {
    const js_node *all = work_report(w, s, "07_tune", "tune.json", "language");
    const js_node *steps = js_get(all, "ladder");
    slice chosen = {"", 0}, name;
    js_text(js_get(all, "chosen"), &chosen);
    for (int k = 0; k < LANGUAGE_RUNGS && rung == LANGUAGE_RUNGS; k++)
        if (slice_is(chosen, language_rung_names[k])) rung = (language_rung)k;
    if (rung == LANGUAGE_RUNGS) rung = LANGUAGE_WORDS;
    language_head h = language_head_default(rung);
    for (int64_t i = 0; i < js_count(steps); i++)
        if (js_text(js_get(js_at(steps, i), "step"), &name) &&
            slice_is(name, language_rung_names[rung]))
            read_parameters(&h, js_get(js_at(steps, i), "parameters"));
    return h;
}

language_head language_head_served(const work *w, scope *s, const language_vectors *v) {
    language_head h = language_head_tuned(w, s, LANGUAGE_RUNGS);
    return v->why && h.rung != LANGUAGE_WORDS ? language_head_tuned(w, s, LANGUAGE_WORDS) : h;
}

slice language_head_json(const language_head *h, arena *keep) {
    const char *words = h->rung == LANGUAGE_VECTORS
                            ? "" : arena_text(keep, ", \"grams\": %d", h->p.words.max_n);
    const char *vectors = h->rung == LANGUAGE_WORDS
                              ? "" : arena_text(keep, ", \"vector_weight\": %g",
                                                h->p.vector_weight);
    return slice_of(arena_text(keep,
                               "{\"step\": \"%s\", \"c\": %g%s%s, \"temperature\": %.6f, "
                               "\"threshold\": %.6f, \"low\": %.6f, \"high\": %.6f}",
                               language_rung_names[h->rung], h->p.line.c, words, vectors,
                               h->temperature, h->threshold, h->band.low, h->band.high));
}

void language_put_metrics(js *report, const metrics_class *m) {
    for (int k = 0; k < METRICS_CLASS_N; k++)
        js_put_real(report, metrics_class_names[k], ((const double *)m)[k]);
}

/* ---- vectors ---- */

/* Texts that are read; the others get no vector. */
static slice *read_texts(const language_data *d, arena *keep) {
    slice *out = take(keep, slice, d->n);
    for (int64_t i = 0; i < d->n; i++)
        if (d->read.unread[i] == REVIEW_READ) out[i] = d->texts[i];
    return out;
}

void language_vectors_plan(const work *w, scope *s, const language_data *d, language_vectors *v) {
    *v = (language_vectors){.plan = review_vectors_plan(w, s, read_texts(d, &s->keep), d->n)};
    if (!v->plan.name)
        v->why = arena_text(&s->keep, "%s, which tell nothing that the words do not",
                            v->plan.note);
    else if (v->plan.share < 1)
        v->why = arena_text(&s->keep,
                            "the time budget has room for vectors of %.0f %% of the reviews, and "
                            "a head of vectors for a part of them reads worse than words "
                            "(--language-seconds %.0f, or --encoder %s, gives every review one)",
                            100 * v->plan.share, v->plan.needs, v->plan.name);
}

bool language_vectors_make(work *w, scope *s, const language_data *d, bool part,
                           language_vectors *v, err *e) {
    language_vectors_plan(w, s, d, v);
    if (!v->plan.name || (v->why && !part)) {
        v->of = (review_vectors){.has = take(&s->keep, uint8_t, d->n), .note = v->plan.note};
        return true;
    }
    return review_vectors_make(w, s, read_texts(d, &s->keep), d->n, &v->of, e);
}

sentiment_data language_vectors_pick(const language_data *d, const language_vectors *v,
                                     language_part first, language_part last, arena *keep,
                                     int32_t **rows) {
    int32_t *row;
    sentiment_data out = language_data_pick(d, first, last, keep, &row);
    if (rows) *rows = row;
    if (!v || v->why) return out;
    out.wide = v->of.wide;
    float *to = take_raw(keep, float, out.n * out.wide);
    for (int64_t i = 0; i < out.n; i++)
        memcpy(to + i * out.wide, v->of.v + (int64_t)row[i] * out.wide,
               (size_t)out.wide * sizeof *to);
    out.vectors = to;
    return out;
}

const char *language_head_name(const language_head *h, const language_vectors *v, arena *keep) {
    const char *maker = v && v->of.maker ? v->of.maker : "vectors";
    if (h->rung == LANGUAGE_WORDS) return "tf-idf + logistic regression";
    return arena_text(keep, "%s%s + logistic regression",
                      h->rung == LANGUAGE_BOTH ? "tf-idf and " : "", maker);
}

/* ---- fitting ---- */

bool language_head_fit(work *w, const language_head *h, const sentiment_data *data, scope *s,
                       sentiment_model *m, err *e) {
    sentiment_data part = *data;
    if (h->rung == LANGUAGE_WORDS) part.vectors = NULL, part.wide = 0;
    if (!sentiment_fit(m, &part, h->p, w->threads, &s->keep, s->scratch, e)) return false;
    m->temperature = h->temperature;
    m->threshold = h->threshold;
    m->band = h->band;
    return true;
}

double *language_head_score(work *w, const sentiment_model *m, const sentiment_data *data,
                            scope *s) {
    return sentiment_score(m, data->texts, m->line.wide > 0 ? data->vectors : NULL, data->n,
                           w->threads, &s->keep, s->scratch);
}
