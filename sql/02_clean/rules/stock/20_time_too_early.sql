-- A stock level before 1990 is a default value of some program (1900-01-01, 1970-01-01), not a count.
SELECT src_file, src_line, 'time' AS column_name, text_of(time) AS observed,
       'a day from 1990-01-01 on' AS expected
FROM raw_stock
WHERE time < DATE '1990-01-01'
