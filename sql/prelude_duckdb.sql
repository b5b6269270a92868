-- What the files under sql/ use and DuckDB spells in its own way; sql/prelude_spark.sql is the twin.

-- An id as it is shown: trimmed; digits that a program kept as a number lose its ".0".
CREATE OR REPLACE MACRO id_shown(id) AS
    CASE WHEN trim(id) LIKE '%_.0'
              AND ltrim(left(trim(id), length(trim(id)) - 2), '0123456789') = ''
         THEN left(trim(id), length(trim(id)) - 2)
         ELSE trim(id) END;

-- The key of an id as text: as it is shown, an all-digit id without its leading zeros.
CREATE OR REPLACE MACRO id_key(id) AS
    CASE WHEN ltrim(id_shown(id), '0123456789') = '' AND id_shown(id) <> ''
         THEN coalesce(nullif(ltrim(id_shown(id), '0'), ''), '0')
         ELSE id_shown(id) END;

-- A name without regard to case and separators: 'Add_To-Cart' and 'add to cart' are 'addtocart'.
CREATE OR REPLACE MACRO name_key(name) AS
    regexp_replace(lower(name), '[^a-z0-9]', '', 'g');

-- Any value as text.
CREATE OR REPLACE MACRO text_of(x) AS CAST(x AS VARCHAR);

-- Whole days from a to b; whole seconds from a to b, rounded towards the past.
CREATE OR REPLACE MACRO days_between(a, b) AS CAST(datediff('day', a, b) AS INTEGER);
CREATE OR REPLACE MACRO seconds_between(a, b) AS
    CAST(floor(CAST(epoch_us(b) - epoch_us(a) AS DOUBLE) / 1000000) AS BIGINT);

-- Monday of the week of d; 1 on Saturday and Sunday, else 0.
CREATE OR REPLACE MACRO monday(d) AS CAST(date_trunc('week', d) AS DATE);
CREATE OR REPLACE MACRO is_weekend(d) AS CASE WHEN isodow(d) >= 6 THEN 1 ELSE 0 END;

-- A day moved by n days.
CREATE OR REPLACE MACRO add_days(d, n) AS CAST(d + CAST(n AS INTEGER) AS DATE);

-- a / b as double, NULL where b is 0 or NULL.
CREATE OR REPLACE MACRO share(a, b) AS CAST(a AS DOUBLE) / nullif(CAST(b AS DOUBLE), 0);
