/* mlflow: the requests of MLflow's REST interface 2.0, put into a spool. */
#include "surfaces/mlflow.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_METRICS = 700, MOST_PAIRS = 100, MOST_BYTES = 800000 };

static const char *const part_names[] = {"metrics", "params", "tags"};
enum { METRICS, PARAMS, TAGS };

char *mlflow_name(const char *said, arena *keep) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-. /";
    char *name = arena_text(keep, "%.*s", MLFLOW_MOST_NAME, said);
    for (char *p = name; *p; p++) {
        bool odd = !strchr(plain, *p);
        odd = odd || (*p == '/' && (p == name || !p[1] || p[-1] == '/'));
        odd = odd || (*p == '.' && (p == name || p[-1] == '/' || p[-1] == '.'));
        if (odd) *p = '_';
    }
    return name;
}

/* What fits, at the border of a letter, with an ellipsis. */
static slice cut(slice value, size_t most, arena *keep) {
    if (value.n <= most) return value;
    size_t n = slice_utf8_prefix((slice){value.p, most - 3});
    return slice_of(arena_text(keep, "%.*s…", (int)n, value.p));
}

static void put_pair(js *j, const char *key, slice value) {
    js_object(j, NULL);
    js_put_word(j, "key", key);
    js_put_text(j, "value", value);
    js_end(j);
}

/* Each request has a short life of its own. */
static js *body_new(scope *s, err *e) {
    if (!scope_open(s, (size_t)8 << 20, 0, e)) return NULL;
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    return j;
}

static bool add_to(spool *q, scope *s, const char *method, const char *path, const char *handle,
                   js *j, err *e) {
    while (j->depth > 0) js_end(j);
    bool done = spool_add(q, method, path, handle, text_slice(&j->out), e);
    scope_close(s);
    return done;
}

static bool add(spool *q, scope *s, const char *call, const char *handle, js *j, err *e) {
    return add_to(q, s, "POST", arena_text(&s->keep, "/api/2.0/mlflow/%s", call), handle, j, e);
}

static void put_handle(js *j, const char *key, const spool *q, const char *handle, scope *s) {
    js_put_word(j, key, spool_holder(q, handle, &s->keep));
}

/* Tags, and one by which a request whose answer was lost is found again. */
static void put_tags(js *j, const spool *q, const char *handle, const mlflow_pair *tags, scope *s) {
    for (; tags && tags->key; tags++)
        if (tags->value.n > 0)
            put_pair(j, tags->key, cut(tags->value, MLFLOW_MOST_TAG, &s->keep));
    const char *mark = arena_text(&s->keep, "%s.%s", spool_about(q)->id, handle);
    put_pair(j, "atelier.request", slice_of(mark));
}

/* ---- experiments and runs ---- */

bool mlflow_experiment(spool *q, const char *handle, const char *name, err *e) {
    scope s;
    js *j = body_new(&s, e);
    if (!j) return false;
    js_put_word(j, "name", name);
    js_array(j, "tags");
    put_pair(j, "mlflow.experimentKind", SLICE("custom_model_development"));
    return add(q, &s, "experiments/create", handle, j, e);
}

bool mlflow_run_begin(spool *q, const mlflow_run *run, err *e) {
    scope s;
    js *j = body_new(&s, e);
    if (!j) return false;
    put_handle(j, "experiment_id", q, run->experiment, &s);
    js_put_word(j, "run_name", run->name);
    js_put_int(j, "start_time", run->started);
    js_array(j, "tags");
    if (run->parent)
        put_pair(j, "mlflow.parentRunId", slice_of(spool_holder(q, run->parent, &s.keep)));
    put_tags(j, q, run->handle, run->tags, &s);
    return add(q, &s, "runs/create", run->handle, j, e);
}

bool mlflow_run_end(spool *q, const char *handle, const char *status, int64_t ended, err *e) {
    scope s;
    js *j = body_new(&s, e);
    if (!j) return false;
    put_handle(j, "run_id", q, handle, &s);
    js_put_word(j, "status", status);
    js_put_int(j, "end_time", ended);
    return add(q, &s, "runs/update", handle, j, e);
}

bool mlflow_run_delete(spool *q, const char *handle, err *e) {
    scope s;
    js *j = body_new(&s, e);
    if (!j) return false;
    put_handle(j, "run_id", q, handle, &s);
    return add(q, &s, "runs/delete", handle, j, e);
}

/* ---- batches ---- */

static bool batch_new(mlflow_batch *b) {
    for (int i = 0; i < 3; i++) {
        b->part[i] = take(&b->s.keep, js, 1);
        js_open(b->part[i], &b->s);
        js_array(b->part[i], NULL);
        b->n[i] = 0;
    }
    return true;
}

bool mlflow_batch_open(mlflow_batch *b, spool *to, const char *run, err *e) {
    memset(b, 0, sizeof *b);
    b->to = to, b->run = run;
    return scope_open(&b->s, (size_t)64 << 20, 0, e) && batch_new(b);
}

bool mlflow_flush(mlflow_batch *b, err *e) {
    scope s;
    if (b->e.kind == ERR_NONE && b->n[METRICS] + b->n[PARAMS] + b->n[TAGS] > 0) {
        js *j = body_new(&s, &b->e);
        if (!j) return *e = b->e, false;
        put_handle(j, "run_id", b->to, b->run, &s);
        for (int i = 0; i < 3; i++) {
            b->sent[i] += b->n[i];
            js_end(b->part[i]);
            if (b->n[i] > 0) js_put_raw(j, part_names[i], text_slice(&b->part[i]->out));
        }
        add(b->to, &s, "runs/log-batch", b->run, j, &b->e);
        scope_rewind(&b->s);
        batch_new(b);
    }
    if (b->e.kind != ERR_NONE) *e = b->e;
    return b->e.kind == ERR_NONE;
}

static void flush_full(mlflow_batch *b, int part, size_t most) {
    err ignored = {0}; /* kept in b->e */
    size_t bytes = 0;
    b->n[part]++;
    for (int i = 0; i < 3; i++) bytes += b->part[i]->out.n;
    if (b->n[part] >= (int64_t)most || bytes > MOST_BYTES) mlflow_flush(b, &ignored);
}

void mlflow_tag(mlflow_batch *b, const char *name, slice value) {
    if (value.n == 0) return;
    put_pair(b->part[TAGS], mlflow_name(name, &b->s.keep),
             cut(value, MLFLOW_MOST_TAG, &b->s.keep));
    flush_full(b, TAGS, MOST_PAIRS);
}

void mlflow_parameter(mlflow_batch *b, const char *name, slice value) {
    put_pair(b->part[PARAMS], mlflow_name(name, &b->s.keep),
             cut(value, MLFLOW_MOST_PARAMETER, &b->s.keep));
    flush_full(b, PARAMS, MOST_PAIRS);
}

void mlflow_metric(mlflow_batch *b, const char *name, double value, int64_t step, int64_t time) {
    const char *key = mlflow_name(name, &b->s.keep);
    if (!isfinite(value)) {
        b->left_out++;
        mlflow_tag(b, arena_text(&b->s.keep, "nonfinite.%s", key),
                   isnan(value) ? SLICE("NaN") : value > 0 ? SLICE("Infinity")
                                                           : SLICE("-Infinity"));
        return;
    }
    js *j = b->part[METRICS];
    js_object(j, NULL);
    js_put_word(j, "key", key);
    js_put_real(j, "value", value);
    js_put_int(j, "timestamp", time);
    js_put_int(j, "step", step);
    js_end(j);
    flush_full(b, METRICS, MOST_METRICS);
}

bool mlflow_batch_close(mlflow_batch *b, bool done, err *e) {
    bool flushed = done && mlflow_flush(b, e);
    scope_close(&b->s);
    return flushed;
}

/* ---- inputs, files, models ---- */

bool mlflow_inputs(spool *q, const char *run, const mlflow_dataset *all, int64_t n, err *e) {
    scope s;
    js *j = n > 0 ? body_new(&s, e) : NULL;
    if (!j) return n == 0;
    put_handle(j, "run_id", q, run, &s);
    js_array(j, "datasets");
    for (int64_t i = 0; i < n; i++) {
        const mlflow_dataset *d = &all[i];
        js_object(j, NULL);
        js_array(j, "tags");
        put_pair(j, "mlflow.data.context", d->context);
        js_end(j);
        js_object(j, "dataset");
        js_put_text(j, "name", d->name);
        js_put_text(j, "digest", (slice){d->digest.p, d->digest.n < 32 ? d->digest.n : 32});
        js_put_word(j, "source_type", "local");
        js_put_text(j, "source", d->uri);
        if (d->schema.n) js_put_text(j, "schema", d->schema);
        if (d->profile.n) js_put_text(j, "profile", d->profile);
        js_end(j);
        js_end(j);
    }
    return add(q, &s, "runs/log-inputs", run, j, e);
}

bool mlflow_file(spool *q, const char *of, const char *path, const char *file, const char *sha256,
                 err *e) {
    return spool_add_file(q, path, of, file, sha256, e);
}

bool mlflow_model_begin(spool *q, const char *handle, const char *experiment, const char *run,
                        const char *name, const mlflow_pair *tags, err *e) {
    scope s;
    js *j = body_new(&s, e);
    if (!j) return false;
    put_handle(j, "experiment_id", q, experiment, &s);
    js_put_word(j, "name", name);
    js_put_word(j, "model_type", "atelier bundle");
    put_handle(j, "source_run_id", q, run, &s);
    js_array(j, "tags");
    put_tags(j, q, handle, tags, &s);
    return add(q, &s, "logged-models", handle, j, e);
}

bool mlflow_model_ready(spool *q, const char *handle, const char *run, err *e) {
    scope s, t;
    js *j = body_new(&s, e);
    if (!j) return false;
    put_handle(j, "model_id", q, handle, &s);
    js_put_word(j, "status", "LOGGED_MODEL_READY");
    const char *holder = spool_holder(q, handle, &s.keep);
    const char *path = arena_text(&s.keep, "/api/2.0/mlflow/logged-models/%s", holder);
    if (!add_to(q, &s, "PATCH", path, handle, j, e) || !(j = body_new(&t, e))) return false;
    put_handle(j, "run_id", q, run, &t);
    js_array(j, "models");
    js_object(j, NULL);
    put_handle(j, "model_id", q, handle, &t);
    js_put_int(j, "step", 0);
    return add(q, &t, "runs/outputs", run, j, e);
}

bool mlflow_version(spool *q, const char *model, const char *run, const char *registered,
                    const char *alias, const mlflow_pair *tags, err *e) {
    scope s;
    js *j = body_new(&s, e);
    if (!j) return false;
    js_put_word(j, "name", registered);
    if (!add(q, &s, "registered-models/create", "registered", j, e) || !(j = body_new(&s, e)))
        return false;
    js_put_word(j, "name", registered);
    const char *files = arena_text(&s.keep, "%s/artifacts", model);
    put_handle(j, "source", q, files, &s);
    put_handle(j, "run_id", q, run, &s);
    put_handle(j, "model_id", q, model, &s);
    js_array(j, "tags");
    put_tags(j, q, "version", tags, &s);
    if (!add(q, &s, "model-versions/create", "version", j, e)) return false;
    if (!alias) return true;
    if (!(j = body_new(&s, e))) return false;
    js_put_word(j, "name", registered);
    js_put_word(j, "alias", alias);
    put_handle(j, "version", q, "version", &s);
    return add(q, &s, "registered-models/alias", "alias", j, e);
}
