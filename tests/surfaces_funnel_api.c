/* funnel_api: funnels of any spec and paths over HTTP, by hand, and what is said of a wrong one. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "check_json.h"
#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

typedef struct place {
    scope s;
    server *sv;
} place;

static void open_place(place *p, const char *name) {
    err e = {0};
    const char *out = check_folder(name);
    shop_publish(out, name, SHOP_SOUND);
    check_ok(scope_open(&p->s, 16 << 20, 0, &e), &e);
    server_params params = {.out = out, .host = "127.0.0.1", .threads = 1};
    check_ok((p->sv = server_open(&params, &e)), &e);
}

static void close_place(place *p) {
    check(server_close(p->sv, 60));
    scope_close(&p->s);
}

static const js_node *post(place *p, const char *body, int status) {
    err e = {0};
    slice answer = wire_ask(&p->s, server_port(p->sv), slice_of(arena_text(&p->s.keep,
        "POST /v1/funnel HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n"
        "%s", strlen(body), body)));
    if (wire_status(answer) != status) print_error("%s: %.*s\n", body, (int)answer.n, answer.p);
    check(wire_status(answer) == status);
    const js_node *root = js_parse(&p->s, wire_body(answer), &e);
    check_ok(root, &e);
    return root;
}

/* "3 1" */
static slice counts(place *p, const js_node *of) {
    const js_node *list = js_get(of, "counts");
    const char *words = "";
    for (int64_t i = 0; i < js_count(list); i++) {
        int64_t n = -1;
        js_int(js_at(list, i), &n);
        words = arena_text(&p->s.keep, "%s%s%lld", words, i ? " " : "", (long long)n);
    }
    return slice_of(words);
}

static slice all(place *p, const char *body) {
    return counts(p, js_get(post(p, body, 200), "all"));
}

CHECK(funnel_api_counts_by_hand) {
    place p;
    slice said;
    open_place(&p, "funnel-api");
    check_text(all(&p, "{}"), "3 1"); /* view and purchase are in the log; ten days are too long */
    check_text(all(&p, "{\"window\":\"none\"}"), "3 2");
    check_text(all(&p, "{\"window\":\"none\",\"unit\":\"session\"}"), "3 2");
    check_text(all(&p, "{\"steps\":[\"view\",\"purchase\"],\"window\":\"none\","
                       "\"exclude\":[\"cart_remove\"]}"), "3 1");
    check_text(all(&p, "{\"window\":\"none\",\"order\":\"strict\"}"), "3 1");
    check_text(all(&p, "{\"steps\":[\"purchase\",\"view\"],\"order\":\"any\","
                       "\"window\":\"none\"}"), "3 2");
    check_text(all(&p, "{\"steps\":[\"view\",\"cart_remove\",\"purchase\"],\"window\":\"none\","
                       "\"optional\":[\"cart_remove\"]}"), "3 1 2");
    check_text(all(&p, "{\"gaps\":[\"30m\"]}"), "3 0");
    check_text(all(&p, "{\"count\":\"attempts\"}"), "3 1");
    check_text(all(&p, "{\"steps\":[\"view\"],\"count\":\"attempts\",\"trend\":\"day\"}"), "3");
    const js_node *root = post(&p, "{\"by\":\"channel\",\"trend\":\"week\",\"curve\":1}", 200);
    const js_node *ways = js_get(js_get(root, "by"), "channel");
    check(js_text(js_get(js_at(ways, 1), "value"), &said) && slice_is(said, "email"));
    check_text(counts(&p, js_at(ways, 0)), "2 1");
    check_text(counts(&p, js_at(ways, 1)), "1 0");
    check_text(counts(&p, js_at(js_get(root, "trend"), 0)), "3 1"); /* all began in one week */
    check(js_count(js_get(js_get(root, "all"), "converted")) > 0);
    check(js_text(js_get(root, "definition"), &said));
    check_has(said, "Share of visitors with a view, then a purchase, all within 7 days");
    close_place(&p);
}

CHECK(funnel_api_says_what_is_wrong_with_a_spec) {
    place p;
    slice said;
    static const char *const wrong[][3] = {
        {"{\"steps\":[\"view\",\"purchas\"]}", "steps", "did you mean 'purchase'?"},
        {"{\"steps\":\"view\"}", "steps", "a list of at most 16 texts"},
        {"{\"steps\":[1]}", "steps", "a list of texts"},
        {"{\"steps\":[\"view\",\"\"]}", NULL, "words of 1 to 60 bytes"},
        {"{\"gaps\":[\"1h\",\"1h\"]}", NULL, "gaps wants 1 words for 2 steps, got 2"},
        {"{\"optional\":[\"click\"]}", NULL, "optional names 'click', which is none of steps"},
        {"{\"exclude\":[\"cart_remove:2-5\"]}", NULL, "steps 1 to 2, got 'cart_remove:2-5'"},
        {"{\"window\":\"7 days\"}", NULL, "7d, 36h, 30m or 90s"},
        {"{\"order\":\"any\",\"ties\":\"strictly_after\"}", NULL, "loose order alone"},
        {"{\"count\":\"attempts\",\"order\":\"any\"}", NULL, "count attempts goes with loose"},
    };
    open_place(&p, "funnel-api-wrong");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const js_node *detail = js_get(post(&p, wrong[i][0], 422), "detail");
        const js_node *loc = js_get(js_at(detail, 0), "loc");
        check(js_text(js_get(js_at(detail, 0), "msg"), &said));
        check_has(said, wrong[i][2]);
        check(js_count(loc) == (wrong[i][1] ? 2 : 1));
        if (wrong[i][1]) check(js_text(js_at(loc, 1), &said) && slice_is(said, wrong[i][1]));
    }
    check(js_count(js_get(post(&p, "{\"order\":\"x\",\"unit\":\"cow\",\"by\":1}", 422),
                          "detail")) == 3); /* all at once */
    close_place(&p);
}

static const js_node *get(place *p, const char *path, int status) {
    err e = {0};
    slice answer = wire_get(&p->s, server_port(p->sv), path);
    check(wire_status(answer) == status);
    const js_node *root = js_parse(&p->s, wire_body(answer), &e);
    check_ok(root, &e);
    return root;
}

static int64_t whole(const js_node *of, const char *key) {
    int64_t n = -1;
    js_int(js_get(of, key), &n);
    return n;
}

/* Sessions: view, purchase; view; view, cart_remove, purchase. */
CHECK(paths_api_counts_by_hand) {
    place p;
    slice said;
    open_place(&p, "paths-api");
    const js_node *root = get(&p, "/v1/paths?depth=2", 200), *steps = js_get(root, "steps");
    check(whole(root, "sessions") == 3 && whole(root, "users") == 3 && whole(root, "paths") == 3);
    check(whole(js_at(steps, 0), "view") == 3 && whole(js_at(steps, 1), "purchase") == 1);
    check(whole(js_at(steps, 1), "cart_remove") == 1 && whole(js_at(steps, 1), "(exit)") == 1);
    check(whole(js_at(steps, 2), "(exit)") == 2 && whole(js_at(steps, 2), "purchase") == 1);
    check(js_count(js_get(root, "moves")) == 5);
    check(whole(js_get(root, "conversion"), "value") == -1); /* 2 of 3: no whole number */
    root = get(&p, "/v1/paths?depth=1&anchor=purchase&backwards=1", 200);
    check(whole(root, "paths") == 2);
    check(whole(js_at(js_get(root, "steps"), 1), "cart_remove") == 1);
    root = get(&p, "/v1/paths?anchor=cow&goal=purchase", 422);
    check(js_text(js_get(js_at(js_get(root, "detail"), 0), "msg"), &said));
    check_has(said, "one of 'view', 'purchase', 'cart_remove'");
    close_place(&p);
}
