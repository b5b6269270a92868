/* kmeans_run: one run of K-Means over packed rows: packing, assignment, means, convergence. */
#include "models/kmeans_run.h"

#include <math.h>
#include <string.h>

enum {
    LEAST = 256,     /* groups a chunk, at least */
    CHUNKS = 256,    /* chunks, at most */
    PARTS = 1 << 22, /* numbers in all chunks' sums, at most */
    BOUNDED = 256,   /* clusters with which bounds are kept, at most */
    WORTH = 256,     /* numbers in the centres, from which on a row costs more than its bound */
    STILL = 64,      /* bounds begin when fewer than one row in so many changes its cluster … */
    STILLER = 8,     /* … and in so many times more, each time that they did not pay */
};

static kmeans_nearest_kernel *const nearest_kernels[] = SIMD_TABLE(kmeans_nearest);
static kmeans_closer_kernel *const closer_kernels[] = SIMD_TABLE(kmeans_closer);
static kmeans_bound_kernel *const bound_kernels[] = SIMD_TABLE(kmeans_bound);
static kmeans_own_kernel *const own_kernels[] = SIMD_TABLE(kmeans_own);

static int64_t chunk_of(int64_t groups, int k, int d) {
    int64_t chunk = (groups + CHUNKS - 1) / CHUNKS, numbers = (int64_t)k * (d + 1);
    int64_t most = PARTS / numbers > 0 ? PARTS / numbers : 1;
    if (chunk < (groups + most - 1) / most) chunk = (groups + most - 1) / most;
    return chunk < LEAST ? LEAST : chunk;
}

size_t kmeans_memory(int64_t n, int d, int k) {
    size_t row = (size_t)d * 8 + 32, part = (size_t)k * (size_t)(d + 1) * 8;
    return (size_t)n * row * 2 + 4 * ((size_t)PARTS * 8 + CHUNKS * 1024) + part * 16 + (16u << 20);
}

/* ---- packing ---- */

static void moments_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    kmeans_run *r = what;
    double *sum = r->part + chunk * 2 * r->d, *squares = sum + r->d;
    memset(sum, 0, (size_t)r->d * 2 * sizeof *sum);
    for (int64_t i = kmeans_run_first(r, chunk); i < kmeans_run_last(r, chunk); i++)
        for (int j = 0; j < r->d; j++) {
            double v = r->data->x[i * r->d + j];
            sum[j] += v;
            squares[j] += v * v;
        }
}

/* Column means into origin; returns the mean variance of the columns, NaN for bad values. */
static double moments(kmeans_run *r) {
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
    kmeans_run *r = what;
    double most = 0;
    for (int64_t i = kmeans_run_first(r, chunk); i < kmeans_run_last(r, chunk); i++) {
        double square = 0;
        float *to = r->x + i / KMEANS_LANES * r->d * KMEANS_LANES + i % KMEANS_LANES;
        const float *from = r->data->x + i * r->d;
        for (int j = 0; j < r->d; j++) {
            double v = (double)from[j] - r->origin[j];
            to[j * KMEANS_LANES] = (float)v;
            square += v * v;
        }
        most = square > most ? square : most;
    }
    r->worst[chunk] = most;
}

kmeans_run kmeans_run_open(const kmeans_data *data, int k, const double *origin, pool *threads,
                           arena *memory, double *spread) {
    kmeans_run r = {.data = data, .n = data->n, .k = k, .d = data->d, .threads = threads};
    r.groups = (r.n + KMEANS_LANES - 1) / KMEANS_LANES;
    r.padded = (k + 3) / 4 * 4;
    r.chunk = chunk_of(r.groups, k, r.d);
    r.chunks = (r.groups + r.chunk - 1) / r.chunk;
    r.nearest = nearest_kernels[simd_level()];
    r.closer = closer_kernels[simd_level()];
    r.bound = bound_kernels[simd_level()];
    r.own = own_kernels[simd_level()];
    int64_t numbers = (int64_t)k * (r.d + 1);
    r.part = take(memory, double, r.chunks * (numbers > 2 * r.d ? numbers + KMEANS_CANDIDATES
                                                                : 2 * r.d + KMEANS_CANDIDATES));
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
    r.renewed = take(memory, int64_t, r.chunks);
    r.expire = take(memory, float, r.groups * KMEANS_LANES);
    r.decay = take(memory, double, k);
    r.moved = take(memory, double, k);
    r.before = take(memory, float, (int64_t)r.padded * r.d);
    r.narrow_decay = take(memory, float, r.padded);
    double found = 0;
    if (origin) memcpy(r.origin, origin, (size_t)r.d * sizeof *origin);
    else found = moments(&r);
    if (spread) *spread = found;
    pool_for(threads, r.chunks, pack_chunk, &r);
    for (int64_t c = 0; c < r.chunks; c++) r.reach = fmax(r.reach, sqrt(r.worst[c]));
    kmeans_run_reset(&r);
    return r;
}

/* ---- Lloyd ---- */

/* What the moves of the centres, from `before` [k, d] to narrow, take off the bounds. */
static void decay(kmeans_run *r, const float *before) {
    double *moved = r->moved, first = 0, second = 0, reach = 0, apart = INFINITY;
    for (int c = 0; c < r->k; c++) {
        double sum = 0, length = 0;
        for (int j = 0; j < r->d; j++) {
            double now = (double)r->narrow[(int64_t)c * r->d + j];
            double gap = now - (double)before[(int64_t)c * r->d + j];
            sum += gap * gap;
            length += now * now;
        }
        moved[c] = sqrt(sum);
        reach = fmax(reach, sqrt(length));
        if (moved[c] > first) second = first, first = moved[c];
        else if (moved[c] > second) second = moved[c];
    }
    double most = 0;
    for (int c = 0; c < r->k; c++) {
        r->decay[c] += moved[c] + (moved[c] == first ? second : first);
        most = fmax(most, r->decay[c]);
        r->narrow_decay[c] = nextafterf((float)r->decay[c], INFINITY);
    }
    for (int a = 0; a < r->k; a++)
        for (int b = 0; b < a; b++) {
            double sum = 0;
            for (int j = 0; j < r->d; j++) {
                double gap = (double)r->narrow[(int64_t)a * r->d + j] -
                             (double)r->narrow[(int64_t)b * r->d + j];
                sum += gap * gap;
            }
            apart = fmin(apart, sqrt(sum));
        }
    /* A score |c|^2 / 2 - x c of d + 1 float terms is off by at most so much; two of them compare
     * rightly when the squared distances differ by four times that, and the distances by that over
     * their sum, which is at least the distance of the centres. */
    double unit = (r->d + 3) * 6e-8, off = unit * reach * (r->reach + reach / 2);
    r->wobble = (float)(8 * unit * (r->reach + reach) * (r->reach + reach));
    r->margin = (float)(1.001 * (4 * off / apart + 4e-7 * (most + r->reach + reach)));
}

/* The centres as the kernels read them; bounds lose what the centres moved. */
static void narrow(kmeans_run *r) {
    if (r->bounded) memcpy(r->before, r->narrow, (size_t)r->padded * (size_t)r->d * sizeof(float));
    for (int c = 0; c < r->padded; c++) {
        float square = 0;
        for (int j = 0; j < r->d && c < r->k; j++) {
            float v = (float)r->centre[(int64_t)c * r->d + j];
            r->narrow[(int64_t)c * r->d + j] = v;
            square += v * v;
        }
        r->half[c] = c < r->k ? square / 2 : INFINITY;
    }
    if (r->bounded) decay(r, r->before);
}

/* Bounds are given up while two groups of five are read all the same: each costs twice as much. */
static void weigh_bounds(kmeans_run *r) {
    int64_t renewed = 0;
    for (int64_t c = 0; c < r->chunks; c++) renewed += r->renewed[c];
    if (!r->fresh && renewed * 5 > r->groups * 2) {
        r->bounded = false;
        r->still *= STILLER;
    }
    r->fresh = false;
}

/* From now on bounds are kept: none holds yet. */
static void begin_bounds(kmeans_run *r) {
    r->bounded = r->fresh = true;
    memset(r->decay, 0, (size_t)r->k * sizeof *r->decay);
    for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++)
        r->expire[i] = i < r->n ? -INFINITY : INFINITY;
}

static void move(const kmeans_run *r, double *sums, int64_t row, int32_t from, int32_t to) {
    double w = kmeans_run_weight(r, row);
    double *less = from >= 0 ? sums + (int64_t)from * (r->d + 1) : NULL;
    double *more = sums + (int64_t)to * (r->d + 1);
    for (int j = 0; j < r->d; j++) {
        double v = w * (double)kmeans_run_at(r, row, j);
        more[j] += v;
        if (less) less[j] -= v;
    }
    more[r->d] += w;
    if (less) less[r->d] -= w;
}

/* Takes over the labels `now` of rows from `row` on; returns how many are new. */
static int64_t take_over(kmeans_run *r, double *sums, const int32_t *now, int64_t row,
                         int64_t rows) {
    int64_t changed = 0;
    for (int64_t i = 0; i < rows; i++) {
        if (now[i] == r->label[row + i]) continue;
        move(r, sums, row + i, r->label[row + i], now[i]);
        r->label[row + i] = now[i];
        changed++;
    }
    return changed;
}

/* Assigns one chunk; its part holds what the rows that changed take along. */
static void assign_chunk(void *what, int64_t chunk, arena scratch) {
    kmeans_run *r = what;
    int32_t *now = take_raw(&scratch, int32_t, KMEANS_BLOCK * KMEANS_LANES);
    uint8_t *touched = take_raw(&scratch, uint8_t, KMEANS_BLOCK);
    double *sums = r->part + chunk * r->k * (r->d + 1);
    int64_t end = (chunk + 1) * r->chunk < r->groups ? (chunk + 1) * r->chunk : r->groups;
    int64_t changed = 0, renewed = 0;
    kmeans_bounds b = {r->narrow_decay, r->margin, r->wobble};
    memset(sums, 0, (size_t)r->k * (size_t)(r->d + 1) * sizeof *sums);
    for (int64_t g = chunk * r->chunk; g < end; g += KMEANS_BLOCK) {
        int64_t count = g + KMEANS_BLOCK < end ? KMEANS_BLOCK : end - g, row = g * KMEANS_LANES;
        const float *x = r->x + g * r->d * KMEANS_LANES;
        int64_t rows = row + count * KMEANS_LANES < r->n ? count * KMEANS_LANES : r->n - row;
        if (!r->bounded) {
            r->nearest(x, count, r->d, r->padded, r->narrow, r->half, now);
            changed += take_over(r, sums, now, row, rows);
            continue;
        }
        memcpy(now, r->label + row, (size_t)(count * KMEANS_LANES) * sizeof *now);
        r->bound(x, count, r->d, r->padded, r->narrow, r->half, &b, now, r->expire + row, touched);
        for (int64_t i = 0; i < count; i++) {
            int64_t at = i * KMEANS_LANES, left = rows - at;
            renewed += touched[i];
            if (touched[i])
                changed += take_over(r, sums, now + at, row + at,
                                     left < KMEANS_LANES ? left : KMEANS_LANES);
        }
    }
    r->which[chunk] = changed;
    r->renewed[chunk] = renewed;
}

int64_t kmeans_run_assign(kmeans_run *r) {
    narrow(r);
    pool_for(r->threads, r->chunks, assign_chunk, r);
    int64_t changed = 0, numbers = (int64_t)r->k * (r->d + 1);
    for (int64_t c = 0; c < r->chunks; c++) {
        if (r->which[c] == 0) continue;
        changed += r->which[c];
        for (int64_t i = 0; i < numbers; i++) r->totals[i] += r->part[c * numbers + i];
    }
    if (r->bounded) weigh_bounds(r);
    return changed;
}

static void distance_chunk(void *what, int64_t chunk, arena scratch) {
    kmeans_run *r = what;
    double sum = 0, *square = take_raw(&scratch, double, KMEANS_BLOCK * KMEANS_LANES);
    int64_t end = (chunk + 1) * r->chunk < r->groups ? (chunk + 1) * r->chunk : r->groups;
    r->worst[chunk] = -1;
    for (int64_t g = chunk * r->chunk; g < end; g += KMEANS_BLOCK) {
        int64_t count = g + KMEANS_BLOCK < end ? KMEANS_BLOCK : end - g, row = g * KMEANS_LANES;
        int64_t rows = row + count * KMEANS_LANES < r->n ? count * KMEANS_LANES : r->n - row;
        r->own(r->x + g * r->d * KMEANS_LANES, count, r->d, r->centre, r->label + row, square);
        for (int64_t i = 0; i < rows; i++) {
            double w = kmeans_run_weight(r, row + i);
            sum += w * square[i];
            if (r->distance) r->distance[row + i] = (float)square[i];
            if (w > 0 && square[i] > r->worst[chunk])
                r->worst[chunk] = square[i], r->which[chunk] = row + i;
        }
    }
    r->part[chunk] = sum;
}

double kmeans_run_inertia(kmeans_run *r) {
    double sum = 0;
    pool_for(r->threads, r->chunks, distance_chunk, r);
    for (int64_t c = 0; c < r->chunks; c++) sum += r->part[c];
    return sum;
}

/* Gives an empty cluster the row farthest from its centre; false when all rows sit on theirs. */
static bool fill_empty(kmeans_run *r, int c) {
    kmeans_run_inertia(r);
    int64_t best = 0;
    for (int64_t i = 1; i < r->chunks; i++)
        if (r->worst[i] > r->worst[best]) best = i;
    if (!(r->worst[best] > 0)) return false;
    int64_t row = r->which[best];
    move(r, r->totals, row, r->label[row], c);
    r->label[row] = c;
    r->expire[row] = -INFINITY;
    for (int j = 0; j < r->d; j++) r->centre[(int64_t)c * r->d + j] = kmeans_run_at(r, row, j);
    return true;
}

/* Draws a centre out to length 1 around 0, which is not the origin of the run. */
static void draw_out(const kmeans_run *r, double *centre) {
    double square = 0;
    for (int j = 0; j < r->d; j++) {
        double v = centre[j] + r->origin[j];
        square += v * v;
    }
    for (int j = 0; j < r->d && square > 0; j++)
        centre[j] = (centre[j] + r->origin[j]) / sqrt(square) - r->origin[j];
}

/* Centres to the means of their rows (on the sphere); returns the sum of squared shifts. */
static double update(kmeans_run *r) {
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

void kmeans_run_reset(kmeans_run *r) {
    memset(r->totals, 0, (size_t)r->k * (size_t)(r->d + 1) * sizeof(double));
    for (int64_t i = 0; i < r->groups * KMEANS_LANES; i++) r->label[i] = i < r->n ? -1 : 0;
    r->bounded = false;
    r->still = STILL;
}

void kmeans_run_lloyd(kmeans_run *r, int iterations, double tolerance, kmeans_model *m) {
    bool fit = !r->plain && r->k > 1 && r->k <= BOUNDED && r->k * r->d >= WORTH;
    m->iterations = 0;
    m->converged = false;
    while (m->iterations < iterations) {
        int64_t changed = kmeans_run_assign(r);
        m->iterations++;
        if (changed == 0 && m->iterations > 1) { /* at first the centres may not be the means */
            m->converged = true;
            break;
        }
        if (update(r) <= tolerance) {
            m->converged = true;
            kmeans_run_assign(r);
            break;
        }
        if (fit && !r->bounded && changed < r->n / r->still) begin_bounds(r);
        if (m->iterations == iterations) kmeans_run_assign(r);
    }
    m->inertia = kmeans_run_inertia(r);
}
