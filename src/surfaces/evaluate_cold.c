/* evaluate_cold: lists with articles, or for users, of which no interaction was learned from.
 *
 * --split cold-items: the articles are cut into --folds parts by their id and --seed; each part in
 * turn loses all its interactions. Users with other interactions are asked for what they took of
 * the part: among all articles of the table (pool all) and among the part alone (pool new).
 * --split cold-users: the same with parts of the users, who are asked for all they took.
 * A user's score is the mean over the folds in which it has an answer; every article or user is new
 * exactly once. Intervals are over users. */
#include <string.h>

#include "base/random.h"
#include "models/metrics.h"
#include "models/metrics_rank.h"
#include "surfaces/cold_lists.h"
#include "surfaces/evaluate.h"

enum { METRICS = 5, POOLS = 2 };
static const char *const metric_names[METRICS] = {"hr", "ndcg", "mrr", "map", "recall"};
static const char *const pool_names[POOLS] = {"all", "new"};
static const char *const splits[2] = {[ALS_USERS] = "cold-users", [ALS_ITEMS] = "cold-items"};
static const char *const options[2] = {[ALS_USERS] = "user-features",
                                       [ALS_ITEMS] = "item-features"};

typedef struct exam {
    interactions x;
    attribute_table table[2]; /* by als_side */
    cold_fold fold;
    int folds, k;
    uint8_t *part; /* of each row of the side that is new */
    double *sum[POOLS][COLD_MODELS][METRICS]; /* [users] over folds; NULL = not asked */
    int32_t *times;                           /* [users] folds with an answer */
    int64_t n;                                /* users with one */
} exam;

bool evaluate_cold_is(const char *split) {
    return split && (strcmp(split, splits[0]) == 0 || strcmp(split, splits[1]) == 0);
}

static void cut(exam *q, uint64_t seed, arena *keep) {
    bool items = q->fold.side == ALS_ITEMS;
    int64_t rows = items ? q->x.items : q->x.users;
    const slice *id = items ? q->x.item_id : q->x.user_id;
    q->part = take(keep, uint8_t, rows);
    for (int64_t i = 0; i < rows; i++) { /* by the id alone: other rows do not move it */
        rng r = rng_open(seed_for(seed, "cold"), slice_hash(id[i]));
        q->part[i] = (uint8_t)rng_below(&r, q->folds);
    }
}

static bool prepare(const args *a, bench *b, exam *q, scope *s, js *out, err *e) {
    als_side side = strcmp(args_text(a, "split"), splits[ALS_ITEMS]) == 0 ? ALS_ITEMS : ALS_USERS;
    recommender_params p;
    q->fold.side = side;
    if (!args_given(a, options[side]))
        return refuse(e, "--split %s needs --%s FILE, the table of their attributes", splits[side],
                      options[side]);
    if (!interactions_params(a, b, &p, s, e) ||
        !interactions_read(a, b, &q->x, NULL, NULL, s, out, e))
        return false;
    if (!attribute_tables(a, b, &q->x, q->table, s, e)) return false;
    q->fold.table = q->table;
    q->fold.threads = b->threads;
    q->fold.p = ALS_FEATURES_DEFAULTS;
    q->fold.p.als = p.als;
    q->fold.p.ridge = (float)args_real(a, "ridge");
    if (q->fold.p.warm_up > p.als.iterations) q->fold.p.warm_up = p.als.iterations;
    q->folds = (int)args_int(a, "folds");
    q->k = (int)args_int(a, "k");
    q->times = take(&s->keep, int32_t, q->x.users);
    const char *only = args_text(a, "model");
    for (int m = 0; m < COLD_MODELS; m++) {
        bool asked = m == 0 || !only || strcmp(only, cold_models[m].name) == 0;
        for (int i = 0; i < POOLS * METRICS && asked && cold_can(&cold_models[m], &q->fold); i++)
            q->sum[i / METRICS][m][i % METRICS] = take(&s->keep, double, q->x.users);
    }
    cut(q, b->seed, &s->keep);
    return true;
}

/* What users took of the part; rows only for users who may be asked. */
static sparse answers_of(const exam *q, const uint8_t *used, const sparse *had, arena *keep,
                         arena scratch) {
    const interactions *x = &q->x;
    int32_t *row = take(&scratch, int32_t, x->n), *col = take(&scratch, int32_t, x->n);
    int64_t n = 0;
    for (int64_t i = 0; i < x->n; i++) {
        if (used[i] || (q->fold.side == ALS_ITEMS && sparse_degree(had, x->user[i]) == 0)) continue;
        row[n] = x->user[i];
        col[n++] = x->item[i];
    }
    return sparse_from_triples(x->users, x->items, n, row, col, NULL, keep, scratch);
}

static void add_scores(exam *q, const sparse *truth, const int32_t *ids, double **sum) {
    for (int64_t r = 0; r < q->fold.n; r++) {
        int32_t u = q->fold.who[r];
        metrics_rank one = metrics_rank_one(ids + r * q->k, q->k, truth->col + truth->at[u],
                                            sparse_degree(truth, u), q->k);
        double all[METRICS] = {one.hit, one.ndcg, one.mrr, one.ap, one.recall};
        for (int i = 0; i < METRICS; i++) sum[i][u] += all[i];
    }
}

static bool score(exam *q, const sparse *truth, const bitmap *fresh, arena scratch, err *e) {
    cold_fold *f = &q->fold;
    int pools = f->side == ALS_ITEMS ? POOLS : 1;
    cold_list lists[POOLS];
    for (int among = 0; among < pools; among++)
        lists[among] = (cold_list){{.k = q->k, .skip = f->had, .allowed = among ? fresh : NULL},
                                   take(&scratch, int32_t, f->n * q->k),
                                   take(&scratch, float, f->n * q->k)};
    for (int m = 0; m < COLD_MODELS; m++) {
        if (!q->sum[0][m][0]) continue;
        if (!cold_models[m].list(f, lists, pools, scratch, e)) return false;
        for (int among = 0; among < pools; among++)
            add_scores(q, truth, lists[among].ids, q->sum[among][m]);
    }
    return true;
}

static bool run_fold(exam *q, int part, const args *a, arena keep, arena scratch, err *e) {
    const interactions *x = &q->x;
    bool items = q->fold.side == ALS_ITEMS;
    uint8_t *used = take(&keep, uint8_t, x->n);
    for (int64_t i = 0; i < x->n; i++)
        used[i] = q->part[items ? x->item[i] : x->user[i]] != part;
    recommender_data data = interactions_data(x, used, a, &keep, scratch);
    if (sparse_count(&data.by_user) == 0) return true;
    sparse truth = answers_of(q, used, &data.by_user, &keep, scratch);
    int32_t *who = take(&keep, int32_t, x->users);
    q->fold.n = 0;
    for (int64_t u = 0; u < x->users; u++) {
        if (sparse_degree(&truth, u) == 0) continue;
        who[q->fold.n++] = (int32_t)u;
        q->times[u]++;
    }
    sparse had = cold_rows(&data.by_user, who, q->fold.n, &keep);
    bitmap fresh = bitmap_open(x->items, &keep);
    for (int64_t i = 0; i < x->items && items; i++)
        if (q->part[i] == part) bitmap_set(&fresh, i);
    q->fold.data = &data;
    q->fold.who = who;
    q->fold.had = &had;
    return score(q, &truth, &fresh, scratch, e);
}

/* ---- the report ---- */

typedef struct report {
    columns c; /* pool, model, metric, value, low, high, users */
    int row;
    js *out;
} report;

static report new_report(scope *s, js *out) {
    static const char *const names[] = {"pool", "model", "metric", "value", "low", "high", "users"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64};
    int rows = POOLS * 2 * COLD_MODELS * METRICS;
    return (report){.c = columns_new(&s->keep, 7, names, types, rows), .out = out};
}

static void put(report *r, const char *among, const char *model, const char *metric,
                metrics_interval m) {
    const char *cell[] = {among, model, metric};
    double real[] = {m.mean, m.low, m.high};
    for (int i = 0; i < 3; i++) {
        r->c.at[i].text[r->row] = slice_of(cell[i]);
        r->c.at[3 + i].real[r->row] = real[i];
    }
    r->c.at[6].i64[r->row++] = m.n;
    js_object(r->out, metric);
    js_put_real(r->out, "value", m.mean);
    js_put_real(r->out, "low", m.low);
    js_put_real(r->out, "high", m.high);
    js_end(r->out);
}

/* Model m of a pool (minus < 0), or its difference to model `minus`, user by user. */
static void put_model(const exam *q, int among, int m, int minus, uint64_t seed, scope *s,
                      report *r) {
    const char *name = cold_models[m].name;
    if (minus >= 0) name = arena_text(&s->keep, "%s - %s", name, cold_models[minus].name);
    js_object(r->out, NULL);
    js_put_word(r->out, "name", name);
    js_put_word(r->out, "pool", pool_names[among]);
    js_object(r->out, "metrics");
    for (int i = 0; i < METRICS; i++) {
        arena a = s->scratch;
        double *unit = take(&a, double, q->n), *other = take(&a, double, q->n);
        int64_t n = 0;
        for (int64_t u = 0; u < q->x.users; u++) {
            if (q->times[u] == 0) continue;
            if (minus >= 0) other[n] = q->sum[among][minus][i][u] / q->times[u];
            unit[n++] = q->sum[among][m][i][u] / q->times[u];
        }
        put(r, pool_names[among], name, arena_text(&s->keep, "%s@%d", metric_names[i], q->k),
            metrics_bootstrap_paired(unit, other, n, seed, METRICS_RESAMPLES, a));
    }
    js_end(r->out);
    js_end(r->out);
}

static columns put_all(const exam *q, uint64_t seed, scope *s, js *out) {
    report r = new_report(s, out);
    const int last = COLD_MODELS - 1;
    js_array(out, "models");
    for (int among = 0; among < (q->fold.side == ALS_ITEMS ? POOLS : 1); among++) {
        for (int m = 0; m < COLD_MODELS; m++)
            if (q->sum[among][m][0]) put_model(q, among, m, -1, seed, s, &r);
        for (int m = 0; m < last; m++)
            if (q->sum[among][m][0] && q->sum[among][last][0])
                put_model(q, among, last, m, seed, s, &r);
    }
    js_end(out);
    r.c.rows = r.row;
    return r.c;
}

bool evaluate_cold(const args *a, scope *s, js *out, err *e) {
    bench b;
    exam q = {0};
    timing t = {0};
    double clock = args_clock();
    if (!verb_open(a, s, &b, e) || !prepare(a, &b, &q, s, out, e)) return false;
    t.read_s = args_lap(&clock);
    for (int part = 0; part < q.folds; part++)
        if (!run_fold(&q, part, a, s->keep, s->scratch, e)) return false;
    t.fit_s = args_lap(&clock);
    for (int64_t u = 0; u < q.x.users; u++) q.n += q.times[u] > 0;
    if (q.n == 0) return refuse(e, "no user has an item to be found by this split");
    js_put_word(out, "split", args_text(a, "split"));
    js_put_int(out, "folds", q.folds);
    js_put_int(out, "users", q.n);
    js_put_int(out, "items", q.x.items);
    for (int side = 0; side < 2; side++) {
        if (!q.table[side].n) continue;
        js_object(out, options[side]);
        js_put_int(out, "matched", q.table[side].matched);
        js_put_int(out, "columns", q.table[side].features.cols);
        js_end(out);
    }
    columns c = put_all(&q, b.seed, s, out);
    t.score_s = args_lap(&clock);
    if (!db_put(b.d, "scores", &c, e) || !verb_write(a, &b, "scores", e)) return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}
