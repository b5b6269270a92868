/* recommender: lists for users from one table of interactions, by a model's name. */
#include "models/recommend/recommender.h"

#include <assert.h>
#include <string.h>

#include "base/order.h"
#include "models/recommend/popular.h"

enum { BLOCK = 65536 }; /* users listed at once */

const recommender *const recommenders[] = {
    &recommender_als,
    &recommender_als_features,
    &recommender_popular,
    &recommender_popular_group,
    &recommender_knn,
    &recommender_knn_tfidf,
    &recommender_knn_bm25,
    &recommender_rp3beta,
    &recommender_p3alpha,
    &recommender_ease,
    &recommender_bpr,
    &recommender_transitions,
    &recommender_session,
    &recommender_repurchase,
    &recommender_content,
    &recommender_hybrid,
};
const int recommenders_n = sizeof recommenders / sizeof recommenders[0];

const recommender *recommender_find(const char *name) {
    for (int i = 0; i < recommenders_n; i++)
        if (strcmp(name, recommenders[i]->name) == 0) return recommenders[i];
    return NULL;
}

const knob *recommender_knob(const char *name) {
    for (int i = 0; i < recommenders_n; i++)
        for (int k = 0; k < recommenders[i]->n_knobs; k++)
            if (strcmp(name, recommenders[i]->knobs[k].name) == 0)
                return &recommenders[i]->knobs[k];
    return NULL;
}

double knob_get(const recommender_params *p, const knob *k) {
    const char *at = (const char *)p + k->at;
    float real;
    int whole;
    memcpy(&real, at, sizeof real);
    memcpy(&whole, at, sizeof whole);
    return k->kind == KNOB_INT ? (double)whole : (double)real;
}

void knob_set(recommender_params *p, const knob *k, double value) {
    char *at = (char *)p + k->at;
    float real = (float)value;
    int whole = (int)value;
    memcpy(at, k->kind == KNOB_INT ? (const void *)&whole : (const void *)&real, sizeof real);
}

bool recommender_fit(const recommender *r, const recommender_task *t, void **model, arena *keep,
                     arena scratch, err *e) {
    return r->fit(t, model, keep, scratch, e);
}

sparse recommender_rows(const recommender_ask *ask, const sparse *m, arena *keep) {
    return ask->all ? *m : sparse_rows(m, ask->users, ask->n, keep);
}

sparse recommender_profile(const recommender_task *t, const recommender_ask *ask,
                           profile_params p, arena *keep, arena scratch) {
    const recommender_data *d = t->data;
    int64_t n = 0, at = 0;
    for (int64_t i = 0; i < ask->n; i++)
        n += d->seq_at[ask->users[i] + 1] - d->seq_at[ask->users[i]];
    int32_t *row = take(&scratch, int32_t, n), *col = take(&scratch, int32_t, n);
    float *value = take(&scratch, float, n);
    for (int64_t i = 0; i < ask->n; i++) {
        int64_t from = d->seq_at[ask->users[i]], newest = d->seq_at[ask->users[i] + 1] - 1;
        double place = 1;
        for (int64_t s = newest; s >= from; s--) {
            if (s < newest && (!d->seq_step || d->seq_step[s] < d->seq_step[s + 1]))
                place *= p.recency;
            double age = d->seq_day ? popular_decay(d->seq_day[s], d->as_of, p.half_life) : 1;
            row[at] = (int32_t)i;
            col[at] = d->seq_item[s];
            value[at++] = (float)(place * age);
        }
    }
    return sparse_from_triples(ask->n, d->by_user.cols, n, row, col, value, keep, scratch);
}

/* Popular items, best first, into the places that are left. */
static void fill(const recommender_ask *ask, const int32_t *popular, int64_t items,
                 hybrid_lists to, uint8_t *listed) {
    for (int64_t i = 0; i < ask->n; i++) {
        int32_t *ids = to.ids + i * to.k;
        int n = 0;
        for (; n < to.k && ids[n] >= 0; n++) listed[ids[n]] = 1;
        for (int64_t at = 0; n < to.k && at < items; at++) {
            int32_t item = popular[at];
            if (item < 0) break;
            if (listed[item] || (ask->skip && sparse_has(ask->skip, i, item))) continue;
            to.scores[i * to.k + n] = 0;
            ids[n++] = item;
        }
        for (int j = 0; j < n; j++) listed[ids[j]] = 0;
    }
}

recommender_ask recommender_ask_of(const recommender_task *t, const int32_t *users, int64_t n,
                                   int width, arena *keep) {
    const sparse *taken = &t->data->by_user;
    recommender_ask ask = {.n = n, .users = users, .all = n == taken->rows,
                           .width = width < taken->cols ? width : (int)taken->cols};
    for (int64_t i = 0; ask.all && i < n; i++) ask.all = users[i] == i;
    if (!t->p->exclude_seen) return ask;
    sparse *skip = take(keep, sparse, 1);
    *skip = recommender_rows(&ask, taken, keep);
    ask.skip = skip;
    return ask;
}

static void list_block(const recommender *r, const recommender_task *t, const void *model,
                       const recommender_ask *ask, hybrid_lists to, const int32_t *popular,
                       arena scratch) {
    int64_t items = t->data->by_user.cols;
    for (int64_t i = 0; i < ask->n * to.k; i++) to.ids[i] = -1;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    int32_t *ids = take(&scratch, int32_t, ask->n * ask->width);
    float *scores = take(&scratch, float, ask->n * ask->width);
    r->list(t, model, ask, ids, scores, inner);
    for (int64_t i = 0; i < ask->n; i++) {
        size_t width = (size_t)ask->width;
        memcpy(to.ids + i * to.k, ids + i * ask->width, sizeof *ids * width);
        memcpy(to.scores + i * to.k, scores + i * ask->width, sizeof *scores * width);
    }
    fill(ask, popular, items, to, take(&scratch, uint8_t, items));
}

void recommender_lists(const recommender *r, const recommender_task *t, const void *model,
                       const int32_t *users, int64_t n, hybrid_lists to, arena scratch) {
    const recommender_data *d = t->data;
    int64_t items = d->by_user.cols;
    assert(to.k >= 1 && !to.reason);
    if (!users) {
        n = d->by_user.rows;
        users = order_count(n, &scratch);
    }
    int32_t *popular = take(&scratch, int32_t, items);
    popular_top(d->popularity, items, (int)items, popular, NULL, scratch);
    for (int64_t from = 0; from < n; from += BLOCK) {
        arena block = scratch;
        int64_t rows = n - from < BLOCK ? n - from : BLOCK;
        recommender_ask ask = recommender_ask_of(t, users + from, rows, to.k, &block);
        hybrid_lists part = {to.k, to.ids + from * to.k, to.scores + from * to.k, NULL};
        list_block(r, t, model, &ask, part, popular, block);
    }
}
