/* clv_exam: what of a CLV run is said in JSON: fits, the hold-out block, totals. */
#ifndef SURFACES_CLV_EXAM_H
#define SURFACES_CLV_EXAM_H

#include "models/segment/worth.h"
#include "surfaces/purchase_table.h"

/* A hold-out: fit on what is known at the end of a day, held against what came after it. */
typedef struct clv_holdout {
    int32_t from, to; /* days: first and last of the hold-out */
    double time;      /* its length in units */
    clv_exam exam;
    bool money;       /* the two below are known */
    double money_actual, money_expected;
    int64_t weeks;    /* units of the curve */
    double *actual, *expected; /* [weeks] repeat purchases since each first one, by their ends */
} clv_holdout;

/* The larger of the errors of purchases and money, without sign. */
double clv_holdout_error(const clv_holdout *h);

void clv_put_holdout(js *out, const clv_holdout *h);

/* parameters, standard_errors, log_likelihood, verdict, evaluations, spend. */
void clv_put_fits(js *out, const clv_model *m, const gammagamma *spend);

void clv_put_totals(js *out, const worth *w);

#endif
