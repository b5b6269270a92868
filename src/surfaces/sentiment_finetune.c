/* sentiment_finetune: --fit --fine-tune of the sentiment verb: a model with its own encoder. */
#include "surfaces/sentiment_finetune.h"

#include <stdio.h>
#include <string.h>

#include "models/language/calibrate.h"
#include "pipeline/finetune.h"
#include "surfaces/progress.h"

/* The folder that the model goes to, or NULL with a sentence. */
static const char *folder_of(const args *a, err *e) {
    const char *path = args_text(a, "model");
    size_t n = path ? strlen(path) : 0;
    if (path && !(n > 4 && strcmp(path + n - 4, ".atm") == 0)) return path;
    refuse(e, "--fine-tune writes a folder with an encoder of its own: name it by --model DIR");
    return NULL;
}

static bool open_encoder(const args *a, encoder_file *f, scope *s, err *e) {
    const char *name = args_text(a, "encoder");
    if (strcmp(name, "none") == 0)
        return refuse(e, "--fine-tune moves the weights of an encoder: --encoder none has none");
    if (strcmp(name, "auto") == 0) name = "gte-small";
    return encoder_file_open(f, name, encoder_file_weights(args_text(a, "weights"), s), s, e);
}

/* Texts of the rarer class from which a threshold is learnt. A head without a penalty is right at
 * 1/2 from the start; with fewer texts the best threshold on them is mostly luck. */
enum { ENOUGH = 200 };

static int64_t rarer(const int32_t *label, int64_t n) {
    int64_t count[2] = {0};
    for (int64_t i = 0; i < n; i++) count[label[i] == 1]++;
    return count[0] < count[1] ? count[0] : count[1];
}

/* The head as a regression on vectors alone. */
static sentiment_model model_of(const finetune_result *r, const finetune_data *d, int32_t wide,
                                double sure, scope *s) {
    sentiment_model m = {.temperature = 1, .threshold = 0.5, .band = {0.5, 0.5}};
    int32_t *label = take(&s->keep, int32_t, r->n_held);
    m.line = (linear_model){.classes = d->classes, .outputs = r->outputs, .features = wide,
                            .wide = wide, .dense_weight = r->reach, .weight = r->weight,
                            .bias = r->bias};
    for (int64_t i = 0; i < r->n_held; i++) label[i] = d->label[r->held[i]];
    if (d->classes > 2 || rarer(label, r->n_held) >= ENOUGH)
        sentiment_calibrate(&m, r->held_probability, label, r->n_held, sure, s->scratch);
    else if (r->n_held > 0)
        m.temperature = calibrate_temperature(r->held_probability, label, r->n_held, 2);
    return m;
}

static void put_result(js *out, const encoder_file *from, const finetune_params *p,
                       const finetune_result *r) {
    js_object(out, "fine_tuning");
    js_put_word(out, "encoder", from->path);
    js_putf(out, "encoder_hash", "%.16s", from->hash.hex);
    js_put_int(out, "fitted_on", r->n_fit);
    js_put_int(out, "held_out", r->n_held);
    js_put_int(out, "pieces", r->pieces);
    js_put_int(out, "cut", r->cut);
    js_put_int(out, "batch", p->train.batch);
    js_put_real(out, "learning_rate", p->train.rate);
    js_put_int(out, "steps", r->steps);
    js_put_int(out, "best_epoch", r->best + 1);
    js_array(out, "epochs");
    for (int i = 0; i < r->epochs; i++) {
        js_object(out, NULL);
        js_put_fixed(out, "loss", r->epoch[i].loss, 6);
        js_put_fixed(out, "held_accuracy", r->epoch[i].held_accuracy, 6);
        js_put_fixed(out, "held_log_loss", r->epoch[i].held_loss, 6);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

bool sentiment_finetune(const args *a, bench *b, const sentiment_texts *t, sentiment_file *f,
                        scope *s, js *out, err *e) {
    encoder_file from, *tuned = take(&s->keep, encoder_file, 1);
    finetune_result r;
    progress_view view;
    finetune_params p = FINETUNE_DEFAULTS;
    sentiment_data fit = sentiment_texts_pick(t, args_real(a, "holdout"), 1, &s->keep, NULL);
    finetune_data d = {fit.texts, fit.label, fit.n, fit.classes};
    p.folder = folder_of(a, e);
    if (!p.folder || !open_encoder(a, &from, s, e)) return false;
    p.train.epochs = (int)args_int(a, "epochs");
    p.train.batch = (int)args_int(a, "batch");
    p.train.seed = b->seed;
    p.train.rate = args_given(a, "learning-rate") ? args_real(a, "learning-rate")
                                                  : finetune_rate(&from);
    p.resume = args_flag(a, "resume");
    p.threads = b->threads;
    p.progress = progress_open(&view);
    bool done = finetune_run(&from, &d, &p, &r, s, e);
    progress_close(&view);
    if (!done || !encoder_file_open(tuned, r.path, NULL, s, e)) return false;
    put_result(out, &from, &p, &r);
    bool bytes = strcmp(args_text(a, "precision"), "int8") == 0;
    f->classes = t->classes;
    f->encoder = SLICE("./encoder.atm");
    f->encoder_hash = (slice){tuned->hash.hex, 16};
    f->precision = bytes ? SLICE("int8") : SLICE("fp32");
    f->folder = p.folder;
    f->model = model_of(&r, &d, from.model.wide, args_real(a, "sure"), s);
    return sentiment_file_save(f, p.folder, s, e);
}
