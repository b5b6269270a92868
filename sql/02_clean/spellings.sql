-- spellings: every spelling of an article or customer id in every source, with its key and how
-- many rows have it. An empty id is none; n > 0 (which it always is) has each spelling judged once, after
-- its rows are counted, and not with every row.
SELECT kind, source, spelling, id_key(spelling) AS key, n
FROM (
    SELECT 'article' AS kind, 'articles' AS source, article_id AS spelling, count(*) AS n
    FROM raw_articles GROUP BY article_id
    UNION ALL
    SELECT 'article', 'transactions', article_id, count(*)
    FROM raw_transactions GROUP BY article_id
    UNION ALL
    SELECT 'article', 'reviews', article_id, count(*)
    FROM raw_reviews GROUP BY article_id
    UNION ALL
    SELECT 'article', 'events', article_id, count(*)
    FROM raw_events GROUP BY article_id
    UNION ALL
    SELECT 'article', 'stock', article_id, count(*)
    FROM raw_stock GROUP BY article_id
    UNION ALL
    SELECT 'customer', 'customers', customer_id, count(*)
    FROM raw_customers GROUP BY customer_id
    UNION ALL
    SELECT 'customer', 'transactions', customer_id, count(*)
    FROM raw_transactions GROUP BY customer_id
    UNION ALL
    SELECT 'customer', 'reviews', customer_id, count(*)
    FROM raw_reviews GROUP BY customer_id
    UNION ALL
    SELECT 'customer', 'events', user_id, count(*)
    FROM raw_events GROUP BY user_id
) AS every
WHERE CASE WHEN n > 0 THEN trim(spelling) <> '' END
ORDER BY kind NULLS FIRST, source NULLS FIRST, spelling NULLS FIRST
