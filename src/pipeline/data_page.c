/* data_page: what the run took from each file, what it set aside, and how fresh it is. */
#include "pipeline/data_page.h"

static void put_value(js *j, const column *c, int64_t row) {
    if (!column_has(c, row)) {
        js_put_null(j, c->name);
        return;
    }
    switch (c->type) {
    case COLUMN_I32: js_put_int(j, c->name, c->i32[row]); break;
    case COLUMN_I64:
    case COLUMN_TIME: js_put_int(j, c->name, c->i64[row]); break;
    case COLUMN_REAL: js_put_real(j, c->name, c->real[row]); break;
    case COLUMN_TEXT: js_put_text(j, c->name, c->text[row]); break;
    case COLUMN_DAY: break; /* the queries below make texts of days */
    }
}

/* The rows of a query as objects under a key. */
static bool put_rows(const work *w, js *j, const char *key, scope *s, const char *sql, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e, "%s", sql)) return fail_in(e, key);
    js_array(j, key);
    for (int64_t i = 0; i < c.rows; i++) {
        js_object(j, NULL);
        for (int k = 0; k < c.n; k++) put_value(j, &c.at[k], i);
        js_end(j);
    }
    js_end(j);
    return true;
}

static const char files_sql[] =
    "SELECT f.path AS file, f.source, f.bytes, f.sha256, f.seen, "
    "a.accepted, CAST(f.quarantined + a.quarantined AS BIGINT) AS quarantined, "
    "CAST(f.merged + a.merged AS BIGINT) AS merged, f.blank FROM files f JOIN accounting a "
    "ON a.src_file = f.src_file AND a.step = 'clean' AND a.rule = 'all' "
    "WHERE f.source IS NOT NULL ORDER BY f.src_file";

static const char mapping_sql[] =
    "SELECT f.path AS file, m.position, m.header, m.column_name AS \"column\", m.how "
    "FROM mapping m JOIN files f USING (src_file) WHERE m.header IS NOT NULL "
    "ORDER BY m.src_file, m.position";

static const char quarantine_sql[] =
    "SELECT f.path AS file, f.source, q.step, q.rule, count(*) AS rows, min(q.src_line) AS line, "
    "arg_min(q.column_name, q.src_line) AS \"column\", "
    "arg_min(q.observed, q.src_line) AS observed, arg_min(q.expected, q.src_line) AS expected "
    "FROM (SELECT 'raw' AS step, * FROM quarantine_raw UNION ALL "
    "SELECT 'clean', * FROM quarantine_clean) AS q JOIN files f USING (src_file) "
    "GROUP BY f.src_file, f.path, f.source, q.step, q.rule "
    "ORDER BY f.src_file, q.step DESC, q.rule";

static const char freshness_sql[] =
    "WITH ends AS (SELECT 1 AS place, 'transactions' AS table_name, min(day) AS first, "
    "max(day) AS last FROM transactions UNION ALL "
    "SELECT 2, 'reviews', min(day), max(day) FROM reviews UNION ALL "
    "SELECT 3, 'events', min(day), max(day) FROM events UNION ALL "
    "SELECT 4, 'stock', min(day), max(day) FROM stock) "
    "SELECT table_name AS \"table\", text_of(first) AS first, text_of(last) AS last, "
    "days_between(last, (SELECT max(last) FROM ends)) AS days_behind FROM ends "
    "WHERE last IS NOT NULL ORDER BY place";

static const char checks_sql[] =
    "SELECT source, column_name AS \"column\", rule, expected, on_bad, rows, bad, share, severity "
    "FROM contract_findings ORDER BY source, column_name, rule";

/* As validate judges drift against the last run: 0.2 and 0.3, beyond what chance does. */
static const char drift_sql[] =
    "SELECT table_name AS \"table\", column_name AS \"column\", rows_before, rows_lately, classes, "
    "psi, by_chance, CASE WHEN psi - by_chance >= 0.3 THEN 'fail' WHEN psi - by_chance >= 0.2 THEN "
    "'warn' ELSE 'ok' END AS severity, most, before, lately FROM drift ORDER BY psi - by_chance "
    "DESC, table_name, column_name";

/* Smallest and largest ids would name people. */
static const char profiles_sql[] =
    "SELECT table_name AS \"table\", column_name AS \"column\", type, rows, missing, "
    "distinct_values, CASE WHEN suffix(column_name, '_id') THEN NULL ELSE left(min, 60) END AS "
    "min, median, CASE WHEN suffix(column_name, '_id') THEN NULL ELSE left(max, 60) END AS max, "
    "mean FROM profile ORDER BY place";

bool data_page_write(const work *w, folder *f, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* as long as s, which frees its text */
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.data/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_word(j, "lately_from", day_text(&s->keep, w->days.test_from));
    if (!put_rows(w, j, "files", s, files_sql, e) ||
        !put_rows(w, j, "unused", s,
                  "SELECT path AS file FROM files WHERE source IS NULL ORDER BY src_file", e) ||
        !put_rows(w, j, "mapping", s, mapping_sql, e) ||
        !put_rows(w, j, "quarantine", s, quarantine_sql, e) ||
        !put_rows(w, j, "freshness", s, freshness_sql, e) ||
        !put_rows(w, j, "checks", s, checks_sql, e) ||
        !put_rows(w, j, "drift", s, drift_sql, e) ||
        !put_rows(w, j, "profiles", s, profiles_sql, e))
        return false;
    js_end(j);
    return folder_write(f, "data.json", text_slice(&j->out), e);
}
