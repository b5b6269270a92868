/* recommend_tune: parameters of the sources and weights of the blend, chosen on the weeks given. */
#include "pipeline/recommend_tune.h"

#include <math.h>

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

static double decimal(float x) { return round(1e6 * (double)x) / 1e6; }

static void try_factors(tuning *t, best *to, arena scratch) {
    try_source(t, RECOMMEND_ALS,
               (trial[]){{"half_life", t->m.p.als_half_life},
                         {"alpha0", decimal(t->m.p.als.alpha0)},
                         {"trend", t->m.p.trend}},
               3, to, scratch);
}

/* One after the other: the weight of unseen pairs, the half-life, the trend; each fit begins at
 * the factors of the default. */
static bool tune_als(tuning *t, err *e) {
    enum { TRIALS = 5, STEPS = 6 };
    static const struct {
        double half_life, alpha0;
    } all[TRIALS] = {{60, 0.03}, {60, 0.003}, {60, 0.3}, {30, 0}, {120, 0}};
    static const double trends[] = {0, 0.25, 1};
    best to = {t->m.p, NULL};
    const als_model first = t->m.als;
    int iterations = t->m.p.als.iterations;
    if (!t->m.has_als) return true;
    for (int i = 0; i < TRIALS; i++) {
        arena keep = t->s->scratch;
        arena inner = arena_split(&keep, arena_left(&keep) / 2);
        t->m.p.als_half_life = all[i].half_life;
        t->m.p.als.alpha0 = all[i].alpha0 > 0 ? (float)all[i].alpha0 : to.p.als.alpha0;
        t->m.p.als.iterations = STEPS;
        if (!recommend_fit_als(&t->m, &first, t->w->threads, &keep, inner, e)) return false;
        try_factors(t, &to, inner);
        work_tick(t->w, "recommend: factors", i + 1, TRIALS);
    }
    t->m.p = to.p;
    t->m.p.als.iterations = STEPS;
    if (!recommend_fit_als(&t->m, &first, t->w->threads, &t->s->keep, t->s->scratch, e))
        return false;
    for (int i = 0; i < 3; i++) {
        t->m.p.trend = trends[i];
        try_factors(t, &to, t->s->scratch);
    }
    t->m.p = to.p;
    t->m.p.als.iterations = iterations;
    return true;
}

bool recommend_tune_sources(recommend_params *p, const recommend_data *d, int32_t from, int32_t to,
                            work *w, scope *s, js *trials, err *e) {
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
    if (!tune_als(&t, e)) return false;
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
