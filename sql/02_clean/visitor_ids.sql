-- visitor_ids: the dense number of each user id in events, and the customer it is where events are
-- linked. A visitor who is no customer is a guest, not a mistake.
SELECT CAST(row_number() OVER (ORDER BY length(v.key) NULLS FIRST, v.key NULLS FIRST) - 1
            AS INTEGER) AS visitor,
       v.key, c.customer
FROM (SELECT DISTINCT key FROM spellings WHERE source = 'events' AND kind = 'customer') AS v
LEFT JOIN (SELECT i.key, i.customer
           FROM customer_ids i
           JOIN links l ON l.source = 'events' AND l.key = 'customer' AND l.linked) AS c
       ON c.key = v.key
ORDER BY visitor NULLS FIRST
