-- weekly_sales: sales by week (Monday) of the shop, each category and each article, with the weeks
-- between a series' first and last in which nothing sold. list_price is the highest price of an
-- article up to and in that week; of a category or the shop, the mean of those by units.
CREATE OR REPLACE TEMP VIEW w_articles AS
SELECT article_id, category, week, units, revenue, bought, paid,
       max(high) OVER (PARTITION BY article_id ORDER BY week
                       ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS list_price
FROM (
    SELECT a.article_id, a.category, monday(t.day) AS week,
           CAST(sum(t.quantity) AS BIGINT) AS units, sum(t.revenue) AS revenue,
           CAST(coalesce(sum(t.quantity) FILTER (WHERE t.quantity > 0), 0) AS BIGINT) AS bought,
           coalesce(sum(t.revenue) FILTER (WHERE t.quantity > 0), 0) AS paid,
           max(t.price) AS high
    FROM transactions t
    JOIN articles a ON a.article = t.article
    WHERE t.day < ${end}
    GROUP BY a.article_id, a.category, monday(t.day)
) AS weekly;
CREATE OR REPLACE TEMP VIEW w_sold AS
SELECT level, series, week, CAST(sum(units) AS BIGINT) AS units, sum(revenue) AS revenue,
       sum(bought) AS bought, sum(paid) AS paid, sum(listed) AS listed
FROM (
    SELECT 'total' AS level, 'total' AS series, week, units, revenue, bought, paid,
           CAST(list_price * bought AS DECIMAL(28,6)) AS listed
    FROM w_articles
    UNION ALL
    SELECT 'category', category, week, units, revenue, bought, paid,
           CAST(list_price * bought AS DECIMAL(28,6))
    FROM w_articles
    UNION ALL
    SELECT 'article', article_id, week, units, revenue, bought, paid,
           CAST(list_price * bought AS DECIMAL(28,6))
    FROM w_articles
) AS every
GROUP BY level, series, week;
CREATE OR REPLACE TEMP VIEW w_weeks AS
WITH RECURSIVE weeks AS (
    SELECT min(week) AS week, max(week) AS last_week FROM w_sold
    UNION ALL
    SELECT add_days(week, 7), last_week FROM weeks WHERE week < last_week
)
SELECT week FROM weeks;
SELECT n.level, n.series, w.week, coalesce(s.units, 0) AS units,
       CAST(coalesce(s.revenue, 0) AS DECIMAL(28,6)) AS revenue,
       share(s.paid, s.bought) AS avg_price,
       CASE WHEN n.level = 'article'
            THEN max(share(s.listed, s.bought)) OVER (
                     PARTITION BY n.level, n.series ORDER BY w.week NULLS FIRST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
            ELSE share(s.listed, s.bought) END AS list_price
FROM (
    SELECT level, series, min(week) AS first_week, max(week) AS last_week
    FROM w_sold
    GROUP BY level, series
) AS n
JOIN w_weeks w ON w.week >= n.first_week AND w.week <= n.last_week
LEFT JOIN w_sold s ON s.level = n.level AND s.series = n.series AND s.week = w.week
ORDER BY n.level NULLS FIRST, n.series NULLS FIRST, w.week NULLS FIRST
