/* http: the border to the HTTP server library: requests as slices, answers as text, limits kept.
 *
 *     http *h = http_open(&(http_params){.host = "127.0.0.1", .threads = 2}, handle, &what, e);
 *     …                                 // handle(&what, request, answer) on the server's threads
 *     http_stop(h, 10);                     // no new connections, requests in flight finish
 *
 * One event loop per thread; a handler runs on it and must not wait. What the library leaves open
 * is closed here: header fields of more than 16 KiB or 64 in number (431), a target over 8 KiB
 * (414), a body over 1 MiB (413), Content-Length together with Transfer-Encoding or given twice
 * (400, connection closed), a request that takes longer than 10 s to arrive or an idle connection
 * older than 60 s (closed). The body is read before the handler runs; HEAD is answered by the
 * handler as GET and loses its body on the way out. */
#ifndef SURFACES_HTTP_H
#define SURFACES_HTTP_H

#include "base/text.h"

typedef struct http http;

typedef struct http_params {
    const char *host;     /* name or address to listen on */
    int port;             /* 0 = any free one */
    int threads;          /* >= 1 */
    size_t body_limit;    /* bytes; 0 = 1 MiB */
    int slow_ms, idle_ms; /* 0 = 10,000 and 60,000 */
} http_params;

/* Slices live until the handler returns. */
typedef struct http_request {
    slice method;
    slice path, query; /* as sent, percent-encoded; query without '?' */
    slice body;
    scope *memory; /* 1 MiB keep and 2 MiB scratch, forgotten after the answer */
    void *inside;
} http_request;

typedef struct http_header {
    const char *name;
    slice value; /* of the request's memory or constant; with CR or LF it is left out */
} http_header;

typedef struct http_answer {
    int status;       /* 200 when the handler leaves 0 */
    const char *type; /* Content-Type; terminated */
    text body;        /* taken over and freed by http */
    slice fixed;      /* instead of body: bytes that outlive the server */
    http_header headers[12];
    int n_headers;
    bool close;
} http_answer;

typedef void http_handler(void *what, const http_request *r, http_answer *a);

/* NULL (and e) when the port is taken or the address is not ours; the sentence says what to do. */
http *http_open(const http_params *p, http_handler *handle, void *what, err *e);
int http_port(const http *h);

/* Waits at most `seconds` for requests in flight, then closes all. True when none was cut. */
bool http_stop(http *h, double seconds);

/* A request header by name (any case); an empty slice with p == NULL when absent. */
slice http_get(const http_request *r, const char *name);
void http_put(http_answer *a, const char *name, slice value);

/* Requests that never reached the handler, by reason, and what is open now. */
typedef enum http_refusal {
    HTTP_TARGET_TOO_LONG,
    HTTP_HEADER_TOO_LARGE,
    HTTP_BODY_TOO_LARGE,
    HTTP_AMBIGUOUS_LENGTH,
    HTTP_BAD_TARGET,
    HTTP_SLOW,
    HTTP_REFUSALS
} http_refusal;
const char *http_refusal_name(http_refusal r);
int64_t http_refused(const http *h, http_refusal r);
int64_t http_in_flight(const http *h);
int64_t http_connections(const http *h);

const char *http_version(void); /* of the library */

#endif
