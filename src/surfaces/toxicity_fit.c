/* toxicity_fit: learns a toxicity head from labelled texts, clean ones and harmless ones. */
#include "surfaces/toxicity_fit.h"

#include <stdio.h>
#include <string.h>

#include "base/order.h"
#include "models/interval.h"
#include "models/language/sentiment.h"
#include "models/metrics_class.h"
#include "pipeline/language_toxicity.h"
#include "surfaces/toxicity_texts.h"

enum { CLEAN_SALT = 11 };
typedef enum role { FIT_LABELLED, FIT_CLEAN, FIT_HARMLESS, TEST_LABELLED, TEST_CLEAN, ROLES } role;

/* All texts of all tables, plain, with vectors where there are some. */
typedef struct pile {
    int64_t n, room;
    slice *text;
    int32_t *label;
    uint8_t *role;
    float *vectors;
    int32_t wide;
} pile;

/* True when value is one of the words, by commas. */
static bool among(const char *words, slice value) {
    for (const char *at = words; *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        if (slice_compare(slice_trim((slice){at, n}), slice_trim(value)) == 0) return true;
        at += n;
    }
    return false;
}

/* Adds the readable English texts of t by their roles; what is labelled is judged by `toxic`. */
static void add(pile *p, const toxicity_texts *t, role fit, role test, double share, uint64_t salt,
                const char *toxic, pool *threads, scope *s) {
    toxicity_found f = language_toxicity_plain(t->text, t->n, threads, s);
    for (int64_t i = 0; i < t->n && p->n < p->room; i++) {
        if (f.note[i] || (toxic && !column_has(t->label, i))) continue;
        p->text[p->n] = f.plain[i];
        p->label[p->n] = toxic && among(toxic, t->label->text[i]);
        p->role[p->n++] = sentiment_place(f.plain[i], salt) < share ? (uint8_t)test : (uint8_t)fit;
    }
}

/* The three tables into one pile. */
static bool load(const args *a, bench *b, scope *s, pile *p, js *out, err *e) {
    toxicity_texts t[3] = {{0}};
    const char *clean = args_text(a, "clean"), *harmless = args_text(a, "harmless");
    toxicity_asked ask[3] = {
        {args_text(a, "in"), args_text(a, "text"), args_text(a, "label"), NULL, "labelled"},
        {clean, args_text(a, "clean-text"), NULL, NULL, "clean"},
        {harmless, NULL, NULL, NULL, "harmless"}};
    js *ignored = take(&s->keep, js, 1);
    js_open(ignored, s);
    js_object(ignored, NULL);
    for (int k = 0; k < 3; k++) {
        if (!ask[k].in) continue;
        if (!toxicity_texts_read(&ask[k], b, s, &t[k], k == 0 ? out : ignored, e)) return false;
        p->room += t[k].n;
    }
    p->text = take(&s->keep, slice, p->room);
    p->label = take(&s->keep, int32_t, p->room);
    p->role = take(&s->keep, uint8_t, p->room);
    add(p, &t[0], FIT_LABELLED, TEST_LABELLED, args_real(a, "holdout"), 0, args_text(a, "toxic"),
        b->threads, s);
    if (clean)
        add(p, &t[1], FIT_CLEAN, TEST_CLEAN, 1 - args_real(a, "clean-share"), CLEAN_SALT, NULL,
            b->threads, s);
    if (harmless) add(p, &t[2], FIT_HARMLESS, FIT_HARMLESS, 0, 0, NULL, b->threads, s);
    return true;
}

/* Vectors of all texts by --encoder; none are made where there is no encoder. */
static bool encode(const args *a, bench *b, pile *p, toxicity_file *f, scope *s, err *e) {
    encoder_file encoder;
    vectors_told told;
    const char *name = args_text(a, "encoder"), *cache = args_text(a, "cache");
    const char *weights = encoder_file_weights(args_text(a, "weights"), s);
    bool any = strcmp(name, "auto") == 0;
    if (strcmp(name, "none") == 0) return true;
    if (!encoder_file_open(&encoder, any ? "gte-small" : name, weights, s, e)) {
        if (!any) return false;
        fprintf(stderr, "words alone: the weights of gte-small are not here\n");
        *e = (err){0};
        return true;
    }
    if (encoder_quick()) encoder_quicken(&encoder.model, &s->keep);
    vectors_params v = {.threads = b->threads,
                        .cache = cache && strcmp(cache, "none") != 0 ? cache : NULL};
    p->wide = encoder.model.wide;
    p->vectors = vectors_make(&encoder, p->text, p->n, &v, args_clock, &told, s, e);
    f->has_vectors = p->vectors != NULL;
    f->encoder = slice_of(any ? "gte-small" : name);
    f->encoder_hash = slice_of(arena_text(&s->keep, "%.16s", encoder.hash.hex));
    return f->has_vectors;
}

/* Rows of the roles from … to; clean marks FIT_CLEAN. */
static toxicity_data pick(const pile *p, role from, role to, bool vectors, arena *keep) {
    slice *texts = take(keep, slice, p->n);
    int32_t *label = take(keep, int32_t, p->n);
    uint8_t *clean = take(keep, uint8_t, p->n);
    float *v = vectors ? take_raw(keep, float, p->n * p->wide) : NULL;
    toxicity_data d = {texts, label, NULL, 0, v, vectors ? p->wide : 0};
    bool any = false;
    for (int64_t i = 0; i < p->n; i++) {
        if (p->role[i] < from || p->role[i] > to) continue;
        if (v) memcpy(v + d.n * p->wide, p->vectors + i * p->wide, (size_t)p->wide * sizeof *v);
        texts[d.n] = p->text[i];
        label[d.n] = p->label[i];
        clean[d.n++] = p->role[i] == FIT_CLEAN;
        any |= p->role[i] == FIT_CLEAN;
    }
    d.clean = any ? clean : NULL;
    return d;
}

/* ---- judging ---- */

static void put_share(js *out, const char *name, int64_t count, int64_t n, double times) {
    interval w = interval_wilson(count, n);
    js_object(out, name);
    js_put_fixed(out, "value", times * w.value, 4);
    js_put_fixed(out, "low", times * w.low, 4);
    js_put_fixed(out, "high", times * w.high, 4);
    js_put_int(out, "n", n);
    js_end(out);
}

static double auc_of(const double *q, const int32_t *label, int64_t n, scope *s) {
    int32_t *order = order_count(n, &s->keep);
    order_up(order, n, q, s->scratch);
    return metrics_class_auc(q, label, NULL, order, n);
}

/* What m says of texts that it has not seen, into the document and onto stderr. */
static void judge(const toxicity_model *m, const pile *p, bool vectors, bench *b, scope *s,
                  js *out) {
    int64_t count[2][3] = {{0}}, n[2] = {0}, alarms = 0, blocked = 0;
    toxicity_data d = pick(p, TEST_LABELLED, TEST_LABELLED, vectors, &s->keep);
    toxicity_data clean = pick(p, TEST_CLEAN, TEST_CLEAN, vectors, &s->keep);
    double *q = toxicity_score(m, d.texts, d.vectors, d.n, b->threads, &s->keep, s->scratch);
    double *r = toxicity_score(m, clean.texts, clean.vectors, clean.n, b->threads, &s->keep,
                               s->scratch);
    for (int64_t i = 0; i < d.n; i++) {
        n[d.label[i]]++;
        for (int level = 0; level <= (int)toxicity_level_of(m, q[i]); level++)
            count[d.label[i]][level]++;
    }
    for (int64_t i = 0; i < clean.n; i++) {
        alarms += r[i] > m->review;
        blocked += r[i] > m->block;
    }
    js_object(out, vectors ? "words_and_vectors" : "words");
    js_put_int(out, "terms", m->words.terms);
    js_put_fixed(out, "review", m->review, 4);
    js_put_fixed(out, "block", m->block, 4);
    js_put_fixed(out, "out_of_fold_auc", m->held.auc, 4);
    double auc = n[0] && n[1] ? auc_of(q, d.label, d.n, s) : 0;
    js_put_fixed(out, "held_out_auc", auc, 4);
    put_share(out, "toxic_to_review", count[1][TOXICITY_REVIEW], n[1], 1);
    put_share(out, "toxic_to_block", count[1][TOXICITY_BLOCK], n[1], 1);
    put_share(out, "others_to_review", count[0][TOXICITY_REVIEW], n[0], 1);
    put_share(out, "others_to_block", count[0][TOXICITY_BLOCK], n[0], 1);
    put_share(out, "clean_to_review_per_10000", alarms, clean.n, 1e4);
    put_share(out, "clean_to_block_per_10000", blocked, clean.n, 1e4);
    js_end(out);
    interval w = interval_wilson(alarms, clean.n);
    fprintf(stderr, "%s: AUC %.4f on %lld held out; of %lld toxic ones %.1f %% to review or block, "
                    "%.1f %% to block; of %lld other ones %.1f and %.1f %%; of 10,000 clean ones "
                    "%.1f [%.1f, %.1f] of %lld\n", vectors ? "words and vectors" : "words", auc,
            (long long)d.n, (long long)n[1],
            n[1] ? 100.0 * (double)count[1][1] / (double)n[1] : 0,
            n[1] ? 100.0 * (double)count[1][2] / (double)n[1] : 0, (long long)n[0],
            n[0] ? 100.0 * (double)count[0][1] / (double)n[0] : 0,
            n[0] ? 100.0 * (double)count[0][2] / (double)n[0] : 0, 1e4 * w.value, 1e4 * w.low,
            1e4 * w.high, (long long)clean.n);
}

bool toxicity_fit_run(const args *a, bench *b, scope *s, js *out, err *e) {
    pile p = {0};
    toxicity_file f = {0};
    if (!load(a, b, s, &p, out, e) || !encode(a, b, &p, &f, s, e)) return false;
    for (int k = 0; k < 1 + f.has_vectors; k++) {
        toxicity_model *m = k == 0 ? &f.words : &f.vectors;
        toxicity_data d = pick(&p, FIT_LABELLED, FIT_HARMLESS, k == 1, &s->keep);
        if (!toxicity_fit(m, &d, TOXICITY_DEFAULTS, b->threads, &s->keep, s->scratch, e))
            return false;
        judge(m, &p, k == 1, b, s, out);
    }
    const char *model = args_text(a, "model");
    if (!model) fprintf(stderr, "without --model DIR nothing is kept: this only judges\n");
    return !model || toxicity_file_save(&f, model, s, e);
}
