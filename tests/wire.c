/* wire: a client of bytes for tests of the server: send what you like, read what comes. */
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int wire_open(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
    close(fd);
    return -1;
}

bool wire_send(int fd, slice bytes) {
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes = (slice){bytes.p + n, bytes.n - (size_t)n};
    }
    return true;
}

slice wire_read(scope *s, int fd, double seconds) {
    text all = {0};
    char buffer[65536];
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)(seconds * 1000)) <= 0) break;
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n <= 0) break;
        text_add(&all, (slice){buffer, (size_t)n});
    }
    slice copy = {slice_copy(&s->keep, text_slice(&all)), all.n};
    text_free(&all);
    return copy;
}

slice wire_ask(scope *s, int port, slice request) {
    int fd = wire_open(port);
    if (fd < 0) return (slice){"", 0};
    wire_send(fd, request);
    slice answer = wire_read(s, fd, 10);
    close(fd);
    return answer;
}

slice wire_get(scope *s, int port, const char *path) {
    return wire_ask(s, port,
                    slice_of(arena_text(&s->keep,
                                        "GET %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                                        "X-Request-ID: test\r\n\r\n", path)));
}

int wire_status(slice answer) {
    if (answer.n < 12 || memcmp(answer.p, "HTTP/1.", 7) != 0) return 0;
    return atoi(answer.p + 9);
}

slice wire_body(slice answer) {
    const char *end = memmem(answer.p, answer.n, "\r\n\r\n", 4);
    if (!end) return (slice){"", 0};
    return (slice){end + 4, answer.n - (size_t)(end + 4 - answer.p)};
}

slice wire_header(scope *s, slice answer, const char *name) {
    const char *mark = arena_text(&s->keep, "\r\n%s: ", name);
    size_t head = answer.n - wire_body(answer).n, m = strlen(mark);
    for (size_t i = 0; i + m < head; i++) {
        if (strncasecmp(answer.p + i, mark, m) != 0) continue;
        const char *value = answer.p + i + m, *end = memmem(value, head - i - m, "\r\n", 2);
        return (slice){value, end ? (size_t)(end - value) : 0};
    }
    return (slice){"", 0};
}

slice wire_undated(scope *s, slice answer) {
    const char *date = memmem(answer.p, answer.n, "\r\nDate: ", 8);
    if (!date) return answer;
    size_t before = (size_t)(date - answer.p);
    const char *end = memmem(date + 2, answer.n - before - 2, "\r\n", 2);
    size_t after = answer.n - (size_t)(end - answer.p);
    char *copy = take(&s->keep, char, before + after + 1);
    memcpy(copy, answer.p, before);
    memcpy(copy + before, end, after);
    return (slice){copy, before + after};
}

double wire_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void wire_sleep_ms(int ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L}, NULL);
}
