/* shop_bundle: a small bundle with known contents, for tests of bundle, server and verbs. */
#include "shop_bundle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/folder.h"
#include "data/store.h"
#include "pipeline/recommend_models.h"

#define COUNT(x) ((int64_t)(sizeof(x) / sizeof((x)[0])))

static const char *const customers[] = {"1", "007", "alice", "b/c d", "42", "zo\xC3\xAB"};
static const char *const articles[] = {"10", "0020", "30", "tee-1", "50"};
static const char *const names[] = {"Red dress", "Blue dress", "Socks", "T-shirt \"A\"", "Cap"};
static const char *const categories[] = {"Dresses", "Dresses", "Socks & Tights", "Tops", "Tops"};

static bool put_words(store_writer *w, const char *name, const char *const *words, int64_t n,
                      err *e) {
    slice texts[16];
    for (int64_t i = 0; i < n; i++) texts[i] = slice_of(words[i]);
    return store_put_texts(w, name, texts, n, e);
}

static bool put_ids(scope *s, folder *f, shop_fault fault, err *e) {
    static const double price[] = {19.99, 25.5, 0, 0.050831, 12};
    static const char *const types[] = {"Dress", "Dress", "Socks", "T-shirt", ""};
    static const char *const colours[] = {"red", "blue", "", "white", "black"};
    static const char *const products[] = {"P1", "P1", "", "P3", "P4"};
    static const int32_t group[] = {0, 0, 3, 1, 2};
    static const uint8_t stock[] = {1, 0, 2, 1, 1};
    int32_t end = day_of(2020, 9, 23);
    int32_t first[] = {end - 200, end - 5, INT32_MIN, end - 28, end - 27};
    const char *who[SHOP_CUSTOMERS];
    memcpy(who, customers, sizeof who);
    if (fault == SHOP_SAME_ID) who[4] = "0001";
    store_writer *w = store_create(s, folder_path(f, "ids.atm"), "ids", e);
    return w && put_words(w, "customer_id", who, SHOP_CUSTOMERS, e) &&
           put_words(w, "article_id", articles, SHOP_ARTICLES, e) &&
           put_words(w, "article_name", names, SHOP_ARTICLES, e) &&
           put_words(w, "article_category", categories, SHOP_ARTICLES, e) &&
           put_words(w, "article_type", types, SHOP_ARTICLES, e) &&
           put_words(w, "article_colour", colours, SHOP_ARTICLES, e) &&
           put_words(w, "article_product", products, SHOP_ARTICLES, e) &&
           store_put(w, "article_group", STORE_I32, SHOP_ARTICLES, 1, group, e) &&
           store_put(w, "article_first_day", STORE_I32, SHOP_ARTICLES, 1, first, e) &&
           store_put(w, "article_stock", STORE_U8, SHOP_ARTICLES, 1, stock, e) &&
           store_put(w, "end", STORE_I32, 1, 1, &end, e) &&
           store_put(w, "article_price", STORE_F64, SHOP_ARTICLES, 1, price, e) &&
           store_close(w, e);
}

static bool put_lists(store_writer *w, shop_fault fault, err *e) {
    static const char *const parts[] = {"popular now", "bought by customers with your taste",
                                        "similar to articles you bought", "you bought it before",
                                        "bought with articles you bought", "department",
                                        "another colour", "new", "you looked at it",
                                        "bought next by others", "colours you like",
                                        "visits like this", "base"};
    static const char *const models[] = {"hybrid", "popularity"};
    static const char *const segments[] = {"active", "lapsed", "new"};
    int32_t items[SHOP_CUSTOMERS * SHOP_K] = {1, 2, 0, -1, 4, 3, 2, 1, 0, 1, -1, -1,
                                              3, -1, -1, -1, -1, -1, -1, -1, 2, 4, -1, -1};
    float scores[SHOP_CUSTOMERS * SHOP_K], value[SHOP_CUSTOMERS * SHOP_K * 3] = {0};
    uint8_t part[SHOP_CUSTOMERS * SHOP_K * 3] = {0}, cold[SHOP_CUSTOMERS] = {0, 0, 1, 0, 1, 0};
    uint8_t model[SHOP_CUSTOMERS] = {0, 0, 1, 0, 1, 0};
    uint8_t segment[SHOP_CUSTOMERS] = {0, 1, 2, 1, 2, 1};
    for (int i = 0; i < SHOP_CUSTOMERS * SHOP_K; i++) {
        scores[i] = 1.0f - 0.125f * (float)(i % 4);
        part[3 * i] = 1, part[3 * i + 1] = 4, part[3 * i + 2] = 12; /* taste, together, base */
        value[3 * i] = 0.5f, value[3 * i + 1] = 0.25f, value[3 * i + 2] = -0.125f;
    }
    if (fault == SHOP_BAD_ITEM) items[5] = SHOP_ARTICLES;
    int64_t rows = fault == SHOP_BAD_SHAPE ? SHOP_CUSTOMERS - 1 : SHOP_CUSTOMERS;
    return put_words(w, "parts", parts, COUNT(parts), e) &&
           put_words(w, "models", models, COUNT(models), e) &&
           put_words(w, "segments", segments, COUNT(segments), e) &&
           store_put(w, "user_items", STORE_I32, SHOP_CUSTOMERS, SHOP_K, items, e) &&
           store_put(w, "user_scores", STORE_F32, rows, SHOP_K, scores, e) &&
           store_put(w, "user_part", STORE_U8, SHOP_CUSTOMERS, SHOP_K * 3, part, e) &&
           store_put(w, "user_part_value", STORE_F32, SHOP_CUSTOMERS, SHOP_K * 3, value, e) &&
           store_put(w, "user_cold", STORE_U8, SHOP_CUSTOMERS, 1, cold, e) &&
           store_put(w, "user_model", STORE_U8, SHOP_CUSTOMERS, 1, model, e) &&
           store_put(w, "user_segment", STORE_U8, SHOP_CUSTOMERS, 1, segment, e);
}

static bool put_relations(store_writer *w, err *e) {
    float half[SHOP_ARTICLES * 2];
    static const int32_t similar[SHOP_ARTICLES * 2] = {1, 3, 0, -1, 4, 3, 4, 2, 3, -1};
    static const int32_t together[SHOP_ARTICLES * 2] = {4, -1, 3, 2, 1, -1, 1, -1, 0, -1};
    static const int32_t popular[] = {0, 1, 2, 3, -1}, trending[] = {4, 1, -1};
    static const float popular_scores[] = {100, 90, 80, 70, 0}, rising[] = {3.5f, 2, 0};
    for (int i = 0; i < SHOP_ARTICLES * 2; i++) half[i] = i % 2 ? 0.25f : 0.5f;
    return store_put(w, "similar_items", STORE_I32, SHOP_ARTICLES, 2, similar, e) &&
           store_put(w, "similar_scores", STORE_F32, SHOP_ARTICLES, 2, half, e) &&
           store_put(w, "together_items", STORE_I32, SHOP_ARTICLES, 2, together, e) &&
           store_put(w, "together_scores", STORE_F32, SHOP_ARTICLES, 2, half, e) &&
           store_put(w, "popular_items", STORE_I32, 1, COUNT(popular), popular, e) &&
           store_put(w, "popular_scores", STORE_F32, 1, COUNT(popular), popular_scores, e) &&
           store_put(w, "trending_items", STORE_I32, 1, COUNT(trending), trending, e) &&
           store_put(w, "trending_scores", STORE_F32, 1, COUNT(trending), rising, e);
}

static bool put_matrix(store_writer *w, const char *name, const int64_t *at, int64_t rows,
                       const int32_t *col, const float *value, err *e) {
    char part[3][32];
    static const char *const ends[] = {"at", "col", "value"};
    for (int i = 0; i < 3; i++) snprintf(part[i], sizeof part[i], "%s_%s", name, ends[i]);
    return store_put(w, part[0], STORE_I64, rows + 1, 1, at, e) &&
           store_put(w, part[1], STORE_I32, at[rows], 1, col, e) &&
           store_put(w, part[2], STORE_F32, at[rows], 1, value, e);
}

/* Contents and pairs are those of put_relations; 30 follows 10; one kind for each category. */
static bool put_sources(store_writer *w, err *e) {
    static const int64_t content_at[] = {0, 2, 3, 5, 7, 8}, related_at[] = {0, 1, 3, 4, 5, 6};
    static const int64_t none_at[] = {0, 0, 0, 0, 0, 0}, next_at[] = {0, 1, 1, 1, 1, 1};
    static const int32_t content[] = {1, 3, 0, 3, 4, 2, 4, 3}, related[] = {4, 2, 3, 1, 1, 0};
    static const float likeness[] = {0.5f, 0.25f, 0.5f, 0.25f, 0.5f, 0.25f, 0.5f, 0.5f};
    static const float pairs[] = {0.5f, 0.25f, 0.5f, 0.5f, 0.5f, 0.5f}, one[] = {1, 0, 0};
    static const int32_t follows[] = {2}, band[SHOP_CUSTOMERS] = {0};
    static const int32_t groups[11 * SHOP_ARTICLES] = {0, 0, 1, 2, 2};
    static const uint8_t active[] = {1, 1, 1, 1, 1};
    static const double popular[] = {100, 90, 80, 70, 25}, numbers[8] = {0};
    static const float fit_weights[RECOMMEND_SOURCES] = {0};
    double again[4 * REPURCHASE_CELLS] = {0};
    static const int64_t sessions[] = {0, 2, 4};
    static const int32_t met[] = {3, 1, 3, 1}; /* twice tee-1, then 0020 */
    int32_t bands[6 * 100];
    float band_scores[6 * 100] = {0};
    for (int i = 0; i < 600; i++) bands[i] = i % 100 < 4 ? i % 100 : -1;
    for (int i = 0; i < 600; i++) band_scores[i] = i % 100 < 4 ? 100 - 10 * (float)(i % 100) : 0;
    return put_matrix(w, "content", content_at, SHOP_ARTICLES, content, likeness, e) &&
           put_matrix(w, "together", related_at, SHOP_ARTICLES, related, pairs, e) &&
           put_matrix(w, "variants", none_at, SHOP_ARTICLES, content, one, e) &&
           put_matrix(w, "next", next_at, SHOP_ARTICLES, follows, one, e) &&
           put_matrix(w, "in_kind", none_at, 3, content, one, e) &&
           put_matrix(w, "arrivals", none_at, 3, content, one, e) &&
           store_put(w, "groups", STORE_I32, 11, SHOP_ARTICLES, groups, e) &&
           store_put(w, "active", STORE_U8, SHOP_ARTICLES, 1, active, e) &&
           store_put(w, "popular", STORE_F64, SHOP_ARTICLES, 1, popular, e) &&
           store_put(w, "again", STORE_F64, 4 * REPURCHASE_CELLS, 1, again, e) &&
           store_put(w, "fit_numbers", STORE_F64, 1, 8, numbers, e) &&
           store_put(w, "fit_weights", STORE_F32, 1, RECOMMEND_SOURCES, fit_weights, e) &&
           store_put(w, "band", STORE_I32, SHOP_CUSTOMERS, 1, band, e) &&
           store_put(w, "band_items", STORE_I32, 6, 100, bands, e) &&
           store_put(w, "band_scores", STORE_F32, 6, 100, band_scores, e) &&
           store_put(w, "session_at", STORE_I64, 3, 1, sessions, e) &&
           store_put(w, "session_item", STORE_I32, 4, 1, met, e);
}

/* Customer 1 bought article 0 twice and, the day before the end, 4; 007 bought 0 long ago. Articles
 * 0, 1 and 4 share a taste, 2 and 3 another one. */
static bool put_live(store_writer *w, shop_fault fault, err *e) {
    int32_t end = day_of(2020, 9, 23);
    int64_t at[] = {0, 3, 4, 4, 4, 4, 4}, none[SHOP_CUSTOMERS + 1] = {0};
    int32_t item[] = {0, 0, 4, 0}, day[] = {end - 61, end - 31, end - 1, end - 91};
    float bought[] = {1, 1, 1, 1}, trend[] = {1, 0.9f, 0.8f, 0.7f, 0.5f};
    int32_t part[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    float weight[] = {0.5f, 1, 0.5f, 0.5f, 1, 0, 0, 0, 0, 0.25f, 0, 0.25f};
    float factor[SHOP_ARTICLES * 16] = {0}, eigen[16] = {3, 2};
    double als[] = {2, 0.003, 1, 0.03, 0, SHOP_ARTICLES}, half[] = {60, 30, 30, 3};
    for (int i = 0; i < SHOP_ARTICLES; i++) factor[i * 16 + (i == 2 || i == 3)] = 1;
    if (fault == SHOP_BAD_HISTORY) at[2] = 1;
    return store_put(w, "history_at", STORE_I64, SHOP_CUSTOMERS + 1, 1, at, e) &&
           store_put(w, "history_item", STORE_I32, COUNT(item), 1, item, e) &&
           store_put(w, "history_day", STORE_I32, COUNT(item), 1, day, e) &&
           store_put(w, "history_weight", STORE_F32, COUNT(item), 1, bought, e) &&
           store_put(w, "looks_at", STORE_I64, SHOP_CUSTOMERS + 1, 1, none, e) &&
           store_put(w, "looks_item", STORE_I32, 0, 1, item, e) &&
           store_put(w, "looks_day", STORE_I32, 0, 1, day, e) &&
           store_put(w, "looks_weight", STORE_F32, 0, 1, bought, e) &&
           store_put(w, "als", STORE_F64, 1, COUNT(als), als, e) &&
           store_put(w, "als_item", STORE_F32, SHOP_ARTICLES, 16, factor, e) &&
           store_put(w, "als_eigen", STORE_F32, 1, 16, eigen, e) &&
           store_put(w, "trend", STORE_F32, SHOP_ARTICLES, 1, trend, e) &&
           store_put(w, "live_weight", STORE_F32, 1, COUNT(weight), weight, e) &&
           store_put(w, "live_part", STORE_I32, 1, COUNT(part), part, e) &&
           store_put(w, "half_life", STORE_F64, 1, COUNT(half), half, e) && put_sources(w, e);
}

static bool put_recommend(scope *s, folder *f, shop_fault fault, err *e) {
    store_writer *w = store_create(s, folder_path(f, "recommend.atm"), "recommend", e);
    return w && put_lists(w, fault, e) && put_relations(w, e) && put_live(w, fault, e) &&
           store_close(w, e);
}

/* Champions buy 0020, Cap and, at half the shop's rate, T-shirts; gmm-9 buys nothing. */
static bool put_bought(store_writer *w, err *e) {
    static const int32_t items[5 * 3] = {1, 4, 3, 0, 1, -1, 4, 2, -1, 0, -1, -1, 2, 0, 1};
    static const float scores[5 * 3] = {3, 2.5f, 1, 2, 1, 0, 4, 1, 0, 1, 0, 0, 3, 2, 1};
    static const float shares[5 * 3] = {0.5f, 0.375f, 0.125f, 1, 0, 0, 0.75f, 0.25f, 0,
                                        0, 0, 0, 0.5f, 0.25f, 0.25f};
    static const float lifts[5 * 3] = {2, 1.5f, 0.5f, 3, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1};
    return store_put(w, "bought_items", STORE_I32, 5, 3, items, e) &&
           store_put(w, "bought_scores", STORE_F32, 5, 3, scores, e) &&
           store_put(w, "bought_shares", STORE_F32, 5, 3, shares, e) &&
           store_put(w, "bought_lifts", STORE_F32, 5, 3, lifts, e);
}

/* Methods rfm, gmm and hdbscan, which has all in one; the value of alice and zoë is not known. */
static bool put_methods(store_writer *w, shop_fault fault, err *e) {
    static const char *const methods[] = {"rfm", "gmm", "hdbscan"}, *const dense[] = {"hdbscan-1"},
                             *const rfm[] = {"rfm-champions", "rfm-2"},
                             *const rfm_names[] = {"champions", "at risk"},
                             *const gmm[] = {"gmm-7", "gmm-9"},
                             *const gmm_names[] = {"big, \"often\"", "rare"};
    int32_t of[] = {0, 0, 0, 1, 1, 0, -1, -1, 0, 0, 0, 0, -1, -1, 0, -1, 0, 0};
    float strength[] = {1, 0.5f, 0.4f, 1, 0.75f, 0.6f, 0, 0, 0.1f,
                        1, 0.9f, 0.9f, 0, 0,     0.5f, 0, 0.6f, 0.4f};
    float outlier[] = {0.1f, 0.2f, NAN, 0.9f, NAN, 0.3f};
    float value[SHOP_CUSTOMERS * 6];
    for (int i = 0; i < SHOP_CUSTOMERS * 6; i++)
        value[i] = i / 6 == 2 || i / 6 == 5 ? NAN : (float)(i / 6 + 1) / (float)(1 + i % 6);
    if (fault == SHOP_BAD_SEGMENT) of[4] = 2;
    /* customer 0 bought on 1 January, 26 February and 20 May 2020, customer 3 on 15 September */
    static const int64_t days_at[] = {0, 3, 3, 3, 4, 4, 4};
    static const int32_t days[] = {18262, 18318, 18402, 18520};
    double measures[SHOP_CUSTOMERS * 3];
    for (int i = 0; i < SHOP_CUSTOMERS * 3; i++) measures[i] = (double)NAN;
    measures[0] = 125, measures[1] = 3, measures[2] = 60.5;
    measures[9] = 7, measures[10] = 1, measures[11] = 20;
    return put_words(w, "methods", methods, 3, e) && put_words(w, "ids.rfm", rfm, 2, e) &&
           put_words(w, "names.rfm", rfm_names, 2, e) && put_words(w, "ids.gmm", gmm, 2, e) &&
           put_words(w, "names.gmm", gmm_names, 2, e) &&
           put_words(w, "ids.hdbscan", dense, 1, e) && put_words(w, "names.hdbscan", dense, 1, e) &&
           store_put(w, "segment", STORE_I32, SHOP_CUSTOMERS, 3, of, e) &&
           store_put(w, "strength", STORE_F32, SHOP_CUSTOMERS, 3, strength, e) &&
           store_put(w, "outlier", STORE_F32, SHOP_CUSTOMERS, 1, outlier, e) &&
           store_put(w, "value", STORE_F32, SHOP_CUSTOMERS, 6, value, e) &&
           store_put(w, "measures", STORE_F64, SHOP_CUSTOMERS, 3, measures, e) &&
           store_put(w, "days_at", STORE_I64, SHOP_CUSTOMERS + 1, 1, days_at, e) &&
           store_put(w, "days", STORE_I32, 4, 1, days, e);
}

static bool put_segment(scope *s, folder *f, shop_fault fault, err *e) {
    static const char *const rfm_names[] = {"champions", "at risk"};
    static const char *const clusters[] = {"bargain hunters", "loyal"};
    static const int32_t rfm[SHOP_CUSTOMERS * 3] = {5, 4, 3, 1, 2, 1, 0, 0, 0, 5, 5, 5,
                                                    0, 0, 0, 2, 2, 2};
    static const int32_t name[] = {0, 1, -1, 0, -1, -1}, cluster[] = {1, 0, -1, 1, -1, 0};
    store_writer *w = store_create(s, folder_path(f, "segment.atm"), "segment", e);
    return w && put_words(w, "rfm_names", rfm_names, 2, e) &&
           put_words(w, "cluster_names", clusters, 2, e) &&
           store_put(w, "rfm", STORE_I32, SHOP_CUSTOMERS, 3, rfm, e) &&
           store_put(w, "rfm_name", STORE_I32, SHOP_CUSTOMERS, 1, name, e) &&
           store_put(w, "cluster", STORE_I32, SHOP_CUSTOMERS, 1, cluster, e) &&
           (fault == SHOP_RFM_ONLY || (put_methods(w, fault, e) && put_bought(w, e))) &&
           store_close(w, e);
}

/* Article 10 alone has reviews. */
static bool put_reviews(scope *s, folder *f, err *e) {
    static const char *const said[] = {"\"reviews\":2,\"rating\":4.5", "", "", "", ""};
    store_writer *w = store_create(s, folder_path(f, "reviews.atm"), "reviews", e);
    return w && put_words(w, "article", said, SHOP_ARTICLES, e) && store_close(w, e);
}

/* `dress` is in articles 10 and 0020, `red` in 10, `cap` in 50; no vectors. */
static bool put_search(scope *s, folder *f, err *e) {
    static const char *const terms[] = {"dress", "red", "cap"};
    static const int32_t df[] = {2, 1, 1}, col[] = {0, 1, 0, 4};
    static const int64_t at[] = {0, 2, 3, 4};
    static const float value[] = {0.5f, 0.8f, 0.6f, 1};
    store_writer *w = store_create(s, folder_path(f, "search.atm"), "search", e);
    return w && put_words(w, "term", terms, 3, e) && put_words(w, "encoder", NULL, 0, e) &&
           store_put(w, "df", STORE_I32, 3, 1, df, e) &&
           store_put(w, "words_at", STORE_I64, 4, 1, at, e) &&
           store_put(w, "words_col", STORE_I32, 4, 1, col, e) &&
           store_put(w, "words_value", STORE_F32, 4, 1, value, e) && store_close(w, e);
}

/* Three visitors, a session each: view and purchase an hour later; view alone; view, a removal two
 * days later and purchase ten days later. The second came by email, the others by themselves. */
static bool put_events(scope *s, folder *f, err *e) {
    static const char *const units[] = {"visitor", "session"};
    static const char *const words[] = {"view", "purchase", "cart_remove"};
    static const char *const ways[] = {"direct", "email"}, *const none[] = {"(none)"};
    const int64_t hour = INT64_C(3600) * 1000000, start = (int64_t)day_of(2020, 9, 1) * 24 * hour;
    int64_t at[] = {0, 2, 3, 6}, time[] = {0, 1, 5, 0, 48, 240};
    const uint8_t event[] = {0, 1, 0, 0, 2, 1}, way[] = {0, 0, 1, 0, 0, 0}, zero[6] = {0};
    for (int i = 0; i < 6; i++) time[i] = start + time[i] * hour;
    store_writer *w = store_create(s, folder_path(f, "events.atm"), "events", e);
    for (int u = 0; w && u < 2; u++) {
        const char *array[5];
        static const char *const parts[] = {"at", "time", "event", "category", "channel"};
        for (int i = 0; i < 5; i++)
            array[i] = arena_text(&s->keep, "%s.%s", units[u], parts[i]);
        const char *platform = arena_text(&s->keep, "%s.platform", units[u]);
        if (!store_put(w, array[0], STORE_I64, 4, 1, at, e) ||
            !store_put(w, array[1], STORE_I64, 6, 1, time, e) ||
            !store_put(w, array[2], STORE_U8, 6, 1, event, e) ||
            !store_put(w, array[3], STORE_U8, 6, 1, zero, e) ||
            !store_put(w, array[4], STORE_U8, 6, 1, way, e) ||
            !store_put(w, platform, STORE_U8, 6, 1, zero, e) ||
            !put_words(w, array[2], words, 3, e) || !put_words(w, array[3], none, 1, e) ||
            !put_words(w, array[4], ways, 2, e) || !put_words(w, platform, none, 1, e))
            return false;
    }
    return w && store_put(w, "session.visitor", STORE_I32, 3, 1, (const int32_t[]){0, 1, 2}, e) &&
           store_close(w, e);
}

static bool put_forecast(scope *s, folder *f, err *e) {
    static const char *const level[] = {"total", "category", "category", "article"};
    static const char *const series[] = {"total", "Dresses", "Socks & Tights", "0020"};
    static const char *const model[] = {"ets", "ets", "seasonal naive", "ets"};
    static const char *const found[] = {"{\"sentence\":\"Sales show no season.\"}", "", "", ""};
    static const char *const guards[] = {"", "", "capped too_wide", ""};
    int32_t start[4];
    float mean[12], low[12], high[12], history[12];
    for (int i = 0; i < 4; i++) start[i] = day_of(2020, 9, 28);
    for (int i = 0; i < 12; i++) {
        mean[i] = 10.0f * (float)(i / 3 + 1) + (float)(i % 3);
        low[i] = mean[i] - 2.5f;
        high[i] = mean[i] + 2.5f;
        history[i] = i == 9 ? NAN : (float)i; /* article/0020 has two weeks of past */
    }
    store_writer *w = store_create(s, folder_path(f, "forecast.atm"), "forecast", e);
    return w && put_words(w, "level", level, 4, e) && put_words(w, "series", series, 4, e) &&
           put_words(w, "model", model, 4, e) &&
           put_words(w, "detections", found, 4, e) && put_words(w, "guards", guards, 4, e) &&
           store_put(w, "start", STORE_I32, 4, 1, start, e) &&
           store_put(w, "mean", STORE_F32, 4, 3, mean, e) &&
           store_put(w, "low", STORE_F32, 4, 3, low, e) &&
           store_put(w, "high", STORE_F32, 4, 3, high, e) &&
           store_put(w, "history", STORE_F32, 4, 3, history, e) && store_close(w, e);
}

static const char funnel[] =
    "{\"schema\":\"atelier.funnel/1\",\"definition\":\"ordered\",\"hash\":\"h\","
    "\"steps\":[\"view\",\"click\",\"cart_add\",\"purchase\"],\"missing\":[\"click\"],"
    "\"all\":{\"counts\":[100,0,20,5]},"
    "\"by\":{\"category\":[{\"value\":\"Dresses\",\"counts\":[60,0,10,4]}],"
    "\"channel\":[{\"value\":\"web\",\"counts\":[70,0,15,3]}],\"platform\":[]},"
    "\"kpis\":{},\"trend\":[]}";
static const char trends[] =
    "{\"schema\":\"atelier.trends/1\",\"as_of\":\"2020-09-22\",\"definition\":\"d\","
    "\"rising\":[{\"level\":\"article\",\"id\":\"10\",\"growth\":0.5},"
    "{\"level\":\"article\",\"id\":\"30\",\"growth\":0.25}],"
    "\"declining\":[{\"level\":\"article\",\"id\":\"50\",\"growth\":-0.5}],"
    "\"categories\":[{\"category\":\"Tops\",\"growth\":-0.125},"
    "{\"category\":\"Dresses\",\"growth\":0.375}],\"shifts\":[],"
    "\"revenue\":{\"previous\":null,\"year\":null}}";
static const char kpis[] =
    "{\"schema\":\"atelier.sales/1\",\"as_of\":\"2020-09-23\",\"from\":\"2020-09-21\","
    "\"kpis\":[{\"name\":\"aov\"}],\"definitions\":{},\"absent\":{\"traffic\":\"no log\"},"
    "\"parts\":{\"day\":{\"all\":[{\"value\":\"all\",\"period\":[\"2020-09-21\"],"
    "\"net_revenue\":[5],\"aov\":[5]}]},\"week\":{\"all\":[{\"value\":\"all\",\"aov\":[5]}],"
    "\"category\":[{\"value\":\"Tops\",\"aov\":[2.5]}]}}}";
static const char topics[] =
    "{\"schema\":\"atelier.topics/1\",\"topics\":[{\"id\":3,\"label\":\"thin\","
    "\"quotes\":[{\"review\":7,\"text\":\"One can see through it.\",\"similarity\":0.9}]}]}";
static const char aspects[] =
    "{\"schema\":\"atelier.aspects/1\",\"aspects\":[{\"aspect\":\"fit\",\"quotes\":["
    "{\"review\":1,\"polarity\":\"positive\",\"text\":\"Fits like a glove.\"},"
    "{\"review\":2,\"polarity\":\"negative\",\"text\":\"Far too tight.\"}]},"
    "{\"aspect\":\"price\",\"quotes\":[]}]}";
static const char alerts[] =
    "{\"schema\":\"atelier.alerts/1\",\"as_of\":\"2020-09-23\","
    "\"note\":null,\"total\":3,\"alerts\":["
    "{\"id\":\"stock_out/0020\",\"type\":\"stock_out\",\"article\":\"0020\",\"money\":9},"
    "{\"id\":\"dead/10\",\"type\":\"dead\",\"article\":\"10\",\"money\":5},"
    "{\"id\":\"dead/0020\",\"type\":\"dead\",\"article\":\"0020\",\"money\":2}]}";
static const char segments[] =
    "{\"schema\":\"atelier.segments/2\",\"as_of\":\"2020-09-22\",\"customers\":6,"
    "\"rfm\":[],\"clusters\":[],\"method\":\"gmm\",\"segments\":["
    "{\"id\":\"gmm-7\",\"method\":\"gmm\",\"index\":0,\"name\":\"x\",\"customers\":3},"
    "{\"id\":\"rfm-champions\",\"method\":\"rfm\",\"index\":0,\"customers\":2}],"
    "\"passports\":[{\"id\":\"gmm-7\",\"rule\":{\"sentence\":\"orders often\"}}],"
    "\"survival\":[{\"id\":null,\"time\":[1]},{\"id\":\"gmm-7\",\"time\":[2,3]}],"
    "\"choose_k\":{\"chosen\":5},\"drift\":{\"rows\":[]}}";
static const char valued[] =
    "{\"schema\":\"atelier.segments/2\",\"as_of\":\"2020-09-22\",\"grid\":{\"cuts\":{"
    "\"recency\":[10,20,30,40],\"frequency\":[1,2,4,9],\"money\":[10,20,30,40],"
    "\"fixed_frequency\":true},\"cells\":[]},\"clv\":{\"horizon_weeks\":52,\"model\":\"bgnbd\","
    "\"parameters\":{\"r\":0.25,\"alpha\":4.5,\"a\":0.75,\"b\":2.5}}}";
static const char old_segments[] =
    "{\"schema\":\"atelier.segments/1\",\"as_of\":\"2020-09-22\",\"customers\":6,"
    "\"rfm\":[{\"name\":\"at risk\",\"customers\":1},{\"name\":\"champions\","
    "\"customers\":2}],\"clusters\":[{\"index\":1,\"name\":\"loyal\",\"customers\":2},"
    "{\"index\":0,\"name\":\"bargain hunters\",\"customers\":2,\"stability\":0.9}],"
    "\"chosen\":{\"k\":2}}";
static const char products[] =
    "{\"schema\":\"atelier.products/1\",\"as_of\":\"2020-09-23\",\"curves\":["
    "{\"category\":\"Tops\",\"launches\":[3]},{\"category\":null,\"launches\":[5]}],"
    "\"articles\":[{\"id\":\"0020\",\"category\":\"Tops\",\"revenue\":90,\"growth\":0.5,"
    "\"abc\":\"A\",\"xyz\":\"Z\",\"launch\":{\"call\":\"ahead\",\"ratio\":2},\"weeks\":[3,4]},"
    "{\"id\":\"10\",\"category\":\"Dresses\",\"revenue\":60,\"growth\":2,\"abc\":\"A\","
    "\"xyz\":\"X\",\"launch\":{\"call\":\"unknown\",\"ratio\":null},\"weeks\":[1,0]},"
    "{\"id\":\"30\",\"category\":\"Tops\",\"revenue\":5,\"growth\":null,\"abc\":\"C\","
    "\"xyz\":\"none\",\"launch\":{\"call\":\"behind\",\"ratio\":0.5},\"weeks\":[0,1]}]}";
static const char *const pages[][2] = {
    {"evaluation.json", "{\"schema\":\"atelier.evaluation/1\",\"recommend\":{\"skipped\":null}}"},
    {"funnel.json", funnel},
    {"trends.json", trends},
    {"elasticity.json", "{\"schema\":\"atelier.elasticity/1\",\"all\":{\"elasticity\":-1.8}}"},
    {"prices.json",
     "{\"schema\":\"atelier.prices/1\",\"as_of\":\"2020-09-23\",\"all\":{\"elasticity\":-1.8},"
     "\"articles\":[{\"id\":\"0020\",\"category\":\"Tops\",\"elasticity\":-2.5},"
     "{\"id\":\"10\",\"category\":\"Dresses\",\"elasticity\":-1.5}]}"},
    {"kpis.json", kpis},
    {"baskets.json", "{\"schema\":\"atelier.baskets/1\",\"baskets\":3}"},
    {"beside.json",
     "{\"schema\":\"atelier.beside/1\",\"as_of\":\"2020-09-23\",\"articles\":[{\"id\":\"10\","
     "\"orders\":4,\"others\":[{\"id\":\"0020\",\"n\":2,\"share\":0.5,\"shrunk\":1.9,"
     "\"low\":1.2,\"high\":2.5},{\"id\":\"gone\",\"n\":2,\"share\":0.5,\"low\":1.2}]}]}"},
    {"products.json", products},
    {"weekly.html", "<!doctype html><title>The week</title>"},
    {"data.json", "{\"schema\":\"atelier.data/1\",\"files\":[]}"},
    {"insights.json", "{\"schema\":\"atelier.insights/1\",\"cards\":[]}"},
    {"language.json", "{\"schema\":\"atelier.language/1\"}"},
    {"segments.json", segments},
    {"forecasts.json", "{}"},
    {"topics.json", topics},
    {"aspects.json", aspects},
    {"toxicity.json", "{\"schema\":\"atelier.toxicity/1\",\"queue\":[]}"},
    {"alerts.json", alerts},
    {"reviews.json", "{\"schema\":\"atelier.reviews/1\",\"dated\":false}"},
};

static bool put_pages(scope *s, folder *f, const char *mark, shop_fault fault, err *e) {
    const char *home = fault == SHOP_BAD_JSON
                           ? "{\"schema\":"
                           : arena_text(&s->keep, "{\"schema\":\"atelier.home/1\",\"mark\":\"%s\","
                                                  "\"shop\":{\"customers\":6},\"families\":[]}\n",
                                        mark);
    if (!folder_write(f, "home.json", slice_of(home), e)) return false;
    for (int64_t i = 0; i < COUNT(pages) && fault != SHOP_ONLY_IDS; i++)
        if (!folder_write(f, pages[i][0],
                          slice_of(pages[i][1] != segments   ? pages[i][1]
                                   : fault == SHOP_RFM_ONLY ? old_segments
                                   : fault == SHOP_VALUED   ? valued
                                                            : segments), e))
            return false;
    return true;
}

void shop_publish(const char *parent, const char *mark, shop_fault fault) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    folder *f = folder_begin(&s, parent, "10_serve", &e);
    check_ok(f, &e);
    check_ok(put_ids(&s, f, fault, &e), &e);
    if (fault != SHOP_ONLY_IDS)
        check_ok(put_recommend(&s, f, fault, &e) && put_segment(&s, f, fault, &e) &&
                     put_forecast(&s, f, &e) && put_reviews(&s, f, &e) &&
                     put_search(&s, f, &e) && put_events(&s, f, &e), &e);
    check_ok(put_pages(&s, f, mark, fault, &e), &e);
    folder_key key = {hash_of(slice_of(mark)), hash_of(SLICE("sql")), 1};
    check_ok(folder_commit(f, &key, &e), &e);
    scope_close(&s);
}
