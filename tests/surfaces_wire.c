/* wire: the cases of tests/http, each request also cut in two at every position. */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

/* "\x0d" becomes its byte; everything else stays. */
static void add_unescaped(text *to, slice s) {
    for (size_t i = 0; i < s.n; i++) {
        if (i + 3 < s.n && s.p[i] == '\\' && s.p[i + 1] == 'x') {
            char hex[3] = {s.p[i + 2], s.p[i + 3], 0};
            text_add_char(to, (char)strtol(hex, NULL, 16));
            i += 3;
        } else {
            text_add_char(to, s.p[i]);
        }
    }
}

typedef struct wire_case {
    const char *file;
    int line, n;
    text request;
    slice wants[16]; /* lines "< …", "= …", "~ …", "! …" */
} wire_case;

static slice cut(slice *rest) {
    const char *end = memchr(rest->p, '\n', rest->n);
    slice line = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t used = line.n + (end ? 1 : 0);
    *rest = (slice){rest->p + used, rest->n - used};
    return line;
}

/* The next case of the file; false at its end. */
static bool next_case(slice *rest, int *line, wire_case *c) {
    text_clear(&c->request);
    c->n = 0;
    c->line = *line;
    while (rest->n > 0) {
        slice l = cut(rest);
        ++*line;
        if (slice_is(l, "---")) break;
        if (l.n == 0 || l.p[0] == '#') continue;
        slice what = l.n > 2 ? (slice){l.p + 2, l.n - 2} : SLICE("");
        if (l.n > 1 && l.p[1] == '>') {
            add_unescaped(&c->request, l.n > 3 ? (slice){l.p + 3, l.n - 3} : SLICE(""));
        } else if (l.p[0] == '>') {
            add_unescaped(&c->request, what);
            text_add(&c->request, SLICE("\r\n"));
        } else {
            check(c->n < 16 && strchr("<=~!", l.p[0]));
            c->wants[c->n++] = l;
        }
    }
    return c->request.n > 0;
}

static bool holds(scope *s, slice want, slice answer) {
    slice value = want.n > 2 ? (slice){want.p + 2, want.n - 2} : SLICE("");
    const char *colon = memchr(value.p, ':', value.n);
    switch (want.p[0]) {
    case '=': return slice_compare(wire_body(answer), value) == 0;
    case '~': return memmem(answer.p, answer.n, value.p, value.n) != NULL;
    case '!': return memmem(answer.p, answer.n, value.p, value.n) == NULL;
    default: break;
    }
    if (!colon) return wire_status(answer) == atoi(value.p);
    slice name = {value.p, (size_t)(colon - value.p)};
    slice rest = slice_trim((slice){colon + 1, value.n - name.n - 1});
    return slice_compare(wire_header(s, answer, slice_copy(&s->keep, name)), rest) == 0;
}

static slice ask_in_two(scope *s, int port, slice request, size_t at) {
    int fd = wire_open(port);
    check(fd >= 0);
    check(wire_send(fd, (slice){request.p, at}));
    usleep(150); /* so that the server reads the first part alone */
    wire_send(fd, (slice){request.p + at, request.n - at});
    slice answer = wire_read(s, fd, 5);
    close(fd);
    return answer;
}

/* Without what differs between two answers to one request: date, ids, microseconds. */
static slice steady(scope *s, slice answer) {
    static const char *const marks[] = {"\"request_id\":\"", "X-Request-ID: ", "\"took_us\":",
                                        "Content-Length: "};
    slice a = wire_undated(s, answer);
    char *p = slice_copy(&s->keep, a);
    for (size_t m = 0; m < 4; m++)
        for (char *at = p; (at = memmem(at, a.n - (size_t)(at - p), marks[m], strlen(marks[m])));) {
            at += strlen(marks[m]);
            size_t i = 0, n = a.n - (size_t)(at - p);
            while (i < n && strchr("0123456789abcdef", at[i])) i++;
            memmove(at, at + i, n - i);
            a.n -= i;
        }
    return (slice){p, a.n};
}

static void run_case(wire_case *c, int port) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    slice request = text_slice(&c->request);
    slice whole = wire_ask(&s, port, request);
    for (int i = 0; i < c->n; i++) {
        if (holds(&s, c->wants[i], whole)) continue;
        print_error("%s:%d: does not hold: %.*s\ngot:\n%.*s\n", c->file, c->line,
                    (int)c->wants[i].n, c->wants[i].p, (int)whole.n, whole.p);
        check(false);
    }
    slice wanted = steady(&s, whole);
    for (size_t at = 1; at < request.n; at++) {
        slice got = steady(&s, ask_in_two(&s, port, request, at));
        if (slice_compare(got, wanted) == 0) continue;
        print_error("%s:%d: cut after byte %zu gives another answer:\n%.*s\n", c->file, c->line, at,
                    (int)got.n, got.p);
        check(false);
    }
    scope_close(&s);
}

static int run_file(scope *s, const char *path, int port) {
    err e = {0};
    slice rest;
    int line = 0, n = 0;
    wire_case c = {.file = path};
    check_ok(file_read(path, s, 1 << 20, &rest, &e), &e);
    for (; next_case(&rest, &line, &c); n++) run_case(&c, port);
    text_free(&c.request);
    return n;
}

CHECK(wire_cases_give_the_same_answer_however_they_are_cut) {
    scope s;
    err e = {0};
    int cases = 0;
    const char *out = check_folder("wire");
    shop_publish(out, "wire", SHOP_SOUND);
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    server_params p = {.out = out, .host = "127.0.0.1", .threads = 2};
    server *sv = server_open(&p, &e);
    check_ok(sv, &e);
    DIR *dir = opendir("tests/http");
    check(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!strstr(entry->d_name, ".test")) continue;
        cases += run_file(&s, arena_text(&s.keep, "tests/http/%s", entry->d_name),
                          server_port(sv));
    }
    closedir(dir);
    check(cases > 40); /* the files are there and were read */
    check(server_close(sv, 60));
    scope_close(&s);
}
