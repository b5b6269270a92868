-- A line with neither a customer nor a price is a correction of stock (found, lost, thrown away), not a
-- sale.
SELECT src_file, src_line, 'customer_id' AS column_name, customer_id AS observed,
       'an id, or a price above 0' AS expected
FROM raw_transactions
WHERE (customer_id IS NULL OR ltrim(customer_id) = '') AND price = 0
