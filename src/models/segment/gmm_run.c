/* gmm_run: one pass of gmm over all rows: shares of the components, moments, what rows are told. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "models/segment/gmm_parts.h"

enum {
    CHUNKS = 256,    /* at most */
    LEAST = 64,      /* groups a chunk, at least */
    PARTS = 1 << 22, /* numbers in all chunks' sums, at most */
    BLOCK = 8,      /* groups that are worked on while they are in the cache, at most */
    ROOM = 1 << 16,  /* numbers of a block, at most */
};

typedef struct kernels_of {
    gmm_density_kernel *density[SIMD_KINDS];
    gmm_moments_kernel *moments[SIMD_KINDS];
} kernels_of;

static const kernels_of full = {SIMD_TABLE(gmm_density_full), SIMD_TABLE(gmm_moments_full)},
                        diagonal = {SIMD_TABLE(gmm_density_diag), SIMD_TABLE(gmm_moments_diag)};
static gmm_share_kernel *const share_kernels[] = SIMD_TABLE(gmm_share);
static gmm_widen_kernel *const widen_kernels[] = SIMD_TABLE(gmm_widen);

static int64_t size_of(int wide, bool corners) {
    return 1 + wide + (corners ? (int64_t)wide * wide : wide);
}

static int64_t chunk_of(int64_t groups, int64_t numbers) {
    int64_t most = PARTS / numbers > 0 ? PARTS / numbers : 1;
    if (most > CHUNKS) most = CHUNKS;
    int64_t chunk = (groups + most - 1) / most; /* break: any size will do */
    return chunk < LEAST ? LEAST : chunk;
}

size_t gmm_memory(int64_t n, int d, int k) {
    int wide = gmm_wide(d);
    size_t cell = (size_t)size_of(wide, true) * (size_t)k * 8;
    size_t rows = (size_t)n + GMM_LANES, own = rows * ((size_t)d * 4 + 4); /* break: a budget */
    own = own + (size_t)PARTS * 16 + cell * 8;                             /* break: a budget */
    return own + 2 * kmeans_memory(n, d, k) + (1u << 20);                  /* break: a budget */
}

/* Groups first … last of a chunk. */
static int64_t last_group(const gmm_run *r, int64_t chunk) {
    int64_t last = (chunk + 1) * r->chunk;
    return last < r->groups ? last : r->groups;
}

static void pack_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    gmm_run *r = what;
    int64_t end = last_group(r, chunk) * GMM_LANES;
    r->worst[chunk] = -1;
    for (int64_t i = chunk * r->chunk * GMM_LANES; i < end && i < r->n; i++) {
        float *to = r->x + i / GMM_LANES * r->d * GMM_LANES + i % GMM_LANES;
        bool good = true;
        for (int j = 0; j < r->d; j++) {
            to[j * GMM_LANES] = r->data->x[i * r->d + j];
            good &= isfinite(to[j * GMM_LANES]) != 0;
        }
        if (r->data->weight) good &= r->data->weight[i] >= 0 && isfinite(r->data->weight[i]);
        if (!good && r->worst[chunk] < 0) r->worst[chunk] = i;
    }
}

gmm_run gmm_run_open(const kmeans_data *data, int k, gmm_kind kind, pool *threads, arena *memory,
                     int64_t *bad) {
    gmm_run r = {.data = data, .kind = kind, .n = data->n, .k = k, .most = k, .d = data->d,
                 .threads = threads};
    bool corners = gmm_has_corners(kind);
    r.wide = gmm_wide(r.d);
    r.size = size_of(r.wide, corners);
    r.groups = (r.n + GMM_LANES - 1) / GMM_LANES; /* break: one more is one of zeros */
    r.chunk = chunk_of(r.groups, k * r.size);
    r.chunks = (r.groups + r.chunk - 1) / r.chunk; /* break: one more is empty */
    r.block = ROOM / (GMM_LANES * (k + 2 * r.wide)); /* break: any size will do */
    r.block = r.block < 1 ? 1 : r.block < BLOCK ? r.block : BLOCK;
    r.x = take(memory, float, r.groups * r.d * GMM_LANES);
    r.mean = take(memory, double, (int64_t)k * r.wide);
    r.factor = take(memory, double, k * (corners ? (int64_t)r.wide * r.wide : r.wide));
    r.constant = take(memory, double, k);
    r.moments = take(memory, double, k * r.size);
    r.part = take(memory, double, r.chunks * k * r.size);
    r.total = take(memory, double, 2 * r.chunks);
    r.worst = take(memory, int64_t, r.chunks);
    r.least = take(memory, double, r.chunks);
    pool_for(threads, r.chunks, pack_chunk, &r);
    *bad = gmm_run_worst(&r);
    return r;
}

void gmm_run_load(gmm_run *r, const gmm_model *m) {
    int d = r->d;
    int64_t wide = r->wide, cell = gmm_cell(m->kind, d);
    r->k = m->k;
    for (int c = 0; c < m->k; c++) {
        const double *from = m->factor + (m->kind == GMM_TIED ? 0 : c * cell);
        double *to = r->factor + c * (gmm_has_corners(m->kind) ? wide * wide : wide);
        double logs = log(fmax(m->weight[c], 1e-300)) - d * log(2 * 3.14159265358979323846) / 2;
        for (int i = 0; i < d; i++) {
            r->mean[c * wide + i] = m->mean[(int64_t)c * d + i];
            if (gmm_has_corners(m->kind)) {
                memcpy(to + i * wide, from + (int64_t)i * d, (size_t)d * sizeof *to);
                logs += log(to[i * wide + i]);
            } else {
                to[i] = from[m->kind == GMM_DIAG ? i : 0];
                logs += log(to[i]);
            }
        }
        r->constant[c] = logs;
    }
}

/* Responsibilities [k][rows] of a block x [d][rows] that starts at `row`, and ln p(x) of it. */
static void shares_of(const gmm_run *r, int64_t row, int64_t rows, const double *x, double *share,
                      double *total) {
    int64_t live = r->n - row < rows ? r->n - row : rows;
    const kernels_of *kernels = gmm_has_corners(r->kind) ? &full : &diagonal;
    int64_t cell = gmm_has_corners(r->kind) ? (int64_t)r->wide * r->wide : r->wide;
    simd_kind level = simd_level();
    if (r->source == GMM_MODEL) {
        for (int c = 0; c < r->k; c++)
            kernels->density[level](x, rows, r->d, r->mean + c * r->wide, r->factor + c * cell,
                                    r->constant[c], share + c * rows);
        share_kernels[level](share, rows, r->k, total);
        return;
    }
    memset(total, 0, (size_t)rows * sizeof *total);
    for (int c = 0; c < r->k; c++)
        for (int64_t i = 0; i < live; i++)
            share[c * rows + i] = r->source == GMM_ALL      ? 1
                                  : r->source == GMM_LABELS ? r->label[row + i] == c
                                                            : r->share[(row + i) * r->share_k + c];
}

/* What row i of the table is told, its share of component c in share[c rows]. */
static double tell_row(const gmm_rows *out, int64_t i, const double *share, int64_t rows, int k,
                       double total) {
    int best = 0, next = -1;
    double entropy = 0;
    for (int c = 0; c < k; c++) {
        double v = share[c * rows];
        if (v > 0 && v < 1) entropy -= v * log(v);
        if (c == 0) continue;
        if (v > share[best * rows]) next = best, best = c;
        else if (next < 0 || v > share[next * rows]) next = c;
    }
    if (!out) return entropy;
    if (out->label) out->label[i] = best;
    if (out->second) out->second[i] = next;
    if (out->strength) out->strength[i] = share[best * rows];
    if (out->backup) out->backup[i] = next < 0 ? 0 : share[next * rows];
    if (out->density) out->density[i] = total;
    return entropy;
}

static bool is_taken(const gmm_run *r, int64_t row) {
    for (int i = 0; i < r->n_taken; i++)
        if (r->taken[i] == row) return true;
    return false;
}

/* Sums of a block into the chunk's: likelihood, entropy, the row that is explained worst. */
static void read_block(gmm_run *r, int64_t chunk, int64_t row, int64_t rows, const double *share,
                       const double *total) {
    double *sum = r->total + 2 * chunk;
    for (int64_t i = 0; i < rows && row + i < r->n; i++) {
        double w = r->data->weight ? r->data->weight[row + i] : 1;
        sum[0] += w * total[i];
        if (!r->want_moments)
            sum[1] += w * tell_row(r->rows, row + i, share + i, rows, r->k, total[i]);
        if (r->want_worst && total[i] < r->least[chunk] && w > 0 && !is_taken(r, row + i)) {
            r->least[chunk] = total[i];
            r->worst[chunk] = row + i;
        }
    }
}

/* Shares times the weights of the rows; those behind the last row count nothing. */
static void weigh_block(const gmm_run *r, int64_t row, int64_t rows, double *share) {
    int64_t live = r->n - row < rows ? r->n - row : rows;
    for (int c = 0; c < r->k; c++) {
        double *of = share + c * rows;
        for (int64_t i = 0; r->data->weight && i < live; i++) of[i] *= r->data->weight[row + i];
        for (int64_t i = live; i < rows; i++) of[i] = 0;
    }
}

static void pass_chunk(void *what, int64_t chunk, arena scratch) {
    gmm_run *r = what;
    int64_t most = r->block * GMM_LANES, end = last_group(r, chunk);
    double *share = take(&scratch, double, r->k * most), *total = take(&scratch, double, most);
    double *x = take(&scratch, double, r->d * most), *work = take(&scratch, double, r->wide * most);
    double *part = r->part + chunk * r->k * r->size;
    gmm_moments_kernel *moments =
        (gmm_has_corners(r->kind) ? full : diagonal).moments[simd_level()];
    memset(part, 0, (size_t)(r->k * r->size) * sizeof *part);
    r->total[2 * chunk] = r->total[2 * chunk + 1] = 0;
    r->worst[chunk] = -1;
    r->least[chunk] = INFINITY;
    for (int64_t g = chunk * r->chunk; g < end; g += r->block) {
        int64_t groups = g + r->block < end ? r->block : end - g;
        int64_t row = g * GMM_LANES, rows = groups * GMM_LANES;
        widen_kernels[simd_level()](r->x + row * r->d, groups, r->d, x);
        shares_of(r, row, rows, x, share, total);
        read_block(r, chunk, row, rows, share, total);
        if (!r->want_moments) continue;
        weigh_block(r, row, rows, share);
        for (int c = 0; c < r->k; c++)
            moments(x, rows, r->d, r->mean + c * r->wide, share + c * rows, work,
                    part + c * r->size);
    }
}

double gmm_run_pass(gmm_run *r, double *entropy) {
    int64_t numbers = r->k * r->size;
    double sums[2] = {0, 0};
    pool_for(r->threads, r->chunks, pass_chunk, r);
    memset(r->moments, 0, (size_t)numbers * sizeof *r->moments);
    for (int64_t c = 0; c < r->chunks; c++) {
        sums[0] += r->total[2 * c];
        sums[1] += r->total[2 * c + 1];
        for (int64_t i = 0; r->want_moments && i < numbers; i++)
            r->moments[i] += r->part[c * numbers + i];
    }
    if (entropy) *entropy = sums[1];
    return sums[0];
}

int64_t gmm_run_worst(const gmm_run *r) {
    int64_t best = -1;
    for (int64_t c = 0; c < r->chunks; c++) {
        if (r->worst[c] < 0) continue;
        if (best < 0 || r->least[c] < r->least[best]) best = c;
    }
    return best < 0 ? -1 : r->worst[best];
}
