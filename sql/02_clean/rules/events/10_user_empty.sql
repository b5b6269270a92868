-- An event must name its visitor.
SELECT src_file, src_line, 'user_id' AS column_name, user_id AS observed, 'an id' AS expected
FROM raw_events
WHERE user_id IS NULL OR ltrim(user_id) = ''
