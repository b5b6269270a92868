-- merges: the rows that were merged into another row of the same key, and into which one.
CREATE OR REPLACE TEMP VIEW keyed_rows AS
SELECT 'articles' AS source, s.key AS key, '' AS latest, r.src_file, r.src_line
FROM raw_articles r
JOIN spellings s ON s.source = 'articles' AND s.kind = 'article' AND s.spelling = r.article_id
UNION ALL
SELECT 'customers', s.key, '', r.src_file, r.src_line
FROM raw_customers r
JOIN spellings s ON s.source = 'customers' AND s.kind = 'customer' AND s.spelling = r.customer_id
UNION ALL
SELECT 'reviews', trim(r.review_id), '', r.src_file, r.src_line
FROM raw_reviews r
WHERE trim(r.review_id) <> ''
UNION ALL
SELECT 'stock', text_of(CAST(r.time AS DATE)) || ' ' || s.key, text_of(r.time),
       r.src_file, r.src_line
FROM raw_stock r
JOIN spellings s ON s.source = 'stock' AND s.kind = 'article' AND s.spelling = r.article_id;
SELECT source, src_file, src_line, into_file, into_line
FROM (
    SELECT r.source, r.src_file, r.src_line,
           first_value(r.src_file) OVER w AS into_file,
           first_value(r.src_line) OVER w AS into_line,
           row_number() OVER w AS place
    FROM keyed_rows r
    ANTI JOIN quarantine_clean q ON q.src_file = r.src_file AND q.src_line = r.src_line
    WINDOW w AS (PARTITION BY r.source, r.key
                 ORDER BY r.latest DESC NULLS LAST,
                          CASE WHEN r.source = 'stock' THEN -r.src_file ELSE r.src_file END
                              NULLS LAST,
                          CASE WHEN r.source = 'stock' THEN -r.src_line ELSE r.src_line END
                              NULLS LAST)
) AS placed
WHERE place > 1
ORDER BY source NULLS FIRST, src_file NULLS FIRST, src_line NULLS FIRST
