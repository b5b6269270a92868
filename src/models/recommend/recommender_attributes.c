/* recommender_attributes: adapters of the models that know attributes of items and users. */
#include <string.h>

#include "models/recommend/attributes.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"
#include "models/recommend/recommender.h"

/* ---- content ---- */

typedef struct content_model {
    sparse by_item, by_term; /* attributes_vectors of the items */
} content_model;

static bool fit_content(const recommender_task *t, void **model, arena *keep, arena scratch,
                        err *e) {
    (void)scratch;
    const sparse *features = t->data->features[ALS_ITEMS];
    if (!features) return refuse(e, "the model content needs a table of attributes of the items");
    content_model *m = take(keep, content_model, 1);
    m->by_item = attributes_vectors(features, keep);
    m->by_term = sparse_transpose(&m->by_item, keep);
    *model = m;
    return true;
}

/* The items of a profile as one vector of terms: a cosine with each item, summed over the past. */
static void list_content(const recommender_task *t, const void *model, const recommender_ask *ask,
                         int32_t *ids, float *scores, arena scratch) {
    const content_model *m = model;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse past = recommender_profile(t, ask, t->p->content, &scratch, inner);
    int64_t most = 0, n = 0;
    for (int64_t at = 0; at < sparse_count(&past); at++)
        most += sparse_degree(&m->by_item, past.col[at]);
    int32_t *row = take(&scratch, int32_t, most), *col = take(&scratch, int32_t, most);
    float *value = take(&scratch, float, most);
    for (int64_t r = 0; r < past.rows; r++)
        for (int64_t at = past.at[r]; at < past.at[r + 1]; at++) {
            int64_t end = m->by_item.at[past.col[at] + 1];
            for (int64_t i = m->by_item.at[past.col[at]]; i < end; i++) {
                row[n] = (int32_t)r;
                col[n] = m->by_item.col[i];
                value[n++] = past.value[at] * m->by_item.value[i];
            }
        }
    sparse query = sparse_from_triples(past.rows, m->by_item.cols, n, row, col, value, &scratch,
                                       inner);
    neighbours_rule rule = {.k = ask->width, .skip = ask->skip};
    neighbours_sparse(&query, &m->by_term, rule, ids, scores, t->threads);
}

static const knob content_knobs[] = {
    {"content.recency", KNOB_REAL, KNOB_AT(content.recency), 1e-3, 1, 4, {0.3, 0.65, 0.8, 1},
     false},
    {"content.half_life", KNOB_REAL, KNOB_AT(content.half_life), 0, 1e6, 4, {0, 7, 30, 90}, false,
     true},
};

const recommender recommender_content = {"content", "items whose attributes are like those taken",
                                         KNOBS(content_knobs), fit_content, list_content};

/* ---- als-features ---- */

static bool fit_als_features(const recommender_task *t, void **model, arena *keep, arena scratch,
                             err *e) {
    const recommender_data *d = t->data;
    als_features_params p = ALS_FEATURES_DEFAULTS;
    als_features_data data = {&d->by_user, &d->by_item, {d->features[0], d->features[1]}};
    if (!d->features[ALS_ITEMS] && !d->features[ALS_USERS])
        return refuse(e, "the model als-features needs a table of attributes of the items or of "
                         "the users");
    p.als = t->p->als;
    p.ridge = t->p->als_ridge;
    if (p.warm_up > p.als.iterations) p.warm_up = p.als.iterations;
    als_features_model *m = take(keep, als_features_model, 1);
    *model = m;
    return als_features_fit(m, &data, p, t->threads, keep, scratch, e);
}

/* Who has neither a history nor attributes gets an empty list. */
static void list_als_features(const recommender_task *t, const void *model,
                              const recommender_ask *ask, int32_t *ids, float *scores,
                              arena scratch) {
    const als_model *m = &((const als_features_model *)model)->als;
    const sparse *about = t->data->features[ALS_USERS];
    float *query = take(&scratch, float, ask->n * m->ld);
    for (int64_t i = 0; i < ask->n; i++)
        memcpy(query + i * m->ld, m->user + (int64_t)ask->users[i] * m->ld,
               sizeof *query * (size_t)m->ld);
    neighbours_vectors v = {query, ask->n, m->item, m->items, m->ld};
    neighbours_rule rule = {.k = ask->width, .skip = ask->skip};
    neighbours_dense(v, rule, ids, scores, t->threads, scratch);
    for (int64_t i = 0; i < ask->n; i++)
        if (!about && sparse_degree(&t->data->by_user, ask->users[i]) == 0)
            ids[i * ask->width] = -1;
}

static const knob als_features_knobs[] = {
    {"als-features.ridge", KNOB_REAL, KNOB_AT(als_ridge), 1e-6, 1e9, 3, {30, 100, 300}, true},
};

const recommender recommender_als_features = {
    "als-features", "factors drawn to what attributes say, for new items and users too",
    KNOBS(als_features_knobs), fit_als_features, list_als_features};

/* ---- popular-group ---- */

typedef struct group_model {
    int groups;
    int32_t *ids;  /* [groups + 1, items] the best first, -1 ends; the last is everybody's */
    float *scores; /* [groups + 1, items] */
} group_model;

static bool fit_group(const recommender_task *t, void **model, arena *keep, arena scratch,
                      err *e) {
    const recommender_data *d = t->data;
    int64_t users = d->by_user.rows, items = d->by_user.cols, n = d->seq_at[users];
    if (!d->group)
        return refuse(e, "the model popular-group needs a column that names each user's group");
    int32_t *group = take(&scratch, int32_t, n);
    for (int64_t u = 0; u < users; u++)
        for (int64_t i = d->seq_at[u]; i < d->seq_at[u + 1]; i++) group[i] = d->group[u];
    popular_events events = {.n = n, .item = d->seq_item, .day = d->seq_day, .group = group};
    popular_params p = {t->p->group_half_life, d->as_of, d->groups};
    group_model *m = take(keep, group_model, 1);
    m->groups = d->groups > 1 ? d->groups : 0;
    m->ids = take(keep, int32_t, (m->groups + 1) * items);
    m->scores = take(keep, float, (m->groups + 1) * items);
    double *score = popular_fit(events, items, p, &scratch);
    if (m->groups) popular_mix(score, items, d->groups, t->p->group_trust);
    for (int g = 0; g <= m->groups; g++)
        popular_top(score + g * items, items, (int)items, m->ids + g * items,
                    m->scores + g * items, scratch);
    *model = m;
    return true;
}

static void list_group(const recommender_task *t, const void *model, const recommender_ask *ask,
                       int32_t *ids, float *scores, arena scratch) {
    (void)scratch;
    const group_model *m = model;
    int64_t items = t->data->by_user.cols;
    for (int64_t i = 0; i < ask->n; i++, ids += ask->width, scores += ask->width) {
        int group = m->groups ? t->data->group[ask->users[i]] : 0, n = 0;
        int64_t from = (group < 0 ? m->groups : group) * items;
        for (int64_t at = from; at < from + items && m->ids[at] >= 0 && n < ask->width; at++) {
            if (ask->skip && sparse_has(ask->skip, i, m->ids[at])) continue;
            ids[n] = m->ids[at];
            scores[n++] = m->scores[at];
        }
        if (n < ask->width) ids[n] = -1;
    }
}

static const knob group_knobs[] = {
    {"popular-group.half_life", KNOB_REAL, KNOB_AT(group_half_life), 0, 1e6, 5,
     {0, 3, 7, 28, 90}, true, true},
    {"popular-group.trust", KNOB_REAL, KNOB_AT(group_trust), 0, 1e9, 4, {0, 50, 500, 5000}, true},
};

const recommender recommender_popular_group = {"popular-group", "what most of one's group take",
                                               KNOBS(group_knobs), fit_group, list_group};
