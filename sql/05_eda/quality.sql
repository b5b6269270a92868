-- quality: questions that one asks of a shop's tables before trusting them: of how many rows, how many.
SELECT place, table_name, finding, CAST(n AS BIGINT) AS n, CAST(total AS BIGINT) AS total
FROM (
    SELECT 1 AS place, 'articles' AS table_name, 'never sold before the end' AS finding,
           count(*) FILTER (WHERE first_day IS NULL) AS n, count(*) AS total
    FROM b_articles
    UNION ALL
    SELECT 2, 'articles', 'without a description', count(*) - count(description), count(*)
    FROM articles
    UNION ALL
    SELECT 3, 'articles', 'without a name', count(*) - count(name), count(*) FROM articles
    UNION ALL
    SELECT 4, 'articles', 'without a category',
           count(*) FILTER (WHERE category = '(none)'), count(*)
    FROM articles
    UNION ALL
    SELECT 5, 'customers', 'who never bought before the end',
           (SELECT count(*) FROM customers) - count(*), (SELECT count(*) FROM customers)
    FROM c_customers WHERE as_of = ${end}
    UNION ALL
    SELECT 6, 'transactions', 'returns (negative quantity)',
           count(*) FILTER (WHERE quantity < 0), count(*)
    FROM transactions
    UNION ALL
    SELECT 7, 'transactions', 'at a price of 0', count(*) FILTER (WHERE price = 0), count(*)
    FROM transactions
    UNION ALL
    SELECT 8, 'transactions', 'to guests (no customer)', (SELECT count(*) FROM guest_sales),
           count(*) + (SELECT count(*) FROM guest_sales)
    FROM transactions
    UNION ALL
    SELECT 9, 'transactions', 'orders that only give back (cancelled, returned)',
           count(*) FILTER (WHERE most < 0), count(*)
    FROM (SELECT max(quantity) AS most
          FROM (SELECT order_id, quantity FROM transactions
                UNION ALL
                SELECT order_id, quantity FROM guest_sales) AS lines
          WHERE EXISTS (SELECT 1 FROM transactions WHERE quantity < 0)
          GROUP BY order_id) AS orders
    UNION ALL
    SELECT 10, 'transactions', 'lines equal to an earlier line (units, not errors)',
           coalesce(sum(n - 1), 0), coalesce(sum(n), 0)
    FROM (SELECT count(*) AS n FROM transactions
          GROUP BY time, customer, article, price, quantity, channel) AS equal_lines
    UNION ALL
    SELECT 11, 'transactions', 'after the end (kept, not used)',
           count(*) FILTER (WHERE day >= ${end}), count(*)
    FROM transactions
    UNION ALL
    SELECT 12, 'daily_sales', 'days without a sale between the first and the last',
           coalesce(days_between(min(day), max(day)) + 1 - count(*), 0),
           coalesce(days_between(min(day), max(day)) + 1, 0)
    FROM daily_sales
    UNION ALL
    SELECT 13, 'reviews', 'of no article of this shop', count(*) - count(article), count(*)
    FROM reviews
    UNION ALL
    SELECT 14, 'reviews', 'without text', count(*) - count(text), count(*) FROM reviews
    UNION ALL
    SELECT 15, 'reviews', 'without a date', count(*) - count(day), count(*) FROM reviews
    UNION ALL
    SELECT 16, 'events', 'of visitors who are no customers', count(*) - count(customer), count(*)
    FROM events
    UNION ALL
    SELECT 17, 'events', 'without an article', count(*) - count(article), count(*) FROM events
    UNION ALL
    SELECT 18, 'f_sessions', 'with a purchase and no view',
           count(*) FILTER (WHERE purchases > 0 AND views = 0), count(*)
    FROM f_sessions
) AS every
WHERE total > 0
ORDER BY place NULLS FIRST
