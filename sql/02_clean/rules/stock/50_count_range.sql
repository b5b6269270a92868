-- A stock level below nothing or beyond what a column holds is a mistake.
SELECT src_file, src_line, 'on_hand' AS column_name, text_of(on_hand) AS observed,
       'from 0 to 1000000000' AS expected
FROM raw_stock
WHERE NOT (on_hand >= 0 AND on_hand <= 1000000000)
