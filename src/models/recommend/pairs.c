/* pairs: items that share customers: sums over the customers, cut to the best of each item. */
#include "models/recommend/pairs.h"

#include <assert.h>
#include <math.h>

#include "models/recommend/knn.h"
#include "models/recommend/neighbours.h"

enum { ITEMS = 64 };

typedef struct plan {
    const pairs *p;
    const int32_t *day; /* [entries of by_item], NULL = no decay */
    const float *decay; /* [longest time between two days + 1] */
    int32_t *ids;       /* [items, keep] */
    float *scores;
} plan;

typedef struct sums {
    float *of;      /* [items] */
    int32_t *count; /* [items] customers who have both */
    int32_t *seen;  /* [items] the items with a count */
} sums;

static int add_customers(const plan *c, int64_t item, sums s) {
    const pairs *p = c->p;
    int n = 0;
    for (int64_t at = p->by_item->at[item]; at < p->by_item->at[item + 1]; at++) {
        int64_t user = p->by_item->col[at];
        float w = p->from[at];
        if (w == 0) continue;
        for (int64_t i = p->by_user->at[user]; i < p->by_user->at[user + 1]; i++) {
            int32_t other = p->by_user->col[i];
            float both = w * p->to[i];
            if (c->day) {
                int32_t apart = p->day[i] - c->day[at];
                both *= c->decay[apart < 0 ? -apart : apart];
            }
            if (s.count[other]++ == 0) s.seen[n++] = other;
            s.of[other] += both;
        }
    }
    return n;
}

static void one_item(const plan *c, int64_t item, sums s) {
    const pairs *p = c->p;
    int k = p->keep, n = add_customers(c, item, s);
    neighbours_list list = {.k = k, .ids = c->ids + item * k, .scores = c->scores + item * k};
    for (int i = 0; i < n; i++) {
        int32_t other = s.seen[i];
        bool enough = s.count[other] >= p->min_support && other != item;
        float score = enough ? p->score(p->what, (int32_t)item, other, s.of[other]) : 0;
        s.of[other] = 0;
        s.count[other] = 0;
        if (score > 0) neighbours_offer(&list, other, score);
    }
    neighbours_sort(&list);
}

static void pair_chunk(void *what, int64_t chunk, arena scratch) {
    const plan *c = what;
    int64_t items = c->p->by_item->rows;
    sums s = {take(&scratch, float, items), take(&scratch, int32_t, items),
              take(&scratch, int32_t, items)};
    int64_t end = (chunk + 1) * ITEMS < items ? (chunk + 1) * ITEMS : items;
    for (int64_t i = chunk * ITEMS; i < end; i++) one_item(c, i, s);
}

/* Place in by_item of each entry of by_user: customers ascend in both. */
static int64_t *places(const sparse *by_user, const sparse *by_item, arena *to) {
    int64_t *place = take(to, int64_t, sparse_count(by_user));
    int64_t *next = take_copy(to, int64_t, by_item->at, by_item->rows + 1);
    for (int64_t at = 0; at < sparse_count(by_user); at++) place[at] = next[by_user->col[at]]++;
    return place;
}

float *pairs_by_item(const sparse *by_user, const sparse *by_item, const float *value,
                     arena *keep, arena scratch) {
    const int64_t *place = places(by_user, by_item, &scratch);
    float *out = take(keep, float, sparse_count(by_user));
    for (int64_t at = 0; at < sparse_count(by_user); at++) out[place[at]] = value[at];
    return out;
}

static void add_decay(plan *c, arena *to) {
    const pairs *p = c->p;
    int64_t n = sparse_count(p->by_user);
    const int64_t *place = places(p->by_user, p->by_item, to);
    int32_t *day = take(to, int32_t, n), first = INT32_MAX, last = INT32_MIN;
    for (int64_t at = 0; at < n; at++) {
        day[place[at]] = p->day[at];
        if (p->day[at] < first) first = p->day[at];
        if (p->day[at] > last) last = p->day[at];
    }
    if (n == 0) return;
    float *decay = take(to, float, (int64_t)last - first + 1);
    for (int32_t d = 0; d <= last - first; d++) decay[d] = (float)exp2(-d / p->half_life);
    c->day = day;
    c->decay = decay;
}

sparse pairs_fit(const pairs *p, pool *threads, arena *keep, arena scratch) {
    assert(p->keep >= 1 && p->keep <= NEIGHBOURS_MOST && p->by_item->rows == p->by_user->cols);
    int64_t items = p->by_item->rows;
    plan c = {.p = p, .ids = take(&scratch, int32_t, items * p->keep),
              .scores = take(&scratch, float, items * p->keep)};
    if (p->day) add_decay(&c, &scratch);
    pool_for(threads, (items + ITEMS - 1) / ITEMS, pair_chunk, &c);
    return knn_matrix(c.ids, c.scores, items, p->keep, items, keep, scratch);
}
