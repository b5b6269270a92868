/* verb_compare: two runs beside each other, family by family, with paired intervals. */
#include <math.h>
#include <stdio.h>

#include "pipeline/run_record.h"
#include "surfaces/verbs.h"

static const option options[] = {{0}};

static slice word(const js_node *n, const char *key) {
    slice s;
    return js_text(js_get(n, key), &s) ? s : SLICE("");
}

static double real(const js_node *n, const char *key) {
    double x;
    return js_real(js_get(n, key), &x) ? x : NAN;
}

static void print_family(const js_node *one) {
    slice title = word(one, "title"), model = word(one, "model"), metric = word(one, "metric");
    slice why = word(one, "why"), verdict = word(one, "verdict");
    bool less = false;
    js_bool(js_get(one, "less_is_better"), &less);
    printf("\n%.*s: %.*s of %.*s%s\n", (int)title.n, title.p, (int)metric.n, metric.p,
           (int)model.n, model.p, less ? " (less is better)" : "");
    printf("    %.4f -> %.4f, difference %+.4f", real(one, "before"), real(one, "after"),
           real(one, "difference"));
    if (why.n)
        printf("; no interval: %.*s\n", (int)why.n, why.p);
    else
        printf(" [%+.4f, %+.4f] over %.0f units: %.*s\n", real(one, "low"), real(one, "high"),
               real(one, "units"), (int)verdict.n, verdict.p);
    const js_node *metrics = js_get(one, "metrics");
    for (int64_t i = 0; i < js_count(metrics); i++) {
        const js_node *m = js_at(metrics, i);
        slice name = word(m, "metric");
        double before = real(m, "before"), after = real(m, "after");
        printf("    %-20.*s %12.4f %12.4f %+12.4f\n", (int)name.n, name.p, before, after,
               after - before);
    }
}

static bool run(const args *a, scope *s, js *out, err *e) {
    js_put_word(out, "before", args_word(a, 0));
    js_put_word(out, "after", args_word(a, 1));
    js *found = take(&s->keep, js, 1);
    js_open(found, s);
    js_object(found, NULL);
    if (!run_compare(args_word(a, 0), args_word(a, 1), s, found, e)) return false;
    js_end(found);
    const js_node *root = js_parse(s, text_slice(&found->out), e);
    if (!root) return false;
    const js_node *families = js_get(root, "families");
    js_put_node(out, "families", families);
    for (int64_t i = 0; !args_json(a) && i < js_count(families); i++)
        print_family(js_at(families, i));
    if (!args_json(a) && js_count(families) == 0)
        printf("The runs have no family in common that both could judge.\n");
    return true;
}

const verb verb_compare = {"compare",
                           "RUN RUN",
                           "shop",
                           "Compare the evaluations of two runs, with paired intervals.",
                           "atelier compare old-out atelier-out",
                           2,
                           2,
                           options,
                           run};
