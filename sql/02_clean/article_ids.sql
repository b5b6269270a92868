-- article_ids: the dense number and the display id of each key of an article. Keys come from the
-- owner of the ids (links), and from transactions that are not linked to it.
CREATE OR REPLACE TEMP VIEW article_keys AS
SELECT DISTINCT s.key
FROM spellings s
JOIN links o ON o.key = s.kind AND o.owns
LEFT JOIN links l ON l.source = s.source AND l.key = s.kind
WHERE s.kind = 'article'
  AND (s.source = o.source OR (s.source = 'transactions' AND NOT l.linked));
SELECT CAST(row_number() OVER (ORDER BY length(key) NULLS FIRST, key NULLS FIRST) - 1 AS INTEGER)
           AS article,
       key, article_id
FROM (
    -- of several spellings the longest, then the first: the least of their texts after a number that
    -- falls with their length
    SELECT s.key, substr(min(text_of(999999999 - length(id_shown(s.spelling)))
                             || id_shown(s.spelling)), 10) AS article_id
    FROM article_keys k
    JOIN spellings s ON s.key = k.key AND s.kind = 'article'
    JOIN links l ON l.source = s.source AND l.key = s.kind
    WHERE l.linked OR s.source = 'transactions'
    GROUP BY s.key
) AS spelled
ORDER BY article NULLS FIRST
