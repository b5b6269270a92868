-- A sale must name its customer.
SELECT src_file, src_line, 'customer_id' AS column_name, customer_id AS observed, 'an id' AS expected
FROM raw_transactions
WHERE coalesce(trim(customer_id), '') = ''
