-- customer_weeks: customers with a purchase before a feature day as known on that day: those who buy in the
-- 7 days from there on, or everybody where feature_days says so. basket is units an order day; prices are
-- of what was bought; club is the place of the customer's club status among all in their order.
CREATE OR REPLACE TEMP VIEW cw_days AS
SELECT customer, day, CAST(sum(quantity) AS BIGINT) AS units, sum(revenue) AS paid,
       CAST(sum(CAST(price AS DECIMAL(18,4)) * CAST(price AS DECIMAL(18,4)) * quantity)
            AS DECIMAL(38,8)) AS squares,
       count(*) FILTER (WHERE channel = 'online') AS online,
       count(*) FILTER (WHERE channel IS NOT NULL) AS with_channel
FROM transactions
WHERE day < ${end} AND quantity > 0
GROUP BY customer, day;
CREATE OR REPLACE TEMP VIEW cw_wanted AS
SELECT DISTINCT b.as_of, d.customer
FROM feature_days b
JOIN cw_days d ON b.everybody = 1 OR (d.day >= b.as_of AND d.day < add_days(b.as_of, 7));
CREATE OR REPLACE TEMP VIEW cw_club AS
SELECT club_status, row_number() OVER (ORDER BY club_status NULLS FIRST) AS club
FROM (SELECT DISTINCT club_status FROM customers WHERE club_status IS NOT NULL) AS statuses;
SELECT k.as_of, k.customer, days_between(k.last_day, k.as_of) AS recency_days, k.frequency,
       share(k.units, k.frequency) AS basket, share(k.paid, k.units) AS avg_price,
       sqrt(greatest(share(k.squares, k.units) - share(k.paid, k.units) * share(k.paid, k.units), 0))
           AS price_spread,
       share(k.online, k.with_channel) AS online_share,
       days_between(k.first_day, k.as_of) AS tenure_days, c.age, g.club
FROM (
    SELECT w.as_of, w.customer, min(d.day) AS first_day, max(d.day) AS last_day,
           count(*) AS frequency, sum(d.units) AS units, sum(d.paid) AS paid,
           sum(d.squares) AS squares, sum(d.online) AS online, sum(d.with_channel) AS with_channel
    FROM cw_wanted w
    JOIN cw_days d ON d.customer = w.customer AND d.day < w.as_of
    GROUP BY w.as_of, w.customer
) AS k
JOIN customers c ON c.customer = k.customer
LEFT JOIN cw_club g ON g.club_status = c.club_status
ORDER BY k.as_of NULLS FIRST, k.customer NULLS FIRST
