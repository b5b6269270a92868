/* forecast_alerts: the alerts of all articles of a shop on a day, by alert.h.
 *
 * Stock is the latest count of an article in the 28 days before the day, less what it sold since
 * (a count is taken before that day's sales). Where the last day that has counts has them for half
 * of these articles or more, it is a count of the whole shop, and who is not in it is no longer
 * kept. Goods on order come on the receipt date, else within the lead time of that
 * count. The price is that of the last sale, else the list price. The season ends when an article
 * is as old as half of its category's ended articles became (one that is older, and one of a
 * category with fewer than ten ended ones, has SEASON_DAYS); at least a week from the day.
 * Variants are the articles of one product_code. A markdown takes the elasticity of the category,
 * else that of all articles, where the 95 % interval lies below zero, else the assumed one. */
#ifndef PIPELINE_FORECAST_ALERTS_H
#define PIPELINE_FORECAST_ALERTS_H

#include "models/forecast/alert.h"
#include "pipeline/forecast_panel.h"
#include "pipeline/insight.h"

enum { FORECAST_SEASON_DAYS = 182 };

typedef struct forecast_alerts {
    alert_params params;
    int64_t counted;   /* articles with a count of stock */
    const insight_prices *prices; /* the shop's own elasticities, set after _load; NULL: none */
    columns facts;     /* of every article that is counted or forecast */
    alert_item *item;  /* [facts.rows] */
    int *variants, *sold_out; /* [facts.rows] of the product, where `missing` is not 0 */
    int64_t n;
    alert *at;       /* [n] by money, then type, then article id */
    int32_t *row;    /* [n] -> facts */
    int32_t *since;  /* [n] the day when it was raised */
} forecast_alerts;

/* What was open before: from the alerts.json of an earlier day; NULL: nothing was. */
typedef struct forecast_open forecast_open;

/* The alerts that the last finished run left in out/09_insight/alerts.json, unless it was of a
 * later day; a run of the same day is passed over for what it found open itself. */
forecast_open *forecast_open_read(const work *w, scope *s);
/* A text that is the same when these are: the family's look back (family.h). */
slice forecast_open_key(const work *w, scope *s);

/* p, r and f are of one origin, f applied to r. */
void forecast_alerts_find(const work *w, const forecast_panel *p, const forecast_result *r,
                          const forecast_factors *f, const forecast_open *before, scope *s,
                          forecast_alerts *out);
/* Reads the facts of an origin into out; call before _find. */
bool forecast_alerts_load(const work *w, const forecast_panel *p, scope *s, forecast_alerts *out,
                          err *e);

/* Where the elasticity of facts row i comes from: "category", "shop" or "assumed"; its value into
 * *to (0: assumed). */
const char *forecast_alerts_elasticity(const forecast_alerts *a, int64_t i, double *to);

/* alerts.json and alerts.parquet into the step's folder. */
bool forecast_alerts_write(const work *w, folder *f, const forecast_alerts *a,
                           const forecast_open *before, scope *s, err *e);

/* One alert as an object of j: id, type, article, name, category, probability, units, money, since,
 * new, sentence, action, evidence; and what a stock file would add (forecast_alerts_words.c). */
void forecast_alert_put(js *j, const forecast_alerts *a, int64_t i, scope *s);
extern const char forecast_alerts_note[];

/* Member "stock_out_alerts" of the evaluation: how often articles on the shelf sold out before
 * goods came, against the probability of stock_out, at the first days of the test's first three
 * weeks; nothing in a shop without stock (forecast_alerts_judge.c). */
bool forecast_alerts_judge(const work *w, int horizon, forecast_policy policy,
                           const forecast_factors *f, scope *s, js *report, err *e);

#endif
