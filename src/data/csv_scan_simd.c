/* csv_scan: which bytes of a text matter to a CSV reader, 64 at a time, as bit masks. */
#include "data/csv_scan.h"

#if defined(__AVX512BW__)
#include <immintrin.h>

static inline csv_mask block(const char *p, char delimiter) {
    __m512i b = _mm512_loadu_si512(p);
    return (csv_mask){
        .quote = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('"')),
        .delimiter = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(delimiter)),
        .lf = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\n')),
        .cr = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\r')),
        .odd = _mm512_cmple_epi8_mask(b, _mm512_setzero_si512()), /* as signed bytes: <= 0 */
    };
}

#elif defined(__AVX2__)
#include <immintrin.h>

static inline uint64_t equal(__m256i low, __m256i high, char c) {
    __m256i wanted = _mm256_set1_epi8(c);
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return a | (uint64_t)b << 32;
}

static inline csv_mask block(const char *p, char delimiter) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    uint64_t signs = (uint32_t)_mm256_movemask_epi8(low) |
                     (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
    return (csv_mask){.quote = equal(low, high, '"'),
                      .delimiter = equal(low, high, delimiter),
                      .lf = equal(low, high, '\n'),
                      .cr = equal(low, high, '\r'),
                      .odd = equal(low, high, 0) | signs};
}

#else

static inline csv_mask block(const char *p, char delimiter) {
    csv_mask m = {0};
    for (int i = 0; i < 64; i++) {
        uint64_t bit = (uint64_t)1 << i;
        if (p[i] == '"') m.quote |= bit;
        if (p[i] == delimiter) m.delimiter |= bit;
        if (p[i] == '\n') m.lf |= bit;
        if (p[i] == '\r') m.cr |= bit;
        if ((signed char)p[i] <= 0) m.odd |= bit;
    }
    return m;
}

#endif

void SIMD(csv_scan)(const char *p, int blocks, char delimiter, csv_mask *out) {
    for (int i = 0; i < blocks; i++) out[i] = block(p + 64 * i, delimiter);
}
