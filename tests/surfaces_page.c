/* page: POST /v1/page answers each of its parts as the GET of that part does. */
#include "check_json.h"

#include <stdio.h>
#include <string.h>

#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

static slice post(scope *s, server *sv, const char *body) {
    return wire_ask(s, server_port(sv),
                    slice_of(arena_text(&s->keep, "POST /v1/page HTTP/1.1\r\nHost: t\r\n"
                                        "Connection: close\r\nX-Request-ID: x\r\n"
                                        "Content-Length: %zu\r\n\r\n%s", strlen(body), body)));
}

static server *serve(scope *s, const char *name) {
    err e = {0};
    const char *out = check_folder(name);
    shop_publish(out, name, SHOP_SOUND);
    check_ok(scope_open(s, 32 << 20, 0, &e), &e);
    server *sv = server_open(&(server_params){.out = out, .host = "127.0.0.1", .threads = 1}, &e);
    check_ok(sv, &e);
    return sv;
}

/* The body of a part, as text: what follows the marks of its path and status. */
static bool holds(slice answer, const char *path, int status, slice body) {
    char mark[300];
    int n = snprintf(mark, sizeof mark, "{\"path\":\"%s\",\"status\":%d,\"body\":", path, status);
    const char *at = memmem(answer.p, answer.n, mark, (size_t)n);
    return at && (size_t)(answer.p + answer.n - at) >= (size_t)n + body.n &&
           memcmp(at + n, body.p, body.n) == 0;
}

CHECK(parts_of_a_page_are_what_each_get_answers) {
    static const struct {
        const char *path;
        int status;
    } parts[] = {{"/v1/home", 200},
                 {"/v1/prices?category=Dresses", 200},
                 {"/v1/segments/users/zo%C3%AB", 200},
                 {"/v1/baskets?article=none", 404},
                 {"/v1/prices/plan?cut=10", 422},
                 {"/v1/recommendations/users/1?category=none", 422}};
    scope s;
    server *sv = serve(&s, "page-parts");
    slice answer = post(&s, sv, "{\"parts\":[\"/v1/home\",\"/v1/prices?category=Dresses\","
                                "\"/v1/segments/users/zo%C3%AB\",\"/v1/baskets?article=none\","
                                "\"/v1/prices/plan?cut=10\","
                                "\"/v1/recommendations/users/1?category=none\"]}");
    check(wire_status(answer) == 200);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        slice alone = wire_ask(
            &s, server_port(sv),
            slice_of(arena_text(&s.keep, "GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                                "X-Request-ID: x\r\n\r\n", parts[i].path)));
        check(wire_status(alone) == parts[i].status);
        check(holds(wire_body(answer), parts[i].path, parts[i].status, wire_body(alone)));
    }
    check(server_close(sv, 60));
    scope_close(&s);
}

CHECK(parts_that_are_no_gets_of_json_say_so_alone) {
    scope s;
    err e = {0};
    server *sv = serve(&s, "page-refused");
    slice answer = post(&s, sv, "{\"parts\":[\"/v1/page\",\"/v1/wekly\",\"/v1/weekly\","
                                "\"/metrics\",\"/v1/home\"]}");
    const js_node *parts = js_get(js_parse(&s, wire_body(answer), &e), "parts");
    static const int wanted[] = {405, 404, 406, 406, 200};
    check(wire_status(answer) == 200 && js_count(parts) == 5);
    for (int i = 0; i < 5; i++) check(real_of(js_at(parts, i), "status") == wanted[i]);
    static const char *const wrong[] = {"{}", "{\"parts\":\"/v1/home\"}", "{\"parts\":[]}",
                                        "{\"parts\":[1]}", "{\"parts\":[\"v1/home\"]}", "[]", "{"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        check(wire_status(post(&s, sv, wrong[i])) == 422);
    text many = {0};
    for (int i = 0; i < 17; i++) text_addf(&many, "%s\"/v1/home\"", i ? "," : "{\"parts\":[");
    text_addf(&many, "]}");
    check(wire_status(post(&s, sv, many.p)) == 422);
    text_free(&many);
    check(server_close(sv, 60));
    scope_close(&s);
}
