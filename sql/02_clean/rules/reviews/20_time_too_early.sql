-- A review before 1990 is a default value of some program (1900-01-01, 1970-01-01), not a date.
SELECT src_file, src_line, 'time' AS column_name, text_of(time) AS observed,
       'a day from 1990-01-01 on' AS expected
FROM raw_reviews
WHERE time < DATE '1990-01-01'
