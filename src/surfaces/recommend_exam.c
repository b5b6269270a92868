/* recommend_exam: recommenders against what users took next, a value for each user and metric. */
#include "surfaces/recommend_exam.h"

#include <string.h>

#include "models/metrics_rank.h"

const char *const exam_metrics[EXAM_METRICS] = {"hr",     "ndcg",      "mrr",     "map",
                                                "recall", "precision", "novelty", "map"};
const char *const exam_history[EXAM_HISTORY] = {"none", "1-4", "5-19", "20+"};
const char *const exam_recency[EXAM_RECENCY] = {"active", "lapsed", "new"};
enum { ACTIVE_DAYS = 28, WIDTH_12 = 12 };

/* One window while it is worked on. */
typedef struct sitting {
    exam_window *w;
    recommender_data data;
    sparse truth;   /* [users, items] */
    int64_t *taken; /* [items] users who have each */
} sitting;

/* --model NAME[,NAME…]; popularity is put beside them when it is not among them. */
static bool read_models(const args *a, const bench *b, exam *q, scope *s, err *e) {
    recommender_params p;
    const char *names = args_given(a, "model") ? args_text(a, "model") : "als";
    if (!interactions_params(a, b, &p, s, e)) return false;
    p.exclude_seen = q->exclude_seen;
    bool popular = false;
    for (size_t n; *names; names += n + (names[n] == ',')) {
        n = strcspn(names, ",");
        const recommender *r = interactions_model((slice){names, n}, s, e);
        if (!r) return false;
        if (q->n_models == EXAM_MODELS - 1)
            return refuse(e, "--model takes at most %d names", EXAM_MODELS - 1);
        for (int i = 0; i < q->n_models; i++)
            if (q->models[i].r == r) return refuse(e, "--model names %s twice", r->name);
        q->models[q->n_models++] = (exam_model){.r = r, .p = p};
        popular = popular || strcmp(r->name, "popular") == 0;
    }
    if (!popular)
        q->models[q->n_models++] =
            (exam_model){.r = recommender_find("popular"), .p = p, .baseline = true};
    return true;
}

bool exam_open(const args *a, bench *b, exam *q, scope *s, js *out, err *e) {
    q->k = (int)args_int(a, "k");
    q->exclude_seen = !args_flag(a, "include-seen");
    if (!split_parse(a, &q->how, e) || !read_models(a, b, q, s, e) ||
        !interactions_read(a, b, &q->x, q->how.file, &q->test, s, out, e) ||
        !attribute_tables(a, b, &q->x, q->table, s, e))
        return false;
    q->n_windows = q->how.windows;
    q->windows = take(&s->keep, exam_window, q->n_windows);
    for (int m = 0; m < q->n_models; m++)
        q->models[m].shown = take(&s->keep, int64_t, q->x.items);
    return true;
}

/* Answers that the user had already cannot be in a list without them. */
static int64_t drop_seen(const sparse *had, split_part *part) {
    int64_t to = 0;
    for (int64_t i = 0; i < part->n; i++) {
        if (sparse_has(had, part->user[i], part->item[i])) continue;
        part->user[to] = part->user[i];
        part->item[to++] = part->item[i];
    }
    return to;
}

static uint8_t history_of(int64_t items) {
    return items == 0 ? 0 : items < 5 ? 1 : items < 20 ? 2 : 3;
}

static uint8_t recency_of(const recommender_data *d, int64_t user, int32_t from) {
    if (d->seq_at[user + 1] == d->seq_at[user]) return 2;
    return d->seq_day[d->seq_at[user + 1] - 1] >= from - ACTIVE_DAYS ? 0 : 1;
}

/* The matrices of a window, in keep, and who is asked about what. */
static sitting sit(const args *a, const exam *q, split_part *part, exam_window *w, arena *keep,
                   scope *s) {
    sitting t = {.w = w, .data = interactions_data(&q->x, part->learn, a, keep, s->scratch)};
    if (q->exclude_seen) part->n = drop_seen(&t.data.by_user, part);
    t.truth = sparse_from_triples(q->x.users, q->x.items, part->n, part->user, part->item, NULL,
                                  keep, s->scratch);
    t.taken = take(keep, int64_t, q->x.items);
    for (int64_t i = 0; i < q->x.items; i++) t.taken[i] = sparse_degree(&t.data.by_item, i);
    for (int64_t u = 0; u < q->x.users; u++) w->n += sparse_degree(&t.truth, u) > 0;
    w->user = take(&s->keep, int32_t, w->n);
    w->history = take(&s->keep, uint8_t, w->n);
    w->recency = t.data.seq_day ? take(&s->keep, uint8_t, w->n) : NULL;
    w->train = sparse_count(&t.data.by_user);
    w->answers = sparse_count(&t.truth);
    w->from = part->from;
    w->until = part->until;
    int32_t from = part->until > 0 ? part->from : t.data.as_of;
    for (int64_t u = 0, n = 0; u < q->x.users; u++) {
        if (sparse_degree(&t.truth, u) == 0) continue;
        w->history[n] = history_of(sparse_degree(&t.data.by_user, u));
        if (w->recency) w->recency[n] = recency_of(&t.data, u, from);
        w->user[n++] = (int32_t)u;
    }
    return t;
}

static void score(const exam *q, const sitting *t, int model, hybrid_lists l, scope *s) {
    exam_window *w = t->w;
    int64_t users = 0;
    for (int64_t u = 0; u < q->x.users; u++) users += sparse_degree(&t->data.by_user, u) > 0;
    for (int i = 0; i < EXAM_METRICS; i++) w->value[model][i] = take(&s->keep, double, w->n);
    for (int64_t n = 0; n < w->n; n++) {
        int32_t u = w->user[n];
        const int32_t *list = l.ids + n * l.k, *truth = t->truth.col + t->truth.at[u];
        int64_t m = sparse_degree(&t->truth, u);
        metrics_rank r = metrics_rank_one(list, l.k, truth, m, q->k);
        double all[EXAM_METRICS] = {r.hit, r.ndcg, r.mrr, r.ap, r.recall, r.precision,
                                    metrics_rank_novelty(list, l.k, q->k, t->taken, users),
                                    metrics_rank_one(list, l.k, truth, m, WIDTH_12).ap};
        for (int i = 0; i < EXAM_METRICS; i++) w->value[model][i][n] = all[i];
    }
    metrics_rank_shown(l.ids, w->n, l.k, q->k, q->models[model].shown);
}

/* Fits and scores all models on one window; their memory ends with it. */
static bool examine(const args *a, bench *b, exam *q, int window, arena keep, scope *s, err *e) {
    split_part part;
    double clock = args_clock();
    if (!split_cut(&q->how, &q->x, &q->test, window, &part, &keep, s->scratch, e)) return false;
    sitting t = sit(a, q, &part, &q->windows[window], &keep, s);
    q->time.prepare_s += args_lap(&clock);
    for (int m = 0; m < q->n_models; m++) {
        exam_model *of = &q->models[m];
        arena own = keep;
        if (window == 0 && args_flag(a, "tune") &&
            !exam_tune(a, b, &q->x, &q->how, &part, of, q->k, s, e))
            return false;
        of->tune_s += args_lap(&clock);
        recommender_task task = {&t.data, &of->p, b->threads};
        void *model;
        if (!recommender_fit(of->r, &task, &model, &own, s->scratch, e)) return false;
        of->fit_s += args_lap(&clock);
        hybrid_lists l = {.k = q->k > WIDTH_12 ? q->k : WIDTH_12};
        l.ids = take(&own, int32_t, t.w->n * l.k);
        l.scores = take(&own, float, t.w->n * l.k);
        recommender_lists(of->r, &task, model, t.w->user, t.w->n, l, s->scratch);
        of->recommend_s += args_lap(&clock);
        score(q, &t, m, l, s);
        q->time.score_s += args_lap(&clock);
    }
    return true;
}

bool exam_run(const args *a, bench *b, exam *q, scope *s, err *e) {
    arena keep = arena_split(&s->keep, arena_left(&s->keep) / 2);
    int64_t asked = 0;
    for (int w = 0; w < q->n_windows; w++) {
        if (!examine(a, b, q, w, keep, s, e)) return false;
        asked += q->windows[w].n;
    }
    for (int m = 0; m < q->n_models; m++) { /* what was put beside is not what was asked for */
        if (q->models[m].baseline) continue;
        q->time.tune_s += q->models[m].tune_s;
        q->time.fit_s += q->models[m].fit_s;
        q->time.recommend_s += q->models[m].recommend_s;
    }
    return asked > 0 || refuse(e, "no user has an item to be found by this split: each user needs "
                                  "a new item in the answers%s",
                               q->how.kind == SPLIT_LAST ? " and another one before it" : "");
}
