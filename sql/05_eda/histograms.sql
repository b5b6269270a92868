-- histograms: up to 40 bins of equal width for the numbers that say most about a shop, from the
-- least value to the one that 199 of 200 do not exceed.
CREATE OR REPLACE TEMP VIEW counted_values AS
SELECT 'price' AS name, CAST(price AS DOUBLE) AS value, count(*) AS n
FROM transactions WHERE quantity > 0 AND day < ${end} GROUP BY price
UNION ALL
SELECT 'age', CAST(age AS DOUBLE), count(*) FROM customers WHERE age IS NOT NULL GROUP BY age
UNION ALL
SELECT 'frequency', CAST(frequency AS DOUBLE), count(*)
FROM c_customers WHERE as_of = ${end} GROUP BY frequency
UNION ALL
SELECT 'recency', CAST(recency_days AS DOUBLE), count(*)
FROM c_customers WHERE as_of = ${end} GROUP BY recency_days
UNION ALL
SELECT 'basket', CAST(units AS DOUBLE), count(*)
FROM (SELECT customer, day, sum(quantity) AS units
      FROM transactions WHERE quantity > 0 AND day < ${end} GROUP BY customer, day) AS baskets
GROUP BY units
UNION ALL
SELECT 'article_units', CAST(units AS DOUBLE), count(*) FROM b_articles WHERE units > 0
GROUP BY units
UNION ALL
SELECT 'review_length', CAST(length(text) AS DOUBLE), count(*) FROM e_reviews
GROUP BY length(text)
UNION ALL
SELECT 'session_events', CAST(events AS DOUBLE), count(*) FROM f_sessions GROUP BY events
UNION ALL
SELECT 'stock_on_hand', CAST(on_hand AS DOUBLE), count(*) FROM stock GROUP BY on_hand;
CREATE OR REPLACE TEMP VIEW value_ranges AS
SELECT name, min(value) AS low, min(value) FILTER (WHERE 200 * so_far >= 199 * total) AS high,
       max(CASE WHEN value = floor(value) THEN 0 ELSE 1 END) AS fractions
FROM (
    SELECT name, value,
           sum(n) OVER (PARTITION BY name ORDER BY value NULLS FIRST
                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far,
           sum(n) OVER (PARTITION BY name) AS total
    FROM counted_values
) AS cumulated
GROUP BY name;
CREATE OR REPLACE TEMP VIEW value_bins AS
SELECT name, low, high,
       CASE WHEN fractions = 0 THEN greatest(1, ceil((high - low + 1) / 40))
            WHEN high > low THEN (high - low) / 40
            ELSE 1 END AS width
FROM value_ranges;
SELECT v.name, CAST(floor((v.value - b.low)
                          / b.width) AS INTEGER) AS bin,
       min(b.low) AS low, min(b.width) AS width, CAST(sum(v.n) AS BIGINT) AS n
FROM counted_values v
JOIN value_bins b ON b.name = v.name AND v.value <= b.high
GROUP BY v.name, bin
ORDER BY v.name NULLS FIRST, bin NULLS FIRST
