/* csv_scan: which bytes of a text matter to a CSV reader, 64 at a time, as bit masks. */
#ifndef DATA_CSV_SCAN_H
#define DATA_CSV_SCAN_H

#include <stdint.h>

#include "base/simd.h"

/* Bit i belongs to byte i of the block. odd: a byte above 0x7F, or NUL. */
typedef struct csv_mask {
    uint64_t quote, delimiter, lf, cr, odd;
} csv_mask;

/* Fills out[blocks] from p[64 * blocks]; the plain copy judges the others. */
SIMD_DECLARE(void, csv_scan, const char *p, int blocks, char delimiter, csv_mask *out);

#endif
