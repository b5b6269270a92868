/* product_board: each article's revenue class, steadiness, place beside its category's launches.
 *
 * Weeks are blocks of seven days that end at `end` (exclusive); a year is the last 52. Weeks since
 * launch are blocks that begin with the first sale. List price: what was paid on average in the
 * dearest block of four weeks with PRODUCT_PRICED units at least. Steadiness
 * (models/insight/assortment.h) looks at the weeks from the first full one on sale to the last, or
 * to that of the last sale where it is four weeks ago. A launch whose first sale lies in the first
 * four weeks of the source is unknown: it may have been on sale before. */
#ifndef PIPELINE_PRODUCT_BOARD_H
#define PIPELINE_PRODUCT_BOARD_H

#include "base/json.h"
#include "data/db.h"
#include "models/insight/assortment.h"
#include "models/insight/launch.h"

enum { PRODUCT_YEAR = 52, PRODUCT_AGES = 26, PRODUCT_LORENZ = 101, PRODUCT_PRICED = 5 };
#define PRODUCT_REDUCED 0.9 /* of the list price: a week below is one of reduced price */

typedef struct product_cell {
    int64_t articles;
    double revenue, units;
} product_cell;

typedef struct product_board {
    int64_t n;
    columns names;  /* [n] item (as in the source, ascending), category, code, born, last (days) */
    int categories;
    slice *category;         /* [categories] by name */
    double *revenue, *units; /* [n] of the year */
    double *before;          /* [n] revenue of the year before */
    double *weekly;          /* [n, PRODUCT_YEAR] units, oldest first */
    double *price;           /* [n, PRODUCT_YEAR] paid on average; NAN in weeks without sales */
    double *list;            /* [n] list price, NAN: fewer than PRODUCT_PRICED units in any block */
    double *sums;            /* [n, PRODUCT_AGES] units up to each week since launch; or NAN */
    int32_t *order;          /* [n] by revenue, largest first */
    uint8_t *abc, *abc_before; /* [n]; ASSORTMENT_ABC: nothing sold in the year before */
    double *cv;                /* [n] NAN: no class */
    uint8_t *xyz;              /* [n] */
    launch_curves by_week, by_sum;
    double phi;                /* spread of weekly units beyond Poisson's */
    launch_place *place;       /* [n] */
    double gini, lorenz[PRODUCT_LORENZ];
    product_cell matrix[ASSORTMENT_ABC][ASSORTMENT_XYZ];
} product_board;

/* source: a SELECT with the columns item, category (text, not null), day, units and revenue. */
bool product_board_make(product_board *out, db *d, const char *source, int32_t end,
                        assortment_cuts cuts, scope *s, err *e);

/* Members cuts, concentration, matrix, moves (between classes) and curves of the open object. */
void product_board_put(js *j, const product_board *b, assortment_cuts cuts);

#endif
