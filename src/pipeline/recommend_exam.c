/* recommend_exam: lists of 12 against what customers bought in the weeks after each cut-off. */
#include "pipeline/recommend_exam.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/metrics_rank.h"

enum { K = RECOMMEND_K };

const char *const recommend_metrics[RECOMMEND_METRICS] = {"map_at_12", "ndcg_at_12", "hr_at_12",
                                                          "mrr_at_12", "recall_at_12"};

recommend_exam recommend_exam_open(const recommend_week *weeks, int n_weeks, int64_t customers,
                                   uint64_t seed, arena *keep, arena scratch) {
    recommend_exam x = {.n_weeks = n_weeks, .weeks = weeks, .seed = seed};
    int32_t *number = take(&scratch, int32_t, customers); /* + 1 */
    for (int w = 0; w < n_weeks; w++) x.n += weeks[w].units.n;
    x.cluster = take(keep, int32_t, x.n);
    int64_t at = 0;
    for (int w = 0; w < n_weeks; w++)
        for (int64_t i = 0; i < weeks[w].units.n; i++) {
            int32_t *is = &number[weeks[w].units.customers[i]];
            if (*is == 0) *is = (int32_t)++x.clusters;
            x.cluster[at++] = *is - 1;
        }
    return x;
}

/* ---- lists ---- */

int32_t *recommend_exam_blend(const recommend_exam *x, hybrid_weights w, pool *threads,
                              arena *keep, arena scratch) {
    int32_t *ids = take(keep, int32_t, x->n * K), *to = ids;
    float *scores = take(&scratch, float, x->n * K);
    for (int i = 0; i < x->n_weeks; i++) {
        hybrid_lists lists = {.k = K, .ids = to, .scores = scores};
        hybrid_blend(&x->weeks[i].lists, w, lists, threads);
        to += x->weeks[i].units.n * K;
    }
    return ids;
}

static int add_once(int32_t *list, int n, int32_t id) {
    for (int i = 0; i < n; i++)
        if (list[i] == id) return n;
    list[n] = id;
    return n + 1;
}

static void cascade(const hybrid_problem *p, int64_t user, const int *sources, int n_sources,
                    int32_t *list) {
    int n = 0;
    for (int s = 0; s < n_sources; s++) {
        const hybrid_source *from = &p->sources[sources[s]];
        if (from->width == 0) continue;
        int64_t row = from->list ? from->list[user] : user;
        const int32_t *ids = from->ids + row * from->width;
        for (int i = 0; i < from->width && ids[i] >= 0 && n < K; i++) n = add_once(list, n, ids[i]);
    }
    while (n < K) list[n++] = -1;
}

int32_t *recommend_exam_cascade(const recommend_exam *x, const int *sources, int n_sources,
                                arena *keep) {
    int32_t *ids = take(keep, int32_t, x->n * K), *to = ids;
    for (int w = 0; w < x->n_weeks; w++)
        for (int64_t u = 0; u < x->weeks[w].units.n; u++, to += K)
            cascade(&x->weeks[w].lists, u, sources, n_sources, to);
    return ids;
}

/* ---- marks ---- */

static void mark_units(const recommend_exam *x, const int32_t *ids, recommend_marks *m) {
    int64_t at = 0;
    for (int w = 0; w < x->n_weeks; w++) {
        const sparse *truth = &x->weeks[w].units.truth;
        for (int64_t u = 0; u < truth->rows; u++, at++) {
            metrics_rank r = metrics_rank_one(ids + at * K, K, truth->col + truth->at[u],
                                              sparse_degree(truth, u), K);
            m->of[RECOMMEND_MAP][at] = r.ap;
            m->of[RECOMMEND_NDCG][at] = r.ndcg;
            m->of[RECOMMEND_HR][at] = r.hit;
            m->of[RECOMMEND_MRR][at] = r.mrr;
            m->of[RECOMMEND_RECALL][at] = r.recall;
        }
    }
}

/* Coverage, novelty and Gini index of the lists of one week, added up with its units as weight. */
static void mark_lists(const recommend_week *w, const int32_t *ids, recommend_marks *m,
                       double share, arena scratch) {
    int64_t articles = w->lists.items, places = 0, listed = 0;
    double *count = take(&scratch, double, articles), surprise = 0, ranked = 0;
    for (int64_t i = 0; i < w->units.n * K; i++) {
        if (ids[i] < 0) continue;
        listed += count[ids[i]]++ == 0;
        surprise += (double)w->surprise[ids[i]];
        places++;
    }
    if (places == 0 || w->n_active == 0) return;
    int32_t *order = order_count(articles, &scratch);
    order_down(order, articles, count, scratch);
    int64_t n = w->n_active > listed ? w->n_active : listed;
    for (int64_t i = 0; i < listed; i++) ranked += (double)(n - i) * count[order[i]];
    m->coverage += share * (double)listed / (double)n;
    m->novelty += share * surprise / (double)places;
    m->gini += share * (2 * ranked / ((double)n * (double)places) - (double)(n + 1) / (double)n);
}

recommend_marks recommend_exam_mark(const recommend_exam *x, const int32_t *ids, arena *keep,
                                    arena scratch) {
    recommend_marks m = {0};
    for (int i = 0; i < RECOMMEND_METRICS; i++) m.of[i] = take(keep, double, x->n);
    mark_units(x, ids, &m);
    for (int w = 0; w < x->n_weeks; w++) {
        int64_t n = x->weeks[w].units.n;
        mark_lists(&x->weeks[w], ids, &m, x->n > 0 ? (double)n / (double)x->n : 0, scratch);
        ids += n * K;
    }
    return m;
}

metrics_interval recommend_exam_interval(const recommend_exam *x, const double *a, const double *b,
                                         recommend_part part, arena scratch) {
    double *sum = take(&scratch, double, x->clusters), *units = take(&scratch, double, x->clusters);
    int64_t at = 0, n = 0;
    for (int w = 0; w < x->n_weeks; w++)
        for (int64_t u = 0; u < x->weeks[w].units.n; u++, at++) {
            if (part.week >= 0 && part.week != w) continue;
            if (part.segment >= 0 && part.segment != x->weeks[w].segment[u]) continue;
            sum[x->cluster[at]] += a[at] - (b ? b[at] : 0);
            units[x->cluster[at]] += 1;
            n++;
        }
    metrics_interval i = {NAN, NAN, NAN, 0};
    if (n > 0)
        i = metrics_bootstrap_ratio(sum, units, x->clusters, x->seed, METRICS_RESAMPLES, scratch);
    i.n = n;
    return i;
}

/* ---- sources ---- */

static void find_unit(const recommend_week *w, int64_t u, int64_t *candidates, int64_t *hits,
                      int64_t *alone) {
    const sparse *truth = &w->units.truth;
    const int32_t *wanted = truth->col + truth->at[u];
    int64_t m = sparse_degree(truth, u);
    for (int64_t j = 0; j < m; j++) {
        int found = 0, last = 0;
        for (int s = 0; s < w->lists.n; s++) {
            const hybrid_source *from = &w->lists.sources[s];
            if (from->width == 0) continue;
            const int32_t *ids = from->ids + (from->list ? from->list[u] : u) * from->width;
            for (int i = 0; i < from->width && ids[i] >= 0; i++) {
                candidates[s] += j == 0;
                if (ids[i] != wanted[j]) continue;
                hits[s]++;
                found++;
                last = s;
            }
        }
        hits[RECOMMEND_SOURCES] += found > 0;
        if (found == 1) alone[last]++;
    }
}

/* Distinct candidates of all sources. */
static int64_t count_distinct(const recommend_week *w, arena scratch) {
    int32_t *seen = take(&scratch, int32_t, w->lists.items);
    int64_t n = 0;
    for (int64_t u = 0; u < w->units.n; u++)
        for (int s = 0; s < w->lists.n; s++) {
            const hybrid_source *from = &w->lists.sources[s];
            if (from->width == 0) continue;
            const int32_t *ids = from->ids + (from->list ? from->list[u] : u) * from->width;
            for (int i = 0; i < from->width && ids[i] >= 0; i++) {
                n += seen[ids[i]] != (int32_t)u + 1;
                seen[ids[i]] = (int32_t)u + 1;
            }
        }
    return n;
}

void recommend_exam_sources(const recommend_exam *x, recommend_found *found, arena scratch) {
    int64_t candidates[RECOMMEND_SOURCES + 1] = {0}, hits[RECOMMEND_SOURCES + 1] = {0};
    int64_t alone[RECOMMEND_SOURCES + 1] = {0}, wanted = 0;
    for (int w = 0; w < x->n_weeks; w++) {
        wanted += sparse_count(&x->weeks[w].units.truth);
        candidates[RECOMMEND_SOURCES] += count_distinct(&x->weeks[w], scratch);
        for (int64_t u = 0; u < x->weeks[w].units.n; u++)
            find_unit(&x->weeks[w], u, candidates, hits, alone);
    }
    for (int s = 0; s <= RECOMMEND_SOURCES; s++)
        found[s] = (recommend_found){
            .volume = x->n > 0 ? (double)candidates[s] / (double)x->n : 0,
            .recall = wanted > 0 ? (double)hits[s] / (double)wanted : 0,
            .marginal = wanted > 0 ? (double)alone[s] / (double)wanted : 0,
            .hit_ratio = candidates[s] > 0 ? (double)hits[s] / (double)candidates[s] : 0};
    found[RECOMMEND_SOURCES].marginal = found[RECOMMEND_SOURCES].recall;
}

