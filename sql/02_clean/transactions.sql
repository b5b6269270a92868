-- transactions: one row for each line of a sale. Equal rows are units, not errors. A return is a row
-- with a negative quantity and so negative revenue. H&M's channels 1 and 2 are store and online. A
-- line without an order number belongs to the order of its customer and day. In a shop without a
-- transactions file the purchase events on an article are its sales.
CREATE OR REPLACE TEMP VIEW sales AS
SELECT t.time, t.customer_id, t.article_id, t.price, t.quantity, t.channel, t.order_id,
       t.src_file, t.src_line, 'transactions' AS source
FROM raw_transactions t
WHERE NOT EXISTS (SELECT 1 FROM quarantine_clean q
                  WHERE q.src_file = t.src_file AND q.src_line = t.src_line)
UNION ALL
SELECT v.time, v.user_id, v.article_id, coalesce(v.price, a.price, 0), v.quantity, v.channel,
       v.order_id, v.src_file, v.src_line, 'events'
FROM raw_events v
JOIN event_names n ON n.alias = name_key(v.event) AND n.event = 'purchase'
LEFT JOIN spellings s ON s.source = 'events' AND s.kind = 'article' AND s.spelling = v.article_id
LEFT JOIN article_ids i ON i.key = s.key
LEFT JOIN articles a ON a.article = i.article
WHERE NOT EXISTS (SELECT 1 FROM raw_transactions)
  AND v.article_id IS NOT NULL
  AND coalesce(v.quantity, 1) <> 0
  AND NOT EXISTS (SELECT 1 FROM quarantine_clean q
                  WHERE q.src_file = v.src_file AND q.src_line = v.src_line);
SELECT CAST(t.time AS DATE) AS day, t.time, c.customer, a.article,
       CAST(t.price AS DECIMAL(18,6)) AS price,
       CAST(coalesce(t.quantity, 1) AS INTEGER) AS quantity,
       CAST(CAST(t.price AS DECIMAL(18,6)) * CAST(coalesce(t.quantity, 1) AS INTEGER)
            AS DECIMAL(18,6)) AS revenue,
       CASE lower(trim(t.channel)) WHEN '1' THEN 'store' WHEN '2' THEN 'online' WHEN '' THEN NULL
            ELSE lower(trim(t.channel)) END AS channel,
       coalesce(nullif(trim(t.order_id), ''),
                text_of(c.customer) || '/' || text_of(CAST(t.time AS DATE))) AS order_id,
       t.src_file, t.src_line
FROM sales t
JOIN spellings sa ON sa.source = t.source AND sa.kind = 'article' AND sa.spelling = t.article_id
JOIN article_ids a ON a.key = sa.key
JOIN spellings sc ON sc.source = t.source AND sc.kind = 'customer' AND sc.spelling = t.customer_id
JOIN customer_ids c ON c.key = sc.key
ORDER BY day NULLS FIRST, t.src_file NULLS FIRST, t.src_line NULLS FIRST
