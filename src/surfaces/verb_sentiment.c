/* verb_sentiment: learns the sentiment of texts from labels, or reads texts with a model. */
#include <stdio.h>
#include <string.h>

#include "models/language/sentiment_tune.h"
#include "models/metrics_class.h"
#include "pipeline/sentiment_file.h"
#include "surfaces/sentiment_finetune.h"
#include "surfaces/sentiment_texts.h"
#include "surfaces/sentiment_vectors.h"

enum { FOLDS = 5 };

/* Scores labelled rows; into the document and, as one line, onto stderr. */
static void judge(const sentiment_model *m, const sentiment_data *d, const char *what, bench *b,
                  scope *s, js *out) {
    double *q = sentiment_score(m, d->texts, d->vectors, d->n, b->threads, &s->keep, s->scratch);
    int32_t *said = take(&s->keep, int32_t, d->n);
    sentiment_choose(m, q, d->n, said);
    metrics_class_data data = {q, d->label, said, d->n, m->line.classes};
    metrics_class all = metrics_class_all(&data, s->scratch);
    js_object(out, what);
    js_put_int(out, "n", d->n);
    for (int k = 0; k < METRICS_CLASS_N; k++)
        js_put_real(out, metrics_class_names[k], ((const double *)&all)[k]);
    int64_t most = 0, *count = take(&s->keep, int64_t, m->line.classes);
    for (int64_t i = 0; i < d->n; i++) count[d->label[i]]++;
    for (int c = 0; c < m->line.classes; c++) most = count[c] > most ? count[c] : most;
    double majority = d->n > 0 ? (double)most / (double)d->n : 0;
    js_put_real(out, "majority_accuracy", majority);
    js_end(out);
    fprintf(stderr, "%s: %lld texts, accuracy %.4f (commonest class %.4f), macro F1 %.4f", what,
            (long long)d->n, all.accuracy, majority, all.macro_f1);
    if (m->line.classes == 2)
        fprintf(stderr, ", F1 of %s %.4f, AUC %.4f, calibration error %.4f", "the first class",
                all.f1_negative, all.auc, all.ece);
    fputc('\n', stderr);
}

/* ---- learning ---- */

static void put_trials(js *out, const sentiment_tuned *t) {
    js_object(out, "tuning");
    js_put_int(out, "fitted_on", t->fitted_on);
    js_put_int(out, "judged_on", t->judged_on);
    js_array(out, "trials");
    for (int i = 0; i < t->n; i++) {
        js_object(out, NULL);
        js_put_real(out, "c", t->trial[i].c);
        if (t->trial[i].vector_weight > 0)
            js_put_real(out, "vector_weight", t->trial[i].vector_weight);
        js_put_fixed(out, "log_loss", t->trial[i].log_loss, 6);
        js_put_fixed(out, "temperature", t->trial[i].temperature, 4);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

/* --c and --vector-weight as given; what is not is chosen on a slice of the fitted texts. */
static bool choose(const args *a, const sentiment_data *fit, sentiment_params *p, bench *b,
                   scope *s, js *out, err *e) {
    sentiment_tuned tuned = {0};
    p->folds = FOLDS;
    p->sure = args_real(a, "sure");
    p->words.max_n = (int)args_int(a, "grams");
    p->words.min_df = (int)args_int(a, "min-texts");
    if (args_given(a, "most-terms")) p->most_terms = (int32_t)args_int(a, "most-terms");
    bool given = args_given(a, "c");
    if (!given && !sentiment_tune(fit, p, b->threads, &tuned, s->scratch, e)) return false;
    if (given) p->line.c = args_real(a, "c");
    if (args_given(a, "vector-weight")) p->vector_weight = args_real(a, "vector-weight");
    put_trials(out, &tuned);
    js_object(out, "parameters");
    js_put_real(out, "c", p->line.c);
    js_put_int(out, "grams", p->words.max_n);
    js_put_int(out, "min_texts", p->words.min_df);
    if (fit->vectors) js_put_real(out, "vector_weight", p->vector_weight);
    js_end(out);
    return true;
}

static void put_model(js *out, const sentiment_model *m) {
    js_put_int(out, "terms", m->words.terms);
    js_put_int(out, "vector_columns", m->line.wide);
    js_put_real(out, "temperature", m->temperature);
    js_put_real(out, "threshold", m->threshold);
    js_object(out, "uncertain");
    js_put_real(out, "above", m->band.low);
    js_put_real(out, "to", m->band.high);
    js_end(out);
}

/* Fits once more on every labelled text, with what was learnt about it on the fitted ones. */
static bool keep_model(const args *a, const sentiment_texts *t, const sentiment_vectors *v,
                       const sentiment_file *f, sentiment_params p, bench *b, scope *s, err *e) {
    const char *path = args_text(a, "model");
    if (!path) return true;
    sentiment_file whole = *f;
    sentiment_data all = sentiment_vectors_pick(v, t, 0, 1, &s->keep);
    p.folds = 1;
    if (!sentiment_fit(&whole.model, &all, p, b->threads, &s->keep, s->scratch, e)) return false;
    whole.model.temperature = f->model.temperature;
    whole.model.threshold = f->model.threshold;
    whole.model.band = f->model.band;
    return sentiment_file_save(&whole, path, s, e);
}

/* Moves the encoder's weights too; the model that is kept is the one that is judged. */
static bool fine_tune(const args *a, bench *b, scope *s, sentiment_texts *t, sentiment_vectors *v,
                      sentiment_file *f, js *out, err *e) {
    double share = args_real(a, "holdout");
    bool read = share > 0 || args_given(a, "out");
    if (!sentiment_finetune(a, b, t, f, s, out, e) ||
        (read && !sentiment_vectors_of_model(a, b, t, v, f, s, out, e)))
        return false;
    js_put_word(out, "target", t->target);
    put_model(out, &f->model);
    sentiment_data test = sentiment_vectors_pick(v, t, 0, share, &s->keep);
    if (test.n > 0) judge(&f->model, &test, "held_out", b, s, out);
    return true;
}

/* Learns on 80 %, judges on 20 %; --model keeps a model of all. */
static bool learn(const args *a, bench *b, scope *s, sentiment_texts *t, sentiment_vectors *v,
                  sentiment_file *f, js *out, err *e) {
    sentiment_params p = SENTIMENT_DEFAULTS;
    double share = args_real(a, "holdout");
    if (!t->target)
        return refuse(e, "no column says what the texts mean: name it by --label COLUMN, or leave "
                         "--fit away to read the texts with a model");
    f->english = sentiment_texts_english(t);
    sentiment_texts_settle(t, f->english, out);
    if (args_flag(a, "fine-tune")) return fine_tune(a, b, s, t, v, f, out, e);
    if (!sentiment_vectors_for_fit(a, b, t, v, f, s, out, e)) return false;
    sentiment_data fit = sentiment_vectors_pick(v, t, share, 1, &s->keep);
    sentiment_data test = sentiment_vectors_pick(v, t, 0, share, &s->keep);
    f->classes = t->classes;
    p.use_words = !args_flag(a, "no-words");
    if (!p.use_words && !v->rows) return refuse(e, "--no-words leaves nothing to learn from "
                                                   "without an encoder");
    if (!choose(a, &fit, &p, b, s, out, e) ||
        !sentiment_fit(&f->model, &fit, p, b->threads, &s->keep, s->scratch, e))
        return false;
    js_put_word(out, "target", t->target);
    js_put_int(out, "fitted_on", fit.n);
    put_model(out, &f->model);
    if (test.n > 0) judge(&f->model, &test, "held_out", b, s, out);
    return keep_model(a, t, v, f, p, b, s, e);
}

/* ---- reading ---- */

/* Reads with the open model, or the ready head; labels that are there are judged. */
static bool use(const args *a, bench *b, scope *s, sentiment_texts *t, sentiment_vectors *v,
                sentiment_file *f, js *out, err *e) {
    bool given = args_text(a, "model") != NULL;
    if (!sentiment_vectors_for_reading(a, b, t, given, v, f, s, out, e)) return false;
    put_model(out, &f->model);
    if (!t->target) return true;
    sentiment_texts_rename(t, f->classes, f->model.line.classes);
    sentiment_data known = sentiment_vectors_pick(v, t, 0, 1, &s->keep);
    if (known.n > 0) judge(&f->model, &known, "labelled", b, s, out);
    return true;
}

/* The answer for one text in words; `uncertain` only where it was asked for. */
static slice answer(const sentiment_file *f, const double *q, int32_t said, bool abstain) {
    const calibrate_band *band = &f->model.band;
    bool unsure = f->model.line.classes == 2 && q[1] > band->low && q[1] <= band->high;
    return abstain && unsure ? SLICE("uncertain") : f->classes[said];
}

static const char *const result_names[] = {"line", "label", "predicted", "probability", "split",
                                           "note"};
static const column_type result_types[] = {COLUMN_I64,  COLUMN_TEXT, COLUMN_TEXT,
                                           COLUMN_REAL, COLUMN_TEXT, COLUMN_TEXT};

/* One row a text. probability is of the second class, or of the predicted one when there are more
 * than two; a text that is not read has neither, and its note says why. */
static bool predict(const args *a, bench *b, scope *s, const sentiment_texts *t,
                    const sentiment_vectors *v, const sentiment_file *f, bool learnt, err *e) {
    if (learnt && !args_given(a, "out")) return true;
    columns c = columns_new(&s->keep, 6, result_names, result_types, t->n);
    double *q = sentiment_score(&f->model, t->text, v->rows, t->n, b->threads, &s->keep,
                                s->scratch);
    int32_t *said = take(&s->keep, int32_t, t->n);
    int classes = f->model.line.classes;
    sentiment_choose(&f->model, q, t->n, said);
    for (int i = 1; i < 4; i++) c.at[i].valid = take(&s->keep, uint8_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        bool known = t->label[i] >= 0, read = t->reading[i] == SENTIMENT_READ;
        bool held = sentiment_place(t->alone[i], 0) < args_real(a, "holdout");
        c.at[0].i64[i] = t->line[i];
        c.at[1].valid[i] = known;
        c.at[1].text[i] = known ? t->classes[t->label[i]] : SLICE("");
        c.at[2].valid[i] = c.at[3].valid[i] = read;
        c.at[2].text[i] = read ? answer(f, q + i * classes, said[i], args_flag(a, "abstain"))
                               : SLICE("");
        c.at[3].real[i] = q[i * classes + (classes == 2 ? 1 : said[i])];
        c.at[4].text[i] = !learnt || !known || !read ? SLICE("new")
                          : held                     ? SLICE("test")
                                                     : SLICE("train");
        c.at[5].text[i] = read ? SLICE("") : slice_of(sentiment_readings[t->reading[i]]);
    }
    return db_put(b->d, "predictions", &c, e) && verb_write(a, b, "predictions", e);
}

/* Ratings in as many classes as the model has (none is open: as asked). */
static const char *classes_like(const args *a, const sentiment_file *f) {
    int n = f->model.line.classes;
    if (args_given(a, "classes") || n < 3) return args_text(a, "classes");
    return n == 3 && slice_is(f->classes[1], "neutral") ? "3" : "all";
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    sentiment_texts t;
    sentiment_vectors v = {0};
    timing took = {0};
    sentiment_file f = {0};
    double clock = args_clock();
    bool learnt = args_flag(a, "fit");
    const char *model = args_text(a, "model");
    if (!learnt && model && !sentiment_file_open(&f, model, s, e)) return false;
    sentiment_asked ask = {args_text(a, "in"),     args_text(a, "map"),     args_text(a, "text"),
                           args_text(a, "title"),  args_text(a, "label"),   args_text(a, "target"),
                           classes_like(a, &f),    args_text(a, "positive")};
    if (learnt && !args_given(a, "model") && !args_given(a, "out") && !args_json(a))
        fprintf(stderr, "without --model DIR nothing is kept: this only judges\n");
    if (!verb_open(a, s, &b, e) || !sentiment_texts_read(&ask, &b, s, &t, out, e)) return false;
    took.read_s = args_lap(&clock);
    if (!(learnt ? learn(a, &b, s, &t, &v, &f, out, e) : use(a, &b, s, &t, &v, &f, out, e)))
        return false;
    js_array(out, "classes");
    for (int c = 0; c < f.model.line.classes; c++) js_put_text(out, NULL, f.classes[c]);
    js_end(out);
    took.fit_s = args_lap(&clock);
    if (!predict(a, &b, s, &t, &v, &f, learnt, e)) return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"text", OPTION_TEXT, "COLUMN", "header of the column with the texts (default: by its name)"},
    {"title", OPTION_TEXT, "COLUMN", "header of a title that is read in front of the text"},
    {"label", OPTION_TEXT, "COLUMN",
     "header of what the texts mean: words, 0 and 1, or ratings 1 to 5 (default: by its name)"},
    {"target", OPTION_CHOICE, "auto|label|recommended|rating",
     "without --label: which of these columns says it", .value = "auto"},
    {"classes", OPTION_CHOICE, "auto|2|3|all",
     "of ratings: positive and negative, with neutral (3), or each number a class",
     .value = "auto"},
    {"positive", OPTION_TEXT, "NAME", "the positive one of two labels (default: the last by name)"},
    {"fit", OPTION_FLAG, NULL, "learn from the labels; judge on a part that is held out"},
    {"model", OPTION_TEXT, "DIR",
     "folder (or .atm file) that --fit writes and reading reads (default: the ready head)"},
    SENTIMENT_VECTOR_OPTIONS,
    SENTIMENT_FINETUNE_OPTIONS,
    {"abstain", OPTION_FLAG, NULL, "say uncertain where answers are not sure enough"},
    {"sure", OPTION_REAL, "SHARE", "with --fit: share of right answers that is sure enough",
     .value = "0.95", .low = 0.5, .high = 0.999},
    {"holdout", OPTION_REAL, "SHARE", "texts to judge on, chosen by a hash of the text",
     .value = "0.2", .low = 0, .high = 0.9},
    {"c", OPTION_REAL, "C",
     "weight of the data against the penalty (default: chosen on a fifth of the fitted texts)",
     .low = 1e-6, .high = 1e6},
    {"vector-weight", OPTION_REAL, "W", "length of the vectors beside the words' 1", .low = 1e-3,
     .high = 1e3},
    {"grams", OPTION_INT, "N", "longest word sequence that counts as a term", .value = "2",
     .low = 1, .high = 5},
    {"min-texts", OPTION_INT, "N", "texts that a term must be in", .value = "2", .low = 1,
     .high = 1000000},
    {"most-terms", OPTION_INT, "N", "keep only the terms that say most (default: all)", .low = 1,
     .high = 1000000000},
    {"no-words", OPTION_FLAG, NULL, "read the vectors alone"},
    {0}};

const verb verb_sentiment = {
    .name = "sentiment",
    .words = "",
    .group = "table",
    .title = "Read the sentiment of texts, learnt from ratings or labels, or with the ready head.",
    .example = "atelier sentiment --fit --in reviews.csv --text review --label rating --model mine",
    .options = options,
    .run = run,
};
