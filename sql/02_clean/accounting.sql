-- accounting: for each file and rule, the rows that it saw and what became of them. A row of step raw
-- counts the reading of a file; in step clean each rule sees what the one before it accepted, then
-- rows of one key are merged, and rule 'all' counts the step as a whole.
WITH rules AS (
    SELECT src_file, source, rule, place, quarantined,
           CAST(coalesce(sum(quarantined) OVER (
               PARTITION BY src_file ORDER BY place
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS BIGINT) AS before
    FROM (
        SELECT f.src_file, f.source, r.rule, r.place, count(q.src_line) AS quarantined
        FROM files f
        JOIN clean_rules r ON r.source = f.source
        LEFT JOIN quarantine_clean q ON q.src_file = f.src_file AND q.rule = r.rule
        GROUP BY f.src_file, f.source, r.rule, r.place
    ) AS counted
), kept AS (
    SELECT 'articles' AS source, src_file, count(*) AS n FROM articles GROUP BY src_file
    UNION ALL SELECT 'customers', src_file, count(*) FROM customers GROUP BY src_file
    UNION ALL
    SELECT 'transactions', src_file, count(*)
    FROM (SELECT src_file FROM transactions UNION ALL SELECT src_file FROM guest_sales) AS lines
    GROUP BY src_file
    UNION ALL SELECT 'reviews', src_file, count(*) FROM reviews GROUP BY src_file
    UNION ALL SELECT 'events', src_file, count(*) FROM events GROUP BY src_file
    UNION ALL SELECT 'stock', src_file, count(*) FROM stock GROUP BY src_file
), totals AS (
    SELECT f.src_file, f.source, f.accepted AS seen, coalesce(k.n, 0) AS kept,
           (SELECT count(*) FROM quarantine_clean q WHERE q.src_file = f.src_file) AS quarantined,
           (SELECT count(*) FROM merges m WHERE m.src_file = f.src_file) AS merged
    FROM files f
    LEFT JOIN kept k ON k.source = f.source AND k.src_file = f.src_file
)
SELECT step, src_file, rule, CAST(seen AS BIGINT) AS seen, CAST(accepted AS BIGINT) AS accepted,
       CAST(quarantined AS BIGINT) AS quarantined, CAST(merged AS BIGINT) AS merged,
       CAST(blank AS BIGINT) AS blank
FROM (
    SELECT 1 AS part, 'raw' AS step, src_file, 'all' AS rule, 0 AS place, seen, accepted,
           quarantined, merged, blank
    FROM files
    UNION ALL
    SELECT 2, 'clean', r.src_file, r.rule, r.place, t.seen - r.before,
           t.seen - r.before - r.quarantined, r.quarantined, 0, 0
    FROM rules r
    JOIN totals t ON t.src_file = r.src_file
    UNION ALL
    SELECT 3, 'clean', src_file, 'one_row_a_key', 0, seen - quarantined, kept, 0,
           merged, 0
    FROM totals
    UNION ALL
    SELECT 4, 'clean', src_file, 'all', 0, seen, kept, quarantined,
           merged, 0
    FROM totals
) AS every
ORDER BY part NULLS FIRST, src_file NULLS FIRST, place NULLS FIRST, rule NULLS FIRST
