/* customer_value: what each customer is going to buy and to bring in, and whether that can be told.
 *
 * BG/NBD for purchases, or MBG/NBD, by which one may be gone after the first of them, where that
 * was likelier before the test window by 2 in log-likelihood; Gamma-Gamma for money
 * (models/segment/clv.h, worth.h); in weeks, 52 of them ahead at 10 % a year. A purchase is a day
 * with a sale; returns lower the money of their customer by their share of all that was spent.
 * First the models are fitted to what was known before the test window and held against it; then
 * to everything. Where the test window was missed by more than a quarter, in purchases or in
 * money, no money is told.
 *
 * "clv" in JSON: {"skipped": why or null, "model", "tried": {model: log-likelihood}, "parameters",
 *   "se", "log_likelihood", "verdict", "spend": {"p", "q", "v", "correlation"} or null,
 *   "horizon_weeks", "discount_a_year", "margin", "no_money": why none is told or null,
 *   "total": {"sum", "low", "high"} or null,
 *   "holdout": {"from", "to", "actual", "expected", "error", "money_error", "bins": [{"frequency",
 *      "customers", "actual", "expected": purchases in all}], "cumulative": [{"week", "actual",
 *      "expected", "holdout"}], "decile_lift": [10], "top_decile_share"} or null,
 *   "matrix": {"frequency", "recency": weeks, "p_alive", "expected": by frequency and recency of
 *      customers who came as early as the earliest}} */
#ifndef PIPELINE_CUSTOMER_VALUE_H
#define PIPELINE_CUSTOMER_VALUE_H

#include "models/segment/worth.h"
#include "pipeline/bundle.h"
#include "pipeline/work.h"

/* What is known of buyers at the end of a day. */
typedef struct value_histories {
    int64_t n;
    const int32_t *customer; /* [n] ascending */
    double *x, *t, *T, *m;   /* [n] as in patterns.h and worth.h */
    double *later, *later_money; /* [n] of the days after, to the end of the data */
    double later_sum;
} value_histories;

enum { VALUE_MODELS = 2 };

typedef struct customer_value {
    const char *why;    /* there is none: too few repeat purchases or the like; NULL = there is */
    value_histories h;  /* at the end of the data */
    patterns c;
    clv_model m;
    double likelihood[VALUE_MODELS]; /* of BG/NBD and MBG/NBD, where the choice was made */
    gammagamma spend;
    const char *no_money; /* why money is not told; NULL = it is */
    worth w;
    bool held; /* the exam took place */
    struct {
        clv_exam exam;
        double money_actual, money_expected, weeks;
        int64_t n;                         /* points of the curve */
        double *week, *actual, *expected;  /* [n] repeat purchases by the end of a week */
    } holdout;
} customer_value;

/* The models before the test window alone, held against it; !v->held where there are none. */
bool customer_value_examine(customer_value *v, const work *w, scope *s, err *e);

/* exam = false spares the hold-out's curve, not the exam that decides on money. */
bool customer_value_of(customer_value *v, const work *w, bool exam, scope *s, err *e);

void customer_value_put(const customer_value *v, const work *w, js *out);

/* "model" and "holdout" as above into an object that is open; nothing where there was no exam. */
void customer_value_put_exam(const customer_value *v, const work *w, js *out);

/* Columns of BUNDLE_VALUES for customers 0 … customers-1, NaN where nothing is known. */
float *customer_value_rows(const customer_value *v, int64_t customers, arena *keep);

#endif
