-- Stock levels say nothing without their article: where they are about another catalogue (links) no
-- row that does not match can stay.
SELECT t.src_file, t.src_line, 'article_id' AS column_name, t.article_id AS observed,
       'an id of articles' AS expected
FROM raw_stock t
WHERE NOT EXISTS (
    SELECT 1 FROM spellings s JOIN article_ids k ON k.key = s.key
    WHERE s.source = 'stock' AND s.kind = 'article' AND s.spelling = t.article_id)
