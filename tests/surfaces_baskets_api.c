/* baskets_api: pairs, and what to show beside an article, over HTTP. */
#include "check_json.h"
#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

static const js_node *get(scope *s, server *sv, const char *path, int status) {
    err e = {0};
    slice answer = wire_get(s, server_port(sv), path);
    check(wire_status(answer) == status);
    const js_node *root = js_parse(s, wire_body(answer), &e);
    check_ok(root != NULL, &e);
    return root;
}

CHECK(baskets_say_what_to_show_beside_an_article) {
    scope s;
    err e = {0};
    slice word;
    const char *out = check_folder("baskets-api");
    shop_publish(out, "baskets", SHOP_SOUND);
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    server *sv = server_open(&(server_params){.out = out, .host = "127.0.0.1", .threads = 1}, &e);
    check_ok(sv, &e);
    check(real_of(get(&s, sv, "/v1/baskets", 200), "baskets") == 3);
    const js_node *j = get(&s, sv, "/v1/baskets?article=0010", 200), *items = js_get(j, "items");
    check(js_count(items) == 1); /* a partner that is not in the shop any more is left out */
    check(js_text(js_get(js_at(items, 0), "id"), &word) && slice_is(word, "0020"));
    check(js_get(js_at(items, 0), "price") != NULL);
    check_near(real_of(js_at(items, 0), "share"), 0.5, 1e-12);
    check(real_of(j, "orders") == 4);
    j = get(&s, sv, "/v1/baskets?article=20", 200); /* not among those judged */
    check(js_count(js_get(j, "items")) == 0 && real_of(j, "orders") == 0);
    get(&s, sv, "/v1/baskets?article=none", 404);
    check(server_close(sv, 60));
    scope_close(&s);
}
