/* funnel_words: a funnel's spec out of the words of a command line.
 *
 * Options: steps, window, gaps, order, optional, exclude, ties, unit, count. Refused with the
 * option and the word where they do not hold together. */
#ifndef SURFACES_FUNNEL_WORDS_H
#define SURFACES_FUNNEL_WORDS_H

#include "pipeline/funnel_spec.h"
#include "surfaces/args.h"

bool funnel_words_read(const args *a, funnel_spec *spec, scope *s, err *e);

#endif
