/* server: the bundle of one output folder behind HTTP: routes, dashboard, metrics, reload. */
#include "surfaces/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "data/folder.h"
#include "surfaces/answer.h"
#include "surfaces/assets.h"
#include "surfaces/reader.h"

/* A bundle and how many requests are on it; freed by the last one after it was replaced. */
typedef struct holder {
    bundle *b;
    int64_t users;
    bool retired;
} holder;

struct server {
    scope memory;
    const char *out;
    http *h;
    metrics *counts;
    exposures *log; /* NULL = none */
    reader *reads;
    const assets *files;
    const char **labels; /* one per route, then dashboard, none */
    pthread_mutex_t lock;
    holder *now;
    hash_text refused; /* manifest of the last bundle that did not open */
    uint64_t salt;     /* of request ids */
    _Atomic uint64_t requests;
    _Atomic bool ready;
};

/* ---- holding a bundle ---- */

static holder *hold(server *s) {
    pthread_mutex_lock(&s->lock);
    holder *h = s->now;
    h->users++;
    pthread_mutex_unlock(&s->lock);
    return h;
}

static void let_go(server *s, holder *h) {
    pthread_mutex_lock(&s->lock);
    bool last = --h->users == 0 && h->retired;
    pthread_mutex_unlock(&s->lock);
    if (!last) return;
    bundle_close(h->b);
    free(h);
}

static bool exchange(server *s, bundle *b, err *e) {
    holder *fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
        bundle_close(b);
        return fail_memory(e, "a bundle");
    }
    fresh->b = b;
    pthread_mutex_lock(&s->lock);
    holder *old = s->now;
    s->now = fresh;
    if (old) old->retired = true;
    bool unused = old && old->users == 0;
    pthread_mutex_unlock(&s->lock);
    if (unused) {
        bundle_close(old->b);
        free(old);
    }
    return true;
}

server_news server_reload(server *s, bool force, err *e) {
    hash_text found;
    err ignored = {0};
    bundle *b = NULL;
    holder *h = hold(s);
    hash_text serving = h->b->version;
    let_go(s, h);
    bool there = folder_hash(s->out, "10_serve", &found, &ignored);
    if (there && strcmp(found.hex, serving.hex) == 0) return SERVER_SAME;
    if (!there) memset(&found, 0, sizeof found);
    if (!force && (!there || strcmp(found.hex, s->refused.hex) == 0)) return SERVER_SAME;
    if (bundle_open(&b, s->out, e) && exchange(s, b, e)) {
        metrics_reload(s->counts, true);
        return SERVER_NEW;
    }
    s->refused = found;
    metrics_reload(s->counts, false);
    return SERVER_BAD;
}

/* ---- one request ---- */

typedef struct exchange_of { /* a request, its answer and what is made on the way */
    server *s;
    const http_request *r;
    http_answer *a;
    char id[65];
    int64_t started;
} exchange_of;

/* The caller's X-Request-ID when it is a short word, else 16 digits that do not repeat. */
static void name_request(exchange_of *x) {
    slice given = http_get(x->r, "X-Request-ID");
    bool usable = given.n > 0 && given.n < sizeof x->id;
    for (size_t i = 0; i < given.n && usable; i++) {
        char c = given.p[i];
        usable = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 c == '-' || c == '_' || c == '.';
    }
    if (usable) {
        memcpy(x->id, given.p, given.n);
        x->id[given.n] = 0;
        return;
    }
    uint64_t z = x->s->salt + atomic_fetch_add_explicit(&x->s->requests, 1, memory_order_relaxed) *
                                  UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    static const char hex[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--, z >>= 4) x->id[i] = hex[z & 15];
    x->id[16] = 0;
}

static void put_common_headers(exchange_of *x, const char *cache) {
    http_put(x->a, "X-Request-ID", slice_of(x->id));
    http_put(x->a, "Cache-Control", slice_of(cache));
    http_put(x->a, "X-Content-Type-Options", SLICE("nosniff"));
    if (!x->a->type || strncmp(x->a->type, "text/html", 9) != 0) return;
    http_put(x->a, "Content-Security-Policy",
             SLICE("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                   "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"));
    http_put(x->a, "Referrer-Policy", SLICE("same-origin"));
    http_put(x->a, "X-Frame-Options", SLICE("DENY"));
}

/* Starts a JSON answer; the writer's text is moved into the answer by end_json. */
static void begin_json(exchange_of *x, js *j) {
    memset(j, 0, sizeof *j);
    j->first = true;
    text_reserve(&j->out, 2000); /* most answers fit */
    js_object(j, NULL);
    js_put_word(j, "request_id", x->id);
}

static void end_json(exchange_of *x, js *j, int status) {
    while (j->depth > 0) js_end(j);
    x->a->status = status;
    x->a->type = "application/json";
    x->a->body = j->out;
}

static int answer_detail(exchange_of *x, int status, const char *detail, const char *hint) {
    js j;
    begin_json(x, &j);
    js_put_word(&j, "detail", detail);
    if (hint) js_put_word(&j, "hint", hint);
    end_json(x, &j, status);
    put_common_headers(x, "no-store");
    return status;
}

static void fill_now(server *s, const bundle *b, metrics_now *now, const char **names,
                     int64_t *counts, char version[13]) {
    snprintf(version, 13, "%.12s", b->version.hex);
    for (int i = 0; i < HTTP_REFUSALS; i++) {
        names[i] = http_refusal_name((http_refusal)i);
        counts[i] = http_refused(s->h, (http_refusal)i);
    }
    *now = (metrics_now){.model = "recommend", .version = version,
                         .age_s = (double)(time(NULL) - b->trained_at),
                         .in_flight = http_in_flight(s->h),
                         .connections = http_connections(s->h),
                         .logged = s->log ? exposures_taken(s->log) : 0,
                         .log_dropped = s->log ? exposures_dropped(s->log) : 0,
                         .ready = atomic_load(&s->ready), .n_refused = HTTP_REFUSALS,
                         .refused_names = names, .refused = counts};
}

/* The object that a POST carries; NULL, and a mistake, when it is none. */
static const js_node *read_body(exchange_of *x, int *wrong, js *mistakes) {
    err e = {0};
    const js_node *body = js_parse(x->r->memory, x->r->body, &e);
    if (js_is_object(body)) return body;
    param_mistake m = {.place = "body",
                       .type = body ? "dict_type" : "json_invalid",
                       .message = body ? "Input should be a JSON object"
                                       : arena_text(&x->r->memory->keep, "%.200s", e.text)};
    params_mistake(mistakes, &m);
    *wrong = 1;
    return NULL;
}

static int show_route(exchange_of *x, const route *r, const slice *parts) {
    server *s = x->s;
    js j, mistakes = {.first = true};
    const char *names[HTTP_REFUSALS];
    int64_t counts[HTTP_REFUSALS];
    char version[13];
    const char *cache = "no-store";
    metrics_now now = {0};
    int wrong = 0;
    holder *h = hold(s);
    if (strncmp(r->path, "/v1/", 4) != 0) fill_now(s, h->b, &now, names, counts, version);
    begin_json(x, &j);
    js_array(&mistakes, NULL);
    const js_node *body =
        strcmp(r->method, "POST") == 0 ? read_body(x, &wrong, &mistakes) : NULL;
    view v = {.b = h->b, .out = s->out, .route = r, .counts = s->counts, .now = &now,
              .log = s->log, .reads = s->reads, .keep = &x->r->memory->keep,
              .scratch = x->r->memory->scratch,
              .request_id = x->id, .started_ns = x->started, .j = &j};
    int status = answer_route(&v, &(param_sources){parts, x->r->query, body}, &mistakes, wrong);
    text_free(&mistakes.out);
    let_go(s, h);
    x->a->status = status;
    x->a->type = v.type;
    x->a->body = j.out;
    if (status == 200 && r->cache_s > 0)
        cache = arena_text(&x->r->memory->keep, "max-age=%d", r->cache_s);
    put_common_headers(x, cache);
    if (status == 503) http_put(x->a, "Retry-After", SLICE("5"));
    return status;
}

static int show_asset(exchange_of *x, const asset *file) {
    slice asked = http_get(x->r, "If-None-Match");
    bool same = slice_is(asked, file->tag);
    x->a->status = same ? 304 : 200;
    x->a->type = file->type;
    x->a->fixed = same ? SLICE("") : file->bytes;
    http_put(x->a, "ETag", slice_of(file->tag));
    put_common_headers(x, file->cache);
    return x->a->status;
}

static bool begins(slice s, const char *with) {
    return s.n >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

/* Paths that belong to the API: the dashboard does not answer for them. */
static bool is_api(slice path) {
    return begins(path, "/v1") || begins(path, "/healthz") || begins(path, "/docs") ||
           begins(path, "/metrics") || begins(path, "/openapi");
}

static int show_missing(exchange_of *x) {
    arena *keep = &x->r->memory->keep;
    const char *near = routes_nearest(x->r->path, keep);
    const char *hint = near ? arena_text(keep, "did you mean %s? /docs lists all routes", near)
                            : "/docs lists all routes";
    return answer_detail(x, 404, "Not Found", hint);
}

/* Chooses; returns the label's index. */
static int dispatch(exchange_of *x, int *status) {
    slice parts[PARAMS_MOST] = {{0}}, method = x->r->method;
    bool allowed = false, reads = slice_is(method, "GET") || slice_is(method, "HEAD");
    asset file;
    int found = routes_find(method, x->r->path, parts, &allowed);
    if (found >= 0 && allowed) {
        *status = show_route(x, &routes[found], parts);
        return found;
    }
    bool is_file = found < 0 && !is_api(x->r->path) && assets_find(x->s->files, x->r->path, &file);
    if (is_file && reads) {
        *status = show_asset(x, &file);
        return routes_count;
    }
    if (found < 0 && !is_file) {
        *status = show_missing(x);
        return routes_count + 1;
    }
    *status = answer_detail(x, 405, "Method Not Allowed", NULL);
    bool posts = found >= 0 && routes_has(routes[found].path, "POST");
    bool gets = found < 0 || routes_has(routes[found].path, "GET");
    http_put(x->a, "Allow", posts && gets ? SLICE("GET, HEAD, POST") : posts ? SLICE("POST")
                                                                          : SLICE("GET, HEAD"));
    return found >= 0 ? found : routes_count;
}

static void handle(void *what, const http_request *r, http_answer *a) {
    exchange_of *x = take(&r->memory->keep, exchange_of, 1); /* headers point into it */
    *x = (exchange_of){.s = what, .r = r, .a = a, .started = view_clock_ns()};
    metrics_method method = slice_is(r->method, "GET")    ? METRICS_GET
                            : slice_is(r->method, "HEAD") ? METRICS_HEAD
                            : slice_is(r->method, "POST") ? METRICS_POST
                                                          : METRICS_OTHER;
    int status;
    name_request(x);
    int label = dispatch(x, &status);
    metrics_request(x->s->counts, label, method, status, view_clock_ns() - x->started);
}

/* ---- opening and closing ---- */

static bool start(server *s, const server_params *p, err *e) {
    bundle *b = NULL;
    s->labels = take(&s->memory.keep, const char *, routes_count + 2);
    for (int i = 0; i < routes_count; i++) s->labels[i] = routes[i].path;
    s->labels[routes_count] = "dashboard";
    s->labels[routes_count + 1] = "none";
    s->counts = metrics_open(s->labels, routes_count + 2);
    if (!s->counts) return fail_memory(e, "counts of requests");
    scope_defer(&s->memory, metrics_close, s->counts);
    s->files = assets_open(&s->memory);
    s->reads = reader_open(e);
    if (!s->reads) return false;
    scope_defer(&s->memory, reader_close, s->reads);
    if (p->log) {
        s->log = exposures_open(p->log, p->log_limit, e);
        if (!s->log) return false;
        scope_defer(&s->memory, exposures_close, s->log);
    }
    s->out = arena_text(&s->memory.keep, "%s", p->out);
    if (getrandom(&s->salt, sizeof s->salt, 0) != (ssize_t)sizeof s->salt)
        return fail(e, "the system gives no random number");
    if (!bundle_open(&b, p->out, e) || !exchange(s, b, e)) return false;
    atomic_store(&s->ready, true);
    s->h = http_open(&(http_params){.host = p->host, .port = p->port, .threads = p->threads,
                                    .slow_ms = p->slow_ms}, handle, s, e);
    return s->h != NULL;
}

server *server_open(const server_params *p, err *e) {
    scope memory;
    if (!scope_open(&memory, 4 << 20, 0, e)) return NULL;
    server *s = take(&memory.keep, server, 1);
    s->memory = memory;
    pthread_mutex_init(&s->lock, NULL);
    if (start(s, p, e)) return s;
    server_close(s, 0);
    return NULL;
}

int server_port(const server *s) { return http_port(s->h); }
bool server_has_dashboard(const server *s) { return assets_have_dashboard(s->files); }

const char *server_version(server *s, char out[13]) {
    holder *h = hold(s);
    snprintf(out, 13, "%.12s", h->b->version.hex);
    let_go(s, h);
    return out;
}

bool server_close(server *s, double seconds) {
    if (!s) return true;
    atomic_store(&s->ready, false);
    bool finished = http_stop(s->h, seconds);
    if (s->now) {
        bundle_close(s->now->b);
        free(s->now);
    }
    pthread_mutex_destroy(&s->lock);
    scope memory = s->memory;
    scope_close(&memory);
    return finished;
}
