/* boost_parts: what the files of boost share among themselves. */
#ifndef MODELS_BOOST_PARTS_H
#define MODELS_BOOST_PARTS_H

#include "base/text.h"
#include "models/boost.h"

/* True when rows, labels, weights, groups and features are as boost_data says. name is for the
 * sentence: "training" or "validation". */
bool boost_check_data(const boost_data *d, boost_params p, const char *name, arena scratch, err *e);

/* The measure of predictions in the units of the label (ranking: scores). */
double boost_measure_answer(const boost_data *d, boost_params p, const double *answer,
                            arena scratch);
bool boost_more_is_better(boost_objective o);

trees_link boost_link(boost_objective o);

/* Reads the library's text of a model into m, in keep; without trees_ready. */
bool boost_read(trees *m, slice model, int cols, arena *keep, arena scratch, err *e);

#endif
