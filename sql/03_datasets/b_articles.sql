-- B: each article with all that is known of it, the words for content similarity, and its sales before
-- the end. price is the list price, else what it cost on the last day that it sold.
WITH lines AS (
    SELECT article, day, price, quantity, revenue FROM transactions
    UNION ALL
    SELECT article, day, price, quantity, revenue FROM guest_sales
), sold AS (
    SELECT article, min(day) AS first_day, max(day) AS last_day,
           CAST(sum(quantity) AS BIGINT) AS units, CAST(sum(revenue) AS DECIMAL(28,6)) AS revenue
    FROM lines
    WHERE day < ${end}
    GROUP BY article
), last_price AS (
    SELECT t.article, max(t.price) AS price
    FROM lines t
    JOIN sold s ON s.article = t.article AND s.last_day = t.day
    GROUP BY t.article
)
SELECT a.article, a.article_id, a.product_code, a.name, a.category, a.type, a.department, a.section,
       a.garment_group, a.index_group, a.colour, a.pattern, a.material,
       lower(trim(coalesce(a.name, '') || ' ' || coalesce(a.type, '') || ' '
             || coalesce(nullif(a.category, '(none)'), '') || ' ' || coalesce(a.department, '')
             || ' ' || coalesce(a.section, '') || ' ' || coalesce(a.garment_group, '')
             || ' ' || coalesce(a.index_group, '') || ' ' || coalesce(a.colour, '')
             || ' ' || coalesce(a.pattern, '') || ' ' || coalesce(a.material, '')
             || ' ' || coalesce(a.description, ''))) AS text,
       coalesce(a.price, p.price) AS price, s.first_day, s.last_day,
       coalesce(s.units, 0) AS units, coalesce(s.revenue, CAST(0 AS DECIMAL(28,6))) AS revenue
FROM articles a
LEFT JOIN sold s ON s.article = a.article
LEFT JOIN last_price p ON p.article = a.article
ORDER BY a.article NULLS FIRST
