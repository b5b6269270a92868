/* segment_api: what segments answer over HTTP: the list, passports, parts, members, the table. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

typedef struct place {
    scope s;
    server *sv;
    int port;
} place;

static void open_place(place *p, const char *name, shop_fault fault) {
    err e = {0};
    const char *out = check_folder(name);
    shop_publish(out, name, fault);
    check_ok(scope_open(&p->s, 16 << 20, 0, &e), &e);
    server_params params = {.out = out, .host = "127.0.0.1", .threads = 1};
    p->sv = server_open(&params, &e);
    check_ok(p->sv, &e);
    p->port = server_port(p->sv);
}

static void close_place(place *p) {
    check(server_close(p->sv, 60));
    scope_close(&p->s);
}

static const js_node *get(place *p, const char *path, int status) {
    err e = {0};
    slice answer = wire_get(&p->s, p->port, path);
    if (wire_status(answer) != status) print_error("%s: %.*s\n", path, (int)answer.n, answer.p);
    check(wire_status(answer) == status);
    const js_node *root = js_parse(&p->s, wire_body(answer), &e);
    check_ok(root != NULL, &e);
    return root;
}

/* The texts `key` of a list, joined by spaces. */
static slice words(place *p, const js_node *list, const char *key) {
    const char *out = "";
    for (int64_t i = 0; i < js_count(list); i++) {
        slice word = {0};
        check(js_text(key ? js_get(js_at(list, i), key) : js_at(list, i), &word));
        out = arena_text(&p->s.keep, "%s%s%.*s", out, i ? " " : "", (int)word.n, word.p);
    }
    return slice_of(out);
}

static double real_at(const js_node *n, const char *key) {
    double v = NAN;
    js_real(js_get(n, key), &v);
    return v;
}

CHECK(segment_api_lists_segments_by_method) {
    place p;
    slice word;
    open_place(&p, "segment-list", SHOP_SOUND);
    const js_node *all = get(&p, "/v1/segments", 200);
    /* in the order of the methods; a segment of which the file says nothing is not listed */
    check_text(words(&p, js_get(all, "segments"), "id"), "rfm-champions gmm-7");
    check_text(words(&p, js_get(all, "parts"), NULL), "overview grid choose_k retention drift");
    check(js_text(js_get(all, "method"), &word) && slice_is(word, "gmm"));
    check_near(real_at(all, "customers"), 6, 0);
    check(js_get(all, "rfm") && js_get(all, "clusters")); /* as before there were methods */
    check(!js_get(all, "passports") && !js_get(all, "choose_k")); /* too long for a list */
    all = get(&p, "/v1/segments?method=gmm", 200);
    check_text(words(&p, js_get(all, "segments"), "id"), "gmm-7");
    check(js_text(js_get(js_at(js_get(all, "segments"), 0), "name"), &word));
    check_text(word, "big, \"often\""); /* the name of the model file, which members have, too */
    check_has(wire_get(&p.s, p.port, "/v1/segments?method=kmeans"),
              "\"hint\":\"this bundle has no segments by kmeans; it has rfm, gmm, hdbscan\"");
    get(&p, "/v1/segments?method=kmeans", 404);
    get(&p, "/v1/segments?method=dbscan", 422);
    close_place(&p);
}

CHECK(segment_api_gives_parts_and_says_which_are_missing) {
    place p;
    slice said;
    open_place(&p, "segment-parts", SHOP_SOUND);
    const js_node *part = get(&p, "/v1/segments?part=choose_k", 200);
    check_near(real_at(js_get(part, "choose_k"), "chosen"), 5, 0);
    check(js_text(js_get(part, "as_of"), &said) && slice_is(said, "2020-09-22"));
    check(!js_get(part, "segments") && !js_get(part, "skipped"));
    check(js_count(js_get(get(&p, "/v1/segments?part=retention", 200), "survival")) == 2);
    part = get(&p, "/v1/segments?part=value", 200);
    check(js_text(js_get(part, "skipped"), &said));
    check_text(said, "This bundle has no customer lifetime value.");
    get(&p, "/v1/segments?part=weather", 422);
    close_place(&p);
}

CHECK(segment_api_counts_cells_of_scores_where_the_file_has_none) {
    place p;
    open_place(&p, "segment-grid", SHOP_SOUND);
    const js_node *grid = js_get(get(&p, "/v1/segments?part=grid", 200), "grid");
    const js_node *cells = js_get(grid, "cells");
    check(js_count(cells) == 4); /* 555, 543, 222, 121: two of the six never bought */
    static const double wanted[][4] = {{5, 5, 5, 1}, {5, 4, 3, 1}, {2, 2, 2, 1}, {1, 2, 1, 1}};
    for (int i = 0; i < 4; i++) {
        const js_node *one = js_at(cells, i);
        check_near(real_at(one, "r"), wanted[i][0], 0);
        check_near(real_at(one, "f"), wanted[i][1], 0);
        check_near(real_at(one, "m"), wanted[i][2], 0);
        check_near(real_at(one, "customers"), wanted[i][3], 0);
    }
    slice name;
    check(js_text(js_get(js_at(cells, 3), "name"), &name) && slice_is(name, "at risk"));
    check(!js_text(js_get(js_at(cells, 2), "name"), &name)); /* scores without a name */
    close_place(&p);
}

CHECK(segment_api_draws_values_of_customers_that_have_one) {
    place p;
    open_place(&p, "segment-sample", SHOP_VALUED);
    const js_node *part = get(&p, "/v1/segments?part=value", 200), *some = js_get(part, "sample");
    check_text(words(&p, js_get(some, "customer_id"), NULL), "1 007 b/c d 42");
    check_near(real_at(some, "of"), 6, 0);
    double clv = NAN;
    for (int i = 0; i < 4; i++) {
        static const double wanted[] = {1 / 4.0, 2 / 4.0, 4 / 4.0, 5 / 4.0};
        check(js_real(js_at(js_get(some, "clv"), i), &clv));
        check_near(clv, wanted[i], 0);
    }
    check_near(real_at(js_get(part, "clv"), "horizon_weeks"), 52, 0);
    close_place(&p);
}

CHECK(segment_api_shows_a_passport) {
    place p;
    slice said;
    open_place(&p, "segment-passport", SHOP_SOUND);
    const js_node *one = get(&p, "/v1/segments/gmm-7", 200);
    check_near(real_at(one, "customers"), 3, 0);
    check(js_text(js_get(js_get(one, "rule"), "sentence"), &said));
    check_text(said, "orders often");
    check(js_count(js_get(js_get(one, "survival"), "time")) == 2); /* its own, not that of all */
    one = get(&p, "/v1/segments/gmm-9", 200); /* without a row in the file, but with a name */
    check(js_text(js_get(one, "name"), &said) && slice_is(said, "rare"));
    check(!js_get(one, "rule"));
    check_has(wire_get(&p.s, p.port, "/v1/segments/gmm-8"),
              "\"hint\":\"no segment 'gmm-8'; GET /v1/segments lists their ids\"");
    get(&p, "/v1/segments/gmm-8", 404);
    get(&p, "/v1/segments/gmm-8/members", 404);
    close_place(&p);
}

CHECK(segment_api_pages_and_orders_members) {
    static const struct {
        const char *query, *ids;
        double total;
    } cases[] = {
        {"", "1 b/c d zo\xC3\xAB", 3},
        {"?limit=1&offset=1", "b/c d", 3},
        {"?offset=9", "", 3},
        {"?order=strength", "b/c d zo\xC3\xAB 1", 3},   /* .9, .6, .5 */
        {"?order=outlier&limit=2", "b/c d zo\xC3\xAB", 3}, /* .9, .3, .1 */
        {"?order=outlier&limit=2&offset=1", "zo\xC3\xAB 1", 3},
        {"?order=clv", "b/c d 1 zo\xC3\xAB", 3}, /* 4/4, 1/4, not known */
        {"?order=p_alive&limit=1", "b/c d", 3},
        {"?q=c%20", "b/c d", 1},
        {"?q=nobody", "", 0},
    };
    static const char *const strongest[] = {"", "b/c d", "b/c d 007", "b/c d 007 42",
                                            "b/c d 007 42 1", "b/c d 007 42 1 zo\xC3\xAB",
                                            "b/c d 007 42 1 zo\xC3\xAB alice"}; /* 1, zoë: a tie */
    place p;
    open_place(&p, "segment-members", SHOP_SOUND);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = arena_text(&p.s.keep, "/v1/segments/gmm-7/members%s", cases[i].query);
        const js_node *root = get(&p, path, 200);
        check_text(words(&p, js_get(root, "members"), "customer_id"), cases[i].ids);
        check_near(real_at(root, "total"), cases[i].total, 0);
    }
    for (int n = 1; n <= SHOP_CUSTOMERS; n++) {
        const char *path = arena_text(&p.s.keep,
                                      "/v1/segments/hdbscan-1/members?order=strength&limit=%d", n);
        check_text(words(&p, js_get(get(&p, path, 200), "members"), "customer_id"), strongest[n]);
    }
    const js_node *one = js_at(js_get(get(&p, "/v1/segments/gmm-7/members", 200), "members"), 1);
    check_near(real_at(one, "strength"), 0.9, 1e-6); /* 1e-6: six decimals */
    check_near(real_at(one, "recency"), 5, 0);
    check_near(real_at(one, "clv"), 1, 0);
    check_near(real_at(one, "clv_high"), 4 / 6.0, 1e-6);
    get(&p, "/v1/segments/gmm-7/members?limit=0", 422);
    get(&p, "/v1/segments/gmm-7/members?order=clv&offset=100000", 422);
    get(&p, "/v1/segments/gmm-7/members?offset=100000", 200);
    check(js_count(js_get(get(&p, "/v1/segments/rfm-2/members", 200), "members")) == 1);
    close_place(&p);
}

CHECK(segment_api_exports_members_as_a_table) {
    place p;
    open_place(&p, "segment-csv", SHOP_SOUND);
    slice answer = wire_get(&p.s, p.port, "/v1/segments/gmm-7/members.csv");
    check_text(wire_header(&p.s, answer, "Content-Type"), "text/csv; charset=utf-8");
    check_text(wire_body(answer),
               "customer_id,segment,name,recency,frequency,monetary,strength,outlier,p_alive,"
               "expected_purchases,expected_money,clv,clv_low,clv_high\r\n"
               "1,gmm-7,\"big, \"\"often\"\"\",5,4,3,0.5,0.1,1,0.5,0.333333,0.25,0.2,0.166667\r\n"
               "b/c d,gmm-7,\"big, \"\"often\"\"\",5,5,5,0.9,0.9,4,2,1.33333,1,0.8,0.666667\r\n"
               "zo\xC3\xAB,gmm-7,\"big, \"\"often\"\"\",2,2,2,0.6,0.3,,,,,,\r\n");
    check(wire_status(wire_get(&p.s, p.port, "/v1/segments/nope/members.csv")) == 404);
    close_place(&p);
}

CHECK(segment_api_reads_a_bundle_of_rfm_and_clusters_alone) {
    place p;
    open_place(&p, "segment-old", SHOP_RFM_ONLY);
    const js_node *all = get(&p, "/v1/segments", 200), *rows = js_get(all, "segments");
    check_text(words(&p, rows, "id"), "rfm-champions rfm-at-risk kmeans-0 kmeans-1");
    check_near(real_at(js_at(rows, 1), "customers"), 1, 0);
    check_near(real_at(js_at(rows, 2), "stability"), 0.9, 0);
    check_text(words(&p, js_get(all, "parts"), NULL), "overview grid");
    const js_node *users = get(&p, "/v1/segments/users/1", 200);
    check_text(words(&p, js_get(users, "segments"), "id"), "rfm-champions kmeans-1");
    const js_node *in = get(&p, "/v1/segments/kmeans-1/members", 200);
    check_text(words(&p, js_get(in, "members"), "customer_id"), "1 b/c d");
    check(!js_get(js_at(js_get(in, "members"), 0), "clv")); /* not known: not said */
    in = get(&p, "/v1/segments/rfm-champions/members?order=clv&limit=1", 200);
    check_text(words(&p, js_get(in, "members"), "customer_id"), "1"); /* a tie: the first */
    slice table = wire_body(wire_get(&p.s, p.port, "/v1/segments/rfm-at-risk/members.csv"));
    check_text(table, "customer_id,segment,name,recency,frequency,monetary\r\n"
                      "007,rfm-at-risk,at risk,1,2,1\r\n");
    close_place(&p);
}

CHECK(segment_api_recommends_what_a_segment_buys) {
    place p;
    open_place(&p, "segment-articles", SHOP_SOUND);
    const js_node *some = get(&p, "/v1/recommendations/segments/rfm-champions", 200);
    const js_node *items = js_get(some, "items");
    check_text(words(&p, items, "id"), "0020 50 tee-1");
    check_near(real_at(js_at(items, 1), "score"), 2.5, 0);
    check_near(real_at(js_at(items, 1), "share"), 0.375, 0);
    check_near(real_at(js_at(items, 2), "lift"), 0.5, 0);
    some = get(&p, "/v1/recommendations/segments/rfm-champions?k=1&category=tops", 200);
    check_text(words(&p, js_get(some, "items"), "id"), "50");
    some = get(&p, "/v1/recommendations/segments/gmm-9?in_stock=1", 200);
    check_text(words(&p, js_get(some, "items"), "id"), "10");
    some = get(&p, "/v1/recommendations/segments/hdbscan-1?price_max=20", 200);
    check_text(words(&p, js_get(some, "items"), "id"), "10");
    get(&p, "/v1/recommendations/segments/rfm-nobody", 404);
    get(&p, "/v1/recommendations/segments/rfm-champions?k=0", 422);
    close_place(&p);
    open_place(&p, "segment-articles-old", SHOP_RFM_ONLY);
    check_has(wire_get(&p.s, p.port, "/v1/recommendations/segments/rfm-champions"),
              "this bundle has no lists by segment: run the shop again");
    close_place(&p);
}

/* Alice is cold: she has no purchase; customer 1 has. */
CHECK(segment_api_lists_by_segment_for_whom_no_purchase_is_known) {
    place p;
    slice word;
    open_place(&p, "segment-cold", SHOP_SOUND);
    const js_node *who = get(&p, "/v1/recommendations/users/nobody?segment=rfm-champions&k=4", 200);
    check_text(words(&p, js_get(who, "items"), "id"), "0020 50 tee-1 10"); /* then what sells */
    check(js_text(js_get(who, "served_by"), &word) && slice_is(word, "segment"));
    check(js_text(js_get(js_get(who, "by_segment"), "name"), &word) &&
          slice_is(word, "champions"));
    const js_node *first = js_at(js_get(who, "items"), 0);
    check_text(words(&p, js_get(first, "reasons"), NULL), "bought in the segment");
    check_near(real_at(first, "score"), 3, 0);
    check(real_at(js_at(js_get(who, "items"), 3), "score") < 1);
    who = get(&p, "/v1/recommendations/users/alice?segment=hdbscan-1&k=2", 200);
    check_text(words(&p, js_get(who, "items"), "id"), "30 10");
    who = get(&p, "/v1/recommendations/users/alice?segment=hdbscan-1&category=dresses&k=2", 200);
    check_text(words(&p, js_get(who, "items"), "id"), "10 0020");
    who = get(&p, "/v1/recommendations/users/1?segment=hdbscan-1&k=3", 200); /* her own list */
    check_text(words(&p, js_get(who, "items"), "id"), "0020 30 10");
    check(js_text(js_get(who, "served_by"), &word) && slice_is(word, "hybrid"));
    check(!js_get(who, "by_segment"));
    who = get(&p, "/v1/recommendations/users/nobody?k=1", 200);
    check(js_text(js_get(who, "served_by"), &word) && slice_is(word, "popularity"));
    check_has(wire_get(&p.s, p.port, "/v1/recommendations/users/1?segment=rfm-nobody"),
              "\"loc\":[\"query\",\"segment\"],\"msg\":\"Input should be a segment of this shop; "
              "GET /v1/segments has their ids\",\"input\":\"rfm-nobody\"");
    get(&p, "/v1/recommendations/users/1?segment=rfm-nobody", 422);
    close_place(&p);
}

CHECK(segment_api_counts_cells_by_cut_points_of_ones_own) {
    place p;
    slice name;
    open_place(&p, "segment-own-cuts", SHOP_VALUED);
    const js_node *grid = get(&p, "/v1/segments/grid", 200), *cells = js_get(grid, "cells");
    /* 125 days, 3 orders, 60.5: R 1, F 3, M 5; 7 days, 1 order, 20: R 5, F 1, M 2 */
    check(js_count(cells) == 2);
    static const double run[][4] = {{1, 3, 5, 60.5}, {5, 1, 2, 20}};
    for (int i = 0; i < 2; i++) {
        const js_node *one = js_at(cells, i);
        check_near(real_at(one, "r"), run[i][0], 0);
        check_near(real_at(one, "f"), run[i][1], 0);
        check_near(real_at(one, "m"), run[i][2], 0);
        check_near(real_at(one, "revenue"), run[i][3], 0);
    }
    grid = get(&p, "/v1/segments/grid?recency=7,125,200,300&money=100,200,%20300,400.5", 200);
    cells = js_get(grid, "cells"); /* equal to a cut is not above it */
    check(js_count(cells) == 2 && real_at(js_at(cells, 0), "r") == 4 &&
          real_at(js_at(cells, 1), "r") == 5);
    check(real_at(js_at(cells, 0), "m") == 1 && real_at(js_at(cells, 1), "f") == 1);
    check(js_text(js_get(js_at(js_get(grid, "names"), 0), "name"), &name));
    check_text(name, "Potential Loyalist"); /* 431; the other is 511: New */
    check_near(real_at(js_at(js_get(grid, "names"), 1), "revenue_share"), 20 / 80.5, 1e-6);
    const js_node *spread = js_get(js_get(grid, "spread"), "recency");
    double last = 0, count = 0, sum = 0;
    check(js_count(js_get(spread, "edges")) == 25);
    check(js_real(js_at(js_get(spread, "edges"), 24), &last));
    check_near(last, 125, 1e-3); /* four decimals of e^(24 ln 126 / 24) - 1 */
    for (int i = 0; i < 24; i++) {
        check(js_real(js_at(js_get(spread, "customers"), i), &count));
        sum += count;
        if (i == 10 || i == 23) check_near(count, 1, 0); /* ln 8 / (ln 126 / 24) = 10.3 */
    }
    check_near(sum, 2, 0);
    check_has(wire_get(&p.s, p.port, "/v1/segments/grid?frequency=4,2,9,12"),
              "cut points must ascend: four ascending numbers like 1,2,4,9");
    get(&p, "/v1/segments/grid?frequency=4,2,9,12", 422);
    get(&p, "/v1/segments/grid?money=1,2,3,many", 422);
    get(&p, "/v1/segments/grid?money=1,2,3,4,5", 422);
    get(&p, "/v1/segments/grid?money=1,2,3,inf", 422);
    close_place(&p);
    open_place(&p, "segment-no-measures", SHOP_RFM_ONLY);
    get(&p, "/v1/segments/grid", 404);
    close_place(&p);
}

CHECK(segment_api_follows_how_probable_it_was_that_a_customer_is_there) {
    place p;
    slice said;
    open_place(&p, "segment-alive", SHOP_VALUED);
    const js_node *alive = js_get(get(&p, "/v1/segments/users/1", 200), "alive");
    const js_node *days = js_get(alive, "days"), *path = js_get(alive, "p_alive");
    int64_t n = js_count(days);
    check(js_text(js_get(alive, "model"), &said) && slice_is(said, "bgnbd"));
    check_text(words(&p, js_get(alive, "purchases"), NULL), "2020-01-01 2020-02-26 2020-05-20");
    check(n == js_count(path) && n > 80 && n <= 120);
    check(js_text(js_at(days, 0), &said) && slice_is(said, "2020-01-01"));
    check(js_text(js_at(days, n - 1), &said) && slice_is(said, "2020-09-21"));
    /* r = 1/4, alpha = 4.5, a = 3/4, b = 5/2, weeks: 1 / (1 + a / (b + x - 1) f^(r + x)), f the
     * growth of alpha + T since the last purchase; six decimals */
    for (int64_t i = 0; i < n; i++) {
        double is = 0;
        check(js_text(js_at(days, i), &said) && js_real(js_at(path, i), &is));
        if (slice_is(said, "2020-02-25")) check_near(is, 1, 0);
        if (slice_is(said, "2020-02-26")) check_near(is, 1 / (1 + 0.75 / 2.5), 1e-6);
        if (slice_is(said, "2020-05-19"))
            check_near(is, 1 / (1 + 0.75 / 2.5 * pow((4.5 + 139 / 7.0) / (4.5 + 8), 1.25)), 1e-6);
        if (slice_is(said, "2020-09-21"))
            check_near(is, 1 / (1 + 0.75 / 3.5 * pow((4.5 + 264 / 7.0) / (4.5 + 20), 2.25)), 1e-6);
    }
    alive = js_get(get(&p, "/v1/segments/users/d", 200), "alive"); /* never bought */
    check(alive && js_count(js_get(alive, "days")) == 0);
    check_has(wire_get(&p.s, p.port, "/v1/segments/users/007"), "\"alive\":null");
    close_place(&p);
}
