/* rfm: recency, frequency and money of customers as scores 1 to 5 and one of eleven names.
 *
 * Scores come from cut points, so that equal values share a score: the cuts are the 20, 40, 60 and
 * 80 % quantiles (the value at place ceil(n q) of the sorted values) and
 *
 *     score(F), score(M) = 1 + number of cuts below the value
 *     score(R)           = 5 - number of cuts below the days since the last order
 *
 * (few days are good). When frequency has equal cuts (typical where most customers bought once) it
 * uses fixed ones: 1, 2, 3–4, 5–9, 10 and more. Cuts are kept with the model: scoring next month
 * with the same cuts shows real movement. The names partition the 125 cells. */
#ifndef MODELS_SEGMENT_RFM_H
#define MODELS_SEGMENT_RFM_H

#include "base/arena.h"

enum { RFM_NAMES = 11, RFM_CUTS = 4 };

extern const char *const rfm_names[RFM_NAMES]; /* Champions … Lost */

typedef struct rfm_cuts {
    double recency[RFM_CUTS], frequency[RFM_CUTS], money[RFM_CUTS]; /* each ascending */
    bool fixed_frequency; /* the fixed cuts are in use */
} rfm_cuts;

/* What is known of n customers: days since the last order, number of order days, money spent. */
typedef struct rfm_data {
    const double *recency, *frequency, *money; /* [n] each, finite */
    int64_t n;
} rfm_data;

typedef struct rfm_score {
    int32_t recency, frequency, money; /* 1 … 5, 5 is best */
    int32_t name;                      /* index into rfm_names */
} rfm_score;

/* The cut points of n >= 1 customers. */
rfm_cuts rfm_cuts_of(const rfm_data *data, arena scratch);

/* NULL, or the reason why cut points given by someone make no sense. */
const char *rfm_cuts_check(const rfm_cuts *c);

rfm_score rfm_score_one(const rfm_cuts *c, double recency, double frequency, double money);

/* The name of a cell; scores 1 … 5. */
int32_t rfm_name(int recency, int frequency, int money);

#endif
