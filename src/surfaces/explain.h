/* explain: what the parts of the verb explain share: the story that is being told. */
#ifndef SURFACES_EXPLAIN_H
#define SURFACES_EXPLAIN_H

#include <stdio.h>

#include "pipeline/bundle.h"
#include "surfaces/verbs.h"

typedef struct story {
    db *d;
    scope *s;
    js *out;
    bool quiet; /* --json: nothing for people */
    const char *root, *shop;
    int64_t customer, article; /* -1: not asked for */
    int64_t most;              /* raw lines to show */
} story;

#define TELL(t, ...) ((t)->quiet ? 0 : printf(__VA_ARGS__))

/* The raw lines behind the customer, the article or the pair, with their text. */
bool explain_lines(story *t, err *e);

/* What is recommended to the customer, or what is like the article; of a pair the whole score:
 * its parts, what each source says, and the past purchases that the factors draw on. */
bool explain_recommendation(story *t, err *e);

/* The score of the pair: its place and all its parts (*found false: the article is not among the
 * customer's candidates), what each source says, and the past purchases behind that. */
bool explain_score(story *t, const bundle *b, bool *found, err *e);

#endif
