-- weekdays: mean units of a day by month of the year and day of the week (0 is Monday), over the days
-- with sales.
SELECT CAST(extract(month FROM day) AS INTEGER) AS month,
       days_between(monday(day), day) AS weekday, count(*) AS days,
       share(sum(units), count(*)) AS units
FROM daily_sales
GROUP BY CAST(extract(month FROM day) AS INTEGER), days_between(monday(day), day)
ORDER BY month NULLS FIRST, weekday NULLS FIRST
