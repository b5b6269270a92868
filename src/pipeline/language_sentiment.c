/* language_sentiment: language.json and review_sentiment: how reviews sound, for step 09. */
#include "pipeline/language_sentiment.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/interval.h"
#include "pipeline/language_reading.h"

enum {
    WORDS = 15,    /* on each side */
    EXAMPLES = 3,
    CATEGORIES = 40,
    SHORT = 240,   /* bytes of an example, at most */
};

/* 1, 0: the label of each review, or the reading where it has none; -1: neither. */
static int32_t *opinions(const language_data *d, const language_reading *r, arena *keep) {
    int32_t *out = take_copy(keep, int32_t, d->label, d->n);
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] < 0 && !isnan(r->positive[i]))
            out[i] = r->positive[i] > r->file.model.threshold;
    return out;
}

static void put_share(js *out, int64_t positive, int64_t n) {
    interval share = interval_wilson(positive, n);
    js_put_int(out, "n", n);
    js_put_real(out, "positive_share", share.value);
    js_put_real(out, "low", share.low);
    js_put_real(out, "high", share.high);
}

static void put_whole(js *out, const language_data *d, const int32_t *opinion) {
    int64_t n = 0, positive = 0;
    for (int64_t i = 0; i < d->n; i++) {
        n += opinion[i] >= 0;
        positive += opinion[i] == 1;
    }
    js_object(out, "all");
    put_share(out, positive, n);
    js_end(out);
}

typedef struct group {
    slice name;
    int64_t n, positive;
} group;

/* Counts by name, in order of n (large first), then of first appearance. */
static group *groups_of(const language_data *d, const int32_t *opinion, int32_t *count,
                        arena *keep, arena scratch) {
    group *all = take(keep, group, d->n + 1);
    int64_t slots = 1024;
    while (slots < 2 * d->n) slots *= 2;
    int32_t *slot = take(&scratch, int32_t, slots), n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->category[i].n == 0 || opinion[i] < 0) continue;
        int64_t s = (int64_t)(slice_hash(d->category[i]) & (uint64_t)(slots - 1));
        while (slot[s] && slice_compare(all[slot[s] - 1].name, d->category[i]) != 0)
            s = (s + 1) & (slots - 1);
        if (!slot[s]) {
            all[n].name = d->category[i];
            slot[s] = ++n;
        }
        all[slot[s] - 1].n++;
        all[slot[s] - 1].positive += opinion[i];
    }
    double *size = take(&scratch, double, n);
    for (int32_t i = 0; i < n; i++) size[i] = (double)all[i].n;
    int32_t *order = order_count(n, &scratch);
    order_down(order, n, size, scratch);
    group *sorted = take(keep, group, n);
    for (int32_t i = 0; i < n; i++) sorted[i] = all[order[i]];
    *count = n;
    return sorted;
}

static void put_categories(js *out, const language_data *d, const int32_t *opinion, scope *s) {
    int32_t n;
    group *g = groups_of(d, opinion, &n, &s->keep, s->scratch);
    js_array(out, "sentiment_by_category");
    for (int32_t i = 0; i < n && i < CATEGORIES; i++) {
        js_object(out, NULL);
        js_put_text(out, "category", g[i].name);
        put_share(out, g[i].positive, g[i].n);
        js_end(out);
    }
    js_end(out);
}

static int month_of(int32_t day) {
    int y, m, of_month;
    day_split(day, &y, &m, &of_month);
    return y * 12 + m - 1;
}

static void put_trend(js *out, const language_data *d, const int32_t *opinion, arena scratch) {
    int first = INT32_MAX, last = INT32_MIN;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] == INT32_MIN) continue;
        int month = month_of(d->day[i]);
        first = month < first ? month : first;
        last = month > last ? month : last;
    }
    js_array(out, "trend");
    int months = last >= first ? last - first + 1 : 0;
    int64_t *n = take(&scratch, int64_t, months), *positive = take(&scratch, int64_t, months);
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] == INT32_MIN || opinion[i] < 0) continue;
        n[month_of(d->day[i]) - first]++;
        positive[month_of(d->day[i]) - first] += opinion[i];
    }
    for (int m = 0; m < months; m++) {
        if (n[m] == 0) continue;
        js_object(out, NULL);
        js_putf(out, "month", "%04d-%02d", (first + m) / 12, (first + m) % 12 + 1);
        put_share(out, positive[m], n[m]);
        js_end(out);
    }
    js_end(out);
}

/* The grams with the largest weight x idf, which must be in 10 reviews or more. */
static void put_words(js *out, const sentiment_model *m, arena scratch) {
    int32_t terms = m->words.terms, *order = order_count(terms, &scratch);
    double *weight = take(&scratch, double, terms);
    for (int32_t t = 0; t < terms; t++)
        weight[t] = m->words.df[t] >= 10 ? m->line.weight[t] * m->words.idf[t] : 0;
    order_down(order, terms, weight, scratch);
    js_object(out, "words");
    for (int side = 0; side < 2; side++) {
        js_array(out, side == 0 ? "positive" : "negative");
        for (int i = 0; i < WORDS && i < terms; i++) {
            int32_t t = order[side == 0 ? i : terms - 1 - i];
            if (side == 0 ? weight[t] <= 0 : weight[t] >= 0) break;
            js_object(out, NULL);
            js_put_text(out, "word", m->words.term[t]);
            js_put_fixed(out, "weight", weight[t], 4);
            js_put_int(out, "reviews", m->words.df[t]);
            js_end(out);
        }
        js_end(out);
    }
    js_end(out);
}

static slice shortened(slice t) {
    if (t.n <= SHORT) return t;
    t.n = SHORT;
    t.n = slice_utf8_prefix(t);
    while (t.n > 0 && t.p[t.n - 1] != ' ') t.n--;
    return slice_trim(t);
}

/* The labelled reviews that are read most surely against their label. */
static void put_examples(js *out, const language_data *d, const language_reading *r, scope *s) {
    double *wrong = take(&s->keep, double, d->n);
    for (int64_t i = 0; i < d->n; i++)
        wrong[i] = d->label[i] < 0 || isnan(r->positive[i])
                       ? -1 : fabs((double)d->label[i] - r->positive[i]);
    int32_t *order = order_count(d->n, &s->keep);
    order_down(order, d->n, wrong, s->scratch);
    js_array(out, "examples");
    for (int i = 0; i < EXAMPLES && i < d->n && wrong[order[i]] >= 0; i++) {
        int32_t at = order[i];
        js_object(out, NULL);
        js_put_text(out, "category", d->category[at]);
        js_put_text(out, "text", shortened(d->words[at]));
        js_put_word(out, "label", d->label[at] ? "positive" : "negative");
        js_put_fixed(out, "positive", r->positive[at], 4);
        js_end(out);
    }
    js_end(out);
}

/* A head of words shows which ones carry the sentiment; the ready head's are not the shop's. */
static bool put_own_words(work *w, js *out, const language_data *d, const language_reading *r,
                          scope *s, err *e) {
    sentiment_model m = r->file.model;
    if (!r->ready && m.line.wide > 0) {
        language_head h = language_head_tuned(w, s, LANGUAGE_WORDS);
        sentiment_data all = language_data_pick(d, LANGUAGE_TRAIN, LANGUAGE_TEST, &s->keep, NULL);
        if (!language_head_fit(w, &h, &all, s, &m, e)) return false;
    }
    if (r->ready) m.words.terms = 0;
    put_words(out, &m, s->scratch);
    return true;
}

static void put_unread(js *out, const review_text *t) {
    js_object(out, "unread");
    js_put_int(out, "empty", t->count[REVIEW_EMPTY]);
    js_put_int(out, "signs", t->count[REVIEW_SIGNS]);
    js_put_int(out, "other_language", t->count[REVIEW_FOREIGN]);
    js_array(out, "languages");
    for (int i = 0; i < t->n_languages; i++) {
        js_object(out, NULL);
        js_put_word(out, "language", t->languages[i]);
        js_put_int(out, "reviews", t->in_language[i]);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

/* Members ladder, chosen, why and thresholds: as step 07 left them, or of the ready head. */
static void put_ladder(work *w, js *out, const language_reading *r, scope *s) {
    static const char *const members[] = {"ladder", "chosen", "why", "thresholds"};
    const js_node *tuned = work_report(w, s, "07_tune", "tune.json", "language");
    const sentiment_model *m = &r->file.model;
    for (int i = 0; i < 4 && !r->ready; i++)
        js_put_node(out, members[i], js_get(tuned, members[i]));
    if (!r->ready) return;
    js_array(out, "ladder");
    js_end(out);
    js_put_word(out, "chosen", r->reads);
    js_put_word(out, "why", r->note);
    js_object(out, "thresholds");
    js_put_real(out, "threshold", m->threshold);
    js_put_real(out, "low", m->band.low);
    js_put_real(out, "high", m->band.high);
    js_put_fixed(out, "abstain_share",
                 r->read > 0 ? (double)r->uncertain / (double)r->read : 0, 4);
    js_end(out);
}

static bool write_table(work *w, folder *f, const language_data *d, const language_reading *r,
                        scope *s, err *e) {
    static const char *const names[] = {"review", "language", "positive", "sentiment"};
    static const column_type types[] = {COLUMN_I32, COLUMN_TEXT, COLUMN_REAL, COLUMN_TEXT};
    columns c = columns_new(&s->keep, 4, names, types, d->n);
    for (int k = 1; k < 3; k++) c.at[k].valid = take(&s->keep, uint8_t, d->n);
    for (int64_t i = 0; i < d->n; i++) {
        const char *language = d->read.language[i];
        c.at[0].i32[i] = d->review[i];
        c.at[1].valid[i] = language != NULL;
        c.at[1].text[i] = slice_of(language ? language : "");
        c.at[2].valid[i] = (uint8_t)!isnan(r->positive[i]);
        if (c.at[2].valid[i]) c.at[2].real[i] = round(r->positive[i] * 1e6) / 1e6;
        c.at[3].text[i] = slice_of(language_reading_word(r, r->positive[i]));
    }
    return db_put(w->d, "review_sentiment", &c, e) &&
           db_write_parquet(w->d, "review_sentiment", folder_path(f, "review_sentiment.parquet"),
                            e) &&
           folder_rows(f, "review_sentiment.parquet", d->n);
}

static bool put_all(work *w, js *out, const language_data *d, const language_reading *r, scope *s,
                    err *e) {
    const int32_t *opinion = opinions(d, r, &s->keep);
    js_put_int(out, "reviews", d->n);
    js_put_word(out, "label", r->ready ? d->skip : d->rule);
    js_put_word(out, "head", r->ready ? "learnt from film reviews (SST-2)"
                                      : "learnt from this shop's reviews");
    js_put_word(out, "maker", r->maker);
    js_put_word(out, "note", r->note);
    put_whole(out, d, opinion);
    put_categories(out, d, opinion, s);
    put_trend(out, d, opinion, s->scratch);
    if (!put_own_words(w, out, d, r, s, e)) return false;
    put_examples(out, d, r, s);
    put_ladder(w, out, r, s);
    put_unread(out, &d->read);
    return true;
}

bool language_sentiment_insight(work *w, folder *f, scope *s, const language_data *d,
                                const review_vectors *v, js *report, err *e) {
    language_reading r;
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    (void)v; /* those that the head wants come from the cache */
    if (!language_reading_make(w, s, d, &r, e)) return false;
    if (r.skip) return js_put_word(report, "skipped", r.skip), true;
    js_open(out, s);
    out->indent = true;
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.language/1");
    if (!put_all(w, out, d, &r, s, e)) return false;
    js_end(out);
    text_add_char(&out->out, '\n');
    js_put_word(report, "file", "language.json");
    js_put_word(report, "reads", r.reads);
    js_put_word(report, "note", r.note);
    js_put_int(report, "read", r.read);
    js_put_int(report, "uncertain", r.uncertain);
    return folder_write(f, "language.json", text_slice(&out->out), e) &&
           write_table(w, f, d, &r, s, e);
}
