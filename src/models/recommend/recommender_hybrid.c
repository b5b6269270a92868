/* recommender_hybrid: the model that blends the lists of others. */
#include <assert.h>

#include "models/recommend/recommender.h"

static const recommender_blend default_blend = {
    .n = 5,
    .model = {&recommender_popular, &recommender_als, &recommender_knn, &recommender_transitions,
              &recommender_session},
    .weight = {0.02f, 0.2f, 0.1f, 1, 0.1f},
};

recommender_blend recommender_blend_of(const recommender_params *p) {
    assert(p->blend.n >= 0 && p->blend.n <= HYBRID_MOST);
    return p->blend.n > 0 ? p->blend : default_blend;
}

static bool fit_hybrid(const recommender_task *t, void **model, arena *keep, arena scratch,
                       err *e) {
    recommender_blend b = recommender_blend_of(t->p);
    void **parts = take(keep, void *, b.n);
    *model = parts;
    for (int i = 0; i < b.n; i++)
        if (!b.model[i]->fit(t, &parts[i], keep, scratch, e)) return false;
    return true;
}

hybrid_source recommender_part(const recommender *r, const recommender_task *t, const void *model,
                               const recommender_ask *ask, arena *keep, arena scratch) {
    int64_t items = t->data->by_user.cols;
    recommender_ask wide = *ask;
    if (wide.width < RECOMMENDER_PART) wide.width = RECOMMENDER_PART;
    if (wide.width > items) wide.width = (int)items;
    int32_t *ids = take(keep, int32_t, ask->n * wide.width);
    float *scores = take(keep, float, ask->n * wide.width);
    r->list(t, model, &wide, ids, scores, scratch);
    return (hybrid_source){.width = wide.width, .ids = ids, .scores = scores};
}

static void list_hybrid(const recommender_task *t, const void *model, const recommender_ask *ask,
                        int32_t *ids, float *scores, arena scratch) {
    void *const *parts = model;
    recommender_blend b = recommender_blend_of(t->p);
    hybrid_problem problem = {.n = b.n, .users = ask->n, .items = t->data->by_user.cols};
    hybrid_weights w = {{0}};
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int i = 0; i < b.n; i++) {
        problem.sources[i] = recommender_part(b.model[i], t, parts[i], ask, &scratch, inner);
        w.of[i] = b.weight[i];
    }
    hybrid_blend(&problem, w, (hybrid_lists){ask->width, ids, scores, NULL}, t->threads);
}

const recommender recommender_hybrid = {"hybrid", "a weighted blend of several models", NULL, 0,
                                        fit_hybrid, list_hybrid};
