/* verb_serve: serves the API and the dashboard of a finished run until it is told to stop. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "data/folder.h"
#include "surfaces/server.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"host", OPTION_TEXT, "ADDRESS", "address to listen on", .value = "127.0.0.1"},
    {"port", OPTION_INT, "N", "port; 0 = any free one", .value = "8080", .low = 0, .high = 65535},
    {"threads", OPTION_INT, "N", "threads (default: all processors)", .low = 1, .high = 256},
    {"log", OPTION_TEXT, "FILE", "write what is shown to whom, one JSON line a list"},
    {"log-mb", OPTION_INT, "N", "begin a new log at this size; one older is kept as FILE.1",
     .value = "256", .low = 1, .high = 1000000},
    {0}};

/* The run's folder, also when its 10_serve itself was named. */
static const char *run_folder(const args *a, scope *s) {
    static const char own[] = "/10_serve";
    char *out = slice_copy(&s->keep, slice_of(args_word(a, 0)));
    size_t n = strlen(out), m = sizeof own - 1;
    while (n > 1 && out[n - 1] == '/') out[--n] = 0;
    if (n > m && strcmp(out + n - m, own) == 0) out[n - m] = 0;
    return strcmp(out, own + 1) == 0 ? "." : out;
}

static void say_ready(const args *a, server *s, js *out) {
    char url[300], version[13];
    const char *host = args_text(a, "host");
    bool bare = strchr(host, ':') != NULL; /* an IPv6 address goes into brackets */
    snprintf(url, sizeof url, "http://%s%s%s:%d", bare ? "[" : "", host, bare ? "]" : "",
             server_port(s));
    server_version(s, version);
    fprintf(stderr, "serving bundle %s on %s (API: %s/docs%s); Ctrl-C stops\n", version, url, url,
            server_has_dashboard(s) ? "" : "; built without the dashboard");
    args_printed(out);
    if (!args_json(a)) return;
    js line; /* at once, on one line: whoever started us waits for it */
    memset(&line, 0, sizeof line);
    line.first = true;
    js_object(&line, NULL);
    js_put_word(&line, "schema", "atelier.serve/1");
    js_put_word(&line, "url", url);
    js_put_word(&line, "version", version);
    js_end(&line);
    printf("%s\n", line.out.p);
    fflush(stdout);
    text_free(&line.out);
}

static void look_for_news(server *s, bool force) {
    err e = {0};
    char version[13];
    server_news news = server_reload(s, force, &e);
    if (news == SERVER_NEW)
        fprintf(stderr, "now serving bundle %s\n", server_version(s, version));
    if (news == SERVER_BAD)
        fprintf(stderr, "the new bundle is not taken: %s; still serving %s\n", e.text,
                server_version(s, version));
}

/* Waits for signals; every five seconds, and on SIGHUP, looks for a new bundle. */
static void wait_for_stop(server *s, const sigset_t *signals) {
    for (;;) {
        const struct timespec pause = {.tv_sec = 5};
        int got = sigtimedwait(signals, NULL, &pause);
        if (got == SIGINT || got == SIGTERM) return;
        if (got == SIGHUP || (got < 0 && errno == EAGAIN)) look_for_news(s, got == SIGHUP);
    }
}

/* Libraries may have started threads before us that do not block our signals (OpenBLAS has). One
 * that is delivered there is passed on to the main thread, whose id is the process's. */
static void pass_on(int signal) {
    int held = errno;
    if (gettid() != getpid()) tgkill(getpid(), getpid(), signal);
    errno = held;
}

/* Blocks the three signals for this thread and those it starts, so that sigtimedwait gets them. */
static void take_signals(sigset_t *signals, sigset_t *before) {
    static const int all[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
    sigemptyset(signals);
    for (int i = 0; i < 3; i++) sigaddset(signals, all[i]);
    sigprocmask(SIG_BLOCK, signals, before);
    for (int i = 0; i < 3; i++) sigaction(all[i], &action, NULL);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    sigset_t signals, before;
    server_params p = {.out = run_folder(a, s), .host = args_text(a, "host"),
                       .port = (int)args_int(a, "port"), .threads = verb_threads(a),
                       .log = args_text(a, "log"), .log_limit = args_int(a, "log-mb") << 20};
    take_signals(&signals, &before);
    server *running = server_open(&p, e);
    if (!running) return false;
    say_ready(a, running, out);
    wait_for_stop(running, &signals);
    fprintf(stderr, "stopping: requests in flight have 10 seconds\n");
    bool finished = server_close(running, 10);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return finished || fail(e, "requests were still running after 10 seconds and were cut");
}

const verb verb_serve = {"serve",
                         "OUT",
                         "shop",
                         "Serve the API and the dashboard of a finished run.",
                         "atelier serve atelier-out --port 8080",
                         1,
                         1,
                         options,
                         run};
