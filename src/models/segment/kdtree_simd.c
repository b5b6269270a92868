/* kdtree kernels: 16 queries against a box, and queries against the 16 rows of a leaf. */
#include "models/segment/kdtree_parts.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { W = SIMD_WIDTH, PARTS = KDTREE_LEAF / W };

typedef float lanes_f __attribute__((vector_size(W * 4), may_alias));
typedef float loose_f __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef int32_t lanes_i __attribute__((vector_size(W * 4), may_alias));

/* A bit for each lane where a <= b. */
static inline uint32_t at_most(lanes_f a, lanes_f b) {
#if SIMD_WIDTH == 16
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LE_OQ);
#elif SIMD_WIDTH == 8
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_LE_OQ));
#elif defined(__x86_64__)
    return (uint32_t)_mm_movemask_ps(_mm_cmple_ps((__m128)a, (__m128)b));
#else
    uint32_t bits = 0;
    for (int i = 0; i < W; i++) bits |= (uint32_t)(a[i] <= b[i]) << i;
    return bits;
#endif
}

static inline lanes_f larger(lanes_f a, lanes_f b) {
#if SIMD_WIDTH == 16
    return (lanes_f)_mm512_max_ps((__m512)a, (__m512)b);
#elif SIMD_WIDTH == 8
    return (lanes_f)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
    return (lanes_f)_mm_max_ps((__m128)a, (__m128)b);
#else
    lanes_i more = a > b;
    return (lanes_f)((more & (lanes_i)a) | (~more & (lanes_i)b));
#endif
}

typedef int32_t loose_i __attribute__((vector_size(W * 4), aligned(4), may_alias));

uint32_t SIMD(kdtree_same)(const int32_t *number, int32_t value) {
    uint32_t found = 0;
    for (int part = 0; part < PARTS; part++) {
#if SIMD_WIDTH == 16
        found |= _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(number), _mm512_set1_epi32(value));
#elif defined(__x86_64__)
        lanes_i same = *(const loose_i *)(number + part * W) == value;
#if SIMD_WIDTH == 8
        found |= (uint32_t)_mm256_movemask_ps((__m256)same) << part * W;
#else
        found |= (uint32_t)_mm_movemask_ps((__m128)same) << part * W;
#endif
#else
        for (int i = part * W; i < part * W + W; i++)
            found |= (uint32_t)(number[i] == value) << i;
#endif
    }
    return found;
}

static inline __attribute__((always_inline)) uint32_t near_of(const float *bundle,
                                                              const float *box, const int d,
                                                              const float *limit) {
    uint32_t found = 0;
    for (int part = 0; part < PARTS; part++) {
        lanes_f sum = {0}, zero = {0};
        for (int c = 0; c < d; c++) {
            lanes_f v = *(const loose_f *)(bundle + c * KDTREE_LEAF + part * W);
            lanes_f gap = larger(larger(box[c] - v, v - box[d + c]), zero);
            sum += gap * gap;
        }
        found |= at_most(sum, *(const loose_f *)(limit + part * W)) << part * W;
    }
    return found;
}

static inline __attribute__((always_inline)) void scan_of(const float *leaf, const float *query,
                                                          int step, const int d, uint32_t lanes,
                                                          const float *limit, uint32_t *hits) {
    for (; lanes; lanes &= lanes - 1) {
        int l = __builtin_ctz(lanes);
        lanes_f sum[PARTS] = {{0}};
        for (int c = 0; c < d; c++)
            for (int part = 0; part < PARTS; part++) {
                lanes_f v = *(const loose_f *)(leaf + c * KDTREE_LEAF + part * W);
                v -= query[c * step + l];
                sum[part] += v * v;
            }
        uint32_t found = 0;
        for (int part = 0; part < PARTS; part++)
            found |= at_most(sum[part], (lanes_f){0} + limit[l]) << part * W;
        hits[l] = found;
    }
}

enum { H = W / 2 };

typedef double half_d __attribute__((vector_size(H * 8), aligned(8), may_alias));
typedef int64_t half_l __attribute__((vector_size(H * 8), aligned(8), may_alias));
typedef int32_t half_i __attribute__((vector_size(H * 4), aligned(4), may_alias));

/* The lanes of `now` moved up by one, the last of `below` in front. */
#if SIMD_WIDTH == 16
#define MOVED(below, now) __builtin_shufflevector(below, now, 7, 8, 9, 10, 11, 12, 13, 14)
#elif SIMD_WIDTH == 8
#define MOVED(below, now) __builtin_shufflevector(below, now, 3, 4, 5, 6)
#else
#define MOVED(below, now) __builtin_shufflevector(below, now, 1, 2)
#endif

bool SIMD(kdtree_insert)(double *far, int32_t *near, int k, double square, int32_t slot) {
    half_d below = (half_d){0} - 1;
    half_i near_below = {0};
    half_l same = {0};
    for (int at = 0; at < k; at += H) {
        half_d now = *(half_d *)(far + at), moved = MOVED(below, now);
        half_i near_now = *(half_i *)(near + at), near_moved = MOVED(near_below, near_now);
        half_l stays = now <= square, starts = moved <= square;
        half_d all = (half_d){0} + square;
        half_i near_all = (half_i){0} + slot;
        same |= now == square;
        half_i near_stays = __builtin_convertvector(stays, half_i);
        half_i near_starts = __builtin_convertvector(starts, half_i);
        *(half_d *)(far + at) = (half_d)((stays & (half_l)now) |
                                         (~stays & ((starts & (half_l)all) |
                                                    (~starts & (half_l)moved))));
        *(half_i *)(near + at) = (near_stays & near_now) |
                                 (~near_stays & ((near_starts & near_all) |
                                                 (~near_starts & near_moved)));
        below = now;
        near_below = near_now;
    }
    int64_t found = 0;
    for (int i = 0; i < H; i++) found |= same[i];
    return found != 0;
}

/* A constant number of columns keeps a leaf in registers. */
#define BY_COLUMNS(call)                                                                           \
    switch (d) {                                                                                   \
    case 2: call(2); break;                                                                        \
    case 3: call(3); break;                                                                        \
    case 4: call(4); break;                                                                        \
    case 5: call(5); break;                                                                        \
    case 6: call(6); break;                                                                        \
    case 7: call(7); break;                                                                        \
    case 8: call(8); break;                                                                        \
    default: call(d);                                                                              \
    }

uint32_t SIMD(kdtree_near)(const float *bundle, const float *box, int d, const float *limit) {
    uint32_t found;
#define NEAR(columns) found = near_of(bundle, box, columns, limit)
    BY_COLUMNS(NEAR)
    return found;
}

void SIMD(kdtree_scan)(const float *leaf, const float *query, int step, int d, uint32_t lanes,
                       const float *limit, uint32_t *hits) {
#define SCAN(columns) scan_of(leaf, query, step, columns, lanes, limit, hits)
    BY_COLUMNS(SCAN)
}
