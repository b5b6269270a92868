/* http: the border to the HTTP library (libmicrohttpd): requests as slices, answers as text. */
#include "surfaces/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TARGET_MOST = 8 << 10, HEADER_MOST = 16 << 10, FIELDS_MOST = 64, BODY_STEP = 64 << 10 };
enum { KEEP = 1 << 20, SCRATCH = 2 << 20 }; /* memory of a request */

static const struct {
    const char *name, *type, *said; /* said: the body's "detail" */
    int status;
} refusals[HTTP_REFUSALS] = {
    [HTTP_TARGET_TOO_LONG] = {"target_too_long", "", "URI Too Long: at most 8 KiB", 414},
    [HTTP_HEADER_TOO_LARGE] = {"header_too_large", "",
                               "Request Header Fields Too Large: at most 16 KiB in 64 fields", 431},
    [HTTP_BODY_TOO_LARGE] = {"body_too_large", "", "Content Too Large: at most 1 MiB", 413},
    [HTTP_AMBIGUOUS_LENGTH] = {"ambiguous_length", "",
                               "Bad Request: the length of the body is ambiguous", 400},
    [HTTP_BAD_TARGET] = {"bad_target", "", "Bad Request: the target is not a path", 400},
    [HTTP_SLOW] = {"slow", "", "", 408}};

typedef struct conn {
    http *owner;
    struct conn *prev, *next;
    struct MHD_Connection *inside;
    int fd;
    _Atomic int64_t deadline; /* ms of the monotonic clock */
    scope memory;             /* of the request at hand; opened with the first one */
    bool has_memory, started, too_large, active;
    size_t body_seen;
    text body;
    int refused; /* http_refusal, or -1 */
    http_request r;
} conn;

struct http {
    http_params p;
    http_handler *handle;
    void *what;
    struct MHD_Daemon *daemon;
    int port;
    pthread_mutex_t lock; /* list of connections, stop */
    pthread_cond_t wake;
    pthread_t sweeper;
    bool sweeping, stop;
    conn *first;
    _Atomic bool draining;
    _Atomic int64_t in_flight, connections, refused[HTTP_REFUSALS];
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *http_version(void) { return MHD_get_version(); }
const char *http_refusal_name(http_refusal r) { return refusals[r].name; }
int64_t http_refused(const http *h, http_refusal r) { return atomic_load(&h->refused[r]); }
int64_t http_in_flight(const http *h) { return atomic_load(&h->in_flight); }
int64_t http_connections(const http *h) { return atomic_load(&h->connections); }
int http_port(const http *h) { return h->port; }

slice http_get(const http_request *r, const char *name) {
    const conn *c = r->inside;
    const char *value = MHD_lookup_connection_value(c->inside, MHD_HEADER_KIND, name);
    return value ? slice_of(value) : (slice){0};
}

void http_put(http_answer *a, const char *name, slice value) {
    if (a->n_headers < (int)(sizeof a->headers / sizeof a->headers[0]))
        a->headers[a->n_headers++] = (http_header){name, value};
}

/* ---- connections: a list for the sweeper ---- */

static void connection_start(http *h, struct MHD_Connection *inside, void **context) {
    conn *c = calloc(1, sizeof *c);
    *context = c; /* without memory: NULL, and its requests are refused */
    if (!c) return;
    c->owner = h;
    c->inside = inside;
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(inside, MHD_CONNECTION_INFO_CONNECTION_FD);
    c->fd = fd ? fd->connect_fd : -1;
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    atomic_store(&c->deadline, now_ms() + h->p.slow_ms);
    atomic_fetch_add(&h->connections, 1);
    pthread_mutex_lock(&h->lock);
    c->next = h->first;
    if (c->next) c->next->prev = c;
    h->first = c;
    pthread_mutex_unlock(&h->lock);
}

static void connection_end(http *h, conn *c) {
    if (!c) return;
    pthread_mutex_lock(&h->lock); /* the sweeper uses fd only under this lock */
    if (c->prev) c->prev->next = c->next;
    else h->first = c->next;
    if (c->next) c->next->prev = c->prev;
    pthread_mutex_unlock(&h->lock);
    atomic_fetch_sub(&h->connections, 1);
    if (c->has_memory) scope_close(&c->memory);
    text_free(&c->body);
    free(c);
}

static void on_connection(void *cls, struct MHD_Connection *inside, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED) connection_start(cls, inside, context);
    else connection_end(cls, *context);
}

/* Cuts connections whose time is over: the library's own time-out starts anew with each byte. */
static void *sweep(void *what) {
    http *h = what;
    pthread_mutex_lock(&h->lock);
    while (!h->stop) {
        int64_t now = now_ms();
        for (conn *c = h->first; c; c = c->next) {
            if (now < atomic_load(&c->deadline)) continue;
            atomic_fetch_add(&h->refused[HTTP_SLOW], 1);
            atomic_store(&c->deadline, now + h->p.idle_ms);
            shutdown(c->fd, SHUT_RDWR);
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 250 * 1000 * 1000;
        if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
        pthread_cond_timedwait(&h->wake, &h->lock, &until);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

/* ---- requests ---- */

/* The request line has arrived. Splits the target; the library is kept from decoding it. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *inside) {
    http *h = cls;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(inside, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    conn *c = info ? info->socket_context : NULL;
    if (!c) return NULL;
    err ignored = {0};
    atomic_store(&c->deadline, now_ms() + h->p.slow_ms);
    atomic_fetch_add(&h->in_flight, 1);
    c->active = true;
    c->started = c->too_large = false;
    c->body_seen = 0;
    c->refused = -1;
    if (!c->has_memory) c->has_memory = scope_open(&c->memory, KEEP, SCRATCH, &ignored);
    if (!c->has_memory) return c;
    slice t = slice_of(target);
    c->r = (http_request){.memory = &c->memory, .inside = c};
    if (t.n > TARGET_MOST) {
        c->refused = HTTP_TARGET_TOO_LONG;
        return c;
    }
    if (t.n > 7 && strncasecmp(t.p, "http://", 7) == 0) { /* absolute form: drop the authority */
        const char *slash = memchr(t.p + 7, '/', t.n - 7);
        t = slash ? (slice){slash, t.n - (size_t)(slash - t.p)} : SLICE("/");
    }
    if (t.n == 0 || t.p[0] != '/') c->refused = HTTP_BAD_TARGET;
    t.p = slice_copy(&c->memory.keep, t);
    const char *mark = memchr(t.p, '?', t.n);
    c->r.path = mark ? (slice){t.p, (size_t)(mark - t.p)} : t;
    c->r.query = mark ? (slice){mark + 1, t.n - c->r.path.n - 1} : SLICE("");
    return c;
}

static size_t keep_encoded(void *cls, struct MHD_Connection *inside, char *s) {
    (void)cls, (void)inside;
    return strlen(s);
}

static void on_completed(void *cls, struct MHD_Connection *inside, void **context,
                         enum MHD_RequestTerminationCode code) {
    (void)inside, (void)code;
    http *h = cls;
    conn *c = *context;
    if (!c || !c->active) return;
    c->active = false;
    text_free(&c->body);
    if (c->has_memory) {
        bool large = arena_left(&c->memory.keep) < KEEP - (64 << 10);
        if (large) scope_reset(&c->memory);
        else scope_rewind(&c->memory); /* no system call and no page fault a request */
    }
    atomic_store(&c->deadline, now_ms() + h->p.idle_ms);
    atomic_fetch_sub(&h->in_flight, 1);
}

typedef struct field_count {
    int fields, lengths, encodings;
    bool other_encoding;
} field_count;

static enum MHD_Result count_field(void *what, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    (void)kind;
    field_count *n = what;
    n->fields++;
    if (strcasecmp(name, "Content-Length") == 0) n->lengths++;
    if (strcasecmp(name, "Transfer-Encoding") != 0) return MHD_YES;
    n->encodings++;
    if (!value || strcasecmp(value, "chunked") != 0) n->other_encoding = true;
    return MHD_YES;
}

/* Looks at the header once it is complete; sets c->refused. True when a body follows. */
static bool look_at_header(http *h, conn *c) {
    field_count n = {0};
    MHD_get_connection_values(c->inside, MHD_HEADER_KIND, count_field, &n);
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(c->inside, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (c->refused < 0 && (n.fields > FIELDS_MOST || (size && size->header_size > HEADER_MOST)))
        c->refused = HTTP_HEADER_TOO_LARGE;
    if (n.lengths + n.encodings > 1 || n.other_encoding) c->refused = HTTP_AMBIGUOUS_LENGTH;
    if (c->refused >= 0) return false;
    const char *length = MHD_lookup_connection_value(c->inside, MHD_HEADER_KIND, "Content-Length");
    int64_t bytes = 0;
    if (length && (!slice_int(slice_of(length), &bytes) || bytes < 0))
        c->refused = HTTP_AMBIGUOUS_LENGTH;
    /* A body a little too large is read and dropped, so that the client gets to see the answer;
     * one that waits for our consent or is far too large is refused at once. */
    bool asks = MHD_lookup_connection_value(c->inside, MHD_HEADER_KIND, "Expect") != NULL;
    if (bytes > (int64_t)h->p.body_limit && (asks || bytes > 8 * (int64_t)h->p.body_limit))
        c->refused = HTTP_BODY_TOO_LARGE;
    return c->refused < 0 && (bytes > 0 || n.encodings > 0);
}

static void take_body(http *h, conn *c, const char *bytes, size_t n) {
    size_t before = c->body_seen / BODY_STEP;
    c->body_seen += n;
    if (c->body_seen > h->p.body_limit) c->too_large = true;
    if (c->too_large) {
        text_free(&c->body);
        return; /* and no more time for it */
    }
    text_add(&c->body, (slice){bytes, n});
    if (c->body_seen / BODY_STEP > before) atomic_store(&c->deadline, now_ms() + h->p.slow_ms);
}

static bool header_is_safe(slice value) {
    return !memchr(value.p, '\r', value.n) && !memchr(value.p, '\n', value.n);
}

static enum MHD_Result send_answer(conn *c, http_answer *a) {
    http *h = c->owner;
    bool own = a->body.p != NULL;
    slice bytes = own ? text_slice(&a->body) : a->fixed;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        bytes.n, (void *)(uintptr_t)bytes.p,
        own ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!response) {
        text_free(&a->body);
        return MHD_NO;
    }
    if (a->type) MHD_add_response_header(response, "Content-Type", a->type);
    for (int i = 0; i < a->n_headers; i++) {
        if (!header_is_safe(a->headers[i].value)) continue;
        const char *value = slice_copy(&c->memory.keep, a->headers[i].value);
        MHD_add_response_header(response, a->headers[i].name, value);
    }
    if (a->close || atomic_load(&h->draining))
        MHD_add_response_header(response, "Connection", "close");
    atomic_store(&c->deadline, now_ms() + h->p.idle_ms);
    enum MHD_Result queued =
        MHD_queue_response(c->inside, (unsigned)(a->status ? a->status : 200), response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result send_refusal(conn *c) {
    http_answer a = {.type = "application/json", .close = true};
    a.status = refusals[c->refused].status;
    atomic_fetch_add(&c->owner->refused[c->refused], 1);
    text_addf(&a.body, "{\"detail\":\"%s\"}", refusals[c->refused].said);
    return send_answer(c, &a);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *inside, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **context) {
    (void)url, (void)version, (void)inside;
    http *h = cls;
    conn *c = *context;
    if (!c || !c->has_memory) return MHD_NO;
    if (!c->started) {
        c->started = true;
        /* An answer at this call closes the connection: right for a refusal, for others we wait
         * for the call after the body. The header came in time; the body gets time of its own. */
        if (look_at_header(h, c)) atomic_store(&c->deadline, now_ms() + h->p.slow_ms);
        return c->refused >= 0 ? send_refusal(c) : MHD_YES;
    }
    if (*n > 0) {
        take_body(h, c, bytes, *n);
        *n = 0;
        return MHD_YES;
    }
    if (c->too_large) {
        c->refused = HTTP_BODY_TOO_LARGE;
        return send_refusal(c);
    }
    http_answer a = {0};
    c->r.method = slice_of(method);
    c->r.body = text_slice(&c->body);
    h->handle(h->what, &c->r, &a);
    return send_answer(c, &a);
}

/* ---- opening and stopping ---- */

static bool bind_one(const struct addrinfo *at, const http_params *p, int *out, err *e) {
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    if (fd < 0) return fail(e, "cannot open a socket: %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 1024) == 0) {
        *out = fd;
        return true;
    }
    int why = errno;
    close(fd);
    if (why == EADDRINUSE) {
        fail(e, "port %d of %s is in use by another program; choose another one with --port N, "
             "or --port 0 for any free one", p->port, p->host);
        return fail_cause(e, "port_in_use");
    }
    if (why == EACCES) {
        fail(e, "port %d needs more rights than this user has; choose one above 1023 with "
             "--port N", p->port);
        return fail_cause(e, "permission");
    }
    if (why == EADDRNOTAVAIL)
        return refuse(e, "%s is not an address of this machine; --host 127.0.0.1 serves this "
                      "machine alone, --host 0.0.0.0 every network it is on", p->host);
    return fail(e, "cannot listen on %s, port %d: %s", p->host, p->port, strerror(why));
}

static bool listen_on(http *h, int *fd, err *e) {
    char service[16];
    snprintf(service, sizeof service, "%d", h->p.port);
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    int why = getaddrinfo(h->p.host, service, &want, &found);
    if (why != 0) return refuse(e, "host %s: %s", h->p.host, gai_strerror(why));
    bool done = bind_one(found, &h->p, fd, e);
    freeaddrinfo(found);
    struct sockaddr_storage is;
    socklen_t n = sizeof is;
    if (!done || getsockname(*fd, (struct sockaddr *)&is, &n) != 0) return done;
    h->port = ntohs(is.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&is)->sin6_port
                                             : ((struct sockaddr_in *)&is)->sin_port);
    return true;
}

static unsigned connection_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > 16384) return 16000;
    return files.rlim_cur > 256 ? (unsigned)files.rlim_cur - 128 : 128;
}

static bool start_sweeper(http *h, err *e) {
    pthread_condattr_t clock;
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&h->wake, &clock);
    pthread_condattr_destroy(&clock);
    h->sweeping = pthread_create(&h->sweeper, NULL, sweep, h) == 0;
    return h->sweeping || fail(e, "cannot start the thread that watches slow clients");
}

static void quiet(void *what, const char *format, va_list args) {
    (void)what, (void)format, (void)args;
}

static bool start_daemon(http *h, int fd, err *e) {
    unsigned threads = (unsigned)h->p.threads;
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        on_request, h, MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0u, MHD_OPTION_CONNECTION_LIMIT,
        connection_limit(), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 << 10),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(h->p.idle_ms / 1000 + 1),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_encoded, NULL, MHD_OPTION_END);
    return h->daemon || fail(e, "the HTTP library cannot start %u threads", threads);
}

http *http_open(const http_params *p, http_handler *handle, void *what, err *e) {
    int fd = -1;
    http *h = calloc(1, sizeof *h);
    if (!h) {
        fail_memory(e, "the server");
        return NULL;
    }
    h->p = *p;
    h->handle = handle;
    h->what = what;
    if (h->p.body_limit == 0) h->p.body_limit = 1 << 20;
    if (h->p.slow_ms == 0) h->p.slow_ms = 10000;
    if (h->p.idle_ms == 0) h->p.idle_ms = 60000;
    if (start_sweeper(h, e) && listen_on(h, &fd, e) && start_daemon(h, fd, e)) return h;
    if (fd >= 0) close(fd);
    http_stop(h, 0);
    return NULL;
}

bool http_stop(http *h, double seconds) {
    if (!h) return true;
    atomic_store(&h->draining, true);
    if (h->daemon) {
        int fd = MHD_quiesce_daemon(h->daemon);
        if (fd >= 0) close(fd);
        for (int64_t end = now_ms() + (int64_t)(seconds * 1000);
             atomic_load(&h->in_flight) > 0 && now_ms() < end;)
            nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    }
    bool finished = atomic_load(&h->in_flight) == 0;
    if (h->daemon) MHD_stop_daemon(h->daemon);
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    if (h->sweeping) pthread_join(h->sweeper, NULL);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h);
    return finished;
}
