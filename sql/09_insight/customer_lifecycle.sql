-- customer_lifecycle: customers by month: new (first purchase of all), returning (also bought in the month
-- before), resurrected (bought before, but not in the month before), dormant (bought in the month
-- before and not in this one). customers = new + returning + resurrected; those of the month before =
-- returning + dormant.
CREATE OR REPLACE TEMP VIEW l_active AS
SELECT DISTINCT customer, CAST(date_trunc('month', day) AS DATE) AS month
FROM transactions
WHERE quantity > 0 AND day < ${end};
CREATE OR REPLACE TEMP VIEW l_marked AS
SELECT customer, month, CAST(date_trunc('month', add_days(month, 31)) AS DATE) AS month_after,
       lag(month) OVER (PARTITION BY customer ORDER BY month NULLS FIRST) AS last_month,
       lead(month) OVER (PARTITION BY customer ORDER BY month NULLS FIRST) AS next_month
FROM l_active;
CREATE OR REPLACE TEMP VIEW l_moves AS
SELECT month, CASE WHEN last_month IS NULL THEN 'new'
                   WHEN CAST(date_trunc('month', add_days(last_month, 31)) AS DATE) = month
                   THEN 'returning' ELSE 'resurrected' END AS kind
FROM l_marked
UNION ALL
SELECT month_after, 'dormant'
FROM l_marked
WHERE coalesce(next_month > month_after, TRUE) AND month_after < ${end};
SELECT month,
       month >= ${first} AND CAST(date_trunc('month', add_days(month, 31)) AS DATE) <= ${end}
           AS complete,
       count(*) FILTER (WHERE kind <> 'dormant') AS customers,
       count(*) FILTER (WHERE kind = 'new') AS new,
       count(*) FILTER (WHERE kind = 'returning') AS returning,
       count(*) FILTER (WHERE kind = 'resurrected') AS resurrected,
       count(*) FILTER (WHERE kind = 'dormant') AS dormant
FROM l_moves
GROUP BY month
ORDER BY month NULLS FIRST
