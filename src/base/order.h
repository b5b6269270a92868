/* order: stable sorting of indexes by a key, with nothing left to chance.
 *
 * index[0..n) is rearranged so that its keys ascend; equal keys keep the order they had, so an
 * index that starts as 0, 1, 2, … breaks ties to the smaller number. NaN keys come last.
 * Bottom-up merge sort: O(n log n), n int32 of scratch; from 512 keys on, if scratch has 32 bytes
 * a key, byte by byte: O(n). */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include "base/arena.h"

void order_up(int32_t *index, int64_t n, const double *key, arena scratch);   /* small first */
void order_down(int32_t *index, int64_t n, const double *key, arena scratch); /* large first */

/* 0, 1, …, n-1 in keep. */
int32_t *order_count(int64_t n, arena *keep);

#endif
