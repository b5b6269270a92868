-- daily_sales: units, revenue, lines and buying customers of each day with sales before the end.
SELECT day, CAST(sum(quantity) AS BIGINT) AS units, CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue,
       count(*) AS lines, count(DISTINCT customer) AS customers
FROM transactions
WHERE day < ${end}
GROUP BY day
ORDER BY day NULLS FIRST
