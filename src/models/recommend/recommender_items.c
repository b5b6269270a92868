/* recommender_items: adapters of the models from item to item: similar items, walks and ease. */
#include "models/recommend/neighbours.h"
#include "models/recommend/recommender.h"

#define AT(field) KNOB_AT(field)

/* What of a user's past counts. */
#define PROFILE_KNOBS(name, of)                                                                    \
    {name ".recency", KNOB_REAL, AT(past.of.recency), 1e-3, 1, 6, {0.3, 0.5, 0.65, 0.8, 0.9, 1},   \
     false},                                                                                       \
    {name ".half_life", KNOB_REAL, AT(past.of.half_life), 0, 1e6, 4, {0, 7, 30, 90}, false,        \
     true}

/* The lists of a model that is a matrix of items: profiles times the matrix. */
static void list_matrix(const recommender_task *t, profile_params past, const sparse *matrix,
                        const recommender_ask *ask, int32_t *ids, float *scores, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse profile = recommender_profile(t, ask, past, &scratch, inner);
    neighbours_rule rule = {.k = ask->width, .skip = ask->skip};
    neighbours_sparse(&profile, matrix, rule, ids, scores, t->threads);
}

#define LIST(name)                                                                                 \
    static void list_##name(const recommender_task *t, const void *model,                          \
                            const recommender_ask *ask, int32_t *ids, float *scores,               \
                            arena scratch) {                                                       \
        list_matrix(t, t->p->past.name, model, ask, ids, scores, scratch);                         \
    }
LIST(knn)
LIST(knn_tfidf)
LIST(knn_bm25)
LIST(rp3beta)
LIST(p3alpha)

/* ---- knn ---- */

/* The last day of each entry of by_user; NULL without times. */
static int32_t *last_days(const recommender_data *d, arena *keep) {
    if (!d->seq_day) return NULL;
    int32_t *day = take(keep, int32_t, sparse_count(&d->by_user));
    for (int64_t u = 0; u < d->by_user.rows; u++)
        for (int64_t s = d->seq_at[u]; s < d->seq_at[u + 1]; s++)
            day[sparse_find(&d->by_user, u, d->seq_item[s])] = d->seq_day[s];
    return day;
}

static bool fit_matrix_knn(const recommender_task *t, knn_params p, void **model, arena *keep,
                           arena scratch, err *e) {
    const recommender_data *d = t->data;
    const char *wrong = knn_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    int32_t *day = p.pair_half_life > 0 ? last_days(d, &scratch) : NULL;
    sparse *sim = take(keep, sparse, 1);
    *sim = knn_fit_timed(&d->by_user, &d->by_item, day, p, t->threads, keep, inner);
    *model = sim;
    return true;
}

static bool fit_knn(const recommender_task *t, void **model, arena *keep, arena scratch, err *e) {
    return fit_matrix_knn(t, t->p->knn, model, keep, scratch, e);
}

static bool fit_knn_tfidf(const recommender_task *t, void **model, arena *keep, arena scratch,
                          err *e) {
    return fit_matrix_knn(t, t->p->knn_tfidf, model, keep, scratch, e);
}

static bool fit_knn_bm25(const recommender_task *t, void **model, arena *keep, arena scratch,
                         err *e) {
    return fit_matrix_knn(t, t->p->knn_bm25, model, keep, scratch, e);
}

#define KNN_KNOBS(name, of)                                                                        \
    PROFILE_KNOBS(name, of),                                                                       \
    {name ".neighbours", KNOB_INT, AT(of.keep), 1, 4096, 4, {50, 100, 300, 1000}, true},           \
    {name ".shrink", KNOB_REAL, AT(of.shrink), 0, 1e6, 5, {0, 3, 10, 30, 100}, true},              \
    {name ".user_power", KNOB_REAL, AT(of.user_power), 0, 2, 4, {0, 0.25, 0.5, 0.75}, true},       \
    {name ".asymmetry", KNOB_REAL, AT(of.asymmetry), 0, 1, 4, {0.35, 0.5, 0.65, 0.8}, true},       \
    {name ".norm", KNOB_REAL, AT(of.norm), 0, 1, 0, {0}, true},                                    \
    {name ".min_support", KNOB_INT, AT(of.min_support), 1, 1e6, 0, {0}, true},                     \
    {name ".longest", KNOB_INT, AT(of.longest), 2, 1e9, 0, {0}, true},                             \
    {name ".pair_half_life", KNOB_REAL, AT(of.pair_half_life), 0, 1e6, 0, {0}, true}

static const knob knn_knobs[] = {KNN_KNOBS("knn", knn)};
static const knob knn_tfidf_knobs[] = {KNN_KNOBS("knn-tfidf", knn_tfidf)};
static const knob knn_bm25_knobs[] = {
    KNN_KNOBS("knn-bm25", knn_bm25),
    {"knn-bm25.k1", KNOB_REAL, AT(knn_bm25.k1), 0, 1e6, 4, {0.5, 1.2, 10, 100}, true},
    {"knn-bm25.b", KNOB_REAL, AT(knn_bm25.b), 0, 1, 4, {0.25, 0.5, 0.75, 1}, true},
};

const recommender recommender_knn = {"knn", "items like those taken before: shrunk cosine",
                                     KNOBS(knn_knobs), fit_knn, list_knn};
const recommender recommender_knn_tfidf = {"knn-tfidf", "items like those taken before: TF-IDF",
                                           KNOBS(knn_tfidf_knobs), fit_knn_tfidf, list_knn_tfidf};
const recommender recommender_knn_bm25 = {"knn-bm25", "items like those taken before: BM25",
                                          KNOBS(knn_bm25_knobs), fit_knn_bm25, list_knn_bm25};

/* ---- walks ---- */

static bool fit_walk(const recommender_task *t, rp3beta_params p, void **model, arena *keep,
                     arena scratch, err *e) {
    const char *wrong = rp3beta_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    sparse *w = take(keep, sparse, 1);
    *w = rp3beta_fit(&t->data->by_user, &t->data->by_item, p, t->threads, keep, scratch);
    *model = w;
    return true;
}

static bool fit_rp3beta(const recommender_task *t, void **model, arena *keep, arena scratch,
                        err *e) {
    return fit_walk(t, t->p->rp3beta, model, keep, scratch, e);
}

static bool fit_p3alpha(const recommender_task *t, void **model, arena *keep, arena scratch,
                        err *e) {
    return fit_walk(t, t->p->p3alpha, model, keep, scratch, e);
}

#define WALK_KNOBS(name, of)                                                                       \
    PROFILE_KNOBS(name, of),                                                                       \
    {name ".alpha", KNOB_REAL, AT(of.alpha), 0, 4, 5, {0.2, 0.4, 0.6, 0.8, 1}, true},              \
    {name ".neighbours", KNOB_INT, AT(of.keep), 1, 4096, 3, {50, 200, 1000}, true},                \
    {name ".min_support", KNOB_INT, AT(of.min_support), 1, 1e6, 0, {0}, true},                     \
    {name ".longest", KNOB_INT, AT(of.longest), 2, 1e9, 0, {0}, true}

static const knob p3alpha_knobs[] = {WALK_KNOBS("p3alpha", p3alpha)};
static const knob rp3beta_knobs[] = {
    WALK_KNOBS("rp3beta", rp3beta),
    {"rp3beta.beta", KNOB_REAL, AT(rp3beta.beta), 0, 4, 5, {0.1, 0.3, 0.5, 0.7, 0.9}, true},
};

const recommender recommender_rp3beta = {"rp3beta", "walks of three steps, popular ends held back",
                                         KNOBS(rp3beta_knobs), fit_rp3beta, list_rp3beta};
const recommender recommender_p3alpha = {"p3alpha", "walks of three steps", KNOBS(p3alpha_knobs),
                                         fit_p3alpha, list_p3alpha};

/* ---- ease ---- */

static bool fit_ease(const recommender_task *t, void **model, arena *keep, arena scratch, err *e) {
    ease_model *m = take(keep, ease_model, 1);
    *model = m;
    return ease_fit(m, &t->data->by_user, &t->data->by_item, t->p->ease, t->threads, keep, scratch,
                    e);
}

static void list_ease(const recommender_task *t, const void *model, const recommender_ask *ask,
                      int32_t *ids, float *scores, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse profile = recommender_profile(t, ask, t->p->past.ease, &scratch, inner);
    neighbours_rule rule = {.k = ask->width, .skip = ask->skip};
    ease_lists(model, &profile, rule, ids, scores, t->threads);
}

static const knob ease_knobs[] = {
    PROFILE_KNOBS("ease", ease),
    {"ease.lambda", KNOB_REAL, AT(ease.lambda), 1e-6, 1e9, 5, {10, 30, 100, 300, 1000}, true},
    {"ease.dropout", KNOB_REAL, AT(ease.dropout), 0, 0.999, 3, {0, 0.3, 0.6}, true},
    {"ease.user_power", KNOB_REAL, AT(ease.user_power), 0, 2, 3, {0, 0.25, 0.5}, true},
    {"ease.min_count", KNOB_INT, AT(ease.min_count), 1, 1e9, 0, {0}, true},
    {"ease.most_items", KNOB_INT, AT(ease.most_items), 1, 1e6, 0, {0}, true},
};

const recommender recommender_ease = {"ease", "closed-form linear model of items on items",
                                      KNOBS(ease_knobs), fit_ease, list_ease};
