-- windows: the days to learn from, to choose by and to be judged on. end is the day after the last sale
-- (event, in a shop without a transactions file), or the run's as-of day; test and valid are 28 days
-- each, or a fifth of a history under 140 days. The event log has windows of its own (events_train, …):
-- those of the sales where it reaches over all of them, else cut from its own days in the same way.
CREATE OR REPLACE TEMP VIEW history_days AS
SELECT '' AS of, day
FROM (SELECT day FROM transactions UNION ALL SELECT day FROM guest_sales) AS lines
WHERE EXISTS (SELECT 1 FROM files WHERE source = 'transactions' AND accepted > 0)
UNION ALL
SELECT '', day
FROM events
WHERE NOT EXISTS (SELECT 1 FROM files WHERE source = 'transactions' AND accepted > 0)
UNION ALL
SELECT 'events_', day
FROM events;
CREATE OR REPLACE TEMP VIEW history_windows AS
SELECT of, first_day, add_days(end_day, -2 * days) AS valid_from,
       add_days(end_day, -days) AS test_from, end_day
FROM (
    SELECT of, first_day, end_day,
           CASE WHEN days_between(first_day, end_day) >= 140 THEN 28
                ELSE greatest(1, CAST(floor(days_between(first_day, end_day) / 5.0) AS INTEGER))
                END AS days
    FROM (
        SELECT of, min(day) AS first_day,
               CASE WHEN of = '' THEN coalesce(${as_of}, add_days(max(day), 1))
                    ELSE add_days(max(day), 1) END AS end_day
        FROM history_days
        WHERE day < coalesce(${as_of}, DATE '9999-12-31')
        GROUP BY of
    ) AS spans
) AS sized;
CREATE OR REPLACE TEMP VIEW chosen_windows AS
SELECT h.of, h.first_day,
       CASE WHEN s.covers THEN s.valid_from ELSE h.valid_from END AS valid_from,
       CASE WHEN s.covers THEN s.test_from ELSE h.test_from END AS test_from,
       CASE WHEN s.covers THEN s.end_day ELSE h.end_day END AS end_day
FROM history_windows h
JOIN (
    SELECT l.of, w.valid_from, w.test_from, w.end_day,
           coalesce(l.first_day < w.valid_from AND l.end_day > w.test_from, FALSE) AS covers
    FROM history_windows l
    LEFT JOIN history_windows w ON w.of = ''
) AS s ON s.of = h.of;
SELECT name, from_day, to_day
FROM (
    SELECT of, of || 'train' AS name, first_day AS from_day, valid_from AS to_day
    FROM chosen_windows
    UNION ALL
    SELECT of, of || 'valid', valid_from, test_from FROM chosen_windows
    UNION ALL
    SELECT of, of || 'test', test_from, end_day FROM chosen_windows
) AS every
ORDER BY of NULLS FIRST, from_day NULLS FIRST, to_day NULLS FIRST, name NULLS FIRST
