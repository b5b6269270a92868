/* buyers: customers with known histories of purchases, for the tests of what they are worth. */
#ifndef TESTS_BUYERS_H
#define TESTS_BUYERS_H

#include "check.h"

#include "base/pool.h"
#include "models/segment/patterns.h"

typedef struct bed {
    scope s;
    pool *threads;
    err e;
    double *x, *t, *T, *m; /* [n] as in patterns.h; mean money of repeat purchases */
    int64_t n;
    patterns c; /* of bed_collapse */
} bed;

void bed_open(bed *b, int threads);
void bed_close(bed *b);
void bed_room(bed *b, int64_t n); /* new columns of n zeros */
void bed_collapse(bed *b);

/* The 240 customers of tests/oracles/clv.py, collapsed. */
void bed_histories(bed *b);

/* n customers of the story that BG/NBD tells with parameters p, followed for 21 to 39 weeks in
 * whole days, and later[n] of their purchases in `more` weeks after them; collapsed. */
void bed_story(bed *b, int64_t n, const double p[4], double more, double *later);

/* 39 weeks of CDNOW from its purchases, all customers or the public sample of them, days within a
 * customer merged, and how many came `later`, in the next 39; the sample from its published
 * histories, two digits of a week. False when the files are not here. */
enum { CDNOW_SAMPLE = 2357, CDNOW_WHOLE = 23570 };
bool bed_cdnow(bed *b, bool whole, double *later);
bool bed_summary(bed *b);

#endif
