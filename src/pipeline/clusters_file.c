/* clusters_file: clusters of a table with the transform before them, as a model file. */
#include "pipeline/clusters_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/store.h"

const char *const clusters_methods[3] = {"kmeans", "gmm", "hdbscan"};

enum { WIDEST = 4096 };

/* Numbers of one component's factor of a mixture, and how many components have one of their own. */
static int64_t factor_size(gmm_kind kind, int d) {
    return kind == GMM_SPHERICAL ? 1 : kind == GMM_DIAG ? d : (int64_t)d * d;
}
static int factor_count(gmm_kind kind, int k) { return kind == GMM_TIED ? 1 : k; }

/* ---- saving ---- */

static bool put_transform(const transform_model *m, store_writer *w, err *e) {
    const scale_model *s = &m->scale;
    int64_t d = s->d, knots = 0;
    static const uint8_t none = 0;
    for (int j = 0; j < s->d; j++) knots += s->knots[j] > 0;
    return store_put(w, "log", STORE_U8, m->log ? m->cols : 0, 1, m->log ? m->log : &none, e) &&
           store_put(w, "from", STORE_I32, d, 1, s->from, e) &&
           store_put(w, "knots", STORE_I32, d, 1, s->knots, e) &&
           store_put(w, "low", STORE_F64, d, 1, s->low, e) &&
           store_put(w, "high", STORE_F64, d, 1, s->high, e) &&
           store_put(w, "mean", STORE_F64, d, 1, s->mean, e) &&
           store_put(w, "sd", STORE_F64, d, 1, s->sd, e) &&
           store_put(w, "knot", STORE_F64, knots > 0 ? d : 0, SCALE_KNOTS, s->knot, e) &&
           store_put(w, "value", STORE_F64, knots > 0 ? d : 0, SCALE_KNOTS, s->value, e) &&
           store_put(w, "pca.mean", STORE_F64, m->pca.d > 0 ? m->pca.cols : 0, 1, m->pca.mean, e) &&
           store_put(w, "pca.turn", STORE_F64, m->pca.d, m->pca.cols, m->pca.turn, e);
}

static bool put_kmeans(const clusters_file *f, store_writer *w, err *e) {
    return store_put(w, "origin", STORE_F64, f->d, 1, f->kmeans.origin, e) &&
           store_put(w, "centres", STORE_F64, f->k, f->d, f->kmeans.centres, e);
}

static bool put_gmm(const clusters_file *f, store_writer *w, err *e) {
    const gmm_model *m = &f->gmm;
    int32_t kind = (int32_t)m->kind;
    return store_put(w, "kind", STORE_I32, 1, 1, &kind, e) &&
           store_put(w, "weight", STORE_F64, f->k, 1, m->weight, e) &&
           store_put(w, "means", STORE_F64, f->k, f->d, m->mean, e) &&
           store_put(w, "factor", STORE_F64, factor_count(m->kind, f->k),
                     factor_size(m->kind, f->d), m->factor, e);
}

static bool put_density(const clusters_file *f, store_writer *w, err *e) {
    const hdbscan_model *m = &f->density;
    const condense_model *t = &m->tree;
    double set[2] = {f->tree.mst.neighbours, m->params.epsilon};
    return store_put(w, "x", STORE_F32, f->rows, f->d, f->data.x, e) &&
           store_put(w, "core", STORE_F64, f->rows, 1, f->tree.mst.core, e) &&
           store_put(w, "row_lambda", STORE_F64, f->rows, 1, t->row_lambda, e) &&
           store_put(w, "strength", STORE_F64, f->rows, 1, m->strength, e) &&
           store_put(w, "label", STORE_I32, f->rows, 1, m->label, e) &&
           store_put(w, "row_cluster", STORE_I32, f->rows, 1, t->row_cluster, e) &&
           store_put(w, "parent", STORE_I32, t->clusters, 1, t->parent, e) &&
           store_put(w, "birth", STORE_F64, t->clusters, 1, t->birth, e) &&
           store_put(w, "most", STORE_F64, t->clusters, 1, t->most, e) &&
           store_put(w, "cluster_label", STORE_I32, t->clusters, 1, m->cluster_label, e) &&
           store_put(w, "cluster", STORE_I32, f->k, 1, m->cluster, e) &&
           store_put(w, "by_size", STORE_I32, f->k, 1, m->by_size, e) &&
           store_put(w, "density", STORE_F64, 1, 2, set, e);
}

static bool (*const put_method[])(const clusters_file *, store_writer *, err *) = {
    put_kmeans, put_gmm, put_density};

static bool write_file(const clusters_file *f, const char *path, scope *s, err *e) {
    slice *names = take(&s->keep, slice, f->by.cols);
    slice method = slice_of(clusters_methods[f->method]);
    int64_t size[3] = {f->k, f->rows, f->d};
    for (int c = 0; c < f->by.cols; c++) names[c] = slice_of(f->columns[c]);
    store_writer *w = store_create(s, path, "clusters", e);
    return w && store_put_texts(w, "method", &method, 1, e) &&
           store_put_texts(w, "column", names, f->by.cols, e) &&
           store_put(w, "size", STORE_I64, 1, 3, size, e) && put_transform(&f->by, w, e) &&
           put_method[f->method](f, w, e) && store_close(w, e);
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool clusters_file_save(const clusters_file *f, const char *path, scope *s, err *e) {
    size_t n = strlen(path);
    for (int c = 0; c < f->by.cols; c++)
        if (strchr(f->columns[c], ','))
            return refuse(e, "--model: the column '%s' has a comma in its name, by which no later "
                             "table can be asked for it: rename it", f->columns[c]);
    if (!(n > 4 && strcmp(path + n - 4, ".atm") == 0) || is_folder(path)) {
        if (!file_make_folders(path, e)) return false;
        path = arena_text(&s->keep, "%s/clusters.atm", path);
    }
    const char *half = arena_text(&s->keep, "%s.%d", path, (int)getpid());
    bool done = write_file(f, half, s, e) &&
                (rename(half, path) == 0 || fail_file(e, "write", path));
    if (!done) unlink(half);
    return done;
}

/* ---- opening ---- */

/* A file that is being read: what is wrong with one array is wrong with the file. */
typedef struct reading {
    const store *m;
    arena *keep;
    bool sound;
} reading;

/* A copy of an array of rows x cols; what has no such array is not sound. */
static void *part(reading *r, const char *name, store_type type, int64_t rows, int64_t cols) {
    static const size_t widths[] = {1, 4, 8, 4, 8};
    int64_t n = 0, wide = 0;
    const void *from = store_get(r->m, name, type, &n, &wide);
    if (!from || n != rows || (wide != cols && rows > 0)) {
        r->sound = false;
        return NULL;
    }
    return arena_copy(r->keep, from, widths[type], (size_t)(rows * cols));
}

/* Doubles none of which is NaN; `bound`: nor infinite. */
static double *reals(reading *r, const char *name, int64_t rows, int64_t cols, bool bound) {
    double *x = part(r, name, STORE_F64, rows, cols);
    for (int64_t i = 0; x && i < rows * cols; i++)
        if (isnan(x[i]) || (bound && isinf(x[i]))) r->sound = false;
    return x;
}

/* Numbers from low to high, both within. */
static int32_t *whole(reading *r, const char *name, int64_t rows, int64_t low, int64_t high) {
    int32_t *x = part(r, name, STORE_I32, rows, 1);
    for (int64_t i = 0; x && i < rows; i++)
        if (x[i] < low || x[i] > high) r->sound = false;
    return x;
}

static int64_t rows_in(reading *r, const char *name, store_type type, int64_t most) {
    int64_t rows = 0;
    if (store_get(r->m, name, type, &rows, NULL) && rows >= 0 && rows <= most) return rows;
    r->sound = false;
    return 0;
}

static void open_transform(transform_model *t, reading *r) {
    scale_model *s = &t->scale;
    s->cols = t->cols;
    if (rows_in(r, "log", STORE_U8, t->cols) > 0) t->log = part(r, "log", STORE_U8, t->cols, 1);
    s->d = (int)rows_in(r, "from", STORE_I32, t->cols);
    s->from = whole(r, "from", s->d, 0, t->cols - 1);
    s->knots = whole(r, "knots", s->d, 0, SCALE_KNOTS);
    s->low = reals(r, "low", s->d, 1, true);
    s->high = reals(r, "high", s->d, 1, true);
    s->mean = reals(r, "mean", s->d, 1, true);
    s->sd = reals(r, "sd", s->d, 1, true);
    for (int j = 0; r->sound && j < s->d; j++)
        if (!(s->sd[j] > 0) || s->low[j] > s->high[j]) r->sound = false;
    int64_t knots = rows_in(r, "knot", STORE_F64, s->d);
    if (knots != 0 && knots != s->d) r->sound = false;
    s->knot = reals(r, "knot", knots, SCALE_KNOTS, true);
    s->value = reals(r, "value", knots, SCALE_KNOTS, true);
    for (int j = 0; r->sound && j < s->d; j++)
        if (s->knots[j] > 0 && knots == 0) r->sound = false;
    t->pca.cols = s->d > 0 ? s->d : t->cols;
    t->pca.d = (int)rows_in(r, "pca.turn", STORE_F64, t->pca.cols);
    t->pca.mean = reals(r, "pca.mean", t->pca.d > 0 ? t->pca.cols : 0, 1, true);
    t->pca.turn = reals(r, "pca.turn", t->pca.d, t->pca.cols, true);
}

static void open_kmeans(clusters_file *f, reading *r) {
    f->kmeans = (kmeans_model){.k = f->k, .d = f->d};
    f->kmeans.origin = reals(r, "origin", f->d, 1, true);
    f->kmeans.centres = reals(r, "centres", f->k, f->d, true);
}

static void open_gmm(clusters_file *f, reading *r) {
    gmm_model *m = &f->gmm;
    int32_t *kind = whole(r, "kind", 1, 0, GMM_KINDS - 1);
    if (!r->sound || f->d > GMM_WIDEST || f->k > GMM_MOST) {
        r->sound = false;
        return;
    }
    *m = (gmm_model){.kind = (gmm_kind)*kind, .k = f->k, .d = f->d, .mass = (double)f->rows};
    m->weight = reals(r, "weight", f->k, 1, true);
    m->mean = reals(r, "means", f->k, f->d, true);
    m->factor = reals(r, "factor", factor_count(m->kind, f->k), factor_size(m->kind, f->d), true);
    for (int c = 0; r->sound && c < f->k; c++)
        if (!(m->weight[c] >= 0 && m->weight[c] <= 1 + 1e-9)) r->sound = false;
}

static void open_tree(clusters_file *f, reading *r) {
    hdbscan_model *m = &f->density;
    condense_model *t = &m->tree;
    t->n = f->rows;
    t->clusters = (int32_t)rows_in(r, "parent", STORE_I32, 2 * f->rows + 1);
    t->row_lambda = reals(r, "row_lambda", f->rows, 1, false);
    t->row_cluster = whole(r, "row_cluster", f->rows, 0, t->clusters - 1);
    t->parent = whole(r, "parent", t->clusters, -1, t->clusters - 1);
    t->birth = reals(r, "birth", t->clusters, 1, false);
    t->most = reals(r, "most", t->clusters, 1, false);
    m->cluster_label = whole(r, "cluster_label", t->clusters, -1, f->k - 1);
    m->cluster = whole(r, "cluster", f->k, 0, t->clusters - 1);
    m->by_size = whole(r, "by_size", f->k, 0, f->k - 1);
    if (t->clusters < 1) r->sound = false;
    for (int32_t c = 0; r->sound && c < t->clusters; c++) /* climbing ends */
        if (c == 0 ? t->parent[c] != -1 : t->parent[c] < 0 || t->parent[c] >= c) r->sound = false;
}

static void open_density(clusters_file *f, reading *r) {
    hdbscan_model *m = &f->density;
    double *set = reals(r, "density", 1, 2, true);
    if (!set || !(set[0] >= 0 && set[0] <= MST_NEIGHBOURS && set[1] >= 0)) {
        r->sound = false;
        return;
    }
    *m = (hdbscan_model){.params = HDBSCAN_DEFAULTS, .n = f->rows, .k = f->k};
    m->params.epsilon = set[1];
    f->tree.mst = (mst_model){.n = f->rows, .d = f->d, .neighbours = (int)set[0]};
    f->tree.mst.core = reals(r, "core", f->rows, 1, true);
    if (f->tree.mst.neighbours >= f->rows && f->rows > 1) r->sound = false;
    float *x = part(r, "x", STORE_F32, f->rows, f->d);
    for (int64_t i = 0; x && i < f->rows * f->d; i++)
        if (!isfinite(x[i])) r->sound = false;
    f->data = (hdbscan_data){x, f->rows, f->d};
    m->strength = reals(r, "strength", f->rows, 1, true);
    m->label = whole(r, "label", f->rows, -1, f->k - 1);
    open_tree(f, r);
}

static void (*const open_method[])(clusters_file *, reading *) = {open_kmeans, open_gmm,
                                                                  open_density};

static bool open_store(clusters_file *f, reading *r) {
    int64_t cols = store_texts(r->m, "column"), *size = part(r, "size", STORE_I64, 1, 3);
    int method = 0;
    slice word = store_text(r->m, "method", 0);
    while (method < 3 && !slice_is(word, clusters_methods[method])) method++;
    if (!size || method == 3 || cols < 1 || cols > WIDEST || size[0] < (method < 2) ||
        size[0] > INT32_MAX / 2 || size[1] < 1 || size[1] > INT32_MAX / 4 || size[2] < 1 ||
        size[2] > cols)
        return false;
    *f = (clusters_file){.method = (clusters_method)method, .by = {.cols = (int)cols},
                         .k = (int)size[0], .rows = size[1], .d = (int)size[2]};
    const char **columns = take(r->keep, const char *, cols);
    for (int64_t c = 0; c < cols; c++)
        columns[c] = slice_copy(r->keep, store_text(r->m, "column", c));
    f->columns = columns;
    open_transform(&f->by, r);
    if (r->sound && transform_width(&f->by) == f->d) open_method[method](f, r);
    else r->sound = false;
    return r->sound;
}

bool clusters_file_open(clusters_file *f, const char *path, scope *s, err *e) {
    bool inside = is_folder(path);
    const char *file = inside ? arena_text(&s->keep, "%s/clusters.atm", path) : path;
    if (inside ? !file_exists(file) : !file_exists(path))
        return refuse(e, inside ? "%s holds no clusters (clusters.atm): make them by atelier "
                                  "segment --in TABLE --model %s"
                                : "%s is not there: make it by atelier segment --in TABLE "
                                  "--model %s", path, path);
    reading r = {store_open(s, file, "clusters", e), &s->keep, true};
    if (!r.m) return false;
    if (open_store(f, &r)) return true;
    fail(e, "%s: not a sound model of clusters; fit and save it again", file);
    return fail_cause(e, "bad_data");
}

/* ---- what it says ---- */

static void assign_density(const clusters_file *f, const float *x, int64_t n, pool *threads,
                           const clusters_rows *out, scope *s) {
    hdbscan_data fresh = {x, n, f->d};
    arena scratch = s->scratch, keep = arena_split(&scratch, arena_left(&scratch) / 2);
    hdbscan_stock stock = hdbscan_stock_of(&f->tree, &f->data, false, threads, &keep, scratch);
    hdbscan_predict(&f->density, &stock, &fresh, threads, out->label, out->strength, scratch);
    for (int64_t i = 0; i < n; i++)
        if (out->label[i] >= 0) out->label[i] = f->density.by_size[out->label[i]];
}

void clusters_file_assign(const clusters_file *f, const float *x, int64_t n, pool *threads,
                          const clusters_rows *out, scope *s) {
    kmeans_data data = {.x = x, .n = n, .d = f->d};
    gmm_rows rows = {.label = out->label, .second = out->second, .strength = out->strength,
                     .backup = out->second_strength};
    if (f->method == CLUSTERS_KMEANS)
        kmeans_assign(&f->kmeans, &data, threads, out->label, s->scratch);
    else if (f->method == CLUSTERS_GMM)
        gmm_assign(&f->gmm, &data, threads, &rows, NULL, s->scratch);
    else
        assign_density(f, x, n, threads, out, s);
}
