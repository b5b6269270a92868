/* segment_parts: the parts of segments.json that say more than sizes; one function a part.
 *
 * Each writes its own members into the open object of the file (docs/segment.md has the shapes),
 * and nothing where the shop's data does not carry it. */
#ifndef PIPELINE_SEGMENT_PARTS_H
#define PIPELINE_SEGMENT_PARTS_H

#include "models/segment/worth.h"
#include "pipeline/segment_present.h"

/* What the customers are going to buy and bring in: 52 weeks, 10 % a year, 10 to 90 %. */
typedef struct segment_value {
    const char *skipped; /* NULL, or why there is no model of buying: then nothing else is set */
    const char *no_money; /* NULL, or why no money is told */
    int32_t from;        /* first day of the hold-out */
    double weeks;        /* its length */
    clv_model exam_model, model;
    clv_exam exam;       /* of the model that saw nothing from `from` on */
    int n_curve;
    double *curve_actual, *curve_expected; /* [n_curve] repeat purchases by the end of each week */
    double *x, *t, *T;   /* [n] histories of the block's customers, in weeks */
    gammagamma spend;
    worth all;           /* [n] */
    worth_total *groups[SEGMENT_METHODS]; /* [k] of each method */
} segment_value;

enum { SEGMENT_HORIZON = 52 }; /* weeks */

bool segment_value_see(segment_value *v, const segment_present *p, work *w, scope *s, err *e);

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
/* projection, choose_k */
bool segment_put_explorer(js *out, const segment_present *p, work *w, scope *s, err *e);
/* migration, drift */
bool segment_put_moves(js *out, const segment_present *p, work *w, scope *s, err *e);
/* clv */
void segment_put_value(js *out, const segment_value *v, const segment_present *p, scope *s);
/* retention, survival */
bool segment_put_retention(js *out, const segment_present *p, work *w, scope *s, err *e);

/* The segments of all methods' customers, into segment_members.parquet. */
bool segment_put_members(const segment_present *p, folder *f, work *w, scope *s, err *e);

#endif
