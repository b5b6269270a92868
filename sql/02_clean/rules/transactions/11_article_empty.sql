-- A sale must name its article.
SELECT src_file, src_line, 'article_id' AS column_name, article_id AS observed, 'an id' AS expected
FROM raw_transactions
WHERE article_id IS NULL OR ltrim(article_id) = ''
