-- feature_days: the days on which recommendations are learned, chosen and judged: the end and the 14
-- weekly cut-offs before it. everybody = 1: features of all customers, else of those who buy in the 7
-- days from there on.
WITH RECURSIVE weeks AS (
    SELECT 0 AS back, CAST(${end} AS DATE) AS as_of
    UNION ALL
    SELECT back + 1, add_days(as_of, -7) FROM weeks WHERE back < 14
)
SELECT as_of, CASE WHEN back = 0 THEN 1 ELSE 0 END AS everybody
FROM weeks
WHERE as_of > ${first}
ORDER BY as_of NULLS FIRST
