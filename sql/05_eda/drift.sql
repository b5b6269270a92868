-- drift: how far the days of the test window lie from all days before it, column by column: the
-- population stability index, the sum of (q - p) ln(q / p) over the classes of a column, p and q their
-- shares before and lately, with half a row more in every class. Prices have ten classes of as many units
-- before. by_chance is what two samples of these sizes differ by when nothing moved; most is the
-- class that moves most.
CREATE OR REPLACE TEMP VIEW drift_prices AS
SELECT price, sum(n) OVER (ORDER BY price NULLS FIRST
                           ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far,
       sum(n) OVER () AS total
FROM (SELECT price, count(*) AS n FROM transactions
      WHERE quantity > 0 AND day < ${test_from} GROUP BY price) AS counted;
CREATE OR REPLACE TEMP VIEW drift_cuts AS
SELECT min(price) FILTER (WHERE 10 * so_far >= total) AS c1,
       min(price) FILTER (WHERE 10 * so_far >= 2 * total) AS c2,
       min(price) FILTER (WHERE 10 * so_far >= 3 * total) AS c3,
       min(price) FILTER (WHERE 10 * so_far >= 4 * total) AS c4,
       min(price) FILTER (WHERE 10 * so_far >= 5 * total) AS c5,
       min(price) FILTER (WHERE 10 * so_far >= 6 * total) AS c6,
       min(price) FILTER (WHERE 10 * so_far >= 7 * total) AS c7,
       min(price) FILTER (WHERE 10 * so_far >= 8 * total) AS c8,
       min(price) FILTER (WHERE 10 * so_far >= 9 * total) AS c9
FROM drift_prices;
CREATE OR REPLACE TEMP VIEW drift_price_classes AS
SELECT CASE WHEN price <= c1 THEN 'up to ' || text_of(CAST(c1 AS DOUBLE))
            WHEN price <= c2 THEN 'up to ' || text_of(CAST(c2 AS DOUBLE))
            WHEN price <= c3 THEN 'up to ' || text_of(CAST(c3 AS DOUBLE))
            WHEN price <= c4 THEN 'up to ' || text_of(CAST(c4 AS DOUBLE))
            WHEN price <= c5 THEN 'up to ' || text_of(CAST(c5 AS DOUBLE))
            WHEN price <= c6 THEN 'up to ' || text_of(CAST(c6 AS DOUBLE))
            WHEN price <= c7 THEN 'up to ' || text_of(CAST(c7 AS DOUBLE))
            WHEN price <= c8 THEN 'up to ' || text_of(CAST(c8 AS DOUBLE))
            WHEN price <= c9 THEN 'up to ' || text_of(CAST(c9 AS DOUBLE))
            ELSE 'over ' || text_of(CAST(c9 AS DOUBLE)) END AS class, n, late
FROM (SELECT price, day >= ${test_from} AS late, count(*) AS n FROM transactions
      WHERE quantity > 0 AND day < ${end} GROUP BY price, day >= ${test_from}) AS counted
CROSS JOIN drift_cuts;
CREATE OR REPLACE TEMP VIEW drift_classes AS
SELECT 'transactions' AS table_name, 'price' AS column_name, class, late,
       CAST(sum(n) AS BIGINT) AS n
FROM drift_price_classes GROUP BY class, late
UNION ALL
SELECT 'transactions', 'channel', channel, day >= ${test_from}, count(*) FROM transactions
WHERE day < ${end} GROUP BY channel, day >= ${test_from}
UNION ALL
SELECT 'transactions', 'quantity', CASE WHEN quantity < 0 THEN 'returned' WHEN quantity >= 5
       THEN '5 or more' ELSE text_of(quantity) END, day >= ${test_from}, count(*)
FROM transactions WHERE day < ${end} GROUP BY 3, day >= ${test_from}
UNION ALL
SELECT 'transactions', 'category', a.category, t.day >= ${test_from}, count(*)
FROM transactions t JOIN articles a ON a.article = t.article
WHERE t.day < ${end} GROUP BY a.category, t.day >= ${test_from}
UNION ALL
SELECT 'reviews', 'rating', text_of(rating), day >= ${test_from}, count(*) FROM reviews
WHERE day < ${end} GROUP BY rating, day >= ${test_from}
UNION ALL
SELECT 'events', 'event', event, day >= ${test_from}, count(*) FROM events
WHERE day < ${end} GROUP BY event, day >= ${test_from}
UNION ALL
SELECT 'events', 'channel', channel, day >= ${test_from}, count(*) FROM events
WHERE day < ${end} GROUP BY channel, day >= ${test_from}
UNION ALL
SELECT 'events', 'platform', platform, day >= ${test_from}, count(*) FROM events
WHERE day < ${end} GROUP BY platform, day >= ${test_from};
WITH pairs AS (
    SELECT table_name, column_name, coalesce(class, '(none)') AS class,
           coalesce(sum(n) FILTER (WHERE NOT late), 0) AS was,
           coalesce(sum(n) FILTER (WHERE late), 0) AS now
    FROM drift_classes
    GROUP BY table_name, column_name, coalesce(class, '(none)')
), shares AS (
    SELECT table_name, column_name, class, was, now,
           sum(was) OVER (PARTITION BY table_name, column_name) AS rows_was,
           sum(now) OVER (PARTITION BY table_name, column_name) AS rows_now,
           count(*) OVER (PARTITION BY table_name, column_name) AS classes
    FROM pairs
), moves AS (
    SELECT table_name, column_name, class, was, now, rows_was, rows_now,
           share(2 * was + 1, 2 * rows_was + classes) AS p,
           share(2 * now + 1, 2 * rows_now + classes) AS q
    FROM shares
    WHERE rows_was > 0 AND rows_now > 0
), parts AS (
    SELECT table_name, column_name, class, share(was, rows_was) AS before,
           share(now, rows_now) AS lately, rows_was, rows_now, (q - p) * ln(q / p) AS part,
           row_number() OVER (PARTITION BY table_name, column_name
                              ORDER BY (q - p) * ln(q / p) DESC NULLS LAST,
                                       class NULLS LAST) AS place
    FROM moves
)
SELECT table_name, column_name, CAST(max(rows_was) AS BIGINT) AS rows_before,
       CAST(max(rows_now) AS BIGINT) AS rows_lately, count(*) AS classes,
       CAST(sum(CAST(part AS DECIMAL(18,9))) AS DOUBLE) AS psi,
       (count(*) - 1) * (share(1, max(rows_was)) + share(1, max(rows_now))) AS by_chance,
       max(CASE WHEN place = 1 THEN class END) AS most,
       max(CASE WHEN place = 1 THEN before END) AS before,
       max(CASE WHEN place = 1 THEN lately END) AS lately
FROM parts
GROUP BY table_name, column_name
HAVING count(*) > 1
ORDER BY table_name NULLS LAST, column_name NULLS LAST
