/* segment_study: neighbours, choice and least size of the clusters by density, by who buys next. */
#include "pipeline/segment_study.h"

#include <math.h>

#include "pipeline/segment_explain.h"

enum { TRIALS = 24 };
enum { NEIGHBOURS, SELECT, SIZE, SHARE, PARAMS };
enum { BY_VALIDITY, BY_SHARE };
static const char *const sizes[] = {"validity", "share"};

static const space_param params[PARAMS] = {
    [NEIGHBOURS] = {"neighbours", SPACE_INT, 2, 50, .log = true},
    [SELECT] = {"select", SPACE_WORD, .n = 2, .words = density_selects},
    [SIZE] = {"size", SPACE_WORD, .n = 2, .words = sizes},
    [SHARE] = {"share", SPACE_REAL, 0.01, 0.15, .log = true, .under = SIZE + 1, .is = BY_SHARE},
};
static const space of_density = {PARAMS, params};

typedef struct trial {
    const work *w;
    segment_block before;
    const segment_block *after;
    segmentation m;
    segment_learned bought;
} trial;

static density_wish wish_at(const double *point) {
    return (density_wish){(int)point[NEIGHBOURS], (hdbscan_select)point[SELECT],
                          (int)point[SIZE] == BY_SHARE ? point[SHARE] : 0};
}

static bool score_wish(const trial *t, density_wish wish, scope *s, double *unit, err *e) {
    segment_density *x = take(&s->keep, segment_density, 1);
    if (!segment_density_fit_by(x, wish, &t->m, t->w, &t->before, s, e)) return false;
    int32_t *before = take(&s->keep, int32_t, t->before.n);
    int32_t *after = take(&s->keep, int32_t, t->after->n);
    segment_density_groups(x, &t->m, t->w, &t->before, before, s);
    segment_density_groups(x, &t->m, t->w, t->after, after, s);
    segment_explain(&t->bought, x->k + 1, before, after, unit, s->scratch);
    return true;
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *reports,
                  pool *threads, scope *s, double *unit, err *e) {
    (void)part, (void)reports, (void)threads;
    return score_wish(what, wish_at(point), s, unit, e);
}

/* ---- what `atelier tune` found ---- */

enum { FOUND_SIZE, FOUND_NEIGHBOURS, FOUND_SELECT, FOUND };
static const space_param found_params[FOUND] = {
    [FOUND_SIZE] = {"min_cluster_size", SPACE_INT, 2, 1e9},
    [FOUND_NEIGHBOURS] = {"neighbours", SPACE_INT, 1, 1000},
    [FOUND_SELECT] = {"select", SPACE_WORD, .n = 2, .words = density_selects},
};
static const space found_space = {FOUND, found_params};

/* The least size becomes a share of the customers that it was found on. */
static bool wish_of(tuned_file *found, density_wish *wish) {
    double point[FOUND], rows = js_number(found->root, "rows");
    if (!tuned_file_point(found, &found_space, point)) return false;
    *wish = density_wish_tuned(NULL);
    if (!isnan(point[FOUND_NEIGHBOURS])) wish->neighbours = (int)point[FOUND_NEIGHBOURS];
    if (!isnan(point[FOUND_SELECT])) wish->select = (hdbscan_select)point[FOUND_SELECT];
    if (!isnan(point[FOUND_SIZE]) && rows > 0) wish->share = point[FOUND_SIZE] / rows;
    return true;
}

static bool score_offered(void *what, tuned_file *of, scope *s, double *unit, double *known,
                          err *e) {
    density_wish wish;
    (void)known;
    return wish_of(of, &wish) && score_wish(what, wish, s, unit, e);
}

/* The customers one window earlier, and who of both bought; before.n is 0: they are unknown. */
static bool open_trial(trial *t, work *w, scope *s, err *e) {
    const windows *d = &w->days;
    double *learn[SEGMENT_OUTCOMES], *test[SEGMENT_OUTCOMES];
    int32_t earlier = d->valid_from - (d->test_from - d->valid_from);
    if (!segment_block_read_bases(w, earlier, 1, t->after, s, &t->before, e)) return false;
    if (t->before.n < SEGMENT_LEAST) return t->before.n = 0, true;
    if (!segmentation_prepare(&t->m, w, &t->before, s, e) ||
        !segment_outcomes(w, &t->before, earlier, d->valid_from, s, learn, e) ||
        !segment_outcomes(w, t->after, d->valid_from, d->test_from, s, test, e))
        return false;
    t->bought = (segment_learned){learn[0], test[0], t->before.n, t->after->n};
    return true;
}

bool segment_study(const segment_block *later, work *w, const char *journal_path,
                   tuned_file *offered, scope *s, js *report, density_wish *wish, err *e) {
    trial t = {.w = w, .after = later};
    double known[PARAMS] = {[NEIGHBOURS] = wish->neighbours, [SELECT] = wish->select,
                            [SIZE] = BY_VALIDITY, [SHARE] = (double)NAN};
    tune_study trials = {
        .model = "hdbscan", .title = "HDBSCAN", .trials = TRIALS,
        .offered = offered, .score_offered = score_offered,
        .task = {.study = "segment_hdbscan", .metric = "explained_purchase", .unit = "customers",
                 .s = &of_density, .maximise = true, .known = known, .what = &t,
                 .units = {later->n, 0}, .score = score}};
    if (!open_trial(&t, w, s, e)) return false;
    if (t.before.n == 0) return true;
    if (!tune_study_run(&trials, w, journal_path, s, report, e)) return false;
    *wish = wish_at(trials.point);
    if (offered->taken) wish_of(offered, wish);
    return true;
}
