/* pg_proxy: a counting and cutting go-between of the PostgreSQL protocol. */
#include "pg_proxy.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pg_server.h"

struct pg_proxy {
    char address[160];
    int listener;
    pthread_t thread;
    atomic_bool ends, busy;
    atomic_int seen, cut_at;
    _Atomic(const char *) version;
};

/* One way of a connection. */
typedef struct way {
    int from, to;
    bool begun; /* the client's first message has no type */
    text bytes; /* come and not gone on */
} way;

static int unix_socket(struct sockaddr_un *at, const char *folder) {
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(at->sun_path, sizeof at->sun_path, "%.80s/.s.PGSQL.5432", folder);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static bool send_all(int to, const char *p, size_t n) {
    while (n > 0) {
        ssize_t sent = send(to, p, n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        p += sent, n -= (size_t)sent;
    }
    return true;
}

/* Bytes of the whole message at the begin; 0 = it is not there yet. */
static size_t message(const way *w) {
    size_t head = w->begun ? 1 : 0;
    if (w->bytes.n < head + 4) return 0;
    const unsigned char *p = (const unsigned char *)w->bytes.p + head;
    size_t n = head + ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
    return n <= w->bytes.n ? n : 0;
}

/* "S" length "server_version" 0 version 0, with another version. */
static bool send_version(const way *w, const char *version) {
    char said[128] = "S....server_version";
    size_t at = strlen(said) + 1, n = at + strlen(version) + 1;
    memcpy(said + at, version, strlen(version) + 1);
    said[1] = said[2] = said[3] = 0;
    said[4] = (char)(n - 1);
    return send_all(w->to, said, n);
}

static bool send_message(pg_proxy *p, const way *w, size_t n) {
    const char *version = atomic_load(&p->version);
    int place = atomic_fetch_add(&p->seen, 1) + 1;
    if (place == atomic_load(&p->cut_at)) {
        if (place % 2 == 1) send_all(w->to, w->bytes.p, n / 2);
        return false;
    }
    bool is_version = n > 20 && memcmp(w->bytes.p + 5, "server_version", 15) == 0;
    return version && is_version ? send_version(w, version) : send_all(w->to, w->bytes.p, n);
}

/* Takes what has come and sends on what is whole; false when this is the end. */
static bool go_on(pg_proxy *p, way *w) {
    char buffer[1 << 16];
    ssize_t came = recv(w->from, buffer, sizeof buffer, 0);
    if (came <= 0) return false;
    text_add(&w->bytes, (slice){buffer, (size_t)came});
    for (size_t n; (n = message(w)) > 0;) {
        if (!send_message(p, w, n)) return false;
        memmove(w->bytes.p, w->bytes.p + n, w->bytes.n - n);
        w->bytes.n -= n;
        w->begun = true;
    }
    return true;
}

static void serve(pg_proxy *p, int client) {
    struct sockaddr_un at;
    int to = unix_socket(&at, pg_server_see()->folder);
    way ways[2] = {{.from = client, .to = to}, {.from = to, .to = client, .begun = true}};
    bool goes = connect(to, (struct sockaddr *)&at, sizeof at) == 0;
    while (goes && !atomic_load(&p->ends)) {
        struct pollfd wait[2] = {{.fd = client, .events = POLLIN}, {.fd = to, .events = POLLIN}};
        if (poll(wait, 2, 100) < 0) break;
        for (int i = 0; i < 2 && goes; i++)
            if (wait[i].revents) goes = go_on(p, &ways[i]);
    }
    close(client);
    close(to);
    for (int i = 0; i < 2; i++) text_free(&ways[i].bytes);
}

static void *run(void *what) {
    pg_proxy *p = what;
    while (!atomic_load(&p->ends)) {
        struct pollfd wait = {.fd = p->listener, .events = POLLIN};
        if (poll(&wait, 1, 100) <= 0) continue;
        int client = accept(p->listener, NULL, NULL);
        if (client < 0) continue;
        atomic_store(&p->seen, 0);
        atomic_store(&p->busy, true);
        serve(p, client);
        atomic_store(&p->busy, false);
    }
    return NULL;
}

static void close_proxy(void *what) {
    pg_proxy *p = what;
    atomic_store(&p->ends, true);
    pthread_join(p->thread, NULL);
    close(p->listener);
}

pg_proxy *pg_proxy_open(scope *owner) {
    struct sockaddr_un at;
    pg_proxy *p = take(&owner->keep, pg_proxy, 1);
    const char *folder = pg_server_see()->folder;
    char place[80];
    snprintf(place, sizeof place, "%.60s/proxy", folder);
    mkdir(place, 0777);
    p->listener = unix_socket(&at, place);
    unlink(at.sun_path);
    check(bind(p->listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(p->listener, 8) == 0);
    snprintf(p->address, sizeof p->address, "postgresql:///postgres?host=%s&user=postgres", place);
    check(pthread_create(&p->thread, NULL, run, p) == 0);
    scope_defer(owner, close_proxy, p);
    return p;
}

const char *pg_proxy_address(const pg_proxy *p) { return p->address; }
void pg_proxy_cut(pg_proxy *p, int at) { atomic_store(&p->cut_at, at); }
void pg_proxy_version(pg_proxy *p, const char *version) { atomic_store(&p->version, version); }

int pg_proxy_seen(pg_proxy *p) {
    while (atomic_load(&p->busy)) usleep(1000);
    return atomic_load(&p->seen);
}
