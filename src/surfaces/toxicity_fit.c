/* toxicity_fit: learns a toxicity head from labelled texts, clean ones and harmless ones. */
#include "surfaces/toxicity_fit.h"

#include <stdio.h>
#include <string.h>

#include "models/interval.h"
#include "models/language/sentiment.h"
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
    const char *name = args_text(a, "encoder");
    const char *weights = encoder_file_weights(args_text(a, "weights"), s);
    bool any = strcmp(name, "auto") == 0;
    if (strcmp(name, "none") == 0) return true;
    if (!encoder_file_open(&encoder, any ? "gte-small" : name, weights, s, e)) {
        if (!any) return false;
        fprintf(stderr, "words alone: the weights of gte-small are not here (tools/setup.sh "
                        "--weights)\n");
        *e = (err){0};
        return true;
    }
    p->wide = encoder.model.wide;
    p->vectors = toxicity_vectors(a, b, &encoder, p->text, p->n, s, e);
    f->has_vectors = p->vectors != NULL;
    f->encoder = slice_of(any ? "gte-small" : name);
    f->encoder_hash = slice_of(arena_text(&s->keep, "%.16s", encoder.hash.hex));
    return f->has_vectors;
}

static bool starts(slice s, const char *with) {
    return s.n >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

/* A text without @names and addresses: the head keeps words, not who was spoken to. Vectors are of
 * the text as it stands; what is judged is read as it stands too. */
static slice nameless(slice from, arena *keep) {
    char *out = take_copy(keep, char, from.p, from.n);
    for (size_t i = 0, k; i < from.n; i = k + 1) {
        for (k = i; k < from.n && from.p[k] != ' ' && from.p[k] != '\n';) k++;
        const char *at = memchr(from.p + i, '@', k - i);
        slice token = {from.p + i, k - i};
        bool address = starts(token, "http") || starts(token, "www.");
        if (!at && !address) continue;
        size_t first = address ? i : (size_t)(at - from.p);
        memset(out + first, ' ', k - first);
    }
    return (slice){out, from.n};
}

/* Rows of two roles, TEST or FIT alike; vectors or none. */
static toxicity_data pick(const pile *p, role from, role to, bool vectors, arena *keep) {
    slice *texts = take(keep, slice, p->n);
    int32_t *label = take(keep, int32_t, p->n);
    uint8_t *clean = take(keep, uint8_t, p->n);
    float *v = vectors ? take_raw(keep, float, p->n * p->wide) : NULL;
    toxicity_data d = {texts, label, clean, 0, v, vectors ? p->wide : 0};
    for (int64_t i = 0; i < p->n; i++) {
        if (p->role[i] < from || p->role[i] > to) continue;
        if (v) memcpy(v + d.n * p->wide, p->vectors + i * p->wide, (size_t)p->wide * sizeof *v);
        texts[d.n] = p->role[i] == FIT_LABELLED ? nameless(p->text[i], keep) : p->text[i];
        label[d.n] = p->label[i];
        clean[d.n++] = p->role[i] == FIT_CLEAN || p->role[i] == TEST_CLEAN;
    }
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

static double percent(int64_t count, int64_t n) {
    return n > 0 ? 100 * (double)count / (double)n : 0;
}

/* What m says of texts that it has not seen, into m->held, the document and onto stderr. */
static void judge(toxicity_model *m, const pile *p, bool vectors, bench *b, scope *s, js *out) {
    toxicity_data unseen = pick(p, TEST_LABELLED, TEST_CLEAN, vectors, &s->keep);
    m->held = toxicity_judge(m, &unseen, b->threads, s->scratch);
    const toxicity_held *h = &m->held;
    js_object(out, vectors ? "words_and_vectors" : "words");
    js_put_int(out, "terms", m->words.terms);
    js_put_fixed(out, "review", m->review, 4);
    js_put_fixed(out, "block", m->block, 4);
    js_put_fixed(out, "held_out_auc", h->auc, 4);
    put_share(out, "toxic_to_review", h->toxic_review, h->toxic, 1);
    put_share(out, "toxic_to_block", h->toxic_block, h->toxic, 1);
    put_share(out, "others_to_review", h->others_review, h->others, 1);
    put_share(out, "others_to_block", h->others_block, h->others, 1);
    put_share(out, "clean_to_review_per_10000", h->clean_review, h->clean, 1e4);
    put_share(out, "clean_to_block_per_10000", h->clean_block, h->clean, 1e4);
    js_end(out);
    interval w = interval_wilson(h->clean_review, h->clean);
    fprintf(stderr, "%s: AUC %.4f on %lld held out; of %lld toxic ones %.1f %% to review or block, "
                    "%.1f %% to block; of %lld other ones %.1f and %.1f %%; of 10,000 clean ones "
                    "%.1f [%.1f, %.1f] of %lld\n", vectors ? "words and vectors" : "words", h->auc,
            (long long)(h->toxic + h->others), (long long)h->toxic,
            percent(h->toxic_review, h->toxic), percent(h->toxic_block, h->toxic),
            (long long)h->others, percent(h->others_review, h->others),
            percent(h->others_block, h->others), 1e4 * w.value, 1e4 * w.low, 1e4 * w.high,
            (long long)h->clean);
}

/* Both kinds of labelled texts must be there to learn from. */
static bool has_both(const args *a, const pile *p, err *e) {
    int64_t n[2] = {0};
    for (int64_t i = 0; i < p->n; i++) n[p->label[i]] += p->role[i] <= FIT_HARMLESS;
    if (n[1] == 0)
        return refuse(e, "no text has one of the labels that mean toxic: %s (--toxic)",
                      args_text(a, "toxic"));
    return n[0] > 0 || refuse(e, "every text is toxic by --toxic %s: nothing to tell them from",
                              args_text(a, "toxic"));
}

bool toxicity_fit_run(const args *a, bench *b, scope *s, js *out, err *e) {
    pile p = {0};
    toxicity_file f = {0};
    if (!load(a, b, s, &p, out, e) || !has_both(a, &p, e) || !encode(a, b, &p, &f, s, e))
        return false;
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
