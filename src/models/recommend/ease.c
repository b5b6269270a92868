/* ease: the closed-form linear model of items on items (EASE^R). */
#include "models/recommend/ease.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "models/recommend/knn.h"

enum { TILE = 256, ROWS = 16, QUERIES = 64 };

const char *ease_check(ease_params p) {
    if (!(p.lambda > 0) || isinf(p.lambda)) return "lambda of ease must be above 0";
    if (!(p.dropout >= 0 && p.dropout < 1)) return "dropout must be 0 or more and below 1";
    if (!(p.user_power >= 0)) return "user_power must be 0 or more";
    if (p.min_count < 1) return "min_count must be 1 or more";
    if (p.most_items < 1) return "most_items must be 1 or more";
    return NULL;
}

/* ---- G, the lower triangle ---- */

typedef struct gram {
    const sparse *by_user, *by_item;
    const float *factor; /* [customers] n_u^(-2 user_power) */
    const ease_model *m;
    ease_params p;
} gram;

static void gram_row(const gram *g, int64_t row, double *sum) {
    const ease_model *m = g->m;
    int64_t item = m->item[row];
    memset(sum, 0, sizeof *sum * (size_t)(row + 1));
    for (int64_t at = g->by_item->at[item]; at < g->by_item->at[item + 1]; at++) {
        int64_t user = g->by_item->col[at];
        double w = (double)g->by_item->value[at] * g->factor[user];
        for (int64_t i = g->by_user->at[user]; i < g->by_user->at[user + 1]; i++) {
            if (g->by_user->col[i] > item) break;
            int32_t place = m->place[g->by_user->col[i]];
            if (place >= 0) sum[place] += w * g->by_user->value[i];
        }
    }
    sum[row] += g->p.lambda + g->p.dropout / (1 - g->p.dropout) * sum[row];
    for (int64_t j = 0; j <= row; j++) m->b[row * m->n + j] = (float)sum[j];
}

static void gram_chunk(void *what, int64_t chunk, arena scratch) {
    const gram *g = what;
    double *sum = take(&scratch, double, g->m->n);
    for (int64_t row = chunk * ROWS; row < g->m->n && row < (chunk + 1) * ROWS; row++)
        gram_row(g, row, sum);
}

/* ---- the inverse: one tile after the other is swept, which leaves -A^-1 ----
 *
 *     A_ij -= A_ik A_kk^-1 A_kj,   A_ik = A_ik A_kk^-1,   A_kk = -A_kk^-1
 */

typedef struct sweep {
    float *a; /* [n, n] lower triangle */
    int64_t n, tiles, k;
    float *column, *scaled; /* [n, TILE] A_ik and A_ik A_kk^-1 of all rows i */
    float *inverse;         /* [TILE, TILE] A_kk^-1 */
    const float *diagonal;  /* [n] when B is made of it */
} sweep;

static int tile_rows(const sweep *s, int64_t tile) {
    return (int)(s->n - tile * TILE < TILE ? s->n - tile * TILE : TILE);
}

/* Place of (row r, column c) of the column of tiles k, whose upper part lies in row k. */
static float *entry(const sweep *s, int64_t r, int64_t c) {
    int64_t col = s->k * TILE + c;
    return r > col ? &s->a[r * s->n + col] : &s->a[col * s->n + r];
}

static bool invert_tile(sweep *s, arena scratch) {
    int b = tile_rows(s, s->k);
    double *d = take(&scratch, double, TILE * TILE);
    for (int i = 0; i < b; i++)
        for (int j = 0; j <= i; j++) d[i * TILE + j] = *entry(s, s->k * TILE + i, j);
    if (!kernels_blas.inverse_spd_d(b, d, TILE)) return false;
    for (int i = 0; i < b; i++)
        for (int j = 0; j < b; j++) s->inverse[i * TILE + j] = (float)d[i * TILE + j];
    return true;
}

static void scale_chunk(void *what, int64_t tile, arena scratch) {
    (void)scratch;
    const sweep *s = what;
    int m = tile_rows(s, tile), b = tile_rows(s, s->k);
    float *column = s->column + tile * TILE * TILE, *scaled = s->scaled + tile * TILE * TILE;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < b; j++) column[i * TILE + j] = *entry(s, tile * TILE + i, j);
    if (tile != s->k)
        kernels_blas.gemm(m, b, b, 1, column, TILE, s->inverse, TILE, 0, scaled, TILE);
}

/* Tiles (i, j), j <= i, numbered row by row. */
static void tile_of(int64_t number, int64_t *i, int64_t *j) {
    int64_t row = 0;
    while ((row + 1) * (row + 2) / 2 <= number) row++;
    *i = row;
    *j = number - row * (row + 1) / 2;
}

static void update_chunk(void *what, int64_t number, arena scratch) {
    (void)scratch;
    const sweep *s = what;
    int64_t i, j;
    tile_of(number, &i, &j);
    if (i == s->k || j == s->k) return;
    kernels_blas.gemm_nt(tile_rows(s, i), tile_rows(s, j), tile_rows(s, s->k), -1,
                         s->scaled + i * TILE * TILE, TILE, s->column + j * TILE * TILE, TILE, 1,
                         s->a + (i * s->n + j) * TILE, (int)s->n);
}

static void put_chunk(void *what, int64_t tile, arena scratch) {
    (void)scratch;
    const sweep *s = what;
    int m = tile_rows(s, tile), b = tile_rows(s, s->k);
    for (int i = 0; i < m; i++)
        for (int j = 0; j < b; j++) {
            if (tile != s->k)
                *entry(s, tile * TILE + i, j) = s->scaled[(tile * TILE + i) * TILE + j];
            else if (j <= i)
                *entry(s, tile * TILE + i, j) = -s->inverse[i * TILE + j];
        }
}

/* B_ij = -P_ij / P_jj for both triangles; a holds -P below. */
static void divide_chunk(void *what, int64_t number, arena scratch) {
    (void)scratch;
    const sweep *s = what;
    int64_t ti, tj;
    tile_of(number, &ti, &tj);
    for (int64_t i = ti * TILE; i < ti * TILE + tile_rows(s, ti); i++)
        for (int64_t j = tj * TILE; j < tj * TILE + tile_rows(s, tj) && j <= i; j++) {
            float v = s->a[i * s->n + j];
            s->a[i * s->n + j] = i == j ? 0 : -v / s->diagonal[j];
            s->a[j * s->n + i] = i == j ? 0 : -v / s->diagonal[i];
        }
}

static bool solve(float *a, int64_t n, pool *threads, arena scratch, err *e) {
    sweep s = {.a = a, .n = n, .tiles = (n + TILE - 1) / TILE, /* break: an empty one more */
               .inverse = take(&scratch, float, TILE * TILE)};
    s.column = take(&scratch, float, s.tiles * TILE * TILE);
    s.scaled = take(&scratch, float, s.tiles * TILE * TILE);
    int64_t pairs = s.tiles * (s.tiles + 1) / 2;
    for (s.k = 0; s.k < s.tiles; s.k++) {
        if (!invert_tile(&s, scratch))
            return refuse(e, "ease: the items' matrix cannot be inverted in single precision; "
                             "take a larger lambda");
        pool_for(threads, s.tiles, scale_chunk, &s);
        pool_for(threads, pairs, update_chunk, &s);
        pool_for(threads, s.tiles, put_chunk, &s);
    }
    float *diagonal = take(&scratch, float, n);
    for (int64_t i = 0; i < n; i++) diagonal[i] = a[i * n + i];
    s.diagonal = diagonal;
    pool_for(threads, pairs, divide_chunk, &s);
    return true;
}

/* ---- the model ---- */

static void choose_items(ease_model *m, const sparse *by_item, int min_count, arena *keep) {
    m->items = by_item->rows;
    m->place = take(keep, int32_t, m->items);
    m->item = take(keep, int32_t, m->items);
    for (int64_t i = 0; i < m->items; i++) {
        bool in = sparse_degree(by_item, i) >= min_count;
        m->place[i] = in ? (int32_t)m->n : -1;
        if (in) m->item[m->n++] = (int32_t)i;
    }
}

bool ease_fit(ease_model *m, const sparse *by_user, const sparse *by_item, ease_params p,
              pool *threads, arena *keep, arena scratch, err *e) {
    const char *wrong = ease_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    for (int64_t at = 0; at < sparse_count(by_user); at++)
        if (!(by_user->value[at] >= 0))
            return refuse(e, "ease: a weight is %g; weights must be 0 or more",
                          (double)by_user->value[at]);
    *m = (ease_model){0};
    choose_items(m, by_item, p.min_count, keep);
    double bytes = 4.0 * (double)m->n * (double)m->n, gb = bytes / 1e9;
    if (m->n > p.most_items || bytes > 0.99 * (double)arena_left(keep))
        return refuse(e, "ease holds a number for every pair of items: %lld items would take "
                         "%.1f GB; fit the articles sold lately alone, leave out rare ones with a "
                         "higher min_count (%d now), or take rp3beta or knn",
                      (long long)m->n, gb, p.min_count);
    m->b = take(keep, float, m->n * m->n);
    float *factor = take(&scratch, float, by_user->rows);
    for (int64_t u = 0; u < by_user->rows; u++)
        factor[u] = (float)pow((double)sparse_degree(by_user, u), -2.0 * p.user_power);
    gram g = {by_user, by_item, factor, m, p};
    pool_for(threads, (m->n + ROWS - 1) / ROWS, gram_chunk, &g); /* break: an empty one more */
    return solve(m->b, m->n, threads, scratch, e);
}

/* ---- lists ---- */

typedef struct lists {
    const ease_model *m;
    const sparse *history;
    neighbours_rule rule;
    int32_t *ids;
    float *scores;
} lists;

static void one_list(const lists *l, int64_t q, float *sum) {
    const ease_model *m = l->m;
    const neighbours_rule *rule = &l->rule;
    memset(sum, 0, sizeof *sum * (size_t)m->n);
    for (int64_t at = l->history->at[q]; at < l->history->at[q + 1]; at++) {
        int32_t place = m->place[l->history->col[at]];
        if (place >= 0)
            kernels_blas.axpy((int)m->n, l->history->value[at], m->b + place * m->n, sum);
    }
    neighbours_list list = {.k = rule->k, .ids = l->ids + q * rule->k,
                            .scores = l->scores + q * rule->k};
    for (int64_t i = 0; i < m->n; i++) {
        int32_t item = m->item[i];
        if (!(sum[i] > 0) || (list.n == list.k && sum[i] <= list.scores[0])) continue;
        if (rule->allowed && !bitmap_has(rule->allowed, item)) continue;
        if (rule->skip_self && item == q) continue;
        if (rule->skip && sparse_has(rule->skip, q, item)) continue;
        neighbours_offer(&list, item, sum[i]);
    }
    neighbours_sort(&list);
}

static void list_chunk(void *what, int64_t chunk, arena scratch) {
    const lists *l = what;
    float *sum = take(&scratch, float, l->m->n);
    for (int64_t q = chunk * QUERIES; q < l->history->rows && q < (chunk + 1) * QUERIES; q++)
        one_list(l, q, sum);
}

void ease_lists(const ease_model *m, const sparse *history, neighbours_rule rule, int32_t *ids,
                float *scores, pool *threads) {
    assert(rule.k >= 1 && rule.k <= NEIGHBOURS_MOST && history->cols == m->items);
    lists l = {m, history, rule, ids, scores};
    int64_t chunks = (history->rows + QUERIES - 1) / QUERIES; /* break: an empty one more */
    pool_for(threads, chunks, list_chunk, &l);
}

sparse ease_sparse(const ease_model *m, int most, arena *keep, arena scratch) {
    assert(most >= 1 && most <= NEIGHBOURS_MOST);
    int32_t *ids = take(&scratch, int32_t, m->items * most);
    float *scores = take(&scratch, float, m->items * most);
    for (int64_t i = 0; i < m->items * most; i++) ids[i] = -1;
    for (int64_t i = 0; i < m->n; i++) {
        int64_t at = m->item[i] * (int64_t)most;
        neighbours_list list = {.k = most, .ids = ids + at, .scores = scores + at};
        for (int64_t j = 0; j < m->n; j++)
            if (m->b[i * m->n + j] != 0)
                neighbours_offer(&list, m->item[j], fabsf(m->b[i * m->n + j]));
        neighbours_sort(&list);
        for (int j = 0; j < list.n; j++)
            list.scores[j] = m->b[i * m->n + m->place[list.ids[j]]];
    }
    return knn_matrix(ids, scores, m->items, most, m->items, keep, scratch);
}
