-- A customer must have an id that is more than spaces.
SELECT src_file, src_line, 'customer_id' AS column_name, customer_id AS observed, 'an id' AS expected
FROM raw_customers
WHERE customer_id IS NULL OR ltrim(customer_id) = ''
