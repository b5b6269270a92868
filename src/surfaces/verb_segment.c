/* verb_segment: clusters the rows of a table of numbers by one of several methods. */
#include <stdio.h>
#include <string.h>

#include "surfaces/segment_table.h"

static const segment_method *const methods[] = {&segment_kmeans, &segment_gmm,
                                                &segment_hdbscan};
enum { METHODS = sizeof methods / sizeof methods[0] };

/* Options of single methods: whoever reads none of them refuses them by name. */
static const char own_options[] =
    "k starts bootstraps batch covariance min-cluster-size neighbours sklearn select epsilon "
    "max-cluster-size persistence single-cluster soft";

static const char predict_options[] = "in out seed threads model predict id labels json";

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"model", OPTION_TEXT, "FILE", "keep the clusters and what was done to the columns (.atm, or a "
     "folder)"},
    {"predict", OPTION_FLAG, NULL, "put the rows into the clusters of --model"},
    {"method", OPTION_CHOICE, "kmeans|gmm|hdbscan", "how to cluster", .value = "kmeans"},
    {"columns", OPTION_TEXT, "A,B,…", "columns to cluster by (default: all that hold numbers)"},
    {"id", OPTION_TEXT, "COLUMN", "column that names the rows in the result"},
    {"labels", OPTION_TEXT, "COLUMN|FILE", "known labels to hold the clusters against"},
    {"log", OPTION_TEXT, "all|A,B,…", "columns by their logarithm, ln(1 + x), before scaling"},
    {"raw", OPTION_FLAG, NULL, "take the numbers as they are (default: each column scaled)"},
    {"scale", OPTION_CHOICE, "standard|robust|rank", "columns by mean and sd, by median and "
     "quartiles, or by their ranks as normal values", .value = "standard"},
    {"winsorise", OPTION_REAL, "SHARE", "share of each tail that is drawn in before scaling",
     .value = "0.005", .low = 0, .high = 0.25},
    {"pca", OPTION_TEXT, "auto|N|none", "principal components to cluster by; auto: 90 % of the "
     "variance", .value = "none"},
    {"budget", OPTION_REAL, "SECONDS", "refuse what would take longer", .value = "600",
     .low = 1e-6, .high = 1e9},
    {"k", OPTION_TEXT, "N|auto", "clusters; auto: chosen from 2 to 10", .value = "auto"},
    {"covariance", OPTION_CHOICE, "full|tied|diag|spherical", "gmm: shape of the components",
     .value = "full"},
    {"starts", OPTION_INT, "N", "kmeans, gmm: k-means++ starts", .value = "4", .low = 1,
     .high = 1000},
    {"bootstraps", OPTION_INT, "N", "tables drawn anew to see what comes back (kmeans, hdbscan)",
     .value = "20", .low = 1, .high = 1000},
    {"batch", OPTION_INT, "N", "kmeans: learn from batches of N rows, without a second copy of the "
     "table", .value = "0", .low = 0, .high = 1e9},
    {"min-cluster-size", OPTION_INT, "N", "hdbscan: rows of the smallest cluster", .value = "50",
     .low = 2, .high = 1e9},
    {"neighbours", OPTION_INT, "N", "hdbscan: the N-th nearest other row tells how dense it is "
     "around a row", .value = "10", .low = 0, .high = 4096},
    {"sklearn", OPTION_FLAG, NULL, "hdbscan: --neighbours counts the row itself, as scikit-learn's "
     "min_samples"},
    {"select", OPTION_CHOICE, "eom|leaf", "hdbscan: most lasting clusters, or the smallest ones",
     .value = "eom"},
    {"epsilon", OPTION_REAL, "DISTANCE", "hdbscan: no split at a smaller distance", .value = "0",
     .low = 0, .high = 1e300},
    {"max-cluster-size", OPTION_INT, "N", "hdbscan: larger clusters give way to smaller ones "
     "(0: any size)", .value = "0", .low = 0, .high = 1e9},
    {"persistence", OPTION_REAL, "LAMBDA", "hdbscan: undo splits that last less", .value = "0",
     .low = 0, .high = 1e300},
    {"single-cluster", OPTION_FLAG, NULL, "hdbscan: all rows may be one cluster"},
    {"soft", OPTION_FLAG, NULL, "hdbscan: also the next most probable cluster of each row"},
    {0}};

static bool check_options(const args *a, const segment_method *m, err *e) {
    for (int i = 0; options[i].name; i++) {
        const char *name = options[i].name;
        if (args_given(a, name) && args_among(own_options, name) && !args_among(m->options, name))
            return refuse(e, "--method %s has no option --%s", m->name, name);
    }
    return true;
}

static const segment_method *method_of(const args *a) {
    int i = 0;
    while (i + 1 < METHODS && strcmp(methods[i]->name, args_text(a, "method")) != 0) i++;
    return methods[i];
}

static bool read_pca(const args *a, const segment_method *m, segment_wish *w, err *e) {
    const char *word = args_text(a, "pca");
    int64_t number;
    w->share = 1;
    if (strcmp(word, "none") == 0) return true;
    if (strcmp(word, "auto") == 0) {
        w->share = PCA_DEFAULTS.share;
        w->components = m->pca_most;
        return true;
    }
    if (!slice_int(slice_of(word), &number) || number < 1 || number > 4096)
        return refuse(e, "--pca must be auto, none or a number from 1 to 4096, got '%s'", word);
    w->components = (int)number;
    return true;
}

/* Says what a long run takes; refuses one that is too dear, and offers a cheaper one. */
static bool check_price(const segment_job *j, const segment_method *m, js *out, err *e) {
    scope *s = j->s;
    double dimension = 0, budget = args_real(j->a, "budget");
    if (m->by_dimension) dimension = cost_dimension(j->x, j->n, j->d, j->b->threads, s->scratch);
    cost c = m->price(j, j->d, dimension), cheap = m->price(j, 5, dimension < 5 ? dimension : 5);
    char *words = cost_words(c, &s->keep), *cheaper = "";
    js_object(out, "estimate");
    if (m->by_dimension) js_put_real(out, "intrinsic_dimension", dimension);
    js_put_real(out, "seconds_on_one_thread", c.seconds);
    js_put_real(out, "bytes", c.bytes);
    js_end(out);
    if (j->d > 5)
        cheaper = arena_text(&s->keep, "; --pca 5 takes %s", cost_words(cheap, &s->keep));
    if (m->most_columns > 0 && j->d > m->most_columns && !args_given(j->a, "pca"))
        return refuse(e, "%s: %d columns are more than distances can tell apart (--method %s takes "
                         "%d): all of them would take %s on one thread%s; --pca none insists",
                      j->path, j->d, m->name, m->most_columns, words, cheaper);
    if (c.seconds > budget || c.bytes > 2e6 * (double)verb_memory_mb())
        return refuse(e, "%s: %lld rows of %d columns would take %s on one thread, which is more "
                         "than --budget %.6g seconds or this machine's memory%s", j->path,
                      (long long)j->n, j->d, words, budget, cheaper);
    if (c.seconds > 10) fprintf(stderr, "%s: this takes %s on one thread\n", j->path, words);
    return true;
}

/* ---- models ---- */

static bool save_model(segment_table *t, const segment_method *m, segment_found *f, err *e) {
    const char *path = args_text(t->job.a, "model");
    clusters_file *c = &f->model;
    if (!path) return true;
    for (int i = 0; i < 3; i++)
        if (strcmp(clusters_methods[i], m->name) == 0) c->method = (clusters_method)i;
    c->columns = t->t.names;
    c->by = t->by;
    c->k = f->k;
    c->d = t->job.d;
    c->rows = t->job.n;
    return clusters_file_save(c, path, t->job.s, e);
}

static bool check_predict(const args *a, err *e) {
    if (!args_text(a, "model"))
        return refuse(e, "--predict takes --model FILE, made by atelier segment --in TABLE --model "
                         "FILE");
    for (int i = 0; options[i].name; i++)
        if (args_given(a, options[i].name) && !args_among(predict_options, options[i].name))
            return refuse(e, "--predict has no option --%s: the model says how it was fitted",
                          options[i].name);
    return true;
}

/* Rows put into the clusters of a model. */
static bool predict(const args *a, scope *s, js *out, err *e) {
    segment_table *t = take(&s->keep, segment_table, 1);
    bench *b = take(&s->keep, bench, 1);
    clusters_file *m = take(&s->keep, clusters_file, 1);
    segment_found f = {0};
    timing took = {0};
    double clock = args_clock();
    t->wish = (segment_wish){.id = args_text(a, "id"), .labels = args_text(a, "labels")};
    if (!check_predict(a, e) || !clusters_file_open(m, args_text(a, "model"), s, e) ||
        !verb_open(a, s, b, e))
        return false;
    t->by = m->by;
    js_put_word(out, "method", clusters_methods[m->method]);
    js_put_int(out, "k", m->k);
    if (!segment_table_read_by(t, m->columns, a, b, s, out, e)) return false;
    took.read_s = args_lap(&clock);
    f = (segment_found){.k = m->k, .label = take(&s->keep, int32_t, t->job.n)};
    if (m->method != CLUSTERS_KMEANS) f.strength = take(&s->keep, double, t->job.n);
    if (m->method == CLUSTERS_GMM) {
        f.second = take(&s->keep, int32_t, t->job.n);
        f.second_strength = take(&s->keep, double, t->job.n);
    }
    clusters_rows rows = {f.label, f.second, f.strength, f.second_strength};
    clusters_file_assign(m, t->job.x, t->job.n, b->threads, &rows, s);
    took.score_s = args_lap(&clock);
    segment_table_put(t, &f, out);
    if (!segment_table_agree(t, &f, out, e) || !segment_table_write(t, &f, e)) return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    if (args_flag(a, "predict")) return predict(a, s, out, e);
    segment_table *t = take(&s->keep, segment_table, 1);
    bench *b = take(&s->keep, bench, 1);
    const segment_method *m = method_of(a);
    segment_found found = {0};
    timing took = {0};
    double clock = args_clock();
    t->wish = (segment_wish){.columns = args_text(a, "columns"), .id = args_text(a, "id"),
                             .labels = args_text(a, "labels"), .log = args_text(a, "log"),
                             .raw = args_flag(a, "raw"), .tail = args_real(a, "winsorise")};
    while (strcmp(scale_words[t->wish.kind], args_text(a, "scale")) != 0) t->wish.kind++;
    js_put_word(out, "method", m->name);
    if (!check_options(a, m, e) || !read_pca(a, m, &t->wish, e) || !verb_open(a, s, b, e) ||
        !segment_table_read(t, a, b, s, out, e) || !check_price(&t->job, m, out, e))
        return false;
    took.read_s = args_lap(&clock);
    if (!m->run(&t->job, &found, out, e)) return false;
    took.fit_s = args_lap(&clock);
    segment_table_put(t, &found, out);
    if (!segment_table_agree(t, &found, out, e) || !save_model(t, m, &found, e) ||
        !segment_table_write(t, &found, e))
        return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

const verb verb_segment = {
    .name = "segment",
    .words = "",
    .group = "table",
    .title = "Cluster rows with alike numbers (K-Means, mixtures, density).",
    .example = "atelier segment --in customers.csv --id customer_id --k auto --out clusters.csv",
    .options = options,
    .run = run,
};
