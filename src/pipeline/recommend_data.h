/* recommend_data: what the recommend family reads: purchases, age bands, article contents. */
#ifndef PIPELINE_RECOMMEND_DATA_H
#define PIPELINE_RECOMMEND_DATA_H

#include "base/sparse.h"
#include "pipeline/work.h"

enum { RECOMMEND_BANDS = 5 }; /* ages below 25, 35, 45, 55, and above */

typedef struct recommend_data {
    int64_t customers, articles;
    int64_t n; /* purchases: one for each customer, article and day; by customer, article, day */
    const int32_t *customer, *article, *day; /* [n] */
    const float *weight;                     /* [n] 1 + ln(units) */
    int32_t *band;                           /* [customers] 0 … RECOMMEND_BANDS-1, -1 = no age */
    bool has_ages;
    sparse vectors;                          /* [articles, terms] TF-IDF, rows of length 1 */
} recommend_data;

/* Purchases before `until`; returns are left out. Everything lives in keep. */
bool recommend_load(recommend_data *d, work *w, int32_t until, arena *keep, arena scratch, err *e);

#endif
