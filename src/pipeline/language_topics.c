/* language_topics: what the shop's reviews speak of: topics.json and the table review_topics. */
#include "pipeline/language_topics.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/interval.h"
#include "pipeline/review_months.h"
#include "pipeline/topic_maker.h"

enum {
    LEAST = 200,     /* units below which there are no topics */
    CATEGORIES = 12, /* the largest */
    WINDOW = 91,     /* days of the drift's later span */
    EACH = 50,       /* reviews with a topic in each span */
    SECONDS = 60,    /* the default budget of review_vectors.h */
};

typedef struct found {
    topic_units units;
    topic_study study;
    slice *texts; /* [n] p NULL = not read */
    int64_t read; /* reviews */
    bool by_sentence;
    const char *maker, *note;
} found;

/* ---- vectors ---- */

/* Vectors of sentences, where a quarter of the budget is enough for all of them; else v->v NULL. */
static bool sentence_vectors(work *w, scope *s, const topic_units *u, review_vectors *v, err *e) {
    work less = *w;
    less.language_seconds = (w->language_seconds > 0 ? w->language_seconds : SECONDS) / 4;
    review_plan plan = review_vectors_plan(&less, s, u->text, u->n);
    if (!w->encoder && plan.name && plan.share < 1) return true;
    return review_vectors_make(&less, s, u->text, u->n, v, e);
}

/* Whole reviews as units, with the vectors that are there. */
static void take_whole(scope *s, const language_data *d, const review_vectors *whole, found *t,
                       review_vectors *v) {
    size_t row = (size_t)whole->wide * sizeof *v->v;
    t->units = topic_units_of(t->texts, d->n, false, &s->keep);
    *v = *whole;
    v->v = take_raw(&s->keep, float, t->units.n * whole->wide);
    for (int64_t i = 0; i < t->units.n; i++)
        memcpy(v->v + i * whole->wide, whole->v + (int64_t)t->units.owner[i] * whole->wide, row);
    v->note = arena_text(&s->keep, "Topics are of whole reviews: the time budget has no room for "
                                   "vectors of single sentences.%s%s",
                         whole->note ? " " : "", whole->note ? whole->note : "");
}

static bool study(work *w, scope *s, const language_data *d, const review_vectors *whole, found *t,
                  err *e) {
    review_vectors v = {0};
    topics_params p = TOPICS_DEFAULTS;
    double *aside = take(&s->keep, double, d->n);
    p.k = 0;
    p.seed = seed_for(w->seed, "topics");
    for (int64_t i = 0; i < d->n; i++)
        aside[i] = d->rating[i] > 0 ? d->rating[i] : d->label[i] >= 0 ? d->label[i] : (double)NAN;
    t->units = topic_units_of(t->texts, d->n, true, &s->keep);
    if (!whole->encoder) {
        topics_file *f = take(&s->keep, topics_file, 1);
        v = *whole; /* maker and note */
        v.v = topic_maker_learn(f, &t->units, p.seed, w->threads, s, e);
        v.wide = f->lsa.wide;
        if (!v.v) return false;
    } else if (!sentence_vectors(w, s, &t->units, &v, e)) return false;
    t->by_sentence = v.v != NULL;
    if (!v.v) take_whole(s, d, whole, t, &v);
    t->maker = v.maker;
    t->note = v.note;
    topic_study_data data = {.texts = t->texts, .n = d->n, .units = &t->units, .vectors = v.v,
                             .wide = v.wide, .aside = aside};
    return topic_study_fit(&t->study, &data, p, w->threads, &s->keep, s->scratch, e);
}

/* ---- shares ---- */

static void put_interval(js *out, int64_t k, int64_t n) {
    interval share = interval_wilson(k, n);
    js_put_int(out, "reviews", k);
    js_put_fixed(out, "share", share.value, 6);
    js_put_fixed(out, "low", share.low, 6);
    js_put_fixed(out, "high", share.high, 6);
}

/* positive_share, its interval and the mean rating of the reviews that speak of topic t. */
static void put_opinion(js *out, const found *f, const language_data *d, int t) {
    int k = f->study.model.k;
    int64_t known = 0, positive = 0, rated = 0, stars = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (!f->study.in[i * k + t]) continue;
        known += d->label[i] >= 0;
        positive += d->label[i] == 1;
        rated += d->rating[i] > 0;
        stars += d->rating[i];
    }
    interval share = interval_wilson(positive, known);
    js_put_fixed(out, "positive_share", known > 0 ? share.value : (double)NAN, 6);
    js_put_fixed(out, "positive_low", share.low, 6);
    js_put_fixed(out, "positive_high", share.high, 6);
    js_put_fixed(out, "rating", rated > 0 ? (double)stars / (double)rated : (double)NAN, 3);
}

/* The groups of reviews that a topic's share is given by: categories, or months. */
typedef struct groups {
    int32_t *of;   /* [n] group of each review, -1 = none */
    int64_t *size; /* [n groups] reviews read */
    int32_t n;
} groups;

static groups months_of(const found *f, const language_data *d, int32_t *first, arena *keep) {
    groups g = {take(keep, int32_t, d->n), NULL, 0};
    int32_t last = INT32_MIN;
    *first = INT32_MAX;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] == INT32_MIN || !f->texts[i].p) continue;
        int32_t month = review_months_of(d->day[i]);
        *first = month < *first ? month : *first;
        last = month > last ? month : last;
    }
    g.n = last >= *first ? last - *first + 1 : 0;
    g.size = take(keep, int64_t, g.n);
    for (int64_t i = 0; i < d->n; i++) {
        bool in = d->day[i] != INT32_MIN && f->texts[i].p;
        g.of[i] = in ? review_months_of(d->day[i]) - *first : -1;
        if (in) g.size[g.of[i]]++;
    }
    return g;
}

/* The largest categories, largest first, ties to the one seen first. */
static groups categories_of(const found *f, const language_data *d, slice *names, arena *keep,
                            arena scratch) {
    enum { MOST = 4096 }; /* different names that are looked at */
    groups g = {take(keep, int32_t, d->n), take(keep, int64_t, CATEGORIES), 0};
    slice *name = take(&scratch, slice, MOST);
    double *size = take(&scratch, double, MOST);
    int32_t n = 0, *place = take(&scratch, int32_t, MOST);
    int32_t *slot = take(&scratch, int32_t, 4 * MOST);
    for (int64_t i = 0; i < d->n; i++) {
        g.of[i] = -1;
        if (!f->texts[i].p || d->category[i].n == 0) continue;
        uint64_t s = slice_hash(d->category[i]) % (4 * MOST);
        while (slot[s] && slice_compare(name[slot[s] - 1], d->category[i]) != 0)
            s = (s + 1) % (4 * MOST);
        if (!slot[s] && n == MOST) continue;
        if (!slot[s]) name[n] = d->category[i], slot[s] = ++n;
        g.of[i] = slot[s] - 1;
        size[g.of[i]]++;
    }
    int32_t *order = order_count(n, &scratch);
    order_down(order, n, size, scratch);
    for (int32_t i = 0; i < n; i++) place[order[i]] = i < CATEGORIES ? i : -1;
    g.n = n < CATEGORIES ? n : CATEGORIES;
    for (int32_t i = 0; i < g.n; i++) {
        names[i] = name[order[i]];
        g.size[i] = (int64_t)size[order[i]];
    }
    for (int64_t i = 0; i < d->n; i++)
        if (g.of[i] >= 0) g.of[i] = place[g.of[i]];
    return g;
}

/* Reviews of each group that speak of topic t -> count [g->n]. */
static void count_groups(const found *f, const groups *g, int64_t n, int t, int64_t *count) {
    int k = f->study.model.k;
    for (int32_t i = 0; i < g->n; i++) count[i] = 0;
    for (int64_t i = 0; i < n; i++)
        if (g->of[i] >= 0) count[g->of[i]] += f->study.in[i * k + t];
}

static void put_topics(js *out, const found *f, const language_data *d, scope *s) {
    slice name[CATEGORIES];
    int32_t first;
    groups months = months_of(f, d, &first, &s->keep);
    groups categories = categories_of(f, d, name, &s->keep, s->scratch);
    int32_t most = months.n > CATEGORIES ? months.n : CATEGORIES;
    int64_t *count = take(&s->keep, int64_t, most), *id = take(&s->keep, int64_t, d->n);
    for (int64_t i = 0; i < d->n; i++) id[i] = d->review[i];
    js_array(out, "topics");
    for (int t = 0; t < f->study.model.k; t++) {
        js_object(out, NULL);
        topic_put(out, &f->study, &f->units, t, f->read, id, s->scratch);
        put_opinion(out, f, d, t);
        js_array(out, "categories");
        count_groups(f, &categories, d->n, t, count);
        for (int32_t i = 0; i < categories.n; i++) {
            js_object(out, NULL);
            js_put_text(out, "category", name[i]);
            put_interval(out, count[i], categories.size[i]);
            js_end(out);
        }
        js_end(out);
        js_array(out, "months");
        count_groups(f, &months, d->n, t, count);
        for (int32_t i = 0; i < months.n; i++) {
            if (months.size[i] == 0) continue;
            js_object(out, NULL);
            js_putf(out, "month", "%04d-%02d", (first + i) / 12, (first + i) % 12 + 1);
            put_interval(out, count[i], months.size[i]);
            js_end(out);
        }
        js_end(out);
        js_end(out);
    }
    js_end(out);
}

/* ---- drift ---- */

static void put_drift(js *out, const found *f, const language_data *d, arena scratch) {
    int k = f->study.model.k;
    int64_t *before = take(&scratch, int64_t, k), *after = take(&scratch, int64_t, k);
    int64_t n_before = 0, n_after = 0;
    int32_t last = INT32_MIN;
    for (int64_t i = 0; i < d->n; i++)
        if (f->study.main[i] >= 0 && d->day[i] > last) last = d->day[i];
    for (int64_t i = 0; i < d->n && last != INT32_MIN; i++) {
        if (f->study.main[i] < 0 || d->day[i] == INT32_MIN) continue;
        bool late = d->day[i] > last - WINDOW;
        (late ? after : before)[f->study.main[i]]++;
        n_before += !late;
        n_after += late;
    }
    if (n_before < EACH || n_after < EACH) {
        js_put_null(out, "drift");
        return;
    }
    topics_drift drift = topics_drift_of(before, after, k);
    js_object(out, "drift");
    js_putf(out, "window", "the last %d days against the days before", WINDOW);
    js_put_fixed(out, "distance", drift.distance, 4);
    js_putf(out, "verdict",
            drift.moved ? "What reviews are about has moved in the last %d days: %.0f in 100 "
                          "reviews would have to change their topic to look as before."
                        : "No change of what reviews are about is shown for the last %d days "
                          "(distance %.0f in 100).",
            WINDOW, 100 * drift.distance);
    js_array(out, "rising");
    for (int t = 0; t < k && drift.moved; t++)
        if (interval_newcombe(after[t], n_after, before[t], n_before).low > 0)
            js_put_int(out, NULL, t);
    js_end(out);
    js_end(out);
}

/* ---- files ---- */

static bool write_table(work *w, folder *to, const found *f, const language_data *d, scope *s,
                        err *e) {
    static const char *const names[] = {"review", "topic", "label", "similarity", "outlier"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_I32};
    columns c = columns_new(&s->keep, 5, names, types, d->n);
    uint8_t *valid = take(&s->keep, uint8_t, d->n);
    slice *label = take(&s->keep, slice, f->study.model.k);
    for (int t = 0; t < f->study.model.k; t++)
        label[t] = slice_of(topic_label(&f->study.counts.model, &f->study.words, t, &s->keep));
    for (int j = 1; j < 5; j++) c.at[j].valid = valid;
    for (int64_t i = 0; i < d->n; i++) {
        int32_t t = f->study.main[i];
        valid[i] = t >= 0;
        c.at[0].i32[i] = d->review[i];
        c.at[2].text[i] = t >= 0 ? label[t] : SLICE("");
        if (t < 0) continue;
        c.at[1].i32[i] = t;
        c.at[3].real[i] = round((double)f->study.similarity[i] * 1e6) / 1e6;
        c.at[4].i32[i] = f->study.outlier[i];
    }
    return db_put(w->d, "review_topics", &c, e) &&
           db_write_parquet(w->d, "review_topics", folder_path(to, "review_topics.parquet"), e) &&
           folder_rows(to, "review_topics.parquet", d->n);
}

static void put_all(js *out, const found *f, const language_data *d, scope *s) {
    int64_t none = 0, outliers = 0;
    for (int64_t i = 0; i < d->n; i++) {
        none += f->texts[i].p && f->study.main[i] < 0;
        outliers += f->study.outlier[i];
    }
    js_put_word(out, "maker", f->maker);
    js_put_word(out, "note", f->note);
    js_put_word(out, "unit", f->by_sentence ? "sentence" : "review");
    js_put_int(out, "reviews", f->read);
    js_put_int(out, "in_no_topic", none);
    js_put_int(out, "outliers", outliers);
    js_put_int(out, "k", f->study.model.k);
    js_put_fixed(out, "npmi", f->study.quality.npmi, 4);
    js_put_fixed(out, "diversity", f->study.quality.diversity, 4);
    put_topics(out, f, d, s);
    put_drift(out, f, d, s->scratch);
}

bool language_topics_insight(work *w, folder *f, scope *s, const language_data *d,
                             const review_vectors *v, js *report, err *e) {
    found t = {.texts = take(&s->keep, slice, d->n)};
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    const char *skipped = NULL;
    for (int64_t i = 0; i < d->n; i++)
        if (d->read.unread[i] == REVIEW_READ) t.texts[i] = d->words[i], t.read++;
    if (topic_units_of(t.texts, d->n, true, &s->keep).n < LEAST)
        skipped = "the reviews have fewer than 200 sentences";
    else if (!study(w, s, d, v, &t, e)) {
        if (e->kind != ERR_ASKED_WRONG) return false;
        skipped = arena_text(&s->keep, "%s", e->text); /* no topics in these texts is an answer */
        *e = (err){0};
    }
    js_open(out, s);
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.topics/1");
    if (skipped) {
        js_put_word(out, "maker", NULL);
        js_put_word(out, "note", NULL);
        js_put_word(out, "skipped", skipped);
    } else put_all(out, &t, d, s);
    js_end(out);
    text_add_char(&out->out, '\n');
    js_object(report, "topics");
    if (skipped) js_put_word(report, "skipped", skipped);
    else {
        js_put_int(report, "k", t.study.model.k);
        js_put_fixed(report, "npmi", t.study.quality.npmi, 4);
        js_put_fixed(report, "diversity", t.study.quality.diversity, 4);
    }
    js_end(report);
    return folder_write(f, "topics.json", text_slice(&out->out), e) &&
           (skipped || write_table(w, f, &t, d, s, e));
}
