-- A sale more than 400 days after the day by which 99 of 100 sales were made is a mistyped year. (The
-- file is its own clock: the same file is judged alike today and in ten years.)
WITH per_day AS (
    SELECT CAST(time AS DATE) AS day, count(*) AS n FROM raw_transactions GROUP BY CAST(time AS DATE)
), so_far AS (
    SELECT day, sum(n) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n
    FROM per_day
), most AS (
    SELECT add_days(min(day), 400) AS last_day
    FROM so_far
    WHERE 100 * n >= 99 * (SELECT sum(n) FROM per_day)
)
SELECT t.src_file, t.src_line, 'time' AS column_name, text_of(t.time) AS observed,
       'a day up to ' || text_of(m.last_day) AS expected
FROM raw_transactions t
JOIN most m ON CAST(t.time AS DATE) > m.last_day
