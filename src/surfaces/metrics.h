/* metrics: counters of the server in the text format of Prometheus.
 *
 * Requests by route template, method and class of status; a latency histogram per route; never an
 * id of a person or an article in a label, so the number of series is bounded by the route table.
 * All counters are atomic: any thread may add. */
#ifndef SURFACES_METRICS_H
#define SURFACES_METRICS_H

#include "base/text.h"

typedef struct metrics metrics;

typedef enum metrics_method {
    METRICS_GET,
    METRICS_HEAD,
    METRICS_POST,
    METRICS_OTHER,
    METRICS_METHODS
} metrics_method;

/* names[i] is the label of route i and lives as long as the metrics. NULL when memory is out. */
metrics *metrics_open(const char *const *names, int routes);
void metrics_close(void *m);

void metrics_request(metrics *m, int route, metrics_method method, int status, int64_t ns);
void metrics_recommendation(metrics *m, bool cold);
void metrics_reload(metrics *m, bool worked);

/* What the server knows at the moment of the scrape. */
typedef struct metrics_now {
    const char *model, *version; /* name and version of the bundle */
    double age_s;                /* since it was made */
    int64_t in_flight, connections;
    int64_t logged, log_dropped; /* lines of the log of exposures */
    bool ready;
    int n_refused;
    const char *const *refused_names;
    const int64_t *refused;
} metrics_now;
void metrics_write(const metrics *m, const metrics_now *now, text *out);

#endif
