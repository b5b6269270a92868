/* evaluate_recommend: lists of a recommender against what users took next.
 *
 * Splits: last (each user's newest item that is new to the user), time (the last --days days),
 * given (--test FILE). Every item is ranked: no sampled negatives. Items that the user had before
 * are left out of lists and answers, unless --include-seen. */
#include <string.h>

#include "models/metrics.h"
#include "models/metrics_rank.h"
#include "surfaces/evaluate.h"
#include "surfaces/interactions.h"

enum { METRICS = 5 };
static const char *const metric_names[METRICS] = {"hr", "ndcg", "mrr", "map", "recall"};

typedef struct exam {
    interactions x, test;
    uint8_t *used;  /* [x.n] rows that may be learned from */
    sparse truth;   /* [users, items] */
    recommender_data data;
    int64_t n;      /* users with an answer */
} exam;

/* Answers by first meetings: the last item that a user met is asked for, all its rows are hidden.
 * A user with one item only stays in training. */
static int64_t split_last(exam *q, int32_t *row, int32_t *col, scope *s) {
    const interactions *x = &q->x;
    arena a = s->scratch;
    int32_t *newest = take(&a, int32_t, x->users), *items = take(&a, int32_t, x->users);
    sparse pairs = sparse_from_triples(x->users, x->items, x->n, x->user, x->item, NULL, &s->keep,
                                       a);
    uint8_t *met = take(&a, uint8_t, sparse_count(&pairs));
    for (int64_t i = 0; i < x->n; i++) {
        int64_t at = sparse_find(&pairs, x->user[i], x->item[i]);
        if (met[at]) continue;
        met[at] = 1;
        items[x->user[i]]++;
        newest[x->user[i]] = x->item[i];
    }
    int64_t n = 0;
    for (int64_t u = 0; u < x->users; u++) {
        if (items[u] < 2) continue;
        row[n] = (int32_t)u;
        col[n++] = newest[u];
    }
    for (int64_t i = 0; i < x->n; i++)
        q->used[i] = items[x->user[i]] < 2 || x->item[i] != newest[x->user[i]];
    return n;
}

static int64_t split_time(exam *q, int days, int32_t *row, int32_t *col) {
    int32_t last = INT32_MIN;
    int64_t n = 0;
    for (int64_t i = 0; i < q->x.n; i++)
        if (q->x.day[i] > last) last = q->x.day[i];
    for (int64_t i = 0; i < q->x.n; i++) {
        q->used[i] = q->x.day[i] <= last - days;
        if (q->used[i]) continue;
        row[n] = q->x.user[i];
        col[n++] = q->x.item[i];
    }
    return n;
}

/* Answers that the user had already cannot be in a list without them. */
static int64_t drop_seen(const sparse *had, int32_t *row, int32_t *col, int64_t n) {
    int64_t to = 0;
    for (int64_t i = 0; i < n; i++) {
        if (sparse_has(had, row[i], col[i])) continue;
        row[to] = row[i];
        col[to++] = col[i];
    }
    return to;
}

static bool prepare(const args *a, bench *b, exam *q, scope *s, js *out, err *e) {
    const char *split = args_given(a, "split") ? args_text(a, "split") : "last";
    const char *file = args_text(a, "test");
    bool given = strcmp(split, "given") == 0, last = strcmp(split, "last") == 0;
    if (!given && !last && strcmp(split, "time") != 0)
        return refuse(e, "--split must be one of last, time, given, got '%s'", split);
    if (given != (file != NULL))
        return refuse(e, "--split given and --test FILE belong together");
    if (!interactions_read(a, b, &q->x, file, &q->test, s, out, e)) return false;
    if (strcmp(split, "time") == 0 && !q->x.has_time)
        return refuse(e, "--split time needs a column time in %s", args_text(a, "in"));
    int64_t most = q->x.n + q->test.n, n;
    int32_t *row = take(&s->keep, int32_t, most), *col = take(&s->keep, int32_t, most);
    q->used = take(&s->keep, uint8_t, q->x.n);
    memset(q->used, 1, (size_t)q->x.n);
    if (given) {
        n = q->test.n;
        memcpy(row, q->test.user, sizeof *row * (size_t)n);
        memcpy(col, q->test.item, sizeof *col * (size_t)n);
    } else {
        n = last ? split_last(q, row, col, s) : split_time(q, (int)args_int(a, "days"), row, col);
    }
    q->data = interactions_data(&q->x, q->used, a, &s->keep, s->scratch);
    if (!args_flag(a, "include-seen")) n = drop_seen(&q->data.by_user, row, col, n);
    q->truth = sparse_from_triples(q->x.users, q->x.items, n, row, col, NULL, &s->keep, s->scratch);
    for (int64_t u = 0; u < q->x.users; u++) q->n += sparse_degree(&q->truth, u) > 0;
    js_put_word(out, "split", split);
    js_put_int(out, "users", q->n);
    js_put_int(out, "items", q->x.items);
    js_put_int(out, "train", sparse_count(&q->data.by_user));
    js_put_int(out, "answers", sparse_count(&q->truth));
    return q->n > 0 || refuse(e, "no user has an item to be found by this split");
}

/* units[METRICS][q->n] */
static bool score(const args *a, bench *b, const exam *q, const recommender *r, double **units,
                  timing *t, scope *s, err *e) {
    int k = (int)args_int(a, "k");
    double clock = args_clock();
    recommender_params p;
    if (!interactions_params(a, b, &p, e)) return false;
    p.exclude_seen = !args_flag(a, "include-seen");
    recommender_task task = {&q->data, &p, b->threads};
    void *model;
    hybrid_lists l = {.k = k, .ids = take(&s->keep, int32_t, q->x.users * k),
                      .scores = take(&s->keep, float, q->x.users * k)};
    if (!recommender_fit(r, &task, &model, &s->keep, s->scratch, e)) return false;
    t->fit_s += args_lap(&clock);
    recommender_lists(r, &task, model, NULL, 0, l, s->scratch);
    t->recommend_s += args_lap(&clock);
    for (int i = 0; i < METRICS; i++) units[i] = take(&s->keep, double, q->n);
    int64_t n = 0;
    for (int64_t u = 0; u < q->x.users; u++) {
        int64_t m = sparse_degree(&q->truth, u);
        if (m == 0) continue;
        metrics_rank of = metrics_rank_one(l.ids + u * k, k, q->truth.col + q->truth.at[u], m, k);
        double all[METRICS] = {of.hit, of.ndcg, of.mrr, of.ap, of.recall};
        for (int i = 0; i < METRICS; i++) units[i][n] = all[i];
        n++;
    }
    t->score_s += args_lap(&clock);
    return true;
}

static columns new_result(int rows, scope *s) {
    static const char *const names[] = {"model", "metric", "value", "low", "high", "users"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64};
    return columns_new(&s->keep, 6, names, types, rows);
}

static void put_row(columns *c, int row, const char *model, const char *metric,
                    metrics_interval m, js *out) {
    c->at[0].text[row] = slice_of(model);
    c->at[1].text[row] = slice_of(metric);
    c->at[2].real[row] = m.mean;
    c->at[3].real[row] = m.low;
    c->at[4].real[row] = m.high;
    c->at[5].i64[row] = m.n;
    js_object(out, metric);
    js_put_real(out, "value", m.mean);
    js_put_real(out, "low", m.low);
    js_put_real(out, "high", m.high);
    js_put_int(out, "n", m.n);
    js_end(out);
}

/* Each model's metrics, then the difference of the second to popularity, user by user. */
static columns report(const args *a, const bench *b, double *units[2][METRICS],
                      const char *const *models, int n_models, int64_t n, scope *s, js *out) {
    int k = (int)args_int(a, "k"), row = 0;
    columns c = new_result((2 * n_models - 1) * METRICS, s);
    js_array(out, "models");
    for (int m = 0; m < 2 * n_models - 1; m++) {
        const char *name = m < 2 ? models[m] : arena_text(&s->keep, "%s - popular", models[1]);
        js_object(out, NULL);
        js_put_word(out, "name", name);
        js_object(out, "metrics");
        for (int i = 0; i < METRICS; i++) {
            const char *metric = arena_text(&s->keep, "%s@%d", metric_names[i], k);
            put_row(&c, row++, name, metric,
                    m < 2 ? metrics_bootstrap(units[m][i], n, b->seed, METRICS_RESAMPLES,
                                              s->scratch)
                          : metrics_bootstrap_paired(units[1][i], units[0][i], n, b->seed,
                                                     METRICS_RESAMPLES, s->scratch),
                    out);
        }
        js_end(out);
        js_end(out);
    }
    js_end(out);
    return c;
}

bool evaluate_recommend(const args *a, scope *s, js *out, err *e) {
    bench b;
    exam q = {0};
    timing t = {0};
    double clock = args_clock(), *units[2][METRICS];
    const recommender *r =
        interactions_model(slice_of(args_given(a, "model") ? args_text(a, "model") : "als"), s, e);
    if (!r || !verb_open(a, s, &b, e) || !prepare(a, &b, &q, s, out, e)) return false;
    t.read_s = args_lap(&clock);
    const char *const models[] = {"popular", r->name};
    int n_models = strcmp(r->name, "popular") == 0 ? 1 : 2;
    for (int m = 0; m < n_models; m++)
        if (!score(a, &b, &q, recommender_find(models[m]), units[m], &t, s, e)) return false;
    clock = args_clock();
    columns c = report(a, &b, units, models, n_models, q.n, s, out);
    t.score_s += args_lap(&clock);
    if (!db_put(b.d, "scores", &c, e) || !verb_write(a, &b, "scores", e)) return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}
