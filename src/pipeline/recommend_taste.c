/* recommend_taste: how much more of an article's traits a customer buys than the shop sells now. */
#include "pipeline/recommend_taste.h"

#include <math.h>

#include "base/order.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"

enum { CUSTOMERS = 64 }; /* of a chunk */

static const double half_life = 365, doubt = 5;

double recommend_taste_weight(int32_t day, int32_t cutoff) {
    return popular_decay(day, cutoff, half_life);
}

recommend_taste recommend_taste_open(const recommend_fit *m, arena *keep) {
    recommend_taste t = {.m = m};
    for (int i = 0; i < RECOMMEND_TRAITS; i++) t.from[i + 1] = t.from[i] + m->d->trait[i].n;
    t.share = take(keep, float, t.from[RECOMMEND_TRAITS]);
    double all = 0;
    for (int64_t a = 0; a < m->d->articles; a++) all += m->popular[a];
    for (int i = 0; i < RECOMMEND_TRAITS && all > 0; i++)
        for (int64_t a = 0; a < m->d->articles; a++)
            t.share[t.from[i] + m->d->trait[i].code[a]] += (float)(m->popular[a] / all);
    return t;
}

double recommend_taste_count(const recommend_taste *t, int32_t customer, float *count) {
    const recommend_data *d = t->m->d;
    double all = 0;
    for (int64_t i = d->at[customer]; i < d->at[customer + 1]; i++) {
        double w = recommend_taste_weight(d->day[i], t->m->cutoff);
        for (int j = 0; j < RECOMMEND_TRAITS && w > 0; j++)
            count[t->from[j] + d->trait[j].code[d->article[i]]] += (float)w;
        all += w;
    }
    return all;
}

void recommend_taste_forget(const recommend_taste *t, int32_t customer, float *count) {
    const recommend_data *d = t->m->d;
    for (int64_t i = d->at[customer]; i < d->at[customer + 1]; i++)
        for (int j = 0; j < RECOMMEND_TRAITS; j++)
            count[t->from[j] + d->trait[j].code[d->article[i]]] = 0;
}

static double liking_of(const recommend_taste *t, double count, double all, int32_t at) {
    double share = (double)t->share[at];
    return share > 0 ? log((count + doubt * share) / ((all + doubt) * share)) : 0;
}

float recommend_taste_of(const recommend_taste *t, const float *count, double all, int32_t article,
                         float *liking) {
    float sum = 0;
    for (int j = 0; j < RECOMMEND_TRAITS; j++) {
        int32_t at = t->from[j] + t->m->d->trait[j].code[article];
        liking[j] = (float)liking_of(t, (double)count[at], all, at);
        sum += liking[j];
    }
    return sum;
}

/* ---- lists ---- */

recommend_tasted recommend_tasted_open(const recommend_fit *m, arena *keep) {
    int32_t *order = order_count(m->d->articles, keep);
    arena inner = *keep; /* what sorting needs is forgotten */
    order_down(order, m->d->articles, m->popular, inner);
    recommend_tasted k = {.taste = recommend_taste_open(m, keep), .item = order};
    for (int64_t i = 0; i < m->d->articles && k.n < MOST_TASTED; i++)
        if (m->active[order[i]] && m->popular[order[i]] > 0) order[k.n++] = order[i];
    k.at = take(keep, int32_t, (int64_t)k.n * RECOMMEND_TRAITS);
    k.sells = take(keep, float, k.n);
    for (int32_t i = 0; i < k.n; i++) {
        k.sells[i] = (float)log(m->popular[order[i]]);
        for (int j = 0; j < RECOMMEND_TRAITS; j++)
            k.at[(int64_t)i * RECOMMEND_TRAITS + j] =
                k.taste.from[j] + m->d->trait[j].code[order[i]];
    }
    return k;
}

void recommend_tasted_score(const recommend_tasted *k, const float *count, double all, float *room,
                            float *score) {
    const recommend_taste *t = &k->taste;
    double power = t->m->p.liking;
    float none = (float)(power * log(doubt / (all + doubt)));
    for (int32_t v = 0; v < t->from[RECOMMEND_TRAITS]; v++)
        room[v] = count[v] > 0 ? (float)(power * liking_of(t, (double)count[v], all, v)) : none;
    for (int32_t i = 0; i < k->n; i++) {
        const int32_t *at = k->at + (int64_t)i * RECOMMEND_TRAITS;
        score[i] = k->sells[i];
        for (int j = 0; j < RECOMMEND_TRAITS; j++) score[i] += room[at[j]];
    }
}

typedef struct tasting {
    recommend_tasted tasted;
    const int32_t *customers;
    int64_t n;
    neighbours_list to; /* of all customers */
} tasting;

static void list_one(const tasting *k, int64_t u, float *count, float *room, float *score) {
    const recommend_taste *t = &k->tasted.taste;
    double all = recommend_taste_count(t, k->customers[u], count);
    recommend_tasted_score(&k->tasted, count, all, room, score);
    recommend_taste_forget(t, k->customers[u], count);
    neighbours_list list = {.k = k->to.k, .ids = k->to.ids + u * k->to.k,
                            .scores = k->to.scores + u * k->to.k};
    for (int32_t i = 0; i < k->tasted.n; i++) neighbours_offer(&list, k->tasted.item[i], score[i]);
    neighbours_sort(&list);
    float best = list.scores[0];
    for (int i = 0; i < list.n; i++) list.scores[i] = expf(list.scores[i] - best);
}

static void list_chunk(void *what, int64_t chunk, arena scratch) {
    const tasting *k = what;
    int32_t values = k->tasted.taste.from[RECOMMEND_TRAITS];
    float *count = take(&scratch, float, values), *room = take(&scratch, float, values);
    float *score = take(&scratch, float, MOST_TASTED);
    int64_t end = (chunk + 1) * CUSTOMERS < k->n ? (chunk + 1) * CUSTOMERS : k->n;
    for (int64_t u = chunk * CUSTOMERS; u < end; u++) list_one(k, u, count, room, score);
}

void recommend_taste_lists(const recommend_fit *m, const int32_t *customers, int64_t n, int width,
                           int32_t *ids, float *scores, pool *threads, arena scratch) {
    tasting *k = take(&scratch, tasting, 1);
    *k = (tasting){.customers = customers, .n = n,
                   .to = {.k = width, .ids = ids, .scores = scores}};
    k->tasted = recommend_tasted_open(m, &scratch);
    pool_for(threads, (n + CUSTOMERS - 1) / CUSTOMERS, list_chunk, k);
}
