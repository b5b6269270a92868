/* the sentiment ladder: when it goes up, what it says, and the heads that it leaves behind. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "check_json.h"
#include "encoder_folder.h"
#include "pipeline/language_ladder.h"
#include "pipeline/sentiment_file.h"

/* ---- the climb ---- */

enum { ROWS = 800 };

/* Rows whose true class gets `right` in all but every tenth, which gets 1 - right; `shift` moves
 * which ones, so that two of these differ by row but not in the mean. */
static metrics_class_data planted(const int32_t *label, double right, int shift, arena *keep) {
    double *q = take(keep, double, 2 * ROWS);
    int32_t *said = take(keep, int32_t, ROWS);
    for (int i = 0; i < ROWS; i++) {
        double p = (i + shift) % 10 == 0 ? 1 - right : right;
        q[2 * i + label[i]] = p;
        q[2 * i + 1 - label[i]] = 1 - p;
        said[i] = q[2 * i + 1] > 0.5;
    }
    return (metrics_class_data){q, label, said, ROWS, 2};
}

typedef struct climb {
    scope s;
    int32_t label[ROWS];
    pool *threads;
    language_gain gain[LANGUAGE_RUNGS];
} climb;

static climb *climb_open(void) {
    static climb c;
    err e = {0};
    memset(&c, 0, sizeof c);
    check_ok(scope_open(&c.s, 16 << 20, 64 << 20, &e), &e);
    check_ok((c.threads = pool_open(2, 16 << 20, &e)) != NULL, &e);
    for (int i = 0; i < ROWS; i++) c.label[i] = i % 3 != 0;
    return &c;
}

static void climb_close(climb *c) {
    pool_close(c->threads);
    scope_close(&c->s);
}

/* Mean log loss of planted rows, by hand. */
static double loss_of(double right) { return -(0.9 * log(right) + 0.1 * log(1 - right)); }

CHECK(ladder_goes_up_where_the_gain_is_clear) {
    climb *c = climb_open();
    metrics_class_data rung[LANGUAGE_RUNGS] = {planted(c->label, 0.6, 0, &c->s.keep),
                                               planted(c->label, 0.6, 5, &c->s.keep),
                                               planted(c->label, 0.8, 3, &c->s.keep)};
    check(language_ladder_climb(rung, 1, c->threads, c->gain, c->s.scratch) == LANGUAGE_BOTH);
    check_text(slice_of(c->gain[LANGUAGE_VECTORS].verdict), "no difference shown");
    check_text(slice_of(c->gain[LANGUAGE_BOTH].verdict), "better");
    check(c->gain[LANGUAGE_BOTH].over == LANGUAGE_WORDS); /* vectors were not chosen */
    double less = loss_of(0.8) - loss_of(0.6);
    /* 1e-12: sums of 800 logarithms */
    check_near(c->gain[LANGUAGE_BOTH].difference, less, 1e-12);
    check_near(c->gain[LANGUAGE_VECTORS].difference, 0, 1e-12);
    check(c->gain[LANGUAGE_BOTH].low < less && less < c->gain[LANGUAGE_BOTH].high &&
          c->gain[LANGUAGE_BOTH].high < 0);
    climb_close(c);
}

CHECK(ladder_stays_where_the_gain_is_not_clear) {
    climb *c = climb_open();
    /* vectors clearly better than words; both hardly better than vectors, on other rows */
    metrics_class_data rung[LANGUAGE_RUNGS] = {planted(c->label, 0.6, 0, &c->s.keep),
                                               planted(c->label, 0.8, 5, &c->s.keep),
                                               planted(c->label, 0.803, 3, &c->s.keep)};
    check(language_ladder_climb(rung, 1, c->threads, c->gain, c->s.scratch) == LANGUAGE_VECTORS);
    check(c->gain[LANGUAGE_BOTH].over == LANGUAGE_VECTORS);
    check(c->gain[LANGUAGE_BOTH].difference < 0 && c->gain[LANGUAGE_BOTH].high > 0);
    check_text(slice_of(c->gain[LANGUAGE_BOTH].verdict), "no difference shown");
    /* clearly worse is not up either; a rung without rows is not tried */
    rung[LANGUAGE_VECTORS] = (metrics_class_data){0};
    rung[LANGUAGE_BOTH] = planted(c->label, 0.52, 0, &c->s.keep);
    check(language_ladder_climb(rung, 1, c->threads, c->gain, c->s.scratch) == LANGUAGE_WORDS);
    check_text(slice_of(c->gain[LANGUAGE_BOTH].verdict), "worse");
    climb_close(c);
}

/* ---- through the steps ---- */

/* n reviews whose words say nothing; nine in ten of the glad ones end in "!", which is no word but
 * a piece to an encoder. */
static void open_shop(desk *p, const char *name, int n, int threads) {
    desk_open(p, threads, name, (windows){18000, 18120, 18160, 18200});
    static const char *const names[] = {"review", "article", "day",         "category",
                                        "rating", "text",    "recommended", "title"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32,  COLUMN_DAY, COLUMN_TEXT,
                                        COLUMN_I32, COLUMN_TEXT, COLUMN_I32, COLUMN_TEXT};
    static const char *const words[] = {"the", "dress", "fits", "well"};
    columns c = columns_new(&p->s.keep, 8, names, types, n);
    for (int k = 6; k < 8; k++) c.at[k].valid = take(&p->s.keep, uint8_t, n);
    for (int i = 0; i < n; i++) {
        rng r = rng_open(33, (uint64_t)i);
        bool glad = rng_uniform(&r) < 0.6, honest = rng_uniform(&r) < 0.9;
        c.at[0].i32[i] = i;
        c.at[2].i32[i] = 18000 + i * 200 / n;
        c.at[3].text[i] = i % 2 ? SLICE("Dresses") : SLICE("Trousers");
        c.at[4].i32[i] = glad ? 5 : 1;
        c.at[5].text[i] = slice_of(arena_text(
            &p->s.keep, "%s %s %s w%d%s", words[rng_below(&r, 4)], words[rng_below(&r, 4)],
            words[rng_below(&r, 4)], i, glad == honest ? " ! !" : ""));
    }
    check_ok(db_put(p->w.d, "e_reviews", &c, &p->e), &p->e);
    desk_sql(p, "CREATE TABLE articles(article INTEGER, article_id VARCHAR, name VARCHAR)");
}

/* The tiny encoder as --encoder takes it. */
static const char *tiny_encoder(desk *p) {
    const char *dir = arena_text(&p->s.keep, "%s/tiny", p->w.out);
    check_ok(file_make_folders(dir, &p->e), &p->e);
    encoder_folder_safe(dir, &p->s);
    return dir;
}

static void text_is(const js_node *n, const char *key, const char *wanted) {
    slice got = {"", 0};
    js_text(js_get(n, key), &got);
    check_text(got, wanted);
}

CHECK(ladder_climbs_to_vectors_that_see_what_words_do_not) {
    desk p;
    open_shop(&p, "ladder-up", 1500, 2);
    p.w.encoder = tiny_encoder(&p);
    const js_node *trained = desk_step(&p, family_language.train, "language", "06_train",
                                       "train.json");
    check(js_count(js_get(trained, "ladder")) == 3);
    const js_node *tuned = desk_step(&p, family_language.tune, "language", "07_tune", "tune.json");
    const js_node *steps = js_get(tuned, "ladder");
    check(js_count(js_get(tuned, "trials")) == 22 && js_count(steps) == 4);
    text_is(tuned, "chosen", "vectors");
    check_has(text_of(tuned, "why"), "below that of words");
    text_is(js_get(js_at(steps, 1), "gain"), "verdict", "better");
    text_is(js_get(js_at(steps, 1), "gain"), "over", "words");
    text_is(js_get(js_at(steps, 2), "gain"), "over", "vectors");
    text_is(js_at(steps, 3), "step", "fine-tuned");
    check(!js_is_object(js_get(js_at(steps, 3), "validation")));
    /* words are blind, vectors are as good as nine in ten honest reviews let them be: 0.9 of 300,
     * within four standard errors */
    check(desk_real(js_get(js_at(steps, 0), "validation"), "auc") < 0.6);
    check_near(desk_real(js_get(js_at(steps, 1), "validation"), "accuracy"), 0.9, 4 * 0.0173);
    const js_node *band = js_get(tuned, "thresholds");
    check(desk_real(band, "low") <= desk_real(band, "threshold") &&
          desk_real(band, "threshold") <= desk_real(band, "high"));
    const js_node *judged = desk_step(&p, family_language.evaluate, "language", "08_evaluate",
                                      "evaluation.json");
    const js_node *models = js_get(judged, "models"), *compared = js_get(judged, "comparisons");
    check(js_count(models) == 3 && js_count(compared) == 10);
    text_is(js_at(models, 1), "name", "tf-idf + logistic regression");
    text_is(js_at(models, 1), "role", "baseline");
    text_is(js_at(models, 2), "role", "served");
    check_has(text_of(js_at(models, 2), "name"), "tiny");
    for (int i = 0; i < 10; i++) text_is(js_at(compared, i), "verdict", "better");
    check_has(text_of(judged, "verdict"), "a gain");
    const js_node *told = desk_step(&p, family_language.insight, "language", "09_insight",
                                    "insight.json");
    text_is(told, "reads", "vectors");
    /* the published head knows its encoder, and that encoder is found again */
    sentiment_file f;
    encoder_file encoder;
    desk_step(&p, family_language.publish, "language", "10_serve", "home.json");
    check_ok(sentiment_file_open(&f, work_path(&p.w, &p.s.keep, "10_serve", "language.atm"), &p.s,
                                 &p.e), &p.e);
    check(f.model.line.wide == 64 && f.model.words.terms == 0);
    check_near(f.model.threshold, desk_real(band, "threshold"), 1e-6); /* kept with six digits */
    check_ok(sentiment_file_encoder(&f, NULL, &encoder, &p.s, &p.e), &p.e);
    desk_close(&p);
}

CHECK(ladder_without_vectors_stays_at_words_and_says_why) {
    desk p;
    open_shop(&p, "ladder-words", 1200, 2);
    p.w.encoder = "none";
    const js_node *tuned = desk_step(&p, family_language.tune, "language", "07_tune", "tune.json");
    text_is(tuned, "chosen", "words");
    check_has(text_of(tuned, "why"), "--encoder none");
    check(js_count(js_get(tuned, "trials")) == 8);
    text_is(js_at(js_get(tuned, "ladder"), 1), "cost", "not tried");
    check(!js_is_object(js_get(js_at(js_get(tuned, "ladder"), 2), "gain")));
    const js_node *judged = desk_step(&p, family_language.evaluate, "language", "08_evaluate",
                                      "evaluation.json");
    check(js_count(js_get(judged, "models")) == 2);
    desk_close(&p);
}

CHECK(ladder_is_the_same_with_any_number_of_threads) {
    slice first = {0};
    desk p[3];
    for (int t = 0; t < 3; t++) {
        open_shop(&p[t], "ladder-threads", 700, (int[]){1, 2, 8}[t]);
        p[t].w.encoder = tiny_encoder(&p[t]);
        js *report = take(&p[t].s.keep, js, 1);
        js_open(report, &p[t].s);
        js_object(report, NULL);
        check_ok(family_language.tune(&p[t].w, NULL, &p[t].s, report, &p[t].e), &p[t].e);
        if (t == 0) first = text_slice(&report->out);
        check(slice_compare(first, text_slice(&report->out)) == 0);
    }
    for (int t = 0; t < 3; t++) desk_close(&p[t]);
}
