/* insight: what the hooks of the insight family share: trends and price elasticities of a shop. */
#ifndef PIPELINE_INSIGHT_H
#define PIPELINE_INSIGHT_H

#include "pipeline/family.h"
#include "pipeline/trend_panel.h"

/* ---- trends (insight_trends.c) ---- */

typedef struct insight_trial {
    int weeks;       /* of each window */
    double strength; /* multiplies the fitted one */
    bool season;     /* growth beyond the category's season of last year */
} insight_trial;

#define INSIGHT_TRIAL_DEFAULTS ((insight_trial){.weeks = 4, .strength = 1.0, .season = false})

insight_trial insight_tuned(work *w, scope *s);
slice insight_trial_json(insight_trial t, arena *keep);

/* Articles as of a day, with their trends. */
typedef struct insight_trends {
    trend_panel panel;
    trend_model model;
} insight_trends;
bool insight_trends_fit(insight_trends *out, work *w, int32_t as_of, insight_trial t, scope *s,
                        err *e);

/* How a trial does on [as_of, to): log error of the next units when the recent ones go on growing
 * as they did: by raw growth, not at all, by shrunk growth. */
enum { TREND_RAW, TREND_NONE, TREND_SHRUNK, TREND_MODELS };
extern const char *const insight_trend_names[TREND_MODELS];
typedef struct insight_trend_score {
    int64_t n;                     /* articles judged */
    double *error[TREND_MODELS];   /* [n] |ln((next + .5) / (recent · growth + .5))| */
    int64_t called, kept;          /* rising; still above the previous window's rate */
    int64_t raw_called, raw_kept;  /* as many articles by raw growth */
} insight_trend_score;
/* settled: only articles sold in the last 28 days and born 8 weeks before, so that trials of
 * different windows judge the same articles. */
bool insight_trends_score(insight_trend_score *out, work *w, int32_t as_of, int32_t to,
                          insight_trial t, bool settled, scope *s, err *e);

/* Writes trends.json; n_called gets the numbers of rising and declining articles. */
bool insight_trends_write(work *w, folder *f, insight_trial t, int64_t *n_called, scope *s, err *e);

/* ---- prices (insight_prices.c) ---- */

typedef struct insight_price {
    slice category;
    double own, own_se; /* of the category alone; NAN when refused */
    double elasticity, se; /* shrunk toward the mean of all */
    int64_t rows, articles;
    const char *refused; /* NULL, or why there is no estimate of its own */
} insight_price;

typedef struct insight_prices {
    const char *refused; /* NULL, or why there is no elasticity at all */
    double elasticity, se; /* of all articles together */
    int64_t rows, articles;
    int n;
    insight_price *category; /* [n] by name */
} insight_prices;

/* Poisson elasticities from the weeks that end on or before `until`. */
bool insight_prices_fit(insight_prices *out, work *w, int32_t until, scope *s, err *e);

/* Squared errors of weekly units in [from, to), predicted from what was known before `from`:
 * effects of articles alone, with one elasticity for all, with one by category. */
enum { PRICE_NONE, PRICE_ONE, PRICE_CATEGORY, PRICE_MODELS };
extern const char *const insight_price_names[PRICE_MODELS];
typedef struct insight_price_score {
    const char *refused;
    int64_t n;                     /* articles */
    double *rows;                  /* [n] weeks of the article */
    double *error[PRICE_MODELS];   /* [n] sums of deviances */
} insight_price_score;
bool insight_prices_score(insight_price_score *out, work *w, int32_t from, int32_t to, scope *s,
                          err *e);

bool insight_prices_write(work *w, folder *f, insight_prices *out, scope *s, err *e);

#endif
