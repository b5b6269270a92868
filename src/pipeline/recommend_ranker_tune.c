/* recommend_ranker_tune: the parameters of a shop's ranker, searched further than a run does. */
#include "pipeline/recommend_ranker_tune.h"

#include <math.h>

#include "base/random.h"

enum { TUNE_UNITS = 5000, TUNE_GROUPS = 4000, FIRST_RUNG = 16 };
enum { TREES, LEAVES, MIN_ROWS, RATE, SHARE, OBJECTIVE, NEGATIVES, WEEKS, PARAMS };

static const space_param params[PARAMS] = {
    [TREES] = {"trees", SPACE_INT, 16, 1000, .log = true},
    [LEAVES] = {"leaves", SPACE_INT, 4, 64, .log = true},
    [MIN_ROWS] = {"min_rows", SPACE_INT, 5, 500, .log = true},
    [RATE] = {"rate", SPACE_REAL, 0.01, 0.2, .log = true},
    [SHARE] = {"feature_share", SPACE_REAL, 0.2, 1, .step = 0.1},
    [OBJECTIVE] = {"objective", SPACE_WORD, .n = 2, .words = recommend_objectives},
    [NEGATIVES] = {"negatives", SPACE_INT, 4, 100, .log = true},
    [WEEKS] = {"weeks", SPACE_INT, 2, RECOMMEND_TRAIN_MOST},
};
static const space of_rankers = {PARAMS, params};

typedef struct ranker_task {
    recommend_data d;
    recommend_ranking k;
    recommend_exam x[2]; /* by part */
    int from[2];         /* its first week */
    double known[PARAMS];
} ranker_task;

static void growth_at(const double *point, recommend_growth *growth, int *n_trees) {
    *growth = (recommend_growth)RECOMMEND_GROWTH;
    *n_trees = isnan(point[TREES]) ? 0 : (int)point[TREES];
    if (!isnan(point[LEAVES])) growth->leaves = (int)point[LEAVES];
    if (!isnan(point[MIN_ROWS])) growth->min_rows = (int)point[MIN_ROWS];
    if (!isnan(point[RATE])) growth->rate = point[RATE];
    if (!isnan(point[SHARE])) growth->feature_share = point[SHARE];
    if (!isnan(point[OBJECTIVE])) growth->binary = point[OBJECTIVE] > 0;
    if (!isnan(point[NEGATIVES])) growth->negatives = (int)point[NEGATIVES];
    if (!isnan(point[WEEKS])) growth->weeks = (int)point[WEEKS];
}

bool recommend_ranker_found(tuned_file *f, recommend_growth *growth, int *n_trees) {
    double point[PARAMS];
    if (!tuned_file_point(f, &of_rankers, point)) return false;
    growth_at(point, growth, n_trees);
    return true;
}

/* ---- a point ---- */

/* Mean AP@12 over the weeks of each customer. */
static void by_customer(const recommend_exam *x, const double *ap, double *unit, arena scratch) {
    double *weeks = take(&scratch, double, x->clusters);
    for (int64_t c = 0; c < x->clusters; c++) unit[c] = 0;
    for (int64_t i = 0; i < x->n; i++) unit[x->cluster[i]] += ap[i], weeks[x->cluster[i]]++;
    for (int64_t c = 0; c < x->clusters; c++) unit[c] = weeks[c] > 0 ? unit[c] / weeks[c] : NAN;
}

typedef struct rung {
    const ranker_task *t;
    tuner_part part;
    pool *threads;
    double *unit;
} rung;

static double score_trees(void *what, const trees *ranker, arena scratch) {
    const rung *r = what;
    const recommend_exam *x = &r->t->x[r->part];
    double *ap = take(&scratch, double, x->n);
    recommend_ranking_ap(&r->t->k, r->t->from[r->part], x, ranker, r->threads, ap, scratch);
    by_customer(x, ap, r->unit, scratch);
    return tuner_mean(r->unit, x->clusters);
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *reports,
                  pool *threads, scope *s, double *unit, err *e) {
    rung now = {what, part, threads, unit};
    trees ranker;
    recommend_ranking_fitted how = {.groups = TUNE_GROUPS, .thin = 1, .end = now.t->from[part],
                                    .reports = reports, .score = score_trees, .what = &now};
    growth_at(point, &how.growth, &how.trees);
    if (!recommend_ranking_fit_by(&now.t->k, &how, &ranker, threads, &s->keep, s->scratch, e))
        return false;
    if (!tuner_gave_up(reports)) score_trees(&now, &ranker, s->scratch);
    return true;
}

static const char *words(void *what, const double *point, scope *s) {
    (void)what, (void)point;
    return arena_text(&s->keep, "atelier run, which tries " TUNED_FOLDER "/ranker.json");
}

static const char *model_at(void *what, const double *point) {
    (void)what, (void)point;
    return "ranker";
}

/* ---- the weeks ---- */

/* The shop as it was when its test period began, with the features of the weeks before. */
static bool go_back(work *w, err *e) {
    static const char *const tables[] = {"feature_days", "article_weeks", "customer_weeks"};
    w->days.end = w->days.test_from;
    for (int i = 0; i < 3; i++)
        if (!work_table_here(w, "04_features", tables[i], e)) return false;
    return true;
}

/* Cut-offs to learn from, to validate on, to test on. */
static bool walk(ranker_task *t, int n, work *w, scope *s, err *e) {
    recommend_calendar c = recommend_cutoffs(w->days, RECOMMEND_TRAIN_MOST + 2 * n, 0);
    recommend_week *all = take(&s->keep, recommend_week, c.n + 1);
    int train = c.n - 2 * n;
    if (train < 2) return refuse(e, "the history has %d weeks before its test period; a ranker "
                                    "needs %d", c.n, 2 * n + 2);
    t->k = (recommend_ranking){.w = w, .s = s, .train = train, .growth = RECOMMEND_GROWTH,
                               .keep = true};
    recommend_walk to = {.d = &t->d, .p = recommend_defaults(w->seed), .most = TUNE_UNITS,
                         .first = train, .most_first = RECOMMEND_TRAIN_UNITS,
                         .visit = recommend_ranking_visit, .what = &t->k, .threads = w->threads};
    if (!recommend_walk_weeks(&to, &c, all, s, e)) return false;
    for (int part = 0; part < 2; part++) {
        t->from[part] = train + part * n;
        t->x[part] = recommend_exam_open(all + t->from[part], n, t->d.customers,
                                         seed_for(w->seed, "recommend"), &s->keep, s->scratch);
    }
    return true;
}

/* The parameters in use, with the number of trees that the last week asks for. */
static bool find_known(ranker_task *t, work *w, scope *s, err *e) {
    trees ranker;
    recommend_growth g = RECOMMEND_GROWTH;
    recommend_ranking_fitted how = {.growth = g, .groups = TUNE_GROUPS, .thin = 1, .once = true};
    if (!recommend_ranking_fit_by(&t->k, &how, &ranker, w->threads, &s->keep, s->scratch, e))
        return false;
    const double known[PARAMS] = {how.trees, g.leaves, g.min_rows, g.rate, g.feature_share,
                                  g.binary, params[NEGATIVES].high, g.weeks};
    for (int i = 0; i < PARAMS; i++) t->known[i] = space_round(&params[i], known[i]);
    return true;
}

bool recommend_ranker_task(tuner_task *to, work *w, scope *s, js *out, err *e) {
    ranker_task *t = take(&s->keep, ranker_task, 1);
    int n = recommend_test_weeks(w->days);
    if (!go_back(w, e) || !recommend_load(&t->d, w, w->days.end, &s->keep, s->scratch, e) ||
        !walk(t, n, w, s, e))
        return false;
    if (t->k.groups < RECOMMEND_LEAST_GROUPS || t->k.week[t->k.train - 1].groups == 0)
        return refuse(e, "%lld customer-weeks bought one of their candidates; a ranker needs %d",
                      (long long)t->k.groups, RECOMMEND_LEAST_GROUPS);
    if (!find_known(t, w, s, e)) return false;
    js_object(out, "rows");
    js_put_int(out, "customer_weeks", t->k.groups);
    js_end(out);
    *to = (tuner_task){.study = "ranker", .metric = "map_at_12", .unit = "customers",
                       .s = &of_rankers, .maximise = true, .known = t->known, .least = FIRST_RUNG,
                       .what = t, .score = score, .words = words, .model = model_at,
                       .rows = t->k.groups, .units = {t->x[0].clusters, t->x[1].clusters}};
    return true;
}
