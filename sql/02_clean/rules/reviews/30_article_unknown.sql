-- Where reviews are about this catalogue (links), a review of an article that is not in it is a stray.
SELECT t.src_file, t.src_line, 'article_id' AS column_name, t.article_id AS observed,
       'an id of articles' AS expected
FROM raw_reviews t
JOIN (
    SELECT s.spelling
    FROM spellings s
    JOIN links l ON l.source = s.source AND l.key = s.kind AND l.linked
    LEFT JOIN article_ids k ON k.key = s.key
    WHERE s.source = 'reviews' AND s.kind = 'article' AND k.key IS NULL
) AS stray ON stray.spelling = t.article_id
