-- A quantity of nothing is no sale; one whose value no column could hold is a mistake. Negative
-- quantities are returns and stay.
SELECT src_file, src_line, 'quantity' AS column_name, text_of(quantity) AS observed,
       'not 0, and quantity times price below 100000000000' AS expected
FROM raw_transactions
WHERE quantity = 0
   OR abs(CAST(quantity AS DOUBLE)) > 1000000
   OR abs(CAST(quantity AS DOUBLE)) * price >= 100000000000
