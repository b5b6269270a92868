-- customer_bases: what segments are formed of: each customer's value, rhythm and price, as known at the
-- ends of the windows and every four weeks before the end, from sales of the days before as_of alone.
-- Counts and money as ln(1 + x), shares as they are. Between the windows' ends a shop of more than
-- 100,000 customers is sampled: every n-th of them.
CREATE OR REPLACE TEMP VIEW cb_days AS
SELECT as_of, max(everybody) AS everybody
FROM (
    SELECT CAST(${valid_from} AS DATE) AS as_of, 1 AS everybody
    UNION ALL SELECT CAST(${test_from} AS DATE), 1
    UNION ALL SELECT CAST(${end} AS DATE), 1
    UNION ALL
    SELECT add_days(CAST(${end} AS DATE), -28 * back), 0
    FROM (VALUES (1), (2), (3), (4), (5), (6)) AS weeks(back)
) AS every
WHERE as_of > ${first}
GROUP BY as_of;
CREATE OR REPLACE TEMP VIEW cb_stride AS
SELECT greatest(CAST(ceil(count(*) / 100000.0) AS INTEGER), 1) AS stride
FROM customers;
CREATE OR REPLACE TEMP VIEW cb_articles AS
SELECT article, day, max(price) OVER (PARTITION BY article ORDER BY day NULLS FIRST
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS high,
       days_between(min(day) OVER (PARTITION BY article), day) AS age
FROM (
    SELECT article, day, max(price) AS price
    FROM transactions
    WHERE day < ${end}
    GROUP BY article, day
) AS daily;
CREATE OR REPLACE TEMP VIEW cb_orders AS
SELECT t.customer, t.day, max(CASE WHEN t.quantity > 0 THEN 1 ELSE 0 END) AS ordered,
       sum(t.quantity) AS units, sum(t.revenue) AS revenue,
       sum(CASE WHEN t.quantity > 0 THEN t.quantity ELSE 0 END) AS bought,
       sum(CASE WHEN t.quantity > 0 THEN t.revenue ELSE 0 END) AS paid,
       count(*) AS rows_all, count(*) FILTER (WHERE t.quantity < 0) AS returns,
       count(*) FILTER (WHERE t.quantity > 0) AS buys,
       count(*) FILTER (WHERE t.quantity > 0 AND t.price * 100 < a.high * 95) AS discounted,
       sum(CASE WHEN t.quantity > 0 THEN a.age ELSE 0 END) AS ages
FROM transactions t
JOIN cb_articles a ON a.article = t.article AND a.day = t.day
WHERE t.day < ${end}
GROUP BY t.customer, t.day;
-- A day of the year as a point on the circle, and on the circle gone round twice, in whole billionths:
-- sums of integers do not depend on their order.
CREATE OR REPLACE TEMP VIEW cb_marked AS
SELECT o.*,
       CASE WHEN ordered = 1 THEN days_between(
           lag(day) OVER (PARTITION BY customer, ordered ORDER BY day NULLS FIRST), day) END AS gap,
       CAST(round(1000000000 * cos(2 * pi() * dayofyear(day) / 365.25)) AS BIGINT) AS c1,
       CAST(round(1000000000 * sin(2 * pi() * dayofyear(day) / 365.25)) AS BIGINT) AS s1,
       CAST(round(1000000000 * cos(4 * pi() * dayofyear(day) / 365.25)) AS BIGINT) AS c2,
       CAST(round(1000000000 * sin(4 * pi() * dayofyear(day) / 365.25)) AS BIGINT) AS s2
FROM cb_orders o;
CREATE OR REPLACE TEMP VIEW cb_known AS
SELECT b.as_of, m.customer, min(m.day) FILTER (WHERE m.ordered = 1) AS first_day,
       max(m.day) FILTER (WHERE m.ordered = 1) AS last_day, CAST(sum(m.ordered) AS BIGINT) AS orders,
       CAST(sum(m.gap) AS BIGINT) AS gaps, CAST(sum(m.gap * m.gap) AS BIGINT) AS squares,
       sum(m.units) AS units, sum(m.revenue) AS revenue, sum(m.bought) AS bought,
       sum(m.paid) AS paid, sum(m.rows_all) AS rows_all, sum(m.returns) AS returns,
       sum(m.buys) AS buys, sum(m.discounted) AS discounted, sum(m.ages) AS ages,
       CAST(sum(CASE WHEN m.ordered = 1 THEN m.c1 END) AS DOUBLE) / 1000000000 AS c1,
       CAST(sum(CASE WHEN m.ordered = 1 THEN m.s1 END) AS DOUBLE) / 1000000000 AS s1,
       CAST(sum(CASE WHEN m.ordered = 1 THEN m.c2 END) AS DOUBLE) / 1000000000 AS c2,
       CAST(sum(CASE WHEN m.ordered = 1 THEN m.s2 END) AS DOUBLE) / 1000000000 AS s2
FROM cb_marked m
JOIN cb_days b ON m.day < b.as_of
JOIN cb_stride n ON b.everybody = 1 OR m.customer % n.stride = 0
GROUP BY b.as_of, m.customer
HAVING sum(m.ordered) > 0;
SELECT as_of, customer, recency AS recency_days, orders AS frequency,
       CAST(revenue AS DECIMAL(28,6)) AS monetary,
       ln(1.0 + recency) AS f_recency, ln(1.0 + orders) AS f_frequency,
       ln(1.0 + greatest(CAST(revenue AS DOUBLE), 0)) AS f_monetary,
       ln(1.0 + greatest(units, 0)) AS f_units, ln(1.0 + tenure) AS f_tenure,
       ln(1.0 + coalesce(gap, tenure)) AS f_gap,
       -- standard deviation of the gaps over their mean: 0 like clockwork, about 1 by chance
       coalesce(sqrt(greatest(share(squares, orders - 1) - gap * gap, 0)) / nullif(gap, 0), 0)
           AS f_irregular,
       ln(1.0 + recency) - ln(1.0 + coalesce(gap, tenure)) AS f_overdue,
       -- how close the order days lie together in the year (once or twice a year), beyond chance
       coalesce(sqrt(greatest(share(greatest(c1 * c1 + s1 * s1, c2 * c2 + s2 * s2) / orders - 1,
                                    orders - 1), 0)), 0) AS f_season,
       coalesce(share(days_between(first_day, last_day), tenure), 0) AS f_span,
       ln(1.0 + coalesce(share(paid, bought), 0)) AS f_price,
       coalesce(share(discounted, buys), 0) AS f_discount,
       coalesce(share(returns, rows_all), 0) AS f_return,
       ln(1.0 + share(bought, orders)) AS f_basket,
       ln(1.0 + coalesce(share(ages, buys), 0)) AS f_assortment
FROM (
    SELECT k.*, days_between(last_day, as_of) AS recency, days_between(first_day, as_of) AS tenure,
           share(gaps, orders - 1) AS gap
    FROM cb_known k
) AS known
ORDER BY as_of NULLS FIRST, customer NULLS FIRST
