/* server: every route of the table, limits, slow clients, stopping, reloading, metrics. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"
#include "shop_bundle.h"
#include "surfaces/routes.h"
#include "surfaces/server.h"
#include "wire.h"

static server *open_server(const char *out, int slow_ms) {
    err e = {0};
    server_params p = {.out = out, .host = "127.0.0.1", .threads = 2, .slow_ms = slow_ms};
    server *sv = server_open(&p, &e);
    check_ok(sv, &e);
    return sv;
}

static const js_node *parse(scope *s, slice body) {
    err e = {0};
    const js_node *root = js_parse(s, body, &e);
    if (!root) print_error("%.*s\n", (int)body.n, body.p);
    check_ok(root, &e);
    return root;
}

static slice ask_with(scope *s, int port, const char *method, const char *path, const char *body) {
    return wire_ask(s, port, slice_of(arena_text(&s->keep,
        "%s %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX-Request-ID: test\r\n"
        "Content-Length: %zu\r\n\r\n%s", method, path, strlen(body), body)));
}

/* Answers 200 to its example and 405 to other methods; a GET the same head to HEAD. */
static void walk_one(const route *r, const bundle *b, int port) {
    scope s;
    err e = {0};
    slice id;
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    const char *path = routes_example_path(r, b, &s.keep);
    const char *body = routes_example_body(r, b, &s.keep);
    slice answer = ask_with(&s, port, r->method, path, body ? body : "");
    if (wire_status(answer) != 200) print_error("%s: %.*s\n", path, (int)answer.n, answer.p);
    check(wire_status(answer) == 200);
    check_text(wire_header(&s, answer, "Content-Type"), routes_type(r));
    if (strcmp(routes_type(r), "application/json") == 0) {
        const js_node *root = parse(&s, wire_body(answer));
        check(js_text(js_get(root, "request_id"), &id) && slice_is(id, "test"));
    }
    bool both = routes_has(r->path, "GET") && routes_has(r->path, "POST");
    slice head = ask_with(&s, port, "HEAD", path, "");
    check(wire_status(head) == (body && !both ? 405 : 200));
    check(body || wire_body(head).n == 0);
    slice other = ask_with(&s, port, both ? "PUT" : body ? "GET" : "POST", path, "");
    check(wire_status(other) == 405);
    check_text(wire_header(&s, other, "Allow"),
               both ? "GET, HEAD, POST" : body ? "POST" : "GET, HEAD");
    scope_close(&s);
}

/* A value that breaks p's rule; NULL when there is none to break. */
static const char *wrong_value(const param *p, arena *keep) {
    if (p->kind == PARAM_INT || p->kind == PARAM_REAL)
        return arena_text(keep, "%lld", (long long)p->high + 1);
    if (p->kind == PARAM_CHOICE) return "neither";
    if (p->kind == PARAM_CATEGORY) return "no-such-category";
    char *longest = take(keep, char, p->high + 2);
    memset(longest, 'x', (size_t)p->high + 1);
    return longest;
}

/* Each parameter alone made wrong gives 422 that names it. */
static void walk_mistakes(const route *r, const bundle *b, int port) {
    for (int wrong = 0; r->params && r->params[wrong].name; wrong++) {
        scope s;
        err e = {0};
        param params[PARAMS_MOST] = {0};
        if (r->params[wrong].kind == PARAM_EVENTS) continue; /* see surfaces_recommend_api.c */
        if (r->params[wrong].kind == PARAM_TEXTS) continue;  /* see http/routes.test */
        check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
        for (int i = 0; r->params[i].name; i++) params[i] = r->params[i];
        params[wrong].example = wrong_value(&params[wrong], &s.keep);
        route changed = *r;
        changed.params = params;
        const char *path = routes_example_path(&changed, b, &s.keep);
        const char *body = routes_example_body(&changed, b, &s.keep);
        slice answer = ask_with(&s, port, r->method, path, body ? body : ""), name;
        if (wire_status(answer) != 422) print_error("%s: %.*s\n", path, (int)answer.n, answer.p);
        check(wire_status(answer) == 422);
        const js_node *detail = js_get(parse(&s, wire_body(answer)), "detail");
        check(js_count(detail) == 1);
        const js_node *loc = js_get(js_at(detail, 0), "loc");
        check(js_text(js_at(loc, 1), &name) && slice_is(name, params[wrong].name));
        check(js_text(js_get(js_at(detail, 0), "type"), &name) && name.n > 0);
        check(js_text(js_get(js_at(detail, 0), "msg"), &name) && name.n > 0);
        scope_close(&s);
    }
}

CHECK(routes_walk_answers_refuses_and_is_told_in_openapi) {
    scope s;
    err e = {0};
    bundle *b;
    const char *out = check_folder("routes");
    shop_publish(out, "routes", SHOP_VALUED);
    server *sv = open_server(out, 0);
    check_ok(bundle_open(&b, out, &e) && scope_open(&s, 16 << 20, 0, &e), &e);
    const js_node *api = parse(&s, wire_body(wire_get(&s, server_port(sv), "/openapi.json")));
    const js_node *paths = js_get(api, "paths");
    slice docs = wire_get(&s, server_port(sv), "/docs");
    int place = -1; /* of the path among those told */
    for (int i = 0; i < routes_count; i++) {
        const route *r = &routes[i];
        walk_one(r, b, server_port(sv));
        walk_mistakes(r, b, server_port(sv));
        place += i == 0 || strcmp(routes[i - 1].path, r->path) != 0;
        check_text(slice_of(js_key(paths, place)), r->path);
        bool posts = strcmp(r->method, "POST") == 0;
        const js_node *of = js_get(js_get(paths, r->path), posts ? "post" : "get");
        const js_node *told = js_get(of, "parameters"), *in_body = of;
        static const char *const down[] = {"requestBody", "content", "application/json", "schema",
                                           "properties"};
        for (int d = 0; d < 5; d++) in_body = js_get(in_body, down[d]);
        int n = 0, members = 0;
        for (const param *p = r->params; p && p->name; p++) {
            slice name;
            if (p->place == PARAM_BODY) check(js_get(in_body, p->name) && ++members);
            else check(js_text(js_get(js_at(told, n++), "name"), &name) && slice_is(name, p->name));
        }
        check(js_count(told) == n && (!posts || js_count(in_body) == members));
        if (strncmp(r->path, "/docs", 5) != 0) check_has(docs, r->path);
    }
    check(js_count(paths) == place + 1);
    check(!memmem(docs.p, docs.n, "http://", 7) && !memmem(docs.p, docs.n, "https://", 8));
    check_has(docs, "Content-Security-Policy: default-src 'self'");
    bundle_close(b);
    check(server_close(sv, 60));
    scope_close(&s);
}

CHECK(routes_of_an_unfed_family_say_what_is_missing) {
    static const char *const paths[] = {"/v1/recommendations/users/1", "/v1/segments/users/1",
                                        "/v1/recommendations/items/10/similar", "/v1/funnel",
                                        "/v1/forecasts", "/v1/forecasts/total", "/v1/alerts",
                                        "/v1/trends", "/v1/prices", "/v1/baskets", "/v1/sales",
                                        "/v1/reviews", "/v1/funnel?category=Dresses"};
    scope s;
    err e = {0};
    const char *out = check_folder("unfed");
    shop_publish(out, "unfed", SHOP_ONLY_IDS);
    server *sv = open_server(out, 0);
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        slice answer = wire_get(&s, server_port(sv), paths[i]);
        check(wire_status(answer) == 404);
        check_has(answer, "\"hint\":\"this bundle has no ");
    }
    check(wire_status(wire_get(&s, server_port(sv), "/v1/home")) == 200);
    check(wire_status(wire_get(&s, server_port(sv), "/healthz/ready")) == 200);
    check(server_close(sv, 60));
    scope_close(&s);
}

CHECK(dashboard_files_have_tags_and_are_not_sent_twice) {
    scope s;
    err e = {0};
    const char *out = check_folder("assets");
    shop_publish(out, "assets", SHOP_SOUND);
    server *sv = open_server(out, 0);
    check_ok(scope_open(&s, 32 << 20, 0, &e), &e);
    slice first = wire_get(&s, server_port(sv), "/");
    check(wire_status(first) == 200 && wire_body(first).n > 0);
    check_has(first, "Content-Security-Policy: ");
    slice tag = wire_header(&s, first, "ETag");
    check(tag.n == 18);
    slice again = wire_ask(&s, server_port(sv), slice_of(arena_text(&s.keep,
        "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nIf-None-Match: %.*s\r\n\r\n",
        (int)tag.n, tag.p)));
    check(wire_status(again) == 304 && wire_body(again).n == 0);
    check(wire_status(wire_get(&s, server_port(sv), "/assets/none.js")) == 404);
    slice page = wire_get(&s, server_port(sv), "/recommend"); /* a page of the dashboard */
    check(wire_status(page) == (server_has_dashboard(sv) ? 200 : 404));
    check(server_close(sv, 60));
    scope_close(&s);
}

/* ---- limits ---- */

static slice post(scope *s, int port, const char *head, size_t body) {
    int fd = wire_open(port);
    check(fd >= 0);
    char *bytes = take(&s->keep, char, body + 1);
    memset(bytes, 'x', body);
    wire_send(fd, slice_of(head));
    wire_send(fd, (slice){bytes, body});
    if (strstr(head, "chunked")) wire_send(fd, SLICE("\r\n0\r\n\r\n"));
    slice answer = wire_read(s, fd, 5);
    close(fd);
    return answer;
}

CHECK(limits_of_body_header_and_target) {
    scope s;
    err e = {0};
    const char *out = check_folder("limits");
    shop_publish(out, "limits", SHOP_SOUND);
    server *sv = open_server(out, 0);
    int port = server_port(sv);
    check_ok(scope_open(&s, 32 << 20, 0, &e), &e);
    static const char head[] = "POST /v1/home HTTP/1.1\r\nHost: t\r\nConnection: close\r\n";
    const char *most = arena_text(&s.keep, "%sContent-Length: 1048576\r\n\r\n", head);
    check(wire_status(post(&s, port, most, 1 << 20)) == 405); /* read whole, then refused */
    const char *more = arena_text(&s.keep, "%sContent-Length: 1048577\r\n\r\n", head);
    check(wire_status(post(&s, port, more, (1 << 20) + 1)) == 413);
    const char *chunked =
        arena_text(&s.keep, "%sTransfer-Encoding: chunked\r\n\r\n100001\r\n", head);
    check(wire_status(post(&s, port, chunked, (1 << 20) + 1)) == 413);
    char *many = take(&s.keep, char, 40 << 10);
    char *end = many + sprintf(many, "GET /healthz/live HTTP/1.1\r\nHost: t\r\n");
    for (int i = 0; i < 63; i++) end += sprintf(end, "X-Field-%d: v\r\n", i);
    check(wire_status(wire_ask(&s, port, slice_of(arena_text(&s.keep, "%sConnection: close\r\n\r\n",
                                                             many)))) == 431);
    end = many + sprintf(many, "GET /healthz/live HTTP/1.1\r\nHost: t\r\nX-Long: ");
    memset(end, 'x', 17 << 10);
    memcpy(end + (17 << 10), "\r\n\r\n", 5);
    check(wire_status(wire_ask(&s, port, slice_of(many))) == 431);
    end = many + sprintf(many, "GET /v1/segments/users/");
    memset(end, 'x', 8 << 10);
    strcpy(end + (8 << 10), " HTTP/1.1\r\nHost: t\r\n\r\n");
    check(wire_status(wire_ask(&s, port, slice_of(many))) == 414);
    slice counts = wire_get(&s, port, "/metrics");
    check_has(counts, "atelier_refused_total{reason=\"body_too_large\"} 2\n");
    check_has(counts, "atelier_refused_total{reason=\"header_too_large\"} 2\n");
    check_has(counts, "atelier_refused_total{reason=\"target_too_long\"} 1\n");
    check(server_close(sv, 60));
    scope_close(&s);
}

CHECK(slow_clients_are_cut_and_others_served_thread) {
    enum { SLOW = 50 };
    scope s;
    err e = {0};
    int slow[SLOW];
    const char *out = check_folder("slow");
    shop_publish(out, "slow", SHOP_SOUND);
    server *sv = open_server(out, 600);
    check_ok(scope_open(&s, 32 << 20, 0, &e), &e);
    double start = wire_clock(), cut_at = 0;
    for (int i = 0; i < SLOW; i++) {
        slow[i] = wire_open(server_port(sv));
        check(slow[i] >= 0 && wire_send(slow[i], SLICE("GET /v1/home HTTP/1.1\r\nX-Drip: ")));
    }
    while (cut_at == 0 && wire_clock() - start < 8) {
        char byte;
        wire_send(slow[0], SLICE("x")); /* each byte renews the library's own time-out */
        check(wire_status(wire_get(&s, server_port(sv), "/healthz/live")) == 200);
        wire_sleep_ms(50);
        if (recv(slow[0], &byte, 1, MSG_DONTWAIT) == 0) cut_at = wire_clock() - start;
    }
    check(cut_at > 0.5 && cut_at < 5); /* 0.6 s plus a round of the sweeper, on a busy machine */
    wire_sleep_ms(600);
    for (int i = 1; i < SLOW; i++) {
        char byte;
        check(recv(slow[i], &byte, 1, MSG_DONTWAIT) <= 0);
    }
    for (int i = 0; i < SLOW; i++) close(slow[i]);
    check_has(wire_get(&s, server_port(sv), "/metrics"),
              "atelier_refused_total{reason=\"slow\"} 50\n");
    check(server_close(sv, 60));
    scope_close(&s);
}

/* ---- stopping ---- */

typedef struct stopper {
    server *sv;
    bool finished;
} stopper;

static void *stop_server(void *what) {
    stopper *w = what;
    w->finished = server_close(w->sv, 10);
    return NULL;
}

CHECK(stop_lets_a_request_in_flight_finish_thread) {
    scope s;
    err e = {0};
    pthread_t thread;
    const char *out = check_folder("stop");
    shop_publish(out, "stop", SHOP_SOUND);
    server *sv = open_server(out, 0);
    int port = server_port(sv), fd = wire_open(port), idle = wire_open(port);
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    check(wire_send(fd, SLICE("POST /v1/home HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nab")));
    wire_sleep_ms(100);
    stopper w = {.sv = sv};
    check(pthread_create(&thread, NULL, stop_server, &w) == 0);
    wire_sleep_ms(200);
    check(wire_open(port) < 0); /* nobody listens any more */
    check(wire_send(fd, SLICE("cd")));
    slice answer = wire_read(&s, fd, 5);
    check(wire_status(answer) == 405);
    check_text(wire_header(&s, answer, "Connection"), "close");
    pthread_join(thread, NULL);
    check(w.finished);
    close(fd), close(idle);
    scope_close(&s);
}

CHECK(stop_does_not_wait_longer_than_it_says_thread) {
    const char *out = check_folder("stop-late");
    shop_publish(out, "late", SHOP_SOUND);
    server *sv = open_server(out, 0);
    int fd = wire_open(server_port(sv));
    check(wire_send(fd, SLICE("POST /v1/home HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nab")));
    wire_sleep_ms(100);
    double start = wire_clock();
    check(!server_close(sv, 0.3));
    check(wire_clock() - start < 5);
    close(fd);
}

/* ---- reloading ---- */

typedef struct asker {
    int port;
    _Atomic bool stop;
    _Atomic int asked, failed;
} asker;

/* Asks over one kept connection until told to stop; every answer must be whole and 200. */
static void *ask_on(void *what) {
    asker *a = what;
    int fd = wire_open(a->port);
    char buffer[4096];
    while (!atomic_load(&a->stop)) {
        static const char request[] = "GET /v1/recommendations/users/1 HTTP/1.1\r\nHost: t\r\n\r\n";
        size_t n = 0;
        bool whole = wire_send(fd, (slice){request, sizeof request - 1});
        while (whole && n < sizeof buffer - 1) {
            ssize_t got = recv(fd, buffer + n, sizeof buffer - 1 - n, 0);
            if (got <= 0) break;
            n += (size_t)got;
            buffer[n] = 0;
            if (strstr(buffer, "\"took_us\":") && buffer[n - 1] == '}') break;
        }
        atomic_fetch_add(&a->asked, 1);
        if (!whole || n < 12 || memcmp(buffer, "HTTP/1.1 200", 12) != 0 ||
            !strstr(buffer, "\"id\":\"0020\""))
            atomic_fetch_add(&a->failed, 1);
    }
    close(fd);
    return NULL;
}

CHECK(reload_under_load_fails_no_request_thread) {
    enum { ASKERS = 3, ROUNDS = 12 };
    scope s;
    err e = {0};
    pthread_t threads[ASKERS];
    char mark[32], before[13], after[13];
    const char *out = check_folder("reload");
    shop_publish(out, "mark-0", SHOP_SOUND);
    server *sv = open_server(out, 0);
    asker a = {.port = server_port(sv)};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    check(server_reload(sv, true, &e) == SERVER_SAME);
    for (int i = 0; i < ASKERS; i++) check(pthread_create(&threads[i], NULL, ask_on, &a) == 0);
    for (int round = 1; round <= ROUNDS; round++) {
        snprintf(mark, sizeof mark, "mark-%d", round);
        server_version(sv, before);
        shop_publish(out, mark, SHOP_SOUND);
        check_ok(server_reload(sv, false, &e) == SERVER_NEW, &e);
        check(strcmp(before, server_version(sv, after)) != 0);
        check_has(wire_get(&s, a.port, "/v1/home"), mark);
    }
    atomic_store(&a.stop, true);
    for (int i = 0; i < ASKERS; i++) pthread_join(threads[i], NULL);
    check(atomic_load(&a.asked) > ROUNDS && atomic_load(&a.failed) == 0);
    check_has(wire_get(&s, a.port, "/metrics"), "atelier_reloads_total{result=\"success\"} 12\n");
    check(server_close(sv, 60));
    scope_close(&s);
}

CHECK(reload_of_a_bad_bundle_keeps_the_old_one) {
    static const shop_fault faults[] = {SHOP_BAD_ITEM, SHOP_BAD_SHAPE, SHOP_SAME_ID, SHOP_BAD_JSON};
    scope s;
    err e = {0};
    const char *out = check_folder("reload-bad");
    shop_publish(out, "good", SHOP_SOUND);
    server *sv = open_server(out, 0);
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        err why = {0};
        shop_publish(out, "bad", faults[i]);
        check(server_reload(sv, false, &why) == SERVER_BAD && why.text[0]);
        check(server_reload(sv, false, &why) == SERVER_SAME); /* not tried again and again */
        check(server_reload(sv, true, &why) == SERVER_BAD);
        check_has(wire_get(&s, server_port(sv), "/v1/home"), "\"mark\":\"good\"");
        check(wire_status(wire_get(&s, server_port(sv), "/healthz/ready")) == 200);
    }
    check(system("rm -r build/tests-tmp/reload-bad/10_serve") == 0);
    check(server_reload(sv, false, &e) == SERVER_SAME);
    check(wire_status(wire_get(&s, server_port(sv), "/v1/recommendations/users/7")) == 200);
    shop_publish(out, "better", SHOP_SOUND);
    check_ok(server_reload(sv, false, &e) == SERVER_NEW, &e);
    check_has(wire_get(&s, server_port(sv), "/metrics"),
              "atelier_reloads_total{result=\"failure\"} 8\n");
    check(server_close(sv, 60));
    scope_close(&s);
}

/* ---- metrics ---- */

CHECK(metrics_count_what_was_asked) {
    scope s;
    err e = {0};
    const char *out = check_folder("counts");
    shop_publish(out, "counts", SHOP_SOUND);
    server *sv = open_server(out, 0);
    int port = server_port(sv);
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    for (int i = 0; i < 3; i++) wire_get(&s, port, "/v1/recommendations/users/1");
    wire_get(&s, port, "/v1/recommendations/users/nobody");
    wire_get(&s, port, "/v1/recommendations/users/1?k=0");
    for (int i = 0; i < 20; i++) wire_get(&s, port, arena_text(&s.keep, "/v1/random-%d", i));
    slice m = wire_body(wire_get(&s, port, "/metrics"));
    static const char label[] = "route=\"/v1/recommendations/users/{id}\",method=\"GET\"";
    check_has(m, arena_text(&s.keep, "{%s,status=\"2xx\"} 4\n", label));
    check_has(m, arena_text(&s.keep, "{%s,status=\"4xx\"} 1\n", label));
    check_has(m, "{route=\"none\",method=\"GET\",status=\"4xx\"} 20\n"); /* no path in a label */
    check(!memmem(m.p, m.n, "random", 6) && !memmem(m.p, m.n, "nobody", 6));
    check_has(m, "_bucket{route=\"/v1/recommendations/users/{id}\",le=\"+Inf\"} 5\n");
    check_has(m, "\natelier_recommendations_total 4\n");
    check_has(m, "\natelier_recommendations_cold_total 1\n");
    check_has(m, "\natelier_cold_start_share 0.25\n");
    check_has(m, "\natelier_ready 1\n");
    check_has(m, "\natelier_requests_in_flight 1\n"); /* the scrape itself */
    while (m.n > 0) { /* every line is a comment or "name{labels} value" */
        const char *end = memchr(m.p, '\n', m.n), *space = memrchr(m.p, ' ', (size_t)(end - m.p));
        double value;
        check(end && space);
        slice number = {space + 1, (size_t)(end - space - 1)};
        check(m.p[0] == '#' || slice_double(number, &value));
        m = (slice){end + 1, m.n - (size_t)(end + 1 - m.p)};
    }
    check(server_close(sv, 60));
    scope_close(&s);
}

/* ---- noise ---- */

CHECK(server_survives_requests_with_broken_bytes_thread) {
    static const char *const seeds[] = {
        "GET /v1/recommendations/users/1?k=3&category=Tops HTTP/1.1\r\nHost: t\r\n\r\n",
        "POST /v1/home HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n\r\nhello, there",
        "GET /v1/forecasts/category/Socks%20%26 HTTP/1.1\r\nHost: t\r\nX-Request-ID: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
    scope s;
    err e = {0};
    rng r = rng_open(3, 1);
    const char *out = check_folder("noise");
    shop_publish(out, "noise", SHOP_SOUND);
    server *sv = open_server(out, 0);
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    for (int round = 0; round < 200; round++) {
        slice seed = slice_of(seeds[rng_below(&r, 4)]);
        char *bytes = slice_copy(&s.keep, seed);
        for (int64_t flips = 1 + rng_below(&r, 4); flips > 0; flips--)
            bytes[rng_below(&r, (int64_t)seed.n)] = (char)rng_below(&r, 256);
        int fd = wire_open(server_port(sv));
        check(fd >= 0);
        wire_send(fd, (slice){bytes, seed.n - (size_t)rng_below(&r, 3)});
        slice answer = wire_read(&s, fd, 0.01); /* many wait for more: then we hang up */
        check(answer.n == 0 || wire_status(answer) >= 100); /* an answer, or just closed */
        close(fd);
    }
    check(wire_status(wire_get(&s, server_port(sv), "/healthz/live")) == 200);
    check(server_close(sv, 60));
    scope_close(&s);
}
