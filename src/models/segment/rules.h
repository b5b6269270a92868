/* rules: segments told by at most three conditions on features that people know.
 *
 * For each segment a tree of depth 3 parts its rows from the rest (Gini impurity; thresholds at up
 * to 255 observed values of each feature, evenly spaced by rank, tried on up to `rows` rows). Its
 * leaf with the best F1 for the segment is the rule: the conditions on the way there, less those
 * without which F1 falls by no more than .005.
 *
 *     precision   of the rows that meet the rule, the share in the segment
 *     recall      of the segment's rows, the share that meets the rule
 *
 * both over all rows. Fidelity is how well one tree of depth 3 for all segments at once tells them
 * apart: its share of rows in the right one. NaN meets no condition "at least" and every "under".
 * Source: Breiman, Friedman, Olshen, Stone, "Classification and regression trees" (1984). */
#ifndef MODELS_SEGMENT_RULES_H
#define MODELS_SEGMENT_RULES_H

#include "base/arena.h"

enum { RULES_DEPTH = 3, RULES_BINS = 256 };

typedef struct rules_condition {
    int feature;
    bool at_least; /* value >= threshold, else value < threshold */
    double threshold;
} rules_condition;

typedef struct rules_rule {
    int n; /* conditions, 0 = the segment is everybody */
    rules_condition at[RULES_DEPTH];
    double precision, recall;
    int64_t rows; /* that meet it */
} rules_rule;

typedef struct rules_data {
    const double *x;      /* [n, d] */
    int64_t n;
    int d;
    const int32_t *label; /* [n] -1 … k-1; -1 belongs to no segment */
    int k;
} rules_data;

/* rules [k] and fidelity; looks for thresholds on at most `rows` rows. */
void rules_find(const rules_data *data, int64_t rows, rules_rule *rules, double *fidelity,
                arena scratch);

bool rules_meets(const rules_rule *r, const double *x);

#endif
