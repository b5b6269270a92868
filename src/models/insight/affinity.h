/* affinity: what is bought with what, and what is bought next, judged against chance.
 *
 * Together: of N baskets n_i have item i, n_ij have both. Next: of the customers with item i, n_ij
 * bought j in a later basket within `days`; T_i is the sum of n_ij over j, p_j the share of j in
 * all baskets' items. By chance one would see
 *     E_ij = n_i n_j / N  (together),    E_ij = T_i p_j  (next).
 * A pair seen once where .001 was expected has a lift of 1000 and means nothing. So the lift of
 * each pair has a prior that all pairs teach (affinity_prior.h); the posterior's mean is the shrunk
 * lift, its 5 % quantile the `low` by which pairs are ranked: surely so many times chance.
 *
 *     affinity_list l;
 *     affinity_together(&l, &data, AFFINITY_DEFAULTS, threads, &s.keep, s.scratch);
 *     for (int64_t r = l.first[i]; r < l.first[i + 1]; r++) use(affinity_measure(&l, &l.rule[r]));
 *
 * Baskets of more than `cap` items are left out (they are no baskets, and cost their square), as
 * are pairs of one product (colours of a shirt). Counts are integers: the same on any threads.
 * Sources: DuMouchel, "Bayesian data mining in large frequency tables" (1999); Dunning, "Accurate
 * methods for the statistics of surprise and coincidence" (1993); Bouma, "Normalized (pointwise)
 * mutual information" (2009); Brin et al., "Dynamic itemset counting" (1997; conviction). */
#ifndef MODELS_INSIGHT_AFFINITY_H
#define MODELS_INSIGHT_AFFINITY_H

#include "models/insight/affinity_prior.h"

typedef struct affinity_params {
    int keep;       /* best pairs of each item */
    int least;      /* fewest baskets (customers) that a pair must have */
    int cap;        /* most items of a basket */
    int days;       /* next: most days from one basket to the other */
} affinity_params;

#define AFFINITY_DEFAULTS ((affinity_params){.keep = 20, .least = 2, .cap = 60, .days = 30})

typedef struct affinity_data {
    int32_t items;
    int64_t baskets;
    const int64_t *first; /* [baskets + 1] */
    const int32_t *item;  /* [first[baskets]] without repeats inside a basket */
    const int32_t *product; /* [items] items of one product are no pair; NULL = none */
    int64_t customers;      /* of next; 0 = not known */
    const int64_t *customer_first; /* [customers + 1] baskets of each customer, by day */
    const int32_t *day;            /* [baskets] */
} affinity_data;

typedef struct affinity_rule {
    int32_t item, other;
    int32_t n;       /* baskets with both; next: customers */
    int32_t reverse; /* next: customers who bought them the other way round; together: n */
    double expected;
} affinity_rule;

typedef struct affinity_list {
    int64_t *first;      /* [items + 1] rules of each item, best first */
    affinity_rule *rule;
    int64_t *count;      /* [items] baskets with the item; next: customers with it */
    int64_t total;       /* N: baskets; next: customers */
    int64_t left_out;    /* baskets over the cap */
    affinity_prior prior;
    const affinity_table *table; /* of the prior */
    bool next;           /* which of the two */
} affinity_list;

/* The list lives in keep. */
void affinity_together(affinity_list *out, const affinity_data *d, affinity_params p,
                       pool *threads, arena *keep, arena scratch);
void affinity_next(affinity_list *out, const affinity_data *d, affinity_params p, pool *threads,
                   arena *keep, arena scratch);

typedef struct affinity_measures {
    double support;    /* n / N */
    double confidence; /* n / count[item] */
    double lift;       /* n / expected */
    double shrunk, low, high; /* posterior mean of the lift, 5 % and 95 % */
    double g2;         /* log-likelihood ratio: of the 2 × 2 table; next: of the Poisson count */
    double npmi;       /* -1 … 1 */
    double conviction; /* (1 - p_other) / (1 - confidence); INFINITY when always together */
} affinity_measures;

affinity_measures affinity_measure(const affinity_list *l, const affinity_rule *r);

#endif
