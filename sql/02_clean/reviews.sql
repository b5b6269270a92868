-- reviews: one row for each review. Rows with the same review id are one review: the first row wins,
-- later ones fill what it left empty. A reviewer who is no customer of this shop stays as a guest.
WITH accepted AS (
    SELECT r.*,
           coalesce(nullif(trim(r.review_id), ''),
                    text_of(r.src_file) || ':' || text_of(r.src_line)) AS same,
           row_number() OVER (ORDER BY r.src_file NULLS LAST, r.src_line NULLS LAST) AS place
    FROM raw_reviews r
    ANTI JOIN quarantine_clean q ON q.src_file = r.src_file AND q.src_line = r.src_line
), merged AS (
    SELECT same, min(place) AS place,
           min_by(article_id, place) FILTER (WHERE article_id IS NOT NULL) AS article_id,
           min_by(customer_id, place) FILTER (WHERE customer_id IS NOT NULL) AS customer_id,
           min_by(time, place) FILTER (WHERE time IS NOT NULL) AS time,
           min_by(age, place) FILTER (WHERE age IS NOT NULL) AS age,
           min_by(title, place) FILTER (WHERE trim(title) <> '') AS title,
           min_by(text, place) FILTER (WHERE trim(text) <> '') AS text,
           min_by(rating, place) FILTER (WHERE rating IS NOT NULL) AS rating,
           min_by(recommended, place) FILTER (WHERE recommended IS NOT NULL) AS recommended,
           min_by(votes, place) FILTER (WHERE votes IS NOT NULL) AS votes,
           min_by(trim(division), place) FILTER (WHERE trim(division) <> '') AS division,
           min_by(trim(department), place) FILTER (WHERE trim(department) <> '') AS department,
           min_by(trim(category), place) FILTER (WHERE trim(category) <> '') AS category,
           min_by(src_file, place) AS src_file, min_by(src_line, place) AS src_line
    FROM accepted
    GROUP BY same
)
SELECT CAST(row_number() OVER (ORDER BY r.place NULLS LAST) - 1 AS INTEGER) AS review,
       a.article, c.customer, CAST(r.time AS DATE) AS day, CAST(r.age AS INTEGER) AS age,
       trim(r.title) AS title, trim(r.text) AS text, CAST(r.rating AS INTEGER) AS rating,
       CAST(r.recommended AS INTEGER) AS recommended, CAST(r.votes AS INTEGER) AS votes,
       r.division, r.department,
       coalesce(r.category, nullif(i.category, '(none)')) AS category, r.src_file, r.src_line
FROM merged r
LEFT JOIN links la ON la.source = 'reviews' AND la.key = 'article' AND la.linked
LEFT JOIN spellings sa ON sa.source = la.source AND sa.kind = 'article'
                      AND sa.spelling = r.article_id
LEFT JOIN article_ids a ON a.key = sa.key
LEFT JOIN articles i ON i.article = a.article
LEFT JOIN links lc ON lc.source = 'reviews' AND lc.key = 'customer' AND lc.linked
LEFT JOIN spellings sc ON sc.source = lc.source AND sc.kind = 'customer'
                      AND sc.spelling = r.customer_id
LEFT JOIN customer_ids c ON c.key = sc.key
ORDER BY review NULLS FIRST
