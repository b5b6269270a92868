/* recommend_tune: parameters of the sources and weights of the blend, chosen on the weeks given. */
#include "pipeline/recommend_tune.h"

#include <math.h>
#include <string.h>

#include "pipeline/tuner.h"

enum { TUNE_UNITS = 20000 }; /* at most: every n-th buyer of a large shop */

typedef struct trial {
    const char *name;
    double value;
} trial;

static double mean(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return n > 0 ? sum / (double)n : 0;
}

/* The end of a trial's row: its score and, beside an incumbent, whether it is taken. */
static bool judge(const recommend_exam *x, const double *ap, const double *incumbent, js *trials,
                  arena scratch) {
    js_put_real(trials, "map_at_12", mean(ap, x->n));
    bool taken = true;
    if (incumbent) {
        metrics_interval gain = recommend_exam_interval(x, ap, incumbent, RECOMMEND_ALL, scratch);
        js_put_real(trials, "gain", gain.mean);
        js_put_real(trials, "gain_low", gain.low);
        taken = gain.low > 0;
    }
    js_put_bool(trials, "taken", taken);
    js_end(trials);
    return taken;
}

/* ---- parameters of sources ---- */

typedef struct tuning {
    recommend_fit m;
    recommend_week week; /* all who buy in the window, as one week */
    recommend_exam x;
    work *w;
    scope *s;
    js *trials;
    als_model first; /* of the parameters in use: where each fit of factors begins */
} tuning;

static const double *ap_of_source(tuning *t, int source, arena *keep, arena scratch) {
    uint32_t which = 1u << source | 1u << RECOMMEND_POPULAR;
    const int alone[] = {source, RECOMMEND_POPULAR};
    t->week.lists = recommend_candidates_of(&t->m, which, t->week.units.customers, t->week.units.n,
                                            t->w->threads, &scratch,
                                            arena_split(&scratch, arena_left(&scratch) / 2));
    int32_t *ids = recommend_exam_cascade(&t->x, alone, 2, &scratch);
    return recommend_exam_mark(&t->x, ids, keep, scratch).of[RECOMMEND_MAP];
}

typedef struct best {
    recommend_params p;
    const double *ap; /* NULL before the first trial */
} best;

static void try_source(tuning *t, int source, const trial *values, int n, best *to,
                       arena scratch) {
    const double *ap = ap_of_source(t, source, &t->s->keep, scratch);
    js_object(t->trials, NULL);
    js_put_word(t->trials, "model", recommend_names[source]);
    js_object(t->trials, "parameters");
    for (int i = 0; i < n; i++) js_put_real(t->trials, values[i].name, values[i].value);
    js_end(t->trials);
    if (judge(&t->x, ap, to->ap, t->trials, scratch)) *to = (best){t->m.p, ap};
}

static void tune_popular(tuning *t) {
    static const double half_lives[] = {14, 3, 7, 28}, trusts[] = {500, 0};
    best to = {t->m.p, NULL};
    for (int h = 0; h < 4; h++)
        for (int b = 0; b < (t->m.d->has_ages ? 2 : 1); b++) {
            arena keep = t->s->scratch;
            arena inner = arena_split(&keep, arena_left(&keep) / 2);
            t->m.p.popular_half_life = half_lives[h];
            t->m.p.band_trust = trusts[b];
            recommend_fit_popular(&t->m, &keep, inner);
            try_source(t, RECOMMEND_POPULAR,
                       (trial[]){{"half_life", half_lives[h]}, {"band_trust", trusts[b]}}, 2, &to,
                       inner);
        }
    t->m.p = to.p;
    recommend_fit_popular(&t->m, &t->s->keep, t->s->scratch);
}

static void tune_taste(tuning *t) {
    static const double likings[] = {0.5, 0.25, 1};
    best to = {t->m.p, NULL};
    for (int i = 0; i < 3; i++) {
        t->m.p.liking = likings[i];
        try_source(t, RECOMMEND_TASTE, (trial[]){{"liking", likings[i]}}, 1, &to, t->s->scratch);
    }
    t->m.p = to.p;
}

/* ---- factors: a study ---- */

enum { ALPHA0, LAMBDA, HALF_LIFE, TREND, FACTOR_PARAMS };
static const space_param factor_params[FACTOR_PARAMS] = {
    [ALPHA0] = {"alpha0", SPACE_REAL, 0.003, 0.3, .log = true},
    [LAMBDA] = {"lambda", SPACE_REAL, 3e-4, 0.03, .log = true},
    [HALF_LIFE] = {"half_life", SPACE_REAL, 15, 180, .log = true},
    [TREND] = {"trend", SPACE_REAL, 0, 1, .step = 0.25},
};
static const space factor_space = {FACTOR_PARAMS, factor_params};
enum { FACTOR_TRIALS = 20, FACTOR_STEPS = 6 };

static void set_factors(recommend_params *p, const double *point) {
    p->als.alpha0 = (float)point[ALPHA0];
    p->als.lambda = (float)point[LAMBDA];
    p->als_half_life = point[HALF_LIFE];
    p->trend = point[TREND];
}

/* A few sweeps from the factors that the known parameters gave. */
static bool fit_factors(tuning *t, const double *point, pool *threads, arena *keep, arena scratch,
                        err *e) {
    set_factors(&t->m.p, point);
    t->m.p.als.iterations = FACTOR_STEPS;
    return recommend_fit_als(&t->m, &t->first, threads, keep, scratch, e);
}

static bool score_factors(void *what, const double *point, tuner_part part, tuner_trial *reports,
                          pool *threads, scope *s, double *unit, err *e) {
    (void)part, (void)reports;
    tuning *t = what;
    if (!fit_factors(t, point, threads, &s->keep, s->scratch, e)) return false;
    const double *ap = ap_of_source(t, RECOMMEND_ALS, &s->keep, s->scratch);
    memcpy(unit, ap, sizeof *unit * (size_t)t->x.n);
    return true;
}

/* What `atelier tune` found of iALS; its factors begin anew. */
enum { FOUND_FACTORS, FOUND_SWEEPS, FOUND_ALPHA, FOUND_REG, FOUND };
static const space_param found_params[FOUND] = {
    [FOUND_FACTORS] = {"als.factors", SPACE_INT, 1, 1024},
    [FOUND_SWEEPS] = {"als.iterations", SPACE_INT, 1, 1000},
    [FOUND_ALPHA] = {"als.alpha", SPACE_REAL, 1e-6, 1000},
    [FOUND_REG] = {"als.reg", SPACE_REAL, 1e-9, 1e6},
};
static const space found_space = {FOUND, found_params};

static bool fit_offered(tuning *t, const double *point, arena *keep, arena scratch, err *e) {
    als_params *p = &t->m.p.als;
    if (!isnan(point[FOUND_FACTORS])) p->factors = (int)point[FOUND_FACTORS];
    if (!isnan(point[FOUND_SWEEPS])) p->iterations = (int)point[FOUND_SWEEPS];
    if (!isnan(point[FOUND_ALPHA])) p->alpha0 = (float)point[FOUND_ALPHA];
    if (!isnan(point[FOUND_REG])) p->lambda = (float)point[FOUND_REG];
    return recommend_fit_als(&t->m, NULL, t->w->threads, keep, scratch, e);
}

/* Judged beside `known` [x.n], AP of the parameters `was`; `now` is AP of what the trials chose.
 * Taken, its factors are those of the fit. */
static bool try_offered(tuning *t, recommend_params was, const double *known, const double *now,
                        tuned_file *of, err *e) {
    double point[FOUND];
    const recommend_params chosen = t->m.p;
    const als_model factors = t->m.als;
    if (!tuned_file_point(of, &found_space, point)) return true;
    t->m.p = was;
    if (!fit_offered(t, point, &t->s->keep, t->s->scratch, e)) return false;
    const double *ap = ap_of_source(t, RECOMMEND_ALS, &t->s->keep, t->s->scratch);
    metrics_interval gain = recommend_exam_interval(&t->x, ap, known, RECOMMEND_ALL, t->s->scratch);
    tuned_file_judge(of, "map_at_12", true, mean(known, t->x.n), mean(ap, t->x.n), gain,
                     now != known && mean(now, t->x.n) >= mean(ap, t->x.n));
    if (!of->taken) t->m.p = chosen, t->m.als = factors;
    return true;
}

/* A row for each trial; the last one, of the best again, says whether it is taken. */
static void put_factors(const tuning *t, const study *of, int64_t number) {
    js_object(t->trials, NULL);
    js_put_word(t->trials, "model", recommend_names[RECOMMEND_ALS]);
    js_object(t->trials, "parameters");
    tuner_put_point(t->trials, &factor_space, of->at[number].point);
    js_end(t->trials);
}

static bool choose_factors(tuning *t, const study *of, recommend_params was, tuned_file *offered,
                           err *e) {
    int64_t top = study_best(of);
    double *ap[2] = {take(&t->s->keep, double, t->x.n), take(&t->s->keep, double, t->x.n)};
    for (int64_t i = 0; i < of->n; i++) {
        put_factors(t, of, i);
        js_put_real(t->trials, "map_at_12", of->at[i].score);
        js_put_bool(t->trials, "taken", i == 0);
        js_end(t->trials);
    }
    for (int i = 0; i < 2; i++) {
        scope own;
        if (!family_scope(&own, e)) return false;
        bool done = score_factors(t, of->at[i ? top : 0].point, TUNER_VALID, NULL, t->w->threads,
                                  &own, ap[i], e);
        scope_close(&own);
        if (!done) return false;
    }
    put_factors(t, of, top);
    if (!judge(&t->x, ap[1], ap[0], t->trials, t->s->scratch)) top = 0;
    if (!fit_factors(t, of->at[top].point, t->w->threads, &t->s->keep, t->s->scratch, e))
        return false;
    t->m.p.als.iterations = was.als.iterations;
    return try_offered(t, was, ap[0], top ? ap[1] : ap[0], offered, e);
}

/* By TPE, all parameters together; `journal_path` (NULL: none) keeps the trials. */
static bool tune_factors(tuning *t, const char *journal_path, tuned_file *offered, err *e) {
    const recommend_params was = t->m.p;
    double known[FACTOR_PARAMS] = {(double)was.als.alpha0, (double)was.als.lambda,
                                   was.als_half_life, was.trend};
    if (!t->m.has_als) return true;
    for (int i = 0; i < FACTOR_PARAMS; i++) known[i] = space_round(&factor_params[i], known[i]);
    t->first = t->m.als;
    journal *j = take(&t->s->keep, journal, 1);
    tuner *study_of = take(&t->s->keep, tuner, 1);
    journal_params p = {.study = "recommend_als", .s = &factor_space, .maximise = true};
    tuner_task task = {.study = "recommend: factors", .metric = "map_at_12", .unit = "customers",
                       .s = &factor_space, .maximise = true, .known = known, .what = t,
                       .units = {t->x.n, 0}, .score = score_factors};
    tuner_params how = {.how = STUDY_DEFAULTS, .trials = FACTOR_TRIALS, .parallel = 1,
                        .threads = t->w->threads, .progress = t->w->progress};
    how.how.seed = seed_for(t->w->seed, "recommend_als");
    if (!journal_open(j, journal_path, p, t->s, e) || !tuner_run(study_of, task, how, j, e))
        return false;
    study now = journal_study(j);
    if (study_best(&now) < 0) return t->m.p = was, true;
    return choose_factors(t, &now, was, offered, e);
}

bool recommend_tune_sources(recommend_params *p, const recommend_data *d, int32_t from, int32_t to,
                            const char *journal_path, tuned_file *offered, work *w, scope *s,
                            js *trials, err *e) {
    tuning t = {.w = w, .s = s, .trials = trials};
    if (!recommend_fit_all(&t.m, d, *p, from, w->threads, &s->keep, s->scratch, e)) return false;
    t.week = (recommend_week){.from = from, .n_active = t.m.n_active};
    t.week.units = recommend_buyers(d, from, to, TUNE_UNITS, &s->keep, s->scratch);
    t.week.surprise = take(&s->keep, float, d->articles); /* not asked for */
    t.week.lists.items = d->articles;
    t.x = recommend_exam_open(&t.week, 1, d->customers, w->seed, &s->keep, s->scratch);
    if (t.x.n == 0 || t.m.n_active == 0) return true;
    tune_popular(&t);
    tune_taste(&t);
    if (!tune_factors(&t, journal_path, offered, e)) return false;
    *p = t.m.p;
    return true;
}

/* ---- weights ---- */

typedef struct blended {
    hybrid_weights w;
    const double *ap;
} blended;

static blended try_weights(const recommend_exam *x, hybrid_weights w, pool *threads, arena *keep,
                           arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    int32_t *ids = recommend_exam_blend(x, w, threads, &scratch, inner);
    return (blended){w, recommend_exam_mark(x, ids, keep, inner).of[RECOMMEND_MAP]};
}

static void take_if_shown(const recommend_exam *x, blended top, blended *now, js *trials,
                          arena scratch) {
    js_object(trials, NULL);
    js_put_word(trials, "model", "blend");
    js_object(trials, "parameters");
    recommend_put_weights(trials, &top.w);
    js_end(trials);
    if (judge(x, top.ap, now->ap, trials, scratch)) *now = top;
}

static bool is_better(const recommend_exam *x, blended a, blended b) {
    return mean(a.ap, x->n) > mean(b.ap, x->n);
}

/* The best of some weights beside `now`, taken when it is shown to be better. */
static bool try_all(const recommend_exam *x, const hybrid_weights *of, int n, blended *now,
                    pool *threads, js *trials, arena *keep, arena scratch) {
    blended top = *now;
    arena mark = *keep;
    for (int i = 0; i < n; i++) {
        blended r = try_weights(x, of[i], threads, keep, scratch);
        if (is_better(x, r, top)) top = r, mark = *keep;
    }
    *keep = mark;
    if (top.ap == now->ap && n > 1) return false;
    if (n == 1) top = try_weights(x, of[0], threads, keep, scratch);
    const double *before = now->ap;
    take_if_shown(x, top, now, trials, scratch);
    return now->ap != before;
}

void recommend_tune_weights(recommend_params *p, const recommend_exam *x, pool *threads, scope *s,
                            js *trials) {
    /* what sells now; what was bought before and its variants; taste; one source and its filling */
    static const hybrid_weights starts[] = {
        {{4, 1, 0.5f, 0.5f, 1, 0.5f, 0.2f, 0.5f, 0.5f, 0.5f, 1}},
        {{0.25f, 0.5f, 0.1f, 4, 0.5f, 0.1f, 0.5f, 0, 0.5f, 0.2f, 0.5f}},
        {{0.25f, 2, 1, 1, 2, 0.5f, 0.2f, 0, 0.5f, 1, 2}},
        {{0.5f, 1, 0.25f, 4, 1, 0.2f, 2, 0.2f, 0.5f, 0.5f, 0.5f}},
        {{1}},
        {{0.01f, 1}},
        {{0.01f, 0, 0, 1}},
        {{0.01f, 0, 0, 0, 1}},
        {{0.01f, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
        {{0.01f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
    static const float values[] = {0.01f, 0.1f, 0.25f, 0.5f, 1, 2, 4};
    enum { STARTS = sizeof starts / sizeof starts[0], VALUES = sizeof values / sizeof values[0] };
    enum { ROUNDS = 2 };
    arena keep = s->scratch;
    arena inner = arena_split(&keep, arena_left(&keep) / 2);
    blended now = {{{0}}, NULL};
    take_if_shown(x, try_weights(x, p->weights, threads, &keep, inner), &now, trials, inner);
    for (int i = 0; i < STARTS; i++)
        try_all(x, starts + i, 1, &now, threads, trials, &keep, inner);
    for (int round = 0, taken = 1; round < ROUNDS && taken > 0; round++) {
        taken = 0;
        for (int source = 0; source < RECOMMEND_SOURCES; source++) {
            hybrid_weights of[VALUES];
            for (int v = 0; v < VALUES; v++) {
                of[v] = now.w;
                /* popularity keeps a grain: it fills the lists */
                of[v].of[source] = source != RECOMMEND_POPULAR && v == 0 ? 0 : values[v];
            }
            taken += try_all(x, of, VALUES, &now, threads, trials, &keep, inner);
        }
    }
    p->weights = now.w;
}
