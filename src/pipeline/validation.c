/* validation: what is wrong with a shop's files, found by steps 01 and 02 alone. */
#include "pipeline/validation.h"

#include <string.h>

#include "data/folder.h"
#include "pipeline/plan.h"
#include "pipeline/source_drift.h"

static double no_clock(void) { return 0; }
static void no_step(void *what, const stage *step, const plan_result *result) {
    (void)what, (void)step, (void)result;
}

/* ---- the parts ---- */

/* Severity of `bad` of `rows` by the thresholds l of the source. */
#define BY_SHARE "CASE WHEN bad > coalesce(l.fail, 2) * rows THEN 'fail' " \
                 "WHEN bad > coalesce(l.warn, 0) * rows THEN 'warn' ELSE 'ok' END"

static const char gather[] =
    "CREATE OR REPLACE TABLE found AS "
    "SELECT 1 AS part_no, 'reader' AS part, " BY_SHARE " AS severity, x.source, x.file, x.rule, "
    "x.column_name, x.rows, x.bad, x.expected FROM (SELECT f.source, f.path AS file, q.rule, "
    "q.column_name, max(f.seen) AS rows, count(*) AS bad, min(q.expected) AS expected "
    "FROM quarantine_raw q JOIN files f USING (src_file) GROUP BY ALL) AS x "
    "LEFT JOIN limits l USING (source) "
    "UNION ALL SELECT 2, 'program', " BY_SHARE ", x.source, x.file, x.rule, x.column_name, x.rows, "
    "x.bad, x.expected FROM (SELECT f.source, f.path AS file, q.rule, q.column_name, "
    "max(f.accepted) AS rows, count(*) AS bad, min(q.expected) AS expected "
    "FROM quarantine_clean q JOIN files f USING (src_file) "
    "WHERE NOT starts_with(q.rule, 'contract_') GROUP BY ALL) AS x "
    "LEFT JOIN limits l USING (source) "
    "UNION ALL SELECT 3, 'contract', severity, source, parse_filename(path), rule, column_name, "
    "rows, bad, expected FROM contract_findings "
    "UNION ALL SELECT 5, 'drift', severity, source, NULL, measure, column_name, NULL, NULL, "
    "format('{:.4g} was {:.4g}', now, was) FROM drift_findings";

static const char number_them[] =
    "CREATE OR REPLACE TABLE validation AS SELECT row_number() OVER (ORDER BY CASE severity WHEN "
    "'fail' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END, source, part_no, file NULLS FIRST, rule, "
    "column_name NULLS FIRST) AS id, part, severity, source, file, rule, "
    "nullif(column_name, '') AS column_name, rows, bad, share(bad, rows) AS share, expected "
    "FROM found";

static bool put_limits(const work *w, const terms *const all[6], err *e) {
    if (!db_run(w->d,
                SLICE("CREATE OR REPLACE TABLE limits (source VARCHAR, warn DOUBLE, fail DOUBLE)"),
                e))
        return false;
    for (int i = 0; i < 6; i++)
        if (all[i] && !db_runf(w->d, e, "INSERT INTO limits VALUES ('%s', %.17g, %.17g)",
                               all[i]->source->source, all[i]->warn, all[i]->fail))
            return false;
    return true;
}

/* How long ago the newest row of a source is. */
static bool check_fresh(const work *w, const terms *t, int32_t today, scope *s, err *e) {
    columns c;
    if (!t || !t->fresh) return true;
    const char *name = db_name(&s->keep, slice_of(t->fresh->name));
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT CAST(coalesce(datediff('day', DATE '1970-01-01', CAST(max(%s) AS DATE)), "
                  "-100000) AS BIGINT) AS day FROM raw_%s",
                  name, t->source->source))
        return false;
    int64_t last = columns_i64(&c, "day")[0], age = today - last;
    bool fails = t->fresh_fail_days > 0 && age > t->fresh_fail_days,
         warns = t->fresh_warn_days > 0 && age > t->fresh_warn_days;
    const char *said = last < -90000 ? "no row has a date"
                                     : arena_text(&s->keep, "last day %s, %lld days before %s",
                                                  day_text(&s->keep, (int32_t)last), (long long)age,
                                                  day_text(&s->keep, today));
    return db_runf(w->d, e,
                   "INSERT INTO found VALUES (4, 'freshness', '%s', '%s', %s, 'freshness', '%s', "
                   "NULL, NULL, %s)",
                   fails ? "fail" : warns ? "warn" : "ok", t->source->source,
                   db_literal(&s->keep, slice_of(strrchr(t->path, '/') + 1)), t->fresh->name,
                   db_literal(&s->keep, slice_of(said)));
}

static bool check_drift(const work *w, const char *before, const terms *const all[6], scope *s,
                        err *e) {
    return db_run(w->d,
                  SLICE("CREATE OR REPLACE TABLE drift_findings (source VARCHAR, column_name "
                        "VARCHAR, measure VARCHAR, was DOUBLE, now DOUBLE, severity VARCHAR)"),
                  e) &&
           (!before || source_drift(w, before, all, s, e));
}

bool validation_run(work *w, const char *before, int32_t today, const terms *all[6], scope *s,
                    err *e) {
    plan_result results[10];
    plan_watch watch = {.clock = no_clock, .done = no_step};
    w->lenient = true;
    if (!terms_read(s, w->shop, all, e) || !plan_run(w, 0, 1, results, &watch, e)) return false;
    const terms *const *known = (const terms *const *)all;
    if (!put_limits(w, known, e) ||
        !check_drift(w, before, known, s, e) || !db_run(w->d, slice_of(gather), e))
        return false;
    for (int i = 0; i < 6; i++)
        if (!check_fresh(w, all[i], today, s, e)) return false;
    return db_run(w->d, slice_of(number_them), e);
}

/* ---- examples ---- */

bool validation_examples(const work *w, const terms *const all[6], int64_t id, arena *keep,
                         columns *out, err *e) {
    columns c;
    if (!db_query(w->d, keep, &c, e,
                  "SELECT part, source, coalesce(file, '') AS file, rule, "
                  "coalesce(column_name, '') AS name FROM validation WHERE id = %lld",
                  (long long)id))
        return false;
    slice part = columns_text(&c, "part")[0], source = columns_text(&c, "source")[0];
    const terms *t = NULL;
    for (int i = 0; i < 6; i++)
        if (slice_is(source, contract_sources[i].source)) t = all[i];
    bool hidden = terms_is_hidden(t, slice_copy(keep, columns_text(&c, "name")[0]));
    bool is_contract = slice_is(part, "contract");
    const char *rule = db_literal(keep, columns_text(&c, "rule")[0]);
#define SEEN "SELECT src_file, src_line, rule, column_name, observed FROM "
    const char *rows = slice_is(part, "reader")
                           ? SEEN "quarantine_raw"
                           : SEEN "quarantine_clean UNION ALL " SEEN "contract_changes";
    return db_query(w->d, keep, out, e,
                    "SELECT f.path AS file, q.src_line AS line, %s AS observed FROM (%s) AS q "
                    "JOIN files f USING (src_file) WHERE f.source = %s AND q.rule = %s AND "
                    "(%s OR (f.path = %s AND coalesce(q.column_name, '') = %s)) "
                    "ORDER BY q.src_file, q.src_line LIMIT 10",
                    hidden ? "CAST(NULL AS VARCHAR)" : "q.observed", rows,
                    db_literal(keep, source), rule, is_contract ? "true" : "false",
                    db_literal(keep, columns_text(&c, "file")[0]),
                    db_literal(keep, columns_text(&c, "name")[0]));
}
