-- F, one row for each session: how long it was, what was done in it; channel and platform are those of
-- its first event that has one.
SELECT session, min(visitor) AS visitor, min(time) AS start,
       seconds_between(min(time), max(time)) AS seconds, count(*) AS events,
       count(*) FILTER (WHERE event = 'view') AS views,
       count(*) FILTER (WHERE event = 'click') AS clicks,
       count(*) FILTER (WHERE event = 'cart_add') AS carts,
       count(*) FILTER (WHERE event = 'purchase') AS purchases,
       min_by(channel, seq) FILTER (WHERE channel IS NOT NULL) AS channel,
       min_by(platform, seq) FILTER (WHERE platform IS NOT NULL) AS platform
FROM f_events
GROUP BY session
ORDER BY session NULLS FIRST
