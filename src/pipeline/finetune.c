/* finetune: an encoder's weights moved towards labelled texts, by epochs, safe against a kill. */
#include "pipeline/finetune.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/store.h"
#include "models/language/sentiment.h"

enum {
    TOKENS = 512,     /* texts that one thread tokenises at a time */
    MOST_HELD = 2000, /* texts held out */
    PATIENCE = 2,     /* epochs without a gain that end the run */
    SALT = 24337,     /* of the place of texts that are held out */
};

/* What a checkpoint holds besides the arrays. */
typedef struct state {
    double step, loss, best; /* loss: sum over the steps of this epoch */
} state;

typedef struct run {
    const encoder_file *f;
    const finetune_params *p;
    const finetune_data *d;
    encoder_texts fit, held;
    int32_t *fit_label, *held_label;
    int64_t in_epoch, steps; /* steps of an epoch and of all */
    train t;
    float *best; /* [t.n] weights of the best epoch */
    state at;
    finetune_epoch *epoch; /* [epochs] */
    float *vectors;
    double *probability;
    hash_text key;
    const char *part;
} run;

/* ---- texts ---- */

typedef struct pieces {
    const encoder_file *f;
    const finetune_data *d;
    int32_t **ids;
    int32_t *count;
    uint8_t *cut;
} pieces;

static void tokenize(void *what, int64_t chunk, arena scratch) {
    pieces *k = what;
    int64_t end = (chunk + 1) * TOKENS < k->d->n ? (chunk + 1) * TOKENS : k->d->n;
    int32_t *ids = take_raw(&scratch, int32_t, k->f->most);
    for (int64_t i = chunk * TOKENS; i < end; i++) {
        bool cut;
        k->count[i] = wordpiece_encode(&k->f->words, k->d->texts[i], k->f->most, ids, &cut);
        k->cut[i] = cut;
        memcpy(k->ids[i], ids, (size_t)k->count[i] * sizeof *ids);
    }
}

static void put_text(encoder_texts *to, int32_t *label, const pieces *k, int64_t i) {
    int64_t *at = (int64_t *)to->at;
    memcpy((int32_t *)to->ids + at[to->n], k->ids[i], (size_t)k->count[i] * sizeof(int32_t));
    label[to->n] = k->d->label[i];
    at[to->n + 1] = at[to->n] + k->count[i];
    to->n++;
}

static void take_texts(run *r, finetune_result *out, arena *keep) {
    int64_t n = r->d->n, total = 0;
    pieces k = {r->f, r->d, take(keep, int32_t *, n), take(keep, int32_t, n),
                take(keep, uint8_t, n)};
    for (int64_t i = 0; i < n; i++) {
        size_t room = 3 * r->d->texts[i].n + 2; /* a syllable of 3 bytes is 3 letters */
        if (room > (size_t)r->f->most) room = (size_t)r->f->most;
        k.ids[i] = take_raw(keep, int32_t, room);
    }
    pool_for(r->p->threads, (n + TOKENS - 1) / TOKENS, tokenize, &k);
    for (int64_t i = 0; i < n; i++) total += k.count[i];
    double share = n > 0 ? fmin(r->p->held, MOST_HELD / (double)n) : 0;
    encoder_texts *parts[2] = {&r->fit, &r->held};
    int32_t **label[2] = {&r->fit_label, &r->held_label};
    for (int i = 0; i < 2; i++) {
        *parts[i] = (encoder_texts){0, take(keep, int32_t, total), take(keep, int64_t, n + 1)};
        *label[i] = take(keep, int32_t, n);
    }
    out->held = take(keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        int part = sentiment_place(r->d->texts[i], SALT) < share;
        if (part) out->held[r->held.n] = (int32_t)i;
        else out->cut += k.cut[i];
        put_text(parts[part], *label[part], &k, i);
    }
    out->n_fit = r->fit.n;
    out->n_held = r->held.n;
    out->pieces = r->fit.at[r->fit.n];
}

static bool check_labels(const run *r, arena scratch, err *e) {
    int64_t *count = take(&scratch, int64_t, r->d->classes);
    for (int64_t i = 0; i < r->fit.n; i++) count[r->fit_label[i]]++;
    for (int c = 0; c < r->d->classes; c++)
        if (count[c] == 0)
            return refuse(e, "class %d of %d has no text to learn from: needs at least one beside "
                             "those that are held out", c + 1, r->d->classes);
    return true;
}

/* Of everything that the result depends on. */
static bool find_key(run *r, scope *s, err *e) {
    const train_params *p = &r->p->train;
    hash *h = hash_open(s, e);
    if (!h) return false;
    hash_addf(h, "%s %d %d %d %.17g %.17g %.17g %.17g %.17g %.17g %llu ", r->f->hash.hex,
              r->d->classes, p->epochs, p->batch, p->rate, p->head_rate, p->decay, p->clip,
              p->warm_up, p->reach, (unsigned long long)p->seed);
    const encoder_texts *const parts[2] = {&r->fit, &r->held};
    const int32_t *const label[2] = {r->fit_label, r->held_label};
    for (int i = 0; i < 2; i++) {
        size_t n = (size_t)parts[i]->n;
        hash_add(h, (slice){(const char *)parts[i]->at, (n + 1) * sizeof(int64_t)});
        hash_add(h, (slice){(const char *)parts[i]->ids,
                            (size_t)parts[i]->at[n] * sizeof(int32_t)});
        hash_add(h, (slice){(const char *)label[i], n * sizeof(int32_t)});
    }
    r->key = hash_end(h);
    return true;
}

/* ---- checkpoints ---- */

enum { ARRAYS = 4 };
static const char *const array_names[ARRAYS] = {"weight", "first", "second", "best"};

static void arrays_of(const run *r, float *out[ARRAYS]) {
    float *const all[ARRAYS] = {r->t.weight, r->t.first, r->t.second, r->best};
    memcpy(out, all, sizeof all);
}

static bool put_part(const run *r, const char *half, scope *s, err *e) {
    float *array[ARRAYS];
    slice key = slice_of(r->key.hex);
    store_writer *w = store_create(s, half, "finetune", e);
    arrays_of(r, array);
    if (!w || !store_put_texts(w, "key", &key, 1, e) ||
        !store_put(w, "state", STORE_F64, 1, 3, &r->at, e) ||
        !store_put(w, "epoch", STORE_F64, r->p->train.epochs, 3, r->epoch, e))
        return false;
    for (int i = 0; i < ARRAYS; i++)
        if (!store_put(w, array_names[i], STORE_F32, 1, r->t.n, array[i], e)) return false;
    return store_close(w, e);
}

/* In a scope of its own: a run writes many. */
static bool save_part(const run *r, err *e) {
    scope own;
    if (!scope_open(&own, 1 << 20, 0, e)) return false;
    const char *half = arena_text(&own.keep, "%s.%d", r->part, (int)getpid());
    bool done = put_part(r, half, &own, e);
    scope_close(&own);
    char name[4096];
    snprintf(name, sizeof name, "%s.%d", r->part, (int)getpid());
    if (done && rename(name, r->part) != 0) done = fail_file(e, "write", r->part);
    if (!done) unlink(name);
    return done;
}

static bool read_part(run *r, scope *s, err *e) {
    float *array[ARRAYS];
    const store *m = store_open(s, r->part, "finetune", e);
    if (!m) return false;
    if (store_texts(m, "key") != 1 || !slice_is(store_text(m, "key", 0), r->key.hex))
        return refuse(e, "%s is of other texts, labels, encoder or parameters: give the same ones, "
                         "or leave --resume away to begin anew", r->part);
    int64_t rows = 0, cols = 0;
    const double *at = store_get(m, "state", STORE_F64, &rows, &cols);
    bool sound = at && rows * cols == 3;
    const double *epoch = store_get(m, "epoch", STORE_F64, &rows, &cols);
    sound = sound && epoch && rows == r->p->train.epochs && cols == 3 && at[0] >= 0 &&
            at[0] <= (double)r->steps && at[2] >= 0 && at[2] < r->p->train.epochs;
    arrays_of(r, array);
    for (int i = 0; sound && i < ARRAYS; i++) {
        const float *from = store_get(m, array_names[i], STORE_F32, &rows, &cols);
        sound = from && rows * cols == r->t.n;
        if (sound) memcpy(array[i], from, (size_t)r->t.n * sizeof *from);
    }
    if (!sound) return fail(e, "%s: not a sound checkpoint; leave --resume away to begin anew",
                            r->part);
    memcpy(&r->at, at, sizeof r->at);
    memcpy(r->epoch, epoch, (size_t)r->p->train.epochs * sizeof *r->epoch);
    r->t.step = (int64_t)r->at.step;
    return true;
}

/* The mapping of the checkpoint goes with its own scope. */
static bool take_up(run *r, err *e) {
    const progress *show = &r->p->progress;
    scope own;
    if (!r->p->resume) return true;
    if (!file_exists(r->part)) {
        if (show->say) show->say(show->what, "there is no checkpoint: the run begins anew");
        return true;
    }
    if (!scope_open(&own, 1 << 20, 0, e)) return false;
    bool done = read_part(r, &own, e);
    scope_close(&own);
    return done;
}

/* ---- epochs ---- */

static finetune_epoch judge(run *r, arena scratch) {
    finetune_epoch out = {0};
    int64_t n = r->held.n, right = 0;
    int classes = r->d->classes;
    if (n == 0) return out;
    train_score(&r->t, &r->held, r->p->threads, r->vectors, r->probability, scratch);
    for (int64_t i = 0; i < n; i++) {
        const double *q = r->probability + i * classes;
        int most = 0;
        for (int c = 1; c < classes; c++)
            if (q[c] > q[most]) most = c;
        right += most == r->held_label[i];
        out.held_loss -= log(fmax(q[r->held_label[i]], 1e-15)) / (double)n;
    }
    out.held_accuracy = (double)right / (double)n;
    return out;
}

static bool is_better(const finetune_epoch *a, const finetune_epoch *b) {
    if (a->held_accuracy != b->held_accuracy) return a->held_accuracy > b->held_accuracy;
    return a->held_loss < b->held_loss;
}

static void end_epoch(run *r, int epoch, arena scratch) {
    const progress *show = &r->p->progress;
    char line[200];
    finetune_epoch *now = &r->epoch[epoch];
    *now = judge(r, scratch);
    now->loss = r->at.loss / (double)r->in_epoch;
    r->at.loss = 0;
    if (epoch == 0 || r->held.n == 0 || is_better(now, &r->epoch[(int)r->at.best])) {
        r->at.best = epoch;
        memcpy(r->best, r->t.weight, (size_t)r->t.n * sizeof *r->best);
    }
    snprintf(line, sizeof line, "epoch %d of %d: loss %.4f; %lld texts held out: accuracy %.4f, "
             "log loss %.4f", epoch + 1, r->p->train.epochs, now->loss, (long long)r->held.n,
             now->held_accuracy, now->held_loss);
    if (show->say) show->say(show->what, line);
}

/* From the step where the run stands to the end; returns the epochs that were run, 0 = failed. */
static int run_epochs(run *r, scope *s, err *e) {
    const train_params *p = &r->p->train;
    const progress *show = &r->p->progress;
    int32_t *order = take(&s->keep, int32_t, r->fit.n);
    int epoch = (int)(r->t.step / r->in_epoch);
    for (; epoch < p->epochs && epoch < (int)r->at.best + 1 + PATIENCE; epoch++) {
        train_order(&r->fit, *p, epoch, order, s->scratch);
        for (int64_t i = r->t.step - epoch * r->in_epoch; i < r->in_epoch; i++) {
            int64_t from = i * p->batch, left = r->fit.n - from;
            r->at.loss += train_step(&r->t, &r->fit, r->fit_label, order + from,
                                     left < p->batch ? (int)left : p->batch,
                                     train_rate(*p, r->t.step, r->steps), r->p->threads,
                                     s->scratch);
            r->at.step = (double)r->t.step;
            if (i + 1 == r->in_epoch) end_epoch(r, epoch, s->scratch);
            if (show->tick) show->tick(show->what, "texts", r->t.step * p->batch,
                                       r->steps * p->batch);
            if (r->t.step % r->p->every == 0 && r->t.step < r->steps && !save_part(r, e)) return 0;
        }
    }
    return epoch;
}

/* ---- the result ---- */

static void put_head(const run *r, finetune_result *out, arena *keep) {
    int classes = r->d->classes, outputs = classes == 2 ? 1 : classes;
    int32_t wide = r->t.m.wide;
    out->outputs = outputs;
    out->reach = r->p->train.reach;
    out->weight = take(keep, double, wide * outputs);
    out->bias = take(keep, double, outputs);
    for (int c = 0; c < outputs; c++) {
        int of = outputs == 1 ? 1 : c;
        const float *w = r->t.head + (int64_t)of * wide;
        for (int32_t i = 0; i < wide; i++)
            out->weight[i * outputs + c] =
                (double)w[i] - (outputs == 1 ? (double)r->t.head[i] : 0);
        out->bias[c] = (double)r->t.head_bias[of] -
                       (outputs == 1 ? (double)r->t.head_bias[0] : 0);
    }
}

static bool finish(run *r, finetune_result *out, scope *s, err *e) {
    memcpy(r->t.weight, r->best, (size_t)r->t.n * sizeof *r->best);
    judge(r, s->scratch);
    out->best = (int)r->at.best;
    out->epoch = r->epoch;
    out->steps = r->t.step;
    out->held_probability = r->probability;
    out->path = arena_text(&s->keep, "%s/encoder.atm", r->p->folder);
    put_head(r, out, &s->keep);
    if (!encoder_file_save(r->f, &r->t.m, out->path, s, e)) return false;
    unlink(r->part);
    return true;
}

bool finetune_run(const encoder_file *f, const finetune_data *d, const finetune_params *p,
                  finetune_result *out, scope *s, err *e) {
    const char *reason = train_check(p->train, d->classes);
    if (reason) return refuse(e, "fine-tuning: %s", reason);
    if (!(p->held >= 0 && p->held <= 0.5)) return refuse(e, "the share held out must be 0 to .5");
    if (d->n < 2) return refuse(e, "fine-tuning needs two texts or more, got %lld",
                                (long long)d->n);
    run *r = take(&s->keep, run, 1);
    *r = (run){.f = f, .p = p, .d = d, .epoch = take(&s->keep, finetune_epoch, p->train.epochs)};
    *out = (finetune_result){0};
    take_texts(r, out, &s->keep);
    if (!check_labels(r, s->scratch, e) || !find_key(r, s, e) ||
        !file_make_folders(p->folder, e))
        return false;
    int64_t longest = 1;
    for (int64_t i = 0; i < r->fit.n; i++)
        longest = r->fit.at[i + 1] - r->fit.at[i] > longest ? r->fit.at[i + 1] - r->fit.at[i]
                                                             : longest;
    r->in_epoch = (r->fit.n + p->train.batch - 1) / p->train.batch;
    r->steps = r->in_epoch * p->train.epochs;
    r->part = arena_text(&s->keep, "%s/finetune.part", p->folder);
    train_open(&r->t, &f->model, d->classes, longest, p->train, &s->keep);
    r->best = take(&s->keep, float, r->t.n);
    r->vectors = take(&s->keep, float, r->held.n * f->model.wide);
    r->probability = take(&s->keep, double, r->held.n * d->classes);
    if (!take_up(r, e)) return false;
    train_renew(&r->t, p->threads);
    out->epochs = run_epochs(r, s, e);
    return out->epochs > 0 && finish(r, out, s, e);
}

double finetune_rate(const encoder_file *f) { return f->model.layers > 6 ? 5e-5 : 1e-4; }
