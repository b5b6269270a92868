/* funnel_log: the events of a funnel out of the engine, its counts into JSON. */
#include "pipeline/funnel_log.h"

#include <assert.h>
#include <math.h>

#define SECOND INT64_C(1000000)

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

char *funnel_log_serves(const funnel_spec *s, arena *keep) {
    char *words = arena_text(keep, "0");
    for (int i = 0; i < s->p.steps + s->p.excludes; i++) {
        int x = i - s->p.steps, bit = x < 0 ? i : FUNNEL_STEPS + x;
        words = arena_text(keep, "%s + CASE WHEN event = %s THEN %d ELSE 0 END", words,
                           db_literal(keep, slice_of(x < 0 ? s->step[i] : s->exclude[x])),
                           1 << bit);
    }
    return words;
}

/* all: with the events that serve nothing, and prices. */
static bool query_events(const funnel_log *log, db *d, const funnel_spec *s, const char *source,
                         bool all, arena *keep, columns *c, err *e) {
    const char *codes = all ? ", coalesce(CAST(price AS DOUBLE), 'nan'::DOUBLE) AS price" : "";
    const char *joins = "", *order = all ? ", price" : "";
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
                    "WHERE %s unit IS NOT NULL AND time IS NOT NULL ORDER BY unit, t, serves%s",
                    codes, funnel_log_serves(s, keep), source, joins,
                    all || s->p.order == FUNNEL_STRICT ? "" : "serves > 0 AND", order);
}

static bool read_end(funnel_log *log, db *d, const char *source, arena *keep, err *e) {
    columns c;
    if (!db_query(d, keep, &c, e, "SELECT coalesce(max(CAST(time AS TIMESTAMP)), "
                  "TIMESTAMP '1970-01-01') AS last FROM (%s)", source))
        return false;
    log->end = columns_i64(&c, "last")[0];
    return true;
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
        if (i == 0 || time[i] < log->from) log->from = time[i];
        if (i == 0 || time[i] > log->to) log->to = time[i];
    }
    first[units] = c->rows;
    log->unit = own;
    log->day = day;
    log->events = (funnel_events){.units = units, .n = c->rows, .first = first, .time = time,
                                  .serves = (const uint32_t *)columns_i32(c, "serves")};
}

static bool read_log(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                     const char *const *by, int by_n, bool all, arena *keep, err *e) {
    columns c;
    assert(by_n <= FUNNEL_LOG_BY && !funnel_check(&s->p));
    *out = (funnel_log){.by_n = by_n};
    for (int i = 0; i < by_n; i++) {
        out->by[i].column = by[i];
        if (!number_values(&out->by[i], d, i, source, keep, e)) return false;
    }
    if (!read_end(out, d, source, keep, e) || !query_events(out, d, s, source, all, keep, &c, e))
        return false;
    for (int i = 0; i < by_n; i++) {
        out->by[i].code = columns_i32(&c, arena_text(keep, "c%d", i));
        if (!db_runf(d, e, "DROP TABLE funnel_by_%d", i)) return false;
    }
    if (all) out->price = columns_real(&c, "price");
    index_units(out, &c, keep);
    return true;
}

bool funnel_log_read(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                     const char *const *by, int by_n, arena *keep, err *e) {
    return read_log(out, d, s, source, by, by_n, false, keep, e);
}

bool funnel_log_read_all(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                         const char *const *by, int by_n, arena *keep, err *e) {
    return read_log(out, d, s, source, by, by_n, true, keep, e);
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

/* ---- groups of units ---- */

enum { UNITS_PER_CHUNK = 1 << 14 };
#define DAY (86400 * SECOND)

/* By a breakdown, or by periods of days. */
typedef struct grouping {
    const funnel_outcome *o;
    const funnel_by *by;
    const int64_t *time;
    int days;
    int32_t origin, first;
    int32_t *group; /* [o->units] */
} grouping;

static int32_t floor_div(int32_t a, int32_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

static int32_t period_of(const grouping *g, int64_t time) {
    return floor_div((int32_t)(time / DAY - (time % DAY < 0)) - g->origin, g->days);
}

static void group_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const grouping *g = what;
    int64_t end = (chunk + 1) * UNITS_PER_CHUNK;
    if (end > g->o->units) end = g->o->units;
    for (int64_t u = chunk * UNITS_PER_CHUNK; u < end; u++) {
        int64_t opens = g->o->level[u] ? g->o->chain[u * g->o->steps] : -1;
        g->group[u] = opens < 0      ? -1
                      : !g->by       ? period_of(g, g->time[opens]) - g->first
                      : g->by->code ? g->by->code[opens]
                                    : g->by->byte[opens];
    }
}

static int32_t *group_units(grouping *g, pool *threads, arena *keep) {
    g->group = take_raw(keep, int32_t, g->o->units);
    pool_for(threads, (g->o->units + UNITS_PER_CHUNK - 1) / UNITS_PER_CHUNK, group_chunk, g);
    return g->group;
}

int32_t *funnel_log_group(const funnel_log *log, int by, const funnel_outcome *o, pool *threads,
                          arena *keep) {
    return group_units(&(grouping){.o = o, .by = &log->by[by]}, threads, keep);
}

void funnel_put_trend(js *j, const funnel_log *log, const funnel_outcome *o,
                      const funnel_params *p, int days, const char *first_day, int64_t end,
                      pool *threads, scope *s) {
    grouping g = {.o = o, .time = log->events.time, .days = days,
                  .origin = days == 7 ? 4 : 0}; /* 1970-01-05 was a Monday */
    funnel_table t = {.groups = 0};
    if (log->events.n) {
        g.first = period_of(&g, log->from);
        funnel_count(&t, o, &log->events, group_units(&g, threads, &s->keep),
                     period_of(&g, log->to) - g.first + 1, threads, &s->keep, s->scratch);
    }
    js_array(j, "trend");
    for (int32_t i = 0; i < t.groups; i++) {
        int32_t from = (g.first + i) * days + g.origin;
        js_object(j, NULL);
        js_put_word(j, first_day, day_text(&s->keep, from));
        js_array(j, "counts");
        for (int k = 0; k < t.steps; k++) js_put_int(j, NULL, t.counts[i * t.steps + k]);
        js_end(j);
        js_put_bool(j, "complete", p->window && (from + days) * DAY + p->window <= end);
        js_end(j);
    }
    js_end(j);
}
