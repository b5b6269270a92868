-- visitor_ids: the dense number of each user id in events, and the customer it is where events are
-- linked. A visitor who is no customer is a guest, not a mistake.
SELECT CAST(row_number() OVER (ORDER BY length(v.key) NULLS FIRST, v.key NULLS FIRST) - 1
            AS INTEGER) AS visitor,
       v.key, c.customer
FROM (SELECT DISTINCT key FROM spellings WHERE source = 'events' AND kind = 'customer') AS v
LEFT JOIN links l ON l.source = 'events' AND l.key = 'customer' AND l.linked
LEFT JOIN customer_ids c ON c.key = v.key AND l.linked
ORDER BY visitor NULLS FIRST
