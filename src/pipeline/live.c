/* live: lists made at request time, for customers and wishes that no stored list meets. */
#include "pipeline/live.h"

#include <math.h>

#include "models/recommend/neighbours.h"

bool live_fits(const bundle *b, const live_filter *f, int32_t a) {
    if (f->category >= 0 && b->category[a] != f->category) return false;
    if (f->in_stock && b->stock[a] == BUNDLE_SOLD_OUT) return false;
    double price = b->price[a] > 0 ? b->price[a] : NAN;
    return (isnan(f->price_min) || price >= f->price_min) &&
           (isnan(f->price_max) || price <= f->price_max);
}

/* ---- the profile ---- */

static live_act *act_of(live_profile *p, int32_t article) {
    for (int i = 0; i < p->n; i++)
        if (p->act[i].article == article) return &p->act[i];
    if (p->n == LIVE_PROFILE) return NULL;
    p->act[p->n] = (live_act){.article = article};
    return &p->act[p->n++];
}

void live_add(live_profile *p, int32_t article, float weight) {
    live_act *x = act_of(p, article);
    if (!x) return;
    x->taste += weight;
    x->near += weight;
}

static float decay(const bundle *b, bundle_half which, int32_t day) {
    double age = b->end[0] - 1 - day, half = b->recommend.half_life[which];
    return half > 0 && age > 0 ? (float)exp2(-age / half) : 1;
}

void live_add_history(const bundle *b, int64_t customer, live_profile *p) {
    const bundle_recommend *r = &b->recommend;
    int64_t from = r->history_at[customer], to = r->history_at[customer + 1];
    int32_t since = INT32_MIN; /* of more than fit, the latest */
    if (to - from > LIVE_PROFILE - p->n) {
        int32_t days[LIVE_PROFILE];
        int n = 0, most = LIVE_PROFILE - p->n;
        for (int64_t i = from; i < to && most > 0; i++) { /* days[]: the latest, descending */
            if (n == most && r->history_day[i] <= days[n - 1]) continue;
            int at = n < most ? n++ : n - 1;
            for (; at > 0 && days[at - 1] < r->history_day[i]; at--) days[at] = days[at - 1];
            days[at] = r->history_day[i];
        }
        since = n > 0 ? days[n - 1] : INT32_MAX;
    }
    for (int64_t i = from; i < to; i++) {
        live_act *x = r->history_day[i] >= since ? act_of(p, r->history_item[i]) : NULL;
        if (!x) continue;
        x->taste += decay(b, BUNDLE_HALF_TASTE, r->history_day[i]);
        x->near += decay(b, BUNDLE_HALF_NEAR, r->history_day[i]);
        x->own += decay(b, BUNDLE_HALF_OWN, r->history_day[i]);
    }
}

bool live_categories(const bundle *b, int64_t customer, float *share) {
    enum { HALF = 90 }; /* days: a taste for categories lasts longer than one for articles */
    const bundle_recommend *r = &b->recommend;
    double sum = 0;
    for (int32_t g = 0; g < b->n_categories; g++) share[g] = 0;
    if (customer < 0) return false;
    for (int64_t i = r->history_at[customer]; i < r->history_at[customer + 1]; i++) {
        double w = exp2(-(double)(b->end[0] - 1 - r->history_day[i]) / HALF);
        share[b->category[r->history_item[i]]] += (float)w;
        sum += w;
    }
    for (int32_t g = 0; g < b->n_categories && sum > 0; g++) share[g] = (float)(share[g] / sum);
    return sum > 0;
}

/* ---- candidates, each once: open addressing by article ---- */

enum { SLOTS = 16384, MOST = SLOTS / 2 };

typedef struct pot {
    const bundle *b;
    const live_filter *f;
    int16_t *slot; /* [SLOTS] number + 1 */
    live_item *item;
    int n;
} pot;

static live_item *item_of(pot *x, int32_t article) {
    uint32_t at = (uint32_t)article * 2654435769u >> 18; /* 14 bits */
    for (; x->slot[at]; at = (at + 1) % SLOTS)
        if (x->item[x->slot[at] - 1].article == article) return &x->item[x->slot[at] - 1];
    if (x->n == MOST) return NULL;
    x->item[x->n] = (live_item){.article = article};
    x->slot[at] = (int16_t)(x->n + 1);
    return &x->item[x->n++];
}

static void add(pot *x, bundle_live source, int32_t article, float score) {
    live_item *to = score > 0 ? item_of(x, article) : NULL;
    if (to) to->part[source] += score;
}

static bool sells(const pot *x, int32_t article) {
    return x->b->recommend.trend[article] > 0 && live_fits(x->b, x->f, article);
}

static void add_popular(pot *x) {
    const bundle_ranking *r = &x->b->recommend.popular;
    for (int64_t i = 0, n = 0; i < r->n && r->items[i] >= 0 && n < LIVE_WIDTH; i++) {
        if (!live_fits(x->b, x->f, r->items[i])) continue;
        add(x, BUNDLE_POPULAR, r->items[i], r->scores[i]);
        n++;
    }
}

static void add_taste(pot *x, const live_profile *p, arena scratch) {
    const bundle_recommend *r = &x->b->recommend;
    int32_t items[LIVE_PROFILE], ids[LIVE_WIDTH];
    float weights[LIVE_PROFILE], scores[LIVE_WIDTH];
    /* A factorisation too large for a request's memory takes no part: above some 300 factors. */
    if (r->als.ld == 0 || p->n == 0 || als_scratch(r->als.p) > arena_left(&scratch)) return;
    float *u = take(&scratch, float, r->als.ld);
    for (int i = 0; i < p->n; i++) items[i] = p->act[i].article, weights[i] = p->act[i].taste;
    als_fold(&r->als, p->n, items, weights, u, scratch);
    bitmap allowed = bitmap_open(x->b->articles, &scratch);
    for (int64_t i = 0; i < r->taste.n; i++)
        if (live_fits(x->b, x->f, r->taste.name[i])) bitmap_set(&allowed, r->taste.name[i]);
    topk_one(&r->taste, u, (neighbours_rule){.k = LIVE_WIDTH, .allowed = &allowed}, ids, scores,
             scratch);
    for (int i = 0; i < LIVE_WIDTH && ids[i] >= 0; i++) add(x, BUNDLE_TASTE, ids[i], scores[i]);
}

static void add_related(pot *x, bundle_live source, const bundle_related *r,
                        const live_profile *p) {
    for (int i = 0; i < p->n; i++) {
        const live_act *a = &p->act[i];
        for (int64_t at = a->article * r->k; at < (a->article + 1) * r->k; at++) {
            if (r->items[at] < 0) break;
            if (sells(x, r->items[at]))
                add(x, source, r->items[at],
                    a->near * r->scores[at] * x->b->recommend.trend[r->items[at]]);
        }
    }
}

/* Parts on the scale of the blend, and their sum. */
static void weigh(pot *x) {
    const float *weight = x->b->recommend.weight;
    float best[BUNDLE_LIVE] = {0};
    best[BUNDLE_OWN] = 1;
    for (int i = 0; i < x->n; i++)
        for (int s = 0; s < BUNDLE_LIVE; s++)
            if (s != BUNDLE_OWN) best[s] = fmaxf(best[s], x->item[i].part[s]);
    for (int i = 0; i < x->n; i++) {
        live_item *to = &x->item[i];
        for (int s = 0; s < BUNDLE_LIVE; s++) {
            to->part[s] = best[s] > 0 ? weight[s] * to->part[s] / best[s] : 0;
            to->score += to->part[s];
        }
    }
}

static pot gather(const bundle *b, const live_profile *p, const live_filter *f, arena *scratch) {
    const bundle_recommend *r = &b->recommend;
    pot x = {b, f, take(scratch, int16_t, SLOTS), take(scratch, live_item, MOST), 0};
    add_popular(&x);
    add_taste(&x, p, *scratch);
    add_related(&x, BUNDLE_CONTENT, &r->similar, p);
    add_related(&x, BUNDLE_TOGETHER, &r->together, p);
    for (int i = 0; i < p->n; i++)
        if (sells(&x, p->act[i].article)) add(&x, BUNDLE_OWN, p->act[i].article, p->act[i].own);
    return x;
}

int live_rank(const bundle *b, const live_profile *p, const live_filter *f, int most,
              live_item *to, arena scratch) {
    pot x = gather(b, p, f, &scratch);
    weigh(&x);
    int32_t *ids = take(&scratch, int32_t, most);
    float *scores = take(&scratch, float, most);
    neighbours_list list = {.k = most, .ids = ids, .scores = scores};
    for (int i = 0; i < x.n; i++) neighbours_offer(&list, x.item[i].article, x.item[i].score);
    neighbours_sort(&list);
    for (int i = 0; i < list.n; i++) to[i] = *item_of(&x, ids[i]);
    return list.n;
}

void live_ask(const bundle *b, const live_profile *p, int32_t article, live_word *to,
              arena scratch) {
    static const live_filter any = {.category = -1, .price_min = NAN, .price_max = NAN};
    pot x = gather(b, p, &any, &scratch);
    live_item of = *item_of(&x, article);
    for (int s = 0; s < BUNDLE_LIVE; s++) {
        to[s] = (live_word){(double)of.part[s], of.part[s] > 0};
        for (int i = 0; i < x.n && of.part[s] > 0; i++)
            to[s].place += neighbours_before(x.item[i].part[s], x.item[i].article, of.part[s],
                                             article);
    }
}
