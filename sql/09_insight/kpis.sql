-- kpis: what the shop sold and what its log saw, by day, week (Monday), month and over all: in all,
-- by category, by channel of the sale, by segment of the customer, by traffic (channel of the log).
-- Beside each figure stand the counts that it is made of. What cannot be told is NULL.

-- Lines of sales, returns too; segment is the customer's of today.
CREATE OR REPLACE TEMP VIEW k_lines AS
SELECT t.day, monday(t.day) AS week, CAST(date_trunc('month', t.day) AS DATE) AS month,
       t.customer, t.article, t.order_id, t.price, t.quantity, t.revenue, a.category,
       coalesce(t.channel, '(none)') AS channel, coalesce(g.segment, '(none)') AS segment
FROM (SELECT day, customer, article, order_id, price, quantity, revenue, channel
      FROM transactions
      UNION ALL
      SELECT day, CAST(NULL AS INTEGER), article, order_id, price, quantity, revenue, channel
      FROM guest_sales) AS t
JOIN articles a ON a.article = t.article
LEFT JOIN kpi_segments g ON g.customer = t.customer
WHERE t.day < ${end};
CREATE OR REPLACE TEMP VIEW k_born AS
SELECT article, min(day) AS first_day FROM k_lines WHERE quantity > 0 GROUP BY article;
-- The price an article began with: the 95th percentile of its first 28 days.
CREATE OR REPLACE TEMP VIEW k_reference AS
SELECT l.article, min(b.first_day) AS first_day,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY l.price) AS price
FROM k_lines l
JOIN k_born b ON b.article = l.article
WHERE l.quantity > 0 AND l.day < add_days(b.first_day, 28)
GROUP BY l.article;
-- The day of each customer's second order.
CREATE OR REPLACE TEMP VIEW k_seconds AS
SELECT customer, day AS second_day
FROM (
    SELECT customer, min(day) AS day,
           row_number() OVER (PARTITION BY customer
                              ORDER BY min(day) NULLS FIRST, order_id NULLS FIRST) AS place
    FROM k_lines
    WHERE quantity > 0 AND customer IS NOT NULL
    GROUP BY customer, order_id
) AS ordered
WHERE place = 2;
CREATE OR REPLACE TEMP VIEW k_amounts AS
SELECT day, week, month, category, channel, segment,
       sum(quantity) FILTER (WHERE quantity > 0) AS units,
       sum(revenue) FILTER (WHERE quantity > 0) AS revenue,
       -sum(quantity) FILTER (WHERE quantity < 0) AS returned_units,
       -sum(revenue) FILTER (WHERE quantity < 0) AS refunds,
       sum(revenue) AS net_revenue,
       count(DISTINCT article) FILTER (WHERE quantity > 0) AS articles,
       sum(quantity) FILTER (WHERE quantity > 0 AND price >= 0.98 * reference) AS full_units,
       sum(CAST(reference * quantity AS DECIMAL(28,6))) FILTER (WHERE quantity > 0) AS listed,
       sum(revenue) FILTER (WHERE quantity > 0 AND days_between(first_day, day) < 56)
           AS young_revenue
FROM (SELECT l.*, r.price AS reference, r.first_day
      FROM k_lines l
      LEFT JOIN k_reference r ON r.article = l.article) AS priced
GROUP BY GROUPING SETS (
    (day), (day, category), (day, channel), (day, segment),
    (week), (week, category), (week, channel), (week, segment),
    (month), (month, category), (month, channel), (month, segment),
    (), (category), (channel), (segment))
HAVING count(*) > 0;
-- An order counts on the day of its first line in the group, so that days add up.
CREATE OR REPLACE TEMP VIEW k_orders AS
SELECT day, week, month, category, channel, segment, count(*) AS orders
FROM (SELECT category, channel, segment, min(day) AS day, min(week) AS week, min(month) AS month
      FROM k_lines
      WHERE quantity > 0
      GROUP BY GROUPING SETS ((order_id), (order_id, category), (order_id, channel),
                              (order_id, segment))) AS placed
GROUP BY category, channel, segment, GROUPING SETS ((day), (week), (month), ());
-- Customers who buy in a period, and those of them with two orders or more by its end.
CREATE OR REPLACE TEMP VIEW k_buyers AS
SELECT b.day, b.week, b.month, b.category, b.channel, b.segment, count(*) AS buyers,
       count(*) FILTER (WHERE CASE WHEN b.day IS NOT NULL THEN s.second_day <= b.day
                                   WHEN b.week IS NOT NULL THEN monday(s.second_day) <= b.week
                                   WHEN b.month IS NOT NULL
                                   THEN CAST(date_trunc('month', s.second_day) AS DATE) <= b.month
                                   ELSE s.second_day IS NOT NULL END) AS repeat_buyers
FROM (SELECT customer, day, week, month, category, channel, segment
      FROM k_lines
      WHERE quantity > 0 AND customer IS NOT NULL
      GROUP BY customer, GROUPING SETS (
    (day), (day, category), (day, channel), (day, segment),
    (week), (week, category), (week, channel), (week, segment),
    (month), (month, category), (month, channel), (month, segment),
    (), (category), (channel), (segment))) AS b
LEFT JOIN k_seconds s ON s.customer = b.customer
GROUP BY b.day, b.week, b.month, b.category, b.channel, b.segment;
CREATE OR REPLACE TEMP VIEW k_sales AS
SELECT a.*, CAST(NULL AS VARCHAR) AS traffic, o.orders, b.buyers, b.repeat_buyers
FROM k_amounts a
LEFT JOIN k_orders o
       ON o.day IS NOT DISTINCT FROM a.day AND o.week IS NOT DISTINCT FROM a.week
      AND o.month IS NOT DISTINCT FROM a.month AND o.category IS NOT DISTINCT FROM a.category
      AND o.channel IS NOT DISTINCT FROM a.channel AND o.segment IS NOT DISTINCT FROM a.segment
LEFT JOIN k_buyers b
       ON b.day IS NOT DISTINCT FROM a.day AND b.week IS NOT DISTINCT FROM a.week
      AND b.month IS NOT DISTINCT FROM a.month AND b.category IS NOT DISTINCT FROM a.category
      AND b.channel IS NOT DISTINCT FROM a.channel AND b.segment IS NOT DISTINCT FROM a.segment;

-- What happened in the log; segment by the customer that the visitor is known to be.
CREATE OR REPLACE TEMP VIEW k_people AS
SELECT p.visitor, coalesce(g.segment, '(none)') AS segment
FROM (SELECT visitor, max(customer) AS customer FROM f_events GROUP BY visitor) AS p
LEFT JOIN kpi_segments g ON g.customer = p.customer;
CREATE OR REPLACE TEMP VIEW k_sessions AS
SELECT s.session, s.visitor, s.purchases, CAST(s.start AS DATE) AS day,
       monday(CAST(s.start AS DATE)) AS week, CAST(date_trunc('month', s.start) AS DATE) AS month,
       p.segment, coalesce(s.channel, '(none)') AS traffic
FROM f_sessions s
JOIN k_people p ON p.visitor = s.visitor;
CREATE OR REPLACE TEMP VIEW k_visits AS
SELECT day, week, month, CAST(NULL AS VARCHAR) AS category, CAST(NULL AS VARCHAR) AS channel,
       segment, traffic, count(*) AS sessions,
       count(*) FILTER (WHERE purchases > 0) AS buying_sessions,
       count(DISTINCT visitor) AS visitors,
       count(DISTINCT visitor) FILTER (WHERE purchases > 0) AS buying_visitors
FROM k_sessions
GROUP BY GROUPING SETS ((day), (day, segment), (day, traffic),
                        (week), (week, segment), (week, traffic),
                        (month), (month, segment), (month, traffic), (), (segment), (traffic))
HAVING count(*) > 0;
-- A visitor and an article in one period: seen, put into the cart, bought.
CREATE OR REPLACE TEMP VIEW k_named_events AS
SELECT e.visitor, e.article, e.event, CAST(e.time AS DATE) AS day,
       monday(CAST(e.time AS DATE)) AS week, CAST(date_trunc('month', e.time) AS DATE) AS month,
       a.category, p.segment, coalesce(e.channel, '(none)') AS traffic
FROM f_events e
JOIN articles a ON a.article = e.article
JOIN k_people p ON p.visitor = e.visitor;
CREATE OR REPLACE TEMP VIEW k_pairs AS
SELECT visitor, article, day, week, month, category, segment, traffic,
       max(CASE WHEN event = 'view' THEN 1 ELSE 0 END) AS viewed,
       max(CASE WHEN event = 'cart_add' THEN 1 ELSE 0 END) AS carted,
       max(CASE WHEN event = 'purchase' THEN 1 ELSE 0 END) AS bought
FROM k_named_events
GROUP BY GROUPING SETS (
    (visitor, article, day), (visitor, article, day, category), (visitor, article, day, segment),
    (visitor, article, day, traffic), (visitor, article, week), (visitor, article, week, category),
    (visitor, article, week, segment), (visitor, article, week, traffic),
    (visitor, article, month), (visitor, article, month, category),
    (visitor, article, month, segment), (visitor, article, month, traffic),
    (visitor, article), (visitor, article, category), (visitor, article, segment),
    (visitor, article, traffic));
CREATE OR REPLACE TEMP VIEW k_wishes AS
SELECT day, week, month, category, CAST(NULL AS VARCHAR) AS channel, segment, traffic,
       sum(viewed) AS viewed, sum(viewed * carted) AS view_carted, sum(carted) AS carted,
       sum(carted * bought) AS cart_bought
FROM k_pairs
GROUP BY day, week, month, category, segment, traffic;
-- A session's cart is bought when its visitor purchases within 24 hours of the first addition.
CREATE OR REPLACE TEMP VIEW k_ahead AS
SELECT session, event, time,
       min(CASE WHEN event = 'purchase' THEN time END) OVER (
           PARTITION BY visitor ORDER BY time NULLS FIRST, session NULLS FIRST, seq NULLS FIRST
           ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_purchase
FROM f_events
WHERE event IN ('cart_add', 'purchase');
CREATE OR REPLACE TEMP VIEW k_opened AS
SELECT session, min(time) AS opened, min(next_purchase) AS bought
FROM k_ahead
WHERE event = 'cart_add'
GROUP BY session;
CREATE OR REPLACE TEMP VIEW k_carts AS
SELECT day, week, month, CAST(NULL AS VARCHAR) AS category, CAST(NULL AS VARCHAR) AS channel,
       segment, traffic, count(*) AS carts,
       count(*) FILTER (WHERE bought <= opened + INTERVAL 24 HOUR) AS bought_carts
FROM (SELECT CAST(c.opened AS DATE) AS day, monday(CAST(c.opened AS DATE)) AS week,
             CAST(date_trunc('month', c.opened) AS DATE) AS month, s.segment, s.traffic,
             c.opened, c.bought
      FROM k_opened c
      JOIN k_sessions s ON s.session = c.session) AS opened
GROUP BY GROUPING SETS ((day), (day, segment), (day, traffic),
                        (week), (week, segment), (week, traffic),
                        (month), (month, segment), (month, traffic), (), (segment), (traffic))
HAVING count(*) > 0;
-- One row for each period and group; a count that has no row in its source stays NULL.
CREATE OR REPLACE TEMP VIEW k_counts AS
SELECT day, week, month, category, channel, segment, traffic, units, revenue, returned_units,
       refunds, net_revenue, orders, buyers, repeat_buyers, articles, full_units, listed,
       young_revenue, NULL AS sessions, NULL AS buying_sessions, NULL AS visitors,
       NULL AS buying_visitors, NULL AS viewed, NULL AS view_carted, NULL AS carted,
       NULL AS cart_bought, NULL AS carts, NULL AS bought_carts
FROM k_sales
UNION ALL
SELECT day, week, month, category, channel, segment, traffic, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, sessions, buying_sessions, visitors, buying_visitors,
       NULL, NULL, NULL, NULL, NULL, NULL
FROM k_visits
UNION ALL
SELECT day, week, month, category, channel, segment, traffic, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, viewed, view_carted, carted,
       cart_bought, NULL, NULL
FROM k_wishes
UNION ALL
SELECT day, week, month, category, channel, segment, traffic, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, carts,
       bought_carts
FROM k_carts;
CREATE OR REPLACE TEMP VIEW k_named AS
SELECT CASE WHEN day IS NOT NULL THEN 'day' WHEN week IS NOT NULL THEN 'week'
            WHEN month IS NOT NULL THEN 'month' ELSE 'all' END AS grain,
       coalesce(day, week, month, ${first}) AS period,
       CASE WHEN category IS NOT NULL THEN 'category' WHEN channel IS NOT NULL THEN 'channel'
            WHEN segment IS NOT NULL THEN 'segment' WHEN traffic IS NOT NULL THEN 'traffic'
            ELSE 'all' END AS dimension,
       coalesce(category, channel, segment, traffic, 'all') AS value, c.*
FROM k_counts c;
-- What the shop's files can tell at all.
CREATE OR REPLACE TEMP VIEW k_known AS
SELECT (SELECT count(*) FROM k_lines WHERE quantity < 0) > 0 AS returns,
       (SELECT count(*) FROM k_lines WHERE channel <> '(none)') > 0 AS channels,
       (SELECT count(*) FROM kpi_segments) > 0 AS segments,
       (SELECT count(*) FROM f_events WHERE channel IS NOT NULL) > 0 AS traffic,
       (SELECT count(*) FROM f_events WHERE event = 'purchase') > 0 AS purchases,
       (SELECT count(*) FROM f_events WHERE event = 'view' AND article IS NOT NULL) > 0 AS views,
       (SELECT count(*) FROM f_events WHERE event = 'cart_add' AND article IS NOT NULL) > 0
           AS carts,
       (SELECT count(*) FROM f_events WHERE event = 'purchase' AND article IS NOT NULL) > 0
           AS named_purchases;
CREATE OR REPLACE TEMP VIEW k_summed AS
SELECT grain, period, dimension, value, max(units) AS units, max(revenue) AS revenue,
       max(returned_units) AS returned_units, max(refunds) AS refunds,
       max(net_revenue) AS net_revenue, max(orders) AS orders, max(buyers) AS buyers,
       max(repeat_buyers) AS repeat_buyers, max(articles) AS articles,
       max(full_units) AS full_units, max(listed) AS listed, max(young_revenue) AS young_revenue,
       max(sessions) AS sessions, max(buying_sessions) AS buying_sessions,
       max(visitors) AS visitors, max(buying_visitors) AS buying_visitors, max(viewed) AS viewed,
       max(view_carted) AS view_carted, max(carted) AS carted, max(cart_bought) AS cart_bought,
       max(carts) AS carts, max(bought_carts) AS bought_carts
FROM k_named
GROUP BY grain, period, dimension, value;
SELECT s.grain, s.period, s.dimension, s.value,
       CASE WHEN grain = 'all' THEN TRUE
            ELSE period >= ${first}
                 AND CASE grain WHEN 'day' THEN add_days(period, 1)
                                WHEN 'week' THEN add_days(period, 7)
                                ELSE CAST(date_trunc('month', add_days(period, 31)) AS DATE)
                     END <= ${end} END AS complete,
       CAST(units AS BIGINT) AS units, CAST(revenue AS DECIMAL(28,6)) AS revenue,
       CAST(returned_units AS BIGINT) AS returned_units,
       CAST(refunds AS DECIMAL(28,6)) AS refunds,
       CAST(net_revenue AS DECIMAL(28,6)) AS net_revenue, CAST(orders AS BIGINT) AS orders,
       CAST(buyers AS BIGINT) AS buyers, CAST(repeat_buyers AS BIGINT) AS repeat_buyers,
       CAST(articles AS BIGINT) AS articles, CAST(full_units AS BIGINT) AS full_units,
       CAST(listed AS DECIMAL(28,6)) AS listed,
       CAST(young_revenue AS DECIMAL(28,6)) AS young_revenue,
       CAST(sessions AS BIGINT) AS sessions, CAST(buying_sessions AS BIGINT) AS buying_sessions,
       CAST(visitors AS BIGINT) AS visitors, CAST(buying_visitors AS BIGINT) AS buying_visitors,
       CAST(viewed AS BIGINT) AS viewed, CAST(view_carted AS BIGINT) AS view_carted,
       CAST(carted AS BIGINT) AS carted, CAST(cart_bought AS BIGINT) AS cart_bought,
       CAST(s.carts AS BIGINT) AS carts, CAST(bought_carts AS BIGINT) AS bought_carts,
       CASE WHEN k.purchases THEN share(buying_sessions, sessions) END AS conversion,
       CASE WHEN k.purchases THEN share(buying_visitors, visitors) END AS visitor_conversion,
       CASE WHEN k.carts THEN share(view_carted, viewed) END AS view_to_cart,
       CASE WHEN k.named_purchases THEN share(cart_bought, carted) END AS cart_to_buy,
       CASE WHEN k.purchases THEN 1 - share(bought_carts, s.carts) END AS abandonment,
       share(revenue, orders) AS aov, share(units, orders) AS upt, share(revenue, units) AS asp,
       share(repeat_buyers, buyers) AS repeat_rate,
       share(coalesce(full_units, 0), units) AS full_price_share,
       1 - share(revenue, listed) AS markdown_depth,
       CASE WHEN period >= add_days(${first}, 56)
            THEN share(coalesce(young_revenue, 0), revenue) END AS newness,
       CASE WHEN k.returns THEN share(coalesce(returned_units, 0), units) END AS return_rate,
       share(units, articles) AS depth
FROM k_summed s
CROSS JOIN k_known k
WHERE dimension IN ('all', 'category')
   OR dimension = 'channel' AND k.channels
   OR dimension = 'segment' AND k.segments
   OR dimension = 'traffic' AND k.traffic
ORDER BY CASE grain WHEN 'day' THEN 0 WHEN 'week' THEN 1 WHEN 'month' THEN 2 ELSE 3 END NULLS FIRST,
         CASE dimension WHEN 'all' THEN 0 WHEN 'category' THEN 1 WHEN 'channel' THEN 2
                        WHEN 'segment' THEN 3 ELSE 4 END NULLS FIRST,
         value NULLS FIRST, period NULLS FIRST
