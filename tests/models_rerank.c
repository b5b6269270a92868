/* models_rerank: rules, diversity, balance and chance of a list, by hand and by a naive twin. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/explore.h"
#include "models/recommend/rerank.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 32 << 20, &e), &e);
}

static bool are(const rerank_place *to, int n, const int32_t *wanted, int m) {
    bool same = n == m;
    for (int i = 0; i < n && same; i++) same = to[i].item == wanted[i];
    for (int i = 0; i < n && !same; i++) print_error("place %d: item %d\n", i, to[i].item);
    return same;
}
#define ARE(to, n, ...)                                                                            \
    are(to, n, (const int32_t[]){__VA_ARGS__},                                                     \
        (int)(sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t)))

/* Six articles on a plane: 0 and 1 nearly alike, 2 opposite to 0, 3 at a right angle, 4 like 3. */
static const float plane[] = {1, 0, 0.98f, 0.2f, -1, 0, 0, 1, 0.1f, 1, 0, 0};
static const int32_t product[] = {7, 7, -1, 8, 8, -1}, category[] = {0, 0, 0, 1, 1, 2};
static const int32_t kind[] = {0, 1, 1, 1, -1, 0};
static const uint8_t fresh[] = {0, 0, 0, 1, 1, 1};
static const int32_t item[] = {0, 1, 2, 3, 4, 5};
static const float score[] = {10, 9, 8, 7, 6, 5};

CHECK(rerank_without_wishes_sorts_by_score_and_smaller_article) {
    scope s;
    open_scope(&s);
    rerank_articles a = {.n = 6, .vectors = plane, .ld = 2, .product = product};
    static const int32_t mixed[] = {4, 2, 5, 0};
    static const float equal[] = {1, 3, 3, -2};
    rerank_candidates c = {.n = 4, .item = mixed, .score = equal};
    rerank_place to[12];
    int n = rerank_list(&a, &c, RERANK_DEFAULTS, to, s.scratch);
    check(ARE(to, n, 2, 5, 4, 0));
    check(to[0].at == 1 && to[3].at == 3);
    for (int i = 0; i < n; i++) check(to[i].moved == 0);
    rerank_candidates none = {0};
    check(rerank_list(&a, &none, RERANK_DEFAULTS, to, s.scratch) == 0);
    scope_close(&s);
}

CHECK(rerank_rules_keep_out_what_is_bought_closed_or_too_many) {
    scope s;
    open_scope(&s);
    rerank_articles a = {.n = 6, .product = product, .category = category, .categories = 3,
                         .type = kind};
    static const uint8_t allowed[] = {1, 1, 0, 1, 1, 1};
    static const int32_t bought[] = {0, 4};
    rerank_candidates c = {.n = 6, .item = item, .score = score};
    rerank_params p = RERANK_DEFAULTS;
    rerank_place to[12];
    c.allowed = allowed;
    int n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 1, 3, 4, 5));
    c.skip = bought, c.skips = 2;
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 1, 3, 5));
    c.allowed = NULL, c.skips = 0;
    p.most_product = 1; /* 2 and 5 are alone and do not count as one product */
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 2, 3, 5));
    p.most_product = 0, p.most_category = 2;
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 1, 3, 4, 5));
    p.most_category = 0, p.most_type = 1;
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 1, 4));
    p.most_type = 0, p.k = 2;
    check(rerank_list(&a, &c, p, to, s.scratch) == 2);
    scope_close(&s);
}

CHECK(rerank_share_of_new_articles_holds_for_every_beginning) {
    scope s;
    open_scope(&s);
    rerank_articles a = {.n = 6, .is_new = fresh};
    rerank_candidates c = {.n = 6, .item = item, .score = score};
    rerank_params p = RERANK_DEFAULTS;
    rerank_place to[12];
    p.k = 4, p.new_share = 0.5; /* of 2 places one, of 4 two */
    int n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 3, 1, 4));
    p.new_share = 1; /* more than there are: the others fill up */
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 3, 4, 5, 0));
    p.new_share = 0.3, p.k = 6;
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 1, 2, 3, 4, 5));
    scope_close(&s);
}

/* theta = 1 - d = 0.5, rel = 1, .8, .6, .4, .2, 0: after 0 the values are 1: .4 - .5 (a variant),
 * 2: .3 - 0 (a cosine of -1 is no likeness), 3: .2, 4: .1 - .05, 5: 0. */
CHECK(rerank_diversity_by_hand) {
    scope s;
    open_scope(&s);
    rerank_articles a = {.n = 6, .vectors = plane, .ld = 2, .product = product};
    rerank_candidates c = {.n = 6, .item = item, .score = score};
    rerank_params p = RERANK_DEFAULTS;
    rerank_place to[12];
    p.diversity = 0.5, p.k = 4;
    int n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 2, 3, 5));
    check_near((double)to[0].moved, 0, 1e-6);
    check_near((double)rerank_similarity(&a, 0, 1), 1, 0);
    check_near((double)rerank_similarity(&a, 0, 2), 0, 0);
    check_near((double)rerank_similarity(&a, 0, 5), 0, 0); /* no factors: not known */
    check_near((double)rerank_similarity(&a, 0, 4), 0.1 / sqrt(1.01), 1e-7); /* float cosine */
    check_near(rerank_sameness(&a, (const int32_t[]){0, 1, 3}, 3), (1 + 0 + 0.2 / sqrt(1.0004)) / 3,
               1e-6);
    a.product = NULL; /* now only the angle between 0 and 1: .4 - .5 * .98 */
    p.k = 6;
    n = rerank_list(&a, &c, p, to, s.scratch);
    check(ARE(to, n, 0, 2, 3, 5, 1, 4));
    /* 1 has .4 - .5 cos(0, 1), which is .8 - cos on the scale of rel: its .8 less the cosine */
    check_near((double)to[4].moved, -5 * 0.98 / sqrt(0.98 * 0.98 + 0.04), 1e-5);
    scope_close(&s);
}

CHECK(rerank_likeness_of_long_factors) {
    enum { LD = 19 }; /* two blocks of eight and a tail */
    float x[2 * LD];
    double both = 0, one = 0, other = 0;
    rng r = rng_open(6, 6);
    for (int i = 0; i < 2 * LD; i++) x[i] = (float)rng_uniform(&r);
    for (int i = 0; i < LD; i++) {
        both += (double)x[i] * (double)x[LD + i];
        one += (double)x[i] * (double)x[i];
        other += (double)x[LD + i] * (double)x[LD + i];
    }
    rerank_articles a = {.n = 2, .vectors = x, .ld = LD};
    check_near((double)rerank_similarity(&a, 0, 1), both / sqrt(one * other),
               1e-6); /* sums of floats */
}

CHECK(rerank_likeness_of_contents_where_factors_are_missing) {
    scope s;
    open_scope(&s);
    sparse words = sparse_from_triples(3, 4, 4, (const int32_t[]){0, 0, 1, 2},
                                       (const int32_t[]){0, 2, 2, 3},
                                       (const float[]){0.6f, 0.8f, 1, 1}, &s.keep, s.scratch);
    static const float vectors[] = {1, 0, 0, 0, 1, 1};
    rerank_articles a = {.n = 3, .vectors = vectors, .ld = 2, .content = &words};
    check_near((double)rerank_similarity(&a, 0, 1), 0.8, 1e-7); /* 1 has no factors */
    check_near((double)rerank_similarity(&a, 1, 0), 0.8, 1e-7);
    check_near((double)rerank_similarity(&a, 0, 2), sqrt(0.5), 1e-6);
    a.vectors = NULL;
    check_near((double)rerank_similarity(&a, 0, 2), 0, 0);
    float boost[2];
    static const int32_t events[] = {1, 2};
    static const float strength[] = {3, 1};
    rerank_session(&a, 2, (const int32_t[]){0, 2}, 2, events, strength, 0.5, boost);
    check_near((double)boost[0], 0.5 * 3 * 0.8 / 4, 1e-6);
    check_near((double)boost[1], 0.5 * 1 / 4.0, 1e-6);
    rerank_session(&a, 2, (const int32_t[]){0, 2}, 0, NULL, NULL, 0.5, boost);
    check(boost[0] == 0 && boost[1] == 0);
    scope_close(&s);
}

/* A customer of half dresses, half shoes and a list that the scores would fill with dresses. */
CHECK(rerank_calibration_follows_the_customers_categories) {
    scope s;
    open_scope(&s);
    static const int32_t shelf[] = {0, 0, 0, 0, 1, 1, 2, 2};
    static const int32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const float falling[] = {8, 7, 6, 5, 4, 3, 2, 1}, taste[] = {0.5f, 0.5f, 0};
    rerank_articles a = {.n = 8, .category = shelf, .categories = 3};
    rerank_candidates c = {.n = 8, .item = all, .score = falling, .taste = taste};
    rerank_params p = RERANK_DEFAULTS;
    rerank_place to[12];
    p.k = 4;
    check(ARE(to, rerank_list(&a, &c, p, to, s.scratch), 0, 1, 2, 3));
    p.calibration = 0.9;
    check(ARE(to, rerank_list(&a, &c, p, to, s.scratch), 0, 4, 1, 5));
    double kl = 0.5 * log(0.5 / 0.995) + 0.5 * log(100); /* of a list of one dress */
    check_near((double)to[0].moved, -7 * 0.9 / 0.1 * kl, 1e-4); /* scores range over 7 */
    /* two of each: KL of shares in balance is 0; all in one: .5 ln(.5/(.99 + .005)) + .5 ln 100 */
    check_near(rerank_imbalance(&a, taste, 0.01, (const int32_t[]){0, 4, 1, 5}, 4, s.scratch), 0,
               1e-12);
    check_near(rerank_imbalance(&a, taste, 0.01, (const int32_t[]){0, 1, 2}, 3, s.scratch),
               0.5 * log(0.5 / 0.995) + 0.5 * log(100), 1e-12);
    c.taste = NULL; /* nothing known of the customer: the order of the scores */
    check(ARE(to, rerank_list(&a, &c, p, to, s.scratch), 0, 1, 2, 3));
    scope_close(&s);
}

/* ---- the naive twin: every value from its definition, nothing kept between places ---- */

typedef struct twin {
    const rerank_articles *a;
    const rerank_candidates *c;
    rerank_params p;
    int32_t list[64];
    int n;
} twin;

static bool twin_may(const twin *t, int32_t i) {
    const rerank_articles *a = t->a;
    int products = 0, categories = 0, types = 0;
    bool there = !t->c->allowed[i];
    for (int64_t x = 0; x < t->c->skips; x++) there |= t->c->skip[x] == i;
    for (int r = 0; r < t->n; r++) {
        int32_t j = t->list[r];
        there |= i == j;
        products += a->product[i] >= 0 && a->product[i] == a->product[j];
        categories += a->category[i] == a->category[j];
        types += a->type[i] >= 0 && a->type[i] == a->type[j];
    }
    return !there && (!t->p.most_product || products < t->p.most_product) &&
           (!t->p.most_category || categories < t->p.most_category) &&
           (!t->p.most_type || types < t->p.most_type);
}

static double twin_value(twin *t, int at, arena scratch) {
    const rerank_candidates *c = t->c;
    double low = INFINITY, high = -INFINITY, near = 0;
    for (int x = 0; x < c->n; x++) {
        twin empty = {.a = t->a, .c = c, .p = t->p};
        if (!twin_may(&empty, c->item[x])) continue;
        low = fmin(low, (double)c->score[x]);
        high = fmax(high, (double)c->score[x]);
    }
    double rel = high > low ? ((double)c->score[at] - low) / (high - low) : 1;
    for (int r = 0; r < t->n; r++)
        near = fmax(near, (double)rerank_similarity(t->a, c->item[at], t->list[r]));
    t->list[t->n] = c->item[at];
    double kl = rerank_imbalance(t->a, c->taste, t->p.epsilon, t->list, t->n + 1, scratch);
    double d = t->p.diversity, share = t->p.calibration;
    return (1 - share) * ((1 - d) * (rel + (double)c->boost[at]) - d * near) - share * kl;
}

static void twin_place(twin *t, arena scratch) {
    int news = 0;
    for (int r = 0; r < t->n; r++) news += t->a->is_new[t->list[r]];
    bool wants = news < (int)floor(t->p.new_share * (t->n + 1) + 1e-9), any = false;
    for (int x = 0; x < t->c->n; x++)
        any |= twin_may(t, t->c->item[x]) && t->a->is_new[t->c->item[x]];
    int best = -1;
    double most = 0;
    for (int x = 0; x < t->c->n; x++) {
        int32_t i = t->c->item[x];
        if (!twin_may(t, i) || (wants && any && !t->a->is_new[i])) continue;
        double v = twin_value(t, x, scratch);
        /* the twin's sums round differently: values this near count as equal */
        if (best < 0 || v > most + 1e-7) best = x, most = v;
    }
    t->list[t->n] = best < 0 ? -1 : t->c->item[best];
    t->n += best >= 0;
}

CHECK(rerank_equals_its_naive_twin_with_all_wishes_at_once) {
    enum { A = 60, N = 40, K = 14, LD = 5, G = 6 };
    for (uint64_t trial = 0; trial < 40; trial++) {
        scope s;
        open_scope(&s);
        rng r = rng_open(31, trial);
        float vectors[A * LD], scores[N], boost[N], taste[G], whole = 0;
        int32_t variant[A], shelf[A], sort[A], order[A], items[N], skip[2] = {11, 37};
        uint8_t allowed[A], is_new[A];
        for (int i = 0; i < A * LD; i++) vectors[i] = (float)rng_normal(&r);
        for (int i = 0; i < A; i++) {
            variant[i] = (int32_t)rng_below(&r, 25) - 1;
            shelf[i] = (int32_t)rng_below(&r, G);
            sort[i] = (int32_t)rng_below(&r, 9) - 1;
            allowed[i] = rng_uniform(&r) < 0.9;
            is_new[i] = rng_uniform(&r) < 0.2;
            order[i] = i;
        }
        rng_shuffle(&r, order, A);
        for (int i = 0; i < N; i++) {
            items[i] = order[i];
            scores[i] = (float)rng_normal(&r);
            boost[i] = (float)(0.3 * rng_uniform(&r));
        }
        for (int g = 0; g < G; g++) whole += taste[g] = (float)rng_uniform(&r);
        for (int g = 0; g < G; g++) taste[g] /= whole;
        rerank_articles a = {A, variant, shelf, G, sort, is_new, vectors, LD, NULL};
        rerank_candidates c = {N, items, scores, boost, allowed, skip, 2, taste};
        rerank_params p = {.k = K, .most_product = 1, .most_category = 4, .most_type = 3,
                           .diversity = 0.3 * (double)(trial % 3), .epsilon = 0.01,
                           .calibration = 0.2 * (double)(trial % 4), .new_share = 0.25};
        rerank_place to[K];
        int n = rerank_list(&a, &c, p, to, s.scratch);
        twin t = {.a = &a, .c = &c, .p = p};
        for (int place = 0; place < K; place++) twin_place(&t, s.scratch);
        check(are(to, n, t.list, t.n));
        scope_close(&s);
    }
}

CHECK(rerank_more_diversity_is_less_sameness_and_less_score) {
    enum { A = 200, K = 12, LD = 4 };
    scope s;
    open_scope(&s);
    rng r = rng_open(8, 8);
    float vectors[A * LD], scores[A];
    int32_t items[A];
    for (int i = 0; i < A * LD; i++) vectors[i] = (float)rng_normal(&r);
    for (int i = 0; i < A; i++) { /* what scores high is alike: the first axis */
        items[i] = i;
        scores[i] = vectors[i * LD] + 0.3f * (float)rng_normal(&r);
    }
    rerank_articles a = {.n = A, .vectors = vectors, .ld = LD};
    rerank_candidates c = {.n = A, .item = items, .score = scores};
    double same[4], sum[4];
    for (int x = 0; x < 4; x++) {
        rerank_place to[K];
        int32_t list[K];
        rerank_params p = RERANK_DEFAULTS;
        p.k = K, p.diversity = 0.25 * x;
        sum[x] = 0;
        check(rerank_list(&a, &c, p, to, s.scratch) == K);
        for (int i = 0; i < K; i++) list[i] = to[i].item, sum[x] += (double)scores[list[i]];
        same[x] = rerank_sameness(&a, list, K);
    }
    for (int x = 1; x < 4; x++) check(same[x] < same[x - 1] && sum[x] < sum[x - 1]);
    check(rerank_check((rerank_params){.k = 1, .diversity = 1.5, .epsilon = 0.1}) != NULL);
    check(rerank_check((rerank_params){.k = 0, .epsilon = 0.1}) != NULL);
    check(rerank_check((rerank_params){.k = 1, .epsilon = 0}) != NULL);
    check(rerank_check(RERANK_DEFAULTS) == NULL);
    scope_close(&s);
}

/* ---- exploration ---- */

CHECK(explore_softmax_by_hand) {
    double q[3];
    explore_candidates c = {3, (const float[]){2, 1, 0}};
    explore_draw(&c, 1, NULL, q);
    double sum = exp(2) + exp(1) + 1;
    check_near(q[0], exp(2) / sum, 1e-14);
    check_near(q[2], 1 / sum, 1e-14);
    explore_draw(&c, 1, (const uint8_t[]){1, 0, 0}, q);
    check(q[0] == 0);
    check_near(q[1], exp(1) / (exp(1) + 1), 1e-14);
}

/* All 3! lists of three candidates: the product of the propensities is each list's probability. */
CHECK(explore_propensities_are_the_frequencies_of_the_lists) {
    enum { N = 60000 };
    scope s;
    open_scope(&s);
    explore_candidates c = {3, (const float[]){3, 2, 2.5f}};
    explore_params p = {.rate = 0.4, .temperature = 0.7, .seed = 5};
    double told[27] = {0}, sum = 0;
    int seen[27] = {0};
    for (int x = 0; x < N; x++) {
        explore_place to[3];
        p.stream = (uint64_t)x;
        check(explore_list(&c, p, 3, to, s.scratch) == 3);
        int code = to[0].at * 9 + to[1].at * 3 + to[2].at;
        double chance = to[0].propensity * to[1].propensity * to[2].propensity;
        check(!seen[code] || fabs(told[code] - chance) < 1e-12);
        told[code] = chance;
        seen[code]++;
    }
    for (int i = 0; i < 27; i++) {
        if (!seen[i]) continue;
        sum += told[i];
        check_near((double)seen[i] / N, told[i], 4 * sqrt(told[i] / N)); /* 4 standard errors */
    }
    check_near(sum, 1, 1e-12); /* all lists were seen */
    scope_close(&s);
}

CHECK(explore_at_the_ends_of_its_rate) {
    scope s;
    open_scope(&s);
    explore_candidates c = {4, (const float[]){3, 2, 1, 0}};
    explore_place to[4], again[4];
    explore_params p = EXPLORE_DEFAULTS;
    p.rate = 0;
    check(explore_list(&c, p, 9, to, s.scratch) == 4);
    for (int i = 0; i < 4; i++) check(to[i].at == i && to[i].propensity == 1 && !to[i].drawn);
    p.rate = 1, p.stream = 12;
    check(explore_list(&c, p, 4, to, s.scratch) == 4 && to[0].drawn);
    check(explore_list(&c, p, 4, again, s.scratch) == 4);
    for (int i = 0; i < 4; i++) check(to[i].at == again[i].at);
    check_near(to[3].propensity, 1, 1e-12); /* only one was left */
    p.temperature = 0;
    check(explore_check(p) != NULL);
    p = EXPLORE_DEFAULTS, p.rate = 1.01;
    check(explore_check(p) != NULL && explore_check(EXPLORE_DEFAULTS) == NULL);
    scope_close(&s);
}
