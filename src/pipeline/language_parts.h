/* language_parts: how well reviews are read by category and month, and from how many reviews.
 *
 * Members of the open report, as evaluation_parts.h has them: "parts", the share read right of the
 * test reviews of each category and each month with 20 or more (Wilson's interval); "calibration",
 * whether as many are positive as the probabilities say; "learning", log
 * loss on all test reviews of heads that learnt from an eighth, a quarter, half and all of the
 * reviews before the test (every 8th, 4th, 2nd), with the parameters that are served. */
#ifndef PIPELINE_LANGUAGE_PARTS_H
#define PIPELINE_LANGUAGE_PARTS_H

#include "pipeline/language_head.h"

/* The test reviews as what is served read them. */
typedef struct language_exam {
    const char *model;
    sentiment_data test;
    const double *probability; /* [test.n, 2] by the head that learnt from all */
    const int32_t *predicted;  /* [test.n] */
} language_exam;

void language_put_parts(const language_data *d, const language_exam *x, scope *s, js *report);

bool language_put_learning(work *w, const language_data *d, const language_vectors *v,
                           const language_head *h, const language_exam *x, scope *s, js *report,
                           err *e);

#endif
