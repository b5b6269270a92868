/* language_tiles: what step 09 says of the reviews, part by part, and step 10 publishes of them. */
#include "pipeline/language_tiles.h"

#include <math.h>
#include <string.h>

#include "pipeline/language_aspects.h"
#include "pipeline/language_reading.h"
#include "pipeline/language_reviews.h"
#include "pipeline/language_sentiment.h"
#include "pipeline/language_topics.h"
#include "pipeline/language_toxicity.h"
#include "pipeline/tile.h"

static bool reviews_insight(work *w, folder *f, scope *s, const language_data *d,
                            const review_vectors *v, js *report, err *e) {
    (void)v;
    return language_reviews_insight(w, f, s, d, report, e);
}

/* The parts of step 09 that read reviews, in their order: a later one may read the tables of those
 * before it (review_sentiment, review_topics, …). Each has a scope of its own. */
typedef bool language_part_insight(work *w, folder *f, scope *s, const language_data *d,
                                   const review_vectors *v, js *report, err *e);
static language_part_insight *const parts[] = {language_sentiment_insight,
                                               language_topics_insight, language_aspects_insight,
                                               language_toxicity_insight,
                                               reviews_insight};

bool language_insight(work *w, folder *f, scope *s, js *report, err *e) {
    language_data d;
    language_vectors v;
    if (!language_data_read(w, s, &d, e)) return false;
    if (d.n == 0) return js_put_word(report, "skipped", d.skip), true;
    if (!language_vectors_make(w, s, &d, true, &v, e)) return false; /* none of word counts */
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        scope own;
        if (!family_scope(&own, e)) return false;
        bool done = parts[i](w, f, &own, &d, &v.of, report, e);
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

/* What leads the tile: how many are read right, or without labels how many sound positive. */
static tile_headline headline(work *w, scope *s, const js_node *tiles, const char *note) {
    const js_node *evaluation = work_report(w, s, "08_evaluate", "evaluation.json", "language");
    double share = NAN;
    js_real(js_get(js_get(tiles, "all"), "positive_share"), &share);
    if (note)
        return (tile_headline){"reviews read as positive", share, "percent",
                               "read by a head that learnt from film reviews"};
    return (tile_headline){"reviews read right", metric_of(evaluation, "served", "accuracy"),
                           "percent",
                           arena_text(&s->keep, "always guessing the commoner class: %.1f %%",
                                      100 * metric_of(evaluation, "baseline", "accuracy"))};
}

static void put_tile(work *w, scope *s, js *home, const js_node *tiles, const char *note) {
    const js_node *by = js_get(tiles, "sentiment_by_category");
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
    tile_headline h = headline(w, s, tiles, note);
    const char *sentence =
        n > 1 ? arena_text(&s->keep,
                           "Of the large categories %.*s is liked best (%.0f %% positive) and "
                           "%.*s least (%.0f %%).",
                           (int)best.n, best.p, 100 * value[top], (int)worst.n, worst.p,
                           100 * value[bottom])
              : "The reviews name no categories.";
    tile_put(home, &h, sentence, note ? slice_of(note) : tile_verdict(w, s, "language"));
    tile_chart chart = {"bar", "category", "positive share", "positive", n, x, value, low, high};
    tile_put_chart(home, &chart);
}

bool language_publish(work *w, folder *f, scope *s, js *home, err *e) {
    language_data d;
    language_reading r;
    if (!language_data_read(w, s, &d, e) || !language_reading_head(w, s, &d, &r, e)) return false;
    if (r.skip) return js_put_word(home, "skipped", r.skip), true;
    /* without a file of the shop's own the server reads by the head that the program carries */
    if (!r.ready && !sentiment_file_save(&r.file, folder_path(f, "language.atm"), s, e))
        return false;
    put_tile(w, s, home, tile_read(w, s, "09_insight", "language.json"), r.note);
    return language_reviews_publish(w, f, s, e);
}
