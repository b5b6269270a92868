/* recommend_frame: candidates as rows of numbers, for a ranker to learn from and to order. */
#include "pipeline/recommend_frame.h"

#include <math.h>
#include <string.h>

#include "pipeline/recommend_rank.h"
#include "pipeline/recommend_taste.h"

enum { CUSTOMERS = 64 }; /* of a chunk */

/* ---- columns ---- */

static const struct {
    const char *name;
    int part;
} pairs[PAIR_COLUMNS] = {
    [PAIR_TIMES] = {"times_bought", RECOMMEND_OWN},
    [PAIR_GAP] = {"days_since_bought", RECOMMEND_OWN},
    [PAIR_PLACE] = {"place_in_history", RECOMMEND_OWN},
    [PAIR_AGAIN] = {"chance_again", RECOMMEND_OWN},
    [PAIR_KIND] = {"kind_share", RECOMMEND_CATEGORY},
    [PAIR_CATEGORY] = {"category_share", RECOMMEND_CATEGORY},
    [PAIR_COLOUR] = {"colour_share", RECOMMEND_CONTENT},
    [PAIR_PRODUCT] = {"product_share", RECOMMEND_VARIANTS},
    [PAIR_PRICE_GAP] = {"price_gap", RECOMMEND_PART_PRICE},
    [PAIR_PRICE_RATIO] = {"price_ratio", RECOMMEND_PART_PRICE},
    [PAIR_AGE_GAP] = {"age_gap", RECOMMEND_PART_HISTORY},
    [PAIR_ONLINE_GAP] = {"online_gap", RECOMMEND_PART_HISTORY},
    [PAIR_LIKE_1] = {"like_last_1", RECOMMEND_CONTENT},
    [PAIR_LIKE_3] = {"like_last_3", RECOMMEND_CONTENT},
    [PAIR_LIKE_10] = {"like_last_10", RECOMMEND_CONTENT},
    [PAIR_WITH_1] = {"with_last_1", RECOMMEND_TOGETHER},
    [PAIR_WITH_3] = {"with_last_3", RECOMMEND_TOGETHER},
    [PAIR_WITH_10] = {"with_last_10", RECOMMEND_TOGETHER},
    [PAIR_TASTE] = {"taste", RECOMMEND_ALS},
    [PAIR_BLEND] = {"blend", RECOMMEND_PART_BASE},
    [PAIR_LIKING + TRAIT_KIND] = {"likes_kind", RECOMMEND_TASTE},
    [PAIR_LIKING + TRAIT_TYPE] = {"likes_type", RECOMMEND_TASTE},
    [PAIR_LIKING + TRAIT_COLOUR] = {"likes_colour", RECOMMEND_TASTE},
    [PAIR_LIKING + TRAIT_PATTERN] = {"likes_pattern", RECOMMEND_TASTE},
    [PAIR_LIKING + TRAIT_MATERIAL] = {"likes_material", RECOMMEND_TASTE},
    [PAIR_LIKING + TRAIT_SECTION] = {"likes_section", RECOMMEND_TASTE},
    [PAIR_LIKING + TRAIT_INDEX] = {"likes_index_group", RECOMMEND_TASTE},
    [PAIR_LIKINGS] = {"likes_all", RECOMMEND_TASTE}};

static bool is_price(int article_fact) {
    return article_fact == FACT_PRICE_NOW || article_fact == FACT_DISCOUNT;
}

int recommend_column_part(int at) {
    if (at < FRAME_ARTICLE) return at % RECOMMEND_SOURCES;
    if (at < FRAME_CUSTOMER)
        return is_price(at - FRAME_ARTICLE) ? RECOMMEND_PART_PRICE : RECOMMEND_PART_SALES;
    if (at < FRAME_PAIR) return RECOMMEND_PART_HISTORY;
    return pairs[at - FRAME_PAIR].part;
}

const char *recommend_column_name(int at, arena *keep) {
    if (at < FRAME_PLACES)
        return arena_text(keep, "%s_score", recommend_names[at - FRAME_SCORES]);
    if (at < FRAME_ARTICLE)
        return arena_text(keep, "%s_place", recommend_names[at - FRAME_PLACES]);
    if (at < FRAME_CUSTOMER)
        return arena_text(keep, "article_%s", fact_articles[at - FRAME_ARTICLE]);
    if (at < FRAME_PAIR)
        return arena_text(keep, "customer_%s", fact_customers[at - FRAME_CUSTOMER]);
    return pairs[at - FRAME_PAIR].name;
}

/* ---- candidates ---- */

int32_t *recommend_union(const hybrid_problem *lists, pool *threads, arena *keep, arena scratch) {
    enum { K = RECOMMEND_UNION };
    int32_t *ids = take(keep, int32_t, lists->users * K);
    float *scores = take(&scratch, float, lists->users * K);
    hybrid_lists to = {.k = K, .ids = ids, .scores = scores};
    hybrid_blend(lists, recommend_defaults(0).weights, to, threads);
    for (int64_t u = 0; u < lists->users; u++) {
        int32_t *one = ids + u * K;
        int n = 0;
        while (n < K && one[n] >= 0) n++;
        for (int i = 1; i < n; i++) { /* ascending */
            int32_t id = one[i];
            int j = i;
            for (; j > 0 && one[j - 1] > id; j--) one[j] = one[j - 1];
            one[j] = id;
        }
    }
    return ids;
}

/* ---- rows ---- */

/* What a customer bought before the cut-off, each article once, the latest first. */
typedef struct past {
    int n;
    int32_t *article, *last, *times; /* [n] */
    float *share;                    /* [n] of the profile */
} past;

typedef struct making {
    const recommend_fit *m;
    const recommend_rows *of;
    recommend_frame f;
    hybrid_weights weights;
    recommend_taste taste;
} making;

/* Rows of a customer's log are by article, then day. */
static past past_of(const recommend_fit *m, int32_t customer, arena *a) {
    const recommend_data *d = m->d;
    int64_t from = d->at[customer], to = d->at[customer + 1];
    past p = {0, take(a, int32_t, to - from), take(a, int32_t, to - from),
              take(a, int32_t, to - from), take(a, float, to - from)};
    for (int64_t i = from; i < to; i++) {
        if (d->day[i] >= m->cutoff) continue;
        if (p.n == 0 || p.article[p.n - 1] != d->article[i]) p.article[p.n++] = d->article[i];
        p.last[p.n - 1] = d->day[i];
        p.times[p.n - 1]++;
    }
    for (int i = 1; i < p.n; i++) { /* latest first, equal days by article */
        int32_t article = p.article[i], last = p.last[i], times = p.times[i];
        int j = i;
        for (; j > 0 && p.last[j - 1] < last; j--) {
            p.article[j] = p.article[j - 1];
            p.last[j] = p.last[j - 1];
            p.times[j] = p.times[j - 1];
        }
        p.article[j] = article, p.last[j] = last, p.times[j] = times;
    }
    double sum = 0;
    for (int i = 0; i < p.n; i++) {
        p.share[i] = sparse_get(&m->profile, customer, p.article[i]);
        sum += (double)p.share[i];
    }
    for (int i = 0; i < p.n; i++) p.share[i] = sum > 0 ? (float)((double)p.share[i] / sum) : 0;
    return p;
}

/* Scores and places of every source for the candidates; row_of[article] = its row + 1. */
static void put_sources(const making *k, int64_t u, const int32_t *row_of, float *x) {
    for (int s = 0; s < RECOMMEND_SOURCES; s++) {
        const hybrid_source *from = &k->of->lists->sources[s];
        int64_t list = from->list ? from->list[u] : u;
        const int32_t *ids = from->ids + list * from->width;
        const float *scores = from->scores + list * from->width;
        if (from->width == 0 || ids[0] < 0 || scores[0] <= 0) continue;
        float unit = from->unit > 0 ? from->unit : scores[0];
        for (int i = 0; i < from->width && ids[i] >= 0; i++) {
            if (row_of[ids[i]] == 0) continue;
            float *row = x + (int64_t)(row_of[ids[i]] - 1) * FRAME_COLUMNS;
            row[FRAME_SCORES + s] = scores[i] > 0 ? scores[i] / unit : 0;
            row[FRAME_PLACES + s] = (float)(i + 1);
        }
    }
}

static void put_past(const making *k, const past *p, int32_t item, float *pair) {
    const recommend_fit *m = k->m;
    const recommend_data *d = m->d;
    pair[PAIR_TIMES] = 0;
    for (int i = 0; i < p->n; i++) {
        int32_t j = p->article[i];
        float share = p->share[i];
        if (d->kind.code[j] == d->kind.code[item]) pair[PAIR_KIND] += share;
        if (d->category.code[j] == d->category.code[item]) pair[PAIR_CATEGORY] += share;
        if (d->colour.code[j] == d->colour.code[item]) pair[PAIR_COLOUR] += share;
        if (d->product.code[j] == d->product.code[item]) pair[PAIR_PRODUCT] += share;
        if (j == item) {
            int32_t gap = m->cutoff - p->last[i];
            pair[PAIR_TIMES] = (float)p->times[i];
            pair[PAIR_GAP] = (float)gap;
            pair[PAIR_PLACE] = (float)(i + 1);
            pair[PAIR_AGAIN] = (float)repurchase_score(&m->again, d->kind.code[item], gap,
                                                       p->times[i]);
        }
        if (i >= 10) continue;
        float like = sparse_get(&m->content, j, item), with = sparse_get(&m->together, j, item);
        for (int span = i < 1 ? 0 : i < 3 ? 1 : 2; span < 3; span++) {
            if (like > pair[PAIR_LIKE_1 + span]) pair[PAIR_LIKE_1 + span] = like;
            if (with > pair[PAIR_WITH_1 + span]) pair[PAIR_WITH_1 + span] = with;
        }
    }
}

static float taste(const recommend_fit *m, int32_t customer, int32_t item) {
    if (!m->has_als) return NAN;
    const float *x = m->als.user + (int64_t)customer * m->als.ld;
    const float *y = m->als.item + (int64_t)item * m->als.ld;
    double sum = 0;
    for (int j = 0; j < m->als.ld; j++) sum += (double)x[j] * (double)y[j];
    return (float)sum;
}

static void put_row(const making *k, int32_t customer, const past *p, int32_t item, float *row) {
    const recommend_facts *f = k->of->facts;
    const float *article = f->article + (int64_t)item * FACT_ARTICLES;
    const float *who = f->customer + (int64_t)customer * FACT_CUSTOMERS;
    float *pair = row + FRAME_PAIR;
    memcpy(row + FRAME_ARTICLE, article, sizeof *row * FACT_ARTICLES);
    memcpy(row + FRAME_CUSTOMER, who, sizeof *row * FACT_CUSTOMERS);
    for (int s = 0; s < RECOMMEND_SOURCES; s++)
        pair[PAIR_BLEND] += k->weights.of[s] * row[FRAME_SCORES + s];
    pair[PAIR_GAP] = pair[PAIR_PLACE] = pair[PAIR_AGAIN] = NAN;
    put_past(k, p, item, pair);
    pair[PAIR_PRICE_GAP] = article[FACT_PRICE_NOW] - who[FACT_AVG_PRICE];
    pair[PAIR_PRICE_RATIO] = article[FACT_PRICE_NOW] / who[FACT_AVG_PRICE];
    if (isinf(pair[PAIR_PRICE_RATIO])) pair[PAIR_PRICE_RATIO] = NAN;
    pair[PAIR_AGE_GAP] = who[FACT_AGE] - article[FACT_BUYER_AGE];
    pair[PAIR_ONLINE_GAP] = who[FACT_CUSTOMER_ONLINE] - article[FACT_ARTICLE_ONLINE];
    pair[PAIR_TASTE] = taste(k->m, customer, item);
}

static void make_chunk(void *what, int64_t chunk, arena scratch) {
    const making *k = what;
    int32_t *row_of = take(&scratch, int32_t, k->m->d->articles);
    float *count = take(&scratch, float, k->taste.from[RECOMMEND_TRAITS]);
    int64_t end = (chunk + 1) * CUSTOMERS < k->f.n ? (chunk + 1) * CUSTOMERS : k->f.n;
    for (int64_t u = chunk * CUSTOMERS; u < end; u++) {
        arena own = scratch;
        int64_t from = k->f.at[u], n = k->f.at[u + 1] - from;
        if (n == 0) continue;
        const int32_t *item = k->f.item + from;
        float *x = k->f.x + from * FRAME_COLUMNS;
        past p = past_of(k->m, k->of->customers[u], &own);
        double all = recommend_taste_count(&k->taste, k->of->customers[u], count);
        for (int64_t i = 0; i < n; i++) {
            row_of[item[i]] = (int32_t)i + 1;
            float *place = x + i * FRAME_COLUMNS + FRAME_PLACES;
            for (int s = 0; s < RECOMMEND_SOURCES; s++) place[s] = NAN;
        }
        put_sources(k, u, row_of, x);
        for (int64_t i = 0; i < n; i++)
            put_row(k, k->of->customers[u], &p, item[i], x + i * FRAME_COLUMNS);
        for (int64_t i = 0; i < n; i++) {
            float *pair = x + i * FRAME_COLUMNS + FRAME_PAIR;
            pair[PAIR_LIKINGS] =
                recommend_taste_of(&k->taste, count, all, item[i], pair + PAIR_LIKING);
        }
        recommend_taste_forget(&k->taste, k->of->customers[u], count);
        for (int64_t i = 0; i < n; i++) row_of[item[i]] = 0;
    }
}

recommend_frame recommend_frame_make(const recommend_fit *m, const recommend_rows *of,
                                     pool *threads, arena *keep, arena scratch) {
    enum { K = RECOMMEND_UNION };
    making *k = take(&scratch, making, 1);
    *k = (making){m, of, {.n = of->n}, recommend_defaults(0).weights,
                  recommend_taste_open(m, &scratch)};
    k->f.at = take(keep, int64_t, of->n + 1);
    for (int64_t u = 0; u < of->n; u++) {
        int n = 0;
        while (n < K && of->ids[u * K + n] >= 0) n++;
        k->f.at[u + 1] = k->f.at[u] + (of->wanted && !of->wanted[u] ? 0 : n);
    }
    k->f.rows = k->f.at[of->n];
    k->f.item = take(keep, int32_t, k->f.rows);
    k->f.x = take(keep, float, k->f.rows * FRAME_COLUMNS);
    for (int64_t u = 0; u < of->n; u++)
        memcpy(k->f.item + k->f.at[u], of->ids + u * K,
               sizeof(int32_t) * (size_t)(k->f.at[u + 1] - k->f.at[u]));
    pool_for(threads, (of->n + CUSTOMERS - 1) / CUSTOMERS, make_chunk, k);
    return k->f;
}
