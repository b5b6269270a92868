/* recommender_models: adapters of popularity and factors. */
#include <string.h>

#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"
#include "models/recommend/recommender.h"

/* ---- popular ---- */

typedef struct popular_model {
    int n;
    int32_t *ids;  /* [n] the best first */
    float *scores; /* [n] */
} popular_model;

static bool fit_popular(const recommender_task *t, void **model, arena *keep, arena scratch,
                        err *e) {
    (void)e;
    const recommender_data *d = t->data;
    int64_t items = d->by_user.cols;
    popular_events events = {.n = d->seq_at[d->by_user.rows], .item = d->seq_item,
                             .day = d->seq_day};
    popular_params p = {.half_life = t->p->popular_half_life, .as_of = d->as_of, .groups = 1};
    popular_model *m = take(keep, popular_model, 1);
    m->ids = take(keep, int32_t, items);
    m->scores = take(keep, float, items);
    double *score = popular_fit(events, items, p, &scratch);
    m->n = popular_top(score, items, (int)items, m->ids, m->scores, scratch);
    *model = m;
    return true;
}

static void list_popular(const recommender_task *t, const void *model, const recommender_ask *ask,
                         int32_t *ids, float *scores, arena scratch) {
    (void)t, (void)scratch;
    const popular_model *m = model;
    for (int64_t i = 0; i < ask->n; i++, ids += ask->width, scores += ask->width) {
        int n = 0;
        for (int at = 0; at < m->n && n < ask->width; at++) {
            if (ask->skip && sparse_has(ask->skip, i, m->ids[at])) continue;
            ids[n] = m->ids[at];
            scores[n++] = m->scores[at];
        }
        if (n < ask->width) ids[n] = -1;
    }
}

static const knob popular_knobs[] = {
    {"popular.half_life", KNOB_REAL, KNOB_AT(popular_half_life), 0, 1e6, 5, {0, 3, 7, 28, 90},
     true, true},
};

const recommender recommender_popular = {"popular", "what most others take", KNOBS(popular_knobs),
                                         fit_popular, list_popular};

/* ---- als ---- */

static bool fit_als(const recommender_task *t, void **model, arena *keep, arena scratch, err *e) {
    als_model *m = take(keep, als_model, 1);
    *model = m;
    return als_fit(m, &t->data->by_user, &t->data->by_item, t->p->als, t->threads, keep, scratch,
                   e);
}

static void list_factors(const recommender_task *t, neighbours_vectors v,
                         const recommender_ask *ask, int32_t *ids, float *scores, arena scratch) {
    if (!ask->all) {
        float *query = take(&scratch, float, ask->n * v.ld);
        for (int64_t i = 0; i < ask->n; i++)
            memcpy(query + i * v.ld, v.query + (int64_t)ask->users[i] * v.ld,
                   sizeof *query * (size_t)v.ld);
        v.query = query;
        v.queries = ask->n;
    }
    neighbours_rule rule = {.k = ask->width, .skip = ask->skip};
    neighbours_dense(v, rule, ids, scores, t->threads, scratch);
    /* factors of a user without history are 0: every score is 0 and the list says nothing */
    for (int64_t i = 0; i < ask->n; i++)
        if (sparse_degree(&t->data->by_user, ask->users[i]) == 0) ids[i * ask->width] = -1;
}

static void list_als(const recommender_task *t, const void *model, const recommender_ask *ask,
                     int32_t *ids, float *scores, arena scratch) {
    const als_model *m = model;
    list_factors(t, (neighbours_vectors){m->user, m->users, m->item, m->items, m->ld}, ask, ids,
                 scores, scratch);
}

static const knob als_knobs[] = {
    {"als.factors", KNOB_INT, KNOB_AT(als.factors), 1, 1024, 3, {32, 64, 128}, true},
    {"als.iterations", KNOB_INT, KNOB_AT(als.iterations), 1, 1000, 0, {0}, true},
    {"als.alpha", KNOB_REAL, KNOB_AT(als.alpha0), 1e-6, 1000, 4, {0.003, 0.03, 0.1, 0.3}, true},
    {"als.reg", KNOB_REAL, KNOB_AT(als.lambda), 1e-9, 1e6, 3, {0.001, 0.003, 0.01}, true},
};

const recommender recommender_als = {"als", "implicit matrix factorisation", KNOBS(als_knobs),
                                     fit_als, list_als};

/* ---- bpr ---- */

static bool fit_bpr(const recommender_task *t, void **model, arena *keep, arena scratch, err *e) {
    bpr_model *m = take(keep, bpr_model, 1);
    *model = m;
    return bpr_fit(m, &t->data->by_user, t->p->bpr, t->threads, keep, scratch, e);
}

static void list_bpr(const recommender_task *t, const void *model, const recommender_ask *ask,
                     int32_t *ids, float *scores, arena scratch) {
    const bpr_model *m = model;
    list_factors(t, (neighbours_vectors){m->user, m->users, m->item, m->items, m->ld}, ask, ids,
                 scores, scratch);
}

static const knob bpr_knobs[] = {
    {"bpr.factors", KNOB_INT, KNOB_AT(bpr.factors), 1, 1024, 0, {0}, true},
    {"bpr.epochs", KNOB_INT, KNOB_AT(bpr.epochs), 1, 10000, 0, {0}, true},
    {"bpr.rate", KNOB_REAL, KNOB_AT(bpr.rate), 1e-6, 10, 3, {0.02, 0.05, 0.1}, true},
    {"bpr.reg", KNOB_REAL, KNOB_AT(bpr.reg), 0, 10, 3, {0.003, 0.01, 0.03}, true},
    {"bpr.popular", KNOB_REAL, KNOB_AT(bpr.popular), 0, 4, 4, {0, 0.25, 0.5, 0.75}, true},
    {"bpr.draws", KNOB_INT, KNOB_AT(bpr.draws), 1, 64, 4, {1, 2, 4, 8}, true},
    {"bpr.sigma", KNOB_REAL, KNOB_AT(bpr.sigma), 1e-6, 100, 0, {0}, true},
    {"bpr.blocks", KNOB_INT, KNOB_AT(bpr.blocks), 1, 256, 0, {0}, true},
};

const recommender recommender_bpr = {"bpr", "factors that rank what was taken above the rest",
                                     KNOBS(bpr_knobs), fit_bpr, list_bpr};
