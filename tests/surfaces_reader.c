/* reader: requests that read texts at the same time get the same answers. */
#include "check.h"

#include <pthread.h>
#include <string.h>

#include "shop_bundle.h"
#include "surfaces/server.h"
#include "wire.h"

enum { ASKERS = 4, ROUNDS = 3 };

static const char body[] =
    "{\"texts\":[\"The fabric is lovely, but it runs far too small.\",\"\"]}";

typedef struct asker {
    int port;
    char said[ROUNDS][2048]; /* from "texts" on: what goes before differs with each request */
} asker;

static void *ask(void *what) {
    asker *a = what;
    for (int i = 0; i < ROUNDS; i++) {
        scope s;
        err e = {0};
        check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
        const char *request =
            arena_text(&s.keep, "POST /v1/sentiment HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                                "Content-Length: %zu\r\n\r\n%s", sizeof body - 1, body);
        slice answer = wire_ask(&s, a->port, slice_of(request));
        const char *from = memmem(answer.p, answer.n, "\"texts\"", 7);
        const char *to = from ? memmem(answer.p, answer.n, ",\"took_us\"", 10) : NULL;
        if (to && (size_t)(to - from) < sizeof a->said[i])
            memcpy(a->said[i], from, (size_t)(to - from));
        scope_close(&s);
    }
    return NULL;
}

CHECK(reader_gives_threads_the_same_answers) {
    err e = {0};
    const char *out = check_folder("reader");
    shop_publish(out, "reader", SHOP_SOUND);
    server *sv = server_open(&(server_params){.out = out, .host = "127.0.0.1", .threads = 3}, &e);
    check_ok(sv != NULL, &e);
    pthread_t threads[ASKERS];
    static asker askers[ASKERS];
    memset(askers, 0, sizeof askers);
    for (int i = 0; i < ASKERS; i++) {
        askers[i].port = server_port(sv);
        check(pthread_create(&threads[i], NULL, ask, &askers[i]) == 0);
    }
    for (int i = 0; i < ASKERS; i++) pthread_join(threads[i], NULL);
    slice first = slice_of(askers[0].said[0]);
    check_has(first, "\"aspect\":\"fabric\",\"polarity\":\"positive\"");
    check_has(first, "\"direction\":\"small\"");
    check_has(first, "\"probability\":null"); /* of the empty text */
    for (int i = 0; i < ASKERS; i++)
        for (int r = 0; r < ROUNDS; r++) check_text(first, askers[i].said[r]);
    check(server_close(sv, 10));
}
