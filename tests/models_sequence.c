/* models_sequence: next-item transitions and session neighbours, by hand and by brute force. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/session.h"
#include "models/recommend/transitions.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

static sparse transitions(const transitions_data *d, transitions_params p, int threads, scope *s) {
    err e = {0};
    sparse next;
    pool *t = pool_open(threads, 8 << 20, &e);
    check(t != NULL);
    check_ok(transitions_fit(&next, d, p, t, &s->keep, s->scratch, &e), &e);
    pool_close(t);
    return next;
}

/* Two customers: 0 1 2 and 0 1. */
static const transitions_data two = {.users = 2, .items = 4, .at = (const int64_t[]){0, 3, 5},
                                     .item = (const int32_t[]){0, 1, 2, 0, 1}};
static const transitions_params plain = {.window = 1, .decay = 0.5f, .from = 1, .keep = 4,
                                         .longest = 100};

CHECK(transitions_are_probabilities_when_nothing_else_is_asked) {
    scope s;
    open_scope(&s);
    sparse next = transitions(&two, plain, 1, &s);
    check(sparse_count(&next) == 2);
    check(sparse_get(&next, 0, 1) == 1 && sparse_get(&next, 1, 2) == 1);
    transitions_params p = plain;
    p.window = 2; /* 0 -> 1 twice, 0 -> 2 once at distance 2: 2 and 1/2 of 2 1/2 */
    next = transitions(&two, p, 1, &s);
    check_near(sparse_get(&next, 0, 1), 0.8, 1e-6); /* 1e-6: a few float roundings */
    check_near(sparse_get(&next, 0, 2), 0.2, 1e-6);
    check(sparse_count(&next) == 3);
    p.keep = 1;
    next = transitions(&two, p, 1, &s);
    check(sparse_count(&next) == 2 && sparse_get(&next, 0, 2) == 0);
    scope_close(&s);
}

CHECK(transitions_count_back_shrink_damp_and_hold_back_what_follows_everything) {
    scope s;
    open_scope(&s);
    transitions_params p = plain;
    p.back = 0.5f; /* m(1,0) = 1, m(1,2) = 1, m(2,1) = 1/2 */
    sparse next = transitions(&two, p, 1, &s);
    check_near(sparse_get(&next, 1, 0), 0.5, 1e-6);
    check_near(sparse_get(&next, 1, 2), 0.5, 1e-6);
    check_near(sparse_get(&next, 2, 1), 1, 1e-6);
    p.to = 1; /* in_0 = m(1,0) = 1, in_1 = m(0,1) + m(2,1) = 2.5, in_2 = 1 */
    next = transitions(&two, p, 1, &s);
    check_near(sparse_get(&next, 1, 0), 0.5, 1e-6);
    check_near(sparse_get(&next, 0, 1), 1 / 2.5, 1e-6);
    check_near(sparse_get(&next, 2, 1), 1 / 2.5, 1e-6);
    p = plain;
    p.shrink = 2; /* m(0,1) = 2: half is believed; m(1,2) = 1: a third */
    next = transitions(&two, p, 1, &s);
    check_near(sparse_get(&next, 0, 1), 0.5, 1e-6);
    check_near(sparse_get(&next, 1, 2), 1.0 / 3, 1e-6);
    p = plain;
    p.from = 0;
    p.user_power = 1; /* m(0,1) = 1/3 + 1/2 */
    next = transitions(&two, p, 1, &s);
    check_near(sparse_get(&next, 0, 1), 5.0 / 6, 1e-6);
    scope_close(&s);
}

CHECK(transitions_see_a_basket_as_one_step) {
    scope s;
    open_scope(&s);
    /* 0 and 1 together, then 2 */
    transitions_data d = {.users = 1, .items = 3, .at = (int64_t[]){0, 3},
                          .item = (int32_t[]){0, 1, 2}, .step = (int32_t[]){0, 0, 1}};
    transitions_params p = plain;
    p.together = 0.25f;
    sparse next = transitions(&d, p, 1, &s);
    check_near(sparse_get(&next, 0, 1), 0.2, 1e-6); /* 1/4 of 1 1/4 */
    check_near(sparse_get(&next, 1, 0), 0.2, 1e-6);
    check_near(sparse_get(&next, 0, 2), 0.8, 1e-6);
    check_near(sparse_get(&next, 1, 2), 0.8, 1e-6);
    check(sparse_degree(&next, 2) == 0);
    err e = {0};
    p.window = 0;
    check(!transitions_fit(&next, &d, p, NULL, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "window must be 1..1000");
    scope_close(&s);
}

/* n sequences of 1 to 12 items out of `items`; half of the steps go to the next item. */
static void draw(int64_t n, int32_t items, int64_t *at, int32_t *item) {
    rng r = rng_open(7, 1);
    at[0] = 0;
    for (int64_t s = 0; s < n; s++) {
        int64_t length = 1 + rng_below(&r, 12);
        for (int64_t i = 0; i < length; i++)
            item[at[s] + i] = i > 0 && rng_below(&r, 2) == 0
                                  ? (item[at[s] + i - 1] + 1) % items
                                  : (int32_t)rng_below(&r, items);
        at[s + 1] = at[s] + length;
    }
}

CHECK(transitions_find_a_planted_next_item_for_any_threads) {
    enum { N = 3000, ITEMS = 300 };
    scope s;
    open_scope(&s);
    int64_t *at = take(&s.keep, int64_t, N + 1);
    int32_t *item = take(&s.keep, int32_t, N * 12);
    draw(N, ITEMS, at, item);
    transitions_data d = {.users = N, .items = ITEMS, .at = at, .item = item};
    transitions_params p = TRANSITIONS_DEFAULTS;
    sparse first = transitions(&d, p, 1, &s);
    for (int32_t i = 0; i < ITEMS; i++) {
        int32_t best = -1;
        float most = 0;
        for (int64_t a = first.at[i]; a < first.at[i + 1]; a++)
            if (first.value[a] > most) {
                most = first.value[a];
                best = first.col[a];
            }
        check(best == (i + 1) % ITEMS);
    }
    for (int threads = 2; threads <= 8; threads *= 4) {
        sparse again = transitions(&d, p, threads, &s);
        check(sparse_count(&again) == sparse_count(&first));
        check(memcmp(again.value, first.value, sizeof *first.value *
                                                   (size_t)sparse_count(&first)) == 0);
        check(memcmp(again.col, first.col, sizeof *first.col * (size_t)sparse_count(&first)) == 0);
    }
    scope_close(&s);
}

CHECK(session_scores_by_hand) {
    scope s;
    err e = {0};
    open_scope(&s);
    /* three sessions, the oldest first; asked: 0 then 1 */
    int64_t at[] = {0, 3, 5, 8};
    int32_t item[] = {0, 2, 1, /**/ 1, 3, /**/ 4, 0, 3};
    session_params p = {.recent = 10, .k = 10, .last = 2, .decay = 0.5f, .near = 0.5f,
                        .length_power = 1, .rarity = 1};
    session_model m;
    check_ok(session_fit(&m, 3, 6, at, item, p, &s.keep, s.scratch, &e), &e);
    session_work w = session_work_open(&m, &s.keep);
    int32_t ids[6];
    float scores[6];
    session_rule rule = {.k = 6, .self = -1};
    int32_t asked[] = {0, 1};
    check(session_query(&m, 2, asked, rule, ids, scores, &w, s.scratch) == 4);
    /* r: session 0 has both: 1.5, match 1 (the last); session 1: 1, match 1; session 2: 0.5,
     * match 0, lambda 1/2. Items: 2 from s0; 0 from s0 two away; 3 from s1 and s2; 4 from s2. */
    double ln2 = log(1 + 3.0 / 1), ln3 = log(1 + 3.0 / 2);
    struct {
        int32_t item;
        double score;
    } wanted[] = {{2, 1.5 / 3 * ln2}, {3, (1.0 / 2 + 0.5 * 0.5 / 3) * ln3},
                  {0, 1.5 / 3 * 0.5 * ln3}, {4, 0.5 * 0.5 / 3 * ln2}};
    for (int i = 0; i < 4; i++) {
        int place = 0;
        while (place < 4 && ids[place] != wanted[i].item) place++;
        check(place < 4);
        check_near(scores[place], wanted[i].score, 1e-6); /* a few float roundings */
    }
    check(ids[0] == 2 && ids[1] == 3 && ids[4] == -1);
    rule.self = 0; /* what session 0 alone holds is gone */
    rule.skip = (int32_t[]){3};
    rule.skips = 1;
    check(session_query(&m, 2, asked, rule, ids, scores, &w, s.scratch) == 1);
    check(ids[0] == 4);
    uint8_t allowed[6] = {0};
    rule.allowed = allowed;
    check(session_query(&m, 2, asked, rule, ids, scores, &w, s.scratch) == 0);
    check(session_query(&m, 0, asked, rule, ids, scores, &w, s.scratch) == 0);
    p.k = 11;
    check(!session_fit(&m, 3, 6, at, item, p, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "k must be 1..recent");
    scope_close(&s);
}

/* The definition, read aloud: all sessions, no index, sums in double precision. */
static void by_definition(const session_model *m, int64_t n, const int32_t *asked, double *score) {
    session_params p = m->p;
    double *r = (double *)score + m->items;
    int32_t *newest = (int32_t *)(r + m->sessions);
    for (int64_t i = 0; i < m->items; i++) score[i] = 0;
    for (int64_t s = 0; s < m->sessions; s++) {
        r[s] = 0;
        newest[s] = -1;
        double weight = 1;
        for (int x = 0; x < p.last && x < n; x++, weight *= p.decay) {
            int32_t item = asked[n - 1 - x];
            bool has = false, again = false;
            for (int y = 0; y < x; y++) again = again || asked[n - 1 - y] == item;
            for (int64_t i = m->at[s]; i < m->at[s + 1]; i++) has = has || m->item[i] == item;
            if (!has || again) continue;
            r[s] += weight;
            if (newest[s] < 0) newest[s] = x;
        }
    }
    for (int voted = 0; voted < p.k; voted++) {
        int64_t best = -1;
        for (int64_t s = m->sessions - 1; s >= 0; s--)
            if (r[s] > 0 && (best < 0 || r[s] > r[best] + 1e-9)) best = s;
        if (best < 0) return;
        int64_t place = m->at[best + 1] - 1, length = m->at[best + 1] - m->at[best];
        while (m->item[place] != asked[n - 1 - newest[best]]) place--;
        for (int64_t i = m->at[best]; i < m->at[best + 1]; i++)
            if (i != place)
                score[m->item[i]] += r[best] * (1 - newest[best] / (double)p.last) *
                                     pow(p.near, fabs((double)(i - place)) - 1) *
                                     pow((double)length, -p.length_power) *
                                     m->rarity[m->item[i]];
        r[best] = 0;
    }
}

CHECK(session_query_equals_the_definition) {
    enum { N = 2000, ITEMS = 200, K = 20 };
    scope s;
    err e = {0};
    open_scope(&s);
    int64_t *at = take(&s.keep, int64_t, N + 1);
    int32_t *item = take(&s.keep, int32_t, N * 12), ids[K];
    float scores[K];
    double *score = take(&s.keep, double, ITEMS + 2 * N);
    draw(N, ITEMS, at, item);
    session_params p = SESSION_DEFAULTS;
    p.recent = N; /* nothing is cut: the definition has no cut */
    session_model m;
    check_ok(session_fit(&m, N, ITEMS, at, item, p, &s.keep, s.scratch, &e), &e);
    session_work w = session_work_open(&m, &s.keep);
    w.stamp = UINT32_MAX - 50; /* the stamp runs over while we ask */
    for (int64_t q = 0; q < 200; q++) {
        int64_t n = at[q + 1] - at[q];
        session_query(&m, n, item + at[q], (session_rule){.k = K, .self = -1}, ids, scores, &w,
                      s.scratch);
        int32_t again[K];
        float as_well[K];
        session_query(&m, n, item + at[q], (session_rule){.k = K, .self = -1}, again, as_well,
                      NULL, s.scratch); /* slots of its own: the same bits */
        check(memcmp(again, ids, sizeof ids) == 0 && memcmp(as_well, scores, sizeof scores) == 0);
        by_definition(&m, n, item + at[q], score);
        for (int i = 0; i < K; i++) { /* 1e-5 of the size: sums of a hundred floats */
            check(ids[i] >= 0);
            check_near(scores[i], score[ids[i]], 1e-5 * scores[0]);
            if (i > 0) check(scores[i] <= scores[i - 1]);
            score[ids[i]] = 0;
        }
        for (int i = 0; i < ITEMS; i++) check(score[i] <= scores[K - 1] * (1 + 1e-5));
    }
    scope_close(&s);
}

CHECK(session_looks_at_the_newest_sessions_only) {
    scope s;
    err e = {0};
    open_scope(&s);
    /* item 0 with 1, then with 2, then with 3 */
    int64_t at[] = {0, 2, 4, 6};
    int32_t item[] = {0, 1, 0, 2, 0, 3}, ids[4], asked = 0;
    float scores[4];
    session_params p = SESSION_DEFAULTS;
    p.recent = p.k = 2;
    session_model m;
    check_ok(session_fit(&m, 3, 4, at, item, p, &s.keep, s.scratch, &e), &e);
    session_work w = session_work_open(&m, &s.keep);
    session_rule rule = {.k = 4, .self = -1};
    check(session_query(&m, 1, &asked, rule, ids, scores, &w, s.scratch) == 2);
    check(ids[0] == 2 && ids[1] == 3); /* equal scores: the smaller item */
    p.k = 1;                           /* equal sessions: the newer votes */
    check_ok(session_fit(&m, 3, 4, at, item, p, &s.keep, s.scratch, &e), &e);
    check(session_query(&m, 1, &asked, rule, ids, scores, &w, s.scratch) == 1 && ids[0] == 3);
    scope_close(&s);
}
