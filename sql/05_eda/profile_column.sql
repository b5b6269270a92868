-- profile_column: what one column of one table holds; :words are filled in for each column.
SELECT count(*) AS rows, count(*) - count(:column) AS missing,
       count(DISTINCT :column) AS distinct_values, text_of(min(:column)) AS min,
       :median AS median, text_of(max(:column)) AS max, :mean AS mean
FROM :table
