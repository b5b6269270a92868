/* purchase_table: purchases (customer, date, money, quantity) as one history per customer.
 *
 * Rows of one customer on one day are one purchase. Money is money x quantity (1 where there is
 * none). A row of negative money or of no positive quantity is no purchase; where it brings money
 * back it is a return: it lowers the money of the customer's purchases by its share of all he
 * spent. Purchases of no money count as purchases. Up to a thousandth of the rows at either end of
 * the calendar that lie more than a year off all others are slips of a clock and left out.
 *
 * A table that already holds histories (frequency, recency, T[, monetary]) is read as it is; it has
 * no dates, hence nothing that could be held back for an exam. */
#ifndef SURFACES_PURCHASE_TABLE_H
#define SURFACES_PURCHASE_TABLE_H

#include "surfaces/verbs.h"

typedef struct purchase_table {
    bool summary, has_money;
    int32_t first, last; /* days of the purchases; unknown of a summary */
    double unit;         /* days of one unit of time */
    int64_t returns, neither; /* rows that are no purchases: with negative money, others */
    int64_t slips;                  /* rows of days far off all others, left out */
    double returned;                /* share of the money that went back */
} purchase_table;

/* Customers known at the end of day `end`, in the order of their names. */
typedef struct purchase_histories {
    int64_t n, unknown; /* unknown: customers whose first purchase comes later */
    slice *customer;
    double *x, *t, *T;  /* [n] as in patterns.h, in units of time */
    double *m;          /* [n] mean money of repeat purchases, less returns; 0 without one */
    double *later, *later_money; /* [n] purchases after `end` and what they brought */
} purchase_histories;

/* Leaves out of a table of the engine the rows whose `date` is a slip; how many, and a line that
 * says so. */
bool purchase_table_slips(bench *b, scope *s, const char *table, const char *date, int64_t *slips,
                          err *e);

/* Reads --in into the engine; unit = days of one unit of time. Adds "rows" to out. */
bool purchase_table_read(const args *a, bench *b, scope *s, double unit, purchase_table *t,
                         js *out, err *e);

bool purchase_table_at(bench *b, scope *s, const purchase_table *t, int32_t end,
                       purchase_histories *h, err *e);

/* Purchases after `end` of the customers known then, by unit of time: to[units], 0-based. */
bool purchase_table_later(bench *b, scope *s, const purchase_table *t, int32_t end, double *to,
                          int64_t units, err *e);

#endif
