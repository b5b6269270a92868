/* verb_segment: clusters the rows of a table of numbers by K-Means. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/segment/choose_k.h"
#include "models/segment/scale.h"
#include "models/segment/validity.h"
#include "surfaces/evaluate.h"

enum { GRID_LEAST = 2, GRID_MOST = 10, GRID = GRID_MOST - GRID_LEAST + 1 };

/* A table on its way to clusters. */
typedef struct job {
    const char *columns, *id, *labels; /* of the table; NULL = not given */
    bool raw;
    double tail;
    int starts;
    bench b;
    table_matrix t;
    scale_model scale;
    kmeans_data data;
    kmeans_model m;
    choose_k_trial quality;
} job;

static bool load(const args *a, scope *s, job *j, js *out, err *e) {
    table_count count = {0};
    const char *path = args_text(a, "in");
    if (!table_read_matrix(j->b.d, path, j->columns, j->id, &s->keep, &j->t, &count, e))
        return false;
    verb_say_count(&count, path, out);
    const table_matrix *t = &j->t;
    j->data = (kmeans_data){.n = t->rows, .d = t->cols};
    if (j->raw) {
        float *x = take(&s->keep, float, t->rows * t->cols);
        for (int64_t i = 0; i < t->rows * t->cols; i++) x[i] = (float)t->at[i];
        j->data.x = x;
        return true;
    }
    scale_params p = {j->tail, 1};
    if (t->rows == 0) return refuse(e, "%s: has no rows", path);
    j->scale = scale_fit(t->at, t->rows, t->cols, p, &s->keep, s->scratch);
    if (j->scale.d == 0) return refuse(e, "%s: no column of numbers varies among the rows", path);
    j->data.d = j->scale.d;
    j->data.x = scale_apply(&j->scale, t->at, t->rows, &s->keep);
    return true;
}

static bool cluster(scope *s, job *j, int k, bool judge, err *e) {
    kmeans_params p = KMEANS_DEFAULTS;
    choose_k_params c = CHOOSE_K_DEFAULTS;
    p.k = k;
    p.starts = j->starts;
    p.seed = c.seed = j->b.seed;
    if (!kmeans_fit(&j->m, &j->data, p, j->b.threads, &s->keep, s->scratch, e)) return false;
    if (judge)
        j->quality = choose_k_judge(&j->m, &j->data, c, j->b.threads, &s->keep, s->scratch);
    return true;
}

static void put_trial(js *out, const choose_k_trial *t) {
    js_object(out, NULL);
    js_put_int(out, "k", t->k);
    js_put_real(out, "silhouette", t->silhouette);
    js_put_real(out, "calinski_harabasz", t->calinski);
    js_put_real(out, "davies_bouldin", t->davies);
    js_put_real(out, "stability", t->stability);
    js_put_real(out, "smallest_share", t->smallest);
    js_end(out);
}

static bool choose(scope *s, job *j, int *k, js *out, err *e) {
    choose_k_trial trials[GRID];
    bool stable;
    int n = 0;
    js_array(out, "trials");
    for (int i = 0; i < GRID && GRID_LEAST + i <= j->data.n; i++) {
        if (!cluster(s, j, GRID_LEAST + i, true, e)) return false;
        trials[n++] = j->quality;
        put_trial(out, &trials[i]);
    }
    js_end(out);
    if (n == 0) return refuse(e, "--in: needs at least 2 rows to choose how many clusters");
    const choose_k_trial *t = &trials[choose_k_pick(trials, n, &stable)];
    *k = t->k;
    fprintf(stderr, "%d clusters: silhouette %.3f, stability %.2f%s\n", *k, t->silhouette,
            t->stability, stable ? "" : " (none of 2 to 10 is stable: read them with care)");
    return true;
}

static bool asked_k(const args *a, scope *s, job *j, int *k, js *out, err *e) {
    const char *word = args_text(a, "k");
    int64_t number;
    if (strcmp(word, "auto") == 0) return choose(s, j, k, out, e);
    if (!slice_int(slice_of(word), &number) || number < 1 || number > 4096)
        return refuse(e, "--k must be auto or a number from 1 to 4096, got '%s'", word);
    *k = (int)number;
    return true;
}

/* Agreement with a column of known labels: adjusted Rand index. */
static bool agree(const args *a, scope *s, const job *j, js *out, err *e) {
    table_matrix t;
    table_count count = {0};
    const char *labels = j->labels, *path = args_text(a, "in");
    if (!labels) return true;
    if (!table_read_matrix(j->b.d, path, j->columns, labels, &s->keep, &t, &count, e))
        return false;
    int32_t *known = take(&s->keep, int32_t, t.rows), n = 0;
    slice *names = take(&s->keep, slice, 4096);
    for (int64_t i = 0; i < t.rows; i++) {
        int32_t c = 0;
        while (c < n && slice_compare(names[c], t.ids[i]) != 0) c++;
        if (c == 4096) return refuse(e, "%s: column %s has over 4096 labels", path, labels);
        if (c == n) names[n++] = t.ids[i];
        known[i] = c;
    }
    double ari = validity_ari(known, n, j->m.label, j->m.k, t.rows, s->scratch);
    js_put_real(out, "adjusted_rand_index", ari);
    fprintf(stderr, "agreement with %s: adjusted Rand index %.4f\n", labels, ari);
    return true;
}

/* Centres in the table's own units. */
static void put_clusters(js *out, const job *j) {
    js_array(out, "clusters");
    for (int c = 0; c < j->m.k; c++) {
        js_object(out, NULL);
        js_put_int(out, "index", c);
        js_put_real(out, "rows", j->m.mass[c]);
        js_object(out, "centre");
        for (int f = 0; f < j->m.d; f++) {
            double v = j->m.centres[c * j->m.d + f];
            bool scaled = j->scale.d > 0;
            js_put_real(out, j->t.names[scaled ? j->scale.from[f] : f],
                        scaled ? v * j->scale.sd[f] + j->scale.mean[f] : v);
        }
        js_end(out);
        js_end(out);
    }
    js_end(out);
}

static bool write(const args *a, scope *s, job *j, err *e) {
    static const column_type types[] = {COLUMN_TEXT, COLUMN_I32};
    const char *id = j->id;
    const char *names[] = {id ? id : "row", "cluster"};
    columns c = columns_new(&s->keep, 2, names, types, j->t.rows);
    for (int64_t i = 0; i < j->t.rows; i++) {
        c.at[0].text[i] = id ? j->t.ids[i]
                             : slice_of(arena_text(&s->keep, "%lld", (long long)i + 1));
        c.at[1].i32[i] = j->m.label[i];
    }
    return db_put(j->b.d, "clusters", &c, e) && verb_write(a, &j->b, "clusters", e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    job *j = take(&s->keep, job, 1);
    timing took = {0};
    int k;
    j->columns = args_text(a, "columns");
    j->id = args_text(a, "id");
    j->labels = args_text(a, "labels");
    j->raw = args_flag(a, "raw");
    j->tail = args_real(a, "tail");
    j->starts = (int)args_int(a, "starts");
    double start = args_clock();
    if (!verb_open(a, s, &j->b, e) || !load(a, s, j, out, e)) return false;
    took.read_s = args_clock() - start;
    start = args_clock();
    if (!asked_k(a, s, j, &k, out, e) || !cluster(s, j, k, true, e)) return false;
    took.fit_s = args_clock() - start;
    js_put_word(out, "method", "kmeans");
    js_put_int(out, "k", k);
    js_put_real(out, "inertia", j->m.inertia);
    js_put_int(out, "iterations", j->m.iterations);
    js_put_bool(out, "converged", j->m.converged);
    js_array(out, "quality");
    put_trial(out, &j->quality);
    js_end(out);
    put_clusters(out, j);
    start = args_clock();
    if (!agree(a, s, j, out, e) || !write(a, s, j, e)) return false;
    took.write_s = args_clock() - start;
    args_timing(out, &took);
    return true;
}

bool evaluate_segment(const args *a, scope *s, js *out, err *e) {
    job *j = take(&s->keep, job, 1);
    int k = (int)args_int(a, "k");
    j->columns = args_text(a, "columns");
    j->labels = args_text(a, "labels");
    j->tail = SCALE_DEFAULTS.tail;
    j->starts = KMEANS_DEFAULTS.starts;
    if (!verb_open(a, s, &j->b, e) || !load(a, s, j, out, e) ||
        (!args_given(a, "k") && !choose(s, j, &k, out, e)) || !cluster(s, j, k, true, e))
        return false;
    js_put_word(out, "metric", j->labels ? "adjusted_rand_index" : "silhouette");
    js_put_int(out, "k", k);
    js_array(out, "quality");
    put_trial(out, &j->quality);
    js_end(out);
    fprintf(stderr, "%d clusters of %lld rows: silhouette %.4f, Calinski-Harabasz %.2f, "
                    "Davies-Bouldin %.4f, stability %.4f\n", k, (long long)j->data.n,
            j->quality.silhouette, j->quality.calinski, j->quality.davies, j->quality.stability);
    return agree(a, s, j, out, e);
}

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"k", OPTION_TEXT, "N", "clusters, or auto: chosen from 2 to 10", .value = "auto"},
    {"method", OPTION_CHOICE, "kmeans", "how to cluster", .value = "kmeans"},
    {"columns", OPTION_TEXT, "A,B,…", "columns to cluster by (default: all that hold numbers)"},
    {"id", OPTION_TEXT, "COLUMN", "column that names the rows in the result"},
    {"labels", OPTION_TEXT, "COLUMN", "known labels to hold the clusters against"},
    {"raw", OPTION_FLAG, NULL, "take the numbers as they are (default: each column scaled)"},
    {"tail", OPTION_REAL, "SHARE", "share of each tail that is drawn in before scaling",
     .value = "0.005", .low = 0, .high = 0.25},
    {"starts", OPTION_INT, "N", "k-means++ starts", .value = "4", .low = 1, .high = 1000},
    {0}};

const verb verb_segment = {
    .name = "segment",
    .words = "",
    .group = "table",
    .title = "Cluster rows with alike numbers (K-Means).",
    .example = "atelier segment --in customers.csv --id customer_id --k auto --out clusters.csv",
    .options = options,
    .run = run,
};
