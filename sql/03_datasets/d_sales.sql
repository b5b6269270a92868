-- D: sales by day of the shop, of each category and of each article, before the end. units and revenue
-- are net of returns; avg_price is of what was bought, not of what came back. Sales to guests count.
CREATE OR REPLACE TEMP VIEW d_daily AS
SELECT t.article, a.category, t.day, t.units, t.revenue, t.bought, t.paid
FROM (SELECT article, day, CAST(sum(quantity) AS BIGINT) AS units, sum(revenue) AS revenue,
             CAST(sum(quantity) FILTER (WHERE quantity > 0) AS BIGINT) AS bought,
             sum(revenue) FILTER (WHERE quantity > 0) AS paid
      FROM (SELECT article, day, quantity, revenue FROM transactions
            UNION ALL
            SELECT article, day, quantity, revenue FROM guest_sales) AS lines
      WHERE day < ${end}
      GROUP BY article, day) AS t
JOIN articles a ON a.article = t.article;
CREATE OR REPLACE TEMP VIEW d_grouped AS
SELECT article, category, day, CAST(sum(units) AS BIGINT) AS units,
       CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue, share(sum(paid), sum(bought)) AS avg_price
FROM d_daily
GROUP BY GROUPING SETS ((article, day), (category, day), (day));
CREATE OR REPLACE TEMP VIEW d_places AS
SELECT article, article_id, row_number() OVER (ORDER BY article_id NULLS FIRST) AS place
FROM articles;
SELECT CASE WHEN g.article IS NOT NULL THEN 'article' WHEN g.category IS NOT NULL THEN 'category'
            ELSE 'total' END AS level,
       coalesce(p.article_id, g.category, 'total') AS series, g.day, g.units, g.revenue,
       g.avg_price
FROM d_grouped g
LEFT JOIN d_places p ON p.article = g.article
-- the place of an article id among the others sorts like the id itself, and faster
ORDER BY CASE WHEN g.article IS NOT NULL THEN 0 WHEN g.category IS NOT NULL THEN 1 ELSE 2 END
             NULLS FIRST,
         p.place NULLS FIRST, g.category NULLS FIRST, g.day NULLS FIRST
