/* patterns: customers with the same purchase history, counted once. */
#include "models/segment/patterns.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"

static bool check_rows(const double *x, const double *t, const double *T, int64_t rows, err *e) {
    for (int64_t i = 0; i < rows; i++) {
        const char *why = NULL;
        if (!isfinite(x[i]) || !isfinite(t[i]) || !isfinite(T[i])) why = "is no finite number";
        else if (x[i] < 0 || x[i] != floor(x[i])) why = "has a frequency that is no whole number";
        else if (t[i] < 0) why = "has a recency below 0";
        else if (t[i] > T[i]) why = "has a recency above its age: the last purchase lies after the "
                                    "end of what is known";
        else if ((x[i] == 0) != (t[i] == 0))
            why = "has frequency and recency that contradict each other: without a repeat purchase "
                  "both are 0, with one neither is";
        if (why)
            return refuse(e, "customer %lld (frequency %g, recency %g, age %g) %s",
                          (long long)i + 1, x[i], t[i], T[i], why);
    }
    return true;
}

static uint64_t bits_of(double v) {
    uint64_t bits;
    v += 0.0; /* -0 becomes 0; break: small tables have one place for both */
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* The distinct values of v[n], ascending in keep; index[i] = place of v[i] among them. */
static int32_t distinct(const double *v, int64_t n, int32_t *index, double **values, arena *keep,
                        arena scratch) {
    uint64_t mask = 15;
    int32_t found = 0;
    while (mask < 2 * (uint64_t)n) mask = 2 * mask + 1;
    int32_t *slot = take(&scratch, int32_t, mask + 1); /* 1 + number of the value, 0 = free */
    double *seen = take_raw(&scratch, double, n);
    for (int64_t i = 0; i < n; i++) {
        uint64_t h = bits_of(v[i]) * 0x9E3779B97F4A7C15u;
        h = (h ^ h >> 32) & mask;
        while (slot[h] && seen[slot[h] - 1] != v[i]) h = (h + 1) & mask;
        if (!slot[h]) {
            seen[found++] = v[i];
            slot[h] = found;
        }
        index[i] = slot[h] - 1;
    }
    int32_t *order = order_count(found, &scratch), *place = take_raw(&scratch, int32_t, found);
    order_up(order, found, seen, scratch);
    *values = take_raw(keep, double, found);
    for (int32_t k = 0; k < found; k++) {
        (*values)[k] = seen[order[k]];
        place[order[k]] = k;
    }
    for (int64_t i = 0; i < n; i++) index[i] = place[index[i]];
    return found;
}

/* Stable: to[…] = from[…] in ascending order of key. */
static void counting_sort(const int32_t *from, int32_t *to, const int32_t *key, int64_t n,
                          int32_t keys, arena scratch) {
    int64_t *start = take(&scratch, int64_t, keys + 1);
    for (int64_t i = 0; i < n; i++) start[key[i] + 1]++;
    for (int32_t k = 0; k < keys; k++) start[k + 1] += start[k];
    for (int64_t i = 0; i < n; i++) to[start[key[from[i]]]++] = from[i];
}

bool patterns_of(patterns *p, const double *x, const double *t, const double *T, int64_t rows,
                 arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch) && rows >= 0 && rows <= INT32_MAX);
    *p = (patterns){.rows = rows};
    if (!check_rows(x, t, T, rows, e)) return false;
    int32_t *ix = take_raw(&scratch, int32_t, rows), *it = take_raw(&scratch, int32_t, rows);
    int32_t *iT = take_raw(&scratch, int32_t, rows), *other = take_raw(&scratch, int32_t, rows);
    p->n_x = distinct(x, rows, ix, &p->at_x, keep, scratch);
    p->n_t = distinct(t, rows, it, &p->at_t, keep, scratch);
    p->n_T = distinct(T, rows, iT, &p->at_T, keep, scratch);
    p->row = order_count(rows, keep);
    counting_sort(p->row, other, it, rows, p->n_t, scratch);
    counting_sort(other, p->row, iT, rows, p->n_T, scratch);
    counting_sort(p->row, other, ix, rows, p->n_x, scratch);
    memcpy(p->row, other, sizeof *other * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        int32_t a = other[i], b = i ? other[i - 1] : 0;
        p->n += i == 0 || ix[a] != ix[b] || iT[a] != iT[b] || it[a] != it[b];
    }
    p->x = take_raw(keep, int32_t, p->n);
    p->t = take_raw(keep, int32_t, p->n);
    p->T = take_raw(keep, int32_t, p->n);
    p->weight = take(keep, double, p->n);
    p->of_T = take(keep, double, p->n_T);
    p->first = take(keep, int64_t, p->n + 1);
    int64_t k = -1;
    for (int64_t i = 0; i < rows; i++) {
        int32_t a = other[i];
        if (k < 0 || ix[a] != p->x[k] || iT[a] != p->T[k] || it[a] != p->t[k]) {
            p->first[++k] = i;
            p->x[k] = ix[a], p->T[k] = iT[a], p->t[k] = it[a];
        }
        p->weight[k]++;
        p->of_T[iT[a]]++;
        p->total_x += x[a];
    }
    p->first[p->n] = rows;
    p->longest = p->n_T ? p->at_T[p->n_T - 1] : 0;
    return true;
}

patterns patterns_thin(const patterns *p, int64_t most, arena *keep) {
    patterns thin = *p;
    assert(most >= 1);
    int64_t step = (p->n + most - 1) / most;
    if (step <= 1) return thin;
    thin.n = (p->n + step - 1) / step;
    int32_t **index[] = {&thin.x, &thin.t, &thin.T}, *from[] = {p->x, p->t, p->T};
    for (int k = 0; k < 3; k++) {
        *index[k] = take_raw(keep, int32_t, thin.n);
        for (int64_t i = 0; i < thin.n; i++) (*index[k])[i] = from[k][i * step];
    }
    thin.weight = take_raw(keep, double, thin.n);
    thin.rows = 0;
    for (int64_t i = 0; i < thin.n; i++) {
        thin.weight[i] = p->weight[i * step];
        thin.rows += (int64_t)thin.weight[i];
    }
    thin.row = NULL;
    thin.first = NULL;
    return thin;
}
