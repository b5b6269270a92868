-- A price below nothing or beyond ten million of any currency is a mistake (a return has a negative
-- quantity, not a negative price).
SELECT src_file, src_line, 'price' AS column_name, text_of(price) AS observed,
       'from 0 to 10000000' AS expected
FROM raw_transactions
WHERE NOT coalesce(price >= 0 AND price <= 10000000, FALSE)
