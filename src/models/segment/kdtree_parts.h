/* kdtree_parts: what the searches of a k-d tree share: kernels, and distances in double.
 *
 * A bundle is 16 queries searched for together, [d][16] like a leaf. A kernel compares squared
 * distances in float with a limit a query, so the limit must have the room of float's rounding:
 * kdtree_limit. A limit below 0 excludes the query. */
#ifndef MODELS_SEGMENT_KDTREE_PARTS_H
#define MODELS_SEGMENT_KDTREE_PARTS_H

#include <float.h>

#include "base/simd.h"
#include "models/segment/kdtree.h"

/* Which queries of a bundle have the box [2][d] within their limit [16]: a bit each. */
typedef uint32_t kdtree_near_kernel(const float *bundle, const float *box, int d,
                                    const float *limit);

/* For each query that has its bit in `lanes`, which rows of the leaf are within its limit: hits
 * [16], a bit each. Query l is query[l], query[l + step], … */
typedef void kdtree_scan_kernel(const float *leaf, const float *query, int step, int d,
                                uint32_t lanes, const float *limit, uint32_t *hits);

/* Which of 16 numbers are `value`: a bit each. */
typedef uint32_t kdtree_same_kernel(const int32_t *number, int32_t value);

/* Puts (square, slot) into the ascending list far [k], near [k] behind what is as far; what was
 * last goes. Both have room for KDTREE_ROOM(k), at first infinity. True: something was as far. */
typedef bool kdtree_insert_kernel(double *far, int32_t *near, int k, double square, int32_t slot);
#define KDTREE_ROOM(k) (((k) + 7) / 8 * 8)

SIMD_DECLARE(bool, kdtree_insert, double *far, int32_t *near, int k, double square, int32_t slot);
SIMD_DECLARE(uint32_t, kdtree_near, const float *bundle, const float *box, int d,
             const float *limit);
SIMD_DECLARE(void, kdtree_scan, const float *leaf, const float *query, int step, int d,
             uint32_t lanes, const float *limit, uint32_t *hits);
SIMD_DECLARE(uint32_t, kdtree_same, const int32_t *number, int32_t value);

static kdtree_near_kernel *const kdtree_near_kernels[] = SIMD_TABLE(kdtree_near);
static kdtree_scan_kernel *const kdtree_scan_kernels[] = SIMD_TABLE(kdtree_scan);
static kdtree_insert_kernel *const kdtree_insert_kernels[] = SIMD_TABLE(kdtree_insert);
static kdtree_same_kernel *const kdtree_same_kernels[] = SIMD_TABLE(kdtree_same);

/* What a squared distance in float may be where the true one is at most `square`. Each of d + 2
 * roundings is off by 2^-24 of the value or, where numbers are very small, by FLT_MIN. */
static inline float kdtree_limit(double square, int d) {
    double most = square * (1 + (d + 4) * 0x1p-23) + d * (double)FLT_MIN;
    return most < (double)FLT_MAX ? (float)(most * (1 + 0x1p-22)) : __builtin_inff();
}

/* Squared distance of row i of a leaf from lane l of a bundle. */
static inline double kdtree_square(const float *leaf, int i, const float *query, int l, int step,
                                   int d) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
        double gap = (double)leaf[c * KDTREE_LEAF + i] - (double)query[c * step + l];
        sum += gap * gap;
    }
    return sum;
}

/* Squared distance of lane l from a box; never more than kdtree_square of a row in it, as each
 * rounding keeps the order. */
static inline double kdtree_outside(const float *box, const float *query, int l, int step, int d) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
        double v = (double)query[c * step + l], low = (double)box[c], high = (double)box[d + c];
        double gap = v < low ? low - v : v > high ? v - high : 0;
        sum += gap * gap;
    }
    return sum;
}

#endif
