-- An article must have an id that is more than spaces.
SELECT src_file, src_line, 'article_id' AS column_name, article_id AS observed, 'an id' AS expected
FROM raw_articles
WHERE article_id IS NULL OR ltrim(article_id) = ''
