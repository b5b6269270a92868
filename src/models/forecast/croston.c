/* croston: demand that is zero most of the time: Croston's method and its relatives. */
#include "models/forecast/croston.h"

#include <assert.h>
#include <math.h>

#include "models/forecast/demand.h"
#include "models/forecast/smooth.h"

#define LOW_ALPHA  0.1
#define HIGH_ALPHA 0.3

const char *const croston_class_names[] = {"smooth", "intermittent", "erratic", "lumpy", "empty"};

const char *croston_check(const double *y, int n, croston_params p) {
    if (!(p.alpha > 0 && p.alpha <= 1 && p.beta > 0 && p.beta <= 1))
        return "alpha and beta must be above 0 and at most 1";
    if (n < 1) return "a series needs at least one value";
    for (int t = 0; t < n; t++)
        if (!(y[t] >= 0 && isfinite(y[t])))
            return "models of intermittent demand take values of zero and above alone";
    return NULL;
}

typedef struct task {
    const double *y;
    int n;
    croston_params p;
    double *fitted; /* [n] one-step forecasts; NAN before the first one */
} task;

/* S_a(z) / S_a(g), times `by`. */
static double classic(const task *k, double by) {
    double size = 0, gap = 0, now = NAN;
    int last = -1;
    for (int t = 0; t < k->n; t++) {
        k->fitted[t] = now;
        if (k->y[t] == 0) continue;
        double a = last < 0 ? 1 : k->p.alpha;
        size += a * (k->y[t] - size);
        gap += a * (t - last - gap);
        last = t;
        now = by * size / gap;
    }
    return now;
}

static double tsb(const task *k) {
    double size = 0, share = k->y[0] != 0, now = NAN;
    bool sold = false;
    for (int t = 0; t < k->n; t++) {
        k->fitted[t] = now;
        share += k->p.beta * ((k->y[t] != 0) - share);
        if (k->y[t] != 0) {
            size = sold ? size + k->p.alpha * (k->y[t] - size) : k->y[t];
            sold = true;
        }
        now = sold ? share * size : NAN;
    }
    return now;
}

typedef struct sums {
    const double *x; /* [n] */
    int n;
} sums;

/* Squared one-step errors of smoothing from the first value; the level after the last one. */
static double smooth_sums(const sums *s, double alpha, double *level) {
    double at = s->x[0], sse = 0;
    for (int i = 1; i < s->n; i++) {
        double u = s->x[i] - at;
        sse += u * u;
        at += alpha * u;
    }
    *level = at;
    return sse;
}

static double sums_error(void *what, double alpha) {
    double level;
    return smooth_sums(what, alpha, &level);
}

/* Adds the forecast by buckets of b periods to *mean, and to fitted, each over `parts`. */
static void add_buckets(const task *k, int b, int parts, double *mean, arena scratch) {
    int n = k->n / b, skip = k->n % b;
    double *x = take(&scratch, double, n), level;
    for (int i = 0; i < n; i++)
        for (int t = 0; t < b; t++) x[i] += k->y[skip + i * b + t];
    sums s = {x, n};
    double alpha = smooth_least(sums_error, &s, LOW_ALPHA, HIGH_ALPHA);
    smooth_sums(&s, alpha, &level);
    *mean += level / b / parts;
    double at = x[0];
    for (int t = 0; t < k->n; t++) {
        int i = (t - skip) / b; /* the bucket of t: known are those before it */
        bool first = t < skip + b;
        if (!first && (t - skip) % b == 0) at += (i > 1 ? alpha : 0) * (x[i - 1] - at);
        k->fitted[t] += first ? NAN : at / b / parts;
    }
}

static int mean_gap(const double *y, int n) {
    int count = 0, last = 0;
    for (int t = 0; t < n; t++)
        if (y[t] != 0) count++, last = t + 1;
    return (int)rint((double)last / count);
}

static double by_buckets(const task *k, arena scratch) {
    int most = mean_gap(k->y, k->n), least = k->p.kind == CROSTON_ADIDA ? most : 1;
    double mean = 0;
    for (int t = 0; t < k->n; t++) k->fitted[t] = 0;
    for (int b = least; b <= most; b++) add_buckets(k, b, most - least + 1, &mean, scratch);
    return mean;
}

static double squared_errors(const task *k, double mean) {
    double sum = 0, about = 0;
    int count = 0;
    for (int t = 0; t < k->n; t++) {
        about += (k->y[t] - mean) * (k->y[t] - mean) / k->n;
        if (isnan(k->fitted[t])) continue;
        sum += (k->y[t] - k->fitted[t]) * (k->y[t] - k->fitted[t]);
        count++;
    }
    return count >= 8 ? sum / count : about; /* too few errors say too little */
}

void croston_fit(croston_model *m, const double *y, int n, croston_params p, arena scratch) {
    assert(!croston_check(y, n, p));
    task k = {y, n, p, take(&scratch, double, n)};
    bool any = false;
    *m = (croston_model){.whole = true};
    for (int t = 0; t < n; t++) any |= y[t] != 0, m->whole &= y[t] == floor(y[t]);
    if (!any) return;
    switch (p.kind) {
    case CROSTON_CLASSIC: m->mean = classic(&k, 1); break;
    case CROSTON_SBA: m->mean = classic(&k, 1 - p.alpha / 2); break;
    case CROSTON_TSB: m->mean = tsb(&k); break;
    case CROSTON_ADIDA:
    case CROSTON_IMAPA: m->mean = by_buckets(&k, scratch); break;
    }
    m->variance = squared_errors(&k, m->mean);
}

void croston_forecast(const croston_model *m, band *to) {
    /* above, the normal is as good */
    bool counts = m->whole && m->mean < 1e6 && m->variance < 1e12;
    demand d = {0};
    if (counts) d = demand_of(m->mean, m->variance);
    for (int h = 0; h < to->steps; h++) {
        to->mean[h] = m->mean;
        if (!counts) band_normal(to, h, sqrt(m->variance));
        for (int l = 0; l < to->n_levels && counts; l++) {
            int at = l * to->steps + h;
            if (h > 0) {
                to->low[at] = to->low[at - 1], to->high[at] = to->high[at - 1];
                continue;
            }
            to->low[at] = (double)demand_quantile(&d, 0.5 - to->levels[l] / 2);
            to->high[at] = (double)demand_quantile(&d, 0.5 + to->levels[l] / 2);
        }
    }
    to->total_sd = sqrt(m->variance * to->steps);
    band_not_negative(to);
}

croston_class croston_classify(const double *y, int n, double *adi, double *cv2) {
    int first = 0, count = 0;
    while (first < n && y[first] == 0) first++;
    double mean = 0, squares = 0;
    for (int t = first; t < n; t++) count += y[t] != 0, mean += y[t];
    double gap = count ? (double)(n - first) / count : INFINITY;
    if (count) mean /= count;
    for (int t = first; t < n; t++)
        if (y[t] != 0) squares += (y[t] - mean) * (y[t] - mean) / count;
    double spread = count ? squares / (mean * mean) : 0;
    if (adi) *adi = gap;
    if (cv2) *cv2 = spread;
    if (!count) return CROSTON_EMPTY;
    bool rare = gap >= 1.32, wild = spread >= 0.49;
    return rare ? wild ? CROSTON_LUMPY : CROSTON_INTERMITTENT
                : wild ? CROSTON_ERRATIC : CROSTON_SMOOTH;
}
