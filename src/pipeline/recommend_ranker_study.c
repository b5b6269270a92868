/* recommend_ranker_study: how the ranker's trees grow: a study on the weeks that were kept. */
#include "pipeline/recommend_ranker_study.h"

#include "pipeline/evaluation_parts.h"
#include "pipeline/recommend_ranker_tune.h"
#include "pipeline/tune_study.h"

enum { TRIALS = 6, STUDY_GROUPS = 1000, STUDY_THIN = 8, FIRST_RUNG = 16 }; /* trees */
enum { LEAVES, MIN_ROWS, RATE, SHARE, PARAMS };

static const space_param params[PARAMS] = {
    [LEAVES] = {"leaves", SPACE_INT, 7, 40, .log = true},
    [MIN_ROWS] = {"min_rows", SPACE_INT, 10, 200, .log = true},
    [RATE] = {"rate", SPACE_REAL, 0.03, 0.12, .log = true},
    [SHARE] = {"feature_share", SPACE_REAL, 0.3, 1, .step = 0.1},
};
static const space of_growth = {PARAMS, params};

typedef struct trial {
    const recommend_ranking *k;
    const recommend_exam *x;
    recommend_ranking_fitted whole; /* of the best, when it is shown to be better: on all rows */
    trees ranker;
    recommend_ranking_fitted offered;
    trees offered_ranker;
} trial;

static recommend_growth growth_at(const double *point) {
    recommend_growth to = RECOMMEND_GROWTH;
    to.leaves = (int)point[LEAVES], to.min_rows = (int)point[MIN_ROWS];
    to.rate = point[RATE], to.feature_share = point[SHARE];
    return to;
}

/* A trial under way: what its trees so far are worth. */
typedef struct rung {
    const trial *t;
    pool *threads;
    double *unit;
} rung;

static double score_rung(void *what, const trees *ranker, arena scratch) {
    const rung *r = what;
    const trial *t = r->t;
    recommend_ranking_ap(t->k, t->k->train, t->x, ranker, r->threads, r->unit, scratch);
    return tuner_mean(r->unit, t->x->n);
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *reports,
                  pool *threads, scope *s, double *unit, err *e) {
    (void)part;
    trees ranker;
    rung now = {what, threads, unit};
    recommend_ranking_fitted how = {.growth = growth_at(point), .groups = STUDY_GROUPS,
                                    .thin = STUDY_THIN, .once = true, .reports = reports,
                                    .score = score_rung, .what = &now};
    if (!recommend_ranking_fit_by(now.t->k, &how, &ranker, threads, &s->keep, s->scratch, e))
        return false;
    score_rung(&now, &ranker, s->scratch);
    return true;
}

/* `whole` on all rows beside the ranker in use. */
static bool fit_whole(trial *t, scope *s, double *best, double *known, err *e) {
    pool *threads = t->k->w->threads;
    if (!recommend_ranking_fit_by(t->k, &t->whole, &t->ranker, threads, &s->keep, s->scratch, e))
        return false;
    recommend_ranking_ap(t->k, t->k->train, t->x, &t->ranker, threads, best, s->scratch);
    recommend_ranking_ap(t->k, t->k->train, t->x, &t->k->ranker, threads, known, s->scratch);
    return true;
}

static bool confirm(void *what, const double *point, scope *s, double *best, double *known,
                    err *e) {
    trial *t = what;
    t->whole = (recommend_ranking_fitted){.growth = growth_at(point), .groups = INT64_MAX,
                                          .thin = 1};
    return fit_whole(t, s, best, known, e);
}

/* What `atelier tune` found, on all rows. */
static bool score_offered(void *what, tuned_file *of, scope *s, double *unit, double *known,
                          err *e) {
    trial *t = what;
    const recommend_ranking_fitted whole = t->whole;
    const trees ranker = t->ranker;
    t->whole = (recommend_ranking_fitted){.groups = INT64_MAX, .thin = 1};
    if (!recommend_ranker_found(of, &t->whole.growth, &t->whole.trees) ||
        !fit_whole(t, s, unit, known, e))
        return false;
    t->offered = t->whole, t->offered_ranker = t->ranker;
    t->whole = whole, t->ranker = ranker;
    return true;
}

static metrics_interval gain(void *what, const double *best, const double *known, arena scratch) {
    const trial *t = what;
    return recommend_exam_interval(t->x, best, known, RECOMMEND_ALL, scratch);
}

bool recommend_ranker_study(recommend_ranking *k, const recommend_exam *x, const char *journal_path,
                            tuned_file *offered, js *report, err *e) {
    trial t = {.k = k, .x = x};
    double known[PARAMS] = {k->growth.leaves, k->growth.min_rows, k->growth.rate,
                            k->growth.feature_share};
    for (int i = 0; i < PARAMS; i++) known[i] = space_round(&params[i], known[i]);
    tune_study trials = {
        .model = "ranker", .title = "The ranker", .trials = TRIALS, .gain = gain,
        .confirm = confirm, .offered = offered, .score_offered = score_offered,
        .task = {.study = "recommend_ranker", .metric = "map_at_12", .unit = "customer-weeks",
                 .s = &of_growth, .maximise = true, .known = known, .least = FIRST_RUNG,
                 .what = &t, .units = {x->n, 0}, .score = score}};
    if (!tune_study_run(&trials, k->w, journal_path, k->s, report, e)) return false;
    if (offered->taken) t.whole = t.offered, t.ranker = t.offered_ranker;
    if (!trials.taken && !offered->taken) return true;
    k->growth = t.whole.growth;
    k->trees = t.whole.trees;
    k->ranker = t.ranker;
    return true;
}

void recommend_ranker_learning(const recommend_ranking *k, const recommend_exam *x, js *report) {
    js_array(report, "learning");
    for (int part = 8; part >= 1; part /= 2) {
        arena scratch = k->s->scratch;
        trees first = k->ranker;
        double *ap = take(&scratch, double, x->n);
        arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
        first.n = (k->ranker.n + part - 1) / part;
        trees_ready(&first, &keep, scratch);
        recommend_ranking_ap(k, k->train, x, &first, k->w->threads, ap, scratch);
        evaluation_learning_put(report, "ranker, validation weeks", "trees", first.n,
                                recommend_metrics[RECOMMEND_MAP],
                                recommend_exam_interval(x, ap, NULL, RECOMMEND_ALL, scratch));
    }
    js_end(report);
}
