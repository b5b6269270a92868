/* clv: how long customers stay and how often they buy: one face of three models, and their exam.
 *
 * A fit of BG/NBD, MBG/NBD (bgnbd.h) or Pareto/NBD (paretonbd.h) to histories (patterns.h), with a
 * verdict (likelihood.h). The starts are tried on up to `sample` patterns, the best of them is
 * refined on all.
 *
 *     clv_params p = CLV_DEFAULTS;
 *     patterns_of(&c, x, t, T, n, &s.keep, s.scratch, e) &&
 *     clv_fit(&m, &c, p, threads, s.scratch, e)
 *     double soon = clv_alive(&m, x, t, T) * clv_ahead(&m, x, T, 52);
 *
 * The exam holds a model against what its customers did in the `time` after T:
 *     purchases    sum of E[Y(time) | history] against what came
 *     cumulative   all repeat purchases since each customer's first against clv_tracked
 *     bins         by frequency until T: 0, 1, … 6, 7 and more
 *     tenths       of the customers by expected purchases (ties: the smaller row first)
 *     capture      share of the purchases that the first tenth made
 * A customer is called lost when P(alive) < 0.3, or when the time since the last purchase is above
 * the 95 % point of the time between purchases as his own history predicts it:
 * (alpha + t) (0.05^(-1/(r+x)) - 1). */
#ifndef MODELS_SEGMENT_CLV_H
#define MODELS_SEGMENT_CLV_H

#include "base/pool.h"
#include "models/segment/likelihood.h"
#include "models/segment/patterns.h"

typedef enum clv_kind { CLV_BGNBD, CLV_MBGNBD, CLV_PARETONBD, CLV_KINDS } clv_kind;
extern const char *const clv_names[CLV_KINDS];              /* bgnbd mbgnbd paretonbd */
extern const char *const clv_parameter_names[CLV_KINDS][4]; /* r alpha a b, r alpha s beta */

typedef struct clv_params {
    clv_kind kind;
    double ridge;   /* lambda of likelihood.h, times in units of the longest T; 0 = none */
    int64_t sample; /* patterns on which the starts are tried */
} clv_params;
#define CLV_DEFAULTS ((clv_params){CLV_BGNBD, 0, 1024})

typedef struct clv_model {
    clv_kind kind;
    likelihood_fit fit; /* p as in clv_parameter_names, in the histories' unit of time */
} clv_model;

/* NULL, or the reason why the parameters make no sense. */
const char *clv_check(clv_params p);

/* Refused: bad parameters, no customers, nobody with a repeat purchase. */
bool clv_fit(clv_model *m, const patterns *c, clv_params p, pool *threads, arena scratch, err *e);

/* Log-likelihood at p and its derivatives by p into g[4]. */
double clv_likelihood(clv_kind kind, const patterns *c, const double p[4], double g[4],
                      pool *threads, arena scratch);

double clv_alive(clv_kind kind, const double p[4], double x, double t, double T);
double clv_ahead(clv_kind kind, const double p[4], double x, double T, double time);
double clv_expected(clv_kind kind, const double p[4], double time);
double clv_chance(clv_kind kind, const double p[4], int n, double time);
/* P(at least one purchase in the `time` after T): who is there at T buys at a rate that is
 * Gamma(r + x, alpha + T), so it is P(alive) (1 - ((alpha + T) / (alpha + T + time))^(r+x)).
 * Not of Pareto/NBD, whose customers may go before they buy. */
double clv_buys(clv_kind kind, const double p[4], double x, double t, double T, double time);

bool clv_lost(const clv_model *m, double x, double t, double T);

/* Sum over customers of E[X(T + time)], repeat purchases of someone new after T + time (which may
 * be before T): what a curve of all purchases should look like. */
double clv_tracked(const clv_model *m, const patterns *c, double time);

enum { CLV_BINS = 8, CLV_TENTHS = 10 };
typedef struct clv_group {
    int64_t customers;
    double actual, expected; /* purchases in all */
} clv_group;
typedef struct clv_exam {
    clv_group all, bins[CLV_BINS], tenths[CLV_TENTHS];
    double error;            /* expected / actual - 1; 0 where both are 0 */
    double tracked;          /* clv_tracked at the end of the time */
    double cumulative_error; /* tracked / (purchases until T + actual) - 1 */
    double capture, mae;     /* share of the first tenth; mean |actual - expected| a customer */
} clv_exam;

/* later[rows] = purchases of each customer in the time after T. */
clv_exam clv_examine(const clv_model *m, const patterns *c, const double *later, double time,
                     arena scratch);

#endif
