/* recommend_models: the sources of recommendations, fitted on the days before a cut-off. */
#include "pipeline/recommend_models.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"

static const double MOST_LOSS = 4e9; /* operations */

const char *const recommend_names[RECOMMEND_SOURCES] = {
    "popularity", "als",   "content", "own",   "together", "category", "variants",
    "arrivals",   "looks", "next",    "taste"};

const char *const recommend_objectives[2] = {"lambdarank", "binary"};

bool recommend_growth_same(recommend_growth a, recommend_growth b) {
    return a.leaves == b.leaves && a.min_rows == b.min_rows && a.rate == b.rate &&
           a.feature_share == b.feature_share && a.binary == b.binary &&
           a.negatives == b.negatives && a.weeks == b.weeks;
}

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
                          .growth = RECOMMEND_GROWTH,
                          /* a prior that tuning may move: what sells, taste and pairs alike */
                          .weights = {{1, 2, 0.25f, 2, 1, 0.5f, 0.5f, 0.2f, 0.5f, 0.5f, 1}}};
    p.als.seed = seed_for(seed, "recommend");
    p.knn.keep = p.next.keep = 50;
    return p;
}

/* ---- history as matrices ---- */

/* Which rows of a log count, and how much. */
typedef struct window {
    int32_t cutoff;
    int days;                /* before the cut-off */
    double half_life, least; /* rows that weigh less than `least` are left out */
} window;

static double weight_in(const window *w, int32_t day) {
    if (day >= w->cutoff || w->cutoff - day > w->days) return -1;
    double is = popular_decay(day, w->cutoff, w->half_life);
    return is < w->least ? -1 : is;
}

/* [customers, articles] sums of what counts of a log. A log is in the order of the rows to be made:
 * it is read twice, once to count, and nothing of its size is needed beside it. */
static sparse history_of(const recommend_fit *m, recommend_log from, const window *in,
                         arena *keep) {
    int64_t rows = m->d->customers, n = -1, last = -1;
    sparse to = {.rows = rows, .cols = m->d->articles, .at = take(keep, int64_t, rows + 1)};
    for (int pass = 0; pass < 2; pass++, last = -1) {
        double sum = 0;
        for (int64_t i = 0; i < from.n; i++) {
            double weight = weight_in(in, from.day[i]);
            if (weight < 0) continue;
            bool same = last >= 0 && from.customer[i] == from.customer[last] &&
                        from.article[i] == from.article[last];
            last = i;
            if (pass == 0) {
                to.at[from.customer[i] + 1] += !same;
                continue;
            }
            n += !same;
            sum = (same ? sum : 0) + (double)(from.weight[i] * (float)weight);
            to.col[n] = from.article[i];
            to.value[n] = (float)sum;
        }
        if (pass == 1) break;
        for (int64_t r = 0; r < rows; r++) to.at[r + 1] += to.at[r];
        to.col = take_raw(keep, int32_t, to.at[rows]);
        to.value = take_raw(keep, float, to.at[rows]);
    }
    return to;
}

static sparse history(const recommend_fit *m, double half_life, double least, int days,
                      arena *keep) {
    const recommend_data *d = m->d;
    return history_of(m, (recommend_log){d->n, d->customer, d->article, d->day, d->weight},
                      &(window){m->cutoff, days, half_life, least}, keep);
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
static void squeeze(sparse *m, int32_t *name, arena *scratch) {
    int32_t *number = take(scratch, int32_t, m->cols);
    int64_t n = 0;
    for (int64_t i = 0; i < sparse_count(m); i++) number[m->col[i]] = 1;
    for (int64_t c = 0; c < m->cols; c++) {
        if (number[c] == 0) continue;
        name[n] = (int32_t)c;
        number[c] = (int32_t)n++;
    }
    for (int64_t i = 0; i < sparse_count(m); i++) m->col[i] = number[m->col[i]];
    m->cols = n;
}

/* Factors begin where an earlier model ended; customers and articles that it lacks begin at 0. */
static void begin_warm(als_model *m, const als_model *warm, const int32_t *name) {
    size_t row = sizeof(float) * (size_t)m->ld;
    memcpy(m->user, warm->user, row * (size_t)m->users);
    for (int64_t i = 0; i < m->items; i++)
        memcpy(m->item + i * m->ld, warm->item + (int64_t)name[i] * m->ld, row);
}

/* A row for each article of the shop: als has those that somebody bought, called `name`. */
static void widen(recommend_fit *m, const int32_t *name, arena *keep) {
    size_t row = sizeof(float) * (size_t)m->als.ld;
    float *all = take(keep, float, m->d->articles * m->als.ld);
    for (int64_t i = 0; i < m->als.items; i++)
        memcpy(all + (int64_t)name[i] * m->als.ld, m->als.item + i * m->als.ld, row);
    m->als.item = all;
    m->als.items = m->d->articles;
}

static bool tell_sweep(const recommend_fit *m, const recommend_when *when, const sparse *by_user,
                       const int32_t *name, int sweep, arena scratch, err *e) {
    if (!when->sweep) return true;
    double k = m->als.p.factors, rows = (double)(m->als.users + m->als.items), loss = NAN;
    recommend_fit seen = *m;
    if (rows * k * k <= MOST_LOSS) loss = als_loss(&m->als, by_user, scratch);
    widen(&seen, name, &scratch);
    return when->sweep(when->what, &seen, sweep, loss, scratch, e);
}

/* Articles that nobody bought take no part: they would only weigh as pairs that were not seen. */
static bool fit_als(recommend_fit *m, const recommend_when *when, pool *threads, arena *keep,
                    arena scratch, err *e) {
    const als_model *warm = when->warm;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse by_user = history(m, m->p.als_half_life, RECOMMEND_LEAST_TASTE, INT32_MAX, &scratch);
    m->has_als = sparse_count(&by_user) > 0;
    if (!m->has_als) return true;
    int32_t *name = take(&scratch, int32_t, by_user.cols);
    squeeze(&by_user, name, &scratch);
    sparse by_item = sparse_transpose(&by_user, &scratch);
    if (!als_start(&m->als, &by_user, &by_item, m->p.als, keep, e)) return false;
    if (warm && warm->ld == m->als.ld && warm->users == m->als.users)
        begin_warm(&m->als, warm, name);
    for (int i = 0; i < m->p.als.iterations; i++)
        if (!als_step(&m->als, &by_user, &by_item, threads, inner, e) ||
            !tell_sweep(m, when, &by_user, name, i + 1, inner, e))
            return false;
    widen(m, name, keep);
    return true;
}

bool recommend_fit_als(recommend_fit *m, const als_model *warm, pool *threads, arena *keep,
                       arena scratch, err *e) {
    return fit_als(m, &(recommend_when){.warm = warm}, threads, keep, scratch, e);
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
    sparse by_user = history(m, 0, 0, m->p.together_days, &scratch);
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

/* A matrix whose rows are made one after the other; columns of a row may come in any order. */
typedef struct row_maker {
    sparse to;       /* rows so far; col and value are in scratch */
    int32_t *cols;   /* [n] of the row being made, ascending */
    double *values;  /* [n] their sums */
    int n;
} row_maker;

/* For at most `entries` in all and `most` in a row; nothing is touched that is not written. */
static row_maker rows_open(int64_t rows, int64_t cols, int64_t entries, int64_t most, arena *keep,
                           arena *scratch) {
    return (row_maker){.to = {.rows = rows, .cols = cols, .at = take(keep, int64_t, rows + 1),
                              .col = take_raw(scratch, int32_t, entries),
                              .value = take_raw(scratch, float, entries)},
                       .cols = take(scratch, int32_t, most),
                       .values = take(scratch, double, most)};
}

static void rows_add(row_maker *k, int32_t col, float value) {
    int at = k->n;
    while (at > 0 && k->cols[at - 1] > col) at--;
    if (at > 0 && k->cols[at - 1] == col) {
        k->values[at - 1] += (double)value;
        return;
    }
    for (int i = k->n++; i > at; i--)
        k->cols[i] = k->cols[i - 1], k->values[i] = k->values[i - 1];
    k->cols[at] = col, k->values[at] = (double)value;
}

static void rows_end(row_maker *k, int64_t row) {
    sparse *to = &k->to;
    int64_t at = to->at[row];
    for (int i = 0; i < k->n; i++, at++)
        to->col[at] = k->cols[i], to->value[at] = (float)k->values[i];
    to->at[row + 1] = at;
    k->n = 0;
}

static sparse rows_close(const row_maker *k, arena *keep) {
    sparse to = k->to;
    to.col = take_copy(keep, int32_t, to.col, sparse_count(&to));
    to.value = take_copy(keep, float, to.value, sparse_count(&to));
    return to;
}

/* Shares of a customer's profile by kind. */
static void fit_kinds(recommend_fit *m, arena *keep, arena scratch) {
    const sparse *from = &m->profile;
    int32_t kinds = m->d->kind.n;
    row_maker k = rows_open(from->rows, kinds, sparse_count(from), kinds, keep, &scratch);
    for (int64_t c = 0; c < from->rows; c++) {
        double sum = 0;
        for (int64_t at = from->at[c]; at < from->at[c + 1]; at++) sum += from->value[at];
        for (int64_t at = from->at[c]; at < from->at[c + 1]; at++)
            rows_add(&k, m->d->kind.code[from->col[at]], (float)(from->value[at] / sum));
        rows_end(&k, c);
    }
    m->kinds = rows_close(&k, keep);
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
    float power[K] = {1};
    row_maker k = rows_open(d->customers, d->articles, d->customers * K, K, keep, &scratch);
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
        for (int i = 0; i < list.n; i++) rows_add(&k, ids[i], power[i]);
        rows_end(&k, c);
    }
    m->recent = rows_close(&k, keep);
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
    m->own = history(m, p->own_half_life, 0, INT32_MAX, keep);
    m->profile = history(m, p->profile_half_life, 0, INT32_MAX, keep);
    m->looks = history_of(m, m->d->looks,
                          &(window){m->cutoff, RECOMMEND_LOOK_DAYS, p->looks_half_life, 0}, keep);
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
           fit_als(m, &when, threads, keep, scratch, e);
}

bool recommend_fit_all(recommend_fit *m, const recommend_data *d, recommend_params p,
                       int32_t cutoff, pool *threads, arena *keep, arena scratch, err *e) {
    return recommend_fit_when(m, d, p, (recommend_when){.cutoff = cutoff}, threads, keep, scratch,
                              e);
}

recommend_units recommend_buyers(const recommend_data *d, int32_t from, int32_t to, int64_t most,
                                 arena *keep, arena scratch) {
    int32_t *number = take(&scratch, int32_t, d->customers);
    uint8_t *buys = take(&scratch, uint8_t, d->customers);
    int64_t buyers = 0, rows = 0, seen = 0, n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (d->day[i] >= from && d->day[i] < to) buys[d->customer[i]] = 1, n++;
    int32_t *row = take(&scratch, int32_t, n), *col = take(&scratch, int32_t, n);
    for (int64_t c = 0; c < d->customers; c++) buyers += buys[c];
    int64_t step = buyers > most ? (buyers + most - 1) / most : 1;
    recommend_units u = {.buyers = buyers, .customers = take(keep, int32_t, buyers / step + 1)};
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
