/* recommend_sweeps: what recommendations learn: factors by sweep, the blend by weeks of history.
 *
 * The factors of the first cut-off of a walk are fitted from nothing: after each sweep stands the
 * objective and MAP@12 of their lists (places that they leave empty go to popularity) for those who
 * buy in the week after. In step 06 that week is of the validation period. The report has both as
 * "curves" of the model als, [{"iteration": 1, "loss": …, "map_at_12": …}], and the second with its
 * interval as rows of "learning" (evaluation_parts.h).
 *
 * The blend, with the weights that are served, for the buyers of the last week judged on, when its
 * sources know 4, 12 or 36 weeks of history, or all of it. */
#ifndef PIPELINE_RECOMMEND_SWEEPS_H
#define PIPELINE_RECOMMEND_SWEEPS_H

#include "base/json.h"
#include "pipeline/recommend_exam.h"

typedef struct recommend_sweeps recommend_sweeps;

/* most: of the buyers of the week, as in recommend_walk. */
recommend_sweeps *recommend_sweeps_new(const work *w, int64_t most, scope *s);
recommend_sweep recommend_sweeps_visit; /* what: the sweeps */
void recommend_sweeps_put_curves(const recommend_sweeps *sweeps, js *report);
void recommend_sweeps_put_learning(const recommend_sweeps *sweeps, js *report);

typedef struct recommend_by_history {
    const recommend_data *d;
    const recommend_params *p;
    const recommend_week *weeks; /* [n_weeks] judged on */
    int n_weeks;
    const recommend_exam *x;      /* of them */
    const recommend_marks *marks; /* of the blend that knows all */
} recommend_by_history;
bool recommend_put_by_history(const recommend_by_history *h, work *w, scope *s, js *report,
                              err *e);

#endif
