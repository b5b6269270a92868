-- Where sales and customers are one book (links), a sale to a customer who is not in it is a stray.
SELECT t.src_file, t.src_line, 'customer_id' AS column_name, t.customer_id AS observed,
       'an id of customers' AS expected
FROM raw_transactions t
JOIN (
    SELECT s.spelling
    FROM spellings s
    JOIN links l ON l.source = s.source AND l.key = s.kind AND l.linked
    LEFT JOIN customer_ids k ON k.key = s.key
    WHERE s.source = 'transactions' AND s.kind = 'customer' AND k.key IS NULL
) AS stray ON stray.spelling = t.customer_id
