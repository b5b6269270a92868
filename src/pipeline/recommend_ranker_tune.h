/* recommend_ranker_tune: the parameters of a shop's ranker, searched further than a run does.
 *
 * The rows are those of a run (recommend_frame.h), of up to six training weeks and the weeks after
 * them, all before the run's test period: what a run validates on is the test here, and as
 * many weeks before them are the validation. A point learns on its number of weeks before those it
 * is judged on; a unit is a customer, her score the mean AP@12 of her weeks, and of a trial's trees
 * the first 16, 64, 256 are judged on the way (asha.h). */
#ifndef PIPELINE_RECOMMEND_RANKER_TUNE_H
#define PIPELINE_RECOMMEND_RANKER_TUNE_H

#include "pipeline/recommend_ranker.h"
#include "pipeline/tuned_file.h"

/* The task of `atelier tune ranker` on the tables of w, which goes back to the day on which its
 * test period began; everything lives in s. Refuses a shop that is too small for a ranker. */
bool recommend_ranker_task(tuner_task *to, work *w, scope *s, js *out, err *e);

/* What it found, of a file: growth as by default where the file has nothing, n_trees 0 where it has
 * none. False with f->why, or where there is no file to be tried. */
bool recommend_ranker_found(tuned_file *f, recommend_growth *growth, int *n_trees);

#endif
