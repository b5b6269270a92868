-- A quantity below nothing, or one whose value no column could hold, is a mistake.
SELECT src_file, src_line, 'quantity' AS column_name, text_of(quantity) AS observed,
       'from 0 to 1000000' AS expected
FROM raw_events
WHERE NOT (quantity >= 0 AND quantity <= 1000000)
   OR CAST(quantity AS DOUBLE) * price >= 100000000000
