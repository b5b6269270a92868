-- F: the events (before the as-of day of the run, if it has one), in sessions: the log's own session ids
-- where a row has one, else a gap of more than 30 minutes opens a new session. Sessions are numbered by
-- visitor and first moment.
CREATE OR REPLACE TEMP VIEW f_log AS
SELECT * FROM events WHERE day < coalesce(${as_of}, DATE '9999-12-31');
CREATE OR REPLACE TEMP VIEW f_opened AS
SELECT visitor, src_file, src_line,
       text_of(sum(opens) OVER (
           PARTITION BY visitor
           ORDER BY time NULLS FIRST, src_file NULLS FIRST, src_line NULLS FIRST
           ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS opened
FROM (
    SELECT visitor, time, src_file, src_line,
           CASE WHEN coalesce(seconds_between(lag(time) OVER visits, time) > 1800, TRUE)
                THEN 1 ELSE 0 END AS opens
    FROM f_log
    WHERE session IS NULL
    WINDOW visits AS (PARTITION BY visitor ORDER BY time NULLS FIRST, src_file NULLS FIRST,
                      src_line NULLS FIRST)
) AS marked;
CREATE OR REPLACE TEMP VIEW f_keyed AS
SELECT v.*, coalesce('id ' || v.session, o.opened) AS session_key
FROM f_log v
LEFT JOIN f_opened o ON o.src_file = v.src_file AND o.src_line = v.src_line;
CREATE OR REPLACE TEMP VIEW f_numbered AS
SELECT visitor, session_key,
       row_number() OVER (ORDER BY visitor NULLS FIRST, start_time NULLS FIRST,
                          session_key NULLS FIRST) - 1 AS number
FROM (
    SELECT visitor, session_key, min(time) AS start_time
    FROM f_keyed
    GROUP BY visitor, session_key
) AS started;
SELECT k.visitor, k.customer, CAST(n.number AS BIGINT) AS session,
       CAST(row_number() OVER (PARTITION BY n.number
                               ORDER BY k.time NULLS FIRST, k.src_file NULLS FIRST,
                                        k.src_line NULLS FIRST) AS INTEGER) AS seq,
       k.time, k.event, k.article, k.price, k.channel, k.platform, k.category, k.src_file,
       k.src_line
FROM f_keyed k
JOIN f_numbered n ON n.visitor = k.visitor AND n.session_key = k.session_key
ORDER BY k.visitor NULLS FIRST, k.time NULLS FIRST, session NULLS FIRST, seq NULLS FIRST
