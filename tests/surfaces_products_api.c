/* products_api: the list of articles sorted, filtered and paged, and one article, over HTTP. */
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

/* The ids of the list, in order, separated by blanks. */
static slice ids(scope *s, const js_node *root) {
    const js_node *list = js_get(root, "articles");
    const char *all = "";
    for (int64_t i = 0; i < js_count(list); i++) {
        slice id = text_of(js_at(list, i), "id");
        all = arena_text(&s->keep, "%s%s%.*s", all, *all ? " " : "", (int)id.n, id.p);
    }
    return slice_of(all);
}

CHECK(products_are_listed_by_wish_and_shown_one_by_one) {
    scope s;
    err e = {0};
    const char *out = check_folder("products-api");
    shop_publish(out, "products", SHOP_SOUND);
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    server *sv = server_open(&(server_params){.out = out, .host = "127.0.0.1", .threads = 1}, &e);
    check_ok(sv, &e);
    const js_node *j = get(&s, sv, "/v1/products", 200);
    check_text(ids(&s, j), "0020 10 30");
    check(real_of(j, "total") == 3);
    check(js_get(js_at(js_get(j, "articles"), 0), "weeks") == NULL);
    check(js_count(js_get(js_get(j, "curve"), "launches")) == 1);
    check_text(ids(&s, get(&s, sv, "/v1/products?sort=growth", 200)), "10 0020 30");
    check_text(ids(&s, get(&s, sv, "/v1/products?sort=ratio&order=up", 200)), "30 0020 10");
    check_text(ids(&s, get(&s, sv, "/v1/products?abc=A&xyz=X", 200)), "10");
    check_text(ids(&s, get(&s, sv, "/v1/products?launch=behind", 200)), "30");
    j = get(&s, sv, "/v1/products?limit=1&offset=1", 200);
    check_text(ids(&s, j), "10");
    check(real_of(j, "total") == 3);
    check_text(ids(&s, get(&s, sv, "/v1/products?offset=3", 200)), "");
    j = get(&s, sv, "/v1/products?category=Tops", 200);
    check_text(ids(&s, j), "0020 30");
    check_text(text_of(js_get(j, "curve"), "category"), "Tops");
    get(&s, sv, "/v1/products?sort=colour", 422);
    j = get(&s, sv, "/v1/products/20", 200); /* leading zeros do not count */
    check(js_count(js_get(js_get(j, "product"), "weeks")) == 2);
    check_near(real_of(js_get(j, "elasticity"), "elasticity"), -2.5, 1e-12);
    j = get(&s, sv, "/v1/products/50", 200); /* in the shop, never sold */
    check(js_get(j, "product") != NULL && js_count(js_get(j, "product")) == 0);
    get(&s, sv, "/v1/products/none", 404);
    j = get(&s, sv, "/v1/products/20/impact", 200);
    check_text(text_of(j, "refused"), "no price cut with six weeks before it: name a day");
    j = get(&s, sv, "/v1/products/20/impact?from=2020-09-17", 200); /* two weeks are served */
    check_text(text_of(j, "from"), "2020-09-16");
    check(real_of(j, "weeks_before") == 1 && js_count(js_get(j, "weeks")) == 2);
    check_text(text_of(j, "refused"), "fewer than 6 weeks before the day: nothing can be matched");
    get(&s, sv, "/v1/products/20/impact?from=2020-09-08", 422);
    get(&s, sv, "/v1/products/20/impact?from=yesterday", 422);
    get(&s, sv, "/v1/products/50/impact", 404); /* in the shop, never sold */
    check(server_close(sv, 60));
    scope_close(&s);
}
