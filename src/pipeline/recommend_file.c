/* recommend_file: what lists are ranked by, as arrays of a file, and back for one customer. */
#include "pipeline/recommend_file.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/recommend_facts.h"
#include "pipeline/trees_file.h"

typedef enum number { /* of fit_numbers */
    NUMBER_CUTOFF,
    NUMBER_TREND,
    NUMBER_TASTE_HALF_LIFE,
    NUMBER_OWN_HALF_LIFE,
    NUMBER_PROFILE_HALF_LIFE,
    NUMBER_LOOKS_HALF_LIFE,
    NUMBER_HAS_ALS,
    NUMBER_LIKING,
    NUMBERS
} number;

enum { GROUPS = 4 + RECOMMEND_TRAITS, MATRICES = 6 };

static const char *const matrix_names[MATRICES] = {"content", "together", "variants",
                                                   "next",    "in_kind",  "arrivals"};

static void matrices_of(recommend_fit *m, sparse *to[MATRICES]) {
    sparse *const all[MATRICES] = {&m->content, &m->together, &m->variants,
                                   &m->next,    &m->in_kind,  &m->arrivals};
    memcpy(to, all, sizeof all);
}

static void groups_of(recommend_data *d, recommend_groups *to[GROUPS]) {
    recommend_groups *const all[4] = {&d->kind, &d->product, &d->category, &d->colour};
    memcpy(to, all, sizeof all);
    for (int t = 0; t < RECOMMEND_TRAITS; t++) to[4 + t] = &d->trait[t];
}

typedef struct label {
    char text[48];
} label;

static label name(const char *what, const char *part) {
    label l;
    snprintf(l.text, sizeof l.text, "%s_%s", what, part);
    return l;
}

/* ---- put ---- */

/* Rows of the log from day `since` on and before the cut-off. */
static bool put_log(store_writer *out, const char *what, const recommend_fit *m,
                    recommend_log from, int32_t since, arena scratch, err *e) {
    int64_t customers = m->d->customers, n = 0;
    int64_t *at = take(&scratch, int64_t, customers + 1);
    int32_t *item = take(&scratch, int32_t, from.n), *day = take(&scratch, int32_t, from.n);
    float *weight = take(&scratch, float, from.n);
    for (int64_t i = 0; i < from.n; i++) {
        if (from.day[i] < since || from.day[i] >= m->cutoff) continue;
        item[n] = from.article[i];
        day[n] = from.day[i];
        weight[n++] = from.weight[i];
        at[from.customer[i] + 1]++;
    }
    for (int64_t c = 0; c < customers; c++) at[c + 1] += at[c];
    return store_put(out, name(what, "at").text, STORE_I64, customers + 1, 1, at, e) &&
           store_put(out, name(what, "item").text, STORE_I32, n, 1, item, e) &&
           store_put(out, name(what, "day").text, STORE_I32, n, 1, day, e) &&
           store_put(out, name(what, "weight").text, STORE_F32, n, 1, weight, e);
}

static bool put_logs(store_writer *out, const recommend_fit *m, arena scratch, err *e) {
    const recommend_data *d = m->d;
    recommend_log bought = {d->n, d->customer, d->article, d->day, d->weight};
    return put_log(out, "history", m, bought, INT32_MIN, scratch, e) &&
           put_log(out, "looks", m, d->looks, m->cutoff - RECOMMEND_LOOK_DAYS, scratch, e);
}

static bool put_matrices(store_writer *out, const recommend_fit *m, err *e) {
    recommend_fit copy = *m;
    sparse *all[MATRICES];
    matrices_of(&copy, all);
    for (int i = 0; i < MATRICES; i++) {
        const sparse *x = all[i];
        int64_t n = sparse_count(x);
        if (!store_put(out, name(matrix_names[i], "at").text, STORE_I64, x->rows + 1, 1, x->at,
                       e) ||
            !store_put(out, name(matrix_names[i], "col").text, STORE_I32, n, 1, x->col, e) ||
            !store_put(out, name(matrix_names[i], "value").text, STORE_F32, n, 1, x->value, e))
            return false;
    }
    return true;
}

static bool put_articles(store_writer *out, const recommend_fit *m, arena scratch, err *e) {
    recommend_data d = *m->d;
    recommend_groups *groups[GROUPS];
    int32_t *codes = take(&scratch, int32_t, GROUPS * d.articles);
    int64_t cells = ((int64_t)m->again.p.categories + 1) * REPURCHASE_CELLS;
    int64_t bands = RECOMMEND_BANDS + 1, width = RECOMMEND_WIDTH;
    groups_of(&d, groups);
    for (int g = 0; g < GROUPS && d.articles > 0; g++)
        memcpy(codes + g * d.articles, groups[g]->code, sizeof *codes * (size_t)d.articles);
    return store_put(out, "groups", STORE_I32, GROUPS, d.articles, codes, e) &&
           store_put(out, "active", STORE_U8, d.articles, 1, m->active, e) &&
           store_put(out, "popular", STORE_F64, d.articles, 1, m->popular, e) &&
           store_put(out, "band_items", STORE_I32, bands, width, m->popular_ids, e) &&
           store_put(out, "band_scores", STORE_F32, bands, width, m->popular_scores, e) &&
           store_put(out, "again", STORE_F64, cells, 1, m->again.rate, e);
}

static bool put_customers(store_writer *out, const recommend_fit *m, err *e) {
    int64_t rows = m->has_als ? m->d->customers : 0, ld = m->has_als ? m->als.ld : 16;
    return store_put(out, "band", STORE_I32, m->d->customers, 1, m->d->band, e) &&
           store_put(out, "als_user", STORE_F32, rows, ld, m->als.user, e);
}

static bool put_numbers(store_writer *out, const recommend_fit *m, err *e) {
    const double numbers[NUMBERS] = {[NUMBER_CUTOFF] = m->cutoff,
                                     [NUMBER_TREND] = m->p.trend,
                                     [NUMBER_TASTE_HALF_LIFE] = m->p.als_half_life,
                                     [NUMBER_OWN_HALF_LIFE] = m->p.own_half_life,
                                     [NUMBER_PROFILE_HALF_LIFE] = m->p.profile_half_life,
                                     [NUMBER_LOOKS_HALF_LIFE] = m->p.looks_half_life,
                                     [NUMBER_HAS_ALS] = m->has_als,
                                     [NUMBER_LIKING] = m->p.liking};
    return store_put(out, "fit_numbers", STORE_F64, 1, NUMBERS, numbers, e) &&
           store_put(out, "fit_weights", STORE_F32, 1, RECOMMEND_SOURCES, m->p.weights.of, e);
}

static bool put_ranker(store_writer *out, const recommend_fit *m, err *e) {
    if (!m->ranker) return true;
    return store_put(out, "facts_article", STORE_F32, m->d->articles, FACT_ARTICLES,
                     m->facts->article, e) &&
           store_put(out, "facts_customer", STORE_F32, m->d->customers, FACT_CUSTOMERS,
                     m->facts->customer, e) &&
           trees_put(out, "ranker", m->ranker, e);
}

bool recommend_file_put(store_writer *out, const recommend_fit *m, arena scratch, err *e) {
    return put_logs(out, m, scratch, e) && put_matrices(out, m, e) &&
           put_articles(out, m, scratch, e) && put_customers(out, m, e) &&
           put_numbers(out, m, e) && put_ranker(out, m, e);
}

/* ---- get ---- */

/* An array of rows × cols (each -1: any); NULL and e when it is not there. */
static const void *get(const store *file, const char *what, store_type type, int64_t rows,
                       int64_t cols, err *e) {
    int64_t has_rows, has_cols;
    const void *found = store_get(file, what, type, &has_rows, &has_cols);
    if (found && (rows < 0 || has_rows == rows) && (cols < 0 || has_cols == cols)) return found;
    fail(e, "recommend.atm: the array %s is missing or of another size: run step 10 again", what);
    return NULL;
}

/* The rows of one customer as a log of customer 0. */
static bool get_log(recommend_log *to, const store *file, const char *what, int64_t customer,
                    arena *keep, err *e) {
    const int64_t *at = get(file, name(what, "at").text, STORE_I64, -1, 1, e);
    const int32_t *item = at ? get(file, name(what, "item").text, STORE_I32, -1, -1, e) : NULL;
    const int32_t *day = item ? get(file, name(what, "day").text, STORE_I32, -1, -1, e) : NULL;
    const float *weight = day ? get(file, name(what, "weight").text, STORE_F32, -1, -1, e) : NULL;
    if (!weight) return false;
    int64_t from = at[customer], n = at[customer + 1] - from;
    *to = (recommend_log){n, take(keep, int32_t, n), item + from, day + from, weight + from};
    return true;
}

static bool get_matrices(recommend_fit *m, const store *file, err *e) {
    sparse *all[MATRICES];
    matrices_of(m, all);
    for (int i = 0; i < MATRICES; i++) {
        int64_t rows = 0;
        const char *what = matrix_names[i];
        const void *at = get(file, name(what, "at").text, STORE_I64, -1, 1, e);
        const void *col = at ? get(file, name(what, "col").text, STORE_I32, -1, -1, e) : NULL;
        const void *value = col ? get(file, name(what, "value").text, STORE_F32, -1, -1, e) : NULL;
        if (!value) return false;
        store_get(file, name(what, "at").text, STORE_I64, &rows, NULL);
        /* read only: ranking does not write */
        *all[i] = (sparse){rows - 1, m->d->articles, (int64_t *)(uintptr_t)at,
                           (int32_t *)(uintptr_t)col, (float *)(uintptr_t)value};
    }
    return true;
}

static bool get_numbers(recommend_fit *m, const store *file, err *e) {
    const double *numbers = get(file, "fit_numbers", STORE_F64, 1, NUMBERS, e);
    const float *weights = numbers ? get(file, "fit_weights", STORE_F32, 1, RECOMMEND_SOURCES, e)
                                   : NULL;
    if (!weights) return false;
    m->p = recommend_defaults(0);
    m->cutoff = (int32_t)numbers[NUMBER_CUTOFF];
    m->p.trend = numbers[NUMBER_TREND];
    m->p.als_half_life = numbers[NUMBER_TASTE_HALF_LIFE];
    m->p.own_half_life = numbers[NUMBER_OWN_HALF_LIFE];
    m->p.profile_half_life = numbers[NUMBER_PROFILE_HALF_LIFE];
    m->p.looks_half_life = numbers[NUMBER_LOOKS_HALF_LIFE];
    m->has_als = numbers[NUMBER_HAS_ALS] != 0;
    m->p.liking = numbers[NUMBER_LIKING];
    memcpy(m->p.weights.of, weights, sizeof *weights * RECOMMEND_SOURCES);
    return true;
}

static bool get_articles(recommend_fit *m, recommend_data *d, const store *file, err *e) {
    recommend_groups *groups[GROUPS];
    int64_t cols, bands = RECOMMEND_BANDS + 1;
    if (!store_get(file, "groups", STORE_I32, NULL, &cols)) cols = -1;
    d->articles = cols;
    groups_of(d, groups);
    const int32_t *codes = get(file, "groups", STORE_I32, GROUPS, cols, e);
    const void *active = codes ? get(file, "active", STORE_U8, cols, 1, e) : NULL;
    const void *popular = active ? get(file, "popular", STORE_F64, cols, 1, e) : NULL;
    const void *ids = popular ? get(file, "band_items", STORE_I32, bands, RECOMMEND_WIDTH, e)
                              : NULL;
    const void *scores = ids ? get(file, "band_scores", STORE_F32, bands, RECOMMEND_WIDTH, e)
                             : NULL;
    if (!scores) return false;
    for (int g = 0; g < GROUPS; g++) {
        *groups[g] = (recommend_groups){.code = codes + g * cols};
        for (int64_t a = 0; a < cols; a++)
            if (groups[g]->code[a] >= groups[g]->n) groups[g]->n = groups[g]->code[a] + 1;
    }
    m->active = (uint8_t *)(uintptr_t)active;
    m->popular = (double *)(uintptr_t)popular;
    m->popular_ids = (int32_t *)(uintptr_t)ids;
    m->popular_scores = (float *)(uintptr_t)scores;
    int64_t cells = ((int64_t)d->kind.n + 1) * REPURCHASE_CELLS;
    const void *rate = get(file, "again", STORE_F64, cells, 1, e);
    m->again = (repurchase_model){.p = REPURCHASE_DEFAULTS, .rate = (double *)(uintptr_t)rate};
    m->again.p.categories = d->kind.n;
    return rate != NULL;
}

bool recommend_file_articles(recommend_fit *m, recommend_data *d, const store *file, err *e) {
    *d = (recommend_data){.customers = 1};
    *m = (recommend_fit){.d = d};
    return get_numbers(m, file, e) && get_articles(m, d, file, e);
}

static bool get_factors(recommend_fit *m, const store *file, int64_t customer, err *e) {
    int64_t ld = 0;
    if (!m->has_als) return true;
    const float *item = get(file, "als_item", STORE_F32, m->d->articles, -1, e);
    if (!item) return false;
    store_get(file, "als_item", STORE_F32, NULL, &ld);
    const float *user = get(file, "als_user", STORE_F32, -1, ld, e);
    if (!user) return false;
    m->als = (als_model){.p = ALS_DEFAULTS, .users = 1, .items = m->d->articles, .ld = (int)ld,
                         .user = (float *)(uintptr_t)(user + customer * ld),
                         .item = (float *)(uintptr_t)item};
    return true;
}

static bool get_ranker(recommend_fit *m, const store *file, int64_t customer, arena *keep,
                       arena scratch, err *e) {
    if (!trees_stored(file, "ranker")) return true;
    trees *ranker = take(keep, trees, 1);
    recommend_facts *facts = take(keep, recommend_facts, 1);
    const float *article =
        get(file, "facts_article", STORE_F32, m->d->articles, FACT_ARTICLES, e);
    const float *who = article ? get(file, "facts_customer", STORE_F32, -1, FACT_CUSTOMERS, e)
                               : NULL;
    if (!who || !trees_get(ranker, file, "ranker", keep, scratch, e)) return false;
    *facts = (recommend_facts){m->cutoff, (float *)(uintptr_t)article,
                               (float *)(uintptr_t)(who + customer * FACT_CUSTOMERS)};
    m->ranker = ranker;
    m->facts = facts;
    m->p.ranker = true;
    return true;
}

bool recommend_file_get(recommend_fit *m, recommend_data *d, const store *file, int64_t customer,
                        arena *keep, arena scratch, err *e) {
    recommend_log bought;
    const int32_t *band = get(file, "band", STORE_I32, -1, 1, e);
    if (!band || !recommend_file_articles(m, d, file, e) ||
        !get_log(&bought, file, "history", customer, keep, e) ||
        !get_log(&d->looks, file, "looks", customer, keep, e))
        return false;
    int64_t *at = take(keep, int64_t, 2);
    at[1] = d->n = bought.n;
    d->at = at;
    d->customer = bought.customer;
    d->article = bought.article;
    d->day = bought.day;
    d->weight = bought.weight;
    d->band = take_copy(keep, int32_t, band + customer, 1);
    if (!get_matrices(m, file, e) || !get_factors(m, file, customer, e) ||
        !get_ranker(m, file, customer, keep, scratch, e))
        return false;
    recommend_fit_customers(m, keep, scratch);
    return true;
}
