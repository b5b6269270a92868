/* segment_hdbscan: the rows of a table by density: clusters of any shape, and noise. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/segment/dbcv.h"
#include "models/segment/hdbscan.h"
#include "surfaces/segment_method.h"

enum { WIDEST = 60, SOFT_CELLS = 100000000 };

static const char *const selects[] = {"eom", "leaf"};

/* scikit-learn's min_samples counts the row itself, --neighbours does not. */
static bool read_params(const segment_job *j, hdbscan_params *p, err *e) {
    const args *a = j->a;
    bool counts_itself = args_flag(a, "sklearn");
    int neighbours = (int)args_int(a, "neighbours") - (counts_itself ? 1 : 0);
    *p = HDBSCAN_DEFAULTS;
    p->min_cluster_size = args_int(a, "min-cluster-size");
    p->neighbours = neighbours;
    p->select = strcmp(args_text(a, "select"), "leaf") == 0 ? HDBSCAN_LEAF : HDBSCAN_EOM;
    p->epsilon = args_real(a, "epsilon");
    p->max_cluster_size = args_int(a, "max-cluster-size");
    p->persistence = args_real(a, "persistence");
    p->single_cluster = args_flag(a, "single-cluster");
    if (neighbours < 0)
        return refuse(e, "--neighbours must be at least 1 with --sklearn, which counts the row "
                         "itself");
    if (p->max_cluster_size > 0 && p->max_cluster_size < p->min_cluster_size)
        return refuse(e, "--max-cluster-size %lld is below --min-cluster-size %lld",
                      (long long)p->max_cluster_size, (long long)p->min_cluster_size);
    const char *wrong = hdbscan_check(*p);
    return wrong ? refuse(e, "%s", wrong) : true;
}

static void put_params(const hdbscan_params *p, js *out) {
    js_put_int(out, "min_cluster_size", p->min_cluster_size);
    js_put_int(out, "neighbours", p->neighbours);
    js_put_word(out, "neighbours_are", "other rows; scikit-learn's min_samples is one more");
    js_put_word(out, "select", selects[p->select]);
    js_put_real(out, "epsilon", p->epsilon);
    js_put_real(out, "persistence", p->persistence);
    js_put_int(out, "max_cluster_size", p->max_cluster_size);
    js_put_bool(out, "single_cluster", p->single_cluster);
}

/* The sizes of the grid, with the one asked for in its place among them. */
static int sweep_sizes(int64_t n, int64_t asked, int64_t least[HDBSCAN_GRID + 1]) {
    int count = hdbscan_grid(n, least), at = 0;
    while (at < count && least[at] < asked) at++;
    if (at < count && least[at] == asked) return count;
    memmove(least + at + 1, least + at, (size_t)(count - at) * sizeof *least);
    least[at] = asked;
    return count + 1;
}

static void put_sweep(const hdbscan_trial *trials, int n, int64_t rows, js *out) {
    js_array(out, "sweep");
    for (int i = 0; i < n; i++) {
        js_object(out, NULL);
        js_put_int(out, "min_cluster_size", trials[i].min_cluster_size);
        js_put_int(out, "clusters", trials[i].k);
        js_put_real(out, "noise_share", (double)trials[i].noise / (double)rows);
        js_put_real(out, "relative_validity", trials[i].validity);
        js_end(out);
    }
    js_end(out);
}

static void say_nothing_found(const segment_job *j, const hdbscan_model *m, const hdbscan_tree *t,
                              const hdbscan_trial *trials, int n) {
    hdbscan_params leaf = m->params;
    hdbscan_trial by_leaf;
    int best = -1;
    leaf.select = HDBSCAN_LEAF;
    hdbscan_sweep(t, leaf, &leaf.min_cluster_size, 1, &by_leaf, j->s->scratch);
    for (int i = 0; i < n; i++)
        if (trials[i].k > 0 && (best < 0 || trials[i].validity > trials[best].validity)) best = i;
    fprintf(stderr, "%s: all %lld rows are noise: no two groups of %lld rows and more stand apart",
            j->path, (long long)j->n, (long long)m->params.min_cluster_size);
    if (best >= 0)
        fprintf(stderr, "; --min-cluster-size %lld finds %d clusters with %.0f %% noise",
                (long long)trials[best].min_cluster_size, trials[best].k,
                100 * (double)trials[best].noise / (double)j->n);
    if (by_leaf.k > 0)
        fprintf(stderr, "; --select leaf finds %d clusters with %.0f %% noise", by_leaf.k,
                100 * (double)by_leaf.noise / (double)j->n);
    if (best < 0 && by_leaf.k == 0)
        fprintf(stderr, "; no smaller size finds any either (--single-cluster allows one of all)");
    fprintf(stderr, "\n");
}

static void put_validity(const segment_job *j, const hdbscan_model *m, js *out) {
    js_put_real(out, "relative_validity", m->validity);
    if (m->k < 2) return;
    dbcv_data rows = {j->x, j->n, j->d, m->label, m->k};
    dbcv_params p = DBCV_DEFAULTS;
    p.seed = j->b->seed;
    dbcv_result v = dbcv_score(&rows, p, j->b->threads, NULL, j->s->scratch);
    js_object(out, "dbcv");
    js_put_real(out, "value", v.value);
    js_put_real(out, "low", v.low);
    js_put_real(out, "high", v.high);
    js_put_bool(out, "sampled", v.sampled);
    js_put_int(out, "rows_of_a_cluster", v.rows);
    js_end(out);
    fprintf(stderr, "%d clusters, %.1f %% noise: DBCV %.3f", m->k,
            100 * (double)m->noise / (double)m->n, v.value);
    if (v.sampled)
        fprintf(stderr, " (%lld rows a cluster drawn %d times: %.3f to %.3f)", (long long)v.rows,
                p.samples, v.low, v.high);
    fprintf(stderr, ", relative validity %.3f\n", m->validity);
}

/* In the order of the clusters' sizes: how lasting each is, and its medoid (1 = the first of the
 * rows that take part). */
static void put_clusters(const segment_job *j, const hdbscan_model *m, js *out) {
    arena scratch = j->s->scratch;
    hdbscan_data rows = {j->x, j->n, j->d};
    double *centre = take(&scratch, double, (int64_t)m->k * j->d);
    int64_t *medoid = take(&scratch, int64_t, m->k);
    int32_t *label = take(&scratch, int32_t, m->k);
    hdbscan_centres(m, &rows, j->b->threads, centre, medoid, scratch);
    for (int c = 0; c < m->k; c++) label[m->by_size[c]] = c;
    js_array(out, "density");
    for (int i = 0; i < m->k; i++) {
        int32_t c = label[i];
        js_object(out, NULL);
        js_put_int(out, "index", i);
        js_put_int(out, "tree_cluster", m->cluster[c]);
        js_put_real(out, "persistence", m->persistence[c]);
        js_put_real(out, "born_at_distance", m->tree.distance[m->cluster[c]]);
        js_put_int(out, "medoid_row", medoid[c] + 1);
        js_end(out);
    }
    js_end(out);
}

/* The next most probable cluster of each row, by soft membership. */
static bool find_second(const segment_job *j, const hdbscan_model *m, segment_found *f, err *e) {
    arena scratch = j->s->scratch;
    hdbscan_data rows = {j->x, j->n, j->d};
    if (m->k == 0) return true;
    if ((double)j->n * m->k > SOFT_CELLS)
        return refuse(e, "%s: --soft of %lld rows and %d clusters takes %.0f million numbers, %d "
                         "are the most: raise --min-cluster-size", j->path, (long long)j->n, m->k,
                      (double)j->n * m->k / 1e6, SOFT_CELLS / 1000000);
    double *soft = take_raw(&scratch, double, j->n * m->k);
    f->second = take(&j->s->keep, int32_t, j->n);
    f->second_strength = take(&j->s->keep, double, j->n);
    hdbscan_soft(m, &rows, j->b->threads, soft, scratch);
    for (int64_t i = 0; i < j->n; i++) {
        int best = -1;
        for (int c = 0; c < m->k; c++)
            if (c != m->label[i] && (best < 0 || soft[i * m->k + c] > soft[i * m->k + best]))
                best = c;
        f->second[i] = best < 0 ? -1 : m->by_size[best];
        f->second_strength[i] = best < 0 ? 0 : soft[i * m->k + best];
    }
    return true;
}

/* Members stability and cluster_stability, in the order of the clusters' sizes. */
static bool put_stability(const segment_job *j, const hdbscan_model *m, js *out, err *e) {
    int rounds = (int)args_int(j->a, "bootstraps");
    arena scratch = j->s->scratch;
    hdbscan_data rows = {j->x, j->n, j->d};
    double stability, *overlap = take(&scratch, double, m->k), *sorted;
    if (rounds == 0 || m->k == 0) return true;
    if (!hdbscan_stability(&stability, overlap, m, &rows, rounds, j->b->seed, j->b->threads,
                           scratch, e))
        return false;
    sorted = take(&scratch, double, m->k);
    for (int c = 0; c < m->k; c++) sorted[m->by_size[c]] = overlap[c];
    js_put_real(out, "stability", stability);
    js_array(out, "cluster_stability");
    for (int i = 0; i < m->k; i++) js_put_real(out, NULL, sorted[i]);
    js_end(out);
    fprintf(stderr, "of four fifths of the rows, %d times: adjusted Rand %.3f\n", rounds,
            stability);
    return true;
}

static bool run(const segment_job *j, segment_found *found, js *out, err *e) {
    scope *s = j->s;
    hdbscan_data rows = {j->x, j->n, j->d};
    hdbscan_params p;
    hdbscan_tree t;
    hdbscan_model m;
    int64_t least[HDBSCAN_GRID + 1];
    hdbscan_trial trials[HDBSCAN_GRID + 1];
    if (!read_params(j, &p, e) || !hdbscan_fit(&t, &m, &rows, p, j->b->threads, s, e)) return false;
    int n = sweep_sizes(j->n, p.min_cluster_size, least);
    hdbscan_sweep(&t, p, least, n, trials, s->scratch);
    put_params(&m.params, out);
    js_put_int(out, "k", m.k);
    js_put_real(out, "noise_share", (double)m.noise / (double)m.n);
    put_validity(j, &m, out);
    put_sweep(trials, n, j->n, out);
    put_clusters(j, &m, out);
    if (args_given(j->a, "bootstraps") && !put_stability(j, &m, out, e)) return false;
    if (m.k == 0) say_nothing_found(j, &m, &t, trials, n);
    *found = (segment_found){.k = m.k, .strength = m.strength, .outlier = m.outlier};
    found->model = (clusters_file){.density = m, .tree = t, .data = rows};
    found->label = take(&s->keep, int32_t, j->n);
    for (int64_t i = 0; i < j->n; i++)
        found->label[i] = m.label[i] < 0 ? -1 : m.by_size[m.label[i]];
    return !args_flag(j->a, "soft") || find_second(j, &m, found, e);
}

static cost price(const segment_job *j, int d, double dimension) {
    return cost_hdbscan(j->n, d, (int)args_int(j->a, "neighbours"), dimension);
}

const segment_method segment_hdbscan = {
    .name = "hdbscan",
    .options = "min-cluster-size neighbours sklearn select epsilon max-cluster-size persistence "
               "single-cluster soft bootstraps",
    .pca_most = 5,
    .most_columns = WIDEST,
    .by_dimension = true,
    .price = price,
    .run = run,
};
