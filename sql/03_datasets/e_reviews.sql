-- E: the reviews that say something, for the language models; those from the as-of day
-- of the run on are left out, those without a date stay.
SELECT review, article, customer, day, category, rating, recommended, title, text
FROM reviews
WHERE text IS NOT NULL AND (day IS NULL OR day < coalesce(${as_of}, DATE '9999-12-31'))
ORDER BY review NULLS FIRST
