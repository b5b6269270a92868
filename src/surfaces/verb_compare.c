/* verb_compare: two runs beside each other, family by family, with paired intervals. */
#include <math.h>
#include <stdio.h>

#include "pipeline/run_record.h"
#include "surfaces/verbs.h"

static const option options[] = {{0}};

static void print_family(const js_node *one) {
    slice title = js_word(one, "title"), model = js_word(one, "model");
    slice metric = js_word(one, "metric"), verdict = js_word(one, "verdict");
    slice why = js_word(one, "why");
    bool less = false;
    js_bool(js_get(one, "less_is_better"), &less);
    printf("\n%.*s: %.*s of %.*s%s\n", (int)title.n, title.p, (int)metric.n, metric.p,
           (int)model.n, model.p, less ? " (less is better)" : "");
    printf("    %.4f -> %.4f, difference %+.4f", js_number(one, "before"), js_number(one, "after"),
           js_number(one, "difference"));
    if (why.n)
        printf("; no interval: %.*s\n", (int)why.n, why.p);
    else
        printf(" [%+.4f, %+.4f] over %.0f units: %.*s\n", js_number(one, "low"),
               js_number(one, "high"), js_number(one, "units"), (int)verdict.n, verdict.p);
    const js_node *metrics = js_get(one, "metrics");
    for (int64_t i = 0; i < js_count(metrics); i++) {
        const js_node *m = js_at(metrics, i);
        slice name = js_word(m, "metric");
        double before = js_number(m, "before"), after = js_number(m, "after");
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
