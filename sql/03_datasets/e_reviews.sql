-- E: the reviews that say something, for the language models; without a date a review is of no
-- window and stays.
SELECT review, article, customer, day, category, rating, recommended, title, text
FROM reviews
WHERE text IS NOT NULL AND (day IS NULL OR day < ${end})
ORDER BY review NULLS FIRST
