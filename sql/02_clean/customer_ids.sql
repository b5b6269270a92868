-- customer_ids: the dense number and the display id of each key of a customer. Keys come from the
-- owner of the ids (links), from transactions that are not linked to it, and, in a shop without a
-- customers file, from events that are.
CREATE OR REPLACE TEMP VIEW customer_keys AS
SELECT DISTINCT s.key
FROM spellings s
JOIN links o ON o.key = s.kind AND o.owns
LEFT JOIN links l ON l.source = s.source AND l.key = s.kind
WHERE s.kind = 'customer'
  AND (s.source = o.source
       OR (s.source = 'transactions' AND NOT l.linked)
       OR (s.source = 'events' AND l.linked AND o.source <> 'customers'));
SELECT CAST(row_number() OVER (ORDER BY length(key) NULLS FIRST, key NULLS FIRST) - 1 AS INTEGER)
           AS customer,
       key, customer_id
FROM (
    -- of several spellings the longest, then the first: the least of their texts after a number that
    -- falls with their length
    SELECT s.key, substr(min(text_of(999999999 - length(id_shown(s.spelling)))
                             || id_shown(s.spelling)), 10) AS customer_id
    FROM customer_keys k
    JOIN spellings s ON s.key = k.key AND s.kind = 'customer'
    JOIN links l ON l.source = s.source AND l.key = s.kind
    WHERE l.linked OR s.source = 'transactions'
    GROUP BY s.key
) AS spelled
ORDER BY customer NULLS FIRST
