/* verb_sync: sends what is left of tracked runs whose server was away. */
#include <stdio.h>
#include <sys/stat.h>

#include "data/folder.h"
#include "surfaces/track.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"track", OPTION_TEXT, "URL", "address of the server (default: the one in the spool)"},
    {"seconds", OPTION_REAL, "N", "time without an answer until it is given up", .value = "60",
     .low = 1, .high = 86400},
    {0}};

static bool sync_one(const args *a, const char *path, js *out, err *e) {
    scope s;
    track_synced done;
    track_server to = track_server_said(args_text(a, "track"), NULL, 30);
    to.url = args_text(a, "track");
    if (!scope_open(&s, (size_t)2 << 30, 0, e)) return false;
    bool all = track_sync(&to, path, args_real(a, "seconds"), &s, &done, e);
    if (all) {
        js_object(out, NULL);
        js_put_word(out, "spool", path);
        js_put_word(out, "run_id", done.run);
        js_put_int(out, "requests", done.sent);
        js_put_int(out, "refused", done.refused);
        js_put_int(out, "calls", done.calls);
        js_put_int(out, "points", done.points);
        js_end(out);
        if (!args_json(a))
            printf("%s: %lld of %lld requests sent with %lld points, %lld refused; run %s\n", path,
                   (long long)(done.sent - done.refused), (long long)done.waited,
                   (long long)done.points, (long long)done.refused,
                   done.run ? done.run : "was never made");
    }
    scope_close(&s);
    return all || fail_in(e, path);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    struct stat is;
    char **paths;
    const char *at = args_word(a, 0);
    if (stat(at, &is) != 0) {
        refuse(e, "there is no %s; a folder of results or a spool (OUT/.track/….jsonl) is wanted",
               at);
        return fail_cause(e, "no_input");
    }
    bool many = S_ISDIR(is.st_mode), done = true;
    int64_t n = many ? track_spools(at, NULL, s, &paths) : 1;
    js_array(out, "spools");
    for (int64_t i = 0; i < n && done; i++) done = sync_one(a, many ? paths[i] : at, out, e);
    js_end(out);
    if (done && n == 0 && !args_json(a)) printf("Nothing waits in %s.\n", at);
    return done;
}

const verb verb_sync = {"sync",
                        "OUT|SPOOL",
                        "shop",
                        "Send what is left of tracked runs whose server was away.",
                        "atelier sync atelier-out",
                        1,
                        1,
                        options,
                        run};
