-- A list price below nothing or beyond ten million of any currency is a mistake.
SELECT src_file, src_line, 'price' AS column_name, text_of(price) AS observed,
       'from 0 to 10000000' AS expected
FROM raw_articles
WHERE NOT (price >= 0 AND price <= 10000000)
