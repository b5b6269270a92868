-- articles: one row for each article. Rows with the same key are one article: the first row wins, later
-- ones fill what it left empty. An article that only sales (events) know has its id and nothing else.
WITH accepted AS (
    SELECT i.article, r.*,
           row_number() OVER (PARTITION BY i.article
                              ORDER BY r.src_file NULLS LAST, r.src_line NULLS LAST) AS place
    FROM raw_articles r
    ANTI JOIN quarantine_clean q ON q.src_file = r.src_file AND q.src_line = r.src_line
    JOIN spellings s ON s.source = 'articles' AND s.kind = 'article' AND s.spelling = r.article_id
    JOIN article_ids i ON i.key = s.key
), merged AS (
    SELECT article,
           min_by(nullif(trim(product_code), ''), place) FILTER (WHERE nullif(trim(product_code), '') IS NOT NULL) AS product_code,
           min_by(nullif(trim(name), ''), place) FILTER (WHERE nullif(trim(name), '') IS NOT NULL) AS name,
           min_by(nullif(trim(category), ''), place) FILTER (WHERE nullif(trim(category), '') IS NOT NULL) AS category,
           min_by(nullif(trim(type), ''), place) FILTER (WHERE nullif(trim(type), '') IS NOT NULL) AS type,
           min_by(nullif(trim(department), ''), place) FILTER (WHERE nullif(trim(department), '') IS NOT NULL) AS department,
           min_by(nullif(trim(section), ''), place) FILTER (WHERE nullif(trim(section), '') IS NOT NULL) AS section,
           min_by(nullif(trim(garment_group), ''), place) FILTER (WHERE nullif(trim(garment_group), '') IS NOT NULL) AS garment_group,
           min_by(nullif(trim(index_group), ''), place) FILTER (WHERE nullif(trim(index_group), '') IS NOT NULL) AS index_group,
           min_by(nullif(trim(colour), ''), place) FILTER (WHERE nullif(trim(colour), '') IS NOT NULL) AS colour,
           min_by(nullif(trim(pattern), ''), place) FILTER (WHERE nullif(trim(pattern), '') IS NOT NULL) AS pattern,
           min_by(nullif(trim(material), ''), place) FILTER (WHERE nullif(trim(material), '') IS NOT NULL) AS material,
           min_by(nullif(trim(description), ''), place) FILTER (WHERE nullif(trim(description), '') IS NOT NULL) AS description,
           min_by(price, place) FILTER (WHERE price IS NOT NULL) AS price,
           min_by(launch_date, place) FILTER (WHERE launch_date IS NOT NULL) AS launch_date,
           min_by(src_file, place) AS src_file, min_by(src_line, place) AS src_line
    FROM accepted
    GROUP BY article
)
SELECT i.article, i.article_id, m.product_code, m.name,
       coalesce(m.category, '(none)') AS category,
       m.type, m.department, m.section, m.garment_group, m.index_group, m.colour, m.pattern,
       m.material, m.description, CAST(m.price AS DECIMAL(18,6)) AS price, m.launch_date,
       m.src_file, m.src_line
FROM article_ids i
LEFT JOIN merged m ON m.article = i.article
ORDER BY i.article NULLS FIRST
