/* language_tiles: what step 09 says of the reviews (language.json) and step 10 publishes of them.
 *
 * {"schema": "atelier.language/1", "reviews": n, "label": rule,
 *  "sentiment_by_category": [{"category", "n", "positive_share", "low", "high"}],
 *  "trend": [{"month": "2020-01", "n", "positive_share", "low", "high"}],
 *  "words": {"positive": [{"word", "weight", "reviews"}], "negative": [...]},
 *  "examples": [{"category", "text", "label", "positive"}]}
 * Shares count the reviews' own labels; reviews without one are read by the model. Intervals are
 * Wilson's, 95 %. Examples are test reviews that the model is surest to see otherwise than their
 * label: stars and words that disagree. */
#include "pipeline/language_aspects.h"
#include "pipeline/language_tiles.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/interval.h"
#include "pipeline/language_head.h"
#include "pipeline/language_reviews.h"
#include "pipeline/language_topics.h"
#include "pipeline/language_toxicity.h"
#include "pipeline/review_vectors.h"
#include "pipeline/sentiment_file.h"
#include "pipeline/tile.h"

enum {
    WORDS = 15,    /* on each side */
    EXAMPLES = 3,
    CATEGORIES = 40,
    SHORT = 240,   /* bytes of an example, at most */
};

/* A model of all labelled reviews in any part. */
static bool fit_all(work *w, const language_data *d, scope *s, sentiment_model *m, err *e) {
    language_head h = language_head_tuned(w, s, LANGUAGE_WORDS);
    sentiment_data all = language_data_pick(d, LANGUAGE_TRAIN, LANGUAGE_TEST, &s->keep, NULL);
    return language_head_fit(w, &h, &all, s, m, e);
}

/* The label of each review, or the model's answer where it has none. */
static int32_t *opinions(work *w, const language_data *d, const sentiment_model *m, scope *s) {
    int32_t *out = take_copy(&s->keep, int32_t, d->label, d->n);
    slice *texts = take(&s->keep, slice, d->n);
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] < 0) texts[n++] = d->texts[i];
    double *q = sentiment_score(m, texts, NULL, n, w->threads, &s->keep, s->scratch);
    n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] < 0) out[i] = q[2 * n++ + 1] > m->threshold;
    return out;
}

static void put_share(js *out, int64_t positive, int64_t n) {
    interval share = interval_wilson(positive, n);
    js_put_int(out, "n", n);
    js_put_real(out, "positive_share", share.value);
    js_put_real(out, "low", share.low);
    js_put_real(out, "high", share.high);
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
        if (d->category[i].n == 0) continue;
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
        if (d->day[i] == INT32_MIN) continue;
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

static bool put_examples(work *w, js *out, const language_data *d, scope *s, err *e) {
    sentiment_model m;
    int32_t *row;
    language_head h = language_head_tuned(w, s, LANGUAGE_WORDS);
    sentiment_data fit = language_data_pick(d, LANGUAGE_TRAIN, LANGUAGE_VALID, &s->keep, NULL);
    sentiment_data test = language_data_pick(d, LANGUAGE_TEST, LANGUAGE_TEST, &s->keep, &row);
    if (!language_head_fit(w, &h, &fit, s, &m, e)) return false;
    double *q = sentiment_score(&m, test.texts, NULL, test.n, w->threads, &s->keep,
                                s->scratch);
    double *wrong = take(&s->keep, double, test.n);
    for (int64_t i = 0; i < test.n; i++)
        wrong[i] = fabs((double)test.label[i] - q[2 * i + 1]);
    int32_t *order = order_count(test.n, &s->keep);
    order_down(order, test.n, wrong, s->scratch);
    js_array(out, "examples");
    for (int i = 0; i < EXAMPLES && i < test.n; i++) {
        int32_t at = order[i];
        js_object(out, NULL);
        js_put_text(out, "category", d->category[row[at]]);
        js_put_text(out, "text", shortened(d->words[row[at]]));
        js_put_word(out, "label", test.label[at] ? "positive" : "negative");
        js_put_fixed(out, "positive", q[2 * at + 1], 4);
        js_end(out);
    }
    js_end(out);
    return true;
}

/* language.json and the table review_sentiment. */
static bool sentiment_insight(work *w, folder *f, scope *s, const language_data *d,
                              const review_vectors *v, js *report, err *e) {
    sentiment_model m;
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    (void)v;
    if (d->skip) return js_put_word(report, "skipped", d->skip), true;
    if (!fit_all(w, d, s, &m, e)) return false;
    const int32_t *opinion = opinions(w, d, &m, s);
    js_open(out, s);
    out->indent = true;
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.language/1");
    js_put_int(out, "reviews", d->n);
    js_put_word(out, "label", d->rule);
    put_categories(out, d, opinion, s);
    put_trend(out, d, opinion, s->scratch);
    put_words(out, &m, s->scratch);
    if (!put_examples(w, out, d, s, e)) return false;
    js_end(out);
    text_add_char(&out->out, '\n');
    js_put_word(report, "file", "language.json");
    return folder_write(f, "language.json", text_slice(&out->out), e);
}

static bool reviews_insight(work *w, folder *f, scope *s, const language_data *d,
                            const review_vectors *v, js *report, err *e) {
    (void)v;
    return language_reviews_insight(w, f, s, d, report, e);
}

/* The parts of step 09 that read reviews, in their order: a later one may read the tables of those
 * before it (review_sentiment, review_topics, …). Each has a scope of its own. */
typedef bool language_part_insight(work *w, folder *f, scope *s, const language_data *d,
                                   const review_vectors *v, js *report, err *e);
static language_part_insight *const parts[] = {sentiment_insight, language_topics_insight,
                                               language_aspects_insight,
                                               language_toxicity_insight, reviews_insight};

bool language_insight(work *w, folder *f, scope *s, js *report, err *e) {
    language_data d;
    review_vectors v;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.n == 0) return js_put_word(report, "skipped", d.skip), true;
    if (!review_vectors_make(w, s, d.texts, d.n, &v, e)) return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        scope own;
        if (!scope_open(&own, (size_t)16 << 30, (size_t)8 << 30, e)) return false;
        bool done = parts[i](w, f, &own, &d, &v, report, e);
        scope_close(&own);
        if (!done) return false;
    }
    return true;
}

/* ---- step 10 ---- */

/* A metric of the first model with that role in evaluation.json. */
static double metric_of(const js_node *evaluation, const char *role, const char *name) {
    double value = NAN;
    const js_node *models = js_get(evaluation, "models"), *one = NULL;
    for (int64_t i = 0; i < js_count(models); i++) {
        slice is = {"", 0};
        js_text(js_get(js_at(models, i), "role"), &is);
        if (!one && slice_is(is, role)) one = js_at(models, i);
    }
    js_real(js_get(js_get(js_get(one, "metrics"), name), "value"), &value);
    return value;
}

static void put_tile(work *w, scope *s, js *home, const js_node *tiles) {
    const js_node *evaluation = js_get(tile_read(w, s, "08_evaluate", "evaluation.json"),
                                       "language");
    const js_node *by = js_get(tiles, "sentiment_by_category");
    double accuracy = metric_of(evaluation, "served", "accuracy");
    double base = metric_of(evaluation, "baseline", "accuracy");
    slice x[8], best = SLICE("none"), worst = SLICE("none");
    double value[8] = {0}, low[8] = {0}, high[8] = {0};
    int n = 0;
    for (; n < 8 && n < js_count(by); n++) {
        const js_node *one = js_at(by, n);
        js_text(js_get(one, "category"), &x[n]);
        js_real(js_get(one, "positive_share"), &value[n]);
        js_real(js_get(one, "low"), &low[n]);
        js_real(js_get(one, "high"), &high[n]);
    }
    int top = 0, bottom = 0;
    for (int i = 1; i < n; i++) {
        if (value[i] > value[top]) top = i;
        if (value[i] < value[bottom]) bottom = i;
    }
    if (n > 0) best = x[top], worst = x[bottom];
    tile_headline h = {"reviews read right", accuracy, "percent",
                       arena_text(&s->keep, "always guessing the commoner class: %.1f %%",
                                  100 * base)};
    const char *sentence =
        n > 1 ? arena_text(&s->keep,
                           "Of the large categories %.*s is liked best (%.0f %% positive) and "
                           "%.*s least (%.0f %%).",
                           (int)best.n, best.p, 100 * value[top], (int)worst.n, worst.p,
                           100 * value[bottom])
              : "The reviews name no categories.";
    tile_put(home, &h, sentence, tile_verdict(w, s, "language"));
    tile_chart chart = {"bar", "category", "positive share", "positive", n, x, value, low, high};
    tile_put_chart(home, &chart);
}

bool language_publish(work *w, folder *f, scope *s, js *home, err *e) {
    static const slice classes[2] = {{"negative", 8}, {"positive", 8}};
    language_data d;
    sentiment_file file = {.classes = classes};
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.skip) return js_put_word(home, "skipped", d.skip), true;
    if (!fit_all(w, &d, s, &file.model, e) ||
        !sentiment_file_save(&file, folder_path(f, "language.atm"), s, e))
        return false;
    put_tile(w, s, home, tile_read(w, s, "09_insight", "language.json"));
    return language_reviews_publish(w, f, s, e);
}
