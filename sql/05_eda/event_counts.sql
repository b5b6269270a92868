-- event_counts: how often each event happens, and to how many visitors and sessions.
SELECT event, count(*) AS events, count(DISTINCT visitor) AS visitors,
       count(DISTINCT session) AS sessions
FROM f_events
GROUP BY event
ORDER BY events DESC NULLS LAST, event NULLS LAST
