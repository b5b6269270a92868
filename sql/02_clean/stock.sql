-- stock: one row for each article and day; of several counts on one day the last row of the last file
-- stands.
SELECT day, article, on_hand, on_order, lead_time_days, receipt_date, src_file, src_line
FROM (
    SELECT CAST(r.time AS DATE) AS day, a.article, CAST(r.on_hand AS INTEGER) AS on_hand,
           CAST(r.on_order AS INTEGER) AS on_order,
           CAST(r.lead_time_days AS INTEGER) AS lead_time_days, r.receipt_date, r.src_file,
           r.src_line,
           row_number() OVER (PARTITION BY CAST(r.time AS DATE), a.article
                              ORDER BY r.time DESC NULLS LAST, r.src_file DESC NULLS LAST,
                                       r.src_line DESC NULLS LAST) AS place
    FROM raw_stock r
    ANTI JOIN quarantine_clean q ON q.src_file = r.src_file AND q.src_line = r.src_line
    JOIN spellings s ON s.source = 'stock' AND s.kind = 'article' AND s.spelling = r.article_id
    JOIN article_ids a ON a.key = s.key
) AS counted
WHERE place = 1
ORDER BY day NULLS FIRST, article NULLS FIRST
