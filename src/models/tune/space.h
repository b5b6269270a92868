/* space: what a study chooses from: numbers, words, and what counts beside a word only.
 *
 *     static const char *const models[] = {"auto", "AAN", "AAA"};
 *     static const space_param at[] = {
 *         {"lambda", SPACE_REAL, 1e-4, 1, .log = true},
 *         {"factors", SPACE_INT, 16, 128, .step = 16},
 *         {"model", SPACE_WORD, .n = 3, .words = models},
 *         {"period", SPACE_INT, 2, 53, .under = 3, .is = 2}};   // counts when model is "AAA"
 *     space s = {4, at};
 *
 * A point of the space is one double a parameter: the number itself, the place of a word, NaN where
 * the parameter does not count. */
#ifndef MODELS_TUNE_SPACE_H
#define MODELS_TUNE_SPACE_H

#include <stdbool.h>

#include "base/random.h"

enum { SPACE_MOST = 32 }; /* parameters */

typedef enum space_kind { SPACE_REAL, SPACE_INT, SPACE_WORD } space_kind;

typedef struct space_param {
    const char *name;
    space_kind kind;
    double low, high; /* of numbers, both inclusive */
    double step;      /* distance of the values from low on; 0 = any real, every whole number */
    bool log;         /* even in the logarithm; low > 0, no step */
    int n;            /* words */
    const char *const *words;
    int under, is;    /* counts when parameter number `under` (1 = the first; before this one) has
                         word `is`; 0 = always */
} space_param;

typedef struct space {
    int n;
    const space_param *at;
} space;

/* NULL, or what is wrong with it. */
const char *space_check(const space *s);

/* Whether parameter i counts at a point whose parameters before i are known. */
bool space_counts(const space *s, int i, const double *point);

/* Distance of the values: 0 for any real. */
double space_step(const space_param *p);

/* The value nearest to x that the parameter can have. */
double space_round(const space_param *p, double x);

/* A value drawn evenly. */
double space_draw(const space_param *p, rng *r);

#endif
