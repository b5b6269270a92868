/* topk_simd: whole-number dot products of a few queries with a panel of 64 items. */
#include "models/recommend/topk_simd.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#ifdef __AVX2__
#include <immintrin.h>

#ifdef __AVX512BW__
enum { W = 16, TILE = 4 };
typedef __m512i vec;
#define load(p)        _mm512_loadu_si512(p)
#define spread(x)      _mm512_set1_epi32(x)
#define pairs(u, s)    _mm512_maddubs_epi16(u, s)
#define add16(a, b)    _mm512_add_epi16(a, b)
#define add32(a, b)    _mm512_add_epi32(a, b)
#define sum_pairs(a)   _mm512_madd_epi16(a, _mm512_set1_epi16(1))
#define reach(a, b)    ((uint64_t)_mm512_cmpge_epi32_mask(a, b))
#else
enum { W = 8, TILE = 2 };
typedef __m256i vec;
#define load(p)        _mm256_loadu_si256((const __m256i *)(p))
#define spread(x)      _mm256_set1_epi32(x)
#define pairs(u, s)    _mm256_maddubs_epi16(u, s)
#define add16(a, b)    _mm256_add_epi16(a, b)
#define add32(a, b)    _mm256_add_epi32(a, b)
#define sum_pairs(a)   _mm256_madd_epi16(a, _mm256_set1_epi16(1))
#define reach(a, b)                                                                                \
    ((uint64_t)(~_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a))) & 255))
#endif

/* One group of 4 numbers of one query in every lane. */
INLINE vec numbers(const int8_t *query, int group) {
    int32_t four;
    memcpy(&four, query + 4 * group, sizeof four);
    return spread(four);
}

/* Products of neighbours are added in 16 bits: two pairs of 127 * 63 each way still fit. */
INLINE void scan(topk_scan *s, int queries) {
    for (int q = 0; q < queries; q++) s->hits[q] = 0;
    for (int v = 0; v < 64 / W; v += TILE) {
        vec sum[4][TILE];
        for (int q = 0; q < queries; q++)
            for (int t = 0; t < TILE; t++) sum[q][t] = spread(0);
        const uint8_t *code = s->code + 4 * W * v;
        for (int g = 0; g < s->groups; g += 2, code += 512)
            for (int q = 0; q < queries; q++) {
                vec a = numbers(s->query[q], g), b = numbers(s->query[q], g + 1);
                for (int t = 0; t < TILE; t++) {
                    vec first = pairs(load(code + 4 * W * t), a);
                    vec second = pairs(load(code + 256 + 4 * W * t), b);
                    sum[q][t] = add32(sum[q][t], sum_pairs(add16(first, second)));
                }
            }
        for (int q = 0; q < queries; q++)
            for (int t = 0; t < TILE; t++)
                s->hits[q] |= reach(sum[q][t], spread(s->least[q])) << (W * (v + t));
    }
}

void SIMD(topk_scan_one)(topk_scan *s) { scan(s, 1); }
void SIMD(topk_scan_four)(topk_scan *s) { scan(s, 4); }

#else /* the plain copy */

INLINE void scan(topk_scan *s, int queries) {
    for (int q = 0; q < queries; q++) {
        int32_t sum[64] = {0};
        for (int g = 0; g < s->groups; g++)
            for (int i = 0; i < 64; i++)
                for (int j = 0; j < 4; j++)
                    sum[i] += s->code[256 * g + 4 * i + j] * s->query[q][4 * g + j];
        s->hits[q] = 0;
        for (int i = 0; i < 64; i++) s->hits[q] |= (uint64_t)(sum[i] >= s->least[q]) << i;
    }
}

void SIMD(topk_scan_one)(topk_scan *s) { scan(s, 1); }
void SIMD(topk_scan_four)(topk_scan *s) { scan(s, 4); }

#endif

#ifdef __AVX512BW__
#define VNNI __attribute__((target("avx512vnni")))

VNNI INLINE void scan_vnni(topk_scan *s, int queries) {
    vec sum[4][4];
    for (int q = 0; q < queries; q++)
        for (int v = 0; v < 4; v++) sum[q][v] = spread(0);
    const uint8_t *code = s->code;
    for (int g = 0; g < s->groups; g++, code += 256)
        for (int q = 0; q < queries; q++) {
            vec of_query = numbers(s->query[q], g);
            for (int v = 0; v < 4; v++)
                sum[q][v] = _mm512_dpbusd_epi32(sum[q][v], load(code + 64 * v), of_query);
        }
    for (int q = 0; q < queries; q++) {
        vec least = spread(s->least[q]);
        s->hits[q] = reach(sum[q][0], least) | reach(sum[q][1], least) << 16 |
                     reach(sum[q][2], least) << 32 | reach(sum[q][3], least) << 48;
    }
}

VNNI void SIMD(topk_vnni_one)(topk_scan *s) { scan_vnni(s, 1); }
VNNI void SIMD(topk_vnni_four)(topk_scan *s) { scan_vnni(s, 4); }
#else
void SIMD(topk_vnni_one)(topk_scan *s) { scan(s, 1); }
void SIMD(topk_vnni_four)(topk_scan *s) { scan(s, 4); }
#endif
