/* funnel_log: what a funnel means in words, its events out of the engine, its counts into JSON. */
#include "pipeline/funnel_log.h"

#include <assert.h>
#include <math.h>

#define SECOND INT64_C(1000000)

/* ---- the spec ---- */

static const struct unit_of_time {
    char letter;
    const char *name;
    int64_t seconds;
} units_of_time[] = {{'d', "day", 86400}, {'h', "hour", 3600}, {'m', "minute", 60},
                     {'s', "second", 1}};
enum { n_units_of_time = sizeof units_of_time / sizeof units_of_time[0] };

bool funnel_spec_window(const char *said, int64_t *microseconds, err *e) {
    slice s = slice_of(said);
    int64_t number;
    *microseconds = 0;
    if (slice_is(s, "none")) return true;
    for (int i = 0; i < n_units_of_time && s.n > 1; i++) {
        if (s.p[s.n - 1] != units_of_time[i].letter) continue;
        if (!slice_int((slice){s.p, s.n - 1}, &number) || number < 1 || number > 1000000) break;
        *microseconds = number * units_of_time[i].seconds * SECOND;
        return true;
    }
    return refuse(e, "a window is written like 7d, 36h, 30m or 90s (or none), got '%s'", said);
}

/* "7 days": the largest unit that divides it. */
static char *duration(int64_t microseconds, arena *keep) {
    int i = 0;
    while (i + 1 < n_units_of_time && microseconds % (units_of_time[i].seconds * SECOND)) i++;
    int64_t n = microseconds / (units_of_time[i].seconds * SECOND);
    return arena_text(keep, "%lld %s%s", (long long)n, units_of_time[i].name, n == 1 ? "" : "s");
}

char *funnel_spec_sentence(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "Share of %ss with a %s", s->unit, s->step[0]);
    for (int i = 1; i < s->p.steps; i++) {
        const char *gap = s->p.gap[i] ? duration(s->p.gap[i], keep) : NULL;
        words = arena_text(keep, "%s, then a %s%s%s", words, s->step[i], gap ? " within " : "",
                          gap ? gap : "");
    }
    if (s->p.window)
        words = arena_text(keep, "%s, all within %s of the first step", words,
                          duration(s->p.window, keep));
    return arena_text(keep,
                      "%s; other events may lie between, events of the same instant count in step "
                      "order, one event serves one step, and a %s counts once, in the group of "
                      "its first step.",
                      words, s->unit);
}

char *funnel_spec_canonical(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "{\"unit\":\"%s\",\"steps\":[", s->unit);
    for (int i = 0; i < s->p.steps; i++)
        words = arena_text(keep, "%s%s\"%s\"", words, i ? "," : "", s->step[i]);
    words = arena_text(keep, "%s],\"order\":\"loose\",\"ties\":\"climb\",\"entry\":\"any\","
                      "\"window_s\":%lld,\"gap_s\":[",
                      words, (long long)(s->p.window / SECOND));
    for (int i = 0; i < s->p.steps; i++)
        words = arena_text(keep, "%s%s%lld", words, i ? "," : "",
                           (long long)(s->p.gap[i] / SECOND));
    return arena_text(keep, "%s]}", words);
}

hash_text funnel_spec_hash(const funnel_spec *s, arena scratch) {
    return hash_of(slice_of(funnel_spec_canonical(s, &scratch)));
}

/* ---- reading ---- */

/* Numbers the values of one breakdown, commonest first, in an engine table of its own. */
static bool number_values(funnel_by *by, db *d, int at, const char *source, arena *keep, err *e) {
    const char *name = db_name(keep, slice_of(by->column));
    columns c;
    if (!db_runf(d, e,
                 "CREATE OR REPLACE TEMP TABLE funnel_by_%d AS SELECT value, CAST(least(%d, "
                 "row_number() OVER (ORDER BY n DESC, value) - 1) AS INTEGER) AS code FROM "
                 "(SELECT coalesce(nullif(trim(CAST(%s AS VARCHAR)), ''), '(none)') AS value, "
                 "count(*) AS n FROM (%s) GROUP BY 1)",
                 at, FUNNEL_LOG_VALUES - 1, name, source) ||
        !db_query(d, keep, &c, e,
                  "SELECT code, min(value) AS value, count(*) AS n FROM funnel_by_%d GROUP BY code "
                  "ORDER BY code",
                  at))
        return false;
    by->values = (int)c.rows;
    for (int64_t i = 0; i < c.rows; i++)
        by->value[i] = columns_i64(&c, "n")[i] > 1 ? SLICE("(other)")
                                                   : columns_text(&c, "value")[i];
    return true;
}

static char *serves_expression(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "0");
    for (int i = 0; i < s->p.steps; i++)
        words = arena_text(keep, "%s + CASE WHEN event = %s THEN %d ELSE 0 END", words,
                          db_literal(keep, slice_of(s->step[i])), 1 << i);
    return words;
}

static bool query_events(const funnel_log *log, db *d, const funnel_spec *s, const char *source,
                         arena *keep, columns *c, err *e) {
    const char *codes = "", *joins = "", *order = "";
    for (int i = 0; i < log->by_n; i++) {
        codes = arena_text(keep, "%s, b%d.code AS c%d", codes, i, i);
        order = arena_text(keep, "%s, c%d", order, i);
        joins = arena_text(keep,
                           "%s JOIN funnel_by_%d b%d ON b%d.value = "
                           "coalesce(nullif(trim(CAST(%s AS VARCHAR)), ''), '(none)')",
                           joins, i, i, i, db_name(keep, slice_of(log->by[i].column)));
    }
    return db_query(d, keep, c, e,
                    "SELECT CAST(unit AS BIGINT) AS unit, CAST(time AS TIMESTAMP) AS t, "
                    "CAST(serves AS INTEGER) AS serves%s "
                    "FROM (SELECT *, %s AS serves FROM (%s)) v%s "
                    "WHERE serves > 0 AND unit IS NOT NULL AND time IS NOT NULL "
                    "ORDER BY unit, t, serves%s",
                    codes, serves_expression(s, keep), source, joins, order);
}

/* Where each unit's events begin, in the order of the query. */
static void index_units(funnel_log *log, const columns *c, arena *keep) {
    const int64_t *unit = columns_i64(c, "unit"), *time = columns_i64(c, "t");
    int64_t units = 0;
    for (int64_t i = 0; i < c->rows; i++) units += i == 0 || unit[i] != unit[i - 1];
    int64_t *first = take(keep, int64_t, units + 1), *own = take(keep, int64_t, units);
    int32_t *day = take(keep, int32_t, c->rows);
    int64_t u = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        if (i == 0 || unit[i] != unit[i - 1]) own[u] = unit[i], first[u++] = i;
        int64_t whole = time[i] / (86400 * SECOND);
        day[i] = (int32_t)(whole - (time[i] < whole * 86400 * SECOND));
    }
    first[units] = c->rows;
    log->unit = own;
    log->day = day;
    log->events = (funnel_events){.units = units, .n = c->rows, .first = first, .time = time,
                                  .serves = (const uint32_t *)columns_i32(c, "serves")};
}

bool funnel_log_read(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                     const char *const *by, int by_n, arena *keep, err *e) {
    static const char *const code_names[FUNNEL_LOG_BY] = {"c0", "c1", "c2", "c3"};
    columns c;
    assert(by_n <= FUNNEL_LOG_BY && !funnel_check(&s->p));
    *out = (funnel_log){.by_n = by_n};
    for (int i = 0; i < by_n; i++) {
        out->by[i].column = by[i];
        if (!number_values(&out->by[i], d, i, source, keep, e)) return false;
    }
    if (!query_events(out, d, s, source, keep, &c, e)) return false;
    for (int i = 0; i < by_n; i++) {
        out->by[i].code = columns_i32(&c, code_names[i]);
        if (!db_runf(d, e, "DROP TABLE funnel_by_%d", i)) return false;
    }
    index_units(out, &c, keep);
    return true;
}

/* ---- writing ---- */

void funnel_put_rate(js *j, const char *key, interval rate) {
    js_object(j, key);
    js_put_real(j, "value", rate.value);
    js_put_real(j, "low", rate.low);
    js_put_real(j, "high", rate.high);
    js_end(j);
}

void funnel_put(js *j, const funnel_table *t, int group) {
    js_array(j, "counts");
    for (int k = 0; k < t->steps; k++)
        js_put_int(j, NULL, t->counts[(int64_t)group * t->steps + k]);
    js_end(j);
    js_array(j, "step_rates");
    for (int k = 0; k < t->steps; k++)
        funnel_put_rate(j, NULL, k ? funnel_step_rate(t, group, k) : (interval){1, 1, 1});
    js_end(j);
    funnel_put_rate(j, "overall", funnel_overall_rate(t, group));
    js_array(j, "median_seconds");
    for (int k = 0; k < t->steps; k++) /* NAN is written as null */
        js_put_fixed(j, NULL, k ? funnel_time_quantile(t, group, k, 0.5) : NAN, 1);
    js_end(j);
    js_put_fixed(j, "median_total_seconds", funnel_time_quantile(t, group, 0, 0.5), 1);
}
