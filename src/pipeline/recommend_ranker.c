/* recommend_ranker: trees that order the candidates, learned on the weeks before those scored. */
#include "pipeline/recommend_ranker.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/recommend_rank.h"
#include "pipeline/recommend_score.h"

enum { LEAST_TREES = 50 };

/* ---- rows of a training week ---- */

static void label_rows(const recommend_frame *f, const sparse *truth, float *label) {
    for (int64_t u = 0; u < f->n; u++)
        for (int64_t i = f->at[u]; i < f->at[u + 1]; i++)
            label[i] = sparse_has(truth, u, f->item[i]);
}

/* Customers with a bought article among their candidates. */
static uint8_t *with_positive(const recommend_week *week, const int32_t *ids, arena *keep) {
    uint8_t *wanted = take(keep, uint8_t, week->units.n);
    for (int64_t u = 0; u < week->units.n; u++)
        for (int i = 0; i < RECOMMEND_UNION && ids[u * RECOMMEND_UNION + i] >= 0; i++)
            if (sparse_has(&week->units.truth, u, ids[u * RECOMMEND_UNION + i])) wanted[u] = 1;
    return wanted;
}

static void collect(recommend_ranking *k, const recommend_fit *m, const recommend_week *week,
                    const recommend_facts *facts, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    int32_t *ids = recommend_union(&week->lists, k->w->threads, &scratch, inner);
    recommend_rows of = {week->units.customers, week->units.n, &week->lists, ids,
                         with_positive(week, ids, &scratch), facts};
    recommend_frame f = recommend_frame_make(m, &of, k->w->threads, &k->s->keep, inner);
    float *label = take(&k->s->keep, float, f.rows);
    int32_t *group = take(&k->s->keep, int32_t, f.n);
    int64_t groups = 0;
    label_rows(&f, &week->units.truth, label);
    for (int64_t u = 0; u < f.n; u++)
        if (f.at[u + 1] > f.at[u]) group[groups++] = (int32_t)(f.at[u + 1] - f.at[u]);
    k->week[k->seen] = (recommend_ranking_week){f, label, group, groups};
    if (k->seen++ < k->train) k->groups += groups;
}

/* ---- fit ---- */

/* Which rows are learned from: at most `groups` customers of a week, every thin-th candidate that
 * was not bought. */
typedef struct share {
    int64_t groups;
    int thin, negatives;
} share;

/* One in how many of the candidates of a customer that were not bought, rows [from, from + n). */
static int64_t stride_of(const recommend_ranking_week *week, int64_t from, int64_t n, share of) {
    int64_t bought = 0;
    if (of.negatives == 0) return of.thin;
    for (int64_t i = from; i < from + n; i++) bought += week->label[i] > 0;
    int64_t wanted = bought * of.negatives;
    return of.thin * (n - bought > wanted ? (n - bought + wanted - 1) / wanted : 1);
}

static bool is_kept(const recommend_ranking_week *week, int64_t row, int64_t stride) {
    return row % stride == 0 || week->label[row] > 0;
}

static int64_t groups_of(const recommend_ranking_week *week, share of, int64_t *rows) {
    int64_t n = week->groups < of.groups ? week->groups : of.groups, at = 0;
    *rows = 0;
    for (int64_t g = 0; g < n; at += week->group[g++]) {
        int64_t stride = stride_of(week, at, week->group[g], of);
        for (int64_t i = at; i < at + week->group[g]; i++) *rows += is_kept(week, i, stride);
    }
    return n;
}

/* Weeks [from, to) one after the other. */
static boost_data join(const recommend_ranking *k, int from, int to, share of, arena *keep) {
    boost_data d = {.cols = FRAME_COLUMNS};
    int64_t rows, row = 0, at = 0;
    for (int i = from; i < to; i++) {
        d.groups += groups_of(&k->week[i], of, &rows);
        d.rows += rows;
    }
    float *x = take(keep, float, d.rows * d.cols), *label = take(keep, float, d.rows);
    int32_t *group = take(keep, int32_t, d.groups);
    for (int i = from; i < to; i++) {
        const recommend_ranking_week *week = &k->week[i];
        int64_t n = groups_of(week, of, &rows), next = 0;
        for (int64_t g = 0; g < n; g++, at++) {
            int64_t stride = stride_of(week, next, week->group[g], of);
            for (int64_t end = next + week->group[g]; next < end; next++) {
                if (!is_kept(week, next, stride)) continue;
                memcpy(x + row * d.cols, week->f.x + next * d.cols, sizeof *x * (size_t)d.cols);
                label[row++] = week->label[next];
                group[at]++;
            }
        }
    }
    d.x = x;
    d.label = label;
    d.group = group;
    return d;
}

static boost_params params_of(const recommend_ranking *k, recommend_growth growth) {
    boost_params p = BOOST_DEFAULTS;
    p.objective = growth.binary ? BOOST_BINARY : BOOST_RANKING;
    p.trees = 400;
    p.leaves = growth.leaves;
    p.rate = growth.rate;
    p.min_rows = growth.min_rows;
    p.feature_share = growth.feature_share;
    p.early_stop = 40;
    p.stop = BOOST_STOP_MAP;
    p.at = RECOMMEND_K;
    p.seed = seed_for(k->w->seed, "ranker");
    return p;
}

/* Few rows are fitted faster by one thread: the library's threads wait by spinning. */
static int threads_for(const pool *threads, const boost_data *d) {
    return d->rows < 100000 ? 1 : pool_threads(threads);
}

/* The weeks [first, end) that a fit learns from. */
static int end_of(const recommend_ranking *k, const recommend_ranking_fitted *how) {
    return how->end > 0 ? how->end : k->train;
}
static int first_of(const recommend_ranking *k, const recommend_ranking_fitted *how) {
    int end = end_of(k, how);
    return end > how->growth.weeks ? end - how->growth.weeks : 0;
}

/* Grows what was begun, with a report at each rung; to: the trees so far. */
static bool grow(boost *b, const recommend_ranking_fitted *how, const boost_data *last,
                 boost_params p, trees *to, arena *keep, arena scratch, err *e) {
    while (!b->ended) {
        int64_t next = tuner_next(how->reports);
        if (!boost_grow(b, last, p, next < p.trees ? (int)next : p.trees, scratch, e)) return false;
        if (!how->reports) continue;
        arena own = scratch;
        trees now;
        arena inner = arena_split(&own, arena_left(&own) / 2);
        if (!boost_trees(b, &now, &own, inner, e)) return false;
        if (!tuner_report(how->reports, b->rounds, b->ended ? b->rounds : p.trees,
                          how->score(how->what, &now, inner), e) &&
            e->kind != ERR_NONE)
            return false;
        if (tuner_gave_up(how->reports)) break;
    }
    return boost_trees(b, to, keep, scratch, e);
}

static bool fit(const recommend_ranking_fitted *how, const boost_data *train,
                const boost_data *last, boost_params p, int threads, trees *to, arena *keep,
                arena scratch, err *e) {
    boost b;
    bool done = boost_begin(&b, train, last, p, threads, keep, scratch, e) &&
                grow(&b, how, last, p, to, keep, scratch, e);
    boost_close(&b);
    return done;
}

/* Learns on the weeks before the last, which says how many trees. */
static bool fit_stopped(const recommend_ranking *k, recommend_ranking_fitted *how, trees *to,
                        pool *threads, arena *keep, arena scratch, err *e) {
    boost_params p = params_of(k, how->growth);
    int first = first_of(k, how), end = end_of(k, how);
    share of = {how->groups, how->thin, how->growth.negatives}, all = {how->groups, 1, 0};
    if (how->once) p.early_stop /= 2;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    boost_data train = join(k, first, end - 1, of, &scratch);
    boost_data last = join(k, end - 1, end, all, &scratch);
    if (!fit(how, &train, &last, p, threads_for(threads, &train), to, keep, inner, e)) return false;
    /* a small last week stops by chance: too few trees tell no candidates apart */
    how->trees = to->n > LEAST_TREES ? to->n : LEAST_TREES;
    return true;
}

bool recommend_ranking_fit_by(const recommend_ranking *k, recommend_ranking_fitted *how, trees *to,
                              pool *threads, arena *keep, arena scratch, err *e) {
    if (how->once) return fit_stopped(k, how, to, threads, keep, scratch, e);
    if (how->trees == 0) {
        trees first;
        arena own = scratch;
        arena inner = arena_split(&own, arena_left(&own) / 2);
        if (!fit_stopped(k, how, &first, threads, &own, inner, e)) return false;
    }
    boost_params p = params_of(k, how->growth);
    p.trees = how->trees;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    share of = {how->groups, how->thin, how->growth.negatives};
    boost_data all = join(k, first_of(k, how), end_of(k, how), of, &scratch);
    return fit(how, &all, NULL, p, threads_for(threads, &all), to, keep, inner, e);
}

bool recommend_ranking_fit(recommend_ranking *k, arena scratch, err *e) {
    recommend_ranking_fitted how = {.growth = k->growth, .trees = k->trees, .groups = INT64_MAX,
                                    .thin = 1};
    recommend_ranking_fitted usual = {.growth = RECOMMEND_GROWTH, .groups = INT64_MAX, .thin = 1};
    k->tried = true;
    if (k->seen < k->train || k->train < 2 || k->groups < RECOMMEND_LEAST_GROUPS ||
        k->week[k->train - 1].groups == 0)
        return true;
    if (!recommend_ranking_fit_by(k, &how, &k->ranker, k->w->threads, &k->s->keep, scratch, e))
        return false;
    k->trees = how.trees;
    k->trained = true;
    return !k->beside || recommend_ranking_fit_by(k, &usual, &k->usual, k->w->threads, &k->s->keep,
                                                  scratch, e);
}

/* ---- marks of weeks that were kept ---- */

/* AP@12 of the rows [0, n) of a customer who buys m articles. */
static double ap_of(const double *score, const float *label, int64_t n, int64_t m) {
    bool listed[RECOMMEND_UNION] = {false};
    double sum = 0;
    int hits = 0;
    for (int place = 1; place <= RECOMMEND_K && place <= n; place++) {
        int64_t best = -1;
        for (int64_t i = 0; i < n; i++) /* rows ascend: ties go to the smaller article */
            if (!listed[i] && (best < 0 || score[i] > score[best])) best = i;
        listed[best] = true;
        if (label[best] > 0) sum += (double)++hits / place;
    }
    return sum / (double)(m < RECOMMEND_K ? m : RECOMMEND_K);
}

void recommend_ranking_ap(const recommend_ranking *k, int first, const recommend_exam *x,
                          const trees *ranker, pool *threads, double *ap, arena scratch) {
    for (int w = 0; w < x->n_weeks; w++) {
        const recommend_ranking_week *week = &k->week[first + w];
        arena own = scratch;
        double *score = take(&own, double, week->f.rows);
        trees_score(ranker, week->f.x, week->f.rows, score, threads);
        for (int64_t u = 0; u < week->f.n; u++) {
            int64_t from = week->f.at[u], n = week->f.at[u + 1] - from;
            *ap++ = n == 0 ? 0 : ap_of(score + from, week->label + from, n,
                                       sparse_degree(&x->weeks[w].units.truth, u));
        }
    }
}

/* ---- lists of a week that is scored ---- */

static bool rank_week(recommend_ranking *k, const recommend_fit *m, const recommend_week *week,
                      const recommend_facts *facts, const trees *ranker, int32_t **ids,
                      arena scratch, err *e) {
    recommend_fit with = *m;
    recommend_ranked r;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    with.ranker = ranker;
    with.facts = facts;
    recommend_ask ask = {week->units.customers, week->units.n, RECOMMEND_K, false, &week->lists};
    if (!recommend_rank(&with, ask, &r, k->w->threads, &keep, scratch, e)) return false;
    *ids = take_copy(&k->s->keep, int32_t, r.ids, r.n * r.k);
    return true;
}

bool recommend_ranking_visit(void *what, const recommend_fit *m, const recommend_week *week,
                             arena scratch, err *e) {
    recommend_ranking *k = what;
    recommend_facts facts;
    bool learning = k->seen < k->train || k->keep;
    if (!learning && !k->tried && !recommend_ranking_fit(k, scratch, e)) return false;
    if (!learning && !k->trained) return true;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    if (!recommend_facts_load(&facts, k->w, m->cutoff, m->d->articles, m->d->customers, &keep, e))
        return false;
    if (learning) {
        collect(k, m, week, &facts, scratch);
        return true;
    }
    int at = k->n_ids++;
    return rank_week(k, m, week, &facts, &k->ranker, &k->ids[at], scratch, e) &&
           (!k->beside ||
            rank_week(k, m, week, &facts, &k->usual, &k->usual_ids[at], scratch, e));
}

/* ---- serving ---- */

static bool learn_served(trees *ranker, bool *trained, const recommend_data *d, recommend_params p,
                         work *w, scope *s, err *e) {
    recommend_ranking *k = take(&s->keep, recommend_ranking, 1);
    recommend_calendar c = recommend_cutoffs(w->days, p.growth.weeks, 0);
    recommend_week *weeks = take(&s->keep, recommend_week, c.n + 1);
    *k = (recommend_ranking){.w = w, .s = s, .train = c.n, .trees = p.trees,
                             .growth = p.growth};
    recommend_walk walk = {.d = d, .p = p, .first = c.n, .most_first = RECOMMEND_TRAIN_UNITS,
                           .visit = recommend_ranking_visit, .what = k, .threads = w->threads};
    if (!recommend_walk_weeks(&walk, &c, weeks, s, e) ||
        !recommend_ranking_fit(k, s->scratch, e))
        return false;
    *ranker = k->ranker;
    *trained = k->trained;
    return true;
}

bool recommend_fit_served(recommend_fit *m, recommend_data *d, work *w, scope *s, err *e) {
    recommend_params p = recommend_defaults(w->seed);
    recommend_get(work_tuned(w, s, "recommend"), &p);
    trees *ranker = take(&s->keep, trees, 1);
    recommend_facts *facts = take(&s->keep, recommend_facts, 1);
    bool trained = false;
    if (!recommend_load(d, w, w->days.end, &s->keep, s->scratch, e)) return false;
    if (p.ranker && !learn_served(ranker, &trained, d, p, w, s, e)) return false;
    if (!recommend_fit_all(m, d, p, w->days.end, w->threads, &s->keep, s->scratch, e)) return false;
    if (!trained) return true;
    m->ranker = ranker;
    m->facts = facts;
    return recommend_facts_load(facts, w, w->days.end, d->articles, d->customers, &s->keep, e);
}
