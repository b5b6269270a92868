/* live: lists made at request time, for customers and wishes that no stored list meets. */
#include "pipeline/live.h"

#include <math.h>

#include "models/recommend/neighbours.h"

bool live_fits(const bundle *b, const live_filter *f, int32_t a) {
    if (f->category >= 0 && b->category[a] != f->category) return false;
    if (f->in_stock && b->stock[a] == BUNDLE_SOLD_OUT) return false;
    if (isnan(f->price_min) && isnan(f->price_max)) return true;
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

static void place(live_profile *p, live_act *x) {
    if (x->recent > 0 || p->places == RECOMMEND_RECENT) return;
    x->recent = 1;
    for (int i = 0; i < p->places; i++) x->recent *= RECOMMEND_FADE;
    p->places++;
}

void live_add(live_profile *p, int32_t article, float weight) {
    bool again = p->events > 0 && p->event[p->events - 1] == article;
    if (!again && p->events < LIVE_EVENTS) p->event[p->events++] = article;
    live_act *x = act_of(p, article);
    if (!x) return;
    x->taste += weight;
    x->near += weight;
    x->liked += weight;
    place(p, x);
}

static float decay(const bundle *b, bundle_half which, int32_t day) {
    double age = b->end[0] - 1 - day, half = b->recommend.half_life[which];
    return half > 0 && age > 0 ? (float)exp2(-age / half) : 1;
}

/* The articles that the customer bought last, each once; days NULL of no interest. */
static int latest(const bundle_log *h, int64_t customer, int most, int32_t *article, float *day) {
    neighbours_list list = {.k = most, .ids = article, .scores = day};
    for (int64_t i = h->at[customer]; i < h->at[customer + 1] && most > 0; i++)
        if (i + 1 == h->at[customer + 1] || h->item[i + 1] != h->item[i])
            neighbours_offer(&list, h->item[i], (float)h->day[i]);
    if (most > 0) neighbours_sort(&list);
    return list.n;
}

static void add_bought(const bundle *b, int64_t customer, live_profile *p) {
    const bundle_log *h = &b->recommend.history;
    int32_t article[LIVE_PROFILE];
    float day[LIVE_PROFILE];
    int n = latest(h, customer, LIVE_PROFILE - p->n, article, day);
    for (int i = 0; i < n; i++) place(p, act_of(p, article[i]));
    for (int64_t i = h->at[customer]; i < h->at[customer + 1]; i++) {
        live_act *x = NULL; /* rows of articles beyond those that fit are left out */
        for (int a = 0; a < p->n && !x; a++)
            if (p->act[a].article == h->item[i]) x = &p->act[a];
        if (!x) continue;
        float taste = decay(b, BUNDLE_HALF_TASTE, h->day[i]);
        if ((double)taste >= RECOMMEND_LEAST_TASTE) x->taste += h->weight[i] * taste;
        x->near += h->weight[i] * decay(b, BUNDLE_HALF_NEAR, h->day[i]);
        x->liked += (float)recommend_taste_weight(h->day[i], b->end[0]);
        x->own += h->weight[i] * decay(b, BUNDLE_HALF_OWN, h->day[i]);
    }
}

void live_add_history(const bundle *b, int64_t customer, live_profile *p) {
    const bundle_log *l = &b->recommend.looks;
    add_bought(b, customer, p);
    for (int64_t i = l->at[customer]; i < l->at[customer + 1]; i++) {
        live_act *x = act_of(p, l->item[i]);
        if (x) x->look += l->weight[i] * decay(b, BUNDLE_HALF_LOOKS, l->day[i]);
    }
    p->known = true;
    p->band = b->recommend.band[customer];
}

bool live_categories(const bundle *b, int64_t customer, float *share) {
    enum { HALF = 90 }; /* days: a taste for categories lasts longer than one for articles */
    const bundle_log *h = &b->recommend.history;
    double sum = 0;
    for (int32_t g = 0; g < b->n_categories; g++) share[g] = 0;
    if (customer < 0) return false;
    for (int64_t i = h->at[customer]; i < h->at[customer + 1]; i++) {
        double w = exp2(-(double)(b->end[0] - 1 - h->day[i]) / HALF);
        share[b->category[h->item[i]]] += (float)w;
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

static void add(pot *x, int source, int32_t article, float score) {
    live_item *to = score > 0 ? item_of(x, article) : NULL;
    if (to) to->part[source] += score;
}

static bool sells(const pot *x, int32_t article) {
    return x->b->recommend.trend[article] > 0 && live_fits(x->b, x->f, article);
}

/* What sells, to customers of her age where that is known; the list of an age is as long as a list
 * of candidates, so a filter looks through what sells to all. */
static void add_popular(pot *x, const live_profile *p) {
    const bundle_recommend *r = &x->b->recommend;
    bundle_ranking list = r->popular;
    bool filtered = x->f->category >= 0 || x->f->in_stock || !isnan(x->f->price_min) ||
                    !isnan(x->f->price_max);
    if (p->known && !filtered) {
        int64_t band = p->band >= 0 ? p->band : RECOMMEND_BANDS;
        list = (bundle_ranking){RECOMMEND_WIDTH, r->band_items + band * RECOMMEND_WIDTH,
                                r->band_scores + band * RECOMMEND_WIDTH};
    }
    for (int64_t i = 0, n = 0; i < list.n && list.items[i] >= 0 && n < LIVE_WIDTH; i++) {
        if (!live_fits(x->b, x->f, list.items[i])) continue;
        add(x, RECOMMEND_POPULAR, list.items[i], list.scores[i]);
        n++;
    }
}

static void add_taste(pot *x, const live_profile *p, arena scratch) {
    const bundle_recommend *r = &x->b->recommend;
    int32_t items[LIVE_PROFILE], ids[LIVE_WIDTH];
    float weights[LIVE_PROFILE], scores[LIVE_WIDTH];
    int n = 0;
    for (int i = 0; i < p->n; i++)
        if (p->act[i].taste > 0) items[n] = p->act[i].article, weights[n++] = p->act[i].taste;
    /* A factorisation too large for a request's memory takes no part: above some 300 factors. */
    size_t room = als_scratch(r->als.p) + (size_t)x->b->articles / 8 + (128 << 10);
    if (r->als.ld == 0 || n == 0 || room > arena_left(&scratch)) return;
    float *u = take(&scratch, float, r->als.ld);
    als_fold(&r->als, n, items, weights, u, scratch);
    bitmap allowed = bitmap_open(x->b->articles, &scratch);
    for (int64_t i = 0; i < r->taste.n; i++)
        if (live_fits(x->b, x->f, r->taste.name[i])) bitmap_set(&allowed, r->taste.name[i]);
    topk_one(&r->taste, u, (neighbours_rule){.k = LIVE_WIDTH, .allowed = &allowed}, ids, scores,
             scratch);
    for (int i = 0; i < LIVE_WIDTH && ids[i] >= 0; i++) add(x, RECOMMEND_ALS, ids[i], scores[i]);
}

/* Leaves a source the LIVE_WIDTH best of its articles, as its lists in training have. */
static void cut(pot *x, int source) {
    int32_t ids[LIVE_WIDTH];
    float scores[LIVE_WIDTH];
    neighbours_list list = {.k = LIVE_WIDTH, .ids = ids, .scores = scores};
    int n = 0;
    for (int i = 0; i < x->n; i++) {
        if (x->item[i].part[source] <= 0) continue;
        neighbours_offer(&list, x->item[i].article, x->item[i].part[source]);
        n++;
    }
    if (n <= LIVE_WIDTH) return;
    neighbours_sort(&list);
    for (int i = 0; i < x->n; i++) {
        live_item *to = &x->item[i];
        if (neighbours_before(scores[LIVE_WIDTH - 1], ids[LIVE_WIDTH - 1], to->part[source],
                              to->article))
            to->part[source] = 0;
    }
}

/* weight · row of a matrix, times trend where it says so. */
static void add_row(pot *x, int source, const sparse *m, int64_t row, float weight, bool trend) {
    for (int64_t at = m->at[row]; at < m->at[row + 1] && weight > 0; at++)
        if (sells(x, m->col[at]))
            add(x, source, m->col[at],
                weight * m->value[at] * (trend ? x->b->recommend.trend[m->col[at]] : 1));
}

static void add_related(pot *x, const live_profile *p) {
    const bundle_recommend *r = &x->b->recommend;
    for (int i = 0; i < p->n; i++) {
        const live_act *a = &p->act[i];
        add_row(x, RECOMMEND_CONTENT, &r->content, a->article, a->near, true);
        add_row(x, RECOMMEND_TOGETHER, &r->related, a->article, a->near, true);
        add_row(x, RECOMMEND_VARIANTS, &r->variants, a->article, a->near, true);
        add_row(x, RECOMMEND_NEXT, &r->next, a->article, a->recent, true);
        if (!sells(x, a->article)) continue;
        add(x, RECOMMEND_OWN, a->article, a->own);
        add(x, RECOMMEND_LOOKS, a->article, a->look);
    }
}

/* What sells and what is new in the kinds of the profile, by their shares of it. */
static void add_kinds(pot *x, const live_profile *p) {
    const bundle_recommend *r = &x->b->recommend;
    float sum = 0;
    for (int i = 0; i < p->n; i++) sum += p->act[i].near;
    for (int i = 0; i < p->n && sum > 0; i++) {
        int32_t kind = r->kind[p->act[i].article];
        float share = 0;
        bool first = true;
        for (int j = 0; j < p->n; j++) {
            if (r->kind[p->act[j].article] != kind) continue;
            first = first && j >= i;
            share += p->act[j].near / sum;
        }
        if (!first) continue;
        add_row(x, RECOMMEND_CATEGORY, &r->in_kind, kind, share, false);
        add_row(x, RECOMMEND_ARRIVALS, &r->arrivals, kind, share, false);
    }
}

/* What sells, by what of its attributes she likes (recommend_taste.h). */
static void add_tasted(pot *x, const live_profile *p, arena scratch) {
    const recommend_tasted *k = &x->b->recommend.tasted;
    const recommend_taste *t = &k->taste;
    int32_t values = t->from[RECOMMEND_TRAITS], ids[LIVE_WIDTH];
    float *count = take(&scratch, float, values), *room = take_raw(&scratch, float, values);
    float *score = take_raw(&scratch, float, MOST_TASTED), scores[LIVE_WIDTH];
    double all = 0;
    for (int i = 0; i < p->n; i++) {
        for (int j = 0; j < RECOMMEND_TRAITS && p->act[i].liked > 0; j++)
            count[t->from[j] + t->m->d->trait[j].code[p->act[i].article]] += p->act[i].liked;
        all += (double)p->act[i].liked;
    }
    recommend_tasted_score(k, count, all, room, score);
    neighbours_list list = {.k = LIVE_WIDTH, .ids = ids, .scores = scores};
    for (int32_t i = 0; i < k->n; i++)
        if (live_fits(x->b, x->f, k->item[i])) neighbours_offer(&list, k->item[i], score[i]);
    neighbours_sort(&list);
    for (int i = 0; i < list.n; i++)
        add(x, RECOMMEND_TASTE, ids[i], expf(scores[i] - scores[0]));
}

static void add_sessions(pot *x, const live_profile *p, arena scratch) {
    enum { K = 2 * LIVE_WIDTH }; /* not all of them sell and fit */
    const session_model *m = &x->b->recommend.sessions;
    int32_t event[LIVE_EVENTS], ids[K];
    float scores[K];
    if (m->sessions == 0 || p->events == 0) return;
    for (int i = 0; i < p->events; i++) event[i] = p->event[p->events - 1 - i];
    int n = session_query(m, p->events, event, (session_rule){.k = K, .self = -1}, ids, scores,
                          NULL, scratch);
    for (int i = 0; i < n; i++)
        if (sells(x, ids[i])) add(x, BUNDLE_SESSION, ids[i], scores[i]);
}

/* Parts on the scale of the blend, and their sum. */
static void weigh(pot *x) {
    const float *weight = x->b->recommend.weight;
    float best[BUNDLE_LIVE] = {0};
    for (int i = 0; i < x->n; i++)
        for (int s = 0; s < BUNDLE_LIVE; s++) best[s] = fmaxf(best[s], x->item[i].part[s]);
    for (int s = 0; s < RECOMMEND_SOURCES; s++)
        if (recommend_ones[s] > 0) best[s] = recommend_ones[s];
    for (int i = 0; i < x->n; i++) {
        live_item *to = &x->item[i];
        for (int s = 0; s < BUNDLE_LIVE; s++) {
            to->part[s] = best[s] > 0 ? weight[s] * to->part[s] / best[s] : 0;
            to->score += to->part[s];
        }
    }
}

int live_rank(const bundle *b, const live_profile *p, const live_filter *f, int most,
              live_item *to, arena scratch) {
    pot x = {b, f, take(&scratch, int16_t, SLOTS), take_raw(&scratch, live_item, MOST), 0};
    add_popular(&x, p);
    add_taste(&x, p, scratch);
    add_related(&x, p);
    add_kinds(&x, p);
    add_tasted(&x, p, scratch);
    add_sessions(&x, p, scratch);
    for (int s = 0; s < BUNDLE_LIVE; s++) cut(&x, s);
    weigh(&x);
    int32_t *ids = take(&scratch, int32_t, most);
    float *scores = take(&scratch, float, most);
    neighbours_list list = {.k = most, .ids = ids, .scores = scores};
    for (int i = 0; i < x.n; i++)
        if (x.item[i].score > 0)
            neighbours_offer(&list, x.item[i].article, x.item[i].score);
    neighbours_sort(&list);
    for (int i = 0; i < list.n; i++) to[i] = *item_of(&x, ids[i]);
    return list.n;
}
