-- An event whose name no known tracker writes is set aside, never guessed.
SELECT t.src_file, t.src_line, 'event' AS column_name, t.event AS observed,
       'a known event name (event_names)' AS expected
FROM raw_events t
JOIN (
    SELECT e.event
    FROM (SELECT DISTINCT event FROM raw_events) AS e
    LEFT JOIN event_names n ON n.alias = name_key(e.event)
    WHERE n.alias IS NULL
) AS unknown ON unknown.event IS NOT DISTINCT FROM t.event
