/* kmeans_batch: K-Means by small batches of rows, for tables of which there is no second copy. */
#include <math.h>
#include <string.h>

#include "models/kmeans_run.h"

enum {
    ROWS = 1 << 17, /* labelled at a time */
    IN_VAIN = 10,   /* batches without a smaller smoothed inertia, after which it ends */
};

kmeans_data kmeans_batch_sample(const kmeans_data *data, int64_t n, uint64_t seed, arena *memory) {
    rng random = rng_open(seed, 1);
    kmeans_data some = {.n = n, .d = data->d};
    float *x = take(memory, float, some.n * data->d);
    double *weight = data->weight ? take(memory, double, some.n) : NULL;
    for (int64_t i = 0; i < some.n; i++) {
        double place = ((double)i + rng_uniform(&random)) / (double)some.n;
        int64_t row = (int64_t)(place * (double)data->n);
        if (row >= data->n) row = data->n - 1;
        memcpy(x + i * data->d, data->x + row * data->d, (size_t)data->d * sizeof *x);
        if (weight) weight[i] = data->weight[row];
    }
    some.x = x;
    some.weight = weight;
    return some;
}

/* Rows of one batch, drawn from all. */
static kmeans_data batch_of(const kmeans_data *data, kmeans_params p, int batch, arena *memory) {
    rng random = rng_open(p.seed, (UINT64_C(2) << 32) + (uint64_t)batch);
    float *x = take_raw(memory, float, p.batch * data->d);
    double *weight = data->weight ? take_raw(memory, double, p.batch) : NULL;
    for (int64_t i = 0; i < p.batch; i++) {
        int64_t row = rng_below(&random, data->n);
        memcpy(x + i * data->d, data->x + row * data->d, (size_t)data->d * sizeof *x);
        if (weight) weight[i] = data->weight[row];
    }
    return (kmeans_data){x, p.batch, data->d, weight};
}

/* Labels, masses and inertia of all rows from the centres of m, in blocks; false for bad values. */
static bool label_all(kmeans_model *m, const kmeans_data *data, pool *threads, arena scratch) {
    for (int64_t first = 0; first < data->n; first += ROWS) {
        int64_t n = data->n - first < ROWS ? data->n - first : ROWS;
        kmeans_data block = {data->x + first * data->d, n, data->d,
                             data->weight ? data->weight + first : NULL};
        for (int64_t i = 0; i < n * data->d; i++)
            if (!isfinite(block.x[i])) return false;
        m->inertia += kmeans_assign(m, &block, threads, m->label + first, scratch);
        for (int64_t i = 0; i < n; i++)
            m->mass[m->label[first + i]] += block.weight ? block.weight[i] : 1;
    }
    return true;
}

/* Draws the centres [k, d], around origin, by one batch; returns its inertia before. */
static double draw_by(const kmeans_data *rows, int k, const double *origin, double *centre,
                      double *mass, pool *threads, arena memory) {
    kmeans_run r = kmeans_run_open(rows, k, origin, threads, &memory, NULL);
    int d = rows->d;
    memcpy(r.centre, centre, (size_t)k * (size_t)d * sizeof *centre);
    kmeans_run_assign(&r);
    double inertia = kmeans_run_inertia(&r);
    for (int c = 0; c < k; c++) {
        const double *total = r.totals + (int64_t)c * (d + 1);
        if (!(total[d] > 0)) continue;
        mass[c] += total[d];
        for (int j = 0; j < d; j++) {
            double *at = centre + (int64_t)c * d + j;
            *at += (total[j] - total[d] * *at) / mass[c];
        }
    }
    return inertia;
}

bool kmeans_batch_fit(kmeans_model *m, const kmeans_data *data, kmeans_params p, pool *threads,
                      arena *keep, arena scratch, err *e) {
    int64_t rows = p.sample > 100 * (int64_t)p.k ? p.sample : 100 * (int64_t)p.k;
    int64_t numbers = (int64_t)p.k * data->d;
    double spread, smooth = 0, least = INFINITY, *mass = take(&scratch, double, p.k);
    kmeans_data some = kmeans_batch_sample(data, rows, p.seed, &scratch);
    kmeans_run r = kmeans_run_open(&some, p.k, NULL, threads, &scratch, &spread);
    if (!isfinite(spread)) return refuse(e, "k-means: a value is no finite number");
    r.plain = p.plain;
    kmeans_run_start(&r, p, p.tolerance * spread, scratch);
    kmeans_run_reset(&r);
    kmeans_run_lloyd(&r, p.max_iterations, p.tolerance * spread, m);
    m->origin = take_copy(keep, double, r.origin, r.d);
    m->centres = take(keep, double, numbers);
    m->mass = take(keep, double, p.k);
    m->label = take(keep, int32_t, data->n);
    for (int c = 0; c < p.k; c++) mass[c] = r.totals[(int64_t)c * (r.d + 1) + r.d];
    double share = fmin(1, 2 * (double)p.batch / ((double)data->n + 1));
    int vain = 0;
    for (m->iterations = 0; m->iterations < p.max_iterations && vain < IN_VAIN; m->iterations++) {
        arena memory = scratch;
        kmeans_data batch = batch_of(data, p, m->iterations, &memory);
        double one = draw_by(&batch, p.k, r.origin, r.centre, mass, threads, memory);
        smooth = m->iterations == 0 ? one : smooth + (one - smooth) * share;
        bool passed = (double)m->iterations * (double)p.batch > (double)data->n;
        vain = smooth < least || !passed ? 0 : vain + 1; /* once through the table in any case */
        least = fmin(least, smooth);
    }
    m->converged = vain == IN_VAIN;
    for (int64_t i = 0; i < numbers; i++) m->centres[i] = r.centre[i] + r.origin[i % r.d];
    m->inertia = 0;
    return label_all(m, data, threads, scratch) ||
           refuse(e, "k-means: a value is no finite number");
}
