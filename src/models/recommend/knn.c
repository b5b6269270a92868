/* knn: item-item neighbours from who bought what: cosine, TF-IDF or BM25 weights. */
#include "models/recommend/knn.h"

#include <assert.h>
#include <math.h>

#include "models/recommend/neighbours.h"
#include "models/recommend/pairs.h"

const char *knn_check(knn_params p) {
    if (p.keep < 1 || p.keep > NEIGHBOURS_MOST) return "neighbours must be in 1..4096";
    if (p.longest < 2) return "longest must be 2 or more";
    if (!(p.shrink >= 0)) return "shrink must be 0 or more";
    if (!(p.user_power >= 0)) return "user_power must be 0 or more";
    if (p.min_support < 1) return "min_support must be 1 or more";
    if (!(p.norm >= 0 && p.norm <= 1)) return "norm must be in 0..1";
    if (!(p.asymmetry >= 0 && p.asymmetry <= 1)) return "asymmetry must be in 0..1";
    if (!(p.k1 >= 0)) return "k1 must be 0 or more";
    if (!(p.b >= 0 && p.b <= 1)) return "b must be in 0..1";
    if (!(p.pair_half_life >= 0)) return "pair_half_life must be 0 or more";
    return NULL;
}

static float tf(const sparse *m, knn_params p, int64_t at) { return p.amounts ? m->value[at] : 1; }

/* What a customer's entries are multiplied by; 0 = passed over. */
static double customer_weight(const sparse *by_user, int64_t user, knn_params p) {
    int64_t n = sparse_degree(by_user, user);
    if (n < 2 || n > p.longest) return 0;
    double idf = log((double)by_user->cols / (1 + (double)n));
    if (p.weighting == KNN_COSINE) idf = 1;
    return pow((double)n, -(double)p.user_power) * (idf > 0 ? idf : 0);
}

/* [items] what BM25 divides an item's terms by: 1 - b + b length / mean length. */
static float *bm25_lengths(const sparse *by_user, knn_params p, arena *keep) {
    double *length = take(keep, double, by_user->cols), all = 0;
    float *out = take(keep, float, by_user->cols);
    for (int64_t at = 0; at < sparse_count(by_user); at++) {
        length[by_user->col[at]] += tf(by_user, p, at);
        all += tf(by_user, p, at);
    }
    double mean = all > 0 ? all / (double)by_user->cols : 1;
    for (int64_t i = 0; i < by_user->cols; i++)
        out[i] = (float)(1 - p.b + p.b * length[i] / mean);
    return out;
}

/* w(u, i) of each entry of by_user. */
static float *weigh(const sparse *by_user, knn_params p, arena *keep) {
    float *w = take(keep, float, sparse_count(by_user));
    const float *length = p.weighting == KNN_BM25 ? bm25_lengths(by_user, p, keep) : NULL;
    for (int64_t u = 0; u < by_user->rows; u++) {
        double customer = customer_weight(by_user, u, p);
        for (int64_t at = by_user->at[u]; at < by_user->at[u + 1]; at++) {
            double t = tf(by_user, p, at);
            if (p.weighting == KNN_TFIDF) t = sqrt(t);
            if (p.weighting == KNN_BM25)
                t = t * (p.k1 + 1) / (t + p.k1 * length[by_user->col[at]]);
            w[at] = (float)(customer * t);
        }
    }
    return w;
}

typedef struct lengths {
    const float *from, *to; /* [items] powers of |w_i|, for the first and the second of a pair */
    float shrink;
} lengths;

static float similarity(const void *what, int32_t item, int32_t other, float sum) {
    const lengths *l = what;
    return sum / (l->from[item] * l->to[other]) * (sum / (sum + l->shrink));
}

/* [items] sum of squares of an item's weights, to a power; 1 where there are none. */
static float *norms(const sparse *by_item, const float *w, double power, arena *keep) {
    float *out = take(keep, float, by_item->rows);
    for (int64_t i = 0; i < by_item->rows; i++) {
        double sum = 0;
        for (int64_t at = by_item->at[i]; at < by_item->at[i + 1]; at++)
            sum += (double)w[at] * w[at];
        out[i] = sum > 0 ? (float)pow(sum, power) : 1;
    }
    return out;
}

sparse knn_matrix(const int32_t *ids, const float *scores, int64_t rows, int k, int64_t cols,
                  arena *keep, arena scratch) {
    int64_t n = 0;
    int32_t *row = take(&scratch, int32_t, rows * k), *col = take(&scratch, int32_t, rows * k);
    float *value = take(&scratch, float, rows * k);
    for (int64_t at = 0; at < rows * k; at++) {
        if (ids[at] < 0) continue;
        row[n] = (int32_t)(at / k);
        col[n] = ids[at];
        value[n++] = scores[at];
    }
    return sparse_from_triples(rows, cols, n, row, col, value, keep, scratch);
}

sparse knn_fit_timed(const sparse *by_user, const sparse *by_item, const int32_t *day,
                     knn_params p, pool *threads, arena *keep, arena scratch) {
    assert(knn_check(p) == NULL);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    const float *to = weigh(by_user, p, &scratch);
    const float *from = pairs_by_item(by_user, by_item, to, &scratch, inner);
    lengths l = {norms(by_item, from, p.norm * p.asymmetry, &scratch),
                 norms(by_item, from, p.norm * (1 - p.asymmetry), &scratch), p.shrink};
    pairs c = {.by_user = by_user, .by_item = by_item, .from = from, .to = to,
               .day = p.pair_half_life > 0 ? day : NULL, .half_life = p.pair_half_life,
               .keep = p.keep, .min_support = p.min_support, .score = similarity, .what = &l};
    return pairs_fit(&c, threads, keep, inner);
}

sparse knn_fit(const sparse *by_user, const sparse *by_item, knn_params p, pool *threads,
               arena *keep, arena scratch) {
    return knn_fit_timed(by_user, by_item, NULL, p, threads, keep, scratch);
}
