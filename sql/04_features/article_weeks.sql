-- article_weeks: each article that sold in the 84 days before a feature day, as known on that day: units
-- of the last 1, 3, 7, 14 and 28 days, whether it grows, its place among the best sellers of its category
-- in 7 days, price on its last day and how far that is below the highest it ever cost; of 84 days: share
-- bought online, mean age of the buyers, share bought by somebody who had bought it before; stock on hand
-- when last counted in 28 days.
CREATE OR REPLACE TEMP VIEW aw_first AS
SELECT customer, article, min(day) AS first_day
FROM transactions
WHERE day < ${end} AND quantity > 0
GROUP BY customer, article;
CREATE OR REPLACE TEMP VIEW aw_daily AS
SELECT article, day, units, price, lines, online, with_channel, ages, with_age, again,
       max(price) OVER (PARTITION BY article ORDER BY day NULLS FIRST
                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS price_high,
       min(day) OVER (PARTITION BY article) AS first_day
FROM (
    SELECT t.article, t.day, CAST(sum(t.quantity) AS BIGINT) AS units, max(t.price) AS price,
           count(*) AS lines,
           count(*) FILTER (WHERE t.channel = 'online') AS online,
           count(*) FILTER (WHERE t.channel IS NOT NULL) AS with_channel,
           CAST(sum(c.age) AS BIGINT) AS ages, count(c.age) AS with_age,
           count(*) FILTER (WHERE t.day > f.first_day) AS again
    FROM transactions t
    JOIN customers c ON c.customer = t.customer
    JOIN aw_first f ON f.customer = t.customer AND f.article = t.article
    WHERE t.day < ${end} AND t.quantity > 0
    GROUP BY t.article, t.day
) AS daily;
CREATE OR REPLACE TEMP VIEW aw_counted AS
SELECT b.as_of, d.article,
       coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -1)), 0) AS units_1,
       coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -3)), 0) AS units_3,
       coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -7)), 0) AS units_7,
       coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -14)), 0) AS units_14,
       coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -28)), 0) AS units_28,
       coalesce(sum(d.units) FILTER (WHERE d.day >= add_days(b.as_of, -56)
                                       AND d.day < add_days(b.as_of, -28)), 0) AS before_28,
       min(d.first_day) AS first_day, max_by(d.price, d.day) AS price_now,
       max(d.price_high) AS price_high,
       sum(d.lines) AS lines, sum(d.online) AS online, sum(d.with_channel) AS with_channel,
       sum(d.ages) AS ages, sum(d.with_age) AS with_age, sum(d.again) AS again
FROM aw_daily d
JOIN feature_days b ON d.day < b.as_of AND d.day >= add_days(b.as_of, -84)
GROUP BY b.as_of, d.article;
CREATE OR REPLACE TEMP VIEW aw_stock AS
SELECT b.as_of, s.article, max_by(s.on_hand, s.day) AS on_hand
FROM stock s
JOIN feature_days b ON s.day < b.as_of AND s.day >= add_days(b.as_of, -28)
GROUP BY b.as_of, s.article;
SELECT n.as_of, n.article, CAST(n.units_1 AS BIGINT) AS units_1,
       CAST(n.units_3 AS BIGINT) AS units_3, CAST(n.units_7 AS BIGINT) AS units_7,
       CAST(n.units_14 AS BIGINT) AS units_14, CAST(n.units_28 AS BIGINT) AS units_28,
       ln((1.0 + n.units_28) / (1.0 + n.before_28)) AS trend,
       row_number() OVER (PARTITION BY n.as_of, a.category
                          ORDER BY n.units_7 DESC NULLS LAST, n.units_28 DESC NULLS LAST,
                                   n.article NULLS FIRST) AS place_in_category,
       days_between(n.first_day, n.as_of) AS age_days,
       CAST(n.price_now AS DOUBLE) AS price_now,
       coalesce(1.0 - share(n.price_now, n.price_high), 0) AS discount,
       share(n.online, n.with_channel) AS online_share,
       share(n.ages, n.with_age) AS buyer_age,
       share(n.again, n.lines) AS again_share,
       s.on_hand
FROM aw_counted n
JOIN articles a ON a.article = n.article
LEFT JOIN aw_stock s ON s.as_of = n.as_of AND s.article = n.article
ORDER BY n.as_of NULLS FIRST, n.article NULLS FIRST
