/* tune_segment: sizes of density clusters by rows that took no part in them.
 *
 * A fifth of the rows, drawn once, is the test. Of the others each draw takes one half to learn the
 * clusters from, of at most LEARN rows, and the other half to be put into them; the score of a draw
 * is the DBCV of the rows put there (dbcv.h). For the test the second half are rows of the test.
 * Sizes are those of all rows, scaled to the rows learned from. */
#include <math.h>

#include "models/segment/dbcv.h"
#include "models/segment/hdbscan.h"
#include "surfaces/segment_table.h"
#include "surfaces/tune_family.h"

enum { DRAWS = 10, DRAWS_TEST = 40, LEARN = 4000, LEAST_ROWS = 200 };

enum { SIZE, NEIGHBOURS, SELECT, PARAMS };

typedef struct density_task {
    segment_table t;
    int64_t n_test, n_rest;
    int32_t *test, *rest; /* rows of the job */
    space_param param[PARAMS];
    double known[PARAMS];
    space s;
    uint64_t seed;
} density_task;

static hdbscan_params at_point(const double *point) {
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = (int64_t)point[SIZE];
    p.neighbours = (int)point[NEIGHBOURS];
    p.select = (hdbscan_select)point[SELECT];
    return p;
}

static hdbscan_data rows_at(const density_task *t, const int32_t *row, int64_t n, arena *keep) {
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

static bool score(void *what, const double *point, tuner_part part, tuner_trial *trial,
                  pool *threads, scope *s, double *unit, err *e) {
    (void)trial;
    const density_task *t = what;
    scope own;
    if (!scope_open(&own, (size_t)2 << 30, (size_t)4 << 30, e)) return false;
    int32_t *order = take(&s->keep, int32_t, t->n_rest);
    int draws = part == TUNER_TEST ? DRAWS_TEST : DRAWS;
    for (int draw = 0; draw < draws && e->kind == ERR_NONE; draw++) {
        rng r = rng_open(seed_for(t->seed, part == TUNER_TEST ? "test" : "draws"), (uint64_t)draw);
        for (int64_t i = 0; i < t->n_rest; i++) order[i] = t->rest[i];
        rng_shuffle(&r, order, t->n_rest);
        int64_t half = t->n_rest / 2, n = half < LEARN ? half : LEARN, other = n;
        const int32_t *fresh = order + half;
        if (part == TUNER_TEST) fresh = t->test, other = t->n_test;
        hdbscan_data a = rows_at(t, order, n, &own.keep), b = rows_at(t, fresh, other, &own.keep);
        double value = judge(&a, &b, at_point(point), (double)n / (double)t->t.job.n, threads,
                             &own, e);
        unit[draw] = isnan(value) ? -1 : value; /* no two clusters: the worst there is */
        scope_rewind(&own);
    }
    scope_close(&own);
    return e->kind == ERR_NONE;
}

static const char *words(void *what, const double *point, scope *s) {
    (void)what;
    return arena_text(&s->keep,
                      "--method hdbscan --min-cluster-size %d --neighbours %d --select %s",
                      (int)point[SIZE], (int)point[NEIGHBOURS], point[SELECT] > 0 ? "leaf" : "eom");
}

static void make_space(density_task *t) {
    static const char *const selects[] = {"eom", "leaf"};
    hdbscan_params p = HDBSCAN_DEFAULTS;
    int64_t most = t->t.job.n / 10;
    t->param[SIZE] = (space_param){"min_cluster_size", SPACE_INT, 5, (double)most, .log = true};
    t->param[NEIGHBOURS] = (space_param){"neighbours", SPACE_INT, 1, 50, .log = true};
    t->param[SELECT] = (space_param){"select", SPACE_WORD, .n = 2, .words = selects};
    t->known[SIZE] = space_round(&t->param[SIZE], (double)p.min_cluster_size);
    t->known[NEIGHBOURS] = p.neighbours;
    t->s = (space){PARAMS, t->param};
}

bool tune_segment(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e) {
    density_task *t = take(&s->keep, density_task, 1);
    t->seed = b->seed;
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
    *to = (tuner_task){.study = "segment", .metric = "dbcv", .unit = "draws", .s = &t->s,
                       .maximise = true, .known = t->known, .what = t, .score = score,
                       .words = words, .units = {DRAWS, DRAWS_TEST}};
    return true;
}
