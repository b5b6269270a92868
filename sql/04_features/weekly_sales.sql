-- weekly_sales: sales by week (Monday) of the shop, each category and each article, with the weeks
-- between a series' first and last in which nothing sold. list_price is the highest price of an
-- article up to and in that week; of a category or the shop, the mean of those by units.
CREATE OR REPLACE TEMP VIEW w_articles AS
SELECT article, category, week, units, revenue, bought, paid,
       CAST(max(high) OVER (PARTITION BY article ORDER BY week NULLS FIRST
                            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) * bought
            AS DECIMAL(28,6)) AS listed
FROM (
    SELECT t.article, a.category, monday(t.day) AS week,
           CAST(sum(t.quantity) AS BIGINT) AS units, sum(t.revenue) AS revenue,
           CAST(coalesce(sum(t.quantity) FILTER (WHERE t.quantity > 0), 0) AS BIGINT) AS bought,
           coalesce(sum(t.revenue) FILTER (WHERE t.quantity > 0), 0) AS paid,
           max(t.price) AS high
    FROM (SELECT article, day, price, quantity, revenue FROM transactions
          UNION ALL
          SELECT article, day, price, quantity, revenue FROM guest_sales) AS t
    JOIN articles a ON a.article = t.article
    WHERE t.day < ${end}
    GROUP BY t.article, a.category, monday(t.day)
) AS weekly;
CREATE OR REPLACE TEMP VIEW w_sold AS
SELECT article, category, week, CAST(sum(units) AS BIGINT) AS units, sum(revenue) AS revenue,
       sum(bought) AS bought, sum(paid) AS paid, sum(listed) AS listed
FROM w_articles
GROUP BY GROUPING SETS ((article, week), (category, week), (week));
-- Series in the order of their level and name; with its number a series is a cheap key.
CREATE OR REPLACE TEMP VIEW w_series AS
SELECT level, series, article, category,
       row_number() OVER (ORDER BY level NULLS FIRST, series NULLS FIRST) AS place
FROM (
    SELECT 'article' AS level, article_id AS series, article, NULL AS category
    FROM articles
    UNION ALL
    SELECT DISTINCT 'category', category, NULL, category FROM articles
    UNION ALL
    SELECT 'total', 'total', NULL, NULL
) AS every;
CREATE OR REPLACE TEMP VIEW w_placed AS
SELECT n.place, n.level, s.week, s.units, s.revenue, s.bought, s.paid, s.listed
FROM w_sold s
JOIN w_series n ON n.article IS NOT DISTINCT FROM s.article
               AND n.category IS NOT DISTINCT FROM s.category;
CREATE OR REPLACE TEMP VIEW w_weeks AS
WITH RECURSIVE weeks AS (
    SELECT monday(min(day)) AS week, monday(max(day)) AS last_week
    FROM (SELECT day FROM transactions UNION ALL SELECT day FROM guest_sales) AS lines
    WHERE day < ${end}
    UNION ALL
    SELECT add_days(week, 7), last_week FROM weeks WHERE week < last_week
)
SELECT week FROM weeks;
CREATE OR REPLACE TEMP VIEW w_filled AS
SELECT n.place, n.level, w.week, s.units, s.revenue, s.bought, s.paid, s.listed
FROM (
    SELECT place, level, min(week) AS first_week, max(week) AS last_week
    FROM w_placed
    GROUP BY place, level
) AS n
JOIN w_weeks w ON w.week >= n.first_week AND w.week <= n.last_week
LEFT JOIN w_placed s ON s.place = n.place AND s.week = w.week;
SELECT f.level, n.series, f.week, coalesce(f.units, 0) AS units,
       CAST(coalesce(f.revenue, 0) AS DECIMAL(28,6)) AS revenue,
       share(f.paid, f.bought) AS avg_price,
       CASE WHEN f.level = 'article'
            THEN max(share(f.listed, f.bought)) OVER (
                     PARTITION BY f.place ORDER BY f.week NULLS FIRST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
            ELSE share(f.listed, f.bought) END AS list_price
FROM w_filled f
JOIN w_series n ON n.place = f.place
ORDER BY f.place NULLS FIRST, f.week NULLS FIRST
