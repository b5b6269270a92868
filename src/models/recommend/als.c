/* als: the half-step of alternating least squares: Gram matrix, eigenbasis, rows in chunks. */
#include "models/recommend/als.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/random.h"
#include "models/recommend/als_simd.h"

enum { LONG_BATCH = 256, GRAM_BLOCKS = 64, CHUNK_WORK = 1 << 18, GROUP = 128 };

static const struct {
    void (*gather)(const als_rows *);
    void (*gather_first)(const als_rows *, const float *, const float *, float *);
    void (*mirror)(int, int, const float *, const float *, int16_t *, float *);
    void (*scale)(int, const float *, float, float, float *);
    void (*add_rows)(int, int, const float *, const float *, float *);
    void (*dual)(int, int, const float *, const float *, float *, float *);
    void (*cg)(const als_rows *, const float *, float *, float *, int, float *);
    void (*products)(int, int, const float *, const float *, float *);
} fast[SIMD_KINDS] = {
#define ROW(level)                                                                                 \
    {als_gather_##level,   als_gather_first_##level, als_mirror_##level, als_scale_##level,        \
     als_add_rows_##level, als_dual_##level,         als_cg_##level,     als_products_##level}
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
    if (p.cg_steps < 0 || p.cg_steps > 100) return "cg_steps must be 0..100";
    if (p.target > ALS_TARGET_CONFIDENCE) return "target must be one or confidence";
    return NULL;
}

/* One side fixed, the other solved. */
typedef struct half {
    als_params p;
    const sparse *rows;
    als_source from;    /* [cols, ld] in its eigenbasis */
    const float *unit;  /* [ld] of its mirror */
    const float *eigen; /* [ld] */
    const float *turn;  /* [ld, ld] eigenvectors in rows */
    float *out;         /* [rows, ld] */
    const als_prior *prior; /* NULL = none */
    int ld;
    const int32_t *order;  /* [rows] rows in the order of work: long ones first */
    const int64_t *bounds; /* [chunks + 1] into order */
} half;

/* Rows up to this length take the n×n form, rows from `longest` on the k×k form. Measured: a pass
 * of conjugate gradients beats both as soon as the row is not tiny and while it stays in the
 * second-level cache; exact mode knows the two forms only. */
static int64_t shortest(const als_params *p) { return p->exact ? 3 * p->factors / 4 : 16; }
static int64_t longest(const als_params *p) {
    int64_t k = padded(p->factors), rows = (1 << 19) / k;
    if (p->exact) return shortest(p) + 1;
    if (rows > 32 * k) rows = 32 * k;
    return rows < 4 * k ? 4 * k : rows;
}

static bool is_short(const half *h, int64_t n) { return n <= shortest(&h->p); }
static bool is_long(const half *h, int64_t n) { return n >= longest(&h->p); }

size_t als_scratch(als_params p) {
    size_t k = (size_t)padded(p.factors), rows = (size_t)longest(&p) + LONG_BATCH;
    return sizeof(float) * (rows * (k + 3) + 3 * k * k + (16 + 3 * GROUP) * k) + ((size_t)1 << 16);
}

float als_lambda(als_params p, double weights, int64_t others) {
    double n = weights + p.alpha0 * (double)others;
    return (float)(p.lambda * (p.nu == 1 ? n : pow(n, p.nu)));
}

void als_prior_row(const als_prior *prior, int64_t row, int ld, float *to) {
    memset(to, 0, sizeof *to * (size_t)ld);
    for (int64_t at = prior->features->at[row]; at < prior->features->at[row + 1]; at++) {
        const float *map = prior->map + (int64_t)prior->features->col[at] * ld;
        for (int j = 0; j < ld; j++) to[j] += prior->features->value[at] * map[j];
    }
}

/* One row's system. */
typedef struct system {
    int64_t n;
    const int32_t *ids;   /* [n] */
    const float *weights; /* [n], NULL = 1 */
    const float *scale;   /* [ld] diagonal of M^-1/2 */
    const float *own;     /* [ld] diagonal of E; all 1 but for conjugate gradients */
    const float *taken;   /* [ld] the same for what is gathered: times the unit of a mirror */
    const float *start;   /* [ld] M^1/2 q of leave_prior; NULL = no prior */
} system;

/* D = diag(d)^2 and the right-hand side B'want of n seen pairs. */
static void weigh(als_params p, int64_t n, const float *weights, float *d, float *want) {
    for (int64_t i = 0; i < n; i++) {
        float c = weights ? weights[i] : 1;
        d[i] = want[i] = sqrtf(c);
        if (p.target == ALS_TARGET_ONE) continue;
        float extra = c - p.alpha0, least = 1e-6f * p.alpha0; /* 0 would leave nothing to divide */
        d[i] = sqrtf(extra > least ? extra : least);
        want[i] = c / d[i];
    }
}

/* With q = M^-1 lambda p the row is x = q + M^-1/2 x'; B'(want - B M^1/2 q) is left for x'. */
static void leave_prior(const system *s, int m, int k, const float *b, float *want, float *work) {
    if (!s->start) return;
    fast[simd_level()].products((m + 3) & ~3, k, b, s->start, work);
    for (int i = 0; i < m; i++) want[i] -= work[i];
}

/* The k×k form: I + B'B over batches of rows, added in their order. */
static void solve_long(const half *h, const system *s, float *x, arena scratch) {
    int k = h->ld, used = h->p.factors;
    float *b = take_raw(&scratch, float, (int64_t)LONG_BATCH * k);
    float *a = take(&scratch, float, (int64_t)k * k);
    float d[LONG_BATCH], want[LONG_BATCH], work[LONG_BATCH];
    memset(x, 0, sizeof *x * (size_t)k);
    for (int64_t from = 0; from < s->n; from += LONG_BATCH) {
        int m = (int)(s->n - from < LONG_BATCH ? s->n - from : LONG_BATCH);
        als_rows rows = {m, k, s->ids + from, d, h->from, s->taken, b};
        weigh(h->p, m, s->weights ? s->weights + from : NULL, d, want);
        fast[simd_level()].gather(&rows);
        leave_prior(s, m, k, b, want, work);
        kernels_blas.gram_add(m, used, b, k, a, k);
        fast[simd_level()].add_rows(m, k, b, want, x);
    }
    for (int j = 0; j < used; j++) a[(int64_t)j * k + j] += 1;
    bool solved = kernels_blas.solve_spd(used, a, k, x);
    assert(solved && "I + B'B is positive definite");
    (void)solved;
}

/* The n×n form, and conjugate gradients for rows between, from the last value that x holds. */
static void solve_gathered(const half *h, const system *s, float *x, arena scratch) {
    int k = h->ld, n = (int)s->n, level = (int)simd_level();
    float *d = take_raw(&scratch, float, n), *want = take_raw(&scratch, float, n);
    float *b = take_raw(&scratch, float, (s->n + 3) * k), *work;
    als_rows rows = {n, k, s->ids, d, h->from, s->taken, b};
    weigh(h->p, n, s->weights, d, want);
    if (is_short(h, n)) {
        work = take_raw(&scratch, float, als_dual_work(n));
        fast[level].gather(&rows);
        leave_prior(s, n, k, b, want, work);
        fast[level].dual(n, k, b, want, x, work);
        return;
    }
    float *z = take_raw(&scratch, float, k), *r = take_raw(&scratch, float, k);
    for (int j = 0; j < k; j++) {
        z[j] = x[j] / s->scale[j];
        x[j] = s->start ? z[j] - s->start[j] : z[j];
        r[j] = s->own[j] * x[j];
    }
    fast[level].gather_first(&rows, want, z, r);
    fast[level].cg(&rows, s->own, x, r, h->p.cg_steps, take_raw(&scratch, float, 2 * k));
}

/* x[ld] of one row with n >= 1 entries, drawn to prior[ld] (NULL = 0); where it starts warm, x
 * holds the last value in the basis of the fixed side. Conjugate gradients see the row through
 * what its system would be if its entries were a fair sample of the other side, alpha0 + c w_j +
 * lambda with c = total / others: M stands for that there, and E for what is left of the true M. */
static void solve_row(const half *h, int64_t n, const int32_t *ids, const float *weights,
                      const float *prior, float *x, arena scratch) {
    int k = h->ld;
    float *scale = take_raw(&scratch, float, k), *own = take_raw(&scratch, float, k);
    float *start = prior ? take(&scratch, float, k) : NULL;
    float *taken = h->from.mirror ? take_raw(&scratch, float, k) : scale;
    system s = {.n = n, .ids = ids, .weights = weights, .scale = scale, .own = own,
                .taken = taken, .start = start};
    double total = weights ? 0 : (double)n;
    for (int64_t i = 0; weights && i < n; i++) total += weights[i];
    float lambda = als_lambda(h->p, total, h->rows->cols), alpha0 = h->p.alpha0, like = alpha0;
    if (!is_short(h, n) && !is_long(h, n)) like += (float)(total / (double)h->rows->cols);
    fast[simd_level()].scale(k, h->eigen, like, lambda, scale);
    for (int j = 0; j < k; j++) own[j] = (alpha0 * h->eigen[j] + lambda) * scale[j] * scale[j];
    for (int j = 0; j < k && h->from.mirror; j++) taken[j] = scale[j] * h->unit[j];
    for (int j = 0; j < h->p.factors && prior; j++)
        start[j] = lambda * prior[j] / ((alpha0 * h->eigen[j] + lambda) * scale[j]);
    if (is_long(h, n)) solve_long(h, &s, x, scratch);
    else solve_gathered(h, &s, x, scratch);
    for (int j = 0; j < h->p.factors && prior; j++) x[j] += start[j];
    for (int j = 0; j < k; j++) x[j] *= scale[j];
}

/* Turns the last values of those of m rows that start warm into the basis of the fixed side. */
static void turn_starts(const half *h, const int32_t *rows, int m, arena scratch) {
    int64_t ld = h->ld;
    float *from = take_raw(&scratch, float, m * ld), *to = take_raw(&scratch, float, m * ld);
    int32_t *who = take_raw(&scratch, int32_t, m);
    int warm = 0;
    for (int i = 0; i < m; i++) {
        int64_t n = sparse_degree(h->rows, rows[i]);
        if (is_short(h, n) || is_long(h, n)) continue;
        memcpy(from + warm * ld, h->out + rows[i] * ld, sizeof *from * (size_t)ld);
        who[warm++] = rows[i];
    }
    if (warm == 0) return;
    kernels_blas.gemm_nt(warm, h->ld, h->ld, 1, from, h->ld, h->turn, h->ld, 0, to, h->ld);
    for (int i = 0; i < warm; i++)
        memcpy(h->out + who[i] * ld, to + i * ld, sizeof *to * (size_t)ld);
}

static void solve_chunk(void *what, int64_t chunk, arena scratch) {
    const half *h = what;
    for (int64_t i = h->bounds[chunk]; i < h->bounds[chunk + 1]; i++) {
        if ((i - h->bounds[chunk]) % GROUP == 0) {
            int64_t left = h->bounds[chunk + 1] - i;
            turn_starts(h, h->order + i, (int)(left < GROUP ? left : GROUP), scratch);
        }
        int64_t row = h->order[i], from = h->rows->at[row], n = h->rows->at[row + 1] - from;
        float *x = h->out + row * h->ld, *prior = NULL;
        arena a = scratch;
        if (h->prior) als_prior_row(h->prior, row, h->ld, prior = take(&a, float, h->ld));
        if (n == 0) memset(x, 0, sizeof *x * (size_t)h->ld);
        else solve_row(h, n, h->rows->col + from, h->rows->value + from, prior, x, a);
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
    int16_t *mirror; /* [n, ld], filled while y is turned; NULL = none */
    float *step;     /* [n] */
    float *unit;     /* [ld] root mean square of a turned column */
    float *inverse;  /* [ld] */
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
    float *copy = take_raw(&scratch, float, ROWS * f->ld);
    int rows = rows_of(f, chunk);
    for (int from = 0; from < rows; from += ROWS) {
        int m = rows - from < ROWS ? rows - from : ROWS;
        float *y = f->y + (chunk * f->block + from) * f->ld;
        memcpy(copy, y, sizeof *y * (size_t)m * (size_t)f->ld);
        kernels_blas.gemm_nt(m, f->k, f->k, 1, copy, f->ld, f->turn, f->ld, 0, y, f->ld);
        int64_t row = chunk * f->block + from;
        if (f->mirror)
            fast[simd_level()].mirror(m, f->ld, y, f->inverse, f->mirror + row * f->ld,
                                      f->step + row);
    }
}

/* Turns the n rows of y, in blocks of f's size. */
static void turn_rows(const fixed *f, float *y, int64_t n, pool *threads) {
    fixed g = *f;
    g.y = y;
    g.n = n;
    if (y != f->y) g.mirror = NULL;
    pool_for(threads, (n + f->block - 1) / f->block, turn_chunk, &g);
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
    for (int j = 0; j < k && f->mirror; j++) {
        f->unit[j] = sqrtf(eigen[j] / (float)f->n);
        f->inverse[j] = f->unit[j] > 0 ? 1 / f->unit[j] : 0;
    }
    turn_rows(f, f->y, f->n, threads);
    return true;
}

/* The parameters with cg_steps 0 settled by what an exact half-step would cost. */
static als_params settle(als_params p, const sparse *rows) {
    if (p.exact || p.cg_steps > 0) return p;
    double k = p.factors, cost = 0;
    for (int64_t r = 0; r < rows->rows; r++) {
        double n = (double)sparse_degree(rows, r);
        cost += 4 * n <= 3 * k ? n * n * k : n * k * k + k * k * k / 3;
    }
    p.cg_steps = 2;
    p.exact = cost < 4e9;
    return p;
}

bool als_half(als_model *m, als_side side, const sparse *rows, const als_prior *priors,
              pool *threads, arena scratch, err *e) {
    float *y = side == ALS_USERS ? m->item : m->user, *out = side == ALS_USERS ? m->user : m->item;
    fixed f = {.y = y, .n = rows->cols, .k = m->p.factors, .ld = m->ld,
               .turn = take(&scratch, float, (int64_t)m->ld * m->ld)};
    als_params p = settle(m->p, rows);
    if (!p.exact) {
        f.mirror = take_raw(&scratch, int16_t, f.n * f.ld);
        f.step = take_raw(&scratch, float, f.n);
        f.unit = take(&scratch, float, f.ld);
        f.inverse = take(&scratch, float, f.ld);
    }
    if (!turn_side(&f, m->eigen, threads, scratch, e)) return false;
    for (int i = 0; i < 2 && priors; i++)
        if (priors[i].features) turn_rows(&f, priors[i].map, priors[i].features->cols, threads);
    half h = {.p = p, .rows = rows, .from = {y, f.mirror, f.step}, .unit = f.unit,
              .eigen = m->eigen, .turn = f.turn, .out = out, .ld = m->ld};
    if (priors && priors[side].features) h.prior = &priors[side];
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
    float least = p.target == ALS_TARGET_CONFIDENCE ? p.alpha0 : 0;
    for (int64_t i = 0; i < n; i++)
        if (!(by_user->value[i] >= least && by_user->value[i] < 1e30f))
            return refuse(e, "als: %s must be %g or more, found %g",
                          least > 0 ? "confidences (alpha times weight)" : "weights", (double)least,
                          (double)by_user->value[i]);
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
    return als_half(m, ALS_ITEMS, by_item, NULL, threads, scratch, e) &&
           als_half(m, ALS_USERS, by_user, NULL, threads, scratch, e);
}

bool als_fit(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
             pool *threads, arena *keep, arena scratch, err *e) {
    if (!als_start(m, by_user, by_item, p, keep, e)) return false;
    for (int i = 0; i < p.iterations; i++)
        if (!als_step(m, by_user, by_item, threads, scratch, e)) return false;
    return true;
}

void als_fold_prior(const als_model *m, int64_t n, const int32_t *items, const float *weights,
                    const float *prior, float *x, arena scratch) {
    memset(x, 0, sizeof *x * (size_t)m->ld);
    if (n == 0 && prior) memcpy(x, prior, sizeof *x * (size_t)m->ld);
    if (n == 0) return;
    sparse shape = {.rows = 1, .cols = m->items};
    half h = {.p = m->p, .rows = &shape, .from = {.full = m->item}, .eigen = m->eigen, .ld = m->ld};
    h.p.exact = true;
    solve_row(&h, n, items, weights, prior, x, scratch);
}

void als_fold(const als_model *m, int64_t n, const int32_t *items, const float *weights, float *x,
              arena scratch) {
    als_fold_prior(m, n, items, weights, NULL, x, scratch);
}
