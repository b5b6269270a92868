-- daily_sales: units, revenue, lines and buying customers (guests are no customers) of each day with sales before the end.
SELECT day, CAST(sum(quantity) AS BIGINT) AS units, CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue,
       count(*) AS lines, count(DISTINCT customer) AS customers
FROM (SELECT day, customer, quantity, revenue FROM transactions
      UNION ALL
      SELECT day, NULL, quantity, revenue FROM guest_sales) AS lines
WHERE day < ${end}
GROUP BY day
ORDER BY day NULLS FIRST
