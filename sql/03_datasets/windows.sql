-- windows: the days to learn from, to choose by and to be judged on. end is the day after the last sale,
-- or the run's as-of day; test and valid are 28 days each, or a fifth of a history under 140 days.
WITH history AS (
    SELECT min(day) AS first_day, add_days(max(day), 1) AS end_day
    FROM (SELECT day FROM transactions
          UNION ALL
          SELECT day FROM events WHERE NOT EXISTS (SELECT 1 FROM transactions)) AS days
    WHERE day < coalesce(${as_of}, DATE '9999-12-31')
), span AS (
    SELECT first_day, coalesce(${as_of}, end_day) AS end_day FROM history
), lengths AS (
    SELECT first_day, end_day,
           CASE WHEN days_between(first_day, end_day) >= 140 THEN 28
                ELSE greatest(1, CAST(floor(days_between(first_day, end_day) / 5.0) AS INTEGER))
                END AS days
    FROM span
)
SELECT name, from_day, to_day
FROM (
    SELECT 'train' AS name, first_day AS from_day, add_days(end_day, -2 * days) AS to_day
    FROM lengths
    UNION ALL
    SELECT 'valid', add_days(end_day, -2 * days), add_days(end_day, -days) FROM lengths
    UNION ALL
    SELECT 'test', add_days(end_day, -days), end_day FROM lengths
) AS every
ORDER BY from_day NULLS FIRST, to_day NULLS FIRST, name NULLS FIRST
