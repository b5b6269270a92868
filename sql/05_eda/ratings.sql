-- ratings: reviews by stars: how many, how many recommend, how long they are.
SELECT rating, count(*) AS reviews, count(recommended) AS asked,
       CAST(coalesce(sum(recommended), 0) AS BIGINT) AS recommend,
       share(sum(length(text)), count(text)) AS mean_length
FROM reviews
GROUP BY rating
ORDER BY rating NULLS FIRST
