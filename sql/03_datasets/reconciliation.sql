-- reconciliation: what went into the datasets and what is in them; wanted = found in every row.
CREATE OR REPLACE TEMP VIEW all_lines AS
SELECT day, quantity, revenue FROM transactions
UNION ALL
SELECT day, quantity, revenue FROM guest_sales;
SELECT dataset, what, CAST(wanted AS DECIMAL(28,6)) AS wanted, CAST(found AS DECIMAL(28,6)) AS found
FROM (
    SELECT 'a_interactions' AS dataset, 'units' AS what,
           (SELECT coalesce(sum(quantity), 0) FROM transactions WHERE day < ${end}) AS wanted,
           (SELECT coalesce(sum(units), 0) FROM a_interactions) AS found
    UNION ALL
    SELECT 'a_interactions', 'revenue',
           (SELECT coalesce(sum(revenue), 0) FROM transactions WHERE day < ${end}),
           (SELECT coalesce(sum(revenue), 0) FROM a_interactions)
    UNION ALL
    SELECT 'b_articles', 'articles', (SELECT count(*) FROM articles),
           (SELECT count(*) FROM b_articles)
    UNION ALL
    SELECT 'b_articles', 'revenue',
           (SELECT coalesce(sum(revenue), 0) FROM all_lines WHERE day < ${end}),
           (SELECT coalesce(sum(revenue), 0) FROM b_articles)
    UNION ALL
    SELECT 'c_customers', 'customers who bought before the end',
           (SELECT count(DISTINCT customer) FROM transactions WHERE day < ${end} AND quantity > 0),
           (SELECT count(*) FROM c_customers WHERE as_of = ${end})
    UNION ALL
    SELECT 'd_sales', 'units of ' || l.level,
           (SELECT coalesce(sum(quantity), 0) FROM all_lines WHERE day < ${end}),
           coalesce(d.units, 0)
    FROM (VALUES ('total'), ('category'), ('article')) AS l(level)
    LEFT JOIN (SELECT level, sum(units) AS units FROM d_sales GROUP BY level) AS d
           ON d.level = l.level
    UNION ALL
    SELECT 'e_reviews', 'reviews with text',
           (SELECT count(*) FROM reviews
            WHERE text IS NOT NULL AND (day IS NULL OR day < coalesce(${as_of}, DATE '9999-12-31'))),
           (SELECT count(*) FROM e_reviews)
    UNION ALL
    SELECT 'f_events', 'events', (SELECT count(*) FROM events
            WHERE day < coalesce(${as_of}, DATE '9999-12-31')),
           (SELECT count(*) FROM f_events)
    UNION ALL
    SELECT 'f_sessions', 'events', (SELECT count(*) FROM f_events),
           (SELECT coalesce(sum(events), 0) FROM f_sessions)
) AS every
ORDER BY dataset NULLS FIRST, what NULLS FIRST
