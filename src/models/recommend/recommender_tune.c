/* recommender_tune: a model's parameters chosen by what they find of held-out answers. */
#include "models/recommend/recommender_tune.h"

#include <math.h>

#include "models/metrics_rank.h"

tune_exam tune_exam_of(const sparse *truth, int k, arena *keep) {
    int64_t all = 0, n = 0;
    for (int64_t u = 0; u < truth->rows; u++) all += sparse_degree(truth, u) > 0;
    int64_t most = all < TUNE_USERS ? all : TUNE_USERS;
    int32_t *users = take(keep, int32_t, most);
    for (int64_t u = 0, at = 0; u < truth->rows; u++)
        if (sparse_degree(truth, u) > 0) { /* number `at` is in when at * most / all moves on */
            if (n < most && at * most / all >= n) users[n++] = (int32_t)u;
            at++;
        }
    return (tune_exam){truth, n, users, k};
}

double tune_score(const tune_exam *exam, const int32_t *lists, int width) {
    double sum = 0;
    for (int64_t i = 0; i < exam->n; i++) {
        int32_t u = exam->users[i];
        sum += metrics_rank_one(lists + i * width, width, exam->truth->col + exam->truth->at[u],
                                sparse_degree(exam->truth, u), exam->k)
                   .ndcg;
    }
    return exam->n > 0 ? sum / (double)exam->n : NAN;
}

typedef struct search {
    const recommender *r;
    recommender_task task; /* task.p points to the parameters of the trial */
    const tune_exam *exam;
    tune_log *log;
} search;

static void note(const search *s, tune_trial trial) {
    trial.model = trial.model ? trial.model : s->r;
    if (s->log->n < s->log->most) s->log->at[s->log->n++] = trial;
}

/* Fits with the parameters of the trial when *model is NULL, and scores; NaN when fit refuses. */
static double attempt(const search *s, void **model, arena *keep, arena scratch, err *e) {
    int64_t places = s->exam->n * s->exam->k;
    if (!*model && !s->r->fit(&s->task, model, keep, scratch, e)) {
        *model = NULL;
        return NAN;
    }
    hybrid_lists lists = {s->exam->k, take(&scratch, int32_t, places),
                          take(&scratch, float, places), NULL};
    recommender_lists(s->r, &s->task, *model, s->exam->users, s->exam->n, lists, scratch);
    return tune_score(s->exam, lists.ids, lists.k);
}

/* Place in the table of the value that is nearest to the one in use. */
static int place_of(const knob *k, double now) {
    int near = 0;
    for (int i = 1; i < k->n; i++)
        if (fabs(k->values[i] - now) < fabs(k->values[near] - now)) near = i;
    return near;
}

/* Tries the values of one knob, in later rounds only those beside the one in use; a knob that fit
 * does not read shares one fitted model. */
static bool try_knob(search *s, const knob *k, bool all, recommender_params *best, double *score,
                     arena scratch) {
    bool moved = false;
    double now = knob_get(best, k);
    int near = place_of(k, now);
    void *shared = NULL;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int i = 0; i < k->n; i++) {
        if ((float)k->values[i] == (float)now || (!all && (i < near - 1 || i > near + 1))) continue;
        recommender_params p = *best;
        knob_set(&p, k, k->values[i]);
        s->task.p = &p;
        err ignored = {0};
        arena again = keep;
        void *own = NULL;
        double got = k->refit ? attempt(s, &own, &again, scratch, &ignored)
                              : attempt(s, &shared, &keep, scratch, &ignored);
        bool taken = got > *score;
        note(s, (tune_trial){.knob = k, .value = k->values[i], .score = got, .taken = taken});
        if (!taken) continue;
        *best = p;
        *score = got;
        moved = true;
    }
    return moved;
}

static bool tune_one(const recommender *r, const recommender_task *task, const tune_exam *exam,
                     recommender_params *p, double *score, tune_log *log, arena scratch, err *e) {
    search s = {r, *task, exam, log};
    s.task.p = p;
    void *model = NULL;
    arena inner = scratch, keep = arena_split(&inner, arena_left(&inner) / 2);
    *score = attempt(&s, &model, &keep, inner, e);
    if (!model) return false;
    note(&s, (tune_trial){.start = true, .score = *score, .taken = true});
    bool moved = true;
    for (int round = 0; round < TUNE_ROUNDS && moved; round++) {
        moved = false;
        for (int i = 0; i < r->n_knobs; i++)
            if (!r->knobs[i].timed || task->data->seq_day)
                moved = try_knob(&s, &r->knobs[i], round == 0, p, score, scratch) || moved;
    }
    return true;
}

/* ---- the blend ---- */

typedef struct weighing {
    const tune_exam *exam;
    hybrid_problem problem;
    hybrid_lists lists;
    pool *threads;
} weighing;

static double weigh(const weighing *w, const float *weight, int n) {
    hybrid_weights all = {{0}};
    for (int i = 0; i < n; i++) all.of[i] = weight[i];
    hybrid_blend(&w->problem, all, w->lists, w->threads);
    return tune_score(w->exam, w->lists.ids, w->lists.k);
}

/* Coordinate search from the best part alone; returns the score. */
static double choose_weights(const search *s, const weighing *w, recommender_blend *b) {
    static const float grid[] = {0, 0.05f, 0.1f, 0.2f, 0.35f, 0.5f, 0.75f, 1, 1.5f, 2};
    double best = -1;
    int first = 0;
    for (int i = 0; i < b->n; i++) {
        float alone[HYBRID_MOST] = {0};
        alone[i] = 1;
        double got = weigh(w, alone, b->n);
        note(s, (tune_trial){.model = b->model[i], .start = true, .value = 1, .score = got});
        if (got > best) {
            best = got;
            first = i;
        }
    }
    for (int i = 0; i < b->n; i++) b->weight[i] = i == first;
    bool moved = true;
    for (int round = 0; round < TUNE_ROUNDS && moved; round++) {
        moved = false;
        for (int i = 0; i < b->n; i++) {
            float now = b->weight[i], top = now;
            for (size_t g = 0; g < sizeof grid / sizeof grid[0]; g++) {
                if (grid[g] == now) continue;
                b->weight[i] = grid[g];
                double got = weigh(w, b->weight, b->n);
                bool taken = got > best;
                note(s, (tune_trial){.model = b->model[i], .value = grid[g], .score = got,
                                     .taken = taken});
                if (!taken) continue;
                best = got;
                top = grid[g];
                moved = true;
            }
            b->weight[i] = top;
        }
    }
    return best;
}

/* Parts without weight are left out. */
static recommender_blend without_zeros(const recommender_blend *b) {
    recommender_blend to = {0};
    for (int i = 0; i < b->n; i++) {
        if (b->weight[i] <= 0) continue;
        to.model[to.n] = b->model[i];
        to.weight[to.n++] = b->weight[i];
    }
    return to;
}

static bool tune_hybrid(const recommender *r, const recommender_task *task, const tune_exam *exam,
                        recommender_params *p, tune_log *log, arena scratch, err *e) {
    recommender_blend b = recommender_blend_of(p);
    search s = {r, *task, exam, log};
    s.task.p = p;
    recommender_ask ask = recommender_ask_of(&s.task, exam->users, exam->n, exam->k, &scratch);
    weighing w = {.exam = exam, .threads = task->threads,
                  .problem = {.n = b.n, .users = exam->n, .items = task->data->by_user.cols},
                  .lists = {exam->k, take(&scratch, int32_t, exam->n * exam->k),
                            take(&scratch, float, exam->n * exam->k), NULL}};
    arena lists = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int i = 0; i < b.n; i++) {
        double score;
        void *model;
        if (!tune_one(b.model[i], task, exam, p, &score, log, scratch, e)) return false;
        arena inner = scratch, keep = arena_split(&inner, arena_left(&inner) / 2);
        if (!b.model[i]->fit(&s.task, &model, &keep, inner, e)) return false;
        w.problem.sources[i] = recommender_part(b.model[i], &s.task, model, &ask, &lists, inner);
    }
    choose_weights(&s, &w, &b);
    p->blend = without_zeros(&b);
    return true;
}

bool recommender_tune(const recommender *r, const recommender_task *task, const tune_exam *exam,
                      recommender_params *p, tune_log *log, arena scratch, err *e) {
    double score;
    return r == &recommender_hybrid ? tune_hybrid(r, task, exam, p, log, scratch, e)
                                    : tune_one(r, task, exam, p, &score, log, scratch, e);
}
