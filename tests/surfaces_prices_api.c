/* prices_api: elasticities and markdown plans over HTTP, and how they refuse. */
#include "check_json.h"

#include <math.h>

#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

typedef struct place {
    scope s;
    server *sv;
} place;

static const js_node *get(place *p, const char *path, int status) {
    err e = {0};
    slice answer = wire_get(&p->s, server_port(p->sv), path);
    check(wire_status(answer) == status);
    const js_node *root = js_parse(&p->s, wire_body(answer), &e);
    check_ok(root != NULL, &e);
    return root;
}

CHECK(prices_answer_over_http) {
    place p;
    err e = {0};
    const char *out = check_folder("prices-api");
    shop_publish(out, "prices", SHOP_SOUND);
    check_ok(scope_open(&p.s, 16 << 20, 0, &e), &e);
    p.sv = server_open(&(server_params){.out = out, .host = "127.0.0.1", .threads = 1}, &e);
    check_ok(p.sv, &e);
    check(js_count(js_get(get(&p, "/v1/prices", 200), "articles")) == 2);
    const js_node *j = get(&p, "/v1/prices?article=20", 200);
    check(real_of(j, "total") == 1);
    check_near(real_of(js_at(js_get(j, "articles"), 0), "elasticity"), -2.5, 1e-12);
    j = get(&p, "/v1/prices?category=Dresses", 200);
    check_near(real_of(js_at(js_get(j, "articles"), 0), "elasticity"), -1.5, 1e-12);
    j = get(&p, "/v1/prices?limit=1", 200);
    check(js_count(js_get(j, "articles")) == 1 && real_of(j, "total") == 2);
    /* much stock: the best price is salvage b / (1 + b) = 1 * 1.5 / 0.5 = 3 of 10 */
    j = get(&p, "/v1/prices/plan?price=10&stock=5000&demand=4&elasticity=-1.5&elasticity_se=0"
                "&demand_se=0&salvage=0.1&ladder=0,20,50,70,80", 200);
    check_near(real_of(j, "cut"), 0.7, 1e-12);
    check_near(real_of(j, "gain"), real_of(j, "money") - real_of(j, "money_held"), 1e-6);
    check(js_count(js_get(j, "weeks")) == 8);
    j = get(&p, "/v1/prices/plan?stock=5000&demand=1000&weeks=16&ladder=0,1,2,3,4,5,6,7,8,9", 200);
    check(real_of(j, "units") > 4999); /* the largest that may be asked for */
    get(&p, "/v1/prices/plan?ladder=50,20", 422);
    get(&p, "/v1/prices/plan?cut=10", 422);
    get(&p, "/v1/prices/plan?elasticity=1", 422);
    check(server_close(p.sv, 60));
    scope_close(&p.s);
}
