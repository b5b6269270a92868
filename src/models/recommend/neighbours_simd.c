/* neighbours_simd: sums of products of 64 sparse queries with one sparse item, in 16 bits. */
#include "models/recommend/neighbours_simd.h"

#ifdef __AVX2__
#include <immintrin.h>

#ifdef __AVX512BW__
enum { W = 32 };
typedef __m512i vec;
#define load(p)       _mm512_loadu_si512(p)
#define spread(x)     _mm512_set1_epi16(x)
#define add(a, b)     _mm512_add_epi16(a, b)
#define high(a, b)    _mm512_mulhi_epi16(a, b)
#define reach(a, b)   ((uint64_t)_mm512_cmpge_epi16_mask(a, b))
#else
enum { W = 16 };
typedef __m256i vec;
#define load(p)       _mm256_loadu_si256((const __m256i *)(p))
#define spread(x)     _mm256_set1_epi16(x)
#define add(a, b)     _mm256_add_epi16(a, b)
#define high(a, b)    _mm256_mulhi_epi16(a, b)
#define reach(a, b)   below(_mm256_cmpgt_epi16(b, a))

/* One bit for each 16-bit lane that is not set. */
static inline uint64_t below(vec m) {
    vec bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(m, _mm256_setzero_si256()), 0xd8);
    return (uint64_t)(~_mm256_movemask_epi8(bytes) & 0xffff);
}
#endif

uint64_t SIMD(neighbours_sums)(const neighbours_block *b, int64_t n, const int32_t *term,
                               const int16_t *value) {
    vec sum[NEIGHBOURS_LANES / W];
    for (int v = 0; v < NEIGHBOURS_LANES / W; v++) sum[v] = spread(0);
    for (int64_t i = 0; i < n; i++) {
        const int16_t *weight = b->weight + (int64_t)b->slot[term[i]] * NEIGHBOURS_LANES;
        vec times = spread(value[i]);
        for (int v = 0; v < NEIGHBOURS_LANES / W; v++)
            sum[v] = add(sum[v], high(load(weight + W * v), times));
    }
    uint64_t hits = 0;
    for (int v = 0; v < NEIGHBOURS_LANES / W; v++)
        hits |= reach(sum[v], load(b->limit + W * v)) << (W * v);
    return hits;
}

#else /* the plain copy */

uint64_t SIMD(neighbours_sums)(const neighbours_block *b, int64_t n, const int32_t *term,
                               const int16_t *value) {
    int16_t sum[NEIGHBOURS_LANES] = {0};
    for (int64_t i = 0; i < n; i++) {
        const int16_t *weight = b->weight + (int64_t)b->slot[term[i]] * NEIGHBOURS_LANES;
        for (int l = 0; l < NEIGHBOURS_LANES; l++)
            sum[l] = (int16_t)(sum[l] + ((weight[l] * value[i]) >> 16));
    }
    uint64_t hits = 0;
    for (int l = 0; l < NEIGHBOURS_LANES; l++) hits |= (uint64_t)(sum[l] >= b->limit[l]) << l;
    return hits;
}

#endif
