/* anomaly: days on which series of counts sold far more or less than their like. */
#include "models/insight/anomaly.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/interval.h"

enum { AROUND = 4, SERIES_PER_CHUNK = 64 };
#define LEAST_EXPECTED 0.05 /* below it a sale a month is news */
#define LEAST_SPREAD   1.05 /* nearly Poisson: a beta function without end is slow */
#define CLIP           10.0
#define PARENT_CLIP    2.0
#define ACCOUNTS_FOR   0.8

typedef struct job {
    const anomaly_data *d;
    double *mean, *off; /* [n, judged] expected, Anscombe's numerator */
    double *p;          /* [n, judged] 1: not looked at */
    double *spread;         /* [n] s² of the series alone, 0: not known */
    const double *siblings; /* [n] of the children of a node together */
    bool children;          /* which half is at work */
} job;

static double median(double *x, int n) { /* insertion: n <= 8 of a day, else few series */
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && x[k - 1] > x[k]; k--) {
            double swap = x[k];
            x[k] = x[k - 1], x[k - 1] = swap;
        }
    return n ? (x[(n - 1) / 2] + x[n / 2]) / 2 : 0.0;
}

static bool is_child(const anomaly_data *d, int64_t i) {
    return d->parent[i] >= 0 && d->parent[d->parent[i]] >= 0;
}

static double units_at(const anomaly_data *d, int64_t i, int day) {
    return fmax(d->units[i * d->days + day], 0);
}

static double usual(const anomaly_data *d, int64_t i, int day) {
    double x[2 * AROUND];
    int n = 0;
    for (int w = -AROUND; w <= AROUND; w++) {
        int at = day + 7 * w;
        if (w && at >= d->first && at < d->days) x[n++] = units_at(d, i, at);
    }
    return median(x, n);
}

/* Running sums of a series, so that the share of a child costs two differences; a judged day counts
 * no more than its `most`, NULL: as it is. */
static void running(const anomaly_data *d, int64_t i, const double *most, double *sum) {
    int first = d->days - d->judged;
    sum[0] = 0;
    for (int t = 0; t < d->days; t++) {
        double y = units_at(d, i, t);
        sum[t + 1] = sum[t] + (most && t >= first ? fmin(y, most[t - first]) : y);
    }
}

static double around(const double *sum, int days, int day) {
    int from = day - 7 * AROUND, to = day + 7 * AROUND + 1;
    if (from < 0) from = 0;
    if (to > days) to = days;
    return sum[to] - sum[from] - (sum[day + 1] - sum[day]); /* the day itself says nothing of it */
}

/* A child's part of what its parent is expected to sell. Twice: the second time a day counts at
 * most ten times what the first expected, for one great order must neither make the weeks around it
 * look empty nor widen what is usual. */
static void expect_child(job *j, int64_t i, double *mean, arena scratch) {
    const anomaly_data *d = j->d;
    double *own = take(&scratch, double, d->days + 1), *all = take(&scratch, double, d->days + 1);
    double *most = take(&scratch, double, d->judged);
    const double *whole = j->mean + (int64_t)d->parent[i] * d->judged;
    for (int t = 0; t < d->judged; t++) most[t] = PARENT_CLIP * (whole[t] + 1.0);
    running(d, d->parent[i], most, all);
    for (int round = 0; round < 2; round++) {
        running(d, i, round ? most : NULL, own);
        for (int t = 0; t < d->judged; t++) {
            int day = d->days - d->judged + t;
            double sold = around(all, d->days, day);
            mean[t] = sold > 0 ? whole[t] * around(own, d->days, day) / sold : 0.0;
            most[t] = CLIP * (mean[t] + 1.0);
        }
    }
}

static void expect(job *j, int64_t i, arena scratch) {
    const anomaly_data *d = j->d;
    double *mean = j->mean + i * d->judged, *off = j->off + i * d->judged;
    double *sizes = take(&scratch, double, d->judged);
    int first = d->days - d->judged, many = 0;
    if (is_child(d, i)) expect_child(j, i, mean, scratch);
    for (int t = 0; t < d->judged; t++) {
        if (!is_child(d, i)) mean[t] = usual(d, i, first + t);
        if (!(mean[t] >= LEAST_EXPECTED)) continue;
        off[t] = 2 * (sqrt(units_at(d, i, first + t) + 0.375) - sqrt(mean[t] + 0.375));
        if (mean[t] >= 1) sizes[many++] = fabs(off[t]);
    }
    if (many == 0) return;
    int32_t *order = order_count(many, &scratch);
    order_up(order, many, sizes, scratch);
    double mad = 1.4826 * (sizes[order[(many - 1) / 2]] + sizes[order[many / 2]]) / 2;
    j->spread[i] = mad * mad;
}

double anomaly_below(double y, double mean, double spread) {
    double size = mean / (spread - 1.0);
    return y < 0 ? 0.0 : beta_below(1.0 / spread, size, y + 1.0);
}

static double spread_of(const job *j, int64_t i) {
    int32_t up = j->d->parent[i];
    return fmax(fmax(j->spread[i], up >= 0 ? j->siblings[up] : 0.0), LEAST_SPREAD);
}

static void judge(job *j, int64_t i) {
    const anomaly_data *d = j->d;
    double spread = spread_of(j, i);
    for (int t = 0; t < d->judged; t++) {
        int64_t at = i * d->judged + t;
        double mean = j->mean[at], y = units_at(d, i, d->days - d->judged + t);
        j->p[at] = 1.0;
        if (!(mean >= LEAST_EXPECTED)) continue;
        if (fabs(j->off[at]) < 2.0 * sqrt(spread)) continue; /* p is far from any limit */
        double more = 1.0 - anomaly_below(y - 1, mean, spread);
        double less = anomaly_below(y, mean, spread);
        j->p[at] = fmin(1.0, 2.0 * fmin(fmax(more, 0.0), less));
    }
}

static void each(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    int64_t end = (chunk + 1) * SERIES_PER_CHUNK;
    if (end > j->d->n) end = j->d->n;
    for (int64_t i = chunk * SERIES_PER_CHUNK; i < end; i++) {
        if (j->siblings) judge(j, i);
        else if (is_child(j->d, i) == j->children) expect(j, i, scratch);
    }
}

/* Mean of the spreads of the children of each node. */
static double *siblings_of(const job *j, arena *scratch) {
    const anomaly_data *d = j->d;
    double *sum = take(scratch, double, d->n), *many = take(scratch, double, d->n);
    for (int64_t i = 0; i < d->n; i++)
        if (d->parent[i] >= 0 && j->spread[i] > 0)
            sum[d->parent[i]] += j->spread[i], many[d->parent[i]]++;
    for (int64_t i = 0; i < d->n; i++) sum[i] = many[i] > 0 ? sum[i] / many[i] : 0.0;
    return sum;
}

/* Benjamini and Hochberg: the largest p with p <= rate × rank / tests, -1 when there is none. */
static double p_limit(const job *j, int64_t tests, arena scratch) {
    int64_t cells = j->d->n * j->d->judged, n = 0;
    double *p = take(&scratch, double, cells), limit = -1.0;
    for (int64_t at = 0; at < cells; at++)
        if (j->p[at] <= j->d->rate) p[n++] = j->p[at];
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, p, scratch);
    for (int64_t k = 0; k < n; k++)
        if (p[order[k]] <= j->d->rate * (double)(k + 1) / (double)tests) limit = p[order[k]];
    return limit;
}

/* ---- where an alarm is told ---- */

static int alarm_at(const job *j, double limit, int64_t i, int t) {
    int64_t at = i * j->d->judged + t;
    return j->p[at] > limit ? 0 : j->off[at] > 0 ? 1 : -1;
}

static double surplus(const job *j, int64_t i, int t) {
    return units_at(j->d, i, j->d->days - j->d->judged + t) - j->mean[i * j->d->judged + t];
}

/* told[n] of one day: 1 where an alarm of that direction is told; members[n] below it. */
static void tell_day(const job *j, double limit, int t, int direction, uint8_t *told,
                     int32_t *members, int32_t *best) {
    const anomaly_data *d = j->d;
    for (int64_t i = 0; i < d->n; i++) told[i] = 0, members[i] = 0, best[i] = -1;
    for (int64_t i = d->n - 1; i >= 0; i--) { /* children first: counts and the largest child */
        int32_t up = d->parent[i];
        bool on = alarm_at(j, limit, i, t) == direction;
        if (up < 0) continue;
        members[up] += members[i] + on;
        if (!on) continue;
        if (best[up] < 0 || surplus(j, i, t) * direction > surplus(j, best[up], t) * direction)
            best[up] = (int32_t)i;
    }
    /* told: 1 here, 2 handed down or covered by a node above */
    for (int64_t i = 0; i < d->n; i++) {
        int32_t up = d->parent[i];
        if (up >= 0 && told[up] && !(told[up] == 3 && best[up] == i)) told[i] = 2;
        if (told[i] || alarm_at(j, limit, i, t) != direction) continue;
        int32_t child = best[i];
        bool alone = child >= 0 && surplus(j, child, t) * direction >=
                                       ACCOUNTS_FOR * surplus(j, i, t) * direction;
        told[i] = alone ? 3 : 1;
    }
}

typedef struct list {
    anomaly_one *one;
    int64_t n;
    int32_t *open[2]; /* [series] last alarm of that direction + 1, 0: none */
} list;

static void put_day(list *l, const job *j, int t, int direction, const uint8_t *told,
                    const int32_t *members) {
    const anomaly_data *d = j->d;
    int first = d->days - d->judged;
    for (int64_t i = 0; i < d->n; i++) {
        if (told[i] != 1) continue;
        int64_t at = i * d->judged + t;
        double z = j->off[at] / sqrt(spread_of(j, i)), y = units_at(d, i, first + t);
        int32_t *open = &l->open[direction > 0][i];
        anomaly_one *one = *open ? &l->one[*open - 1] : NULL;
        if (!one || one->to != first + t - 1) {
            one = &l->one[l->n++];
            *open = (int32_t)l->n;
            *one = (anomaly_one){.series = (int32_t)i, .from = first + t, .direction = direction,
                                 .p = 1.0};
        }
        one->to = first + t;
        one->units += y, one->expected += j->mean[at];
        if (fabs(z) > fabs(one->z)) one->z = z;
        if (j->p[at] < one->p) one->p = j->p[at];
        if (members[i] > one->members) one->members = members[i];
    }
}

static void tell(anomaly_model *m, const job *j, arena *keep, arena scratch) {
    const anomaly_data *d = j->d;
    list l = {.one = take(keep, anomaly_one, m->alarms)};
    for (int k = 0; k < 2; k++) l.open[k] = take(&scratch, int32_t, d->n);
    uint8_t *told = take(&scratch, uint8_t, d->n);
    int32_t *members = take(&scratch, int32_t, d->n), *best = take(&scratch, int32_t, d->n);
    for (int t = 0; t < d->judged; t++)
        for (int direction = -1; direction <= 1; direction += 2) {
            tell_day(j, m->p_limit, t, direction, told, members, best);
            put_day(&l, j, t, direction, told, members);
        }
    m->n = l.n, m->one = l.one;
}

anomaly_model anomaly_find(const anomaly_data *d, pool *threads, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && d->judged >= 1 && d->judged <= d->days);
    int64_t cells = d->n * d->judged, chunks = (d->n + SERIES_PER_CHUNK - 1) / SERIES_PER_CHUNK;
    job j = {.d = d, .mean = take(&scratch, double, cells), .off = take(&scratch, double, cells),
             .p = take(&scratch, double, cells), .spread = take(&scratch, double, d->n)};
    for (int half = 0; half < 2; half++) {
        j.children = half == 1;
        pool_for(threads, chunks, each, &j);
    }
    j.siblings = siblings_of(&j, &scratch);
    pool_for(threads, chunks, each, &j);
    anomaly_model m = {0};
    for (int64_t at = 0; at < cells; at++) m.tests += j.mean[at] >= LEAST_EXPECTED;
    m.p_limit = m.tests ? p_limit(&j, m.tests, scratch) : -1.0;
    for (int64_t at = 0; at < cells; at++) m.alarms += j.p[at] <= m.p_limit;
    tell(&m, &j, keep, scratch);
    return m;
}
