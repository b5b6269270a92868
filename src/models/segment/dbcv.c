/* dbcv: density-based validity of a clustering with noise, from its rows and labels alone. */
#include "models/segment/dbcv.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"

/* One draw: the rows looked at, cluster after cluster, and what is found of each. */
typedef struct draw {
    const dbcv_data *data;
    const int64_t *start;  /* [k+1] of each cluster's rows in `row` */
    const int32_t *row;    /* [start[k]] of data, ascending within a cluster */
    double *core;          /* [start[k]] a */
    int32_t *order;        /* [start[k]] places, internal ones first, a ascending among them */
    int64_t *internal;     /* [k] how many */
    double *sparse, *apart; /* [k] */
} draw;

static double squared(const draw *w, int64_t i, int64_t j) {
    int d = w->data->d;
    const float *a = w->data->x + (int64_t)w->row[i] * d, *b = w->data->x + (int64_t)w->row[j] * d;
    double sum = 0;
    for (int c = 0; c < d; c++) {
        double by = (double)a[c] - (double)b[c];
        sum += by * by;
    }
    return sum;
}

/* ratio^(d/2), 0 <= ratio <= 1, by squaring. */
static double power(double ratio, int d) {
    double out = d % 2 ? sqrt(ratio) : 1;
    for (int left = d / 2; left > 0; left /= 2, ratio *= ratio)
        if (left % 2) out *= ratio;
    return out;
}

/* The sum of |.|^-d in units of the smallest distance so far. */
static double core_of(const draw *w, int64_t i, int64_t from, int64_t to) {
    double least = INFINITY, sum = 0;
    int d = w->data->d;
    for (int64_t j = from; j < to; j++) {
        double far = squared(w, i, j);
        if (far == 0) continue; /* itself, or in its place */
        if (far < least) {
            sum = 1 + (sum > 0 ? sum * power(far / least, d) : 0);
            least = far;
        } else
            sum += power(least / far, d);
    }
    return sum > 0 ? sqrt(least) * pow(sum / (double)(to - from - 1), -1.0 / d) : 0;
}

static double reach(const draw *w, int64_t i, int64_t j) {
    return fmax(fmax(w->core[i], w->core[j]), sqrt(squared(w, i, j)));
}

/* Prim from the first row; ties to the smaller row, as the next one and as the one it hangs on. */
static void span(const draw *w, int64_t from, int64_t n, int32_t *up, double *best, bool *in) {
    for (int64_t j = 0; j < n; j++) best[j] = INFINITY;
    for (int64_t at = 0, next; at >= 0; at = next) {
        in[at] = true;
        next = -1;
        for (int64_t j = 0; j < n; j++) {
            if (in[j]) continue;
            double far = reach(w, from + at, from + j);
            if (far < best[j] || (far == best[j] && at < up[j])) {
                best[j] = far;
                up[j] = (int32_t)at;
            }
            if (next < 0 || best[j] < best[next]) next = j;
        }
    }
}

static void look_at(void *what, int64_t c, arena scratch) {
    draw *w = what;
    int64_t from = w->start[c], n = w->start[c + 1] - from, inner = 0;
    int32_t *up = take(&scratch, int32_t, n), *degree = take(&scratch, int32_t, n);
    int32_t *order = w->order + from;
    double *best = take(&scratch, double, n), all = 0, within = -1;
    if (n == 0) return;
    for (int64_t i = 0; i < n; i++) w->core[from + i] = core_of(w, from + i, from, from + n);
    span(w, from, n, up, best, take(&scratch, bool, n));
    for (int64_t j = 1; j < n; j++) {
        degree[j]++;
        degree[up[j]]++;
    }
    if (n <= 2) degree[0] = 2; /* no row has two edges: the first stands for all */
    for (int64_t j = 1; j < n; j++) {
        all = fmax(all, best[j]);
        if (degree[j] > 1 && degree[up[j]] > 1) within = fmax(within, best[j]);
    }
    for (int64_t j = 0; j < n; j++)
        if (degree[j] > 1) order[inner++] = (int32_t)(from + j);
    order_up(order, inner, w->core, scratch);
    w->internal[c] = inner;
    w->sparse[c] = within >= 0 ? within : all;
}

/* The least m from cluster c to another one: rows by ascending a, until a alone is more. */
static void look_out(void *what, int64_t c, arena scratch) {
    (void)scratch;
    draw *w = what;
    double best = INFINITY;
    for (int64_t i = 0; i < w->internal[c]; i++) {
        int32_t a = w->order[w->start[c] + i];
        if (w->core[a] >= best) break;
        for (int o = 0; o < w->data->k; o++)
            for (int64_t j = 0; o != c && j < w->internal[o]; j++) {
                int32_t b = w->order[w->start[o] + j];
                if (w->core[b] >= best) break;
                best = fmin(best, reach(w, a, b));
            }
    }
    w->apart[c] = best;
}

/* `want` of the rows, any as likely as any other, ascending. */
static void pick(int32_t *rows, int64_t n, int64_t want, rng r, arena scratch) {
    for (int64_t i = 0; i < want; i++) {
        int64_t j = i + rng_below(&r, n - i);
        int32_t row = rows[i];
        rows[i] = rows[j];
        rows[j] = row;
    }
    double *key = take_raw(&scratch, double, want);
    int32_t *order = order_count(want, &scratch);
    int32_t *kept = take_copy(&scratch, int32_t, rows, want);
    for (int64_t i = 0; i < want; i++) key[i] = rows[i];
    order_up(order, want, key, scratch);
    for (int64_t i = 0; i < want; i++) rows[i] = kept[order[i]];
}

/* All members, cluster after cluster -> row [members]; start [k+1]. */
static int32_t *members(const dbcv_data *data, int64_t *start, arena *keep) {
    for (int64_t i = 0; i < data->n; i++)
        if (data->label[i] >= 0 && data->label[i] < data->k) start[data->label[i] + 1]++;
    for (int c = 0; c < data->k; c++) start[c + 1] += start[c];
    int32_t *row = take_raw(keep, int32_t, start[data->k]);
    int64_t *at = take_copy(keep, int64_t, start, data->k);
    for (int64_t i = 0; i < data->n; i++)
        if (data->label[i] >= 0 && data->label[i] < data->k)
            row[at[data->label[i]]++] = (int32_t)i;
    return row;
}

/* Adds V of each cluster to cluster [k]; returns the draw's DBCV. */
static double judge(const draw *w, const int64_t *size, double *cluster) {
    double sum = 0;
    for (int c = 0; c < w->data->k; c++) {
        if (size[c + 1] == size[c]) continue;
        double sep = w->apart[c], sparse = w->sparse[c], larger = fmax(sep, sparse);
        double v = larger > 0 ? (sep - sparse) / larger : 0;
        cluster[c] += v;
        sum += v * (double)(size[c + 1] - size[c]) / (double)w->data->n;
    }
    return sum;
}

/* Draw s: rows [members] and start [k+1] of those drawn. */
static void draw_rows(const int64_t *size, int k, int64_t most, rng r, int64_t *start,
                      int32_t *rows, const int32_t *all, arena scratch) {
    for (int c = 0; c < k; c++) {
        arena rest = scratch;
        int64_t n = size[c + 1] - size[c], want = n < most ? n : most;
        int32_t *own = take_copy(&rest, int32_t, all + size[c], n);
        uint64_t stream = r.stream * (uint64_t)k + (uint64_t)c; /* break: any of its own will do */
        if (want < n) pick(own, n, want, rng_open(r.seed, stream), rest);
        start[c + 1] = start[c] + want;
        memcpy(rows + start[c], own, (size_t)want * sizeof *own);
    }
}

dbcv_result dbcv_score(const dbcv_data *data, dbcv_params p, pool *threads, double *cluster,
                       arena scratch) {
    int k = data->k, there = 0;
    dbcv_result out = {NAN, NAN, NAN, 0, false};
    if (k < 2) return out;
    int64_t each = p.total / k < 50 ? 50 : p.total / k, most = p.rows < each ? p.rows : each;
    int64_t *size = take(&scratch, int64_t, k + 1);
    int64_t *start = take(&scratch, int64_t, k + 1); /* break: pieces have 64 bytes and more */
    int32_t *all = members(data, size, &scratch);
    double *total = take(&scratch, double, k);
    for (int c = 0; c < k; c++) {
        int64_t n = size[c + 1] - size[c];
        there += n > 0;
        out.sampled |= n > most;
        out.rows = n < most ? (n > out.rows ? n : out.rows) : most;
    }
    if (there < 2) return out;
    int draws = out.sampled ? p.samples : 1;
    int64_t rows = size[k] < most * k ? size[k] : most * k;
    int32_t *row = take_raw(&scratch, int32_t, rows);
    draw w = {.data = data, .start = start, .row = row,
              .core = take(&scratch, double, rows), .order = take(&scratch, int32_t, rows),
              .internal = take(&scratch, int64_t, k), .sparse = take(&scratch, double, k),
              .apart = take(&scratch, double, k)};
    for (int s = 0; s < draws; s++) {
        draw_rows(size, k, most, rng_open(p.seed, (uint64_t)s), start, row, all, scratch);
        pool_for(threads, k, look_at, &w);
        pool_for(threads, k, look_out, &w);
        double v = judge(&w, size, total);
        out.low = s == 0 ? v : fmin(out.low, v);
        out.high = s == 0 ? v : fmax(out.high, v);
        out.value = s == 0 ? v : out.value + v;
    }
    out.value /= draws;
    for (int c = 0; cluster && c < k; c++) cluster[c] = total[c] / draws;
    return out;
}
