/* recommend_sources: the candidates that each source has for some customers. */
#include <math.h>
#include <string.h>

#include "models/recommend/neighbours.h"
#include "pipeline/recommend_taste.h"

const float recommend_ones[RECOMMEND_SOURCES] = {[RECOMMEND_LOOKS] = 3};

typedef struct ask {
    const recommend_fit *m;
    const int32_t *customers;
    int64_t n;
    const float *trend; /* [articles] */
    const bitmap *active;
    hybrid_problem *to;
    pool *threads;
    arena *keep, scratch;
} ask;

static const float *trend_of(const recommend_fit *m, arena *keep) {
    float *trend = take(keep, float, m->d->articles);
    double top = 0;
    for (int64_t a = 0; a < m->d->articles; a++)
        if (m->popular[a] > top) top = m->popular[a];
    for (int64_t a = 0; a < m->d->articles; a++)
        if (m->active[a]) trend[a] = (float)pow(m->popular[a] / top, m->p.trend);
    return trend;
}

static void lists_for(hybrid_source *to, int64_t n, int32_t **ids, float **scores, arena *keep) {
    *ids = take(keep, int32_t, n * RECOMMEND_WIDTH);
    *scores = take(keep, float, n * RECOMMEND_WIDTH);
    *to = (hybrid_source){.width = RECOMMEND_WIDTH, .ids = *ids, .scores = *scores};
}

static void ask_popular(const ask *a) {
    const recommend_data *d = a->m->d;
    int32_t *list = take(a->keep, int32_t, a->n);
    for (int64_t i = 0; i < a->n; i++)
        list[i] = d->band[a->customers[i]] >= 0 ? d->band[a->customers[i]] : RECOMMEND_BANDS;
    int64_t all = (RECOMMEND_BANDS + 1) * RECOMMEND_WIDTH;
    a->to->sources[RECOMMEND_POPULAR] = (hybrid_source){
        .width = RECOMMEND_WIDTH,
        .ids = take_copy(a->keep, int32_t, a->m->popular_ids, all),
        .scores = take_copy(a->keep, float, a->m->popular_scores, all),
        .list = list};
}

static void ask_als(const ask *a) {
    arena scratch = a->scratch;
    int32_t *ids;
    float *scores;
    int ld = a->m->als.ld;
    lists_for(&a->to->sources[RECOMMEND_ALS], a->n, &ids, &scores, a->keep);
    float *x = take(&scratch, float, a->n * ld);
    for (int64_t i = 0; i < a->n; i++)
        memcpy(x + i * ld, a->m->als.user + (int64_t)a->customers[i] * ld,
               sizeof *x * (size_t)ld);
    int64_t items = a->m->als.items;
    float *y = take_copy(&scratch, float, a->m->als.item, items * ld);
    for (int64_t i = 0; i < items * ld; i++) y[i] *= a->trend[i / ld];
    neighbours_rule rule = {.k = RECOMMEND_WIDTH, .allowed = a->active};
    neighbours_dense((neighbours_vectors){x, a->n, y, items, ld}, rule, ids, scores, a->threads,
                     scratch);
}

/* Sums over the rows of `sim` that a customer's row of `profile` names. */
static void ask_sparse(const ask *a, recommend_source which, const sparse *profile,
                       const sparse *sim, bool with_trend) {
    int32_t *ids;
    float *scores;
    arena scratch = a->scratch;
    lists_for(&a->to->sources[which], a->n, &ids, &scores, a->keep);
    sparse query = sparse_rows(profile, a->customers, a->n, &scratch), scaled = *sim;
    if (with_trend) scaled.value = take_copy(&scratch, float, sim->value, sparse_count(sim));
    for (int64_t i = 0; with_trend && i < sparse_count(sim); i++)
        scaled.value[i] *= a->trend[sim->col[i]];
    neighbours_rule rule = {.k = RECOMMEND_WIDTH, .allowed = a->active};
    neighbours_sparse(&query, &scaled, rule, ids, scores, a->threads);
}

static void ask_taste(const ask *a) {
    int32_t *ids;
    float *scores;
    lists_for(&a->to->sources[RECOMMEND_TASTE], a->n, &ids, &scores, a->keep);
    recommend_taste_lists(a->m, a->customers, a->n, RECOMMEND_WIDTH, ids, scores, a->threads,
                          a->scratch);
}

/* The active articles of a customer's row of `from`, by its weights. */
static void ask_row(const ask *a, recommend_source which, const sparse *from) {
    int32_t *ids;
    float *scores;
    lists_for(&a->to->sources[which], a->n, &ids, &scores, a->keep);
    a->to->sources[which].unit = recommend_ones[which];
    for (int64_t i = 0; i < a->n; i++) {
        neighbours_list list = {.k = RECOMMEND_WIDTH, .ids = ids + i * RECOMMEND_WIDTH,
                                .scores = scores + i * RECOMMEND_WIDTH};
        for (int64_t at = from->at[a->customers[i]]; at < from->at[a->customers[i] + 1]; at++)
            if (a->m->active[from->col[at]])
                neighbours_offer(&list, from->col[at], from->value[at]);
        neighbours_sort(&list);
    }
}

hybrid_problem recommend_candidates_of(const recommend_fit *m, uint32_t which,
                                       const int32_t *customers, int64_t n, pool *threads,
                                       arena *keep, arena scratch) {
    const struct {
        recommend_source source;
        const sparse *profile, *sim;
        bool with_trend;
    } sums[] = {{RECOMMEND_CONTENT, &m->profile, &m->content, true},
                {RECOMMEND_TOGETHER, &m->profile, &m->together, true},
                {RECOMMEND_CATEGORY, &m->kinds, &m->in_kind, false},
                {RECOMMEND_VARIANTS, &m->profile, &m->variants, true},
                {RECOMMEND_ARRIVALS, &m->kinds, &m->arrivals, false},
                {RECOMMEND_NEXT, &m->recent, &m->next, true}};
    hybrid_problem p = {.n = RECOMMEND_SOURCES, .users = n, .items = m->d->articles};
    bitmap active = bitmap_of(m->active, m->d->articles, &scratch);
    ask a = {m, customers, n, trend_of(m, &scratch), &active, &p, threads, keep, {0}};
    a.scratch = scratch;
    if (which >> RECOMMEND_POPULAR & 1) ask_popular(&a);
    if (m->has_als && (which >> RECOMMEND_ALS & 1)) ask_als(&a);
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++)
        if (which >> sums[i].source & 1)
            ask_sparse(&a, sums[i].source, sums[i].profile, sums[i].sim, sums[i].with_trend);
    if (which >> RECOMMEND_TASTE & 1) ask_taste(&a);
    if (which >> RECOMMEND_OWN & 1) ask_row(&a, RECOMMEND_OWN, &m->own);
    if (which >> RECOMMEND_LOOKS & 1) ask_row(&a, RECOMMEND_LOOKS, &m->looks);
    return p;
}

hybrid_problem recommend_candidates(const recommend_fit *m, const int32_t *customers, int64_t n,
                                    pool *threads, arena *keep, arena scratch) {
    return recommend_candidates_of(m, UINT32_MAX, customers, n, threads, keep, scratch);
}
