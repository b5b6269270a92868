/* behaviour_kpis: the key figures of a shop from its sales and its log, each by one formula. */
#include <math.h>

#include "pipeline/behaviour.h"

/* Sales: positive rows are sales, negative ones returns; guests buy but are no buyers. The
 * reference price of an article is the 95th percentile of its prices in the first 28 days. All
 * sums are of integers and decimals. */
static const char sales_sql[] =
    "WITH every AS (SELECT day, customer, article, price, quantity, revenue, order_id "
    "FROM transactions UNION ALL SELECT day, NULL, article, price, quantity, revenue, order_id "
    "FROM guest_sales), sold AS (SELECT * FROM every WHERE quantity > 0), "
    "orders AS (SELECT customer, count(DISTINCT order_id) AS n FROM sold GROUP BY customer), "
    "born AS (SELECT article, min(day) AS first_day FROM sold GROUP BY article), "
    "reference AS (SELECT s.article, quantile_disc(s.price, 0.95) AS price FROM sold s "
    "JOIN born b ON b.article = s.article WHERE s.day < b.first_day + 28 GROUP BY s.article), "
    "priced AS (SELECT sum(s.quantity) AS units, "
    "sum(CASE WHEN s.price >= 0.98 * r.price THEN s.quantity ELSE 0 END) AS full_units, "
    "sum(s.revenue) AS revenue, sum(CAST(r.price * s.quantity AS DECIMAL(28,6))) AS listed "
    "FROM sold s JOIN reference r ON r.article = s.article), "
    "recent AS (SELECT count(DISTINCT s.article) AS articles, sum(s.revenue) AS revenue, "
    "sum(CASE WHEN b.first_day >= s.day - 56 THEN s.revenue ELSE 0 END) AS young "
    "FROM sold s JOIN born b ON b.article = s.article "
    "WHERE s.day >= (SELECT max(day) FROM sold) - 27), "
    "ranked AS (SELECT revenue, row_number() OVER (ORDER BY revenue DESC, article) AS place, "
    "count(*) OVER () AS articles FROM (SELECT article, sum(revenue) AS revenue FROM sold "
    "GROUP BY article)) "
    "SELECT CAST((SELECT count(*) FROM sold) AS BIGINT) AS rows, "
    "CAST((SELECT sum(n) FROM orders) AS DOUBLE) AS orders, "
    "CAST((SELECT sum(n) FROM orders WHERE customer IS NOT NULL) AS DOUBLE) AS known_orders, "
    "CAST((SELECT count(customer) FROM orders) AS DOUBLE) AS buyers, "
    "CAST((SELECT count(customer) FROM orders WHERE n >= 2) AS DOUBLE) AS repeaters, "
    "CAST((SELECT units FROM priced) AS DOUBLE) AS units, "
    "CAST((SELECT revenue FROM priced) AS DOUBLE) AS revenue, "
    "CAST((SELECT -sum(quantity) FROM every WHERE quantity < 0) AS DOUBLE) AS returned, "
    "CAST((SELECT full_units FROM priced) AS DOUBLE) AS full_units, "
    "CAST((SELECT listed FROM priced) AS DOUBLE) AS listed, "
    "CAST((SELECT articles FROM recent) AS DOUBLE) AS live, "
    "CAST((SELECT revenue FROM recent) AS DOUBLE) AS recent_revenue, "
    "CAST((SELECT young FROM recent) AS DOUBLE) AS young_revenue, "
    "CAST((SELECT sum(revenue) FROM ranked WHERE place <= ceil(articles / 10.0)) AS DOUBLE) "
    "AS top_revenue";

/* Log: a cart counts as bought when its visitor purchases within 24 hours of its first addition. */
static const char log_sql[] =
    "WITH pairs AS (SELECT max(CASE WHEN event = 'view' THEN 1 ELSE 0 END) AS viewed, "
    "max(CASE WHEN event = 'cart_add' THEN 1 ELSE 0 END) AS carted, "
    "max(CASE WHEN event = 'purchase' THEN 1 ELSE 0 END) AS bought "
    "FROM f_events WHERE article IS NOT NULL GROUP BY visitor, article), "
    "ahead AS (SELECT session, event, time, min(CASE WHEN event = 'purchase' THEN time END) OVER "
    "(PARTITION BY visitor ORDER BY time, session, seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED "
    "FOLLOWING) AS next_purchase FROM f_events WHERE event IN ('cart_add', 'purchase')), "
    "carts AS (SELECT session, min(time) AS opened, min(next_purchase) AS bought FROM ahead "
    "WHERE event = 'cart_add' GROUP BY session), "
    "people AS (SELECT max(CASE WHEN event = 'purchase' THEN 1 ELSE 0 END) AS bought "
    "FROM f_events GROUP BY visitor) "
    "SELECT CAST((SELECT count(*) FROM f_sessions) AS DOUBLE) AS sessions, "
    "CAST((SELECT count(*) FROM f_sessions WHERE purchases > 0) AS DOUBLE) AS buying_sessions, "
    "CAST((SELECT count(*) FROM f_sessions WHERE events = 1) AS DOUBLE) AS single, "
    "CAST((SELECT count(*) FROM people) AS DOUBLE) AS visitors, "
    "CAST((SELECT sum(bought) FROM people) AS DOUBLE) AS log_buyers, "
    "CAST((SELECT sum(viewed) FROM pairs) AS DOUBLE) AS viewed, "
    "CAST((SELECT sum(viewed * carted) FROM pairs) AS DOUBLE) AS view_carted, "
    "CAST((SELECT sum(carted) FROM pairs) AS DOUBLE) AS carted, "
    "CAST((SELECT sum(carted * bought) FROM pairs) AS DOUBLE) AS cart_bought, "
    "CAST((SELECT count(*) FROM carts) AS DOUBLE) AS carts, "
    "CAST((SELECT count(*) FROM carts WHERE bought <= opened + INTERVAL 24 HOUR) AS DOUBLE) "
    "AS bought_carts";

typedef enum kpi_kind { KPI_SHARE, KPI_LEFT, KPI_RATIO, KPI_COUNT, KPI_NEVER } kpi_kind;

/* One row a figure: over / under, 1 - over / under, or a count; shares get Wilson intervals. */
static const struct kpi {
    const char *name, *title, *format;
    kpi_kind kind;
    bool interval;           /* over and under are counts of units */
    const char *over, *under; /* columns of the queries */
    const char *missing;     /* why, when under is 0 or unknown */
} kpis[] = {
    {"conversion_sessions", "Sessions with a purchase", "percent", KPI_SHARE, true,
     "buying_sessions", "sessions", "the shop has no event log"},
    {"conversion_visitors", "Visitors who buy", "percent", KPI_SHARE, true, "log_buyers",
     "visitors", "the shop has no event log"},
    {"bounce", "Sessions of a single event", "percent", KPI_SHARE, true, "single", "sessions",
     "the shop has no event log"},
    {"view_to_cart", "Viewers who put the same article into the cart", "percent", KPI_SHARE, true,
     "view_carted", "viewed", "the log has no views that name an article"},
    {"cart_to_buy", "Carts of an article that are bought", "percent", KPI_SHARE, true,
     "cart_bought", "carted", "the log has no cart additions that name an article"},
    {"abandonment", "Carts not bought within 24 hours", "percent", KPI_LEFT, true, "bought_carts",
     "carts", "the log has no cart additions"},
    {"aov", "Average order value", "money", KPI_RATIO, false, "revenue", "orders",
     "the shop has no sales"},
    {"upt", "Units per order", "decimal", KPI_RATIO, false, "units", "orders",
     "the shop has no sales"},
    {"asp", "Average selling price", "money", KPI_RATIO, false, "revenue", "units",
     "the shop has no sales"},
    {"orders_per_buyer", "Orders per buyer", "decimal", KPI_RATIO, false, "known_orders",
     "buyers",
     "the shop has no sales"},
    {"repeat_rate", "Buyers with two orders or more", "percent", KPI_SHARE, true, "repeaters",
     "buyers", "the shop has no sales"},
    {"return_share", "Units returned", "percent", KPI_SHARE, false, "returned", "units",
     "the sales have no returns (negative quantities)"},
    {"full_price_share", "Units sold at full price", "percent", KPI_SHARE, false, "full_units",
     "units", "the shop has no sales"},
    {"markdown_depth", "Discount on reference prices", "percent", KPI_LEFT, false, "revenue",
     "listed", "the shop has no sales"},
    {"newness", "Revenue of articles under 8 weeks old, last 28 days", "percent", KPI_SHARE, false,
     "young_revenue", "recent_revenue", "the shop has no sales"},
    {"live_articles", "Articles sold in the last 28 days", "integer", KPI_COUNT, false, "live",
     "live", "the shop has no sales"},
    {"top_decile_share", "Revenue of the best-selling tenth of articles", "percent", KPI_SHARE,
     false, "top_revenue", "revenue", "the shop has no sales"},
    {"margin", "Gross margin", "percent", KPI_NEVER, false, "units", "units",
     "a shop's files have no cost prices"},
};

static double cell(const columns *sales, const columns *log, const char *name) {
    const column *c = columns_find(sales, name);
    if (!c) c = columns_find(log, name);
    return column_has(c, 0) ? c->real[0] : NAN;
}

static void put_kpi(js *j, const struct kpi *k, double over, double under) {
    bool known = k->kind != KPI_NEVER && isfinite(over) && under > 0;
    double value = k->kind == KPI_COUNT  ? over
                   : k->kind == KPI_LEFT ? 1.0 - over / under
                                         : over / under;
    js_object(j, k->name);
    js_put_word(j, "title", k->title);
    js_put_real(j, "value", known ? value : NAN); /* NAN is written as null */
    js_put_word(j, "format", k->format);
    if (known && k->interval) {
        double counted = k->kind == KPI_LEFT ? under - over : over;
        interval w = interval_wilson((int64_t)counted, (int64_t)under);
        js_put_real(j, "low", w.low);
        js_put_real(j, "high", w.high);
    }
    js_put_word(j, "why", known ? NULL : k->missing);
    js_end(j);
}

bool behaviour_kpis(work *w, scope *s, js *j, err *e) {
    columns sales, log;
    if (!db_query(w->d, &s->keep, &sales, e, "%s", sales_sql) ||
        !db_query(w->d, &s->keep, &log, e, "%s", log_sql))
        return false;
    js_object(j, "kpis");
    for (size_t i = 0; i < sizeof kpis / sizeof kpis[0]; i++)
        put_kpi(j, &kpis[i], cell(&sales, &log, kpis[i].over), cell(&sales, &log, kpis[i].under));
    js_end(j);
    return true;
}
