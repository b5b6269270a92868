/* neighbours_sparse: exact top-k of products of sparse rows: term by term, or 64 rows at once. */
#include "models/recommend/neighbours.h"

#include <assert.h>
#include <float.h>
#include <math.h>

#include "models/recommend/neighbours_simd.h"

enum { QUERIES = 64, LANES = NEIGHBOURS_LANES, TOP = 32767 };

typedef struct cosine {
    const sparse *query, *by_term;
    neighbours_rule rule;
    int32_t *ids;
    float *scores;
} cosine;

static bool listed(const neighbours_rule *rule, int64_t query, int32_t item) {
    return (!rule->allowed || bitmap_has(rule->allowed, item)) &&
           !(rule->skip_self && item == query) &&
           !(rule->skip && sparse_has(rule->skip, query, item));
}

static void offer(const cosine *c, neighbours_list *l, int64_t query, int32_t item, float score) {
    if (!(score > 0)) return;
    if (l->n == l->k && !neighbours_before(score, item, l->scores[0], l->ids[0])) return;
    if (listed(&c->rule, query, item)) neighbours_offer(l, item, score);
}

static neighbours_list list_of(const cosine *c, int64_t query) {
    int k = c->rule.k;
    return (neighbours_list){.k = k, .ids = c->ids + query * k, .scores = c->scores + query * k};
}

/* ---- term by term ---- */

/* All zeros before and after a query. */
typedef struct sums {
    float *sum;       /* [items] */
    uint8_t *met;     /* [items] 1 = stands in touched; a sum may be 0 again or still */
    int32_t *touched; /* [items] */
} sums;

static sums sums_of(const cosine *c, arena *a) {
    int64_t items = c->by_term->cols;
    return (sums){take(a, float, items), take(a, uint8_t, items), take(a, int32_t, items)};
}

static void one_cosine(const cosine *c, int64_t query, sums s) {
    int n = 0;
    for (int64_t at = c->query->at[query]; at < c->query->at[query + 1]; at++) {
        int64_t term = c->query->col[at];
        float w = c->query->value[at];
        if (w == 0) continue;
        for (int64_t i = c->by_term->at[term]; i < c->by_term->at[term + 1]; i++) {
            int32_t item = c->by_term->col[i];
            if (s.sum[item] == 0 && !s.met[item]) {
                s.met[item] = 1;
                s.touched[n++] = item;
            }
            s.sum[item] += w * c->by_term->value[i];
        }
    }
    neighbours_list list = list_of(c, query);
    for (int i = 0; i < n; i++) {
        int32_t item = s.touched[i];
        offer(c, &list, query, item, s.sum[item]);
        s.sum[item] = 0;
        s.met[item] = 0;
    }
    neighbours_sort(&list);
}

static void sparse_chunk(void *what, int64_t chunk, arena scratch) {
    const cosine *c = what;
    sums s = sums_of(c, &scratch);
    int64_t end = (chunk + 1) * QUERIES;
    if (end > c->query->rows) end = c->query->rows;
    for (int64_t q = chunk * QUERIES; q < end; q++) one_cosine(c, q, s);
}

void neighbours_sparse(const sparse *query, const sparse *by_term, neighbours_rule rule,
                       int32_t *ids, float *scores, pool *threads) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST && query->cols == by_term->rows);
    cosine c = {query, by_term, rule, ids, scores};
    pool_for(threads, (query->rows + QUERIES - 1) / QUERIES, sparse_chunk, &c);
}

/* ---- 64 rows at once ---- */

/* Longer rows are compared term by term: their sums in 16 bits say too little. */
enum { LONG = 256 };

typedef struct table {
    cosine c;
    int32_t *rows; /* [n_rows] queries that are not empty */
    int64_t n_rows;
    sparse item;    /* by_term turned back: the terms of each item */
    int32_t *items; /* [n_items] items that are not empty */
    int64_t n_items;
    int16_t *value; /* [entries of item] value * TOP / longest, rounded down */
    double longest; /* the largest length of an item */
} table;

/* One block of queries; slot s > 0 stands for a term that at least one of them has. */
typedef struct block {
    neighbours_block sums;
    int64_t query[LANES];
    neighbours_list list[LANES];
    double length[LANES];
    int terms[LANES];
    bool alone[LANES];     /* to be compared term by term */
    const float *exact;    /* [slots, LANES] the weights as they are */
} block;

static double length_of(const sparse *m, int64_t row) {
    double square = 0;
    for (int64_t at = m->at[row]; at < m->at[row + 1]; at++)
        square += (double)m->value[at] * m->value[at]; /* break: no length, no table */
    return sqrt(square);
}

/* Products lose less than 1 by rounding and up to (weight + value) / 65536 by what was cut off the
 * two, so a sum of n says at least its true value less n + 2 sqrt(n); the float sum errs by n
 * 2^-24 of itself, and by 2^-149 where a product falls under the range. */
static int16_t limit_of(const table *t, const block *b, int lane) {
    const neighbours_list *l = &b->list[lane];
    if (b->alone[lane]) return INT16_MAX;
    if (l->n < l->k) return 1;
    double n = b->terms[lane], worst = l->scores[0] * (1 - (n + 2) * 0x1p-23) - n * 0x1p-148;
    double limit = worst / (b->length[lane] * t->longest) * ((double)TOP * TOP / 65536) - n -
                   2 * sqrt(n) - 2;
    return (int16_t)(limit < 1 ? 1 : limit < TOP ? limit : TOP);
}

static void open_block(const table *t, int64_t first, block *b, arena *a) {
    const sparse *m = t->c.query;
    int64_t most = 1;
    for (int l = 0; l < LANES; l++) {
        b->alone[l] = true;
        b->sums.limit[l] = INT16_MAX;
        if (first + l >= t->n_rows) continue;
        b->query[l] = t->rows[first + l];
        b->list[l] = list_of(&t->c, b->query[l]);
        b->length[l] = length_of(m, b->query[l]);
        b->terms[l] = (int)sparse_degree(m, b->query[l]);
        b->alone[l] = sparse_degree(m, b->query[l]) > LONG ||
                      !(b->length[l] * t->longest < FLT_MAX / 2);
        if (!b->alone[l]) most += b->terms[l];
        b->sums.limit[l] = limit_of(t, b, l);
    }
    int32_t *slot = take(a, int32_t, m->cols), slots = 1;
    int16_t *weight = take(a, int16_t, most * LANES);
    float *exact = take(a, float, most * LANES);
    for (int l = 0; l < LANES; l++) {
        if (b->alone[l]) continue;
        for (int64_t at = m->at[b->query[l]]; at < m->at[b->query[l] + 1]; at++) {
            int32_t *s = &slot[m->col[at]];
            if (*s == 0) *s = slots++;
            exact[*s * LANES + l] = m->value[at];
            weight[*s * LANES + l] = (int16_t)(m->value[at] / b->length[l] * TOP);
        }
    }
    b->sums.slot = slot;
    b->sums.weight = weight;
    b->exact = exact;
}

/* The product itself, its terms added in their order, as one_cosine does. */
static float product(const table *t, const block *b, int lane, int32_t item) {
    float sum = 0;
    for (int64_t at = t->item.at[item]; at < t->item.at[item + 1]; at++) {
        float w = b->exact[b->sums.slot[t->item.col[at]] * LANES + lane];
        sum += w * t->item.value[at]; /* break: lists left short are made term by term */
    }
    return sum;
}

/* Items pass in their order, from the first query's own on: what lies near in a catalogue is
 * often alike, and good lists early keep the others out. */
static void pass_items(const table *t, block *b) {
    static uint64_t (*const meet[])(const neighbours_block *, int64_t, const int32_t *,
                                    const int16_t *) = SIMD_TABLE(neighbours_sums);
    int64_t start = 0;
    while (start < t->n_items - 1 && t->items[start] < b->query[0]) start++;
    for (int64_t i = 0; i < t->n_items; i++) {
        int32_t item = t->items[(start + i) % t->n_items];
        int64_t at = t->item.at[item], n = t->item.at[item + 1] - at;
        uint64_t hits = meet[simd_level()](&b->sums, n, t->item.col + at, t->value + at);
        for (; hits; hits &= hits - 1) {
            int l = __builtin_ctzll(hits);
            if (b->alone[l]) continue;
            offer(&t->c, &b->list[l], b->query[l], item, product(t, b, l, item));
            b->sums.limit[l] = limit_of(t, b, l);
        }
    }
}

static void table_chunk(void *what, int64_t chunk, arena scratch) {
    const table *t = what;
    int64_t first = chunk * LANES;
    block *b = take(&scratch, block, 1);
    sums s = sums_of(&t->c, &scratch);
    open_block(t, first, b, &scratch);
    pass_items(t, b);
    for (int l = 0; l < LANES && first + l < t->n_rows; l++) {
        /* a list with free places may miss what 16 bits round to nothing */
        if (b->alone[l] || b->list[l].n < b->list[l].k)
            one_cosine(&t->c, b->query[l], s);
        else
            neighbours_sort(&b->list[l]);
    }
}

static int32_t *filled_rows(const sparse *m, int64_t *n, arena *keep) {
    int32_t *rows = take(keep, int32_t, m->rows);
    for (int64_t r = 0; r < m->rows; r++)
        if (sparse_degree(m, r) > 0) rows[(*n)++] = (int32_t)r;
    return rows;
}

static bool has_negative(const sparse *m) {
    for (int64_t i = 0; i < sparse_count(m); i++)
        if (m->value[i] < 0) return true;
    return false;
}

/* True when 64 rows at once need fewer steps than term by term; never without wide registers. */
static bool worth_a_table(const table *t, arena scratch) {
    if (simd_level() == SIMD_PLAIN) return false;
    int64_t *has = take(&scratch, int64_t, t->c.query->cols);
    double products = 0;
    for (int64_t i = 0; i < sparse_count(t->c.query); i++) has[t->c.query->col[i]]++;
    for (int64_t term = 0; term < t->c.query->cols; term++)
        products += (double)has[term] * /* break: decides speed alone */
                    (double)sparse_degree(t->c.by_term, term);
    double blocks = (double)((t->n_rows + LANES - 1) / LANES);
    return products > blocks * (double)(sparse_count(t->c.by_term) + 4 * t->n_items);
}

void neighbours_table(const sparse *query, const sparse *by_term, neighbours_rule rule,
                      int32_t *ids, float *scores, pool *threads, arena scratch) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST && query->cols == by_term->rows);
    table t = {.c = {query, by_term, rule, ids, scores}};
    t.rows = filled_rows(query, &t.n_rows, &scratch);
    t.item = sparse_transpose(by_term, &scratch);
    t.items = filled_rows(&t.item, &t.n_items, &scratch);
    for (int64_t i = 0; i < t.n_items; i++)
        t.longest = fmax(t.longest, length_of(&t.item, t.items[i]) * (1 + 1e-10));
    if (t.n_items == 0 || t.longest == 0 || has_negative(query) || has_negative(by_term) ||
        !worth_a_table(&t, scratch)) {
        neighbours_sparse(query, by_term, rule, ids, scores, threads);
        return;
    }
    int64_t n = sparse_count(&t.item);
    t.value = take(&scratch, int16_t, n);
    for (int64_t i = 0; i < n; i++) t.value[i] = (int16_t)(t.item.value[i] / t.longest * TOP);
    for (int64_t q = 0; q < query->rows; q++) {
        neighbours_list none = list_of(&t.c, q);
        if (sparse_degree(query, q) == 0) neighbours_sort(&none);
    }
    pool_for(threads, (t.n_rows + LANES - 1) / LANES, table_chunk, &t);
}
