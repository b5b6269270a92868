/* http: any bytes on a connection of the server: never a crash, an answer of HTTP or none, and what
 * a handler is given is decoded within its memory.
 *
 * The server runs in this process, on a free port; each input has a connection of its own. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "surfaces/http.h"
#include "surfaces/params.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static const param http_fuzz_params[] = {
    {"id", PARAM_PATH, PARAM_TEXT, NULL, NULL, 0, 0, NULL, NULL},
    {"k", PARAM_QUERY, PARAM_INT, NULL, "12", 1, 100, NULL, NULL},
    {"share", PARAM_QUERY, PARAM_REAL, NULL, "0.5", 0, 1, NULL, NULL},
    {"kind", PARAM_QUERY, PARAM_CHOICE, "rising|declining", NULL, 0, 0, NULL, NULL},
    {"text", PARAM_BODY, PARAM_TEXT, NULL, NULL, 0, 500, NULL, NULL},
    {0}};

/* What a route does with a request, and the values as the answer. */
static void http_fuzz_handle(void *what, const http_request *r, http_answer *a) {
    (void)what;
    scope *s = r->memory;
    err e = {0};
    param_value values[PARAMS_MOST];
    js *j = take(&s->keep, js, 1), *mistakes = take(&s->keep, js, 1);
    js_open(j, s);
    js_open(mistakes, s);
    js_array(mistakes, NULL);
    slice path = r->path.n ? (slice){r->path.p + 1, r->path.n - 1} : r->path;
    param_sources from = {&path, r->query, r->body.n ? js_parse(s, r->body, &e) : NULL};
    if (from.body && !js_is_object(from.body)) from.body = NULL;
    int wrong = params_read(http_fuzz_params, &from, &s->keep, values, mistakes);
    js_end(mistakes);
    js_object(j, NULL);
    for (int i = 0; i < 5; i++) js_put_text(j, http_fuzz_params[i].name, values[i].text);
    js_put_raw(j, "mistakes", text_slice(&mistakes->out));
    js_end(j);
    a->status = wrong ? 422 : 200;
    a->type = "application/json";
    text_add(&a->body, text_slice(&j->out));
    http_put(a, "X-Path", params_decode(&s->keep, r->path, false));
}

static http *http_fuzz_server;

static void http_fuzz_stop(void) { http_stop(http_fuzz_server, 0); }

static void http_fuzz_start(void) {
    err e = {0};
    http_params p = {.host = "127.0.0.1", .threads = 1};
    if (http_fuzz_server) return;
    http_fuzz_server = http_open(&p, http_fuzz_handle, NULL, &e);
    if (!http_fuzz_server) abort();
    atexit(http_fuzz_stop);
}

/* Every 20,000 from an address of their own: ports rest a minute after a connection. */
static int http_fuzz_connect(void) {
    static uint32_t so_far;
    struct timeval patience = {.tv_usec = 3000}; /* half a request has no answer */
    struct sockaddr_in from = {.sin_family = AF_INET}, to = from;
    int at = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    from.sin_addr.s_addr = htonl(0x7f000001 + ((so_far++ / 20000 % 250) << 8));
    to.sin_addr.s_addr = htonl(0x7f000001);
    to.sin_port = htons((uint16_t)http_port(http_fuzz_server));
    setsockopt(at, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(at, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (at < 0 || bind(at, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(at, (struct sockaddr *)&to, sizeof to) != 0)
        abort();
    return at;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    char answer[4096];
    size_t got = 0;
    ssize_t one;
    http_fuzz_start();
    int at = http_fuzz_connect();
    if (n) (void)!send(at, bytes, n, MSG_NOSIGNAL);
    shutdown(at, SHUT_WR);
    while ((one = recv(at, got ? answer + 2048 : answer, 2048, 0)) > 0)
        if (got == 0) got = (size_t)one;
    close(at);
    if (got >= 5 && memcmp(answer, "HTTP/", 5) != 0) abort();
    return 0;
}
