/* serve and doctor: the verbs as people start them: ready line, signals, ports, refusals. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

typedef struct running {
    pid_t pid;
    int out, port; /* out: its standard output */
    char line[512];
} running;

/* Starts `serve OUT --port 0 --json` and reads its ready line. */
static running start(const char *out) {
    running r = {0};
    int pipes[2];
    const char *program = getenv("ATELIER") ? getenv("ATELIER") : "build/release/atelier";
    check(pipe(pipes) == 0);
    fflush(NULL);
    r.pid = fork();
    check(r.pid >= 0);
    if (r.pid == 0) {
        dup2(pipes[1], 1);
        dup2(open("/dev/null", O_WRONLY), 2);
        close(pipes[0]), close(pipes[1]);
        execl(program, program, "serve", out, "--port", "0", "--json", "--threads", "2", NULL);
        _exit(127);
    }
    close(pipes[1]);
    r.out = pipes[0];
    size_t n = 0;
    while (n < sizeof r.line - 1 && read(r.out, r.line + n, 1) == 1 && r.line[n] != '\n') n++;
    r.line[n] = 0;
    const char *colon = strstr(r.line, "127.0.0.1:");
    check(colon != NULL);
    r.port = atoi(colon + 10);
    return r;
}

static int wait_for(running *r) {
    int status = 0;
    check(waitpid(r->pid, &status, 0) == r->pid);
    close(r->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

CHECK(serve_says_where_answers_and_ends_cleanly_on_each_signal) {
    static const int signals[] = {SIGTERM, SIGINT};
    scope s;
    err e = {0};
    slice url;
    const char *out = check_folder("serve-verb");
    shop_publish(out, "verb", SHOP_SOUND);
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    for (int i = 0; i < 2; i++) {
        running r = start(i == 0 ? out : arena_text(&s.keep, "%s/10_serve/", out));
        const js_node *line = js_parse(&s, slice_of(r.line), &e);
        check(js_text(js_get(line, "url"), &url));
        check_text(url, arena_text(&s.keep, "http://127.0.0.1:%d", r.port));
        check_has(wire_get(&s, r.port, "/v1/home"), "\"mark\":\"verb\"");
        int fd = wire_open(r.port);
        check(wire_send(fd, SLICE("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\na")));
        wire_sleep_ms(100);
        check(kill(r.pid, signals[i]) == 0);
        wire_sleep_ms(150);
        check(wire_send(fd, SLICE("b")));
        check(wire_status(wire_read(&s, fd, 5)) == 405); /* the request in flight is answered */
        close(fd);
        char more;
        check(read(r.out, &more, 1) == 0); /* one line on stdout, nothing after it */
        check(wait_for(&r) == 0);
    }
    scope_close(&s);
}

CHECK(serve_takes_a_new_bundle_on_hangup) {
    scope s;
    err e = {0};
    const char *out = check_folder("serve-hup");
    shop_publish(out, "old", SHOP_SOUND);
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    running r = start(out);
    shop_publish(out, "new", SHOP_SOUND);
    check(kill(r.pid, SIGHUP) == 0);
    slice home = {0};
    for (int i = 0; i < 40; i++) {
        home = wire_get(&s, r.port, "/v1/home");
        if (memmem(home.p, home.n, "\"new\"", 5)) break;
        wire_sleep_ms(50);
    }
    check_has(home, "\"mark\":\"new\"");
    check(kill(r.pid, SIGTERM) == 0);
    int code = wait_for(&r);
    if (code) print_error("exit %d\n", code);
    check(code == 0);
    scope_close(&s);
}

CHECK(serve_refuses_with_the_next_step) {
    scope s;
    err e = {0};
    char port[16];
    const char *out = check_folder("serve-refuses");
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    check_run r = check_atelier(&s, (const char *[]){"serve", out, NULL});
    check(r.status == 2);
    check_has(r.err, "no finished bundle is there; `atelier run SHOP --out");
    shop_publish(out, "busy", SHOP_SOUND);
    server_params p = {.out = out, .host = "127.0.0.1", .threads = 1};
    server *busy = server_open(&p, &e);
    check_ok(busy, &e);
    snprintf(port, sizeof port, "%d", server_port(busy));
    r = check_atelier(&s, (const char *[]){"serve", out, "--port", port, "--json", NULL});
    check(r.status == 1);
    check_has(r.err, "is in use by another program; choose another one with --port N");
    check_has(r.out, "\"cause\":\"port_in_use\"");
    check(server_close(busy, 5));
    r = check_atelier(&s, (const char *[]){"serve", out, "--host", "203.0.113.7", NULL});
    check(r.status == 2); /* an address for documentation: never one of ours */
    check_has(r.err, "is not an address of this machine");
    r = check_atelier(&s, (const char *[]){"serve", out, "--port", "70000", NULL});
    check(r.status == 2);
    shop_publish(out, "bad", SHOP_BAD_ITEM);
    r = check_atelier(&s, (const char *[]){"serve", out, "--port", "0", NULL});
    check(r.status == 1);
    check_has(r.err, "recommend.atm: array user_items holds 5 at 5");
    scope_close(&s);
}

CHECK(doctor_finds_a_folder_that_cannot_be_written) {
    scope s;
    err e = {0};
    int64_t problems = -1;
    slice name, state, value;
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    const char *out = check_folder("doctor");
    check_run r = check_atelier(&s, (const char *[]){"doctor", "--json", "--out", out, NULL});
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e), *all = js_get(root, "findings");
    check_ok(root, &e);
    int named = 0;
    for (int64_t i = 0; i < js_count(all); i++) {
        check(js_text(js_get(js_at(all, i), "name"), &name));
        check(js_text(js_get(js_at(all, i), "state"), &state));
        check(js_text(js_get(js_at(all, i), "value"), &value) && value.n > 0);
        named += slice_is(name, "DuckDB") || slice_is(name, "libmicrohttpd") ||
                 slice_is(name, "jansson") || slice_is(name, "OpenBLAS");
        if (slice_is(name, "folder")) check_text(state, "fine");
    }
    check(named == 4);
    r = check_atelier(&s, (const char *[]){"doctor", "--json", "--out", "/proc", NULL});
    root = js_parse(&s, r.out, &e);
    check(r.status == 0 && js_int(js_get(root, "problems"), &problems) && problems == 1);
    r = check_atelier(&s, (const char *[]){"doctor", "--out", "/proc", NULL});
    check_has(r.out, "-> problem: choose another one with --out");
    scope_close(&s);
}
