-- spellings: every spelling of an article or customer id in every source, with its key and how
-- many rows have it.
SELECT kind, source, spelling, id_key(spelling) AS key, n
FROM (
    SELECT 'article' AS kind, 'articles' AS source, article_id AS spelling, count(*) AS n
    FROM raw_articles WHERE trim(article_id) <> '' GROUP BY article_id
    UNION ALL
    SELECT 'article', 'transactions', article_id, count(*)
    FROM raw_transactions WHERE trim(article_id) <> '' GROUP BY article_id
    UNION ALL
    SELECT 'article', 'reviews', article_id, count(*)
    FROM raw_reviews WHERE trim(article_id) <> '' GROUP BY article_id
    UNION ALL
    SELECT 'article', 'events', article_id, count(*)
    FROM raw_events WHERE trim(article_id) <> '' GROUP BY article_id
    UNION ALL
    SELECT 'article', 'stock', article_id, count(*)
    FROM raw_stock WHERE trim(article_id) <> '' GROUP BY article_id
    UNION ALL
    SELECT 'customer', 'customers', customer_id, count(*)
    FROM raw_customers WHERE trim(customer_id) <> '' GROUP BY customer_id
    UNION ALL
    SELECT 'customer', 'transactions', customer_id, count(*)
    FROM raw_transactions WHERE trim(customer_id) <> '' GROUP BY customer_id
    UNION ALL
    SELECT 'customer', 'reviews', customer_id, count(*)
    FROM raw_reviews WHERE trim(customer_id) <> '' GROUP BY customer_id
    UNION ALL
    SELECT 'customer', 'events', user_id, count(*)
    FROM raw_events WHERE trim(user_id) <> '' GROUP BY user_id
) AS every
ORDER BY kind NULLS FIRST, source NULLS FIRST, spelling NULLS FIRST
