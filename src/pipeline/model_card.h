/* model_card: what a family's models are, on what they were judged and how far to trust them.
 *
 * Markdown, written from the run itself: periods, data, parameters, metrics with intervals,
 * comparisons, limits, and how the test period is kept out. One card a family, card_FAMILY.md. */
#ifndef PIPELINE_MODEL_CARD_H
#define PIPELINE_MODEL_CARD_H

#include "pipeline/work.h"

/* From the parsed evaluation.json; into the step's folder. */
bool model_cards_write(const work *w, folder *f, const js_node *evaluation, err *e);

#endif
