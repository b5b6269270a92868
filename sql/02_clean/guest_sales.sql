-- guest_sales: the lines of sales that name no customer. They count in what articles and the shop sold,
-- and in nothing that is said of customers. Without an order number each line is an order.
-- (ltrim stops at the first letter: a third of the time of trim for ids of 64 letters.)
SELECT CAST(t.time AS DATE) AS day, t.time, a.article,
       CAST(t.price AS DECIMAL(18,6)) AS price,
       CAST(coalesce(t.quantity, 1) AS INTEGER) AS quantity,
       CAST(CAST(t.price AS DECIMAL(18,6)) * CAST(coalesce(t.quantity, 1) AS INTEGER)
            AS DECIMAL(18,6)) AS revenue,
       CASE lower(trim(t.channel)) WHEN '1' THEN 'store' WHEN '2' THEN 'online' WHEN '' THEN NULL
            ELSE lower(trim(t.channel)) END AS channel,
       coalesce(nullif(trim(t.order_id), ''),
                'guest/' || text_of(t.src_file) || '/' || text_of(t.src_line)) AS order_id,
       t.src_file, t.src_line
FROM raw_transactions t
ANTI JOIN quarantine_clean q ON q.src_file = t.src_file AND q.src_line = t.src_line
JOIN spellings s ON s.source = 'transactions' AND s.kind = 'article' AND s.spelling = t.article_id
JOIN article_ids a ON a.key = s.key
WHERE t.customer_id IS NULL OR ltrim(t.customer_id) = ''
ORDER BY day NULLS FIRST, t.src_file NULLS FIRST, t.src_line NULLS FIRST
