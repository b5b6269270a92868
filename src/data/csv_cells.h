/* csv_cells: one cell of text as a typed value, strictly and without a locale.
 *
 * Whole numbers: digits with an optional sign; "21.0" is 21. Numbers: digits, point, exponent; no
 * "inf", "nan", hexadecimal or thousands separators; correctly rounded (short ones by Clinger's
 * exact case, "How to read floating point numbers accurately", 1990). Dates: YYYY-MM-DD (also
 * YYYYMMDD), alone or followed by 'T' or a space and HH:MM[:SS[.fraction]] and Z, UTC or an offset.
 * Times may also be Unix time: 9 or 10 digits are seconds, 12 or 13 milliseconds, 15 or 16
 * microseconds. Years of dates: 1900 to 2199. Spaces around are ignored; an empty cell and the
 * words NULL, null, NA, N/A, NaN, nan, None, none, \N are no value. */
#ifndef DATA_CSV_CELLS_H
#define DATA_CSV_CELLS_H

#include "base/text.h"

typedef enum cell { CELL_VALUE, CELL_NULL, CELL_BAD, CELL_TOO_LARGE } cell;

cell cell_int(slice s, int64_t *out);
cell cell_real(slice s, double *out);
cell cell_day(slice s, int32_t *out);  /* days since 1970-01-01, of the instant in UTC */
cell cell_time(slice s, int64_t *out); /* microseconds since 1970-01-01 UTC */

/* Text: no value when empty, all spaces, or (unquoted) NULL, null or \N. */
bool cell_text_is_null(slice s, bool was_quoted);

#endif
