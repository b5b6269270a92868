/* kmeans_start: where K-Means begins: greedy k-means++, then swaps of single centres. */
#include <math.h>
#include <string.h>

#include "models/kmeans_run.h"

enum {
    TRIAL = 50, /* iterations after a swap, at most */
    STEP = 10,  /* iterations after which it is asked whether the swap still has a chance */
};
#define CHEAP 2e6 /* products an iteration, under which nobody asks: patience finds a little more */
#define TINY  1e5 /* under which four times as many failures are borne */

/* Potentials of all candidates on one chunk, or (candidates 0) of `distance` as it is. */
static void potential_chunk(void *what, int64_t chunk, arena scratch) {
    const kmeans_run *r = what;
    double *sum = r->part + chunk * KMEANS_CANDIDATES;
    float *nearer = take(&scratch, float, KMEANS_BLOCK * KMEANS_LANES);
    memset(sum, 0, KMEANS_CANDIDATES * sizeof *sum);
    int64_t end = (chunk + 1) * r->chunk < r->groups ? (chunk + 1) * r->chunk : r->groups;
    int times = r->candidates > 0 ? r->candidates : 1;
    for (int64_t g = chunk * r->chunk; g < end; g += KMEANS_BLOCK) {
        int64_t count = g + KMEANS_BLOCK < end ? KMEANS_BLOCK : end - g, row = g * KMEANS_LANES;
        int64_t rows = row + count * KMEANS_LANES < r->n ? count * KMEANS_LANES : r->n - row;
        for (int c = 0; c < times; c++) {
            const float *near = r->distance + row;
            if (r->candidates > 0) {
                r->closer(r->x + g * r->d * KMEANS_LANES, count, r->d,
                          r->candidate + (int64_t)c * r->d, near, nearer);
                near = nearer;
            }
            for (int64_t i = 0; i < rows; i++)
                sum[c] += kmeans_run_weight(r, row + i) * (double)near[i];
        }
    }
}

/* Moves `distance` to the first candidate. */
static void settle_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const kmeans_run *r = what;
    int64_t first = chunk * r->chunk;
    int64_t end = first + r->chunk < r->groups ? first + r->chunk : r->groups;
    float *near = r->distance + first * KMEANS_LANES;
    r->closer(r->x + first * r->d * KMEANS_LANES, end - first, r->d, r->candidate, near, near);
}

/* The row at which the running sum of weight x distance passes u times its total. */
static int64_t draw(const kmeans_run *r, const double *sums, double total, double u) {
    double left = u * total;
    int64_t chunk = 0, last = -1;
    for (; chunk + 1 < r->chunks && left >= sums[chunk]; chunk++) left -= sums[chunk];
    for (int64_t i = kmeans_run_first(r, chunk); i < kmeans_run_last(r, chunk); i++) {
        double mass = kmeans_run_weight(r, i) * (double)r->distance[i];
        if (!(mass > 0)) continue;
        last = i;
        if (left < mass) break;
        left -= mass;
    }
    return last >= 0 ? last : kmeans_run_first(r, chunk);
}

static void candidate_from(const kmeans_run *r, int64_t row, float *to) {
    for (int j = 0; j < r->d; j++) to[j] = kmeans_run_at(r, row, j);
}

static void take_centre(kmeans_run *r, int c, const float *from) {
    r->candidate = from;
    pool_for(r->threads, r->chunks, settle_chunk, r);
    for (int j = 0; j < r->d; j++) r->centre[(int64_t)c * r->d + j] = from[j];
}

/* Greedy k-means++ into centre. */
static void seed_centres(kmeans_run *r, uint64_t seed, uint64_t stream, arena scratch) {
    rng random = rng_open(seed, stream);
    int tries = 2 + (int)log(r->k);
    float *candidates = take(&scratch, float, (int64_t)tries * r->d);
    double *sums = take(&scratch, double, r->chunks), total = 0;
    for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++) r->distance[i] = 1;
    for (int c = 0; c < r->k; c++) {
        r->candidates = 0;
        pool_for(r->threads, r->chunks, potential_chunk, r);
        total = 0;
        for (int64_t i = 0; i < r->chunks; i++) total += sums[i] = r->part[i * KMEANS_CANDIDATES];
        int asked = c == 0 ? 1 : tries, best = 0;
        for (int t = 0; t < asked; t++) {
            int64_t row = draw(r, sums, total, rng_uniform(&random));
            candidate_from(r, row, candidates + (int64_t)t * r->d);
        }
        if (asked > 1) {
            r->candidate = candidates;
            r->candidates = asked;
            pool_for(r->threads, r->chunks, potential_chunk, r);
            double least = INFINITY;
            for (int t = 0; t < asked; t++) {
                double sum = 0;
                for (int64_t i = 0; i < r->chunks; i++) sum += r->part[i * KMEANS_CANDIDATES + t];
                if (sum < least) least = sum, best = t;
            }
        }
        if (c == 0)
            for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++) r->distance[i] = INFINITY;
        take_centre(r, c, candidates + (int64_t)best * r->d);
    }
}

/* ---- swaps ---- */

/* What a run was: to go back to when a swap was none. */
typedef struct memory_of {
    double *centre, *totals;
    int32_t *label;
} memory_of;

static void copy_run(kmeans_run *r, const memory_of *to, bool back) {
    struct {
        void *here, *there;
        size_t bytes;
    } parts[] = {{r->centre, to->centre, (size_t)r->k * (size_t)r->d * sizeof(double)},
                 {r->totals, to->totals, (size_t)r->k * (size_t)(r->d + 1) * sizeof(double)},
                 {r->label, to->label, (size_t)(r->groups * KMEANS_LANES) * sizeof(int32_t)}};
    for (int i = 0; i < 3; i++)
        memcpy(back ? parts[i].here : parts[i].there, back ? parts[i].there : parts[i].here,
               parts[i].bytes);
    if (back) r->bounded = false;
}

/* What giving up a centre would cost if its rows went to the nearest other one (Ward). */
static double cost_without(const kmeans_run *r, int c) {
    double least = INFINITY, mine = r->totals[(int64_t)c * (r->d + 1) + r->d];
    for (int o = 0; o < r->k; o++) {
        double other = r->totals[(int64_t)o * (r->d + 1) + r->d], sum = 0;
        if (o == c) continue;
        for (int j = 0; j < r->d; j++) {
            double gap = r->centre[(int64_t)c * r->d + j] - r->centre[(int64_t)o * r->d + j];
            sum += gap * gap;
        }
        double both = mine + other;
        least = fmin(least, both > 0 ? mine * other / both * sum : 0);
    }
    return least;
}

/* The centre that is missed least, after `skip` others that would be. */
static int needless(const kmeans_run *r, int skip, arena scratch) {
    double *cost = take(&scratch, double, r->k);
    int best = 0;
    for (int c = 0; c < r->k; c++) cost[c] = cost_without(r, c);
    for (int i = 0; i <= skip; i++) {
        best = 0;
        for (int c = 1; c < r->k; c++)
            if (cost[c] < cost[best]) best = c;
        if (i < skip) cost[best] = INFINITY;
    }
    return best;
}

static bool is_cheap(const kmeans_run *r) { return (double)r->n * r->k * r->d < CHEAP; }

/* Failures in a row after which the search ends. */
static int patience_of(const kmeans_run *r, int swaps) {
    double more = TINY / ((double)r->n * r->k * r->d);
    if (!is_cheap(r)) return (swaps + 1) / 2;
    return more > 4 ? 4 * swaps : more > 1 ? (int)(swaps * more) : swaps;
}

/* Iterates after a swap; true when the inertia, left in m, falls below `total`. Gives up when twice
 * the gain of the last steps would not do. */
static bool is_better(kmeans_run *r, double total, double tolerance, kmeans_model *m) {
    double before = INFINITY;
    bool cheap = is_cheap(r);
    for (int done = 0; done < TRIAL; done += STEP) { /* break: only how long at most */
        kmeans_run_lloyd(r, STEP, tolerance, m);
        if (m->converged) break;
        if (!cheap && m->inertia - total > 2 * (before - m->inertia)) break;
        before = m->inertia;
    }
    return m->inertia < total * (1 - 1e-9);
}

/* Moves one centre after the other to a row drawn with chances w D^2 and iterates; what is no
 * better is taken back. */
static void swap_centres(kmeans_run *r, kmeans_params p, double tolerance, kmeans_model *m,
                         arena scratch) {
    rng random = rng_open(p.seed, UINT64_C(1) << 32);
    int64_t numbers = (int64_t)r->k * (r->d + 1);
    memory_of best = {take(&scratch, double, (int64_t)r->k * r->d), take(&scratch, double, numbers),
                      take(&scratch, int32_t, r->groups * KMEANS_LANES)};
    double *sums = take(&scratch, double, r->chunks), total = kmeans_run_inertia(r);
    float *distance = take(&scratch, float, r->groups * KMEANS_LANES), *own = r->distance;
    int patience = patience_of(r, p.swaps);
    for (int failed = 0; failed < patience && total > 0; failed++) {
        if (failed == 0) {
            copy_run(r, &best, false);
            kmeans_run_inertia(r);
            memcpy(sums, r->part, (size_t)r->chunks * sizeof *sums);
            memcpy(distance, own, (size_t)(r->groups * KMEANS_LANES) * sizeof *own);
        }
        r->distance = distance;
        int64_t row = draw(r, sums, total, rng_uniform(&random));
        r->distance = own;
        int least = r->k < 4 ? r->k : 4;
        int c = failed % 2 ? (int)rng_below(&random, r->k)
                           : needless(r, failed / 2 % least, scratch);
        for (int j = 0; j < r->d; j++)
            r->centre[(int64_t)c * r->d + j] = (double)kmeans_run_at(r, row, j);
        if (is_better(r, total, tolerance, m)) {
            total = m->inertia;
            failed = -1;
        } else copy_run(r, &best, true);
    }
    m->inertia = total;
}

/* ---- the best of several ---- */

void kmeans_run_start(kmeans_run *r, kmeans_params p, double tolerance, arena scratch) {
    double least = INFINITY;
    size_t bytes = (size_t)r->k * (size_t)r->d * sizeof(double);
    double *best = take(&scratch, double, (int64_t)r->k * r->d);
    bool search = p.swaps > 0 && r->k > 1;
    r->distance = take(&scratch, float, r->groups * KMEANS_LANES);
    for (int s = 0; s < p.starts; s++) {
        kmeans_model m = {0};
        kmeans_run_reset(r);
        seed_centres(r, p.seed, 2 + (uint64_t)s, scratch);
        if (p.starts > 1 || search) kmeans_run_lloyd(r, p.max_iterations, tolerance, &m);
        if (s > 0 && !(m.inertia < least)) continue;
        least = m.inertia;
        memcpy(best, r->centre, bytes);
    }
    memcpy(r->centre, best, bytes);
    if (search) {
        kmeans_model m = {0};
        kmeans_run_reset(r);
        kmeans_run_lloyd(r, 1, tolerance, &m);
        swap_centres(r, p, tolerance, &m, scratch);
    }
    r->distance = NULL;
}
