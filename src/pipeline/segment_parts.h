/* segment_parts: the parts of segments.json that say more than sizes; one function a part.
 *
 * Each writes its own members into the open object of the file (docs/segment.md has the shapes),
 * and nothing where the shop's data does not carry it. */
#ifndef PIPELINE_SEGMENT_PARTS_H
#define PIPELINE_SEGMENT_PARTS_H

#include "pipeline/customer_value.h"
#include "pipeline/segment_present.h"

/* What the segments of every method are going to buy and bring in (customer_value.h); intervals by
 * 100 draws. totals NULL where there is no model of buying. */
typedef struct segment_value {
    const customer_value *of;
    worth_total *totals[SEGMENT_METHODS]; /* [k] of each method */
} segment_value;

segment_value segment_value_of(const customer_value *of, const segment_present *p, const work *w,
                               scope *s);

/* Moves between two days of customer_bases by the segments of today (migration.h), of a sample in
 * a shop of more than SEGMENT_SAMPLED customers; not known where a day has no customers. */
typedef struct segment_moves {
    bool known;
    double *customers[SEGMENT_METHODS], *money[SEGMENT_METHODS]; /* [k + 1, k + 1] */
} segment_moves;

bool segment_moves_see(segment_moves *m, const segment_present *p, work *w, int32_t from,
                       int32_t to, scope *s, err *e);

/* totals, method, verdict, methods, segments, died, grid */
bool segment_put_overview(js *out, const segment_present *p, const segment_value *v, work *w,
                          scope *s, err *e);
/* passports */
bool segment_put_passports(js *out, const segment_present *p, work *w, scope *s, err *e);
/* Customers that are shown as points: row i of them is customer i * b.n / segment_points. */
int64_t segment_points(const segment_present *p);
/* sweep (segment_sweep.c) */
void segment_put_sweep(js *out, const segment_present *p, scope *s);
/* projection, choose_k, sweep, outliers */
bool segment_put_explorer(js *out, const segment_present *p, work *w, scope *s, err *e);
/* migration, drift */
bool segment_put_moves(js *out, const segment_present *p, work *w, scope *s, err *e);
/* Engine table segment_labels(customer, method number, segment index, strength), for the parts. */
bool segment_labels_make(const segment_present *p, work *w, scope *s, err *e);

/* The customers of all methods' segments, into segment_members.parquet; drops segment_labels. */
bool segment_put_members(const segment_present *p, folder *f, work *w, scope *s, err *e);

#endif
