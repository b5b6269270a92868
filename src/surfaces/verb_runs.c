/* verb_runs: lists the runs that were kept under a folder. */
#include <stdio.h>

#include "pipeline/run_record.h"
#include "surfaces/verbs.h"

static const option options[] = {{0}};

static void print_run(const char *record, const js_node *run) {
    double seconds = 0;
    bool published = false;
    js_real(js_get(run, "seconds"), &seconds);
    js_bool(js_get(run, "published"), &published);
    slice started = js_word(run, "started"), refused = js_word(run, "refused");
    const char *fate = published ? "published" : refused.n ? "" : "nothing published";
    printf("%s\n    %.*s, %.1f s, %s%.*s\n", record, (int)started.n, started.p, seconds, fate,
           (int)refused.n, refused.p);
    const js_node *families = js_get(run, "families");
    for (int64_t i = 0; i < js_count(families); i++) {
        const js_node *one = js_get(families, js_key(families, i));
        slice model = js_word(one, "model"), metric = js_word(one, "metric");
        double value;
        if (!js_real(js_get(one, "value"), &value)) continue;
        printf("    %-10s %-20.*s %-28.*s %.4f\n", js_key(families, i), (int)metric.n, metric.p,
               (int)model.n, model.p, value);
    }
}

static bool run(const args *a, scope *s, js *out, err *e) {
    run_list all;
    const char *dir = args_words(a) > 0 ? args_word(a, 0) : ".";
    if (!run_records(dir, s, &all, e)) return false;
    js_array(out, "runs");
    for (int64_t i = 0; i < all.n; i++) {
        js_object(out, NULL);
        js_put_word(out, "folder", all.folder[i]);
        js_put_node(out, "run", all.run[i]);
        js_end(out);
        if (!args_json(a)) print_run(all.folder[i], all.run[i]);
    }
    js_end(out);
    if (all.n == 0 && !args_json(a)) printf("No runs are kept in %s.\n", dir);
    return true;
}

const verb verb_runs = {"runs",
                        "[DIR]",
                        "shop",
                        "List the runs kept in a results folder, or in all below DIR.",
                        "atelier runs atelier-out",
                        0,
                        1,
                        options,
                        run};
