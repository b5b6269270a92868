/* tune_recommend: parameters of recommenders by the lists they make for users of a validation cut.
 *
 * The answers of --split are the test. What may be learned from is cut once more, in the same way,
 * for validation. A score is the NDCG@k of a user. iALS reports at its rungs, in sweeps. */
#include <math.h>
#include <string.h>

#include "models/metrics_rank.h"
#include "models/recommend/recommender_tune.h"
#include "surfaces/interactions_split.h"
#include "surfaces/tune_family.h"

enum { MODELS = 16 };

typedef struct cut {
    recommender_data data;
    sparse truth; /* [users, items] */
    tune_exam exam;
} cut;

typedef struct lists_task {
    int models;
    const recommender *model[MODELS];
    const char *name[MODELS];
    recommender_params p; /* of all models, with what --set says */
    space_param param[SPACE_MOST];
    const knob *of[SPACE_MOST]; /* knob of each parameter; NULL: the model */
    double known[SPACE_MOST];
    space s;
    interactions x;
    cut part[2];
} lists_task;

/* ---- the space ---- */

/* Where iALS is searched: wider and finer than the values that --tune tries one by one. */
static const space_param als_ranges[] = {
    {"als.factors", SPACE_INT, 16, 192, .step = 16},
    {"als.iterations", SPACE_INT, 4, 24, .step = 4},
    {"als.alpha", SPACE_REAL, 1e-3, 1, .log = true},
    {"als.reg", SPACE_REAL, 3e-4, 0.1, .log = true},
};

/* From the least to the largest value of the knob's table; by the logarithm where that is above 0
 * and ten times as far. */
static space_param range_of(const knob *k) {
    for (size_t i = 0; i < sizeof als_ranges / sizeof als_ranges[0]; i++)
        if (strcmp(als_ranges[i].name, k->name) == 0) return als_ranges[i];
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < k->n; i++) low = fmin(low, k->values[i]), high = fmax(high, k->values[i]);
    return (space_param){k->name, k->kind == KNOB_INT ? SPACE_INT : SPACE_REAL, low, high,
                         .log = low > 0 && high >= 10 * low};
}

static bool is_searched(const knob *k, const interactions *x) {
    if (k->timed && !x->has_time) return false;
    return k->n > 0 || strcmp(k->name, "als.iterations") == 0;
}

static bool make_space(lists_task *t, err *e) {
    int n = 0;
    if (t->models > 1) {
        t->param[n++] = (space_param){"model", SPACE_WORD, .n = t->models, .words = t->name};
        t->known[0] = 0;
    }
    for (int m = 0; m < t->models; m++)
        for (int i = 0; i < t->model[m]->n_knobs; i++) {
            const knob *k = &t->model[m]->knobs[i];
            if (!is_searched(k, &t->x)) continue;
            if (n == SPACE_MOST)
                return refuse(e, "--model names models with more than %d parameters together",
                              SPACE_MOST);
            space_param *p = &t->param[n];
            *p = range_of(k);
            if (t->models > 1) p->under = 1, p->is = m;
            t->of[n] = k;
            t->known[n] = m == 0 ? space_round(p, knob_get(&t->p, k)) : NAN;
            n++;
        }
    t->s = (space){n, t->param};
    return n > 0 || refuse(e, "%s has no parameter to choose", t->name[0]);
}

static bool read_models(const args *a, lists_task *t, scope *s, err *e) {
    const char *at = args_given(a, "model") ? args_text(a, "model") : "als";
    for (const char *next; *at; at = next) {
        size_t n = strcspn(at, ",");
        next = at + n + (at[n] == ',');
        if (t->models == MODELS) return refuse(e, "--model takes at most %d names", MODELS);
        const recommender *r = interactions_model((slice){at, n}, s, e);
        if (!r) return false;
        if (r == &recommender_hybrid)
            return refuse(e, "--model hybrid: its parts are tuned one by one, its weights by "
                             "atelier recommend --tune");
        for (int i = 0; i < t->models; i++)
            if (t->model[i] == r) return refuse(e, "--model names %s twice", r->name);
        t->name[t->models] = r->name;
        t->model[t->models++] = r;
    }
    return t->models > 0 || refuse(e, "--model names no model");
}

/* ---- a point ---- */

static const recommender *at_point(const lists_task *t, const double *point,
                                   recommender_params *p) {
    *p = t->p;
    for (int i = 0; i < t->s.n; i++)
        if (t->of[i] && !isnan(point[i])) knob_set(p, t->of[i], point[i]);
    return t->model[t->models > 1 ? (int)point[0] : 0];
}

static double score_lists(const recommender *r, const recommender_task *task, const void *model,
                          const cut *c, double *unit, arena scratch) {
    int k = c->exam.k;
    hybrid_lists l = {k, take(&scratch, int32_t, c->exam.n * k),
                      take(&scratch, float, c->exam.n * k), NULL};
    recommender_lists(r, task, model, c->exam.users, c->exam.n, l, scratch);
    for (int64_t i = 0; i < c->exam.n; i++) {
        int32_t u = c->exam.users[i];
        unit[i] = metrics_rank_one(l.ids + i * k, k, c->truth.col + c->truth.at[u],
                                   sparse_degree(&c->truth, u), k).ndcg;
    }
    return tuner_mean(unit, c->exam.n);
}

/* Sweep by sweep, scored at the rungs. */
static bool score_als(const recommender_task *task, const cut *c,
                      tuner_trial *trial, scope *s, double *unit, err *e) {
    als_model m;
    int whole = task->p->als.iterations;
    const sparse *by_user = &c->data.by_user, *by_item = &c->data.by_item;
    if (!als_start(&m, by_user, by_item, task->p->als, &s->keep, e)) return false;
    for (int step = 1; step <= whole; step++) {
        if (!als_step(&m, by_user, by_item, task->threads, s->scratch, e)) return false;
        if (step < whole && step < tuner_next(trial)) continue;
        double score = score_lists(&recommender_als, task, &m, c, unit, s->scratch);
        if (!tuner_report(trial, step, whole, score, e)) return e->kind == ERR_NONE;
    }
    return true;
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *trial,
                  pool *threads, scope *s, double *unit, err *e) {
    const lists_task *t = what;
    const cut *c = &t->part[part];
    recommender_params p;
    const recommender *r = at_point(t, point, &p);
    recommender_task task = {&c->data, &p, threads};
    void *model;
    if (r == &recommender_als) return score_als(&task, c, trial, s, unit, e);
    if (!recommender_fit(r, &task, &model, &s->keep, s->scratch, e)) return false;
    score_lists(r, &task, model, c, unit, s->scratch);
    return true;
}

static const char *model_at(void *what, const double *point) {
    const lists_task *t = what;
    return t->name[t->models > 1 ? (int)point[0] : 0];
}

static const char *words(void *what, const double *point, scope *s) {
    const lists_task *t = what;
    return arena_text(&s->keep, "--model %s --set %s", t->name[t->models > 1 ? (int)point[0] : 0],
                      tune_set_of(&t->s, point, s));
}

/* ---- the table ---- */

static bool fill(const args *a, lists_task *t, split_part *part, cut *c, scope *s, err *e) {
    c->data = interactions_data(&t->x, part->learn, a, &s->keep, s->scratch);
    int64_t n = 0;
    for (int64_t i = 0; i < part->n; i++) { /* what a user had already is not listed */
        if (sparse_has(&c->data.by_user, part->user[i], part->item[i])) continue;
        part->user[n] = part->user[i];
        part->item[n++] = part->item[i];
    }
    c->truth = sparse_from_triples(t->x.users, t->x.items, n, part->user, part->item, NULL,
                                   &s->keep, s->scratch);
    c->exam = tune_exam_of(&c->truth, (int)args_int(a, "k"), &s->keep);
    return c->exam.n > 0 || refuse(e, "%s: no user is left with an item to be found by --split; "
                                      "give more data, or another split", args_text(a, "in"));
}

bool tune_recommend(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e) {
    lists_task *t = take(&s->keep, lists_task, 1);
    interactions *test = take(&s->keep, interactions, 1);
    split how;
    split_part outer, inner;
    if (!split_parse(a, &how, e)) return false;
    if (how.kind == SPLIT_WEEKS) return refuse(e, "--split must be last, time:7d or given:FILE");
    if (!read_models(a, t, s, e) || !interactions_params(a, b, &t->p, s, e) ||
        !interactions_read(a, b, &t->x, how.file, test, s, out, e) || !make_space(t, e) ||
        !split_cut(&how, &t->x, test, 0, &outer, &s->keep, s->scratch, e))
        return false;
    t->p.exclude_seen = true;
    split_inner(&how, &t->x, &outer, &inner, &s->keep, s->scratch);
    if (!fill(a, t, &inner, &t->part[TUNER_VALID], s, e) ||
        !fill(a, t, &outer, &t->part[TUNER_TEST], s, e))
        return false;
    *to = (tuner_task){.study = "recommend", .unit = "users", .s = &t->s, .maximise = true,
                       .metric = arena_text(&s->keep, "ndcg@%d", (int)args_int(a, "k")),
                       .known = t->known, .what = t, .score = score, .words = words,
                       .model = model_at, .rows = t->x.n,
                       .units = {t->part[TUNER_VALID].exam.n, t->part[TUNER_TEST].exam.n}};
    for (int m = 0; m < t->models; m++)
        if (t->model[m] == &recommender_als) to->least = 2; /* one sweep tells little */
    return true;
}
