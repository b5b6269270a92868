/* insight: what the hooks of the insight family share: trends and price elasticities of a shop. */
#ifndef PIPELINE_INSIGHT_H
#define PIPELINE_INSIGHT_H

#include "pipeline/family.h"
#include "pipeline/trend_trial.h"
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

/* Articles as of a day, with their trends. Two looks: at windows of t.weeks, and at windows twice
 * as long, in which slow sellers show what they cannot in few weeks. `item` is the first look's
 * word, or the second's where only that calls the article rising or declining. */
typedef struct insight_trends {
    trend_panel panel, longer;
    trend_model model, longer_model;
    trend_item *item; /* [panel.items.n] */
    int32_t *second;  /* [panel.items.n] place in `longer` where the second look spoke, else -1 */
} insight_trends;
/* twice: take the second look; without it item is model.item and the rest is empty. */
bool insight_trends_fit(insight_trends *out, work *w, int32_t as_of, insight_trial t, bool twice,
                        scope *s, err *e);

/* How a trial does on [as_of, to): see trend_trial.h. */
typedef struct insight_trend_kept {
    int64_t called, kept;         /* still on sale; next rate beyond the previous window's */
    int64_t raw_called, raw_kept; /* as many articles by raw growth */
    int64_t ended;                /* called and no longer on sale at `to` */
} insight_trend_kept;
typedef struct insight_trend_score {
    trend_trial check; /* its items are the numbers of the articles */
    insight_trends trends;
    int32_t *row; /* [check.n] of trends.panel */
    insight_trend_kept rising, declining;
} insight_trend_score;
/* settled: without a second look, rising and declining are the first's. */
bool insight_trends_score(insight_trend_score *out, work *w, int32_t as_of, int32_t to,
                          insight_trial t, bool settled, scope *s, err *e);

/* Members of the open report (insight_parts.c), of a score on [as_of, to) whose panel was the last
 * one read:
 *   parts        log error of shrunk and raw growth by week, category and units a week before
 *   calibration  whether units lie within what is foretold of them, and whether directions are as
 *                sure as they are said to be
 *   learning     log error of shrunk growth by the weeks of history that both windows see */
bool insight_put_parts(const insight_trend_score *score, work *w, int32_t as_of, int32_t to,
                       scope *s, js *report, err *e);
bool insight_put_learning(work *w, int32_t as_of, int32_t to, insight_trial t, js *report,
                          err *e);

/* SELECT of item (number of the article), category, day and units, for trend_panel.h. */
extern const char insight_articles_sql[];

/* Makes the tables story_… of the shop (trend_evidence.h, trend_evolution.h, trend_alarms.h). */
bool insight_story(work *w, err *e);
void insight_story_words(js *j); /* member "definitions" */

/* Writes trends.json; n_called gets the numbers of rising, declining and ended articles.
 * elasticity: of the shop, for what a price would explain. */
bool insight_trends_write(work *w, folder *f, insight_trial t, double elasticity,
                          int64_t *n_called, scope *s, err *e);

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

/* ---- sales (insight_sales.c) ---- */

/* Tables kpis and customer_lifecycle (sql/09_insight) and kpis.json. Segments are
 * those of segment_members.parquet in f, if it is there. */
bool insight_sales_write(work *w, folder *f, scope *s, err *e);

/* ---- baskets (insight_baskets.c) ---- */

/* Writes baskets.json: the 500 surest pairs of articles, and of types (affinity.h); and
 * beside.json: for the 2,000 articles of most orders the five surest partners. */
bool insight_baskets_write(work *w, folder *f, scope *s, err *e);

/* ---- products (insight_products.c) ---- */

/* Writes products.json: the shop's classes, concentration, curves of launches, and the 20,000
 * articles of most revenue (product_board.h). */
bool insight_products_write(work *w, folder *f, scope *s, err *e);

#endif
