/* als: the half-step of alternating least squares: Gram matrix, eigenbasis, rows in chunks. */
#include "models/recommend/als.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/random.h"
#include "models/recommend/als_simd.h"

enum { LONG_BATCH = 256, GRAM_BLOCKS = 64, CHUNK_WORK = 1 << 18 };

static const struct {
    void (*gather)(int, int, const int32_t *, const float *, const float *, const float *, float *);
    void (*scale)(int, const float *, float, float, float *);
    void (*add_rows)(int, int, const float *, const float *, float *);
    void (*dual)(int, int, const float *, const float *, float *, float *);
    void (*cg)(int, int, const float *, const float *, float *, int, float *);
    void (*products)(int, int, const float *, const float *, float *);
} fast[SIMD_KINDS] = {
#define ROW(level)                                                                                 \
    {als_gather_##level, als_scale_##level, als_add_rows_##level,                                  \
     als_dual_##level,   als_cg_##level,    als_products_##level}
#ifdef __x86_64__
    ROW(plain), ROW(avx2), ROW(avx512)
#else
    ROW(plain), ROW(plain), ROW(plain)
#endif
#undef ROW
};

static int padded(int factors) { return (factors + 15) & ~15; }

const char *als_check(als_params p) {
    if (p.factors < 1 || p.factors > 1024) return "factors must be 1..1024";
    if (p.iterations < 1 || p.iterations > 1000) return "iterations must be 1..1000";
    if (!(p.lambda > 0)) return "the regularisation must be above 0";
    if (!(p.nu >= 0 && p.nu <= 2)) return "nu must be 0..2";
    if (!(p.alpha0 > 0 && p.alpha0 <= 1000)) return "alpha must be above 0 and at most 1000";
    if (!(p.sigma > 0)) return "sigma must be above 0";
    if (p.cg_steps < 1 || p.cg_steps > 100) return "cg_steps must be 1..100";
    return NULL;
}

/* One side fixed, the other solved. */
typedef struct half {
    als_params p;
    const sparse *rows;
    const float *other; /* [cols, ld] in its eigenbasis */
    const float *eigen; /* [ld] */
    const float *turn;  /* [ld, ld] eigenvectors in rows; NULL = no warm start */
    float *out;         /* [rows, ld] */
    int ld;
    const int32_t *order;  /* [rows] rows in the order of work: long ones first */
    const int64_t *bounds; /* [chunks + 1] into order */
    bool exact;
} half;

static bool is_short(const half *h, int64_t n) { return 4 * n <= 3 * (int64_t)h->p.factors; }
static bool is_long(const half *h, int64_t n) {
    return n >= 4 * (int64_t)h->p.factors || (h->exact && !is_short(h, n));
}

size_t als_scratch(als_params p) {
    size_t k = (size_t)padded(p.factors), rows = 4 * k < LONG_BATCH ? LONG_BATCH : 4 * k;
    return sizeof(float) * (rows * (k + 1) + 3 * k * k + 16 * k) + ((size_t)1 << 16);
}

/* The k×k form: I + B'B over batches of rows, added in their order. */
static void solve_long(const half *h, int64_t n, const int32_t *ids, const float *d,
                       const float *scale, float *x, arena scratch) {
    int k = h->ld, used = h->p.factors;
    float *b = take(&scratch, float, (int64_t)LONG_BATCH * k);
    float *a = take(&scratch, float, (int64_t)k * k), *g = take(&scratch, float, (int64_t)k * k);
    memset(x, 0, sizeof *x * (size_t)k);
    for (int64_t from = 0; from < n; from += LONG_BATCH) {
        int m = (int)(n - from < LONG_BATCH ? n - from : LONG_BATCH);
        fast[simd_level()].gather(m, k, ids + from, d + from, h->other, scale, b);
        kernels_blas.gram(m, used, b, k, g, k);
        for (int64_t j = 0; j < (int64_t)used * k; j++) a[j] += g[j];
        fast[simd_level()].add_rows(m, k, b, d + from, x);
    }
    for (int j = 0; j < used; j++) a[(int64_t)j * k + j] += 1;
    bool solved = kernels_blas.solve_spd(used, a, k, x);
    assert(solved && "I + B'B is positive definite");
    (void)solved;
}

/* x[ld] of one row with n >= 1 entries; x holds the last value for a warm start. */
static void solve_row(const half *h, int64_t n, const int32_t *ids, const float *weights,
                      float *x, arena scratch) {
    int k = h->ld, level = (int)simd_level();
    float *d = take(&scratch, float, n), *scale = take(&scratch, float, k);
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
        float c = weights ? weights[i] : 1;
        total += c;
        d[i] = sqrtf(c);
    }
    double others = h->p.alpha0 * (double)h->rows->cols;
    double n_scaled = h->p.nu == 1 ? total + others : pow(total + others, h->p.nu);
    float lambda = (float)(h->p.lambda * n_scaled);
    fast[level].scale(h->p.factors, h->eigen, h->p.alpha0, lambda, scale);
    if (is_long(h, n)) {
        solve_long(h, n, ids, d, scale, x, scratch);
    } else {
        float *b = take(&scratch, float, (n + 3) * k);
        fast[level].gather((int)n, k, ids, d, h->other, scale, b);
        if (is_short(h, n)) {
            float *work = take(&scratch, float, als_dual_work(n));
            fast[level].dual((int)n, k, b, d, x, work);
        } else {
            float *work = take(&scratch, float, 3 * k), *start = take(&scratch, float, k);
            if (h->turn) fast[level].products(k, k, h->turn, x, start);
            for (int j = 0; j < h->p.factors; j++) start[j] /= scale[j];
            fast[level].cg((int)n, k, b, d, start, h->p.cg_steps, work);
            memcpy(x, start, sizeof *x * (size_t)k);
        }
    }
    for (int j = 0; j < k; j++) x[j] *= scale[j];
}

static void solve_chunk(void *what, int64_t chunk, arena scratch) {
    const half *h = what;
    for (int64_t i = h->bounds[chunk]; i < h->bounds[chunk + 1]; i++) {
        int64_t row = h->order[i], from = h->rows->at[row], n = h->rows->at[row + 1] - from;
        float *x = h->out + row * h->ld;
        if (n == 0) memset(x, 0, sizeof *x * (size_t)h->ld);
        else solve_row(h, n, h->rows->col + from, h->rows->value + from, x, scratch);
    }
}

/* Long rows first, then the others in their order, cut into chunks of about equal work. */
static int64_t plan_chunks(half *h, arena *a) {
    int64_t rows = h->rows->rows, to = 0, chunks = 0, work = 0;
    int32_t *order = take(a, int32_t, rows);
    int64_t *bounds = take(a, int64_t, rows + 1);
    for (int pass = 0; pass < 2; pass++)
        for (int64_t r = 0; r < rows; r++)
            if (is_long(h, sparse_degree(h->rows, r)) == (pass == 0)) order[to++] = (int32_t)r;
    for (int64_t i = 0; i < rows; i++) {
        int64_t n = sparse_degree(h->rows, order[i]);
        int64_t cost = 2 * h->ld + n * h->ld * (is_long(h, n) ? 2 : 1);
        work += cost; /* break: balances the chunks; rows do not see theirs */
        if (work < CHUNK_WORK && i + 1 < rows) continue;
        bounds[++chunks] = i + 1;
        work = 0;
    }
    h->order = order;
    h->bounds = bounds;
    return chunks;
}

/* ---- the fixed side: Gram matrix in blocks, eigenvectors, rotation ---- */

typedef struct fixed {
    float *y; /* [n, ld] */
    int64_t n, block;
    int k, ld;
    float *grams; /* [blocks, k, k] */
    float *turn;  /* [ld, ld] eigenvectors in rows */
} fixed;

static int rows_of(const fixed *f, int64_t chunk) {
    int64_t left = f->n - chunk * f->block;
    return (int)(left < f->block ? left : f->block);
}

static void gram_chunk(void *what, int64_t chunk, arena scratch) {
    fixed *f = what;
    (void)scratch;
    kernels_blas.gram(rows_of(f, chunk), f->k, f->y + chunk * f->block * f->ld, f->ld,
                      f->grams + chunk * f->k * f->k, f->k);
}

static void turn_chunk(void *what, int64_t chunk, arena scratch) {
    fixed *f = what;
    enum { ROWS = 128 };
    float *copy = take(&scratch, float, ROWS * f->ld);
    int rows = rows_of(f, chunk);
    for (int from = 0; from < rows; from += ROWS) {
        int m = rows - from < ROWS ? rows - from : ROWS;
        float *y = f->y + (chunk * f->block + from) * f->ld;
        memcpy(copy, y, sizeof *y * (size_t)m * (size_t)f->ld);
        kernels_blas.gemm_nt(m, f->k, f->k, 1, copy, f->ld, f->turn, f->ld, 0, y, f->ld);
    }
}

/* Turns y into the eigenbasis of y'y; eigen[k] gets the eigenvalues. */
static bool turn_side(fixed *f, float *eigen, pool *threads, arena scratch, err *e) {
    int k = f->k;
    f->block = (f->n + GRAM_BLOCKS - 1) / GRAM_BLOCKS;
    if (f->block < 1024) f->block = 1024;
    int64_t chunks = (f->n + f->block - 1) / f->block;
    f->grams = take(&scratch, float, chunks * k * k);
    double *g = take(&scratch, double, (int64_t)k * k), *w = take(&scratch, double, k);
    pool_for(threads, chunks, gram_chunk, f);
    for (int64_t c = 0; c < chunks; c++)
        for (int64_t j = 0; j < (int64_t)k * k; j++) g[j] += f->grams[c * k * k + j];
    if (!kernels_blas.eigen_d(k, g, k, w)) return fail(e, "als: no eigenvalues (memory is out?)");
    for (int j = 0; j < k; j++) {
        eigen[j] = w[j] > 0 ? (float)w[j] : 0;
        for (int i = 0; i < k; i++) f->turn[(int64_t)j * f->ld + i] = (float)g[(int64_t)j * k + i];
    }
    pool_for(threads, chunks, turn_chunk, f);
    return true;
}

static bool half_step(const als_model *m, const sparse *rows, float *y, float *eigen, float *out,
                      pool *threads, arena scratch, err *e) {
    fixed f = {.y = y, .n = rows->cols, .k = m->p.factors, .ld = m->ld,
               .turn = take(&scratch, float, (int64_t)m->ld * m->ld)};
    if (!turn_side(&f, eigen, threads, scratch, e)) return false;
    half h = {.p = m->p, .rows = rows, .other = y, .eigen = eigen, .turn = f.turn, .out = out,
              .ld = m->ld, .exact = m->p.exact};
    int64_t chunks = plan_chunks(&h, &scratch);
    pool_for(threads, chunks, solve_chunk, &h);
    return true;
}

bool als_start(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
               arena *keep, err *e) {
    const char *wrong = als_check(p);
    if (wrong) return refuse(e, "als: %s", wrong);
    int64_t n = sparse_count(by_user);
    if (n == 0) return refuse(e, "als: there is no interaction to learn from");
    assert(by_item->rows == by_user->cols && by_item->cols == by_user->rows);
    assert(sparse_count(by_item) == n);
    for (int64_t i = 0; i < n; i++)
        if (!(by_user->value[i] >= 0 && by_user->value[i] < 1e30f))
            return refuse(e, "als: weights must be 0 or more, found %g", (double)by_user->value[i]);
    int ld = padded(p.factors);
    *m = (als_model){.p = p, .users = by_user->rows, .items = by_user->cols, .ld = ld,
                     .user = take(keep, float, by_user->rows * ld),
                     .item = take(keep, float, by_user->cols * ld), .eigen = take(keep, float, ld)};
    double spread = p.sigma / sqrt(p.factors);
    for (int64_t u = 0; u < m->users; u++) {
        rng r = rng_open(seed_for(p.seed, "als"), (uint64_t)u);
        if (sparse_degree(by_user, u) == 0) continue;
        for (int j = 0; j < p.factors; j++) m->user[u * ld + j] = (float)(spread * rng_normal(&r));
    }
    return true;
}

bool als_step(als_model *m, const sparse *by_user, const sparse *by_item, pool *threads,
              arena scratch, err *e) {
    return half_step(m, by_item, m->user, m->eigen, m->item, threads, scratch, e) &&
           half_step(m, by_user, m->item, m->eigen, m->user, threads, scratch, e);
}

bool als_fit(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
             pool *threads, arena *keep, arena scratch, err *e) {
    if (!als_start(m, by_user, by_item, p, keep, e)) return false;
    for (int i = 0; i < p.iterations; i++)
        if (!als_step(m, by_user, by_item, threads, scratch, e)) return false;
    return true;
}

void als_fold(const als_model *m, int64_t n, const int32_t *items, const float *weights, float *x,
              arena scratch) {
    memset(x, 0, sizeof *x * (size_t)m->ld);
    if (n == 0) return;
    sparse shape = {.rows = 1, .cols = m->items};
    half h = {.p = m->p, .rows = &shape, .other = m->item, .eigen = m->eigen, .ld = m->ld,
              .exact = true};
    solve_row(&h, n, items, weights, x, scratch);
}
