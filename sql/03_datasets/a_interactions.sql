-- A: what each customer had to do with each article before the end: sales, and views, clicks and cart
-- additions of the events that are linked. units is what was bought less what came back.
WITH bought AS (
    SELECT customer, article, min(day) AS first_day, max(day) AS last_day,
           count(*) FILTER (WHERE quantity > 0) AS purchases,
           sum(quantity) AS units, sum(revenue) AS revenue,
           min(CAST(src_file AS BIGINT) * 1000000000000 + src_line) AS origin
    FROM transactions
    WHERE day < ${end}
    GROUP BY customer, article
), touched AS (
    SELECT customer, article, min(day) AS first_day, max(day) AS last_day,
           count(*) FILTER (WHERE event = 'view') AS views,
           count(*) FILTER (WHERE event = 'click') AS clicks,
           count(*) FILTER (WHERE event = 'cart_add') AS carts,
           min(CAST(src_file AS BIGINT) * 1000000000000 + src_line) AS origin
    FROM events
    WHERE day < ${end} AND customer IS NOT NULL AND article IS NOT NULL
      AND event IN ('view', 'click', 'cart_add')
    GROUP BY customer, article
)
SELECT coalesce(b.customer, t.customer) AS customer, coalesce(b.article, t.article) AS article,
       least(b.first_day, t.first_day) AS first_day, greatest(b.last_day, t.last_day) AS last_day,
       CAST(coalesce(b.purchases, 0) AS BIGINT) AS purchases,
       CAST(coalesce(b.units, 0) AS BIGINT) AS units,
       CAST(coalesce(b.revenue, 0) AS DECIMAL(28,6)) AS revenue,
       CAST(coalesce(t.views, 0) AS BIGINT) AS views,
       CAST(coalesce(t.clicks, 0) AS BIGINT) AS clicks,
       CAST(coalesce(t.carts, 0) AS BIGINT) AS carts,
       CAST(floor(coalesce(b.origin, t.origin) / 1000000000000) AS INTEGER) AS src_file,
       CAST(coalesce(b.origin, t.origin) % 1000000000000 AS BIGINT) AS src_line
FROM bought b
FULL OUTER JOIN touched t ON t.customer = b.customer AND t.article = b.article
ORDER BY customer NULLS FIRST, article NULLS FIRST
