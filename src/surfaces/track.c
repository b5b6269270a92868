/* track: kept runs become runs of an MLflow server, and spools reach their end. */
#include "surfaces/track.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/folder.h"
#include "surfaces/deliver.h"

track_server track_server_said(const char *url, const char *experiment, double seconds) {
    return (track_server){url ? url : getenv("MLFLOW_TRACKING_URI"), experiment,
                          {getenv("MLFLOW_TRACKING_USERNAME"), getenv("MLFLOW_TRACKING_PASSWORD"),
                           getenv("MLFLOW_TRACKING_TOKEN")}, seconds};
}

/* ---- spools ---- */

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_open(const char *path, const char *url) {
    scope s;
    err why = {0};
    if (!scope_open(&s, (size_t)1 << 28, 0, &why)) return false;
    spool *q = spool_open(&s, path, &why);
    bool open = q ? spool_about(q)->done < spool_about(q)->added || !spool_about(q)->ended
                  : strcmp(why.cause, "temporary") == 0;
    open = open && (!q || !url || strcmp(spool_about(q)->url, url) == 0);
    scope_close(&s);
    return open;
}

int64_t track_spools(const char *out, const char *url, scope *s, char ***paths) {
    enum { MOST = 10000 };
    int64_t n = 0;
    const char *parent = spool_folder(out, &s->keep);
    DIR *dir = opendir(parent);
    *paths = take(&s->keep, char *, MOST);
    for (struct dirent *at; dir && (at = readdir(dir)) != NULL && n < MOST;) {
        char *path = arena_text(&s->keep, "%s/%s", parent, at->d_name);
        if (at->d_name[0] != '.' && is_open(path, url)) (*paths)[n++] = path;
    }
    if (dir) closedir(dir);
    qsort(*paths, (size_t)n, sizeof **paths, by_text);
    return n;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Of a run whose process was killed before it could say so: it and what is below it. */
static bool end_cut_off(spool *q, scope *s, err *e) {
    const char **open;
    facts f = {.to = q, .s = s};
    if (spool_about(q)->ended || spool_about(q)->added == 0) return true;
    int64_t n = spool_open_runs(q, &s->keep, &open), now = now_ms();
    for (int64_t i = 0; i < n; i++)
        if (strcmp(open[i], "run") != 0 && !mlflow_run_end(q, open[i], "KILLED", now, e))
            return false;
    return facts_end(&f, "KILLED", "the process was gone before the run ended", now, e);
}

static bool send_rest(const track_server *to, spool *q, double patience, scope *s, delivery *d,
                      err *e) {
    const char *url = to->url ? to->url : spool_about(q)->url;
    rest *r = rest_open(s, url, to->login, to->seconds, e);
    return r && delivery_open(d, q, r, s, e) && deliver_all(d, patience, e);
}

bool track_sync(const track_server *to, const char *path, double patience, scope *s,
                track_synced *out, err *e) {
    delivery *d = take(&s->keep, delivery, 1); /* as long as s, which closes it */
    *out = (track_synced){0};
    spool *q = spool_open(s, path, e);
    if (!q || !end_cut_off(q, s, e)) return false;
    const spool_state *state = spool_about(q);
    out->waited = state->added - state->done;
    int64_t refused = state->refused;
    bool done = send_rest(to, q, patience, s, d, e);
    out->sent = d->requests, out->refused = state->refused - refused;
    out->calls = d->calls, out->points = d->points;
    out->run = spool_value(q, "run");
    return done;
}

/* ---- records ---- */

/* "2026-11-26T13:12:54Z" in ms; 0 when it is no time. */
static int64_t milliseconds(slice iso) {
    int32_t day;
    int64_t part[3];
    if (iso.n != 20 || !day_parse((slice){iso.p, 10}, &day)) return 0;
    for (int i = 0; i < 3; i++)
        if (!slice_int((slice){iso.p + 11 + 3 * i, 2}, &part[i])) return 0;
    return (((int64_t)day * 24 + part[0]) * 60 + part[1]) * 60000 + part[2] * 1000;
}

/* The runs of an experiment with a tag; *runs is NULL when there are none. */
static bool runs_with(delivery *d, scope *s, slice experiment, const char *tag, const char *value,
                      const js_node **runs, err *e) {
    rest_answer a;
    const js_node *answer;
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    js_array(j, "experiment_ids");
    js_put_text(j, NULL, experiment);
    js_end(j);
    js_putf(j, "filter", "tags.`%s` = '%s'", tag, value);
    js_put_int(j, "max_results", 1000);
    js_end(j);
    bool done = deliver_call(d, s, "POST", "/api/2.0/mlflow/runs/search", text_slice(&j->out),
                             &answer, &a, e);
    *runs = js_get(answer, "runs");
    return done;
}

/* A run, what is below it and what is below that. */
static bool delete_tree(delivery *d, slice experiment, const char *run, int depth, err *e) {
    scope s;
    rest_answer a;
    const js_node *runs = NULL, *answer;
    if (!scope_open(&s, (size_t)256 << 20, 0, e)) return false;
    bool done = depth == 0 ||
                runs_with(d, &s, experiment, "mlflow.parentRunId", run, &runs, e);
    for (int64_t i = 0; done && i < js_count(runs); i++) {
        const js_node *info = js_get(js_at(runs, i), "info");
        done = delete_tree(d, experiment, slice_copy(&s.keep, js_word(info, "run_id")), depth - 1,
                           e);
    }
    slice body = slice_of(arena_text(&s.keep, "{\"run_id\":\"%s\"}", run));
    done = done && deliver_call(d, &s, "POST", "/api/2.0/mlflow/runs/delete", body, &answer, &a, e);
    scope_close(&s);
    return done;
}

/* Looks for runs of this record: the finished one stays, others are deleted. */
static bool clear_begun(delivery *d, const char *experiment, const char *digest, scope *s,
                        track_sent *out, err *e) {
    rest_answer a;
    const js_node *answer, *runs;
    err why = {0};
    const char *path = arena_text(&s->keep,
                                  "/api/2.0/mlflow/experiments/get-by-name?experiment_name=%s",
                                  rest_escaped(slice_of(experiment), &s->keep));
    if (!deliver_call(d, s, "GET", path, SLICE(""), &answer, &a, &why)) {
        if (slice_is(js_word(answer, "error_code"), "RESOURCE_DOES_NOT_EXIST")) return true;
        return *e = why, false;
    }
    slice id = js_word(js_get(answer, "experiment"), "experiment_id");
    if (!runs_with(d, s, id, "atelier.record", digest, &runs, e)) return false;
    for (int64_t i = 0; i < js_count(runs); i++) {
        const js_node *info = js_get(js_at(runs, i), "info");
        char *run = slice_copy(&s->keep, js_word(info, "run_id"));
        if (slice_is(js_word(info, "status"), "FINISHED")) out->run = run, out->already = true;
        else if (!delete_tree(d, id, run, 2, e)) return false;
    }
    return true;
}

static bool step_ran(const js_node *run, const char *word) {
    bool reused = true;
    const js_node *steps = js_get(run, "steps");
    for (int64_t i = 0; i < js_count(steps); i++)
        if (slice_is(js_word(js_at(steps, i), "step"), word))
            js_bool(js_get(js_at(steps, i), "reused"), &reused);
    return !reused;
}

static bool tell_record(facts *f, const js_node *run, const char *record, scope *s, err *e) {
    slice bytes;
    arena *keep = &s->keep;
    const js_node *steps = js_get(run, "steps");
    double seconds = js_number(run, "seconds");
    int64_t end = f->began + (seconds > 0 ? (int64_t)(seconds * 1000) : 0);
    f->tuned_from = f->tuned_until = f->began;
    if (!facts_begin(f, run, e)) return false;
    for (int64_t i = 0; i < js_count(steps); i++)
        if (!facts_step(f, js_at(steps, i), e)) return false;
    if (!facts_datasets(f, js_get(run, "datasets"), e)) return false;
    const char *paths[] = {"train.json", "tune.json", "evaluation.json"};
    const js_node *read[3] = {0};
    for (int i = 0; i < 3; i++) {
        paths[i] = arena_text(keep, "%s/%s", record, paths[i]);
        if ((i == 2 || file_exists(paths[i])) && !(read[i] = facts_read(paths[i], s, &bytes, e)))
            return false;
    }
    return (!read[0] || facts_trained(f, read[0], e)) &&
           (!read[1] || !step_ran(run, "tune") || facts_tuned(f, read[1], e)) &&
           facts_evaluated(f, read[2], end, e) && facts_record(f, run, record, f->record, e) &&
           facts_end(f, "FINISHED", NULL, end, e);
}

/* The spool of a record: what is left of it, or a new one that holds all. */
static spool *spool_of(const track_server *to, const char *record, const js_node *run,
                       const char *digest, scope *s, track_sent *out, err *e) {
    arena *keep = &s->keep;
    char *home = arena_text(keep, "%s/../..", record);
    const char *name = arena_text(keep, "record-%.12s", digest);
    const char *path = arena_text(keep, "%s/%s.jsonl", spool_folder(home, keep), name);
    facts f = {.out = home, .experiment = to->experiment, .record = digest, .s = s,
               .began = milliseconds(js_word(run, "started"))};
    if (file_exists(path)) unlink(path); /* done, or of a run that was deleted there just now */
    f.to = spool_create(s, home, name, to->url, e);
    if (!f.to || !tell_record(&f, run, record, s, e)) return NULL;
    out->metrics = f.metrics, out->parameters = f.parameters, out->datasets = f.datasets;
    out->files = f.files, out->left_out = f.left_out;
    return f.to;
}

bool track_record(const track_server *to, const char *record, double patience, scope *s,
                  track_sent *out, err *e) {
    slice bytes;
    delivery *ask = take(&s->keep, delivery, 1), *d = take(&s->keep, delivery, 1);
    *out = (track_sent){0};
    const char *file = arena_text(&s->keep, "%s/run.json", record);
    if (!file_exists(file)) {
        refuse(e, "%s is no kept run; atelier runs lists the runs of a folder", record);
        return fail_cause(e, "no_input");
    }
    const js_node *run = facts_read(file, s, &bytes, e);
    if (!run) return false;
    hash_text digest = hash_of(bytes);
    rest *r = rest_open(s, to->url, to->login, to->seconds, e);
    if (!r || !delivery_open(ask, NULL, r, s, e) ||
        !clear_begun(ask, to->experiment, digest.hex, s, out, e))
        return false;
    out->calls = ask->calls;
    if (out->already) return true;
    spool *q = spool_of(to, record, run, digest.hex, s, out, e);
    if (!q) return false;
    bool done = send_rest(to, q, patience, s, d, e);
    out->calls += d->calls, out->run = spool_value(q, "run");
    out->left_out += spool_about(q)->refused;
    return done;
}
