-- transactions: one row for each line of a sale. Equal rows are units, not errors. A return is a row
-- with a negative quantity and so negative revenue. H&M's channels 1 and 2 are store and online. A
-- line without an order number belongs to the order of its customer and day. In a shop without a
-- transactions file the purchase events on an article are its sales.
CREATE OR REPLACE TEMP VIEW sales AS
SELECT t.time, c.customer, a.article, t.price, t.quantity, t.channel, t.order_id, t.src_file,
       t.src_line
FROM raw_transactions t
ANTI JOIN quarantine_clean q ON q.src_file = t.src_file AND q.src_line = t.src_line
JOIN (SELECT s.spelling, i.article
      FROM spellings s
      JOIN article_ids i ON i.key = s.key
      WHERE s.source = 'transactions' AND s.kind = 'article') AS a ON a.spelling = t.article_id
JOIN (SELECT s.spelling, i.customer
      FROM spellings s
      JOIN customer_ids i ON i.key = s.key
      WHERE s.source = 'transactions' AND s.kind = 'customer') AS c ON c.spelling = t.customer_id
UNION ALL
SELECT v.time, c.customer, a.article, coalesce(v.price, i.price, 0), v.quantity, v.channel,
       v.order_id, v.src_file, v.src_line
FROM raw_events v
ANTI JOIN quarantine_clean q ON q.src_file = v.src_file AND q.src_line = v.src_line
JOIN (SELECT alias
      FROM event_names
      WHERE event = 'purchase' AND NOT EXISTS (SELECT 1 FROM raw_transactions)) AS n
  ON n.alias = name_key(v.event)
JOIN (SELECT s.spelling, i.article
      FROM spellings s
      JOIN article_ids i ON i.key = s.key
      WHERE s.source = 'events' AND s.kind = 'article') AS a ON a.spelling = v.article_id
JOIN (SELECT s.spelling, i.customer
      FROM spellings s
      JOIN customer_ids i ON i.key = s.key
      WHERE s.source = 'events' AND s.kind = 'customer') AS c ON c.spelling = v.user_id
LEFT JOIN articles i ON i.article = a.article
WHERE coalesce(v.quantity, 1) <> 0;
SELECT CAST(t.time AS DATE) AS day, t.time, t.customer, t.article,
       CAST(t.price AS DECIMAL(18,6)) AS price,
       CAST(coalesce(t.quantity, 1) AS INTEGER) AS quantity,
       CAST(CAST(t.price AS DECIMAL(18,6)) * CAST(coalesce(t.quantity, 1) AS INTEGER)
            AS DECIMAL(18,6)) AS revenue,
       CASE lower(trim(t.channel)) WHEN '1' THEN 'store' WHEN '2' THEN 'online' WHEN '' THEN NULL
            ELSE lower(trim(t.channel)) END AS channel,
       coalesce(nullif(trim(t.order_id), ''),
                text_of(t.customer) || '/' || text_of(CAST(t.time AS DATE))) AS order_id,
       t.src_file, t.src_line
FROM sales t
ORDER BY day NULLS FIRST, t.src_file NULLS FIRST, t.src_line NULLS FIRST
