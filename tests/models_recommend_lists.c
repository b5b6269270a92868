/* models_recommend_lists: what adapters list for several users at once, by hand. */
#include "check.h"

#include "models/recommend/recommender.h"

enum { USERS = 5, ITEMS = 6, K = 3 };

/* What users took, in order; -1 ends. */
typedef struct shop {
    scope s;
    recommender_data d;
    recommender_params p;
    recommender_task t;
    int64_t at[USERS + 1];
    int32_t item[USERS * ITEMS], ids[USERS * K];
    float scores[USERS * K];
} shop;

static void open_shop(shop *g, int32_t took[USERS][ITEMS]) {
    err e = {0};
    check_ok(scope_open(&g->s, 32 << 20, 64 << 20, &e), &e);
    int32_t row[USERS * ITEMS];
    int64_t n = 0;
    g->at[0] = 0;
    for (int32_t u = 0; u < USERS; u++) {
        for (int i = 0; i < ITEMS && took[u][i] >= 0; i++) row[n] = u, g->item[n++] = took[u][i];
        g->at[u + 1] = n;
    }
    g->d = (recommender_data){.seq_at = g->at, .seq_item = g->item};
    g->d.by_user = sparse_from_triples(USERS, ITEMS, n, row, g->item, NULL, &g->s.keep,
                                       g->s.scratch);
    g->d.by_item = sparse_transpose(&g->d.by_user, &g->s.keep);
    g->p = RECOMMENDER_DEFAULTS;
    g->t = (recommender_task){&g->d, &g->p, pool_open(1, 8 << 20, &e)};
    check(g->t.threads != NULL);
}

static void close_shop(shop *g) {
    pool_close(g->t.threads);
    scope_close(&g->s);
}

/* The model's own lists of all users against the wanted ones; -1 ends a list. */
static void check_lists(shop *g, const char *name, const int32_t wanted[USERS][K]) {
    static const int32_t users[] = {0, 1, 2, 3, 4};
    const recommender *r = recommender_find(name);
    void *model;
    err e = {0};
    check_ok(recommender_fit(r, &g->t, &model, &g->s.keep, g->s.scratch, &e), &e);
    recommender_ask ask = recommender_ask_of(&g->t, users, USERS, K, &g->s.keep);
    r->list(&g->t, model, &ask, g->ids, g->scores, g->s.scratch);
    for (int u = 0; u < USERS; u++)
        for (int k = 0; k < K && (k == 0 || wanted[u][k - 1] >= 0); k++)
            check(g->ids[u * K + k] == wanted[u][k]);
}

/* Items 0 and 1 share a word, and 2, 3 and 4 another: each is one term, a vector of length 1. What
 * was taken before the last item counts half. */
CHECK(recommender_content_lists_of_several_users) {
    shop g;
    open_shop(&g, (int32_t[USERS][ITEMS]){{0, -1}, {2, -1}, {0, 2, -1}, {2, 0, -1}, {-1}});
    g.p.content.recency = 0.5f;
    int32_t row[ITEMS] = {0, 1, 2, 3, 4, 5}, col[ITEMS] = {0, 0, 1, 1, 1, 2};
    sparse about = sparse_from_triples(ITEMS, 3, ITEMS, row, col, NULL, &g.s.keep, g.s.scratch);
    g.d.features[ALS_ITEMS] = &about;
    check_lists(&g, "content", (const int32_t[USERS][K]){
        {1, -1}, {3, 4, -1}, {3, 4, 1}, {1, 3, 4}, {-1}});
    /* 1e-6: float products of numbers near 1 */
    check_near((double)g.scores[2 * K], 1, 1e-6);
    check_near((double)g.scores[2 * K + 2], 0.5, 1e-6);
    check_near((double)g.scores[3 * K], 1, 1e-6);
    check_near((double)g.scores[3 * K + 2], 0.5, 1e-6);
    close_shop(&g);
}

/* Users 0 and 1 are group 0: items 0, 3, 2, 2. Users 2 and 3 are group 1: items 1, 0, 0. User 4 is
 * of none: item 0 thrice, 2 twice, 1 and 3 once. Without trust in the whole each group stands
 * alone, and what one has is left out. */
CHECK(recommender_groups_list_their_own) {
    shop g;
    open_shop(&g, (int32_t[USERS][ITEMS]){{0, -1}, {3, 2, 2, -1}, {1, -1}, {0, 0, -1}, {-1}});
    g.d.group = (const int32_t[USERS]){0, 0, 1, 1, -1}, g.d.groups = 2;
    g.p.group_trust = 0;
    check_lists(&g, "popular-group", (const int32_t[USERS][K]){
        {2, 3, -1}, {0, -1}, {0, -1}, {1, -1}, {0, 2, 1}});
    check_near((double)g.scores[0], 2, 0);
    check_near((double)g.scores[2 * K], 2, 0);
    check_near((double)g.scores[4 * K], 3, 0);
    close_shop(&g);
}

/* A week before day 14, user 0 had item 0 for 6 days, one purchase, and bought it again; user 2 had
 * item 2 for 2 days and did not: p = 1/2, and of the cell (4 to 7 days, 1 purchase)
 * (1 + 50 p) / (1 + 50) = 26/51. On day 14 that is the cell of both items of user 1, the newest
 * first; two purchases on one day are one. Users 0 (4 days, two purchases) and 2 (9 days) are in
 * cells nobody saw: p. */
CHECK(recommender_repurchase_lists_of_several_users) {
    shop g;
    open_shop(&g, (int32_t[USERS][ITEMS]){{0, 0, -1}, {1, 1, 0, -1}, {2, -1}, {-1}, {-1}});
    g.d.seq_day = (const int32_t[]){1, 10, 9, 9, 10, 5};
    g.d.as_of = 14;
    g.p.exclude_seen = false;
    check_lists(&g, "repurchase", (const int32_t[USERS][K]){
        {0, -1}, {0, 1, -1}, {2, -1}, {-1}, {-1}});
    check_near((double)g.scores[0], 0.5, 1e-7); /* 1e-7: a float */
    check_near((double)g.scores[K], 26 / 51.0, 1e-7);
    check_near((double)g.scores[K + 1], 26 / 51.0, 1e-7);
    check_near((double)g.scores[2 * K], 0.5, 1e-7);
    close_shop(&g);
}
