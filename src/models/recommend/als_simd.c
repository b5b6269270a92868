/* als_simd: the inner loops of als, one copy for each instruction set. */
#include "models/recommend/als_simd.h"

#include <math.h>
#include <string.h>

#define W SIMD_WIDTH
enum {
    AHEAD = 6, /* rows: the gather waits for memory, not for arithmetic */
    BLOCK = 16 /* rows that a first pass takes from the cache */
};
typedef float vec __attribute__((vector_size(4 * SIMD_WIDTH)));
typedef float quad __attribute__((vector_size(16)));
typedef int32_t whole __attribute__((vector_size(4 * SIMD_WIDTH)));
typedef int16_t narrow __attribute__((vector_size(2 * SIMD_WIDTH)));

/* In each group of four lanes: a0+a1, a2+a3, b0+b1, b2+b3. */
#if SIMD_WIDTH == 4
#define EVEN 0, 2, 4, 6
#define ODD  1, 3, 5, 7
#elif SIMD_WIDTH == 8
#define EVEN 0, 2, 8, 10, 4, 6, 12, 14
#define ODD  1, 3, 9, 11, 5, 7, 13, 15
#else
#define EVEN 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30
#define ODD  1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31
#endif
static inline vec add_pairs(vec a, vec b) {
    return __builtin_shufflevector(a, b, EVEN) + __builtin_shufflevector(a, b, ODD);
}

/* The groups of four lanes, added. */
static inline quad fold(vec v) {
#if SIMD_WIDTH == 4
    return v;
#elif SIMD_WIDTH == 8
    return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
    return (__builtin_shufflevector(v, v, 0, 1, 2, 3) +
            __builtin_shufflevector(v, v, 4, 5, 6, 7)) +
           (__builtin_shufflevector(v, v, 8, 9, 10, 11) +
            __builtin_shufflevector(v, v, 12, 13, 14, 15));
#endif
}

/* sum(a), sum(b), sum(c), sum(d) */
static inline quad sums(vec a, vec b, vec c, vec d) {
    return fold(add_pairs(add_pairs(a, b), add_pairs(c, d)));
}

static inline vec load(const float *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store(float *p, vec v) { memcpy(p, &v, sizeof v); }

static inline float sum(vec v) {
    quad q = fold(v);
    return (q[0] + q[1]) + (q[2] + q[3]);
}

static inline vec all(float x) {
    vec zero = {0};
    return zero + x;
}

static inline vec wide(const int16_t *p) {
    narrow v;
    memcpy(&v, p, sizeof v);
    return __builtin_convertvector(__builtin_convertvector(v, whole), vec);
}

void SIMD(als_mirror)(int n, int k, const float *y, const float *inverse, int16_t *mirror,
                      float *step) {
    const vec round = all(12582912.0f); /* 1.5 * 2^23: what is added to it becomes whole */
    for (int i = 0; i < n; i++, y += k, mirror += k) {
        whole most = {0}; /* bits of floats above 0 have the order of the floats */
        for (int j = 0; j < k; j += W) {
            vec v = load(y + j) * load(inverse + j);
            whole bits;
            memcpy(&bits, &v, sizeof bits);
            bits &= 0x7fffffff;
            whole more = bits > most;
            most = (bits & more) | (most & ~more);
        }
        int32_t top = 0;
        for (int l = 0; l < W; l++) top = most[l] > top ? most[l] : top;
        float largest;
        memcpy(&largest, &top, sizeof largest);
        step[i] = largest / 32767;
        vec f = all(largest > 0 ? 32767 / largest : 0);
        for (int j = 0; j < k; j += W) {
            vec v = load(y + j) * load(inverse + j) * f + round;
            whole bits;
            memcpy(&bits, &v, sizeof bits);
            narrow q = __builtin_convertvector(bits - 0x4B400000, narrow);
            memcpy(mirror + j, &q, sizeof q);
        }
    }
}

static inline void gather_full(const als_rows *s, int i, float *to) {
    const float *row = s->from.full + (int64_t)s->ids[i] * s->k;
    vec weight = all(s->d[i]);
    if (i + AHEAD < s->n)
        for (int j = 0; j < s->k; j += 16)
            __builtin_prefetch(s->from.full + (int64_t)s->ids[i + AHEAD] * s->k + j);
    for (int j = 0; j < s->k; j += W) store(to + j, load(row + j) * load(s->scale + j) * weight);
}

static inline void gather_mirror(const als_rows *s, int i, float *to) {
    const int16_t *row = s->from.mirror + (int64_t)s->ids[i] * s->k;
    vec weight = all(s->d[i] * s->from.step[s->ids[i]]);
    if (i + AHEAD < s->n)
        for (int j = 0; j < s->k; j += 32)
            __builtin_prefetch(s->from.mirror + (int64_t)s->ids[i + AHEAD] * s->k + j);
    for (int j = 0; j < s->k; j += W) store(to + j, wide(row + j) * load(s->scale + j) * weight);
}

/* Rows from … to-1 of b, zeros up to a multiple of 4. */
static inline void gather(const als_rows *s, int from, int to) {
    int k = s->k, padded = (to + 3) & ~3;
    if (s->from.mirror)
        for (int i = from; i < to; i++) gather_mirror(s, i, s->b + (int64_t)i * k);
    else
        for (int i = from; i < to; i++) gather_full(s, i, s->b + (int64_t)i * k);
    memset(s->b + (int64_t)to * k, 0, sizeof *s->b * (size_t)(padded - to) * (size_t)k);
}

void SIMD(als_gather)(const als_rows *s) { gather(s, 0, s->n); }

void SIMD(als_scale)(int k, const float *eigen, float alpha0, float lambda, float *scale) {
    for (int j = 0; j < k; j++) scale[j] = 1 / sqrtf(alpha0 * eigen[j] + lambda);
}

void SIMD(als_add_rows)(int n, int k, const float *b, const float *d, float *x) {
    int j = 0;
    for (; j + 4 * W <= k; j += 4 * W) {
        vec a0 = load(x + j), a1 = load(x + j + W), a2 = load(x + j + 2 * W),
            a3 = load(x + j + 3 * W);
        for (int i = 0; i < n; i++) {
            const float *row = b + (int64_t)i * k + j;
            vec f = all(d[i]);
            a0 += f * load(row);
            a1 += f * load(row + W);
            a2 += f * load(row + 2 * W);
            a3 += f * load(row + 3 * W);
        }
        store(x + j, a0);
        store(x + j + W, a1);
        store(x + j + 2 * W, a2);
        store(x + j + 3 * W, a3);
    }
    for (; j < k; j += W) {
        vec a = load(x + j);
        for (int i = 0; i < n; i++) a += all(d[i]) * load(b + (int64_t)i * k + j);
        store(x + j, a);
    }
}

/* Products of rows i … i+3 with rows j … j+3 into s[4][ls]. */
static inline void tile(int k, const float *bi, const float *bj, float *s, int64_t ls) {
    vec a[4][4] = {{{0}}};
    for (int l = 0; l < k; l += W) {
        vec y[4];
        for (int c = 0; c < 4; c++) y[c] = load(bj + (int64_t)c * k + l);
        for (int r = 0; r < 4; r++) {
            vec x = load(bi + (int64_t)r * k + l);
            for (int c = 0; c < 4; c++) a[r][c] += x * y[c];
        }
    }
    for (int r = 0; r < 4; r++) {
        quad q = sums(a[r][0], a[r][1], a[r][2], a[r][3]);
        memcpy(s + r * ls, &q, sizeof q);
    }
}

/* s = U'U in the upper triangle of s[n, ls]; column n rides along and becomes U'^-1 of itself.
 * inverse[p] = 1 / U[p][p]. Lanes left of the diagonal hold numbers that nobody reads. */
static inline void factor(int n, float *s, int64_t ls, float *inverse) {
    for (int p = 0; p < n; p++) {
        float *row = s + p * ls, f = 1 / sqrtf(row[p]);
        inverse[p] = f;
        for (int j = p & ~(W - 1); j <= n; j += W) store(row + j, load(row + j) * all(f));
        for (int i = p + 1; i < n; i++) {
            float *to = s + i * ls;
            vec g = all(row[i]);
            for (int j = i & ~(W - 1); j <= n; j += W)
                store(to + j, load(to + j) - g * load(row + j));
        }
    }
}

void SIMD(als_dual)(int n, int k, const float *b, const float *d, float *x, float *work) {
    int64_t ls = (n + 16) & ~15;
    int padded = (n + 3) & ~3;
    float *z = work, *inverse = work + ls, *s = work + 2 * ls;
    for (int i = 0; i < padded; i++) memset(s + i * ls, 0, sizeof *s * (size_t)ls);
    for (int i = 0; i < padded; i += 4)
        for (int j = i; j < padded; j += 4)
            tile(k, b + (int64_t)i * k, b + (int64_t)j * k, s + i * ls + j, ls);
    for (int i = 0; i < n; i++) {
        s[i * ls + i] += 1;
        s[i * ls + n] = d[i];
    }
    factor(n, s, ls, inverse);
    memset(z, 0, sizeof *z * (size_t)ls);
    for (int p = n - 1; p >= 0; p--) {
        const float *row = s + p * ls;
        vec dot = {0};
        for (int j = (p + 1) & ~(W - 1); j < n; j += W) dot += load(row + j) * load(z + j);
        z[p] = (row[n] - sum(dot)) * inverse[p];
    }
    memset(x, 0, sizeof *x * (size_t)k);
    SIMD(als_add_rows)(n, k, b, z, x);
}

static inline quad dot4(int k, const float *row, const float *p) {
    vec a = {0}, b = {0}, c = {0}, d = {0};
    for (int j = 0; j < k; j += W) {
        vec x = load(p + j);
        a += x * load(row + j);
        b += x * load(row + k + j);
        c += x * load(row + 2 * k + j);
        d += x * load(row + 3 * k + j);
    }
    return sums(a, b, c, d);
}

void SIMD(als_products)(int rows, int k, const float *v, const float *x, float *y) {
    for (int i = 0; i < rows; i += 4) {
        quad q = dot4(k, v + (int64_t)i * k, x);
        memcpy(y + i, &q, sizeof q);
    }
}

/* q += b'(b p - d), or b' b p where d is NULL: four rows at a time, while they are in the cache. */
static inline void twice(int n, int k, const float *b, const float *d, const float *p, float *q) {
    for (int i = 0; i < n; i += 4) {
        const float *row = b + (int64_t)i * k;
        quad t = dot4(k, row, p);
        for (int r = 0; d && r < 4 && i + r < n; r++) t[r] -= d[i + r];
        vec t0 = all(t[0]), t1 = all(t[1]), t2 = all(t[2]), t3 = all(t[3]);
        for (int j = 0; j < k; j += W)
            store(q + j, load(q + j) + (t0 * load(row + j) + t1 * load(row + k + j)) +
                             (t2 * load(row + 2 * k + j) + t3 * load(row + 3 * k + j)));
    }
}

void SIMD(als_gather_first)(const als_rows *s, const float *want, const float *z, float *r) {
    for (int from = 0; from < s->n; from += BLOCK) {
        int to = from + BLOCK < s->n ? from + BLOCK : s->n;
        gather(s, from, to);
        twice(to - from, s->k, s->b + (int64_t)from * s->k, want + from, z, r);
    }
    for (int j = 0; j < s->k; j++) r[j] = -r[j];
}

static inline float dot(int k, const float *x, const float *y) {
    vec a = {0};
    for (int j = 0; j < k; j += W) a += load(x + j) * load(y + j);
    return sum(a);
}

void SIMD(als_cg)(const als_rows *s, const float *own, float *x, float *r, int steps,
                  float *work) {
    int k = s->k;
    float *p = work, *q = work + k;
    memcpy(p, r, sizeof *p * (size_t)k);
    float now = dot(k, r, r), enough = 1e-12f * now;
    for (int step = 0; step < steps && now > enough; step++) {
        for (int j = 0; j < k; j += W) store(q + j, load(own + j) * load(p + j));
        twice(s->n, k, s->b, NULL, p, q);
        float a = now / dot(k, p, q);
        for (int j = 0; j < k; j += W) {
            store(x + j, load(x + j) + all(a) * load(p + j));
            store(r + j, load(r + j) - all(a) * load(q + j));
        }
        float next = dot(k, r, r), turn = next / now;
        now = next;
        for (int j = 0; j < k; j += W) store(p + j, load(r + j) + all(turn) * load(p + j));
    }
}
