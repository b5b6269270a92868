/* recommend_models: the sources of recommendations, fitted on the days before a cut-off. */
#include "pipeline/recommend_models.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"

const char *const recommend_names[RECOMMEND_SOURCES + 1] = {"popularity", "als",      "content",
                                                            "own",        "together", "hybrid"};
const char *const recommend_reasons[RECOMMEND_SOURCES] = {
    "popular now", "bought by customers with your taste", "similar to articles you bought",
    "you bought it before", "bought with articles you bought"};

recommend_params recommend_defaults(uint64_t seed) {
    recommend_params p = {.popular_half_life = 14,
                          .als_half_life = 60,
                          .own_half_life = 30,
                          .profile_half_life = 30,
                          .trend = 0.5,
                          .band_trust = 500,
                          .active_days = 56,
                          .together_days = 224,
                          .als = ALS_DEFAULTS,
                          .knn = KNN_DEFAULTS,
                          /* a prior that tuning may move: what sells, taste and pairs alike */
                          .weights = {{1, 1, 0.5f, 0.5f, 1}}};
    p.als.seed = seed_for(seed, "recommend");
    p.knn.keep = 50;
    return p;
}

/* ---- history as matrices ---- */

/* Purchases of the last `days` before the cut-off, weighed with a half-life; weights below `least`
 * are left out. */
static sparse history(const recommend_fit *m, double half_life, double least, int days,
                      arena *keep, arena scratch) {
    const recommend_data *d = m->d;
    int32_t *row = take(&scratch, int32_t, d->n), *col = take(&scratch, int32_t, d->n);
    float *weight = take(&scratch, float, d->n);
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] >= m->cutoff || m->cutoff - d->day[i] > days) continue;
        double w = popular_decay(d->day[i], m->cutoff, half_life);
        if (w < least) continue;
        row[n] = d->customer[i];
        col[n] = d->article[i];
        weight[n++] = d->weight[i] * (float)w;
    }
    return sparse_from_triples(d->customers, d->articles, n, row, col, weight, keep, scratch);
}

static void mark_active(recommend_fit *m, arena *keep) {
    const recommend_data *d = m->d;
    m->active = take(keep, uint8_t, d->articles);
    for (int64_t i = 0; i < d->n; i++)
        if (d->day[i] < m->cutoff && m->cutoff - d->day[i] <= m->p.active_days)
            m->active[d->article[i]] = 1;
    for (int64_t a = 0; a < d->articles; a++) m->n_active += m->active[a];
}

/* ---- the sources ---- */

void recommend_fit_popular(recommend_fit *m, arena *keep, arena scratch) {
    const recommend_data *d = m->d;
    int32_t *group = take(&scratch, int32_t, d->n);
    for (int64_t i = 0; i < d->n; i++) group[i] = d->band[d->customer[i]];
    popular_events events = {d->n, d->article, d->day, d->weight, group};
    double *score = popular_fit(
        events, d->articles,
        (popular_params){m->p.popular_half_life, m->cutoff, RECOMMEND_BANDS}, &scratch);
    double *all = score + RECOMMEND_BANDS * d->articles, total = 0;
    for (int64_t a = 0; a < d->articles; a++) total += all[a];
    m->popular = take_copy(keep, double, all, d->articles);
    m->popular_ids = take(keep, int32_t, (RECOMMEND_BANDS + 1) * RECOMMEND_WIDTH);
    m->popular_scores = take(keep, float, (RECOMMEND_BANDS + 1) * RECOMMEND_WIDTH);
    for (int b = 0; b <= RECOMMEND_BANDS; b++) {
        double *one = score + b * d->articles;
        for (int64_t a = 0; b < RECOMMEND_BANDS && a < d->articles; a++)
            one[a] = m->p.band_trust > 0 && total > 0 ? one[a] + m->p.band_trust * all[a] / total
                                                      : all[a];
        popular_top(one, d->articles, RECOMMEND_WIDTH, m->popular_ids + b * RECOMMEND_WIDTH,
                    m->popular_scores + b * RECOMMEND_WIDTH, scratch);
    }
}

/* Renumbers the columns that occur, in their order; name[new] = old. */
static int64_t squeeze(sparse *m, int32_t *name, arena *scratch) {
    int32_t *number = take(scratch, int32_t, m->cols);
    int64_t n = 0;
    for (int64_t i = 0; i < sparse_count(m); i++) number[m->col[i]] = 1;
    for (int64_t c = 0; c < m->cols; c++) {
        if (number[c] == 0) continue;
        name[n] = (int32_t)c;
        number[c] = (int32_t)n++;
    }
    for (int64_t i = 0; i < sparse_count(m); i++) m->col[i] = number[m->col[i]];
    return m->cols = n;
}

/* Articles that nobody bought take no part: they would only weigh as pairs that were not seen. */
bool recommend_fit_als(recommend_fit *m, pool *threads, arena *keep, arena scratch, err *e) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse by_user = history(m, m->p.als_half_life, 0.02, INT32_MAX, &scratch, inner);
    m->has_als = sparse_count(&by_user) > 0;
    if (!m->has_als) return true;
    int32_t *name = take(&scratch, int32_t, by_user.cols);
    int64_t items = squeeze(&by_user, name, &scratch);
    sparse by_item = sparse_transpose(&by_user, &scratch);
    if (!als_fit(&m->als, &by_user, &by_item, m->p.als, threads, keep, inner, e)) return false;
    float *all = take(keep, float, m->d->articles * m->als.ld);
    for (int64_t i = 0; i < items; i++)
        memcpy(all + (int64_t)name[i] * m->als.ld, m->als.item + i * m->als.ld,
               sizeof *all * (size_t)m->als.ld);
    m->als.item = all;
    m->als.items = m->d->articles;
    return true;
}

/* Rows of m where `wanted` is set; the others are empty. */
static sparse only_rows(const sparse *m, const uint8_t *wanted, arena *keep) {
    sparse part = {.rows = m->rows, .cols = m->cols, .at = take(keep, int64_t, m->rows + 1)};
    for (int64_t r = 0; r < m->rows; r++)
        part.at[r + 1] = part.at[r] + (wanted[r] ? sparse_degree(m, r) : 0);
    part.col = take(keep, int32_t, sparse_count(&part));
    part.value = take(keep, float, sparse_count(&part));
    for (int64_t r = 0; r < m->rows; r++) {
        size_t n = (size_t)sparse_degree(&part, r);
        memcpy(part.col + part.at[r], m->col + m->at[r], n * sizeof *part.col);
        memcpy(part.value + part.at[r], m->value + m->at[r], n * sizeof *part.value);
    }
    return part;
}

/* Neighbours among active articles of every article that somebody's profile holds. */
static void fit_content(recommend_fit *m, pool *threads, arena *keep, arena scratch) {
    enum { K = 50 };
    const recommend_data *d = m->d;
    int64_t n = d->articles;
    uint8_t *bought = take(&scratch, uint8_t, n);
    for (int64_t i = 0; i < sparse_count(&m->profile); i++) bought[m->profile.col[i]] = 1;
    sparse query = only_rows(&d->vectors, bought, &scratch);
    sparse active = only_rows(&d->vectors, m->active, &scratch);
    m->by_term = sparse_transpose(&active, keep);
    int32_t *ids = take(&scratch, int32_t, n * K);
    float *scores = take(&scratch, float, n * K);
    neighbours_sparse(&query, &m->by_term, (neighbours_rule){.k = K, .skip_self = true}, ids,
                      scores, threads);
    m->content = knn_matrix(ids, scores, n, K, n, keep, scratch);
}

static void fit_together(recommend_fit *m, pool *threads, arena *keep, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse by_user = history(m, 0, 0, m->p.together_days, &scratch, inner);
    sparse by_item = sparse_transpose(&by_user, &scratch);
    m->together = knn_fit(&by_user, &by_item, m->p.knn, threads, keep, inner);
}

bool recommend_fit_all(recommend_fit *m, const recommend_data *d, recommend_params p,
                       int32_t cutoff, pool *threads, arena *keep, arena scratch, err *e) {
    *m = (recommend_fit){.d = d, .p = p, .cutoff = cutoff};
    mark_active(m, keep);
    m->own = history(m, p.own_half_life, 0, INT32_MAX, keep, scratch);
    m->profile = history(m, p.profile_half_life, 1e-3, INT32_MAX, keep, scratch);
    recommend_fit_popular(m, keep, scratch);
    fit_content(m, threads, keep, scratch);
    fit_together(m, threads, keep, scratch);
    return recommend_fit_als(m, threads, keep, scratch, e);
}

/* ---- candidates ---- */

typedef struct ask {
    const recommend_fit *m;
    const int32_t *customers;
    int64_t n;
    const float *trend; /* [articles] */
    hybrid_problem *to;
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

/* Rows of m for the customers asked for. */
static sparse rows_for(const sparse *m, const ask *a, arena *keep) {
    sparse part = {.rows = a->n, .cols = m->cols, .at = take(keep, int64_t, a->n + 1)};
    for (int64_t i = 0; i < a->n; i++)
        part.at[i + 1] = part.at[i] + sparse_degree(m, a->customers[i]);
    part.col = take(keep, int32_t, part.at[a->n]);
    part.value = take(keep, float, part.at[a->n]);
    for (int64_t i = 0; i < a->n; i++) {
        int64_t from = m->at[a->customers[i]], n = part.at[i + 1] - part.at[i];
        memcpy(part.col + part.at[i], m->col + from, sizeof *part.col * (size_t)n);
        memcpy(part.value + part.at[i], m->value + from, sizeof *part.value * (size_t)n);
    }
    return part;
}

static void lists_for(hybrid_source *to, int64_t n, int32_t **ids, float **scores, arena *keep) {
    *ids = take(keep, int32_t, n * RECOMMEND_WIDTH);
    *scores = take(keep, float, n * RECOMMEND_WIDTH);
    *to = (hybrid_source){.width = RECOMMEND_WIDTH, .ids = *ids, .scores = *scores};
}

static void ask_popular(const ask *a, arena *keep) {
    const recommend_data *d = a->m->d;
    int32_t *list = take(keep, int32_t, a->n);
    for (int64_t i = 0; i < a->n; i++)
        list[i] = d->band[a->customers[i]] >= 0 ? d->band[a->customers[i]] : RECOMMEND_BANDS;
    a->to->sources[RECOMMEND_POPULAR] =
        (hybrid_source){.width = RECOMMEND_WIDTH, .ids = a->m->popular_ids,
                        .scores = a->m->popular_scores, .list = list};
}

static void ask_als(const ask *a, pool *threads, arena *keep, arena scratch) {
    int32_t *ids;
    float *scores;
    int ld = a->m->als.ld;
    lists_for(&a->to->sources[RECOMMEND_ALS], a->n, &ids, &scores, keep);
    float *x = take(&scratch, float, a->n * ld);
    for (int64_t i = 0; i < a->n; i++)
        memcpy(x + i * ld, a->m->als.user + (int64_t)a->customers[i] * ld,
               sizeof *x * (size_t)ld);
    int64_t items = a->m->als.items;
    float *y = take_copy(&scratch, float, a->m->als.item, items * ld);
    for (int64_t i = 0; i < items * ld; i++) y[i] *= a->trend[i / ld];
    bitmap active = bitmap_of(a->m->active, a->m->d->articles, &scratch);
    neighbours_rule rule = {.k = RECOMMEND_WIDTH, .allowed = &active};
    neighbours_dense((neighbours_vectors){x, a->n, y, items, ld}, rule, ids, scores, threads,
                     scratch);
}

static void ask_sparse(const ask *a, recommend_source which, const sparse *sim, pool *threads,
                       arena *keep, arena scratch) {
    int32_t *ids;
    float *scores;
    lists_for(&a->to->sources[which], a->n, &ids, &scores, keep);
    sparse profile = rows_for(&a->m->profile, a, &scratch), scaled = *sim;
    scaled.value = take_copy(&scratch, float, sim->value, sparse_count(sim));
    for (int64_t i = 0; i < sparse_count(sim); i++) scaled.value[i] *= a->trend[sim->col[i]];
    bitmap active = bitmap_of(a->m->active, a->m->d->articles, &scratch);
    neighbours_rule rule = {.k = RECOMMEND_WIDTH, .allowed = &active};
    neighbours_sparse(&profile, &scaled, rule, ids, scores, threads);
}

static void ask_own(const ask *a, arena *keep) {
    int32_t *ids;
    float *scores;
    lists_for(&a->to->sources[RECOMMEND_OWN], a->n, &ids, &scores, keep);
    a->to->sources[RECOMMEND_OWN].unit = 1; /* one unit bought yesterday; old ones count less */
    for (int64_t i = 0; i < a->n; i++) {
        neighbours_list list = {.k = RECOMMEND_WIDTH, .ids = ids + i * RECOMMEND_WIDTH,
                                .scores = scores + i * RECOMMEND_WIDTH};
        const sparse *own = &a->m->own;
        for (int64_t at = own->at[a->customers[i]]; at < own->at[a->customers[i] + 1]; at++)
            if (a->m->active[own->col[at]])
                neighbours_offer(&list, own->col[at], own->value[at]);
        neighbours_sort(&list);
    }
}

hybrid_problem recommend_candidates(const recommend_fit *m, const int32_t *customers, int64_t n,
                                    pool *threads, arena *keep, arena scratch) {
    hybrid_problem p = {.n = RECOMMEND_SOURCES, .users = n, .items = m->d->articles};
    ask a = {m, customers, n, trend_of(m, &scratch), &p};
    ask_popular(&a, keep);
    if (m->has_als) ask_als(&a, threads, keep, scratch);
    ask_sparse(&a, RECOMMEND_CONTENT, &m->content, threads, keep, scratch);
    ask_sparse(&a, RECOMMEND_TOGETHER, &m->together, threads, keep, scratch);
    ask_own(&a, keep);
    return p;
}

hybrid_weights recommend_weights(const recommend_fit *m, int model) {
    if (model == RECOMMEND_SOURCES) return m->p.weights;
    hybrid_weights w = {{0}};
    w.of[RECOMMEND_POPULAR] = 1e-6f; /* fills the places that the model leaves empty */
    w.of[model] = 1;
    return w;
}

recommend_units recommend_buyers(const recommend_data *d, int32_t from, int32_t to, int64_t most,
                                 arena *keep, arena scratch) {
    int32_t *row = take(&scratch, int32_t, d->n), *col = take(&scratch, int32_t, d->n);
    int32_t *number = take(&scratch, int32_t, d->customers);
    uint8_t *buys = take(&scratch, uint8_t, d->customers);
    int64_t buyers = 0, rows = 0, seen = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (d->day[i] >= from && d->day[i] < to) buys[d->customer[i]] = 1;
    for (int64_t c = 0; c < d->customers; c++) buyers += buys[c];
    int64_t step = buyers > most ? (buyers + most - 1) / most : 1;
    recommend_units u = {.customers = take(keep, int32_t, buyers / step + 1)};
    for (int64_t c = 0; c < d->customers; c++) {
        number[c] = -1;
        if (!buys[c] || seen++ % step != 0) continue;
        number[c] = (int32_t)u.n;
        u.customers[u.n++] = (int32_t)c;
    }
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] < from || d->day[i] >= to || number[d->customer[i]] < 0) continue;
        row[rows] = number[d->customer[i]];
        col[rows++] = d->article[i];
    }
    u.truth = sparse_from_triples(u.n, d->articles, rows, row, col, NULL, keep, scratch);
    return u;
}
