/* kmeans: K-Means clustering by Lloyd's iteration from greedy k-means++ starts. */
#include "models/kmeans.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"

enum {
    BLOCK = 64,        /* groups whose rows are worked on while they are in the cache */
    LEAST = 256,       /* groups a chunk, at least */
    CHUNKS = 256,      /* chunks, at most */
    PARTS = 1 << 22,   /* numbers in all chunks' sums, at most */
    CANDIDATES = 16,   /* of greedy k-means++: 2 + floor(ln 4096) = 10 */
};

/* One run over packed rows. */
typedef struct run {
    const kmeans_data *data;
    int64_t n, groups, chunk, chunks; /* chunk: groups of one */
    int k, d, padded;
    bool spherical;
    double *origin;  /* [d] */
    float *x;        /* [groups][d][16], minus origin */
    int32_t *label;  /* [groups 16]; -1 before the first assignment */
    double *totals;  /* [k, d + 1] sums of w x and, last, of w */
    double *centre;  /* [k, d], around origin */
    float *narrow, *half; /* [padded, d], [padded]: the centres as the kernel reads them */
    double *mean;    /* [d] of one cluster */
    double *part;    /* [chunks, k (d + 1)] or [chunks, CANDIDATES] */
    double *worst;   /* [chunks]: distances of the farthest rows */
    int64_t *which;  /* [chunks]: those rows, or how many labels changed */
    float *distance; /* [groups 16] of k-means++ */
    const float *candidate; /* [candidates, d] */
    int candidates;
    bool bad; /* a value that is not finite */
    pool *threads;
    kmeans_nearest_kernel *nearest;
    kmeans_closer_kernel *closer;
} run;

static kmeans_nearest_kernel *const nearest_kernels[] = SIMD_TABLE(kmeans_nearest);
static kmeans_closer_kernel *const closer_kernels[] = SIMD_TABLE(kmeans_closer);

const char *kmeans_check(kmeans_params p, int64_t n, int d) {
    if (p.k < 1 || p.k > 4096) return "k must be 1 to 4096";
    if (d < 1 || d > 4096) return "rows must have 1 to 4096 columns";
    if (n < p.k) return "there are fewer rows than clusters";
    if (p.starts < 1 || p.starts > 1000) return "starts must be 1 to 1000";
    if (p.max_iterations < 1) return "max_iterations must be at least 1";
    if (!(p.tolerance >= 0)) return "tolerance must not be negative";
    if (p.sample < p.k) return "the sample must have at least as many rows as clusters";
    return NULL;
}

static int64_t chunk_of(int64_t groups, int k, int d) {
    int64_t chunk = (groups + CHUNKS - 1) / CHUNKS, numbers = (int64_t)k * (d + 1);
    int64_t most = PARTS / numbers > 0 ? PARTS / numbers : 1;
    if (chunk < (groups + most - 1) / most) chunk = (groups + most - 1) / most;
    return chunk < LEAST ? LEAST : chunk;
}

size_t kmeans_memory(int64_t n, int d, int k) {
    size_t row = (size_t)d * 8 + 24, part = (size_t)k * (size_t)(d + 1) * 8;
    return (size_t)n * row * 2 + 4 * ((size_t)PARTS * 8 + CHUNKS * 1024) + part * 16 + (16u << 20);
}

static double weight_of(const run *r, int64_t row) {
    return r->data->weight ? r->data->weight[row] : 1;
}

/* ---- packing ---- */

static int64_t first_row(const run *r, int64_t chunk) { return chunk * r->chunk * KMEANS_LANES; }

static int64_t last_row(const run *r, int64_t chunk) {
    int64_t last = (chunk + 1) * r->chunk * KMEANS_LANES;
    return last < r->n ? last : r->n;
}

static void moments_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    run *r = what;
    double *sum = r->part + chunk * 2 * r->d, *squares = sum + r->d;
    memset(sum, 0, (size_t)r->d * 2 * sizeof *sum);
    for (int64_t i = first_row(r, chunk); i < last_row(r, chunk); i++)
        for (int j = 0; j < r->d; j++) {
            double v = r->data->x[i * r->d + j];
            sum[j] += v;
            squares[j] += v * v;
        }
}

/* Column means into origin; returns the mean variance of the columns, NaN for bad values. */
static double moments(run *r) {
    pool_for(r->threads, r->chunks, moments_chunk, r);
    double spread = 0;
    for (int j = 0; j < r->d; j++) {
        double sum = 0, squares = 0;
        for (int64_t c = 0; c < r->chunks; c++) {
            sum += r->part[c * 2 * r->d + j];
            squares += r->part[c * 2 * r->d + r->d + j];
        }
        r->origin[j] = sum / (double)r->n;
        double variance = squares / (double)r->n - r->origin[j] * r->origin[j];
        spread += variance > 0 ? variance : variance <= 0 ? 0 : variance - variance;
    }
    return spread / r->d;
}

static void pack_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    run *r = what;
    for (int64_t i = first_row(r, chunk); i < last_row(r, chunk); i++) {
        float *to = r->x + i / KMEANS_LANES * r->d * KMEANS_LANES + i % KMEANS_LANES;
        const float *from = r->data->x + i * r->d;
        for (int j = 0; j < r->d; j++)
            to[j * KMEANS_LANES] = (float)((double)from[j] - r->origin[j]);
    }
}

/* Sets a run up and packs its rows around origin (found here when NULL); *spread as moments. */
static run run_open(const kmeans_data *data, int k, const double *origin, pool *threads,
                    arena *memory, double *spread) {
    run r = {.data = data, .n = data->n, .k = k, .d = data->d, .threads = threads};
    r.groups = (r.n + KMEANS_LANES - 1) / KMEANS_LANES;
    r.padded = (k + 3) / 4 * 4;
    r.chunk = chunk_of(r.groups, k, r.d);
    r.chunks = (r.groups + r.chunk - 1) / r.chunk;
    r.nearest = nearest_kernels[simd_level()];
    r.closer = closer_kernels[simd_level()];
    int64_t numbers = (int64_t)k * (r.d + 1);
    r.part = take(memory, double, r.chunks * (numbers > 2 * r.d ? numbers + CANDIDATES
                                                                : 2 * r.d + CANDIDATES));
    r.origin = take(memory, double, r.d);
    r.x = take(memory, float, r.groups * r.d * KMEANS_LANES);
    r.label = take(memory, int32_t, r.groups * KMEANS_LANES);
    r.totals = take(memory, double, numbers);
    r.centre = take(memory, double, (int64_t)k * r.d);
    r.mean = take(memory, double, r.d);
    r.narrow = take(memory, float, (int64_t)r.padded * r.d);
    r.half = take(memory, float, r.padded);
    r.worst = take(memory, double, r.chunks);
    r.which = take(memory, int64_t, r.chunks);
    double found = 0;
    if (origin) memcpy(r.origin, origin, (size_t)r.d * sizeof *origin);
    else found = moments(&r);
    if (spread) *spread = found;
    pool_for(threads, r.chunks, pack_chunk, &r);
    return r;
}

static float at(const run *r, int64_t row, int j) {
    return r->x[(row / KMEANS_LANES * r->d + j) * KMEANS_LANES + row % KMEANS_LANES];
}

/* ---- starts ---- */

/* Potentials of all candidates on one chunk, or (candidates 0) of `distance` as it is. */
static void potential_chunk(void *what, int64_t chunk, arena scratch) {
    const run *r = what;
    double *sum = r->part + chunk * CANDIDATES;
    float *nearer = take(&scratch, float, BLOCK * KMEANS_LANES);
    memset(sum, 0, CANDIDATES * sizeof *sum);
    int64_t end = (chunk + 1) * r->chunk < r->groups ? (chunk + 1) * r->chunk : r->groups;
    int times = r->candidates > 0 ? r->candidates : 1;
    for (int64_t g = chunk * r->chunk; g < end; g += BLOCK) {
        int64_t count = g + BLOCK < end ? BLOCK : end - g, row = g * KMEANS_LANES;
        int64_t rows = row + count * KMEANS_LANES < r->n ? count * KMEANS_LANES : r->n - row;
        for (int c = 0; c < times; c++) {
            const float *near = r->distance + row;
            if (r->candidates > 0) {
                r->closer(r->x + g * r->d * KMEANS_LANES, count, r->d,
                          r->candidate + (int64_t)c * r->d, near, nearer);
                near = nearer;
            }
            for (int64_t i = 0; i < rows; i++) sum[c] += weight_of(r, row + i) * (double)near[i];
        }
    }
}

/* Moves `distance` to the first candidate. */
static void settle_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const run *r = what;
    int64_t first = chunk * r->chunk;
    int64_t end = first + r->chunk < r->groups ? first + r->chunk : r->groups;
    float *near = r->distance + first * KMEANS_LANES;
    r->closer(r->x + first * r->d * KMEANS_LANES, end - first, r->d, r->candidate, near, near);
}

/* The row at which the running sum of weight x distance passes u times its total. */
static int64_t draw(const run *r, const double *sums, double total, double u) {
    double left = u * total;
    int64_t chunk = 0, last = -1;
    for (; chunk + 1 < r->chunks && left >= sums[chunk]; chunk++) left -= sums[chunk];
    for (int64_t i = first_row(r, chunk); i < last_row(r, chunk); i++) {
        double mass = weight_of(r, i) * (double)r->distance[i];
        if (!(mass > 0)) continue;
        last = i;
        if (left < mass) break;
        left -= mass;
    }
    return last >= 0 ? last : first_row(r, chunk);
}

static void candidate_from(const run *r, int64_t row, float *to) {
    for (int j = 0; j < r->d; j++) to[j] = at(r, row, j);
}

static void take_centre(run *r, int c, const float *from) {
    r->candidate = from;
    pool_for(r->threads, r->chunks, settle_chunk, r);
    for (int j = 0; j < r->d; j++) r->centre[(int64_t)c * r->d + j] = from[j];
}

/* Greedy k-means++ into centre. */
static void seed_centres(run *r, uint64_t seed, uint64_t stream, arena scratch) {
    rng random = rng_open(seed, stream);
    int tries = 2 + (int)log(r->k);
    float *candidates = take(&scratch, float, (int64_t)tries * r->d);
    double *sums = take(&scratch, double, r->chunks), total = 0;
    r->distance = take(&scratch, float, r->groups * KMEANS_LANES);
    for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++) r->distance[i] = 1;
    for (int c = 0; c < r->k; c++) {
        r->candidates = 0;
        pool_for(r->threads, r->chunks, potential_chunk, r);
        total = 0;
        for (int64_t i = 0; i < r->chunks; i++) total += sums[i] = r->part[i * CANDIDATES];
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
                for (int64_t i = 0; i < r->chunks; i++) sum += r->part[i * CANDIDATES + t];
                if (sum < least) least = sum, best = t;
            }
        }
        if (c == 0)
            for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++) r->distance[i] = INFINITY;
        take_centre(r, c, candidates + (int64_t)best * r->d);
    }
}

/* ---- Lloyd ---- */

static void narrow(run *r) {
    for (int c = 0; c < r->padded; c++) {
        float square = 0;
        for (int j = 0; j < r->d && c < r->k; j++) {
            float v = (float)r->centre[(int64_t)c * r->d + j];
            r->narrow[(int64_t)c * r->d + j] = v;
            square += v * v;
        }
        r->half[c] = c < r->k ? square / 2 : INFINITY;
    }
}

static void move(const run *r, double *sums, int64_t row, int32_t from, int32_t to) {
    double w = weight_of(r, row);
    double *less = from >= 0 ? sums + (int64_t)from * (r->d + 1) : NULL;
    double *more = sums + (int64_t)to * (r->d + 1);
    for (int j = 0; j < r->d; j++) {
        double v = w * (double)at(r, row, j);
        more[j] += v;
        if (less) less[j] -= v;
    }
    more[r->d] += w;
    if (less) less[r->d] -= w;
}

/* Assigns one chunk; its part holds what the rows that changed take along. */
static void assign_chunk(void *what, int64_t chunk, arena scratch) {
    run *r = what;
    int32_t *now = take(&scratch, int32_t, BLOCK * KMEANS_LANES);
    double *sums = r->part + chunk * r->k * (r->d + 1);
    int64_t end = (chunk + 1) * r->chunk < r->groups ? (chunk + 1) * r->chunk : r->groups;
    int64_t changed = 0;
    memset(sums, 0, (size_t)r->k * (size_t)(r->d + 1) * sizeof *sums);
    for (int64_t g = chunk * r->chunk; g < end; g += BLOCK) {
        int64_t count = g + BLOCK < end ? BLOCK : end - g, row = g * KMEANS_LANES;
        int64_t rows = row + count * KMEANS_LANES < r->n ? count * KMEANS_LANES : r->n - row;
        r->nearest(r->x + g * r->d * KMEANS_LANES, count, r->d, r->padded, r->narrow, r->half, now);
        for (int64_t i = 0; i < rows; i++) {
            if (now[i] == r->label[row + i]) continue;
            move(r, sums, row + i, r->label[row + i], now[i]);
            r->label[row + i] = now[i];
            changed++;
        }
    }
    r->which[chunk] = changed;
}

/* Assigns all rows and brings totals up to date; true when a label changed. */
static bool assign(run *r) {
    narrow(r);
    pool_for(r->threads, r->chunks, assign_chunk, r);
    bool changed = false;
    int64_t numbers = (int64_t)r->k * (r->d + 1);
    for (int64_t c = 0; c < r->chunks; c++) {
        if (r->which[c] == 0) continue;
        changed = true;
        for (int64_t i = 0; i < numbers; i++) r->totals[i] += r->part[c * numbers + i];
    }
    return changed;
}

static double squared(const run *r, int64_t row) {
    const double *c = r->centre + (int64_t)r->label[row] * r->d;
    double sum = 0;
    for (int j = 0; j < r->d; j++) {
        double gap = (double)at(r, row, j) - c[j];
        sum += gap * gap;
    }
    return sum;
}

static void distance_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    run *r = what;
    double sum = 0;
    r->worst[chunk] = -1;
    for (int64_t i = first_row(r, chunk); i < last_row(r, chunk); i++) {
        double one = squared(r, i), w = weight_of(r, i);
        sum += w * one;
        if (w > 0 && one > r->worst[chunk]) r->worst[chunk] = one, r->which[chunk] = i;
    }
    r->part[chunk] = sum;
}

static double inertia(run *r) {
    double sum = 0;
    pool_for(r->threads, r->chunks, distance_chunk, r);
    for (int64_t c = 0; c < r->chunks; c++) sum += r->part[c];
    return sum;
}

/* Gives an empty cluster the row farthest from its centre; false when all rows sit on theirs. */
static bool fill_empty(run *r, int c) {
    inertia(r);
    int64_t best = 0;
    for (int64_t i = 1; i < r->chunks; i++)
        if (r->worst[i] > r->worst[best]) best = i;
    if (!(r->worst[best] > 0)) return false;
    int64_t row = r->which[best];
    move(r, r->totals, row, r->label[row], c);
    r->label[row] = c;
    for (int j = 0; j < r->d; j++) r->centre[(int64_t)c * r->d + j] = at(r, row, j);
    return true;
}

/* Draws a centre out to length 1 around 0, which is not the origin of the run. */
static void draw_out(const run *r, double *centre) {
    double square = 0;
    for (int j = 0; j < r->d; j++) {
        double v = centre[j] + r->origin[j];
        square += v * v;
    }
    for (int j = 0; j < r->d && square > 0; j++)
        centre[j] = (centre[j] + r->origin[j]) / sqrt(square) - r->origin[j];
}

/* Centres to the means of their rows (on the sphere); returns the sum of squared shifts. */
static double update(run *r) {
    double shift = 0, nothing = 0, *mean = r->mean;
    for (int c = 0; c < r->k; c++) nothing += r->totals[(int64_t)c * (r->d + 1) + r->d];
    nothing *= 1e-12; /* masses are sums of differences: an empty cluster's is 0 up to rounding */
    for (int c = 0; c < r->k; c++)
        if (r->totals[(int64_t)c * (r->d + 1) + r->d] <= nothing) fill_empty(r, c);
    for (int c = 0; c < r->k; c++) {
        const double *total = r->totals + (int64_t)c * (r->d + 1);
        if (total[r->d] <= nothing) continue;
        for (int j = 0; j < r->d; j++) mean[j] = total[j] / total[r->d];
        if (r->spherical) draw_out(r, mean);
        for (int j = 0; j < r->d; j++) {
            double *to = r->centre + (int64_t)c * r->d + j;
            shift += (mean[j] - *to) * (mean[j] - *to);
            *to = mean[j];
        }
    }
    return shift;
}

/* From the given centres to convergence. */
static void lloyd(run *r, kmeans_params p, double tolerance, kmeans_model *m) {
    memset(r->totals, 0, (size_t)r->k * (size_t)(r->d + 1) * sizeof(double));
    for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++) r->label[i] = -1;
    m->iterations = 0;
    m->converged = false;
    while (m->iterations < p.max_iterations) {
        bool changed = assign(r);
        m->iterations++;
        if (!changed) {
            m->converged = true;
            break;
        }
        if (update(r) <= tolerance) {
            m->converged = true;
            assign(r);
            break;
        }
        if (m->iterations == p.max_iterations) assign(r);
    }
    m->inertia = inertia(r);
}

/* The best of several starts -> centre of r. */
static void best_start(run *r, kmeans_params p, double tolerance, double *best, arena scratch) {
    double least = INFINITY;
    size_t bytes = (size_t)r->k * (size_t)r->d * sizeof *best;
    for (int s = 0; s < p.starts; s++) {
        kmeans_model m = {0};
        seed_centres(r, p.seed, 2 + (uint64_t)s, scratch);
        if (p.starts > 1) lloyd(r, p, tolerance, &m);
        if (s > 0 && !(m.inertia < least)) continue;
        least = m.inertia;
        memcpy(best, r->centre, bytes);
    }
    memcpy(r->centre, best, bytes);
}

/* About `sample` rows, one from each of as many equal stretches. */
static kmeans_data sample_of(const kmeans_data *data, kmeans_params p, arena *memory) {
    rng random = rng_open(p.seed, 1);
    kmeans_data some = {.n = p.sample, .d = data->d};
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

bool kmeans_fit(kmeans_model *m, const kmeans_data *data, kmeans_params p, pool *threads,
                arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = kmeans_check(p, data->n, data->d);
    if (why) return refuse(e, "k-means: %s", why);
    double spread;
    int64_t numbers = (int64_t)p.k * data->d;
    *m = (kmeans_model){.k = p.k, .d = data->d};
    run r = run_open(data, p.k, NULL, threads, &scratch, &spread);
    r.spherical = p.spherical;
    if (!isfinite(spread)) return refuse(e, "k-means: a value is no finite number");
    m->origin = take_copy(keep, double, r.origin, r.d);
    m->centres = take(keep, double, numbers);
    m->mass = take(keep, double, p.k);
    m->label = take(keep, int32_t, data->n);
    double tolerance = p.tolerance * spread;
    if (p.centres) {
        for (int64_t i = 0; i < numbers; i++) r.centre[i] = p.centres[i] - r.origin[i % r.d];
    } else if (data->n > p.sample) {
        arena memory = scratch;
        kmeans_data some = sample_of(data, p, &memory);
        run small = run_open(&some, p.k, r.origin, threads, &memory, NULL);
        small.spherical = p.spherical;
        best_start(&small, p, tolerance, m->centres, memory);
        memcpy(r.centre, small.centre, (size_t)numbers * sizeof(double));
    } else best_start(&r, p, tolerance, m->centres, scratch);
    lloyd(&r, p, tolerance, m);
    for (int64_t i = 0; i < numbers; i++) m->centres[i] = r.centre[i] + r.origin[i % r.d];
    for (int64_t i = 0; i < data->n; i++) m->mass[r.label[i]] += weight_of(&r, i);
    memcpy(m->label, r.label, (size_t)data->n * sizeof *m->label);
    return true;
}

double kmeans_assign(const kmeans_model *m, const kmeans_data *data, pool *threads, int32_t *label,
                     arena scratch) {
    assert(data->d == m->d);
    if (data->n == 0) return 0;
    run r = run_open(data, m->k, m->origin, threads, &scratch, NULL);
    int64_t numbers = (int64_t)m->k * m->d;
    for (int64_t i = 0; i < numbers; i++) r.centre[i] = m->centres[i] - r.origin[i % r.d];
    for (int64_t i = 0; i < r.groups * KMEANS_LANES; i++) r.label[i] = -1;
    assign(&r);
    memcpy(label, r.label, (size_t)data->n * sizeof *label);
    return inertia(&r);
}
