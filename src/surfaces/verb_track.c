/* verb_track: sends kept runs to an MLflow server, each once. */
#include <stdio.h>

#include "pipeline/run_record.h"
#include "surfaces/track.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"to", OPTION_TEXT, "URL", "address of the server (default: MLFLOW_TRACKING_URI)"},
    {"experiment", OPTION_TEXT, "NAME", "experiment that the runs belong to", .value = "atelier"},
    {"seconds", OPTION_REAL, "N", "time without an answer until it is given up", .value = "10",
     .low = 1, .high = 3600},
    {0}};

/* What is left of runs that were tracked while they went on comes first: they are records too. */
static bool sync_spools(const track_server *to, const char *out, double patience, scope *s,
                        err *e) {
    char **paths;
    int64_t n = track_spools(out, to->url, s, &paths);
    for (int64_t i = 0; i < n; i++) {
        scope each;
        track_synced done;
        if (!scope_open(&each, (size_t)2 << 30, 0, e)) return false;
        bool sent = track_sync(to, paths[i], patience, &each, &done, e);
        scope_close(&each);
        if (!sent) return fail_in(e, paths[i]);
    }
    return true;
}

static bool send(const track_server *to, const char *record, double patience, js *out, bool json,
                 err *e) {
    scope s;
    track_sent sent;
    if (!scope_open(&s, (size_t)1 << 30, 0, e)) return false;
    bool done = sync_spools(to, arena_text(&s.keep, "%s/../..", record), patience, &s, e) &&
                track_record(to, record, patience, &s, &sent, e);
    if (done) {
        js_object(out, NULL);
        js_put_word(out, "folder", record);
        js_put_word(out, "run_id", sent.run);
        js_put_bool(out, "already_there", sent.already);
        js_put_int(out, "calls", sent.calls);
        js_put_int(out, "metrics", sent.metrics);
        js_put_int(out, "parameters", sent.parameters);
        js_put_int(out, "datasets", sent.datasets);
        js_put_int(out, "files", sent.files);
        js_put_int(out, "left_out", sent.left_out);
        js_end(out);
    }
    if (done && !json && sent.already)
        printf("%s is there already, as run %s\n", record, sent.run);
    else if (done && !json)
        printf("%s is run %s: %lld metrics, %lld parameters, %lld datasets, %lld files"
               " in %lld calls; %lld left out\n",
               record, sent.run, (long long)sent.metrics, (long long)sent.parameters,
               (long long)sent.datasets, (long long)sent.files, (long long)sent.calls,
               (long long)sent.left_out);
    scope_close(&s);
    return done;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    run_list all = {0};
    double patience = args_real(a, "seconds");
    track_server to = track_server_said(args_text(a, "to"), args_text(a, "experiment"), 30);
    const char *dir = args_word(a, 0);
    if (!to.url) return refuse(e, "no server is named: give --to URL or set MLFLOW_TRACKING_URI");
    bool one = file_exists(arena_text(&s->keep, "%s/run.json", dir));
    if (!one && !run_records(dir, s, &all, e)) return false;
    js_array(out, "runs");
    bool done = !one || send(&to, dir, patience, out, args_json(a), e);
    for (int64_t i = 0; i < all.n && done; i++)
        done = send(&to, all.folder[i], patience, out, args_json(a), e);
    js_end(out);
    if (done && !one && all.n == 0 && !args_json(a)) printf("No runs are kept in %s.\n", dir);
    return done;
}

const verb verb_track = {"track",
                         "RUN|DIR",
                         "shop",
                         "Send kept runs to an MLflow server; what is there already stays.",
                         "atelier track atelier-out --to http://127.0.0.1:5000",
                         1,
                         1,
                         options,
                         run};
