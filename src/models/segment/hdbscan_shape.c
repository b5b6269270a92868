/* hdbscan_shape: what the clusters look like: their centres, medoids and exemplars, and how much
 * each row belongs to each of them. */
#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/segment/hdbscan.h"

enum { CHUNK = 1024, WHOLE = 512, NEAREST = 256 };

static double squared(const float *a, const float *b, int d) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
        double by = (double)a[c] - (double)b[c];
        sum += by * by;
    }
    return sum;
}

/* Rows by cluster, ascending within each: start [k+1], row [start[k]]. */
typedef struct lists {
    int64_t *start;
    int32_t *row;
} lists;

/* of(i): the cluster whose list row i is in, or -1. */
static lists lists_of(const int32_t *of, int64_t n, int k, arena *keep, arena scratch) {
    lists l = {.start = take(keep, int64_t, k + 1)};
    for (int64_t i = 0; i < n; i++)
        if (of[i] >= 0) l.start[of[i] + 1]++;
    for (int c = 0; c < k; c++) l.start[c + 1] += l.start[c];
    l.row = take_raw(keep, int32_t, l.start[k]);
    int64_t *at = take_copy(&scratch, int64_t, l.start, k);
    for (int64_t i = 0; i < n; i++)
        if (of[i] >= 0) l.row[at[of[i]]++] = (int32_t)i;
    return l;
}

/* ---- soft membership ---- */

typedef struct soft_job {
    const hdbscan_model *m;
    const hdbscan_data *data;
    lists exemplars;
    double *out;
} soft_job;

/* Rows that leave a leaf below a chosen cluster last. */
static lists find_exemplars(const hdbscan_model *m, arena *keep, arena scratch) {
    const condense_model *c = &m->tree;
    int32_t *of = take_raw(&scratch, int32_t, m->n);
    for (int64_t i = 0; i < m->n; i++) {
        int32_t k = c->row_cluster[i];
        bool last = c->leaf[k] && c->row_lambda[i] >= c->most[k];
        of[i] = last ? m->cluster_label[k] : -1;
    }
    return lists_of(of, m->n, m->k, keep, scratch);
}

/* The λ at which the branches of clusters a and b part; `own` where one holds the other. */
static double parting(const condense_model *c, int32_t a, int32_t b, double own) {
    int32_t last_a = -1, last_b = -1;
    while (a != b)
        if (a > b) {
            last_a = a;
            a = c->parent[a];
        } else {
            last_b = b;
            b = c->parent[b];
        }
    return last_a >= 0 && last_b >= 0 ? c->birth[last_a] : own;
}

/* near [k] <- 1 / distance to the exemplars of each cluster, summing to 1. */
static void nearness(const soft_job *w, int64_t i, double *near) {
    int k = w->m->k, d = w->data->d, here = 0;
    const float *x = w->data->x + i * d;
    double sum = 0;
    for (int j = 0; j < k; j++) {
        double least = INFINITY;
        for (int64_t e = w->exemplars.start[j]; e < w->exemplars.start[j + 1]; e++)
            least = fmin(least, squared(x, w->data->x + (int64_t)w->exemplars.row[e] * d, d));
        near[j] = least > 0 ? 1 / sqrt(least) : INFINITY;
        here += least == 0;
        sum += near[j]; /* break: both signs cancel in the share */
    }
    for (int j = 0; j < k; j++)
        near[j] = here > 0 ? (double)isinf(near[j]) / here : near[j] / sum;
}

static void soft_row(const soft_job *w, int64_t i, double *out, double *near, double *height) {
    const hdbscan_model *m = w->m;
    const condense_model *c = &m->tree;
    int32_t own = c->row_cluster[i];
    double lambda = fmin(c->row_lambda[i], c->deepest[0]), sum = 0, all = 0;
    int top = 0;
    nearness(w, i, near);
    for (int j = 0; j < m->k; j++) {
        height[j] = parting(c, own, m->cluster[j], lambda);
        out[j] = exp(exp(-(c->most[own] + 1e-8) / height[j])); /* break: 1e-8 guards from 0 */
        sum += out[j]; /* break: both signs cancel in the share */
        bool higher = height[j] > height[top];
        if (higher || (height[j] == height[top] && near[j] > near[top])) top = j;
    }
    for (int j = 0; j < m->k; j++) all += out[j] = out[j] / sum * near[j];
    double most = fmax(c->most[m->cluster[top]], lambda);
    double inside = most > 0 ? height[top] / most : 1;
    for (int j = 0; j < m->k; j++) out[j] = out[j] / all * inside;
}

static void soft_chunk(void *what, int64_t chunk, arena scratch) {
    const soft_job *w = what;
    int64_t end = (chunk + 1) * CHUNK, to = end < w->m->n ? end : w->m->n;
    double *near = take(&scratch, double, w->m->k), *height = take(&scratch, double, w->m->k);
    for (int64_t i = chunk * CHUNK; i < to; i++)
        soft_row(w, i, w->out + i * w->m->k, near, height);
}

void hdbscan_soft(const hdbscan_model *m, const hdbscan_data *data, pool *threads, double *out,
                  arena scratch) {
    assert(m->k >= 1 && data->n == m->n);
    arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
    soft_job w = {m, data, find_exemplars(m, &scratch, rest), out};
    pool_for(threads, (m->n + CHUNK - 1) / CHUNK, soft_chunk, &w); /* break: 1 more has no row */
}

/* ---- centres and medoids ---- */

typedef struct centre_job {
    const hdbscan_model *m;
    const hdbscan_data *data;
    lists members;
    double *centre;
    int64_t *medoid;
} centre_job;

static int64_t members_of(const centre_job *w, int64_t j) {
    return w->members.start[j + 1] - w->members.start[j];
}

static void mean_of(const centre_job *w, int64_t j) {
    int d = w->data->d;
    double *centre = w->centre + j * d, weight = 0;
    for (int c = 0; c < d; c++) centre[c] = 0;
    for (int64_t e = w->members.start[j]; e < w->members.start[j + 1]; e++) {
        int64_t i = w->members.row[e];
        double s = w->m->strength[i];
        weight += s;
        for (int c = 0; c < d; c++) centre[c] += s * (double)w->data->x[i * d + c];
    }
    for (int c = 0; c < d; c++) centre[c] /= weight > 0 ? weight : 1;
}

/* places [n] of the members by distance to the centre. */
static int32_t *by_nearness(const centre_job *w, int64_t j, arena *keep, arena scratch) {
    int64_t from = w->members.start[j], n = members_of(w, j);
    int d = w->data->d;
    int32_t *order = order_count(n, keep);
    double *far = take(&scratch, double, n);
    for (int64_t e = 0; e < n; e++) {
        const float *x = w->data->x + (int64_t)w->members.row[from + e] * d;
        for (int c = 0; c < d; c++) {
            double by = (double)x[c] - w->centre[j * d + c];
            far[e] += by * by;
        }
    }
    order_up(order, n, far, scratch);
    return order;
}

static void centre_one(void *what, int64_t j, arena scratch) {
    const centre_job *w = what;
    mean_of(w, j);
    int64_t from = w->members.start[j], n = members_of(w, j);
    int d = w->data->d;
    arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
    const int32_t *order = n > WHOLE ? by_nearness(w, j, &scratch, rest) : NULL;
    double least = INFINITY;
    for (int64_t t = 0; t < (order ? NEAREST : n); t++) {
        int32_t row = w->members.row[from + (order ? order[t] : t)];
        double sum = 0;
        for (int64_t e = 0; e < n; e++)
            sum += sqrt(squared(w->data->x + (int64_t)row * d,
                                w->data->x + (int64_t)w->members.row[from + e] * d, d));
        if (sum < least || (sum == least && row < w->medoid[j])) {
            least = sum;
            w->medoid[j] = row;
        }
    }
}

void hdbscan_centres(const hdbscan_model *m, const hdbscan_data *data, pool *threads,
                     double *centre, int64_t *medoid, arena scratch) {
    arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
    centre_job w = {m, data, lists_of(m->label, m->n, m->k, &scratch, rest), centre, medoid};
    pool_for(threads, m->k, centre_one, &w);
}
