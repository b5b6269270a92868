-- events: one row for each event, its name in the canonical words of event_names.
SELECT v.time, CAST(v.time AS DATE) AS day, p.visitor, p.customer,
       nullif(trim(v.session_id), '') AS session, n.event, a.article,
       CAST(v.price AS DECIMAL(18,6)) AS price, CAST(v.quantity AS INTEGER) AS quantity,
       nullif(trim(v.order_id), '') AS order_id, lower(nullif(trim(v.channel), '')) AS channel,
       lower(nullif(trim(v.platform), '')) AS platform,
       coalesce(nullif(trim(v.category), ''), nullif(i.category, '(none)')) AS category,
       v.src_file, v.src_line
FROM raw_events v
JOIN event_names n ON n.alias = name_key(v.event)
JOIN spellings sv ON sv.source = 'events' AND sv.kind = 'customer' AND sv.spelling = v.user_id
JOIN visitor_ids p ON p.key = sv.key
LEFT JOIN links l ON l.source = 'events' AND l.key = 'article' AND l.linked
LEFT JOIN spellings sa ON sa.source = l.source AND sa.kind = 'article'
                      AND sa.spelling = v.article_id
LEFT JOIN article_ids a ON a.key = sa.key
LEFT JOIN articles i ON i.article = a.article
WHERE NOT EXISTS (SELECT 1 FROM quarantine_clean q
                  WHERE q.src_file = v.src_file AND q.src_line = v.src_line)
ORDER BY v.time NULLS FIRST, v.src_file NULLS FIRST, v.src_line NULLS FIRST
