/* segment_kmeans: the rows of a table clustered by K-Means, for a given or a chosen k. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/segment/choose_k.h"
#include "models/segment/gap.h"
#include "surfaces/evaluate.h"
#include "surfaces/segment_table.h"

enum { GRID_LEAST = 2, GRID_MOST = 10, GRID = GRID_MOST - GRID_LEAST + 1 };

/* How K-Means is asked for: options of the verb, or the defaults of evaluate. */
typedef struct wish {
    int starts, rounds; /* bootstraps */
    int64_t batch;
} wish;

static bool cluster(const segment_job *j, int k, wish w, kmeans_model *m, choose_k_trial *quality,
                    err *e) {
    kmeans_params p = KMEANS_DEFAULTS;
    choose_k_params c = CHOOSE_K_DEFAULTS;
    kmeans_data data = {.x = j->x, .n = j->n, .d = j->d};
    p.k = k;
    p.starts = w.starts;
    p.seed = c.seed = j->b->seed;
    c.rounds = w.rounds;
    p.batch = w.batch;
    if (w.batch > 0 && w.batch < k)
        return refuse(e, "--batch %lld is less than one row for each of %d clusters",
                      (long long)w.batch, k);
    if (j->n < k)
        return refuse(e, "%s: %d clusters need at least as many rows, and %lld take part: lower "
                         "--k", j->path, k, (long long)j->n);
    if (!kmeans_fit(m, &data, p, j->b->threads, &j->s->keep, j->s->scratch, e)) return false;
    *quality = choose_k_judge(m, &data, c, j->b->threads, &j->s->keep, j->s->scratch);
    return true;
}

static void put_trial(js *out, const choose_k_trial *t) {
    double least = 1;
    js_object(out, NULL);
    js_put_int(out, "k", t->k);
    js_put_real(out, "silhouette", t->silhouette);
    js_put_real(out, "simplified_silhouette", t->simplified);
    js_put_real(out, "calinski_harabasz", t->calinski);
    js_put_real(out, "davies_bouldin", t->davies);
    js_put_real(out, "dbcv", t->dbcv);
    js_put_real(out, "gap", t->gap);
    js_put_real(out, "gap_s", t->gap_s);
    js_put_real(out, "stability", t->stability);
    js_array(out, "cluster_stability");
    for (int c = 0; c < t->k; c++) {
        js_put_real(out, NULL, t->overlap[c]);
        least = fmin(least, t->overlap[c]);
    }
    js_end(out);
    js_put_real(out, "least_cluster_stability", least);
    js_put_real(out, "smallest_share", t->smallest);
    js_put_real(out, "mean_rank", t->rank);
    js_put_bool(out, "defensible", !choose_k_objection(t));
    js_end(out);
}

/* Fills the gap of the trials (k = 2, 3, …); returns what the statistic would choose, or 0. */
static int find_gaps(const segment_job *j, choose_k_trial *trials, int n) {
    double gap[GRID + 2], s[GRID + 2];
    gap_params p = GAP_DEFAULTS;
    kmeans_data data = {.x = j->x, .n = j->n, .d = j->d};
    int64_t rows = j->n < p.rows ? j->n : p.rows;
    int most = trials[n - 1].k < rows ? trials[n - 1].k + 1 : (int)rows;
    p.seed = j->b->seed;
    if (!gap_fit(&data, 1, most, p, j->b->threads, gap, s, j->s->scratch)) return 0;
    for (int i = 0; i < n; i++) {
        trials[i].gap = gap[trials[i].k - 1];
        trials[i].gap_s = s[trials[i].k - 1];
    }
    return gap_pick(gap, s, 1, most);
}

static bool choose(const segment_job *j, wish w, int *k, js *out, err *e) {
    choose_k_trial trials[GRID];
    kmeans_model m;
    bool stable;
    int n = 0;
    if (j->n < GRID_LEAST)
        return refuse(e, "%s: to choose how many clusters takes at least 2 rows, and %lld take "
                         "part: give --k 1, or more rows", j->path, (long long)j->n);
    for (; n < GRID && GRID_LEAST + n <= j->n; n++)
        if (!cluster(j, GRID_LEAST + n, w, &m, &trials[n], e)) return false;
    int gap = find_gaps(j, trials, n), best = choose_k_pick(trials, n, &stable);
    char *verdict = choose_k_verdict(trials, n, &j->s->keep);
    if (gap == 1)
        verdict = arena_text(&j->s->keep, "%s By the gap statistic the rows are no more clustered "
                             "than rows spread evenly: any k cuts one cloud.", verdict);
    *k = trials[best].k;
    js_array(out, "trials");
    for (int i = 0; i < n; i++) put_trial(out, &trials[i]);
    js_end(out);
    js_put_int(out, "gap_choice", gap);
    js_put_bool(out, "stable", stable);
    js_put_word(out, "verdict", verdict);
    fprintf(stderr, "%d clusters: %s\n", *k, verdict);
    return true;
}

static bool asked_k(const segment_job *j, wish w, int *k, js *out, err *e) {
    const char *word = args_text(j->a, "k");
    int64_t number;
    if (strcmp(word, "auto") == 0) return choose(j, w, k, out, e);
    if (!slice_int(slice_of(word), &number) || number < 1 || number > 4096)
        return refuse(e, "--k must be auto or a number from 1 to 4096, got '%s'", word);
    *k = (int)number;
    return true;
}

static void put_model(const kmeans_model *m, const choose_k_trial *quality, js *out) {
    js_put_int(out, "k", m->k);
    js_put_real(out, "inertia", m->inertia);
    js_put_int(out, "iterations", m->iterations);
    js_put_bool(out, "converged", m->converged);
    js_array(out, "quality");
    put_trial(out, quality);
    js_end(out);
}

/* Rows of few different places leave clusters empty. */
static void say_empty(const segment_job *j, const kmeans_model *m, js *out) {
    int empty = 0;
    for (int c = 0; c < m->k; c++) empty += !(m->mass[c] > 0);
    js_put_int(out, "empty_clusters", empty);
    if (empty > 0)
        fprintf(stderr, "%s: %d of %d clusters are empty: there are only %d different rows\n",
                j->path, empty, m->k, m->k - empty);
}

static bool run(const segment_job *j, segment_found *found, js *out, err *e) {
    kmeans_model m;
    choose_k_trial quality;
    int k;
    wish w = {(int)args_int(j->a, "starts"), (int)args_int(j->a, "bootstraps"),
              args_int(j->a, "batch")};
    if (!asked_k(j, w, &k, out, e) || !cluster(j, k, w, &m, &quality, e)) return false;
    put_model(&m, &quality, out);
    say_empty(j, &m, out);
    *found = (segment_found){.k = m.k, .label = m.label, .model.kmeans = m};
    return true;
}

static cost price(const segment_job *j, int d, double dimension) {
    int64_t k = 0;
    const char *word = args_text(j->a, "k");
    int starts = (int)args_int(j->a, "starts"), rounds = (int)args_int(j->a, "bootstraps");
    choose_k_params c = CHOOSE_K_DEFAULTS;
    cost sum = {0}, one;
    (void)dimension;
    if (strcmp(word, "auto") != 0 && !slice_int(slice_of(word), &k)) return sum; /* refused later */
    for (int i = k > 0 ? (int)k : GRID_LEAST; i <= (k > 0 ? k : GRID_MOST); i++) {
        int64_t sample = KMEANS_DEFAULTS.sample, few = j->n < c.rows ? j->n : c.rows;
        one = cost_kmeans(j->n, d, i, starts, sample);
        sum.bytes = one.bytes;
        sum.seconds += one.seconds + rounds * cost_kmeans(few, d, i, starts, sample).seconds;
    }
    return sum;
}

const segment_method segment_kmeans = {
    .name = "kmeans",
    .options = "k starts bootstraps batch",
    .pca_most = 16,
    .price = price,
    .run = run,
};

bool evaluate_segment(const args *a, scope *s, js *out, err *e) {
    segment_table *t = take(&s->keep, segment_table, 1);
    bench *b = take(&s->keep, bench, 1);
    kmeans_model m;
    choose_k_trial q;
    int k = (int)args_int(a, "k");
    wish w = {KMEANS_DEFAULTS.starts, CHOOSE_K_DEFAULTS.rounds, 0};
    t->wish = (segment_wish){.columns = args_text(a, "columns"), .labels = args_text(a, "labels"),
                             .tail = SCALE_DEFAULTS.tail};
    const segment_job *j = &t->job;
    if (!verb_open(a, s, b, e) || !segment_table_read(t, a, b, s, out, e) ||
        (!args_given(a, "k") && !choose(j, w, &k, out, e)) ||
        !cluster(j, k, w, &m, &q, e))
        return false;
    js_put_word(out, "metric", t->wish.labels ? "adjusted_rand_index" : "silhouette");
    put_model(&m, &q, out);
    fprintf(stderr, "%d clusters of %lld rows: silhouette %.4f, Calinski-Harabasz %.2f, "
                    "Davies-Bouldin %.4f, stability %.4f\n", k, (long long)j->n,
            q.silhouette, q.calinski, q.davies, q.stability);
    return segment_table_agree(t, &(segment_found){.k = m.k, .label = m.label}, out, e);
}
