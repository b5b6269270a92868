-- What the files under sql/ use and Spark spells in its own way; sql/prelude_duckdb.sql is the twin.

CREATE OR REPLACE TEMPORARY FUNCTION id_shown(id STRING) RETURNS STRING RETURN
    CASE WHEN trim(id) LIKE '%_.0'
              AND translate(left(trim(id), length(trim(id)) - 2), '0123456789', '') = ''
         THEN left(trim(id), length(trim(id)) - 2)
         ELSE trim(id) END;

CREATE OR REPLACE TEMPORARY FUNCTION id_key(id STRING) RETURNS STRING RETURN
    CASE WHEN translate(id_shown(id), '0123456789', '') = '' AND id_shown(id) <> ''
         THEN coalesce(nullif(ltrim('0', id_shown(id)), ''), '0')
         ELSE id_shown(id) END;

CREATE OR REPLACE TEMPORARY FUNCTION name_key(name STRING) RETURNS STRING RETURN
    regexp_replace(lower(name), '[^a-z0-9]', '');

CREATE OR REPLACE TEMPORARY FUNCTION text_of(x STRING) RETURNS STRING RETURN x;

CREATE OR REPLACE TEMPORARY FUNCTION days_between(a DATE, b DATE) RETURNS INT RETURN datediff(b, a);
CREATE OR REPLACE TEMPORARY FUNCTION seconds_between(a TIMESTAMP, b TIMESTAMP) RETURNS BIGINT RETURN
    CAST(floor(CAST(unix_micros(b) - unix_micros(a) AS DOUBLE) / 1000000) AS BIGINT);

CREATE OR REPLACE TEMPORARY FUNCTION monday(d DATE) RETURNS DATE RETURN
    CAST(date_trunc('week', d) AS DATE);
CREATE OR REPLACE TEMPORARY FUNCTION is_weekend(d DATE) RETURNS INT RETURN
    CASE WHEN weekday(d) >= 5 THEN 1 ELSE 0 END;

CREATE OR REPLACE TEMPORARY FUNCTION add_days(d DATE, n INT) RETURNS DATE RETURN date_add(d, n);

CREATE OR REPLACE TEMPORARY FUNCTION share(a DOUBLE, b DOUBLE) RETURNS DOUBLE RETURN
    a / nullif(b, CAST(0 AS DOUBLE));
