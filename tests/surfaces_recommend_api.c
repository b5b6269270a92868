/* recommend_api: what recommendations answer: filters, balance, chance, sessions, sums, the log. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/folder.h"
#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

typedef struct place {
    scope s;
    server *sv;
    int port;
} place;

static void open_place(place *p, const char *name, const char *log) {
    err e = {0};
    const char *out = check_folder(name);
    shop_publish(out, name, SHOP_SOUND);
    check_ok(scope_open(&p->s, 32 << 20, 0, &e), &e);
    server_params params = {.out = out, .host = "127.0.0.1", .threads = 2, .log = log,
                            .log_limit = 2000};
    p->sv = server_open(&params, &e);
    check_ok(p->sv, &e);
    p->port = server_port(p->sv);
}

static void close_place(place *p) {
    check(server_close(p->sv, 60));
    scope_close(&p->s);
}

static const js_node *body_of(place *p, slice answer, int status) {
    err e = {0};
    if (wire_status(answer) != status) print_error("%.*s\n", (int)answer.n, answer.p);
    check(wire_status(answer) == status);
    const js_node *root = js_parse(&p->s, wire_body(answer), &e);
    check_ok(root != NULL, &e);
    return root;
}

static const js_node *get(place *p, const char *path) {
    return body_of(p, wire_get(&p->s, p->port, path), 200);
}

static const js_node *post(place *p, const char *body, int status) {
    slice request = slice_of(arena_text(&p->s.keep,
        "POST /v1/recommendations/session HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
        "Content-Length: %zu\r\n\r\n%s", strlen(body), body));
    return body_of(p, wire_ask(&p->s, p->port, request), status);
}

/* The ids of "items", joined by spaces; on the way the contributions of each must add up. */
static const char *ids(place *p, const js_node *root) {
    const js_node *items = js_get(root, "items");
    const char *out = "";
    for (int64_t i = 0; i < js_count(items); i++) {
        slice id;
        double score, sum = 0;
        const js_node *item = js_at(items, i), *parts = js_get(item, "contributions");
        check(js_text(js_get(item, "id"), &id) && js_real(js_get(item, "score"), &score));
        for (int64_t c = 0; c < js_count(parts); c++) {
            double value;
            check(js_real(js_get(js_at(parts, c), "value"), &value));
            sum += value;
        }
        if (parts) check_near(sum, score, 5e-6); /* eight numbers of six decimals */
        out = arena_text(&p->s.keep, "%s%s%.*s", out, *out ? " " : "", (int)id.n, id.p);
    }
    return out;
}

static void is(const char *got, const char *wanted) { check_text(slice_of(got), wanted); }

CHECK(recommend_api_answers_a_customer_by_her_list_and_wishes) {
    place p;
    slice word;
    open_place(&p, "api-users", NULL);
    const js_node *root = get(&p, "/v1/recommendations/users/1?k=3");
    is(ids(&p, root), "0020 30 10");
    check(js_text(js_get(root, "segment"), &word) && slice_is(word, "active"));
    const js_node *history = js_get(root, "history"), *first = js_at(js_get(root, "items"), 0);
    check(js_count(history) == 2);
    check(js_text(js_get(js_at(history, 0), "id"), &word) && slice_is(word, "50"));
    check(js_text(js_get(js_at(history, 0), "day"), &word) && slice_is(word, "2020-09-22"));
    check(js_text(js_at(js_get(first, "reasons"), 0), &word) &&
          slice_is(word, "bought by customers with your taste"));
    const js_node *last = js_at(js_get(first, "contributions"), 3);
    double rest;
    check(js_text(js_get(last, "name"), &word) && slice_is(word, "rest"));
    check(js_real(js_get(last, "value"), &rest));
    check_near(rest, 1 - 0.625, 1e-6);
    bool bought;
    check(js_bool(js_get(js_at(js_get(root, "items"), 2), "bought_before"), &bought) && bought);
    /* the stored three, then by her purchases: all else that sells */
    is(ids(&p, get(&p, "/v1/recommendations/users/1")), "0020 30 10 50 tee-1");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?offset=3&k=1")), "50");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?exclude_bought=1")), "0020 30 tee-1");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?in_stock=1&k=2")), "30 10");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?price_min=12&price_max=20")), "10 50");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?category=tops")), "50 tee-1");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?max_variants=1&k=3")), "0020 30 50");
    is(ids(&p, get(&p, "/v1/recommendations/users/nobody?k=3")), "10 0020 30");
    close_place(&p);
}

CHECK(recommend_api_balances_a_list) {
    place p;
    open_place(&p, "api-balance", NULL);
    /* 0020 is first and of one taste with 10 and 50; 30 and tee-1 are of the other one */
    const char *even = ids(&p, get(&p, "/v1/recommendations/users/1?diversity=0.9&k=2"));
    is(even, "0020 30");
    /* she bought a dress twice and a top yesterday: a list of two wants one of each */
    const js_node *root = get(&p, "/v1/recommendations/users/1?calibration=0.9&k=2");
    is(ids(&p, root), "0020 50");
    /* one of each category; one of each type, where 50 has none */
    is(ids(&p, get(&p, "/v1/recommendations/users/1?max_per_category=1")), "0020 30 50");
    is(ids(&p, get(&p, "/v1/recommendations/users/1?max_per_type=1")), "0020 30 50 tee-1");
    /* of four places two are new articles: 0020 and 50 */
    is(ids(&p, get(&p, "/v1/recommendations/users/1?new_share=1&k=2")), "0020 50");
    close_place(&p);
}

CHECK(recommend_api_tells_the_propensities_of_chance) {
    place p;
    open_place(&p, "api-explore", NULL);
    static const char path[] = "/v1/recommendations/users/1?explore=1&k=4&seed=%d";
    int moved = 0;
    const char *plain = ids(&p, get(&p, "/v1/recommendations/users/1?k=4"));
    for (int seed = 0; seed < 25; seed++) {
        const char *asked = arena_text(&p.s.keep, path, seed);
        const js_node *root = get(&p, asked);
        const char *drawn = ids(&p, root);
        is(ids(&p, get(&p, asked)), drawn);
        moved += strcmp(drawn, plain) != 0;
        for (int i = 0; i < 4; i++) {
            double q;
            check(js_real(js_get(js_at(js_get(root, "items"), i), "propensity"), &q));
            check(q > 0 && q <= 1);
        }
    }
    check(moved > 0 && moved < 20); /* one to four of ten places are drawn */
    check(!js_get(js_at(js_get(get(&p, "/v1/recommendations/users/1"), "items"), 0),
                  "propensity"));
    close_place(&p);
}

/* What the part `name` gives to the first item; 0 when it is not there. */
static double part_of_first(const js_node *root, const char *name) {
    const js_node *parts = js_get(js_at(js_get(root, "items"), 0), "contributions");
    for (int64_t i = 0; i < js_count(parts); i++) {
        slice is;
        double value = 0;
        check(js_text(js_get(js_at(parts, i), "name"), &is));
        if (slice_is(is, name) && js_real(js_get(js_at(parts, i), "value"), &value)) return value;
    }
    return 0;
}

CHECK(recommend_api_knows_what_comes_next_and_visits_alike) {
    place p;
    open_place(&p, "api-next", NULL);
    const js_node *root = post(&p, "{\"events\":[{\"article\":\"10\",\"event\":\"view\"}],"
                                   "\"category\":\"Socks & Tights\"}", 200);
    is(ids(&p, root), "30"); /* it alone is bought after 10: the whole weight of a source */
    check_near(part_of_first(root, "bought next by others"), 0.25, 1e-6);
    check(part_of_first(root, "visits like this") == 0); /* no visit had 10 */
    root = post(&p, "{\"events\":[{\"article\":\"tee-1\",\"event\":\"view\"}],"
                    "\"category\":\"Dresses\"}", 200);
    is(ids(&p, root), "0020 10"); /* both visits with tee-1 went on to 0020 */
    check_near(part_of_first(root, "visits like this"), 0.25, 1e-6);
    close_place(&p);
}

CHECK(recommend_api_follows_a_session) {
    place p;
    slice by;
    int64_t n;
    open_place(&p, "api-session", NULL);
    const js_node *root = post(&p, "{\"events\":[{\"article\":\"10\",\"event\":\"view\"},"
                                   "{\"article\":\"none\",\"event\":\"view\"}],\"k\":2}", 200);
    check(js_text(js_get(root, "served_by"), &by) && slice_is(by, "session"));
    check(js_int(js_get(root, "events_known"), &n) && n == 1);
    check(js_int(js_get(root, "events_unknown"), &n) && n == 1);
    is(ids(&p, root), "0020 50"); /* the other dress, then what is bought with it; not itself */
    is(ids(&p, post(&p, "{\"events\":[{\"article\":30,\"event\":\"cart_add\"}],\"k\":1}", 200)),
       "tee-1"); /* of the same taste, bought together; the id as a number */
    is(ids(&p, post(&p, "{\"events\":[],\"customer\":\"1\",\"k\":3}", 200)), "0020 30 10");
    is(ids(&p, post(&p, "{\"events\":[],\"k\":3}", 200)), "10 0020 30");
    root = post(&p, "{\"events\":[{\"article\":\"30\",\"event\":\"view\"}],\"customer\":1,"
                    "\"exclude_bought\":true,\"in_stock\":1}", 200);
    is(ids(&p, root), "tee-1"); /* 10 and 50 are bought, 0020 is sold out, 30 is looked at */
    close_place(&p);
}

CHECK(recommend_api_names_what_is_wrong_in_a_session) {
    static const struct {
        const char *body, *type, *member;
    } cases[] = {{"", "json_invalid", NULL},
                 {"{\"events\":", "json_invalid", NULL},
                 {"[1]", "dict_type", NULL},
                 {"{}", "missing", NULL},
                 {"{\"events\":{}}", "list_type", NULL},
                 {"{\"events\":[3]}", "dict_type", NULL},
                 {"{\"events\":[{\"event\":\"view\"}]}", "string_type", "article"},
                 {"{\"events\":[{\"article\":\"1\",\"event\":\"buy\"}]}", "literal_error",
                  "event"},
                 {"{\"events\":[{\"article\":\"1\",\"event\":\"view\",\"time\":3}]}", "string_type",
                  "time"},
                 {"{\"events\":[],\"k\":0}", "greater_than_equal", NULL},
                 {"{\"events\":[],\"k\":2.5}", "int_parsing", NULL},
                 {"{\"events\":[],\"diversity\":\"x\"}", "float_parsing", NULL},
                 {"{\"events\":[],\"category\":\"none\"}", "enum", NULL}};
    place p;
    open_place(&p, "api-wrong", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        slice type, member = {0};
        int64_t at;
        const js_node *one = js_at(js_get(post(&p, cases[i].body, 422), "detail"), 0);
        check(js_text(js_get(one, "type"), &type));
        check_text(type, cases[i].type);
        if (!cases[i].member) continue;
        const js_node *loc = js_get(one, "loc");
        check(js_int(js_at(loc, 2), &at) && at == 0 && js_text(js_at(loc, 3), &member));
        check_text(member, cases[i].member);
    }
    text many = {0};
    text_add(&many, SLICE("{\"events\":["));
    for (int i = 0; i < 201; i++)
        text_addf(&many, "%s{\"article\":\"10\",\"event\":\"view\"}", i ? "," : "");
    text_add(&many, SLICE("]}"));
    slice type;
    check(js_text(js_get(js_at(js_get(post(&p, many.p, 422), "detail"), 0), "type"), &type));
    check_text(type, "too_long");
    text_free(&many);
    close_place(&p);
}

CHECK(recommend_api_tells_of_an_article_and_of_what_rises) {
    place p;
    slice word;
    open_place(&p, "api-articles", NULL);
    is(ids(&p, get(&p, "/v1/recommendations/items/10/bought-together")), "50");
    is(ids(&p, get(&p, "/v1/recommendations/items/10/similar")), "0020 tee-1");
    is(ids(&p, get(&p, "/v1/recommendations/trending")), "50 0020");
    is(ids(&p, get(&p, "/v1/recommendations/trending?category=Dresses")), "0020");
    const js_node *root = get(&p, "/v1/articles/010"), *article = js_get(root, "article");
    check(js_text(js_get(article, "colour"), &word) && slice_is(word, "red"));
    check(js_text(js_get(article, "stock"), &word) && slice_is(word, "in stock"));
    check(js_text(js_get(article, "product_code"), &word) && slice_is(word, "P1"));
    check(js_count(js_get(root, "variants")) == 1 && js_count(js_get(root, "similar")) == 2 &&
          js_count(js_get(root, "bought_together")) == 1);
    check(js_text(js_get(js_at(js_get(root, "variants"), 0), "id"), &word) &&
          slice_is(word, "0020"));
    check(wire_status(wire_get(&p.s, p.port, "/v1/articles/77")) == 404);
    close_place(&p);
}

static int64_t count_lines(slice bytes) {
    int64_t n = 0;
    while (bytes.n > 0) {
        scope s;
        err e = {0};
        const char *end = memchr(bytes.p, '\n', bytes.n);
        check(end != NULL);
        slice line = {bytes.p, (size_t)(end - bytes.p)};
        check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
        const js_node *root = js_parse(&s, line, &e);
        check_ok(root != NULL, &e);
        check(js_count(js_get(root, "items")) == 2);
        check(js_get(js_at(js_get(root, "items"), 1), "propensity") != NULL);
        scope_close(&s);
        bytes = (slice){end + 1, bytes.n - line.n - 1};
        n++;
    }
    return n;
}

CHECK(exposures_are_logged_whole_and_the_file_begins_anew_thread) {
    enum { ASKED = 60 };
    place p;
    err e = {0};
    slice now = {0}, before = {0};
    check_ok(file_make_folders(check_folder("api-log-file"), &e), &e);
    open_place(&p, "api-log", "build/tests-tmp/api-log-file/shown.jsonl");
    for (int i = 0; i < ASKED; i++)
        check(wire_status(wire_get(&p.s, p.port, i % 2 ? "/v1/recommendations/users/1?k=2&explore=1"
                                                       : "/v1/recommendations/users/1?k=2")) ==
              200);
    check_has(wire_get(&p.s, p.port, "/metrics"),
              "atelier_exposures_total{result=\"taken\"} 60\n");
    check(server_close(p.sv, 60));
    check_ok(file_read("build/tests-tmp/api-log-file/shown.jsonl.1", &p.s, 1 << 20, &before, &e),
             &e);
    if (file_exists("build/tests-tmp/api-log-file/shown.jsonl"))
        check_ok(file_read("build/tests-tmp/api-log-file/shown.jsonl", &p.s, 1 << 20, &now, &e),
                 &e);
    int64_t lines = count_lines(before) + count_lines(now);
    check(lines > 0 && lines <= ASKED); /* older files than one are not kept */
    check_has(before, "\"explore\":true");
    scope_close(&p.s);
}
