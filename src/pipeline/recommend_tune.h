/* recommend_tune: parameters of the sources and weights of the blend, chosen on the weeks given.
 *
 * A change from what is there must be shown: it is taken only when the 95 % interval of its gain
 * (customers resampled, paired) lies above zero. A few hundred buyers choose by chance otherwise,
 * so a small shop keeps its defaults. Every trial is a row of "trials" in the report. */
#ifndef PIPELINE_RECOMMEND_TUNE_H
#define PIPELINE_RECOMMEND_TUNE_H

#include "pipeline/family.h"
#include "pipeline/recommend_score.h"
#include "pipeline/tuned_file.h"

/* Half-lives of popularity, age bands and taste by a few values each; of the factors weight of
 * unseen pairs, regularisation, half-life and trend together, by a study of TPE (tuner.h) whose
 * journal is kept at journal_path (NULL: nowhere), and beside it what `offered` has of als. Fitted
 * on the days before `from`, judged on the customers who buy in [from, to). */
bool recommend_tune_sources(recommend_params *p, const recommend_data *d, int32_t from, int32_t to,
                            const char *journal_path, tuned_file *offered, work *w, scope *s,
                            js *trials, err *e);

/* Weights by coordinates on the pooled units of an exam, from the weights of p. */
void recommend_tune_weights(recommend_params *p, const recommend_exam *x, pool *threads, scope *s,
                            js *trials);

#endif
