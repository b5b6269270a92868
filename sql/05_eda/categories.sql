-- categories: each category's articles, how many of them sold, and their sales before the end.
SELECT category, count(*) AS articles, count(*) FILTER (WHERE units > 0) AS sold,
       CAST(sum(units) AS BIGINT) AS units, CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue
FROM b_articles
GROUP BY category
ORDER BY units DESC NULLS LAST, category NULLS LAST
