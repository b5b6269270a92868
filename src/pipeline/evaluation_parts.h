/* evaluation_parts: results of a family's models on parts of the test: by week, group and so on.
 *
 * Member "parts" of a family in evaluation.json: [{"by": "week ahead", "of": "1", "model": …,
 * "metric": "wape", "value": v, "low": l, "high": h, "n": units}]; rows of one `by` stand together,
 * and in them rows of one part. report.html and the model card show them as a table. */
#ifndef PIPELINE_EVALUATION_PARTS_H
#define PIPELINE_EVALUATION_PARTS_H

#include "base/json.h"
#include "models/metrics.h"

typedef struct evaluation_part {
    const char *by, *of, *model, *metric;
} evaluation_part;

/* A row into the open array. */
void evaluation_part_put(js *report, evaluation_part part, metrics_interval value);

/* Member "learning": quality by how much was learnt from, or by how far a fit had gone:
 * [{"model": …, "by": "customers", "at": 250, "metric": …, "value", "low", "high", "n"}]. Rows of
 * one model, by and metric stand together by ascending `at`: they are one curve. */
void evaluation_learning_put(js *report, const char *model, const char *by, int64_t at,
                             const char *metric, metrics_interval value);

/* Where the curve ends that begins at row `from` of "learning": the first row of another one. */
int64_t evaluation_curve_end(const js_node *learning, int64_t from);

/* A row of a family, where it is kept: the members of "parts", then "weeks" and "segments" of
 * recommendations. False past the last one. */
typedef struct evaluation_part_row {
    slice by, of, model, metric;
    double value, low, high, n;
} evaluation_part_row;
int64_t evaluation_parts(const js_node *family, evaluation_part_row *rows, int64_t most);

/* Whether less of a metric of parts is better: errors and losses. */
bool evaluation_less_is_better(slice metric);

/* Member "parts" of the open object: rows that both evaluations of a family have, of the same by,
 * part, model and metric: [{by, of, model, metric, less_is_better, before, before_low, before_high,
 * before_n, after, after_low, after_high, after_n, difference}]. Each interval is of its own run:
 * the difference has none. */
void evaluation_parts_compare(js *out, const js_node *before, const js_node *after, arena scratch);

#endif
