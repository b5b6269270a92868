/* metrics_offpolicy: what a policy would have earned, from a log of what another one showed. */
#include "models/metrics_offpolicy.h"

#include <assert.h>
#include <math.h>

typedef struct sums { /* by unit: [units] each */
    double *rows, *reward, *weight, *weighted, *doubly;
} sums;

static void add_rows(const metrics_offpolicy_log *log, double clip, sums *to,
                     metrics_offpolicy *out) {
    double whole = 0, kept = 0, squares = 0;
    for (int64_t i = 0; i < log->n; i++) {
        int64_t u = log->unit ? log->unit[i] : i;
        double b = log->propensity[i], t = log->target ? log->target[i] : b, r = log->reward[i];
        assert(u >= 0 && b > 0 && b <= 1 && t >= 0 && t <= 1);
        double w = t / b;
        whole += w;
        out->largest_weight = fmax(out->largest_weight, w);
        if (clip > 0 && w > clip) {
            w = clip;
            out->clipped++;
        }
        kept += w;
        squares += w * w;
        to->rows[u] += 1;
        to->reward[u] += r;
        to->weight[u] += w;
        to->weighted[u] += w * r;
        if (!log->model) continue;
        double q = log->model[i], m = log->model_target ? log->model_target[i] : q;
        to->doubly[u] += m + w * (r - q);
    }
    out->mean_weight = log->n > 0 ? whole / (double)log->n : NAN;
    out->effective = squares > 0 ? kept * kept / squares : 0;
    out->weight_lost = whole > 0 ? (whole - kept) / whole : 0;
}

metrics_offpolicy metrics_offpolicy_estimate(const metrics_offpolicy_log *log, double clip,
                                             uint64_t seed, arena scratch) {
    int64_t n = log->unit ? log->units : log->n;
    metrics_offpolicy out = {0};
    sums by = {take(&scratch, double, n), take(&scratch, double, n), take(&scratch, double, n),
               take(&scratch, double, n), take(&scratch, double, n)};
    add_rows(log, clip, &by, &out);
    enum { R = METRICS_RESAMPLES };
    out.ips = metrics_bootstrap_ratio(by.weighted, by.rows, n, seed, R, scratch);
    out.snips = metrics_bootstrap_ratio(by.weighted, by.weight, n, seed, R, scratch);
    out.logged = metrics_bootstrap_ratio(by.reward, by.rows, n, seed, R, scratch);
    out.dr = log->model ? metrics_bootstrap_ratio(by.doubly, by.rows, n, seed, R, scratch)
                        : (metrics_interval){NAN, NAN, NAN, 0};
    return out;
}
