-- event_hours: events by day of the week (0 is Monday) and hour of the day (UTC).
SELECT days_between(monday(CAST(time AS DATE)), CAST(time AS DATE)) AS weekday,
       CAST(extract(hour FROM time) AS INTEGER) AS hour, count(*) AS events
FROM f_events
GROUP BY days_between(monday(CAST(time AS DATE)), CAST(time AS DATE)),
         CAST(extract(hour FROM time) AS INTEGER)
ORDER BY weekday NULLS FIRST, hour NULLS FIRST
