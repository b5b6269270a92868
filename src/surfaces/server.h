/* server: the bundle of one output folder behind HTTP: routes, dashboard, metrics, reload.
 *
 *     server_params p = {.out = "out", .host = "127.0.0.1", .threads = 2};
 *     server *s = server_open(&p, e);
 *     …  server_reload(s, false, &said, e);        // every few seconds: is there a new bundle?
 *     server_close(s, 10);
 *
 * A new bundle is opened and checked beside the old one; then one pointer is exchanged. Requests
 * that began on the old one end on it, and the last of them frees it. A bundle that does not open
 * changes nothing: the old one goes on serving. */
#ifndef SURFACES_SERVER_H
#define SURFACES_SERVER_H

#include "surfaces/http.h"

typedef struct server server;

typedef struct server_params {
    const char *out;  /* folder of the run; its 10_serve is served */
    const char *host; /* see http_params */
    int port, threads;
    int slow_ms; /* 0 = 10,000 */
    const char *log;   /* file of exposures, see exposures.h; NULL = none */
    int64_t log_limit; /* bytes of one file */
} server_params;

/* NULL (and e) when the bundle or the port says no. */
server *server_open(const server_params *p, err *e);
int server_port(const server *s);
bool server_has_dashboard(const server *s);
const char *server_version(server *s, char out[13]); /* first 12 digits of the bundle's hash */

typedef enum server_news { SERVER_SAME, SERVER_NEW, SERVER_BAD } server_news;

/* Looks whether another bundle is in place, and takes it over. A bad one is tried once and then
 * again only when it changes or `force` is set; e says what is wrong with it. One caller at a
 * time. */
server_news server_reload(server *s, bool force, err *e);

/* Readiness turns false, connections are no longer taken, requests in flight have `seconds` to
 * finish. True when none was cut. */
bool server_close(server *s, double seconds);

#endif
