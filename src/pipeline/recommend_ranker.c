/* recommend_ranker: trees that order the candidates, learned on the weeks before those scored. */
#include "pipeline/recommend_ranker.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/recommend_exam.h"
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
    k->week[k->seen].f = f;
    k->week[k->seen].label = label;
    k->week[k->seen].group = group;
    k->week[k->seen++].groups = groups;
    k->groups += groups;
}

/* ---- fit ---- */

/* Weeks [from, to) one after the other. */
static boost_data join(const recommend_ranking *k, int from, int to, arena *keep) {
    boost_data d = {.cols = FRAME_COLUMNS};
    for (int i = from; i < to; i++) {
        d.rows += k->week[i].f.rows;
        d.groups += k->week[i].groups;
    }
    float *x = take(keep, float, d.rows * d.cols), *label = take(keep, float, d.rows);
    int32_t *group = take(keep, int32_t, d.groups);
    int64_t row = 0, at = 0;
    for (int i = from; i < to; i++) {
        const recommend_frame *f = &k->week[i].f;
        memcpy(x + row * d.cols, f->x, sizeof *x * (size_t)(f->rows * d.cols));
        memcpy(label + row, k->week[i].label, sizeof *label * (size_t)f->rows);
        memcpy(group + at, k->week[i].group, sizeof *group * (size_t)k->week[i].groups);
        row += f->rows;
        at += k->week[i].groups;
    }
    d.x = x;
    d.label = label;
    d.group = group;
    return d;
}

static boost_params params_of(const recommend_ranking *k) {
    boost_params p = BOOST_DEFAULTS;
    p.trees = 400;
    p.rate = 0.04;
    p.min_rows = 50;
    p.feature_share = 0.7;
    p.early_stop = 40;
    p.stop = BOOST_STOP_MAP;
    p.at = RECOMMEND_K;
    p.seed = seed_for(k->w->seed, "ranker");
    return p;
}

/* Few rows are fitted faster by one thread: the library's threads wait by spinning. */
static int threads_for(const recommend_ranking *k, const boost_data *d) {
    return d->rows < 1000000 ? 1 : k->w->n_threads;
}

/* How many trees the last week asks for, learning on those before it. */
static bool count_trees(recommend_ranking *k, arena keep, err *e) {
    boost_params p = params_of(k);
    trees first;
    arena inner = arena_split(&keep, arena_left(&keep) / 2);
    boost_data train = join(k, 0, k->seen - 1, &keep), last = join(k, k->seen - 1, k->seen, &keep);
    if (!boost_fit(&first, &train, &last, p, threads_for(k, &train), &keep, inner, e)) return false;
    /* a small last week stops by chance: too few trees tell no candidates apart */
    k->trees = first.n > LEAST_TREES ? first.n : LEAST_TREES;
    return true;
}

bool recommend_ranking_fit(recommend_ranking *k, arena scratch, err *e) {
    boost_params p = params_of(k);
    k->tried = true;
    if (k->seen < 2 || k->groups < RECOMMEND_LEAST_GROUPS || k->week[k->seen - 1].groups == 0)
        return true;
    if (k->trees == 0 && !count_trees(k, scratch, e)) return false;
    p.trees = k->trees;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    boost_data all = join(k, 0, k->seen, &scratch);
    k->trained = true;
    return boost_fit(&k->ranker, &all, NULL, p, threads_for(k, &all), &k->s->keep, inner, e);
}

/* ---- lists of a week that is scored ---- */

static bool rank_week(recommend_ranking *k, const recommend_fit *m, const recommend_week *week,
                      const recommend_facts *facts, arena scratch, err *e) {
    recommend_fit with = *m;
    recommend_ranked r;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    with.ranker = &k->ranker;
    with.facts = facts;
    recommend_ask ask = {week->units.customers, week->units.n, RECOMMEND_K, false, &week->lists};
    if (!recommend_rank(&with, ask, &r, k->w->threads, &keep, scratch, e)) return false;
    k->ids[k->n_ids++] = take_copy(&k->s->keep, int32_t, r.ids, r.n * r.k);
    return true;
}

bool recommend_ranking_visit(void *what, const recommend_fit *m, const recommend_week *week,
                             arena scratch, err *e) {
    recommend_ranking *k = what;
    recommend_facts facts;
    bool learning = k->seen < k->train;
    if (!learning && !k->tried && !recommend_ranking_fit(k, scratch, e)) return false;
    if (!learning && !k->trained) return true;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    if (!recommend_facts_load(&facts, k->w, m->cutoff, m->d->articles, m->d->customers, &keep, e))
        return false;
    if (!learning) return rank_week(k, m, week, &facts, scratch, e);
    collect(k, m, week, &facts, scratch);
    return true;
}

/* ---- serving ---- */

static bool learn_served(trees *ranker, bool *trained, const recommend_data *d, recommend_params p,
                         work *w, scope *s, err *e) {
    recommend_ranking *k = take(&s->keep, recommend_ranking, 1);
    recommend_calendar c = recommend_cutoffs(w->days, RECOMMEND_TRAIN_WEEKS, 0);
    recommend_week *weeks = take(&s->keep, recommend_week, c.n + 1);
    *k = (recommend_ranking){.w = w, .s = s, .train = c.n, .trees = p.trees};
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
