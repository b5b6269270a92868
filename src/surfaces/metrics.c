/* metrics: counters of the server in the text format of Prometheus. */
#include "surfaces/metrics.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/embed.h"

enum { CLASSES = 5, BUCKETS = 12 };

static const double bounds[BUCKETS] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,   0.1,   0.25,   0.5,   1,    2.5};
static const char *const methods[METRICS_METHODS] = {"GET", "HEAD", "POST", "other"};

typedef struct series {
    _Atomic uint64_t requests[METRICS_METHODS][CLASSES];
    _Atomic uint64_t bucket[BUCKETS + 1], ns;
} series;

struct metrics {
    const char *const *names;
    int routes;
    _Atomic uint64_t recommendations, cold, reloads[2];
    time_t started;
    series of[];
};

metrics *metrics_open(const char *const *names, int routes) {
    metrics *m = calloc(1, sizeof *m + (size_t)routes * sizeof(series));
    if (!m) return NULL;
    m->names = names;
    m->routes = routes;
    m->started = time(NULL);
    return m;
}

void metrics_close(void *m) { free(m); }

static void add(_Atomic uint64_t *counter, uint64_t n) {
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void metrics_request(metrics *m, int route, metrics_method method, int status, int64_t ns) {
    int class = status / 100 - 1, at = 0;
    series *s = &m->of[route];
    if (class < 0 || class >= CLASSES) class = CLASSES - 1;
    while (at < BUCKETS && (double)ns > bounds[at] * 1e9) at++;
    add(&s->requests[method][class], 1);
    add(&s->bucket[at], 1);
    add(&s->ns, (uint64_t)ns);
}

void metrics_recommendation(metrics *m, bool cold) {
    add(&m->recommendations, 1);
    if (cold) add(&m->cold, 1);
}

void metrics_reload(metrics *m, bool worked) { add(&m->reloads[worked], 1); }

static unsigned long long value(const _Atomic uint64_t *counter) {
    return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)counter, memory_order_relaxed);
}

static void head(text *t, const char *name, const char *type, const char *help) {
    text_addf(t, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(text *t, const char *name, const char *help, double v) {
    head(t, name, "gauge", help);
    text_addf(t, "%s %.17g\n", name, v);
}

static void write_requests(const metrics *m, text *t) {
    head(t, "atelier_requests_total", "counter", "Requests answered, by route and status class.");
    for (int r = 0; r < m->routes; r++)
        for (int method = 0; method < METRICS_METHODS; method++)
            for (int class = 0; class < CLASSES; class++) {
                unsigned long long n = value(&m->of[r].requests[method][class]);
                if (n > 0)
                    text_addf(t,
                              "atelier_requests_total{route=\"%s\",method=\"%s\",status=\"%dxx\"}"
                              " %llu\n",
                              m->names[r], methods[method], class + 1, n);
            }
}

static void write_latency(const metrics *m, text *t) {
    static const char name[] = "atelier_request_seconds";
    head(t, name, "histogram", "Time from the complete request to its answer, by route.");
    for (int r = 0; r < m->routes; r++) {
        const series *s = &m->of[r];
        unsigned long long total = 0;
        for (int b = 0; b <= BUCKETS; b++) total += value(&s->bucket[b]);
        if (total == 0) continue;
        unsigned long long sum = 0;
        for (int b = 0; b < BUCKETS; b++) {
            sum += value(&s->bucket[b]);
            text_addf(t, "%s_bucket{route=\"%s\",le=\"%g\"} %llu\n", name, m->names[r], bounds[b],
                      sum);
        }
        sum += value(&s->bucket[BUCKETS]);
        text_addf(t, "%s_bucket{route=\"%s\",le=\"+Inf\"} %llu\n", name, m->names[r], sum);
        text_addf(t, "%s_sum{route=\"%s\"} %.9f\n", name, m->names[r],
                  (double)value(&s->ns) / 1e9);
        text_addf(t, "%s_count{route=\"%s\"} %llu\n", name, m->names[r], sum);
    }
}

static double resident_bytes(void) {
    long long pages = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    if (!in) return 0;
    if (fscanf(in, "%*d %lld", &pages) != 1) pages = 0;
    fclose(in);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void) {
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir)) n++;
    if (dir) closedir(dir);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

void metrics_write(const metrics *m, const metrics_now *now, text *t) {
    unsigned long long asked = value(&m->recommendations), cold = value(&m->cold);
    write_requests(m, t);
    write_latency(m, t);
    head(t, "atelier_refused_total", "counter", "Requests cut before they reached a route.");
    for (int i = 0; i < now->n_refused; i++)
        text_addf(t, "atelier_refused_total{reason=\"%s\"} %lld\n", now->refused_names[i],
                  (long long)now->refused[i]);
    gauge(t, "atelier_requests_in_flight", "Requests being read or answered.",
          (double)now->in_flight);
    gauge(t, "atelier_connections", "Open connections.", (double)now->connections);
    gauge(t, "atelier_ready", "1 when the server takes requests.", now->ready);
    head(t, "atelier_model_info", "gauge", "The bundle that is served.");
    text_addf(t, "atelier_model_info{name=\"%s\",version=\"%s\"} 1\n", now->model, now->version);
    gauge(t, "atelier_model_age_seconds", "Time since the bundle was made.", now->age_s);
    head(t, "atelier_reloads_total", "counter", "New bundles, taken over or refused.");
    text_addf(t, "atelier_reloads_total{result=\"failure\"} %llu\n", value(&m->reloads[0]));
    text_addf(t, "atelier_reloads_total{result=\"success\"} %llu\n", value(&m->reloads[1]));
    head(t, "atelier_recommendations_total", "counter", "Lists for customers.");
    text_addf(t, "atelier_recommendations_total %llu\n", asked);
    head(t, "atelier_recommendations_cold_total", "counter", "Lists for customers not known.");
    text_addf(t, "atelier_recommendations_cold_total %llu\n", cold);
    gauge(t, "atelier_cold_start_share", "Share of cold-start lists since the start.",
          asked ? (double)cold / (double)asked : 0);
    head(t, "atelier_exposures_total", "counter", "Lines of the log of what was shown.");
    text_addf(t, "atelier_exposures_total{result=\"dropped\"} %lld\n", (long long)now->log_dropped);
    text_addf(t, "atelier_exposures_total{result=\"taken\"} %lld\n", (long long)now->logged);
    head(t, "atelier_build_info", "gauge", "The program.");
    text_addf(t, "atelier_build_info{build=\"%.12s\"} 1\n", embed_build);
    gauge(t, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
    gauge(t, "process_open_fds", "Open file descriptors.", open_files());
    gauge(t, "process_start_time_seconds", "Start, seconds since 1970.", (double)m->started);
}
