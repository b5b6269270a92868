-- links: whether the ids in a source belong to this shop's articles and customers: linked when at
-- least half of its rows with an id match the source that owns the ids. The owner is the shop's
-- file of articles (customers), else its transactions, else its events; it says owns.
CREATE OR REPLACE TEMP VIEW id_owners AS
SELECT kind, source
FROM (
    SELECT kind, source,
           row_number() OVER (
               PARTITION BY kind
               ORDER BY CASE source WHEN 'articles' THEN 0 WHEN 'customers' THEN 0
                                    WHEN 'transactions' THEN 1 WHEN 'events' THEN 2
                                    ELSE 3 END NULLS LAST, source NULLS LAST) AS place
    FROM spellings
    GROUP BY kind, source
) AS placed
WHERE place = 1;
CREATE OR REPLACE TEMP VIEW owned_keys AS
SELECT DISTINCT s.kind, s.key
FROM spellings s
JOIN id_owners o ON o.kind = s.kind AND o.source = s.source;
SELECT s.source, s.kind AS key,
       CAST(sum(s.n) AS BIGINT) AS rows,
       CAST(coalesce(sum(s.n) FILTER (WHERE k.key IS NOT NULL), 0) AS BIGINT) AS matched,
       2 * coalesce(sum(s.n) FILTER (WHERE k.key IS NOT NULL), 0) >= sum(s.n) AS linked,
       o.source IS NOT NULL AS owns
FROM spellings s
LEFT JOIN owned_keys k ON k.kind = s.kind AND k.key = s.key
LEFT JOIN id_owners o ON o.kind = s.kind AND o.source = s.source
GROUP BY s.source, s.kind, o.source
ORDER BY s.source NULLS FIRST, s.kind NULLS FIRST
