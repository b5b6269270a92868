/* topic_maker: vectors of sentences for topics, and what a study of topics says as JSON. */
#include "pipeline/topic_maker.h"

#include "models/interval.h"

float *topic_maker_learn(topics_file *f, const topic_units *u, uint64_t seed, pool *threads,
                         scope *s, err *e) {
    tfidf_params words = TFIDF_DEFAULTS;
    lsa_params p = LSA_DEFAULTS;
    words.max_n = 1;
    p.seed = seed;
    if (!tfidf_fit(&f->terms, u->text, u->n, words, &s->keep, s->scratch, e)) return NULL;
    for (int32_t t = 0; t < f->terms.terms; t++)
        if (topic_word_is_stop(f->terms.term[t])) f->terms.idf[t] = 0;
    sparse x = tfidf_rows(&f->terms, u->text, u->n, threads, &s->keep);
    if (!lsa_fit(&f->lsa, &x, p, threads, &s->keep, s->scratch, e)) return NULL;
    return lsa_rows(&f->lsa, &x, threads, &s->keep);
}

float *topic_maker_apply(const topics_file *f, const topic_units *u, pool *threads, scope *s) {
    sparse x = tfidf_rows(&f->terms, u->text, u->n, threads, &s->keep);
    return lsa_rows(&f->lsa, &x, threads, &s->keep);
}

void topic_put(js *out, const topic_study *study, const topic_units *u, int t, int64_t n,
               const int64_t *id, arena scratch) {
    const topic_words *w = &study->words;
    interval share = interval_wilson(study->texts[t], n);
    js_put_int(out, "id", t);
    js_put_word(out, "label", topic_label(&study->counts.model, w, t, &scratch));
    js_array(out, "words");
    for (int i = 0; i < w->m && w->word[t * w->m + i] >= 0; i++) {
        js_object(out, NULL);
        js_put_text(out, "word", study->counts.model.term[w->word[t * w->m + i]]);
        js_put_fixed(out, "weight", w->weight[t * w->m + i], 4);
        js_end(out);
    }
    js_end(out);
    js_put_int(out, "reviews", study->texts[t]);
    js_put_fixed(out, "share", share.value, 6);
    js_put_fixed(out, "low", share.low, 6);
    js_put_fixed(out, "high", share.high, 6);
    js_put_fixed(out, "npmi", study->quality.topic[t], 4);
    js_array(out, "quotes");
    for (int i = 0; i < TOPIC_QUOTES; i++) {
        int64_t unit = study->quote[t * TOPIC_QUOTES + i];
        if (unit < 0) continue;
        js_object(out, NULL);
        js_put_int(out, "review", id[u->owner[unit]]);
        js_put_text(out, "text", u->text[unit]);
        js_put_fixed(out, "similarity", (double)study->model.similarity[unit], 4);
        js_end(out);
    }
    js_end(out);
}

void topic_name(topics_file *f, const topic_study *study, arena *keep) {
    const topic_words *w = &study->words;
    slice *labels = take(keep, slice, w->k), *words = take(keep, slice, w->k);
    for (int t = 0; t < w->k; t++) {
        const char *all = "";
        for (int i = 0; i < w->m && w->word[t * w->m + i] >= 0; i++) {
            slice word = study->counts.model.term[w->word[t * w->m + i]];
            all = arena_text(keep, "%s%s%.*s", all, i > 0 ? " " : "", (int)word.n, word.p);
        }
        words[t] = slice_of(all);
        labels[t] = slice_of(topic_label(&study->counts.model, w, t, keep));
    }
    f->labels = labels;
    f->words = words;
}
