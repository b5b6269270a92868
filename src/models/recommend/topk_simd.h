/* topk_simd: whole-number dot products of a few queries with a panel of 64 items. */
#ifndef MODELS_RECOMMEND_TOPK_SIMD_H
#define MODELS_RECOMMEND_TOPK_SIMD_H

#include <stdint.h>

#include "base/simd.h"

/* What one panel asks of up to 4 queries. */
typedef struct topk_scan {
    int groups;           /* of 4 numbers, even */
    const uint8_t *code;  /* [groups, 64, 4] of the items */
    const int8_t *query[4]; /* [groups, 4] */
    int32_t least[4];
    uint64_t hits[4]; /* out: bit i is set where the sum with item i is at least `least` */
} topk_scan;

typedef struct topk_kernel {
    const char *name;
    int most; /* numbers lie in -most … most; an item's code is its number + most + 1 */
    void (*one)(topk_scan *s);  /* query[0] only */
    void (*four)(topk_scan *s);
} topk_kernel;

enum { TOPK_PLAIN, TOPK_AVX2, TOPK_AVX512, TOPK_VNNI, TOPK_KERNELS };
extern const topk_kernel topk_kernels[TOPK_KERNELS];

/* The best kernel of this processor within simd_level(); and whether it has a certain one. */
int topk_kernel_here(void);
int topk_kernel_has(int kernel);

SIMD_DECLARE(void, topk_scan_one, topk_scan *s);
SIMD_DECLARE(void, topk_scan_four, topk_scan *s);

/* The same with the 8-bit dot products of AVX-512 VNNI; only the avx512 copy has them. */
SIMD_DECLARE(void, topk_vnni_one, topk_scan *s);
SIMD_DECLARE(void, topk_vnni_four, topk_scan *s);

#endif
