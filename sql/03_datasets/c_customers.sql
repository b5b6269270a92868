-- C: each customer as known on three days (as_of): from sales and events of the days before it and
-- nothing else. Everything is first counted by customer and period between those days, then added up.
CREATE OR REPLACE TEMP VIEW c_as_of AS
SELECT 0 AS block, CAST(${valid_from} AS DATE) AS as_of
UNION ALL SELECT 1, CAST(${test_from} AS DATE)
UNION ALL SELECT 2, CAST(${end} AS DATE);
CREATE OR REPLACE TEMP VIEW c_list_price AS
SELECT article, day,
       max(price) OVER (PARTITION BY article ORDER BY day
                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS list_price
FROM (
    SELECT article, day, max(price) AS price
    FROM transactions
    WHERE day < ${end}
    GROUP BY article, day
) AS daily;
CREATE OR REPLACE TEMP VIEW c_order_days AS
SELECT t.customer, t.day,
       CASE WHEN t.day < ${valid_from} THEN 0 WHEN t.day < ${test_from} THEN 1 ELSE 2 END AS block,
       max(CASE WHEN t.quantity > 0 THEN 1 ELSE 0 END) AS ordered,
       count(*) AS lines,
       count(*) FILTER (WHERE t.quantity < 0) AS returns,
       count(*) FILTER (WHERE t.quantity > 0) AS buys,
       sum(t.quantity) FILTER (WHERE t.quantity > 0) AS bought,
       sum(t.revenue) FILTER (WHERE t.quantity > 0) AS paid,
       sum(t.quantity) AS units, sum(t.revenue) AS revenue,
       count(*) FILTER (WHERE t.quantity > 0 AND t.price * 100 < p.list_price * 95) AS discounted,
       count(*) FILTER (WHERE t.quantity > 0 AND t.channel = 'online') AS online,
       count(*) FILTER (WHERE t.quantity > 0 AND t.channel IS NOT NULL) AS with_channel
FROM transactions t
JOIN c_list_price p ON p.article = t.article AND p.day = t.day
WHERE t.day < ${end}
GROUP BY t.customer, t.day;
CREATE OR REPLACE TEMP VIEW c_periods AS
SELECT customer, block,
       min(day) FILTER (WHERE ordered = 1) AS first_day,
       max(day) FILTER (WHERE ordered = 1) AS last_day,
       sum(ordered) AS orders, sum(lines) AS lines, sum(returns) AS returns, sum(buys) AS buys,
       sum(bought) AS bought, sum(paid) AS paid, sum(units) AS units, sum(revenue) AS revenue,
       sum(discounted) AS discounted, sum(online) AS online, sum(with_channel) AS with_channel,
       sum(CASE WHEN is_weekend(day) = 1 THEN buys ELSE 0 END) AS weekend
FROM c_order_days
GROUP BY customer, block;
CREATE OR REPLACE TEMP VIEW c_categories AS
SELECT customer, as_of, count(*) AS n_categories,
       min_by(category, place) AS top_category,
       CAST(sum(units) AS DOUBLE) AS units,
       -- n ln n in whole billionths: a sum of integers does not depend on its order
       CAST(sum(CAST(round(units * ln(CAST(units AS DOUBLE)) * 1000000000) AS BIGINT)) AS DOUBLE)
           / 1000000000 AS n_ln_n
FROM (
    SELECT customer, as_of, category, units,
           row_number() OVER (PARTITION BY customer, as_of
                              ORDER BY units DESC NULLS LAST, category NULLS LAST) AS place
    FROM (
        SELECT t.customer, b.as_of, a.category, CAST(sum(t.units) AS BIGINT) AS units
        FROM (
            SELECT customer, article,
                   CASE WHEN day < ${valid_from} THEN 0 WHEN day < ${test_from} THEN 1
                        ELSE 2 END AS block,
                   CAST(sum(quantity) AS BIGINT) AS units
            FROM transactions
            WHERE day < ${end} AND quantity > 0
            GROUP BY customer, article, block
        ) AS t
        JOIN articles a ON a.article = t.article
        JOIN c_as_of b ON b.block >= t.block
        GROUP BY t.customer, b.as_of, a.category
    ) AS counted
) AS placed
GROUP BY customer, as_of;
CREATE OR REPLACE TEMP VIEW c_events AS
SELECT v.customer, b.as_of, sum(v.views) AS views, sum(v.carts) AS carts,
       sum(v.purchases) AS purchases
FROM (
    SELECT customer,
           CASE WHEN day < ${valid_from} THEN 0 WHEN day < ${test_from} THEN 1 ELSE 2 END AS block,
           count(*) FILTER (WHERE event = 'view') AS views,
           count(*) FILTER (WHERE event = 'cart_add') AS carts,
           count(*) FILTER (WHERE event = 'purchase') AS purchases
    FROM events
    WHERE day < ${end} AND customer IS NOT NULL
    GROUP BY customer, block
) AS v
JOIN c_as_of b ON b.block >= v.block
GROUP BY v.customer, b.as_of;
WITH known AS (
    SELECT p.customer, b.as_of, min(p.first_day) AS first_day, max(p.last_day) AS last_day,
           CAST(sum(p.orders) AS BIGINT) AS frequency,
           CAST(sum(p.revenue) AS DECIMAL(28,6)) AS monetary,
           CAST(sum(p.units) AS BIGINT) AS units, CAST(sum(p.lines) AS BIGINT) AS lines,
           CAST(sum(p.returns) AS BIGINT) AS returns, CAST(sum(p.buys) AS BIGINT) AS buys,
           CAST(sum(p.bought) AS BIGINT) AS bought, CAST(sum(p.paid) AS DECIMAL(28,6)) AS paid,
           CAST(sum(p.discounted) AS BIGINT) AS discounted,
           CAST(sum(p.online) AS BIGINT) AS online,
           CAST(sum(p.with_channel) AS BIGINT) AS with_channel,
           CAST(sum(p.weekend) AS BIGINT) AS weekend
    FROM c_periods p
    JOIN c_as_of b ON b.block >= p.block
    GROUP BY p.customer, b.as_of
)
SELECT k.customer, c.customer_id, c.age, k.as_of,
       days_between(k.last_day, k.as_of) AS recency_days, k.frequency, k.monetary, k.units,
       k.first_day, k.last_day, days_between(k.first_day, k.as_of) AS tenure_days,
       share(days_between(k.first_day, k.last_day), k.frequency - 1) AS avg_gap_days,
       share(k.paid, k.bought) AS avg_price,
       share(k.discounted, k.buys) AS discount_share,
       share(k.online, k.with_channel) AS online_share,
       share(k.weekend, k.buys) AS weekend_share,
       share(k.returns, k.lines) AS return_share,
       share(v.carts, v.views) AS view_to_cart,
       share(v.purchases, v.carts) AS cart_to_buy,
       g.top_category,
       round(greatest(ln(g.units) - g.n_ln_n / g.units, 0), 9) AS category_entropy,
       g.n_categories
FROM known k
JOIN customers c ON c.customer = k.customer
LEFT JOIN c_categories g ON g.customer = k.customer AND g.as_of = k.as_of
LEFT JOIN c_events v ON v.customer = k.customer AND v.as_of = k.as_of
WHERE k.first_day IS NOT NULL
ORDER BY k.as_of NULLS FIRST, k.customer NULLS FIRST
