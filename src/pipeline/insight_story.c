/* insight_story: the shop's tables as the parts of the trends read them (story_…). */
#include "pipeline/insight.h"

/* list: what the articles file says, else the highest price of a day. */
static const char tables_sql[] =
    "CREATE OR REPLACE TEMP TABLE story_sales AS SELECT a.article AS item, a.category, d.day, "
    "d.units, d.revenue FROM d_sales d JOIN b_articles a ON a.article_id = d.series "
    "WHERE d.level = 'article';"
    "CREATE OR REPLACE TEMP TABLE story_items AS SELECT a.article AS item, a.article_id AS id, "
    "coalesce(a.name, a.article_id) AS name, a.product_code AS product, "
    "coalesce(CAST(a.price AS DOUBLE), h.high) AS list FROM b_articles a LEFT JOIN (SELECT series, "
    "max(avg_price) AS high FROM d_sales WHERE level = 'article' GROUP BY series) h "
    "ON h.series = a.article_id;"
    "CREATE OR REPLACE TEMP VIEW story_stock AS SELECT article AS item, day, on_hand FROM stock;"
    "CREATE OR REPLACE TEMP TABLE story_views AS SELECT article AS item, CAST(time AS DATE) AS "
    "day, count(*) AS views FROM f_events WHERE event = 'view' AND article IS NOT NULL "
    "GROUP BY article, CAST(time AS DATE);"
    "CREATE OR REPLACE TEMP VIEW story_attributes AS "
    "SELECT article AS item, 'colour' AS attribute, colour AS value FROM b_articles "
    "WHERE colour IS NOT NULL UNION ALL SELECT article, 'pattern', pattern FROM b_articles "
    "WHERE pattern IS NOT NULL UNION ALL SELECT article, 'material', material FROM b_articles "
    "WHERE material IS NOT NULL;"
    "CREATE OR REPLACE TEMP TABLE story_days AS SELECT day, sum(visits) AS visits, "
    "sum(orders) AS orders FROM ("
    "SELECT CAST(start AS DATE) AS day, count(*) AS visits, 0 AS orders FROM f_sessions "
    "GROUP BY CAST(start AS DATE) UNION ALL "
    "SELECT day, 0, count(DISTINCT order_id) FROM (SELECT day, order_id, quantity FROM "
    "transactions UNION ALL SELECT day, order_id, quantity FROM guest_sales) WHERE quantity > 0 "
    "GROUP BY day) GROUP BY day;";

bool insight_story(work *w, err *e) { return db_runf(w->d, e, "%s", tables_sql); }
