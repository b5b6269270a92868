/* verb_compare: two runs beside each other, family by family, with paired intervals. */
#include <math.h>
#include <stdio.h>

#include "base/order.h"
#include "pipeline/run_record.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"parts", OPTION_FLAG, NULL, "every week, category and group of all models"}, {0}};

/* ---- parts ---- */

enum { ENDS = 3 }; /* of the served model's parts: those that lost most and that won most */

/* What a part won, as a share of what it was: parts of one metric can be set side by side. */
static double won(const js_node *part) {
    bool less = false;
    double was = js_number(part, "before");
    js_bool(js_get(part, "less_is_better"), &less);
    double share = js_number(part, "difference") / fmax(fabs(was), 1e-9);
    return less ? -share : share;
}

static void print_part(const js_node *part, bool model) {
    slice by = js_word(part, "by"), of = js_word(part, "of"), name = js_word(part, "model");
    printf("        %.*s %.*s", (int)by.n, by.p, (int)of.n, of.p);
    if (model) printf(", %.*s", (int)name.n, name.p);
    printf(": %.4f [%.4f, %.4f] -> %.4f [%.4f, %.4f], %+.4f over %.0f\n",
           js_number(part, "before"), js_number(part, "before_low"),
           js_number(part, "before_high"), js_number(part, "after"),
           js_number(part, "after_low"), js_number(part, "after_high"),
           js_number(part, "difference"), js_number(part, "after_n"));
}

/* Parts of the served model that moved, worst first. */
static int64_t sorted(const js_node *parts, slice served, int32_t *order, scope *s) {
    int64_t n = 0, all = js_count(parts);
    double *key = take(&s->keep, double, all);
    for (int64_t i = 0; i < all; i++) {
        key[i] = won(js_at(parts, i));
        if (slice_compare(js_word(js_at(parts, i), "model"), served) == 0 && isfinite(key[i]) &&
            key[i] != 0)
            order[n++] = (int32_t)i;
    }
    order_up(order, n, key, s->scratch);
    return n;
}

static void print_parts(const js_node *family, bool all, scope *s) {
    const js_node *parts = js_get(family, "parts");
    slice served = js_word(family, "model");
    int64_t count = js_count(parts), of_served = 0;
    if (count == 0) return;
    slice metric = js_word(js_at(parts, 0), "metric");
    for (int64_t i = 0; i < count; i++)
        of_served += slice_compare(js_word(js_at(parts, i), "model"), served) == 0;
    int32_t *order = take(&s->keep, int32_t, count);
    int64_t n = sorted(parts, served, order, s), head = n < ENDS ? n : ENDS;
    int64_t tail = n - head < ENDS ? n - head : ENDS;
    printf("    %.*s by part: %lld parts of %.*s, %lld moved%s\n", (int)metric.n, metric.p,
           (long long)of_served, (int)served.n, served.p, (long long)n,
           all || n <= head + tail ? "" : "; worst and best, --parts shows all");
    if (all)
        for (int64_t i = 0; i < count; i++) print_part(js_at(parts, i), true);
    for (int64_t i = 0; !all && i < head; i++) print_part(js_at(parts, order[i]), false);
    for (int64_t i = n - tail; !all && i < n; i++) print_part(js_at(parts, order[i]), false);
}

/* ---- families ---- */

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
    for (int64_t i = 0; !args_json(a) && i < js_count(families); i++) {
        print_family(js_at(families, i));
        print_parts(js_at(families, i), args_flag(a, "parts"), s);
    }
    if (!args_json(a) && js_count(families) == 0)
        printf("The runs have no family in common that both could judge.\n");
    return true;
}

const verb verb_compare = {"compare",
                           "RUN RUN",
                           "shop",
                           "Compare the evaluations of two runs, whole and part by part.",
                           "atelier compare old-out atelier-out",
                           2,
                           2,
                           options,
                           run};
