-- D: sales by day of the shop, of each category and of each article, before the end. units and revenue
-- are net of returns; avg_price is of what was bought, not of what came back.
CREATE OR REPLACE TEMP VIEW d_daily AS
SELECT t.article, a.article_id, a.category, t.day, CAST(sum(t.quantity) AS BIGINT) AS units,
       sum(t.revenue) AS revenue,
       CAST(sum(t.quantity) FILTER (WHERE t.quantity > 0) AS BIGINT) AS bought,
       sum(t.revenue) FILTER (WHERE t.quantity > 0) AS paid
FROM transactions t
JOIN articles a ON a.article = t.article
WHERE t.day < ${end}
GROUP BY t.article, a.article_id, a.category, t.day;
SELECT level, series, day, CAST(sum(units) AS BIGINT) AS units,
       CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue, share(sum(paid), sum(bought)) AS avg_price
FROM (
    SELECT 'total' AS level, 'total' AS series, day, units, revenue, bought, paid FROM d_daily
    UNION ALL
    SELECT 'category', category, day, units, revenue, bought, paid FROM d_daily
    UNION ALL
    SELECT 'article', article_id, day, units, revenue, bought, paid FROM d_daily
) AS every
GROUP BY level, series, day
ORDER BY level NULLS FIRST, series NULLS FIRST, day NULLS FIRST
