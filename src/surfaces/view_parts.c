/* view_parts: POST /v1/page: the GETs that a page shows at once, each answered with its status. */
#include <string.h>

#include "surfaces/answer.h"

enum { PARTS, MOST = 16, BYTES = 2048 }; /* parts of a page; bytes of one */

static int mistake(view *v, const char *type, const char *message, slice input) {
    return view_mistake(v, &(param_mistake){type, "body", "parts", message, NULL, input});
}

/* A document of the same request that says no. */
static int refused(const view *v, js *j, int status, const char *detail, const char *hint) {
    js_object(j, NULL);
    js_put_word(j, "request_id", v->request_id);
    js_put_word(j, "detail", detail);
    js_put_word(j, "hint", hint);
    js_end(j);
    return status;
}

/* What the GET of `asked` answers, into j; its status. */
static int ask(const view *v, slice asked, js *j) {
    const char *mark = memchr(asked.p, '?', asked.n);
    size_t n = mark ? (size_t)(mark - asked.p) : asked.n;
    slice path = {asked.p, n}, parts[PARAMS_MOST] = {{0}};
    slice query = mark ? (slice){mark + 1, asked.n - n - 1} : (slice){"", 0};
    bool allowed = false;
    int found = routes_find(SLICE("GET"), path, parts, &allowed);
    if (found < 0) {
        const char *near = routes_nearest(path, v->keep);
        return refused(v, j, 404, "Not Found",
                       near ? arena_text(v->keep, "did you mean %s?", near)
                            : "/docs lists all routes");
    }
    if (!allowed) return refused(v, j, 405, "Method Not Allowed", "a part is a GET");
    const route *r = &routes[found];
    if (strncmp(r->path, "/v1/", 4) != 0 || strcmp(routes_type(r), "application/json") != 0)
        return refused(v, j, 406, "Not Acceptable", "a part is a GET of /v1 that answers JSON");
    js mistakes = {.first = true};
    js_array(&mistakes, NULL);
    js_object(j, NULL);
    js_put_word(j, "request_id", v->request_id);
    view one = {.b = v->b, .out = v->out, .route = r, .log = v->log, .reads = v->reads,
                .counts = v->counts, .now = v->now, .keep = v->keep, .scratch = v->scratch,
                .request_id = v->request_id, .started_ns = view_clock_ns(), .j = j};
    int status = answer_route(&one, &(param_sources){parts, query, NULL}, &mistakes, 0);
    text_free(&mistakes.out);
    return status;
}

static void put_part(view *v, slice asked) {
    js j = {.first = true};
    arena before = *v->keep; /* a part has the memory that a request of its own would have */
    int status = ask(v, asked, &j);
    *v->keep = before;
    js_object(v->j, NULL);
    js_put_text(v->j, "path", asked);
    js_put_int(v->j, "status", status);
    js_put_raw(v->j, "body", text_slice(&j.out));
    js_end(v->j);
    text_free(&j.out);
}

int view_parts(view *v) {
    const js_node *list = v->values[PARTS].node;
    slice asked[MOST];
    if (!v->values[PARTS].given) return mistake(v, "missing", "Field required", (slice){"", 0});
    if (!js_is_array(list))
        return mistake(v, "list_type", "Input should be a valid list", (slice){"", 0});
    if (js_count(list) < 1 || js_count(list) > MOST)
        return mistake(v, js_count(list) ? "too_long" : "too_short",
                       "List should have 1 to 16 items", (slice){"", 0});
    for (int64_t i = 0; i < js_count(list); i++)
        if (!js_text(js_at(list, i), &asked[i]) || asked[i].n > BYTES || asked[i].n == 0 ||
            asked[i].p[0] != '/')
            return mistake(v, "string_type",
                           "Each part should be a path of at most 2048 bytes, as /v1/home",
                           (slice){"", 0});
    js_array(v->j, "parts");
    for (int64_t i = 0; i < js_count(list); i++) put_part(v, asked[i]);
    js_end(v->j);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    return 200;
}
