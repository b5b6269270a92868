-- events: one row for each event, its name in the canonical words of event_names.
SELECT v.time, CAST(v.time AS DATE) AS day, p.visitor, p.customer,
       nullif(trim(v.session_id), '') AS session, n.event, a.article,
       CAST(v.price AS DECIMAL(18,6)) AS price, CAST(v.quantity AS INTEGER) AS quantity,
       nullif(trim(v.order_id), '') AS order_id, lower(nullif(trim(v.channel), '')) AS channel,
       lower(nullif(trim(v.platform), '')) AS platform,
       coalesce(nullif(trim(v.category), ''), nullif(i.category, '(none)')) AS category,
       v.src_file, v.src_line
FROM raw_events v
ANTI JOIN quarantine_clean q ON q.src_file = v.src_file AND q.src_line = v.src_line
JOIN event_names n ON n.alias = name_key(v.event)
JOIN (SELECT s.spelling, d.visitor, d.customer
      FROM spellings s
      JOIN visitor_ids d ON d.key = s.key
      WHERE s.source = 'events' AND s.kind = 'customer') AS p ON p.spelling = v.user_id
LEFT JOIN (SELECT s.spelling, d.article
           FROM spellings s
           JOIN links l ON l.source = s.source AND l.key = s.kind AND l.linked
           JOIN article_ids d ON d.key = s.key
           WHERE s.source = 'events' AND s.kind = 'article') AS a ON a.spelling = v.article_id
LEFT JOIN articles i ON i.article = a.article
ORDER BY v.time NULLS FIRST, v.src_file NULLS FIRST, v.src_line NULLS FIRST
