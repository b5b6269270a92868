/* deliver: the requests of a spool reach an MLflow server, in their order, each once. */
#include "surfaces/deliver.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/folder.h"
#include "surfaces/args.h"

static const char api[] = "/api/2.0/mlflow/";
static const int64_t most_file = (int64_t)256 << 20;

/* What a call's answer teaches: the members on the way to it, and its own. */
static const struct call {
    const char *name, *outer, *inner, *id, *artifacts;
    const char *tolerated; /* error code that is as good as done */
} calls[] = {
    {"runs/create", "run", "info", "run_id", "artifact_uri", NULL},
    {"logged-models", "model", "info", "model_id", "artifact_uri", NULL},
    {"model-versions/create", "model_version", NULL, "version", NULL, NULL},
    {"registered-models/create", NULL, NULL, NULL, NULL, "RESOURCE_ALREADY_EXISTS"},
};

static const struct call *call_named(const char *name) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0) return &calls[i];
    return NULL;
}

static void close_each(void *what) { scope_close(what); }

bool delivery_open(delivery *d, spool *from, rest *server, scope *s, err *e) {
    *d = (delivery){.from = from, .server = server};
    d->uncertain = from && spool_about(from)->resumed;
    if (!scope_open(&d->each, (size_t)4 << 30, 0, e)) return false;
    scope_defer(s, close_each, &d->each);
    return true;
}

double deliver_pause(int failures, uint64_t seed) {
    char said[40];
    snprintf(said, sizeof said, "%llu.%d", (unsigned long long)seed, failures);
    double part = (double)(slice_hash(slice_of(said)) >> 11) / 9007199254740992.0;
    double pause = failures < 6 ? 0.1 * (double)(1 << failures) : 10;
    return (pause < 10 ? pause : 10) * (0.5 + part);
}

bool deliver_call(delivery *d, scope *s, const char *method, const char *path, slice body,
                  const js_node **answer, rest_answer *a, err *e) {
    err unread = {0};
    d->calls++;
    *answer = NULL;
    if (!rest_call(d->server, s, method, path, "application/json", body, a, e)) {
        a->status = 0;
        return false;
    }
    *answer = js_parse(s, a->body, &unread);
    if (a->status == 200 && *answer) return true;
    slice said = js_word(*answer, "message");
    if (!said.n) said = slice_trim(a->body);
    const char *hosts = a->status == 403
                            ? "; a server that checks names of hosts has to be started with "
                              "--allowed-hosts and this one"
                            : "";
    fail(e, "the tracking server answered %ld to %s: %.*s%s", a->status,
         strncmp(path, api, sizeof api - 1) == 0 ? path + sizeof api - 1 : path,
         (int)(said.n < 300 ? said.n : 300), said.p, hosts);
    return fail_cause(e, "tracking");
}

/* ---- outcomes ---- */

typedef struct request {
    int64_t seq;
    const char *method, *path, *handle;
    const js_node *line;
} request;

static delivered done(delivery *d, const request *r, const char *refused,
                      const char *const *names, const char *const *values, int n, err *e) {
    d->uncertain = false;
    d->requests++;
    return spool_done(d->from, r->seq, refused, names, values, n, e) ? DELIVERED_ONE
                                                                     : DELIVERY_STOPPED;
}

static delivered refused(delivery *d, const request *r, const char *why, err *e) {
    return done(d, r, why, NULL, NULL, 0, e);
}

static delivered learned(delivery *d, const request *r, const struct call *c, const js_node *info,
                         err *e) {
    arena *keep = &d->each.keep;
    const char *names[] = {r->handle, arena_text(keep, "%s/artifacts", r->handle)};
    const char *values[] = {NULL, NULL};
    values[0] = slice_copy(keep, js_word(info, c->id));
    if (c->artifacts) values[1] = slice_copy(keep, js_word(info, c->artifacts));
    if (!values[0][0]) {
        fail(e, "the tracking server answered %s without %s", c->name, c->id);
        return DELIVERY_STOPPED;
    }
    return done(d, r, NULL, names, values, c->artifacts ? 2 : 1, e);
}

/* A failed call: later, never, or not before somebody acts. */
static delivered failed(delivery *d, const request *r, const rest_answer *a, const err *why,
                        err *e) {
    bool vital = strcmp(r->handle, "run") == 0 && strstr(r->path, "runs/create");
    vital |= strstr(r->path, "experiments/create") != NULL;
    bool later = a->status == 0 || a->status == 429 || (a->status >= 500 && a->status != 501);
    if (!later && a->status != 401 && a->status != 403 && !vital)
        return refused(d, r, why->text, e);
    if (later) d->uncertain |= !a->undone && a->status != 429 && a->status != 503;
    *e = *why;
    return later ? DELIVERY_WAITS : DELIVERY_STOPPED;
}

/* ---- calls ---- */

/* Two that make it at the same time both end with the one that is there. */
static delivered open_experiment(delivery *d, const request *r, const js_node *body, slice said,
                                 err *e) {
    rest_answer a;
    const js_node *answer;
    err why = {0}, made = {0};
    arena *keep = &d->each.keep;
    slice name = js_word(body, "name");
    const char *path = arena_text(keep, "%sexperiments/get-by-name?experiment_name=%s", api,
                                  rest_escaped(name, keep));
    bool found = deliver_call(d, &d->each, "GET", path, SLICE(""), &answer, &a, &why);
    if (!found && slice_is(js_word(answer, "error_code"), "RESOURCE_DOES_NOT_EXIST")) {
        if (!deliver_call(d, &d->each, "POST", r->path, said, &answer, &a, &made) &&
            !slice_is(js_word(answer, "error_code"), "RESOURCE_ALREADY_EXISTS"))
            return failed(d, r, &a, &made, e);
        why = (err){0};
        found = deliver_call(d, &d->each, "GET", path, SLICE(""), &answer, &a, &why);
    }
    if (!found) return failed(d, r, &a, &why, e);
    const js_node *one = js_get(answer, "experiment");
    if (slice_is(js_word(one, "lifecycle_stage"), "deleted")) {
        fail(e, "experiment '%.*s' was deleted on the tracking server; restore it there or name "
                "another by --experiment", (int)name.n, name.p);
        return fail_cause(e, "tracking"), DELIVERY_STOPPED;
    }
    const char *id = slice_copy(keep, js_word(one, "experiment_id"));
    return done(d, r, NULL, &r->handle, &id, 1, e);
}

static delivered send_json(delivery *d, const request *r, err *e) {
    rest_answer a = {0};
    err why = {0};
    int64_t points = 0;
    arena *keep = &d->each.keep;
    const js_node *answer, *info = NULL;
    js *copy = take(keep, js, 1);
    js_open(copy, &d->each);
    js_put_node(copy, NULL, js_get(r->line, "body"));
    char *said = spool_resolved(d->from, text_slice(&copy->out), keep);
    char *path = spool_resolved(d->from, slice_of(r->path), keep);
    if (!said || !path) return refused(d, r, "it needs what was refused before it", e);
    slice body = slice_of(said);
    const js_node *parsed = js_parse(&d->each, body, e);
    if (!parsed) return DELIVERY_STOPPED;
    const char *name = strncmp(path, api, sizeof api - 1) == 0 ? path + sizeof api - 1 : path;
    const struct call *c = call_named(name);
    if (strcmp(name, "experiments/create") == 0) return open_experiment(d, r, parsed, body, e);
    points = js_count(js_get(parsed, "metrics"));
    if (d->uncertain && c && c->id) {
        if (!deliver_found(d, name, parsed, &info, &why)) return *e = why, DELIVERY_WAITS;
        if (info) return learned(d, r, c, info, e);
    } else if (d->uncertain && points > 0) {
        if (!deliver_missing(d, parsed, &body, &points, &why)) return *e = why, DELIVERY_WAITS;
    }
    if (!deliver_call(d, &d->each, r->method, path, body, &answer, &a, &why)) {
        bool is_done = c && c->tolerated && slice_is(js_word(answer, "error_code"), c->tolerated);
        return is_done ? refused(d, r, NULL, e) : failed(d, r, &a, &why, e);
    }
    d->points += points;
    d->inputs += js_count(js_get(parsed, "datasets"));
    if (!c || !c->id) return done(d, r, NULL, NULL, NULL, 0, e);
    info = js_get(answer, c->outer);
    return learned(d, r, c, c->inner ? js_get(info, c->inner) : info, e);
}

/* ---- files ---- */

/* Each part of a path percent-encoded; NULL when one is "..". */
static char *encoded(const char *path, arena *keep) {
    char *out = "";
    for (const char *at = path; *at;) {
        size_t n = strcspn(at, "/");
        if (n == 2 && strncmp(at, "..", 2) == 0) return NULL;
        out = arena_text(keep, "%s%s%s", out, at == path ? "" : "/",
                         rest_escaped((slice){at, n}, keep));
        at += n + (at[n] == '/');
    }
    return out;
}

/* Where artifacts lie on this machine's disk: written under another name and renamed. */
static bool copy_file(const char *root, const char *path, slice bytes, arena *keep, err *e) {
    char *to = arena_text(keep, "%s/%s", root, path), *slash = strrchr(to, '/');
    *slash = 0;
    if (!file_make_folders(to, e)) return false;
    *slash = '/';
    return file_replace(to, bytes, e);
}

static delivered send_file(delivery *d, const request *r, err *e) {
    static const char scheme[] = "mlflow-artifacts:/";
    rest_answer a = {0};
    err why = {0};
    slice bytes;
    struct stat is;
    arena *keep = &d->each.keep;
    char *said = slice_copy(keep, js_word(r->line, "file"));
    const char *file = arena_text(keep, "%s/%s", spool_about(d->from)->out, said);
    const char *to = spool_value(d->from, arena_text(keep, "%s/artifacts", r->handle));
    if (!to) return refused(d, r, "it needs what was refused before it", e);
    if (stat(file, &is) != 0 || is.st_size > most_file ||
        !file_read(file, &d->each, (size_t)most_file, &bytes, &why))
        return refused(d, r, "the file is not there any more, or over 256 MB", e);
    hash_text sha = hash_of(bytes);
    if (!slice_is(js_word(r->line, "sha256"), sha.hex))
        return refused(d, r, "the file has changed since", e);
    if (strncmp(to, "file://", 7) == 0) to += 7;
    if (to[0] == '/')
        return copy_file(to, r->path, bytes, keep, &why) ? d->files++, refused(d, r, NULL, e)
                                                         : refused(d, r, why.text, e);
    if (strncmp(to, scheme, sizeof scheme - 1) != 0)
        return refused(d, r, arena_text(keep, "no way to a store of artifacts like %s", to), e);
    to += sizeof scheme - 1;
    if (to[0] == '/') to = strchr(to + 1, '/') ? strchr(to + 1, '/') + 1 : ""; /* //HOST/ */
    char *under = encoded(to, keep), *name = encoded(r->path, keep);
    if (!under || !name) return refused(d, r, "a path with .. in it", e);
    const char *path = arena_text(keep, "/api/2.0/mlflow-artifacts/artifacts/%s/%s", under, name);
    d->calls++;
    if (!rest_call(d->server, &d->each, "PUT", path, "application/octet-stream", bytes, &a, &why))
        return failed(d, r, &(rest_answer){.undone = a.undone}, &why, e);
    if (a.status == 200) return d->files++, done(d, r, NULL, NULL, NULL, 0, e);
    fail(&why, "the tracking server answered %ld to the file %s", a.status, r->path);
    fail_cause(&why, "tracking");
    return failed(d, r, &a, &why, e);
}

/* ---- one and all ---- */

delivered deliver_next(delivery *d, err *e) {
    slice line;
    request r = {0};
    scope_rewind(&d->each);
    if (!spool_next(d->from, &d->each, &r.line, &line, e)) return DELIVERY_STOPPED;
    if (!r.line) return DELIVERED_ALL;
    arena *keep = &d->each.keep;
    js_int(js_get(r.line, "seq"), &r.seq);
    r.method = slice_copy(keep, js_word(r.line, "method"));
    r.path = slice_copy(keep, js_word(r.line, "path"));
    r.handle = slice_copy(keep, js_word(r.line, "handle"));
    return js_word(r.line, "file").n ? send_file(d, &r, e) : send_json(d, &r, e);
}

bool deliver_all(delivery *d, double seconds, err *e) {
    double since = args_clock();
    uint64_t seed = slice_hash(slice_of(spool_about(d->from)->id));
    for (int failures = 0;;) {
        err why = {0};
        delivered what = deliver_next(d, &why);
        if (what == DELIVERED_ALL) return true;
        if (what == DELIVERED_ONE) {
            failures = 0, since = args_clock();
            continue;
        }
        double pause = deliver_pause(++failures, seed);
        if (what == DELIVERY_STOPPED || args_clock() + pause - since > seconds)
            return *e = why, false;
        usleep((useconds_t)(pause * 1e6));
    }
}
