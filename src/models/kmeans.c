/* kmeans: K-Means clustering by Lloyd's iteration from greedy k-means++ starts and swaps. */
#include "models/kmeans.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/kmeans_run.h"

const char *kmeans_check(kmeans_params p, int64_t n, int d) {
    if (p.k < 1 || p.k > 4096) return "k must be 1 to 4096";
    if (d < 1 || d > 4096) return "rows must have 1 to 4096 columns";
    if (n < p.k) return "there are fewer rows than clusters";
    if (p.starts < 1 || p.starts > 1000) return "starts must be 1 to 1000";
    if (p.max_iterations < 1) return "max_iterations must be at least 1";
    if (!(p.tolerance >= 0)) return "tolerance must not be negative";
    if (p.sample < p.k) return "the sample must have at least as many rows as clusters";
    if (p.swaps < 0) return "swaps must not be negative";
    if (p.batch < 0 || (p.batch > 0 && p.batch < p.k)) return "a batch must have k rows at least";
    if (p.batch > 0 && (p.spherical || p.centres))
        return "batches go neither with given centres nor with spherical ones";
    return NULL;
}

bool kmeans_fit(kmeans_model *m, const kmeans_data *data, kmeans_params p, pool *threads,
                arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = kmeans_check(p, data->n, data->d);
    if (why) return refuse(e, "k-means: %s", why);
    double spread;
    int64_t numbers = (int64_t)p.k * data->d;
    int64_t rows = p.sample > 100 * (int64_t)p.k ? p.sample : 100 * (int64_t)p.k;
    *m = (kmeans_model){.k = p.k, .d = data->d};
    if (p.batch > 0 && data->n > rows)
        return kmeans_batch_fit(m, data, p, threads, keep, scratch, e);
    kmeans_run r = kmeans_run_open(data, p.k, NULL, threads, &scratch, &spread);
    r.spherical = p.spherical;
    r.plain = p.plain;
    if (!isfinite(spread)) return refuse(e, "k-means: a value is no finite number");
    m->origin = take_copy(keep, double, r.origin, r.d);
    m->centres = take(keep, double, numbers);
    m->mass = take(keep, double, p.k);
    m->label = take(keep, int32_t, data->n);
    double tolerance = p.tolerance * spread;
    if (p.centres) {
        for (int64_t i = 0; i < numbers; i++) r.centre[i] = p.centres[i] - r.origin[i % r.d];
    } else if (data->n > rows) {
        arena memory = scratch;
        kmeans_data some = kmeans_batch_sample(data, rows, p.seed, &memory);
        kmeans_run small = kmeans_run_open(&some, p.k, r.origin, threads, &memory, NULL);
        small.spherical = p.spherical;
        small.plain = p.plain;
        kmeans_run_start(&small, p, tolerance, memory);
        memcpy(r.centre, small.centre, (size_t)numbers * sizeof(double));
    } else kmeans_run_start(&r, p, tolerance, scratch);
    kmeans_run_reset(&r);
    kmeans_run_lloyd(&r, p.max_iterations, tolerance, m);
    for (int64_t i = 0; i < numbers; i++) m->centres[i] = r.centre[i] + r.origin[i % r.d];
    for (int64_t i = 0; i < data->n; i++) m->mass[r.label[i]] += kmeans_run_weight(&r, i);
    memcpy(m->label, r.label, (size_t)data->n * sizeof *m->label);
    return true;
}

double kmeans_assign(const kmeans_model *m, const kmeans_data *data, pool *threads, int32_t *label,
                     arena scratch) {
    assert(data->d == m->d);
    if (data->n == 0) return 0;
    kmeans_run r = kmeans_run_open(data, m->k, m->origin, threads, &scratch, NULL);
    int64_t numbers = (int64_t)m->k * m->d;
    for (int64_t i = 0; i < numbers; i++) r.centre[i] = m->centres[i] - r.origin[i % r.d];
    kmeans_run_assign(&r);
    memcpy(label, r.label, (size_t)data->n * sizeof *label);
    return kmeans_run_inertia(&r);
}
