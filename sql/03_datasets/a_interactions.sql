-- A: what each customer had to do with each article before the end: sales, and views, clicks and cart
-- additions of the events that are linked. units is what was bought less what came back.
WITH bought AS (
    SELECT customer, article, min(day) AS first_day, max(day) AS last_day,
           count(*) FILTER (WHERE quantity > 0) AS purchases,
           CAST(sum(quantity) AS BIGINT) AS units, sum(revenue) AS revenue,
           0 AS views, 0 AS clicks, 0 AS carts,
           0 AS kind,
           min(CAST(src_file AS BIGINT) * 1000000000000 + src_line) AS origin
    FROM transactions
    WHERE day < ${end}
    GROUP BY customer, article
), touched AS (
    SELECT customer, article, min(day) AS first_day, max(day) AS last_day,
           0 AS purchases, 0 AS units, CAST(0 AS DECIMAL(38,6)) AS revenue,
           count(*) FILTER (WHERE event = 'view') AS views,
           count(*) FILTER (WHERE event = 'click') AS clicks,
           count(*) FILTER (WHERE event = 'cart_add') AS carts,
           1 AS kind,
           min(CAST(src_file AS BIGINT) * 1000000000000 + src_line) AS origin
    FROM events
    WHERE day < ${end} AND customer IS NOT NULL AND article IS NOT NULL
      AND event IN ('view', 'click', 'cart_add')
    GROUP BY customer, article
)
SELECT customer, article, min(first_day) AS first_day, max(last_day) AS last_day,
       CAST(sum(purchases) AS BIGINT) AS purchases, CAST(sum(units) AS BIGINT) AS units,
       CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue, CAST(sum(views) AS BIGINT) AS views,
       CAST(sum(clicks) AS BIGINT) AS clicks, CAST(sum(carts) AS BIGINT) AS carts,
       CAST(floor(min_by(origin, kind) / 1000000000000) AS INTEGER) AS src_file,
       CAST(min_by(origin, kind) % 1000000000000 AS BIGINT) AS src_line
FROM (SELECT * FROM bought UNION ALL SELECT * FROM touched) AS pairs
GROUP BY customer, article
ORDER BY customer NULLS FIRST, article NULLS FIRST
