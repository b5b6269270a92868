/* recommend_models: the sources of recommendations, fitted on the days before a cut-off. */
#include "pipeline/recommend_models.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"

const char *const recommend_names[RECOMMEND_SOURCES] = {
    "popularity", "als",   "content", "own",   "together", "category", "variants",
    "arrivals",   "looks", "next",    "taste"};

recommend_params recommend_defaults(uint64_t seed) {
    recommend_params p = {.popular_half_life = 14,
                          .als_half_life = 60,
                          .own_half_life = 30,
                          .profile_half_life = 30,
                          .looks_half_life = 3,
                          .trend = 0.5,
                          .liking = 0.5,
                          .band_trust = 500,
                          .active_days = 56,
                          .together_days = 224,
                          .arrival_days = 21,
                          .als = ALS_DEFAULTS,
                          .knn = KNN_DEFAULTS,
                          .next = TRANSITIONS_DEFAULTS,
                          /* a prior that tuning may move: what sells, taste and pairs alike */
                          .weights = {{1, 2, 0.25f, 2, 1, 0.5f, 0.5f, 0.2f, 0.5f, 0.5f, 1}}};
    p.als.seed = seed_for(seed, "recommend");
    p.knn.keep = p.next.keep = 50;
    return p;
}

/* ---- history as matrices ---- */

/* A log's rows of the last `days` before the cut-off, weighed with a half-life; weights below
 * `least` are left out. */
static sparse history_of(const recommend_fit *m, recommend_log from, double half_life, double least,
                         int days, arena *keep, arena scratch) {
    int32_t *row = take(&scratch, int32_t, from.n), *col = take(&scratch, int32_t, from.n);
    float *weight = take(&scratch, float, from.n);
    int64_t n = 0;
    for (int64_t i = 0; i < from.n; i++) {
        if (from.day[i] >= m->cutoff || m->cutoff - from.day[i] > days) continue;
        double w = popular_decay(from.day[i], m->cutoff, half_life);
        if (w < least) continue;
        row[n] = from.customer[i];
        col[n] = from.article[i];
        weight[n++] = from.weight[i] * (float)w;
    }
    return sparse_from_triples(m->d->customers, m->d->articles, n, row, col, weight, keep,
                               scratch);
}

static sparse history(const recommend_fit *m, double half_life, double least, int days,
                      arena *keep, arena scratch) {
    const recommend_data *d = m->d;
    return history_of(m, (recommend_log){d->n, d->customer, d->article, d->day, d->weight},
                      half_life, least, days, keep, scratch);
}

static void mark_active(recommend_fit *m, arena *keep) {
    const recommend_data *d = m->d;
    m->active = take(keep, uint8_t, d->articles);
    m->first_day = take(keep, int32_t, d->articles);
    for (int64_t a = 0; a < d->articles; a++) m->first_day[a] = INT32_MAX;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] >= m->cutoff) continue;
        int32_t *first = &m->first_day[d->article[i]];
        if (d->day[i] < *first) *first = d->day[i];
        if (m->cutoff - d->day[i] <= m->p.active_days) m->active[d->article[i]] = 1;
    }
    for (int64_t a = 0; a < d->articles; a++) m->n_active += m->active[a];
}

/* ---- the sources ---- */

/* The best sellers among active articles with the same code (recommend_groups): share of what
 * sells with that code; with `young`, only articles first sold in the last arrival_days, shares of
 * all the same. */
static sparse fit_groups(const recommend_fit *m, recommend_groups g, bool young, arena *keep,
                         arena scratch) {
    enum { K = 100 };
    const recommend_data *d = m->d;
    double *sum = take(&scratch, double, g.n);
    int32_t *row = take(&scratch, int32_t, d->articles);
    int32_t *col = take(&scratch, int32_t, d->articles);
    int32_t *taken = take(&scratch, int32_t, g.n);
    float *share = take(&scratch, float, d->articles);
    for (int64_t a = 0; a < d->articles; a++)
        if (m->active[a]) sum[g.code[a]] += m->popular[a];
    int32_t *order = order_count(d->articles, &scratch);
    order_down(order, d->articles, m->popular, scratch);
    int64_t n = 0;
    for (int64_t i = 0; i < d->articles; i++) {
        int32_t a = order[i], code = g.code[a];
        if (!m->active[a] || m->popular[a] <= 0 || taken[code] == K) continue;
        if (young && m->cutoff - m->first_day[a] > m->p.arrival_days) continue;
        taken[code]++;
        row[n] = code;
        col[n] = a;
        share[n++] = (float)(m->popular[a] / sum[code]);
    }
    return sparse_from_triples(g.n, d->articles, n, row, col, share, keep, scratch);
}

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
    m->in_kind = fit_groups(m, d->kind, false, keep, scratch);
    m->arrivals = fit_groups(m, d->kind, true, keep, scratch);
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

/* Factors begin where an earlier model ended; customers and articles that it lacks begin at 0. */
static void begin_warm(als_model *m, const als_model *warm, const int32_t *name) {
    size_t row = sizeof(float) * (size_t)m->ld;
    memcpy(m->user, warm->user, row * (size_t)m->users);
    for (int64_t i = 0; i < m->items; i++)
        memcpy(m->item + i * m->ld, warm->item + (int64_t)name[i] * m->ld, row);
}

/* Articles that nobody bought take no part: they would only weigh as pairs that were not seen. */
bool recommend_fit_als(recommend_fit *m, const als_model *warm, pool *threads, arena *keep,
                       arena scratch, err *e) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse by_user = history(m, m->p.als_half_life, RECOMMEND_LEAST_TASTE, INT32_MAX, &scratch,
                             inner);
    m->has_als = sparse_count(&by_user) > 0;
    if (!m->has_als) return true;
    int32_t *name = take(&scratch, int32_t, by_user.cols);
    int64_t items = squeeze(&by_user, name, &scratch);
    sparse by_item = sparse_transpose(&by_user, &scratch);
    if (!als_start(&m->als, &by_user, &by_item, m->p.als, keep, e)) return false;
    if (warm && warm->ld == m->als.ld && warm->users == m->als.users)
        begin_warm(&m->als, warm, name);
    for (int i = 0; i < m->p.als.iterations; i++)
        if (!als_step(&m->als, &by_user, &by_item, threads, inner, e)) return false;
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
    neighbours_table(&query, &m->by_term, (neighbours_rule){.k = K, .skip_self = true}, ids,
                     scores, threads, scratch);
    m->content = knn_matrix(ids, scores, n, K, n, keep, scratch);
}

static void fit_together(recommend_fit *m, pool *threads, arena *keep, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse by_user = history(m, 0, 0, m->p.together_days, &scratch, inner);
    sparse by_item = sparse_transpose(&by_user, &scratch);
    m->together = knn_fit(&by_user, &by_item, m->p.knn, threads, keep, inner);
}

/* Of each article that a profile holds, the best-selling other articles of its product. */
static void fit_variants(recommend_fit *m, arena *keep, arena scratch) {
    enum { K = 12 };
    const recommend_data *d = m->d;
    sparse of = fit_groups(m, d->product, false, &scratch, arena_split(&scratch,
                                                                arena_left(&scratch) / 2));
    int32_t *ids = take(&scratch, int32_t, d->articles * K);
    float *scores = take(&scratch, float, d->articles * K);
    for (int64_t a = 0; a < d->articles; a++) {
        neighbours_list list = {.k = K, .ids = ids + a * K, .scores = scores + a * K};
        int32_t code = d->product.code[a];
        for (int64_t at = of.at[code]; at < of.at[code + 1]; at++)
            if (of.col[at] != a) neighbours_offer(&list, of.col[at], of.value[at]);
        neighbours_sort(&list);
        for (int i = 0; i < list.n; i++) list.scores[i] = 1; /* the trend orders them */
    }
    m->variants = knn_matrix(ids, scores, d->articles, K, d->articles, keep, scratch);
}

/* Shares of a customer's profile by kind. */
static void fit_kinds(recommend_fit *m, arena *keep, arena scratch) {
    const sparse *from = &m->profile;
    int64_t n = sparse_count(from);
    int32_t *row = take(&scratch, int32_t, n), *col = take(&scratch, int32_t, n);
    float *share = take(&scratch, float, n);
    for (int64_t c = 0; c < from->rows; c++) {
        double sum = 0;
        for (int64_t at = from->at[c]; at < from->at[c + 1]; at++) sum += from->value[at];
        for (int64_t at = from->at[c]; at < from->at[c + 1]; at++) {
            row[at] = (int32_t)c;
            col[at] = m->d->kind.code[from->col[at]];
            share[at] = (float)(from->value[at] / sum);
        }
    }
    m->kinds = sparse_from_triples(from->rows, m->d->kind.n, n, row, col, share, keep, scratch);
}

/* Purchases of the last together_days in the order of their days, each day one step. */
static bool fit_next(recommend_fit *m, pool *threads, arena *keep, arena scratch, err *e) {
    const recommend_data *d = m->d;
    int64_t *at = take(&scratch, int64_t, d->customers + 1), n = 0;
    int32_t *item = take(&scratch, int32_t, d->n), *step = take(&scratch, int32_t, d->n);
    for (int64_t c = 0; c < d->customers; c++) {
        for (int64_t i = d->at[c]; i < d->at[c + 1]; i++) {
            if (d->day[i] >= m->cutoff || m->cutoff - d->day[i] > m->p.together_days) continue;
            int64_t j = n++;
            for (; j > at[c] && step[j - 1] > d->day[i]; j--)
                step[j] = step[j - 1], item[j] = item[j - 1];
            step[j] = d->day[i], item[j] = d->article[i];
        }
        at[c + 1] = n;
    }
    transitions_data of = {d->customers, d->articles, at, item, step};
    return transitions_fit(&m->next, &of, m->p.next, threads, keep, scratch, e);
}

/* The articles bought last, each once: 0.8^place, whatever time has passed. */
static void fit_recent(recommend_fit *m, arena *keep, arena scratch) {
    enum { K = RECOMMEND_RECENT };
    const recommend_data *d = m->d;
    int32_t *row = take(&scratch, int32_t, d->customers * K);
    int32_t *col = take(&scratch, int32_t, d->customers * K);
    float *weight = take(&scratch, float, d->customers * K), power[K] = {1};
    int64_t n = 0;
    for (int i = 1; i < K; i++) power[i] = RECOMMEND_FADE * power[i - 1];
    for (int64_t c = 0; c < d->customers; c++) {
        int32_t ids[K];
        float days[K];
        neighbours_list list = {.k = K, .ids = ids, .scores = days};
        for (int64_t i = d->at[c]; i < d->at[c + 1]; i++) {
            bool again = i + 1 < d->at[c + 1] && d->article[i + 1] == d->article[i] &&
                         d->day[i + 1] < m->cutoff;
            if (d->day[i] < m->cutoff && !again)
                neighbours_offer(&list, d->article[i], (float)d->day[i]);
        }
        neighbours_sort(&list);
        for (int i = 0; i < list.n; i++, n++)
            row[n] = (int32_t)c, col[n] = ids[i], weight[n] = power[i];
    }
    m->recent = sparse_from_triples(d->customers, d->articles, n, row, col, weight, keep, scratch);
}

static bool fit_again(recommend_fit *m, arena *keep, arena scratch, err *e) {
    const recommend_data *d = m->d;
    int32_t *kind = take(&scratch, int32_t, d->n);
    for (int64_t i = 0; i < d->n; i++) kind[i] = d->kind.code[d->article[i]];
    repurchase_params p = REPURCHASE_DEFAULTS;
    p.as_of = m->cutoff;
    p.categories = d->kind.n;
    return repurchase_fit(&m->again,
                          (repurchase_events){d->n, d->customer, d->article, d->day, kind}, p, keep,
                          scratch, e);
}

void recommend_fit_customers(recommend_fit *m, arena *keep, arena scratch) {
    const recommend_params *p = &m->p;
    m->own = history(m, p->own_half_life, 0, INT32_MAX, keep, scratch);
    m->profile = history(m, p->profile_half_life, 0, INT32_MAX, keep, scratch);
    m->looks = history_of(m, m->d->looks, p->looks_half_life, 0, RECOMMEND_LOOK_DAYS, keep,
                          scratch);
    fit_kinds(m, keep, scratch);
    fit_recent(m, keep, scratch);
}

bool recommend_fit_when(recommend_fit *m, const recommend_data *d, recommend_params p,
                        recommend_when when, pool *threads, arena *keep, arena scratch, err *e) {
    *m = (recommend_fit){.d = d, .p = p, .cutoff = when.cutoff};
    mark_active(m, keep);
    recommend_fit_customers(m, keep, scratch);
    recommend_fit_popular(m, keep, scratch);
    fit_content(m, threads, keep, scratch);
    fit_together(m, threads, keep, scratch);
    fit_variants(m, keep, scratch);
    return fit_next(m, threads, keep, scratch, e) && fit_again(m, keep, scratch, e) &&
           recommend_fit_als(m, when.warm, threads, keep, scratch, e);
}

bool recommend_fit_all(recommend_fit *m, const recommend_data *d, recommend_params p,
                       int32_t cutoff, pool *threads, arena *keep, arena scratch, err *e) {
    return recommend_fit_when(m, d, p, (recommend_when){cutoff, NULL}, threads, keep, scratch, e);
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
