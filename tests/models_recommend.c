/* models_recommend: neighbours, popularity, content and their blend, by hand and by brute force. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/content.h"
#include "models/recommend/hybrid.h"
#include "models/recommend/knn.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"
#include "models/recommend/recommender.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 32 << 20, 64 << 20, &e), &e);
}

static pool *open_pool(int threads) {
    err e = {0};
    pool *p = pool_open(threads, 8 << 20, &e);
    check(p != NULL);
    return p;
}

CHECK(neighbours_list_keeps_the_best_and_the_smaller_item_of_equals) {
    int32_t ids[4];
    float scores[4];
    neighbours_list l = {.k = 4, .ids = ids, .scores = scores};
    static const int32_t item[] = {9, 3, 7, 1, 8, 2};
    static const float score[] = {1, 2, 2, 1, 2, 0};
    for (int i = 0; i < 6; i++) neighbours_offer(&l, item[i], score[i]);
    neighbours_sort(&l);
    check(ids[0] == 3 && ids[1] == 7 && ids[2] == 8 && ids[3] == 1);
    check(scores[2] == 2 && scores[3] == 1);
    neighbours_list few = {.k = 4, .ids = ids, .scores = scores};
    neighbours_offer(&few, 5, -1);
    neighbours_sort(&few);
    check(ids[0] == 5 && scores[0] == -1 && ids[1] == -1 && ids[3] == -1 && scores[3] == 0);
}

/* Small whole numbers: dot products are exact and full of ties. */
static void whole_numbers(rng *r, float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) x[i] = (float)rng_below(r, 3) - 1;
}

static void brute_force(neighbours_vectors v, neighbours_rule rule, int64_t q, int32_t *ids) {
    char *taken = NULL;
    static char used[4096];
    taken = used;
    memset(taken, 0, sizeof used);
    for (int place = 0; place < rule.k; place++) {
        int64_t best = -1;
        double best_score = 0;
        for (int64_t i = 0; i < v.items; i++) {
            if (taken[i] || (rule.allowed && !bitmap_has(rule.allowed, i)) ||
                (rule.skip_self && i == q) || (rule.skip && sparse_has(rule.skip, q, (int32_t)i)))
                continue;
            double score = 0;
            for (int j = 0; j < v.ld; j++) score += v.query[q * v.ld + j] * v.item[i * v.ld + j];
            if (best < 0 || score > best_score) {
                best = i;
                best_score = score;
            }
        }
        if (best >= 0) taken[best] = 1;
        ids[place] = (int32_t)best;
    }
}

CHECK(neighbours_equal_brute_force_for_any_threads) {
    enum { Q = 150, ITEMS = 2500, LD = 16, K = 9 };
    scope s;
    open_scope(&s);
    rng r = rng_open(4, 4);
    float *query = take(&s.keep, float, Q * LD), *item = take(&s.keep, float, ITEMS * LD);
    whole_numbers(&r, query, Q * LD);
    whole_numbers(&r, item, ITEMS * LD);
    bitmap allowed = bitmap_open(ITEMS, &s.keep);
    int32_t *row = take(&s.keep, int32_t, 4000), *col = take(&s.keep, int32_t, 4000);
    for (int i = 0; i < ITEMS; i++)
        if (rng_below(&r, 3) > 0) bitmap_set(&allowed, i);
    for (int i = 0; i < 4000; i++) {
        row[i] = (int32_t)rng_below(&r, Q);
        col[i] = (int32_t)rng_below(&r, ITEMS);
    }
    sparse skip = sparse_from_triples(Q, ITEMS, 4000, row, col, NULL, &s.keep, s.scratch);
    neighbours_vectors v = {query, Q, item, ITEMS, LD};
    neighbours_rule rules[] = {{.k = K}, {.k = K, .skip = &skip, .skip_self = true},
                               {.k = K, .skip = &skip, .allowed = &allowed}};
    int32_t wanted[K], *ids = take(&s.keep, int32_t, Q * K), *again = take(&s.keep, int32_t, Q * K);
    float *scores = take(&s.keep, float, Q * K);
    for (int rule = 0; rule < 3; rule++)
        for (int threads = 1; threads <= 8; threads *= 2) {
            pool *t = open_pool(threads);
            neighbours_dense(v, rules[rule], ids, scores, t, s.scratch);
            pool_close(t);
            for (int q = 0; threads == 1 && q < Q; q += 7) {
                brute_force(v, rules[rule], q, wanted);
                check(memcmp(wanted, ids + q * K, sizeof wanted) == 0);
            }
            if (threads == 1) memcpy(again, ids, sizeof *ids * Q * K);
            check(memcmp(again, ids, sizeof *ids * Q * K) == 0);
        }
    scope_close(&s);
}

CHECK(neighbours_sparse_equal_dense_where_scores_are_positive) {
    enum { ITEMS = 200, TERMS = 16, K = 12 };
    scope s;
    open_scope(&s);
    rng r = rng_open(6, 6);
    float *dense = take(&s.keep, float, ITEMS * TERMS), w[ITEMS * 3], scores[2][ITEMS * K];
    int32_t row[ITEMS * 3], col[ITEMS * 3], ids[2][ITEMS * K];
    for (int n = 0; n < ITEMS * 3; n++) {
        row[n] = n / 3;
        col[n] = (int32_t)rng_below(&r, TERMS);
        w[n] = (float)(1 + rng_below(&r, 4));
        dense[row[n] * TERMS + col[n]] += w[n];
    }
    sparse m = sparse_from_triples(ITEMS, TERMS, ITEMS * 3, row, col, w, &s.keep, s.scratch);
    sparse by_term = sparse_transpose(&m, &s.keep);
    neighbours_rule rule = {.k = K, .skip_self = true};
    pool *t = open_pool(2);
    neighbours_sparse(&m, &by_term, rule, ids[0], scores[0], t);
    neighbours_dense((neighbours_vectors){dense, ITEMS, dense, ITEMS, TERMS}, rule, ids[1],
                     scores[1], t, s.scratch);
    pool_close(t);
    for (int i = 0; i < ITEMS * K; i++) {
        if (scores[1][i] <= 0) continue;
        check(ids[0][i] == ids[1][i] && scores[0][i] == scores[1][i]);
    }
    scope_close(&s);
}

CHECK(popularity_halves_with_age_and_knows_groups) {
    scope s;
    open_scope(&s);
    /* as_of 100: day 99 counts 1, day 92 a half, day 85 a quarter, day 100 nothing */
    int32_t item[] = {0, 0, 1, 2, 2, 2}, day[] = {99, 92, 99, 100, 85, 85};
    int32_t group[] = {0, 1, 1, 0, -1, 0};
    popular_events events = {6, item, day, NULL, group};
    double *p = popular_fit(events, 4, (popular_params){7, 100, 1}, &s.keep);
    check_near(p[0], 1.5, 1e-15);
    check_near(p[1], 1, 1e-15);
    check_near(p[2], 0.5, 1e-15);
    double *g = popular_fit(events, 4, (popular_params){7, 100, 2}, &s.keep);
    check_near(g[0], 1, 1e-15);
    check_near(g[2], 0.25, 1e-15);
    check_near(g[4], 0.5, 1e-15);
    check_near(g[8], 1.5, 1e-15);
    int32_t top[3];
    float score[3];
    check(popular_top(p, 4, 3, top, score, s.scratch) == 3);
    check(top[0] == 0 && top[1] == 1 && top[2] == 2 && score[2] == 0.5f);
    check(popular_top(p + 3, 1, 3, top, NULL, s.scratch) == 0 && top[0] == -1);
    /* shifting all days and as_of changes nothing; a half-life of 0 counts */
    for (int i = 0; i < 6; i++) day[i] += 1000;
    check(popular_fit(events, 4, (popular_params){7, 1100, 1}, &s.keep)[0] == p[0]);
    check(popular_fit(events, 4, (popular_params){0, 1100, 1}, &s.keep)[2] == 2);
    scope_close(&s);
}

CHECK(content_weighs_rare_shared_terms_and_drops_the_others) {
    scope s;
    open_scope(&s);
    enum { N = 8 };
    /* "dress" is in all (too common), "unique…" in one each (too rare) */
    slice name[N] = {SLICE("Red dress unique1"),   SLICE("RED, dress; unique2 red"),
                     SLICE("blue dress unique3"),  SLICE("blue-dress unique4"),
                     SLICE("dress a unique5"),     SLICE("dress unique6"),
                     SLICE("dress unique7"),       SLICE("")};
    slice colour[N] = {SLICE("red"), SLICE("red"), SLICE("x y"), SLICE("x y"),
                       SLICE(""),    SLICE("q"),   SLICE("w"),   SLICE("")};
    content_field fields[] = {{name, 1, true}, {colour, 2, false}};
    sparse m = content_fit(fields, 2, N, (content_params){2, 0.5}, &s.keep, s.scratch);
    /* kept: red and blue of the names, red and "x y" of the colours */
    check(m.cols == 4 && sparse_degree(&m, 0) == 2 && sparse_degree(&m, 4) == 0);
    check(sparse_degree(&m, 7) == 0);
    double idf = log(9.0 / 3) + 1, length = sqrt(idf * idf + 4 * idf * idf);
    check_near(m.value[m.at[0]], idf / length, 1e-6);
    check_near(m.value[m.at[0] + 1], 2 * idf / length, 1e-6);
    double twice = idf * (1 + log(2)); /* "red" is twice in the second name */
    check_near(m.value[m.at[1]], twice / sqrt(twice * twice + 4 * idf * idf), 1e-6);
    /* neighbours: each finds its pair */
    sparse by_term = sparse_transpose(&m, &s.keep);
    int32_t ids[N];
    float scores[N];
    pool *t = open_pool(1);
    neighbours_sparse(&m, &by_term, (neighbours_rule){.k = 1, .skip_self = true}, ids, scores, t);
    pool_close(t);
    check(ids[0] == 1 && ids[1] == 0 && ids[2] == 3 && ids[3] == 2 && ids[4] == -1);
    check_near(scores[2], 1, 1e-6);
    scope_close(&s);
}

CHECK(hybrid_blends_lists_by_hand) {
    scope s;
    open_scope(&s);
    /* source 0: one list for both; source 1: own lists, user 1 has none */
    int32_t a_ids[] = {5, 3, 1}, list[] = {0, 0}, b_ids[] = {3, 7, -1, -1, -1, -1};
    float a_scores[] = {4, 2, 1}, b_scores[] = {10, -1, 0, 0, 0, 0};
    hybrid_problem p = {.n = 2, .users = 2, .items = 8,
                        .sources = {{3, a_ids, a_scores, list, 0}, {3, b_ids, b_scores, NULL, 0}}};
    int32_t ids[8];
    float scores[8];
    uint8_t reason[8];
    float parts[2 * 4 * 2];
    hybrid_lists to = {4, ids, scores, reason, parts};
    pool *t = open_pool(2);
    hybrid_blend(&p, (hybrid_weights){{1, 0.75f}}, to, t);
    /* user 0: item 3 = 0.5 + 0.75, item 5 = 1, item 1 = 0.25, item 7 = 0 */
    check(ids[0] == 3 && ids[1] == 5 && ids[2] == 1 && ids[3] == 7);
    check(scores[0] == 1.25f && scores[1] == 1 && reason[0] == 1 && reason[1] == 0);
    check(parts[0] == 0.5f && parts[1] == 0.75f && parts[2] == 1 && parts[3] == 0);
    check(ids[4] == 5 && ids[5] == 3 && ids[6] == 1 && ids[7] == -1);
    int32_t row[] = {0, 1}, col[] = {3, 5};
    sparse own = sparse_from_triples(2, 8, 2, row, col, NULL, &s.keep, s.scratch);
    p.skip = &own;
    hybrid_blend(&p, (hybrid_weights){{1, 0.75f}}, to, t);
    check(ids[0] == 5 && ids[1] == 1 && ids[4] == 3);
    p.skip = NULL;
    p.sources[1].unit = 40; /* item 3 = 0.5 + 0.75 * 10 / 40 */
    hybrid_blend(&p, (hybrid_weights){{1, 0.75f}}, to, t);
    check(ids[0] == 5 && ids[1] == 3 && scores[1] == 0.6875f && reason[1] == 0);
    p.sources[1].unit = 0;
    /* truth: user 0 wants 3, user 1 has nothing: source 1 alone is right at place 1 */
    sparse truth = sparse_from_triples(2, 8, 1, row, col, NULL, &s.keep, s.scratch);
    hybrid_weights grid[] = {{{1, 0}}, {{1, 0.75f}}, {{0, 1}}};
    double map[3];
    check(hybrid_choose(&p, grid, 3, &truth, 2, map, t, s.scratch) == 1);
    check(map[0] == 0.5 && map[1] == 1 && map[2] == 1);
    pool_close(t);
    scope_close(&s);
}

CHECK(knn_similarities_by_hand) {
    scope s;
    open_scope(&s);
    /* users {0,1}, {0,1}, {1,2}; user 3 has one item and says nothing about pairs */
    int32_t row[] = {0, 0, 1, 1, 2, 2, 3}, col[] = {0, 1, 0, 1, 1, 2, 2};
    sparse by_user = sparse_from_triples(4, 3, 7, row, col, NULL, &s.keep, s.scratch);
    sparse by_item = sparse_transpose(&by_user, &s.keep);
    pool *t = open_pool(2);
    knn_params p = KNN_DEFAULTS;
    p.keep = 2;
    p.longest = 10;
    p.shrink = 1;
    p.user_power = 0.5f;
    sparse sim = knn_fit(&by_user, &by_item, p, t, &s.keep, s.scratch);
    /* squared weights are 1/2 each: s(0,1) = 1, |w0|^2 = 1, |w1|^2 = 3/2, |w2|^2 = 1/2 */
    check_near(sparse_get(&sim, 0, 1), 1 / sqrt(1.5) * 1 / (1 + 1), 1e-6);
    check_near(sparse_get(&sim, 1, 2), 0.5 / sqrt(1.5 * 0.5) * 0.5 / (0.5 + 1), 1e-6);
    check(sparse_get(&sim, 1, 0) == sparse_get(&sim, 0, 1) && !sparse_has(&sim, 0, 2));
    check(!sparse_has(&sim, 1, 1));
    p.min_support = 3; /* nothing was seen together so often */
    sparse none = knn_fit(&by_user, &by_item, p, t, &s.keep, s.scratch);
    check(sparse_count(&none) == 0);
    pool_close(t);
    scope_close(&s);
}

CHECK(recommender_has_popular_items_left_for_who_took_them_all) {
    enum { ITEMS = 300, TAKEN = 150, K = 12 };
    scope s;
    err e = {0};
    open_scope(&s);
    /* customer 0 took the 150 most popular items, more than a list's 100 places; 1 took none */
    int32_t row[TAKEN] = {0}, col[TAKEN], ids[2 * K], sequence[ITEMS];
    double popularity[ITEMS];
    float scores[2 * K];
    for (int i = 0; i < ITEMS; i++) {
        popularity[i] = ITEMS - i;
        sequence[i] = i;
    }
    for (int i = 0; i < TAKEN; i++) col[i] = i;
    recommender_data d = {.popularity = popularity, .seq_at = (int64_t[]){0, TAKEN, TAKEN},
                          .seq_item = sequence};
    d.by_user = sparse_from_triples(2, ITEMS, TAKEN, row, col, NULL, &s.keep, s.scratch);
    d.by_item = sparse_transpose(&d.by_user, &s.keep);
    recommender_params p = RECOMMENDER_DEFAULTS;
    recommender_task task = {&d, &p, open_pool(1)};
    for (int i = 0; i < 2; i++) { /* similar items know nothing here: popularity fills */
        const recommender *r = recommender_find(i ? "knn" : "popular");
        void *model;
        check_ok(recommender_fit(r, &task, &model, &s.keep, s.scratch, &e), &e);
        recommender_lists(r, &task, model, NULL, 0, (hybrid_lists){K, ids, scores, NULL},
                          s.scratch);
        for (int j = 0; j < K; j++) check(ids[j] == TAKEN + j && ids[K + j] == j);
        int32_t one = 1; /* the same list when only this user is asked for */
        recommender_lists(r, &task, model, &one, 1, (hybrid_lists){K, ids, scores, NULL},
                          s.scratch);
        for (int j = 0; j < K; j++) check(ids[j] == j);
    }
    check(recommender_find("nobody") == NULL);
    pool_close(task.threads);
    scope_close(&s);
}

CHECK(recommender_profile_by_hand) {
    scope s;
    open_scope(&s);
    /* user 1 took 2, 0, 2 on days 10, 10, 12; as of day 13, half-life 2 days, recency 1/2 */
    recommender_data d = {.seq_at = (int64_t[]){0, 1, 4}, .seq_item = (int32_t[]){1, 2, 0, 2},
                          .seq_day = (int32_t[]){5, 10, 10, 12}, .as_of = 13};
    int32_t none = 0;
    d.by_user = sparse_from_triples(2, 3, 0, &none, &none, NULL, &s.keep, s.scratch);
    recommender_params p = RECOMMENDER_DEFAULTS;
    recommender_task task = {&d, &p, NULL};
    profile_params how = {.recency = 0.5f, .half_life = 2};
    int32_t users[] = {1, 0};
    recommender_ask ask = {.n = 2, .users = users};
    sparse profile = recommender_profile(&task, &ask, how, &s.keep, s.scratch);
    check_near(sparse_get(&profile, 0, 2), 1 + 0.25 * 0.5, 1e-7); /* 1e-7: one float rounding */
    check_near(sparse_get(&profile, 0, 0), 0.5 * 0.5, 1e-7);
    check_near(sparse_get(&profile, 1, 1), exp2(-3.5), 1e-7);
    check(sparse_count(&profile) == 3);
    /* 2 and 0 taken at the same moment are one step: neither is newer */
    d.seq_step = (int32_t[]){0, 0, 0, 1};
    profile = recommender_profile(&task, &ask, how, &s.keep, s.scratch);
    check_near(sparse_get(&profile, 0, 2), 1 + 0.5 * 0.5, 1e-7);
    check_near(sparse_get(&profile, 0, 0), 0.5 * 0.5, 1e-7);
    scope_close(&s);
}

CHECK(recommender_knobs_reach_their_parameters) {
    recommender_params p = RECOMMENDER_DEFAULTS;
    for (int r = 0; r < recommenders_n; r++)
        for (int i = 0; i < recommenders[r]->n_knobs; i++) {
            const knob *k = &recommenders[r]->knobs[i];
            check(recommender_knob(k->name) == k); /* every name once */
            for (int v = 0; v < k->n; v++) {
                check(k->values[v] >= k->low && k->values[v] <= k->high);
                knob_set(&p, k, k->values[v]);
                check_near(knob_get(&p, k), k->values[v], 1e-6 * k->values[v]); /* float */
            }
        }
    knob_set(&p, recommender_knob("knn.neighbours"), 7);
    knob_set(&p, recommender_knob("knn.recency"), 0.25);
    check(p.knn.keep == 7 && p.past.knn.recency == 0.25f);
    check(recommender_knob("knn.nothing") == NULL);
}
