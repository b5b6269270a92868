-- customers: one row for each customer. Rows with the same key are one customer: the first row wins,
-- later ones fill what it left empty.
WITH accepted AS (
    SELECT i.customer, r.*,
           row_number() OVER (PARTITION BY i.customer
                              ORDER BY r.src_file NULLS LAST, r.src_line NULLS LAST) AS place
    FROM raw_customers r
    ANTI JOIN quarantine_clean q ON q.src_file = r.src_file AND q.src_line = r.src_line
    JOIN spellings s ON s.source = 'customers' AND s.kind = 'customer'
                    AND s.spelling = r.customer_id
    JOIN customer_ids i ON i.key = s.key
), merged AS (
    SELECT customer,
           min_by(age, place) FILTER (WHERE age IS NOT NULL) AS age,
           min_by(nullif(trim(club_status), ''), place) FILTER (WHERE nullif(trim(club_status), '') IS NOT NULL) AS club_status,
           min_by(nullif(trim(news_frequency), ''), place) FILTER (WHERE nullif(trim(news_frequency), '') IS NOT NULL) AS news_frequency,
           min_by(active, place) FILTER (WHERE active IS NOT NULL) AS active,
           min_by(nullif(trim(postal_code), ''), place) FILTER (WHERE nullif(trim(postal_code), '') IS NOT NULL) AS postal_code,
           min_by(signup_date, place) FILTER (WHERE signup_date IS NOT NULL) AS signup_date,
           min_by(nullif(trim(channel), ''), place) FILTER (WHERE nullif(trim(channel), '') IS NOT NULL) AS channel,
           min_by(src_file, place) AS src_file, min_by(src_line, place) AS src_line
    FROM accepted
    GROUP BY customer
)
SELECT i.customer, i.customer_id, CAST(m.age AS INTEGER) AS age,
       upper(m.club_status) AS club_status, upper(m.news_frequency) AS news_frequency,
       CAST(m.active AS INTEGER) AS active, m.postal_code, m.signup_date,
       lower(m.channel) AS channel, m.src_file, m.src_line
FROM customer_ids i
LEFT JOIN merged m ON m.customer = i.customer
ORDER BY i.customer NULLS FIRST
