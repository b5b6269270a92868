/* recommender: lists for all customers from one table of interactions, by a model's name. */
#include "models/recommend/recommender.h"

#include <string.h>

#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"

enum { POPULAR, ALS, KNN };

const recommender recommenders[RECOMMENDERS] = {
    {"als", "implicit matrix factorisation", {true, true, false}},
    {"popular", "what most others take", {true, false, false}},
    {"knn", "items like those taken before", {true, false, true}},
    {"hybrid", "a blend of popularity, factors and similar items", {true, true, true}},
};

const recommender *recommender_find(const char *name) {
    for (int i = 0; i < RECOMMENDERS; i++)
        if (strcmp(name, recommenders[i].name) == 0) return &recommenders[i];
    return NULL;
}

static int64_t longest_row(const sparse *m) {
    int64_t most = 0;
    for (int64_t r = 0; r < m->rows; r++)
        if (sparse_degree(m, r) > most) most = sparse_degree(m, r);
    return most;
}

static bool add_als(const recommender_data *d, const recommender_params *p, hybrid_source *to,
                    pool *threads, arena *keep, arena scratch, err *e) {
    als_model m;
    int64_t users = d->by_user.rows;
    if (!als_fit(&m, &d->by_user, &d->by_item, p->als, threads, keep, scratch, e)) return false;
    int32_t *ids = take(keep, int32_t, users * to->width);
    float *scores = take(keep, float, users * to->width);
    neighbours_rule rule = {.k = to->width, .skip = p->exclude_seen ? &d->by_user : NULL};
    neighbours_dense((neighbours_vectors){m.user, users, m.item, m.items, m.ld}, rule, ids, scores,
                     threads, scratch);
    /* factors of a customer without history are 0: every score is 0 and the list says nothing */
    for (int64_t u = 0; u < users; u++)
        if (sparse_degree(&d->by_user, u) == 0) ids[u * to->width] = -1;
    to->ids = ids;
    to->scores = scores;
    return true;
}

static void add_knn(const recommender_data *d, const recommender_params *p, hybrid_source *to,
                    pool *threads, arena *keep, arena scratch) {
    int64_t users = d->by_user.rows;
    sparse sim = knn_fit(&d->by_user, &d->by_item, p->knn, threads, keep, scratch);
    int32_t *ids = take(keep, int32_t, users * to->width);
    float *scores = take(keep, float, users * to->width);
    neighbours_rule rule = {.k = to->width, .skip = p->exclude_seen ? &d->by_user : NULL};
    neighbours_sparse(&d->profile, &sim, rule, ids, scores, threads);
    to->ids = ids;
    to->scores = scores;
}

static void add_popular(const recommender_data *d, const recommender_params *p, hybrid_source *to,
                        arena *keep, arena scratch) {
    /* Long enough that k are left when a customer has seen the first ones. */
    int64_t items = d->by_item.rows, width = to->width;
    if (p->exclude_seen) width += longest_row(&d->by_user);
    if (width > items) width = items;
    int32_t *ids = take(keep, int32_t, width);
    float *scores = take(keep, float, width);
    popular_top(d->popularity, items, (int)width, ids, scores, scratch);
    *to = (hybrid_source){.width = (int)width, .ids = ids, .scores = scores,
                          .list = take(keep, int32_t, d->by_user.rows)};
}

bool recommender_lists(const recommender *r, const recommender_data *data, recommender_params p,
                       hybrid_lists to, pool *threads, arena scratch, err *e) {
    int width = to.k > 100 ? to.k : 100;
    if (width > data->by_item.rows) width = (int)data->by_item.rows;
    hybrid_problem blend = {.n = 3, .users = data->by_user.rows, .items = data->by_item.rows,
                            .skip = p.exclude_seen ? &data->by_user : NULL};
    for (int s = 0; s < 3; s++) blend.sources[s].width = width;
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    add_popular(data, &p, &blend.sources[POPULAR], &scratch, inner);
    if (r->uses[ALS] &&
        !add_als(data, &p, &blend.sources[ALS], threads, &scratch, inner, e))
        return false;
    if (r->uses[KNN]) add_knn(data, &p, &blend.sources[KNN], threads, &scratch, inner);
    hybrid_weights w = p.weights;
    bool alone = r->uses[ALS] + r->uses[KNN] == 1;
    for (int s = 0; s < 3; s++)
        if (!r->uses[s]) blend.sources[s].width = 0;
    /* beside one model, popularity only fills empty places: it cannot turn an order */
    if (alone) w = (hybrid_weights){{1e-6f, 1, 1}};
    hybrid_blend(&blend, w, to, threads);
    return true;
}
