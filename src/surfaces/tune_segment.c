/* tune_segment: sizes of density clusters, or the number of K-Means', by rows that took no part.
 *
 * A fifth of the rows, drawn once, is the test. Of the others each draw takes one half to learn the
 * clusters from, of at most LEARN rows, and the other half to be put into them; the score of a draw
 * is the DBCV of the rows put there (dbcv.h), their silhouette for K-Means. For the test the second
 * half are rows of the test. Sizes are those of all rows, scaled to the rows learned from. */
#include <math.h>
#include <string.h>

#include "models/kmeans.h"
#include "models/segment/dbcv.h"
#include "models/segment/hdbscan.h"
#include "models/segment/validity.h"
#include "surfaces/segment_table.h"
#include "surfaces/tune_family.h"

enum { DRAWS = 10, DRAWS_TEST = 40, LEARN = 4000, LEAST_ROWS = 200, K_MOST = 20 };

enum { SIZE, NEIGHBOURS, SELECT, PARAMS };
enum { K }; /* of K-Means */

typedef struct rows_task {
    segment_table t;
    bool kmeans;
    int64_t n_test, n_rest;
    int32_t *test, *rest; /* rows of the job */
    space_param param[PARAMS];
    double known[PARAMS];
    space s;
    uint64_t seed;
} rows_task;

static hdbscan_params at_point(const double *point) {
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = (int64_t)point[SIZE];
    p.neighbours = (int)point[NEIGHBOURS];
    p.select = (hdbscan_select)point[SELECT];
    return p;
}

static hdbscan_data rows_at(const rows_task *t, const int32_t *row, int64_t n, arena *keep) {
    int d = t->t.job.d;
    float *x = take(keep, float, n * d);
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < d; k++) x[i * d + k] = t->t.job.x[(int64_t)row[i] * d + k];
    return (hdbscan_data){x, n, d};
}

/* DBCV of rows that are put into the clusters of others; NaN with fewer than two clusters. */
static double judge(const hdbscan_data *learn, const hdbscan_data *fresh, hdbscan_params p,
                    double share, pool *threads, scope *s, err *e) {
    hdbscan_tree tree;
    hdbscan_model m;
    int64_t size = (int64_t)round((double)p.min_cluster_size * share);
    p.min_cluster_size = size < 2 ? 2 : size;
    if (!hdbscan_fit(&tree, &m, learn, p, threads, s, e)) return NAN;
    int32_t *label = take(&s->keep, int32_t, fresh->n);
    double *strength = take(&s->keep, double, fresh->n);
    hdbscan_stock stock = hdbscan_stock_of(&tree, learn, false, threads, &s->keep, s->scratch);
    hdbscan_predict(&m, &stock, fresh, threads, label, strength, s->scratch);
    dbcv_data rows = {fresh->x, fresh->n, fresh->d, label, m.k};
    return dbcv_score(&rows, DBCV_DEFAULTS, threads, NULL, s->scratch).value;
}

/* Silhouette of rows that are put to the nearest centre of others'. */
static double judge_centres(const hdbscan_data *learn, const hdbscan_data *fresh, int k,
                            uint64_t seed, pool *threads, scope *s, err *e) {
    kmeans_params p = KMEANS_DEFAULTS;
    kmeans_model m;
    kmeans_data rows = {.x = learn->x, .n = learn->n, .d = learn->d};
    kmeans_data others = {.x = fresh->x, .n = fresh->n, .d = fresh->d};
    p.k = k;
    p.seed = seed;
    if (!kmeans_fit(&m, &rows, p, threads, &s->keep, s->scratch, e)) return NAN;
    int32_t *label = take(&s->keep, int32_t, fresh->n);
    kmeans_assign(&m, &others, threads, label, s->scratch);
    return validity_silhouette(fresh->x, fresh->n, fresh->d, label, k, threads, s->scratch);
}

/* Draws of a part, each on one thread in memory of its own. */
typedef struct drawing {
    const rows_task *t;
    const double *point;
    tuner_part part;
    double *unit;
    err *e; /* [draws] */
} drawing;

static void draw_one(const drawing *w, int64_t draw, pool *alone, scope *s, err *e) {
    const rows_task *t = w->t;
    bool test = w->part == TUNER_TEST;
    int32_t *order = take_copy(&s->keep, int32_t, t->rest, t->n_rest);
    rng r = rng_open(seed_for(t->seed, test ? "test" : "draws"), (uint64_t)draw);
    rng_shuffle(&r, order, t->n_rest);
    int64_t half = t->n_rest / 2, n = half < LEARN ? half : LEARN;
    double share = (double)n / (double)t->t.job.n;
    hdbscan_data a = rows_at(t, order, n, &s->keep);
    hdbscan_data b = test ? rows_at(t, t->test, t->n_test, &s->keep)
                          : rows_at(t, order + half, n, &s->keep);
    double value = t->kmeans ? judge_centres(&a, &b, (int)w->point[K], t->seed, alone, s, e)
                             : judge(&a, &b, at_point(w->point), share, alone, s, e);
    w->unit[draw] = isnan(value) ? -1 : value; /* no two clusters: the worst there is */
}

static void draw_chunk(void *what, int64_t draw, arena scratch) {
    (void)scratch;
    const drawing *w = what;
    err *e = &w->e[draw];
    scope s;
    pool *alone = pool_open(1, (size_t)1 << 30, e);
    if (alone && scope_open(&s, (size_t)2 << 30, (size_t)4 << 30, e)) {
        draw_one(w, draw, alone, &s, e);
        scope_close(&s);
    }
    if (alone) pool_close(alone);
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *trial,
                  pool *threads, scope *s, double *unit, err *e) {
    (void)trial;
    int draws = part == TUNER_TEST ? DRAWS_TEST : DRAWS;
    drawing w = {what, point, part, unit, take(&s->keep, err, draws)};
    pool_for(threads, draws, draw_chunk, &w);
    for (int i = 0; i < draws; i++)
        if (w.e[i].kind != ERR_NONE) return *e = w.e[i], false;
    return true;
}

static const char *model_at(void *what, const double *point) {
    (void)point;
    return ((const rows_task *)what)->kmeans ? "kmeans" : "hdbscan";
}

static const char *words(void *what, const double *point, scope *s) {
    if (((const rows_task *)what)->kmeans)
        return arena_text(&s->keep, "--method kmeans --k %d", (int)point[K]);
    return arena_text(&s->keep,
                      "--method hdbscan --min-cluster-size %d --neighbours %d --select %s",
                      (int)point[SIZE], (int)point[NEIGHBOURS], point[SELECT] > 0 ? "leaf" : "eom");
}

static void make_space(rows_task *t) {
    static const char *const selects[] = {"eom", "leaf"};
    hdbscan_params p = HDBSCAN_DEFAULTS;
    int64_t most = t->t.job.n / 10;
    if (t->kmeans) {
        t->param[K] = (space_param){"k", SPACE_INT, 2, K_MOST};
        t->known[K] = ((kmeans_params)KMEANS_DEFAULTS).k;
        t->s = (space){1, t->param};
        return;
    }
    t->param[SIZE] = (space_param){"min_cluster_size", SPACE_INT, 5, (double)most, .log = true};
    t->param[NEIGHBOURS] = (space_param){"neighbours", SPACE_INT, 1, 50, .log = true};
    t->param[SELECT] = (space_param){"select", SPACE_WORD, .n = 2, .words = selects};
    t->known[SIZE] = space_round(&t->param[SIZE], (double)p.min_cluster_size);
    t->known[NEIGHBOURS] = p.neighbours;
    t->s = (space){PARAMS, t->param};
}

bool tune_segment(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e) {
    rows_task *t = take(&s->keep, rows_task, 1);
    const char *model = args_given(a, "model") ? args_text(a, "model") : "hdbscan";
    t->seed = b->seed;
    t->kmeans = strcmp(model, "kmeans") == 0;
    if (!t->kmeans && strcmp(model, "hdbscan") != 0)
        return refuse(e, "--model of tune segment must be hdbscan or kmeans, got '%s'", model);
    t->t.wish = (segment_wish){.columns = args_text(a, "columns"), .id = args_text(a, "id"),
                               .tail = 0.005, .share = 1};
    if (!segment_table_read(&t->t, a, b, s, out, e)) return false;
    int64_t n = t->t.job.n;
    if (n < LEAST_ROWS)
        return refuse(e, "%s: %lld rows take part; a test and halves to learn from and to judge by "
                         "need %d", t->t.job.path, (long long)n, LEAST_ROWS);
    int32_t *order = take(&s->keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) order[i] = (int32_t)i;
    rng r = rng_open(seed_for(b->seed, "test rows"), 0);
    rng_shuffle(&r, order, n);
    t->test = order;
    t->n_test = n / 5 < LEARN ? n / 5 : LEARN;
    t->rest = order + n / 5;
    t->n_rest = n - n / 5;
    make_space(t);
    *to = (tuner_task){.study = "segment", .unit = "draws", .s = &t->s,
                       .maximise = true, .known = t->known, .what = t, .score = score,
                       .metric = t->kmeans ? "silhouette" : "dbcv", .words = words,
                       .model = model_at, .rows = n, .units = {DRAWS, DRAWS_TEST}};
    return true;
}
