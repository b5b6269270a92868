/* price_checks: the same elasticity by other ways; what next week's price explains of this week. */
#ifndef PIPELINE_PRICE_CHECKS_H
#define PIPELINE_PRICE_CHECKS_H

#include "pipeline/price_panel.h"

/* Ways to the elasticity of all articles; the first two are for comparison only. */
typedef enum price_way {
    PRICE_NAIVE,    /* ln units on ln price, nothing else */
    PRICE_NO_AGE,   /* Poisson with effects of article and category-week */
    PRICE_POISSON,  /* the same with age: the shop's figure */
    PRICE_LOGS,     /* least squares on ln units with the same effects, age and stock */
    PRICE_DOUBLE,   /* double ML beside it, on the same rows */
    PRICE_LEAD,     /* coefficient of next week's ln price beside this week's: should be 0 */
    PRICE_WAYS
} price_way;
extern const char *const price_way_names[PRICE_WAYS];

typedef struct price_check {
    double value, se; /* NAN when refused */
    int64_t n;
    const char *refused; /* NULL, or why */
} price_check;

typedef struct price_checks {
    price_check way[PRICE_WAYS];
    bool leads;     /* next week's price explains this week's units (95 %) */
    bool disagrees; /* double ML is over two standard errors of the difference from logs */
} price_checks;

price_checks price_checks_run(const columns *c, work *w, scope *s);

/* What one per cent on the mean price of the others in the nest (type and third of the prices) does
 * to an article's units, category by category: estimated beside the own price, then drawn toward
 * what is usual, CROSS_USUAL with standard deviation CROSS_SPREAD. cross[categories]. */
#define CROSS_USUAL  0.26 /* mean of published estimates; their median is 0.10 */
#define CROSS_SPREAD 0.30
typedef struct price_cross {
    double own, own_se; /* NAN when refused */
    double value, se;   /* drawn toward the usual */
    int64_t n;          /* rows with others in the nest */
} price_cross;
void price_cross_run(price_cross *cross, int categories, const columns *c, work *w, scope *s);

#endif
