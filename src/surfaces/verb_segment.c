/* verb_segment: clusters the rows of a table of numbers by one of several methods. */
#include <string.h>

#include "surfaces/segment_table.h"

static const segment_method *const methods[] = {&segment_kmeans};
enum { METHODS = sizeof methods / sizeof methods[0] };

/* Options of single methods: whoever reads none of them refuses them by name. */
static const char own_options[] = "k starts";

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"method", OPTION_CHOICE, "kmeans", "how to cluster", .value = "kmeans"},
    {"columns", OPTION_TEXT, "A,B,…", "columns to cluster by (default: all that hold numbers)"},
    {"id", OPTION_TEXT, "COLUMN", "column that names the rows in the result"},
    {"labels", OPTION_TEXT, "COLUMN|FILE", "known labels to hold the clusters against"},
    {"raw", OPTION_FLAG, NULL, "take the numbers as they are (default: each column scaled)"},
    {"tail", OPTION_REAL, "SHARE", "share of each tail that is drawn in before scaling",
     .value = "0.005", .low = 0, .high = 0.25},
    {"k", OPTION_TEXT, "N|auto", "clusters; auto: chosen from 2 to 10", .value = "auto"},
    {"starts", OPTION_INT, "N", "kmeans: k-means++ starts", .value = "4", .low = 1, .high = 1000},
    {0}};

/* True when name stands among words separated by spaces. */
static bool among(const char *words, const char *name) {
    size_t n = strlen(name);
    for (const char *at = strstr(words, name); at; at = strstr(at + 1, name))
        if ((at == words || at[-1] == ' ') && (at[n] == 0 || at[n] == ' ')) return true;
    return false;
}

static bool check_options(const args *a, const segment_method *m, err *e) {
    for (int i = 0; options[i].name; i++) {
        const char *name = options[i].name;
        if (args_given(a, name) && among(own_options, name) && !among(m->options, name))
            return refuse(e, "--method %s has no option --%s", m->name, name);
    }
    return true;
}

static const segment_method *method_of(const args *a) {
    int i = 0;
    while (i + 1 < METHODS && strcmp(methods[i]->name, args_text(a, "method")) != 0) i++;
    return methods[i];
}

static bool run(const args *a, scope *s, js *out, err *e) {
    segment_table *t = take(&s->keep, segment_table, 1);
    bench *b = take(&s->keep, bench, 1);
    const segment_method *m = method_of(a);
    segment_found found = {0};
    timing took = {0};
    double clock = args_clock();
    t->wish = (segment_wish){.columns = args_text(a, "columns"), .id = args_text(a, "id"),
                             .labels = args_text(a, "labels"), .raw = args_flag(a, "raw"),
                             .tail = args_real(a, "tail")};
    js_put_word(out, "method", m->name);
    if (!check_options(a, m, e) || !verb_open(a, s, b, e) ||
        !segment_table_read(t, a, b, s, out, e))
        return false;
    took.read_s = args_lap(&clock);
    if (!m->run(&t->job, &found, out, e)) return false;
    took.fit_s = args_lap(&clock);
    segment_table_put(t, &found, out);
    if (!segment_table_agree(t, &found, out, e) || !segment_table_write(t, &found, e)) return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

const verb verb_segment = {
    .name = "segment",
    .words = "",
    .group = "table",
    .title = "Cluster rows with alike numbers (K-Means).",
    .example = "atelier segment --in customers.csv --id customer_id --k auto --out clusters.csv",
    .options = options,
    .run = run,
};
