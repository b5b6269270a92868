/* funnel_any: time of funnels of any spec over a published log, as POST /v1/funnel runs them.
 *
 *     make build/release/bench/funnel_any && build/release/bench/funnel_any MILLIONS
 *
 * Events as in bench/funnel.c, of four channels; memory and threads are made for each request. */
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/events_file.h"

#include "lib/clock.h"

enum { CHANNELS = 4, ROUNDS = 20 };

static uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static bundle_texts words(const char *const *word, int64_t n, arena *keep) {
    int64_t *at = take(keep, int64_t, n + 1);
    const char *all = "";
    for (int64_t i = 0; i < n; i++) {
        all = arena_text(keep, "%s%s", all, word[i]);
        at[i + 1] = at[i] + (int64_t)slice_of(word[i]).n;
    }
    return (bundle_texts){n, at, all};
}

/* Half are views, a fifth clicks, …; a tenth are searches. */
static uint8_t event_of(uint64_t x) {
    int at = (int)(x % 100);
    return at < 50 ? 0 : at < 70 ? 1 : at < 82 ? 2 : at < 90 ? 3 : 4;
}

static bundle_events make(int64_t n, arena *keep) {
    static const char *const names[] = {"view", "click", "cart_add", "purchase", "search"};
    static const char *const channels[CHANNELS] = {"direct", "email", "paid", "social"};
    int64_t units = n / 20, *at = take(keep, int64_t, units + 1), *time = take(keep, int64_t, n);
    uint8_t *event = take(keep, uint8_t, n), *channel = take(keep, uint8_t, n);
    for (int64_t u = 0, i = 0; u < units; u++) {
        int64_t t = (int64_t)(mixed((uint64_t)u) % 86400) * 1000000;
        for (at[u + 1] = at[u] + 20; i < at[u + 1]; i++) {
            uint64_t x = mixed((uint64_t)i + 77);
            t += 1000000 + (int64_t)(x % (x % 4 ? 1200 : 200000)) * 1000000;
            time[i] = t, event[i] = event_of(x >> 32), channel[i] = (uint8_t)(x >> 60 & 3);
        }
    }
    bundle_event_log log = {.units = units, .n = at[units], .at = at, .time = time,
                            .tied = bitmap_open(units, keep)};
    log.code[BUNDLE_EVENT_NAME] = event, log.names[BUNDLE_EVENT_NAME] = words(names, 5, keep);
    log.code[BUNDLE_EVENT_CHANNEL] = channel;
    log.names[BUNDLE_EVENT_CHANNEL] = words(channels, CHANNELS, keep);
    return (bundle_events){.has = true, .end = time[at[units] - 1], .log = {log}};
}

static bool ask(const bundle_events *b, const funnel_spec *spec, int by, err *e) {
    const bundle_event_log *l = &b->log[0];
    scope s;
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    size_t bytes = (size_t)l->units * 400 + (64 << 20);
    if (!scope_open(&s, bytes, 16 << 20, e)) return false;
    pool *threads = pool_open(2, 1 << 20, e);
    bool done = threads && events_file_log(&log, b, 0, spec, by, &s.keep, e);
    if (done) {
        funnel_run(&o, &log.events, &spec->p, threads, &s.keep);
        funnel_count(&t, &o, &log.events,
                     by < 0 ? NULL : funnel_log_group(&log, 0, &o, threads, &s.keep),
                     by < 0 ? 1 : CHANNELS, threads, &s.keep, s.scratch);
    }
    if (threads) pool_close(threads);
    scope_close(&s);
    return done;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int64_t n = (argc > 1 ? atoll(argv[1]) : 30) * 1000000;
    const funnel_spec four = {.unit = "visitor", .step = {"view", "click", "cart_add", "purchase"},
                              .p = FUNNEL_DEFAULTS};
    funnel_spec strict = four, any = four, two = {.unit = "visitor", .step = {"search", "purchase"},
                                                  .p = FUNNEL_DEFAULTS};
    strict.p.order = FUNNEL_STRICT, any.p.order = FUNNEL_ANY, two.p.steps = 2;
    const struct {
        const char *name;
        const funnel_spec *spec;
        int by;
    } asked[] = {{"four steps", &four, -1}, {"four steps by channel", &four, BUNDLE_EVENT_CHANNEL},
                 {"two steps", &two, -1}, {"four in strict order", &strict, -1},
                 {"four in any order", &any, -1}};
    scope s;
    err e = {0};
    setbuf(stdout, NULL);
    if (!scope_open(&s, (size_t)n * 12 + (64 << 20), 0, &e)) return 1;
    bundle_events b = make(n, &s.keep);
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
        double took[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            double start = clock_wall();
            if (!ask(&b, asked[k].spec, asked[k].by, &e)) return 1;
            took[i] = clock_wall() - start;
        }
        qsort(took, ROUNDS, sizeof *took, ascending);
        printf("%lld million events, 2 threads, %s: median %.0f ms, 95 %% within %.0f ms\n",
               (long long)(n / 1000000), asked[k].name, 1e3 * took[ROUNDS / 2],
               1e3 * took[ROUNDS * 95 / 100]);
    }
    scope_close(&s);
    return 0;
}
