-- A rating is a whole number of stars from 1 to 5; a file without ratings has none to judge.
SELECT src_file, src_line, 'rating' AS column_name, text_of(rating) AS observed,
       'from 1 to 5' AS expected
FROM raw_reviews
WHERE rating IS NOT NULL AND NOT (rating >= 1 AND rating <= 5)
