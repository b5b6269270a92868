/* verb_sentiment: learns the sentiment of texts from labels, or reads texts with a saved model. */
#include <stdio.h>
#include <string.h>

#include "models/metrics_class.h"
#include "pipeline/family.h"
#include "pipeline/language_data.h"
#include "pipeline/sentiment_file.h"
#include "surfaces/evaluate.h"

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, true, "review_text|review|review_body|body|content|sentence|comment"},
    {"title", CONTRACT_TEXT, false, "summary|headline|review_title"},
    {"rating", CONTRACT_INT, false, "stars|star_rating|score|overall", 1, 5},
    {"recommended", CONTRACT_INT, false, "recommended_ind|is_recommended", 0, 1},
    {"label", CONTRACT_TEXT, false, "sentiment|class|target"},
};
static const contract table_contract = {
    "texts", sizeof table_columns / sizeof table_columns[0], table_columns};

/* The table in memory; label -1 = unknown. */
typedef struct texts {
    int64_t n;
    int64_t *line;
    slice *text, *alone; /* with and without the title */
    int32_t *label;
    const slice *classes;
    int n_classes;
    const char *target;
} texts;

static int64_t filled(const column *c, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 0; c && i < n; i++) count += column_has(c, i);
    return count;
}

/* Distinct labels in the order of their bytes, so that "1" and "positive" come last. */
static bool name_classes(const column *label, int64_t n, texts *t, arena *keep, err *e) {
    slice *names = take(keep, slice, 1000);
    int count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!column_has(label, i)) continue;
        int at = 0;
        while (at < count && slice_compare(names[at], label->text[i]) < 0) at++;
        if (at < count && slice_compare(names[at], label->text[i]) == 0) continue;
        if (count == 1000) return refuse(e, "column label: more than 1000 different labels");
        memmove(names + at + 1, names + at, (size_t)(count - at) * sizeof *names);
        names[at] = label->text[i];
        count++;
    }
    if (count < 2) return refuse(e, "column label: needs two different labels, found %d", count);
    t->classes = names;
    t->n_classes = count;
    return true;
}

static int32_t class_of(const texts *t, slice name) {
    for (int32_t c = 0; c < t->n_classes; c++)
        if (slice_compare(t->classes[c], name) == 0) return c;
    return -1;
}

/* Which column says what the texts mean: label, else recommended, else rating; NULL when none. */
static const char *choose_target(const columns *c, const char *asked) {
    static const char *const order[] = {"label", "recommended", "rating"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(asked, "auto") != 0 && strcmp(asked, order[i]) != 0) continue;
        if (filled(columns_find(c, order[i]), c->rows) > 0) return order[i];
    }
    return NULL;
}

static bool set_labels(const columns *c, texts *t, scope *s, err *e) {
    static const slice two[2] = {{"negative", 8}, {"positive", 8}};
    const column *of = columns_find(c, t->target);
    t->classes = two;
    t->n_classes = 2;
    bool named = strcmp(t->target, "label") == 0;
    if (named && !name_classes(of, t->n, t, &s->keep, e)) return false;
    bool flag = strcmp(t->target, "recommended") == 0;
    for (int64_t i = 0; i < t->n; i++) {
        if (!column_has(of, i)) continue;
        int32_t value = named ? 0 : (int32_t)of->i64[i];
        t->label[i] = named ? class_of(t, of->text[i]) : language_label(flag, value, value);
    }
    return true;
}

static bool load(const args *a, bench *b, scope *s, texts *t, js *out, err *e) {
    columns c;
    if (!verb_read(a, b, &table_contract, "texts", out, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, text, title, rating, recommended, label FROM texts "
                  "ORDER BY src_line"))
        return false;
    const column *body = columns_find(&c, "text"), *title = columns_find(&c, "title");
    *t = (texts){.n = c.rows, .line = columns_i64(&c, "src_line")};
    t->text = take(&s->keep, slice, t->n);
    t->alone = body->text;
    t->label = take(&s->keep, int32_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        t->label[i] = -1;
        t->text[i] = body->text[i];
        if (column_has(title, i))
            t->text[i] = slice_of(arena_text(&s->keep, "%.*s\n%.*s", (int)title->text[i].n,
                                             title->text[i].p, (int)body->text[i].n,
                                             body->text[i].p));
    }
    t->target = choose_target(&c, args_text(a, "target"));
    return !t->target || set_labels(&c, t, s, e);
}

/* The labelled rows whose place in the split lies in [from, to). */
static sentiment_data pick(const texts *t, double from, double to, scope *s, int32_t **rows) {
    sentiment_data d = {.classes = t->n_classes};
    slice *text_of = take(&s->keep, slice, t->n);
    int32_t *label = take(&s->keep, int32_t, t->n), *row = take(&s->keep, int32_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        double place = sentiment_place(t->alone[i], 0);
        if (t->label[i] < 0 || place < from || place >= to) continue;
        text_of[d.n] = t->text[i];
        label[d.n] = t->label[i];
        row[d.n++] = (int32_t)i;
    }
    d.texts = text_of;
    d.label = label;
    if (rows) *rows = row;
    return d;
}

/* Scores labelled rows; into the document and, as one line, onto stderr. */
static void judge(const sentiment_model *m, const sentiment_data *d, const char *what, bench *b,
                  scope *s, js *out) {
    double *q = sentiment_score(m, d->texts, NULL, d->n, b->threads, &s->keep, s->scratch);
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
        fprintf(stderr, ", F1 of %s %.4f, AUC %.4f", "the first class", all.f1_negative, all.auc);
    fputc('\n', stderr);
}

static sentiment_params asked(const args *a) {
    sentiment_params p = SENTIMENT_DEFAULTS;
    p.line.c = args_real(a, "c");
    p.words.max_n = (int)args_int(a, "grams");
    p.words.min_df = (int)args_int(a, "min-texts");
    return p;
}

/* Learns on 80 %, judges on 20 %, predicts all rows; with --save fits once more on everything. */
static bool learn(const args *a, bench *b, scope *s, texts *t, sentiment_file *f, js *out,
                  err *e) {
    sentiment_params p = asked(a);
    double share = args_real(a, "holdout");
    if (!t->target)
        return refuse(e, "no column says what the texts mean: give label, recommended or rating, "
                         "or a saved model by --model FILE");
    sentiment_data fit = pick(t, share, 1, s, NULL), test = pick(t, 0, share, s, NULL);
    f->classes = t->classes;
    if (!sentiment_fit(&f->model, &fit, p, b->threads, &s->keep, s->scratch, e)) return false;
    js_put_word(out, "target", t->target);
    js_put_int(out, "fitted_on", fit.n);
    js_put_int(out, "terms", f->model.words.terms);
    js_put_real(out, "threshold", f->model.threshold);
    if (test.n > 0) judge(&f->model, &test, "held_out", b, s, out);
    const char *save = args_text(a, "save");
    if (!save) return true;
    sentiment_file whole = {.classes = t->classes};
    sentiment_data all = pick(t, 0, 1, s, NULL);
    p.folds = 1; /* the threshold is known by now */
    if (!sentiment_fit(&whole.model, &all, p, b->threads, &s->keep, s->scratch, e)) return false;
    whole.model.threshold = f->model.threshold;
    return sentiment_file_save(&whole, save, s, e);
}

/* Reads with a saved model; labels that are there are judged. */
static bool use(const args *a, bench *b, scope *s, texts *t, sentiment_file *f, js *out, err *e) {
    if (!sentiment_file_open(f, args_text(a, "model"), s, e)) return false;
    js_put_word(out, "model", args_text(a, "model"));
    if (!t->target) return true;
    const slice *mine = t->classes;
    t->classes = f->classes;
    int n_mine = t->n_classes;
    t->n_classes = f->model.line.classes;
    for (int64_t i = 0; i < t->n; i++)
        if (t->label[i] >= 0 && t->label[i] < n_mine) t->label[i] = class_of(t, mine[t->label[i]]);
    sentiment_data known = pick(t, 0, 1, s, NULL);
    if (known.n > 0) judge(&f->model, &known, "labelled", b, s, out);
    return true;
}

/* One row a text: line, label, predicted, probability (of the second class, or of the predicted
 * one when there are more than two), split. */
static bool predict(const args *a, bench *b, scope *s, const texts *t, const sentiment_file *f,
                    bool learnt, err *e) {
    static const char *const names[] = {"line", "label", "predicted", "probability", "split"};
    static const column_type types[] = {COLUMN_I64, COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_TEXT};
    columns c = columns_new(&s->keep, 5, names, types, t->n);
    double *q = sentiment_score(&f->model, t->text, NULL, t->n, b->threads, &s->keep, s->scratch);
    int32_t *said = take(&s->keep, int32_t, t->n);
    int classes = f->model.line.classes;
    sentiment_choose(&f->model, q, t->n, said);
    c.at[1].valid = take(&s->keep, uint8_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        bool known = t->label[i] >= 0;
        bool held = sentiment_place(t->alone[i], 0) < args_real(a, "holdout");
        c.at[0].i64[i] = t->line[i];
        c.at[1].valid[i] = known;
        c.at[1].text[i] = known ? f->classes[t->label[i]] : (slice){"", 0};
        c.at[2].text[i] = f->classes[said[i]];
        c.at[3].real[i] = q[i * classes + (classes == 2 ? 1 : said[i])];
        c.at[4].text[i] = !learnt || !known ? SLICE("new") : held ? SLICE("test") : SLICE("train");
    }
    return db_put(b->d, "predictions", &c, e) && verb_write(a, b, "predictions", e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    texts t;
    timing took = {0};
    sentiment_file f = {0};
    double start = args_clock();
    bool learnt = args_flag(a, "fit");
    if (!learnt && !args_given(a, "model"))
        return refuse(e, "say --fit to learn from the table's labels, or --model FILE to read it "
                         "with a saved model");
    if (learnt && args_given(a, "model"))
        return refuse(e, "--fit makes a model and --model uses one; to keep what --fit makes say "
                         "--save FILE");
    if (!verb_open(a, s, &b, e) || !load(a, &b, s, &t, out, e)) return false;
    took.read_s = args_clock() - start;
    start = args_clock();
    if (!(learnt ? learn(a, &b, s, &t, &f, out, e) : use(a, &b, s, &t, &f, out, e))) return false;
    js_array(out, "classes");
    for (int c = 0; c < f.model.line.classes; c++) js_put_text(out, NULL, f.classes[c]);
    js_end(out);
    took.fit_s = args_clock() - start;
    start = args_clock();
    if (!predict(a, &b, s, &t, &f, learnt, e)) return false;
    took.write_s = args_clock() - start;
    args_timing(out, &took);
    return true;
}

/* ---- evaluate sentiment ---- */

/* The share of each class among the fitted texts, as the answer to every test text. */
static metrics_class_data prior(const sentiment_data *fit, const sentiment_data *test, scope *s) {
    int k = fit->classes;
    double *q = take(&s->keep, double, test->n * k), *share = take(&s->keep, double, k);
    int32_t *said = take(&s->keep, int32_t, test->n);
    for (int64_t i = 0; i < fit->n; i++) share[fit->label[i]] += 1 / (double)fit->n;
    for (int64_t i = 0; i < test->n; i++) memcpy(q + i * k, share, (size_t)k * sizeof *q);
    metrics_class_choose(q, test->n, k, said);
    return (metrics_class_data){q, test->label, said, test->n, k};
}

static void put_judged(js *out, const char *name, const char *role, const metrics_class_data *d,
                       const metrics_class bounds[4], arena scratch) {
    metrics_class all = metrics_class_all(d, scratch);
    evaluation_metric m[METRICS_CLASS_N];
    for (int k = 0; k < METRICS_CLASS_N; k++)
        m[k] = (evaluation_metric){metrics_class_names[k], ((double *)&all)[k],
                                   ((const double *)&bounds[METRICS_CLASS_LOW])[k],
                                   ((const double *)&bounds[METRICS_CLASS_HIGH])[k], d->n};
    evaluation_model(out, name, role, SLICE("{}"), m, METRICS_CLASS_N);
    fprintf(stderr, "%s: accuracy %.4f [%.4f, %.4f], macro F1 %.4f [%.4f, %.4f], AUC %.4f\n", name,
            all.accuracy, m[0].low, m[0].high, all.macro_f1, m[1].low, m[1].high, all.auc);
}

bool evaluate_sentiment(const args *a, scope *s, js *out, err *e) {
    bench b;
    texts t;
    sentiment_model m;
    metrics_class mine[4], base[4];
    if (!verb_open(a, s, &b, e) || !load(a, &b, s, &t, out, e)) return false;
    if (!t.target) return refuse(e, "no column says what the texts mean: give label, recommended "
                                    "or rating");
    sentiment_data fit = pick(&t, 0.2, 1, s, NULL), test = pick(&t, 0, 0.2, s, NULL);
    if (test.n == 0) return refuse(e, "too few labelled texts to hold a fifth out");
    if (!sentiment_fit(&m, &fit, SENTIMENT_DEFAULTS, b.threads, &s->keep, s->scratch, e))
        return false;
    double *q = sentiment_score(&m, test.texts, NULL, test.n, b.threads, &s->keep, s->scratch);
    int32_t *said = take(&s->keep, int32_t, test.n);
    sentiment_choose(&m, q, test.n, said);
    metrics_class_data model = {q, test.label, said, test.n, t.n_classes};
    metrics_class_data none = prior(&fit, &test, s);
    metrics_class_bootstrap(&model, &none, b.seed, b.threads, mine, s->scratch);
    metrics_class_bootstrap(&none, &none, b.seed, b.threads, base, s->scratch);
    js_put_word(out, "target", t.target);
    js_put_word(out, "split", "a fifth of the texts, by a hash of the text");
    js_put_int(out, "fitted_on", fit.n);
    js_put_word(out, "metric", "macro_f1");
    js_array(out, "models");
    put_judged(out, "share of each class", "baseline", &none, base, s->scratch);
    put_judged(out, "tf-idf + logistic regression", "model", &model, mine, s->scratch);
    js_end(out);
    metrics_class x = metrics_class_all(&model, s->scratch);
    metrics_class y = metrics_class_all(&none, s->scratch);
    evaluation_comparison c = {"tf-idf + logistic regression", "share of each class", "macro_f1",
                               x.macro_f1 - y.macro_f1, mine[METRICS_CLASS_LESS].macro_f1,
                               mine[METRICS_CLASS_MORE].macro_f1, false};
    js_array(out, "comparisons");
    evaluation_compare(out, &c);
    js_end(out);
    fprintf(stderr, "macro F1 against the baseline: %s\n", evaluation_verdict(&c));
    return true;
}

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"fit", OPTION_FLAG, NULL, "learn from the labels; judge on a part that is held out"},
    {"save", OPTION_TEXT, "FILE", "keep the model, fitted on all labelled rows"},
    {"model", OPTION_TEXT, "FILE", "read the texts with a model that --save kept"},
    {"target", OPTION_CHOICE, "auto|label|recommended|rating", "column that says the sentiment",
     .value = "auto"},
    {"holdout", OPTION_REAL, "SHARE", "texts to judge on, chosen by a hash of the text",
     .value = "0.2", .low = 0, .high = 0.9},
    {"c", OPTION_REAL, "C", "weight of the data against the penalty", .value = "10", .low = 1e-6,
     .high = 1e6},
    {"grams", OPTION_INT, "N", "longest word sequence that counts as a term", .value = "2",
     .low = 1, .high = 5},
    {"min-texts", OPTION_INT, "N", "texts that a term must be in", .value = "2", .low = 1,
     .high = 1000000},
    {0}};

const verb verb_sentiment = {
    .name = "sentiment",
    .words = "",
    .group = "table",
    .title = "Read the sentiment of texts, learnt from ratings or labels.",
    .example = "atelier sentiment --in reviews.csv --fit --save model.atm --out read.csv",
    .options = options,
    .run = run,
};
