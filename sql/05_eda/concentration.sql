-- concentration: which share of all units the best-selling articles (and the customers who buy most)
-- make up: one row for each percent of them, the most first.
CREATE OR REPLACE TEMP VIEW sold_units AS
SELECT 'articles' AS kind, article AS number, units FROM b_articles WHERE units > 0
UNION ALL
SELECT 'customers', customer, units FROM c_customers WHERE as_of = ${end} AND units > 0;
SELECT kind, place, share(place, n) AS share_of_kind, share(so_far, total) AS share_of_units
FROM (
    SELECT kind, row_number() OVER most AS place, sum(units) OVER most AS so_far,
           sum(units) OVER (PARTITION BY kind) AS total,
           count(*) OVER (PARTITION BY kind) AS n
    FROM sold_units
    WINDOW most AS (PARTITION BY kind ORDER BY units DESC NULLS LAST, number NULLS LAST
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
) AS ranked
WHERE floor(place * 100.0 / n) > floor((place - 1) * 100.0 / n)
ORDER BY kind NULLS FIRST, place NULLS FIRST
