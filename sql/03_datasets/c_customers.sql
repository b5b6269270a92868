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
CREATE OR REPLACE TEMP VIEW c_lines AS
SELECT customer, article, day, quantity, price, revenue, channel,
       CASE WHEN day < ${valid_from} THEN 0 WHEN day < ${test_from} THEN 1 ELSE 2 END AS block
FROM transactions
WHERE day < ${end};
CREATE OR REPLACE TEMP VIEW c_orders AS
SELECT customer, block, min(day) AS first_day, max(day) AS last_day, count(*) AS orders
FROM (SELECT DISTINCT customer, block, day FROM c_lines WHERE quantity > 0) AS order_days
GROUP BY customer, block;
CREATE OR REPLACE TEMP VIEW c_sums AS
SELECT t.customer, t.block, count(*) AS lines,
       count(*) FILTER (WHERE t.quantity < 0) AS returns,
       count(*) FILTER (WHERE t.quantity > 0) AS buys,
       sum(t.quantity) FILTER (WHERE t.quantity > 0) AS bought,
       sum(t.revenue) FILTER (WHERE t.quantity > 0) AS paid,
       sum(t.quantity) AS units, sum(t.revenue) AS revenue,
       count(*) FILTER (WHERE t.quantity > 0 AND t.price * 100 < p.list_price * 95) AS discounted,
       count(*) FILTER (WHERE t.quantity > 0 AND t.channel = 'online') AS online,
       count(*) FILTER (WHERE t.quantity > 0 AND t.channel IS NOT NULL) AS with_channel,
       count(*) FILTER (WHERE t.quantity > 0 AND is_weekend(t.day) = 1) AS weekend
FROM c_lines t
JOIN c_list_price p ON p.article = t.article AND p.day = t.day
GROUP BY t.customer, t.block;
CREATE OR REPLACE TEMP VIEW c_periods AS
SELECT s.customer, s.block, o.first_day, o.last_day, coalesce(o.orders, 0) AS orders, s.lines,
       s.returns, s.buys, s.bought, s.paid, s.units, s.revenue, s.discounted, s.online,
       s.with_channel, s.weekend
FROM c_sums s
LEFT JOIN c_orders o ON o.customer = s.customer AND o.block = s.block;
CREATE OR REPLACE TEMP VIEW c_category_places AS
SELECT category, row_number() OVER (ORDER BY category NULLS FIRST) AS place
FROM (SELECT DISTINCT category FROM articles) AS named;
CREATE OR REPLACE TEMP VIEW c_categories AS
SELECT g.customer, g.as_of, g.n_categories, p.category AS top_category, g.units, g.n_ln_n
FROM (
    -- the most units, then the first name: one number says both
    SELECT customer, as_of, count(*) AS n_categories,
           9999999 - max(units * 10000000 + 9999999 - place) % 10000000 AS top_place,
           CAST(sum(units) AS DOUBLE) AS units,
           -- n ln n in whole billionths: a sum of integers does not depend on its order
           CAST(sum(CAST(round(units * ln(CAST(units AS DOUBLE)) * 1000000000) AS BIGINT)) AS DOUBLE)
               / 1000000000 AS n_ln_n
    FROM (
        SELECT t.customer, b.as_of, t.place, CAST(sum(t.units) AS BIGINT) AS units
        FROM (
            SELECT l.customer, l.block, n.place, sum(l.quantity) AS units
            FROM c_lines l
            JOIN (SELECT a.article, p.place
                  FROM articles a
                  JOIN c_category_places p ON p.category = a.category) AS n
              ON n.article = l.article
            WHERE l.quantity > 0
            GROUP BY l.customer, l.block, n.place
        ) AS t
        JOIN c_as_of b ON b.block >= t.block
        GROUP BY t.customer, b.as_of, t.place
    ) AS counted
    GROUP BY customer, as_of
) AS g
JOIN c_category_places p ON p.place = g.top_place;
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
