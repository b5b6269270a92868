/* track: a kept run (run_record.h) becomes a run of an MLflow server, over REST. */
#include "surfaces/track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "data/folder.h"

enum { MOST_METRICS = 1000, MOST_PARAMETERS = 100, MOST_NAME = 250, MOST_VALUE = 6000 };

typedef struct tracker {
    scope *s;
    rest *r;
    const char *record;
    const js_node *run, *evaluation;
    slice digest;      /* of run.json */
    char *experiment;  /* id */
    char *artifacts;   /* address of the run's artifacts */
    int64_t time;      /* ms: when the run began */
    js *metrics, *parameters;
    int64_t n_metrics, n_parameters; /* in the open requests */
    track_sent *sent;
} tracker;

track_server track_server_said(const char *url, const char *experiment, double seconds) {
    return (track_server){url ? url : getenv("MLFLOW_TRACKING_URI"), experiment,
                          {getenv("MLFLOW_TRACKING_USERNAME"), getenv("MLFLOW_TRACKING_PASSWORD"),
                           getenv("MLFLOW_TRACKING_TOKEN")}, seconds};
}

/* ---- calls ---- */

static js *body_new(tracker *t) {
    js *j = take(&t->s->keep, js, 1);
    js_open(j, t->s);
    js_object(j, NULL);
    return j;
}

/* What went wrong by the server's own account, and the parsed answer when it was 200. */
static bool call(tracker *t, const char *method, const char *name, js *body, const js_node **answer,
                 slice *code, err *e) {
    rest_answer a;
    err unread = {0};
    *code = SLICE("");
    if (body) js_end(body);
    t->sent->calls++;
    const char *path = arena_text(&t->s->keep, "/api/2.0/mlflow/%s", name);
    if (!rest_call(t->r, method, path, "application/json",
                   body ? text_slice(&body->out) : SLICE(""), &a, e))
        return false;
    *answer = js_parse(t->s, a.body, &unread);
    if (a.status == 200 && *answer) return true;
    *code = js_word(*answer, "error_code");
    slice message = js_word(*answer, "message");
    fail(e, "the tracking server answered %ld to %s: %.*s", a.status, name,
         (int)(message.n < 300 ? message.n : 300), message.p);
    return fail_cause(e, "tracking");
}

static bool post(tracker *t, const char *name, js *body, const js_node **answer, err *e) {
    slice code;
    return call(t, "POST", name, body, answer, &code, e);
}

static void put_pair(js *j, const char *key, slice value) {
    js_object(j, NULL);
    js_put_word(j, "key", key);
    js_put_text(j, "value", value);
    js_end(j);
}

/* ---- experiment and run ---- */

static bool find_experiment(tracker *t, const char *name, bool *absent, err *e) {
    slice code;
    const js_node *answer;
    *absent = false;
    if (!call(t, "GET",
              arena_text(&t->s->keep, "experiments/get-by-name?experiment_name=%s",
                         rest_escaped(t->r, slice_of(name))), NULL, &answer, &code, e)) {
        *absent = slice_is(code, "RESOURCE_DOES_NOT_EXIST");
        return false;
    }
    const js_node *found = js_get(answer, "experiment");
    if (slice_is(js_word(found, "lifecycle_stage"), "deleted"))
        return fail(e, "experiment '%s' was deleted on the tracking server; restore it there or "
                       "name another by --experiment", name);
    t->experiment = slice_copy(&t->s->keep, js_word(found, "experiment_id"));
    return true;
}

/* Two that make it at the same time both end with the one that is there. */
static bool open_experiment(tracker *t, const char *name, err *e) {
    bool absent;
    slice code;
    const js_node *answer;
    err first = {0}, made = {0};
    if (find_experiment(t, name, &absent, &first)) return true;
    if (!absent) return *e = first, false;
    js *j = body_new(t);
    js_put_word(j, "name", name);
    js_array(j, "tags");
    put_pair(j, "mlflow.experimentKind", SLICE("custom_model_development"));
    js_end(j);
    if (!call(t, "POST", "experiments/create", j, &answer, &code, &made) &&
        !slice_is(code, "RESOURCE_ALREADY_EXISTS"))
        return *e = made, false;
    return find_experiment(t, name, &absent, e);
}

/* The runs that carry this record: the finished one stays, others are deleted. */
static bool clear_begun(tracker *t, err *e) {
    const js_node *answer, *ignored;
    js *j = body_new(t);
    js_array(j, "experiment_ids");
    js_put_word(j, NULL, t->experiment);
    js_end(j);
    js_putf(j, "filter", "tags.`atelier.record` = '%.*s'", (int)t->digest.n, t->digest.p);
    if (!post(t, "runs/search", j, &answer, e)) return false;
    const js_node *runs = js_get(answer, "runs");
    for (int64_t i = 0; i < js_count(runs); i++) {
        const js_node *info = js_get(js_at(runs, i), "info");
        char *id = slice_copy(&t->s->keep, js_word(info, "run_id"));
        if (slice_is(js_word(info, "status"), "FINISHED")) {
            t->sent->run = id, t->sent->already = true;
            continue;
        }
        js *gone = body_new(t);
        js_put_word(gone, "run_id", id);
        if (!post(t, "runs/delete", gone, &ignored, e)) return false;
    }
    return true;
}

/* "2026-11-26T13:12:54Z" in ms; 0 when it is no time. */
static int64_t milliseconds(slice iso) {
    int32_t day;
    int64_t part[3];
    if (iso.n != 20 || !day_parse((slice){iso.p, 10}, &day)) return 0;
    for (int i = 0; i < 3; i++)
        if (!slice_int((slice){iso.p + 11 + 3 * i, 2}, &part[i])) return 0;
    return (((int64_t)day * 24 + part[0]) * 60 + part[1]) * 60000 + part[2] * 1000;
}

static bool create_run(tracker *t, err *e) {
    const js_node *answer;
    bool published = false;
    js_bool(js_get(t->run, "published"), &published);
    js *j = body_new(t);
    js_put_word(j, "experiment_id", t->experiment);
    js_put_text(j, "run_name", js_word(t->run, "id"));
    js_put_int(j, "start_time", t->time);
    js_array(j, "tags");
    put_pair(j, "mlflow.source.name", SLICE("atelier run"));
    put_pair(j, "mlflow.source.type", SLICE("LOCAL"));
    put_pair(j, "atelier.record", t->digest);
    put_pair(j, "atelier.published", published ? SLICE("true") : SLICE("false"));
    slice refused = js_word(t->run, "refused");
    if (refused.n) put_pair(j, "atelier.refused", refused);
    text *note = take(&t->s->keep, text, 1);
    text_open(note, t->s);
    for (int64_t i = 0; i < js_count(t->evaluation); i++) {
        const js_node *one = js_get(t->evaluation, js_key(t->evaluation, i));
        slice title = js_word(one, "title"), verdict = js_word(one, "verdict");
        if (verdict.n) text_addf(note, "**%.*s.** %.*s\n\n", (int)title.n, title.p,
                                 (int)verdict.n, verdict.p);
    }
    put_pair(j, "mlflow.note.content", text_slice(note));
    js_end(j);
    if (!post(t, "runs/create", j, &answer, e)) return false;
    const js_node *info = js_get(js_get(answer, "run"), "info");
    t->sent->run = slice_copy(&t->s->keep, js_word(info, "run_id"));
    t->artifacts = slice_copy(&t->s->keep, js_word(info, "artifact_uri"));
    return t->sent->run[0] ? true : fail(e, "the tracking server made a run without an id");
}

static bool finish_run(tracker *t, err *e) {
    double seconds = 0;
    const js_node *answer;
    js_real(js_get(t->run, "seconds"), &seconds);
    js *j = body_new(t);
    js_put_word(j, "run_id", t->sent->run);
    js_put_word(j, "status", "FINISHED");
    js_put_int(j, "end_time", t->time + (int64_t)(seconds * 1000));
    return post(t, "runs/update", j, &answer, e);
}

/* ---- metrics and parameters ---- */

static js *batch_new(tracker *t, const char *what) {
    js *j = body_new(t);
    js_put_word(j, "run_id", t->sent->run);
    js_array(j, what);
    return j;
}

static bool flush(tracker *t, js **batch, const char *what, int64_t *n, err *e) {
    const js_node *answer;
    if (*n == 0) return true;
    js_end(*batch);
    if (!post(t, "runs/log-batch", *batch, &answer, e)) return false;
    *batch = batch_new(t, what), *n = 0;
    return true;
}

/* A name that the server takes; NULL when it is too long. */
static char *name_of(tracker *t, const char *said) {
    char *name = arena_text(&t->s->keep, "%s", said);
    for (char *p = name; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. /", *p))
            *p = '_';
    return strlen(name) <= MOST_NAME ? name : NULL;
}

static bool add_metric(tracker *t, const char *name, const js_node *number, err *e) {
    double value;
    const char *key = name_of(t, name);
    if (!js_real(number, &value)) return true; /* null: there is none */
    if (!key || !isfinite(value)) return t->sent->left_out++, true;
    js_object(t->metrics, NULL);
    js_put_word(t->metrics, "key", key);
    js_put_real(t->metrics, "value", value);
    js_put_int(t->metrics, "timestamp", t->time);
    js_put_int(t->metrics, "step", 0);
    js_end(t->metrics);
    t->sent->metrics++;
    return ++t->n_metrics < MOST_METRICS || flush(t, &t->metrics, "metrics", &t->n_metrics, e);
}

static bool add_parameter(tracker *t, const char *name, const js_node *of, err *e) {
    slice said;
    const char *key = name_of(t, name);
    js *j = take(&t->s->keep, js, 1);
    js_open(j, t->s);
    js_put_node(j, NULL, of);
    if (!js_text(of, &said)) said = text_slice(&j->out);
    if (!key || said.n > MOST_VALUE) return t->sent->left_out++, true;
    put_pair(t->parameters, key, said);
    t->sent->parameters++;
    return ++t->n_parameters < MOST_PARAMETERS ||
           flush(t, &t->parameters, "params", &t->n_parameters, e);
}

static bool add_model(tracker *t, const char *family, const js_node *model, err *e) {
    slice name = js_word(model, "name");
    const js_node *metrics = js_get(model, "metrics"), *chosen = js_get(model, "parameters");
    arena *keep = &t->s->keep;
    const char *prefix = arena_text(keep, "%s/%.*s", family, (int)name.n, name.p);
    static const char *const parts[] = {"value", "low", "high"};
    static const char *const ends[] = {"", "/low", "/high"};
    for (int64_t i = 0; i < js_count(metrics); i++) {
        const char *metric = js_key(metrics, i);
        for (int k = 0; k < 3; k++)
            if (!add_metric(t, arena_text(keep, "test/%s/%s%s", prefix, metric, ends[k]),
                            js_get(js_get(metrics, metric), parts[k]), e))
                return false;
    }
    for (int64_t i = 0; i < js_count(chosen); i++)
        if (!add_parameter(t, arena_text(keep, "%s/%s", prefix, js_key(chosen, i)),
                           js_get(chosen, js_key(chosen, i)), e))
            return false;
    return true;
}

static bool send_figures(tracker *t, err *e) {
    static const char *const about[] = {"shop", "seed", "threads", "build"};
    const js_node *days = js_get(t->run, "days"), *steps = js_get(t->run, "steps");
    t->metrics = batch_new(t, "metrics");
    t->parameters = batch_new(t, "params");
    for (int i = 0; i < 4; i++)
        if (!add_parameter(t, about[i], js_get(t->run, about[i]), e)) return false;
    for (int64_t i = 0; i < js_count(days); i++)
        if (!add_parameter(t, arena_text(&t->s->keep, "days/%s", js_key(days, i)),
                           js_get(days, js_key(days, i)), e))
            return false;
    for (int64_t i = 0; i < js_count(steps); i++) {
        slice step = js_word(js_at(steps, i), "step");
        if (!add_metric(t, arena_text(&t->s->keep, "stage/%.*s/seconds", (int)step.n, step.p),
                        js_get(js_at(steps, i), "seconds"), e))
            return false;
    }
    for (int64_t i = 0; i < js_count(t->evaluation); i++) {
        const char *family = js_key(t->evaluation, i);
        const js_node *models = js_get(js_get(t->evaluation, family), "models");
        for (int64_t k = 0; k < js_count(models); k++)
            if (!add_model(t, family, js_at(models, k), e)) return false;
    }
    return flush(t, &t->metrics, "metrics", &t->n_metrics, e) &&
           flush(t, &t->parameters, "params", &t->n_parameters, e);
}

/* ---- datasets and files ---- */

static bool send_datasets(tracker *t, err *e) {
    const js_node *all = js_get(t->run, "datasets"), *answer;
    js *j = batch_new(t, "datasets");
    for (int64_t i = 0; i < js_count(all); i++) {
        const js_node *one = js_at(all, i);
        slice name = js_word(one, "name"), digest = js_word(one, "sha256");
        int64_t rows;
        js_object(j, NULL);
        js_array(j, "tags");
        put_pair(j, "mlflow.data.context", SLICE("training"));
        js_end(j);
        js_object(j, "dataset");
        js_put_text(j, "name", name);
        js_putf(j, "digest", "%.*s", digest.n < 32 ? (int)digest.n : 32, digest.p);
        js_put_word(j, "source_type", "local");
        js_putf(j, "source", "{\"uri\":\"03_datasets/%.*s\"}", (int)name.n, name.p);
        if (js_int(js_get(one, "rows"), &rows))
            js_putf(j, "profile", "{\"num_rows\":%lld}", (long long)rows);
        js_end(j);
        js_end(j);
        t->sent->datasets++;
    }
    js_end(j);
    return js_count(all) == 0 || post(t, "runs/log-inputs", j, &answer, e);
}

static bool is_shown(const char *file) {
    size_t n = strlen(file);
    return n > 5 && (strcmp(file + n - 5, ".json") == 0 || strcmp(file + n - 5, ".html") == 0 ||
                     strcmp(file + n - 3, ".md") == 0);
}

/* Through the server's own store of artifacts; another kind of store is left out and counted. */
static bool send_file(tracker *t, const char *file, err *e) {
    static const char scheme[] = "mlflow-artifacts:/";
    rest_answer a;
    slice bytes;
    arena *keep = &t->s->keep;
    if (strncmp(t->artifacts, scheme, sizeof scheme - 1) != 0) return t->sent->left_out++, true;
    const char *from = arena_text(keep, "%s/%s", t->record, file);
    const char *to = arena_text(keep, "/api/2.0/mlflow-artifacts/artifacts/%s/%s",
                                t->artifacts + sizeof scheme - 1,
                                rest_escaped(t->r, slice_of(file)));
    t->sent->calls++;
    if (!file_read(from, t->s, (size_t)256 << 20, &bytes, e) ||
        !rest_call(t->r, "PUT", to, "application/octet-stream", bytes, &a, e))
        return false;
    if (a.status != 200) {
        fail(e, "the tracking server answered %ld to the file %s", a.status, file);
        return fail_cause(e, "tracking");
    }
    t->sent->files++;
    return true;
}

static const js_node *read_json(const char *path, scope *s, slice *bytes, err *e) {
    const js_node *n = file_read(path, s, (size_t)64 << 20, bytes, e) ? js_parse(s, *bytes, e)
                                                                      : NULL;
    if (!n) fail_in(e, path);
    return n;
}

static bool send_files(tracker *t, err *e) {
    slice bytes;
    const char *path = arena_text(&t->s->keep, "%s/manifest.json", t->record);
    const js_node *manifest = read_json(path, t->s, &bytes, e), *files = js_get(manifest, "files");
    for (int64_t i = 0; i < js_count(files); i++) {
        char *file = slice_copy(&t->s->keep, js_word(js_at(files, i), "name"));
        if (is_shown(file) && !send_file(t, file, e)) return false;
    }
    return manifest != NULL;
}

bool track_record(const track_server *to, const char *record, scope *s, track_sent *out, err *e) {
    slice bytes, ignored;
    tracker t = {.s = s, .record = record, .sent = out};
    *out = (track_sent){0};
    const char *file = arena_text(&s->keep, "%s/run.json", record);
    if (!file_exists(file)) {
        refuse(e, "%s is no kept run; atelier runs lists the runs of a folder", record);
        return fail_cause(e, "no_input");
    }
    t.run = read_json(file, s, &bytes, e);
    t.evaluation = t.run ? read_json(arena_text(&s->keep, "%s/evaluation.json", record), s,
                                     &ignored, e)
                         : NULL;
    if (!t.evaluation) return false;
    hash_text digest = hash_of(bytes);
    t.digest = slice_of(arena_text(&s->keep, "%s", digest.hex));
    t.time = milliseconds(js_word(t.run, "started"));
    t.r = rest_open(s, to->url, to->login, to->seconds, e);
    if (!t.r || !open_experiment(&t, to->experiment, e) || !clear_begun(&t, e)) return false;
    return out->already || (create_run(&t, e) && send_figures(&t, e) && send_datasets(&t, e) &&
                            send_files(&t, e) && finish_run(&t, e));
}
