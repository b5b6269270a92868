/* funnel_words: a funnel's spec out of words, those of a command line or of a request.
 *
 * Refused with the name and the word where they do not hold together. */
#ifndef SURFACES_FUNNEL_WORDS_H
#define SURFACES_FUNNEL_WORDS_H

#include "pipeline/funnel_spec.h"
#include "surfaces/args.h"

typedef struct funnel_list {
    int n;
    const char *word[FUNNEL_STEPS];
} funnel_list;

typedef struct funnel_words {
    const char *mark; /* before a name in sentences: "--" on a command line, else "" */
    const char *window;               /* "7d" (funnel_spec_window) */
    const char *order, *ties, *count; /* one of the words that options offer */
    const char *unit;
    funnel_list steps, gaps, optional, exclude;
} funnel_words;

bool funnel_words_spec(const funnel_words *w, funnel_spec *spec, scope *s, err *e);

/* From the options steps, window, gaps, order, optional, exclude, ties, unit and count. */
bool funnel_words_read(const args *a, funnel_spec *spec, scope *s, err *e);

#endif
