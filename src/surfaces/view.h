/* view: what a route shows: one function per resource, from the bundle to JSON.
 *
 * A view gets checked parameters and a JSON writer standing inside an object that already has
 * "request_id"; it adds members and returns the status (200), or the result of one of the refusals
 * below, which throw away what was written. */
#ifndef SURFACES_VIEW_H
#define SURFACES_VIEW_H

#include "pipeline/bundle.h"
#include "surfaces/exposures.h"
#include "surfaces/metrics.h"
#include "surfaces/params.h"

struct route;
struct reader;

typedef struct view {
    const bundle *b;
    const char *out; /* the folder of results that it lies in */
    const struct route *route;
    const param_value *values; /* in the order of route->params */
    exposures *log;            /* of what is shown; NULL = none is kept */
    struct reader *reads;      /* texts that requests send (reader.h) */
    metrics *counts;
    const metrics_now *now; /* filled for routes outside /v1 */
    arena *keep, scratch;
    const char *request_id;
    int64_t started_ns;   /* monotonic clock */
    js *j;
    const char *type;     /* of the content; JSON unless the view changes it */
    bool whole;           /* the view wrote the whole document into j->out itself */
} view;

typedef int view_show(view *v);

view_show view_recommend_user, view_recommend_session, view_recommend_similar;
view_show view_recommend_together, view_recommend_trending, view_recommend_segment;
view_show view_article_one;
view_show view_segment_user, view_segment_one, view_segment_members, view_segment_csv, view_grid;
view_show view_forecast_list, view_forecast_one, view_alerts;
view_show view_home, view_evaluation, view_segments, view_elasticity, view_reviews;
view_show view_data, view_parts, view_baskets, view_insights, view_weekly;
view_show view_prices, view_prices_plan;
view_show view_sales, view_products, view_product, view_impact;
view_show view_funnel, view_funnel_any, view_funnel_events, view_trends;
view_show view_paths;
view_show view_runs, view_run, view_run_compare;
view_show view_review_topics, view_review_aspects, view_review_toxicity, view_review_trends;
view_show view_review_article, view_review_quotes, view_sentiment_text, view_search_articles;
view_show view_live, view_ready, view_metrics, view_openapi;
view_show view_docs, view_docs_script, view_docs_style;

/* A JSON file of the bundle, "request_id" in front of its members. */
int view_page(view *v, bundle_page_name name);

/* 404 with a hint, and 422 with one mistake. */
int view_missing(view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
int view_mistake(view *v, const param_mistake *m);

/* The mistake of a PARAM_CATEGORY that names no category of b. */
void view_no_category(const bundle *b, const param *p, slice name, arena *keep, js *mistakes);

/* Members that several views share. */
void view_article(js *j, const bundle *b, int64_t article); /* id, name, category, price */
void view_model(view *v, const char *name);                 /* model: {name, version, trained_at} */
void view_number(js *j, const char *key, double value);     /* at most six decimals; NaN = null */
void view_day(js *j, const char *key, int32_t day);
int64_t view_clock_ns(void);

#endif
