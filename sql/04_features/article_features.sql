-- article_features: each article that had sold before as_of, as known on that day: units of the last 7, 28
-- and 84 days, whether it grows (log ratio of the last 28 days to the 28 before, 1 added to both), its
-- price on its last day, how far that is below the highest it ever cost.
WITH as_of_days AS (
    SELECT CAST(${valid_from} AS DATE) AS as_of
    UNION ALL SELECT CAST(${test_from} AS DATE)
    UNION ALL SELECT CAST(${end} AS DATE)
), daily AS (
    SELECT article, day, CAST(sum(quantity) AS BIGINT) AS units, max(price) AS price
    FROM transactions
    WHERE day < ${end}
    GROUP BY article, day
), counted AS (
    SELECT b.as_of, d.article,
           coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -7)), 0) AS units_7,
           coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -28)), 0) AS units_28,
           coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -56)
                                           AND d.day < add_days(b.as_of, -28)), 0) AS before_28,
           coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -84)), 0) AS units_84,
           min(d.day) AS first_day, max_by(d.price, d.day) AS price_now,
           max(d.price) AS price_high
    FROM daily d
    JOIN as_of_days b ON d.day < b.as_of
    GROUP BY b.as_of, d.article
)
SELECT as_of, article, CAST(units_7 AS BIGINT) AS units_7, CAST(units_28 AS BIGINT) AS units_28,
       CAST(units_84 AS BIGINT) AS units_84,
       ln((1.0 + greatest(units_28, 0)) / (1.0 + greatest(before_28, 0))) AS trend,
       CAST(price_now AS DOUBLE) AS price_now,
       days_between(first_day, as_of) AS age_days,
       coalesce(1.0 - share(price_now, price_high), 0) AS f_discount
FROM counted
ORDER BY as_of NULLS FIRST, article NULLS FIRST
