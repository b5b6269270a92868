/* export_tables: which tables are exported, their primary keys and what is said of them. */
#include <stddef.h>
#include <string.h>

#include "pipeline/export.h"

#define CLEAN    "02_clean"
#define DATASETS "03_datasets"
#define FEATURES "04_features"
#define INSIGHT  "09_insight"

const export_table export_tables[] = {
    {"articles", CLEAN, "article", "The catalogue, a row per article", NULL},
    {"customers", CLEAN, "customer", "A row per customer", NULL},
    {"a_interactions", DATASETS, "customer,article",
     "Dataset A: what a customer did with an article", NULL},
    {"b_articles", DATASETS, "article", "Dataset B: articles with their text and sales", NULL},
    {"c_customers", DATASETS, "as_of,customer",
     "Dataset C: what was known of a customer before a day", NULL},
    {"d_sales", DATASETS, "level,series,day",
     "Dataset D: sales by day of the shop, of categories and of articles", NULL},
    {"e_reviews", DATASETS, "review", "Dataset E: reviews with text", NULL},
    {"f_events", DATASETS, "session,seq", "Dataset F: events of visitors, in sessions", NULL},
    {"f_sessions", DATASETS, "session", "Dataset F: sessions of visitors", NULL},
    {"windows", DATASETS, "name", "Periods of learning, choosing and testing", NULL},
    {"customer_features", FEATURES, "as_of,customer", "Features of customers by day", NULL},
    {"article_features", FEATURES, "as_of,article", "Features of articles by day", NULL},
    {"article_weeks", FEATURES, "as_of,article", "Features of articles by week", NULL},
    {"customer_weeks", FEATURES, "as_of,customer", "Features of customers by week", NULL},
    {"weekly_sales", FEATURES, "level,series,week", "Sales by week, weeks without sales too", NULL},
    {"recommendations", NULL, "customer_id,rank", "The list of articles of each customer",
     &export_recommendations},
    {"segment_members", INSIGHT, "method,customer",
     "The segment of each customer by each method", NULL},
    {"customer_values", NULL, "customer_id", "What a customer is expected to do and be worth",
     &export_values},
    {"forecasts", NULL, "level,series,week", "Units a week ahead, with an interval of 80 %",
     &export_forecasts},
    {"review_results", INSIGHT, "review", "What was found in each review", NULL},
    {"review_aspects", INSIGHT, NULL, "What reviews say of aspects, by mention", NULL},
    {"price_elasticities", INSIGHT, "article_id", "Elasticities of articles to price", NULL},
    {"kpis", INSIGHT, "grain,dimension,value,period", "Key figures by period", NULL},
    {"customer_lifecycle", INSIGHT, "month", "New, returning and dormant customers by month", NULL},
    {"alerts", INSIGHT, NULL, "Sales out of their band", NULL},
    {"insights", NULL, "name", "The documents behind the pages of the dashboard",
     &export_insights},
    {0}};

static const char *const columns_said[][2] = {
    {"article", "Dense number of an article: articles.article"},
    {"customer", "Dense number of a customer: customers.customer"},
    {"visitor", "Dense number of who visits the web shop"},
    {"article_id", "The longest spelling of the shop's id"},
    {"customer_id", "The longest spelling of the shop's id"},
    {"as_of", "Only what happened before this day counts"},
    {"src_file", "Number of the raw file the row came from"},
    {"src_line", "Line of the raw file, the header is line 1"},
    {"units", "Units, returns taken off"},
    {"revenue", "Money, returns taken off"},
    {"monetary", "Money spent, returns taken off"},
    {"recency_days", "Days since the last purchase"},
    {"frequency", "Days with a purchase"},
    {"week", "Monday of the week"},
    {"rank", "1 is the best"},
    {"score", "Comparable within one customer only"},
    {"largest_part", "What the score is made of most"},
    {"low", "Lower end of the interval of 80 %"},
    {"high", "Upper end of the interval of 80 %"},
    {"clv", "Money expected of the customer from now on"},
};

const char *export_column_comment(const char *name) {
    for (size_t i = 0; i < sizeof columns_said / sizeof columns_said[0]; i++)
        if (strcmp(columns_said[i][0], name) == 0) return columns_said[i][1];
    return NULL;
}
