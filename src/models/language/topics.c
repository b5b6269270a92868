/* topics: groups of texts that speak of the same thing, by spherical K-Means on their vectors. */
#include "models/language/topics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/order.h"
#include "models/kmeans.h"
#include "models/language/tall.h"

const char *topics_check(topics_params p) {
    if (p.k < 2 || p.k > 1000) return "the number of topics must be 2 to 1000";
    if (p.dims < 2 || p.dims > 1024) return "dims must be 2 to 1024";
    if (p.starts < 1 || p.starts > 100) return "starts must be 1 to 100";
    if (!(p.merge > 0 && p.merge <= 1)) return "merge must be above 0 and at most 1";
    return NULL;
}

size_t topics_memory(int64_t n, int wide, topics_params p) {
    size_t square = (size_t)wide * (size_t)wide;
    size_t rows = (size_t)n * (size_t)(p.dims + 16) * 4;
    return rows * 2 + kmeans_memory(n, p.dims, p.k) * 2 + square * 200 + (64u << 20);
}

/* ---- the space in which texts are compared ---- */

/* One pass over rows that have a vector: sums of x, of z and of x z, in double. */
typedef struct moments {
    const topics_data *d;
    double *part; /* [blocks, 2 wide + 3]: sum x, sum x z, rows, rows with z, sum z */
} moments;

static bool has_vector(const float *x, int wide) {
    for (int j = 0; j < wide; j++)
        if (x[j] != 0) return true;
    return false;
}

static void moments_block(void *what, int64_t block, arena scratch) {
    (void)scratch;
    const moments *m = what;
    int wide = m->d->wide;
    double *x_sum = m->part + block * (2 * wide + 3), *xz = x_sum + wide, *rest = xz + wide;
    int64_t end = (block + 1) * TALL_BLOCK < m->d->n ? (block + 1) * TALL_BLOCK : m->d->n;
    for (int64_t i = block * TALL_BLOCK; i < end; i++) {
        const float *x = m->d->vectors + i * wide;
        if (!has_vector(x, wide)) continue;
        rest[0]++;
        for (int j = 0; j < wide; j++) x_sum[j] += (double)x[j];
        double z = m->d->aside ? m->d->aside[i] : NAN;
        if (!isfinite(z)) continue;
        rest[1]++;
        rest[2] += z;
        for (int j = 0; j < wide; j++) xz[j] += z * (double)x[j];
    }
}

/* mean [wide]; along [wide] = sum of x z, of rows with z; rest = rows, rows with z, sum z. */
static void moments_of(const topics_data *d, pool *threads, double *mean, double *along,
                       double *rest, arena scratch) {
    int64_t blocks = (d->n + TALL_BLOCK - 1) / TALL_BLOCK;
    int wide = d->wide, width = 2 * wide + 3;
    moments m = {d, take(&scratch, double, blocks * width)};
    pool_for(threads, blocks, moments_block, &m);
    for (int64_t b = 0; b < blocks; b++) {
        const double *part = m.part + b * width;
        for (int j = 0; j < wide; j++) mean[j] += part[j], along[j] += part[wide + j];
        for (int j = 0; j < 3; j++) rest[j] += part[2 * wide + j];
    }
    for (int j = 0; j < wide; j++) mean[j] /= rest[0];
}

/* b = C^-1 d, and C less what goes along with d; returns b . d, 0 when there is nothing. */
static double put_aside(double *c, const double *along, int wide, double *b, arena scratch) {
    double *a = take_copy(&scratch, double, c, (int64_t)wide * wide), trace = 0, inner = 0;
    for (int j = 0; j < wide; j++) trace += c[(int64_t)j * wide + j];
    /* 1e-4 of the mean variance: directions that hardly vary must not speak for z */
    for (int j = 0; j < wide; j++) a[(int64_t)j * wide + j] += 1e-4 * trace / wide;
    memcpy(b, along, (size_t)wide * sizeof *b);
    if (!(trace > 0) || !kernels_blas.solve_spd_d(wide, a, wide, b)) return 0;
    for (int j = 0; j < wide; j++) inner += b[j] * along[j];
    if (!(inner > 0)) return 0;
    for (int i = 0; i < wide; i++)
        for (int j = 0; j < wide; j++)
            c[(int64_t)i * wide + j] -= along[i] * along[j] / inner;
    return inner;
}

static void fix_signs(float *v, int rows, int cols) {
    for (int j = 0; j < cols; j++) {
        int best = 0;
        for (int i = 1; i < rows; i++)
            if (fabsf(v[i * cols + j]) > fabsf(v[best * cols + j])) best = i;
        for (int i = 0; i < rows && v[best * cols + j] < 0; i++)
            if (i != best) v[i * cols + j] = -v[i * cols + j];
        v[best * cols + j] = fabsf(v[best * cols + j]);
    }
}

/* turn and shift of m. Returns the rows that have a vector. */
static int64_t find_space(topics_model *m, const topics_data *d, pool *threads, arena *keep,
                          arena scratch) {
    int wide = d->wide;
    double *mean = take(&scratch, double, wide), *along = take(&scratch, double, wide);
    double *c = take(&scratch, double, (int64_t)wide * wide), *b = take(&scratch, double, wide);
    double *values = take(&scratch, double, m->dims), rest[3] = {0}, inner = 0;
    moments_of(d, threads, mean, along, rest, scratch);
    if (!(rest[0] > 0)) return 0;
    tall_gram(d->vectors, d->n, wide, threads, c, scratch);
    for (int i = 0; i < wide; i++)
        for (int j = 0; j < wide; j++) {
            double *at = &c[(int64_t)i * wide + j];
            *at = *at / rest[0] - mean[i] * mean[j];
        }
    if (rest[1] >= 2) {
        for (int j = 0; j < wide; j++) along[j] = (along[j] - rest[2] * mean[j]) / rest[1];
        inner = put_aside(c, along, wide, b, scratch);
    }
    m->turn = take(keep, float, (int64_t)wide * m->dims);
    m->shift = take(keep, float, m->dims);
    float *t = take(&scratch, float, (int64_t)wide * m->dims);
    bool found = tall_eigen(c, wide, m->dims, t, values, scratch);
    assert(found);
    fix_signs(t, wide, m->dims);
    for (int j = 0; j < m->dims; j++) {
        double on = 0, shift = 0; /* d . t */
        for (int i = 0; i < wide; i++) on += along[i] * (double)t[i * m->dims + j];
        for (int i = 0; i < wide; i++) {
            double v = (double)t[i * m->dims + j] - (inner > 0 ? b[i] * on / inner : 0);
            m->turn[i * m->dims + j] = (float)v;
            shift += mean[i] * (double)(float)v;
        }
        m->shift[j] = (float)shift;
    }
    return (int64_t)rest[0];
}

/* y [n, dims] = unit(x M - shift). */
static float *place(const topics_model *m, const float *x, int64_t n, pool *threads, arena *keep) {
    float *y = take_raw(keep, float, n * m->dims);
    tall_times(x, n, m->wide, m->turn, m->dims, y, threads);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < m->dims; j++) y[i * m->dims + j] -= m->shift[j];
    tall_unit(y, n, m->dims, threads);
    return y;
}

/* Closes up the rows of y [n, dims] whose texts have a vector; returns how many. */
static int64_t close_up(const topics_data *d, float *y, int dims) {
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (has_vector(d->vectors + i * d->wide, d->wide))
            memmove(y + n++ * dims, y + i * dims, (size_t)dims * sizeof *y);
    return n;
}

float *topics_space(const topics_data *d, int dims, pool *threads, int64_t *n, int *width,
                    arena *keep, arena scratch) {
    topics_model m = {.wide = d->wide, .dims = dims < d->wide ? dims : d->wide};
    *width = m.dims;
    *n = find_space(&m, d, threads, keep, scratch);
    if (*n == 0) return NULL;
    float *y = place(&m, d->vectors, d->n, threads, keep);
    *n = close_up(d, y, m.dims);
    return y;
}

static float cosine(const float *a, const float *b, int n) {
    float sum = 0;
    for (int j = 0; j < n; j++) sum += a[j] * b[j];
    return sum;
}

/* ---- clusters ---- */

/* Draws row c of centre out to length 1. */
static void round_off(const double *from, float *to, int dims) {
    double square = 0;
    for (int j = 0; j < dims; j++) square += from[j] * from[j];
    for (int j = 0; j < dims; j++) to[j] = (float)(square > 0 ? from[j] / sqrt(square) : 0);
}

/* Centres -> m->centre [m->k, dims], m->k may shrink. */
static bool cluster(topics_model *m, const topics_data *d, const float *y, int64_t n,
                    topics_params p, pool *threads, arena scratch, err *e) {
    kmeans_data data = {.x = y, .n = n, .d = m->dims};
    kmeans_params kp = KMEANS_DEFAULTS;
    kmeans_model km;
    kp.swaps = 0;
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    int seeds = d->n_seeds, others = m->k - seeds;
    double *start = take(&memory, double, (int64_t)m->k * m->dims);
    kp.seed = p.seed;
    kp.spherical = true;
    kp.starts = p.starts;
    kp.tolerance = 0;
    if (others > 0) {
        kp.k = others;
        if (!kmeans_fit(&km, &data, kp, threads, &memory, scratch, e)) return false;
        memcpy(start + (int64_t)seeds * m->dims, km.centres,
               (size_t)others * (size_t)m->dims * sizeof *start);
    }
    if (seeds > 0) {
        float *s = place(m, d->seeds, seeds, threads, &memory);
        for (int64_t i = 0; i < (int64_t)seeds * m->dims; i++) start[i] = (double)s[i];
        kp.k = m->k;
        kp.centres = start;
        if (!kmeans_fit(&km, &data, kp, threads, &memory, scratch, e)) return false;
    }
    for (int t = 0; t < m->k; t++) {
        round_off(km.centres + (int64_t)t * m->dims, m->centre + (int64_t)t * m->dims, m->dims);
        m->seed[t] = t < seeds ? t : -1;
        m->size[t] = (int64_t)km.mass[t];
    }
    return true;
}

/* Makes one of the two topics whose centres are nearest, as long as they are nearer than `near`;
 * two seeds stay apart. */
static void merge(topics_model *m, double near, arena scratch) {
    double *sum = take(&scratch, double, m->dims);
    for (;;) {
        int a = -1, b = -1;
        double best = near;
        for (int i = 0; i < m->k; i++)
            for (int j = i + 1; j < m->k; j++) {
                double c = (double)cosine(m->centre + (int64_t)i * m->dims,
                                          m->centre + (int64_t)j * m->dims, m->dims);
                if (c < best || (a >= 0 && c <= best) || (m->seed[i] >= 0 && m->seed[j] >= 0))
                    continue;
                best = c, a = i, b = j;
            }
        if (a < 0 || m->k <= 2) return;
        float *ca = m->centre + (int64_t)a * m->dims, *cb = m->centre + (int64_t)b * m->dims;
        for (int j = 0; j < m->dims; j++)
            sum[j] = (double)m->size[a] * (double)ca[j] + (double)m->size[b] * (double)cb[j];
        round_off(sum, ca, m->dims);
        if (m->seed[a] < 0) m->seed[a] = m->seed[b];
        m->size[a] += m->size[b];
        m->k--;
        memmove(cb, cb + m->dims, (size_t)(m->k - b) * (size_t)m->dims * sizeof *cb);
        memmove(m->seed + b, m->seed + b + 1, (size_t)(m->k - b) * sizeof *m->seed);
        memmove(m->size + b, m->size + b + 1, (size_t)(m->k - b) * sizeof *m->size);
    }
}

typedef struct assignment {
    const topics_model *m;
    const float *y;
    int64_t n;
    int32_t *topic;
    float *similarity;
} assignment;

static void assign_block(void *what, int64_t block, arena scratch) {
    const assignment *a = what;
    const topics_model *m = a->m;
    int64_t first = block * TALL_BLOCK;
    int rows = (int)(a->n - first < TALL_BLOCK ? a->n - first : TALL_BLOCK);
    float *near = take_raw(&scratch, float, (int64_t)rows * m->k);
    kernels_blas.gemm_nt(rows, m->k, m->dims, 1, a->y + first * m->dims, m->dims, m->centre,
                         m->dims, 0, near, m->k);
    for (int i = 0; i < rows; i++) {
        const float *row = near + (int64_t)i * m->k;
        int best = 0;
        for (int t = 1; t < m->k; t++)
            if (row[t] > row[best]) best = t;
        a->topic[first + i] = best;
        a->similarity[first + i] = row[best];
    }
}

/* ---- numbers of topics, edges ---- */

/* Topics by size, largest first, ties to the smaller one. */
static void renumber(topics_model *m, const int32_t *topic, int64_t n, arena scratch) {
    double *size = take(&scratch, double, m->k);
    float *old = take_copy(&scratch, float, m->centre, (int64_t)m->k * m->dims);
    int32_t *seed = take_copy(&scratch, int32_t, m->seed, m->k);
    for (int64_t i = 0; i < n; i++) size[topic[i]]++;
    int32_t *order = order_count(m->k, &scratch);
    order_down(order, m->k, size, scratch);
    for (int t = 0; t < m->k; t++) {
        memcpy(m->centre + (int64_t)t * m->dims, old + (int64_t)order[t] * m->dims,
               (size_t)m->dims * sizeof *old);
        m->seed[t] = seed[order[t]];
        m->size[t] = (int64_t)size[order[t]];
    }
}

static void find_edges(topics_model *m, int64_t n, arena scratch) {
    double *s = take(&scratch, double, n);
    int32_t *order = order_count(n, &scratch);
    int64_t *left = take(&scratch, int64_t, m->k);
    for (int64_t i = 0; i < n; i++) s[i] = m->label[i] < 0 ? NAN : (double)m->similarity[i];
    for (int t = 0; t < m->k; t++) {
        left[t] = m->size[t] / 100;
        m->edge[t] = -1;
    }
    order_up(order, n, s, scratch);
    for (int64_t i = 0; i < n; i++) {
        int32_t t = m->label[order[i]];
        if (t >= 0 && left[t]-- == 0) m->edge[t] = s[order[i]];
    }
}

bool topics_fit(topics_model *m, const topics_data *d, topics_params p, pool *threads, arena *keep,
                arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = topics_check(p);
    if (why) return refuse(e, "topics: %s", why);
    if (d->n_seeds > p.k)
        return refuse(e, "topics: %d seeds for %d topics; ask for more topics", d->n_seeds, p.k);
    *m = (topics_model){.k = p.k, .wide = d->wide};
    m->dims = p.dims < d->wide ? p.dims : d->wide;
    int64_t have = find_space(m, d, threads, keep, scratch);
    if (have < p.k)
        return refuse(e, "topics: %lld texts have words and vectors, fewer than the %d topics "
                      "asked for", (long long)have, p.k);
    m->centre = take(keep, float, (int64_t)p.k * m->dims);
    m->edge = take(keep, double, p.k);
    m->seed = take(keep, int32_t, p.k);
    m->size = take(keep, int64_t, p.k);
    m->label = take(keep, int32_t, d->n);
    m->similarity = take(keep, float, d->n);
    arena memory = scratch;
    float *y = place(m, d->vectors, d->n, threads, &memory);
    int64_t n = close_up(d, y, m->dims);
    if (!cluster(m, d, y, n, p, threads, memory, e)) return false;
    if (p.merge < 1) merge(m, p.merge, memory);
    assignment a = {m, y, n, m->label, m->similarity};
    pool_for(threads, (n + TALL_BLOCK - 1) / TALL_BLOCK, assign_block, &a);
    renumber(m, m->label, n, memory);
    topics_assign(m, d->vectors, d->n, threads, m->label, m->similarity, scratch);
    memset(m->size, 0, (size_t)p.k * sizeof *m->size);
    for (int64_t i = 0; i < d->n; i++)
        if (m->label[i] >= 0) m->size[m->label[i]]++;
    find_edges(m, d->n, scratch);
    return true;
}

void topics_assign(const topics_model *m, const float *vectors, int64_t n, pool *threads,
                   int32_t *topic, float *similarity, arena scratch) {
    float *y = place(m, vectors, n, threads, &scratch);
    assignment a = {m, y, n, topic, similarity};
    pool_for(threads, (n + TALL_BLOCK - 1) / TALL_BLOCK, assign_block, &a);
    for (int64_t i = 0; i < n; i++) {
        if (has_vector(vectors + i * m->wide, m->wide)) continue;
        topic[i] = -1;
        similarity[i] = 0;
    }
}

/* ---- drift ---- */

topics_drift topics_drift_of(const int64_t *before, const int64_t *after, int k) {
    topics_drift d = {0};
    double a = 0, b = 0, chi = 0, rare_a = 0, rare_b = 0;
    int cells = 0;
    for (int t = 0; t < k; t++) b += (double)before[t], a += (double)after[t];
    if (!(a > 0 && b > 0)) return d;
    for (int t = 0; t <= k; t++) {
        double x = t < k ? (double)before[t] : rare_b, y = t < k ? (double)after[t] : rare_a;
        double expect_x = (x + y) * b / (a + b), expect_y = (x + y) * a / (a + b);
        if (t < k) d.distance += fabs(y / a - x / b) / 2;
        if (t < k && (expect_x < 5 || expect_y < 5)) {
            rare_b += x, rare_a += y;
            continue;
        }
        if (expect_x < 5 || expect_y < 5) continue;
        chi += (x - expect_x) * (x - expect_x) / expect_x +
               (y - expect_y) * (y - expect_y) / expect_y;
        cells++;
    }
    if (cells < 2) return d;
    double f = cells - 1, spread = 2 / (9 * f); /* Wilson and Hilferty: cube root is near normal */
    d.z = (cbrt(chi / f) - (1 - spread)) / sqrt(spread);
    d.moved = d.z > 1.959963984540054;
    return d;
}
